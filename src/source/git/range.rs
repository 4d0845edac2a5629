//! The commits of a range, and what each of them adds.

use gix::ObjectId;

use super::Error;
use super::change::{ChangeSet, Changes};
use super::commit::Commit;
use super::graph::{Bounds, Graph};
use super::object::Objects;
use super::repository::{Repository, read_commit};
use super::tree::{Delta, Mode};
use crate::finding::{Origin, Skip, SkipReason};

/// What of a range is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RangeKind {
    /// What each commit adds, also where a later one removes it again.
    #[default]
    Commits,
    /// The difference between both ends alone.
    Net,
}

/// Commits that some tips reach and others do not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// What is walked from.
    pub heads: Vec<ObjectId>,
    /// What was there before.
    pub bases: Vec<ObjectId>,
    /// What is read.
    pub kind: RangeKind,
    /// How the range was named.
    pub name: String,
}

impl Range {
    /// Reads `BASE`, `BASE..HEAD` or `BASE...HEAD`; a missing end is `HEAD`. Both forms start at the merge base.
    ///
    /// # Errors
    /// An end names no commit.
    pub fn parse(repository: &Repository, text: &str, kind: RangeKind) -> Result<Self, Error> {
        let (base, head) = text.split_once("...").or_else(|| text.split_once("..")).unwrap_or((text, "HEAD"));
        let end = |name: &str| repository.commit(if name.is_empty() { "HEAD" } else { name });
        let (base, head) = (end(base)?, end(head)?);
        Ok(Self { heads: vec![head], bases: vec![base], kind, name: text.to_owned() })
    }

    /// What the range changes, oldest commit first.
    ///
    /// # Errors
    /// The ends have no history in common although their difference is asked for, or a commit cannot be read.
    pub fn changes(&self, repository: &Repository) -> Result<Changes, Error> {
        let objects = repository.store().objects();
        let mut changes = Changes::default();
        let bounds = Bounds { tips: self.heads.clone(), hidden: self.bases.clone(), shallow: repository.shallow() };
        let mut failures = Vec::new();
        let graph = Graph::walk(&bounds, |id| read_commit(&objects, id).map_err(|text| failures.push((id, text))).ok());
        if graph.commits.is_empty() && failures.is_empty() {
            changes.notes.push(self.empty_note());
        }
        for (id, text) in failures {
            let origin = Origin::Message { id: id.to_string(), time: None };
            changes.skipped.push(Skip { origin, reason: SkipReason::Unreadable(text), bytes: None });
        }
        if graph.cut {
            changes.notes.push(
                "The clone is shallow: what its oldest commits hold cannot be told from what they add, so all of it counts \
                 as added. Fetch the whole history (`git fetch --unshallow`, or `fetch-depth: 0` in a workflow)."
                    .to_owned(),
            );
        }
        match self.kind {
            RangeKind::Commits => self.each(&graph, &objects, &bounds, &mut changes),
            RangeKind::Net => self.net(&graph, &objects, &mut changes)?,
        }
        if let [head] = self.heads.as_slice() {
            let tree = repository.tree_of(&objects, *head)?;
            changes.end = end_of(&objects, tree).map_err(|text| Error::Object { text })?;
        }
        Ok(changes)
    }

    fn each(&self, graph: &Graph, objects: &Objects, bounds: &Bounds, changes: &mut Changes) {
        let trees: std::collections::HashMap<ObjectId, ObjectId> =
            graph.commits.iter().map(|commit| (commit.id, commit.tree)).collect();
        for commit in &graph.commits {
            let parents: &[ObjectId] = if bounds.shallow.contains(&commit.id) { &[] } else { &commit.parents };
            let old = |id: &ObjectId| {
                trees.get(id).copied().map_or_else(|| read_commit(objects, *id).map(|parent| parent.tree), Ok)
            };
            let delta = parents.iter().map(old).collect::<Result<Vec<_>, _>>();
            let delta = delta.and_then(|olds| Delta::between(objects, Some(commit.tree), &olds));
            match delta {
                Ok(delta) => {
                    let set = ChangeSet::new(Some(commit.clone()), delta, &mut changes.skipped);
                    changes.sets.push(set);
                }
                Err(text) => changes.skipped.push(unreadable(commit, text)),
            }
        }
        let count = changes.sets.len();
        if count > 0 {
            changes.notes.push(format!("{count} commit{} of {}.", if count == 1 { "" } else { "s" }, self.name));
        }
    }

    fn net(&self, graph: &Graph, objects: &Objects, changes: &mut Changes) -> Result<(), Error> {
        let [head] = self.heads.as_slice() else { return Ok(()) };
        let commit = read_commit(objects, *head).map_err(|text| Error::Object { text })?;
        let base = if graph.commits.is_empty() { Some(*head) } else { merge_base(graph, objects) };
        let base = base.ok_or_else(|| Error::Unrelated {
            base: self.bases.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            head: head.to_string(),
            hint: if graph.cut { "; the clone is shallow: fetch the whole history" } else { "" },
        })?;
        let old = read_commit(objects, base).map_err(|text| Error::Object { text })?.tree;
        let delta = Delta::between(objects, Some(commit.tree), &[old]).map_err(|text| Error::Object { text })?;
        let set = ChangeSet::new(Some(commit), delta, &mut changes.skipped);
        changes.sets.push(set);
        Ok(())
    }

    fn empty_note(&self) -> String {
        if self.heads == self.bases {
            format!("Both ends of {} are the same commit: there is nothing new to read.", self.name)
        } else {
            format!("{} holds no commit: everything in it was there before.", self.name)
        }
    }
}

/// The youngest commit that both sides have: a parent of the range that is not in the range.
fn merge_base(graph: &Graph, objects: &Objects) -> Option<ObjectId> {
    let places = graph.places();
    let outside = graph.commits.iter().flat_map(|commit| &commit.parents).filter(|id| !places.contains_key(*id));
    let commits = outside.filter_map(|id| read_commit(objects, *id).ok());
    commits.max_by_key(|commit| (commit.seconds, commit.id)).map(|commit| commit.id)
}

/// Every file of a tree, by path.
pub(super) fn end_of(objects: &Objects, tree: ObjectId) -> Result<Vec<(Vec<u8>, ObjectId)>, String> {
    let files = Delta::between(objects, Some(tree), &[])?.changes.into_iter();
    Ok(files.filter(|file| file.mode == Mode::File).map(|file| (file.path, file.id)).collect())
}

fn unreadable(commit: &Commit, text: String) -> Skip {
    let origin = Origin::Message { id: commit.id.to_string(), time: Some(commit.time()) };
    Skip { origin, reason: SkipReason::Unreadable(text), bytes: None }
}
