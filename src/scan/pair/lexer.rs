//! Reading small stretches of any language: names, blanks, lines and string literals. Every reader is bounded.

use crate::finding::Span;

/// Longest name that is looked at.
const LONGEST_NAME: usize = 80;
/// Longest literal that can be a half of a pair.
const LONGEST_LITERAL: usize = 512;

/// A string literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Literal {
    /// What stands between the quotes.
    pub inner: Span,
    /// One past the closing quote.
    pub end: usize,
    /// The quote.
    pub quote: u8,
    /// Whether the language fills in variables.
    pub interpolated: bool,
}

/// Whether the byte can stand in a name: asked of every byte around a field.
pub fn in_name(byte: u8) -> bool {
    const NAMES: [bool; 256] = {
        let mut names = [false; 256];
        let mut byte = 0_u8;
        while byte < 128 {
            names[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
            byte += 1;
        }
        names
    };
    NAMES[usize::from(byte)]
}

/// The name that holds `span`; an empty one where what holds it is longer than any name.
pub fn name_around(text: &[u8], span: Span) -> Span {
    let mut start = span.start;
    while start > 0 && in_name(text[start - 1]) && span.start - start < LONGEST_NAME {
        start -= 1;
    }
    let mut end = span.end.max(start);
    while end > start && !in_name(text[end - 1]) {
        end -= 1;
    }
    while end < text.len() && in_name(text[end]) && end - span.start < LONGEST_NAME {
        end += 1;
    }
    if (start > 0 && in_name(text[start - 1])) || text.get(end).is_some_and(|&byte| in_name(byte)) {
        return Span::new(span.start, span.start);
    }
    // A path or a sentence may end in a dot or a dash.
    while end > start && matches!(text[end - 1], b'.' | b'-') {
        end -= 1;
    }
    while start < end && matches!(text[start], b'.' | b'-') {
        start += 1;
    }
    Span::new(start, end)
}

/// The byte at `at`, zero behind the end.
pub fn at(text: &[u8], at: usize) -> u8 {
    text.get(at).copied().unwrap_or(0)
}

/// Skips spaces and tabs, at most 24.
pub fn blanks(text: &[u8], from: usize) -> usize {
    let mut at = from;
    while at < text.len() && at - from < 24 && matches!(text[at], b' ' | b'\t') {
        at += 1;
    }
    at
}

/// Skips white space with line ends, at most 200 bytes.
pub fn white(text: &[u8], from: usize) -> usize {
    let mut at = from;
    while at < text.len() && at - from < 200 && text[at].is_ascii_whitespace() {
        at += 1;
    }
    at
}

/// Where the line of `at` begins, at most `limit` bytes back.
pub fn line_start(text: &[u8], at: usize, limit: usize) -> usize {
    let floor = at.saturating_sub(limit);
    memchr::memrchr(b'\n', &text[floor..at]).map_or(floor, |found| floor + found + 1)
}

/// Where the line of `at` ends, at most `limit` bytes on.
pub fn line_end(text: &[u8], at: usize, limit: usize) -> usize {
    let ceiling = text.len().min(at.saturating_add(limit));
    let end = memchr::memchr(b'\n', &text[at.min(ceiling)..ceiling]).map_or(ceiling, |found| at + found);
    if end > at && text[end - 1] == b'\r' { end - 1 } else { end }
}

/// The string literal that begins at `from`, with an optional prefix letter; quotes may be escaped, as in JSON text.
pub fn literal(text: &[u8], from: usize) -> Option<Literal> {
    let mut start = from;
    while start - from < 2
        && matches!(at(text, start), b'b' | b'r' | b'f' | b'u' | b'B' | b'R' | b'F' | b'U' | b'@' | b's' | b'$')
    {
        start += 1;
    }
    let prefix = &text[from..start];
    let escaped = at(text, start) == b'\\';
    let quote = at(text, start + usize::from(escaped));
    if !matches!(quote, b'"' | b'\'' | b'`') {
        return None;
    }
    let open = start + usize::from(escaped) + 1;
    let mut end = open;
    while end < text.len() && end - open <= LONGEST_LITERAL {
        match text[end] {
            b'\n' => return None,
            b'\\' if escaped && at(text, end + 1) == quote => {
                return Some(finish(text, open, end, end + 2, quote, prefix));
            }
            b'\\' => end += 2,
            byte if byte == quote && !escaped => return Some(finish(text, open, end, end + 1, quote, prefix)),
            byte if byte == quote => return None,
            _ => end += 1,
        }
    }
    None
}

fn finish(text: &[u8], open: usize, close: usize, end: usize, quote: u8, prefix: &[u8]) -> Literal {
    let inner = Span::new(open, close.min(text.len()));
    let formatted = prefix.iter().any(|byte| matches!(byte, b'f' | b'F' | b's')) && inner.of(text).contains(&b'{');
    // `$"…"` of C# fills in braces; other languages put other things before a literal.
    let filled = at(text, open.wrapping_sub(2)) == b'$' && inner.of(text).contains(&b'{');
    Literal { inner, end, quote, interpolated: formatted || filled }
}

/// Whether `text` at `from` starts with `word`, ASCII case-insensitively.
pub fn starts_with(text: &[u8], from: usize, word: &[u8]) -> bool {
    text.get(from..from + word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word))
}

/// First place of `word` (lower case) in a short stretch, ASCII case-insensitively.
pub fn find(stretch: &[u8], word: &[u8]) -> Option<usize> {
    stretch.windows(word.len()).position(|part| part.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_in_many_languages() {
        for (text, value) in [
            (r#""a:b""#, "a:b"),
            (r"b'p'", "p"),
            (r#"\"x\""#, "x"),
            (r#""q\"q""#, "q\"q"),
            ("`t`", "t"),
            (r#"@"c""#, "c"),
        ] {
            let found = literal(text.as_bytes(), 0).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(
                super::super::decode::escapes(found.inner.of(text.as_bytes())).as_ref(),
                value.as_bytes(),
                "{text}"
            );
            assert_eq!(found.end, text.len());
        }
        assert!(literal(b"\"open", 0).is_none() && literal(b"name", 0).is_none());
        assert!(literal(b"f\"{x}\"", 0).is_some_and(|found| found.interpolated));
    }

    #[test]
    fn names_have_bounds() {
        let text = b"see db.password. Then";
        assert_eq!(name_around(text, Span::new(7, 12)).of(text), b"db.password");
        let long = [b'a'; 5000];
        assert!(name_around(&long, Span::new(2000, 2004)).is_empty());
    }
}
