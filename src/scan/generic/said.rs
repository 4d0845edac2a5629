//! Values that are base64 of something that can be read, and that is no secret.

use super::language;
use super::name;
use super::shape;
use crate::scan::filter::placeholder;

/// Whether the value says words, a placeholder, or an object of them: manifests and links are written so.
pub(super) fn is_said(value: &[u8]) -> bool {
    let Some(text) = text(value) else { return is_cursor(value) };
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

/// Base64 of a message of protocol buffers with a string of words in it: cursors and ids of records are written so.
fn is_cursor(value: &[u8]) -> bool {
    const SHORTEST: usize = 12;
    let end = value.iter().position(|byte| matches!(byte, b'%' | b'=')).unwrap_or(value.len());
    let (digits, rest) = value.split_at(end);
    let padding = [b"".as_slice(), b"=", b"==", b"%3D", b"%3D%3D", b"%253D"].contains(&rest);
    let bytes = || {
        let plain = data_encoding::BASE64_NOPAD.decode(digits);
        plain.or_else(|_| data_encoding::BASE64URL_NOPAD.decode(digits)).ok()
    };
    padding
        && digits.len() >= SHORTEST
        && bytes().and_then(|bytes| words_in_message(&bytes, 0)).is_some_and(|words| words > 0)
}

/// How many strings of words a message holds; none where the bytes are no message. Random bytes are one in less than one of ten
/// thousand keys: each field must begin with its number and kind, and end where the next begins.
fn words_in_message(bytes: &[u8], depth: usize) -> Option<usize> {
    const DEEPEST: usize = 4;
    const SHORTEST: usize = 4;
    let (mut rest, mut words) = (bytes, 0);
    while !rest.is_empty() {
        let tag = number(&mut rest)?;
        let (field, kind) = (tag >> 3, tag & 7);
        match kind {
            _ if !(1..1000).contains(&field) => return None,
            0 => {
                number(&mut rest)?;
            }
            2 => {
                let length = usize::try_from(number(&mut rest)?).ok()?;
                let (inner, behind) = rest.split_at_checked(length)?;
                rest = behind;
                let shown = inner.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ');
                words += match words_in_message(inner, depth + 1).filter(|_| depth < DEEPEST && !shown) {
                    Some(more) => more,
                    None if shown => usize::from(inner.len() >= SHORTEST),
                    None => return None,
                };
            }
            _ => return None,
        }
    }
    Some(words)
}

/// A number in groups of seven bits, the least first.
fn number(bytes: &mut &[u8]) -> Option<u64> {
    let length = bytes.iter().take(10).position(|byte| byte & 0x80 == 0)? + 1;
    let (digits, rest) = bytes.split_at(length);
    *bytes = rest;
    Some(digits.iter().rev().fold(0, |number, digit| number << 7 | u64::from(digit & 0x7f)))
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

    #[test]
    fn cursors_are_messages_with_words() {
        for cursor in [
            "EgtLRVlfTU9NRU5UUyCSAigB",
            "EhN2aXNpYmlsaXR5X292ZXJyaWRlILgCKAE%3D",
            "EhhHejNmTU84eTMzY19haV9zdW1tYXJpZXMgSigB",
        ] {
            assert!(is_said(cursor.as_bytes()), "{cursor}");
        }
        for key in [
            "x7Kq9vLw2Rz4Tn8Bp3x7",
            "tzL1AKl5uc4NKYaoQ4P3WLGIBFPXWPWdu1fRmtrYXXM",
            "EhN2aXNpYmlsaXR5X292ZXJyaWRlILgCKAEx",
        ] {
            assert!(!is_said(key.as_bytes()), "{key}");
        }
        let mut state = 7_u64;
        let mut draw = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state.to_be_bytes()[0]
        };
        let drawn = (0..20_000).map(|_| data_encoding::BASE64.encode(&std::array::from_fn::<u8, 16, _>(|_| draw())));
        assert_eq!(drawn.filter(|key| is_cursor(key.as_bytes())).count(), 0, "no random key is taken for one");
    }
}
