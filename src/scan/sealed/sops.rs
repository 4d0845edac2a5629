//! When the values of a SOPS file last changed: SOPS writes it into every file it encrypts.

use chrono::{DateTime, Utc};

use crate::finding::Span;

/// The metadata stands at a file's end; of longer ones only this much is looked at, in bytes.
const TAIL: usize = 64 << 10;

/// The stretch that states it, and what it states.
pub fn last_modified(text: &[u8]) -> Option<(Span, DateTime<Utc>)> {
    let from = text.len().saturating_sub(TAIL);
    let key = b"lastmodified";
    let at = from + memchr::memmem::find_iter(&text[from..], key).last()? + key.len();
    let rest = &text[at..text.len().min(at + 64)];
    let start = rest.iter().position(|byte| !matches!(byte, b'"' | b'\'' | b':' | b'=' | b' ' | b'\t'))?;
    let length = rest[start..].iter().position(|byte| matches!(byte, b'"' | b'\'' | b'\r' | b'\n' | b','));
    let span = Span::new(at + start, at + start + length.unwrap_or(rest.len() - start));
    let time = DateTime::parse_from_rfc3339(std::str::from_utf8(span.of(text)).ok()?.trim()).ok()?;
    let has = |part: &[u8]| memchr::memmem::find(text, part).is_some();
    (has(b"sops") && has(b"ENC[")).then(|| (span, time.to_utc()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_file_states_it() {
        for text in [
            "a: ENC[AES256_GCM,data:x]\nsops:\n    lastmodified: \"2024-03-01T10:00:00Z\"\n    version: 3.9.0\n",
            "a: ENC[AES256_GCM,data:x]\nsops:\n    lastmodified: '2024-03-01T10:00:00Z'\n",
            "{\"a\":\"ENC[AES256_GCM,data:x]\",\"sops\":{\"lastmodified\":\"2024-03-01T10:00:00Z\",\"mac\":\"\"}}",
            "A=ENC[AES256_GCM,data:x]\nsops_lastmodified=2024-03-01T10:00:00Z\nsops_version=3.9.0\n",
            "[a]\nb = ENC[AES256_GCM,data:x]\n[sops]\nlastmodified = 2024-03-01T12:00:00+02:00\n",
        ] {
            let (span, time) = last_modified(text.as_bytes()).expect(text);
            assert_eq!(time.to_rfc3339(), "2024-03-01T10:00:00+00:00", "{text}");
            assert!(text[span.start..].starts_with("2024-03-01T1"), "{text}");
        }
        for text in ["lastmodified: 2024-03-01T10:00:00Z", "ENC[ sops lastmodified: soon", "ENC[ sops lastmodified"] {
            assert_eq!(last_modified(text.as_bytes()), None, "{text}");
        }
    }
}
