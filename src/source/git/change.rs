//! What is new: texts with what stood there before, from the index, the work tree or the commits of a range.

use std::path::PathBuf;

use gix::ObjectId;

use super::commit::Commit;
use super::line::{AddedLines, likeness};
use super::object::Objects;
use super::path_text;
use super::tree::{Delta, Mode};
use crate::finding::{Origin, Skip, SkipReason};

/// How alike a removed file must be to count as the past of a new one: git's own default for renames.
const RENAMED: f64 = 0.5;
/// Removed files that are compared with a new one, at most.
const RENAME_CANDIDATES: usize = 200;

/// Where the bytes of a changed text are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// In a blob.
    Blob(ObjectId),
    /// On disk.
    File(PathBuf),
}

/// A text that is new or different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// What it is.
    pub origin: Origin,
    /// Its path in the repository.
    pub path: Vec<u8>,
    /// Its bytes.
    pub content: Content,
    /// What stood there before.
    pub bases: Vec<ObjectId>,
    /// Whether all of it counts as new, whatever stood there before.
    pub whole: bool,
}

/// Everything that one commit, the index or the work tree changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeSet {
    /// The commit; none for the index and the work tree.
    pub commit: Option<Commit>,
    /// New and different texts.
    pub changed: Vec<Changed>,
    /// Files that are gone.
    pub removed: Vec<(Vec<u8>, ObjectId)>,
}

/// What a scan of changes reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// In order, oldest first.
    pub sets: Vec<ChangeSet>,
    /// Everything that stands at the end, by path: the index, or the last commit. Where a value that was added is looked for.
    pub end: Vec<(Vec<u8>, ObjectId)>,
    /// What is left out.
    pub skipped: Vec<Skip>,
    /// What the reader of a report must know, in sentences.
    pub notes: Vec<String>,
}

impl ChangeSet {
    /// From a comparison of trees; what is no file goes to `skipped`.
    pub(super) fn new(commit: Option<Commit>, delta: Delta, skipped: &mut Vec<Skip>) -> Self {
        let mut set = Self { commit, changed: Vec::new(), removed: delta.removed };
        for change in delta.changes {
            let origin = set.origin(&change.path);
            match change.mode {
                Mode::File => set.changed.push(Changed {
                    origin,
                    path: change.path,
                    content: Content::Blob(change.id),
                    bases: change.bases,
                    whole: false,
                }),
                Mode::Link => skipped.push(Skip { origin, reason: SkipReason::Symlink, bytes: None }),
                Mode::Submodule => skipped.push(Skip { origin, reason: SkipReason::Submodule, bytes: None }),
                Mode::Tree => {}
            }
        }
        set
    }

    fn origin(&self, path: &[u8]) -> Origin {
        let path = path_text(path);
        match &self.commit {
            None => Origin::Index { path },
            Some(commit) => Origin::Commit { path, id: commit.id.to_string(), time: Some(commit.time()) },
        }
    }

    /// Lines of a changed text that are new. Where the path is new, a removed file that is much like it counts as its past.
    pub fn added_lines(&self, changed: &Changed, bytes: &[u8], objects: &Objects) -> AddedLines {
        if changed.whole {
            return AddedLines::all();
        }
        let bases = self.pasts(changed, bytes, objects);
        if bases.is_empty() { AddedLines::all() } else { AddedLines::between(&bases, bytes) }
    }

    /// The texts that stood there before.
    pub fn pasts(&self, changed: &Changed, bytes: &[u8], objects: &Objects) -> Vec<Vec<u8>> {
        if changed.bases.is_empty() {
            return self.renamed_from(bytes, objects).into_iter().collect();
        }
        changed.bases.iter().filter_map(|base| blob(objects, base)).collect()
    }

    fn renamed_from(&self, bytes: &[u8], objects: &Objects) -> Option<Vec<u8>> {
        let near = |id: &ObjectId| {
            let size = objects.size(id).unwrap_or(0) as f64;
            size > 0.0 && size.min(bytes.len() as f64) / size.max(bytes.len() as f64) >= RENAMED
        };
        let candidates = self.removed.iter().filter(|(_, id)| near(id)).take(RENAME_CANDIDATES);
        let texts = candidates.filter_map(|(_, id)| blob(objects, id));
        let rated = texts.map(|text| (likeness(&text, bytes), text)).filter(|(rate, _)| *rate >= RENAMED);
        rated.max_by(|one, other| one.0.total_cmp(&other.0)).map(|(_, text)| text)
    }
}

impl Changes {
    /// Number of changed texts.
    pub fn len(&self) -> usize {
        self.sets.iter().map(|set| set.changed.len()).sum()
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds later changes.
    pub fn append(&mut self, other: Self) {
        self.sets.extend(other.sets);
        self.end = other.end;
        self.skipped.extend(other.skipped);
        self.notes.extend(other.notes);
    }
}

fn blob(objects: &Objects, id: &ObjectId) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    objects.read_kind(id, gix::objs::Kind::Blob, &mut bytes).ok().map(|()| bytes)
}
