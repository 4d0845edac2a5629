//! String literals that a language joins: `"sk_" + "live_…"`, adjacent literals, `.` of PHP, `..` of Lua, `&` of Basic.

use super::constant::NAMES;
use super::join;
use super::map::Builder;
use super::{Layer, Mark, Trigger, line_start};
use crate::finding::Span;

/// Joins that one layer follows.
const JOINS: usize = 64;
/// Longest single literal, in bytes.
const LITERAL: usize = 1024;
/// What stands before the first literal on its line is kept, up to this many bytes.
const CONTEXT: usize = 128;
/// How far behind a keyword a literal may end for its continuation to matter.
const NEAR: usize = 120;
/// Longest stretch of white space between two literals.
const GAP: usize = 200;

/// Appends a layer for every joined literal that a mark points at.
pub fn find(text: &[u8], marks: &[Mark], layers: &mut Vec<Layer>) {
    let mut done = 0;
    for mark in marks {
        if mark.span.end <= done {
            continue;
        }
        let closing = match mark.trigger {
            Some(Trigger::Concat) => {
                mark.span.of(text).iter().position(|byte| is_quote(*byte)).map(|at| mark.span.start + at)
            }
            Some(_) => None,
            None => literal_end(text, mark.span.end, NEAR),
        };
        if let Some(closing) = closing
            && let Some(next) = joined(text, closing)
        {
            let (layer, end) = join(text, closing, next);
            layers.push(layer);
            done = end;
        }
    }
}

fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

/// The quote that ends the literal which `from` stands in.
fn literal_end(text: &[u8], from: usize, most: usize) -> Option<usize> {
    let part = &text[from..text.len().min(from + most)];
    memchr::memchr3(b'"', b'\'', b'\n', part).filter(|&at| part[at] != b'\n').map(|at| from + at)
}

/// Where the next literal's content begins, if the quote at `closing` is followed by a join and another literal.
fn joined(text: &[u8], closing: usize) -> Option<usize> {
    let (mut at, mut newline) = skip_space(text, closing + 1);
    let operator = join::operator_at(text, at);
    if let Some(operator) = operator {
        at += operator.len();
        // Basic ends a line that goes on with an underscore.
        if text[at..].starts_with(b" _") {
            at += 2;
        }
        let (next, more) = skip_space(text, at);
        (at, newline) = (next, newline || more);
    }
    if operator.is_none() && !newline {
        return None;
    }
    while text.get(at).is_some_and(|byte| matches!(byte, b'r' | b'b' | b'f' | b'u' | b'@' | b'L')) {
        at += 1;
    }
    text.get(at).is_some_and(|byte| *byte == text[closing]).then_some(at + 1)
}

fn skip_space(text: &[u8], from: usize) -> (usize, bool) {
    let rest = &text[from.min(text.len())..text.len().min(from + GAP)];
    let length = rest.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(rest.len());
    (from.min(text.len()) + length, rest[..length].contains(&b'\n'))
}

/// Follows the joins from the first literal's end on. Returns the layer and where it ends.
fn join(text: &[u8], first: usize, next: usize) -> (Layer, usize) {
    let mut builder = Builder::default();
    builder.copy(text, Span::new(line_start(text, first, CONTEXT), first));
    let mut start = next;
    for _ in 0..JOINS {
        let quote = text[first];
        let part = &text[start..text.len().min(start + LITERAL)];
        let Some(end) = memchr::memchr2(quote, b'\n', part).map(|at| start + at) else { break };
        builder.copy(text, Span::new(start, end));
        start = end;
        match (text[end] == quote).then(|| joined(text, end)).flatten() {
            Some(next) => start = next,
            None => break,
        }
    }
    builder.copy(text, Span::new(start, text.len().min(start + 1)));
    let (joined, map) = builder.finish();
    (Layer { names: NAMES, fresh: Span::new(0, joined.len()), text: joined, map }, start)
}
