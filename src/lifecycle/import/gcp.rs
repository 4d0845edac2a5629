//! Google Cloud: keys of service accounts, API keys, and versions of secrets in Secret Manager.

use std::sync::Arc;

use super::{Format, record, version};
use crate::lifecycle::document::Node;
use crate::lifecycle::inventory::{Day, Rows};
use crate::lifecycle::key::{Gives, Source, Status};

pub(super) const FORMATS: &[Format] = &[
    Format::new(
        "gcp-service-account-keys",
        &["", "keys"],
        &["name", "keyType", "validAfterTime"],
        Gives::CREATED.and(Gives::EXPIRES).and(Gives::OWNER).and(Gives::JOIN),
        read_account_key,
    )
    .refusing(&["privateKeyData"]),
    Format::new(
        "gcp-api-keys",
        &["keys", ""],
        &["uid", "createTime", "name"],
        Gives::CREATED.and(Gives::SCOPES),
        read_api_key,
    )
    .refusing(&["keyString"]),
    Format::new(
        "gcp-secret-versions",
        &["", "versions"],
        &["name", "createTime", "state"],
        Gives::CREATED.and(Gives::ROTATED),
        read_version,
    )
    .refusing(&["payload"])
    .finishing(|keys| version::link(keys, |key| Some(key.id.as_deref()?.rsplit_once("/versions/")?.0))),
];

fn read_account_key(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    // Google rotates its own.
    if node.text_at("keyType") == Some("SYSTEM_MANAGED") {
        return;
    }
    let mut key = record(rows, source, node, "google-service-account-key", "name", "name");
    let name = node.text_at("name").unwrap_or_default().to_owned();
    let id = name.rsplit('/').next().unwrap_or_default().to_owned();
    key.name = Some(id.clone());
    key.identifiers.push(("gcp-private-key-id".to_owned(), id.clone()));
    key.id = Some(id);
    let mut parts = name.split('/');
    key.tags.extend(parts.nth(1).map(|project| format!("project:{project}")));
    key.owner = parts.nth(1).map(str::to_owned);
    key.created = rows.date(node, "validAfterTime", Day::Start);
    key.expires = rows.date(node, "validBeforeTime", Day::Start);
    key.status = if node.bool_at("disabled") == Some(true) { Status::Disabled } else { Status::Active };
    let exposed = |one: &Node<'_>| {
        one.text_at("key").is_some_and(|text| text.contains("EXPOSED") || text.contains("COMPROMISED"))
    };
    key.vendor_says_exposed = node.at("extendedStatus").is_some_and(|list| list.items().iter().any(exposed))
        || node.text_at("disableReason").is_some_and(|reason| reason.contains("EXPOSED"));
    rows.push(key);
}

fn read_api_key(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    let mut key = record(rows, source, node, "google-api-key", "uid", "displayName");
    key.created = rows.date(node, "createTime", Day::Start);
    // `updateTime` moves with restrictions as well: it says nothing about the value, which never changes.
    let targets = node.at("restrictions>apiTargets").map(Node::items).unwrap_or_default();
    let services: Vec<String> = targets.iter().filter_map(|one| one.text_at("service")).map(str::to_owned).collect();
    key.scopes = Some(if services.is_empty() { vec!["*".to_owned()] } else { services });
    key.status = if node.is_empty_at("deleteTime") { Status::Active } else { Status::Deleted };
    rows.push(key);
}

/// `gcloud secrets versions list --format=json`: a version that is not disabled can still be read after its successor came.
fn read_version(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    let mut key = record(rows, source, node, "gcp-secret", "name", "name");
    let name = node.text_at("name").unwrap_or_default();
    let secret = name.rsplit_once("/versions/").map_or(name, |(secret, _)| secret);
    key.name = secret.rsplit('/').next().map(str::to_owned);
    key.created = rows.date(node, "createTime", Day::Start);
    key.revoked = rows.date(node, "destroyTime", Day::Start);
    key.status = match node.text_at("state") {
        Some("ENABLED") => Status::Active,
        Some("DISABLED") => Status::Disabled,
        Some("DESTROYED") => Status::Deleted,
        _ => Status::Unknown,
    };
    rows.push(key);
}
