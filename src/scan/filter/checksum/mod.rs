//! Offline checks of the value itself, as the providers document them.

mod key;
mod token;

/// What a check says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It holds: the value was made by the provider's own algorithm.
    Passed,
    /// It does not hold: mistyped, altered or invented.
    Failed,
    /// The value has not the form that the check is about: it is none of its kind.
    Broken,
    /// The value is of a kind that carries no check, or too little of it is there.
    Absent,
}

/// Runs the named check.
pub fn check(name: &str, value: &[u8]) -> Outcome {
    match name {
        "github-crc32" => token::github(value),
        "npm-crc32" => token::npm(value),
        "grafana-crc32" => token::grafana(value),
        "base62-crc32" => token::base62_crc(value),
        "hex-crc32" => token::hex_crc(value),
        "body-hex-crc32" => token::body_hex_crc(value),
        "lower-base62-crc32" => token::lower_base62_crc(value),
        "matrix-crc32" => token::matrix(value),
        "runpod-crc32" => token::runpod(value),
        "groq-mark" => token::groq(value),
        "workos-id" => token::workos(value),
        "grafana-json" => token::grafana_json(value),
        "gitlab-routable" => token::gitlab(value),
        "pypi-macaroon" => token::pypi(value),
        "jwt" => token::jwt(value),
        "aws-key-id" => token::aws_key_id(value),
        "azure-key-signature" => token::azure(value),
        "slack-shape" => token::slack(value),
        "discord-id" => token::discord(value),
        "sentry-uuids" => token::sentry_uuids(value),
        "sentry-json" => token::sentry(value),
        "weaviate-key" => token::weaviate(value),
        "snyk-json" => token::snyk(value),
        "convex-json" => token::convex(value),
        "onesignal-id" => token::onesignal(value),
        "upstash-number" => token::upstash(value),
        "mapbox-json" | "tinybird-json" => token::mapbox(value),
        "private-key" => key::private_key(value),
        "pkcs12" => key::pkcs12(value),
        "wireguard-clamp" => key::wireguard(value),
        "base58check" => key::base58check(value),
        "bech32" => key::bech32(value),
        "base32-crc16" => key::base32_crc16(value),
        _ => Outcome::Absent,
    }
}

/// What completes an example's value so that the check passes; none where it cannot be completed.
pub fn complete(name: &str, head: &[u8]) -> Option<String> {
    match name {
        "github-crc32" | "npm-crc32" | "base62-crc32" => {
            let body = &head[head.iter().rposition(|&byte| byte == b'_')? + 1..];
            Some(base62(crc32fast::hash(body), 6))
        }
        "hex-crc32" => Some(token::hex_crc_end(head)),
        "body-hex-crc32" => Some(token::body_hex_crc_end(head)),
        "lower-base62-crc32" => Some(token::lower_base62_crc_end(head)),
        "matrix-crc32" => Some(token::matrix_end(head)),
        "runpod-crc32" => Some(token::runpod_end(head)),
        "grafana-crc32" => Some(token::grafana_end(head)),
        "gitlab-routable" => token::gitlab_end(head),
        "bech32" => key::bech32_end(head),
        _ => None,
    }
}

