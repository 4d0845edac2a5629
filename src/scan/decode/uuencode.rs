//! uuencoded files, as old mails and shell archives carry them: `begin 644 name`, lines that state their length, `end`.

use super::base64::with_context;
use super::map::Builder;
use super::{Found, Mark, Trigger, line_end, packed, printable_prefix};
use crate::finding::Span;

/// What begins such a file: the modes that files are made with.
pub const STARTS: [&str; 6] = ["begin 60", "begin 64", "begin 66", "begin 70", "begin 75", "begin 77"];
/// Longest first line.
const FIRST: usize = 512;
/// Longest line of content.
const LINE: usize = 128;
/// Shortest text that is worth a look.
const SHORTEST: usize = 12;

/// Appends a layer for every file that a mark announces.
pub fn find(text: &[u8], marks: &[Mark], found: &mut Found) {
    let mut done = 0;
    for mark in marks.iter().filter(|mark| mark.trigger == Some(Trigger::Uuencode)) {
        let start = mark.span.start;
        let begins_line = start == 0 || text[start - 1] == b'\n';
        if start < done || !begins_line || !text[mark.span.end..].first().is_some_and(u8::is_ascii_digit) {
            continue;
        }
        let from = line_end(text, start, FIRST) + 1;
        let (builder, end) = decode(text, from);
        done = end.max(mark.span.end);
        let length = printable_prefix(&builder.text);
        let place = (Span::new(from.min(end), from.min(end)), end);
        if packed::is_packed(&builder.text) {
            found.packed.push(with_context(text, place.0, place.1, &["uuencode"], builder));
        } else if length >= SHORTEST {
            let mut builder = builder;
            builder.text.truncate(length);
            found.texts.push(with_context(text, place.0, place.1, &["uuencode"], builder));
        }
    }
}

/// The content of the lines from `at` on, and where they end.
fn decode(text: &[u8], mut at: usize) -> (Builder, usize) {
    let mut builder = Builder::default();
    while at < text.len() {
        let end = line_end(text, at, LINE);
        let line = Span::new(at, end - usize::from(text[at..end].ends_with(b"\r")));
        let Some(length) = text[at..].first().and_then(|first| sextet(*first)).filter(|length| *length > 0) else {
            break;
        };
        // Blanks at the end of a line may be lost.
        let letters = line.len().saturating_sub(1);
        let wanted = usize::from(length).div_ceil(3) * 4;
        if letters + 4 < wanted || letters > wanted + 2 || text.get(end) != Some(&b'\n') {
            break;
        }
        if !put_line(text, Span::new(line.start + 1, line.end), length.into(), &mut builder) {
            break;
        }
        at = end + 1;
    }
    (builder, at.min(text.len()))
}

/// Adds what a line holds; whether it is made of nothing but its alphabet.
fn put_line(text: &[u8], letters: Span, length: usize, builder: &mut Builder) -> bool {
    for (index, from) in (0..length).step_by(3).enumerate() {
        let group = letters.start + 4 * index;
        let mut bits = 0_u32;
        for offset in 0..4 {
            let at = group + offset;
            let letter = if at < letters.end { text[at] } else { b' ' };
            let Some(value) = sextet(letter) else { return false };
            bits = bits << 6 | u32::from(value);
        }
        let count = (length - from).min(3);
        let end = (group + 4).min(letters.end).max(group);
        builder.put(&bits.to_be_bytes()[1..=count], Span::new(group.min(end), end));
    }
    true
}

fn sextet(letter: u8) -> Option<u8> {
    matches!(letter, b' '..=b'`').then(|| (letter - b' ') & 63)
}
