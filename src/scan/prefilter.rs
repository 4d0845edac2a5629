//! Finds every keyword of every rule in one pass, ASCII case-insensitively.
//!
//! Each keyword is filed under two folded four-byte windows that start at neighbouring offsets, so that looking at every
//! second position of the text meets one of them. A 64-kilobit filter (8 KiB, it stays in the first-level cache) throws
//! out nearly all positions; the rest are looked up exactly. Measured on two cores against Aho-Corasick's DFA over the
//! same keywords this is more than twice as fast (`docs/performance.md`), and building it takes microseconds.

use std::collections::HashMap;

/// A keyword found in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// Offset of its first byte.
    pub start: usize,
    /// Index of the keyword in the list given to [`Prefilter::new`].
    pub keyword: u32,
}

/// The multi-literal search.
pub struct Prefilter {
    filter: Box<[u64; FILTER_WORDS]>,
    /// A second, independent filter: with hundreds of short keywords the first alone would let one position in ten pass.
    second: Box<[u64; FILTER_WORDS]>,
    table: HashMap<u32, Vec<Entry>, GramHasher>,
    keywords: Vec<Vec<u8>>,
}

#[derive(Clone, Copy)]
struct Entry {
    keyword: u32,
    /// Where the window starts in the keyword; -1 when one byte before it.
    offset: i8,
}

const WINDOW: usize = 4;
const STRIDE: usize = 2;
const FILTER_BITS: u32 = 16;
const FILTER_WORDS: usize = 1 << (FILTER_BITS - 6);
/// Positions that one step of the main loop looks at.
const BLOCK: usize = 32;

impl Prefilter {
    /// Takes lower-case keywords of at least three bytes.
    pub fn new(keywords: &[String]) -> Self {
        let mut this = Self {
            filter: Box::new([0; FILTER_WORDS]),
            second: Box::new([0; FILTER_WORDS]),
            table: HashMap::default(),
            keywords: keywords.iter().map(|keyword| keyword.as_bytes().to_vec()).collect(),
        };
        for (index, keyword) in keywords.iter().enumerate() {
            this.file(u32::try_from(index).expect("fewer than four billion keywords"), keyword.as_bytes());
        }
        this
    }

    fn file(&mut self, keyword: u32, bytes: &[u8]) {
        match bytes.len() {
            3 => {
                for unknown in 0..=u8::MAX {
                    self.add(keyword, [bytes[0], bytes[1], bytes[2], unknown], 0);
                    self.add(keyword, [unknown, bytes[0], bytes[1], bytes[2]], -1);
                }
            }
            4 => {
                self.add(keyword, [bytes[0], bytes[1], bytes[2], bytes[3]], 0);
                for unknown in 0..=u8::MAX {
                    self.add(keyword, [bytes[1], bytes[2], bytes[3], unknown], 1);
                }
            }
            _ => {
                let at = rarest_window(bytes);
                for offset in [at, at + 1] {
                    let window = [bytes[offset], bytes[offset + 1], bytes[offset + 2], bytes[offset + 3]];
                    self.add(keyword, window, i8::try_from(offset).unwrap_or(0));
                }
            }
        }
    }

    fn add(&mut self, keyword: u32, window: [u8; WINDOW], offset: i8) {
        let gram = fold(u32::from_le_bytes(window));
        set(&mut self.filter, slot(gram));
        set(&mut self.second, second_slot(gram));
        let entries = self.table.entry(gram).or_default();
        if !entries.iter().any(|entry| entry.keyword == keyword && entry.offset == offset) {
            entries.push(Entry { keyword, offset });
        }
    }

    /// Length of a keyword in bytes.
    pub fn keyword_length(&self, keyword: u32) -> usize {
        self.keywords[keyword as usize].len()
    }

    /// Appends every place of every keyword, sorted by place.
    pub fn find(&self, text: &[u8], hits: &mut Vec<Hit>) {
        let from = hits.len();
        let mut at = 0;
        while let Some(block) = text.get(at..at + BLOCK + WINDOW - 1) {
            let block: &[u8; BLOCK + WINDOW - 1] = block.try_into().expect("its length is constant");
            for step in 0..BLOCK / STRIDE {
                let place = step * STRIDE;
                let window = [block[place], block[place + 1], block[place + 2], block[place + 3]];
                let gram = fold(u32::from_le_bytes(window));
                if self.passes(gram) {
                    self.verify(text, at + place, gram, hits);
                }
            }
            at += BLOCK;
        }
        self.find_in_tail(text, at, hits);
        hits[from..].sort_unstable();
    }

    /// The last positions, where a window reaches over the end of the text: missing bytes are taken as zero.
    fn find_in_tail(&self, text: &[u8], from: usize, hits: &mut Vec<Hit>) {
        for place in (from..text.len()).step_by(STRIDE) {
            let mut window = [0; WINDOW];
            let rest = &text[place..text.len().min(place + WINDOW)];
            window[..rest.len()].copy_from_slice(rest);
            let gram = fold(u32::from_le_bytes(window));
            if self.passes(gram) {
                self.verify(text, place, gram, hits);
            }
        }
    }

