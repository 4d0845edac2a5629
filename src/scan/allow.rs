//! Comments that allow a secret on their own line or on the next: the marker, then `[rule-id]`, `until=DATE`, `by=OWNER`
//! and, after two hyphens, the reason; all optional.

use chrono::NaiveDate;

use super::line::Lines;
use crate::finding::{Allow, Span};

/// What every allow comment starts with.
pub const MARKER: &str = "keyrot:allow";

/// Reads the comment whose marker starts at `at`; none where the marker is quoted or part of a word.
pub fn read(text: &[u8], lines: &Lines<'_>, at: usize) -> Option<Allow> {
    let index = lines.index(at);
    let line = lines.span(index);
    if !is_comment(&text[line.start..at], text.get(at + MARKER.len())) {
        return None;
    }
    let rest =
        String::from_utf8_lossy(Span::new(at + MARKER.len(), line.end.max(at + MARKER.len())).of(text)).into_owned();
    let (rules, rest) = read_rules(&rest);
    let (settings, reason) = match rest.split_once("--") {
        Some((settings, reason)) => (settings, Some(strip_comment_end(reason).to_owned())),
        None => (rest, None),
    };
    let mut allow = Allow {
        line: u32::try_from(index + 1).unwrap_or(u32::MAX),
        alone: stands_alone(&text[line.start..at]),
        rules,
        reason: reason.filter(|reason| !reason.is_empty()),
        until: None,
        by: None,
        mistake: None,
    };
    for word in strip_comment_end(settings).split_whitespace() {
        read_setting(word, &mut allow);
    }
    Some(allow)
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
        || before.trim_ascii().eq_ignore_ascii_case(b"rem")
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
    fn a_bad_date_is_a_mistake() {
        assert!(allow(&format!("# {MARKER} until=soon")).mistake.is_some());
    }
}
