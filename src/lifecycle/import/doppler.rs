//! Doppler: service tokens.

use std::sync::Arc;

use super::{Format, record};
use crate::lifecycle::document::Node;
use crate::lifecycle::inventory::{Day, Rows};
use crate::lifecycle::key::{Gives, Source, Stated};

pub(super) const FORMATS: &[Format] = &[Format::new(
    "doppler-service-tokens",
    &["tokens", ""],
    &["slug", "created_at", "config"],
    Gives::CREATED.and(Gives::EXPIRES).and(Gives::SCOPES).and(Gives::USE),
    read,
)
.refusing(&["key", "token"])];

fn read(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    let mut key = record(rows, source, node, "doppler-token", "slug", "name");
    key.created = rows.date(node, "created_at", Day::Start);
    key.expires = rows.date_or(node, "expires_at", Day::Start, Stated::Never);
    key.last_used = rows.date_or(node, "last_seen_at", Day::End, Stated::Never);
    key.scopes = node.text_at("access").map(|access| vec![access.to_owned()]);
    key.service = node.text_at("project").map(str::to_owned);
    key.environment = node.text_at("environment").map(str::to_owned);
    rows.push(key);
}
