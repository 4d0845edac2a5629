//! Binary files that are keys, told by their content: keystores, private keys in DER, key rings, password databases.

use chrono::DateTime;

use super::worker::Worker;
use crate::claims::{self, binary::Reader};
use crate::finding::{Evidence, Exposed, Finding, Location, Origin};
use crate::rule::{BY_CONTENT, Rule, RuleSet};
use crate::secret::{Part, Secret};

/// What a file holds that is a key as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Store {
    /// The rule: one of [`BY_CONTENT`].
    rule: &'static str,
    /// When the youngest of its keys was put in, in milliseconds since 1970, where it says so.
    created: Option<i64>,
}

/// Whether a file is of some kind.
type Test = fn(&[u8]) -> bool;

/// The active rules about such files.
#[derive(Clone, Debug)]
pub struct Keystores(Vec<Rule>);

impl Keystores {
    /// Takes them out of the set.
    pub fn of(set: &RuleSet) -> Self {
        Self(BY_CONTENT.iter().filter_map(|id| set.get(id)).cloned().collect())
    }
}

impl Worker<'_> {
    /// Reports a binary file that is a key as a whole.
    pub(super) fn report_keystore(&mut self, origin: &Origin, bytes: &[u8]) {
        let finding = self.keystore(origin, bytes, "the file itself");
        self.report_all(finding);
    }

    /// The finding about bytes that are a key as a whole, and what they are to the text of `origin`.
    pub(super) fn keystore(&self, origin: &Origin, bytes: &[u8], what: &str) -> Option<Finding> {
        let store = recognise(bytes)?;
        let rule = self.engine.keystores().0.iter().find(|rule| rule.id.as_str() == store.rule)?;
        let definition = &rule.definition;
        let message = format!("{} exposed in '{}': {what}, {} bytes.", definition.name, origin.path(), bytes.len());
        let location = Location::whole(origin.clone());
        let mut finding = Finding::new(rule.id.clone(), definition.severity, definition.confidence, message, location);
        let secret = Secret::new(bytes);
        finding.secret = Some(Box::new(Exposed {
            redacted: Secret::masked(),
            clear: None,
            length: bytes.len(),
            fingerprint: secret.fingerprint(&self.options.fingerprint, rule.id.as_str(), Part::Whole),
            pass: None,
            marks: self.engine.marking().marks(&secret, &[], rule.id.as_str(), Part::Whole),
        }));
        let evidence = match store.created.and_then(DateTime::from_timestamp_millis) {
            Some(created) => Evidence { source: Some("keystore"), created: Some(created), ..Evidence::default() },
            None => claims::read_file(bytes),
        };
        finding.evidence = evidence.into();
        Some(finding)
    }
}

/// Whether the bytes are a key as a whole.
pub fn is_one(bytes: &[u8]) -> bool {
    recognise(bytes).is_some()
}

fn recognise(bytes: &[u8]) -> Option<Store> {
    if let Some(store) = java(bytes) {
        return Some(store);
    }
    let plain: [(&str, Test); 6] = [
        ("keystore-pkcs12", is_pkcs12),
        ("private-key-der", is_der_key),
        ("keystore-gnupg", is_gnupg),
        ("keystore-keepass", |bytes| {
            starts(bytes, &[b"\x03\xD9\xA2\x9A\x65\xFB\x4B\xB5", b"\x03\xD9\xA2\x9A\x67\xFB\x4B\xB5"])
        }),
        ("keystore-macos-keychain", |bytes| starts(bytes, &[b"kych\0\x01\0\0"])),
        ("browser-password-store", is_browser_store),
    ];
    let (rule, _) = plain.into_iter().find(|(_, is)| is(bytes))?;
    Some(Store { rule, created: None })
}

fn starts(bytes: &[u8], heads: &[&[u8]]) -> bool {
    heads.iter().any(|head| bytes.starts_with(head))
}

/// Entries of a Java keystore that hold keys: a private key with its certificates, and a sealed object.
const PRIVATE: u32 = 1;
const SEALED: u32 = 3;

