//! keyrot's own format, in TOML, JSON and CSV: one reader for the three, because all of them are nodes by now.

use std::sync::Arc;

use chrono::{FixedOffset, NaiveDate};

use super::{Day, Rows, Waiver};
use crate::date::{self, Written};
use crate::diagnostic::Problem;
use crate::finding::{RuleId, Span};
use crate::lifecycle::document::{Node, Value};
use crate::lifecycle::key::{Gives, Hint, Source, Status};
use crate::toml_reader::suggestion;

const TOP: &[&str] = &["schema", "generated_at", "source", "timezone", "key", "waiver", "$schema"];
const KEY: &[&str] = &[
    "id",
    "class",
    "name",
    "fingerprint",
    "hint",
    "public",
    "owner",
    "contact",
    "service",
    "environment",
    "endpoints",
    "scopes",
    "needed_scopes",
    "created",
    "not_before",
    "rotated",
    "expires",
    "last_used",
    "revoked",
    "first_seen",
    "status",
    "replaces",
    "replaced_by",
    "replaced_at",
    "auto_rotate",
    "policy",
    "monitor",
    "locations",
    "tags",
];
const WAIVER: &[&str] = &["rule", "id", "until", "reason", "by"];
/// Fields in which people put the key itself.
const VALUES: &[&str] = &["key", "value", "secret", "token", "password", "pass", "api_key", "private_key"];
/// Least length of a key of which an inventory may show characters.
const HINTED_LENGTH: usize = 20;

/// Whether a file of this name is discovered as an inventory at the root of a scan.
pub fn is_own_name(name: &str) -> bool {
    matches!(name, "keyrot-inventory.toml" | "keyrot-inventory.json" | "keyrot-inventory.csv")
}

/// Reads a tree in keyrot's own format. False if it is another one.
pub fn read(node: &Node<'_>, path: &str, rows: &mut Rows, problems: &mut Vec<Problem>) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    if let Value::List(items) = &node.value {
        return read_sheet(items, is_own_name(name), rows, problems);
    }
    let has = |key: &str| node.at(key).is_some();
    if !(has("schema") && (has("key") || has("waiver") || has("source")) || is_own_name(name)) {
        return false;
    }
    check_names(node, TOP, problems);
    match node.at("schema").map(|one| (one.text(), one.span)) {
        Some((Some("1"), _)) => {}
        Some((_, span)) => problems.push(at(span, "`schema` must be 1, the only version there is")),
        None => problems.push(at(Span::new(0, 0), "`schema` is missing").with_hint("write `schema = 1` at the top")),
    }
    rows.zone = read_zone(node, problems);
    let source = read_source(node, rows, problems);
    for (field, read) in [("key", read_key as Reader), ("waiver", read_waiver)] {
        match node.at(field).map(|one| (&one.value, one.span)) {
            Some((Value::List(items), _)) => items.iter().for_each(|item| read(item, &source, rows, problems)),
            Some((_, span)) => {
                problems.push(at(span, &format!("`{field}` must be a list of tables: write [[{field}]]")));
            }
            None => {}
        }
    }
    true
}

