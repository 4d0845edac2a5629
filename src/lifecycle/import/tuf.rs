//! The Update Framework: metadata of a role and its end.

use std::sync::Arc;

use super::Format;
use crate::lifecycle::document::Node;
use crate::lifecycle::inventory::{Day, Rows};
use crate::lifecycle::key::{Gives, Source};

pub(super) const FORMATS: &[Format] = &[Format::new("tuf", &["signed"], &["_type", "expires"], Gives::EXPIRES, read)];

fn read(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    let mut key = rows.key(source, node, &["expires"]);
    let role = node.text_at("_type").unwrap_or("role");
    key.class = Some("tuf-metadata".to_owned());
    key.name = Some(format!("{role} version {}", node.text_at("version").unwrap_or("unknown")));
    key.expires = rows.date(node, "expires", Day::Start);
    rows.push(key);
}
