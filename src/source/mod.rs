//! Where texts come from: a source lists items cheaply and reads each of them on demand.

pub mod git;
mod opened;
mod provenance;
mod worktree;

use std::borrow::Cow;
use std::io::Read;
use std::path::{Path, PathBuf};

pub use opened::{Opened, Stored};
pub use provenance::provenance;
pub use worktree::{PathFilter, WorkTree, repository_root};

use crate::finding::{Origin, Skip, SkipReason};

/// Something to scan.
#[derive(Clone, Debug)]
pub enum Source {
    /// Files and folders on disk.
    WorkTree(WorkTree),
    /// A text that was read already, such as standard input.
    Text {
        /// Its name.
        origin: Origin,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// What a git repository stores. It is driven, not listed: `scan::git` reads it.
    Git(git::Ask),
}

/// How sources read.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Larger files are skipped, in bytes; none is no limit.
    pub max_file_size: Option<u64>,
    /// Read what ignore files leave out.
    pub no_ignore: bool,
    /// Pay no attention to keyrot's own ignore files: they are the branch's.
    pub no_own_ignore: bool,
    /// Globs of paths that are read; empty is all.
    pub include: Vec<String>,
    /// Globs of paths that are not read.
    pub exclude: Vec<String>,
    /// Threads that list folders.
    pub jobs: usize,
}

/// The source itself cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The path does not exist or cannot be looked at.
    #[error("cannot scan {}: {source}", path.display())]
    Unusable {
        /// The path as given.
        path: PathBuf,
        /// What went wrong.
        source: std::io::Error,
    },
    /// A path setting is no glob.
    #[error("`{pattern}` is no glob: {source}")]
    Glob {
        /// The setting.
        pattern: String,
        /// What went wrong.
        source: globset::Error,
    },
}

/// Files up to this size are read whole, in bytes; larger ones are read in windows. Each thread may hold so much at once, and
/// once more for each container that a text stands in.
pub const IN_MEMORY: u64 = 1 << 20;

/// What reading gave.
#[derive(Debug)]
pub enum Content {
    /// All bytes.
    Whole,
    /// The first bytes, and the file that gives the rest.
    Large(Opened),
    /// What there was of a file that changed while it was read, and what happened.
    Torn(String),
}

/// One thing that would be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Item {
    /// What it is.
    pub origin: Origin,
    /// Where it is opened, if its origin does not say so: a listing may hold a million of them.
    pub path: Option<Box<Path>>,
}

/// What a source holds, sorted, and what it leaves out.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// What would be read.
    pub items: Vec<Item>,
    /// What will not be read, one by one.
    pub skipped: Vec<Skip>,
    /// Files and folders left out by ignore files and path settings.
    pub ignored: u64,
    /// What the reader must know about what is read, in sentences.
    pub notes: Vec<String>,
}

impl Source {
    /// A folder that it reads, if it reads one.
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::WorkTree(tree) => Some(tree.base()),
            Self::Git(ask) => Some(&ask.path),
            Self::Text { .. } => None,
        }
    }

    /// The file on disk that an item is, if it is one.
    pub fn path<'i>(&self, item: &'i Item) -> Option<Cow<'i, Path>> {
        match self {
            Self::WorkTree(tree) => Some(tree.path(item)),
            Self::Text { .. } | Self::Git(_) => None,
        }
    }

    /// Everything the source holds.
    ///
    /// # Errors
    /// The source cannot be used at all. What cannot be read inside it is a [`Skip`].
    pub fn list(&self, options: &Options) -> Result<Listing, Error> {
        match self {
            Self::WorkTree(tree) => tree.list(options),
            Self::Text { origin, .. } => {
                Ok(Listing { items: vec![Item { origin: origin.clone(), path: None }], ..Listing::default() })
            }
            Self::Git(_) => Ok(Listing::default()),
        }
    }

    /// Reads an item of this source into `bytes`, which is emptied first: all of it, or the beginning of a large file.
    ///
    /// # Errors
    /// It is left out or cannot be read: a [`Skip`] with the reason.
    pub fn read(&self, item: &Item, options: &Options, bytes: &mut Vec<u8>) -> Result<Content, Skip> {
        self.read_up_to(IN_MEMORY, item, options, bytes)
    }

    /// The same, where files of more than `most` bytes are large.
    ///
    /// # Errors
    /// As for [`Source::read`].
    pub fn read_up_to(&self, most: u64, item: &Item, options: &Options, bytes: &mut Vec<u8>) -> Result<Content, Skip> {
        bytes.clear();
        match self {
            Self::Text { bytes: text, .. } => {
                bytes.extend_from_slice(text);
                Ok(Content::Whole)
            }
            Self::WorkTree(tree) => read_file(&tree.path(item), options.max_file_size, most, bytes)
                .map_err(|(reason, size)| skip(item, reason, size)),
            Self::Git(_) => unreachable!("a git source lists no items"),
        }
    }
}

fn skip(item: &Item, reason: SkipReason, bytes: Option<u64>) -> Skip {
    Skip { origin: item.origin.clone(), reason, bytes }
}

fn read_file(
    path: &std::path::Path,
    limit: Option<u64>,
    most: u64,
    bytes: &mut Vec<u8>,
) -> Result<Content, (SkipReason, Option<u64>)> {
    let unreadable = |error: std::io::Error| (SkipReason::Unreadable(describe(&error)), None);
    let Some(mut file) = Opened::new(path).map_err(unreadable)? else { return Err((SkipReason::Special, None)) };
    let over = |length: u64| limit.is_some_and(|limit| length > limit);
    let skip =
        |length: u64| (SkipReason::Limit(format!("max-file-size is {} bytes", limit.unwrap_or(0))), Some(length));
    if over(file.length()) {
        return Err(skip(file.length()));
    }
    file.limit(limit.unwrap_or(u64::MAX));
    bytes.reserve(usize::try_from(file.length().min(most)).unwrap_or(0).saturating_add(1));
    // Its length is only a claim: files of `/proc` state none, and others grow while they are read.
    let read = (&mut file).take(most + 1).read_to_end(bytes);
    let length = bytes.len() as u64;
    if over(length) {
        return Err(skip(length));
    }
    read.map_err(unreadable)?;
    // What is read in one go is whole, unless it ends too early.
    let trouble = if length < file.length() && length <= most { file.trouble() } else { None };
    Ok(match trouble {
        Some(text) => Content::Torn(text),
        None if length > most => Content::Large(file),
        None => Content::Whole,
    })
}

/// The error without the path that some platforms put into it.
pub(crate) fn describe(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}
