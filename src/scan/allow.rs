//! Comments that allow a secret: keyrot's own (the marker, then `[rule-id]`, `until=DATE`, `by=OWNER` and, after two
//! hyphens, the reason; all optional) and those of other scanners.

use chrono::NaiveDate;

use super::line::Lines;
use crate::finding::{Allow, Reach, Span};

/// What keyrot's allow comments start with.
pub const MARKER: &str = "keyrot:allow";

/// What an allow comment starts with, and whose it is.
pub struct Marker {
    /// Lower case, as the prefilter wants it.
    pub text: &'static str,
    tool: &'static str,
}

const fn marker(text: &'static str, tool: &'static str) -> Marker {
    Marker { text, tool }
}

/// Every marker, as the scanners' manuals give them.
pub const MARKERS: &[Marker] = &[
    marker(MARKER, "keyrot"),
    marker("gitleaks:allow", "gitleaks"),
    marker("betterleaks:allow", "betterleaks"),
    marker("trufflehog:ignore", "trufflehog"),
    marker("kingfisher:ignore", "kingfisher"),
    marker("pragma: allowlist", "detect-secrets"),
    marker("pragma: whitelist", "detect-secrets"),
    marker("pragma:allowlist", "detect-secrets"),
    marker("ggignore", "ggshield"),
    marker("secretlint-disable", "secretlint"),
    marker("secretlint-enable", "secretlint"),
];

/// What opens a comment in Basic, batch files, m4, Vim and troff, and looks like something else.
const OPENINGS: [&[u8]; 6] = [b"rem", b"@rem", b"dnl", b"'", b"\"", b".\\\""];

/// Reads the comment whose marker starts at `at`; none where the marker is quoted or part of a word.
pub fn read(text: &[u8], lines: &Lines<'_>, at: usize) -> Option<Allow> {
    let marker = MARKERS.iter().find(|marker| {
        text.get(at..at + marker.text.len()).is_some_and(|found| found.eq_ignore_ascii_case(marker.text.as_bytes()))
    })?;
    let index = lines.index(at);
    let line = lines.span(index);
    let (before, after) = (&text[line.start..at], at + marker.text.len());
    if !is_comment(before, text.get(after)) {
        return None;
    }
    let rest = String::from_utf8_lossy(Span::new(after, line.end.max(after)).of(text)).into_owned();
    let (reach, rest) = read_reach(marker, &rest)?;
    let mut allow = Allow {
        tool: marker.tool,
        reach,
        line: u32::try_from(index + 1).unwrap_or(u32::MAX),
        region: lines.region(Span::new(at, after)),
        alone: stands_alone(before),
        rules: Vec::new(),
        reason: None,
        until: None,
        by: None,
        mistake: None,
    };
    if marker.text == MARKER {
        read_own(rest, &mut allow);
    }
    Some(allow)
}

/// What follows the marker at once tells what it covers; none for a marker that goes on as another word.
fn read_reach<'r>(marker: &Marker, rest: &'r str) -> Option<(Reach, &'r str)> {
    let word = |name: &str| {
        let after = rest.strip_prefix(name)?;
        let goes_on = after.starts_with(|next: char| next.is_alphanumeric() || next == '-');
        (!goes_on || after.starts_with("--")).then_some(after)
    };
    match (marker.tool, marker.text) {
        ("keyrot", _) => {
            let end = || word("-end").map(|rest| (Reach::End, rest));
            let block = word("-begin").map(|rest| (Reach::Begin, rest)).or_else(end);
            block.or_else(|| (!rest.starts_with("-b") && !rest.starts_with("-e")).then_some((Reach::Line, rest)))
        }
        ("detect-secrets", _) => {
            let next = rest.trim_start().starts_with("nextline");
            Some((if next { Reach::Next } else { Reach::Line }, rest))
        }
        ("secretlint", "secretlint-enable") => Some((Reach::End, rest)),
        ("secretlint", _) if rest.starts_with("-next-line") => Some((Reach::Next, rest)),
        ("secretlint", _) if rest.starts_with("-line") => Some((Reach::Line, rest)),
        ("secretlint", _) => Some((Reach::Begin, rest)),
        // The other scanners look at the line of the marker alone.
        _ => Some((Reach::Line, rest)),
    }
}

fn read_own(rest: &str, allow: &mut Allow) {
    let (rules, rest) = read_rules(rest);
    allow.rules = rules;
    let (settings, reason) = match rest.split_once("--") {
        Some((settings, reason)) => (settings, Some(strip_comment_end(reason).to_owned())),
        None => (rest, None),
    };
    allow.reason = reason.filter(|reason| !reason.is_empty());
    for word in strip_comment_end(settings).split_whitespace() {
        read_setting(word, allow);
    }
}

