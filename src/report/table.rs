//! CSV, for spreadsheets: one row a finding. A cell that a spreadsheet would run as a formula begins with an apostrophe.

use std::io::{self, Write};

use super::{RenderOptions, Report, json, wording};
use crate::finding::Finding;

const COLUMNS: [&str; 24] = [
    "severity",
    "confidence",
    "rule",
    "name",
    "provider",
    "path",
    "line",
    "column",
    "end_line",
    "end_column",
    "commit",
    "secret_number",
    "redacted",
    "length",
    "fingerprint",
    "host",
    "created",
    "expires",
    "verdicts",
    "message",
    "rotate_at",
    "suppressed",
    "listed_as",
    "owner",
];

/// A header and one row a finding.
pub(super) fn render(report: &Report, options: &RenderOptions, out: &mut dyn Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record(COLUMNS)?;
    for (finding, group) in report.shown_with_groups(options) {
        table.write_record(row(report, finding, group).map(safe))?;
    }
    table.flush()
}

fn row(report: &Report, finding: &Finding, group: Option<usize>) -> [String; COLUMNS.len()] {
    let rule = report.rule(finding).map(|rule| &*rule.definition);
    let secret = finding.secret.as_ref();
    let number = |value: Option<u32>| value.map(|value| value.to_string()).unwrap_or_default();
    let region = finding.location.region;
    let listing = finding.listing.as_deref();
    let created = listing.and_then(|listing| listing.created).or(finding.evidence.created);
    let expires = listing.and_then(|listing| listing.expires).or(finding.evidence.expires);
    let standing = finding.verdicts.iter().filter(|verdict| !verdict.waived);
    let verdicts: Vec<&str> = standing.map(|verdict| verdict.rule.as_str()).collect();
    [
        finding.severity.name().to_owned(),
        finding.confidence.name().to_owned(),
        finding.rule.to_string(),
        rule.map(|rule| rule.name.clone()).unwrap_or_default(),
        rule.map(|rule| rule.provider.clone()).unwrap_or_default(),
        finding.location.origin.path().to_owned(),
        number(region.map(|region| region.start.line)),
        number(region.map(|region| region.start.column)),
        number(region.map(|region| region.end.line)),
        number(region.map(|region| region.end.column)),
        finding.location.origin.commit().unwrap_or_default().to_owned(),
        group.map(|group| group.to_string()).unwrap_or_default(),
        secret.map(|secret| secret.redacted.to_string()).unwrap_or_default(),
        secret.map(|secret| secret.length.to_string()).unwrap_or_default(),
        secret
            .filter(|secret| secret.fingerprint.is_stable())
            .map(|secret| secret.fingerprint.to_string())
            .unwrap_or_default(),
        finding.context.host.clone().unwrap_or_default(),
        created.map(|time| time.to_rfc3339()).unwrap_or_default(),
        expires.map(json::end).unwrap_or_default(),
        verdicts.join(" "),
        wording::message(finding),
        rule.and_then(|rule| rule.rotate.url.clone()).unwrap_or_default(),
        finding.suppression.as_ref().map(|by| by.by.name().to_owned()).unwrap_or_default(),
        listing.map(|listing| listing.label.clone()).unwrap_or_default(),
        listing.and_then(|listing| listing.owner.clone()).unwrap_or_default(),
    ]
}

fn safe(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        format!("'{cell}")
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_text() {
        for cell in ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"] {
            assert_eq!(safe(cell.to_owned()), format!("'{cell}"));
        }
        assert_eq!(safe("a=b".to_owned()), "a=b");
    }
}
