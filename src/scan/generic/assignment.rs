//! From a name to the literal that belongs to it, in the ways that programming languages, configuration, markup, queries
//! and command lines write it. Every step is bounded.

use super::apart;
use super::bare::{self, Form};
use super::syntax::Syntax;
use crate::finding::Span;

/// Longest name, and longest value.
const LONGEST_NAME: usize = 80;
pub(super) const LONGEST_VALUE: usize = 4096;

/// How a value belongs to its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bond {
    /// `name = "value"` and its like.
    Quoted,
    /// A bare word after `=` or `:`.
    Bare,
    /// The text of an element, or the `value` beside a `name`.
    Markup,
    /// The first literal inside a call: `setPassword("x")`, `token = wrap("x")`.
    Call,
    /// `==`, `!=`: the name is compared with it.
    Compared,
    /// `--password value`, `password 'value'`.
    Option,
    /// `token 9f8e…`: a word and a value in a text, with nothing between them.
    Spoken,
}

/// A name and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The name.
    pub name: Span,
    /// The value without quotes.
    pub value: Span,
    /// How they belong together.
    pub bond: Bond,
    /// Whether an expression goes on behind a quoted value.
    pub continued: bool,
}

pub(super) fn at(text: &[u8], place: usize) -> u8 {
    text.get(place).copied().unwrap_or(0)
}

fn in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// The name around a keyword, without the objects it is reached through.
pub fn name_around(text: &[u8], hit: Span) -> Option<Span> {
    let mut start = hit.start;
    while start > 0 && in_name(text[start - 1]) {
        start -= 1;
        if hit.start - start > LONGEST_NAME {
            return None;
        }
    }
    let mut end = hit.start;
    while end < text.len() && in_name(text[end]) {
        end += 1;
        if end - hit.start > LONGEST_NAME {
            return None;
        }
    }
    while end > start && matches!(text[end - 1], b'.' | b'-') {
        end -= 1;
    }
    while start < end && matches!(text[start], b'.') {
        start += 1;
    }
    (start < end).then_some(Span::new(start, end))
}

pub(super) fn blanks(text: &[u8], from: usize, lines: bool) -> usize {
    let mut place = from;
    while place - from < 40
        && (matches!(at(text, place), b' ' | b'\t') || (lines && matches!(at(text, place), b'\n' | b'\r')))
    {
        place += 1;
    }
    place
}

/// The value of the name, if a literal follows it.
pub fn read(text: &[u8], name: Span, syntax: Syntax) -> Option<Assignment> {
    if is_tag(text, name)
        && let Some(found) = element(text, name)
    {
        return Some(found);
    }
    if let Some(found) = apart::beneath(text, name).or_else(|| apart::ahead(text, name)) {
        return Some(found);
    }
    let (mut place, quoted) = close_name(text, name.end);
    if quoted && let Some(found) = apart::named(text, name, place) {
        return Some(found);
    }
    while matches!(at(text, place), b']' | b')' | b'?' | b'!' | b'*' | b'}')
        && place - name.end < 6
        && at(text, place + 1) != b'='
    {
        place += 1;
    }
    if at(text, place) == b'[' && at(text, place + 1) == b']' {
        place += 2;
    }
    let spaced = skip_bare_type(text, blanks(text, place, false));
    // `sign(body, 'key') => 'digest'`: what a call with the name gives.
    if quoted && at(text, place - 1) == b')' && text[spaced..].starts_with(b"=>") {
        return None;
    }
    let before = text[..name.start.saturating_sub(1)].trim_ascii_end();
    // `new Object[]{"passDATA", "saltKEY"}` is a list.
    let list = before.strip_suffix(b"{").is_some_and(|before| before.trim_ascii_end().ends_with(b"[]"));
    let called = matches!(before.last(), Some(b'(' | b'{')) && !list || is_build_field(before);
    let tuple = place == name.end && is_first_of_tuple(&text[..name.start]);
    let Some(operator) = operator(text, spaced, quoted || tuple, called || tuple) else {
        return apart::declared(text, name, spaced, quoted)
            .or_else(|| apart::option(text, name, spaced))
            .or_else(|| apart::spoken(text, name, place));
    };
    let tight = spaced == name.end && operator.length == 1 && !matches!(at(text, spaced + 1), b' ' | b'\t');
    let from = blanks(text, spaced + operator.length, operator.bond == Bond::Call || quoted || syntax == Syntax::Code);
    literal(text, name, from, operator.bond).or_else(|| {
        if text[spaced] == b'|' {
            return apart::cell(text, name, spaced + 1);
        }
        if operator.bond != Bond::Quoted {
            return None;
        }
        let from = blanks(text, spaced + operator.length, false);
        bare::read(text, name, from, &Form { syntax, tight, quoted, colon: operator.colon })
    })
}

