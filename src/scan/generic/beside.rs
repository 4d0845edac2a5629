//! What stands under the name of a secret because it goes with one: its digest, its id, its ciphertext.

use super::assignment::{Assignment, Bond};
use super::name::Class;
use crate::finding::Span;
use crate::scan::filter::{DropReason, hash};
use crate::scan::pair::decode;

/// What goes with a key and is none: its digest, its id, the vector of its cipher.
/// A passphrase has neither a version nor an id.
pub fn reason(text: &[u8], path: &str, found: &Assignment, valued: (&[u8], Class)) -> Option<DropReason> {
    let (name, (value, class)) = (found.name.of(text), valued);
    // `/etc/passwd: 429b…`: the file of accounts.
    if name.eq_ignore_ascii_case(b"passwd") && text[..found.name.start].ends_with(b"/etc/") {
        return Some(DropReason::Reference);
    }
    let keyed = class != Class::Password;
    if is_named_digest(name, value)
        || keyed && is_locked_digest(path, value)
        || !keyed && (hash::has_salt(text, found.value) || hash::is_long_digest(value))
    {
        return Some(DropReason::Hash);
    }
    if keyed && (is_key_id(name, value) || found.bond == Bond::Option && is_print(value)) {
        return Some(DropReason::PublicKey);
    }
    // `"input_tokens": 9223372036854775807`: how many.
    if name.to_ascii_lowercase().ends_with(b"tokens") && value.iter().all(u8::is_ascii_digit) {
        return Some(DropReason::Number);
    }
    let sent = is_attribute(text, found) || !keyed && decode::is_printed(value);
    (sent || is_behind_vector(text, found.value) || is_decrypted(text, found.value)).then_some(DropReason::Encrypted)
}

/// `CHAP-Password = 0x70170db9…`, `MPPE-Send-Key = 0x…`: an attribute of a packet, in the spelling of RADIUS, as it was sent:
/// a digest or a ciphertext.
fn is_attribute(text: &[u8], found: &Assignment) -> bool {
    let name = found.name.of(text).rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    let capital = |word: &[u8]| word.first().is_some_and(u8::is_ascii_uppercase);
    let digits = found.value.of(text).strip_prefix(b"0x").unwrap_or_default();
    // `:=` is how a configuration sets it, and `X-` begins a header.
    let set = text.get(found.name.end..found.value.start).is_some_and(|between| between.trim_ascii() == b":=");
    !set && !name.starts_with(b"X-")
        && name.contains(&b'-')
        && name.split(|byte| *byte == b'-').all(capital)
        && !digits.is_empty()
        && digits.len().is_multiple_of(2)
        && digits.iter().all(u8::is_ascii_hexdigit)
}

/// A hexadecimal digest under a name that says so.
fn is_named_digest(name: &[u8], value: &[u8]) -> bool {
    const MARKS: &[&[u8]] = &[
        b"sha1",
        b"sha256",
        b"sha512",
        b"md5",
        b"hash",
        b"digest",
        b"checksum",
        b"fingerprint",
        b"commit",
        b"integrity",
    ];
    matches!(value.len(), 32 | 40 | 64 | 96 | 128)
        && value.iter().all(u8::is_ascii_hexdigit)
        && MARKS.iter().any(|mark| name.windows(mark.len()).any(|part| part.eq_ignore_ascii_case(mark)))
}

/// `EXAppleAuthentication: 709a807f…`: a file that pins versions holds a digest of each.
fn is_locked_digest(path: &str, value: &[u8]) -> bool {
    matches!(value.len(), 32 | 40 | 64)
        && value.iter().all(u8::is_ascii_hexdigit)
        && path.rsplit('.').next() == Some("lock")
}

/// `gpg_signing_key=348FFC4C`: the id or the fingerprint of a key of PGP, and what a project is called at Sonar.
fn is_key_id(name: &[u8], value: &[u8]) -> bool {
    if name.eq_ignore_ascii_case(b"sonar.projectKey") {
        return true;
    }
    let digits = value.strip_prefix(b"0x").unwrap_or(value);
    let name = name.to_ascii_lowercase();
    matches!(digits.len(), 8 | 16 | 40)
        && digits.iter().all(u8::is_ascii_hexdigit)
        // `user.signingkey` is git's.
        && [b"gpg".as_slice(), b"pgp", b"user.signingkey"].iter().any(|mark| memchr::memmem::find(&name, mark).is_some())
}

/// `gpg --default-key 7D061A4A…`: the fingerprint of a key, as tools write it, in capitals.
fn is_print(value: &[u8]) -> bool {
    value.len() == 40
        && value.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'A'..=b'F'))
        && value.iter().any(u8::is_ascii_uppercase)
}

/// `oBjT92hIGRElIGOh||MZ6uYuWNBrOA6usq`: what stands before the bars is the vector of a cipher, as `NiFi` writes it.
fn is_behind_vector(text: &[u8], value: Span) -> bool {
    const SHORTEST: usize = 16;
    let rest = text[value.end..].strip_prefix(b"||").unwrap_or_default();
    value.len().is_multiple_of(4)
        && rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(byte)).nth(SHORTEST).is_some()
}

/// `key = aesDecrypt('5c875730…')`: what a function decrypts is ciphertext.
fn is_decrypted(text: &[u8], value: Span) -> bool {
    const LONGEST: usize = 40;
    let near = &text[value.start.saturating_sub(LONGEST)..value.start];
    let called = [b"('".as_slice(), b"(\""].iter().find_map(|sign| near.strip_suffix(*sign)).unwrap_or_default();
    called.to_ascii_lowercase().ends_with(b"decrypt")
}
