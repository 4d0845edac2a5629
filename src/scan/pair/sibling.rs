//! Two fields side by side: `username`/`password` in one section, object, element or block, and variables with one stem.

use super::assignment::{self, Value, Writing};
use super::lexer;
use super::name::{self, Meaning};
use super::nearby::{Nearby, View};
use super::path::Syntax;
use super::{Form, Half, Pair, Site, decode, tuple};
use crate::finding::Span;

/// What announces a field.
pub const KEYWORDS: &[&str] = &[
    "passw",
    "_pass",
    "pass=",
    "pass:",
    "pass\"",
    "pass'",
    "pass =",
    "pass :=",
    "pass) =",
    "pass] =",
    "pass>",
    "pass encoding",
    "passphrase",
    "pwd",
    "pswd",
    "_user",
    "_login",
    "client_id",
    "clientid",
    "client-id",
    "_account=",
    "_email=",
    "_id=",
];

const FIELDS: Form = Form::likely("sibling-fields");
const VARIABLES: Form = Form::likely("stem-variables");
const ELEMENTS: Form = Form::likely("sibling-elements");
const KEYED: Form = Form::vague("stem-id-secret");
const KUBERNETES: Form = Form::sure("kubernetes-secret");

/// How far siblings may be from each other: in all, on one line, and in lines.
const REACH: usize = 1200;
const LINE: usize = 600;
const LINES: usize = 20;
const LONGEST_VALUE: usize = 256;
/// So many names are looked at for a sibling, the nearest ones: a block has no more, a hostile text thousands.
const MOST_FIELDS: usize = 24;

/// Reads the field at the hit and looks for its sibling.
pub fn read(site: Site<'_>, hit: Span, found: &mut Vec<Pair>) {
    let text = site.text;
    // What stands behind a blank belongs to the keyword and not to the name.
    let length = hit.of(text).iter().position(|&byte| byte == b' ').unwrap_or(hit.len());
    let name = lexer::name_around(text, Span::new(hit.start, hit.start + length));
    if name.is_empty() || is_flag(text, name) {
        return;
    }
    let Some((meaning, stem)) = meaning(text, name) else { return };
    if let Some(items) = tuple::read(text, name) {
        return read_tuple(text, (name, meaning, &stem), &items, found);
    }
    let Some(value) = value(text, name, site.syntax) else { return };
    match meaning {
        Meaning::Pass => read_pass(site, &Field { name, value, stem }, found),
        Meaning::User if stem.len() > 1 || hit.len() > 7 => read_key(site, &Field { name, value, stem }, found),
        _ => {}
    }
}

/// The pass half of names that are assigned at once, and the user half among them. None of them has another value.
fn read_tuple(text: &[u8], pass: (Span, Meaning, &str), items: &[tuple::Item], found: &mut Vec<Pair>) {
    let (name, kind, stem) = pass;
    let is_user = |one: &Span| {
        meaning(text, *one).is_some_and(|(meaning, other)| meaning == Meaning::User && name::same_stem(stem, &other))
    };
    let literal_of =
        |wanted: &dyn Fn(&Span) -> bool| items.iter().find(|(one, _)| wanted(one)).and_then(|(_, literal)| *literal);
    let (Some(user), Some(pass)) = (literal_of(&is_user), literal_of(&|one| one.overlaps(name))) else { return };
    if kind != Meaning::Pass || pass.inner.is_empty() || is_filled_in(pass.inner.of(text)) {
        return;
    }
    let half = |literal: lexer::Literal| Half::new(literal.inner, &decode::escapes(literal.inner.of(text)));
    let mut pair = Pair::new(if stem.is_empty() { FIELDS } else { VARIABLES }, Some(half(user)), half(pass));
    pair.joined = false;
    pair.slot = Some(String::from_utf8_lossy(name.of(text)).into_owned());
    found.push(pair);
}

/// A name, its literal, and the stem of the name.
struct Field {
    name: Span,
    value: Value,
    stem: String,
}

/// What the name means; of a setter's name its verb does not count.
fn meaning(text: &[u8], name: Span) -> Option<(Meaning, String)> {
    let raw = name.of(text);
    match assignment::setter(raw).filter(|_| text.get(name.end) == Some(&b'(')) {
        Some(bare) => name::classify(bare),
        None => name::classify(raw),
    }
}

