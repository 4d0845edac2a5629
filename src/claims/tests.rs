use super::*;

const INSTANT: i64 = 1_773_500_966;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn encoded(text: &str) -> String {
    data_encoding::BASE64URL_NOPAD.encode(text.as_bytes())
}

fn jwt(payload: &str) -> String {
    format!("{}.{}.{}", encoded(r#"{"alg":"HS256","typ":"JWT"}"#), encoded(payload), "A".repeat(43))
}

#[test]
fn a_jwt_of_six_months() {
    let token = format!(
        "{}.{}.{}",
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
        "eyJpc3MiOiJkZW1vLmludmFsaWQiLCJzdWIiOiJzdmMtYSIsImlhdCI6MTc3NzYyNjAwMCwiZXhwIjoxNzkzNTIzNjAwfQ",
        "A".repeat(43)
    );
    let evidence = read(token.as_bytes(), None);
    assert_eq!(evidence.created, Some(at(1_777_626_000)));
    assert_eq!(evidence.expires, Some(Ends::At(at(1_793_523_600))));
    let created = evidence.created.unwrap();
    assert_eq!(date::age_days(at(1_793_523_600), created), 184);
    assert_eq!(date::add_months(created, 6), Some(at(1_793_523_600)), "exactly six calendar months");
}

#[test]
fn a_jwt_without_an_end_and_one_in_milliseconds() {
    assert_eq!(read(jwt(r#"{"iss":"x","sub":"y"}"#).as_bytes(), None).expires, Some(Ends::Never));
    let evidence = read(jwt(r#"{"exp":1773500966000}"#).as_bytes(), None);
    assert_eq!(evidence.expires, Some(Ends::At(at(INSTANT))));
    assert!(evidence.source.is_some_and(|source| source.contains("milliseconds")));
}

#[test]
fn an_unreadable_end_is_unknown_and_not_never() {
    assert_eq!(read(jwt(r#"{"exp":"soon"}"#).as_bytes(), None).expires, None);
    assert_eq!(read(jwt(r#"{"exp":1}"#).as_bytes(), None).expires, None);
    assert_eq!(read(jwt(r#"{"exp":1e300}"#).as_bytes(), None).expires, None);
}

#[test]
fn an_encrypted_token_hides_its_claims() {
    assert_eq!(read(format!("{}.a.b.c.d", encoded(r#"{"alg":"dir"}"#)).as_bytes(), None), Evidence::default());
}

#[test]
fn a_legacy_kubernetes_token_names_its_secret() {
    let token = jwt(
        r#"{"iss":"kubernetes/serviceaccount","kubernetes.io/serviceaccount/namespace":"ci","kubernetes.io/serviceaccount/secret.name":"build-robot"}"#,
    );
    let evidence = read(token.as_bytes(), None);
    assert_eq!(evidence.expires, Some(Ends::Never));
    assert!(evidence.identifiers.contains(&("kubernetes-secret", "ci/build-robot".to_owned())));
}

#[test]
fn an_aws_key_id_names_its_account() {
    let id = format!("{}{}", "AKIA", "RTX3GSDSVIAQEAYE");
    let evidence = read(id.as_bytes(), None);
    assert!(evidence.identifiers.contains(&("aws-account", "111122223333".to_owned())));
    let old = format!("{}{}", "AKIA", "IOSFODNN7EXAMPLE");
    assert!(!read(old.as_bytes(), None).identifiers.iter().any(|(kind, _)| *kind == "aws-account"));
}

#[test]
fn a_sentry_token_states_when_it_was_made() {
    let body = concat!(
        "eyJpYXQiOjE3NzM1MDA5NjYuNSwidXJsIjoiaHR0cHM6Ly9zZW50cnkuaW52YWxpZCIsInJlZ2lvbl91cmwiOiJodHRwczov",
        "L3VzLnNlbnRyeS5pbnZhbGlkIiwib3JnIjoiZGVtbyJ9"
    );
    let evidence = read(format!("{}{}_{}", "sntrys_", body, "A".repeat(43)).as_bytes(), None);
    assert_eq!(evidence.created, Some(at(INSTANT) + chrono::TimeDelta::milliseconds(500)));
    assert_eq!(evidence.identifiers, [("sentry-org", "demo".to_owned())]);
}

#[test]
fn a_bedrock_key_names_its_account() {
    let body = "QmVkcm9ja0FQSUtleS1hYmNkLWF0LTExMTEyMjIyMzMzMzpJTlZFTlRFRDBTRUNSRVQwVkFMVUU=";
    let evidence = read(format!("{}{}", "ABSK", body).as_bytes(), None);
    assert_eq!(evidence.identifiers, [("aws-account", "111122223333".to_owned())]);
}

#[test]
fn a_discord_bot_token_names_its_bot() {
    let token = format!("{}.{}.{}", encoded("1482395236696064000"), "abV6Jg", "x".repeat(27));
    let evidence = read(token.as_bytes(), None);
    assert_eq!(evidence.created, Some(at(INSTANT)));
    assert_eq!(evidence.identifiers, [("discord-bot", "1482395236696064000".to_owned())]);
}

#[test]
fn signed_urls_state_their_end() {
    for (text, created, expires) in [
        (
            "https://a.invalid/c?sv=2024-11-04&sp=rl&st=2026-03-14T15:09:26Z&se=2026-03-15&sr=c&sig=x%3D",
            true,
            1_773_532_800,
        ),
        ("https://a.invalid/c?sv=2024-11-04&se=2026-03-14T15:09Z&sr=c&sig=x", false, 1_773_500_940),
        ("SharedAccessSignature sr=x&sig=y&se=1773500966&skn=Root", false, INSTANT),
        (
            "https://b.invalid/k?X-Amz-Date=20260314T150926Z&X-Amz-Expires=604800&X-Amz-Signature=0",
            true,
            INSTANT + 604_800,
        ),
        (
            "https://b.invalid/k?X-Goog-Date=20260314T150926Z&X-Goog-Expires=3600&X-Goog-Signature=0",
            true,
            INSTANT + 3600,
        ),
        ("https://b.invalid/k?AWSAccessKeyId=x&Expires=1773500966&Signature=y", false, INSTANT),
        ("https://d.invalid/k?Expires=1773500966&Signature=y&Key-Pair-Id=K", false, INSTANT),
        ("https://e.invalid/k?q-sign-time=1773500966;1773504566&q-signature=0", true, INSTANT + 3600),
    ] {
        let evidence = read(text.as_bytes(), None);
        assert_eq!(evidence.created, created.then(|| at(INSTANT)), "{text}");
        assert_eq!(evidence.expires, Some(Ends::At(at(expires))), "{text}");
    }
}

#[test]
fn ids_are_dates_only_where_a_rule_says_so() {
    let id = b"019cece5-2470-7000-8000-000000000000";
    assert_eq!(read(id, None), Evidence::default());
    assert_eq!(read(id, Some("uuid7")).created, Some(at(INSTANT)));
}

#[test]
fn an_ecr_password_states_its_end() {
    let password = encoded(r#"{"payload":"x","expiration":1773500966}"#);
    assert_eq!(read(password.as_bytes(), None).expires, Some(Ends::At(at(INSTANT))));
}

#[test]
fn an_ordinary_pair_states_nothing() {
    assert_eq!(read(b"kx7fq2mlw9a:9tz4hc81bqe", None), Evidence::default());
}
