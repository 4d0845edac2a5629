//! npm: `npm token list --json`. Newer versions add fields, so everything but the oldest ones is optional.

use std::sync::Arc;

use super::{Format, record};
use crate::lifecycle::document::Node;
use crate::lifecycle::inventory::{Day, Rows};
use crate::lifecycle::key::{Gives, Hint, Source};

/// npm shows at most this many characters of a token; more is the token itself.
const SHOWN: usize = 12;

pub(super) const FORMATS: &[Format] = &[Format::new(
    "npm-tokens",
    &["objects", ""],
    &["token", "key", "created"],
    Gives::CREATED.and(Gives::SCOPES).and(Gives::JOIN),
    read,
)];

fn read(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    let mut key = record(rows, source, node, "npm-access-token", "key", "name");
    let token = node.text_at("token").unwrap_or_default().trim_end_matches(['.', '*', '…']);
    if token.len() > SHOWN {
        rows.refuse_values(node, &["token"]);
    }
    let prefix: String = token.strip_prefix("npm_").unwrap_or(token).chars().take(4).collect();
    key.hint =
        Some(Hint { prefix: if token.starts_with("npm_") { "npm_".to_owned() } else { prefix }, ..Hint::default() });
    key.created = rows.date(node, "created", Day::Start);
    key.expires = ["expires", "expiry", "expires_at"]
        .iter()
        .map(|field| rows.date(node, field, Day::Start))
        .find(|date| !date.is_unknown())
        .unwrap_or_default();
    key.scopes = node
        .words_at("scopes")
        .or_else(|| node.bool_at("readonly").map(|readonly| vec![if readonly { "read" } else { "write" }.to_owned()]));
    rows.push(key);
}