/// A Java keystore (JKS or JCEKS) that holds a key, and when the youngest was put in. One of certificates alone is none.
///
/// The form is that of `sun.security.provider.JavaKeyStore`: a magic number, a version, a number of entries, and for each a
/// tag, an alias and a time.
fn java(bytes: &[u8]) -> Option<Store> {
    let heads: [&[u8]; 2] = [b"\xFE\xED\xFE\xED", b"\xCE\xCE\xCE\xCE"];
    let mut rest = Reader(heads.iter().find_map(|head| bytes.strip_prefix(*head))?);
    let (version, entries) = (rest.u32()?, rest.u32()?);
    let (mut found, mut created) = (false, None);
    for _ in 0..entries {
        let Some((tag, time)) = java_entry(&mut rest) else { break };
        if matches!(tag, PRIVATE | SEALED) {
            found = true;
            created = created.max(i64::try_from(time).ok());
        }
        if pass_content(&mut rest, tag, version).is_none() {
            break;
        }
    }
    found.then_some(Store { rule: "keystore-java", created })
}

/// The tag of an entry and its time.
fn java_entry(rest: &mut Reader<'_>) -> Option<(u32, u64)> {
    let tag = rest.u32()?;
    java_text(rest)?;
    Some((tag, rest.u64()?))
}

fn java_text<'b>(rest: &mut Reader<'b>) -> Option<&'b [u8]> {
    let length = rest.take(2)?.try_into().ok().map(u16::from_be_bytes)?;
    rest.take(usize::from(length))
}

/// Passes over the key and its certificates, or over the one certificate of an entry. How long a sealed object is, only
/// Java itself can tell.
fn pass_content(rest: &mut Reader<'_>, tag: u32, version: u32) -> Option<()> {
    let certificates = match tag {
        SEALED => return None,
        PRIVATE => {
            rest.string()?;
            rest.u32()?
        }
        _ => 1,
    };
    for _ in 0..certificates {
        if version == 2 {
            java_text(rest)?;
        }
        rest.string()?;
    }
    Some(())
}

/// The content of a DER element with this tag that begins the bytes, and what follows it. An indefinite or cut length gives
/// all that is there.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&[first, length], rest) = bytes.split_first_chunk::<2>()?;
    if first != tag {
        return None;
    }
    let (length, rest) = match length {
        0x80 => return Some((rest, &[])),
        short @ ..=0x7F => (usize::from(short), rest),
        long => {
            let (digits, rest) =
                rest.split_at_checked(usize::from(long & 0x7F)).filter(|(digits, _)| digits.len() <= 4)?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
    };
    Some(rest.split_at(length.min(rest.len())))
}

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const OBJECT: u8 = 0x06;
/// 1.2.840.113549.1.7: the kinds of content of PKCS#7.
const PKCS7: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07];

/// RFC 7292, section 4: version 3, and content of PKCS#7. One of certificates alone is no key.
fn is_pkcs12(bytes: &[u8]) -> bool {
    is_exchange(bytes) && !holds_certificates_alone(bytes)
}

fn is_exchange(bytes: &[u8]) -> bool {
    let content = || {
        let (inner, _) = element(bytes, SEQUENCE)?;
        let (version, rest) = element(inner, INTEGER)?;
        let (content, _) = element(rest, SEQUENCE)?;
        let (kind, _) = element(content, OBJECT)?;
        Some(version == [3] && kind.starts_with(PKCS7))
    };
    content().unwrap_or(false)
}

/// Kinds of content of PKCS#7: as it is, and encrypted with a password.
const DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01];
const ENCRYPTED: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x06];
/// Kinds of what a safe of PKCS#12 holds: certificates, and lists of those that were revoked.
const OPEN: [&[u8]; 2] = [
    &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x0C, 0x0A, 0x01, 0x03],
    &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x0C, 0x0A, 0x01, 0x04],
];
/// What stands in a field of its own.
const EXPLICIT: u8 = 0xA0;

/// Whether a whole PKCS#12 holds nothing, or nothing but certificates: a truststore. Keys are encrypted one by one, and every writer puts
/// them into safes that are not; one that encrypts all it holds has certificates alone.
pub fn holds_certificates_alone(bytes: &[u8]) -> bool {
    let alone = || {
        let (inner, _) = whole(bytes, SEQUENCE)?;
        let (_, rest) = whole(inner, INTEGER)?;
        let (kind, mut safes) = content_info(whole(rest, SEQUENCE)?.0)?;
        (kind == DATA).then_some(())?;
        safes = whole(whole(safes, OCTETS)?.0, SEQUENCE)?.0;
        let mut alone = true;
        while !safes.is_empty() {
            let (safe, rest) = whole(safes, SEQUENCE)?;
            let (kind, content) = content_info(safe)?;
            alone &= kind == ENCRYPTED || kind == DATA && is_safe_of_certificates(whole(content, OCTETS)?.0)?;
            safes = rest;
        }
        Some(alone)
    };
    alone().unwrap_or(false)
}

