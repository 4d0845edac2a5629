//! CycloneDX 1.6 and 1.7: keys as cryptographic assets with their state (in the words of NIST SP 800-57) and their dates, so
//! that an inventory of keys can be fed from a scan or an audit. One component a key, with all its places as evidence; the
//! value itself is never filled in.

use std::io::{self, Write};

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::key::{self, Key};
use super::{RenderOptions, Report, wording};
use crate::finding::{Ends, Finding};
use crate::rule::Kind;

/// Identifiers that tell one key from another; the rest of what keys state names accounts, issuers and people.
const IDENTIFYING: [&str; 7] =
    ["aws-key-id", "gcp-private-key-id", "grafana-key", "jwt-id", "jwt-kid", "kubernetes-secret", "public-key"];

/// The versions of the specification that can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// What most consumers read.
    V1_6,
    /// With the state and the dates of certificates, and fingerprints.
    V1_7,
}

impl Version {
    fn number(self) -> &'static str {
        match self {
            Self::V1_6 => "1.6",
            Self::V1_7 => "1.7",
        }
    }
}

/// One bill of materials.
pub(super) fn render(
    report: &Report,
    options: &RenderOptions,
    version: Version,
    out: &mut dyn Write,
) -> io::Result<()> {
    let keys = key::all(report, options);
    let keys = keys.iter().filter(|key| key.is_key()).enumerate();
    let components: Vec<Value> = keys.map(|(index, key)| component(report, version, index, key)).collect();
    let mut document = json!({
        "$schema": format!("http://cyclonedx.org/schema/bom-{}.schema.json", version.number()),
        "bomFormat": "CycloneDX",
        "specVersion": version.number(),
        "serialNumber": null,
        "version": 1,
        "metadata": {
            "timestamp": options.finished.unwrap_or(report.now).to_rfc3339_opts(SecondsFormat::Secs, true),
            "tools": { "components": [{ "type": "application", "name": "keyrot", "version": wording::VERSION }] },
            "properties": [
                property("keyrot:complete", &report.is_complete().to_string()),
                property("keyrot:files", &report.coverage.files.to_string()),
                property("keyrot:rulesVersion", crate::rule::VERSION),
            ],
        },
        "components": components,
    });
    document["serialNumber"] = json!(serial_number(&document));
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

/// Equal content has an equal number: a UUID of version 8 made of the content's hash.
fn serial_number(document: &Value) -> String {
    let hash = Sha256::digest(document.to_string());
    let hex = data_encoding::HEXLOWER.encode(&hash[..16]);
    format!("urn:uuid:{}-{}-8{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
}

fn component(report: &Report, version: Version, index: usize, key: &Key<'_>) -> Value {
    let kind = key.rule.map_or(Kind::Token, |rule| rule.kind);
    let mut component = json!({
        "type": "cryptographic-asset",
        "bom-ref": format!("key-{}", index + 1),
        "name": key.listing.map_or(key.name(), |listing| listing.label.as_str()),
        "cryptoProperties": if kind == Kind::Certificate {
            json!({ "assetType": "certificate", "certificateProperties": certificate(report, version, key) })
        } else {
            json!({ "assetType": "related-crypto-material", "relatedCryptoMaterialProperties": material(report, version, key, kind) })
        },
        "properties": properties(key),
    });
    if let Some(finding) = key.findings.first() {
        component["description"] = json!(wording::message(finding));
    }
    let occurrences: Vec<Value> = key.findings.iter().map(|finding| occurrence(finding)).collect();
    if !occurrences.is_empty() {
        component["evidence"] = json!({ "occurrences": occurrences });
    }
    component
}

fn properties(key: &Key<'_>) -> Vec<Value> {
    let mut properties = Vec::new();
    let mut add = |name: &str, value: &str| properties.push(property(&format!("keyrot:{name}"), value));
    if let Some(rule) = key.rule {
        add("rule", &rule.id);
        add("provider", &rule.provider);
    }
    if let Some(severity) = key.severity() {
        add("severity", severity.name());
    }
    if let Some(secret) = key.exposed().find_map(|finding| finding.secret.as_ref()) {
        add("redacted", secret.redacted.as_str());
        if secret.fingerprint.is_stable() {
            add("fingerprint", &secret.fingerprint.to_string());
        }
    }
    if let Some(listing) = key.listing {
        add("listedAt", &listing.place);
        for (name, value) in [("owner", listing.owner.as_deref()), ("status", listing.status)] {
            if let Some(value) = value {
                add(name, value);
            }
        }
    }
    for finding in &key.findings {
        if finding.secret.is_none() {
            add("verdict", &format!("{}: {}", finding.rule, finding.message));
        }
        for verdict in &finding.verdicts {
            add("verdict", &format!("{}: {}", verdict.rule, verdict.text));
        }
    }
    if let Some(days) = key.rule.and_then(|rule| rule.rotate.max_age_days) {
        add("maxAgeDays", &days.to_string());
    }
    properties
}

fn property(name: &str, value: &str) -> Value {
    json!({ "name": name, "value": value })
}

fn occurrence(finding: &Finding) -> Value {
    let mut value = json!({ "location": finding.location.origin.path() });
    if let Some(region) = finding.location.region {
        value["line"] = json!(region.start.line);
        value["offset"] = json!(region.start.column);
    }
    if let Some(commit) = finding.location.origin.commit() {
        value["additionalContext"] = json!(format!("commit {commit}"));
    }
    value
}

/// The dates of a key: its listing's, else its own.
struct Dates {
    created: Option<DateTime<Utc>>,
    not_before: Option<DateTime<Utc>>,
    rotated: Option<DateTime<Utc>>,
    ends: Option<DateTime<Utc>>,
    revoked: Option<DateTime<Utc>>,
}

impl Dates {
    fn of(key: &Key<'_>) -> Self {
        let listing = key.listing;
        let stated =
            |date: fn(&Finding) -> Option<DateTime<Utc>>| key.findings.iter().find_map(|finding| date(finding));
        Self {
            created: listing.and_then(|listing| listing.created).or_else(|| stated(|finding| finding.evidence.created)),
            not_before: listing
                .and_then(|listing| listing.not_before)
                .or_else(|| stated(|finding| finding.evidence.not_before)),
            rotated: listing.and_then(|listing| listing.rotated),
            ends: match key.expires() {
                Some(Ends::At(time)) => Some(time),
                _ => None,
            },
            revoked: listing.and_then(|listing| listing.revoked),
        }
    }
}

/// Puts a date in, if it is known.
fn set(properties: &mut Map<String, Value>, name: &str, time: Option<DateTime<Utc>>) {
    let text = time.map(|time| json!(time.to_rfc3339_opts(SecondsFormat::Secs, true)));
    properties.extend(text.map(|text| (name.to_owned(), text)));
}

fn certificate(report: &Report, version: Version, key: &Key<'_>) -> Map<String, Value> {
    let dates = Dates::of(key);
    let mut properties = Map::new();
    set(&mut properties, "notValidBefore", dates.not_before);
    set(&mut properties, "notValidAfter", dates.ends);
    properties.insert("certificateFormat".to_owned(), json!("X.509"));
    if version == Version::V1_7 {
        set(&mut properties, "creationDate", dates.created);
        set(&mut properties, "activationDate", dates.not_before);
        set(&mut properties, "revocationDate", dates.revoked);
        let state = match listed(key) {
            Some("destroyed" | "deactivated") if dates.revoked.is_some() => Some("revoked"),
            Some(state) => Some(state),
            None => by_dates(report, key, &dates),
        };
        if let Some(state) = state {
            properties.insert("certificateState".to_owned(), json!([{ "state": state }]));
        }
    }
    properties
}

fn material(report: &Report, version: Version, key: &Key<'_>, kind: Kind) -> Map<String, Value> {
    let dates = Dates::of(key);
    let mut properties = Map::new();
    properties.insert("type".to_owned(), json!(material_type(kind)));
    let identifiers = || key.findings.iter().flat_map(|finding| &finding.evidence.identifiers);
    let stated = || identifiers().find(|(kind, _)| IDENTIFYING.contains(kind)).map(|(_, value)| value.as_str());
    if let Some(id) = key.listing.and_then(|listing| listing.id.as_deref()).or_else(stated) {
        properties.insert("id".to_owned(), json!(id));
    }
    // An exposed key is compromised, whatever its dates and its listing say.
    let state = match key.exposed().next() {
        Some(_) => Some("compromised"),
        None => listed(key).or_else(|| by_dates(report, key, &dates)),
    };
    if let Some(state) = state {
        properties.insert("state".to_owned(), json!(state));
    }
    set(&mut properties, "creationDate", dates.created);
    set(&mut properties, "activationDate", dates.not_before);
    set(&mut properties, "updateDate", dates.rotated);
    set(&mut properties, "expirationDate", dates.ends);
    let print = identifiers().find(|(kind, _)| *kind == "public-key").and_then(|(_, print)| sha256(print));
    if let Some(print) = print.filter(|_| version == Version::V1_7) {
        properties.insert("fingerprint".to_owned(), json!({ "alg": "SHA-256", "content": print }));
    }
    properties
}

/// The hash of a public key in hexadecimal: OpenSSH writes it in base64.
fn sha256(print: &str) -> Option<String> {
    let hash = match print.split_once(':')? {
        ("SHA256", text) => data_encoding::BASE64_NOPAD.decode(text.as_bytes()).ok()?,
        ("sha256", text) => data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?,
        _ => return None,
    };
    (hash.len() == 32).then(|| data_encoding::HEXLOWER.encode(&hash))
}

fn material_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Token => "token",
        Kind::Password => "password",
        Kind::PrivateKey => "private-key",
        Kind::Pair | Kind::ConnectionString | Kind::Audit => "credential",
        Kind::Webhook => "shared-secret",
        Kind::Certificate | Kind::Id => "other",
    }
}

