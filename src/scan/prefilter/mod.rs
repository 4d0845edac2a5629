//! Finds every keyword of every rule in one pass, ASCII case-insensitively.
//!
//! The text is read as pairs of bytes. Each keyword is filed twice, for an even and an odd start, as a *window* of three
//! neighbouring pairs, and each window belongs to one of 21 buckets. A table says for every pair which buckets do not know it
//! as first, second or third pair; one shift and one disjunction per pair carry that along, so that a bucket survives three
//! pairs only where one of its windows may end. What survives is looked up exactly. The table is 32 KiB and stays in the
//! first-level cache; `bucket` distributes the windows so that little of ordinary source text survives.
//! `docs/performance.md` has what this costs beside an automaton and a hashed filter.

mod bucket;
mod gram;
mod places;
mod survivors;
mod window;
mod words;

use bucket::{BUCKETS, LANES, Table};
use gram::Grams;
use survivors::{BLOCK, Survivors};
use words::Words;

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
    table: Table,
    grams: Grams,
    keywords: Words,
}

/// The state before a text: whatever may stand there contradicts nothing. A bit that is set is a bucket that something
/// contradicts, so that a shift lets every bucket begin anew.
const START: u64 = 0;
/// A state in which every bucket is contradicted is no less: the last lane stands highest.
const NONE: u64 = u64::MAX << (BUCKETS * (LANES - 1));
/// Bytes that one step of the main loop reads.
const STEP: usize = 8;

impl Prefilter {
    /// Takes lower-case keywords of at least three bytes.
    pub fn new(keywords: &[String]) -> Self {
        let (table, filed) = bucket::distribute(keywords);
        Self { table, grams: Grams::file(&filed), keywords: Words::new(keywords) }
    }

    /// All keywords, in their order.
    pub fn keywords(&self) -> impl Iterator<Item = &str> {
        self.keywords.iter()
    }

    /// Length of a keyword in bytes.
    pub fn keyword_length(&self, keyword: u32) -> usize {
        self.keywords.get(keyword).len()
    }

    /// Appends every place of every keyword, sorted by place.
    pub fn find(&self, text: &[u8], hits: &mut Vec<Hit>) {
        let from = hits.len();
        let (steps, rest) = text.as_chunks::<STEP>();
        let (mut state, mut survivors) = (START, Survivors::new());
        for (number, block) in steps.chunks(BLOCK).enumerate() {
            let first = number * BLOCK * STEP;
            state = survivors.collect(&self.table, block, state);
            survivors.locate(&self.table, block);
            for place in survivors.filter(&self.grams, text, first) {
                self.compare(text, first + usize::from(place.end), place.sets, from, hits);
            }
        }
        self.find_in_tail(text, state, rest, from, hits);
    }

    /// The last bytes, and two more: a window may reach over the end of the text.
    fn find_in_tail(&self, text: &[u8], mut state: u64, rest: &[u8], from: usize, hits: &mut Vec<Hit>) {
        let mut padded = [0; STEP + 2];
        padded[..rest.len()].copy_from_slice(rest);
        let (start, used) = (text.len() - rest.len(), rest.len() + 2);
        for (index, pair) in padded[..used].as_chunks::<2>().0.iter().enumerate() {
            state = advance(state, &self.table, pairs(u64::from(u16::from_le_bytes(*pair))));
            let end = start + 2 * index + 2;
            if state < NONE {
                self.compare(text, end, self.grams.passing(last_eight(text, end)), from, hits);
            }
        }
    }

    /// Adds the keywords of these sets that stand in the text and whose window ends at `end`. Hits before `from` are another
    /// text's.
    #[inline(never)]
    fn compare(&self, text: &[u8], end: usize, sets: u16, from: usize, hits: &mut Vec<Hit>) {
        for (keyword, back) in self.grams.ending_with(last_eight(text, end), sets) {
            let Some(start) = end.checked_sub(back) else { continue };
            let bytes = self.keywords.get(keyword);
            let found = text.get(start..start + bytes.len());
            if found.is_some_and(|found| found.iter().zip(bytes).all(|(one, other)| one.to_ascii_lowercase() == *other))
            {
                insert(Hit { start, keyword }, from, hits);
            }
        }
    }
}

