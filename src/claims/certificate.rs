//! X.509 certificates: validity, names, and the print of the public key that joins a private key to them.

use chrono::DateTime;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::from;
use super::public_key::spki_print;
use crate::finding::{Ends, Evidence};

/// `99991231235959Z`, which RFC 5280 gives the meaning "no well-defined end".
const NO_END: i64 = 253_402_300_799;
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// A certificate and who it is for.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// Its dates and the print of its public key (`sha256:…`, of the SubjectPublicKeyInfo).
    pub evidence: Evidence,
    /// The subject's distinguished name.
    pub subject: String,
    /// Serial number, hexadecimal.
    pub serial: String,
}

/// The first certificate of a PEM text.
pub fn read_text(text: &str) -> Option<Evidence> {
    blocks(text).next().and_then(|(_, der)| read_der(&der)).map(|one| one.evidence)
}

/// Every PEM block of a text that decodes, with its byte range.
pub fn blocks(text: &str) -> impl Iterator<Item = (std::ops::Range<usize>, Vec<u8>)> {
    let mut rest = 0;
    std::iter::from_fn(move || {
        loop {
            let start = rest + text[rest..].find(BEGIN)?;
            let first = start + BEGIN.len();
            let end = first + text[first..].find(END)?;
            rest = end + END.len();
            let body: Vec<u8> = text[first..end].bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
            if let Ok(der) = data_encoding::BASE64.decode(&body) {
                return Some((start..rest, der));
            }
        }
    })
}

/// A certificate in DER.
pub fn read_der(der: &[u8]) -> Option<Certificate> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let validity = certificate.validity();
    let mut evidence = from("x509");
    evidence.created = DateTime::from_timestamp(validity.not_before.timestamp(), 0);
    evidence.not_before = evidence.created;
    let end = validity.not_after.timestamp();
    evidence.expires = if end == NO_END { Some(Ends::Never) } else { DateTime::from_timestamp(end, 0).map(Ends::At) };
    evidence.identifiers.push(("public-key", spki_print(certificate.public_key().raw)));
    Some(Certificate {
        evidence,
        subject: certificate.subject().to_string(),
        serial: certificate.raw_serial_as_string().replace(':', ""),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_that_share_their_dashes_are_no_block() {
        assert_eq!(blocks("-----BEGIN CERTIFICATE-------END CERTIFICATE-----\n").count(), 0);
    }
}
