//! What was read, what was not, and what the reader should know.

use super::{escape, number};
use crate::finding::Skip;
use crate::report::{Report, size};

/// Inputs that were not scanned and are listed one by one, failures first; the rest is counted.
const MOST_SKIPS: usize = 2_000;

pub(super) fn sections(report: &Report) -> String {
    format!("{}{}{}", notices(report), scanned(report), skipped(report))
}

fn notices(report: &Report) -> String {
    if report.notices.is_empty() {
        return String::new();
    }
    let notices: String = report.notices.iter().map(|notice| format!("<li>{}</li>\n", escape(notice))).collect();
    format!("<section class=\"panel\"><h2>Notices</h2><ul>\n{notices}</ul></section>\n")
}

fn scanned(report: &Report) -> String {
    let coverage = &report.coverage;
    let mut rows = vec![("Files", number(coverage.files)), ("Bytes", size(coverage.bytes))];
    if coverage.commits > 0 {
        rows.push(("Commits", number(coverage.commits)));
    }
    rows.push(("Left out by ignore files and settings", number(coverage.ignored)));
    rows.push(("Active rules", number(report.rules.len() as u64)));
    if report.quiet > 0 {
        rows.push(("Findings below the confidence threshold", number(report.quiet as u64)));
    }
    let rows: String = rows.iter().map(|(name, value)| format!("<dt>{name}</dt><dd>{value}</dd>\n")).collect();
    let complete =
        if report.is_complete() { "Everything that was asked for was read." } else { "The scan is partial." };
    format!(
        "<section class=\"panel\"><h2>What was scanned</h2><dl class=\"facts-list\">\n{rows}</dl><p>{complete}</p></section>\n"
    )
}

fn skipped(report: &Report) -> String {
    if report.skipped.is_empty() {
        return String::new();
    }
    let row = |skip: Skip| {
        let size = skip.bytes.map(size).unwrap_or_default();
        format!(
            "<tr><td><code>{}</code></td><td>{}</td><td class=\"n\">{size}</td></tr>\n",
            escape(&skip.origin.to_string()),
            escape(&skip.reason.to_string())
        )
    };
    let rows: String = report.skipped.failures_first().take(MOST_SKIPS).map(row).collect();
    let rest = report.skipped.len().saturating_sub(MOST_SKIPS);
    let rest = if rest > 0 { format!("<p>{} more are not listed.</p>", number(rest as u64)) } else { String::new() };
    format!(
        "<section class=\"panel\"><h2>Not scanned</h2><details{}><summary>{}</summary>\
         <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Inputs that were not scanned\"><table>\
         <thead><tr><th scope=\"col\">What</th><th scope=\"col\">Why</th><th scope=\"col\" class=\"n\">Size</th></tr></thead>\
         <tbody>\n{rows}</tbody></table></div>{rest}</details></section>\n",
        if report.is_complete() { "" } else { " open" },
        super::counted(report.skipped.len(), "input", "inputs"),
    )
}
