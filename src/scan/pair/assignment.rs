//! Reading `name = value` in any of the ways that configuration and code write it.

use super::lexer::{self, at};
use super::path::Syntax;
use crate::finding::Span;

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writing {
    /// Between quotes.
    Quoted,
    /// As it is.
    Bare,
    /// Between the tags of an element.
    Element,
}

/// A literal value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value {
    /// The value without quotes.
    pub span: Span,
    /// How it is written.
    pub writing: Writing,
    /// One past everything that belongs to it.
    pub end: usize,
    /// Whether other words follow on its line.
    pub trailing: bool,
}

/// The literal that is assigned to the name at `name`; `unset` (an empty span) where it is assigned nothing.
pub fn value_of(text: &[u8], name: Span, syntax: Syntax) -> Option<Value> {
    if name.start > 0 && text[name.start - 1] == b'<' {
        return element(text, name);
    }
    let mut place = name.end;
    let quoted = closing_quote(text, &mut place);
    if at(text, place) == b']' {
        place += 1;
    }
    if at(text, place) == b'?' && at(text, place + 1) == b':' {
        place += 1;
    }
    let spaced = place;
    place = lexer::blanks(text, place);
    let operator = operator(text, place, quoted)?;
    place = lexer::blanks(text, place + operator.len());
    if operator == b":" && !quoted {
        place = skip_type(text, place);
    }
    if operator == b":" && at(text, place) == b'\n' {
        return None;
    }
    place = skip_wrapper(text, place);
    if let Some(literal) = lexer::literal(text, place) {
        let value = Value {
            span: literal.inner,
            writing: Writing::Quoted,
            end: literal.end,
            trailing: continues(text, literal.end),
        };
        return (!literal.interpolated).then_some(value);
    }
    let shell = operator == b"=" && spaced == name.end && place == name.end + 1;
    bare(text, place, syntax, shell)
}

/// Skips the closing quote of a quoted name, also an escaped one.
fn closing_quote(text: &[u8], place: &mut usize) -> bool {
    let escaped = usize::from(at(text, *place) == b'\\');
    if matches!(at(text, *place + escaped), b'"' | b'\'' | b'`') {
        *place += escaped + 1;
        return true;
    }
    false
}

fn operator(text: &[u8], place: usize, quoted: bool) -> Option<&'static [u8]> {
    let rest = &text[place.min(text.len())..];
    for operator in [b"=>".as_slice(), b":=", b"?=", b"="] {
        if rest.starts_with(operator) {
            return (!rest.starts_with(b"==") && !rest.starts_with(b"=~")).then_some(operator);
        }
    }
    if rest.starts_with(b"::") {
        return None;
    }
    match rest.first() {
        Some(b':') => Some(b":"),
        Some(b',') if quoted => Some(b","),
        _ => None,
    }
}

/// `: string = "x"`: the type between a name and its value.
fn skip_type(text: &[u8], place: usize) -> usize {
    let mut end = place;
    while end - place < 40
        && (at(text, end).is_ascii_alphanumeric() || b"_.&'<>[]?".contains(&at(text, end)))
        && at(text, end) != 0
    {
        end += 1;
    }
    let equals = lexer::blanks(text, end);
    if end > place && at(text, equals) == b'=' && !matches!(at(text, equals + 1), b'=' | b'>') {
        return lexer::blanks(text, equals + 1);
    }
    place
}

/// `String.from("x")`-like wrappers, `!!str "x"`, `&anchor "x"`.
fn skip_wrapper(text: &[u8], place: usize) -> usize {
    for wrapper in
        [b"SecretStr(".as_slice(), b"String::from(", b"new String(", b"!!str ", b"str(", b"(", b"@\"", b"Some("]
    {
        if lexer::starts_with(text, place, wrapper) {
            return place + wrapper.len() - usize::from(wrapper == b"@\"") * 2;
        }
    }
    place
}

/// Whether an expression goes on after a literal: then it is not the whole value.
fn continues(text: &[u8], end: usize) -> bool {
    matches!(at(text, lexer::blanks(text, end)), b'+' | b'.' | b'%' | b'?')
}

/// `<name …>value</name>` on one line.
fn element(text: &[u8], name: Span) -> Option<Value> {
    let end = lexer::line_end(text, name.end, 400);
    let close = text[name.end..end].iter().position(|&byte| byte == b'>')? + name.end;
    if text[close - 1] == b'/' {
        return None;
    }
    let start = close + 1;
    let stop = start + text[start..end.max(start)].iter().position(|&byte| byte == b'<')?;
    if !text[stop..].starts_with(b"</") {
        return None;
    }
    let mut span = Span::new(start, stop);
    while span.start < span.end && text[span.start].is_ascii_whitespace() {
        span.start += 1;
    }
    while span.end > span.start && text[span.end - 1].is_ascii_whitespace() {
        span.end -= 1;
    }
    let finish = text[stop..end].iter().position(|&byte| byte == b'>').map_or(stop, |place| stop + place + 1);
    Some(Value { span, writing: Writing::Element, end: finish, trailing: false })
}

