//! How much one item may cost. Every limit that bites is a counted skip that names itself.

use std::cell::{Cell, RefCell};

use crate::finding::{Origin, Skip, SkipReason};

/// The bounds of one scanned item, each with its flag. `docs/limits.md` explains them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Archives inside archives that are opened; 0 opens none.
    pub archive_depth: usize,
    /// Members of one archive, nested ones included.
    pub archive_members: u64,
    /// How many times its stored size an archive may expand to. Does not bite below 16 MiB.
    pub archive_ratio: u64,
    /// Bytes that one archive may expand to, nested ones included.
    pub archive_bytes: u64,
    /// Layers inside layers that are decoded; 0 decodes none.
    pub layers: usize,
    /// Findings kept of one text.
    pub matches: usize,
    /// Bytes of a long line that a report shows.
    pub line: usize,
    /// Bytes that are held in memory at once; larger texts are read in overlapping windows.
    pub window: usize,
    /// Bytes that neighbouring windows share. A longer match may be lost at a boundary.
    pub overlap: usize,
    /// Whether printable strings of programs and other binary files are searched.
    pub binaries: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            archive_depth: 8,
            archive_members: 100_000,
            archive_ratio: 500,
            archive_bytes: 2 << 30,
            layers: 5,
            matches: 10_000,
            line: 240,
            window: usize::try_from(crate::source::IN_MEMORY).unwrap_or(usize::MAX),
            overlap: 64 << 10,
            binaries: false,
        }
    }
}

/// Expansion below this many bytes is never suspicious.
const UNSUSPICIOUS: u64 = 16 << 20;
/// Decoded bytes that a text may give on all levels, as a multiple of its size, and in any case.
const DECODED_FACTOR: usize = 8;
const DECODED_LEAST: usize = 4 << 20;

/// What one item of a source has used up so far.
pub struct Budget<'l> {
    limits: &'l Limits,
    stored: u64,
    members: Cell<u64>,
    expanded: Cell<u64>,
    bitten: RefCell<Option<String>>,
}

impl<'l> Budget<'l> {
    /// A full budget for an item of `stored` bytes.
    pub fn new(limits: &'l Limits, stored: u64) -> Self {
        Self { limits, stored, members: Cell::new(0), expanded: Cell::new(0), bitten: RefCell::new(None) }
    }

    /// The limits it keeps.
    pub fn limits(&self) -> &'l Limits {
        self.limits
    }

    /// The limit that bit, if one did: reading goes no further.
    pub fn bitten(&self) -> Option<String> {
        self.bitten.borrow().clone()
    }

    /// Counts a member. Returns false when there are too many.
    pub fn member(&self) -> bool {
        self.members.set(self.members.get() + 1);
        let most = self.limits.archive_members;
        if self.members.get() > most {
            self.bite(format!("max-archive-members is {most}"));
        }
        self.bitten.borrow().is_none()
    }

    /// Counts expanded bytes. Returns false when there are too many.
    pub fn expand(&self, bytes: u64) -> bool {
        let expanded = self.expanded.get().saturating_add(bytes);
        self.expanded.set(expanded);
        let Limits { archive_bytes, archive_ratio, .. } = *self.limits;
        if expanded > archive_bytes {
            self.bite(format!("max-archive-bytes is {archive_bytes}"));
        } else if expanded > UNSUSPICIOUS && expanded / archive_ratio.max(1) > self.stored {
            self.bite(format!("max-archive-ratio is {archive_ratio}"));
        }
        self.bitten.borrow().is_none()
    }

    fn bite(&self, limit: String) {
        self.bitten.borrow_mut().get_or_insert(limit);
    }

    /// Bytes that decoding a text of this size may give.
    pub fn decoded(text: usize) -> usize {
        text.saturating_mul(DECODED_FACTOR).max(DECODED_LEAST)
    }
}

/// The skip that a limit causes.
pub fn skip(origin: &Origin, limit: String, bytes: Option<u64>) -> Skip {
    Skip { origin: origin.clone(), reason: SkipReason::Limit(limit), bytes }
}
