//! Tree objects: their entries, and what changed between a tree and the trees before it.

use gix::ObjectId;

use super::object::Objects;
use crate::finding::Span;

/// What an entry of a tree or index is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A folder.
    Tree,
    /// A file.
    File,
    /// A symbolic link: its text is its target.
    Link,
    /// A commit of another repository.
    Submodule,
}

impl Mode {
    /// From the octal number that git stores.
    pub fn from_bits(bits: u32) -> Self {
        match bits & 0o170_000 {
            0o040_000 => Self::Tree,
            0o120_000 => Self::Link,
            0o160_000 => Self::Submodule,
            _ => Self::File,
        }
    }
}

/// One entry of a tree.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'t> {
    /// What it is.
    pub mode: Mode,
    /// Its name.
    pub name: &'t [u8],
    /// Where it stands in the tree object.
    pub span: Span,
    /// The raw id.
    id: &'t [u8],
}

impl Entry<'_> {
    /// The id of the object it names.
    pub fn id(&self) -> ObjectId {
        self.oid().to_owned()
    }

    /// The same, where it stands in the tree.
    pub fn oid(&self) -> &gix::oid {
        gix::oid::from_bytes_unchecked(self.id)
    }

    /// The first four bytes of the id: enough to rule most entries out without copying it.
    pub fn head(&self) -> u32 {
        u32::from_be_bytes([self.id[0], self.id[1], self.id[2], self.id[3]])
    }
}

/// The entries of a tree, as far as it is well formed.
pub fn entries(data: &[u8], hash: gix::hash::Kind) -> Entries<'_> {
    Entries { rest: data, at: 0, width: hash.len_in_bytes() }
}

/// Iterates over a tree.
pub struct Entries<'t> {
    rest: &'t [u8],
    /// Where the rest begins in the tree object.
    at: usize,
    width: usize,
}

impl<'t> Iterator for Entries<'t> {
    type Item = Entry<'t>;

    fn next(&mut self) -> Option<Entry<'t>> {
        let (mut bits, mut at) = (0u32, 0);
        loop {
            match self.rest.get(at)? {
                b' ' => break,
                digit @ b'0'..=b'7' => bits = bits << 3 | u32::from(digit - b'0'),
                _ => return None,
            }
            at += 1;
        }
        let name_end = at + 1 + memchr::memchr(0, &self.rest[at + 1..])?;
        let name = &self.rest[at + 1..name_end];
        let id = self.rest.get(name_end + 1..name_end + 1 + self.width)?;
        let length = name_end + 1 + self.width;
        let span = Span::new(self.at, self.at + length);
        self.rest = &self.rest[length..];
        self.at += length;
        Some(Entry { mode: Mode::from_bits(bits), name, span, id })
    }
}

/// A file that is new or different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its path.
    pub path: Vec<u8>,
    /// What it is.
    pub mode: Mode,
    /// The new content.
    pub id: ObjectId,
    /// The contents it had before, one for each tree before that had the path.
    pub bases: Vec<ObjectId>,
}

/// Entries that one comparison looks at, at most: several times the files of the largest public repositories. Trees that
/// hold each other many times over have more than any memory holds.
const MOST_ENTRIES: usize = 1 << 21;
/// Folders that lie in each other, at most: no system can check out as many.
const DEEPEST: usize = 500;

/// What differs between a tree and those before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delta {
    /// New and different files.
    pub changes: Vec<Change>,
    /// Files of the first tree before that are gone.
    pub removed: Vec<(Vec<u8>, ObjectId)>,
}

impl Delta {
    /// Compares `new` with all of `olds`. What stands unchanged in any of them (as in a merge) is no change.
    ///
    /// # Errors
    /// A tree cannot be read, or there is no end to what it holds.
    pub fn between(objects: &Objects, new: Option<ObjectId>, olds: &[ObjectId]) -> Result<Self, String> {
        let mut comparison = Comparison { objects, delta: Self::default(), path: Vec::new(), entries: 0, depth: 0 };
        comparison.level(new, olds)?;
        comparison.delta.forget_renames();
        Ok(comparison.delta)
    }

    /// A file that only moved adds nothing.
    pub(super) fn forget_renames(&mut self) {
        let gone: std::collections::HashSet<ObjectId> = self.removed.iter().map(|(_, id)| *id).collect();
        self.changes.retain(|change| !change.bases.is_empty() || !gone.contains(&change.id));
    }
}

