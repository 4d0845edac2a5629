//! Values that are base64 of something that can be read, and that is no secret.

use super::language;
use super::name;
use super::shape;
use crate::scan::filter::placeholder;

/// Whether the value says words, a placeholder, or an object of them: manifests and links are written so.
pub(super) fn is_said(value: &[u8]) -> bool {
    let Some(text) = text(value) else { return false };
    // The head of a JSON web token may be cut.
    if text.starts_with(b"{") && (text.ends_with(b"}") || value.starts_with(b"eyJ")) {
        return is_object_of_words(&text);
    }
    let one_line = !text.iter().any(|byte| matches!(byte, b'\n' | b'\r' | b'\t'));
    placeholder::reason(&text).is_some() || one_line && language::cost(&text).per_byte() < 3.2
}

/// The text that was written in base64. Of an object the padding may be missing, and its end.
fn text(value: &[u8]) -> Option<Vec<u8>> {
    let object = || {
        let groups = &value[..value.len() / 4 * 4];
        let decode = |part| data_encoding::BASE64URL_NOPAD.decode(part).ok();
        value.starts_with(b"eyJ").then(|| decode(value).or_else(|| decode(groups))).flatten()
    };
    let padded = value.len().is_multiple_of(4).then(|| data_encoding::BASE64.decode(value).ok()).flatten();
    let decoded = padded.or_else(object)?;
    let trimmed = decoded.trim_ascii();
    trimmed.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()).then(|| trimmed.to_vec())
}

/// `{"u": "https://localhost", "a": "app", "i": "24ed11ba-…"}`: an object whose strings are addresses, ids and words, none of
/// them under the name of a secret.
fn is_object_of_words(text: &[u8]) -> bool {
    /// Bits from which a string may be a key.
    const LEAST_BITS: f32 = 28.0;
    /// Bits per byte from which letters are no words.
    const RANDOM: f32 = 5.0;
    let strings = || text.split(|byte| *byte == b'"').skip(1).step_by(2);
    let open = |string: &[u8]| {
        let cost = language::cost(string);
        let worded = string.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'-') && cost.per_byte() < RANDOM;
        let other = worded || shape::is_uuid(string) || memchr::memmem::find(string, b"://").is_some();
        !other && cost.bits >= LEAST_BITS
    };
    !text.contains(&b'\\')
        && strings().count() > 1
        && !strings().any(|string| open(string) || name::Memo::default().meaning(string).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_of_words_are_told_from_those_that_hold_a_key() {
        let said = |text: &str| is_said(data_encoding::BASE64.encode(text.as_bytes()).as_bytes());
        assert!(said(
            "{\n  \"u\": \"https://localhost:5001\",\n  \"i\": \"24ed11ba-bc72-433e-884c-a44a7820b551\"\n  }"
        ));
        assert!(said("{\"a\":\"acme-website\",\"s\":\"blog\",\"u\":\"https://localhost:5001/\"}  "));
        assert!(!said(&format!("{{\"{}\":\"24ed11ba-bc72-433e-884c-a44a7820b551\"}}   ", "token")));
        assert!(is_said(b"eyJzZXNzaW9uX2lkIjogImRlZmF1bHQifQ") && is_said(b"eyJ0eXAiOiJKV1QiL"));
        assert!(!is_said(b"eyJrIjogIng3S3E5dkx3MlJ6NFRuOEJwM3g3THcycSJ9"));
        assert!(!said("{\"u\":\"https://localhost\",\"k\":\"x7Kq9vLw2Rz4Tn8Bp3x7Lw2q\"}"));
    }
}
