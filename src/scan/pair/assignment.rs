//! Reading `name = value` in any of the ways that configuration and code write it.

use super::lexer::{self, Literal, at};
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
    /// Where everything that belongs to it begins: its name, or the bracket of the call that takes both.
    pub head: usize,
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
    if text[..name.start].ends_with(KEY_TAG) {
        return listed(text, name);
    }
    let mut place = name.end;
    let quoted = closing_quote(text, &mut place);
    if at(text, place) == b']' {
        place += 1;
    }
    if at(text, place) == b'?' && at(text, place + 1) == b':' {
        place += 1;
    }
    if syntax == Syntax::Prose && text[place.min(text.len())..].starts_with(b"**") {
        place += 2;
    }
    let spaced = place;
    place = lexer::blanks(text, place);
    let whole = quoted && name.start > 0 && matches!(text[name.start - 1], b'"' | b'\'' | b'`');
    let operator: &[u8] = match operator(text, place, whole) {
        Some(operator) => operator,
        None if at(text, name.end) == b'(' && setter(name.of(text)).is_some() => b"(",
        None => return without_operator(text, name, syntax),
    };
    place = lexer::blanks(text, place + operator.len());
    if operator == b":" && !quoted {
        place = skip_type(text, place);
    }
    if operator == b":" && at(text, place) == b'\n' {
        return None;
    }
    if syntax == Syntax::Prose && text[place.min(text.len())..].starts_with(b"**") {
        place = lexer::blanks(text, place + 2);
    }
    if syntax == Syntax::Yaml && matches!(at(text, place), b'|' | b'>') {
        return block(text, name, place);
    }
    place = skip_wrapper(text, place);
    if let Some(literal) = lexer::literal(text, place) {
        if matches!(operator, b"(" | b",") {
            return argument(text, name, literal, operator == b"(");
        }
        return of_literal(text, name, literal);
    }
    let shell = operator == b"=" && spaced == name.end && place == name.end + 1;
    if matches!(operator, b"(") { None } else { bare(text, name, place, syntax, shell) }
}

fn of_literal(text: &[u8], name: Span, literal: Literal) -> Option<Value> {
    let value = Value {
        span: literal.inner,
        writing: Writing::Quoted,
        head: name.start,
        end: literal.end,
        trailing: continues(text, literal.end),
    };
    (!literal.interpolated).then_some(value)
}

/// The last argument of a call: `setPassword("p")`, where the call bears the name, or `put("password", "p")`, where the name
/// is the argument before it.
fn argument(text: &[u8], name: Span, literal: Literal, setter: bool) -> Option<Value> {
    /// A bracket, a blank and a quote.
    const NEAR: usize = 3;
    let close = lexer::white(text, literal.end);
    if at(text, close) != b')' {
        return if setter { None } else { of_literal(text, name, literal) };
    }
    let before = name.start.saturating_sub(NEAR);
    let open = text[before..name.start].iter().rposition(|byte| !matches!(byte, b'"' | b'\'' | b'`' | b' '));
    let open = open.map(|open| before + open).filter(|&open| text[open] == b'(');
    let head = if setter { name.start } else { open.unwrap_or(name.start) };
    let end = if setter || open.is_some() { close + 1 } else { literal.end };
    let value = Value { span: literal.inner, writing: Writing::Quoted, head, end, trailing: false };
    (!literal.interpolated).then_some(value)
}

/// The name of a setter without its verb: `Password` of `source.setPassword`, `password` of `builder.password`.
pub fn setter(name: &[u8]) -> Option<&[u8]> {
    let dot = name.iter().rposition(|&byte| byte == b'.');
    let last = &name[dot.map_or(0, |dot| dot + 1)..];
    let verb = [b"set".as_slice(), b"with"].into_iter().find_map(|verb| last.strip_prefix(verb));
    let bare = verb.filter(|rest| rest.first().is_some_and(u8::is_ascii_uppercase));
    bare.or_else(|| dot.map(|_| last))
}