/// `buildConfigField "String", "API_KEY", "\"x\""`: Gradle names a constant between its type and its value.
fn is_build_field(before: &[u8]) -> bool {
    let line = &before[before.len().saturating_sub(60)..];
    before.ends_with(b",") && (contains(line, b"buildConfigField") || contains(line, b"resValue"))
}

/// `{api_token, "x"}`, `{:api_token, "x"}`: Erlang and Elixir pair a name and its value.
fn is_first_of_tuple(before: &[u8]) -> bool {
    before.ends_with(b"{") || before.ends_with(b"{:")
}

/// Whether the name opens an element: `<name`, `<ns:name`.
fn is_tag(text: &[u8], name: Span) -> bool {
    let Some(before) = name.start.checked_sub(1).map(|place| text[place]) else { return false };
    if before != b':' {
        return before == b'<';
    }
    let prefix = text[..name.start - 1].iter().rev().take(20).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    prefix > 0 && name.start >= 2 + prefix && text[name.start - 2 - prefix] == b'<'
}

/// Skips the closing quote of a quoted name, also an escaped one.
pub(super) fn close_name(text: &[u8], place: usize) -> (usize, bool) {
    let slashes = text[place.min(text.len())..].iter().take(3).take_while(|byte| **byte == b'\\').count();
    if matches!(at(text, place + slashes), b'"' | b'\'' | b'`') {
        return (place + slashes + 1, true);
    }
    if let Some(entity) = entity(text, place) {
        return (place + entity.len(), true);
    }
    (place, false)
}

/// A quote as markup writes it.
fn entity(text: &[u8], place: usize) -> Option<&'static [u8]> {
    const QUOTES: &[&[u8]] = &[b"&quot;", b"&#34;", b"&#39;", b"&apos;"];
    if at(text, place) != b'&' {
        return None;
    }
    QUOTES.iter().find(|entity| text[place.min(text.len())..].starts_with(entity)).copied()
}

struct Operator {
    length: usize,
    bond: Bond,
    colon: bool,
}

fn operator(text: &[u8], place: usize, quoted: bool, called: bool) -> Option<Operator> {
    const TABLE: &[(&[u8], Bond)] = &[
        (b"===", Bond::Compared),
        (b"!==", Bond::Compared),
        (b"==", Bond::Compared),
        (b"!=", Bond::Compared),
        (b"=>", Bond::Quoted),
        (b":=", Bond::Quoted),
        (b"?=", Bond::Quoted),
        (b"+=", Bond::Quoted),
        (b"||=", Bond::Quoted),
        (b"??=", Bond::Quoted),
        (b".=", Bond::Quoted),
        (b"=~", Bond::Call),
        (b"->", Bond::Call),
        (b"=", Bond::Quoted),
        (b":", Bond::Quoted),
        (b"(", Bond::Call),
        (b"|", Bond::Call),
    ];
    let rest = &text[place.min(text.len())..];
    if !rest.first().is_some_and(|first| b"=!:?+|.-({,".contains(first)) {
        return None;
    }
    // `name{"x"}` initialises in C++, `name:: "x"` hides a field in Jsonnet.
    if rest.starts_with(b"{\"") {
        return Some(Operator { length: 1, bond: Bond::Call, colon: false });
    }
    if rest.starts_with(b":: \"") || rest.starts_with(b":: '") {
        return Some(Operator { length: 2, bond: Bond::Quoted, colon: false });
    }
    // `::=` and `:::=` are make's; two colons alone reach into a type.
    if rest.starts_with(b"::") {
        let length = rest.iter().take_while(|byte| **byte == b':').count() + 1;
        return (length < 5 && rest.get(length - 1) == Some(&b'=')).then_some(Operator {
            length,
            bond: Bond::Quoted,
            colon: false,
        });
    }
    for (sign, bond) in TABLE {
        if sign[0] == rest[0] && rest.starts_with(sign) {
            return Some(Operator { length: sign.len(), bond: *bond, colon: *sign == b":" });
        }
    }
    // Of a list of words no word is the value of the one before; arguments may be, on the next line too.
    let argument = quoted && rest.starts_with(b",");
    (argument && called).then_some(Operator { length: 1, bond: Bond::Call, colon: false })
}