/// Whether white space or a comment's opening stands before the marker, and no word goes on behind it.
fn is_comment(before: &[u8], next: Option<&u8>) -> bool {
    before.last().is_none_or(|byte| byte.is_ascii_whitespace() || b"#/*-;%!{".contains(byte))
        && next.is_none_or(|byte| byte.is_ascii_whitespace() || b"[*-".contains(byte))
}

fn read_rules(rest: &str) -> (Vec<String>, &str) {
    let Some((list, after)) = rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) else {
        return (Vec::new(), rest);
    };
    (list.split(',').map(|rule| rule.trim().to_owned()).filter(|rule| !rule.is_empty()).collect(), after)
}

fn read_setting(word: &str, allow: &mut Allow) {
    match word.split_once('=') {
        Some(("until", date)) => match date.parse::<NaiveDate>() {
            Ok(date) => allow.until = Some(date),
            Err(_) => allow.mistake = Some(format!("`until={date}` is no date; write until=YYYY-MM-DD")),
        },
        Some(("by", owner)) => allow.by = Some(owner.to_owned()),
        _ => {}
    }
}

/// The text without what ends a comment in some language.
fn strip_comment_end(text: &str) -> &str {
    let mut text = text.trim();
    for end in ["*/", "-->", "--%>", "#}", "%>", "*)", "--]]"] {
        text = text.strip_suffix(end).unwrap_or(text).trim_end();
    }
    text
}

/// Whether nothing but a comment's opening stands before the marker: then it is about the next line.
fn stands_alone(before: &[u8]) -> bool {
    before.iter().all(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'"' | b'\'' | b'=' | b')' | b']' | b'}'))
        || OPENINGS.iter().any(|opening| before.trim_ascii().eq_ignore_ascii_case(opening))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allow(text: &str) -> Allow {
        let at = text.find(MARKER).expect("the marker is there");
        read(text.as_bytes(), &Lines::new(text.as_bytes()), at).expect("it is a comment")
    }

    #[test]
    fn reads_rules_settings_and_reason() {
        let read = allow(&format!(
            "x = 1 # {MARKER}[aws-access-key-id, jwt] until=2027-03-01 by=team-x -- sandbox key, weekly"
        ));
        assert_eq!(read.rules, ["aws-access-key-id", "jwt"]);
        assert_eq!(read.until, NaiveDate::from_ymd_opt(2027, 3, 1));
        assert_eq!(read.by.as_deref(), Some("team-x"));
        assert_eq!(read.reason.as_deref(), Some("sandbox key, weekly"));
        assert!(!read.alone);
    }

    #[test]
    fn a_comment_of_its_own_is_about_the_next_line() {
        assert!(allow(&format!("  // {MARKER}")).alone);
        assert!(allow(&format!("<!-- {MARKER} -- sample -->")).alone);
        assert_eq!(allow(&format!("<!-- {MARKER} -- sample -->")).reason.as_deref(), Some("sample"));
        assert!(!allow(&format!("key = 'a' # {MARKER}")).alone);
    }

    #[test]
    fn blocks_and_other_scanners_markers() {
        let read = |text: &str, at: usize| super::read(text.as_bytes(), &Lines::new(text.as_bytes()), at);
        let begin = allow(&format!("# {MARKER}-begin[jwt] -- samples"));
        assert_eq!((begin.reach, begin.rules.len(), begin.reason.as_deref()), (Reach::Begin, 1, Some("samples")));
        assert_eq!(allow(&format!("# {MARKER}-end")).reach, Reach::End);
        assert_eq!(allow(&format!("# {MARKER}-- why")).reason.as_deref(), Some("why"));
        for (text, tool, reach) in [
            ("# gitleaks:allow", "gitleaks", Reach::Line),
            ("# Pragma: allowlist nextline secret", "detect-secrets", Reach::Next),
            ("# secretlint-disable-next-line", "secretlint", Reach::Next),
            ("# secretlint-disable", "secretlint", Reach::Begin),
            ("# secretlint-enable", "secretlint", Reach::End),
        ] {
            let allow = read(text, 2).expect("it is a marker");
            assert_eq!((allow.tool, allow.reach), (tool, reach), "{text}");
        }
        assert!(read("x_gitleaks:allow", 2).is_none(), "part of a word");
    }

    #[test]
    fn a_bad_date_is_a_mistake() {
        assert!(allow(&format!("# {MARKER} until=soon")).mistake.is_some());
    }
}
