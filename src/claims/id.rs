//! Identifiers with a time inside: UUID 1, 6 and 7, ULID, ObjectId, KSUID, snowflakes.

use chrono::{DateTime, Utc};

use super::from;
use crate::finding::Evidence;

/// 100-nanosecond steps between the Gregorian calendar's first day and 1970.
const GREGORIAN: i64 = 0x01b2_1dd2_1381_4000;
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The time inside the identifier of the given kind that stands in `text`, possibly after a prefix.
pub fn read(kind: &str, text: &str) -> Option<Evidence> {
    let (source, created) = match kind {
        "uuid1" | "uuid6" | "uuid7" | "uuid" => ("uuid", uuid(last(text, 36)?)),
        "ulid" => ("ulid", ulid(last(text, 26)?)),
        "objectid" => ("objectid", objectid(last(text, 24)?)),
        "ksuid" => ("ksuid", ksuid(last(text, 27)?)),
        "snowflake-discord" => ("snowflake", snowflake(text, 1_420_070_400_000)),
        "snowflake-twitter" => ("snowflake", snowflake(text, 1_288_834_974_657)),
        _ => return None,
    };
    let mut evidence = from(source);
    evidence.created = Some(created?);
    Some(evidence)
}

fn last(text: &str, length: usize) -> Option<&str> {
    text.get(text.len().checked_sub(length)?..)
}

fn millis(number: u64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(i64::try_from(number).ok()?)
}

fn uuid(text: &str) -> Option<DateTime<Utc>> {
    let digits = text.replace('-', "");
    let number = u128::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 32)?;
    let version = (number >> 76) & 0xf;
    let part = |shift: u32, bits: u32| -> u64 {
        u64::try_from((number >> shift) & ((1 << bits) - 1)).expect("masked to fewer than 64 bits")
    };
    let steps = match version {
        7 => return millis(part(80, 48)),
        1 => (part(64, 12) << 48) | (part(80, 16) << 32) | part(96, 32),
        6 => (part(80, 48) << 12) | part(64, 12),
        _ => return None,
    };
    let since_1970 = i64::try_from(steps).ok()?.checked_sub(GREGORIAN)?;
    DateTime::from_timestamp(
        since_1970.div_euclid(10_000_000),
        u32::try_from(since_1970.rem_euclid(10_000_000)).ok()? * 100,
    )
}

fn digits(text: &str, alphabet: &[u8]) -> Option<u128> {
    text.bytes().try_fold(0u128, |sum, byte| {
        let digit = alphabet.iter().position(|one| *one == byte)?;
        sum.checked_mul(alphabet.len() as u128)?.checked_add(digit as u128)
    })
}

fn ulid(text: &str) -> Option<DateTime<Utc>> {
    millis(u64::try_from(digits(&text.get(..10)?.to_ascii_uppercase(), CROCKFORD)?).ok()?)
}

fn objectid(text: &str) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(i64::from_str_radix(text.get(..8)?, 16).ok()?, 0)
}

/// 20 bytes in base 62: four of seconds since 2014-05-13, sixteen of chance.
fn ksuid(text: &str) -> Option<DateTime<Utc>> {
    let mut bytes = [0u8; 20];
    for byte in text.bytes() {
        let mut carry = u32::try_from(BASE62.iter().position(|one| *one == byte)?).ok()?;
        for place in bytes.iter_mut().rev() {
            carry += u32::from(*place) * 62;
            *place = u8::try_from(carry & 0xff).expect("masked to a byte");
            carry >>= 8;
        }
        if carry != 0 {
            return None;
        }
    }
    let seconds = u32::from_be_bytes(bytes[..4].try_into().expect("four bytes"));
    ksuid_seconds(seconds)
}

fn ksuid_seconds(seconds: u32) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(i64::from(seconds) + 1_400_000_000, 0)
}

fn snowflake(text: &str, epoch: u64) -> Option<DateTime<Utc>> {
    millis((text.parse::<u64>().ok()? >> 22) + epoch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_of_one_instant() {
        let expected = DateTime::from_timestamp(1_773_500_966, 0);
        assert_eq!(objectid("69b57a260123456789abcdef"), expected);
        assert_eq!(ulid("01KKPEA93G0000000000000000"), expected);
        assert_eq!(uuid("019cece5-2470-7000-8000-000000000000"), expected);
        assert_eq!(uuid("ca609700-1fb7-11f1-8000-000000000000"), expected);
        assert_eq!(uuid("1f11fb7c-a609-6700-8000-000000000000"), expected);
        assert_eq!(snowflake("1482395236696064000", 1_420_070_400_000), expected);
        assert_eq!(snowflake("2032836506153910272", 1_288_834_974_657).map(crate::date::whole_seconds), expected);
        assert_eq!(ksuid_seconds(373_500_966), expected);
    }

    #[test]
    fn a_ksuid_holds_its_seconds_in_front() {
        // 2^128 times the seconds, in base 62.
        let mut value = vec![0u8; 20];
        value[..4].copy_from_slice(&373_500_966u32.to_be_bytes());
        let mut text = Vec::new();
        for _ in 0..27 {
            let mut rest = 0u32;
            for byte in &mut value {
                rest = (rest << 8) | u32::from(*byte);
                *byte = u8::try_from(rest / 62).unwrap();
                rest %= 62;
            }
            text.push(BASE62[rest as usize]);
        }
        text.reverse();
        let evidence = read("ksuid", std::str::from_utf8(&text).unwrap()).expect("it is one");
        assert_eq!(evidence.created, DateTime::from_timestamp(1_773_500_966, 0));
    }

    #[test]
    fn random_uuids_hold_no_time() {
        assert_eq!(uuid("7bd95753-af41-4ac7-9200-e4f01a4a1523"), None);
    }
}
