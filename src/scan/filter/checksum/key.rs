//! Checks of private keys: whether the body is whole, and sums of the alphabets that people copy keys in.

use data_encoding::{BASE32_NOPAD, BASE64, BASE64_NOPAD};
use sha2::{Digest, Sha256};

use super::{Outcome, verdict};
use crate::claims::binary::Reader;
use crate::scan::keystore;

/// Shortest body of a key, in characters of base64.
const SHORTEST: usize = 40;

/// A key between PEM lines. Its body is base64 of ASN.1, of OpenSSH's own form or of PGP packets, or it is no key. Where the
/// lengths inside it account for all of it, or PGP's own sum holds, it is whole. Keys in source code are joined from
/// quoted lines or hold `\n` as two characters; some stand on one line.
pub(super) fn private_key(value: &[u8]) -> Outcome {
    let text = String::from_utf8_lossy(value).replace("\\n", "\n").replace("\\r", "\n");
    let Some((_, after)) = text.split_once("-----BEGIN").and_then(|(_, rest)| rest.split_once("-----")) else {
        return Outcome::Broken;
    };
    let inner = after.split("-----END").next().unwrap_or_default();
    // Header lines such as `Proc-Type: 4,ENCRYPTED` are no part of the body.
    let lines = || inner.lines().filter(|line| !line.contains(": "));
    let body: Vec<u8> = lines().flat_map(str::bytes).filter(|byte| is_digit(*byte)).collect();
    if body.len() < SHORTEST {
        return Outcome::Broken;
    }
    // What is encrypted shows nothing of its form.
    if inner.contains("DEK-Info:") {
        return Outcome::Absent;
    }
    // Whole groups only, where more is there: a checksum line or a join operator may have left a few characters over.
    let groups = &body[..body.len() / 4 * 4];
    let bytes = BASE64_NOPAD.decode(&body).or_else(|_| BASE64_NOPAD.decode(groups)).unwrap_or_default();
    let whole = match bytes.first() {
        Some(0x30) => is_whole_sequence(&bytes),
        Some(first) if first & 0x80 != 0 => is_armoured(lines()),
        _ if bytes.starts_with(OPENSSH) => is_whole_openssh(&bytes[OPENSSH.len()..]),
        _ => return Outcome::Broken,
    };
    if whole { Outcome::Passed } else { Outcome::Absent }
}

/// PKCS#12 in base64. One that holds certificates alone is no key.
pub(super) fn pkcs12(value: &[u8]) -> Outcome {
    let trusts = BASE64.decode(value).is_ok_and(|bytes| keystore::holds_certificates_alone(&bytes));
    if trusts { Outcome::Broken } else { Outcome::Absent }
}

/// What OpenSSH's own form begins with (PROTOCOL.key of OpenSSH).
const OPENSSH: &[u8] = b"openssh-key-v1\0";

fn is_digit(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

/// Whether a DER sequence is as long as it says (X.690, section 8.1.3).
fn is_whole_sequence(bytes: &[u8]) -> bool {
    let (head, length) = match bytes.get(1) {
        Some(&short @ ..=0x7F) => (2, usize::from(short)),
        Some(&long @ 0x81..=0x84) => {
            let count = usize::from(long & 0x7F);
            let Some(digits) = bytes.get(2..2 + count) else { return false };
            (2 + count, digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)))
        }
        _ => return false,
    };
    bytes.len() == head + length
}

/// Cipher, derivation and its options, the number of keys, which is one, its public and its private part: all of it.
fn is_whole_openssh(bytes: &[u8]) -> bool {
    let mut rest = Reader(bytes);
    let strings = |rest: &mut Reader<'_>, count| (0..count).all(|_| rest.string().is_some());
    strings(&mut rest, 3) && rest.u32() == Some(1) && strings(&mut rest, 2) && rest.0.is_empty()
}

/// Whether the sum of PGP's armour holds (RFC 4880, section 6.1).
fn is_armoured<'l>(lines: impl Iterator<Item = &'l str>) -> bool {
    let mut body = String::new();
    for line in lines.map(str::trim) {
        if let Some(sum) = line.strip_prefix('=').filter(|sum| sum.len() == 4) {
            let decoded = BASE64.decode(body.as_bytes()).or_else(|_| BASE64_NOPAD.decode(body.as_bytes()));
            let (Ok(bytes), Ok(sum)) = (decoded, BASE64.decode(sum.as_bytes())) else { return false };
            return sum == crc24(&bytes).to_be_bytes()[1..];
        }
        body.push_str(line);
    }
    false
}

