//! What is asked of a repository.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::{Environment, Id, RangeKind};

/// A question to a repository: where it is, and what of it is read.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    /// A path inside the repository.
    pub path: PathBuf,
    /// What git says through the environment.
    pub environment: Environment,
    /// What is read.
    pub what: What,
    /// Set from outside to end early: the report then says that it is partial.
    pub stop: Arc<AtomicBool>,
}

impl Ask {
    /// Whether it asks for everything that refs lead to.
    pub fn is_whole_history(&self) -> bool {
        matches!(&self.what, What::History { revisions, .. } if revisions.is_empty())
    }
}

/// What of a repository is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The index against the commit that is checked out; only some paths of it, where a hook runner names them.
    Staged {
        /// Files, as named.
        names: Option<Vec<PathBuf>>,
    },
    /// The commits of `BASE`, `BASE..HEAD` or `BASE...HEAD`.
    Range {
        /// As named.
        range: String,
        /// What of it.
        kind: RangeKind,
    },
    /// `REV..HEAD`, what is staged, and what the work tree changes.
    Since {
        /// As named.
        revision: String,
        /// What of the commits.
        kind: RangeKind,
    },
    /// Commits that are new to a repository: a push that is sent or received.
    New {
        /// What is pushed.
        heads: Vec<Id>,
        /// What the other side is known to have.
        known: Vec<Id>,
        /// Refs whose commits the other side has too: all of them, or those below a prefix.
        known_refs: Option<String>,
        /// What the report calls it.
        name: String,
    },
    /// Everything that was ever committed.
    History {
        /// Revisions, `^` before those left out; empty is all refs.
        revisions: Vec<String>,
        /// Also what no ref leads to any more.
        unreachable: bool,
    },
}

impl Default for What {
    fn default() -> Self {
        Self::Staged { names: None }
    }
}