/// A value without quotes: only configuration and shells write literals so.
fn bare(text: &[u8], start: usize, syntax: Syntax, shell: bool) -> Option<Value> {
    if syntax == Syntax::Code && !shell {
        return None;
    }
    let end = lexer::line_end(text, start, 600);
    let line = &text[start.min(end)..end];
    let stop = line
        .iter()
        .position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>'))
        .unwrap_or(line.len());
    let mut span = Span::new(start, start + stop);
    let follows = &line[stop..];
    let comment = follows.trim_ascii_start();
    let trailing = !(comment.is_empty()
        || comment.starts_with(b"#")
        || comment.starts_with(b"//")
        || comment.starts_with(b"\\")
        || is_assignment(comment));
    // What closes a list, an object, a sentence or a statement is not part of the value.
    while span.end > span.start && matches!(text[span.end - 1], b',' | b';') {
        span.end -= 1;
    }
    for (open, close) in [(b'{', b'}'), (b'(', b')'), (b'[', b']')] {
        while span.end > span.start && text[span.end - 1] == close && !span.of(text).contains(&open) {
            span.end -= 1;
        }
    }
    let value = span.of(text);
    let call = value.contains(&b'(') || value.ends_with(b":");
    let marked = matches!(value.first(), Some(b'!' | b'|' | b'>' | b'&' | b'*' | b'[' | b'{'))
        && syntax == Syntax::Yaml
        && value.len() < 8;
    let shells = shell && syntax == Syntax::Code && value.iter().any(|byte| matches!(byte, b'.' | b'[' | b'{'));
    (!call && !marked && !shells).then_some(Value { span, writing: Writing::Bare, end: start + stop, trailing })
}

/// Whether the next word on the line assigns something too, as in an inventory's lines.
fn is_assignment(rest: &[u8]) -> bool {
    let word = rest.split(u8::is_ascii_whitespace).next().unwrap_or_default();
    word.iter()
        .position(|&byte| byte == b'=')
        .is_some_and(|place| place > 1 && word[..place].iter().all(|byte| lexer::in_name(*byte)))
}

/// For a name that is itself a value — `{"key": "password", "value": "p"}`, `- name: DB_PASS` over `value: p` — the literal
/// of the `value` beside it.
pub fn named_value(text: &[u8], name: Span, syntax: Syntax) -> Option<Value> {
    const KEYS: &[&[u8]] = &[b"key", b"name", b"field", b"variable"];
    const REACH: usize = 240;
    let before = &text[name.start.saturating_sub(16)..name.start];
    let before = before.strip_suffix(b"\"").or_else(|| before.strip_suffix(b"'")).unwrap_or(before);
    let before = before.strip_suffix(b"\\").unwrap_or(before);
    let before = before.trim_ascii_end();
    let before = before.strip_suffix(b":").or_else(|| before.strip_suffix(b"="))?.trim_ascii_end();
    let before = before.strip_suffix(b"\"").or_else(|| before.strip_suffix(b"'")).unwrap_or(before);
    let before = before.strip_suffix(b"\\").unwrap_or(before);
    let is_key = KEYS.iter().any(|key| {
        before.len() >= key.len()
            && before[before.len() - key.len()..].eq_ignore_ascii_case(key)
            && before.len().checked_sub(key.len() + 1).is_none_or(|place| !lexer::in_name(before[place]))
    });
    if !is_key {
        return None;
    }
    let end = text.len().min(name.end + REACH);
    let after = &text[name.end..end];
    let stop = after.iter().position(|byte| matches!(byte, b'}' | b'{')).unwrap_or(after.len());
    let place = lexer::find(&after[..stop], b"value").map(|place| name.end + place)?;
    if KEYS[..2].iter().any(|key| {
        lexer::find(&text[name.end..place], key).is_some_and(|found| is_key_at(text, name.end + found, key.len()))
    }) {
        return None;
    }
    value_of(text, Span::new(place, place + 5), syntax)
}

/// Whether the word at `place` is followed by an operator: a key and not a word in a description.
fn is_key_at(text: &[u8], place: usize, length: usize) -> bool {
    let after = place + length + usize::from(matches!(at(text, place + length), b'"' | b'\''));
    matches!(at(text, lexer::blanks(text, after)), b':' | b'=')
}