/// What the listing says became of it. `active` is not taken from here: dates may contradict it.
fn listed(key: &Key<'_>) -> Option<&'static str> {
    match key.listing?.status? {
        "disabled" => Some("suspended"),
        "revoked" => Some("deactivated"),
        "deleted" => Some("destroyed"),
        _ => None,
    }
}

/// What the dates say; without dates and without a word of the listing the state is unknown and left out.
fn by_dates(report: &Report, key: &Key<'_>, dates: &Dates) -> Option<&'static str> {
    if dates.revoked.or(dates.ends).is_some_and(|end| end <= report.now) {
        return Some("deactivated");
    }
    if dates.not_before.is_some_and(|start| start > report.now) {
        return Some("pre-activation");
    }
    let active = key.listing.is_some_and(|listing| listing.status == Some("active"));
    (active || key.expires().is_some()).then_some("active")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_of_public_keys_are_read_in_both_spellings() {
        let hex = "ab".repeat(32);
        let base64 = data_encoding::BASE64_NOPAD.encode(&[0xab; 32]);
        assert_eq!(sha256(&format!("sha256:{hex}")), Some(hex.clone()));
        assert_eq!(sha256(&format!("SHA256:{base64}")), Some(hex));
        assert_eq!(sha256("SHA256:short"), None);
    }
}
