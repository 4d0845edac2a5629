//! OpenPGP keys (RFC 9580 and its elders): creation, end, revocation and prints, from binary packets or their armour. The
//! end is a length from creation in the newest signature that the key made over itself; no signature is verified.

use chrono::{DateTime, TimeDelta, Utc};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::binary::Reader;
use super::{base64, from};
use crate::finding::{Ends, Evidence};

/// Packet types.
const SIGNATURE: u8 = 2;
const SECRET_KEY: u8 = 5;
const PUBLIC_KEY: u8 = 6;
const SECRET_SUBKEY: u8 = 7;
const USER_ID: u8 = 13;
const PUBLIC_SUBKEY: u8 = 14;

/// Types of signatures that a key makes over itself: certifications of its names, bindings of subkeys, direct ones.
const SELF: &[u8] = &[0x10, 0x11, 0x12, 0x13, 0x18, 0x1f];
/// Revocations of a key and of a subkey.
const REVOKING: &[u8] = &[0x20, 0x28];

/// A primary key or a subkey.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Key {
    /// Upper-case hexadecimal digits.
    pub fingerprint: String,
    /// Whether its private half stands in the file.
    pub is_secret: bool,
    /// Whether it belongs to the primary key before it.
    pub is_subkey: bool,
    /// The first name that it goes by.
    pub name: Option<String>,
    /// When it was made.
    pub created: Option<DateTime<Utc>>,
    /// When it ends; none where no signature of its own was read.
    pub expires: Option<Ends>,
    /// When it was revoked.
    pub revoked: Option<DateTime<Utc>>,
    /// When the signature that states the end was made.
    stated: Option<DateTime<Utc>>,
}

impl Key {
    /// The sixteen digits that listings show: the end of the fingerprint, or its start since version 6.
    pub fn id(&self) -> &str {
        let length = self.fingerprint.len();
        if length == 40 { &self.fingerprint[24..] } else { &self.fingerprint[..16.min(length)] }
    }

    fn sign(&mut self, signature: &Signature) {
        let made = signature.created.or(self.created);
        if REVOKING.contains(&signature.kind) {
            self.revoked = made;
        } else if SELF.contains(&signature.kind) && self.stated <= made {
            self.stated = made;
            self.expires = match (self.created, signature.validity) {
                (Some(created), Some(seconds @ 1..)) => {
                    created.checked_add_signed(TimeDelta::seconds(seconds.into())).map(Ends::At)
                }
                _ => Some(Ends::Never),
            };
        }
    }
}

/// What a block of packets states about its primary key, and the prints of all its keys.
pub fn evidence(bytes: &[u8]) -> Option<Evidence> {
    let keys = read(bytes)?;
    let primary = keys.first()?;
    let mut evidence = from("openpgp");
    evidence.created = primary.created;
    evidence.expires = primary.expires;
    for key in &keys {
        evidence.identifiers.push(("public-key", key.fingerprint.clone()));
        evidence.identifiers.push(("openpgp-key-id", key.id().to_owned()));
    }
    Some(evidence)
}

/// The bytes inside an armour: after its headers, before its checksum.
pub fn dearmor(body: &str) -> Option<Vec<u8>> {
    let lines = body.lines().map(str::trim).filter(|line| !line.contains(": ") && !line.starts_with('='));
    base64(&lines.collect::<String>())
}

/// The keys of a block; none where it is no key.
pub fn read(bytes: &[u8]) -> Option<Vec<Key>> {
    let mut reader = Reader(bytes);
    let mut keys: Vec<Key> = Vec::new();
    let mut primary = 0;
    while let Some((kind, body)) = packet(&mut reader) {
        match kind {
            SECRET_KEY | PUBLIC_KEY | SECRET_SUBKEY | PUBLIC_SUBKEY => {
                let mut key = key(body)?;
                key.is_secret = matches!(kind, SECRET_KEY | SECRET_SUBKEY);
                key.is_subkey = matches!(kind, SECRET_SUBKEY | PUBLIC_SUBKEY);
                if !key.is_subkey {
                    primary = keys.len();
                }
                keys.push(key);
            }
            _ if keys.is_empty() => return None,
            USER_ID => {
                let name = String::from_utf8_lossy(body).into_owned();
                keys[primary].name.get_or_insert(name);
            }
            SIGNATURE => {
                let by = keys[primary].id().to_owned();
                // What others signed says nothing about the key's own life.
                if let Some(signature) = signature(body).filter(|one| one.issuer.as_ref().is_none_or(|id| *id == by)) {
                    keys.last_mut()?.sign(&signature);
                }
            }
            _ => {}
        }
    }
    (!keys.is_empty()).then_some(keys)
}