fn is_flag(text: &[u8], name: Span) -> bool {
    text[..name.start].ends_with(b"--") || text[..name.start].ends_with(b" -")
}

fn value(text: &[u8], name: Span, syntax: Syntax) -> Option<Value> {
    // A name that a template refers to is not the one that holds the value.
    if text[..name.start].ends_with(b"${") {
        return None;
    }
    let value = assignment::named_value(text, name, syntax).or_else(|| assignment::value_of(text, name, syntax))?;
    let value = match assignment::default_of(text, value.span) {
        Some(span) => Value { span, ..value },
        None => value,
    };
    let bytes = value.span.of(text);
    let wordy = bytes.iter().filter(|byte| **byte == b' ').count() > usize::from(value.writing == Writing::Quoted);
    let fits = bytes.len() <= LONGEST_VALUE
        && !wordy
        && !(value.writing == Writing::Bare && value.trailing && syntax != Syntax::Prose);
    fits.then_some(value)
}

fn read_pass(site: Site<'_>, pass: &Field, found: &mut Vec<Pair>) {
    let text = site.text;
    if pass.value.span.is_empty() || is_filled_in(pass.value.span.of(text)) || looks_like_code(text, pass, site.syntax)
    {
        return;
    }
    let user = nearest(site, pass, Meaning::User, &|stem| name::same_stem(&pass.stem, stem));
    let mut pair = make(site, pass, user.as_ref());
    pair.slot = Some(String::from_utf8_lossy(pass.name.of(text)).into_owned());
    // A password without its user is a single value: those are read and judged elsewhere.
    if pair.user.is_some() {
        found.push(pair);
    }
}

/// A user field whose stem also has a secret, a token or a key.
fn read_key(site: Site<'_>, user: &Field, found: &mut Vec<Pair>) {
    if user.value.span.is_empty() || is_filled_in(user.value.span.of(site.text)) {
        return;
    }
    let Some(key) = nearest(site, user, Meaning::Key, &|stem| name::same_stem(stem, &user.stem)) else { return };
    if key.value.span.len() < 8 || looks_like_code(site.text, &key, site.syntax) {
        return;
    }
    let mut pair = make(site, &key, Some(user));
    pair.form = KEYED;
    pair.slot = Some(String::from_utf8_lossy(key.name.of(site.text)).into_owned());
    found.push(pair);
}

fn make(site: Site<'_>, pass: &Field, user: Option<&Field>) -> Pair {
    let text = site.text;
    let kubernetes = site.syntax == Syntax::Yaml
        && in_kubernetes_data(text, pass.name)
        && decode::base64_text(pass.value.span.of(text)).is_some();
    let half = |field: &Field| {
        let span = without_marker(text, field.value.span);
        let raw = span.of(text);
        // Java's properties write letters as their numbers, without quotes.
        let lettered = || memchr::memmem::find(raw, b"\\u").is_some();
        let plain = match field.value.writing {
            Writing::Quoted => decode::escapes(raw),
            Writing::Bare if lettered() => decode::escapes(raw),
            _ => raw.into(),
        };
        let encoded = kubernetes || says_base64(text, field);
        let value = if encoded { decode::base64_text(raw).unwrap_or_else(|| plain.to_vec()) } else { plain.to_vec() };
        Half::new(span, value.strip_suffix(b"\n").unwrap_or(&value))
    };
    let form = match pass.value.writing {
        _ if kubernetes => KUBERNETES,
        Writing::Element => ELEMENTS,
        _ if pass.stem.is_empty() => FIELDS,
        _ => VARIABLES,
    };
    let mut pair = Pair::new(form, user.map(half), half(pass));
    pair.joined = false;
    pair
}

/// Spring Security writes before a pass how it is encoded; `{noop}` says that it is not.
fn without_marker(text: &[u8], span: Span) -> Span {
    const PLAIN: &[u8] = b"{noop}";
    let marked = span.of(text).starts_with(PLAIN) && span.len() > PLAIN.len();
    Span::new(span.start + if marked { PLAIN.len() } else { 0 }, span.end)
}

