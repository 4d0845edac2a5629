//! String literals that a language joins: `"sk_" + "live_…"`, adjacent literals, `.` of PHP, `..` of Lua, `&` of Basic, `||`
//! of SQL, and lists that are joined with nothing between.

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
        // What announces no certain kind of key stands beside other literals in all sorts of lists.
        let joint = if mark.trigger.is_none() && !mark.is_general { Joint::Beside } else { Joint::Operator };
        if let Some(closing) = closing
            && let Some((next, joint)) = first_next(text, closing, joint)
        {
            let (layer, end) = join(text, closing, next, joint);
            layers.push(layer);
            done = end;
        }
    }
}

/// What tells that two literals are one text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Joint {
    /// An operator, or the end of a line.
    Operator,
    /// That, or that nothing stands between them.
    Beside,
    /// Their list, whose items are joined.
    List,
}

/// Where the literal behind the first one begins, and what joins them.
fn first_next(text: &[u8], closing: usize, joint: Joint) -> Option<(usize, Joint)> {
    let listed = || is_joined_list(text, closing).then(|| following(text, closing, Joint::List)).flatten();
    match following(text, closing, joint) {
        Some(next) => Some((next, joint)),
        None => listed().map(|next| (next, Joint::List)),
    }
}

fn following(text: &[u8], closing: usize, joint: Joint) -> Option<usize> {
    match joint {
        Joint::Operator => joined(text, closing),
        Joint::Beside => joined(text, closing).or_else(|| beside(text, closing)),
        Joint::List => in_list(text, closing),
    }
}

/// The next literal on the line, if blanks alone stand before it and the first is no argument of a command; in a shell quotes
/// of two kinds may touch each other.
fn beside(text: &[u8], closing: usize) -> Option<usize> {
    let rest = &text[closing + 1..text.len().min(closing + 1 + GAP)];
    let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let next = *rest.get(blanks)?;
    let goes_on = if blanks == 0 {
        is_quote(next) && next != text[closing]
    } else {
        next == text[closing] && is_operand(text, closing)
    };
    let start = closing + blanks + 2;
    (goes_on && is_piece(text, start, next)).then_some(start)
}

/// Whether nothing but what keys are made of stands up to the quote: else quotes in quotes are joined over and over.
fn is_piece(text: &[u8], start: usize, quote: u8) -> bool {
    let rest = &text[start..text.len().min(start + LITERAL)];
    let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"_+/=.-~".contains(byte)).count();
    length > 0 && rest.get(length) == Some(&quote)
}

/// Whether the literal that ends at `closing` stands where an expression of a language may: behind an operator, a bracket
/// or another literal.
fn is_operand(text: &[u8], closing: usize) -> bool {
    let before = opening(text, closing).map(|open| text[open.saturating_sub(GAP)..open].trim_ascii_end());
    before
        .and_then(<[u8]>::last)
        .is_some_and(|byte| matches!(byte, b'=' | b'(' | b'[' | b'{' | b',') || is_quote(*byte))
}

/// The quote on the line that opens the literal which ends at `closing`.
fn opening(text: &[u8], closing: usize) -> Option<usize> {
    let floor = closing.saturating_sub(LITERAL);
    memchr::memrchr2(text[closing], b'\n', &text[floor..closing])
        .map(|at| floor + at)
        .filter(|open| text[*open] == text[closing])
}

fn in_list(text: &[u8], closing: usize) -> Option<usize> {
    let (at, _) = skip_space(text, closing + 1);
    let (at, _) = skip_space(text, at + usize::from(text.get(at) == Some(&b',')));
    (text.get(at) == Some(&text[closing])).then_some(at + 1)
}

/// Whether the literal is the first of a list whose items are joined with nothing between.
fn is_joined_list(text: &[u8], closing: usize) -> bool {
    let Some(open) = in_list(text, closing).and_then(|_| opening(text, closing)) else { return false };
    let before = text[open.saturating_sub(GAP)..open].trim_ascii_end();
    let starts: [&[u8]; 6] = [b"CONCAT(", b"\"\".join([", b"''.join([", b"\"\".join((", b"''.join((", b"join(\"\", ["];
    if starts.iter().any(|start| before.ends_with(start)) {
        return true;
    }
    let ends = |at: usize| [&b"].join(\"\")"[..], b"].join('')"].iter().any(|end| text[at..].starts_with(end));
    before.ends_with(b"[") && list_end(text, closing).is_some_and(|end| ends(skip_space(text, end + 1).0))
}

/// The quote that ends the last literal of a list.
fn list_end(text: &[u8], first: usize) -> Option<usize> {
    let mut end = first;
    for _ in 0..JOINS {
        let Some(next) = in_list(text, end) else { return Some(end) };
        let part = &text[next..text.len().min(next + LITERAL)];
        end = next + memchr::memchr2(text[first], b'\n', part).filter(|at| part[*at] == text[first])?;
    }
    None
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
    let of_sql = || text[at..].starts_with(b"||").then_some(&b"||"[..]);
    let operator = join::operator_at(text, at).or_else(of_sql);
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
fn join(text: &[u8], first: usize, next: usize, joint: Joint) -> (Layer, usize) {
    let mut builder = Builder::default();
    builder.copy(text, Span::new(line_start(text, first, CONTEXT), first));
    let mut start = next;
    for _ in 0..JOINS {
        let quote = text[start - 1];
        let part = &text[start..text.len().min(start + LITERAL)];
        let Some(end) = memchr::memchr2(quote, b'\n', part).map(|at| start + at) else { break };
        builder.copy(text, Span::new(start, end));
        start = end;
        match (text[end] == quote).then(|| following(text, end, joint)).flatten() {
            Some(next) => start = next,
            None => break,
        }
    }
    builder.copy(text, Span::new(start, text.len().min(start + 1)));
    let (joined, map) = builder.finish();
    (Layer { names: NAMES, fresh: Span::new(0, joined.len()), text: joined, map }, start)
}
