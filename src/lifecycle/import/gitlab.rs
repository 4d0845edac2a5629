//! GitLab: personal, project, group and deploy tokens.

use std::sync::Arc;

use chrono::TimeDelta;

use super::{Format, TOKEN, record};
use crate::lifecycle::document::Node;
use crate::lifecycle::inventory::{Day, Rows};
use crate::lifecycle::key::{Gives, Source, Stated, Status};

pub(super) const FORMATS: &[Format] =
    &[Format::new("gitlab-tokens", &[""], &["id", "scopes", "revoked", "expires_at"], TOKEN.and(Gives::OWNER), read)
        .late(TimeDelta::minutes(10))
        .refusing(&["token"])];

fn read(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    let mut key = record(rows, source, node, "gitlab-pat", "id", "name");
    key.created = rows.date(node, "created_at", Day::Start);
    // A day here is its first instant: at 00:00 UTC of that day the token has ended.
    key.expires = rows.date_or(node, "expires_at", Day::Midnight, Stated::Never);
    key.last_used = rows.date_or(node, "last_used_at", Day::End, Stated::Never);
    key.scopes = node.words_at("scopes");
    key.owner = node.text_at("user_id").or_else(|| node.text_at("username")).map(|user| format!("user {user}"));
    key.status = match (node.bool_at("revoked"), node.bool_at("active")) {
        (Some(true), _) => Status::Revoked,
        (_, Some(true)) => Status::Active,
        _ => Status::Unknown,
    };
    rows.push(key);
}
