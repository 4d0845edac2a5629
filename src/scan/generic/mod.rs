//! Single values that only their context betrays: `password = "…"`, `api_key: …`, `<Token>…</Token>`, `--secret …`.
//!
//! Keywords announce a name in the same pass that announces rules; [`assignment`] reads the literal that belongs to it,
//! [`name`] says what the name holds, and [`judge`] how little the value resembles language. Forms of a user and a pass
//! half are not read here.

mod assignment;
mod feed;
mod judge;
mod language;
mod name;
mod shape;
mod syntax;

use super::filter::DropReason;
use crate::finding::{Confidence, Span};

pub use feed::Rules;
pub use name::Class;

/// What announces a name; the shortest forms carry the sign that follows a name, so that prose announces little.
pub const KEYWORDS: &[&str] = &[
    "pass",
    "pwd",
    "pswd",
    "_pw",
    "psw",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "authkey",
    "key\"",
    "key'",
    "key=",
    "key:",
    "key =",
    "key :",
    "key<",
    "_key",
    "-key",
    "key\\",
    ".key",
    "key,",
    "key(",
    "key>",
    "key]",
    "accesskey",
    "auth",
    "credential",
    "creds",
    "identified by",
    "bearer",
    "ticket",
    "contrasena",
    "senha",
    "wachtwoord",
    "haslo",
];

/// A value that was read, and what it was judged to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Single {
    /// What its name holds.
    pub class: Class,
    /// From the name to the value's end.
    pub span: Span,
    /// The value.
    pub value: Span,
    /// How sure it is, or what it is instead.
    pub verdict: Result<Confidence, DropReason>,
}

/// Reads the value of the name around a keyword.
pub fn read(text: &[u8], path: &str, hit: Span) -> Option<Single> {
    let name = assignment::name_around(text, hit)?;
    // A name in a namespace of markup, such as `x:Key`, names an element and holds nothing.
    if name.start > 1
        && text[name.start - 1] == b':'
        && text[name.start - 2].is_ascii_lowercase()
        && name.of(text).eq_ignore_ascii_case(b"key")
    {
        return None;
    }
    // The download address of a public file in Firebase Storage: who has the link has the file, that is its purpose.
    if text[name.start.saturating_sub(16)..name.start].windows(9).any(|part| part == b"alt=media") {
        return None;
    }
    let query = hit.of(text).eq_ignore_ascii_case(b"identified by");
    let name = if query { hit } else { name };
    let meaning = if query { name::PASSWORD } else { name::meaning(name.of(text))? };
    let mut found = assignment::read(text, name, syntax::of(path))?;
    found.value = without_scheme(text, member(text, found.value));
    let span = Span::new(name.start.min(found.value.start), found.value.end.max(name.end));
    Some(Single { class: meaning.class, span, value: found.value, verdict: judge::judge(text, path, &found, meaning) })
}

/// Of a value that is itself an object in JSON, the string that resembles language least.
fn member(text: &[u8], value: Span) -> Span {
    let bytes = value.of(text);
    if !bytes.starts_with(b"{") || !bytes.ends_with(b"}") || !bytes.contains(&b'"') {
        return value;
    }
    let mut strings = Vec::new();
    let mut start = value.start;
    for place in memchr::memchr_iter(b'"', bytes).map(|place| value.start + place) {
        let end = if text[place - 1] == b'\\' { place - 1 } else { place };
        if end > start {
            strings.push(Span::new(start, end));
        }
        start = place + 1;
    }
    let plain = |span: &Span| span.of(text).iter().all(u8::is_ascii_alphanumeric);
    let costs = strings.into_iter().filter(plain).map(|span| (language::cost(span.of(text)).bits, span));
    costs.max_by(|one, other| one.0.total_cmp(&other.0)).map_or(value, |(_, span)| span)
}

/// `Bearer x` is `x`.
fn without_scheme(text: &[u8], value: Span) -> Span {
    const SCHEMES: &[&[u8]] = &[b"bearer ", b"token ", b"apikey ", b"api-key ", b"key "];
    let bytes = value.of(text);
    let scheme =
        SCHEMES.iter().find(|scheme| bytes.len() > scheme.len() && bytes[..scheme.len()].eq_ignore_ascii_case(scheme));
    Span::new(value.start + scheme.map_or(0, |scheme| scheme.len()), value.end)
}
