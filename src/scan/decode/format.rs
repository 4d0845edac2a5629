//! Texts that a format string puts together: `"%s%s" % (A, B)`, `"{}{}".format(A, B)`, `sprintf("%s%s", A, B)`.

use super::join::{self, Joins, Piece};
use crate::finding::Span;

/// Functions whose first text is a format string.
const FUNCTIONS: [&[u8]; 5] = [b"format", b"sprintf", b"Sprintf", b"Format", b"snprintf"];
/// Methods of a format string, and the operator of Python and Ruby.
const METHODS: [&[u8]; 2] = [b".format(", b".formatted("];
/// Longest format string, in bytes.
const TEMPLATE: usize = 256;
/// Values that one format string takes.
const VALUES: usize = 16;
/// Buffers and sizes that C wants before the format string.
const BEFORE: usize = 2;

/// What comes of a text in quotes that is a format string by what stands behind it.
pub fn of_text(text: &[u8], template: Span) -> Option<Joins> {
    let at = join::skip_space(text, template.end + 1);
    let rest = &text[at..];
    match rest.first()? {
        b'.' => {
            let method = METHODS.iter().find(|method| rest.starts_with(method))?;
            put_together(text, template, at + method.len())
        }
        b'%' if rest.get(1) != Some(&b'=') => {
            let values = join::skip_space(text, at + 1);
            put_together(text, template, values + usize::from(matches!(text.get(values), Some(b'(' | b'['))))
        }
        _ => None,
    }
}

/// What comes of the call of a function that takes a format string. Rust's `format!` is left alone as its `concat!` is: tests
/// write keys in pieces with it on purpose.
pub fn of_call(text: &[u8], start: usize) -> Option<Joins> {
    let (name, end) = join::path(text, start)?;
    if !FUNCTIONS.contains(&name.of(text)) || text.get(end) != Some(&b'(') {
        return None;
    }
    let mut at = join::skip_space(text, end + 1);
    for _ in 0..=BEFORE {
        let comma = |end: usize| Some(join::skip_space(text, end)).filter(|at| text.get(*at) == Some(&b','));
        if let Some(template) = join::literal(text, at, TEMPLATE) {
            return put_together(text, template, comma(template.end + 1)? + 1);
        }
        let (_, end) = join::path(text, at)?;
        at = join::skip_space(text, comma(end)? + 1);
    }
    None
}

/// The pieces of a format string whose values begin at `at`.
fn put_together(text: &[u8], template: Span, at: usize) -> Option<Joins> {
    let parts = parts(text, template)?;
    let (values, end) = values(text, at)?;
    let piece = |part| match part {
        Part::Text(span) => Some(Piece::Text(span)),
        Part::Value(index) => values.get(index).copied(),
    };
    let pieces: Vec<Piece> = parts.into_iter().map(piece).collect::<Option<_>>()?;
    (pieces.len() > 1).then_some(Joins { pieces, end, is_formatted: true })
}

/// Whether what stands behind this may be a value of a format string that stands on the same line.
pub fn may_be_value(before: &[u8]) -> bool {
    let before = &before[memchr::memrchr(b'\n', before).map_or(0, |at| at + 1)..];
    let last = before.trim_ascii_end().last();
    matches!(last, Some(b'(' | b',' | b'%' | b'[' | b'"' | b'\''))
        && memchr::memchr2_iter(b'%', b'{', before).any(|at| hole(&before[at..], 0).is_some())
}

/// A part of a format string.
enum Part {
    Text(Span),
    /// The value of that number.
    Value(usize),
}

/// The parts of a format string; none where a value is written in any way but as it is.
fn parts(text: &[u8], template: Span) -> Option<Vec<Part>> {
    let (mut parts, mut from, mut at, mut count) = (Vec::new(), template.start, template.start, 0);
    while let Some(next) = memchr::memchr2(b'{', b'%', &text[at..template.end]).map(|next| at + next) {
        let (index, length) = hole(&text[next..template.end], count)?;
        if next > from {
            parts.push(Part::Text(Span::new(from, next)));
        }
        parts.push(Part::Value(index));
        count += 1;
        (from, at) = (next + length, next + length);
    }
    if from < template.end {
        parts.push(Part::Text(Span::new(from, template.end)));
    }
    (count > 0).then_some(parts)
}

/// The value that stands in for what a text begins with, and the length of that.
fn hole(text: &[u8], count: usize) -> Option<(usize, usize)> {
    match text {
        [b'%', b's' | b'v', ..] | [b'{', b'}', ..] => Some((count, 2)),
        [b'{', digit @ b'0'..=b'9', b'}', ..] => Some((usize::from(digit - b'0'), 3)),
        [b'%', digit @ b'1'..=b'9', b'$', b's', ..] => Some((usize::from(digit - b'1'), 4)),
        _ => None,
    }
}

/// The values from `at` on, and where they end.
fn values(text: &[u8], at: usize) -> Option<(Vec<Piece>, usize)> {
    let (mut values, mut at) = (Vec::new(), at);
    loop {
        at = join::skip_space(text, at);
        let (piece, end) = match join::literal(text, at, TEMPLATE) {
            Some(literal) => (Piece::Text(literal), literal.end + 1),
            None => join::path(text, at).map(|(name, end)| (Piece::Name(name), end))?,
        };
        values.push(piece);
        at = join::skip_space(text, end);
        if text.get(at) != Some(&b',') || values.len() == VALUES {
            // What is called, read from a list or computed, nobody knows here.
            let is_plain = matches!(text.get(at), None | Some(b')' | b']' | b'}' | b';'))
                || text.get(end..at).is_some_and(|gap| gap.contains(&b'\n'));
            return is_plain.then_some((values, end + usize::from(matches!(text.get(end), Some(b')' | b']')))));
        }
        at += 1;
    }
}