/// A value after its name without an operator: `username 'u'` of build scripts, `ENV NAME u`, `set -x NAME u`.
fn without_operator(text: &[u8], name: Span, syntax: Syntax) -> Option<Value> {
    const VERBS: &[&[u8]] = &[b"ENV", b"set -x", b"set -gx", b"set -Ux", b"setenv"];
    let before = text[lexer::line_start(text, name.start, 200)..name.start].trim_ascii();
    let place = lexer::blanks(text, name.end);
    let verb = VERBS.contains(&before);
    if place == name.end || !(verb || (before.is_empty() && syntax == Syntax::Code)) {
        return None;
    }
    match lexer::literal(text, place) {
        Some(literal) => of_literal(text, name, literal),
        None if verb => bare(text, name, place, Syntax::Config, false),
        None => None,
    }
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

/// A comma counts after a name that is a whole literal: `("password", "p")`.
fn operator(text: &[u8], place: usize, whole: bool) -> Option<&'static [u8]> {
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
        Some(b',') if whole => Some(b","),
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

const KEY_TAG: &[u8] = b"<key>";

/// What announces a pass among the keys of a property list besides the names that announce it anywhere.
pub const LISTED_KEYWORDS: &[&str] = &["pass</"];

/// `<key>name</key> <string>value</string>` of property lists.
fn listed(text: &[u8], name: Span) -> Option<Value> {
    const CLOSE: &[u8] = b"</key>";
    const STRING: &[u8] = b"string";
    let rest = text.get(name.end..)?;
    let open = lexer::white(text, name.end + rest.starts_with(CLOSE).then_some(CLOSE.len())?);
    let tag = Span::new(open + 1, open + 1 + STRING.len());
    let named = at(text, open) == b'<' && text.get(tag.start..tag.end) == Some(STRING);
    let value = named.then(|| element(text, tag)).flatten()?;
    Some(Value { head: name.start - KEY_TAG.len(), ..value })
}

/// `name: >-` or `name: |` over one indented line.
fn block(text: &[u8], name: Span, place: usize) -> Option<Value> {
    const LONGEST: usize = 400;
    let header = lexer::line_end(text, place, 16);
    let marks = text[place + 1..header].trim_ascii_end();
    if !marks.iter().all(|byte| matches!(byte, b'-' | b'+' | b'0'..=b'9')) {
        return None;
    }
    let indent = |line: usize| text[line..].iter().take(LONGEST).take_while(|byte| **byte == b' ').count();
    let next = |end: usize| end + text[end..].iter().take(2).position(|byte| *byte == b'\n').map_or(2, |at| at + 1);
    let line = next(header).min(text.len());
    let own = indent(lexer::line_start(text, name.start, LONGEST));
    let end = lexer::line_end(text, line, LONGEST);
    let start = (line + indent(line)).min(end);
    let deeper = start - line > own && start < end;
    // A second line makes it a text.
    let after = next(end).min(text.len());
    let second = lexer::line_end(text, after, LONGEST);
    let ends = after >= text.len() || text[after..second].trim_ascii().is_empty() || indent(after) < start - line;
    let value = Value { span: Span::new(start, end), writing: Writing::Bare, head: name.start, end, trailing: false };
    (deeper && ends).then_some(value)
}

/// `${NAME:default}` of Spring, `${NAME:-default}` of shells: what counts where nobody sets the name. A default that is itself
/// filled in is none.
pub fn default_of(text: &[u8], span: Span) -> Option<Span> {
    let inner = span.of(text).strip_prefix(b"${")?.strip_suffix(b"}")?;
    let colon = inner.iter().position(|byte| *byte == b':')?;
    let named = colon > 0 && inner[..colon].iter().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(byte));
    let start = match inner.get(colon + 1)? {
        b'-' | b'=' => colon + 2,
        b'?' | b'+' => return None,
        _ => colon + 1,
    };
    let value = &inner[start..];
    let from = span.start + 2 + start;
    (named && !value.is_empty() && !value.contains(&b'$')).then(|| Span::new(from, from + value.len()))
}

const CDATA: &[u8] = b"<![CDATA[";

