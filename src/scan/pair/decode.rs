//! Undoing what stands between a key and its written form. Nothing here fails: what cannot be decoded stays as it is.

use std::borrow::Cow;

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD};

/// `%3A` to `:`.
pub fn percent(raw: &[u8]) -> Cow<'_, [u8]> {
    if !raw.contains(&b'%') {
        return Cow::Borrowed(raw);
    }
    let mut decoded = Vec::with_capacity(raw.len());
    let mut at = 0;
    while at < raw.len() {
        let digits = (raw[at] == b'%').then(|| raw.get(at + 1..at + 3)).flatten();
        if let Some(byte) = digits.and_then(hexadecimal).and_then(|number| u8::try_from(number).ok()) {
            decoded.push(byte);
            at += 3;
        } else {
            decoded.push(raw[at]);
            at += 1;
        }
    }
    Cow::Owned(decoded)
}

fn hexadecimal(digits: &[u8]) -> Option<u32> {
    let all = digits.iter().all(u8::is_ascii_hexdigit);
    let text = std::str::from_utf8(digits).ok().filter(|_| all)?;
    u32::from_str_radix(text, 16).ok()
}

/// Escapes of JSON, YAML and the C family: `\"`, `\/`, `\u003a`, `\x3a`, `\n`.
pub fn escapes(raw: &[u8]) -> Cow<'_, [u8]> {
    if !raw.contains(&b'\\') {
        return Cow::Borrowed(raw);
    }
    let mut decoded = Vec::with_capacity(raw.len());
    let mut at = 0;
    while at < raw.len() {
        if raw[at] != b'\\' || at + 1 == raw.len() {
            decoded.push(raw[at]);
            at += 1;
            continue;
        }
        let width = match raw[at + 1] {
            b'u' => 4,
            b'x' => 2,
            _ => 0,
        };
        let code = raw.get(at + 2..at + 2 + width).filter(|_| width > 0).and_then(hexadecimal);
        let paired = code.and_then(|high| surrogates(high, &raw[at + 2 + width..]));
        let letter = paired.map(|letter| (letter, 6)).or_else(|| Some((code.and_then(char::from_u32)?, 0)));
        match (letter, raw[at + 1]) {
            (Some((letter, more)), _) => {
                decoded.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                at += 2 + width + more;
                continue;
            }
            (None, b'n') => decoded.push(b'\n'),
            (None, b't') => decoded.push(b'\t'),
            (None, byte @ (b'"' | b'\'' | b'\\' | b'/' | b'`' | b'$')) => decoded.push(byte),
            (None, byte) => decoded.extend([b'\\', byte]),
        }
        at += 2;
    }
    Cow::Owned(decoded)
}

/// Whether a value is bytes that were printed, `\323\006\334`, and no text: what a protocol sends, enciphered. Nobody types it. A
/// single escape may be a backslash before a year.
pub fn is_printed(raw: &[u8]) -> bool {
    let mut bytes = Vec::with_capacity(raw.len());
    let (mut at, mut undone) = (0, 0);
    while at < raw.len() {
        let digits = (raw[at] == b'\\').then(|| raw.get(at + 1..at + 4)).flatten();
        let code = digits.and_then(octal);
        undone += usize::from(code.is_some());
        bytes.push(code.unwrap_or(raw[at]));
        at += if code.is_some() { 4 } else { 1 };
    }
    undone > 1 && !is_text(&bytes)
}

/// Three octal digits that are a byte.
fn octal(digits: &[u8]) -> Option<u8> {
    let fits = digits.iter().all(|digit| matches!(digit, b'0'..=b'7'));
    fits.then(|| std::str::from_utf8(digits).ok().and_then(|digits| u8::from_str_radix(digits, 8).ok())).flatten()
}

/// The letter beyond the basic plane whose high half is `high` and whose low half comes next.
fn surrogates(high: u32, next: &[u8]) -> Option<char> {
    let low = next.strip_prefix(br"\u").and_then(|rest| rest.get(..4)).and_then(hexadecimal)?;
    let halves = (0xd800..0xdc00).contains(&high) && (0xdc00..0xe000).contains(&low);
    halves.then(|| char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00))).flatten()
}

