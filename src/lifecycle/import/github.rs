//! GitHub: fine-grained tokens of an organisation, authorisations under single sign-on, deploy keys, secrets of Actions,
//! installations of apps.

use std::sync::Arc;

use super::{Format, TOKEN, record};
use crate::claims::ssh;
use crate::lifecycle::document::{Node, Value};
use crate::lifecycle::inventory::{Day, Rows};
use crate::lifecycle::key::{Gives, Hint, Source, Stated, Status};

pub(super) const FORMATS: &[Format] = &[
    Format::new(
        "github-fine-grained-pats",
        &[""],
        &["token_id", "access_granted_at"],
        TOKEN.and(Gives::OWNER),
        read_pat,
    )
    .refusing(&["token"]),
    Format::new(
        "github-sso-authorisations",
        &[""],
        &["credential_id", "credential_type"],
        TOKEN.and(Gives::OWNER).and(Gives::JOIN),
        read_authorisation,
    ),
    Format::new(
        "github-deploy-keys",
        &[""],
        &["key", "read_only", "created_at"],
        Gives::CREATED.and(Gives::LAST_USED).and(Gives::SCOPES).and(Gives::OWNER).and(Gives::JOIN),
        read_deploy_key,
    ),
    Format::new(
        "github-deploy-keys",
        &[""],
        &["key", "readOnly", "createdAt"],
        Gives::CREATED.and(Gives::SCOPES).and(Gives::JOIN),
        read_deploy_key,
    ),
    Format::new(
        "github-actions-secrets",
        &["secrets", ""],
        &["name", "created_at", "updated_at"],
        Gives::CREATED.and(Gives::ROTATED),
        read_secret,
    )
    .refusing(&["value"]),
    Format::new("github-actions-secrets", &[""], &["name", "updatedAt"], Gives::ROTATED, read_secret),
    Format::new(
        "github-app-installations",
        &["installations", ""],
        &["app_slug", "permissions", "created_at"],
        Gives::CREATED.and(Gives::SCOPES),
        read_installation,
    ),
];

/// `contents:read` and the like, from the two levels of a table of permissions.
fn permissions(node: &Node<'_>, scopes: &mut Vec<String>) {
    for entry in node.entries() {
        match &entry.node.value {
            Value::Map(_) => permissions(&entry.node, scopes),
            _ => scopes.extend(entry.node.text().map(|level| format!("{}:{level}", entry.name))),
        }
    }
    scopes.sort_unstable();
}

fn read_pat(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    let mut key = record(rows, source, node, "github-fine-grained-pat", "token_id", "token_name");
    key.owner = node.text_at("owner>login").map(str::to_owned);
    // When access was granted: the token itself may be older.
    key.created = rows.date(node, "access_granted_at", Day::Start);
    key.expires = rows.date_or(node, "token_expires_at", Day::Start, Stated::Never);
    key.last_used = rows.date_or(node, "token_last_used_at", Day::End, Stated::Never);
    let mut scopes = Vec::new();
    node.at("permissions").into_iter().for_each(|one| permissions(one, &mut scopes));
    key.scopes = Some(scopes);
    rows.push(key);
}

fn read_authorisation(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    let mut key = record(rows, source, node, "github-pat-classic", "credential_id", "authorized_credential_note");
    key.owner = node.text_at("login").map(str::to_owned);
    key.created = rows.date(node, "credential_authorized_at", Day::Start);
    key.last_used = rows.date_or(node, "credential_accessed_at", Day::End, Stated::Never);
    key.expires = rows.date_or(node, "authorized_credential_expires_at", Day::Start, Stated::Never);
    key.scopes = node.words_at("scopes");
    if let Some(last) = node.text_at("token_last_eight") {
        let tail: Vec<char> = last.chars().rev().take(4).collect();
        key.hint = Some(Hint { prefix: String::new(), suffix: tail.into_iter().rev().collect(), length: None });
    }
    if let Some(print) = node.text_at("fingerprint") {
        key.identifiers.push(("public-key".to_owned(), print.to_owned()));
    }
    rows.push(key);
}

fn read_deploy_key(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    let mut key = record(rows, source, node, "private-key-openssh", "id", "title");
    let created = if node.at("created_at").is_some() { "created_at" } else { "createdAt" };
    key.created = rows.date(node, created, Day::Start);
    key.expires = Stated::Never;
    key.last_used = rows.date_or(node, "last_used", Day::End, Stated::Never);
    key.owner = node.text_at("added_by").map(str::to_owned);
    let read_only = node.bool_at("read_only").or_else(|| node.bool_at("readOnly"));
    key.scopes = read_only.map(|read_only| vec![if read_only { "contents:read" } else { "contents:write" }.to_owned()]);
    key.status = if node.bool_at("enabled") == Some(false) { Status::Disabled } else { Status::Active };
    if let Some(line) = node.text_at("key").and_then(ssh::read_line) {
        key.identifiers.extend(line.evidence.identifiers.into_iter().map(|(kind, value)| (kind.to_owned(), value)));
    }
    rows.push(key);
}

fn read_secret(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    let mut key = record(rows, source, node, "github-actions-secret", "name", "name");
    key.in_place = true;
    key.created = rows.date(node, "created_at", Day::Start);
    let updated = if node.at("updated_at").is_some() { "updated_at" } else { "updatedAt" };
    key.rotated = rows.date(node, updated, Day::Start);
    key.tags.extend(node.text_at("visibility").map(|visibility| format!("visibility:{visibility}")));
    rows.push(key);
}

fn read_installation(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    let mut key = record(rows, source, node, "github-app-installation", "id", "app_slug");
    key.created = rows.date(node, "created_at", Day::Start);
    let mut scopes = Vec::new();
    node.at("permissions").into_iter().for_each(|one| permissions(one, &mut scopes));
    key.scopes = Some(scopes);
    key.status = if node.is_empty_at("suspended_at") { Status::Active } else { Status::Disabled };
    rows.push(key);
}
