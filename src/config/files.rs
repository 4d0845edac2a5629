//! Where settings are read from: the disk, or a revision that the scanned branch cannot change.

use std::io;
use std::path::{Component, Path, PathBuf};

use crate::source::git::{Environment, Error, Repository, Snapshot};

/// Reads the configuration and everything that belongs to it.
pub enum Files {
    /// As they stand on disk.
    Disk,
    /// As a commit holds them.
    Trusted(Trusted),
}

/// The settings of one commit. What lies outside of its repository is read from disk: whoever runs keyrot put it there.
pub struct Trusted {
    snapshot: Snapshot,
    /// The folder that holds the repository's files.
    top: PathBuf,
    revision: String,
}

impl Files {
    /// The files of the commit that `revision` names in the repository at `top`.
    ///
    /// # Errors
    /// There is no repository, or the revision names no commit in it.
    pub fn trusted(top: &Path, revision: &str, environment: &Environment) -> Result<Self, Error> {
        let repository = Repository::open(top, environment)?;
        let snapshot = Snapshot::open(&repository, revision)?;
        Ok(Self::Trusted(Trusted { snapshot, top: top.to_owned(), revision: revision.to_owned() }))
    }

    /// What the reader of a report should know about them.
    pub fn note(&self) -> Option<String> {
        let Self::Trusted(Trusted { snapshot, revision, .. }) = self else { return None };
        let commit = snapshot.commit();
        let id = commit.to_hex_with_len(12);
        Some(format!("Settings are those of `{revision}` ({id}), not those of what was scanned."))
    }

    /// Whether they are those of a commit.
    pub fn are_trusted(&self) -> bool {
        matches!(self, Self::Trusted(_))
    }

    /// Whether there is a file of this path.
    pub fn is_file(&self, path: &Path) -> bool {
        match self.inside(path) {
            Some((trusted, inside)) => trusted.snapshot.read(&inside).is_ok_and(|found| found.is_some()),
            None => path.is_file(),
        }
    }

    /// The text of a file.
    ///
    /// # Errors
    /// There is none, it cannot be read, or it is not UTF-8.
    pub fn read(&self, path: &Path) -> io::Result<String> {
        let Some((trusted, inside)) = self.inside(path) else { return std::fs::read_to_string(path) };
        let missing = || {
            let text = format!("`{}` has no such file", trusted.revision);
            io::Error::new(io::ErrorKind::NotFound, text)
        };
        let bytes = trusted.snapshot.read(&inside).map_err(io::Error::other)?.ok_or_else(missing)?;
        String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }

    /// The file of this path, or all files of the folder and below it, in the order of their names.
    ///
    /// # Errors
    /// Something on the way cannot be read.
    pub fn list(&self, path: &Path) -> io::Result<Vec<PathBuf>> {
        if let Some((trusted, inside)) = self.inside(path) {
            let files = trusted.snapshot.files(&inside).map_err(io::Error::other)?;
            let named = |file: String| {
                if file == inside { path.to_owned() } else { trusted.top.join(file.trim_start_matches('/')) }
            };
            return Ok(files.into_iter().map(named).collect());
        }
        let walk = walkdir::WalkDir::new(path).sort_by_file_name().into_iter();
        let files = walk.filter(|entry| !entry.as_ref().is_ok_and(|entry| !entry.file_type().is_file()));
        files.map(|entry| Ok(entry?.into_path())).collect()
    }

    /// The path in the repository, if it is one of the commit's.
    fn inside(&self, path: &Path) -> Option<(&Trusted, String)> {
        let Self::Trusted(trusted) = self else { return None };
        let path = normal(&std::path::absolute(path).ok()?);
        let parts = path.strip_prefix(&trusted.top).ok()?.components().map(|part| part.as_os_str().to_string_lossy());
        Some((trusted, parts.collect::<Vec<_>>().join("/")))
    }
}

/// The path without `..`, by its text alone: a link on disk must not lead out of the commit.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(normal.pop()),
            Component::CurDir => {}
            other => normal.push(other),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_normal_by_their_text() {
        assert_eq!(normal(Path::new("/a/./b/../c")), Path::new("/a/c"));
    }
}
