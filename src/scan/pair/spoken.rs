//! Prose: `login: u / password: p`, and tables with a user and a password column.

use super::lexer::{self, at};
use super::{Form, Half, Pair, Site};
use crate::finding::Span;

/// What announces prose about a password.
pub const KEYWORDS: &[&str] = &["password", "passwd"];

const PROSE: Form = Form::vague("prose");
const TABLE: Form = Form::vague("table");
const LABELS: &[&[u8]] = &[b"username", b"user name", b"user", b"login", b"account", b"email"];
/// Longest line that is taken for prose.
const LONGEST: usize = 400;

/// Reads the line of the hit.
pub fn read(site: Site<'_>, hit: Span, found: &mut Vec<Pair>) {
    let text = site.text;
    if site.syntax != super::path::Syntax::Prose {
        return;
    }
    let line = Span::new(lexer::line_start(text, hit.start, LONGEST), lexer::line_end(text, hit.end, LONGEST));
    if line.of(text).iter().filter(|byte| **byte == b'|').count() >= 2 {
        return read_table(text, hit, line, found);
    }
    let Some(pass) = labelled(text, hit.end, line.end) else { return };
    let before = &text[line.start..hit.start];
    let user = LABELS
        .iter()
        .filter_map(|label| lexer::find(before, label).map(|place| line.start + place + label.len()))
        .min();
    let Some(user) = user.and_then(|place| labelled(text, place, hit.start)) else { return };
    found.push(Pair::new(PROSE, Some(Half::new(user, user.of(text))), Half::new(pass, pass.of(text))));
}

/// The value after a label: `: x`, `= x`, `is x`, with optional quotes or backticks.
fn labelled(text: &[u8], from: usize, end: usize) -> Option<Span> {
    let mut place = from;
    while place < end && matches!(text[place], b'*' | b'_' | b'"' | b'`' | b' ') {
        place += 1;
    }
    if lexer::starts_with(text, place, b"is ") {
        place += 3;
    } else if matches!(at(text, place), b':' | b'=') {
        place += 1;
    } else {
        return None;
    }
    while place < end && matches!(text[place], b'*' | b'_' | b'"' | b'`' | b' ' | b'\'') {
        place += 1;
    }
    let length = text[place..end]
        .iter()
        .position(|byte| byte.is_ascii_whitespace() || b"\"'`,;<>|()".contains(byte))
        .unwrap_or(end - place);
    let mut span = Span::new(place, place + length);
    while span.end > span.start && matches!(text[span.end - 1], b'.' | b'*' | b'/') {
        span.end -= 1;
    }
    (span.len() > 2).then_some(span)
}

/// The cells below a header row with a user and a password column.
fn read_table(text: &[u8], hit: Span, header: Span, found: &mut Vec<Pair>) {
    const ROWS: usize = 8;
    let columns = cells(text, header);
    let of = |wanted: &dyn Fn(&[u8]) -> bool| columns.iter().position(|cell| wanted(cell.of(text).trim_ascii()));
    let pass = of(&|cell| cell.eq_ignore_ascii_case(b"password") || cell.eq_ignore_ascii_case(b"passwd"));
    let user = of(&|cell| LABELS.iter().any(|label| cell.eq_ignore_ascii_case(label)));
    let (Some(pass), Some(user)) = (pass, user) else { return };
    if !columns[pass].overlaps(hit) {
        return;
    }
    let mut start = header.end + 1;
    for _ in 0..ROWS {
        let row = Span::new(start.min(text.len()), lexer::line_end(text, start.min(text.len()), LONGEST));
        let cells = cells(text, row);
        let (Some(user), Some(pass)) = (cells.get(user), cells.get(pass)) else { break };
        let (user, pass) = (trimmed(text, *user), trimmed(text, *pass));
        if pass.len() > 2
            && !pass.of(text).contains(&b' ')
            && !pass.of(text).iter().all(|byte| matches!(byte, b'-' | b':' | b'='))
        {
            found.push(Pair::new(TABLE, Some(Half::new(user, user.of(text))), Half::new(pass, pass.of(text))));
        }
        start = row.end + 1 + usize::from(at(text, row.end) == b'\r');
    }
}

fn cells(text: &[u8], row: Span) -> Vec<Span> {
    let bars: Vec<usize> = memchr::memchr_iter(b'|', row.of(text)).map(|place| row.start + place).collect();
    bars.windows(2).map(|pair| Span::new(pair[0] + 1, pair[1])).collect()
}

fn trimmed(text: &[u8], mut span: Span) -> Span {
    let edge = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'`' | b'*');
    while span.start < span.end && edge(text[span.start]) {
        span.start += 1;
    }
    while span.end > span.start && edge(text[span.end - 1]) {
        span.end -= 1;
    }
    span
}
