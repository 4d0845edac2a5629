//! Offline checks of the value itself, as the providers document them.

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD};

/// What a check says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It holds: the value was made by the provider's own algorithm.
    Passed,
    /// It does not hold: mistyped, altered or invented.
    Failed,
    /// The value is of a kind that carries no check.
    Absent,
}

/// Runs the named check.
pub fn check(name: &str, value: &[u8]) -> Outcome {
    match name {
        "github-crc32" => github(value),
        "npm-crc32" => tail_crc(value, 4, 6, 30),
        "grafana-crc32" => grafana(value),
        "gitlab-routable" => gitlab(value),
        "pypi-macaroon" => pypi(value),
        "jwt" => jwt(value),
        "aws-key-id" => aws_key_id(value),
        "azure-key-signature" => azure(value),
        "slack-shape" => slack(value),
        "discord-id" => discord(value),
        "sentry-json" => sentry(value),
        "private-key" => private_key(value),
        _ => Outcome::Absent,
    }
}

/// What completes an example's value so that the check passes; none where it cannot be completed.
pub fn complete(name: &str, head: &[u8]) -> Option<String> {
    match name {
        "github-crc32" | "npm-crc32" => {
            let body = &head[head.iter().rposition(|&byte| byte == b'_')? + 1..];
            Some(base62(crc32fast::hash(body), 6))
        }
        "grafana-crc32" => {
            let body = &head[head.iter().position(|&byte| byte == b'_')? + 1..];
            Some(format!("_{:08x}", crc32fast::hash(body)))
        }
        _ => None,
    }
}

fn verdict(passed: bool) -> Outcome {
    if passed { Outcome::Passed } else { Outcome::Failed }
}

/// GitHub's classic tokens: CRC32 of the 30 random characters as six base-62 digits
/// (github.blog, "Behind GitHub's new authentication token formats"). Fine-grained and long forms carry none that is
/// documented.
fn github(value: &[u8]) -> Outcome {
    if value.len() == 40 && value.starts_with(b"gh") { tail_crc(value, 4, 6, 30) } else { Outcome::Absent }
}

fn tail_crc(value: &[u8], prefix: usize, digits: usize, body: usize) -> Outcome {
    if value.len() != prefix + body + digits {
        return Outcome::Absent;
    }
    let (body, check) = value[prefix..].split_at(body);
    verdict(base62(crc32fast::hash(body), digits).as_bytes() == check)
}

/// Base 62 in the order 0-9, A-Z, a-z, padded with zeros on the left.
fn base62(number: u32, width: usize) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut digits = vec![b'0'; width];
    let mut rest = number as usize;
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[rest % 62];
        rest /= 62;
    }
    String::from_utf8(digits).expect("ASCII digits")
}

/// `glsa_<32>_<8 hex digits>`: the CRC32 of the 32 characters.
fn grafana(value: &[u8]) -> Outcome {
    let Some((head, check)) = std::str::from_utf8(value).ok().and_then(|text| text.rsplit_once('_')) else {
        return Outcome::Absent;
    };
    let Some(body) = head.strip_prefix("glsa_") else { return Outcome::Absent };
    verdict(u32::from_str_radix(check, 16).is_ok_and(|check| check == crc32fast::hash(body.as_bytes())))
}

/// GitLab's routable tokens end in `.<two base-36 digits of the length><seven base-36 digits of a CRC32>`.
fn gitlab(value: &[u8]) -> Outcome {
    let Some(dot) = value.iter().rposition(|&byte| byte == b'.') else { return Outcome::Absent };
    let (head, tail) = value.split_at(dot + 1);
    if tail.len() != 9 {
        return Outcome::Absent;
    }
    let text = std::str::from_utf8(&tail[2..]).unwrap_or_default();
    let signed = [head, &tail[..2]].concat();
    verdict(u32::from_str_radix(text, 36).is_ok_and(|check| check == crc32fast::hash(&signed)))
}

/// `pypi-` and a macaroon in base64url whose location is an index of the Python Package Index.
fn pypi(value: &[u8]) -> Outcome {
    let Some(body) = value.strip_prefix(b"pypi-") else { return Outcome::Absent };
    let trimmed = &body[..body.len() - body.len() % 4];
    let decoded = BASE64URL_NOPAD.decode(trimmed).unwrap_or_default();
    verdict(decoded.first() == Some(&2) && decoded.windows(8).any(|part| part == b"pypi.org"))
}

fn json_object(part: &[u8]) -> bool {
    BASE64URL_NOPAD
        .decode(part)
        .ok()
        .and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok())
        .is_some_and(|value| value.is_object())
}

/// Three base64url parts, the first two JSON objects; or five parts with a JSON header (encrypted).
fn jwt(value: &[u8]) -> Outcome {
    let parts: Vec<&[u8]> = value.split(|&byte| byte == b'.').collect();
    verdict(match parts.as_slice() {
        [header, payload, _] => json_object(header) && json_object(payload),
        [header, _, _, _, _] => json_object(header),
        _ => false,
    })
}

