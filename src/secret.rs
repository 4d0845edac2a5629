//! The only holder of raw key bytes. A [`Secret`] masks itself and fingerprints itself; it cannot be serialised.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

mod purge;

/// The raw bytes of a key, wiped when dropped. `Debug` shows the masked form; there is no `Display` and no `Serialize`.
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

/// Which part of a key a print covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A key that is one value.
    Whole,
    /// Both halves of a pair, joined by a colon.
    Pair,
    /// The pass half of a pair.
    Pass,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Pair => "pair",
            Self::Pass => "pass",
        }
    }
}

impl Secret {
    /// Copies the bytes out of their blob.
    pub fn new(bytes: &[u8]) -> Self {
        Self(Zeroizing::new(bytes.to_vec()))
    }

    /// The raw bytes. Only `secret` and `scan` may call this (a test checks it).
    pub(crate) fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The masked form, see [`Redacted::of`].
    pub fn redact(&self) -> Redacted {
        Redacted::of(&self.0)
    }

    /// The masked form of a key that is no text: nothing of it shows.
    pub fn masked() -> Redacted {
        Redacted(MASK.to_owned())
    }

    /// The masked form of an identifier, see [`Redacted::of_identifier`].
    pub fn redact_identifier(&self) -> Redacted {
        Redacted::of_identifier(&self.0)
    }

    /// The masked form of a pair: each half masked by its own length, so that no end of a short half shows.
    pub fn redact_pair(user: &Self, pass: &Self) -> Redacted {
        Redacted(format!("{}:{}", user.redact(), pass.redact()))
    }

    /// The value in clear, for `--show-secrets` alone.
    pub fn reveal(&self) -> Redacted {
        Redacted(String::from_utf8_lossy(&self.0).into_owned())
    }

    /// Whether the pattern matches somewhere in the value.
    pub fn matches(&self, pattern: &regex::bytes::Regex) -> bool {
        pattern.is_match(&self.0)
    }

    /// The digests by which files of other scanners name secrets, in lower-case hexadecimal digits: SHA-1 (detect-secrets)
    /// and SHA-256 (betterleaks). They are unsalted: keep them no longer than it takes to compare.
    pub fn digests(&self) -> [String; 2] {
        let sha1 = <sha1::Sha1 as sha1::Digest>::digest(&*self.0);
        let sha256 = <Sha256 as sha2::Digest>::digest(&*self.0);
        [data_encoding::HEXLOWER.encode(&sha1), data_encoding::HEXLOWER.encode(&sha256)]
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `HMAC-SHA-256(key, "keyrot/v1\0" class "\0" part "\0" value)`, cut to 128 bits.
    pub fn fingerprint(&self, key: &FingerprintKey, class: &str, part: Part) -> Fingerprint {
        let mut mac = Hmac::<Sha256>::new_from_slice(&key.bytes).expect("HMAC takes keys of any length");
        for field in [b"keyrot/v1".as_slice(), class.as_bytes(), part.name().as_bytes()] {
            mac.update(field);
            mac.update(b"\0");
        }
        mac.update(&self.0);
        let mut print = [0; 16];
        print.copy_from_slice(&mac.finalize().into_bytes()[..16]);
        Fingerprint { key: key.id.as_str().into(), kind: key.kind, print }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({})", self.redact())
    }
}

/// What stands for the hidden part of a value. Its length tells nothing.
pub const MASK: &str = "********";

/// A text that was masked on purpose and may be shown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Redacted(String);

impl Redacted {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Masks a value without copying it: at most the first and the last two characters show, and those only of 16 characters
    /// or more. Characters outside ASCII never show, so that no more than two bytes do at either end.
    pub fn of(value: &[u8]) -> Self {
        if !has_characters(value, 16) || value.contains(&b'\n') {
            return Self(MASK.to_owned());
        }
        let head = value.iter().take(2).take_while(|byte| byte.is_ascii()).map(|&byte| char::from(byte));
        let tail = last(value, 2).into_iter().filter(char::is_ascii);
        Self(head.chain(MASK.chars()).chain(tail).collect())
    }

    /// Masks an identifier, which is not secret by itself: its last four characters may show.
    pub fn of_identifier(value: &[u8]) -> Self {
        if !has_characters(value, 12) {
            return Self(MASK.to_owned());
        }
        Self(MASK.chars().chain(last(value, 4)).collect())
    }

