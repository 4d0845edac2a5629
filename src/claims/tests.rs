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

/// The point of an EC key on P-256 whose private half is not here.
const POINT: &str = concat!(
    "04be9146b8d5c5160ddb13ccb29b5abb9019b4735cd2fbefe4bd402cbe02322a46",
    "a2274454ac66983f8fffc24b6169ba8a851066137edb5d5d59d3561f8f6a8c5b"
);

fn hex(digits: &str) -> Vec<u8> {
    data_encoding::HEXLOWER.decode(digits.as_bytes()).unwrap()
}

/// One element of DER.
fn der(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = match body.len() {
        short @ 0..=127 => vec![u8::try_from(short).unwrap()],
        long => vec![0x82, u8::try_from(long >> 8).unwrap(), u8::try_from(long & 0xff).unwrap()],
    };
    [&[tag][..], &length, body].concat()
}

fn pem(label: &str, body: &[u8]) -> String {
    let text = data_encoding::BASE64.encode(body);
    let lines: Vec<&str> = (0..text.len()).step_by(64).map(|at| &text[at..text.len().min(at + 64)]).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

fn curve() -> Vec<u8> {
    der(0x06, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07])
}

fn sec1(with_curve: bool) -> Vec<u8> {
    let parameters = if with_curve { der(0xa0, &curve()) } else { Vec::new() };
    let public = der(0xa1, &der(0x03, &[&[0], &hex(POINT)[..]].concat()));
    der(0x30, &[der(0x02, &[1]), der(0x04, &[7; 32]), parameters, public].concat())
}

fn pkcs8(algorithm: &[u8], key: &[u8]) -> Vec<u8> {
    der(0x30, &[der(0x02, &[0]), der(0x30, algorithm), der(0x04, key)].concat())
}

fn prints(text: &str) -> Vec<String> {
    read(text.as_bytes(), None).identifiers.into_iter().map(|(_, print)| print).collect()
}

#[test]
fn an_ec_private_key_states_the_prints_of_its_public_key() {
    // As `openssl pkey -pubout -outform der | sha256sum` and `ssh-keygen -l` say them.
    let expected = [
        "sha256:2c5bafbed39860e11840082df74de4c60d0e9e214a199ad2298d45024f659b2d",
        "SHA256:BQUdCwf3Yyt2yPdLb3KYKkj06hO7PLTXGq1SKgut824",
    ];
    let algorithm = [der(0x06, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]), curve()].concat();
    let old = pem("EC PRIVATE KEY", &sec1(true));
    assert_eq!(prints(&old), expected);
    assert_eq!(prints(&pem("PRIVATE KEY", &pkcs8(&algorithm, &sec1(false)))), expected);
    // In JSON, and in a program that joins its lines.
    assert_eq!(prints(&old.replace('\n', "\\n")), expected);
    assert_eq!(prints(&old.replace('\n', "\\n\" +\n    \"")), expected);
    let lone = der(0x30, &[der(0x02, &[1]), der(0x04, &[7; 32]), der(0xa0, &curve())].concat());
    assert_eq!(prints(&pem("EC PRIVATE KEY", &lone)), Vec::<String>::new(), "without its public half");
}

#[test]
fn a_key_file_in_der_states_the_prints_of_its_public_key() {
    let of_text: Vec<_> = read(pem("EC PRIVATE KEY", &sec1(true)).as_bytes(), None).identifiers;
    assert_eq!(read_file(&sec1(true)).identifiers, of_text);
    assert_eq!(read_file(&data_encoding::BASE64.decode(PGP.as_bytes()).unwrap()).identifiers.len(), 2);
    assert_eq!(read_file(b"any bytes"), Evidence::default());
}