/// Adds a hit where it belongs, which is near the end: windows end in the order of the text, and what begins before them is
/// short.
fn insert(hit: Hit, from: usize, hits: &mut Vec<Hit>) {
    let later = hits[from..].iter().rev().take_while(|other| **other > hit).count();
    hits.insert(hits.len() - later, hit);
}

/// The numbers of the four pairs in eight bytes, each in twelve bits of its sixteen; see [`window::class`].
#[inline]
fn pairs(bytes: u64) -> u64 {
    let classes = bytes & 0x1f1f_1f1f_1f1f_1f1f | bytes >> 1 & 0x2020_2020_2020_2020;
    classes & 0x003f_003f_003f_003f | classes >> 2 & 0x0fc0_0fc0_0fc0_0fc0
}

#[inline]
fn advance(state: u64, table: &[u64; window::PAIRS], pair: u64) -> u64 {
    const NUMBER: u64 = 0xfff;
    state << BUCKETS | table[(pair & NUMBER) as usize]
}

/// The eight bytes before `end` in lower case, as a little-endian number. Beyond the text stands nothing.
#[inline(always)]
#[allow(clippy::inline_always, reason = "it is one load where it is inlined, and was not")]
fn last_eight(text: &[u8], end: usize) -> u64 {
    let eight = text.get(..end).and_then(<[u8]>::last_chunk);
    eight.map_or_else(|| at_the_edge(text, end), |eight| gram::fold(u64::from_le_bytes(*eight)))
}

#[cold]
fn at_the_edge(text: &[u8], end: usize) -> u64 {
    let byte = |back: usize| end.checked_sub(back).and_then(|at| text.get(at)).copied().unwrap_or(0);
    gram::fold(u64::from_le_bytes(std::array::from_fn(|at| byte(8 - at))))
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

    #[test]
    fn finds_every_length_at_every_offset() {
        let word = "-----begin private key-----";
        for length in 3..=word.len() {
            for offset in 0..20 {
                for after in 0..10 {
                    let text = format!("{}{}{}", "x".repeat(offset), &word[..length], "y".repeat(after));
                    assert_eq!(found(&[&word[..length]], &text).len(), 1, "{length} {offset} {after}");
                }
            }
        }
    }

    #[test]
    fn finds_across_the_blocks_of_a_text() {
        for offset in BLOCK * STEP - 20..BLOCK * STEP + 4 {
            let text = format!("{}ghp_key_token{}", "x".repeat(offset), "y".repeat(BLOCK * STEP));
            assert_eq!(found(&["ghp_", "ghp_k", "key_token", "hp_key_token"], &text).len(), 4, "{offset}");
        }
    }

    /// What the places that were chosen ahead of time say decides only how fast a keyword is found.
    #[test]
    fn built_in_keywords_are_found_and_nearly_all_have_places() {
        let engine = crate::scan::Engine::new(&crate::rule::RuleSet::builtin());
        let keywords: Vec<String> = engine.keywords().map(str::to_owned).collect();
        let prefilter = Prefilter::new(&keywords);
        for (number, keyword) in (0..).zip(&keywords) {
            for before in ["", "x", "yy", "?\n="] {
                let mut hits = Vec::new();
                prefilter.find(format!("{before}{keyword}").as_bytes(), &mut hits);
                assert!(hits.contains(&Hit { start: before.len(), keyword: number }), "{before}{keyword}");
            }
        }
        let without = keywords.iter().filter(|keyword| places::of(keyword.as_bytes()).is_none()).count();
        assert!(without * 20 < keywords.len(), "{without} have none: run tools/prefilter/places.rs");
    }

    proptest! {
        #[test]
        fn equals_the_naive_search(
            keywords in proptest::collection::btree_set("[ab_\n]{3,11}", 1..60),
            text in "[abAB_ \n?é]{0,120}",
        ) {
            let keywords: Vec<String> = keywords.into_iter().collect();
            let mut hits = Vec::new();
            Prefilter::new(&keywords).find(text.as_bytes(), &mut hits);
            prop_assert_eq!(hits, naive(&keywords, text.as_bytes()));
        }
    }
}
