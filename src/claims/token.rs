//! Vendor tokens that carry dates or identifiers: Sentry, ECR, Bedrock, EKS, AWS key ids, Discord, Grafana,
//! Postman, Snyk, Telnyx, `WorkOS`.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{base64, from, id, unix, url};
use crate::finding::{Ends, Evidence};

/// Milliseconds at which Discord's identifiers begin.
const DISCORD_EPOCH: i64 = 1_420_070_400_000;

/// Reads a token of a known vendor's shape.
pub fn read(text: &str) -> Option<Evidence> {
    let readers: [fn(&str) -> Option<Evidence>; 11] =
        [sentry, eks, bedrock, aws_key_id, discord, grafana, ecr, postman, workos, telnyx, snyk];
    readers.iter().find_map(|reader| reader(text))
}

fn sentry(text: &str) -> Option<Evidence> {
    let body = text.strip_prefix("sntrys_")?.rsplit_once('_')?.0;
    let claims: Value = serde_json::from_slice(&base64(body)?).ok()?;
    let mut evidence = from("sentry");
    evidence.created = unix(claims.get("iat")?.as_f64()?);
    if let Some(org) = claims.get("org").and_then(Value::as_str) {
        evidence.identifiers.push(("sentry-org", org.to_owned()));
    }
    Some(evidence)
}

fn eks(text: &str) -> Option<Evidence> {
    let inner = String::from_utf8(base64(text.strip_prefix("k8s-aws-v1.")?)?).ok()?;
    Some(Evidence { source: Some("eks"), ..url::read(&inner)? })
}

/// Long-term keys name their account; short-term ones are a presigned URL in base64.
fn bedrock(text: &str) -> Option<Evidence> {
    if let Some(body) = text.strip_prefix("ABSK") {
        let inner = String::from_utf8(base64(body)?).ok()?;
        let account = inner.split_once(':')?.0.rsplit_once("-at-")?.1.to_owned();
        let mut evidence = from("bedrock");
        evidence.identifiers.push(("aws-account", account));
        return Some(evidence);
    }
    let inner = String::from_utf8(base64(text.strip_prefix("bedrock-api-key-")?)?).ok()?;
    Some(Evidence { source: Some("bedrock"), ..url::read(&inner)? })
}

/// Newer key ids hold the account number: base32 of what follows the prefix, 40 bits from bit 1.
fn aws_key_id(text: &str) -> Option<Evidence> {
    let temporary = text.starts_with("ASIA");
    let shaped = (temporary || text.starts_with("AKIA"))
        && text.len() == 20
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if !shaped {
        return None;
    }
    let mut evidence = from("aws-key-id");
    evidence.identifiers.push(("aws-key-id", text.to_owned()));
    // Ids of the older generation hold no account: their fifth character is A to P.
    if matches!(text.as_bytes()[4], b'Q'..=b'Z' | b'2'..=b'7')
        && let Ok(bytes) = data_encoding::BASE32.decode(&text.as_bytes()[4..])
    {
        let number = bytes[..6].iter().fold(0u64, |sum, byte| (sum << 8) | u64::from(*byte));
        let account = (number & 0x7fff_ffff_ff80) >> 7;
        evidence.identifiers.push(("aws-account", format!("{account:012}")));
    }
    Some(evidence)
}

/// The first part is the bot's id. The second has had several meanings: its reading counts only if it lies after the bot
/// was made.
fn discord(text: &str) -> Option<Evidence> {
    let mut parts = text.split('.');
    let (user, stamp, mac) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || stamp.len() != 6 || mac.len() < 27 {
        return None;
    }
    let user = String::from_utf8(base64(user)?).ok()?;
    let number: u64 = user.parse().ok().filter(|_| user.len() >= 17)?;
    let born = DateTime::from_timestamp_millis(i64::try_from(number >> 22).ok()? + DISCORD_EPOCH)?;
    let mut evidence = from("discord");
    evidence.identifiers.push(("discord-bot", user));
    evidence.created = discord_stamp(stamp, born);
    Some(evidence)
}

/// Seconds as they are, or counted from 2011-01-01.
fn discord_stamp(stamp: &str, born: DateTime<Utc>) -> Option<DateTime<Utc>> {
    const OFFSET: i64 = 1_293_840_000;
    let bytes: [u8; 4] = base64(stamp)?.try_into().ok()?;
    let seconds = i64::from(u32::from_be_bytes(bytes));
    [seconds, seconds + OFFSET]
        .into_iter()
        .filter_map(|seconds| DateTime::from_timestamp(seconds, 0))
        .find(|time| *time >= born - chrono::TimeDelta::days(1))
}

fn grafana(text: &str) -> Option<Evidence> {
    let claims: Value = serde_json::from_slice(&base64(text.starts_with("eyJrIjoi").then_some(text)?)?).ok()?;
    let mut evidence = from("grafana");
    evidence.identifiers.push(("grafana-key", claims.get("n")?.as_str()?.to_owned()));
    Some(evidence)
}

/// `PMAK-`, an `ObjectId` and a random part, in every key seen in public code.
fn postman(text: &str) -> Option<Evidence> {
    let id = text.strip_prefix("PMAK-")?.split_once('-')?.0;
    let evidence = id::read("objectid", (id.len() == 24).then_some(id)?)?;
    Some(Evidence { source: Some("postman"), ..evidence })
}

