//! Names whose value stands apart from them, without an operator between: attributes side by side, options of a command,
//! declarations with a block, and names in a text.

use super::assignment::{Assignment, Bond, LONGEST_VALUE, at, blanks, close_name, contains, quoted};
use crate::finding::Span;

/// `key="Password" value="x"`, `{"name": "password", "value": "x"}`: the name is itself a value.
pub(super) fn named(text: &[u8], name: Span, from: usize) -> Option<Assignment> {
    let before = text[name.start.saturating_sub(14)..name.start].trim_ascii_end();
    let before = before.strip_suffix(b"\"").or_else(|| before.strip_suffix(b"'"))?.trim_ascii_end();
    let before = before.strip_suffix(b"\\").unwrap_or(before);
    let before = before.strip_suffix(b"=").or_else(|| before.strip_suffix(b":"))?.trim_ascii_end();
    let before = before.strip_suffix(b"\"").unwrap_or(before);
    let is_key = [b"key".as_slice(), b"name", b"Key", b"Name"].iter().any(|key| before.ends_with(key));
    if !is_key {
        return None;
    }
    let window = &text[from..text.len().min(from + 160)];
    let stop = window.iter().position(|byte| matches!(byte, b'}' | b'>' | b'{')).unwrap_or(window.len());
    let found = window[..stop].windows(5).position(|part| part.eq_ignore_ascii_case(b"value"))? + from;
    let (place, _) = close_name(text, found + 5);
    let place = blanks(text, place, false);
    if !matches!(at(text, place), b'=' | b':') {
        return None;
    }
    let (value, _) = quoted(text, blanks(text, place + 1, false))?;
    Some(Assignment { name, value, bond: Bond::Markup, continued: false })
}

/// `--password value` on a command line; `PASSWORD 'value'` and `IDENTIFIED BY 'value'` in a query.
pub(super) fn option(text: &[u8], name: Span, from: usize) -> Option<Assignment> {
    if from == name.end {
        return None;
    }
    let word = name.of(text);
    let query = word.contains(&b' ') && is_statement(text, name.start);
    let flag = text[name.start..name.end].starts_with(b"-") || query;
    let said = flag || word.eq_ignore_ascii_case(b"password") || word.contains(&b' ');
    if matches!(at(text, from), b'\'' | b'"') {
        let (value, _) = quoted(text, from).filter(|(value, _)| said && at(text, value.start) != b'-')?;
        return Some(Assignment { name, value, bond: Bond::Option, continued: false });
    }
    if !flag || at(text, from) == b'-' {
        return None;
    }
    let length = text[from..text.len().min(from + LONGEST_VALUE)]
        .iter()
        .take_while(|byte| {
            !byte.is_ascii_whitespace()
                && !matches!(byte, b'"' | b'\'' | b'`' | b'|' | b';' | b'<' | b'>' | b')' | b']' | b',' | b'\\')
        })
        .count();
    (length > 0).then_some(Assignment {
        name,
        value: Span::new(from, from + length),
        bond: Bond::Option,
        continued: false,
    })
}

/// `variable "api_token" { default = "x" }`.
pub(super) fn declared(text: &[u8], name: Span, from: usize, quoted_name: bool) -> Option<Assignment> {
    if !quoted_name || at(text, from) != b'{' {
        return None;
    }
    let block = &text[from..text.len().min(from + 300)];
    let block = &block[..block.iter().position(|byte| *byte == b'}').unwrap_or(block.len())];
    let place = from + memchr::memmem::find(block, b"default")? + b"default".len();
    let sign = blanks(text, place, false);
    let (value, _) = (at(text, sign) == b'=').then(|| quoted(text, blanks(text, sign + 1, false))).flatten()?;
    Some(Assignment { name, value, bond: Bond::Markup, continued: false })
}

/// A long word of letters and digits behind a name in a text: `acme token - 'x'`, `the key is x`.
pub(super) fn spoken(text: &[u8], name: Span, from: usize) -> Option<Assignment> {
    const SHORTEST: usize = 16;
    const LINKS: &[&[u8]] = &[b"- ", b"is ", b"is: ", b"was ", b"code "];
    let mut place = blanks(text, from, false);
    if place == name.end {
        return None;
    }
    if let Some(link) = LINKS.iter().find(|link| text[place.min(text.len())..].starts_with(link)) {
        place = blanks(text, place + link.len(), false);
    }
    place += usize::from(matches!(at(text, place), b'"' | b'\'' | b'`'));
    let rest = &text[place.min(text.len())..text.len().min(place + 300)];
    let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"_-./+=~".contains(byte)).count();
    let ends = rest.get(length).is_none_or(|byte| byte.is_ascii_whitespace() || b"\"'`,;)<".contains(byte));
    let assigned = rest[..length].iter().position(|byte| *byte == b'=').is_some_and(|sign| sign + 2 < length);
    let turns = rest[..length].windows(2).filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit()).count();
    (length >= SHORTEST && ends && !assigned && turns > 3).then_some(Assignment {
        name,
        value: Span::new(place, place + length),
        bond: Bond::Spoken,
        continued: false,
    })
}

/// Whether a statement that sets a password begins on the line.
fn is_statement(text: &[u8], place: usize) -> bool {
    let before = &text[place.saturating_sub(160)..place];
    [b"alter ".as_slice(), b"create ", b"grant ", b"user "].iter().any(|verb| contains(before, verb))
}
