//! Connection strings: `Server=…;User Id=u;Password=p`, and the query of `jdbc:…?user=u&password=p`.

use super::lexer::{self, at};
use super::{Form, Half, Pair, Site, decode};
use crate::finding::Span;

/// What announces a connection string.
pub const KEYWORDS: &[&str] = &["password=", "pwd=", "passwd="];

const STRING: Form = Form::sure("connection-string");
const QUERY: Form = Form::sure("url-query");

const USERS: &[&str] = &[
    "user id",
    "userid",
    "user",
    "username",
    "user name",
    "uid",
    "login",
    "user_id",
    "usr",
    "sharedaccesskeyname",
    "accountname",
];
const HOSTS: &[&str] =
    &["server", "data source", "host", "addr", "address", "datasource", "hostname", "endpoint", "network address"];
/// Longest connection string that is read, in each direction.
const LONGEST: usize = 600;

/// Reads the string around a pass key.
pub fn read(site: Site<'_>, hit: Span, found: &mut Vec<Pair>) {
    let text = site.text;
    let bounds = bounds(text, hit);
    let before = &text[bounds.start..hit.start];
    let Some(separator) = memchr::memrchr3(b';', b'&', b'?', before).map(|place| before[place]) else {
        // The pass key may come first.
        let word = word_around(text, hit, bounds);
        let choices = [
            following_separator(text, hit.end, bounds.end).map(|separator| (bounds, separator)),
            word_separator(bounds.of(text)).map(|separator| (bounds, separator)),
            word_separator(word.of(text)).map(|separator| (word, separator)),
        ];
        if let Some((bounds, separator)) = choices.into_iter().flatten().next() {
            read_fields(site, hit, bounds, separator, found);
        }
        return;
    };
    read_fields(site, hit, bounds, if separator == b'?' { b'&' } else { separator }, found);
}

fn following_separator(text: &[u8], from: usize, end: usize) -> Option<u8> {
    memchr::memchr2(b';', b'&', &text[from..end]).map(|place| text[from + place])
}

/// The stretch without blanks that holds the hit.
fn word_around(text: &[u8], hit: Span, bounds: Span) -> Span {
    let start = text[bounds.start..hit.start].iter().rposition(u8::is_ascii_whitespace);
    let end = text[hit.end..bounds.end].iter().position(u8::is_ascii_whitespace);
    Span::new(start.map_or(bounds.start, |at| bounds.start + at + 1), end.map_or(bounds.end, |at| hit.end + at))
}

/// The blank of `host=h user=u password=p`, as drivers of `PostgreSQL` take it, or the comma of options of a mount: nothing
/// but such words stands in the string.
fn word_separator(string: &[u8]) -> Option<u8> {
    let is_field = |word: &[u8]| {
        let key = word.iter().position(|&byte| byte == b'=').map_or(&word[..0], |place| &word[..place]);
        key.len() > 1 && key.iter().all(|byte| lexer::in_name(*byte))
    };
    let string = string.trim_ascii();
    let made_of = |separator: u8| {
        let mut words = string.split(|byte| *byte == separator).filter(|word| !word.is_empty());
        memchr::memchr(separator, string).is_some()
            && words.all(is_field)
            && !string.iter().any(|byte| b"'(){}[]$".contains(byte))
    };
    [b' ', b','].into_iter().find(|&separator| made_of(separator))
}

fn read_fields(site: Site<'_>, hit: Span, bounds: Span, separator: u8, found: &mut Vec<Pair>) {
    let text = site.text;
    let query = separator == b'&';
    let mut bounds = bounds;
    let address = bounds;
    if query && let Some(mark) = text[bounds.start..hit.start].iter().rposition(|&byte| byte == b'?') {
        bounds.start += mark + 1;
    }
    let mut pair: Option<Pair> = None;
    let (mut user, mut host) = (None, None);
    for (key, value) in fields(text, bounds, separator) {
        let name = String::from_utf8_lossy(key.of(text)).trim().to_ascii_lowercase();
        let name = name.rsplit(['?', '"', '\'', '/']).next().unwrap_or(&name).trim();
        let half = || {
            Half::new(
                value,
                &match text[..value.start].last() {
                    _ if query => decode::percent(value.of(text)).into_owned(),
                    Some(b'{') => undoubled(value.of(text)),
                    _ => unquoted(value.of(text)),
                },
            )
        };
        if key.end + 1 == hit.end && !value.is_empty() {
            pair = Some(Pair::new(if query { QUERY } else { STRING }, None, half()));
        } else if USERS.contains(&name) && user.is_none() && !value.is_empty() {
            user = Some(half());
        } else if HOSTS.contains(&name) {
            host = Some(String::from_utf8_lossy(value.of(text)).into_owned());
        }
    }
    let Some(pair) = pair.filter(|_| user.is_some() || host.is_some()) else { return };
    let mut pair = Pair::new(pair.form, user, pair.pass);
    pair.joined = false;
    pair.host = host.or_else(|| if query { query_host(text, address) } else { None }).map(|host| bare_host(&host));
    found.push(pair);
}

