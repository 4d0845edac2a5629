//! Writes known keys in keyrot's own format. What is unknown is left out; no value and no plain hash is ever written.

use std::fmt::Write as _;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use crate::date::show;
use crate::lifecycle::due::harmless;
use crate::lifecycle::key::{KnownKey, Stated, Status};

/// The three forms of an inventory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// For people.
    #[default]
    Toml,
    /// For programs.
    Json,
    /// For spreadsheets: the flat fields only.
    Csv,
}

impl FromStr for Form {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "toml" => Ok(Self::Toml),
            "json" => Ok(Self::Json),
            "csv" => Ok(Self::Csv),
            _ => Err(()),
        }
    }
}

/// The keys as a file.
pub fn write(keys: &[KnownKey], source: &str, now: DateTime<Utc>, form: Form) -> String {
    let rows: Vec<Map<String, Value>> = keys.iter().map(row).collect();
    match form {
        Form::Toml => toml(&rows, source, now),
        Form::Json => {
            let document = serde_json::json!({
                "schema": 1, "source": source, "generated_at": show(now), "key": rows,
            });
            format!("{document:#}\n")
        }
        Form::Csv => csv(&rows),
    }
}

fn row(key: &KnownKey) -> Map<String, Value> {
    let mut row = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            row.insert(name.to_owned(), value);
        }
    };
    let text = |value: &Option<String>| value.clone().map(Value::String);
    let list = |value: &[String]| (!value.is_empty()).then(|| Value::from(value.to_vec()));
    put("id", text(&key.id));
    put("class", text(&key.class));
    put("name", text(&key.name));
    put("fingerprint", list(&key.fingerprints));
    put("public", key.identifiers.iter().find(|(kind, _)| kind == "public-key").map(|(_, value)| value.clone().into()));
    put("owner", text(&key.owner));
    put("contact", text(&key.contact));
    put("service", text(&key.service));
    put("environment", text(&key.environment));
    put("endpoints", list(&key.endpoints));
    put("scopes", key.scopes.clone().map(Value::from));
    put("needed_scopes", key.needed_scopes.clone().map(Value::from));
    for (name, date) in [
        ("created", key.created),
        ("not_before", key.not_before),
        ("rotated", key.rotated),
        ("expires", key.expires),
        ("last_used", key.last_used),
        ("revoked", key.revoked),
        ("replaced_at", key.replaced_at),
        ("first_seen", key.first_seen),
    ] {
        put(name, stated(date));
    }
    put("status", (key.status != Status::Unknown).then(|| key.status.name().into()));
    put("replaces", text(&key.replaces));
    put("replaced_by", text(&key.replaced_by));
    put("auto_rotate", key.auto_rotate.map(Value::from));
    put("policy", text(&key.policy));
    put("monitor", key.monitor.clone().map(Value::from));
    put("locations", list(&key.locations));
    put("tags", list(&key.tags));
    row
}

/// Instants are written with their time, so that a day that an export meant in its own way is not read in ours.
fn stated(date: Stated) -> Option<Value> {
    match date {
        Stated::Unknown => None,
        Stated::Never => Some("never".into()),
        Stated::At(time, _) => Some(show(time).into()),
    }
}

const DATES: &[&str] =
    &["created", "not_before", "rotated", "expires", "last_used", "revoked", "replaced_at", "first_seen"];

fn toml(rows: &[Map<String, Value>], source: &str, now: DateTime<Utc>) -> String {
    let mut out = format!("schema = 1\nsource = {}\ngenerated_at = {}\n", quoted(source), show(now));
    for row in rows {
        out.push_str("\n[[key]]\n");
        for (name, value) in row {
            let written = match value {
                Value::String(text) if DATES.contains(&name.as_str()) && text != "never" => text.clone(),
                Value::String(text) => quoted(text),
                Value::Array(items) => {
                    let items: Vec<String> = items.iter().filter_map(Value::as_str).map(quoted).collect();
                    format!("[{}]", items.join(", "))
                }
                other => other.to_string(),
            };
            let _ = writeln!(out, "{name} = {written}");
        }
    }
    out
}

/// A basic string of TOML. JSON's escapes are all valid there but for the unescaped delete character.
fn quoted(text: &str) -> String {
    Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

fn csv(rows: &[Map<String, Value>]) -> String {
    const FLAT: &[&str] = &[
        "id",
        "class",
        "name",
        "owner",
        "service",
        "environment",
        "scopes",
        "needed_scopes",
        "created",
        "rotated",
        "expires",
        "last_used",
        "revoked",
        "first_seen",
        "status",
        "fingerprint",
        "tags",
    ];
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut write = |record: Vec<String>| writer.write_record(record).expect("writing into memory cannot fail");
    write(FLAT.iter().map(|name| (*name).to_owned()).collect());
    for row in rows {
        let cell = |name: &&str| match row.get(*name) {
            Some(Value::String(text)) => harmless(text),
            Some(Value::Array(items)) => {
                harmless(&items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "))
            }
            _ => String::new(),
        };
        write(FLAT.iter().map(cell).collect());
    }
    String::from_utf8(writer.into_inner().expect("writing into memory cannot fail")).expect("all cells are text")
}
