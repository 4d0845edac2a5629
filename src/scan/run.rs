//! Runs: unbroken stretches of the characters that keys and their encodings are made of. They are found in one pass, before
//! anything else is known of a text, and tell where a long key can stand at all.

use crate::finding::Span;
pub use crate::rule::outline::{SHORTEST_RUN as SHORTEST, is_member};

/// Bytes that are looked at together.
const BLOCK: usize = 8;
/// A run of so many bytes covers two whole blocks wherever it begins.
const _: () = assert!(SHORTEST == 3 * BLOCK - 1);

/// Blocks that are looked at together: a bit each.
const GROUP: usize = 8;

/// Appends every run of at least [`SHORTEST`] bytes, in order, and the places in them where base64 of decimal digits begins.
pub fn find(text: &[u8], runs: &mut Vec<Span>, places: &mut Vec<usize>) {
    let (groups, rest) = text.as_chunks::<{ GROUP * BLOCK }>();
    let (mut done, mut before) = (0, false);
    let mut group = |index: usize, whole: u8| {
        // Blocks that are whole and follow one that is.
        let mut seconds = whole & (whole << 1 | u8::from(before));
        before = whole >> (GROUP - 1) == 1;
        while seconds != 0 {
            let at = index * GROUP * BLOCK + seconds.trailing_zeros() as usize * BLOCK;
            seconds &= seconds - 1;
            if at >= done {
                let first = at - BLOCK;
                let start = text[done..first].iter().rposition(|&byte| !is_member(byte));
                let start = start.map_or(done, |place| done + place + 1);
                done = end_of(text, at + BLOCK);
                if done - start >= SHORTEST {
                    runs.push(Span::new(start, done));
                    places.extend(numbers(text, Span::new(start, done)));
                }
            }
        }
    };
    for (index, bytes) in groups.iter().enumerate() {
        group(index, whole_blocks(bytes));
    }
    let mut last = [b' '; GROUP * BLOCK];
    last[..rest.len()].copy_from_slice(rest);
    group(groups.len(), whole_blocks(&last));
}

/// Which blocks are nothing but run, the first in the lowest bit. Two loops, so that the compiler makes vector instructions
/// of the first, over as many bytes as they hold.
#[inline]
fn whole_blocks(bytes: &[u8; GROUP * BLOCK]) -> u8 {
    let mut outside = [0_u8; GROUP * BLOCK];
    for (out, byte) in outside.iter_mut().zip(bytes) {
        *out = u8::from(!is_member(*byte));
    }
    let (blocks, _) = outside.as_chunks::<BLOCK>();
    let is_whole = |block: &[u8; BLOCK]| u64::from_ne_bytes(*block) == 0;
    blocks.iter().rev().fold(0, |bits, block| bits << 1 | u8::from(is_whole(block)))
}

/// The number of the first run from the `from`th on that does not end before `place`.
pub fn next_to(runs: &[Span], from: usize, place: usize) -> usize {
    from + runs[from..].iter().take_while(|run| run.end < place).count()
}

/// Whether a run of `least` bytes stands in `window`; always where runs of that length are not all known. The search goes to
/// both sides from the run with the number `near`.
pub fn stands_in(runs: &[Span], near: usize, window: Span, least: usize) -> bool {
    let before = runs[..near].iter().rev().take_while(|run| window.start + least <= run.end);
    let behind = runs[near..].iter().take_while(|run| run.start + least <= window.end);
    let holds = |run: &Span| run.end.min(window.end) >= run.start.max(window.start) + least;
    least < SHORTEST || behind.chain(before).any(holds)
}

/// Where base64 of decimal digits begins: at the start of a run, or behind a sign in it that no number ends with.
fn numbers(text: &[u8], run: Span) -> impl Iterator<Item = usize> {
    let places = memchr::memchr3_iter(b'M', b'N', b'O', &text[run.start..run.end]).map(move |at| run.start + at);
    let places = places.filter(move |at| *at == run.start || matches!(text[*at - 1], b'+' | b'-' | b'/'));
    places.filter(|at| is_number(&text[*at..]))
}

