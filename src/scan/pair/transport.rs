//! How a pair travels: in clear text, with certificate checks off, and near which vendor's name it stands.

use super::{Pair, Site, lexer, path};
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
    (b"git_ssl_no_verify", &[b"1", b"true", b"yes"]),
    (b"node_tls_reject_unauthorized", &[b"0"]),
];
/// Schemes that send what they carry in clear.
const CLEAR: &[&str] = &["http", "ftp", "ldap"];
/// How far from the pair its call is taken to reach.
const REACH: usize = 300;
const LINES: usize = 4;

/// The address that takes the pair over the wire unencrypted. `near` is the address that stands beside the pair; it counts
/// where it belongs to the same call.
pub fn cleartext(pair: &Pair, site: Site<'_>, near: Option<Span>) -> Option<Span> {
    let of_call = |span: &Span| {
        let call = call(pair, site);
        call.start <= span.start && span.end <= call.end && starts_in_clear(span.of(site.text))
    };
    pair.cleartext.or_else(|| near.filter(of_call)).filter(|span| {
        let address = span.of(site.text);
        !is_to_be_filled_in(address) && !is_namespace(address)
    })
}

/// `http://www.w3.org/2003/05/soap-envelope`: the name of a vocabulary, which nobody connects to.
fn is_namespace(address: &[u8]) -> bool {
    [b"http://www.w3.org".as_slice(), b"http://schemas."].iter().any(|head| address.starts_with(head))
}

/// `http://OPENID_SERVER_URL/x`: where the host will stand.
fn is_to_be_filled_in(address: &[u8]) -> bool {
    let host = memchr::memmem::find(address, b"://").map_or(address, |colon| &address[colon + 3..]);
    let host = host.split(|byte| matches!(byte, b'/' | b':')).next().unwrap_or_default();
    let host = host.rsplit(|byte| *byte == b'@').next().unwrap_or_default();
    host.contains(&b'_') && host.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'_')
}

/// Whether the scheme is one that sends what it carries in clear.
pub fn is_clear(scheme: &str) -> bool {
    CLEAR.contains(&scheme)
}

/// Whether an address begins with such a scheme.
pub fn starts_in_clear(address: &[u8]) -> bool {
    let colon = memchr::memmem::find(address, b"://");
    colon.is_some_and(|colon| CLEAR.iter().any(|scheme| address[..colon].eq_ignore_ascii_case(scheme.as_bytes())))
}

/// The switch that turns certificate checks off in the call of the pair. Curl's options of PHP are set one by one.
pub fn unchecked(pair: &Pair, site: Site<'_>) -> Option<Span> {
    let (call, lines) = (call(pair, site), around(site.text, pair, REACH, LINES));
    SWITCHES.iter().find_map(|(name, values)| {
        let window = if name.starts_with(b"curlopt") { lines } else { call };
        let stretch = window.of(site.text).to_ascii_lowercase();
        let place = memchr::memmem::find(&stretch, name)?;
        if place > 0 && lexer::in_name(stretch[place - 1]) && stretch[place - 1] != b'-' {
            return None;
        }
        let between = |byte: &u8| b" =:,\"'(>".contains(byte);
        let after = place + name.len() + stretch[place + name.len()..].iter().take_while(|byte| between(byte)).count();
        values
            .iter()
            .find(|value| stretch[after..].starts_with(value))
            .map(|value| Span::new(window.start + place, window.start + after + value.len()))
    })
}

/// What belongs to the call that takes the pair: the outermost brackets around it that are no block of statements, else its
/// line; in configuration, else the lines around it up to an empty one.
fn call(pair: &Pair, site: Site<'_>) -> Span {
    let text = site.text;
    let place = pair.place(text);
    let window = around(text, pair, REACH, LINES);
    if let Some(open) = opener(text, window.start, place.start) {
        return Span::new(open, closer(text, open, window.end.max(place.end)));
    }
    if site.syntax == path::Syntax::Code {
        return Span::new(lexer::line_start(text, place.start, REACH), lexer::line_end(text, place.end, REACH));
    }
    let before = memchr::memmem::rfind(&text[window.start..place.start], b"\n\n");
    let after = memchr::memmem::find(&text[place.end..window.end], b"\n\n");
    Span::new(before.map_or(window.start, |at| window.start + at), after.map_or(window.end, |at| place.end + at))
}

/// The outermost bracket that is open at `from`, up to the statement before or the block around.
fn opener(text: &[u8], floor: usize, from: usize) -> Option<usize> {
    let (mut depth, mut found) = (0_usize, None);
    for place in (floor..from).rev() {
        match text[place] {
            b')' | b']' | b'}' => depth += 1,
            b'(' | b'[' | b'{' if depth > 0 => depth -= 1,
            b'{' if opens_block(&text[floor..place]) => break,
            b'(' | b'[' | b'{' => found = Some(place),
            b';' if depth == 0 => break,
            _ => {}
        }
    }
    found
}

/// Whether a brace after this text begins statements: after a bracket, an arrow or a word, and not after an operator.
fn opens_block(before: &[u8]) -> bool {
    let last = before.trim_ascii_end().last();
    last.is_some_and(|last| last.is_ascii_alphanumeric() || matches!(last, b')' | b'>'))
}

/// Where the bracket at `open` is closed.
fn closer(text: &[u8], open: usize, ceiling: usize) -> usize {
    let mut depth = 0_usize;
    for (place, byte) in text[open..ceiling].iter().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth == 0 {
            return open + place + 1;
        }
    }
    ceiling
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
