//! Runs: unbroken stretches of the characters that keys and their encodings are made of. They are found in one pass, before
//! anything else is known of a text, and tell where a long key can stand at all.

use regex_syntax::hir::{Class, Hir, HirKind};

use crate::finding::Span;

/// Bytes that are looked at together.
const BLOCK: usize = 8;
/// Every run of so many bytes is found: it covers two whole blocks wherever it begins.
pub const SHORTEST: usize = 3 * BLOCK - 1;

/// Blocks that are looked at together: a bit each.
const GROUP: usize = 8;

/// Appends every run of at least [`SHORTEST`] bytes, in order.
pub fn find(text: &[u8], runs: &mut Vec<Span>) {
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

/// Whether a run of `least` bytes stands in `window`; always where runs of that length are not all known.
pub fn stands_in(runs: &[Span], window: Span, least: usize) -> bool {
    if least < SHORTEST {
        return true;
    }
    let first = runs.partition_point(|run| run.end < window.start + least);
    let near = runs[first..].iter().take_while(|run| run.start + least <= window.end);
    near.into_iter().any(|run| run.end.min(window.end) - run.start.max(window.start) >= least)
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

/// Letters, digits, `+ / - _`.
#[inline]
pub fn is_member(byte: u8) -> bool {
    let letter = u8::from((byte | 0x20).wrapping_sub(b'a') < 26);
    let digit_or_slash = u8::from(byte.wrapping_sub(b'/') < 11);
    let other = u8::from(byte == b'+') | u8::from(byte == b'-') | u8::from(byte == b'_');
    letter | digit_or_slash | other != 0
}

/// The length of a run that every match of a pattern holds, in bytes.
pub fn least_in(hir: &Hir) -> usize {
    Stretch::of(hir).longest
}

/// What is sure about the runs in whatever a part of a pattern matches.
#[derive(Clone, Copy)]
struct Stretch {
    /// Whether it is nothing but a run.
    whole: bool,
    /// Length of the run that it begins with, of the one that it ends with, and of the longest.
    first: usize,
    last: usize,
    longest: usize,
}

impl Stretch {
    const NOTHING: Self = Self { whole: true, first: 0, last: 0, longest: 0 };
    const BREAK: Self = Self { whole: false, ..Self::NOTHING };

    fn of(hir: &Hir) -> Self {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Self::NOTHING,
            HirKind::Literal(literal) => {
                literal.0.iter().fold(Self::NOTHING, |sum, byte| sum.then(Self::one(is_member(*byte))))
            }
            HirKind::Class(class) => Self::one(is_of_members(class)),
            HirKind::Capture(capture) => Self::of(&capture.sub),
            HirKind::Concat(parts) => parts.iter().fold(Self::NOTHING, |sum, part| sum.then(Self::of(part))),
            HirKind::Alternation(parts) => parts.iter().map(Self::of).reduce(Self::or).unwrap_or(Self::NOTHING),
            HirKind::Repetition(repetition) => {
                let (once, min) = (Self::of(&repetition.sub), repetition.min as usize);
                if once.whole {
                    let length = once.longest.saturating_mul(min);
                    return Self { whole: true, first: length, last: length, longest: length };
                }
                if min == 0 { Self::BREAK } else { Self { whole: false, ..once } }
            }
        }
    }

    fn one(is_member: bool) -> Self {
        let length = usize::from(is_member);
        Self { whole: is_member, first: length, last: length, longest: length }
    }

    /// What is sure where `next` follows.
    fn then(self, next: Self) -> Self {
        Self {
            whole: self.whole && next.whole,
            first: if self.whole { self.first + next.first } else { self.first },
            last: if next.whole { self.last + next.last } else { next.last },
            longest: self.longest.max(next.longest).max(self.last + next.first),
        }
    }

    /// What is sure where it is one or the other.
    fn or(self, other: Self) -> Self {
        Self {
            whole: self.whole && other.whole,
            first: self.first.min(other.first),
            last: self.last.min(other.last),
            longest: self.longest.min(other.longest),
        }
    }
}

fn is_of_members(class: &Class) -> bool {
    match class {
        Class::Bytes(class) => class.iter().all(|range| (range.start()..=range.end()).all(is_member)),
        Class::Unicode(class) => class.iter().all(|range| {
            let ascii = u8::try_from(range.start()).ok().zip(u8::try_from(range.end()).ok());
            ascii.is_some_and(|(start, end)| end.is_ascii() && (start..=end).all(is_member))
        }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn runs(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        find(text.as_bytes(), &mut found);
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
    fn words_are_no_runs() {
        assert_eq!(runs("the quick brown fox jumps over the lazy dog; and again, again, again."), Vec::<&str>::new());
    }

    #[test]
    fn what_every_match_holds() {
        for (pattern, least) in [
            ("[0-9a-f]{40}", 40),
            (r"(?i:token)\s{0,3}=\s{0,3}(?P<secret>[A-Za-z0-9]{32,64})\b", 32),
            ("key_[a-z]{10}", 14),
            ("pat[A-Za-z0-9]{14}\\.[a-f0-9]{64}", 64),
            ("(?:[a-z]{30}|[0-9]{25}x)!", 26),
            ("(?:ab){12}", 24),
            ("(?:ab?){12}", 12),
            ("x{0,9}y", 1),
            ("a[^b]{30}", 1),
            ("(?:abc=){4}", 3),
            ("(?:abc=)?", 0),
            ("(?i)[a-z]{30}", 30),
        ] {
            let hir = crate::rule::syntax().build().parse(pattern).expect("the pattern is right");
            assert_eq!(least_in(&hir), least, "{pattern}");
        }
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
            find(&text, &mut found);
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
            before in "[ab. ]{0,9}", run in "[a-z]{24,40}", after in "[ab. ]{0,9}", least in 20_usize..30,
        ) {
            let text = format!("{before}.{run}.{after}");
            let mut runs = Vec::new();
            find(text.as_bytes(), &mut runs);
            let start = before.len() + 1;
            let whole = Span::new(start, start + run.len());
            prop_assert!(stands_in(&runs, whole, least) == (run.len() >= least || least < SHORTEST));
            prop_assert!(stands_in(&runs, Span::new(0, text.len()), run.len()));
            prop_assert!(!stands_in(&runs, Span::new(start + 1, text.len()), run.len()));
        }
    }
}
