//! Scans a whole history: every object once, on the threads that decode it; then commits and paths for the blobs with
//! findings alone; then those blobs once more under their real paths, which gives the results.

mod collect;
mod result;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::AtomicBool;

use chrono::{DateTime, Utc};

use self::collect::{Collector, Hits};
use super::matcher::Engine;
use super::timeline::Timeline;
use super::{Options, Outcome, Progress, change};
use crate::finding::{Origin, Skip, SkipReason};
use crate::source::PathFilter;
use crate::source::git::history::{Kind, Reading as Objects, Standing, attribute, total, visit_all};
use crate::source::git::{Bounds, Commit, Error, Graph, Id, Repository, TipKind};

/// How a history is read.
pub struct Reading<'r> {
    /// Threads.
    pub jobs: usize,
    /// Larger blobs are skipped, in bytes; none is no limit.
    pub max_file_size: Option<u64>,
    /// The path settings of the configuration.
    pub paths: &'r PathFilter,
    /// Set from outside to end early; the outcome then says that it is partial.
    pub stop: &'r AtomicBool,
    /// Revisions whose history is read, `^` before those left out; empty is everything that refs lead to.
    pub revisions: &'r [String],
    /// Also what no ref leads to any more.
    pub unreachable: bool,
    /// The day that ages are counted to.
    pub now: DateTime<Utc>,
}

/// Scans the history of a repository.
///
/// # Errors
/// The refs or a revision cannot be read. What cannot be read of the rest is a [`Skip`].
pub fn run(
    repository: &Repository,
    engine: &Engine,
    options: &Options,
    reading: &Reading<'_>,
    progress: &dyn Progress,
) -> Result<(Outcome, Timeline), Error> {
    let (mut ends, mut failures) = Ends::of(repository, reading)?;
    let store = repository.store();
    progress.total(total(store));
    let objects = Objects { jobs: reading.jobs, stop: reading.stop, advance: &|| progress.advance() };
    let visit = visit_all(store, objects, &|| Collector::new(engine, options, reading.max_file_size));
    failures.extend(visit.failures);
    let mut hits = Hits::default();
    for collector in visit.visitors {
        hits.add(collector);
    }
    let commits = std::mem::take(&mut hits.commits);
    if reading.unreachable {
        ends.bounds.tips.extend(commits.keys());
    }
    let graph = Graph::walk(&ends.bounds, |id| commits.get(&id).cloned());
    let cut = |id: &&Id| !visit.stopped && !ends.bounds.hidden.contains(id);
    failures.extend(graph.missing.iter().filter(cut).map(|id| format!("commit {id} is missing")));
    let standing = ends.standing(&graph);
    let (places, failed) = attribute(store, &graph, &hits.blobs(), &standing, reading.jobs);
    failures.extend(failed);
    let mut outcome = std::mem::take(&mut hits.outcome);
    outcome.stats.commits += graph.commits.len() as u64;
    outcome.notes.extend(notes(repository, &graph, &hits));
    if visit.stopped {
        outcome.skipped.push(change::stopped("stopped before the whole history was read".to_owned()));
    }
    failures.sort();
    failures.dedup();
    outcome.skipped.extend(failures.into_iter().map(unreadable));
    let results = result::Results { store, engine, options, reading, graph: &graph, ends: &ends, places: &places };
    let timeline = results.conclude(hits, &mut outcome);
    outcome.sort();
    Ok((outcome, timeline))
}

/// Where a history begins and ends.
struct Ends {
    bounds: Bounds,
    /// Commits that are checked out, and the tips of branches.
    heads: Vec<Id>,
    branches: Vec<Id>,
    /// Tags and blobs that refs name directly.
    objects: HashSet<Id>,
}

impl Ends {
    fn of(repository: &Repository, reading: &Reading<'_>) -> Result<(Self, Vec<String>), Error> {
        let (tips, mut failures) = repository.tips()?;
        let bounds = Bounds { shallow: repository.shallow(), ..Bounds::default() };
        let mut ends = Self { bounds, heads: Vec::new(), branches: Vec::new(), objects: HashSet::new() };
        let objects = repository.store().objects();
        for tip in &tips {
            let peeled = match objects.peel(tip.id) {
                Ok(peeled) => peeled,
                Err(text) => {
                    failures.push(text);
                    continue;
                }
            };
            match tip.kind {
                TipKind::Head => ends.heads.push(peeled.id),
                TipKind::Branch => ends.branches.push(peeled.id),
                TipKind::Other => {}
            }
            if reading.revisions.is_empty() {
                ends.objects.extend(peeled.tags);
                if peeled.kind == Kind::Commit {
                    ends.bounds.tips.push(peeled.id);
                } else {
                    ends.objects.insert(peeled.id);
                }
            }
        }
        for revision in reading.revisions {
            match (revision.strip_prefix('^'), revision.split_once("..")) {
                (Some(hidden), _) => ends.bounds.hidden.push(repository.commit(hidden)?),
                (None, Some((hidden, tip))) => {
                    ends.bounds.hidden.push(repository.commit(hidden)?);
                    ends.bounds.tips.push(repository.commit(if tip.is_empty() { "HEAD" } else { tip })?);
                }
                (None, None) => ends.bounds.tips.push(repository.commit(revision)?),
            }
        }
        Ok((ends, failures))
    }

    fn standing(&self, graph: &Graph) -> BTreeMap<usize, Standing> {
        let places = graph.places();
        let mut standing: BTreeMap<usize, Standing> = BTreeMap::new();
        for at in self.heads.iter().filter_map(|id| places.get(id)) {
            standing.entry(*at).or_default().head = true;
        }
        for at in self.branches.iter().filter_map(|id| places.get(id)) {
            standing.entry(*at).or_default().branch = true;
        }
        standing
    }
}

fn notes(repository: &Repository, graph: &Graph, hits: &Hits) -> Vec<String> {
    let mut notes = Vec::new();
    if graph.commits.is_empty() {
        notes.push("The repository holds no commit that any ref leads to.".to_owned());
    }
    if graph.cut {
        notes.push(
            "The clone is shallow: older commits are not here and were not read. Fetch the whole history \
             (`git fetch --unshallow`, or `fetch-depth: 0` in a workflow)."
                .to_owned(),
        );
    }
    if repository.is_partial() {
        notes.push(
            "The clone is partial: objects that were never fetched were not read, and keyrot fetches nothing. \
             Use a whole clone to read the whole history."
                .to_owned(),
        );
    }
    if hits.binary > 0 {
        notes.push(format!(
            "{} binary blobs of the history ({} bytes) were not searched.",
            hits.binary, hits.binary_bytes
        ));
    }
    notes
}

fn unreadable(text: String) -> Skip {
    let origin = Origin::File { path: "(objects)".to_owned() };
    Skip { origin, reason: SkipReason::Unreadable(text), bytes: None }
}

/// The commits of a history, by id.
type Commits = HashMap<Id, Commit>;
