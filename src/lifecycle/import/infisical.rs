//! Infisical: client secrets of machine identities.

use std::sync::Arc;

use chrono::TimeDelta;

use super::{Format, record};
use crate::lifecycle::document::Node;
use crate::lifecycle::inventory::{Day, Rows};
use crate::lifecycle::key::{Gives, Hint, Source, Stated, Status};

pub(super) const FORMATS: &[Format] = &[Format::new(
    "infisical-client-secrets",
    &["clientSecretData", ""],
    &["id", "clientSecretPrefix", "createdAt"],
    Gives::CREATED.and(Gives::EXPIRES).and(Gives::JOIN),
    read,
)
.refusing(&["clientSecret"])];

fn read(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    let mut key = record(rows, source, node, "infisical-client-secret", "id", "description");
    key.created = rows.date(node, "createdAt", Day::Start);
    // The end is a length from creation in seconds; zero is no end.
    key.expires = match node.text_at("clientSecretTTL").and_then(|text| text.parse::<i64>().ok()) {
        Some(0) => Stated::Never,
        Some(seconds) => key
            .created
            .time()
            .zip(TimeDelta::try_seconds(seconds))
            .and_then(|(created, length)| created.checked_add_signed(length))
            .map_or(Stated::Unknown, Stated::exact),
        None => Stated::Unknown,
    };
    key.hint = node
        .text_at("clientSecretPrefix")
        .map(|prefix| Hint { prefix: prefix.chars().take(4).collect(), ..Hint::default() });
    key.status = if node.bool_at("isClientSecretRevoked") == Some(true) { Status::Revoked } else { Status::Active };
    rows.push(key);
}