/// HTML and XML entities: `&#x26;`, `&#58;`, `&colon;`, `&amp;`.
pub fn entities(raw: &[u8]) -> Cow<'_, [u8]> {
    if !raw.contains(&b'&') {
        return Cow::Borrowed(raw);
    }
    let mut decoded = Vec::with_capacity(raw.len());
    let mut at = 0;
    while at < raw.len() {
        let found = if raw[at] == b'&' { entity(&raw[at..]) } else { None };
        if let Some((letter, width)) = found {
            decoded.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
            at += width;
        } else {
            decoded.push(raw[at]);
            at += 1;
        }
    }
    Cow::Owned(decoded)
}

fn entity(raw: &[u8]) -> Option<(char, usize)> {
    const NAMED: &[(&[u8], char)] = &[
        (b"amp", '&'),
        (b"lt", '<'),
        (b"gt", '>'),
        (b"quot", '"'),
        (b"apos", '\''),
        (b"colon", ':'),
        (b"commat", '@'),
        (b"sol", '/'),
        (b"num", '#'),
        (b"dollar", '$'),
        (b"percnt", '%'),
    ];
    let end = raw.iter().take(10).position(|&byte| byte == b';')?;
    let name = &raw[1..end];
    let letter = match name {
        [b'#', b'x' | b'X', digits @ ..] if !digits.is_empty() => char::from_u32(hexadecimal(digits)?)?,
        [b'#', digits @ ..] => char::from_u32(std::str::from_utf8(digits).ok()?.parse().ok()?)?,
        _ => NAMED.iter().find(|(known, _)| *known == name)?.1,
    };
    Some((letter, end + 1))
}

/// Base64 of the standard or the URL alphabet, with or without its padding, if the bytes are a text.
pub fn base64_text(raw: &[u8]) -> Option<Vec<u8>> {
    let body = raw.strip_suffix(b"==").or_else(|| raw.strip_suffix(b"=")).unwrap_or(raw);
    if body.is_empty() || body.len() % 4 == 1 {
        return None;
    }
    let mut decoded = vec![0; body.len() / 4 * 3 + 2];
    let mut lenient = |encoding: &data_encoding::Encoding| {
        let length = encoding.decode_len(body.len()).ok()?;
        encoding.decode_mut(body, &mut decoded[..length]).ok().map(|length| decoded[..length].to_vec())
    };
    let bytes = lenient(&BASE64_NOPAD).or_else(|| lenient(&BASE64URL_NOPAD))?;
    is_text(&bytes).then_some(bytes)
}

/// UTF-8 without control characters, or Latin-1 of mostly ASCII.
pub fn is_text(bytes: &[u8]) -> bool {
    let control = bytes.iter().any(|byte| byte.is_ascii_control() && !matches!(byte, b'\n' | b'\r' | b'\t'));
    let high = bytes.iter().filter(|byte| **byte >= 0x80).count();
    !control
        && (std::str::from_utf8(bytes).is_ok()
            || (high * 8 <= bytes.len() && bytes.iter().all(|byte| *byte < 0x80 || *byte >= 0xa0)))
}

/// The bytes that base64 is written in.
pub fn in_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_undone() {
        assert_eq!(percent(b"a%3Ab%40%2Fc%zz").as_ref(), b"a:b@/c%zz");
        assert_eq!(escapes(br#"a\u003ab\"\/\x41\q"#).as_ref(), br#"a:b"/A\q"#);
        assert_eq!(escapes(br"\ud83d\udca9\ud83d").as_ref(), "\u{1f4a9}\\ud83d".as_bytes());
        assert_eq!(entities(b"a&#58;b&colon;c&#x26;&amp;&what;").as_ref(), b"a:b:c&&&what;");
    }

    #[test]
    fn printed_bytes_are_no_text() {
        for value in [r"\366\356", r"5\340+zBc\363\342\216\360\347E", r"kq\001v7\002"] {
            assert!(is_printed(value.as_bytes()), "{value}");
        }
        for value in [r"J\303\274rgen", r"kq7\101v", r"a\9b\8", r"kq7v\2023", r"kq7v\"] {
            assert!(!is_printed(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn base64_needs_text() {
        let expected = Some(b"kx7fq2mlw9a:9tz4hc81bqe".to_vec());
        assert_eq!(base64_text(b"a3g3ZnEybWx3OWE6OXR6NGhjODFicWU="), expected);
        assert_eq!(base64_text(b"a3g3ZnEybWx3OWE6OXR6NGhjODFicWU"), expected);
        assert_eq!(base64_text(b"AAECAwQ="), None);
        assert_eq!(base64_text(b"no base64!"), None);
    }
}