fn crc24(bytes: &[u8]) -> u32 {
    let step = |sum: u32, byte: &u8| {
        (0..8).fold(sum ^ u32::from(*byte) << 16, |sum, _| {
            let shifted = sum << 1;
            if shifted & 0x0100_0000 == 0 { shifted } else { shifted ^ 0x0186_4CFB }
        })
    };
    bytes.iter().fold(0x00B7_04CE, step) & 0x00FF_FFFF
}

/// A key of Curve25519 as WireGuard writes it: the bits that the curve fixes are fixed
/// (wireguard.com; RFC 7748, section 5).
pub(super) fn wireguard(value: &[u8]) -> Outcome {
    match BASE64.decode(value).as_deref() {
        Ok([first, .., last]) if value.len() == 44 => verdict(first.trailing_zeros() >= 3 && last & 0xC0 == 0x40),
        _ => Outcome::Failed,
    }
}

/// Base 58 with four bytes of a double SHA-256: wallet keys (BIP 32, "Serialization format"; en.bitcoin.it, "Wallet import
/// format").
pub(super) fn base58check(value: &[u8]) -> Outcome {
    let Some(bytes) = base58(value) else { return Outcome::Failed };
    let Some((body, sum)) = bytes.split_last_chunk::<4>() else { return Outcome::Failed };
    verdict(Sha256::digest(Sha256::digest(body))[..4] == *sum)
}

fn base58(value: &[u8]) -> Option<Vec<u8>> {
    const DIGITS: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    // Least significant byte first.
    let mut bytes: Vec<u8> = Vec::new();
    for digit in value {
        let mut carry = DIGITS.iter().position(|known| known == digit)?;
        for byte in &mut bytes {
            carry += usize::from(*byte) * 58;
            *byte = u8::try_from(carry & 0xFF).ok()?;
            carry >>= 8;
        }
        while carry > 0 {
            bytes.push(u8::try_from(carry & 0xFF).ok()?);
            carry >>= 8;
        }
    }
    bytes.extend(value.iter().take_while(|digit| **digit == b'1').map(|_| 0));
    bytes.reverse();
    Some(bytes)
}

/// Bech32 (BIP 173): a prefix, `1`, and base 32 of which the last six digits are a sum. Keys of age are written so
/// (age-encryption.org/v1).
pub(super) fn bech32(value: &[u8]) -> Outcome {
    verdict(bech32_sum(value).is_some_and(|sum| sum == 1))
}

/// The six digits that complete a value, in its case.
pub(super) fn bech32_end(head: &[u8]) -> Option<String> {
    let sum = bech32_sum(&[head, b"qqqqqq"].concat())? ^ 1;
    let digit = |place: u32| char::from(BECH32[usize::try_from(sum >> (5 * (5 - place)) & 31).unwrap_or(0)]);
    let end: String = (0..6).map(digit).collect();
    Some(if head.iter().any(u8::is_ascii_uppercase) { end.to_ascii_uppercase() } else { end })
}

const BECH32: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

fn bech32_sum(value: &[u8]) -> Option<u32> {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let lower = value.to_ascii_lowercase();
    let at = lower.iter().rposition(|byte| *byte == b'1')?;
    let (prefix, data) = (&lower[..at], &lower[at + 1..]);
    let digits: Option<Vec<u8>> =
        data.iter().map(|byte| BECH32.iter().position(|known| known == byte)?.try_into().ok()).collect();
    let spread = prefix.iter().map(|byte| byte >> 5).chain([0]).chain(prefix.iter().map(|byte| byte & 31));
    let sum = spread.chain(digits?).fold(1, |sum: u32, digit| {
        let top = sum >> 25;
        let shifted = (sum & 0x01ff_ffff) << 5 ^ u32::from(digit);
        (0..5).filter(|bit| top >> bit & 1 == 1).fold(shifted, |sum, bit| sum ^ GENERATOR[bit])
    });
    Some(sum)
}

/// Base 32 whose last two bytes are a CRC16 of those before them, lower byte first: seeds of Stellar (SEP-0023) and of NATS
/// (the README of nats-io/nkeys).
pub(super) fn base32_crc16(value: &[u8]) -> Outcome {
    let decoded = BASE32_NOPAD.decode(value).unwrap_or_default();
    let Some((body, sum)) = decoded.split_last_chunk::<2>() else { return Outcome::Failed };
    verdict(u16::from_le_bytes(*sum) == crc16(body))
}

