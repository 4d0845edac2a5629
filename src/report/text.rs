//! For people: in the manner of rustc, one block a secret, every other place of it below.

use std::fmt::Write as _;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

use super::{RenderOptions, Report};
use crate::finding::{Finding, Location, Severity, Snippet};

const BOLD: Style = Style::new().bold();
const FRAME: Style = AnsiColor::BrightBlue.on_default().bold();
/// Places of one secret that are listed before the rest is counted.
const MOST_PLACES: usize = 10;

/// Writes all findings and, if asked for, what was left out.
pub(super) fn render(report: &Report, options: &RenderOptions, out: &mut dyn Write) -> io::Result<()> {
    for (index, finding) in report.findings.iter().enumerate() {
        let first = report.groups[index]
            .is_none_or(|group| report.groups[..index].iter().flatten().all(|other| *other != group));
        if first {
            out.write_all(block(report, index, finding).as_bytes())?;
        }
    }
    if options.show_suppressed {
        for finding in &report.suppressed {
            writeln!(out, "{}", suppressed_line(finding))?;
        }
    }
    if options.verbose {
        for skip in &report.skipped {
            writeln!(out, "skipped: {}: {}", escape(&skip.origin.to_string()), escape(&skip.reason.to_string()))?;
        }
        for (reason, count) in &report.coverage.dropped {
            writeln!(out, "{}: {count} candidates: {reason}", fate(reason))?;
        }
    }
    Ok(())
}

/// What became of candidates for the reason.
fn fate(reason: &str) -> &'static str {
    // What a crowd tells of is kept, and of low confidence.
    if reason == "crowd" { "lowered" } else { "dropped" }
}

fn block(report: &Report, index: usize, finding: &Finding) -> String {
    let mut text = String::new();
    let colour = colour(finding.severity);
    let rule = report.rule(finding);
    let name = rule.map_or(finding.rule.as_str(), |rule| &rule.definition.name);
    let _ = writeln!(text, "{colour}{}{colour:#}{BOLD}[{}]: {}{BOLD:#}", finding.severity, finding.rule, escape(name));
    let place = &finding.location;
    let width = place.region.map_or(1, |region| region.start.line.to_string().len());
    let _ = writeln!(text, "{:width$}{FRAME}-->{FRAME:#} {}", "", escape(&label(place)));
    if let (Some(region), Some(snippet)) = (&place.region, &place.snippet) {
        source_line(&mut text, snippet, region.start.line, finding);
    }
    let mut note = |name: &str, value: &str| {
        if !value.is_empty() {
            let _ = writeln!(text, "{:width$} {FRAME}={FRAME:#} {BOLD}{name}{BOLD:#}: {}", "", escape(value));
        }
    };
    if finding.secret.is_none() {
        note("found", &finding.message);
    }
    if let Some(rule) = rule {
        note("why", &rule.definition.why);
        note("rotate", rule.definition.rotate.steps.as_deref().unwrap_or_default());
        note("where", rule.definition.rotate.url.as_deref().unwrap_or_default());
    }
    for verdict in &finding.verdicts {
        note(verdict.rule.as_str(), &verdict.text);
    }
    if finding.secret.is_some() {
        note("owner", finding.owner.as_deref().unwrap_or_default());
    }
    let others: Vec<String> = report.occurrences(index).map(|other| label(&other.location)).collect();
    if !others.is_empty() {
        let mut list = others[..others.len().min(MOST_PLACES)].join(", ");
        if others.len() > MOST_PLACES {
            let _ = write!(list, " and {} more", others.len() - MOST_PLACES);
        }
        note("also at", &list);
    }
    text.push('\n');
    text
}

fn source_line(text: &mut String, snippet: &Snippet, line: u32, finding: &Finding) {
    let width = line.to_string().len();
    let (start, end) = (snippet.highlight.start, snippet.highlight.end);
    let (before, inside, after) =
        (escape(&snippet.text[..start]), escape(&snippet.text[start..end]), escape(&snippet.text[end..]));
    let colour = colour(finding.severity);
    let indent = before.width();
    let carets = "^".repeat(inside.width().max(1));
    let length = finding.secret.as_ref().map(|secret| format!(" {} characters,", secret.length)).unwrap_or_default();
    let label = format!("{length} confidence {}", finding.confidence);
    let _ = writeln!(text, "{:width$} {FRAME}|{FRAME:#}", "");
    let _ = writeln!(text, "{FRAME}{line} |{FRAME:#} {before}{inside}{after}");
    let _ = writeln!(text, "{:width$} {FRAME}|{FRAME:#} {:indent$}{colour}{carets}{label}{colour:#}", "", "");
    let _ = writeln!(text, "{:width$} {FRAME}|{FRAME:#}", "");
}

fn label(location: &Location) -> String {
    match location.origin.commit() {
        Some(commit) => format!("{} (commit {})", location.label(), commit.get(..12).unwrap_or(commit)),
        None => location.label(),
    }
}

fn suppressed_line(finding: &Finding) -> String {
    let Some(suppression) = &finding.suppression else { return String::new() };
    let reason = suppression.reason.as_deref().unwrap_or("no reason given");
    let until = suppression.until.map(|until| format!(", until {until}")).unwrap_or_default();
    escape(&format!(
        "suppressed: {}: {} (by {} at {}: {reason}{until})",
        finding.location.label(),
        finding.rule,
        suppression.by.name(),
        suppression.place,
    ))
}

fn colour(severity: Severity) -> Style {
    match severity {
        Severity::Critical | Severity::High => AnsiColor::BrightRed.on_default().bold(),
        Severity::Medium => AnsiColor::BrightYellow.on_default().bold(),
        Severity::Low => AnsiColor::BrightCyan.on_default().bold(),
        Severity::Info => AnsiColor::BrightGreen.on_default().bold(),
    }
}

/// Shows control characters, so that a hostile path or line cannot drive the terminal; a tab is one space.
fn escape(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\t' => shown.push(' '),
            letter if letter.is_control() || is_bidirectional(letter) => {
                let _ = write!(shown, "{}", letter.escape_unicode());
            }
            letter => shown.push(letter),
        }
    }
    shown
}

/// Marks that reorder the text around them.
pub(super) fn is_bidirectional(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_cannot_reach_the_terminal() {
        assert_eq!(escape("a\x1b[31m\tb\u{202e}"), "a\\u{1b}[31m b\\u{202e}");
    }
}
