//! Reviewdog's diagnostic format: one document. Its columns count bytes of the text in UTF-8, and ends are exclusive.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{RenderOptions, Report, uri, wording};
use crate::finding::{Finding, Location, Severity};

/// One document.
pub(super) fn render(report: &Report, options: &RenderOptions, out: &mut dyn Write) -> io::Result<()> {
    let document = json!({
        "source": { "name": "keyrot", "url": wording::HOME },
        "diagnostics": report.shown(options).map(|finding| diagnostic(report, finding)).collect::<Vec<_>>(),
    });
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn diagnostic(report: &Report, finding: &Finding) -> Value {
    let mut code = json!({ "value": finding.rule.as_str() });
    let url = report.rule(finding).and_then(|rule| rule.definition.rotate.url.clone());
    if let Some(url) = url.filter(|url| uri::is_absolute(url)) {
        code["url"] = json!(url);
    }
    let related: Vec<Value> = finding
        .related
        .iter()
        .map(|related| json!({ "message": related.role.name(), "location": location(&related.location) }))
        .collect();
    let mut value = json!({
        "message": wording::message(finding),
        "location": location(&finding.location),
        "severity": match finding.severity {
            Severity::Critical | Severity::High => "ERROR",
            Severity::Medium | Severity::Low => "WARNING",
            Severity::Info => "INFO",
        },
        "code": code,
    });
    if !related.is_empty() {
        value["related_locations"] = json!(related);
    }
    value
}

fn location(location: &Location) -> Value {
    let mut value = json!({ "path": location.origin.path() });
    if let Some(region) = location.region {
        value["range"] = json!({
            "start": { "line": region.start.line, "column": region.start.utf8 },
            "end": { "line": region.end.line, "column": region.end.utf8 },
        });
    }
    value
}