/// CRC-16/XMODEM.
fn crc16(bytes: &[u8]) -> u16 {
    let step = |sum: u16, byte: &u8| {
        (0..8).fold(sum ^ u16::from(*byte) << 8, |sum, _| if sum & 0x8000 == 0 { sum << 1 } else { sum << 1 ^ 0x1021 })
    };
    bytes.iter().fold(0, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A key between PEM lines whose body is these bytes.
    fn pem(kind: &str, bytes: &[u8]) -> Vec<u8> {
        format!("-----BEGIN {kind}-----\n{}\n-----END {kind}-----", BASE64.encode(bytes)).into_bytes()
    }

    #[test]
    fn a_key_is_whole_when_its_lengths_account_for_it() {
        let sequence = [&[0x30, 0x81, 200][..], &[7; 200]].concat();
        assert_eq!(private_key(&pem("RSA PRIVATE KEY", &sequence)), Outcome::Passed);
        assert_eq!(private_key(&pem("RSA PRIVATE KEY", &sequence[..150])), Outcome::Absent);
        assert_eq!(private_key(&pem("RSA PRIVATE KEY", &[7; 200])), Outcome::Broken);
        let string = |text: &[u8]| [&u32::try_from(text.len()).unwrap().to_be_bytes()[..], text].concat();
        let parts =
            [string(b"none"), string(b"none"), string(b""), vec![0, 0, 0, 1], string(&[1; 51]), string(&[2; 90])];
        let openssh = [OPENSSH, &parts.concat()].concat();
        assert_eq!(private_key(&pem("OPENSSH PRIVATE KEY", &openssh)), Outcome::Passed);
        assert_eq!(private_key(&pem("OPENSSH PRIVATE KEY", &openssh[..120])), Outcome::Absent);
    }

    #[test]
    fn an_encrypted_pem_body_shows_nothing() {
        let text = String::from_utf8(pem("RSA PRIVATE KEY", &[0x11; 90])).unwrap();
        let headers = "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n";
        assert_eq!(private_key(text.replacen("KEY-----\n", headers, 1).as_bytes()), Outcome::Absent);
        assert_eq!(private_key(text.as_bytes()), Outcome::Broken);
    }

    #[test]
    fn the_sum_of_an_armour_is_checked() {
        let body = [0x95; 60];
        let sum = BASE64.encode(&crc24(&body).to_be_bytes()[1..]);
        let armour = |sum: &str| {
            let kind = "PGP PRIVATE KEY BLOCK";
            format!("-----BEGIN {kind}-----\n\n{}\n={sum}\n-----END {kind}-----", BASE64.encode(&body)).into_bytes()
        };
        assert_eq!(private_key(&armour(&sum)), Outcome::Passed);
        assert_eq!(private_key(&armour("AAAA")), Outcome::Absent);
        assert_eq!(crc24(b"123456789"), 0x0021_CF02, "the check value of CRC-24/OPENPGP");
    }

    #[test]
    fn wireguard_keys_are_clamped() {
        let mut key = [0x5A; 32];
        (key[0], key[31]) = (0xF8, 0x7F);
        assert_eq!(wireguard(BASE64.encode(&key).as_bytes()), Outcome::Passed);
        key[0] = 0xF9;
        assert_eq!(wireguard(BASE64.encode(&key).as_bytes()), Outcome::Failed);
    }

    #[test]
    fn wallet_keys_end_in_a_sum() {
        // The documented sample of the wallet import format, split so that no scanner takes it for a key.
        let sample = ["5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1", "jvhTVqvbTLvyTJ"].concat();
        assert_eq!(base58check(sample.as_bytes()), Outcome::Passed);
        assert_eq!(base58check(sample.replace("5Hue", "5Huf").as_bytes()), Outcome::Failed);
        assert_eq!(base58check(b"0OIl"), Outcome::Failed);
    }

    #[test]
    fn seeds_in_base_32_end_in_a_sum() {
        assert_eq!(crc16(b"123456789"), 0x31C3, "the check value of CRC-16/XMODEM");
        let body = [&[0x90][..], &[7; 32]].concat();
        let seed = |sum: u16| BASE32_NOPAD.encode(&[&body[..], &sum.to_le_bytes()].concat());
        assert_eq!(base32_crc16(seed(crc16(&body)).as_bytes()), Outcome::Passed);
        assert_eq!(base32_crc16(seed(crc16(&body) ^ 1).as_bytes()), Outcome::Failed);
    }

    #[test]
    fn bech32_is_completed_and_checked() {
        let head = [b"AGE-SECRET-KEY-1".as_slice(), &b"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L".repeat(2)[..52]].concat();
        let key = [head.as_slice(), bech32_end(&head).unwrap().as_bytes()].concat();
        assert_eq!(bech32(&key), Outcome::Passed);
        assert_eq!(bech32(b"A12UEL5L"), Outcome::Passed, "a valid value of BIP 173");
        assert_eq!(bech32(b"A12UEL5M"), Outcome::Failed);
    }
}
