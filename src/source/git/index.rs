//! The index: what is staged, what is tracked, and what the work tree changes.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use gix::ObjectId;
use gix::index::entry::Flags;
use gix::index::extension::Tree as CachedTree;
use gix::index::{Entry, File};

use super::change::{ChangeSet, Changed, Changes, Content};
use super::object::Objects;
use super::repository::Repository;
use super::tree::{Change, Delta, Mode, entries, extend};
use super::{Error, path_text};
use crate::finding::Origin;

/// What is staged: the index against the commit that is checked out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Staged {
    /// Paths in the repository that are looked at, as a hook runner names them; none is all.
    pub names: Option<Vec<Vec<u8>>>,
}

impl Staged {
    /// What is staged. With names: their staged content, line by line where it differs from the commit; where nothing at all
    /// is staged (a run over all files), whole; and from the work tree where a name is not in the index.
    ///
    /// # Errors
    /// The index or the commit cannot be read.
    pub fn changes(&self, repository: &Repository) -> Result<Changes, Error> {
        let index = open(repository)?;
        let objects = repository.store().objects();
        let head = repository.head()?.map(|id| repository.tree_of(&objects, id)).transpose()?;
        let mut walk = Walk { objects: &objects, index: &index, delta: Delta::default() };
        walk.level(index.entries(), 0, head, index.tree()).map_err(|text| Error::Object { text })?;
        walk.delta.forget_renames();
        let mut changes = Changes::default();
        let mut set = ChangeSet::new(None, walk.delta, &mut changes.skipped);
        let nothing_staged = set.changed.is_empty() && set.removed.is_empty();
        if let Some(names) = &self.names {
            select(names, nothing_staged, &index, repository, &mut set);
        } else if nothing_staged {
            changes.notes.push("Nothing is staged.".to_owned());
        }
        changes.end = end(&index);
        changes.sets.push(set);
        Ok(changes)
    }
}

fn select(names: &[Vec<u8>], nothing_staged: bool, index: &File, repository: &Repository, set: &mut ChangeSet) {
    let wanted: HashSet<&[u8]> = names.iter().map(Vec::as_slice).collect();
    set.changed.retain(|changed| wanted.contains(changed.path.as_slice()));
    let known: HashSet<Vec<u8>> = set.changed.iter().map(|changed| changed.path.clone()).collect();
    for name in names.iter().filter(|name| !known.contains(*name)) {
        let path = path_text(name);
        let entry = index.entry_by_path(name.as_slice().into());
        let (origin, content) = match entry.filter(|entry| mode(entry) == Mode::File) {
            Some(_) if !nothing_staged => continue,
            Some(entry) => (Origin::Index { path }, Content::Blob(entry.id)),
            None => match on_disk(repository, name) {
                Some(file) => (Origin::File { path }, Content::File(file)),
                None => continue,
            },
        };
        set.changed.push(Changed { origin, path: name.clone(), content, bases: Vec::new(), whole: true });
    }
}

/// What the work tree changes with regard to the index: changed files, and new files that no ignore pattern leaves out.
///
/// # Errors
/// The index cannot be read, or the repository is bare.
pub fn unstaged(repository: &Repository, untracked: &[PathBuf]) -> Result<Changes, Error> {
    let index = open(repository)?;
    let mut set = ChangeSet::default();
    let mut changes = Changes::default();
    let Some(root) = repository.work_tree().and_then(|root| root.canonicalize().ok()) else { return Ok(changes) };
    let mut known = HashSet::new();
    for entry in index.entries().iter().filter(|entry| mode(entry) == Mode::File) {
        let path = entry.path(&index).to_vec();
        let Some(file) = on_disk(repository, &path) else { continue };
        known.insert(path.clone());
        if looks_changed(entry, &file) {
            let origin = Origin::File { path: path_text(&path) };
            let bases = if entry.flags.contains(Flags::INTENT_TO_ADD) { Vec::new() } else { vec![entry.id] };
            set.changed.push(Changed { origin, path, content: Content::File(file), bases, whole: false });
        }
    }
    for file in untracked {
        let Some(path) = relative(&root, file).filter(|path| !known.contains(path)) else { continue };
        let origin = Origin::File { path: path_text(&path) };
        let content = Content::File(file.clone());
        set.changed.push(Changed { origin, path, content, bases: Vec::new(), whole: true });
    }
    changes.end = end(&index);
    changes.sets.push(set);
    Ok(changes)
}

