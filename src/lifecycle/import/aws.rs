//! AWS: credential report, access keys with their use, service-specific credentials, Secrets Manager, Systems Manager.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Format, people, record, version};
use crate::lifecycle::document::Node;
use crate::lifecycle::inventory::{Day, Rows};
use crate::lifecycle::key::{Gives, KnownKey, Source, Stated, Status};

/// The use of access keys was not recorded before 2015-04-22.
const TRACKED_SINCE: DateTime<Utc> = DateTime::from_timestamp(1_429_660_800, 0).expect("a valid time");
/// Use is recorded in steps of 15 minutes, and the report is cached for four hours.
const REPORT_GRAIN: TimeDelta = TimeDelta::minutes(255);

pub(super) const FORMATS: &[Format] = &[
    Format::new(
        "aws-credential-report",
        &[""],
        &["user", "arn", "access_key_1_active"],
        Gives::ROTATED.and(Gives::LAST_USED).and(Gives::OWNER),
        read_report,
    )
    .late(REPORT_GRAIN)
    .recording_since(TRACKED_SINCE),
    Format::new("aws-access-keys", &["AccessKeyMetadata", ""], &["AccessKeyId", "CreateDate"], LISTED, read_key)
        .recording_since(TRACKED_SINCE)
        .refusing(&["SecretAccessKey"]),
    Format::new("aws-access-key-last-used", &[""], &["AccessKeyId", "AccessKeyLastUsed"], LISTED, read_last_used)
        .late(TimeDelta::minutes(15))
        .recording_since(TRACKED_SINCE),
    Format::new(
        "aws-service-credentials",
        &["ServiceSpecificCredentials", ""],
        &["ServiceSpecificCredentialId", "CreateDate"],
        LISTED.and(Gives::EXPIRES),
        read_service,
    )
    .refusing(&["ServicePassword", "ServiceCredentialSecret"]),
    Format::new(
        "aws-secrets-manager",
        &["SecretList", ""],
        &["ARN", "Name", "CreatedDate"],
        Gives::CREATED.and(Gives::ROTATED).and(Gives::LAST_USED),
        read_secret,
    )
    .late(TimeDelta::days(1))
    .refusing(&["SecretString", "SecretBinary"]),
    Format::new("aws-secret-versions", &[""], &["ARN", "Versions"], Gives::CREATED, read_versions)
        .late(TimeDelta::days(1)),
    Format::new(
        "aws-ssm-parameters",
        &["Parameters", ""],
        &["Name", "Type", "LastModifiedDate"],
        Gives::ROTATED,
        read_parameter,
    )
    .refusing(&["Value"]),
];

const LISTED: Gives = Gives::CREATED.and(Gives::LAST_USED).and(Gives::OWNER).and(Gives::JOIN);

/// A user has up to two keys, each judged for itself. The report does not name them.
fn read_report(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    people::read_report_user(node, rows);
    for slot in ["access_key_1", "access_key_2"] {
        let field = |name: &str| format!("{slot}_{name}");
        let active = node.bool_at(&field("active")).unwrap_or(false);
        let rotated = rows.date(node, &field("last_rotated"), Day::Start);
        if !active && rotated.is_unknown() {
            continue;
        }
        let mut key = rows.key(source, node, &["user"]);
        let user = node.text_at("user").unwrap_or_default();
        key.id = Some(format!("{}/{slot}", node.text_at("arn").unwrap_or(user)));
        key.name = Some(format!("{user}/{slot}"));
        key.class = Some("aws-access-key-id".to_owned());
        key.owner = Some(user.to_owned());
        key.status = if active { Status::Active } else { Status::Disabled };
        // The value of an access key never changes: the date of its rotation is that of its creation.
        key.rotated = rotated;
        key.created = rotated;
        key.last_used = rows.date(node, &field("last_used_date"), Day::End);
        never_used(&mut key, node.text_at(&field("last_used_service")));
        if user == "<root_account>" {
            key.scopes = Some(vec!["root".to_owned()]);
        }
        rows.push(key);
    }
}

/// `N/A` for the service says "never", as far as uses were recorded.
fn never_used(key: &mut KnownKey, service: Option<&str>) {
    if key.last_used.is_unknown() && service == Some("N/A") {
        key.last_used = Stated::Never;
    }
}

