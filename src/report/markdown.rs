//! Markdown: for chats and issues, and cut to GitHub's limit for the summary of a step.

use std::io::{self, Write};

use super::{RenderOptions, Report, wording};
use crate::finding::{Finding, Severity};

/// GitHub drops the summary of a step that is larger than 1 MiB.
const LARGEST_SUMMARY: usize = 1_000_000;

/// Everything.
pub(super) fn render(report: &Report, options: &RenderOptions, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(document(report, options, usize::MAX).as_bytes())
}

/// The worst findings first, as many as GitHub shows.
pub(super) fn render_summary(report: &Report, options: &RenderOptions, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(document(report, options, LARGEST_SUMMARY).as_bytes())
}

fn document(report: &Report, options: &RenderOptions, limit: usize) -> String {
    let mut text = format!("## keyrot\n\n**{}**\n", escape(&report.summary()));
    if !report.is_complete() {
        text.push_str("\n> [!WARNING]\n> Something could not be read: this report is partial.\n");
    }
    for notice in &report.notices {
        text.push_str(&format!("\n> {}\n", escape(notice)));
    }
    let mut findings: Vec<&Finding> = report.shown(options).collect();
    findings.sort_by_key(|finding| std::cmp::Reverse((finding.severity, finding.confidence)));
    if !findings.is_empty() {
        text.push_str("\n| Severity | Finding | Place | Key | What to do |\n|---|---|---|---|---|\n");
    }
    for (count, finding) in findings.iter().enumerate() {
        let row = row(report, finding);
        if text.len() + row.len() + 2_000 > limit {
            text.push_str(&format!("\n{} more findings do not fit here.\n", findings.len() - count));
            break;
        }
        text.push_str(&row);
    }
    let failures = report.skipped.failures();
    for (index, skip) in failures.enumerate() {
        let item = format!("- `{}`: {}\n", code(&skip.origin.to_string()), escape(&skip.reason.to_string()));
        if text.len() + item.len() > limit {
            break;
        }
        text.push_str(if index == 0 { "\n### Not read\n\n" } else { "" });
        text.push_str(&item);
    }
    text
}

fn row(report: &Report, finding: &Finding) -> String {
    let rule = report.rule(finding).map(|rule| &*rule.definition);
    let name = rule.map_or(finding.rule.as_str(), |rule| &rule.name);
    let mut what = format!("**{}** `{}`", escape(name), finding.rule);
    for verdict in &finding.verdicts {
        what.push_str(&format!("<br>{}", escape(&verdict.text)));
    }
    if finding.secret.is_none() {
        what.push_str(&format!("<br>{}", escape(&finding.message)));
    }
    if let Some(suppression) = &finding.suppression {
        let reason = suppression.reason.as_deref().unwrap_or("no reason given");
        what.push_str(&format!("<br>suppressed ({}): {}", suppression.by.name(), escape(reason)));
    }
    let key =
        finding.secret.as_ref().map_or_else(String::new, |secret| format!("`{}`", code(secret.redacted.as_str())));
    let remedy = rule.map(wording::remedy).unwrap_or_default();
    let place = code(&wording::place(&finding.location));
    format!("| {} {} | {what} | `{place}` | {key} | {} |\n", mark(finding.severity), finding.severity, escape(&remedy))
}

fn mark(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "🟥",
        Severity::High => "🟧",
        Severity::Medium => "🟨",
        Severity::Low => "🟦",
        Severity::Info => "⬜",
    }
}

/// Text that is neither markup nor the end of a cell.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' | '@' => escaped.extend(['\\', letter]),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            letter if letter.is_control() => escaped.push(' '),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// Text inside a code span of a cell.
fn code(text: &str) -> String {
    let plain = |letter: char| match letter {
        '`' => '\'',
        letter if letter.is_control() => ' ',
        letter => letter,
    };
    text.chars().map(plain).collect::<String>().replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_become_markup() {
        assert_eq!(escape("a|b<img>\n[x](y)"), "a\\|b&lt;img&gt; \\[x\\](y)");
        assert_eq!(code("a`b|c\n"), "a'b\\|c ");
    }
}
