//! Public keys and their prints in the two forms that listings use: that of certificates and that of SSH. A private key file
//! that holds its public half joins rows of both kinds.

use sha2::{Digest, Sha256};
use x509_parser::asn1_rs::{Any, FromDer, Tag};

use super::binary::{Reader, push_string};

/// Object identifiers, as they are encoded.
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
/// Curves that SSH knows by a name, with their object identifiers.
const CURVES: &[(&str, &[u8])] = &[
    ("nistp256", &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]),
    ("nistp384", &[0x2b, 0x81, 0x04, 0x00, 0x22]),
    ("nistp521", &[0x2b, 0x81, 0x04, 0x00, 0x23]),
];

/// A public key of one of the kinds that stand in both worlds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// Modulus and exponent, big-endian with the sign byte that both encodings want.
    Rsa { modulus: Vec<u8>, exponent: Vec<u8> },
    /// The curve's object identifier and the point.
    Ec { curve: Vec<u8>, point: Vec<u8> },
    /// The 32 bytes.
    Ed25519(Vec<u8>),
}

impl PublicKey {
    /// Of a private key in DER: PKCS #8, or the older forms of RSA (PKCS #1) and EC (SEC 1). None where the file does not
    /// hold its public half.
    pub fn of_private(der: &[u8]) -> Option<Self> {
        pkcs8(der).or_else(|| pkcs1(der)).or_else(|| sec1(der, None))
    }

    /// Of the blob that SSH writes.
    pub fn of_ssh(blob: &[u8]) -> Option<Self> {
        let mut reader = Reader(blob);
        match reader.string()? {
            b"ssh-rsa" => {
                let exponent = reader.string()?.to_vec();
                Some(Self::Rsa { modulus: reader.string()?.to_vec(), exponent })
            }
            b"ssh-ed25519" => Some(Self::Ed25519(reader.string()?.to_vec())),
            kind if kind.starts_with(b"ecdsa-sha2-") => {
                let name = reader.string()?;
                let (_, curve) = CURVES.iter().find(|(known, _)| known.as_bytes() == name)?;
                Some(Self::Ec { curve: curve.to_vec(), point: reader.string()?.to_vec() })
            }
            _ => None,
        }
    }

    /// The prints of both forms, as identifiers.
    pub fn identifiers(&self) -> Vec<(&'static str, String)> {
        let ssh = self.ssh().map(|blob| ssh_print(&blob));
        std::iter::once(spki_print(&self.spki())).chain(ssh).map(|print| ("public-key", print)).collect()
    }

    /// The `SubjectPublicKeyInfo` of certificates.
    fn spki(&self) -> Vec<u8> {
        let (algorithm, key) = match self {
            Self::Rsa { modulus, exponent } => {
                let key = tagged(0x30, &[tagged(0x02, &[modulus]).as_slice(), &tagged(0x02, &[exponent])]);
                (tagged(0x30, &[tagged(0x06, &[RSA]).as_slice(), &[0x05, 0x00]]), key)
            }
            Self::Ec { curve, point } => {
                (tagged(0x30, &[tagged(0x06, &[EC]).as_slice(), &tagged(0x06, &[curve])]), point.clone())
            }
            Self::Ed25519(key) => (tagged(0x30, &[&tagged(0x06, &[ED25519])]), key.clone()),
        };
        tagged(0x30, &[algorithm.as_slice(), &tagged(0x03, &[&[0], &key])])
    }

    /// The blob of SSH; none for curves that it does not know.
    fn ssh(&self) -> Option<Vec<u8>> {
        let mut blob = Vec::new();
        match self {
            Self::Rsa { modulus, exponent } => {
                for part in [b"ssh-rsa", exponent.as_slice(), modulus] {
                    push_string(&mut blob, part);
                }
            }
            Self::Ec { curve, point } => {
                let (name, _) = CURVES.iter().find(|(_, known)| known == curve)?;
                push_string(&mut blob, format!("ecdsa-sha2-{name}").as_bytes());
                push_string(&mut blob, name.as_bytes());
                push_string(&mut blob, point);
            }
            Self::Ed25519(key) => {
                push_string(&mut blob, b"ssh-ed25519");
                push_string(&mut blob, key);
            }
        }
        Some(blob)
    }
}

/// `sha256:` and hexadecimal digits, of a `SubjectPublicKeyInfo`.
pub fn spki_print(spki: &[u8]) -> String {
    format!("sha256:{}", data_encoding::HEXLOWER.encode(&Sha256::digest(spki)))
}

/// `SHA256:` and unpadded base64, as `ssh-keygen -l` shows it.
pub fn ssh_print(blob: &[u8]) -> String {
    format!("SHA256:{}", data_encoding::BASE64_NOPAD.encode(&Sha256::digest(blob)))
}

/// The elements of a sequence.
fn sequence(der: &[u8]) -> Option<Vec<Any<'_>>> {
    let (_, outer) = Any::from_der(der).ok().filter(|(_, outer)| outer.tag() == Tag::Sequence)?;
    elements(outer.data)
}

fn elements(mut data: &[u8]) -> Option<Vec<Any<'_>>> {
    let mut all = Vec::new();
    while !data.is_empty() {
        let (rest, one) = Any::from_der(data).ok()?;
        all.push(one);
        data = rest;
    }
    Some(all)
}

fn pkcs8(der: &[u8]) -> Option<PublicKey> {
    let parts = sequence(der)?;
    let [_, algorithm, key, attributes @ ..] = parts.as_slice() else { return None };
    let algorithm = (algorithm.tag() == Tag::Sequence).then(|| elements(algorithm.data)).flatten()?;
    match algorithm.first()?.data {
        RSA => pkcs1(key.data),
        EC => sec1(key.data, algorithm.get(1).map(|curve| curve.data)),
        // The second version of the format holds the public half in an element of its own.
        ED25519 => {
            let public = attributes.iter().find(|one| one.tag() == Tag(1))?;
            Some(PublicKey::Ed25519(public.data.get(1..).filter(|key| key.len() == 32)?.to_vec()))
        }
        _ => None,
    }
}

fn pkcs1(der: &[u8]) -> Option<PublicKey> {
    let parts = sequence(der)?;
    // Version, modulus, exponent, and six further numbers.
    if parts.len() < 9 || parts.iter().take(9).any(|part| part.tag() != Tag::Integer) {
        return None;
    }
    Some(PublicKey::Rsa { modulus: parts[1].data.to_vec(), exponent: parts[2].data.to_vec() })
}

fn sec1(der: &[u8], curve: Option<&[u8]>) -> Option<PublicKey> {
    let parts = sequence(der)?;
    let [version, private, optional @ ..] = parts.as_slice() else { return None };
    if version.data != [1] || private.tag() != Tag::OctetString {
        return None;
    }
    let inner = |tag: u32| {
        let wrapped = optional.iter().find(|one| one.tag() == Tag(tag))?;
        Any::from_der(wrapped.data).ok().map(|(_, inner)| inner.data)
    };
    let curve = inner(0).or(curve)?.to_vec();
    Some(PublicKey::Ec { curve, point: inner(1)?.get(1..)?.to_vec() })
}

/// One element of DER: its tag, its length, its parts.
fn tagged(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut out = vec![tag];
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let bytes: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
            out.push(0x80 | u8::try_from(bytes.len()).expect("a length has at most eight bytes"));
            out.extend(bytes);
        }
    }
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}
