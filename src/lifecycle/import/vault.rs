//! HashiCorp Vault: metadata of the key-value store, tokens, leases, secret ids of AppRole.

use std::sync::Arc;

use super::{Format, record};
use crate::date::Length;
use crate::lifecycle::document::Node;
use crate::lifecycle::inventory::{Day, Rows};
use crate::lifecycle::key::{Gives, Source, Stated, Status};

pub(super) const FORMATS: &[Format] = &[
    Format::new(
        "vault-kv-metadata",
        &["data"],
        &["versions", "current_version"],
        Gives::CREATED.and(Gives::ROTATED).and(Gives::OWNER),
        read_metadata,
    ),
    Format::new(
        "vault-token",
        &["data"],
        &["accessor", "policies"],
        Gives::CREATED.and(Gives::EXPIRES).and(Gives::SCOPES),
        read_token,
    )
    .refusing(&["id"]),
    Format::new(
        "vault-approle",
        &["data"],
        &["secret_id_accessor", "secret_id_ttl"],
        Gives::CREATED.and(Gives::EXPIRES),
        read_approle,
    )
    .refusing(&["secret_id"]),
    Format::new("vault-lease", &["data"], &["issue_time", "renewable"], Gives::CREATED.and(Gives::EXPIRES), read_lease),
];

fn read_metadata(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    let mut key = record(rows, source, node, "vault-kv", "path", "path");
    key.in_place = true;
    let version = node.text_at("current_version").unwrap_or_default();
    if key.id.is_none() {
        key.name = Some("vault secret".to_owned());
    }
    key.created = rows.date(node, "created_time", Day::Start);
    key.rotated = rows.date(node, &format!("versions>{version}>created_time"), Day::Start);
    // How long a version is kept; zero is for ever, which says nothing about the key that it holds.
    let kept = node.text_at("delete_version_after").and_then(|text| text.parse::<Length>().ok());
    let kept = kept.filter(|kept| !kept.is_zero());
    key.expires =
        kept.zip(key.rotated.time()).and_then(|(kept, since)| kept.after(since)).map_or(Stated::Unknown, Stated::exact);
    if node.bool_at(&format!("versions>{version}>destroyed")) == Some(true) {
        key.status = Status::Deleted;
    }
    let custom = |name: &str| node.text_at(&format!("custom_metadata>{name}")).map(str::to_owned);
    (key.owner, key.service, key.environment) = (custom("owner"), custom("service"), custom("environment"));
    rows.push(key);
}

fn read_token(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    let mut key = record(rows, source, node, "hashicorp-vault-service-token", "accessor", "display_name");
    key.created = rows.date(node, "issue_time", Day::Start);
    if key.created.is_unknown() {
        key.created = rows.date(node, "creation_time", Day::Start);
    }
    key.expires = rows.date_or(node, "expire_time", Day::Start, Stated::Never);
    key.scopes = node.words_at("policies");
    rows.push(key);
}

fn read_approle(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    let mut key =
        record(rows, source, node, "hashicorp-vault-approle-secret-id", "secret_id_accessor", "secret_id_accessor");
    key.created = rows.date(node, "creation_time", Day::Start);
    key.expires = rows.date(node, "expiration_time", Day::Start);
    // Go's zero time is written where no end was set.
    if node.text_at("expiration_time").is_some_and(|text| text.starts_with("0001-01-01")) {
        key.expires = Stated::Never;
    }
    rows.push(key);
}

fn read_lease(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    let mut key = record(rows, source, node, "vault-lease", "id", "id");
    key.created = rows.date(node, "issue_time", Day::Start);
    key.expires = rows.date_or(node, "expire_time", Day::Start, Stated::Never);
    rows.push(key);
}
