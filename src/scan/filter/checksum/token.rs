//! Checks of tokens: sums that end them, fields that they are made of, and what they hold in base64.

use data_encoding::{BASE32_NOPAD, BASE64_NOPAD, BASE64URL_NOPAD};
use serde_json::Value;

use super::{Outcome, base62, verdict};

/// GitHub's classic tokens: CRC32 of the 30 random characters as six base-62 digits
/// (github.blog, "Behind GitHub's new authentication token formats"). Fine-grained and long forms carry none that is
/// documented.
pub(super) fn github(value: &[u8]) -> Outcome {
    if value.len() == 40 && value.starts_with(b"gh") { tail_crc(value, 4, 6, 30) } else { Outcome::Absent }
}

/// npm's tokens: CRC32 of the 30 random characters, as GitHub's
/// (github.blog/changelog, "npm has a new access token format").
pub(super) fn npm(value: &[u8]) -> Outcome {
    tail_crc(value, 4, 6, 30)
}

/// Tokens of netbird, Polar and Vercel: behind the last `_` 30, 37 or 50 random characters, and their CRC32 as six base-62
/// digits (github.com/netbirdio/netbird, `personal_access_token.go`; github.com/polarsource/polar, `kit/crypto.py`; Vercel's
/// was found by computing it for tokens in public code).
pub(super) fn base62_crc(value: &[u8]) -> Outcome {
    const DIGITS: usize = 6;
    let prefix = value.iter().rposition(|&byte| byte == b'_').map_or(0, |sign| sign + 1);
    match value.len() - prefix {
        length @ (36 | 43 | 56) => tail_crc(value, prefix, DIGITS, length - DIGITS),
        _ => Outcome::Absent,
    }
}

fn tail_crc(value: &[u8], prefix: usize, digits: usize, body: usize) -> Outcome {
    if value.len() != prefix + body + digits {
        return Outcome::Absent;
    }
    let (body, check) = value[prefix..].split_at(body);
    verdict(base62(crc32fast::hash(body), digits).as_bytes() == check)
}

/// How many hexadecimal digits a CRC32 has.
const HEX_DIGITS: usize = 8;

/// Tokens that end in the CRC32 of everything before, as eight hexadecimal digits: Private Packagist
/// (packagist.com/docs/composer-authentication, "How to calculate the checksum"); Atlassian, Bitbucket and Trello, whose sum was
/// found by computing it for tokens in public code.
pub(super) fn hex_crc(value: &[u8]) -> Outcome {
    let (head, sum) = value.split_at(value.len().saturating_sub(HEX_DIGITS));
    verdict(sum.eq_ignore_ascii_case(format!("{:08x}", crc32fast::hash(head)).as_bytes()))
}

/// What ends such a token, in the case that its issuer writes: Atlassian's names begin with `AT`.
pub(super) fn hex_crc_end(head: &[u8]) -> String {
    let sum = format!("{:08x}", crc32fast::hash(head));
    if head.starts_with(b"AT") { sum.to_ascii_uppercase() } else { sum }
}

/// Tokens that end in the CRC32 of what stands behind the name of their kind, as eight hexadecimal digits: Cloudflare's and
/// Zuplo's, which document that there is a sum (developers.cloudflare.com, "Token formats"; zuplo.com, "API key best practices").
/// Which one was found by computing it for tokens in public code.
pub(super) fn body_hex_crc(value: &[u8]) -> Outcome {
    let (head, sum) = value.split_at(value.len().saturating_sub(HEX_DIGITS));
    verdict(body_hex_crc_end(head).as_bytes() == sum)
}

/// What ends a token of Cloudflare or Zuplo.
pub(super) fn body_hex_crc_end(head: &[u8]) -> String {
    let body = head.iter().position(|&byte| byte == b'_').map_or(head, |sign| &head[sign + 1..]);
    format!("{:08x}", crc32fast::hash(body.strip_suffix(b"_").unwrap_or(body)))
}