fn access_key(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) -> KnownKey {
    let mut key = record(rows, source, node, "aws-access-key-id", "AccessKeyId", "AccessKeyId");
    key.owner = node.text_at("UserName").map(str::to_owned);
    key.identifiers.extend(key.id.clone().map(|id| ("aws-key-id".to_owned(), id)));
    key
}

fn read_key(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    let mut key = access_key(node, source, rows);
    key.created = rows.date(node, "CreateDate", Day::Start);
    key.status = node.text_at("Status").and_then(Status::read).unwrap_or_default();
    if node.at("AccessKeyLastUsed").is_some() {
        read_use(node, &mut key, rows);
    }
    rows.push(key);
}

fn read_last_used(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    let mut key = access_key(node, source, rows);
    read_use(node, &mut key, rows);
    rows.push(key);
}

fn read_use(node: &Node<'_>, key: &mut KnownKey, rows: &mut Rows) {
    key.last_used = rows.date(node, "AccessKeyLastUsed>LastUsedDate", Day::End);
    never_used(key, node.text_at("AccessKeyLastUsed>ServiceName"));
}

fn read_service(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    let mut key = record(
        rows,
        source,
        node,
        "aws-bedrock-long-term-key",
        "ServiceSpecificCredentialId",
        "ServiceSpecificCredentialId",
    );
    key.created = rows.date(node, "CreateDate", Day::Start);
    key.expires = rows.date(node, "ExpirationDate", Day::Start);
    key.owner = node.text_at("UserName").map(str::to_owned);
    key.service = node.text_at("ServiceName").map(str::to_owned);
    key.status = node.text_at("Status").and_then(Status::read).unwrap_or_default();
    rows.push(key);
}

fn read_secret(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    let mut key = record(rows, source, node, "aws-secret", "ARN", "Name");
    key.in_place = true;
    key.created = rows.date(node, "CreatedDate", Day::Start);
    key.rotated = rows.date(node, "LastRotatedDate", Day::Start).max(rows.date(node, "LastChangedDate", Day::Start));
    key.last_used = rows.date(node, "LastAccessedDate", Day::End);
    key.auto_rotate = node.bool_at("RotationEnabled");
    if !node.is_empty_at("DeletedDate") {
        key.status = Status::Deleted;
    }
    let tag = |name: &str| {
        let tags = node.at("Tags").map(Node::items).unwrap_or_default();
        let found = tags.iter().find(|tag| tag.text_at("Key").is_some_and(|key| key.eq_ignore_ascii_case(name)));
        found.and_then(|tag| tag.text_at("Value")).map(str::to_owned)
    };
    (key.owner, key.service) = (tag("owner"), tag("service"));
    key.environment = tag("environment").or_else(|| tag("env"));
    rows.push(key);
}

/// `aws secretsmanager list-secret-version-ids`: the version labelled `AWSCURRENT` took over from the one labelled
/// `AWSPREVIOUS` when it was created, at the earliest.
fn read_versions(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    let (arn, name) = (node.text_at("ARN").unwrap_or_default(), node.text_at("Name"));
    let versions = node.at("Versions").map(Node::items).unwrap_or_default();
    let has = |version: &Node<'_>, label: &str| {
        version.words_at("VersionStages").is_some_and(|labels| labels.iter().any(|one| one == label))
    };
    let id = |version: &Node<'_>| version.text_at("VersionId").map(|id| format!("{arn}:{id}"));
    let current = versions.iter().find(|version| has(version, "AWSCURRENT"));
    for version in versions {
        let mut key = rows.key(source, version, &["VersionId"]);
        key.class = Some("aws-secret".to_owned());
        (key.id, key.name) = (id(version), name.map(str::to_owned));
        key.created = rows.date(version, "CreatedDate", Day::Start);
        key.last_used = rows.date(version, "LastAccessedDate", Day::End);
        match current {
            Some(current) if has(version, "AWSPREVIOUS") => {
                key.replaced_by = id(current);
                key.replaced_at = rows.date(current, "CreatedDate", Day::Start);
                version::name_version(&mut key);
            }
            _ if has(version, "AWSCURRENT") => key.status = Status::Active,
            _ => {}
        }
        rows.push(key);
    }
}

fn read_parameter(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    if node.text_at("Type") != Some("SecureString") {
        return;
    }
    let mut key = record(rows, source, node, "aws-parameter", "Name", "Name");
    key.in_place = true;
    key.rotated = rows.date(node, "LastModifiedDate", Day::Start);
    rows.push(key);
}
