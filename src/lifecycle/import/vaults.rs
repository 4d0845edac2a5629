//! Password managers: Bitwarden (`bw list items` and its export) and 1Password (`op item list`, `op item get`, exports).

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use super::{Format, record};
use crate::date::{self, Precision};
use crate::finding::Span;
use crate::lifecycle::document::Node;
use crate::lifecycle::inventory::{Day, Rows};
use crate::lifecycle::key::{Gives, KnownKey, Source, Stated, Status};

pub(super) const FORMATS: &[Format] = &[
    Format::new(
        "bitwarden",
        &["items", ""],
        &["id", "creationDate", "revisionDate"],
        Gives::CREATED.and(Gives::ROTATED),
        read_bitwarden,
    )
    .refusing(&["login>password", "login>totp", "passwordHistory", "notes", "card", "sshKey"]),
    Format::new("1password", &["", "items"], &["id", "title", "vault", "updated_at"], Gives::CREATED, read_1password)
        .refusing(&["password", "value"]),
    // The CSV exports of both hold every value.
    Format::new("password-export", &[""], &["name", "login_password"], Gives::CREATED, ignore)
        .refusing(&["login_password", "login_totp"]),
    Format::new("password-export", &[""], &["Title", "Password"], Gives::CREATED, ignore)
        .refusing(&["Password", "OTPAuth"]),
];

fn ignore(_: &Node<'_>, _: &Arc<Source>, _: &mut Rows) {}

fn read_bitwarden(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    let mut key = record(rows, source, node, "password", "id", "name");
    key.in_place = true;
    key.created = rows.date(node, "creationDate", Day::Start);
    // Null means that the password was never changed since the item was made.
    key.rotated = rows.date_or(node, "login>passwordRevisionDate", Day::Start, Stated::Never);
    if !node.is_empty_at("deletedDate") {
        key.status = Status::Deleted;
    }
    rows.push(key);
}

/// `updated_at` moves with every edit: it says nothing about the value. Dates are fields, which people name.
fn read_1password(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    let mut key = record(rows, source, node, "password", "id", "title");
    key.in_place = true;
    key.created = rows.date(node, "created_at", Day::Start);
    key.tags = node.words_at("tags").unwrap_or_default();
    key.owner = node.text_at("vault>name").map(|vault| format!("vault {vault}"));
    for field in node.at("fields").map(Node::items).unwrap_or_default() {
        match field.text_at("type") {
            Some("DATE" | "MONTH_YEAR") => read_date(field, &mut key, rows),
            Some("CONCEALED" | "OTP" | "SSHKEY") => rows.refuse_values(field, &["value", "ssh_formats"]),
            _ if field.text_at("purpose") == Some("PASSWORD") => rows.refuse_values(field, &["value"]),
            _ => {}
        }
    }
    rows.push(key);
}

/// A date by the name of its field; other names say nothing about the life of the key.
fn read_date(field: &Node<'_>, key: &mut KnownKey, rows: &mut Rows) {
    let label = field.text_at("label").or_else(|| field.text_at("id")).unwrap_or_default();
    let name: String = label.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
    let (place, day) = match name.as_str() {
        "expires" | "expiry" | "expiration" | "expirydate" | "expirationdate" | "expireson" | "expiresat"
        | "validuntil" | "validto" => (&mut key.expires, Day::End),
        "validfrom" | "notbefore" => (&mut key.not_before, Day::Start),
        "rotated" | "lastrotated" | "rotatedon" | "rotatedat" | "lastchanged" => (&mut key.rotated, Day::Start),
        "created" | "createdon" | "issued" | "issuedon" => (&mut key.created, Day::Start),
        _ => return,
    };
    *place = match field.text_at("value").and_then(month) {
        Some(time) => Stated::At(time, Precision::Day),
        None => rows.date(field, "value", day),
    };
}

/// `202612`: through the end of that month.
fn month(text: &str) -> Option<DateTime<Utc>> {
    let (year, month) = text.split_at_checked(4).filter(|_| text.len() == 6)?;
    let first = NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, 1)?;
    date::add_months(date::day_start(first), 1)
}

/// The archive that 1Password exports to holds every value.
pub(super) fn read_archive(bytes: &[u8], number: u32) -> Option<Rows> {
    let is_archive = bytes.starts_with(b"PK\x03\x04") && memchr::memmem::find(bytes, b"export.data").is_some();
    let mut rows = Rows::new(number);
    rows.values.push(("export.data".to_owned(), Span::new(0, 0)));
    is_archive.then_some(rows)
}
