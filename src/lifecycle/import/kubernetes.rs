//! Kubernetes: metadata of secrets, and certificates of cert-manager.

use std::sync::Arc;

use super::{Format, record};
use crate::lifecycle::document::Node;
use crate::lifecycle::inventory::{Day, Rows};
use crate::lifecycle::key::{Gives, KnownKey, Source, Stated, Status};

const LAST_USED: &str = "metadata>labels>kubernetes.io/legacy-token-last-used";
const INVALID_SINCE: &str = "metadata>labels>kubernetes.io/legacy-token-invalid-since";

pub(super) const FORMATS: &[Format] = &[
    Format::new(
        "cert-manager",
        &["items", ""],
        &["status>notAfter"],
        Gives::CREATED.and(Gives::EXPIRES),
        read_certificate,
    ),
    Format::new(
        "kubernetes-secrets",
        &["items", ""],
        &["metadata>name", "type"],
        Gives::CREATED.and(Gives::ROTATED).and(Gives::JOIN),
        read_secret,
    )
    .refusing(&["data", "stringData"]),
];

fn named(rows: &mut Rows, source: &Arc<Source>, node: &Node<'_>, class: &str) -> KnownKey {
    let mut key = record(rows, source, node, class, "metadata>name", "metadata>name");
    if let Some(namespace) = node.text_at("metadata>namespace") {
        key.id = key.id.map(|name| format!("{namespace}/{name}"));
        key.environment = Some(namespace.to_owned());
    }
    key
}

fn read_secret(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    let mut key = named(rows, source, node, "kubernetes-secret");
    key.created = rows.date(node, "metadata>creationTimestamp", Day::Start);
    if node.text_at("type") == Some("kubernetes.io/service-account-token") {
        key.expires = Stated::Never;
        key.identifiers.extend(key.id.clone().map(|id| ("kubernetes-secret".to_owned(), id)));
        key.last_used = rows.date(node, LAST_USED, Day::End);
        key.revoked = rows.date(node, INVALID_SINCE, Day::Start);
        if key.revoked.time().is_some() {
            key.status = Status::Revoked;
        }
    } else {
        key.in_place = true;
        let fields = node.at("metadata>managedFields").map(Node::items).unwrap_or_default();
        key.rotated = fields.iter().map(|field| rows.date(field, "time", Day::Start)).max().unwrap_or_default();
    }
    rows.push(key);
}

fn read_certificate(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    let mut key = named(rows, source, node, "certificate-x509");
    if key.name.is_none() {
        key.name = Some("certificate".to_owned());
    }
    key.created = rows.date(node, "status>notBefore", Day::Start);
    key.not_before = key.created;
    key.expires = rows.date(node, "status>notAfter", Day::Start);
    key.auto_rotate = Some(true);
    rows.push(key);
}
