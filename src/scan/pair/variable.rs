//! Variables that a command line takes its halves from: `USER="u"; PASS="p"; curl -u "$USER:$PASS"`.

use super::word::Word;
use super::{Form, Half, Pair, Site, assignment, decode, lexer};
use crate::finding::Span;

/// How far before its use a variable is looked for, in bytes.
const REACH: usize = 2048;

/// The pair of a word whose halves are variables, or one of them, where all are assigned literals near before it.
pub fn split(site: Site<'_>, form: Form, word: &Word) -> Option<Pair> {
    if !word.bytes.iter().any(|byte| matches!(byte, b'$' | b'%')) {
        return None;
    }
    let colon = colon(&word.bytes)?;
    let (user, pass) = (word.bytes.get(..colon)?, word.bytes.get(colon + 1..)?);
    let half = |bytes: &[u8], from: usize| match name(bytes) {
        Some(name) => value(site, name, word.whole().start),
        None => Some(Half::new(word.span(from, from + bytes.len()), bytes)),
    };
    let (user, pass) = (half(user, 0)?, half(pass, colon + 1)?);
    let mut pair = Pair::new(form, Some(user), pass);
    pair.joined = false;
    Some(pair)
}

/// The half that a word is, or that the variable holds which it names.
pub fn half(site: Site<'_>, word: &Word) -> Half {
    let variable = name(&word.bytes).and_then(|name| value(site, name, word.whole().start));
    variable.unwrap_or_else(|| Half::new(word.whole(), &word.bytes))
}

/// The first colon outside of braces.
fn colon(word: &[u8]) -> Option<usize> {
    let mut depth = 0_usize;
    word.iter().position(|byte| {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        *byte == b':' && depth == 0
    })
}

/// The name of a word that is one variable: `$A`, `${A}`, `$env:A`, `%A%`.
fn name(word: &[u8]) -> Option<&[u8]> {
    let inner = word
        .strip_prefix(b"${")
        .and_then(|rest| rest.strip_suffix(b"}"))
        .or_else(|| word.strip_prefix(b"$"))
        .or_else(|| word.strip_prefix(b"%").and_then(|rest| rest.strip_suffix(b"%")))?;
    let plain = inner.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    (plain && inner.first().is_some_and(|byte| !byte.is_ascii_digit())).then_some(inner)
}

/// The literal that the name was last assigned before its use.
fn value(site: Site<'_>, name: &[u8], used: usize) -> Option<Half> {
    let text = site.text;
    let from = used.saturating_sub(REACH);
    let mut end = used;
    while let Some(found) = memchr::memmem::rfind(&text[from..end], name) {
        let span = Span::new(from + found, from + found + name.len());
        end = span.start;
        let whole = !text[..span.start].last().is_some_and(|byte| lexer::in_name(*byte) || matches!(byte, b'{' | b'%'))
            && !text.get(span.end).is_some_and(|byte| lexer::in_name(*byte));
        let assigns = || matches!(lexer::at(text, lexer::blanks(text, span.end)), b'=' | b':');
        if !whole || !assigns() {
            continue;
        }
        let value = assignment::value_of(text, span, assigned_syntax(site))?;
        let raw = value.span.of(text);
        let plain = match value.writing {
            assignment::Writing::Quoted => decode::escapes(raw),
            _ => raw.into(),
        };
        // What is assigned another variable or a call is not written out.
        let command = value.span.start.checked_sub(1).is_some_and(|before| text[before] == b'`');
        let literal = !raw.is_empty() && !command && !plain.iter().any(|byte| matches!(byte, b'$' | b'`'));
        return literal.then(|| Half::new(value.span, &plain));
    }
    None
}

/// In a shell that stands in code, as in a string of another language, a bare word is a literal too.
fn assigned_syntax(site: Site<'_>) -> super::path::Syntax {
    match site.syntax {
        super::path::Syntax::Yaml => super::path::Syntax::Yaml,
        _ => super::path::Syntax::Config,
    }
}