/// A quoted literal at `from`, behind a type or inside a call.
fn literal(text: &[u8], name: Span, from: usize, bond: Bond) -> Option<Assignment> {
    let from = skip_conversion(text, skip_type(text, from));
    if let Some((value, end)) = quoted(text, from) {
        let after = blanks(text, end, false);
        let continued = matches!(at(text, after), b'+' | b'%' | b'?')
            || (at(text, after) == b'.' && at(text, after + 1) != b't' && at(text, after + 1) != b'e');
        return Some(Assignment { name, value, bond, continued });
    }
    // A call, a list, or a fallback behind a look-up: `wrap("x")`, `["x"`, `ENV["X"] || "x"`.
    let end = from
        + text[from.min(text.len())..]
            .iter()
            .take(60)
            .take_while(|byte| in_name(**byte) || matches!(byte, b':' | b'&' | b'<' | b'>' | b' ' | b'$'))
            .count();
    if end > from && (at(text, end - 1) == b':' && at(text, end) == b'"') {
        return None;
    }
    // `table["x"]` is a look-up, `["x"]` a list.
    let opens = matches!(at(text, end), b'(')
        || (matches!(at(text, end), b'[' | b'{') && (end == from || contains(&text[from..end], b"env")));
    if !opens {
        return alternative(text, name, end);
    }
    // Formatters break a long literal off into its own line.
    let inner = blanks(text, end + 1, end == from);
    let callee = &text[from..end];
    let looked_up = [
        b"env".as_slice(),
        b"getproperty",
        b"config",
        b"get",
        b"fetch",
        b"param",
        b"lookup",
        b"arg",
        b"option",
        b"setting",
    ]
    .iter()
    .any(|part| contains(callee, part));
    if looked_up || callee.contains(&b' ') && !callee.starts_with(b"new ") {
        return fallback(text, name, inner);
    }
    let (value, close) = quoted(text, inner)?;
    // `{ "Fn::GetAtt": [`: a key of an object, not its value.
    if at(text, end) == b'{' && at(text, blanks(text, close, false)) == b':' {
        return None;
    }
    let bond = if matches!(bond, Bond::Quoted) && end == from {
        Bond::Quoted
    } else if bond == Bond::Compared {
        bond
    } else {
        Bond::Call
    };
    let continued = matches!(at(text, blanks(text, close, false)), b'+' | b'%');
    Some(Assignment { name, value, bond, continued })
}

/// The literal that stands in for an empty variable: `token = env.TOKEN || "x"`.
fn alternative(text: &[u8], name: Span, from: usize) -> Option<Assignment> {
    let place = blanks(text, from, false);
    let rest = &text[place.min(text.len())..];
    let sign = [b"||".as_slice(), b"??", b"?:", b"or "].into_iter().find(|sign| rest.starts_with(sign))?;
    let (value, _) = quoted(text, blanks(text, place + sign.len(), false))?;
    Some(Assignment { name, value, bond: Bond::Call, continued: false })
}

/// The literal behind a look-up that may give nothing.
fn fallback(text: &[u8], name: Span, inner: usize) -> Option<Assignment> {
    let (_, after) = quoted(text, inner)?;
    let rest = &text[after..text.len().min(after + 24)];
    let mut place = after;
    for sign in
        [b",".as_slice(), b") ||", b"] ||", b") ??", b"] ??", b") or", b"] or", b")||", b"]||", b") ?:", b").orElse("]
    {
        if rest.starts_with(sign) {
            place = after + sign.len();
        }
    }
    if place == after {
        return None;
    }
    let (value, _) = quoted(text, blanks(text, place, false))?;
    Some(Assignment { name, value, bond: Bond::Call, continued: false })
}

pub(super) fn contains(stretch: &[u8], word: &[u8]) -> bool {
    stretch.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word))
}

