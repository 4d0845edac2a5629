//! CycloneDX 1.6: exposed keys as cryptographic assets with their state (in the words of NIST SP 800-57) and their dates,
//! so that an inventory of keys can be fed from a scan. One component a secret, with all its places as evidence; the
//! value itself is never filled in.

use std::io::{self, Write};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{RenderOptions, Report, wording};
use crate::finding::{Ends, Finding};
use crate::rule::Kind;

/// One bill of materials.
pub(super) fn render(report: &Report, options: &RenderOptions, out: &mut dyn Write) -> io::Result<()> {
    let components: Vec<Value> = assets(report, options)
        .iter()
        .enumerate()
        .map(|(index, findings)| component(report, index, findings))
        .collect();
    let mut document = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": null,
        "version": 1,
        "metadata": {
            "timestamp": options.finished.unwrap_or(report.now).to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            "tools": { "components": [{ "type": "application", "name": "keyrot", "version": wording::VERSION }] },
            "properties": [
                { "name": "keyrot:complete", "value": report.is_complete().to_string() },
                { "name": "keyrot:files", "value": report.coverage.files.to_string() },
                { "name": "keyrot:rulesVersion", "value": crate::rule::VERSION },
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

/// The findings of each secret, in the order of their first places; what is no secret stands alone.
fn assets<'r>(report: &'r Report, options: &RenderOptions) -> Vec<Vec<&'r Finding>> {
    let mut assets: Vec<Vec<&Finding>> = Vec::new();
    let mut of_group: std::collections::HashMap<usize, usize> = std::collections::HashMap::new();
    for (finding, group) in report.shown_with_groups(options) {
        if let Some(index) = group.and_then(|group| of_group.get(&group)) {
            assets[*index].push(finding);
        } else {
            of_group.extend(group.map(|group| (group, assets.len())));
            assets.push(vec![finding]);
        }
    }
    assets
}

fn component(report: &Report, index: usize, findings: &[&Finding]) -> Value {
    let finding = findings[0];
    let rule = report.rule(finding).map(|rule| &*rule.definition);
    let kind = rule.map_or(Kind::Token, |rule| rule.kind);
    let mut properties = vec![
        property("keyrot:rule", finding.rule.as_str()),
        property("keyrot:severity", finding.severity.name()),
        property("keyrot:confidence", finding.confidence.name()),
    ];
    if let Some(secret) = &finding.secret {
        properties.push(property("keyrot:redacted", secret.redacted.as_str()));
        if secret.fingerprint.is_stable() {
            properties.push(property("keyrot:fingerprint", &secret.fingerprint.to_string()));
        }
    }
    for verdict in findings.iter().flat_map(|finding| &finding.verdicts) {
        properties.push(property("keyrot:verdict", &format!("{}: {}", verdict.rule, verdict.text)));
    }
    if let Some(days) = rule.and_then(|rule| rule.rotate.max_age_days) {
        properties.push(property("keyrot:maxAgeDays", &days.to_string()));
    }
    json!({
        "type": "cryptographic-asset",
        "bom-ref": format!("key-{}", index + 1),
        "name": rule.map_or(finding.rule.as_str(), |rule| &rule.name),
        "description": wording::message(finding),
        "cryptoProperties": crypto(report, finding, kind),
        "evidence": { "occurrences": findings.iter().map(|finding| occurrence(finding)).collect::<Vec<_>>() },
        "properties": properties,
    })
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

fn crypto(report: &Report, finding: &Finding, kind: Kind) -> Value {
    let evidence = &finding.evidence;
    let text = |time: chrono::DateTime<chrono::Utc>| time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let ends = match evidence.expires {
        Some(Ends::At(time)) => Some(time),
        _ => None,
    };
    let mut properties = serde_json::Map::new();
    let mut set = |name: &str, value: Option<String>| {
        properties.extend(value.map(|value| (name.to_owned(), json!(value))));
    };
    if kind == Kind::Certificate {
        set("notValidBefore", evidence.not_before.map(text));
        set("notValidAfter", ends.map(text));
        set("certificateFormat", Some("X.509".to_owned()));
        return json!({ "assetType": "certificate", "certificateProperties": properties });
    }
    set("type", Some(material(kind).to_owned()));
    set("id", evidence.identifiers.first().map(|(_, value)| value.clone()));
    set("state", state(report, finding, ends).map(str::to_owned));
    set("creationDate", evidence.created.map(text));
    set("activationDate", evidence.not_before.map(text));
    set("expirationDate", ends.map(text));
    json!({ "assetType": "related-crypto-material", "relatedCryptoMaterialProperties": properties })
}

fn material(kind: Kind) -> &'static str {
    match kind {
        Kind::Token => "token",
        Kind::Password => "password",
        Kind::PrivateKey => "private-key",
        Kind::Pair | Kind::ConnectionString | Kind::Audit => "credential",
        Kind::Webhook => "shared-secret",
        Kind::Certificate | Kind::Id => "other",
    }
}

/// An exposed key is compromised, whatever its dates say. For a row of an inventory the dates tell; without dates the
/// state is unknown and left out.
fn state(report: &Report, finding: &Finding, ends: Option<chrono::DateTime<chrono::Utc>>) -> Option<&'static str> {
    if finding.secret.is_some() {
        return Some("compromised");
    }
    if ends.is_some_and(|ends| ends <= report.now) {
        return Some("deactivated");
    }
    if finding.evidence.not_before.is_some_and(|start| start > report.now) {
        return Some("pre-activation");
    }
    (ends.is_some() || finding.evidence.expires == Some(Ends::Never)).then_some("active")
}
