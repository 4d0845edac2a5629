//! The files of one commit: for settings that must not come from the branch that is scanned.

use gix::ObjectId;

use super::object::Objects;
use super::repository::Repository;
use super::tree::{Mode, entries};
use super::{Error, path_text};

/// What a path leads to.
type Found = (Mode, ObjectId);

/// A commit's tree, read file by file. Links are not followed: they are no files.
pub struct Snapshot {
    objects: Objects,
    commit: ObjectId,
    tree: ObjectId,
}

impl Snapshot {
    /// The commit that a revision names.
    ///
    /// # Errors
    /// It names none, or the commit cannot be read.
    pub fn open(repository: &Repository, revision: &str) -> Result<Self, Error> {
        let commit = repository.commit(revision)?;
        let objects = repository.store().objects();
        let tree = repository.tree_of(&objects, commit)?;
        Ok(Self { objects, commit, tree })
    }

    /// The commit's id.
    pub fn commit(&self) -> ObjectId {
        self.commit
    }

    /// The bytes of the file at a path with `/` between its parts; none where there is no file.
    ///
    /// # Errors
    /// An object on the way cannot be read.
    pub fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        let Some((Mode::File, id)) = self.find(path)? else { return Ok(None) };
        self.object(id, gix::objs::Kind::Blob).map(Some)
    }

    /// The paths of a file, or of all files in a folder and below it, sorted.
    ///
    /// # Errors
    /// An object on the way cannot be read.
    pub fn files(&self, path: &str) -> Result<Vec<String>, Error> {
        let mut files = Vec::new();
        let mut open: Vec<(String, Found)> =
            self.find(path)?.map(|found| (path.to_owned(), found)).into_iter().collect();
        while let Some((path, (mode, id))) = open.pop() {
            match mode {
                Mode::File => files.push(path),
                Mode::Tree => {
                    let inside = self.list(id)?.into_iter();
                    open.extend(inside.map(|(name, found)| (format!("{path}/{}", path_text(&name)), found)));
                }
                Mode::Link | Mode::Submodule => {}
            }
        }
        files.sort();
        Ok(files)
    }

    fn find(&self, path: &str) -> Result<Option<Found>, Error> {
        let mut at = (Mode::Tree, self.tree);
        for part in path.split('/').filter(|part| !part.is_empty()) {
            if at.0 != Mode::Tree {
                return Ok(None);
            }
            match self.list(at.1)?.into_iter().find(|(name, _)| name == part.as_bytes()) {
                Some((_, found)) => at = found,
                None => return Ok(None),
            }
        }
        Ok(Some(at))
    }

    fn list(&self, tree: ObjectId) -> Result<Vec<(Vec<u8>, Found)>, Error> {
        let data = self.object(tree, gix::objs::Kind::Tree)?;
        Ok(entries(&data, self.objects.hash()).map(|entry| (entry.name.to_vec(), (entry.mode, entry.id()))).collect())
    }

    fn object(&self, id: ObjectId, kind: gix::objs::Kind) -> Result<Vec<u8>, Error> {
        let mut data = Vec::new();
        self.objects.read_kind(&id, kind, &mut data).map_err(|text| Error::Object { text })?;
        Ok(data)
    }
}