type Reader = fn(&Node<'_>, &Arc<Source>, &mut Rows, &mut Vec<Problem>);

fn read_sheet(items: &[Node<'_>], named: bool, rows: &mut Rows, problems: &mut Vec<Problem>) -> bool {
    let Some(first) = items.first() else { return named };
    // A table of somebody else's may have a column `id`; ours names the class as well, or has our file name.
    let ours = first.at("id").is_some() && first.at("class").is_some();
    if !ours && !named {
        return false;
    }
    let source = Arc::new(own_source("keyrot-csv", None));
    for item in items {
        read_key(item, &source, rows, problems);
    }
    true
}

fn own_source(name: &str, generated_at: Option<chrono::DateTime<chrono::Utc>>) -> Source {
    Source { generated_at, overlay: name == "overlay", ..Source::new(name, Gives::ALL) }
}

fn read_source(node: &Node<'_>, rows: &mut Rows, problems: &mut Vec<Problem>) -> Arc<Source> {
    let name = text(node, "source", problems).unwrap_or_else(|| "keyrot".to_owned());
    let generated_at = rows.date(node, "generated_at", Day::Start).time();
    Arc::new(own_source(&name, generated_at))
}

fn read_zone(node: &Node<'_>, problems: &mut Vec<Problem>) -> Option<FixedOffset> {
    let zone = node.at("timezone")?;
    let read = is_zone(zone.text()?);
    if read.is_none() {
        problems.push(at(zone.span, "`timezone` must be `UTC` or an offset such as `+01:00`"));
    }
    read
}

/// A zone as files name it: `UTC` or an offset.
pub fn is_zone(text: &str) -> Option<FixedOffset> {
    match text {
        "UTC" | "Z" => FixedOffset::east_opt(0),
        offset => offset.parse().ok(),
    }
}

fn read_key(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows, problems: &mut Vec<Problem>) {
    rows.refuse_values(node, VALUES);
    let known: Vec<&str> = KEY.iter().chain(VALUES).copied().collect();
    check_names(node, &known, problems);
    let mut key = rows.key(source, node, &["id", "name"]);
    if node.text_at("id").is_none() && node.text_at("name").is_none() {
        problems.push(at(node.span, "a key needs an `id` or a `name`"));
    }
    let mut word = |field: &str| text(node, field, problems);
    key.id = word("id");
    key.class = word("class").map(|class| class.replace('.', "-"));
    key.name = word("name");
    key.owner = word("owner");
    key.contact = word("contact");
    key.service = word("service");
    key.environment = word("environment");
    key.replaces = word("replaces");
    key.replaced_by = word("replaced_by");
    key.policy = word("policy");
    if let Some(public) = word("public") {
        key.identifiers.push(("public-key".to_owned(), public));
    }
    key.scopes = words(node, "scopes", problems);
    key.needed_scopes = words(node, "needed_scopes", problems);
    key.monitor = words(node, "monitor", problems);
    key.endpoints = words(node, "endpoints", problems).unwrap_or_default();
    key.locations = words(node, "locations", problems).unwrap_or_default();
    key.tags = words(node, "tags", problems).unwrap_or_default();
    key.fingerprints = read_prints(node, problems);
    key.hint = read_hint(node, problems);
    key.status = read_status(node, problems);
    key.auto_rotate = node.at("auto_rotate").map(|one| one.value != Value::Bool(false) && one.text() != Some("false"));
    key.in_place = key.auto_rotate == Some(true);
    if let (Some(id), Some(class)) = (&key.id, &key.class) {
        identify(class, id, &mut key.identifiers);
    }
    key.created = rows.date(node, "created", Day::Start);
    key.not_before = rows.date(node, "not_before", Day::Start);
    key.rotated = rows.date(node, "rotated", Day::Start);
    key.expires = rows.date(node, "expires", Day::End);
    key.last_used = rows.date(node, "last_used", Day::End);
    key.revoked = rows.date(node, "revoked", Day::Start);
    key.replaced_at = rows.date(node, "replaced_at", Day::Start);
    key.first_seen = rows.date(node, "first_seen", Day::Start);
    rows.push(key);
}

/// Ids of some vendors stand in clear beside the secret: they join exactly.
fn identify(class: &str, id: &str, identifiers: &mut Vec<(String, String)>) {
    let kind = if class.starts_with("aws-") && id.len() == 20 {
        "aws-key-id"
    } else if class.starts_with("gcp-") || class.starts_with("google-") {
        "gcp-private-key-id"
    } else {
        return;
    };
    identifiers.push((kind.to_owned(), id.to_owned()));
}

fn read_waiver(node: &Node<'_>, _: &Arc<Source>, rows: &mut Rows, problems: &mut Vec<Problem>) {
    check_names(node, WAIVER, problems);
    let mut need = |field: &str| {
        let found = text(node, field, problems);
        if found.is_none() {
            problems.push(at(node.span, &format!("`{field}` is missing in this waiver")));
        }
        found.unwrap_or_default()
    };
    let (rule, id) = (need("rule"), need("id"));
    let until = node.at("until").and_then(|one| Some((one.text()?, one.span)));
    let until = until.and_then(|(text, span)| {
        let day = read_day(text);
        if day.is_none() {
            problems.push(at(span, "`until` must be a day such as 2026-12-31"));
        }
        day
    });
    let place = rows.place(node.at("rule").map_or(node.span, |one| one.span));
    let reason = text(node, "reason", problems).filter(|reason| !reason.trim().is_empty());
    let by = text(node, "by", problems);
    let covers = Some(RuleId::from(rule.as_str()));
    rows.waivers.push(Waiver { rule, covers, id, until, reason, by, place });
}

fn read_day(text: &str) -> Option<NaiveDate> {
    match date::read(text).ok()? {
        Written::Day(day) => Some(day),
        Written::At(time) => Some(time.date_naive()),
        _ => None,
    }
}

fn read_status(node: &Node<'_>, problems: &mut Vec<Problem>) -> Status {
    let Some(one) = node.at("status") else { return Status::Unknown };
    one.text().and_then(Status::read).unwrap_or_else(|| {
        let found = one.text().unwrap_or_default();
        problems.push(at(one.span, &format!("unknown value `{found}`")).with_hint(suggestion(found, Status::NAMES)));
        Status::Unknown
    })
}

fn read_prints(node: &Node<'_>, problems: &mut Vec<Problem>) -> Vec<String> {
    let prints = words(node, "fingerprint", problems).unwrap_or_default();
    let span = node.at("fingerprint").map_or(node.span, |one| one.span);
    for print in &prints {
        let parts: Vec<&str> = print.split(':').collect();
        let right = matches!(parts[..], ["kr1", key, hex] if !key.is_empty()
            && hex.len() == 32
            && hex.bytes().all(|byte| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase()));
        if !right {
            problems.push(
                at(span, "a fingerprint has the form kr1:<key id>:<32 hex digits>")
                    .with_hint("`keyrot fingerprint` prints it; never write the key or a plain hash of it here"),
            );
        }
    }
    prints
}

fn read_hint(node: &Node<'_>, problems: &mut Vec<Problem>) -> Option<Hint> {
    let hint = node.at("hint")?;
    check_names(hint, &["prefix", "suffix", "length"], problems);
    let part = |name: &str| hint.text_at(name).unwrap_or_default().to_owned();
    let length = hint.text_at("length").and_then(|text| text.parse().ok());
    let read = Hint { prefix: part("prefix"), suffix: part("suffix"), length };
    let short = read.length.is_some_and(|length| length < HINTED_LENGTH);
    if read.prefix.chars().count() > 4 || read.suffix.chars().count() > 4 || short {
        problems.push(at(hint.span, "a hint shows at most 4 characters at each end, of keys of 20 characters or more"));
    }
    Some(read)
}

fn text(node: &Node<'_>, field: &str, problems: &mut Vec<Problem>) -> Option<String> {
    let one = node.at(field)?;
    if one.text().is_none() && one.value != Value::Null {
        problems.push(at(one.span, &format!("`{field}` must be a text, found {}", one.kind())));
    }
    one.text().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn words(node: &Node<'_>, field: &str, problems: &mut Vec<Problem>) -> Option<Vec<String>> {
    let one = node.at(field)?;
    match &one.value {
        Value::Null => None,
        // In CSV an empty cell says nothing; in TOML and JSON an empty list says "none".
        Value::Text(text) if text.is_empty() => None,
        Value::Text(text) => Some(text.split_whitespace().map(str::to_owned).collect()),
        Value::List(items) => {
            for item in items.iter().filter(|item| item.text().is_none()) {
                problems.push(at(item.span, &format!("`{field}` must hold texts only, found {}", item.kind())));
            }
            Some(items.iter().filter_map(Node::text).map(str::to_owned).collect())
        }
        _ => {
            problems.push(at(one.span, &format!("`{field}` must be a list of texts, found {}", one.kind())));
            None
        }
    }
}

fn check_names(node: &Node<'_>, known: &[&str], problems: &mut Vec<Problem>) {
    if !matches!(node.value, Value::Map(_)) {
        problems.push(at(node.span, &format!("expected a table, found {}", node.kind())));
    }
    for entry in node.entries() {
        if !known.contains(&entry.name.as_ref()) {
            let problem = at(entry.span, &format!("unknown key `{}`", entry.name));
            problems.push(problem.with_hint(suggestion(&entry.name, known)));
        }
    }
}

fn at(span: Span, message: &str) -> Problem {
    Problem::new(span.start..span.end, message.to_owned())
}
