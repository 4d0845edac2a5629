//! What git stores: staged blobs, the commits of a range, whole histories. Read in-process; nothing is run or written.

mod ask;
mod change;
mod commit;
mod file;
mod graph;
pub mod history;
mod index;
mod line;
mod lists;
mod object;
mod plumbing;
mod range;
mod repository;
mod snapshot;
mod tree;

use std::path::PathBuf;

pub use ask::{Ask, What};
pub use change::{ChangeSet, Changed, Changes, Content};
pub use commit::{Commit, instant, message, stated_time, tag_target};
pub use gix::ObjectId as Id;
pub use gix::hash::Kind as Hash;
pub use gix::oid as Oid;
pub use graph::{Bounds, Graph};
pub use index::{Staged, Tracked, tracked, tracked_blobs, unstaged, work_tree_name};
pub use line::AddedLines;
pub use object::{Objects, Peeled, Store};
pub use range::{Range, RangeKind};
pub use repository::{Environment, Repository, Tip, TipKind, read_commit};
pub use snapshot::Snapshot;
pub use tree::{Change, Delta, Entry, Mode, entries};

/// A repository, or what was asked of it, cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The path is in no repository.
    #[error("{} is in no git repository", path.display())]
    NoRepository {
        /// The path as given.
        path: PathBuf,
    },
    /// There is a repository, but it cannot be opened.
    #[error("cannot open the repository of {}: {text}", path.display())]
    Open {
        /// The path as given.
        path: PathBuf,
        /// What went wrong.
        text: String,
    },
    /// A store of objects cannot be opened.
    #[error("cannot open the objects in {}: {text}", path.display())]
    Store {
        /// Its folder.
        path: PathBuf,
        /// What went wrong.
        text: String,
    },
    /// A revision names no commit.
    #[error("`{revision}` names no commit here: {text}")]
    Revision {
        /// As given.
        revision: String,
        /// What went wrong.
        text: String,
    },
    /// The refs cannot be listed.
    #[error("cannot read the refs: {text}")]
    Refs {
        /// What went wrong.
        text: String,
    },
    /// An object that everything depends on cannot be read.
    #[error("{text}")]
    Object {
        /// What went wrong.
        text: String,
    },
    /// The index cannot be read.
    #[error("cannot read the index {}: {text}", path.display())]
    Index {
        /// Where it is.
        path: PathBuf,
        /// What went wrong.
        text: String,
    },
    /// Two histories have nothing in common.
    #[error("`{base}` and `{head}` have no commit in common{hint}")]
    Unrelated {
        /// One end.
        base: String,
        /// The other end.
        head: String,
        /// What may help.
        hint: &'static str,
    },
}

/// The text of a path as reports show it: bytes that are not UTF-8 are percent-encoded.
pub fn path_text(path: &[u8]) -> String {
    let mut text = String::new();
    for chunk in path.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}