/// Whether the tag of an element says how its text is encoded: `<Pass encoding="base64">`.
fn says_base64(text: &[u8], field: &Field) -> bool {
    field.value.writing == Writing::Element
        && lexer::find(&text[field.name.end..field.value.span.start], b"encoding=\"base64\"").is_some()
}

/// Whether a template fills the value in, or nothing but signs stands there: its sibling need not be looked for.
fn is_filled_in(value: &[u8]) -> bool {
    value.windows(2).any(|two| matches!(two, b"{{" | b"${" | b"$("))
        || !value.iter().any(|&byte| byte.is_ascii_alphanumeric() || !byte.is_ascii())
}

/// In code, what a pass name is compared with or labelled by is no literal pass.
fn looks_like_code(text: &[u8], field: &Field, syntax: Syntax) -> bool {
    let value = field.value.span.of(text);
    if field.value.writing == Writing::Quoted {
        // KEY `code_client_id_fk` (`client_id`, `nid`): an index of a table.
        return field.value.trailing || text[field.value.span.end..].starts_with(b"` (`");
    }
    if field.value.writing == Writing::Element {
        return value.contains(&b'$') || value.starts_with(b"{");
    }
    let dotted =
        value.iter().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'.' | b'_')) && value.contains(&b'.');
    dotted || is_indexed(value) || (syntax != Syntax::Config && value.contains(&b'$')) || value.starts_with(b"$")
}

/// `module.cluster.kube_config[0].password`: an expression of Terraform, also where it stands in a document.
fn is_indexed(value: &[u8]) -> bool {
    let part = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-[]\"'*".contains(byte);
    value.iter().all(part) && value.contains(&b'.') && value.contains(&b'[') && value[0].is_ascii_alphabetic()
}

/// The field nearest to `from` of the wanted meaning and the `same` account, in the same block.
fn nearest(site: Site<'_>, from: &Field, wanted: Meaning, same: &dyn Fn(&str) -> bool) -> Option<Field> {
    let text = site.text;
    let alone = Nearby::default();
    let nearby = site.nearby.unwrap_or(&alone);
    let names = nearby.names(View { text, base: site.base }, window(text, from), from.name, wanted);
    names.filter(|name| !name.overlaps(from.value.span)).take(MOST_FIELDS).find_map(|name| {
        let (_, stem) = meaning(text, name).filter(|(meaning, stem)| *meaning == wanted && same(stem))?;
        if is_flag(text, name) {
            return None;
        }
        let field = Field { name, value: value(text, name, site.syntax)?, stem };
        same_block(text, from, &field).then_some(field)
    })
}

/// At most some lines and bytes around the field, and nothing beyond a section header or the end of a document.
fn window(text: &[u8], field: &Field) -> Span {
    let line = lexer::line_start(text, field.name.start, LINE);
    let alone = line > 0 && text[line - 1] != b'\n';
    let floor = if alone { line } else { field.name.start.saturating_sub(REACH) };
    let start =
        memchr::memrchr_iter(b'\n', &text[floor..field.name.start]).nth(LINES).map_or(floor, |place| floor + place + 1);
    let line = lexer::line_end(text, field.value.end, LINE);
    let reach = if line == field.value.end + LINE { LINE } else { REACH };
    let ceiling = text.len().min(field.value.end + reach);
    let end = memchr::memchr_iter(b'\n', &text[field.value.end..ceiling])
        .nth(LINES)
        .map_or(ceiling, |place| field.value.end + place);
    Span::new(start, end)
}

/// Whether nothing between two fields closes the block that holds the first.
fn same_block(text: &[u8], one: &Field, other: &Field) -> bool {
    let (first, second) = if one.name.start < other.name.start { (one, other) } else { (other, one) };
    let between = Span::new(first.value.end, second.value.head);
    if between.start > between.end {
        return false;
    }
    // Lists of named values put each field into braces of its own: the list is the block.
    let between_text = between.of(text);
    (braces_balance(between_text) || is_list_of_named(text, first, second, between_text))
        && elements_balance(between_text)
        && !between_text.split(|byte| *byte == b'\n').any(is_boundary)
        && indents_agree(text, first, second)
}

/// No bracket closes what was open at the first field, and what opens in between is closed again.
fn braces_balance(between: &[u8]) -> bool {
    let mut depth = 0_i32;
    for &byte in between {
        match byte {
            b'{' | b'[' | b'(' => depth += 1,
            b'}' | b']' | b')' => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return false;
        }
    }
    depth == 0
}

