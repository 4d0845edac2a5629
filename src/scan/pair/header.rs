//! `Authorization: Basic …`: the pair in base64, or, as editors' HTTP clients accept it, written out.

use super::lexer::{self, at};
use super::word::Word;
use super::{Form, Half, Pair, Site, decode};
use crate::finding::Span;

/// What announces a header.
pub const KEYWORDS: &[&str] = &["basic "];

const HEADER: Form = Form::sure("basic-header");
const VALUE: Form = Form::sure("basic-value");
const PLAIN: Form = Form::likely("basic-header-clear");

/// Shortest base64 that can hold a pair worth looking at.
const SHORTEST: usize = 8;
const LONGEST: usize = 4096;

/// Reads the credentials after `Basic `.
pub fn read(site: Site<'_>, hit: Span, found: &mut Vec<Pair>) {
    let text = site.text;
    if hit.start > 0 && text[hit.start - 1].is_ascii_alphanumeric() {
        return;
    }
    let start = lexer::blanks(text, hit.end);
    let limit = text.len().min(start + LONGEST);
    let length = text[start..limit].iter().take_while(|byte| decode::in_base64(**byte)).count();
    let header = follows_header_name(text, hit.start);
    if length >= SHORTEST {
        let span = Span::new(start, start + length);
        if let Some(pair) = decoded(text, span, if header { HEADER } else { VALUE }) {
            found.push(pair);
            return;
        }
    }
    if header {
        read_plain(text, start, found);
    }
}

/// The pair that base64 at `span` holds. Each half is given the base64 digits that carry it.
pub fn decoded(text: &[u8], span: Span, form: Form) -> Option<Pair> {
    let value = decode::base64_text(span.of(text))?;
    let value = value.strip_suffix(b"\n").unwrap_or(&value);
    // A header that begins with a brace is a misplaced JSON Web Token.
    if value.first() == Some(&b'{') {
        return None;
    }
    let colon = value.iter().position(|&byte| byte == b':')?;
    let digits = |bytes: usize| span.start + (bytes * 4).div_ceil(3).min(span.len());
    let user = Half::new(Span::new(span.start, digits(colon)), &value[..colon]);
    let pass = Half::new(Span::new(span.start + ((colon + 1) * 4 / 3).min(span.len()), span.end), &value[colon + 1..]);
    let (user, pass) = if pass.value.is_empty() { (None, user) } else { (Some(user), pass) };
    let mut pair = Pair::new(form, user, pass);
    pair.joined = pair.user.is_some();
    if pair.user.is_none() {
        pair.pass.span = span;
    }
    Some(pair)
}

fn follows_header_name(text: &[u8], at: usize) -> bool {
    const REACH: usize = 80;
    let before = &text[at.saturating_sub(REACH)..at];
    // Objects with a key and a value may put them on lines of their own.
    let line = memchr::memrchr_iter(b'\n', before).nth(1).map_or(before, |start| &before[start..]);
    lexer::find(line, b"authorization").is_some() || lexer::find(line, b"x-registry-auth").is_some()
}

/// `Basic u:p` and `Basic u p`.
fn read_plain(text: &[u8], start: usize, found: &mut Vec<Pair>) {
    let end = lexer::line_end(text, start, 300);
    let line = &text[start..end];
    let length =
        line.iter().position(|byte| byte.is_ascii_whitespace() || b"\"'`<>,;)".contains(byte)).unwrap_or(line.len());
    let first = Span::new(start, start + length);
    // Templates and the mark-up of test files stand where a header does.
    if first.is_empty() || first.of(text).iter().any(|byte| b"%#{}[]$|".contains(byte)) {
        return;
    }
    if first.of(text).contains(&b':') {
        found.extend(Pair::split(PLAIN, &Word::plain(text, first)));
        return;
    }
    let second = lexer::blanks(text, first.end);
    let rest = &text[second.min(end)..end];
    let closes =
        rest.iter().position(|byte| byte.is_ascii_whitespace() || b"\"'`".contains(byte)).unwrap_or(rest.len());
    let alone = rest[closes..].iter().all(|byte| !byte.is_ascii_alphanumeric());
    if closes > 3 && alone && at(text, second) != b'=' {
        let span = Span::new(second, second + closes);
        found.push(Pair::new(PLAIN, Some(Half::new(first, first.of(text))), Half::new(span, span.of(text))));
    }
}
