//! CircleCI: variables of contexts and projects.

use std::sync::Arc;

use super::{Format, record};
use crate::lifecycle::document::Node;
use crate::lifecycle::inventory::{Day, Rows};
use crate::lifecycle::key::{Gives, Hint, Source};

pub(super) const FORMATS: &[Format] = &[
    Format::new(
        "circleci-context",
        &["items", ""],
        &["variable", "context_id", "created_at"],
        Gives::CREATED.and(Gives::ROTATED),
        read,
    ),
    Format::new(
        "circleci-project",
        &["items", ""],
        &["name", "value", "created-at"],
        Gives::CREATED.and(Gives::JOIN),
        read_project,
    ),
];

fn read(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    let mut key = record(rows, source, node, "circleci-variable", "variable", "variable");
    let context = node.text_at("context_id").unwrap_or_default();
    key.id = key.id.map(|name| format!("{context}/{name}"));
    key.in_place = true;
    key.created = rows.date(node, "created_at", Day::Start);
    key.rotated = rows.date(node, "updated_at", Day::Start);
    rows.push(key);
}

/// Values come masked but for their last four characters; anything else is a value.
fn read_project(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    let mut key = record(rows, source, node, "circleci-variable", "name", "name");
    let value = node.text_at("value").unwrap_or_default();
    match value.strip_prefix("xxxx") {
        Some(tail) if tail.len() <= 4 => key.hint = Some(Hint { suffix: tail.to_owned(), ..Hint::default() }),
        _ => rows.refuse_values(node, &["value"]),
    }
    key.in_place = true;
    key.created = rows.date(node, "created-at", Day::Start);
    rows.push(key);
}