/// Tokens of Synapse, where `_` stands before the sum, and of Apify: six digits of base 62, lower-case letters first, are the
/// CRC32 of everything before (github.com/element-hq/synapse, `handlers/auth.py`; Apify's was found by computing it for
/// tokens in public code).
pub(super) fn lower_base62_crc(value: &[u8]) -> Outcome {
    let (head, sum) = value.split_at(value.len().saturating_sub(6));
    verdict(lower_base62_crc_end(head).as_bytes() == sum)
}

/// What ends such a token.
pub(super) fn lower_base62_crc_end(head: &[u8]) -> String {
    let head = head.strip_suffix(b"_").unwrap_or(head);
    let swap =
        |digit: char| if digit.is_ascii_uppercase() { digit.to_ascii_lowercase() } else { digit.to_ascii_uppercase() };
    base62(crc32fast::hash(head), 6).chars().map(swap).collect()
}

/// Digits of base 62 that end a token of the Matrix Authentication Service: the CRC32 of what stands before the last `_`, its
/// least digit first (github.com/element-hq/matrix-authentication-service, `data-model/src/tokens.rs`).
pub(super) fn matrix(value: &[u8]) -> Outcome {
    let (head, sum) = value.split_at(value.len().saturating_sub(6));
    verdict(matrix_end(head).as_bytes() == sum)
}

/// What ends a token of the Matrix Authentication Service.
pub(super) fn matrix_end(head: &[u8]) -> String {
    let digits = base62(crc32fast::hash(head.strip_suffix(b"_").unwrap_or(head)), 6);
    let reversed: String = digits.trim_start_matches('0').chars().rev().collect();
    format!("{reversed:0>6}")
}

/// `RunPod`'s keys: `rpa_`, forty characters and their CRC32 in base 36, found by computing it for keys in public code.
pub(super) fn runpod(value: &[u8]) -> Outcome {
    let (head, sum) = value.split_at(value.len().min(44));
    verdict(runpod_end(head).as_bytes() == sum)
}

/// What ends a key of `RunPod`.
pub(super) fn runpod_end(head: &[u8]) -> String {
    let sum = usize::try_from(crc32fast::hash(head.get(4..).unwrap_or_default())).unwrap_or_default();
    let digits = base36(sum, 7);
    digits.strip_prefix('0').map_or_else(|| digits.clone(), str::to_owned)
}

/// `WorkOS`' keys: base64 of `key_`, a ULID, a comma and a random part, in every key seen in public code.
pub(super) fn workos(value: &[u8]) -> Outcome {
    const ULID: usize = 26;
    let body = value.rsplit(|&byte| byte == b'_').next().unwrap_or_default();
    let body: Vec<u8> = body.iter().copied().filter(|byte| *byte != b'=').collect();
    let inner = BASE64_NOPAD.decode(&body).or_else(|_| BASE64URL_NOPAD.decode(&body)).unwrap_or_default();
    let Some(rest) = inner.strip_prefix(b"key_") else { return Outcome::Failed };
    let crockford = |byte: &u8| byte.is_ascii_digit() || (byte.is_ascii_uppercase() && !b"ILOU".contains(byte));
    verdict(rest.len() > ULID + 1 && rest[..ULID].iter().all(crockford) && rest[ULID] == b',')
}

/// Groq's keys hold `XgroqX` in base64 behind their twentieth character, in every key seen in public code.
pub(super) fn groq(value: &[u8]) -> Outcome {
    const MARK: &[u8] = b"WGdyb3FY";
    verdict(value.get(24..24 + MARK.len()) == Some(MARK))
}