/// Every tracked file of the work tree, as a path in the repository and on disk.
///
/// # Errors
/// The index cannot be read.
pub fn tracked(repository: &Repository) -> Result<Vec<(String, PathBuf)>, Error> {
    let index = open(repository)?;
    let files = index.entries().iter().filter(|entry| mode(entry) == Mode::File);
    let paths = files.map(|entry| entry.path(&index).to_vec());
    Ok(paths.filter_map(|path| Some((path_text(&path), on_disk(repository, &path)?))).collect())
}

/// The tracked files as the index holds them, whatever filters make of them in the work tree.
///
/// # Errors
/// The index cannot be read.
pub fn tracked_blobs(repository: &Repository) -> Result<Tracked, Error> {
    Ok(Tracked { index: open(repository)?, objects: repository.store().objects() })
}

/// The stored contents of tracked files.
pub struct Tracked {
    index: File,
    objects: Objects,
}

impl Tracked {
    /// The stored bytes of a tracked file; none if it is not tracked or cannot be read.
    pub fn read(&self, path: &str) -> Option<Vec<u8>> {
        let entry = self.index.entry_by_path(path.as_bytes().into())?;
        let mut bytes = Vec::new();
        self.objects.read_kind(&entry.id, gix::objs::Kind::Blob, &mut bytes).ok()?;
        Some(bytes)
    }
}

/// The path in the repository of a file that was named on disk; none outside the work tree.
pub fn work_tree_name(repository: &Repository, path: &Path) -> Option<Vec<u8>> {
    let root = repository.work_tree()?.canonicalize().ok()?;
    // The file itself may be gone or a link: its folder tells where it is.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let whole = folder.canonicalize().ok()?.join(path.file_name()?);
    relative(&root, &whole)
}

fn relative(root: &Path, file: &Path) -> Option<Vec<u8>> {
    let path = file.strip_prefix(root).ok()?;
    Some(gix::path::to_unix_separators_on_windows(gix::path::into_bstr(path).ok()?).to_vec())
}

fn open(repository: &Repository) -> Result<File, Error> {
    let path = repository.index_path();
    let options = gix::index::decode::Options::default();
    File::at_or_default(path, repository.store().hash(), true, options)
        .map_err(|error| Error::Index { path: path.to_owned(), text: error.to_string() })
}

fn end(index: &File) -> Vec<(Vec<u8>, ObjectId)> {
    let files = index.entries().iter().filter(|entry| mode(entry) == Mode::File);
    files.map(|entry| (entry.path(index).to_vec(), entry.id)).collect()
}

fn mode(entry: &Entry) -> Mode {
    Mode::from_bits(entry.mode.bits())
}

fn on_disk(repository: &Repository, path: &[u8]) -> Option<PathBuf> {
    let relative: &Path = gix::path::from_byte_slice(path).ok()?;
    let file = repository.work_tree()?.join(relative);
    file.symlink_metadata().ok().filter(std::fs::Metadata::is_file).map(|_| file)
}

/// Whether size or time differ from what the index remembers: only then the content may.
fn looks_changed(entry: &Entry, file: &Path) -> bool {
    let Ok(metadata) = file.symlink_metadata() else { return false };
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    let same_time = modified.is_some_and(|time| {
        time.as_secs() == u64::from(entry.stat.mtime.secs)
            && (entry.stat.mtime.nsecs == 0 || time.subsec_nanos() == entry.stat.mtime.nsecs)
    });
    u64::from(entry.stat.size) != metadata.len() & u64::from(u32::MAX) || !same_time
}

/// Compares the index with a commit's tree, folder by folder. Folders that the index remembers to be unchanged are not read.
struct Walk<'w> {
    objects: &'w Objects,
    index: &'w File,
    delta: Delta,
}