/// Key ids are four letters and base-32 digits; ids of the new generation hold the account number.
fn aws_key_id(value: &[u8]) -> Outcome {
    let body = value.get(4..).unwrap_or_default();
    verdict(body.len() == 16 && body.iter().all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7')))
}

/// Microsoft's identifiable keys carry a fixed mark of the service before their last characters.
fn azure(value: &[u8]) -> Outcome {
    const MARKS: &[&[u8]] = &[
        b"JQQJ9", b"+ASt", b"AzFu", b"ACDb", b"AIoT", b"APIM", b"AzSe", b"+ACR", b"ACRD", b"AAzC", b"AzCa", b"+ASb",
        b"+AEh", b"+ARm",
    ];
    verdict(MARKS.iter().any(|mark| value.windows(mark.len()).any(|part| part == *mark)))
}

/// Slack's bot and user tokens are fields of digits and one random field, joined by hyphens.
fn slack(value: &[u8]) -> Outcome {
    let fields: Vec<&[u8]> = value.split(|&byte| byte == b'-').collect();
    let numeric = |field: &&[u8]| field.len() >= 8 && field.iter().all(u8::is_ascii_digit);
    match fields.as_slice() {
        [_, team, rest @ ..] if !rest.is_empty() => verdict(numeric(team)),
        _ => Outcome::Absent,
    }
}

/// The first part is the bot's numeric id in base64.
fn discord(value: &[u8]) -> Outcome {
    let first = value.split(|&byte| byte == b'.').next().unwrap_or_default();
    let id = BASE64_NOPAD.decode(first).or_else(|_| BASE64URL_NOPAD.decode(first)).unwrap_or_default();
    verdict((15..=20).contains(&id.len()) && id.iter().all(u8::is_ascii_digit))
}

/// `sntrys_`, a JSON object in base64, and a random part.
fn sentry(value: &[u8]) -> Outcome {
    let Some(rest) = value.strip_prefix(b"sntrys_") else { return Outcome::Absent };
    let body = rest.split(|&byte| byte == b'_').next().unwrap_or_default();
    let body: Vec<u8> = body.iter().copied().filter(|byte| *byte != b'=').collect();
    let decoded = BASE64_NOPAD.decode(&body).unwrap_or_default();
    verdict(serde_json::from_slice::<serde_json::Value>(&decoded).is_ok_and(|json| json.get("iat").is_some()))
}

/// The body between the PEM lines is base64 of an ASN.1 sequence, of OpenSSH's own form, or of PGP packets. Keys in
/// source code are joined from quoted lines or hold `\n` as two characters; some stand on one line.
fn private_key(value: &[u8]) -> Outcome {
    let text = String::from_utf8_lossy(value).replace("\\n", "\n").replace("\\r", "\n");
    let Some(after) = text.split_once("-----BEGIN").and_then(|(_, rest)| rest.split_once("-----")) else {
        return Outcome::Failed;
    };
    let inner = after.1.split("-----END").next().unwrap_or_default();
    // Header lines such as `Proc-Type: 4,ENCRYPTED` are no part of the body.
    let lines = inner.lines().filter(|line| !line.contains(": "));
    let body: Vec<u8> =
        lines.flat_map(str::bytes).filter(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')).collect();
    if body.len() < 40 {
        return Outcome::Failed;
    }
    // Whole groups only: a checksum line or a join operator may have left a few characters over.
    let bytes = BASE64_NOPAD.decode(&body[..body.len() / 4 * 4]).unwrap_or_default();
    let pgp_packet = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
    verdict(bytes.first() == Some(&0x30) || bytes.starts_with(b"openssh-key-v1\0") || pgp_packet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn completed_values_pass() {
        let head = b"ghp_abcdefghijklmnopqrstuvwxyz0123";
        let token = [head.as_slice(), complete("github-crc32", head).expect("known").as_bytes()].concat();
        assert_eq!(check("github-crc32", &token), Outcome::Passed);
        let mut broken = token.clone();
        broken[10] = b'Z';
        assert_eq!(check("github-crc32", &broken), Outcome::Failed);
        let head = b"glsa_abcdefghijklmnopqrstuvwxyz012345";
        let token = [head.as_slice(), complete("grafana-crc32", head).expect("known").as_bytes()].concat();
        assert_eq!(check("grafana-crc32", &token), Outcome::Passed);
    }

    #[test]
    fn jwts_need_json() {
        let part = |json: &str| BASE64URL_NOPAD.encode(json.as_bytes());
        let token = format!("{}.{}.AAAA", part(r#"{"alg":"HS256"}"#), part(r#"{"sub":"x"}"#));
        assert_eq!(check("jwt", token.as_bytes()), Outcome::Passed);
        assert_eq!(check("jwt", b"eyJhbGci.notjson.AAAA"), Outcome::Failed);
    }
}
