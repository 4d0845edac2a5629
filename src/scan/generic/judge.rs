//! How sure it is that an assigned value is a secret: the name, the place and how little it resembles language.

use super::assignment::{Assignment, Bond};
use super::language::{self, Cost};
use super::name::{Class, Meaning};
use super::shape;
use crate::finding::Confidence;
use crate::scan::filter::{DropReason, entropy, placeholder};

/// Least score of a finding that stops a commit, and of one that only an auditor wants to see.
const MEDIUM: f32 = 0.0;
const LOW: f32 = -1.5;

/// Judges a value.
///
/// # Errors
/// What it is instead of a secret.
pub fn judge(text: &[u8], found: &Assignment, meaning: Meaning) -> Result<Confidence, DropReason> {
    let value = found.value.of(text);
    let strong = !meaning.vague && !found.continued;
    if value.len() < shortest(meaning) {
        return Err(DropReason::TooShort);
    }
    if let Some(reason) = placeholder::reason(value) {
        return Err(reason);
    }
    if same_as_name(value, found.name.of(text)) {
        return Err(DropReason::Placeholder);
    }
    match shape::reason(value, found.bond != Bond::Bare) {
        // A random UUID is a fair key where the name says that it is one.
        Some(DropReason::Uuid) if strong && meaning.class != Class::Password => return Ok(Confidence::Medium),
        Some(reason) => return Err(reason),
        None => {}
    }
    if is_named_digest(found.name.of(text), value) {
        return Err(DropReason::Hash);
    }
    let cost = language::cost(value);
    if is_prose(value, cost) || (meaning.class != Class::Password && value.contains(&b' ')) {
        return Err(DropReason::Language);
    }
    if meaning.vague && !is_mixed(value) {
        return Err(DropReason::MissingClass);
    }
    if meaning.class != Class::Password && entropy::shannon(value) < 2.2 {
        return Err(DropReason::LowEntropy);
    }
    let score = score(value, found, meaning, cost);
    if score >= MEDIUM {
        Ok(Confidence::Medium)
    } else if score >= LOW {
        Ok(Confidence::Low)
    } else {
        Err(DropReason::Language)
    }
}

fn shortest(meaning: Meaning) -> usize {
    match meaning.class {
        Class::Password => 4,
        _ if meaning.vague => 10,
        _ => 6,
    }
}

/// Positive where a secret is likelier than not: bits of the cheapest reading and bits per byte, against what the name
/// and the place ask for.
pub fn score(value: &[u8], found: &Assignment, meaning: Meaning, cost: Cost) -> f32 {
    let (least_bits, least_rate) = match (meaning.class, meaning.vague) {
        (Class::Password, _) => (16.0, 2.9),
        (_, false) => (28.0, 3.0),
        (_, true) => (50.0, 3.3),
    };
    let place = match found.bond {
        Bond::Quoted | Bond::Markup => 0.0,
        Bond::Bare | Bond::Option => 0.05,
        Bond::Call | Bond::Compared => 0.25,
    };
    let spaces = value.iter().filter(|byte| **byte == b' ').count() as f32;
    let rate = (cost.per_byte() - least_rate - place) * 3.0;
    let amount = (cost.bits - least_bits * (1.0 + place)) / 8.0;
    let continued = if found.continued { 1.5 } else { 0.0 };
    rate.min(amount) - cost.share_of_words() * 1.0 - spaces * 0.7 - continued
}

/// The value repeats its name: `token = "token"`, `PASSWORD: db_password`.
fn same_as_name(value: &[u8], name: &[u8]) -> bool {
    let folded = |text: &[u8]| -> Vec<u8> {
        text.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect()
    };
    let (value, name) = (folded(value), folded(name));
    value.len() >= 3 && (name.ends_with(&value) || value.ends_with(&name))
}

/// Several words, or a sentence in any language.
fn is_prose(value: &[u8], cost: Cost) -> bool {
    let spaces = value.iter().filter(|byte| **byte == b' ').count();
    let wide = value.iter().filter(|byte| **byte >= 0x80).count();
    spaces > 3 || (spaces > 0 && cost.per_byte() < 2.6) || wide * 4 > value.len()
}

/// Letters and digits both: what a vague name asks for.
fn is_mixed(value: &[u8]) -> bool {
    value.iter().filter(|byte| byte.is_ascii_digit()).count() > 1 && value.iter().any(u8::is_ascii_alphabetic)
}

/// A hexadecimal digest under a name that says so.
fn is_named_digest(name: &[u8], value: &[u8]) -> bool {
    const MARKS: &[&[u8]] = &[b"sha1", b"sha256", b"sha512", b"md5", b"hash", b"digest", b"checksum", b"fingerprint", b"commit", b"integrity"];
    matches!(value.len(), 32 | 40 | 64 | 96 | 128)
        && value.iter().all(u8::is_ascii_hexdigit)
        && MARKS.iter().any(|mark| name.windows(mark.len()).any(|part| part.eq_ignore_ascii_case(mark)))
}
