//! What a found key states about its own life, and what the fields beside it state.

use super::matcher::Candidate;
use crate::claims;
use crate::date::{self, Written};
use crate::finding::{Ends, Evidence, Span};
use crate::rule::{Definition, Kind};

/// How far from a key a field about its end may stand, in bytes.
const NEAR: usize = 400;
/// How far the id of a private key may stand from it.
const KEY_FILE: usize = 4000;
/// Names of fields that state an end, without separators.
const END_FIELDS: &[&str] =
    &["expiresat", "expireson", "expiration", "expirationdate", "expiry", "tokenexpiry", "expires", "validuntil"];

/// Everything that can be read about a candidate and its parts without a network.
pub fn read(definition: &Definition, candidate: &Candidate, parts: &[Span], text: &[u8]) -> Evidence {
    let value = candidate.pass.unwrap_or(candidate.secret).of(text);
    let mut evidence = claims::read(value, definition.embedded.as_deref());
    for id in candidate.id.iter().chain(parts) {
        evidence.identifiers.extend(claims::read(id.of(text), None).identifiers);
    }
    if candidate.user.is_some_and(|user| is_email(user.of(text))) {
        evidence.identifiers.push(("login-shape", "e-mail".to_owned()));
    }
    if definition.kind == Kind::PrivateKey
        && let Some(id) = field_near(text, candidate.secret, KEY_FILE, |name| name == "privatekeyid")
    {
        evidence.identifiers.push(("gcp-private-key-id", id.to_owned()));
    }
    if evidence.expires.is_none()
        && !matches!(definition.kind, Kind::Pair | Kind::Password)
        && let Some(end) = field_near(text, candidate.secret, NEAR, |name| END_FIELDS.contains(&name)).and_then(end_of)
    {
        evidence.expires = Some(end);
        evidence.source = evidence.source.or(Some("field beside it"));
    }
    evidence
}

fn end_of(text: &str) -> Option<Ends> {
    match date::read(text).ok()? {
        Written::At(time) => Some(Ends::At(time)),
        Written::Day(day) => Some(Ends::At(date::day_end(day))),
        Written::Local(_) | Written::Never | Written::Unset => None,
    }
}

/// Whether the user half is the e-mail address of a person.
fn is_email(user: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(user) else { return false };
    let Some((name, host)) = text.split_once('@') else { return false };
    let robot = ["bot", "noreply", "service", "gserviceaccount", "robot"].iter().any(|word| text.contains(word));
    !robot && !name.is_empty() && host.contains('.') && !host.contains('@')
}

/// The value of the field nearest to `span` whose plain name is wanted, inside the same block of braces or lines.
fn field_near(text: &[u8], span: Span, reach: usize, wanted: impl Fn(&str) -> bool) -> Option<&str> {
    let start = span.start.saturating_sub(reach);
    let end = text.len().min(span.end + reach);
    // A closing brace before or an opening one after it belongs to a neighbour.
    let before = &text[start..span.start];
    let start = before.iter().rposition(|byte| matches!(byte, b'}' | b'{')).map_or(start, |at| start + at + 1);
    let after = &text[span.end..end];
    let end = after.iter().position(|byte| matches!(byte, b'}' | b'{')).map_or(end, |at| span.end + at);
    // A cut may fall into a character: only the part that is text on either side is looked at.
    [&text[start..span.start], &text[span.end..end]].into_iter().find_map(|part| {
        part.split(|byte| matches!(byte, b'\n' | b','))
            .filter_map(|line| std::str::from_utf8(line).ok())
            .find_map(|line| field(line, &wanted))
    })
}

/// The value of `name: value` or `name = value`.
fn field<'l>(line: &'l str, wanted: &impl Fn(&str) -> bool) -> Option<&'l str> {
    let (name, value) = line.split_once([':', '='])?;
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let value = value.trim().trim_matches(['"', '\'', '`', ';']).trim();
    (wanted(&plain) && !value.is_empty() && value.len() <= 64).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_field_beside_a_key_states_its_end() {
        let text =
            br#"{"a": {"expires_at": "2020-01-01"}, "b": {"token": "SECRET", "expiresAt": "2026-11-30T00:00:00Z"}}"#;
        let at = text.windows(6).position(|part| part == b"SECRET").unwrap();
        let found = field_near(text, Span::new(at, at + 6), NEAR, |name| END_FIELDS.contains(&name));
        assert_eq!(found, Some("2026-11-30T00:00:00Z"));
    }

    #[test]
    fn people_and_robots_are_told_apart() {
        assert!(is_email(b"sam@example.invalid"));
        assert!(!is_email(b"ci@demo.iam.gserviceaccount.com"));
        assert!(!is_email(b"deploy"));
    }
}
