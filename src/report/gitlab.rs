//! GitLab: the secret detection report (schema 15) and the Code Quality report.

use std::collections::HashMap;
use std::io::{self, Write};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{RenderOptions, Report, uri, weakness, wording};
use crate::finding::{Finding, Severity};

/// The version of the schema that the report follows.
const SCHEMA: &str = "15.2.1";
/// Where GitLab wants a commit and there is none.
const NO_COMMIT: &str = "0000000000000000000000000000000000000000";

/// `gl-secret-detection-report.json`. The secret itself stands nowhere in it, also not as `raw_source_code_extract`.
pub(super) fn render_secrets(report: &Report, options: &RenderOptions, out: &mut dyn Write) -> io::Result<()> {
    let product = json!({
        "id": "keyrot",
        "name": "keyrot",
        "url": wording::HOME,
        "version": wording::VERSION,
        "vendor": { "name": "keyrot" },
    });
    // Times are in UTC and without a zone: the schema's pattern has none.
    let time = |time: chrono::DateTime<chrono::Utc>| time.format("%Y-%m-%dT%H:%M:%S").to_string();
    let mut identities = Identities::default();
    let document = json!({
        "version": SCHEMA,
        "schema": format!("https://gitlab.com/gitlab-org/security-products/security-report-schemas/-/raw/v{SCHEMA}/dist/secret-detection-report-format.json"),
        "scan": {
            "analyzer": product,
            "scanner": product,
            "type": "secret_detection",
            "status": if report.is_complete() { "success" } else { "failure" },
            "start_time": time(report.now),
            "end_time": time(options.finished.unwrap_or(report.now)),
            "messages": messages(report),
        },
        "vulnerabilities": report
            .shown(options)
            .map(|finding| vulnerability(report, options, finding, &mut identities))
            .collect::<Vec<_>>(),
    });
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn messages(report: &Report) -> Vec<Value> {
    let failures = report.skipped.failures();
    let failures =
        failures.map(|skip| json!({ "level": "warn", "value": format!("{}: {}", skip.origin, skip.reason) }));
    let notices = report.notices.iter().map(|notice| json!({ "level": "info", "value": notice }));
    notices.chain(failures).take(1_000).collect()
}

fn vulnerability(report: &Report, options: &RenderOptions, finding: &Finding, identities: &mut Identities) -> Value {
    let rule = report.rule(finding).map(|rule| &*rule.definition);
    let name = rule.map_or(finding.rule.as_str(), |rule| &rule.name);
    let mut identifiers = vec![json!({
        "type": "keyrot_rule_id",
        "name": format!("keyrot rule {}", finding.rule),
        "value": finding.rule.as_str(),
    })];
    for weakness in rule.map(weakness::of).unwrap_or_default() {
        identifiers.push(json!({
            "type": "cwe", "name": weakness.id(), "value": weakness.number.to_string(), "url": weakness.url(),
        }));
    }
    let revision = options.provenance.as_ref().and_then(|from| from.revision.as_deref());
    let commit = finding.location.origin.commit().or(revision).unwrap_or(NO_COMMIT);
    let mut location = json!({ "file": finding.location.origin.path(), "commit": { "sha": commit } });
    if let Some(region) = finding.location.region {
        location["start_line"] = json!(region.start.line);
        location["end_line"] = json!(region.end.line);
    }
    let pages = rule.map(wording::pages).unwrap_or_default().into_iter();
    let links: Vec<Value> =
        pages.filter(|page| uri::is_absolute(page)).take(20).map(|page| json!({ "url": page })).collect();
    let solution = rule.map(wording::remedy).unwrap_or_default();
    let mut value = json!({
        "id": identities.next(finding),
        "name": wording::cut(name, 255),
        "description": wording::cut(&description(finding, rule.map_or("", |rule| &rule.why)), 10_000),
        "severity": severity(finding.severity),
        "identifiers": identifiers,
        "links": links,
        "location": location,
    });
    if !solution.is_empty() {
        value["solution"] = json!(wording::cut(&solution, 7_000));
    }
    value
}

fn description(finding: &Finding, why: &str) -> String {
    let mut text = wording::message(finding);
    if !why.is_empty() {
        text.push_str(&format!(" {}", wording::sentence(why)));
    }
    if let Some(suppression) = &finding.suppression {
        text.push_str(&format!(" Suppressed by {} at {}.", suppression.by.name(), suppression.place));
    }
    text
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "Critical",
        Severity::High => "High",
        Severity::Medium => "Medium",
        Severity::Low => "Low",
        Severity::Info => "Info",
    }
}

/// `gl-code-quality-report.json`, shown in merge requests on every tier.
pub(super) fn render_quality(report: &Report, options: &RenderOptions, out: &mut dyn Write) -> io::Result<()> {
    let mut identities = Identities::default();
    let issue = |finding: &Finding| {
        let (begin, end) = finding.location.region.map_or((1, 1), |region| (region.start.line, region.end.line));
        json!({
            "description": wording::message(finding),
            "check_name": finding.rule.as_str(),
            "fingerprint": identities.next(finding),
            "severity": match finding.severity {
                Severity::Critical => "blocker",
                Severity::High => "critical",
                Severity::Medium => "major",
                Severity::Low => "minor",
                Severity::Info => "info",
            },
            "location": { "path": finding.location.origin.path(), "lines": { "begin": begin, "end": end } },
        })
    };
    let issues: Vec<Value> = report.shown(options).map(issue).collect();
    serde_json::to_writer_pretty(&mut *out, &issues)?;
    writeln!(out)
}

/// Ids that stay when lines move: of rule, path, commit and the line's hash, numbered where those are equal.
#[derive(Default)]
struct Identities(HashMap<[u8; 16], u32>);

impl Identities {
    fn next(&mut self, finding: &Finding) -> String {
        let place = &finding.location;
        let mut hash = Sha256::new();
        let line = place.snippet.as_ref().map_or("", |snippet| snippet.line_hash.as_str());
        for part in [finding.rule.as_str(), place.origin.path(), place.origin.commit().unwrap_or_default(), line] {
            hash.update(part);
            hash.update([0]);
        }
        if line.is_empty() {
            hash.update(&finding.message);
        }
        let mut id = [0; 16];
        id.copy_from_slice(&hash.finalize()[..16]);
        let count = self.0.entry(id).or_default();
        *count += 1;
        let number = if *count > 1 { format!("-{count}") } else { String::new() };
        format!("{}{number}", data_encoding::HEXLOWER.encode(&id))
    }
}