/// A comparison that is under way.
struct Comparison<'c> {
    objects: &'c Objects,
    delta: Delta,
    /// Of the folder that is compared.
    path: Vec<u8>,
    /// Looked at so far.
    entries: usize,
    depth: usize,
}

impl Comparison<'_> {
    fn level(&mut self, new: Option<ObjectId>, olds: &[ObjectId]) -> Result<(), String> {
        let objects = self.objects;
        let mut now = Vec::new();
        if let Some(id) = new {
            objects.read_kind(&id, gix::objs::Kind::Tree, &mut now)?;
        }
        let mut before = Vec::new();
        for old in olds {
            before.push(Level::read(objects, *old)?);
        }
        for entry in entries(&now, objects.hash()) {
            let id = entry.id();
            self.count()?;
            let same: Vec<Option<(Mode, ObjectId)>> = before.iter_mut().map(|level| level.take(entry.name)).collect();
            if same.iter().flatten().any(|&(mode, old)| old == id && mode == entry.mode) {
                continue;
            }
            let length = self.path.len();
            extend(&mut self.path, entry.name);
            let of_kind = |tree: bool| same.iter().flatten().filter(move |(mode, _)| (*mode == Mode::Tree) == tree);
            if entry.mode == Mode::Tree {
                let olds: Vec<ObjectId> = of_kind(true).map(|(_, id)| *id).collect();
                self.enter(Some(id), &olds)?;
                if let Some(Some((mode, old))) = same.first()
                    && *mode != Mode::Tree
                {
                    self.delta.removed.push((self.path.clone(), *old));
                }
            } else {
                let bases = of_kind(false).filter(|(mode, _)| *mode == Mode::File).map(|(_, id)| *id).collect();
                self.delta.changes.push(Change { path: self.path.clone(), mode: entry.mode, id, bases });
            }
            self.path.truncate(length);
        }
        if let Some(first) = before.first() {
            for (name, &(mode, id)) in &first.left {
                let length = self.path.len();
                extend(&mut self.path, name);
                self.remove(mode, id)?;
                self.path.truncate(length);
            }
        }
        Ok(())
    }

    fn enter(&mut self, new: Option<ObjectId>, olds: &[ObjectId]) -> Result<(), String> {
        if self.depth == DEEPEST {
            return Err(format!("more than {DEEPEST} folders lie in each other"));
        }
        self.depth += 1;
        self.level(new, olds)?;
        self.depth -= 1;
        Ok(())
    }

    fn count(&mut self) -> Result<(), String> {
        self.entries += 1;
        if self.entries > MOST_ENTRIES {
            return Err(format!("more than {MOST_ENTRIES} files and folders differ"));
        }
        Ok(())
    }

    fn remove(&mut self, mode: Mode, id: ObjectId) -> Result<(), String> {
        self.count()?;
        match mode {
            Mode::Tree => self.enter(None, &[id]),
            Mode::File => {
                self.delta.removed.push((self.path.clone(), id));
                Ok(())
            }
            Mode::Link | Mode::Submodule => Ok(()),
        }
    }
}

/// Appends a name to a path.
pub fn extend(path: &mut Vec<u8>, name: &[u8]) {
    if !path.is_empty() {
        path.push(b'/');
    }
    path.extend_from_slice(name);
}

/// The entries of an older tree that no newer entry has claimed yet.
struct Level {
    left: std::collections::BTreeMap<Vec<u8>, (Mode, ObjectId)>,
}

impl Level {
    fn read(objects: &Objects, id: ObjectId) -> Result<Self, String> {
        let mut data = Vec::new();
        objects.read_kind(&id, gix::objs::Kind::Tree, &mut data)?;
        let left = entries(&data, objects.hash()).map(|entry| (entry.name.to_vec(), (entry.mode, entry.id())));
        Ok(Self { left: left.collect() })
    }

    fn take(&mut self, name: &[u8]) -> Option<(Mode, ObjectId)> {
        self.left.remove(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_end_where_a_tree_is_malformed() {
        let mut data = b"100644 a\0".to_vec();
        data.extend([1; 20]);
        data.extend(b"40000 dir\0");
        data.extend([2; 20]);
        data.extend(b"160000 cut\0");
        data.extend([3; 19]);
        let found: Vec<_> = entries(&data, gix::hash::Kind::Sha1).map(|entry| (entry.mode, entry.name)).collect();
        assert_eq!(found, [(Mode::File, &b"a"[..]), (Mode::Tree, b"dir")]);
    }
}
