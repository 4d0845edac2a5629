//! How a pair travels: in clear text, with certificate checks off, and near which vendor's name it stands.

use super::{Pair, lexer};
use crate::finding::Span;

/// Settings that switch a certificate check off: a name in lower case, and the values that do it.
const SWITCHES: &[(&[u8], &[&[u8]])] = &[
    (b"verify", &[b"false"]),
    (b"verify_ssl", &[b"false"]),
    (b"ssl_verify", &[b"false"]),
    (b"verify_certs", &[b"false"]),
    (b"validate_certs", &[b"false", b"no"]),
    (b"rejectunauthorized", &[b"false"]),
    (b"strictssl", &[b"false"]),
    (b"insecureskipverify", &[b"true"]),
    (b"insecure_skip_verify", &[b"true"]),
    (b"curlopt_ssl_verifypeer", &[b"false", b"0"]),
    (b"danger_accept_invalid_certs", &[b"true"]),
    (b"verify_mode", &[b"openssl::ssl::verify_none"]),
    (b"skipcertificatecheck", &[b""]),
    (b"trustservercertificate", &[b"true", b"yes"]),
    (b"sslverify", &[b"false"]),
];
/// How far from the pair its call is taken to reach.
const REACH: usize = 300;
const LINES: usize = 4;

/// The address that takes the pair over the wire unencrypted. `near` is the address that stands beside the pair.
pub fn cleartext(pair: &Pair, text: &[u8], near: Option<Span>) -> Option<Span> {
    pair.cleartext.or_else(|| near.filter(|span| lexer::starts_with(text, span.start, b"http://")))
}

/// The switch that turns certificate checks off in the call of the pair.
pub fn unchecked(pair: &Pair, text: &[u8]) -> Option<Span> {
    let window = around(text, pair, REACH, LINES);
    let stretch = window.of(text).to_ascii_lowercase();
    SWITCHES.iter().find_map(|(name, values)| {
        let place = stretch.windows(name.len()).position(|part| part == *name)?;
        if place > 0 && lexer::in_name(stretch[place - 1]) && stretch[place - 1] != b'-' {
            return None;
        }
        let mut after = place + name.len();
        while after < stretch.len() && matches!(stretch[after], b' ' | b'=' | b':' | b',' | b'"' | b'\'' | b'(' | b'>')
        {
            after += 1;
        }
        values
            .iter()
            .find(|value| stretch[after..].starts_with(value))
            .map(|value| Span::new(window.start + place, window.start + after + value.len()))
    })
}

/// Whether `word` (lower case) stands within five lines of the pair.
pub fn stands_near(text: &[u8], pair: &Pair, word: &str) -> bool {
    let window = around(text, pair, 600, 5);
    lexer::find(window.of(text), word.as_bytes()).is_some()
}

fn around(text: &[u8], pair: &Pair, reach: usize, lines: usize) -> Span {
    let place = pair.place(text);
    let floor = place.start.saturating_sub(reach);
    let ceiling = text.len().min(place.end + reach);
    let start =
        memchr::memrchr_iter(b'\n', &text[floor..place.start]).nth(lines).map_or(floor, |line| floor + line + 1);
    let end = memchr::memchr_iter(b'\n', &text[place.end..ceiling]).nth(lines).map_or(ceiling, |line| place.end + line);
    Span::new(start, end)
}
