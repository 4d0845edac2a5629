//! Azure: credentials of applications and service principals, Key Vault secrets (CLI and REST forms), storage account keys.

use std::sync::Arc;

use super::{Format, record, version};
use crate::lifecycle::document::Node;
use crate::lifecycle::inventory::{Day, Rows};
use crate::lifecycle::key::{Gives, Hint, Source, Stated, Status};

pub(super) const FORMATS: &[Format] = &[
    Format::new(
        "azure-app-credentials",
        &["", "value", "passwordCredentials"],
        &["keyId", "endDateTime"],
        Gives::CREATED.and(Gives::EXPIRES).and(Gives::JOIN),
        read_credential,
    )
    .refusing(&["secretText", "password"]),
    Format::new(
        "azure-key-vault",
        &["", "value"],
        &["id", "attributes"],
        Gives::CREATED.and(Gives::ROTATED).and(Gives::EXPIRES),
        read_secret,
    )
    .refusing(&["value"])
    .finishing(|keys| version::link(keys, |key| secret_of(key.id.as_deref()?))),
    Format::new("azure-storage-keys", &["", "keys"], &["keyName", "permissions"], Gives::CREATED, read_storage)
        .refusing(&["value"]),
];

fn read_credential(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    let mut key = record(rows, source, node, "azure-entra-client-secret", "keyId", "displayName");
    key.created = rows.date(node, "startDateTime", Day::Start);
    key.not_before = key.created;
    key.expires = rows.date_or(node, "endDateTime", Day::Start, Stated::Never);
    key.hint = node.text_at("hint").map(|hint| Hint {
        prefix: hint.chars().take(4).collect(),
        suffix: String::new(),
        length: None,
    });
    rows.push(key);
}

/// The secret that an id names a version of: `https://VAULT/secrets/NAME/VERSION`.
fn secret_of(id: &str) -> Option<&str> {
    let (secret, version) = id.rsplit_once('/')?;
    let is_version = version.len() == 32 && version.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_version.then_some(secret)
}

fn read_secret(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    let mut key = record(rows, source, node, "azure-key-vault-secret", "id", "name");
    // A version is one value; without one the row is the secret, whose value changes.
    let secret = key.id.as_deref().and_then(secret_of).map(str::to_owned);
    key.in_place = secret.is_none();
    if key.name.is_none() {
        key.name = secret.as_deref().and_then(|secret| secret.rsplit('/').next()).map(str::to_owned);
    }
    // The command line writes RFC 3339, the REST interface Unix seconds under shorter names.
    let mut either = |long: &str, short: &str, absent| {
        let path = format!("attributes>{long}");
        let path = if node.at(&path).is_some() { path } else { format!("attributes>{short}") };
        rows.date_or(node, &path, Day::Start, absent)
    };
    key.created = either("created", "created", Stated::Unknown);
    if key.in_place {
        key.rotated = either("updated", "updated", Stated::Unknown);
    }
    key.not_before = either("notBefore", "nbf", Stated::Unknown);
    key.expires = either("expires", "exp", Stated::Never);
    // The REST form leaves `exp` out where there is none.
    if node.at("attributes>expires").is_none() && node.at("attributes>exp").is_none() {
        key.expires = Stated::Never;
    }
    key.status = if node.bool_at("attributes>enabled") == Some(false) { Status::Disabled } else { Status::Active };
    let tag = |name: &str| node.text_at(&format!("tags>{name}")).map(str::to_owned);
    (key.owner, key.service, key.environment) = (tag("owner"), tag("service"), tag("environment"));
    rows.push(key);
}

fn read_storage(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    let mut key = record(rows, source, node, "azure-storage-account-key", "keyName", "keyName");
    key.in_place = true;
    key.rotated = rows.date(node, "creationTime", Day::Start);
    key.expires = Stated::Never;
    key.scopes = node.words_at("permissions");
    rows.push(key);
}