/// The kind of a content, and the content.
fn content_info(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (kind, rest) = whole(bytes, OBJECT)?;
    Some((kind, whole(rest, EXPLICIT)?.0))
}

/// Whether all bags of a safe hold certificates.
fn is_safe_of_certificates(safe: &[u8]) -> Option<bool> {
    let (mut bags, mut all) = (whole(safe, SEQUENCE)?.0, true);
    while !bags.is_empty() {
        let (bag, rest) = whole(bags, SEQUENCE)?;
        all &= OPEN.contains(&whole(bag, OBJECT)?.0);
        bags = rest;
    }
    Some(all)
}

/// An element of which nothing is cut off.
fn whole(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (inner, rest) = element(bytes, tag)?;
    let written = match bytes[1] {
        0x80 => return None,
        short @ ..=0x7F => usize::from(short),
        long => bytes
            .get(2..2 + usize::from(long & 0x7F))?
            .iter()
            .fold(0, |length, digit| length << 8 | usize::from(*digit)),
    };
    (written == inner.len()).then_some((inner, rest))
}

/// PKCS#8 (RFC 5958), RSA (RFC 8017, A.1.2) or SEC 1 (RFC 5915) in DER, which ends with the file.
fn is_der_key(bytes: &[u8]) -> bool {
    let key = || {
        let (inner, after) = element(bytes, SEQUENCE)?;
        let (version, rest) = element(inner, INTEGER)?;
        let pkcs8 = || {
            let (algorithm, rest) = element(rest, SEQUENCE)?;
            Some(element(algorithm, OBJECT).is_some() && element(rest, OCTETS).is_some_and(|(key, _)| key.len() >= 32))
        };
        // Modulus, exponents, primes, their remainders and the coefficient.
        let rsa = || {
            let (mut rest, mut numbers) = (rest, Vec::new());
            while let Some((number, tail)) = element(rest, INTEGER) {
                numbers.push(number.len());
                rest = tail;
            }
            numbers.len() == 8 && numbers[0] >= 64
        };
        let curve = || element(rest, OCTETS).is_some_and(|(key, _)| matches!(key.len(), 24 | 28 | 32 | 48 | 66));
        Some(match version {
            [0 | 1] if after.is_empty() && pkcs8().unwrap_or(false) => true,
            [0] => after.is_empty() && rsa(),
            [1] => after.is_empty() && curve(),
            _ => false,
        })
    };
    key().unwrap_or(false)
}

/// A secret key packet of version 4 (RFC 4880, section 4.2), or a file of GnuPG's own key store.
fn is_gnupg(bytes: &[u8]) -> bool {
    let length = match bytes {
        [0x95, high, low, 4, ..] => Some((3, usize::from(u16::from_be_bytes([*high, *low])))),
        [0x94, length, 4, ..] | [0xC5, length @ ..192, 4, ..] => Some((2, usize::from(*length))),
        [0xC5, high @ 192..224, low, 4, ..] => Some((3, ((usize::from(*high) - 192) << 8) + usize::from(*low) + 192)),
        _ => None,
    };
    let packet = length.is_some_and(|(head, length)| {
        let next = head + length;
        // What follows is another packet, or nothing.
        length > 40 && (bytes.len() == next || bytes.get(next).is_some_and(|byte| byte & 0x80 != 0))
    });
    packet || starts(bytes, &[b"(21:protected-private-key", b"(20:shadowed-private-key", b"(11:private-key"])
}

