//! `scheme://user:pass@host`: addresses, data source names of databases and queues, git remotes, package indexes.

use super::lexer::{self, at};
use super::{Form, Half, Pair, Site, decode, transport};
use crate::finding::Span;

/// What announces an address.
pub const KEYWORDS: &[&str] = &["://", ":\\/\\/", ":&#x2f;&#x2f;"];
/// What announces data source names without a scheme.
pub const DRIVER_KEYWORDS: &[&str] = &["@tcp(", "@unix(", "oracle:thin:"];

const ADDRESS: Form = Form::sure("url-userinfo");
const DATABASE: Form = Form::sure("database-url");
const REMOTE: Form = Form::sure("git-remote");
const STORE: Form = Form::sure("git-credential-store");
const INDEX: Form = Form::sure("package-index-url");
const TOKEN: Form = Form::likely("url-key");
const DRIVER: Form = Form::sure("data-source-name");

/// Longest userinfo and host that are read.
const LONGEST: usize = 1024;
const DATABASES: &[&str] = &[
    "postgres",
    "postgresql",
    "mysql",
    "mariadb",
    "mongodb",
    "mongodb+srv",
    "redis",
    "rediss",
    "amqp",
    "amqps",
    "mssql",
    "sqlserver",
    "oracle",
    "clickhouse",
    "cockroachdb",
    "nats",
    "kafka",
    "mqtt",
    "mqtts",
    "ldap",
    "ldaps",
    "smtp",
    "smtps",
    "cassandra",
    "couchdb",
    "neo4j",
    "bolt",
    "influxdb",
    "db2",
    "snowflake",
    "redshift",
    "vertica",
    "memcached",
    "stomp",
];

/// Schemes under which a key may stand alone in place of a user: those of programs name what they like there.
const TRANSPORTS: &[&str] = &[
    "http", "https", "ws", "wss", "ftp", "ftps", "sftp", "ssh", "git", "svn", "dav", "davs", "tcp", "tls", "ssl",
    "grpc", "grpcs",
];

/// Reads the address whose `://` stands at `hit`.
pub fn read(site: Site<'_>, hit: Span, found: &mut Vec<Pair>) {
    let text = site.text;
    let Some(userinfo) = userinfo(text, hit.end) else { return };
    let scheme = scheme(text, hit.start);
    if scheme.is_empty() || matches!(scheme.as_str(), "file" | "urn" | "javascript" | "data" | "chrome" | "jdbc") {
        return;
    }
    let (host, host_span) = host_after(text, userinfo.end + 1);
    let database = DATABASES.contains(&scheme.split_once('+').map_or(scheme.as_str(), |(base, _)| base))
        || DATABASES.contains(&scheme.as_str());
    if host.is_none() && !database && !is_template(text, userinfo.end + 1) {
        return;
    }
    let form = form_of(site, hit, database);
    let userinfo = without_mechanism(text, userinfo, &scheme);
    let raw = userinfo.of(text);
    // `http://[::1]:80@host`: an address of IPv6.
    if raw.starts_with(b"[") {
        return;
    }
    let Some(mut pair) = split(site, userinfo, raw, form, host.as_deref(), host_span.end) else { return };
    if pair.form == TOKEN && !database && !TRANSPORTS.contains(&scheme.rsplit('+').next().unwrap_or_default()) {
        return;
    }
    if transport::is_clear(&scheme) {
        pair.cleartext = Some(Span::new(hit.start - scheme.len(), hit.end));
    }
    pair.host = host;
    found.push(pair);
}

/// The userinfo of a mailbox without the mechanism behind it: `u:p;AUTH=PLAIN` (RFC 5092, RFC 2384).
fn without_mechanism(text: &[u8], userinfo: Span, scheme: &str) -> Span {
    let mail = matches!(scheme, "imap" | "imaps" | "pop3" | "pop3s" | "smtp" | "smtps");
    match lexer::find(userinfo.of(text), b";auth=").filter(|_| mail) {
        Some(place) => Span::new(userinfo.start, userinfo.start + place),
        None => userinfo,
    }
}

/// Whether the text after a colon begins with a port and goes on with other settings: `15672,queue=telegraf`.
fn is_port_and_more(rest: &[u8]) -> bool {
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (1..=5).contains(&digits) && matches!(rest.get(digits), Some(b',' | b';'))
}

/// Whether a half is cut out of the middle of a template: `{user:uri}`.
fn is_cut(raw: &[u8]) -> bool {
    let count = |wanted: u8| raw.iter().filter(|byte| **byte == wanted).count();
    count(b'{') != count(b'}')
}

fn split(site: Site<'_>, span: Span, raw: &[u8], form: Form, host: Option<&str>, after: usize) -> Option<Pair> {
    let half = |from: usize, to: usize| {
        Half::new(Span::new(span.start + from, span.start + to), &decode::percent(&raw[from..to]))
    };
    let colon = raw.iter().position(|&byte| byte == b':').map(|at| (at, at + 1)).or_else(|| {
        // A colon may be written as an entity.
        [b"&#58;".as_slice(), b"&colon;", b"&#x3a;"]
            .iter()
            .find_map(|mark| lexer::find(raw, mark).map(|at| (at, at + mark.len())))
    });
    match colon {
        Some((at, next)) if is_port_and_more(&raw[next..]) || is_cut(&raw[..at]) || is_cut(&raw[next..]) => None,
        Some((at, next)) if next < raw.len() => {
            let mut pair = Pair::new(form, Some(half(0, at)), half(next, raw.len()));
            pair.joined = pair.user.is_some();
            Some(pair)
        }
        Some((at, _)) if at > 0 => Some(Pair::new(TOKEN, None, half(0, at))),
        Some(_) => None,
        None => {
            // A lone user half is a name, unless it looks like a key: sixteen random characters, and no public key of
            // an error tracker, whose address ends in a number.
            let number =
                site.text[after..].split(|byte| !byte.is_ascii_digit() && *byte != b'/').next().unwrap_or_default();
            let tracker = host.is_some_and(|host| host.contains("sentry") || host.contains("ingest"))
                || number.iter().any(u8::is_ascii_digit);
            (raw.len() >= 20 && !tracker && super::worth::looks_random(raw))
                .then(|| Pair::new(TOKEN, None, half(0, raw.len())))
        }
    }
}

