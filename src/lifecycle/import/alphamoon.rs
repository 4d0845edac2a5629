//! Alphamoon Workspace: `GET /api/v0.4/admin/api-keys` and the listing of a process. It has no use and no owner: keys belong
//! to the organisation.

use std::sync::Arc;

use super::{Format, record};
use crate::lifecycle::document::Node;
use crate::lifecycle::inventory::{Day, Rows};
use crate::lifecycle::key::{Gives, Source, Stated, Status};

pub(super) const FORMATS: &[Format] = &[Format::new(
    "alphamoon-listing",
    &["apiKeys", ""],
    &["id", "scopes", "createdAt", "exp"],
    Gives::CREATED.and(Gives::EXPIRES).and(Gives::SCOPES),
    read,
)
.refusing(&["key"])];

fn read(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    let mut key = record(rows, source, node, "alphamoon-api-key", "id", "name");
    key.created = rows.date(node, "createdAt", Day::Start);
    key.expires = rows.date_or(node, "exp", Day::Start, Stated::Never);
    key.scopes = node.words_at("scopes");
    key.status = node.text_at("status").and_then(Status::read).unwrap_or_default();
    if let Some(process) = node.text_at("processId") {
        key.tags.push(format!("process:{process}"));
    }
    rows.push(key);
}
