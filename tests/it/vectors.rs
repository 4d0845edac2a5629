//! The vectors that the audit was specified with: one instant in every way that keys and files write it. All values are
//! invented; those that look like a vendor's key are joined here.

use chrono::{DateTime, TimeDelta, Utc};
use keyrot::claims;
use keyrot::finding::{Ends, Evidence};
use keyrot::lifecycle::{Input, Inventory};
use serde_json::Value;

use crate::sandbox::Sandbox;

const KEY: (&str, &str) = ("KEYROT_KEY", "a public key for demos and tests");

/// 2026-03-14T15:09:26Z.
fn instant() -> DateTime<Utc> {
    DateTime::from_timestamp(1_773_500_966, 0).unwrap()
}

fn read(text: &str, kind: &str) -> Evidence {
    claims::read(text.as_bytes(), Some(kind))
}

/// The print of the one pair that a text holds, and that of the pair itself.
fn prints(text: &str, pair: &str) -> (String, Vec<String>) {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", text);
    let done = sandbox.keyrot_with("scan a.txt --format json", &[KEY], b"");
    let report: Value = serde_json::from_str(&done.stdout).unwrap();
    let found = &report["findings"][0];
    let class = format!("fingerprint --class {}", found["rule"].as_str().unwrap());
    let expected = sandbox.keyrot_with(&class, &[KEY], pair.as_bytes()).stdout;
    let print = found["secret"]["fingerprint"].as_str().unwrap().to_owned();
    (print, expected.lines().map(str::to_owned).collect())
}

#[test]
fn vector_basic_pair() {
    let text = concat!("Authorization: Bas", "ic a3g3ZnEybWx3OWE6OXR6NGhjODFicWU=\nHost: api.acme-corp.io\n");
    let (found, expected) = prints(text, &["kx7fq2mlw9a", "9tz4hc81bqe"].join(":"));
    assert_eq!(found, expected[0]);
}

#[test]
fn vector_npm_auth() {
    let text = "//npm.acme-corp.io/:_auth=Y2ktYm90OmludjNudDNkLVBhc3N3MHJk\n";
    let sandbox = Sandbox::new();
    sandbox.write(".npmrc", text);
    let done = sandbox.keyrot_with("scan .npmrc --format json --show-secrets", &[KEY], b"");
    assert!(done.stdout.contains(&["ci-bot", "inv3nt3d-Passw0rd"].join(":")), "{}", done.stdout);
}

#[test]
fn vector_jwt() {
    let token = format!(
        "{}.{}.{}",
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
        "eyJpc3MiOiJkZW1vLmludmFsaWQiLCJzdWIiOiJzdmMtYSIsImlhdCI6MTc3NzYyNjAwMCwiZXhwIjoxNzkzNTIzNjAwfQ",
        "A".repeat(43)
    );
    let evidence = read(&token, "jwt");
    let (start, end) = (DateTime::from_timestamp(1_777_626_000, 0), DateTime::from_timestamp(1_793_523_600, 0));
    assert_eq!((evidence.created, evidence.expires), (start, end.map(Ends::At)));
    assert_eq!(end.unwrap() - start.unwrap(), TimeDelta::days(184), "six months, and more than 180 days");
    assert_eq!(keyrot::date::add_months(start.unwrap(), 6), end);
}

#[test]
fn vector_objectid() {
    assert_eq!(read("69b57a260123456789abcdef", "objectid").created, Some(instant()));
}

#[test]
fn vector_ulid() {
    assert_eq!(read("01KKPEA93G0000000000000000", "ulid").created, Some(instant()));
}

#[test]
fn vector_uuid7() {
    assert_eq!(read("019cece5-2470-7000-8000-000000000000", "uuid7").created, Some(instant()));
}

#[test]
fn vector_uuid1() {
    assert_eq!(read("ca609700-1fb7-11f1-8000-000000000000", "uuid1").created, Some(instant()));
}

#[test]
fn vector_discord_snowflake() {
    assert_eq!(read("1482395236696064000", "snowflake-discord").created, Some(instant()));
}

#[test]
fn vector_twitter_snowflake() {
    let created = read("2032836506153910272", "snowflake-twitter").created.unwrap();
    assert_eq!(keyrot::date::whole_seconds(created), instant());
}

