//! Password managers: Bitwarden (`bw list items` and its export) and 1Password (`op item list`).

use std::sync::Arc;

use super::{Format, record};
use crate::lifecycle::document::Node;
use crate::lifecycle::inventory::{Day, Rows};
use crate::lifecycle::key::{Gives, Source, Stated, Status};

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
        .refusing(&["password", "value", "fields"]),
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
    rows.keys.push(key);
}

/// `updated_at` moves with every edit: it says nothing about the value.
fn read_1password(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    let mut key = record(rows, source, node, "password", "id", "title");
    key.in_place = true;
    key.created = rows.date(node, "created_at", Day::Start);
    key.tags = node.words_at("tags").unwrap_or_default();
    key.owner = node.text_at("vault>name").map(|vault| format!("vault {vault}"));
    rows.keys.push(key);
}
