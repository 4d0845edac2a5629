//! SQL that sets passwords: `CREATE USER u IDENTIFIED BY 'p'`, `ALTER ROLE u PASSWORD 'p'`.

use super::lexer::{self, at};
use super::{Form, Half, Pair, Site};
use crate::finding::Span;

/// What announces such a statement.
pub const KEYWORDS: &[&str] = &[
    "identified by",
    "identified with",
    "password '",
    "password = '",
    "password=n'",
    "password = n'",
    "password='",
    "password \\'",
    "password('",
];

const STATEMENT: Form = Form::likely("sql");

/// Reads the statement around the hit.
pub fn read(site: Site<'_>, hit: Span, found: &mut Vec<Pair>) {
    let text = site.text;
    let start = statement_start(text, hit.start);
    let before = &text[start..hit.start];
    let speaks = [b"create ".as_slice(), b"alter ", b"grant ", b"set password"]
        .iter()
        .any(|verb| lexer::find(before, verb).is_some());
    if !speaks {
        return;
    }
    let end = lexer::line_end(text, hit.end, 160);
    let from = hit.start + b"password".len().min(hit.len());
    let Some(quote) = text[from..end].iter().position(|byte| matches!(byte, b'\'' | b'"')) else { return };
    // `IDENTIFIED WITH plugin BY 'p'`; anything else between is no literal.
    let between = String::from_utf8_lossy(&text[from..from + quote]).to_ascii_lowercase();
    if !between.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').all(|word| {
        word.len() < 3 || word.ends_with("password") || word.contains('_') || matches!(word, "identified" | "with")
    }) {
        return;
    }
    let Some(literal) = lexer::literal(text, from + quote - usize::from(at(text, from + quote - 1) == b'\\')) else {
        return;
    };
    let pass = Half::new(literal.inner, literal.inner.of(text));
    let user = account(text, Span::new(start, hit.start)).map(|span| Half::new(span, span.of(text)));
    found.push(Pair::new(STATEMENT, user, pass));
}

fn statement_start(text: &[u8], from: usize) -> usize {
    let floor = from.saturating_sub(240);
    text[floor..from].iter().rposition(|&byte| byte == b';').map_or(floor, |place| floor + place + 1)
}

/// The word after `user`, `role`, `login`, `to` or `for`.
fn account(text: &[u8], before: Span) -> Option<Span> {
    const MARKS: &[&[u8]] = &[b"user if not exists ", b"user ", b"role ", b"login ", b" to ", b"for "];
    let place = MARKS.iter().find_map(|mark| {
        before
            .of(text)
            .windows(mark.len())
            .rposition(|part| part.eq_ignore_ascii_case(mark))
            .map(|place| before.start + place + mark.len())
    })?;
    let mut start = place;
    while start < before.end && matches!(text[start], b'\'' | b'"' | b'`' | b'[' | b' ' | b'\\') {
        start += 1;
    }
    let length = text[start..before.end]
        .iter()
        .position(|byte| byte.is_ascii_whitespace() || b"'\"`]@\\".contains(byte))
        .unwrap_or(0);
    (length > 0).then(|| Span::new(start, start + length))
}
