//! What a found key states about its own life, and what the fields beside it state.

use chrono::{DateTime, TimeDelta, Utc};

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

/// Names of fields that state when a key was issued, likewise.
const ISSUE_FIELDS: &[&str] =
    &["issuedat", "createdat", "obtainedat", "acquiredat", "issuetime", "tokenissuedat", "iat", "created", "issued"];
/// Longest life in seconds that a field may state: a hundred years.
const LONGEST_LIFE: i64 = 100 * 366 * 86_400;

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
    if !matches!(definition.kind, Kind::Pair | Kind::Password) {
        beside(&mut evidence, text, candidate.secret);
    }
    evidence
}

/// Everything that can be read about a pair: its pass half may be a token that states its end, its user half an identifier.
pub fn read_pair(user: Option<&[u8]>, pass: &[u8], text: &[u8], place: Span) -> Evidence {
    let mut evidence = claims::read(pass, None);
    if let Some(user) = user {
        evidence.identifiers.extend(claims::read(user, None).identifiers);
        if is_email(user) {
            evidence.identifiers.push(("login-shape", "e-mail".to_owned()));
        }
    }
    // Outside an object the next line with a date may be about anything.
    if in_braces(text, place) {
        beside(&mut evidence, text, place);
    }
    evidence
}

/// What the fields beside a key state, where the key itself states no end: an instant, or a length from its issue. A length
/// whose start nobody states is kept as a length.
fn beside(evidence: &mut Evidence, text: &[u8], place: Span) {
    if evidence.expires.is_some() {
        return;
    }
    let near = |names: &'static [&str]| field_near(text, place, NEAR, |name| names.contains(&name));
    evidence.expires = near(END_FIELDS).and_then(end_of);
    if evidence.expires.is_none() {
        let seconds = near(&["expiresin"]).and_then(|text| text.parse().ok());
        evidence.lasts = seconds.filter(|seconds| (1..=LONGEST_LIFE).contains(seconds)).map(TimeDelta::seconds);
        let issued = evidence.created.or_else(|| near(ISSUE_FIELDS).and_then(instant_of));
        evidence.created = evidence.created.or(issued.filter(|_| evidence.lasts.is_some()));
        let end = issued.zip(evidence.lasts).and_then(|(issued, lasts)| issued.checked_add_signed(lasts));
        evidence.expires = end.map(Ends::At);
    }
    if evidence.expires.is_some() {
        evidence.source = evidence.source.or(Some("field beside it"));
    }
}

fn end_of(text: &str) -> Option<Ends> {
    match date::read(text).ok()? {
        Written::At(time) => Some(Ends::At(time)),
        Written::Day(day) => Some(Ends::At(date::day_end(day))),
        Written::Local(_) | Written::Never | Written::Unset => None,
    }
}

fn instant_of(text: &str) -> Option<DateTime<Utc>> {
    match date::read(text).ok()? {
        Written::At(time) => Some(time),
        _ => None,
    }
}

/// Whether the nearest brace before the place opens a block.
fn in_braces(text: &[u8], place: Span) -> bool {
    let start = place.start.saturating_sub(NEAR);
    text[start..place.start].iter().rev().find(|byte| matches!(byte, b'{' | b'}')) == Some(&b'{')
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

    fn beside_of(text: &str) -> Evidence {
        let at = text.find("SECRET").unwrap();
        let mut evidence = Evidence::default();
        beside(&mut evidence, text.as_bytes(), Span::new(at, at + 6));
        evidence
    }

    #[test]
    fn a_length_of_life_counts_from_the_stated_issue() {
        let with = beside_of(r#"{"access_token": "SECRET", "expires_in": 3600, "issued_at": "2026-03-14T15:09:26Z"}"#);
        assert_eq!(with.expires, DateTime::from_timestamp(1_773_504_566, 0).map(Ends::At));
        let millis = beside_of(r#"{"issued_at": "1773500966000", "access_token": "SECRET", "expires_in": "3600"}"#);
        assert_eq!(millis.expires, with.expires);
    }

    #[test]
    fn a_length_of_life_without_a_start_is_no_end() {
        let without = beside_of(r#"{"access_token": "SECRET", "token_type": "bearer", "expires_in": 3600}"#);
        assert_eq!((without.expires, without.lasts), (None, Some(TimeDelta::seconds(3600))));
        for wrong in ["0", "-5", "soon", "99999999999999"] {
            assert_eq!(beside_of(&format!(r#"{{"access_token": "SECRET", "expires_in": {wrong}}}"#)).lasts, None);
        }
    }

    #[test]
    fn the_pass_half_of_a_pair_states_its_end() {
        let payload = data_encoding::BASE64URL_NOPAD.encode(br#"{"exp":1773500966}"#);
        let token = format!("{}.{payload}.{}", ["eyJhbGciOi", "JIUzI1NiJ9"].concat(), "A".repeat(43));
        let evidence = read_pair(Some(b"sam@example.invalid"), token.as_bytes(), b"", Span::new(0, 0));
        assert_eq!(evidence.expires, DateTime::from_timestamp(1_773_500_966, 0).map(Ends::At));
        assert!(evidence.identifiers.contains(&("login-shape", "e-mail".to_owned())));
    }

    #[test]
    fn people_and_robots_are_told_apart() {
        assert!(is_email(b"sam@example.invalid"));
        assert!(!is_email(b"ci@demo.iam.gserviceaccount.com"));
        assert!(!is_email(b"deploy"));
    }
}
