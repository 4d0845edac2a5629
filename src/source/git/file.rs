//! One file as a commit has it.

use gix::ObjectId;

use super::{Error, Repository, tree};

impl Repository {
    /// The content of a file in a commit; none if the commit has no such file, or is not here.
    ///
    /// # Errors
    /// The object cannot be read.
    pub fn file_at(&self, commit: &str, path: &str) -> Result<Option<Vec<u8>>, Error> {
        let objects = self.store().objects();
        let Ok(commit) = self.commit(commit) else { return Ok(None) };
        let mut id = self.tree_of(&objects, commit)?;
        let failed = |text: String| Error::Object { text };
        let mut bytes = Vec::new();
        let mut names = path.split('/').peekable();
        while let Some(name) = names.next() {
            objects.read_kind(&id, gix::objs::Kind::Tree, &mut bytes).map_err(failed)?;
            let Some((next, mode)) = entry(&bytes, name, objects.hash()) else { return Ok(None) };
            let wanted = if names.peek().is_some() { tree::Mode::Tree } else { tree::Mode::File };
            if mode != wanted {
                return Ok(None);
            }
            id = next;
        }
        objects.read_kind(&id, gix::objs::Kind::Blob, &mut bytes).map_err(failed)?;
        Ok(Some(bytes))
    }
}

fn entry(tree_bytes: &[u8], name: &str, hash: gix::hash::Kind) -> Option<(ObjectId, tree::Mode)> {
    let entry = tree::entries(tree_bytes, hash).find(|entry| super::path_text(entry.name) == name)?;
    Some((entry.id(), entry.mode))
}