/// `{…"value": "u"}, {"key": "password", …`: one object closes, the next opens.
fn is_list_of_named(text: &[u8], first: &Field, second: &Field, between: &[u8]) -> bool {
    let named = |field: &Field| text[field.value.head..].starts_with(b"value");
    let closes = between.iter().filter(|byte| matches!(byte, b'}')).count();
    let opens = between.iter().filter(|byte| matches!(byte, b'{')).count();
    named(first) && named(second) && closes == opens && closes <= 6 && !between.contains(&b']')
}

/// No element closes that was open at the first field.
fn elements_balance(between: &[u8]) -> bool {
    let mut depth = 0_i32;
    let mut place = 0;
    while let Some(found) = memchr::memchr(b'<', &between[place..]) {
        let at = place + found;
        match between.get(at + 1) {
            Some(b'/') => depth -= 1,
            Some(byte) if byte.is_ascii_alphabetic() => {
                let end = between[at..].iter().position(|&byte| byte == b'>').map_or(between.len(), |end| at + end);
                depth += i32::from(end < between.len() && between[end - 1] != b'/');
            }
            _ => {}
        }
        if depth < 0 {
            return false;
        }
        place = at + 1;
    }
    true
}

/// A section header, or the mark between two documents.
fn is_boundary(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    (line.starts_with(b"[") && line.ends_with(b"]") && !line.contains(&b',') && !line.contains(&b'"'))
        || line == b"---"
        || line.starts_with(b"machine ")
}

/// Fields that begin their lines with `name:` must stand at one column, and nothing between them further left.
fn indents_agree(text: &[u8], first: &Field, second: &Field) -> bool {
    let (Some(one), Some(other)) = (key_indent(text, first), key_indent(text, second)) else { return true };
    if one != other {
        return false;
    }
    let between =
        Span::new(lexer::line_end(text, first.value.end, REACH), lexer::line_start(text, second.name.start, REACH));
    if between.start >= between.end {
        return true;
    }
    between.of(text).split(|byte| *byte == b'\n').all(|line| {
        let trimmed = line.trim_ascii();
        let indent = line.iter().take_while(|byte| **byte == b' ').count();
        trimmed.is_empty()
            || trimmed.starts_with(b"#")
            || indent >= one
            || (trimmed.starts_with(b"- ") && indent + 2 >= one && named_list(first, text))
    }) && (!starts_item(text, second) || named_list(first, text))
}

fn named_list(field: &Field, text: &[u8]) -> bool {
    field.value.span.start > field.name.end
        && Span::new(field.name.end, field.value.span.start).of(text).contains(&b'\n')
}

/// Whether the field opens a new item of a list.
fn starts_item(text: &[u8], field: &Field) -> bool {
    let start = lexer::line_start(text, field.name.start, 200);
    text[start..field.name.start].trim_ascii() == b"-"
}

/// The column of a field that begins its line in the manner of YAML; a list's dash counts as blank.
fn key_indent(text: &[u8], field: &Field) -> Option<usize> {
    let start = lexer::line_start(text, field.name.start, 200);
    let before = &text[start..field.name.start];
    let blank = before.iter().all(|byte| matches!(byte, b' ' | b'-' | b'"' | b'\''));
    let colon = text[field.name.end..text.len().min(field.name.end + 3)].contains(&b':');
    (blank && colon && !text[..field.name.start].ends_with(b"\"")).then_some(before.len())
}

/// Whether the field stands under `data:` of a Kubernetes secret.
fn in_kubernetes_data(text: &[u8], name: Span) -> bool {
    let floor = name.start.saturating_sub(2500);
    let before = &text[floor..name.start];
    let document = before.windows(4).rposition(|part| part == b"\n---").map_or(before, |place| &before[place..]);
    let after = &text[name.end..text.len().min(name.end + 1500)];
    let kind = |stretch: &[u8]| lexer::find(stretch, b"kind: secret").is_some();
    let section = document.windows(6).rposition(|part| part == b"\ndata:");
    let plain = document.windows(12).rposition(|part| part == b"\nstringData:");
    section.is_some() && section > plain && (kind(document) || kind(after))
}