/// The next packet, in the old or the new framing. Partial lengths belong to data, not to keys.
fn packet<'b>(reader: &mut Reader<'b>) -> Option<(u8, &'b [u8])> {
    let head = reader.byte().filter(|head| head & 0x80 != 0)?;
    let (kind, length) = if head & 0x40 == 0 {
        let length = match head & 3 {
            0 => usize::from(reader.byte()?),
            1 => usize::from(reader.u16()?),
            2 => usize::try_from(reader.u32()?).ok()?,
            _ => reader.0.len(),
        };
        ((head >> 2) & 0x0f, length)
    } else {
        (head & 0x3f, new_length(reader)?)
    };
    reader.take(length).map(|body| (kind, body))
}

/// Lengths of new packets and of parts of signatures.
fn new_length(reader: &mut Reader<'_>) -> Option<usize> {
    match reader.byte()? {
        short @ 0..=191 => Some(usize::from(short)),
        long @ 192..=223 => Some(((usize::from(long) - 192) << 8) + usize::from(reader.byte()?) + 192),
        255 => usize::try_from(reader.u32()?).ok(),
        _ => None,
    }
}

fn key(body: &[u8]) -> Option<Key> {
    let mut reader = Reader(body);
    let version = reader.byte()?;
    let created = reader.u32()?;
    let algorithm = reader.byte()?;
    if version >= 5 {
        reader.u32()?; // length of what follows
    }
    public_part(algorithm, &mut reader)?;
    let public = &body[..body.len() - reader.0.len()];
    let fingerprint = match version {
        4 => {
            let hash = Sha1::new().chain_update([0x99]).chain_update(u16::try_from(public.len()).ok()?.to_be_bytes());
            data_encoding::HEXUPPER.encode(&hash.chain_update(public).finalize())
        }
        5 | 6 => {
            let head = if version == 5 { 0x9a } else { 0x9b };
            let hash = Sha256::new().chain_update([head]).chain_update(u32::try_from(public.len()).ok()?.to_be_bytes());
            data_encoding::HEXUPPER.encode(&hash.chain_update(public).finalize())
        }
        _ => return None,
    };
    Some(Key { fingerprint, created: DateTime::from_timestamp(created.into(), 0), ..Key::default() })
}

/// Reads past the public numbers of a key.
fn public_part(algorithm: u8, reader: &mut Reader<'_>) -> Option<()> {
    let numbers = |reader: &mut Reader<'_>, count: usize| (0..count).try_for_each(|_| number(reader));
    match algorithm {
        1..=3 => numbers(reader, 2),
        16 => numbers(reader, 3),
        17 => numbers(reader, 4),
        18 => counted(reader).and_then(|()| number(reader)).and_then(|()| counted(reader)),
        19 | 22 => counted(reader).and_then(|()| number(reader)),
        25 | 27 => reader.take(32).map(|_| ()),
        26 => reader.take(56).map(|_| ()),
        28 => reader.take(57).map(|_| ()),
        _ => None,
    }
}

/// A number with its length in bits before it.
fn number(reader: &mut Reader<'_>) -> Option<()> {
    let bits = usize::from(reader.u16()?);
    reader.take(bits.div_ceil(8)).map(|_| ())
}

/// Bytes with their count in one byte before them.
fn counted(reader: &mut Reader<'_>) -> Option<()> {
    let count = usize::from(reader.byte()?);
    reader.take(count).map(|_| ())
}

/// What a signature states that matters here.
#[derive(Default)]
struct Signature {
    kind: u8,
    created: Option<DateTime<Utc>>,
    validity: Option<u32>,
    issuer: Option<String>,
}

fn signature(body: &[u8]) -> Option<Signature> {
    let mut reader = Reader(body);
    let version = reader.byte().filter(|version| (4..=6).contains(version))?;
    let mut signature = Signature { kind: reader.byte()?, ..Signature::default() };
    reader.take(2)?; // algorithms
    for hashed in [true, false] {
        let length = if version == 6 { usize::try_from(reader.u32()?).ok()? } else { usize::from(reader.u16()?) };
        let mut area = Reader(reader.take(length)?);
        while !area.0.is_empty() {
            let length = new_length(&mut area)?;
            let (kind, value) = area.take(length)?.split_first()?;
            signature.note(kind & 0x7f, value, hashed);
        }
    }
    Some(signature)
}

impl Signature {
    /// What is not hashed could be anybody's; who signed is only a hint anyway.
    fn note(&mut self, kind: u8, value: &[u8], hashed: bool) {
        let mut reader = Reader(value);
        match kind {
            2 if hashed => self.created = reader.u32().and_then(|seconds| DateTime::from_timestamp(seconds.into(), 0)),
            9 if hashed => self.validity = reader.u32(),
            16 => self.issuer = Some(data_encoding::HEXUPPER.encode(value)),
            33 if value.len() > 1 => {
                let fingerprint = data_encoding::HEXUPPER.encode(&value[1..]);
                self.issuer = Some(Key { fingerprint, ..Key::default() }.id().to_owned());
            }
            _ => {}
        }
    }
}
