//! Finds runs of the base64 alphabets, of which hexadecimal is a part.

use crate::finding::Span;

/// Bytes that are looked at together. A run of `2 * BLOCK - 1` bytes always covers a whole block.
const BLOCK: usize = 16;

/// Calls `each` with every run that covers a whole block of 16 bytes; shorter runs cannot hold both a key and its name.
pub fn find(text: &[u8], mut each: impl FnMut(Span) -> usize) {
    let mut at = 0;
    let mut done = 0;
    while let Some(block) = text.get(at..at + BLOCK) {
        let block: &[u8; BLOCK] = block.try_into().expect("its length is constant");
        if at < done || !is_run(block) {
            at += BLOCK;
            continue;
        }
        let start = text[done..at].iter().rposition(|&byte| !is_member(byte)).map_or(done, |place| done + place + 1);
        let end = run_end(text, at + BLOCK);
        done = each(Span::new(start, end)).max(end);
        at = done.next_multiple_of(BLOCK).max(at + BLOCK);
    }
}

/// Where the run ends that holds everything up to `at`.
pub fn run_end(text: &[u8], mut at: usize) -> usize {
    while let Some(block) = text.get(at..at + BLOCK) {
        let block: &[u8; BLOCK] = block.try_into().expect("its length is constant");
        if !is_run(block) {
            break;
        }
        at += BLOCK;
    }
    text[at..].iter().position(|&byte| !is_member(byte)).map_or(text.len(), |place| at + place)
}

/// Written without branches, so that the compiler makes vector instructions of it.
#[inline]
fn is_run(block: &[u8; BLOCK]) -> bool {
    block.iter().fold(0_u8, |outside, &byte| outside | u8::from(!is_member(byte))) == 0
}

/// Letters, digits, `+ / - _`.
#[inline]
pub fn is_member(byte: u8) -> bool {
    let letter = u8::from((byte | 0x20).wrapping_sub(b'a') < 26);
    let digit_or_slash = u8::from(byte.wrapping_sub(b'/') < 11);
    let other = u8::from(byte == b'+') | u8::from(byte == b'-') | u8::from(byte == b'_');
    letter | digit_or_slash | other != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        find(text.as_bytes(), |run| {
            found.push(&text[run.start..run.end]);
            run.end
        });
        found
    }

    #[test]
    fn every_run_of_31_is_found_at_every_offset() {
        let run = "abcdefghijklmnopqrstuvwxyz+/-_0";
        assert_eq!(run.len(), 31);
        for offset in 0..40 {
            let text = format!("{}{run} {run}.", " ".repeat(offset));
            assert_eq!(runs(&text), [run, run], "offset {offset}");
        }
    }

    #[test]
    fn words_are_no_runs() {
        assert_eq!(runs("the quick brown fox jumps over the lazy dog; and again, again, again."), Vec::<&str>::new());
    }
}
