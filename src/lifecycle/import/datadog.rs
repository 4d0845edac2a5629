//! Datadog: `GET /api/v2/api_keys` and application keys. The first version of the interface returns whole keys.

use std::sync::Arc;

use super::{Format, record};
use crate::lifecycle::document::Node;
use crate::lifecycle::inventory::{Day, Rows};
use crate::lifecycle::key::{Gives, Hint, Source, Stated};

pub(super) const FORMATS: &[Format] = &[
    Format::new(
        "datadog-v2",
        &["data"],
        &["id", "attributes>last4"],
        Gives::CREATED.and(Gives::LAST_USED).and(Gives::OWNER).and(Gives::JOIN),
        read,
    )
    .refusing(&["attributes>key"]),
    Format::new("datadog-v1", &["api_keys", "application_keys"], &["key"], Gives::CREATED, read_first)
        .refusing(&["key", "hash"]),
];

fn read(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    let application = node.text_at("type") == Some("application_keys");
    let class = if application { "datadog-application-key" } else { "datadog-api-key" };
    let mut key = record(rows, source, node, class, "id", "attributes>name");
    key.created = rows.date(node, "attributes>created_at", Day::Start);
    key.last_used = rows.date_or(node, "attributes>date_last_used", Day::End, Stated::Never);
    key.expires = Stated::Never;
    key.scopes = node.words_at("attributes>scopes");
    key.owner = node.text_at("relationships>created_by>data>id").map(|id| format!("user {id}"));
    key.hint =
        node.text_at("attributes>last4").map(|last| Hint { suffix: last.chars().take(4).collect(), ..Hint::default() });
    rows.push(key);
}

fn read_first(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    let mut key = record(rows, source, node, "datadog-api-key", "name", "name");
    key.created = rows.date(node, "created", Day::Start);
    rows.push(key);
}