impl Walk<'_> {
    fn level(
        &mut self,
        mut rest: &[Entry],
        prefix: usize,
        head: Option<ObjectId>,
        cached: Option<&CachedTree>,
    ) -> Result<(), String> {
        if let (Some(head), Some(cached)) = (head, cached)
            && cached.num_entries == u32::try_from(rest.len()).ok()
            && cached.id == head
        {
            return Ok(());
        }
        let folder = rest.first().map(|entry| entry.path(self.index)[..prefix].to_vec()).unwrap_or_default();
        let mut before = self.read(head)?;
        while let Some(entry) = rest.first() {
            let path = entry.path(self.index);
            let below = &path[prefix..];
            let Some(slash) = memchr::memchr(b'/', below) else {
                let same = rest.partition_point(|other| other.path(self.index) == path);
                self.file(&rest[..same], before.remove(&**below));
                rest = &rest[same..];
                continue;
            };
            let (name, inside) = (&below[..slash], &below[..=slash]);
            let end = rest.partition_point(|entry| entry.path(self.index)[prefix..].starts_with(inside));
            let old = before.remove(name);
            let tree = old.filter(|(mode, _)| *mode == Mode::Tree).map(|(_, id)| id);
            if let Some((Mode::File, id)) = old {
                self.delta.removed.push((path[..prefix + slash].to_vec(), id));
            }
            if mode(entry) == Mode::Tree {
                self.sparse(&path[..prefix + slash], entry.id, tree)?;
            } else {
                let child = cached.and_then(|tree| tree.children.iter().find(|child| child.name.as_slice() == name));
                self.level(&rest[..end], prefix + slash + 1, tree, child)?;
            }
            rest = &rest[end..];
        }
        for (name, (mode, id)) in before {
            let mut path = folder.clone();
            path.extend_from_slice(&name);
            match mode {
                Mode::File => self.delta.removed.push((path, id)),
                Mode::Tree => self.add(&path, Delta::between(self.objects, None, &[id])?),
                Mode::Link | Mode::Submodule => {}
            }
        }
        Ok(())
    }

    fn read(&self, tree: Option<ObjectId>) -> Result<BTreeMap<Vec<u8>, (Mode, ObjectId)>, String> {
        let mut data = Vec::new();
        if let Some(id) = tree {
            self.objects.read_kind(&id, gix::objs::Kind::Tree, &mut data)?;
        }
        let entries = entries(&data, self.objects.hash()).map(|entry| (entry.name.to_vec(), (entry.mode, entry.id())));
        Ok(entries.collect())
    }

    /// One path: one entry, or in a conflict one for each side and their common past, which is not looked at.
    fn file(&mut self, entries: &[Entry], old: Option<(Mode, ObjectId)>) {
        for entry in entries.iter().filter(|entry| entry.stage_raw() != 1) {
            let same = old.is_some_and(|(mode, id)| id == entry.id && mode == self::mode(entry));
            if same || entry.flags.contains(Flags::INTENT_TO_ADD) {
                continue;
            }
            self.delta.changes.push(Change {
                path: entry.path(self.index).to_vec(),
                mode: mode(entry),
                id: entry.id,
                bases: old.filter(|(mode, _)| *mode == Mode::File).map(|(_, id)| id).into_iter().collect(),
            });
        }
    }

    /// A folder outside a sparse checkout stands in the index as one entry.
    fn sparse(&mut self, path: &[u8], id: ObjectId, old: Option<ObjectId>) -> Result<(), String> {
        if old == Some(id) {
            return Ok(());
        }
        let delta = Delta::between(self.objects, Some(id), old.as_slice())?;
        self.add(path, delta);
        Ok(())
    }

    fn add(&mut self, folder: &[u8], delta: Delta) {
        let below = |path: Vec<u8>| {
            let mut whole = folder.to_vec();
            extend(&mut whole, &path);
            whole
        };
        let changes = delta.changes.into_iter().map(|change| Change { path: below(change.path), ..change });
        self.delta.changes.extend(changes);
        self.delta.removed.extend(delta.removed.into_iter().map(|(path, id)| (below(path), id)));
    }
}
