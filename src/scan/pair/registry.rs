//! Credentials of package and image registries: Docker, npm, Yarn, Bundler. A Kubernetes pull secret is Docker's
//! configuration in base64, which is a layer of its own.

use super::lexer::{self, at};
use super::word::Word;
use super::{Form, Half, Pair, Site, decode, header};
use crate::finding::Span;

/// What announces a registry's credentials.
pub const KEYWORDS: &[&str] =
    &["\"auth\"", "\\\"auth\\\"", ":_auth", "_auth=", "_auth =", ":_password", "npmauthident", "bundle_"];

const DOCKER: Form = Form::sure("docker-auth");
const NPM: Form = Form::sure("npm-auth");
const YARN: Form = Form::sure("yarn-auth");
const BUNDLER: Form = Form::sure("bundler");

/// Reads the credentials at the hit.
pub fn read(site: Site<'_>, hit: Span, found: &mut Vec<Pair>) {
    let text = site.text;
    let word = hit.of(text).to_ascii_lowercase();
    match word.as_slice() {
        b"\"auth\"" | b"\\\"auth\\\"" => read_docker(text, hit, found),
        b":_password" => read_npm_password(text, hit, found),
        b"npmauthident" => read_value(text, hit, YARN, found),
        b"bundle_" => read_bundler(text, hit, found),
        _ => read_npm_auth(text, hit, found),
    }
}

/// `"h": {"auth": "<base64>"}`.
fn read_docker(text: &[u8], hit: Span, found: &mut Vec<Pair>) {
    let place = lexer::white(text, hit.end);
    if at(text, place) != b':' {
        return;
    }
    let Some(literal) = lexer::literal(text, lexer::white(text, place + 1)) else { return };
    let Some(mut pair) = header::decoded(text, literal.inner, DOCKER) else { return };
    let before = &text[hit.start.saturating_sub(300)..hit.start];
    pair.host = before.iter().rposition(|&byte| byte == b'{').and_then(|brace| last_literal(&before[..brace]));
    found.push(pair);
}

/// The last quoted text of a stretch that ends in `"h": `.
fn last_literal(before: &[u8]) -> Option<String> {
    let close = before.iter().rposition(|&byte| byte == b'"')?;
    let open = before[..close].iter().rposition(|&byte| byte == b'"')?;
    let host = String::from_utf8_lossy(&before[open + 1..close]).trim_end_matches('\\').to_owned();
    let host =
        host.split_once("://").map_or(host.as_str(), |(_, rest)| rest).split('/').next().unwrap_or_default().to_owned();
    (!host.is_empty()).then_some(host)
}

/// `_auth=<base64 of u:p>`.
fn read_npm_auth(text: &[u8], hit: Span, found: &mut Vec<Pair>) {
    let Some(span) = plain_value(text, hit.end - usize::from(text[hit.end - 1] == b'=')) else { return };
    if let Some(mut pair) = header::decoded(text, span, NPM) {
        pair.host = registry_host(text, hit.start);
        found.push(pair);
    }
}

/// npm keeps the name beside a password that is the base64 of the pass alone.
fn read_npm_password(text: &[u8], hit: Span, found: &mut Vec<Pair>) {
    let Some(span) = plain_value(text, hit.end) else { return };
    let raw = span.of(text);
    let value = decode::base64_text(raw).unwrap_or_else(|| raw.to_vec());
    let start = lexer::line_start(text, hit.start, 200);
    let registry = &text[start..hit.start];
    let around = Span::new(start.saturating_sub(400), text.len().min(span.end + 400));
    let key = [registry, b":username"].concat();
    let user = around.of(text).windows(key.len()).position(|part| part == key.as_slice());
    let user = user.and_then(|place| plain_value(text, around.start + place + key.len()));
    let mut pair = Pair::new(NPM, user.map(|user| Half::new(user, user.of(text))), Half::new(span, &value));
    pair.joined = false;
    pair.host = registry_host(text, hit.start);
    found.push(pair);
}

fn registry_host(text: &[u8], at: usize) -> Option<String> {
    let start = lexer::line_start(text, at, 200);
    let line = String::from_utf8_lossy(&text[start..at]).into_owned();
    let host = line.split_once("//")?.1.split('/').next()?.to_owned();
    (!host.is_empty()).then_some(host)
}

/// The value after `=` or `:`, quoted or to the end of the line.
fn plain_value(text: &[u8], from: usize) -> Option<Span> {
    let mut place = lexer::blanks(text, from);
    if !matches!(at(text, place), b'=' | b':') {
        return None;
    }
    place = lexer::blanks(text, place + 1);
    if let Some(literal) = lexer::literal(text, place) {
        return Some(literal.inner);
    }
    let end = lexer::line_end(text, place, 512);
    let stop = text[place..end]
        .iter()
        .position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\''))
        .unwrap_or(end - place);
    // In a literal of another language the line ends with an escape.
    let stop = memchr::memmem::find(&text[place..place + stop], b"\\n").unwrap_or(stop);
    (stop > 0).then(|| Span::new(place, place + stop))
}

fn read_value(text: &[u8], hit: Span, form: Form, found: &mut Vec<Pair>) {
    let from = hit.end + usize::from(matches!(at(text, hit.end), b'"' | b'\''));
    let Some(span) = plain_value(text, from) else { return };
    let pair = if span.of(text).contains(&b':') {
        Pair::split(form, &Word::plain(text, span))
    } else {
        header::decoded(text, span, form)
    };
    found.extend(pair);
}

/// `BUNDLE_GEMS__EXAMPLE__COM: "u:p"`: the name holds the host, with `__` for a dot.
fn read_bundler(text: &[u8], hit: Span, found: &mut Vec<Pair>) {
    let name = lexer::name_around(text, hit);
    let value = String::from_utf8_lossy(name.of(text)).into_owned();
    let from = name.end + usize::from(matches!(at(text, name.end), b'"' | b'\''));
    let Some(span) = plain_value(text, from).filter(|span| !span.of(text).windows(3).any(|part| part == b"://")) else {
        return;
    };
    if !value.contains("__") || value.starts_with("BUNDLE_BUILD") || span.of(text).contains(&b' ') {
        return;
    }
    if let Some(mut pair) = Pair::split(BUNDLER, &Word::plain(text, span)) {
        pair.host = Some(value["BUNDLE_".len()..].replace("__", ".").to_ascii_lowercase());
        found.push(pair);
    }
}
