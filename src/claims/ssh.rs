//! SSH: certificates (validity, principals) and the public half that stands in clear inside OpenSSH private keys.

use chrono::DateTime;

use super::binary::{Reader, push_string};
use super::from;
use super::public_key::{PublicKey, ssh_print};
use crate::finding::{Ends, Evidence};

const PRIVATE_MAGIC: &[u8] = b"openssh-key-v1\0";

/// A certificate or a public key in OpenSSH's one-line form.
#[derive(Clone, Debug)]
pub struct PublicLine {
    /// Dates of a certificate; the print of the key (`SHA256:…`).
    pub evidence: Evidence,
    /// Key id of a certificate.
    pub key_id: Option<String>,
    /// Serial of a certificate.
    pub serial: Option<u64>,
    /// Whom a certificate is for.
    pub principals: Vec<String>,
    /// Whether it is a certificate.
    pub is_certificate: bool,
}

/// A certificate line.
pub fn read_text(text: &str) -> Option<Evidence> {
    read_line(text).filter(|line| line.is_certificate).map(|line| line.evidence)
}

/// A line `ssh-ed25519 AAAA… comment` or `ssh-ed25519-cert-v01@openssh.com AAAA… comment`.
pub fn read_line(text: &str) -> Option<PublicLine> {
    let mut words = text.split_whitespace();
    let kind = words.next()?;
    let blob = data_encoding::BASE64.decode(words.next()?.as_bytes()).ok()?;
    let mut reader = Reader(&blob);
    if reader.string()? != kind.as_bytes() {
        return None;
    }
    if kind.contains("-cert-v01@") {
        return certificate(kind, reader);
    }
    (kind.starts_with("ssh-") || kind.starts_with("ecdsa-") || kind.starts_with("sk-")).then(|| {
        let mut evidence = from("ssh-key");
        evidence.identifiers.push(("public-key", ssh_print(&blob)));
        PublicLine { evidence, key_id: None, serial: None, principals: Vec::new(), is_certificate: false }
    })
}

/// Fields of the public key inside a certificate, by kind.
fn key_fields(kind: &str) -> Option<usize> {
    match kind.split("-cert-v01@").next()? {
        "ssh-ed25519" => Some(1),
        "ssh-rsa" | "rsa-sha2-256" | "rsa-sha2-512" | "sk-ssh-ed25519" => Some(2),
        "ssh-dss" => Some(4),
        kind if kind.starts_with("ecdsa-sha2-") => Some(2),
        kind if kind.starts_with("sk-ecdsa-sha2-") => Some(3),
        _ => None,
    }
}

fn certificate(kind: &str, mut reader: Reader<'_>) -> Option<PublicLine> {
    reader.string()?; // nonce
    let plain = kind.replace("-cert-v01@openssh.com", "");
    let mut key = Vec::new();
    push_string(&mut key, plain.as_bytes());
    for _ in 0..key_fields(kind)? {
        push_string(&mut key, reader.string()?);
    }
    let serial = reader.u64()?;
    reader.u32()?; // user or host
    let key_id = String::from_utf8_lossy(reader.string()?).into_owned();
    let mut names = Reader(reader.string()?);
    let mut principals = Vec::new();
    while let Some(name) = names.string() {
        principals.push(String::from_utf8_lossy(name).into_owned());
    }
    let (after, before) = (reader.u64()?, reader.u64()?);
    let mut evidence = from("ssh-cert");
    evidence.created = bound(after, 0);
    evidence.not_before = evidence.created;
    evidence.expires = if before == u64::MAX { Some(Ends::Never) } else { bound(before, u64::MAX).map(Ends::At) };
    evidence.identifiers.push(("public-key", ssh_print(&key)));
    Some(PublicLine { evidence, key_id: Some(key_id), serial: Some(serial), principals, is_certificate: true })
}

fn bound(seconds: u64, unbounded: u64) -> Option<DateTime<chrono::Utc>> {
    if seconds == unbounded {
        return None;
    }
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, 0)
}

/// The public key of OpenSSH's own private key files, which stands before the (possibly encrypted) private part.
pub fn public_half(file: &[u8]) -> Option<Evidence> {
    let mut reader = Reader(file.strip_prefix(PRIVATE_MAGIC)?);
    for _ in 0..3 {
        reader.string()?; // cipher, key derivation, its options
    }
    reader.u32()?; // number of keys
    let blob = reader.string()?;
    let mut evidence = from("ssh-key");
    evidence.identifiers = match PublicKey::of_ssh(blob) {
        Some(key) => key.identifiers(),
        None => vec![("public-key", ssh_print(blob))],
    };
    Some(evidence)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(after: u64, before: u64) -> String {
        let mut blob = Vec::new();
        let kind = "ssh-ed25519-cert-v01@openssh.com";
        push_string(&mut blob, kind.as_bytes());
        push_string(&mut blob, b"nonce");
        push_string(&mut blob, &[7; 32]);
        blob.extend(5u64.to_be_bytes());
        blob.extend(1u32.to_be_bytes());
        push_string(&mut blob, b"ci@demo");
        let mut names = Vec::new();
        push_string(&mut names, b"deploy");
        push_string(&mut blob, &names);
        blob.extend(after.to_be_bytes());
        blob.extend(before.to_be_bytes());
        format!("{kind} {} comment", data_encoding::BASE64.encode(&blob))
    }

    #[test]
    fn the_blob_states_its_validity() {
        let read = read_line(&line(1_773_500_966, 1_789_398_566)).expect("a certificate");
        assert_eq!(read.evidence.created, DateTime::from_timestamp(1_773_500_966, 0));
        assert_eq!(read.evidence.expires, DateTime::from_timestamp(1_789_398_566, 0).map(Ends::At));
        assert_eq!((read.key_id.as_deref(), read.serial), (Some("ci@demo"), Some(5)));
        assert_eq!(read.principals, ["deploy"]);
    }

    #[test]
    fn zero_and_all_ones_are_unbounded() {
        let read = read_line(&line(0, u64::MAX)).expect("a certificate");
        assert_eq!((read.evidence.created, read.evidence.expires), (None, Some(Ends::Never)));
    }

    #[test]
    fn a_certificate_and_its_plain_key_have_one_print() {
        let mut blob = Vec::new();
        push_string(&mut blob, b"ssh-ed25519");
        push_string(&mut blob, &[7; 32]);
        let plain = read_line(&format!("ssh-ed25519 {} me", data_encoding::BASE64.encode(&blob))).expect("a key");
        let certificate = read_line(&line(0, u64::MAX)).expect("a certificate");
        assert_eq!(plain.evidence.identifiers, certificate.evidence.identifiers);
    }
}