/// A database of SQLite with the table in which Firefox keeps its keys, or Chromium its passwords.
fn is_browser_store(bytes: &[u8]) -> bool {
    const SCHEMA: usize = 1 << 16;
    let head = &bytes[..bytes.len().min(SCHEMA)];
    let holds = |text: &str| memchr::memmem::find(head, text.as_bytes()).is_some();
    bytes.starts_with(b"SQLite format 3\0")
        && (holds("TABLE nssPrivate") || holds("TABLE logins (") && holds("password_value"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn der(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len()).unwrap().to_be_bytes();
        [&[tag, 0x82], &length[..], content].concat()
    }

    fn entry(tag: u32, time: u64, content: &[u8]) -> Vec<u8> {
        [&tag.to_be_bytes()[..], &[0, 1, b'a'], &time.to_be_bytes(), content].concat()
    }

    #[test]
    fn a_java_keystore_is_one_when_it_holds_a_key() {
        let head = |entries: u8| [b"\xFE\xED\xFE\xED", &[0, 0, 0, 2][..], &[0, 0, 0, entries]].concat();
        let certificate = [&[0, 5][..], b"X.509", &[0, 0, 0, 3, 1, 2, 3]].concat();
        let key = [&[0, 0, 0, 4, 9, 9, 9, 9][..], &[0, 0, 0, 1], &certificate].concat();
        let trust = [head(1), entry(2, 1000, &certificate)].concat();
        assert_eq!(recognise(&trust), None);
        let store = [head(2), entry(2, 1000, &certificate), entry(1, 2000, &key)].concat();
        assert_eq!(recognise(&store), Some(Store { rule: "keystore-java", created: Some(2000) }));
    }

    #[test]
    fn keys_in_der_are_told_from_other_sequences() {
        let rule = |bytes: &[u8]| recognise(bytes).map(|store| store.rule);
        let algorithm = der(SEQUENCE, &der(OBJECT, &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 2, 1]));
        let pkcs8 = der(SEQUENCE, &[der(INTEGER, &[0]), algorithm.clone(), der(OCTETS, &[7; 40])].concat());
        assert_eq!(rule(&pkcs8), Some("private-key-der"));
        let rsa: Vec<u8> =
            std::iter::once(der(INTEGER, &[0])).chain((0..8).map(|_| der(INTEGER, &[7; 64]))).flatten().collect();
        assert_eq!(rule(&der(SEQUENCE, &rsa)), Some("private-key-der"));
        let public = der(SEQUENCE, &[algorithm, der(3, &[7; 66])].concat());
        assert_eq!(rule(&public), None);
        let seven = der(SEQUENCE, &[der(OBJECT, &[PKCS7, &[1]].concat()), der(0xA0, &[0; 40])].concat());
        let pkcs12 = der(SEQUENCE, &[der(INTEGER, &[3]), seven].concat());
        assert_eq!(rule(&pkcs12), Some("keystore-pkcs12"));
        assert_eq!(rule(&pkcs12[..40]), Some("keystore-pkcs12"), "the head of a larger file");
    }

    #[test]
    fn a_truststore_holds_certificates_alone() {
        let info = |kind: &[u8], content: &[u8]| der(SEQUENCE, &[der(OBJECT, kind), der(EXPLICIT, content)].concat());
        let bag = |kind: u8| {
            der(SEQUENCE, &[der(OBJECT, &[&OPEN[0][..10], &[kind]].concat()), der(EXPLICIT, &[7; 40])].concat())
        };
        let plain = |kinds: &[u8]| {
            let bags: Vec<u8> = kinds.iter().flat_map(|kind| bag(*kind)).collect();
            info(DATA, &der(OCTETS, &der(SEQUENCE, &bags)))
        };
        let store = |safes: &[Vec<u8>]| {
            let content = info(DATA, &der(OCTETS, &der(SEQUENCE, &safes.concat())));
            der(SEQUENCE, &[der(INTEGER, &[3]), content].concat())
        };
        let hidden = info(ENCRYPTED, &[7; 60]);
        let shrouded = store(&[plain(&[2]), hidden.clone()]);
        for (bytes, trust) in [
            (store(&[hidden]), true),
            (store(&[plain(&[3, 3])]), true),
            (store(&[plain(&[3, 2])]), false),
            (store(&[plain(&[5])]), false),
            (store(&[]), true),
            (shrouded, false),
        ] {
            assert_eq!((recognise(&bytes).is_none(), holds_certificates_alone(&bytes)), (trust, trust));
            assert!(recognise(&bytes[..bytes.len() - 1]).is_some(), "a cut one may hold a key");
        }
    }

    #[test]
    fn key_rings_and_password_databases_are_known_by_their_heads() {
        let rule = |bytes: &[u8]| recognise(bytes).map(|store| store.rule);
        assert_eq!(rule(&[&[0x95, 0, 60, 4], &[1; 59][..]].concat()), Some("keystore-gnupg"));
        assert_eq!(rule(&[&[0x99, 0, 60, 4], &[1; 59][..]].concat()), None, "a public key");
        assert_eq!(rule(b"(21:protected-private-key(3:rsa(1:n"), Some("keystore-gnupg"));
        assert_eq!(rule(b"\x03\xD9\xA2\x9A\x67\xFB\x4B\xB5\0\0"), Some("keystore-keepass"));
        assert_eq!(rule(b"SQLite format 3\0 CREATE TABLE nssPrivate (id)"), Some("browser-password-store"));
        assert_eq!(rule(b"SQLite format 3\0 CREATE TABLE pages (id)"), None);
    }
}