/// `glsa_<32>_<8 hex digits>`: the CRC32 of all that stands before the last `_`, its lowest byte first
/// (github.com/grafana/grafana, `satokengen/tokengen.go`).
pub(super) fn grafana(value: &[u8]) -> Outcome {
    let Some(sign) = value.iter().rposition(|&byte| byte == b'_') else { return Outcome::Absent };
    let (head, sum) = value.split_at(sign);
    if !head.starts_with(b"glsa_") {
        return Outcome::Absent;
    }
    verdict(grafana_end(head).as_bytes() == sum)
}

/// What ends a token of Grafana that stands up to its last `_`.
pub(super) fn grafana_end(head: &[u8]) -> String {
    format!("_{:08x}", crc32fast::hash(head).swap_bytes())
}

/// Grafana's keys in base64: a JSON object of key and name, after `glc_` in the newer ones
/// (grafana.com/docs, "Access policies" and "API keys").
pub(super) fn grafana_json(value: &[u8]) -> Outcome {
    let body = value.strip_prefix(b"glc_").unwrap_or(value);
    verdict(object(body).is_some_and(|json| json.contains_key("k") && json.contains_key("n")))
}

/// Mapbox's tokens: `sk.`, `pk.` or `tk.`, a JSON object of user and key, and a signature
/// (docs.mapbox.com, "Tokens API"). Tinybird's: `p.`, an object of workspace and token, and a signature.
pub(super) fn mapbox(value: &[u8]) -> Outcome {
    let body = value.split(|&byte| byte == b'.').nth(1).unwrap_or_default();
    verdict(object(body).is_some_and(|json| json.contains_key("u")))
}

/// GitLab's routable tokens end in `.`, two base-36 digits that count the characters of the payload, and seven that are a CRC32
/// of everything before them (handbook.gitlab.com, design document "Routable tokens").
pub(super) fn gitlab(value: &[u8]) -> Outcome {
    let Some(dot) = value.iter().rposition(|&byte| byte == b'.') else { return Outcome::Absent };
    if value.len() != dot + 10 {
        return Outcome::Absent;
    }
    let sum = std::str::from_utf8(&value[dot + 3..]).unwrap_or_default();
    verdict(u32::from_str_radix(sum, 36).is_ok_and(|sum| sum == crc32fast::hash(&value[..dot + 3])))
}

/// What ends a routable token that stands up to its last dot.
pub(super) fn gitlab_end(head: &[u8]) -> Option<String> {
    let payload = head.split(|&byte| byte == b'.').next()?;
    let payload = &payload[payload.iter().position(|&byte| byte == b'-')? + 1..];
    let counted = [head, base36(payload.len(), 2).as_bytes()].concat();
    let sum = usize::try_from(crc32fast::hash(&counted)).ok()?;
    Some(format!("{}{}", base36(payload.len(), 2), base36(sum, 7)))
}

fn base36(mut number: usize, width: usize) -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut digits = vec!['0'; width];
    for digit in digits.iter_mut().rev() {
        *digit = char::from(DIGITS[number % 36]);
        number /= 36;
    }
    digits.into_iter().collect()
}

/// `pypi-` and a macaroon in base64url whose location is an index of the Python Package Index.
pub(super) fn pypi(value: &[u8]) -> Outcome {
    let Some(body) = value.strip_prefix(b"pypi-") else { return Outcome::Absent };
    let trimmed = &body[..body.len() - body.len() % 4];
    let decoded = BASE64URL_NOPAD.decode(trimmed).unwrap_or_default();
    verdict(decoded.first() == Some(&2) && decoded.windows(8).any(|part| part == b"pypi.org"))
}

