//! Where something stands: origin, region and the masked line that shows it.

use std::fmt;

use chrono::{DateTime, Utc};

/// What a blob is and where it came from.
///
/// Paths are relative to the repository root (outside a repository: to the scanned path) with `/` between
/// their parts; bytes that are not UTF-8 are percent-encoded; members of archives follow `!/`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// A file of the work tree.
    File {
        /// Its path.
        path: String,
    },
    /// A staged blob.
    Index {
        /// Its path in the index.
        path: String,
    },
    /// A blob in history.
    Commit {
        /// Its path in that commit.
        path: String,
        /// The commit's full hexadecimal id.
        id: String,
        /// The committer's time, as stated in the commit.
        time: Option<DateTime<Utc>>,
    },
    /// The message of a commit or of an annotated tag.
    Message {
        /// The object's full hexadecimal id.
        id: String,
        /// The committer's or tagger's time, as stated.
        time: Option<DateTime<Utc>>,
    },
    /// Standard input.
    Stdin {
        /// The name given to it.
        path: String,
    },
}

impl Origin {
    /// The path a report shows; for a message, a name made of its object id.
    pub fn path(&self) -> &str {
        match self {
            Self::File { path } | Self::Index { path } | Self::Commit { path, .. } | Self::Stdin { path } => path,
            Self::Message { id, .. } => id,
        }
    }

    /// The same origin with another path: how masking and archive members rewrite it.
    #[must_use]
    pub fn with_path(mut self, new: String) -> Self {
        match &mut self {
            Self::File { path } | Self::Index { path } | Self::Commit { path, .. } | Self::Stdin { path } => {
                *path = new;
            }
            Self::Message { .. } => {}
        }
        self
    }

    /// The commit that carries it, if it comes from history.
    pub fn commit(&self) -> Option<&str> {
        match self {
            Self::Commit { id, .. } | Self::Message { id, .. } => Some(id),
            _ => None,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path } | Self::Index { path } | Self::Stdin { path } => f.write_str(path),
            Self::Commit { path, id, .. } => write!(f, "{path} (commit {})", short(id)),
            Self::Message { id, .. } => write!(f, "message of {}", short(id)),
        }
    }
}

fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

/// A stretch of bytes in a blob: `start..end`, 0-based, half-open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// `start..end`.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The bytes of `text` that it covers.
    pub fn of(self, text: &[u8]) -> &[u8] {
        &text[self.start..self.end]
    }

    /// Number of bytes.
    pub fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether it covers nothing.
    pub fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// Whether the two share at least one byte.
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// One place in a text. All counts are 1-based.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line; a line ends at `\n`.
    pub line: u32,
    /// Column in characters (a byte that is not part of UTF-8 counts as one).
    pub column: u32,
    /// Column in UTF-16 code units, as SARIF and editors count.
    pub utf16: u32,
    /// Column in bytes of the text in UTF-8, as reviewdog counts.
    pub utf8: u32,
}

/// A stretch of text: the end is exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region {
    /// Where it begins.
    pub start: Position,
    /// One past where it ends.
    pub end: Position,
    /// The same stretch in bytes of the blob as it is stored.
    pub bytes: Span,
}

/// The masked first line of a region. Every candidate on it is masked, also dropped ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// The line, or the part of a long line around the region.
    pub text: String,
    /// Byte range of the region in `text`.
    pub highlight: Span,
    /// GitHub's hash of the line (`primaryLocationLineHash`), computed before masking.
    pub line_hash: String,
}

/// A place in some blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The blob.
    pub origin: Origin,
    /// The stretch in it; none for a finding about a whole file or message.
    pub region: Option<Region>,
    /// The line that shows it.
    pub snippet: Option<Snippet>,
}

impl Location {
    /// A location that is a whole blob.
    pub fn whole(origin: Origin) -> Self {
        Self { origin, region: None, snippet: None }
    }

    /// `path:line:column`, as far as known.
    pub fn label(&self) -> String {
        match &self.region {
            Some(region) => format!("{}:{}:{}", self.origin.path(), region.start.line, region.start.column),
            None => self.origin.path().to_owned(),
        }
    }

    /// What a report sorts by.
    pub fn sort_key(&self) -> (&Origin, Option<Region>) {
        (&self.origin, self.region)
    }
}
