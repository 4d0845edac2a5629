//! What a key states about its own life, read from its bytes without a network: dates, scopes, public identifiers. Claims,
//! never proofs: nothing here verifies a signature.

pub(crate) mod binary;
pub mod certificate;
mod fly;
mod id;
mod jwt;
mod macaroon;
pub mod openpgp;
mod private_key;
mod public_key;
pub mod ssh;
mod token;
mod url;

use chrono::{DateTime, Datelike, Utc};

use crate::date::{self, Written};
use crate::finding::{Ends, Evidence};

/// Years in which a stated date is believable at all; what lies outside was not a date.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2140;
/// Longest value that is looked at, in bytes.
const LONGEST: usize = 1 << 20;

/// Reads what `value` states. `embedded` is what its rule says about where dates stand; identifiers such as UUIDs are read
/// as dates only where a rule says so, because their shape alone proves nothing.
pub fn read(value: &[u8], embedded: Option<&str>) -> Evidence {
    if value.len() > LONGEST {
        return Evidence::default();
    }
    let Ok(text) = std::str::from_utf8(value) else { return Evidence::default() };
    let text = text.trim();
    let readers: [fn(&str) -> Option<Evidence>; 8] = [
        certificate::read_text,
        private_key::read,
        ssh::read_text,
        jwt::read,
        url::read,
        token::read,
        fly::read,
        macaroon::read,
    ];
    let found = readers.iter().find_map(|reader| reader(text));
    found.or_else(|| embedded.and_then(|kind| id::read(kind, text))).map(believable).unwrap_or_default()
}

/// Reads what a file that is a key as a whole states: a private key in DER, OpenPGP packets.
pub fn read_file(bytes: &[u8]) -> Evidence {
    let found = private_key::read_der(bytes).or_else(|| openpgp::evidence(bytes));
    found.map(believable).unwrap_or_default()
}

/// Drops every date that cannot be one.
fn believable(mut evidence: Evidence) -> Evidence {
    let fits = |time: &DateTime<Utc>| YEARS.contains(&time.year());
    evidence.created = evidence.created.filter(fits);
    evidence.not_before = evidence.not_before.filter(fits);
    evidence.expires = evidence.expires.filter(|ends| match ends {
        Ends::At(time) => fits(time),
        Ends::Never => true,
    });
    evidence
}

/// Evidence of one kind.
fn from(source: &'static str) -> Evidence {
    Evidence { source: Some(source), ..Evidence::default() }
}

/// The instant of a text in any known form. A day is its first instant: all kinds of keys read here mean it so.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    match date::read(text).ok()? {
        Written::At(time) => Some(time),
        Written::Day(day) => Some(date::day_start(day)),
        Written::Local(local) => Some(local.and_utc()),
        Written::Never | Written::Unset => None,
    }
}

/// Unix time as keys state it.
fn unix(number: f64) -> Option<DateTime<Utc>> {
    match date::unix(number) {
        Ok(Written::At(time)) => Some(time),
        _ => None,
    }
}

/// Base64 in either alphabet, with or without padding.
fn base64(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=');
    data_encoding::BASE64URL_NOPAD
        .decode(text.as_bytes())
        .or_else(|_| data_encoding::BASE64_NOPAD.decode(text.as_bytes()))
        .ok()
}

#[cfg(test)]
mod tests;