/// `: String = "x"`: the type between a name and its value.
fn skip_type(text: &[u8], from: usize) -> usize {
    let end = from
        + text[from.min(text.len())..]
            .iter()
            .take(40)
            .take_while(|byte| byte.is_ascii_alphanumeric() || b"_.&<>[]?*".contains(byte))
            .count();
    let equals = blanks(text, end, false);
    if end > from && at(text, equals) == b'=' && !matches!(at(text, equals + 1), b'=' | b'>' | b'~') {
        return blanks(text, equals + 1, false);
    }
    from
}

/// `[]byte("x")`: Go writes the bytes of a text as a conversion.
fn skip_conversion(text: &[u8], from: usize) -> usize {
    const CONVERSION: &[u8] = b"[]byte(";
    if text[from.min(text.len())..].starts_with(CONVERSION) { from + CONVERSION.len() } else { from }
}

/// `apiKey string = "x"`, `password As String = "x"`: a type without a sign before it.
fn skip_bare_type(text: &[u8], place: usize) -> usize {
    const TYPES: &[&[u8]] = &[b"string ", b"[]byte ", b"*string ", b"As String "];
    let rest = &text[place.min(text.len())..];
    let known = TYPES.iter().find(|known| rest.starts_with(known));
    known.filter(|known| rest.get(known.len()) == Some(&b'=')).map_or(place, |known| place + known.len())
}

/// The inside of a string literal at `from` and the place behind it.
pub(super) fn quoted(text: &[u8], from: usize) -> Option<(Span, usize)> {
    if let Some(entity) = entity(text, from) {
        let open = from + entity.len();
        let inside = &text[open..text.len().min(open + 200)];
        let length = memchr::memmem::find(inside, entity)?;
        return Some((Span::new(open, open + length), open + length + entity.len()));
    }
    let prefix =
        text[from.min(text.len())..].iter().take(2).take_while(|byte| b"brfuBRFUL@$s&*".contains(byte)).count();
    let place = from + prefix;
    let slashes = text[place.min(text.len())..].iter().take(4).take_while(|byte| **byte == b'\\').count();
    let quote = at(text, place + slashes);
    if !matches!(quote, b'"' | b'\'' | b'`') || prefix > 0 && slashes > 0 {
        return None;
    }
    let run = if slashes == 0 && at(text, place + 1) == quote && at(text, place + 2) == quote { 3 } else { 1 };
    let open = place + slashes + run;
    let mut end = open;
    while end < text.len() && end - open <= LONGEST_VALUE {
        let byte = text[end];
        if byte == b'\n' && run == 1 {
            return None;
        }
        if byte == b'\\' {
            let more = text[end..].iter().take(4).take_while(|byte| **byte == b'\\').count();
            if slashes > 0 && at(text, end + more) == quote && more <= slashes {
                return Some((Span::new(open, end), end + more + 1));
            }
            end += more + usize::from(more % 2 == 1);
            continue;
        }
        if byte == quote {
            return (slashes == 0).then_some((Span::new(open, end), end + run));
        }
        end += 1;
    }
    None
}

/// `<name …>value</name>`: the value beside its tags, or alone on a line between them.
fn element(text: &[u8], name: Span) -> Option<Assignment> {
    let end = line_end(text, name.end, 600);
    let close = name.end + text[name.end..end].iter().position(|byte| *byte == b'>')?;
    if text[close - 1] == b'/' {
        return None;
    }
    let reach = text.len().min(close + 600);
    let stop = close + 1 + text[close + 1..reach].iter().position(|byte| *byte == b'<')?;
    let inner = &text[close + 1..stop];
    if inner.trim_ascii().contains(&b'\n') {
        return None;
    }
    let lead = inner.len() - inner.trim_ascii_start().len();
    let value = Span::new(close + 1 + lead, close + 1 + lead + inner.trim_ascii().len());
    text[stop..].starts_with(b"</").then_some(Assignment { name, value, bond: Bond::Markup, continued: false })
}

pub(super) fn line_end(text: &[u8], from: usize, limit: usize) -> usize {
    let ceiling = text.len().min(from.saturating_add(limit));
    let end = memchr::memchr(b'\n', &text[from.min(ceiling)..ceiling]).map_or(ceiling, |found| from + found);
    if end > from && text[end - 1] == b'\r' { end - 1 } else { end }
}
