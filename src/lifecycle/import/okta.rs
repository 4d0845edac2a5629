//! Okta: `GET /api/v1/api-tokens`. The end slides with each use.

use std::sync::Arc;

use super::{Format, record};
use crate::lifecycle::document::Node;
use crate::lifecycle::inventory::{Day, Rows};
use crate::lifecycle::key::{Gives, Source};

pub(super) const FORMATS: &[Format] = &[Format::new(
    "okta-api-tokens",
    &[""],
    &["id", "userId", "created", "expiresAt"],
    Gives::CREATED.and(Gives::EXPIRES).and(Gives::LAST_USED).and(Gives::OWNER),
    read,
)
.refusing(&["token"])];

fn read(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    let mut key = record(rows, source, node, "okta-api-token", "id", "name");
    key.created = rows.date(node, "created", Day::Start);
    key.expires = rows.date(node, "expiresAt", Day::Start);
    key.last_used = rows.date(node, "lastUpdated", Day::End);
    key.owner = node.text_at("userId").map(|user| format!("user {user}"));
    key.tags.push("sliding-end".to_owned());
    rows.push(key);
}
