//! Files whose lines are records: netrc, pgpass, htpasswd, credential stores.

use super::lexer::{self, at};
use super::word::Word;
use super::{Form, Half, Pair, Site};
use crate::finding::Span;

/// What announces a netrc entry.
pub const NETRC_KEYWORDS: &[&str] = &["machine ", "default login", "machine\t", "machine\n"];
/// What announces a pgpass line outside its file.
pub const PGPASS_KEYWORDS: &[&str] = &["pgpass"];

const NETRC: Form = Form::sure("netrc");
const PGPASS: Form = Form::sure("pgpass");
const MAIL: Form = Form::sure("mail-account");
const PASSWD: Form = Form::sure("htpasswd");

/// Reads `machine h login u password p`, whose words may stand on several lines.
pub fn read_netrc(site: Site<'_>, hit: Span, found: &mut Vec<Pair>) {
    const MOST_WORDS: usize = 10;
    let text = site.text;
    if hit.start > 0 && lexer::in_name(text[hit.start - 1]) {
        return;
    }
    let machine = text[hit.start].eq_ignore_ascii_case(&b'm');
    let mut place = hit.start + 7;
    let (mut host, mut user, mut pass) = (None, None, None);
    if machine {
        let word = token(text, &mut place);
        host = Some(String::from_utf8_lossy(word.of(text)).into_owned());
    }
    for _ in 0..MOST_WORDS {
        let key = token(text, &mut place);
        match key.of(text) {
            b"login" => user = Some(token(text, &mut place)),
            b"password" => pass = Some(token(text, &mut place)),
            b"account" => {
                token(text, &mut place);
            }
            _ => break,
        }
        if user.is_some() && pass.is_some() {
            break;
        }
    }
    let Some(pass) = pass.filter(|pass| !pass.is_empty()) else { return };
    let half = |span: Span| Half::new(span, &super::decode::escapes(span.of(text)));
    let mut pair = Pair::new(NETRC, user.filter(|user| !user.is_empty()).map(half), half(pass));
    pair.joined = false;
    pair.host = host;
    found.push(pair);
}

/// The end of a line as a literal writes it.
fn is_line_end(rest: &[u8]) -> bool {
    rest.starts_with(b"\\n") || rest.starts_with(b"\\r")
}

/// The next word; quotes around it are left out.
fn token(text: &[u8], place: &mut usize) -> Span {
    let mut start = lexer::white(text, *place);
    while is_line_end(&text[start.min(text.len())..]) {
        start = lexer::white(text, start + 2);
    }
    let mut end = start;
    while end < text.len() && end - start < 256 && !text[end].is_ascii_whitespace() && !is_line_end(&text[end..]) {
        end += 1;
    }
    *place = end;
    let trimmed = Span::new(start, end);
    let inner = trimmed.of(text);
    let quoted = inner.len() > 2 && matches!(inner[0], b'"' | b'\'') && inner[0] == inner[inner.len() - 1];
    let closed = !quoted && inner.last().is_some_and(|last| matches!(last, b'"' | b'\'' | b'`'));
    Span::new(start + usize::from(quoted), end - usize::from(quoted || closed))
}

/// Reads a line for `.pgpass` that a script writes: `echo "h:5432:db:u:p" > ~/.pgpass`.
pub fn read_pgpass(site: Site<'_>, hit: Span, found: &mut Vec<Pair>) {
    let text = site.text;
    let start = lexer::line_start(text, hit.start, 400);
    let line = &text[start..hit.start];
    if let Some(quote) = line.iter().position(|byte| matches!(byte, b'"' | b'\''))
        && let Some(literal) = lexer::literal(text, start + quote)
    {
        found.extend(pgpass_line(text, literal.inner));
    }
}

/// Files that hold nothing but pairs.
pub fn read_by_path(site: Site<'_>, found: &mut Vec<Pair>) {
    let name = site.path.rsplit('/').next().unwrap_or(site.path);
    if is_mail(name) {
        return read_mail(site, found);
    }
    let Some(reader) = line_reader(name) else { return };
    let mut start = 0;
    while start < site.text.len() {
        let end = memchr::memchr(b'\n', &site.text[start..]).map_or(site.text.len(), |place| start + place);
        let line = Span::new(start, end);
        if !line.of(site.text).starts_with(b"#") {
            found.extend(reader(site.text, line));
        }
        start = end + 1;
    }
}

