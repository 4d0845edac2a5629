//! Joins and generates the keys of rule examples, so that no rule file holds a whole live-looking key.

use data_encoding::{BASE64, BASE64URL_NOPAD};

use super::definition::Example;

const DIGITS: &str = "0123456789";
const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Why an example could not be put together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A generator that does not exist.
    #[error("unknown generator `<{0}>`")]
    UnknownGenerator(String),
    /// `<checksum>` in a rule without one, or with one that cannot be completed.
    #[error("`<checksum>` cannot be completed for this rule")]
    NoChecksum,
}

/// The example's whole text, and its key.
///
/// The same rule and index always give the same text. `complete` computes what `<checksum>` stands for from what comes
/// before it.
///
/// # Errors
/// A piece is not understood.
pub fn assemble(
    example: &Example,
    seed: &str,
    complete: &dyn Fn(&[u8]) -> Option<String>,
) -> Result<(String, String), Error> {
    let mut random = Random::new(seed);
    let mut text = example.text.clone();
    for (name, pieces) in &example.parts {
        let value = join(pieces, &mut random, complete)?;
        text = text.replace(&format!("{{{name}}}"), &value);
    }
    let secret = join(&example.secret, &mut random, complete)?;
    Ok((text.replace("{secret}", &secret), secret))
}

fn join(pieces: &[String], random: &mut Random, complete: &dyn Fn(&[u8]) -> Option<String>) -> Result<String, Error> {
    let mut value = String::new();
    for piece in pieces {
        match piece.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')) {
            Some("checksum") => value.push_str(&complete(value.as_bytes()).ok_or(Error::NoChecksum)?),
            Some(generator) => value.push_str(&generate(generator, random)?),
            None => value.push_str(piece),
        }
    }
    Ok(value)
}

fn generate(generator: &str, random: &mut Random) -> Result<String, Error> {
    let unknown = || Error::UnknownGenerator(generator.to_owned());
    if generator == "uuid" {
        return Ok(uuid(random));
    }
    let (class, argument) = generator.split_once(':').ok_or_else(unknown)?;
    match class {
        "b64" => Ok(BASE64.encode(fill(argument, random).as_bytes())),
        "b64url" => Ok(BASE64URL_NOPAD.encode(fill(argument, random).as_bytes())),
        _ => {
            let length = argument.parse().map_err(|_| unknown())?;
            Ok(random.draw(&alphabet(class).ok_or_else(unknown)?, length))
        }
    }
}

fn uuid(random: &mut Random) -> String {
    let hex = random.draw("0123456789abcdef", 32);
    format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}

/// Replaces `(class:length)` and `(uuid)` inside the argument of `b64` and `b64url`.
fn fill(text: &str, random: &mut Random) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some(open) = rest.find('(') {
        let Some(close) = rest[open..].find(')') else { break };
        let inner = &rest[open + 1..open + close];
        filled.push_str(&rest[..open]);
        match inner.split_once(':').and_then(|(class, length)| Some((alphabet(class)?, length.parse().ok()?))) {
            Some((letters, length)) => filled.push_str(&random.draw(&letters, length)),
            None if inner == "uuid" => filled.push_str(&uuid(random)),
            None => filled.push_str(&rest[open..=open + close]),
        }
        rest = &rest[open + close + 1..];
    }
    filled.push_str(rest);
    filled
}

fn alphabet(class: &str) -> Option<String> {
    Some(match class {
        "digit" => DIGITS.to_owned(),
        "lower" => LOWER.to_owned(),
        "upper" => UPPER.to_owned(),
        "alpha" => format!("{LOWER}{UPPER}"),
        "alnum" => format!("{DIGITS}{UPPER}{LOWER}"),
        "lower-alnum" => format!("{DIGITS}{LOWER}"),
        "upper-alnum" => format!("{DIGITS}{UPPER}"),
        "hex" => format!("{DIGITS}abcdef"),
        "HEX" => format!("{DIGITS}ABCDEF"),
        "base32" => format!("{UPPER}234567"),
        "base58" => "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".to_owned(),
        "bech32" => "qpzry9x8gf2tvdw0s3jn54khce6mua7l".to_owned(),
        "BECH32" => "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L".to_owned(),
        "base64" => format!("{DIGITS}{UPPER}{LOWER}+/"),
        "base64url" => format!("{DIGITS}{UPPER}{LOWER}-_"),
        _ => return None,
    })
}

/// `SplitMix64`, seeded by a text: examples must be the same on every machine, and need no more randomness than that.
struct Random(u64);

impl Random {
    fn new(seed: &str) -> Self {
        let start = 0xcbf2_9ce4_8422_2325;
        Self(seed.bytes().fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Draws `length` letters. Consecutive letters differ and every kind of character in the alphabet turns up early,
    /// so that a generated key never looks like a placeholder.
    fn draw(&mut self, alphabet: &str, length: usize) -> String {
        let letters: Vec<char> = alphabet.chars().collect();
        let kinds = [char::is_numeric as fn(char) -> bool, char::is_lowercase, char::is_uppercase];
        let mut drawn: Vec<char> = Vec::with_capacity(length);
        while drawn.len() < length {
            let pool: Vec<char> = match kinds.get(drawn.len()) {
                Some(kind) if letters.iter().any(|letter| kind(*letter)) => {
                    letters.iter().copied().filter(|letter| kind(*letter)).collect()
                }
                _ => letters.clone(),
            };
            let count = pool.len() as u64;
            let letter = pool[usize::try_from(self.next() % count).expect("smaller than the pool")];
            if drawn.last() != Some(&letter) || letters.len() == 1 {
                drawn.push(letter);
            }
        }
        drawn.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(text: &str, secret: &[&str]) -> Example {
        Example {
            text: text.to_owned(),
            secret: secret.iter().map(|piece| (*piece).to_owned()).collect(),
            parts: vec![("a".to_owned(), vec!["<digit:4>".to_owned()])],
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_key() {
        let example = example("id={a} key={secret}", &["pre_", "<alnum:20>"]);
        let one = assemble(&example, "x", &|_| None);
        assert_eq!(one, assemble(&example, "x", &|_| None));
        assert_ne!(one, assemble(&example, "y", &|_| None));
        let (text, secret) = one.expect("the pieces are right");
        assert_eq!(secret.len(), 24);
        assert!(text.ends_with(&secret) && !text.contains('{'));
    }

    #[test]
    fn unknown_pieces_are_errors() {
        let error = assemble(&example("{secret}", &["<what:3>"]), "x", &|_| None);
        assert_eq!(error, Err(Error::UnknownGenerator("what:3".to_owned())));
        assert_eq!(assemble(&example("{secret}", &["<checksum>"]), "x", &|_| None), Err(Error::NoChecksum));
    }

    #[test]
    fn encoded_pieces_may_hold_generators() {
        let (_, secret) = assemble(&example("{secret}", &["<b64:user:(hex:4)>"]), "x", &|_| None).expect("right");
        let decoded = BASE64.decode(secret.as_bytes()).expect("base64");
        assert!(decoded.starts_with(b"user:") && decoded.len() == 9);
        let (_, secret) = assemble(&example("{secret}", &["<b64:(uuid)>"]), "x", &|_| None).expect("right");
        assert_eq!(BASE64.decode(secret.as_bytes()).expect("base64").len(), 36);
    }
}
