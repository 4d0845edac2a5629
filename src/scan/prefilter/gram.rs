//! The exact look-up behind the buckets: keywords by the bytes that end their windows.

use super::window::Window;

/// Bits of a gram's number in the filter.
const FILTER_BITS: u32 = 15;
/// Bits of its number among the ranges.
const RANGE_BITS: u32 = 12;

/// Keywords whose windows end with the same known bytes.
pub struct Grams {
    /// Which of the last bytes are known.
    known: u64,
    /// The buckets that these windows are in.
    buckets: u64,
    filter: Box<[u64; 1 << (FILTER_BITS - 6)]>,
    /// For each number the first of its entries; the next number's first one ends it.
    starts: Vec<u32>,
    entries: Vec<Entry>,
}

struct Entry {
    gram: u64,
    keyword: u32,
    back: usize,
}

impl Grams {
    /// Files every window by what is known of its end. `buckets` names the bucket of each.
    pub fn file(windows: &[(Window, usize)]) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for (window, bucket) in windows {
            let place = all.iter().position(|grams| grams.known == window.known).unwrap_or_else(|| {
                all.push(Self::new(window.known));
                all.len() - 1
            });
            all[place].add(window, *bucket);
        }
        for grams in &mut all {
            grams.index();
        }
        all
    }

    fn new(known: u64) -> Self {
        Self {
            known,
            buckets: 0,
            filter: Box::new([0; 1 << (FILTER_BITS - 6)]),
            starts: Vec::new(),
            entries: Vec::new(),
        }
    }

    fn add(&mut self, window: &Window, bucket: usize) {
        self.buckets |= 1 << bucket;
        let number = number(window.gram, FILTER_BITS);
        self.filter[number >> 6] |= 1 << (number & 63);
        self.entries.push(Entry { gram: window.gram, keyword: window.keyword, back: window.back });
    }

    fn index(&mut self) {
        self.entries.sort_by_key(|entry| number(entry.gram, RANGE_BITS));
        self.starts = vec![0; (1 << RANGE_BITS) + 1];
        for entry in &self.entries {
            self.starts[number(entry.gram, RANGE_BITS) + 1] += 1;
        }
        for at in 1..self.starts.len() {
            self.starts[at] += self.starts[at - 1];
        }
    }

    /// One where a window that ends with the bytes of `last` may be here, else nought; without a branch.
    #[inline]
    fn passes(&self, last: u64, buckets: u64) -> u32 {
        let bit = number(last & self.known, FILTER_BITS);
        u32::from(self.buckets & buckets != 0) & u32::from(self.filter[bit >> 6] >> (bit & 63) & 1 == 1)
    }

    /// The keywords, and how far before the window's end they start, whose window ends with the bytes of `last`.
    #[inline]
    pub fn ending_with(&self, last: u64) -> impl Iterator<Item = (u32, usize)> {
        let gram = last & self.known;
        let at = number(gram, RANGE_BITS);
        let entries = &self.entries[self.starts[at] as usize..self.starts[at + 1] as usize];
        entries.iter().filter(move |entry| entry.gram == gram).map(|entry| (entry.keyword, entry.back))
    }
}

/// For each set of keywords a bit, where one of its windows may end with the bytes of `last`. All sets are asked before
/// anything is decided: one in six lets something pass, none foreseeably.
#[inline]
pub fn passing(sets: &[Grams], last: u64, buckets: u64) -> u32 {
    sets.iter().rev().fold(0, |passing, grams| passing << 1 | grams.passes(last, buckets))
}

/// Folds upper to lower case. It also merges a few punctuation marks; the exact comparison sorts that out.
#[inline]
pub fn fold(gram: u64) -> u64 {
    gram | 0x2020_2020_2020_2020
}

#[inline]
#[allow(clippy::cast_possible_truncation, reason = "the number has few bits")]
fn number(gram: u64, bits: u32) -> usize {
    (gram.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - bits)) as usize
}
