//! Sentences and numbers that several formats share.

use crate::finding::{Confidence, Finding, Location, Severity};
use crate::rule::Definition;

/// Where the tool is described.
pub(super) const HOME: &str = "https://docs.rs/keyrot";
/// The tool's version.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// GitHub's `security-severity`: 9 and more is critical, 7 high, 4 medium, above 0 low.
pub(super) fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.5",
        Severity::Info => "0.5",
    }
}

/// 0 to 100, by severity first (in GitLab's bands) and by confidence inside it.
pub(super) fn rank(severity: Severity, confidence: Confidence) -> f64 {
    let (base, step) = match severity {
        Severity::Critical => (90.0, 3.0),
        Severity::High => (70.0, 6.0),
        Severity::Medium => (40.0, 9.0),
        Severity::Low => (10.0, 9.0),
        Severity::Info => (1.0, 2.0),
    };
    base + step
        * match confidence {
            Confidence::Low => 0.0,
            Confidence::Medium => 1.0,
            Confidence::High => 2.0,
            Confidence::VeryHigh => 3.0,
        }
}

/// The name of a rule as consumers want identifiers: `github-pat-classic` → `GithubPatClassic`.
pub(super) fn pascal_case(id: &str) -> String {
    id.split(|letter: char| !letter.is_ascii_alphanumeric())
        .map(|word| word.get(..1).unwrap_or_default().to_ascii_uppercase() + word.get(1..).unwrap_or_default())
        .collect()
}

/// What to do about a finding of a rule, in sentences; empty if the rule says nothing.
pub(super) fn remedy(rule: &Definition) -> String {
    let mut parts = Vec::new();
    if let Some(steps) = &rule.rotate.steps {
        parts.push(sentence(steps));
    }
    if let Some(url) = &rule.rotate.url {
        parts.push(format!("Where: {url}"));
    }
    parts.join(" ")
}

/// `1 day`, `90 days`.
pub(super) fn days(count: u32) -> String {
    if count == 1 { "1 day".to_owned() } else { format!("{count} days") }
}

/// How often the keys of a rule are to be rotated, as a sentence.
pub(super) fn age_limit(most: u32) -> String {
    if most == 1 { "Rotate it every day.".to_owned() } else { format!("Rotate it at least every {}.", days(most)) }
}

/// Where to rotate and what to read, each once.
pub(super) fn pages(rule: &Definition) -> Vec<&str> {
    let mut pages: Vec<&str> = Vec::new();
    for page in rule.rotate.url.iter().chain(&rule.references) {
        if !pages.contains(&page.as_str()) {
            pages.push(page);
        }
    }
    pages
}

/// The steps of a rule, one each: they are written as sentences and as parts between semicolons.
pub(super) fn steps(text: &str) -> Vec<String> {
    let mut steps = Vec::new();
    let (mut start, mut depth) = (0, 0_usize);
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let rest = text[at + letter.len_utf8()..].strip_prefix(' ');
        let next = rest.and_then(|rest| rest.chars().next());
        let ends = letter == ';' || (letter == '.' && next.is_some_and(char::is_uppercase));
        if ends && depth == 0 && next.is_some() {
            steps.push(&text[start..at]);
            start = at + 1;
        }
    }
    steps.push(&text[start..]);
    steps.into_iter().map(str::trim).filter(|step| !step.is_empty()).map(|step| sentence(&capital(step))).collect()
}

/// The text with its first letter in upper case.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The text with a full stop, if it ends in none.
pub(super) fn sentence(text: &str) -> String {
    let text = text.trim_end();
    if text.is_empty() || text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

/// What a finding says, with its verdicts and its commit: it reads alone.
pub(super) fn message(finding: &Finding) -> String {
    let mut text = sentence(&finding.message);
    if let Some(commit) = finding.location.origin.commit() {
        text.push_str(&format!(" It stands in commit '{}'.", commit.get(..12).unwrap_or(commit)));
    }
    for verdict in &finding.verdicts {
        text.push_str(&format!(" {}", sentence(&verdict.text)));
    }
    text
}

/// `path:line`, as far as known, with the commit of a place in history.
pub(super) fn place(location: &Location) -> String {
    let line = location.region.map(|region| format!(":{}", region.start.line)).unwrap_or_default();
    let commit = location.origin.commit().map(|id| format!("@{}", id.get(..12).unwrap_or(id))).unwrap_or_default();
    format!("{}{line}{commit}", location.origin.path())
}

/// At most `limit` characters; what is cut is marked.
pub(super) fn cut(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let mut kept: String = text.chars().take(limit - 2).collect();
    kept.push_str("….");
    kept
}

/// `one file`, `2 files`.
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rank_follows_severity_first() {
        for pair in Severity::ALL.windows(2) {
            assert!(rank(pair[0], Confidence::VeryHigh) < rank(pair[1], Confidence::Low), "{pair:?}");
        }
    }

    #[test]
    fn steps_end_at_semicolons_and_sentences() {
        let text = "Make a new key (Settings; API), e.g. in the console; switch over. Delete the old one.";
        let expected = ["Make a new key (Settings; API), e.g. in the console.", "Switch over.", "Delete the old one."];
        assert_eq!(steps(text), expected);
    }

    #[test]
    fn names_are_pascal_case_and_texts_are_cut_on_characters() {
        assert_eq!(pascal_case("github-pat-classic"), "GithubPatClassic");
        assert_eq!(cut("äöüß", 4), "äöüß");
        assert_eq!(cut("äöüßx", 4), "äö….");
    }
}