#[test]
fn vector_ksuid_seconds() {
    // 20 bytes in base 62: 373500966 seconds since 2014-05-13, and sixteen bytes of nothing.
    let mut rest: Vec<u8> = [&373_500_966_u32.to_be_bytes()[..], &[0; 16]].concat();
    let alphabet = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut text = Vec::new();
    for _ in 0..27 {
        let mut digit = 0u32;
        for byte in &mut rest {
            digit = (digit << 8) | u32::from(*byte);
            *byte = u8::try_from(digit / 62).unwrap();
            digit %= 62;
        }
        text.insert(0, alphabet[digit as usize]);
    }
    assert_eq!(read(std::str::from_utf8(&text).unwrap(), "ksuid").created, Some(instant()));
}

#[test]
fn vector_discord_second_part_in_both_readings() {
    for stamp in ["abV6Jg", "HJcLpg"] {
        let bot = data_encoding::BASE64URL_NOPAD.encode(b"1482395236696064000");
        let evidence = read(&format!("{bot}.{stamp}.{}", "x".repeat(27)), "discord");
        assert_eq!(evidence.created, Some(instant()), "{stamp}");
    }
}

#[test]
fn vector_kdbx_time() {
    let text = "<Times><CreationTime>JnFH4Q4AAAA=</CreationTime><Expires>False</Expires></Times>";
    let input = Input { path: "times.xml".to_owned(), bytes: text.into(), written: None };
    assert_eq!(Inventory::read(vec![input], &[]).unwrap().keys[0].created.time(), Some(instant()));
}

#[test]
fn vector_aws_key_id() {
    let evidence = read(&["AKIA", "RTX3GSDSVIAQEAYE"].concat(), "");
    assert!(evidence.identifiers.contains(&("aws-account", "111122223333".to_owned())));
}

#[test]
fn vector_sentry() {
    let body = concat!(
        "eyJpYXQiOjE3NzM1MDA5NjYuNSwidXJsIjoiaHR0cHM6Ly9zZW50cnkuaW52YWxpZCIsInJlZ2lvbl91cmwiOiJodHRwczov",
        "L3VzLnNlbnRyeS5pbnZhbGlkIiwib3JnIjoiZGVtbyJ9"
    );
    let evidence = read(&format!("{}{body}_{}", "sntrys_", "A".repeat(43)), "");
    assert_eq!(evidence.created, Some(instant() + TimeDelta::milliseconds(500)));
    assert_eq!(evidence.identifiers, [("sentry-org", "demo".to_owned())]);
}

#[test]
fn vector_bedrock() {
    let body = "QmVkcm9ja0FQSUtleS1hYmNkLWF0LTExMTEyMjIyMzMzMzpJTlZFTlRFRDBTRUNSRVQwVkFMVUU=";
    assert_eq!(read(&["ABSK", body].concat(), "").identifiers, [("aws-account", "111122223333".to_owned())]);
}

#[test]
fn vector_loose_url_trap() {
    let sandbox = Sandbox::new();
    sandbox.write("a.md", "see http://a.example/x and time 12:30 mail me@b.example\n");
    assert_eq!(sandbox.keyrot("scan a.md").code, 0);
}

#[test]
fn vector_anchoring_trap() {
    let sandbox = Sandbox::new();
    sandbox.write("a.sh", concat!("curl -u sv", "c:xK9vQ2mLr8Tz https://h.invalid/\n"));
    let done = sandbox.keyrot("scan a.sh --format json --fail-on info");
    assert!(done.stdout.contains("user-pass-pair"), "{}", done.stdout);
}

/// The rules that an audit under the `cis` profile gives for one row.
fn cis(row: &str) -> String {
    let sandbox = Sandbox::new();
    sandbox.write("keyrot.toml", "[policy]\nprofile = 'cis'\n");
    sandbox.write("keys.toml", format!("schema = 1\n[[key]]\nid = 'a'\nname = 'a-prod'\n{row}\n"));
    sandbox.keyrot("audit keys.toml --as-of 2026-11-22 --format json").stdout
}

#[test]
fn vector_age_boundary() {
    assert!(!cis("created = 2026-08-24T00:00:00Z").contains("rotation-overdue"), "90 days pass \"90 days or less\"");
    assert!(cis("created = 2026-08-23T00:00:00Z").contains("rotation-overdue"), "91 days fail it");
}

#[test]
fn vector_unused_boundary() {
    assert!(cis("last_used = 2026-10-08T00:00:00Z").contains("\"unused\""), "45 days fail \"45 days or more\"");
    assert!(!cis("last_used = 2026-10-09T00:00:00Z").contains("\"unused\""), "44 days pass it");
}