/// The end of a token, and its id, a UUID that begins with milliseconds, in every token seen in public code.
fn snyk(text: &str) -> Option<Evidence> {
    let rest = text.strip_prefix("snyk_uat.").or_else(|| text.strip_prefix("snyk_sat."))?;
    let claims: Value = serde_json::from_slice(&base64(rest.split('.').nth(1)?)?).ok()?;
    let mut evidence = from("snyk");
    evidence.expires = unix(claims.get("e")?.as_f64()?).map(Ends::At);
    let id = claims.get("j").and_then(Value::as_str).and_then(base64).filter(|id| id.len() == 16);
    let millis = id.map(|id| id[..6].iter().fold(0i64, |sum, byte| sum << 8 | i64::from(*byte)));
    evidence.created = millis.and_then(DateTime::from_timestamp_millis);
    Some(evidence)
}

/// `KEY`, 128 bits in hexadecimal digits and a random part. The bits begin as those of a ULID do, with milliseconds, in every
/// key seen in public code.
fn telnyx(text: &str) -> Option<Evidence> {
    const DIGITS: usize = 32;
    let id = text.strip_prefix("KEY")?.split_once('_')?.0;
    let shaped = id.len() == DIGITS && id.bytes().all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte));
    let mut evidence = from("telnyx");
    evidence.created = DateTime::from_timestamp_millis(i64::from_str_radix(shaped.then(|| &id[..12])?, 16).ok()?);
    Some(evidence)
}

/// Base64 of `key_`, a ULID, a comma and a random part, in every key seen in public code.
fn workos(text: &str) -> Option<Evidence> {
    let body = text.strip_prefix("sk_live_").or_else(|| text.strip_prefix("sk_test_"))?;
    let inner = String::from_utf8(base64(body)?).ok()?;
    let evidence = id::read("ulid", inner.strip_prefix("key_")?.split_once(',')?.0)?;
    Some(Evidence { source: Some("workos"), ..evidence })
}

/// The password for the user `AWS`: base64 of JSON with `expiration`.
fn ecr(text: &str) -> Option<Evidence> {
    let body = text.strip_prefix("AWS:").unwrap_or(text);
    if !body.starts_with("eyJ") {
        return None;
    }
    let claims: Value = serde_json::from_slice(&base64(body)?).ok()?;
    let mut evidence = from("ecr");
    claims.get("payload")?;
    evidence.expires = unix(claims.get("expiration")?.as_f64()?).map(Ends::At);
    Some(evidence)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    #[test]
    fn keys_that_hold_the_id_they_were_made_with() {
        let instant = DateTime::from_timestamp(1_773_500_966, 0);
        let postman = format!("PMAK-{}-{}", "69b57a260123456789abcdef", "0a".repeat(17));
        assert_eq!(read(&postman).unwrap().created, instant);
        assert!(read("PMAK-69b57a26-00").is_none());
        let inner = "key_01KKPEA93G0000000000000000,hMb72rDiWkYKuEmaWWUOIOoOQ";
        let workos = format!("sk_{}_{}", "test", data_encoding::BASE64_NOPAD.encode(inner.as_bytes()));
        assert_eq!(read(&workos).unwrap().created, instant);
        assert!(read(concat!("sk_te", "st_4eC39HqLyjWDarjt")).is_none());
        let id =
            data_encoding::BASE64URL_NOPAD.encode(&[&[0x01, 0x9C, 0xEC, 0xE5, 0x24, 0x70][..], &[0xA7; 10]].concat());
        let claims = format!(r#"{{"e":1793523600,"h":"snyk.io","j":"{id}"}}"#);
        let snyk = format!("snyk_uat.1fcad39e.{}.AAAA", data_encoding::BASE64URL_NOPAD.encode(claims.as_bytes()));
        let evidence = read(&snyk).unwrap();
        assert_eq!(evidence.created, instant);
        assert_eq!(evidence.expires, Some(Ends::At(DateTime::from_timestamp(1_793_523_600, 0).unwrap())));
        let telnyx = format!("KEY{}_{}", "019CECE52470".to_owned() + &"7A".repeat(10), "aB3d".repeat(5));
        assert_eq!(read(&telnyx).unwrap().created, instant);
        assert!(read(&telnyx.to_ascii_lowercase()).is_none());
    }

    /// Found by the fuzzer: the id was cut before its length was known, and the scan of any file with such a value broke off.
    #[test]
    fn a_value_that_begins_like_a_key_of_telnyx_and_is_short_is_none() {
        for value in ["KEYtI_x", "KEY_", "KEYé_", "KEYs1ncetheé_x"] {
            assert!(read(value).is_none(), "{value}");
        }
    }

    #[test]
    fn both_readings_of_a_discord_stamp() {
        let instant = DateTime::from_timestamp(1_773_500_966, 0).unwrap();
        let born = instant - chrono::TimeDelta::hours(1);
        assert_eq!(discord_stamp("abV6Jg", born), Some(instant));
        assert_eq!(discord_stamp("HJcLpg", born), Some(instant));
        assert_eq!(discord_stamp("AAAAAA", born), None);
    }
}
