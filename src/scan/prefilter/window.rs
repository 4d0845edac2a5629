//! The part of a keyword that is filed: three pairs of bytes, of which the outer ones may be half known.

use super::bucket::{Frequencies, LANES};

/// How many pairs there are: two classes of 64 each.
pub const PAIRS: usize = 1 << 12;
/// Windows end within this many bytes of a keyword's start.
const FARTHEST: usize = 100;

/// A byte as the table knows it: upper and lower case are one class, and a control character shares that of the sign
/// two rows on. Bits 0–4 and bit 6 of the byte.
pub fn class(byte: u8) -> usize {
    usize::from(byte & 0x1f | byte >> 1 & 0x20)
}

/// What a window says about one pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Nothing.
    Any,
    /// The class of its first byte.
    First(usize),
    /// The class of its second byte.
    Second(usize),
    /// Both classes, as the number of the pair.
    Both(usize),
}

impl Lane {
    /// The pair that begins at `at`, which may be one before the keyword or reach over its end.
    fn of(keyword: &[u8], at: Option<usize>, next: usize) -> Self {
        let class_at = |place: usize| keyword.get(place).copied().map(class);
        match (at.and_then(class_at), class_at(next)) {
            (None, None) => Self::Any,
            (Some(first), None) => Self::First(first),
            (None, Some(second)) => Self::Second(second),
            (Some(first), Some(second)) => Self::Both(first | second << 6),
        }
    }
}

/// One way to see a keyword: it starts at an even, or at an odd offset.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// Which keyword.
    pub keyword: u32,
    /// The pairs, in the order of the text.
    pub lanes: [Lane; LANES],
    /// How often each stands in source text.
    pub frequencies: [f32; LANES],
    /// From the keyword's start to the window's end, in bytes.
    pub back: usize,
    /// The six bytes before the window's end as far as `known` tells, in the upper bytes of a little-endian number.
    pub gram: u64,
    /// Which of these bytes belong to the keyword.
    pub known: u64,
}

impl Window {
    /// Where windows of a keyword of this length may end that starts at an even (0) or an odd (1) offset, in bytes from its
    /// start.
    pub fn ends(length: usize, parity: usize) -> impl Iterator<Item = usize> {
        // Three bytes from an odd start end where their second pair ends.
        let nearest = if length == 3 && parity == 1 { 3 } else { 4 + parity };
        (nearest..=(length + 1).min(FARTHEST)).step_by(2)
    }

    /// All windows of a keyword for one parity, the rarest in source text first: one of them is filed.
    pub fn choices(index: u32, keyword: &[u8], parity: usize, frequencies: &Frequencies) -> Vec<Self> {
        let ends = Self::ends(keyword.len(), parity);
        let mut windows: Vec<Self> = ends.map(|end| Self::ending(index, keyword, end, frequencies)).collect();
        windows.sort_by(|one, other| one.frequency().total_cmp(&other.frequency()));
        windows
    }

    /// The window that ends so many bytes behind the keyword's start.
    pub fn ending(keyword: u32, bytes: &[u8], back: usize, frequencies: &Frequencies) -> Self {
        let lane = |pairs: usize| match back.checked_sub(2 * pairs) {
            Some(at) => Lane::of(bytes, Some(at), at + 1),
            None if back + 1 == 2 * pairs => Lane::of(bytes, None, 0),
            None => Lane::Any,
        };
        let (mut gram, mut known) = (0, 0);
        for at in (2..8).filter(|at| back + at >= 8) {
            if let Some(byte) = bytes.get(back + at - 8) {
                gram |= u64::from(byte | 0x20) << (8 * at);
                known |= 0xff_u64 << (8 * at);
            }
        }
        let lanes = [lane(3), lane(2), lane(1)];
        Self { keyword, lanes, frequencies: lanes.map(|lane| frequencies.of(lane)), back, gram, known }
    }

    /// How often such pairs follow each other in source text, as far as each tells nothing of the next.
    pub fn frequency(&self) -> f32 {
        self.frequencies.iter().product()
    }
}
