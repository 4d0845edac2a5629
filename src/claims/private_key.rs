//! Private keys in PEM: the public half that most of them hold joins them to certificates and public-key rows.

use super::public_key::PublicKey;
use super::{base64, from, openpgp, ssh};
use crate::finding::Evidence;

const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";

/// The first private key of a text.
pub fn read(text: &str) -> Option<Evidence> {
    let (label, body) = block(text)?;
    match label {
        "PGP PRIVATE KEY BLOCK" => openpgp::evidence(&openpgp::dearmor(&body)?),
        "OPENSSH PRIVATE KEY" => ssh::public_half(&base64(&compact(&body))?),
        "PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY" => read_der(&base64(&compact(&body))?),
        _ => None,
    }
}

/// A private key in DER.
pub fn read_der(der: &[u8]) -> Option<Evidence> {
    let mut evidence = from("private-key");
    evidence.identifiers = PublicKey::of_private(der)?.identifiers();
    Some(evidence)
}

/// The label of the first block that holds a private key, and its lines. In JSON and shell line ends are escaped.
fn block(text: &str) -> Option<(&str, String)> {
    let start = text.find(BEGIN)? + BEGIN.len();
    let (label, rest) = text[start..].split_once(DASHES)?;
    if !label.contains("PRIVATE KEY") {
        return block(rest);
    }
    let body = rest.split_once("-----END ").map_or(rest, |(body, _)| body);
    Some((label, body.replace("\\r", "").replace("\\n", "\n")))
}

/// The base64 of a block, also where a program joins its lines. An encrypted one has headers, and then states nothing.
fn compact(body: &str) -> String {
    let joined: String = body.chars().filter(|letter| !letter.is_whitespace() && *letter != '\\').collect();
    joined.replace("\"+\"", "").replace("'+'", "").replace(['"', '\'', ','], "")
}