/// A JSON object in base64 of either alphabet.
fn object(part: &[u8]) -> Option<serde_json::Map<String, Value>> {
    let part: Vec<u8> = part.iter().copied().filter(|byte| *byte != b'=').collect();
    let bytes = BASE64URL_NOPAD.decode(&part).or_else(|_| BASE64_NOPAD.decode(&part)).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// Three base64url parts, the first two JSON objects; or five parts with a JSON header (encrypted). The header names
/// its algorithm (RFC 7515, section 4.1.1; RFC 7516, section 4.1.1). A payload that does not read under a header that does
/// says nothing: payloads are cut and masked where they are logged.
pub(super) fn jwt(value: &[u8]) -> Outcome {
    let parts: Vec<&[u8]> = value.split(|&byte| byte == b'.').collect();
    let header = |part: &[u8]| object(part).is_some_and(|json| json.get("alg").is_some_and(Value::is_string));
    match parts.as_slice() {
        [first, payload, _] if header(first) && object(payload).is_none() => Outcome::Absent,
        [first, _, _] | [first, _, _, _, _] => verdict(header(first)),
        _ => Outcome::Failed,
    }
}

/// Key ids are four letters and sixteen base-32 digits. In ids of the present generation, whose fifth character is `Q` or
/// later, 40 bits are the account, a decimal number of twelve digits
/// (summitroute.com, "AWS key ids"; medium.com/@TalBeerySec, "A short note on AWS key id").
pub(super) fn aws_key_id(value: &[u8]) -> Outcome {
    /// The largest account.
    const LAST_ACCOUNT: u64 = 999_999_999_999;
    let digit = |byte: &u8| match byte {
        b'A'..=b'Z' => Some(u64::from(byte - b'A')),
        b'2'..=b'7' => Some(u64::from(byte - b'2') + 26),
        _ => None,
    };
    let body = value.get(4..).unwrap_or_default();
    let digits: Option<Vec<u64>> = body.iter().map(digit).collect();
    let Some(digits) = digits.filter(|digits| digits.len() == 16) else { return Outcome::Failed };
    // The account stands behind the first bit.
    let bits = digits[..9].iter().fold(0, |bits, digit| bits << 5 | digit);
    let account = bits >> 4 & ((1 << 40) - 1);
    // `Q` is the first digit with that bit.
    verdict(digits[0] < 16 || account <= LAST_ACCOUNT)
}

/// Microsoft's identifiable keys carry a fixed mark of the service before their last characters.
pub(super) fn azure(value: &[u8]) -> Outcome {
    const MARKS: &[&[u8]] = &[
        b"JQQJ9", b"+ASt", b"AzFu", b"ACDb", b"AIoT", b"APIM", b"AzSe", b"+ACR", b"ACRD", b"AAzC", b"AzCa", b"+ASb",
        b"+AEh", b"+ARm",
    ];
    verdict(MARKS.iter().any(|mark| value.windows(mark.len()).any(|part| part == *mark)))
}

/// Slack's bot and user tokens: numbers of ten to thirteen digits for team, bot or user, and 24 letters and digits for a
/// bot, 32 hexadecimal digits for a user (api.slack.com, "Token types").
pub(super) fn slack(value: &[u8]) -> Outcome {
    let fields: Vec<&[u8]> = value.split(|&byte| byte == b'-').collect();
    let number = |field: &&[u8]| (10..=13).contains(&field.len()) && field.iter().all(u8::is_ascii_digit);
    match fields.as_slice() {
        [b"xoxb", numbers @ .., key] => verdict(numbers.iter().all(number) && numbers.len() == 2 && key.len() == 24),
        [b"xoxp", numbers @ .., key] => {
            let hexadecimal = key.len() == 32 && key.iter().all(u8::is_ascii_hexdigit);
            verdict(numbers.iter().all(number) && numbers.len() == 3 && hexadecimal)
        }
        _ => Outcome::Absent,
    }
}

/// The first part is the bot's numeric id in base64.
pub(super) fn discord(value: &[u8]) -> Outcome {
    let first = value.split(|&byte| byte == b'.').next().unwrap_or_default();
    let id = BASE64_NOPAD.decode(first).or_else(|_| BASE64URL_NOPAD.decode(first)).unwrap_or_default();
    verdict((15..=20).contains(&id.len()) && id.iter().all(u8::is_ascii_digit))
}

/// Snyk's tokens: a prefix, eight digits, a JSON object that names the host and the end, and a signature
/// (github.com/snyk/go-application-framework, `auth/`).
pub(super) fn snyk(value: &[u8]) -> Outcome {
    let body = value.split(|&byte| byte == b'.').nth(2).unwrap_or_default();
    verdict(object(body).is_some_and(|json| json.contains_key("h") && json.contains_key("e")))
}

/// Keys of Weaviate Cloud: base64 of sixteen characters, a random part and a version, in every key seen in public code.
pub(super) fn weaviate(value: &[u8]) -> Outcome {
    let inner = BASE64_NOPAD.decode(value).unwrap_or_default();
    verdict(inner.is_ascii() && inner.get(16) == Some(&b'_') && inner.ends_with(b"=_v200"))
}

/// Convex's keys: a deployment, `|`, and a JSON object whose `v2` is the key, in every key seen in public code.
pub(super) fn convex(value: &[u8]) -> Outcome {
    let body = value.rsplit(|&byte| byte == b'|').next().unwrap_or_default();
    verdict(object(body).is_some_and(|json| json.get("v2").is_some_and(Value::is_string)))
}

/// `OneSignal`'s keys hold the random UUID of their application or organization in base 32, in every key seen in public code.
pub(super) fn onesignal(value: &[u8]) -> Outcome {
    const DIGITS: std::ops::Range<usize> = 10..34;
    let digits = value.get(DIGITS).unwrap_or_default().to_ascii_uppercase();
    let id = BASE32_NOPAD.decode(&digits).unwrap_or_default();
    verdict(id.len() == 15 && id[6] >> 4 == 4 && id[8] >> 6 == 2)
}

/// Upstash's tokens of the present form state the number of their database twice, in two bytes and at the end, in every one
/// seen in public code.
pub(super) fn upstash(value: &[u8]) -> Outcome {
    const KIND: &[u8] = b"\0\x02'p";
    let digits: Vec<u8> = value.iter().copied().filter(|byte| *byte != b'=').collect();
    let bytes = BASE64_NOPAD.decode(&digits).or_else(|_| BASE64URL_NOPAD.decode(&digits)).unwrap_or_default();
    let [1, high, low, rest @ ..] = bytes.as_slice() else { return Outcome::Absent };
    if !rest.starts_with(KIND) {
        return Outcome::Absent;
    }
    let number = rest.rsplit(|&byte| byte == b'p').next().unwrap_or_default();
    // One digit, which is no part of the number, stands behind the `p`.
    let number = std::str::from_utf8(number.get(1..).unwrap_or_default()).unwrap_or_default();
    verdict(number.parse() == Ok(u16::from_be_bytes([*high, *low])))
}

/// Sentry's tokens without a prefix were two random UUIDs, later 32 random bytes (github.com/getsentry/sentry,
/// `models/apitoken.py`): the digits that version 4 fixes say that it is one of the first kind.
pub(super) fn sentry_uuids(value: &[u8]) -> Outcome {
    const UUID: usize = 32;
    let fourth = |uuid: &[u8]| uuid[12] == b'4' && matches!(uuid[16], b'8' | b'9' | b'a' | b'b');
    let both = value.len() == 2 * UUID && value.chunks(UUID).all(fourth);
    if both { Outcome::Passed } else { Outcome::Absent }
}

/// `sntrys_`, a JSON object in base64 that says when it was made, and a random part
/// (develop.sentry.dev, "Organization auth tokens").
pub(super) fn sentry(value: &[u8]) -> Outcome {
    let Some(rest) = value.strip_prefix(b"sntrys_") else { return Outcome::Absent };
    let body = rest.split(|&byte| byte == b'_').next().unwrap_or_default();
    verdict(object(body).is_some_and(|json| json.contains_key("iat")))
}