fn verdict(passed: bool) -> Outcome {
    if passed { Outcome::Passed } else { Outcome::Failed }
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

#[cfg(test)]
mod tests {
    use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD};

    use super::*;

    #[test]
    fn completed_values_pass() {
        for (name, head) in [
            ("github-crc32", "ghp_abcdefghijklmnopqrstuvwxyz0123"),
            ("npm-crc32", "npm_abcdefghijklmnopqrstuvwxyz0123"),
            ("base62-crc32", concat!("polar_o", "at_abcdefghijklmnopqrstuvwxyz0123456789A")),
            ("base62-crc32", concat!("vc", "p_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWX")),
            ("grafana-crc32", "glsa_abcdefghijklmnopqrstuvwxyz012345"),
            ("hex-crc32", concat!("ATAT", "T3xFfGF0abcdefghijklmnopqrstuvwxyz=")),
            ("hex-crc32", concat!("packagist_o", "rt_abcdefabcdef0123456789")),
            ("body-hex-crc32", concat!("cfu", "t_abcdefghijklmnopqrstuvwxyz0123456789ABCD")),
            ("body-hex-crc32", concat!("zpk", "a_abcdef0123456789abcdef0123456789_")),
            ("lower-base62-crc32", concat!("apify_a", "pi_abcdefghijklmnopqrstuvwxyzABCD")),
            ("lower-base62-crc32", concat!("sy", "t_bWFyeQ_abcdefghijklmnopqrst_")),
            ("matrix-crc32", concat!("ma", "t_abcdefghijklmnopqrstuvwxyz0123_")),
            ("runpod-crc32", concat!("rp", "a_ABCdEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCD")),
            ("gitlab-routable", "glpat-abcdefghijklmnopqrstuvwxyz0.01."),
            ("bech32", concat!("AGE-SECRET-", "KEY-1QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L")),
        ] {
            let value = format!("{head}{}", complete(name, head.as_bytes()).expect("known"));
            assert_eq!(check(name, value.as_bytes()), Outcome::Passed, "{value}");
            let broken = value.replacen('d', "e", 1).replacen("QP", "PQ", 1);
            assert_eq!(check(name, broken.as_bytes()), Outcome::Failed, "{broken}");
        }
    }

    #[test]
    fn the_sum_of_grafana_is_the_one_of_its_own_tests() {
        let token = concat!("gls", "a_iNValIdinValiDinvalidinvalidinva_5b582697");
        assert_eq!(check("grafana-crc32", token.as_bytes()), Outcome::Passed);
        let another = concat!("gls", "a_iNValIdinValiDinvalidinvalidinva_00000000");
        assert_eq!(check("grafana-crc32", another.as_bytes()), Outcome::Failed);
    }

    #[test]
    fn the_sum_of_packagist_is_the_one_of_its_documentation() {
        // The key in the header that packagist.com/docs/api/api-authentication shows.
        let key = |sum: &str| check("hex-crc32", format!("{}{sum}", "packagist_ack_ffce048835c6cdea47bc").as_bytes());
        assert_eq!(key("c4b73c79"), Outcome::Passed);
        assert_eq!(key("c4b73c78"), Outcome::Failed);
        assert_eq!(key("c4b73c7"), Outcome::Failed);
    }

    #[test]
    fn keys_of_groq_hold_its_name() {
        let key =
            |name: &str| check("groq-mark", format!("gsk_{}{name}{}", "aB3d".repeat(5), "xY7z".repeat(6)).as_bytes());
        assert_eq!(key("WGdyb3FY"), Outcome::Passed);
        assert_eq!(key("WGdyb3FZ"), Outcome::Failed);
    }

    #[test]
    fn keys_that_state_an_id_of_their_owner() {
        // The UUID 5f0c7a91-3b6d-4e28-9c14-d7a2b86f03e5 in base 32.
        let onesignal = |id: &str| check("onesignal-id", format!("os_v2_app_{id}{}", "a7".repeat(38)).as_bytes());
        assert_eq!(onesignal("l4ghvej3nvhcrhau26rlq3yd4u"), Outcome::Passed);
        assert_eq!(onesignal("l4ghvej3nvhcrhau26rlq3yd4u".replace('h', "7").as_str()), Outcome::Failed);
        let upstash = |number: &str| {
            let inner =
                [b"\x01\x4a\x79\0\x02'p2", b"f29bdf79ee2b4202936a742ba16871ec".as_slice(), b"p2", number.as_bytes()]
                    .concat();
            check("upstash-number", BASE64_NOPAD.encode(&inner).as_bytes())
        };
        assert_eq!(upstash("19065"), Outcome::Passed);
        assert_eq!(upstash("19066"), Outcome::Failed);
        assert_eq!(check("upstash-number", b"AXXXACQgYjY3"), Outcome::Absent, "an older form");
        let convex = |json: &str| {
            check("convex-json", format!("dev:one-two-3|{}", BASE64_NOPAD.encode(json.as_bytes())).as_bytes())
        };
        assert_eq!(convex(r#"{"v2":"5e405c5cd6b04ae891485"}"#), Outcome::Passed);
        assert_eq!(convex(r#"{"v1":1}"#), Outcome::Failed);
    }

    #[test]
    fn old_tokens_of_sentry_are_two_uuids() {
        let token = |version: &str| format!("a1b2c3d4e5f6{version}7a8{}", "99f1e2d3c4b5a697").repeat(2);
        assert_eq!(check("sentry-uuids", token("4").as_bytes()), Outcome::Passed);
        assert_eq!(check("sentry-uuids", token("5").as_bytes()), Outcome::Absent, "32 random bytes");
    }

    #[test]
    fn keys_of_workos_hold_an_id() {
        let judge =
            |inner: &str| check("workos-id", format!("sk_test_{}", BASE64_NOPAD.encode(inner.as_bytes())).as_bytes());
        assert_eq!(judge("key_01G3YK758Z0TCWNT9C9DWTNQK0,hMb72rDiWkYKuEmaWWUOIOoOQ"), Outcome::Passed);
        assert_eq!(
            judge("key_01G3YK758Z0TCWNT9C9DWTNQKU,hMb72rDiWkYKuEmaWWUOIOoOQ"),
            Outcome::Failed,
            "no U in base 32"
        );
        assert_eq!(judge("key_01G3YK758Z0TCWNT9C9DWTNQK0"), Outcome::Failed);
    }

    #[test]
    fn jwts_need_json_that_names_an_algorithm() {
        let part = |json: &str| BASE64URL_NOPAD.encode(json.as_bytes());
        let token = |header: &str| format!("{}.{}.AAAA", part(header), part(r#"{"sub":"x"}"#));
        assert_eq!(check("jwt", token(r#"{"alg":"HS256"}"#).as_bytes()), Outcome::Passed);
        assert_eq!(check("jwt", token(r#"{"typ":"JWT"}"#).as_bytes()), Outcome::Failed);
        assert_eq!(check("jwt", b"eyJhbGci.notjson.AAAA"), Outcome::Failed);
        let masked = format!("{}.eyJhdWQiOiJhcGkubGl2.AAAA", part(r#"{"alg":"HS256"}"#));
        assert_eq!(check("jwt", masked.as_bytes()), Outcome::Absent);
    }

    #[test]
    fn access_key_ids_hold_an_account_of_twelve_digits() {
        let id = |body: &str| check("aws-key-id", format!("{}{body}", "AKIA").as_bytes());
        // All bits set would be an account above the largest.
        assert_eq!(id("7777777777777777"), Outcome::Failed);
        assert_eq!(id("QAAAAAAAAAAAAAAA"), Outcome::Passed);
        assert_eq!(id("I777777777777777"), Outcome::Passed, "ids of the first generation hold none");
        assert_eq!(id("QAAAAAAAAAAAAAA1"), Outcome::Failed);
    }

    #[test]
    fn tokens_of_slack_are_fields_of_digits_and_a_key() {
        let value = |key: &str| format!("xoxb-1234567890-1234567890123-{key}");
        assert_eq!(check("slack-shape", value(&"aB3".repeat(8)).as_bytes()), Outcome::Passed);
        assert_eq!(check("slack-shape", value("short").as_bytes()), Outcome::Failed);
        assert_eq!(check("slack-shape", b"xoxa-2-1"), Outcome::Absent);
    }

    #[test]
    fn keys_in_base64_hold_their_fields() {
        let encoded = |json: &str| BASE64URL_NOPAD.encode(json.as_bytes());
        let grafana = |json: &str| check("grafana-json", format!("glc_{}", encoded(json)).as_bytes());
        assert_eq!(grafana(r#"{"o":"1","n":"name","k":"key","m":{"r":"eu"}}"#), Outcome::Passed);
        assert_eq!(grafana(r#"{"o":"1"}"#), Outcome::Failed);
        let mapbox = |json: &str| check("mapbox-json", format!("sk.{}.sig", encoded(json)).as_bytes());
        assert_eq!(mapbox(r#"{"u":"sam","a":"cl0"}"#), Outcome::Passed);
        assert_eq!(mapbox(r#"{"a":"cl0"}"#), Outcome::Failed);
    }
}