#[test]
fn an_rsa_private_key_states_the_prints_of_its_public_key() {
    let modulus = hex(concat!(
        "00cf05dabfdcb043be84a07728c0f773a25792c49d04c759f50a7739af763be134cbc95b3c8a1390e34061d5b3808e01461a858e0af2",
        "b3d446aa31c381870200a9cb46ee68c7094798d4e77fdf0e0170265ccb49a68c8555deb08ede68af774fd619a1c7575124fb9fd2bb46",
        "d2aca1b14e2da562bc37bae121821228b47eb16159"
    ));
    let rest = der(0x02, &[3]).repeat(6);
    let numbers = [der(0x02, &[0]), der(0x02, &modulus), der(0x02, &[1, 0, 1]), rest].concat();
    let expected = [
        "sha256:bf1b619e2cbae68877f94299b6a9ce03b7f5556afa93e87a8b9859b566c5b84d",
        "SHA256:G4d0U0jtsVInWVVpmG3iCTHyhimsnZgct52qkr376xA",
    ];
    assert_eq!(prints(&pem("RSA PRIVATE KEY", &der(0x30, &numbers))), expected);
    let algorithm = [der(0x06, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01]), vec![5, 0]].concat();
    assert_eq!(prints(&pem("PRIVATE KEY", &pkcs8(&algorithm, &der(0x30, &numbers)))), expected);
}

#[test]
fn an_openssh_key_file_states_both_prints_of_its_public_key() {
    let string = |value: &[u8]| [&u32::try_from(value.len()).unwrap().to_be_bytes()[..], value].concat();
    let public = [string(b"ecdsa-sha2-nistp256"), string(b"nistp256"), string(&hex(POINT))].concat();
    let file = [
        b"openssh-key-v1\0".to_vec(),
        string(b"none"),
        string(b"none"),
        string(b""),
        1u32.to_be_bytes().to_vec(),
        string(&public),
        string(b"private"),
    ];
    let expected = [
        "sha256:2c5bafbed39860e11840082df74de4c60d0e9e214a199ad2298d45024f659b2d",
        "SHA256:BQUdCwf3Yyt2yPdLb3KYKkj06hO7PLTXGq1SKgut824",
    ];
    assert_eq!(prints(&pem("OPENSSH PRIVATE KEY", &file.concat())), expected);
}

#[test]
fn an_encrypted_private_key_states_nothing() {
    let text =
        pem("RSA PRIVATE KEY", &[9; 100]).replacen('\n', "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n", 1);
    assert_eq!(read(text.as_bytes(), None), Evidence::default());
}

/// Made by `gpg` for a key that signs, with an end after one year.
const PGP: &str = "mDMEabV6JxYJKwYBBAHaRw8BAQdAQIqudmP9d9Ne7F8j2vRxwvdURbTgcp4ke/sD21VL1LO0G0RlbW8gPGRlbW9AZXhhbXBsZS5p\
bnZhbGlkPoiWBBMWCAA+FiEEdkhj132i4blgSvp2tMEFxbzA8PEFAmm1eicCGwMFCQHhM4AFCwkIBwIGFQoJCAsCBBYCAwECHgECF4AACgkQtMEFxbzA8PEN\
pAD/Zflx6oFkOlFgJcyj5uC8GJGIPWkkl6PpPfj9kUktI5wA/0D/zzuSvMRuzEudFsNbW//g6JqUoF3HYqyqUisUnJwD";

#[test]
fn an_openpgp_key_states_its_end_and_its_prints() {
    let bytes = data_encoding::BASE64.decode(PGP.as_bytes()).unwrap();
    let keys = openpgp::read(&bytes).expect("a key");
    assert_eq!(keys.len(), 1);
    assert_eq!(keys[0].fingerprint, "764863D77DA2E1B9604AFA76B4C105C5BCC0F0F1");
    assert_eq!((keys[0].id(), keys[0].name.as_deref()), ("B4C105C5BCC0F0F1", Some("Demo <demo@example.invalid>")));
    assert_eq!(keys[0].created, Some(at(INSTANT + 1)));
    assert_eq!(keys[0].expires, Some(Ends::At(at(1_805_036_967))));
    assert_eq!(openpgp::read(&bytes[..20]), None, "cut off");
    assert_eq!(openpgp::read(b"any text"), None);
}