    /// A text that a report of keyrot states: it was masked when that report was made.
    pub fn stated(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Display for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Longest character, in bytes.
const CHARACTER: usize = 4;

/// Whether the value has so many characters. Values can be megabytes long: only as much is looked at as it takes.
fn has_characters(value: &[u8], least: usize) -> bool {
    let head = &value[..value.len().min(least * CHARACTER)];
    String::from_utf8_lossy(head).chars().nth(least - 1).is_some()
}

/// The last characters of a value.
fn last(value: &[u8], count: usize) -> Vec<char> {
    let tail = String::from_utf8_lossy(&value[value.len().saturating_sub((count + 1) * CHARACTER)..]);
    let start = tail.char_indices().rev().nth(count - 1).map_or(0, |(start, _)| start);
    tail[start..].chars().collect()
}

/// What a fingerprint key is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// The project's own key, from outside the repository: prints join an inventory.
    Project,
    /// The random salt in a baseline's header: prints serve suppression and grouping only.
    Salt,
    /// A salt made for this run: prints serve grouping only and are never shown.
    Run,
}

/// The key of the keyed hash. Its bytes never leave this module.
#[derive(Clone)]
pub struct FingerprintKey {
    id: String,
    kind: KeyKind,
    bytes: Zeroizing<Vec<u8>>,
}

impl FingerprintKey {
    /// A key of any length. Its short id is derived from it by a separate keyed hash and stands in every print, so that
    /// a wrong key reads as "cannot compare".
    pub fn new(kind: KeyKind, bytes: &[u8]) -> Self {
        let mut mac = Hmac::<Sha256>::new_from_slice(bytes).expect("HMAC takes keys of any length");
        mac.update(b"keyrot/key-id\0");
        let id = data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes()[..4]);
        Self { id, kind, bytes: Zeroizing::new(bytes.to_vec()) }
    }

    /// The short id that stands in prints.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it is good for.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }
}

impl fmt::Debug for FingerprintKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FingerprintKey({}, {:?})", self.id, self.kind)
    }
}

/// A keyed print of a secret: `kr1:<key id>:<32 hex digits>`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint {
    key: std::sync::Arc<str>,
    kind: KeyKind,
    print: [u8; 16],
}

impl Fingerprint {
    /// The id of the key it was made with.
    pub fn key_id(&self) -> &str {
        &self.key
    }

    /// Whether it may be shown and stored: prints under a per-run salt may not, they would change from run to run.
    pub fn is_stable(&self) -> bool {
        self.kind != KeyKind::Run
    }

    /// Whether it may join a secret to an inventory.
    pub fn joins_inventory(&self) -> bool {
        self.kind == KeyKind::Project
    }
}

impl Fingerprint {
    /// What stands for a print that a report does not show: equal labels are equal secrets, and nothing else is known.
    pub fn of_run(label: &str) -> Self {
        let mut mac = Hmac::<Sha256>::new_from_slice(b"keyrot/label").expect("HMAC takes keys of any length");
        mac.update(label.as_bytes());
        let mut print = [0; 16];
        print.copy_from_slice(&mac.finalize().into_bytes()[..16]);
        Self { key: "label".into(), kind: KeyKind::Run, print }
    }
}

/// The text is no print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected kr1:<key id>:<32 hex digits>")]
pub struct NotAPrint;

/// Reads a print back. Whether its key was the project's cannot be told from it, so that it groups and joins nothing else.
impl std::str::FromStr for Fingerprint {
    type Err = NotAPrint;

    fn from_str(text: &str) -> Result<Self, NotAPrint> {
        let (key, hex) = text.strip_prefix("kr1:").and_then(|rest| rest.split_once(':')).ok_or(NotAPrint)?;
        let bytes = data_encoding::HEXLOWER.decode(hex.as_bytes()).map_err(|_| NotAPrint)?;
        let print = bytes.try_into().map_err(|_| NotAPrint)?;
        Ok(Self { key: key.into(), kind: KeyKind::Salt, print })
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "kr1:{}:{}", self.key, data_encoding::HEXLOWER.encode(&self.print))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_and_redacted_forms_hide_the_value() {
        let secret = Secret::new(b"kx, seventeen letters, qe");
        assert_eq!(secret.redact().as_str(), "kx********qe");
        assert_eq!(format!("{secret:?}"), "Secret(kx********qe)");
        assert_eq!(Secret::new(b"fifteen-letters").redact().as_str(), MASK);
        assert_eq!(Secret::new(b"ABCDEFGHIJKLMNOP").redact_identifier().as_str(), "********MNOP");
        assert_eq!(Secret::new(b"one line, two\nlines of text").redact().as_str(), MASK);
    }

    #[test]
    fn characters_outside_ascii_count_and_do_not_show() {
        let masked = |value: &str| Redacted::of(value.as_bytes()).to_string();
        assert_eq!(masked("фünfzehn-lettersé"), "********s");
        assert_eq!(masked("aünfzehn-letters-é"), "a********-");
        assert_eq!(masked("ééééééééééééééé"), MASK, "fifteen of two bytes");
        assert_eq!(Redacted::of(b"ab\xff-not-utf8-at-all\xff").as_str(), "ab********l");
        assert_eq!(Redacted::of_identifier("identifier-éàüö".as_bytes()).as_str(), "********éàüö");
    }

    #[test]
    fn prints_depend_on_key_class_and_part() {
        let secret = Secret::new(b"value");
        let key = FingerprintKey::new(KeyKind::Project, b"one");
        let other = FingerprintKey::new(KeyKind::Project, b"two");
        let print = secret.fingerprint(&key, "a", Part::Whole);
        assert_eq!(print, secret.fingerprint(&key, "a", Part::Whole));
        assert_ne!(print, secret.fingerprint(&key, "b", Part::Whole));
        assert_ne!(print, secret.fingerprint(&key, "a", Part::Pass));
        assert_ne!(print, secret.fingerprint(&other, "a", Part::Whole));
        assert!(print.to_string().starts_with(&format!("kr1:{}:", key.id())));
    }
}