/// Whether a text begins with base64 of six decimal digits, as `{base64-digits}` in a rule's pattern has it.
fn is_number(text: &[u8]) -> bool {
    let is_quad = |quad: &[u8; 4]| {
        matches!(
            quad,
            [
                b'M'..=b'O',
                b'D' | b'T' | b'j' | b'z',
                b'A' | b'E' | b'I' | b'M' | b'Q' | b'U' | b'Y' | b'c' | b'g' | b'k',
                b'0'..=b'5' | b'w'..=b'z',
            ]
        )
    };
    text.first_chunk::<8>().is_some_and(|eight| eight.as_chunks().0.iter().all(is_quad))
}

/// Where the run ends that holds everything up to `at`.
pub fn end_of(text: &[u8], mut at: usize) -> usize {
    while let Some(block) = text[at..].first_chunk::<BLOCK>().filter(|block| is_run(**block)) {
        at += block.len();
    }
    text[at..].iter().position(|&byte| !is_member(byte)).map_or(text.len(), |place| at + place)
}

/// Written without branches, so that the compiler makes vector instructions of it.
#[inline]
fn is_run(block: [u8; BLOCK]) -> bool {
    block.into_iter().fold(0_u8, |outside, byte| outside | u8::from(!is_member(byte))) == 0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn runs(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        find(text.as_bytes(), &mut found, &mut Vec::new());
        found.into_iter().map(|run| &text[run.start..run.end]).collect()
    }

    #[test]
    fn every_run_is_found_at_every_offset() {
        let run = "abcdefghijklm+/-_0Z9xyz";
        assert_eq!(run.len(), SHORTEST);
        for offset in 0..40 {
            let text = format!("{}{run} {run}.", " ".repeat(offset));
            assert_eq!(runs(&text), [run, run], "offset {offset}");
        }
    }

    #[test]
    fn digits_in_base64_begin_a_run_or_stand_behind_a_sign_in_it() {
        let long = "MTIzNDU2Nzg5MDEyMzQ1Njc4";
        let text = format!("{long} x{long} x-{long}/{long} x_{long} MTIz MTIxZZZZZZZZZZZZZZZZZZZZ");
        let mut found = Vec::new();
        find(text.as_bytes(), &mut Vec::new(), &mut found);
        let places: Vec<usize> = text.match_indices(long).map(|(at, _)| at).collect();
        assert_eq!(found, [places[0], places[2], places[3]]);
    }

    #[test]
    fn words_are_no_runs() {
        assert_eq!(runs("the quick brown fox jumps over the lazy dog; and again, again, again."), Vec::<&str>::new());
    }

    proptest! {
        #[test]
        fn equals_the_naive_search(text in "[ab+ .]{0,90}", flips in proptest::collection::vec(0_usize..90, 0..4)) {
            let mut text = text.replace([' ', '.'], "c").into_bytes();
            for flip in flips {
                if let Some(byte) = text.get_mut(flip) {
                    *byte = b' ';
                }
            }
            let mut found = Vec::new();
            find(&text, &mut found, &mut Vec::new());
            let (mut naive, mut start) = (Vec::new(), 0);
            for part in text.split(|byte| *byte == b' ') {
                if part.len() >= SHORTEST {
                    naive.push(Span::new(start, start + part.len()));
                }
                start += part.len() + 1;
            }
            prop_assert_eq!(found, naive);
        }

        /// What a pattern's match holds, the text around it holds.
        #[test]
        fn a_match_stands_in_its_window(
            before in "([a-z]{23,30}\\.){0,3}[ab. ]{0,9}", run in "[a-z]{24,40}", after in "[ab. ]{0,9}(\\.[a-z]{23}){0,3}",
            least in 20_usize..30,
        ) {
            let text = format!("{before}.{run}.{after}");
            let mut runs = Vec::new();
            find(text.as_bytes(), &mut runs, &mut Vec::new());
            let start = before.len() + 1;
            let whole = Span::new(start, start + run.len());
            for near in 0..=runs.len() {
                prop_assert!(stands_in(&runs, near, whole, least) == (run.len() >= least || least < SHORTEST));
                prop_assert!(stands_in(&runs, near, Span::new(0, text.len()), run.len()));
                prop_assert!(!stands_in(&runs, near, Span::new(start + 1, text.len()), run.len()));
            }
        }
    }
}
