//! Base32 runs that hold text.

use super::base64::{next_line, with_context};
use super::map::Builder;
use super::{Found, line_start, printable_prefix};
use crate::finding::Span;

/// Shortest run that is looked at: shorter ones are names, numbers and seeds.
const SHORTEST: usize = 48;
/// What stands before a run on its line is kept, up to this many bytes.
const CONTEXT: usize = 64;
/// Letters and bytes of a group.
const LETTERS: usize = 8;
const BYTES: usize = 5;

/// Adds a layer if the run holds text from its beginning to its end, over line ends. Returns where what was read ends.
pub fn consider(text: &[u8], span: Span, found: &mut Found) -> usize {
    if span.len() < SHORTEST || !is_base32(span.of(text)) {
        return span.end;
    }
    let (mut places, mut line) = (Vec::new(), span);
    loop {
        places.extend(line.start..line.end);
        match next_line(text, line, span).filter(|next| is_base32(next.of(text))) {
            Some(next) => line = next,
            None => break,
        }
    }
    let mut builder = Builder::default();
    for group in places.chunks(LETTERS) {
        let bits = group.iter().fold(0_u64, |bits, at| bits << 5 | u64::from(quintet(text[*at])));
        let bits = bits << (5 * (LETTERS - group.len()));
        let bytes = group.len() * BYTES / LETTERS;
        builder.put(&bits.to_be_bytes()[3..3 + bytes], Span::new(group[0], group[group.len() - 1] + 1));
        // Most runs end here: they are no text.
        if builder.text.iter().rev().take(bytes).any(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace()) {
            return span.end;
        }
    }
    if printable_prefix(&builder.text) < builder.text.len() {
        return span.end;
    }
    let before = Span::new(line_start(text, span.start, CONTEXT), span.start);
    found.texts.push(with_context(text, before, line.end, &["base32"], builder));
    line.end
}

fn is_base32(run: &[u8]) -> bool {
    run.iter().all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7'))
}

fn quintet(letter: u8) -> u8 {
    if letter.is_ascii_digit() { letter - b'2' + 26 } else { letter - b'A' }
}