    #[inline]
    fn passes(&self, gram: u32) -> bool {
        holds(&self.filter, slot(gram)) && holds(&self.second, second_slot(gram))
    }

    #[cold]
    fn verify(&self, text: &[u8], place: usize, gram: u32, hits: &mut Vec<Hit>) {
        let Some(entries) = self.table.get(&gram) else { return };
        for entry in entries {
            let Some(start) = place.checked_add_signed(-isize::from(entry.offset)) else { continue };
            let keyword = &self.keywords[entry.keyword as usize];
            let found = text.get(start..start + keyword.len());
            if found.is_some_and(|found| found.eq_ignore_ascii_case(keyword)) {
                hits.push(Hit { start, keyword: entry.keyword });
            }
        }
    }
}

/// Folds upper to lower case. It also merges a few punctuation marks; the exact comparison sorts that out.
#[inline]
fn fold(gram: u32) -> u32 {
    gram | 0x2020_2020
}

#[inline]
fn slot(gram: u32) -> u32 {
    gram.wrapping_mul(0x9e37_79b1) >> (32 - FILTER_BITS)
}

#[inline]
fn second_slot(gram: u32) -> u32 {
    (gram ^ (gram >> 15)).wrapping_mul(0x85eb_ca6b) >> (32 - FILTER_BITS)
}

fn set(filter: &mut [u64; FILTER_WORDS], bit: u32) {
    filter[bit as usize >> 6] |= 1 << (bit & 63);
}

#[inline]
fn holds(filter: &[u64; FILTER_WORDS], bit: u32) -> bool {
    filter[bit as usize >> 6] >> (bit & 63) & 1 == 1
}

/// Where five bytes begin whose letters are rarest in source text: fewer positions pass the filter.
fn rarest_window(keyword: &[u8]) -> usize {
    let last = (keyword.len() - WINDOW - 1).min(100);
    (0..=last)
        .min_by_key(|&at| keyword[at..=at + WINDOW].iter().map(|&byte| u32::from(commonness(byte))).sum::<u32>())
        .unwrap_or(0)
}

/// A rough rank of how often a byte stands in source text.
fn commonness(byte: u8) -> u8 {
    match byte {
        b'e' | b't' | b' ' => 10,
        b'a' | b'i' | b'n' | b'o' | b'r' | b's' => 9,
        b'l' | b'c' | b'd' | b'u' | b'p' | b'm' => 7,
        b'f' | b'g' | b'h' | b'b' | b'_' | b'.' => 5,
        b'y' | b'v' | b'w' | b'k' | b'x' | b'-' | b'/' => 4,
        b'0'..=b'9' => 3,
        _ => 2,
    }
}

/// Grams are spread by one multiplication; the standard hasher would cost more than the comparison it guards.
#[derive(Clone, Copy, Default)]
struct GramHasher(u64);

impl std::hash::BuildHasher for GramHasher {
    type Hasher = Self;

    fn build_hasher(&self) -> Self {
        Self(0)
    }
}

impl std::hash::Hasher for GramHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u32(u32::from(byte));
        }
    }

    fn write_u32(&mut self, gram: u32) {
        self.0 = (self.0 ^ u64::from(gram)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 ^= self.0 >> 32;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn naive(keywords: &[String], text: &[u8]) -> Vec<Hit> {
        let mut hits = Vec::new();
        for (index, keyword) in keywords.iter().enumerate() {
            for start in 0..text.len() {
                let found = text.get(start..start + keyword.len());
                if found.is_some_and(|found| found.eq_ignore_ascii_case(keyword.as_bytes())) {
                    hits.push(Hit { start, keyword: u32::try_from(index).expect("few keywords") });
                }
            }
        }
        hits.sort_unstable();
        hits
    }

    fn found(keywords: &[&str], text: &str) -> Vec<Hit> {
        let keywords: Vec<String> = keywords.iter().map(|keyword| (*keyword).to_owned()).collect();
        let mut hits = Vec::new();
        Prefilter::new(&keywords).find(text.as_bytes(), &mut hits);
        assert_eq!(hits, naive(&keywords, text.as_bytes()));
        hits
    }

    #[test]
    fn finds_at_both_ends_and_in_any_case() {
        assert_eq!(found(&["abc"], "abc").len(), 1);
        assert_eq!(found(&["abc", "abcd", "abcde"], "ABCDE abcde").len(), 6);
        assert_eq!(found(&["ghp_", "sk-"], "xsk-GHP_sk-").len(), 3);
    }

    proptest! {
        #[test]
        fn equals_the_naive_search(
            keywords in proptest::collection::btree_set("[ab_]{3,7}", 1..6),
            text in "[abAB_ ]{0,120}",
        ) {
            let keywords: Vec<String> = keywords.into_iter().collect();
            let mut hits = Vec::new();
            Prefilter::new(&keywords).find(text.as_bytes(), &mut hits);
            prop_assert_eq!(hits, naive(&keywords, text.as_bytes()));
        }
    }
}