fn form_of(site: Site<'_>, hit: Span, database: bool) -> Form {
    if database {
        return DATABASE;
    }
    let path = site.path;
    if path.ends_with(".git-credentials") || path.ends_with("git/credentials") {
        return STORE;
    }
    let start = lexer::line_start(site.text, hit.start, 120);
    let before = &site.text[start..hit.start];
    if path.ends_with(".git/config") || path.ends_with(".gitmodules") || lexer::find(before, b"git ").is_some() {
        return REMOTE;
    }
    let index = [b"index-url".as_slice(), b"index_url", b"_index", b"-i ", b"find-links"];
    if index.iter().any(|mark| lexer::find(before, mark).is_some()) || path.ends_with("pip.conf") {
        return INDEX;
    }
    ADDRESS
}

/// What stands between `//` and the last `@` of the authority.
fn userinfo(text: &[u8], from: usize) -> Option<Span> {
    let end = text.len().min(from + LONGEST);
    let mut last = None;
    for (offset, &byte) in text[from..end].iter().enumerate() {
        match byte {
            b'@' => last = Some(from + offset),
            b'/' | b'?' | b'#' if byte != b'#' || !is_entity_mark(text, from + offset) => break,
            b'"' | b'\'' | b'<' | b'>' | b'`' | b'\\' | b'|' => break,
            byte if byte.is_ascii_whitespace() || byte.is_ascii_control() => break,
            _ => {}
        }
    }
    last.filter(|&last| last > from).map(|last| Span::new(from, last))
}

/// Whether a `#` belongs to an entity such as `&#58;`.
fn is_entity_mark(text: &[u8], place: usize) -> bool {
    place > 0 && text[place - 1] == b'&'
}

fn scheme(text: &[u8], colon: usize) -> String {
    let mut start = colon;
    while start > 0
        && colon - start < 24
        && (text[start - 1].is_ascii_alphanumeric() || matches!(text[start - 1], b'+' | b'-' | b'.'))
    {
        start -= 1;
    }
    let scheme = String::from_utf8_lossy(&text[start..colon]).to_ascii_lowercase();
    scheme.trim_start_matches(['-', '.', '+']).to_owned()
}

fn host_after(text: &[u8], from: usize) -> (Option<String>, Span) {
    let end = text.len().min(from + 255);
    let rest = &text[from.min(end)..end];
    let bracket = at(rest, 0) == b'[';
    let stop = rest
        .iter()
        .position(|byte| {
            !(byte.is_ascii_alphanumeric()
                || b".-_".contains(byte)
                || (bracket && b"[]:%".contains(byte))
                || *byte == b':')
        })
        .unwrap_or(rest.len());
    let span = Span::new(from, from + stop);
    let host = std::str::from_utf8(&rest[..stop]).ok().map(|host| host.trim_end_matches(['.', ':', '-']).to_owned());
    (host.filter(|host| host.bytes().any(|byte| byte.is_ascii_alphanumeric())), span)
}

fn is_template(text: &[u8], from: usize) -> bool {
    matches!(at(text, from), b'$' | b'{' | b'<' | b'%' | b'#')
}

/// Reads `user:pass@tcp(host:port)/db` backwards from the `@`, and Oracle's `thin:user/pass@host`.
pub fn read_driver(site: Site<'_>, hit: Span, found: &mut Vec<Pair>) {
    let text = site.text;
    if text[hit.start] != b'@' {
        return read_oracle(site, hit, found);
    }
    let mut start = hit.start;
    while start > 0
        && hit.start - start < 256
        && !text[start - 1].is_ascii_whitespace()
        && !b"\"'`<>=".contains(&text[start - 1])
    {
        start -= 1;
    }
    let raw = &text[start..hit.start];
    let Some(colon) = raw.iter().position(|&byte| byte == b':') else { return };
    let user = Half::new(Span::new(start, start + colon), &raw[..colon]);
    let pass = Half::new(Span::new(start + colon + 1, hit.start), &raw[colon + 1..]);
    let mut pair = Pair::new(DRIVER, Some(user), pass);
    pair.host = host_after(text, hit.end).0;
    found.push(pair);
}

fn read_oracle(site: Site<'_>, hit: Span, found: &mut Vec<Pair>) {
    let text = site.text;
    let end = lexer::line_end(text, hit.end, 256);
    let rest = &text[hit.end..end];
    let (Some(slash), Some(sign)) = (memchr::memchr(b'/', rest), memchr::memchr(b'@', rest)) else { return };
    if slash == 0 || slash + 1 >= sign || rest[..sign].iter().any(|byte| byte.is_ascii_whitespace() || *byte == b'"') {
        return;
    }
    let half = |from: usize, to: usize| Half::new(Span::new(hit.end + from, hit.end + to), &rest[from..to]);
    let mut pair = Pair::new(DRIVER, Some(half(0, slash)), half(slash + 1, sign));
    let from = hit.end + sign + 1 + rest[sign + 1..].iter().take_while(|byte| **byte == b'/').count();
    pair.host = host_after(text, from).0;
    found.push(pair);
}
