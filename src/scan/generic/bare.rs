//! Values without quotes, as configuration, shells and addresses write them.

use super::assignment::{Assignment, Bond, LONGEST_VALUE, at, blanks, line_end};
use super::judge::{LONGEST_MIXED, is_one_token};
use super::syntax::Syntax;
use crate::finding::Span;

/// What stands around the sign between a name and a value.
pub(super) struct Form {
    /// How the file writes values.
    pub(super) syntax: Syntax,
    /// No blanks around the operator.
    pub(super) tight: bool,
    /// The name has quotes.
    pub(super) quoted: bool,
    /// The sign is a colon.
    pub(super) colon: bool,
}

/// A value without quotes: in configuration and shells; in code only as part of an address or of a shell line in a text.
pub(super) fn read(text: &[u8], name: Span, from: usize, form: &Form) -> Option<Assignment> {
    let before = name.start.checked_sub(1).map_or(b'\n', |place| text[place]);
    let query = form.tight && !form.colon && matches!(before, b'?' | b'&' | b';');
    // `${api.key:x}`, `${API_KEY:-x}`: what stands in for a variable that is not set.
    let default = form.tight && form.colon && text[..name.start].ends_with(b"${");
    let from = from + usize::from(default && matches!(at(text, from), b'-' | b'='));
    let shell = form.tight
        && !form.colon
        && (name.of(text).iter().any(u8::is_ascii_uppercase) || matches!(before, b' ' | b'\n' | b'"' | b'\''));
    if form.syntax == Syntax::Code && !query && !shell && !form.quoted && !default {
        return None;
    }
    if form.syntax == Syntax::Code && form.quoted && !at(text, from).is_ascii_digit() {
        return None;
    }
    let end = line_end(text, from, LONGEST_VALUE);
    let line = &text[from.min(end)..end];
    if form.colon && form.syntax == Syntax::Lines && matches!(line, b"|" | b">" | b"|-" | b">-") {
        return block(text, name, end);
    }
    let whole = form.syntax == Syntax::Lines && !form.quoted && starts_line(text, name.start);
    let stops = |byte: &u8| {
        byte.is_ascii_whitespace()
            || matches!(byte, b'"' | b'\'' | b'`')
            || (!whole && matches!(byte, b',' | b';' | b'<' | b'>' | b')' | b']' | b'}' | b'\\' | b'|'))
            || (query && matches!(byte, b'&' | b'#'))
    };
    let (head, tail) = line.split_at(line.len().min(LONGEST_MIXED));
    let stop = match head.iter().position(stops) {
        Some(stop) => stop,
        None if tail.is_empty() || is_one_token(head) => head.len() + tail.iter().position(stops).unwrap_or(tail.len()),
        None => return None,
    };
    let rest = line[stop..].trim_ascii_start();
    // Further words make it a sentence, unless it is a command line.
    let alone = rest.is_empty()
        || rest.starts_with(b"#")
        || rest.starts_with(b"//")
        || rest.starts_with(b"\\")
        || !rest[0].is_ascii_alphabetic()
        || form.tight;
    // `Authorization: Bearer x`: the scheme is not the value.
    let scheme =
        [b"bearer".as_slice(), b"token", b"apikey"].iter().any(|scheme| line[..stop].eq_ignore_ascii_case(scheme));
    if scheme && line.get(stop) == Some(&b' ') {
        return read(text, name, from + stop + 1, &Form { tight: true, syntax: Syntax::Words, ..*form });
    }
    // `pass :meth:`x``: a role of reStructuredText.
    let role = line[..stop].ends_with(b":") && line.get(stop) == Some(&b'`');
    let value = Span::new(from, from + stop);
    (stop > 0 && alone && !role && !matches!(line[0], b'|' | b'>' | b'*' | b'!' | b'{' | b'[' | b'&' | b'(' | b'@'))
        .then_some(Assignment { name, value, bond: Bond::Bare, continued: false })
}

/// The one line of a block in YAML, behind `>-` or `|`.
fn block(text: &[u8], name: Span, from: usize) -> Option<Assignment> {
    let start = blanks(text, from, true);
    let end = line_end(text, start, LONGEST_VALUE);
    let word = text[start..end].trim_ascii_end();
    let indent = text[..start].iter().rev().take_while(|byte| **byte == b' ').count();
    let next = text[end..].iter().skip_while(|byte| matches!(byte, b'\r' | b'\n'));
    let goes_on = indent > 0 && next.take(indent).filter(|byte| **byte == b' ').count() == indent;
    let plain = !word.is_empty() && word.iter().all(u8::is_ascii_graphic) && !word.ends_with(b":");
    let value = Span::new(start, start + word.len());
    (plain && indent > 0 && !goes_on).then_some(Assignment { name, value, bond: Bond::Bare, continued: false })
}

/// Whether only an indent, a list mark or `export` stands before the name.
fn starts_line(text: &[u8], place: usize) -> bool {
    let floor = place.saturating_sub(80);
    let start = memchr::memrchr(b'\n', &text[floor..place]).map_or(floor, |found| floor + found + 1);
    text[start..place].iter().all(|byte| matches!(byte, b' ' | b'\t' | b'-' | b'#' | b';' | b'/'))
        || text[start..place].trim_ascii().ends_with(b"export")
}

#[cfg(test)]
mod tests {
    use super::super::apart::tests::value;

    #[test]
    fn a_variable_that_is_not_set_has_a_default() {
        for (path, text) in [
            ("A.java", "@Value(\"${api.key:S}\") String apiKey;"),
            ("a.yml", "token: ${API_TOKEN:S}"),
            ("a.sh", "curl -u \"svc:${API_TOKEN:-S}\" https://example.com"),
        ] {
            assert!(value(path, text), "{path}: {text}");
        }
    }

    #[test]
    fn a_block_of_one_line_is_a_value() {
        assert!(value("a.yml", "auth:\n  client_secret: >-\n    S\n  other: 1\n"));
        assert!(value("a.yml", "token: |\n  S"));
        assert!(!value("a.yml", "token: |\n  S\n  AAAA\n"), "part of something longer");
    }
}