/// Reads the pair of one line.
type LineReader = fn(&[u8], Span) -> Option<Pair>;

/// What reads the lines of a file of this name.
fn line_reader(name: &str) -> Option<LineReader> {
    match name {
        ".pgpass" | "pgpass.conf" | "pgpass" => Some(pgpass_line),
        ".htpasswd" | "htpasswd" | ".htdigest" => Some(passwd_line),
        _ if name.ends_with(".htpasswd") => Some(passwd_line),
        ".curlrc" | "_curlrc" | "curlrc" => Some(super::command::config_line),
        _ => None,
    }
}

/// Whether a file of this name holds nothing but pairs.
pub fn is_read_by_path(name: &str) -> bool {
    line_reader(name).is_some() || is_mail(name)
}

/// Whether a mail client keeps its accounts in a file of this name.
fn is_mail(name: &str) -> bool {
    matches!(name, ".esmtprc" | "esmtprc" | ".msmtprc" | "msmtprc" | ".fetchmailrc" | ".mbsyncrc")
}

/// Accounts of mail clients, in words that may stand on several lines: `host h user u password p`.
fn read_mail(site: Site<'_>, found: &mut Vec<Pair>) {
    let text = site.text;
    let half = |span: Span| Half::new(span, &super::decode::escapes(span.of(text)));
    let (mut host, mut user, mut place) = (None, None, 0);
    while place < text.len() {
        let before = place;
        let word = token(text, &mut place);
        match word.of(text).to_ascii_lowercase().as_slice() {
            [b'#', ..] => place = memchr::memchr(b'\n', &text[word.start..]).map_or(text.len(), |end| word.start + end),
            b"account" | b"identity" | b"imapaccount" | b"imapstore" => (host, user) = (None, None),
            b"host" | b"hostname" | b"poll" => {
                host = Some(String::from_utf8_lossy(token(text, &mut place).of(text)).into_owned());
            }
            b"user" | b"username" => user = Some(token(text, &mut place)),
            b"password" | b"pass" => {
                let pass = token(text, &mut place);
                if !pass.is_empty() {
                    let mut pair = Pair::new(MAIL, user.map(half), half(pass));
                    pair.joined = false;
                    pair.host.clone_from(&host);
                    found.push(pair);
                }
            }
            _ => {}
        }
        place = place.max(before + 1);
    }
}

/// `host:port:database:user:pass`; a colon or backslash in a field is escaped by a backslash.
fn pgpass_line(text: &[u8], line: Span) -> Option<Pair> {
    let mut fields = vec![(line.start, Vec::new())];
    let mut place = line.start;
    while place < line.end {
        let byte = text[place];
        match byte {
            b'\\' if matches!(at(text, place + 1), b':' | b'\\') => {
                fields.last_mut()?.1.push(text[place + 1]);
                place += 1;
            }
            b':' if fields.len() < 5 => fields.push((place + 1, Vec::new())),
            b'\r' => {}
            _ => fields.last_mut()?.1.push(byte),
        }
        place += 1;
    }
    let [host, port, _, user, pass] = fields.as_slice() else { return None };
    let numeric = port.1 == b"*" || port.1.iter().all(u8::is_ascii_digit) && !port.1.is_empty();
    if !numeric || pass.1.is_empty() {
        return None;
    }
    let end = if text[..line.end].ends_with(b"\r") { line.end - 1 } else { line.end };
    let user_half = Half::new(Span::new(user.0, pass.0 - 1), &user.1);
    let mut pair = Pair::new(PGPASS, Some(user_half), Half::new(Span::new(pass.0, end), &pass.1));
    pair.host = (host.1 != b"*").then(|| String::from_utf8_lossy(&host.1).into_owned());
    Some(pair)
}

/// `user:pass` in clear; hashes are found by a rule of their own.
fn passwd_line(text: &[u8], line: Span) -> Option<Pair> {
    let value = line.of(text).trim_ascii_end();
    let hashed = [b":$".as_slice(), b":{", b":_"].iter().any(|mark| lexer::find(value, mark).is_some());
    let crypted = value.iter().rposition(|&byte| byte == b':').is_some_and(|colon| value.len() - colon == 14);
    if hashed || crypted || value.contains(&b' ') {
        return None;
    }
    Pair::split(PASSWD, &Word::plain(text, Span::new(line.start, line.start + value.len())))
        .filter(|pair| pair.user.is_some())
}