/// `<name …>value</name>` on one line; the value may be marked as character data.
fn element(text: &[u8], name: Span) -> Option<Value> {
    let end = lexer::line_end(text, name.end, 400);
    let close = text[name.end..end].iter().position(|&byte| byte == b'>')? + name.end;
    if text[close - 1] == b'/' {
        return None;
    }
    let mut start = close + 1;
    let verbatim = text[start..end.max(start)].starts_with(CDATA);
    if verbatim {
        start += CDATA.len();
    }
    let mut stop =
        start + text[start..end.max(start)].iter().position(|&byte| byte == if verbatim { b']' } else { b'<' })?;
    let inner = stop;
    if verbatim && text[stop..].starts_with(b"]]>") {
        stop += b"]]>".len();
    }
    if !text[stop..].starts_with(b"</") {
        return None;
    }
    let mut span = Span::new(start, inner);
    while span.start < span.end && text[span.start].is_ascii_whitespace() {
        span.start += 1;
    }
    while span.end > span.start && text[span.end - 1].is_ascii_whitespace() {
        span.end -= 1;
    }
    let finish = text[stop..end].iter().position(|&byte| byte == b'>').map_or(stop, |place| stop + place + 1);
    Some(Value { span, writing: Writing::Element, head: name.start, end: finish, trailing: false })
}

/// A value without quotes: only configuration and shells write literals so.
fn bare(text: &[u8], name: Span, start: usize, syntax: Syntax, shell: bool) -> Option<Value> {
    if syntax == Syntax::Code && !shell {
        return None;
    }
    let end = lexer::line_end(text, start, 600);
    let line = &text[start.min(end)..end];
    let stop = line
        .iter()
        .position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>'))
        .unwrap_or(line.len());
    let next = shell.then(|| next_field(&line[..stop])).flatten();
    let stop = next.unwrap_or(stop);
    let mut span = Span::new(start, start + stop);
    let follows = &line[stop..];
    let comment = follows.trim_ascii_start();
    let trailing = !(comment.is_empty()
        || next.is_some()
        || comment.starts_with(b"#")
        || comment.starts_with(b"//")
        || comment.starts_with(b"\\")
        || is_assignment(comment)
        // A variable that is set for one command of a shell.
        || (shell && name.of(text).iter().all(|byte| byte.is_ascii_uppercase() || matches!(byte, b'_' | b'0'..=b'9')))
        || (syntax == Syntax::Yaml && ends_in_flow(&line[..stop], comment)));
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
    let value = Value { span, writing: Writing::Bare, head: name.start, end: start + stop, trailing };
    (!call && !marked && !shells).then_some(value)
}

/// Where the next field of a form begins, behind a value of the one before: `user=u&password=p`.
fn next_field(value: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'&', value).find(|sign| {
        let rest = &value[sign + 1..];
        let rest = rest.strip_prefix(b"amp;").unwrap_or(rest);
        let name = rest.iter().take_while(|byte| lexer::in_name(**byte)).count();
        name > 0 && rest.get(name) == Some(&b'=')
    })
}

/// Whether the value ends inside `{ user: u, password: p }`: at a comma before the next key, or before the closing brace.
fn ends_in_flow(value: &[u8], rest: &[u8]) -> bool {
    let word = rest.split(u8::is_ascii_whitespace).next().unwrap_or_default();
    rest.starts_with(b"}") || (value.ends_with(b",") && word.ends_with(b":"))
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
    let Some(place) = lexer::find(&after[..stop], b"value").map(|place| name.end + place) else {
        // The value may stand first in the braces of the object.
        let from = text[..name.start].len().saturating_sub(REACH);
        let open = text[from..name.start].iter().rposition(|&byte| matches!(byte, b'{' | b'}'))?;
        let inside = from + open + 1;
        let place = inside + lexer::find(&text[inside..name.start], b"\"value\"")? + 1;
        return (text[from + open] == b'{').then(|| value_of(text, Span::new(place, place + 5), syntax)).flatten();
    };
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
