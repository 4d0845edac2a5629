//! GitHub workflow commands: annotations without code scanning. GitHub keeps ten errors, ten warnings and ten notices of
//! a step, so the worst come first; the last line sums up, because the rest disappears silently. The end line is left
//! out: a span that ends after the file's last line loses its annotation.

use std::io::{self, Write};

use super::{RenderOptions, Report, wording};
use crate::finding::{Finding, Origin, Severity};

/// One command a finding, then one line that sums up.
pub(super) fn render(report: &Report, options: &RenderOptions, out: &mut dyn Write) -> io::Result<()> {
    let mut findings: Vec<&Finding> = report.shown(options).collect();
    findings.sort_by_key(|finding| std::cmp::Reverse((finding.severity, finding.confidence)));
    for finding in findings {
        writeln!(out, "{}", annotation(report, finding))?;
    }
    for skip in report.skipped.failures() {
        writeln!(out, "::warning title=keyrot::{}", message(&format!("'{}' {}.", skip.origin, skip.reason)))?;
    }
    writeln!(out, "keyrot: {}", message(&report.summary()))
}

fn annotation(report: &Report, finding: &Finding) -> String {
    let level = match finding.severity {
        _ if finding.suppression.is_some() => "notice",
        Severity::Critical | Severity::High => "error",
        Severity::Medium | Severity::Low => "warning",
        Severity::Info => "notice",
    };
    let mut properties = Vec::new();
    // A commit of a pull request mostly has its lines where the checkout has them; the message names the commit.
    if !matches!(finding.location.origin, Origin::Message { .. }) {
        properties.push(format!("file={}", property(finding.location.origin.path())));
        if let Some(region) = finding.location.region {
            properties.push(format!("line={}", region.start.line));
            properties.push(format!("col={}", region.start.column));
        }
    }
    let name = report.rule(finding).map_or(finding.rule.as_str(), |rule| &rule.definition.name);
    properties.push(format!("title={}", property(&format!("{name} [{}]", finding.rule))));
    let mut text = wording::message(finding);
    if let Some(suppression) = &finding.suppression {
        text.push_str(&format!(" Suppressed by {} at {}.", suppression.by.name(), suppression.place));
    }
    if let Some(rule) = report.rule(finding) {
        text.push_str(&format!(" {}", wording::remedy(&rule.definition)));
    }
    format!("::{level} {}::{}", properties.join(","), message(&text))
}

/// Escaped as GitHub's runner reads messages; other control characters could drive the terminal that shows the log.
fn message(text: &str) -> String {
    let text = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// Escaped as GitHub's runner reads properties.
fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_cannot_end_the_command_or_start_another() {
        assert_eq!(property("a:b,c\n::error::x%"), "a%3Ab%2Cc%0A%3A%3Aerror%3A%3Ax%25");
        assert_eq!(message("one\r\n::stop-commands::x"), "one%0D%0A::stop-commands::x");
    }
}