fn query_host(text: &[u8], bounds: Span) -> Option<String> {
    let place = lexer::find(bounds.of(text), b"://")?;
    super::host::of_url(text, bounds.start + place).map(|found| found.0)
}

/// `tcp:name,1433` to `name`.
fn bare_host(host: &str) -> String {
    let host = host.trim().trim_start_matches("tcp:").trim_start_matches("//");
    host.split([',', '\\', '/', '(']).next().unwrap_or(host).to_owned()
}

/// The value between braces: two closing ones are one.
fn undoubled(value: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(value.len());
    let mut at = 0;
    while at < value.len() {
        plain.push(value[at]);
        at += if value[at..].starts_with(b"}}") { 2 } else { 1 };
    }
    plain
}

fn unquoted(value: &[u8]) -> Vec<u8> {
    let value = value.trim_ascii();
    match value {
        [b'\'', inner @ .., b'\''] | [b'"', inner @ .., b'"'] => inner.to_vec(),
        _ => value.to_vec(),
    }
}

/// The quoted string or the stretch of the line that holds the key.
fn bounds(text: &[u8], hit: Span) -> Span {
    let floor = lexer::line_start(text, hit.start, LONGEST);
    let ceiling = lexer::line_end(text, hit.end, LONGEST);
    let (before, behind) = (&text[floor..hit.start], &text[hit.end..ceiling]);
    let opens = memchr::memrchr2(b'"', b'`', before).max(memchr::memrchr2(b'<', b'>', before));
    let start = opens.map_or(floor, |place| floor + place + 1);
    let closes = [memchr::memchr2(b'"', b'`', behind), memchr::memchr2(b'<', b'>', behind)];
    let end = closes.into_iter().flatten().min().map_or(ceiling, |place| hit.end + place);
    let end = if end > hit.end && at(text, end - 1) == b'\\' { end - 1 } else { end };
    Span::new(start, end)
}

/// `key=value` fields with the spans of both sides.
fn fields(text: &[u8], bounds: Span, separator: u8) -> Vec<(Span, Span)> {
    const MOST: usize = 40;
    let mut fields = Vec::new();
    let mut start = bounds.start;
    while start < bounds.end && fields.len() < MOST {
        let stretch = &text[start..bounds.end];
        if let Some((equals, value)) = braced(stretch).filter(|_| separator == b';') {
            fields.push((Span::new(start, start + equals), Span::new(start + value.start, start + value.end)));
            start += value.end + b"};".len();
            continue;
        }
        let length = field_length(stretch, separator);
        if let Some(equals) = stretch[..length].iter().position(|&byte| byte == b'=') {
            let mut value = Span::new(start + equals + 1, start + length);
            while value.start < value.end && text[value.start] == b' ' {
                value.start += 1;
            }
            if let [b'\'', inner @ ..] = value.of(text)
                && let Some(close) = inner.iter().position(|&byte| byte == b'\'')
            {
                value = Span::new(value.start + 1, value.start + 1 + close);
            }
            if let Some(stop) = value.of(text).iter().position(|byte| ends_value(*byte, separator)) {
                value.end = value.start + stop;
            }
            fields.push((Span::new(start, start + equals), value));
        }
        start += length + 1;
    }
    fields
}

/// `key={value}`, as ODBC quotes a value that holds a separator; a closing brace in it is doubled. What else stands between
/// braces is a place to be filled in.
fn braced(stretch: &[u8]) -> Option<(usize, Span)> {
    const SIGNS: &[u8] = b";}!@#%^&*,";
    const EXPRESSION: &[u8] = b"{()[]'\"";
    let equals = memchr::memchr2(b'=', b';', stretch).filter(|&place| stretch[place] == b'=')?;
    let open = lexer::blanks(stretch, equals + 1);
    let inner = stretch[open..].strip_prefix(b"{")?;
    let mut close = memchr::memchr(b'}', inner)?;
    while inner.get(close + 1) == Some(&b'}') {
        close += 2 + memchr::memchr(b'}', &inner[close + 2..])?;
    }
    let value = &inner[..close];
    let quoted = value.iter().any(|byte| SIGNS.contains(byte)) && !value.iter().any(|byte| EXPRESSION.contains(byte));
    quoted.then(|| (equals, Span::new(open + 1, open + 1 + close)))
}

/// Up to the separator; in a query, an entity for `&` counts as one byte more.
fn field_length(stretch: &[u8], separator: u8) -> usize {
    let length = stretch.iter().position(|&byte| byte == separator).unwrap_or(stretch.len());
    if separator == b';' && stretch[..length].ends_with(b"&amp") {
        return length;
    }
    length
}

fn ends_value(byte: u8, separator: u8) -> bool {
    byte == b'\'' || (separator == b'&' && (byte.is_ascii_whitespace() || matches!(byte, b')' | b'#' | b',' | b'\\')))
}
