//! The exact look-up behind the buckets: keywords by the bytes that end their windows.

use super::window::Window;

/// Bits of a gram's number in a filter.
const FILTER_BITS: u32 = 15;
/// Bits of its number among the ranges.
const RANGE_BITS: u32 = 12;
/// The first of the last four of eight bytes.
const FIRST: u64 = 0xff << 32;

/// The windows of all keywords, in sets of those of which the same bytes are known.
pub struct Grams {
    sets: Vec<Set>,
    sieve: Sieve,
}

impl Grams {
    /// Files every window by what is known of its end.
    pub fn file(windows: &[Window]) -> Self {
        let mut sets: Vec<Set> = Vec::new();
        for window in windows {
            let place = sets.iter().position(|set| set.known == window.known).unwrap_or_else(|| {
                sets.push(Set::new(window.known));
                sets.len() - 1
            });
            sets[place].add(window);
        }
        sets.iter_mut().for_each(Set::index);
        Self { sieve: Sieve::of(&sets), sets }
    }

    /// Whether a window of any set may end with the bytes of `last`: two look-ups leave half of what the buckets left.
    #[inline]
    pub fn may_end(&self, last: u64) -> bool {
        self.sieve.lets_pass(last)
    }

    /// For each set a bit, where one of its windows may end with the bytes of `last`. All sets are asked before anything is
    /// decided: few let something pass, none foreseeably.
    #[inline]
    pub fn passing(&self, last: u64) -> u16 {
        self.sets.iter().rev().fold(0, |passing, set| passing << 1 | set.passes(last))
    }

    /// The keywords of these sets, and how far before the window's end they start, whose window ends with the bytes of `last`.
    #[inline]
    pub fn ending_with(&self, last: u64, sets: u16) -> impl Iterator<Item = (u32, usize)> {
        let mut left = sets;
        let sets = std::iter::from_fn(move || {
            let at = (left != 0).then(|| left.trailing_zeros())?;
            left &= left - 1;
            Some(&self.sets[at as usize])
        });
        sets.flat_map(move |set| set.ending_with(last))
    }
}

/// Windows that end with the same known bytes.
struct Set {
    /// Which of the last bytes are known.
    known: u64,
    filter: Filter,
    /// For each number the first of its entries; the next number's first one ends it.
    starts: Vec<u32>,
    entries: Vec<Entry>,
}

struct Entry {
    gram: u64,
    keyword: u32,
    back: usize,
}

impl Set {
    fn new(known: u64) -> Self {
        Self { known, filter: Filter::default(), starts: Vec::new(), entries: Vec::new() }
    }

    fn add(&mut self, window: &Window) {
        self.filter.add(window.gram);
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
    fn passes(&self, last: u64) -> u16 {
        u16::from(self.filter.may_hold(last & self.known))
    }

    #[inline]
    fn ending_with(&self, last: u64) -> impl Iterator<Item = (u32, usize)> {
        let gram = last & self.known;
        let at = number(gram, RANGE_BITS);
        let entries = &self.entries[self.starts[at] as usize..self.starts[at + 1] as usize];
        entries.iter().filter(move |entry| entry.gram == gram).map(|entry| (entry.keyword, entry.back))
    }
}

/// Grams, of which some that were not added seem to be among them.
struct Filter(Box<[u64; 1 << (FILTER_BITS - 6)]>);

impl Default for Filter {
    fn default() -> Self {
        Self(Box::new([0; 1 << (FILTER_BITS - 6)]))
    }
}

impl Filter {
    fn add(&mut self, gram: u64) {
        let number = number(gram, FILTER_BITS);
        self.0[number >> 6] |= 1 << (number & 63);
    }

    #[inline]
    fn may_hold(&self, gram: u64) -> bool {
        let number = number(gram, FILTER_BITS);
        self.0[number >> 6] >> (number & 63) & 1 == 1
    }
}

/// What four bytes of a window say, for all sets at once.
#[derive(Default)]
struct Sieve {
    /// By the last four bytes of windows of which the last byte is known.
    closed: Filter,
    /// By the four bytes before the last one of the others.
    open: Filter,
}

impl Sieve {
    fn of(sets: &[Set]) -> Self {
        let mut sieve = Self::default();
        for set in sets {
            let is_closed = set.known >> 56 != 0;
            let shift = if is_closed { 0 } else { 8 };
            let filter = if is_closed { &mut sieve.closed } else { &mut sieve.open };
            for entry in &set.entries {
                let last = four(entry.gram << shift);
                // Of windows of three known bytes the first of the four may be any.
                let firsts = if last & FIRST == 0 { 0..=u8::MAX } else { 0..=0 };
                for first in firsts {
                    filter.add(last | u64::from(first | 0x20) << 32);
                }
            }
        }
        sieve
    }

    #[inline]
    fn lets_pass(&self, last: u64) -> bool {
        self.closed.may_hold(four(last)) | self.open.may_hold(four(last << 8))
    }
}

/// The last four of eight bytes.
#[inline]
fn four(last: u64) -> u64 {
    last & 0xffff_ffff << 32
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
