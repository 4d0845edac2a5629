//! Listings of versions say when a value was replaced.

use super::*;

fn facts(key: &KnownKey) -> (&str, String, Option<&str>) {
    (key.label(), at(key.replaced_at), key.replaced_by.as_deref())
}

#[test]
fn versions_of_secrets_manager() {
    let text = r#"{"Versions":[{"VersionId":"11111111-1111-1111-1111-111111111111","VersionStages":["AWSPREVIOUS"],"LastAccessedDate":"2026-11-20T00:00:00+00:00","CreatedDate":"2026-09-01T00:00:00+00:00"},{"VersionId":"22222222-2222-2222-2222-222222222222","VersionStages":["AWSCURRENT"],"LastAccessedDate":"2026-11-20T00:00:00+00:00","CreatedDate":"2026-11-01T02:00:00+00:00"}],"ARN":"arn:aws:secretsmanager:eu-west-1:111122223333:secret:pay/db-AbCdEf","Name":"pay/db"}"#;
    let inventory = read("versions.json", text);
    let [old, new] = &inventory.keys[..] else { panic!("two versions: {:?}", inventory.keys) };
    let id = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:pay/db-AbCdEf:22222222-2222-2222-2222-222222222222";
    let name = "pay/db, version 11111111-1111-1111-1111-111111111111";
    assert_eq!(facts(old), (name, "2026-11-01T02:00:00Z".into(), Some(id)));
    assert_eq!(facts(new), ("pay/db", "unknown".into(), None));
    assert_eq!((old.status, new.status), (Status::Unknown, Status::Active), "a kept version may open nothing");
}

#[test]
fn versions_of_key_vault() {
    let version = |letter: char, created: &str| {
        let version = letter.to_string().repeat(32);
        format!(
            r#"{{"attributes":{{"created":"{created}","enabled":true,"expires":null,"notBefore":null,"updated":"{created}"}},"contentType":null,"id":"https://demo.vault.invalid/secrets/db/{version}","tags":null}}"#
        )
    };
    // The service lists them in no order.
    let text = format!("[{},{}]", version('b', "2026-11-01T00:00:00+00:00"), version('a', "2026-01-01T00:00:00+00:00"));
    let inventory = read("versions.json", &text);
    let [new, old] = &inventory.keys[..] else { panic!("two versions") };
    let (latest, first) = (format!("https://demo.vault.invalid/secrets/db/{}", "b".repeat(32)), "a".repeat(32));
    let name = format!("db, version {first}");
    assert_eq!(facts(old), (name.as_str(), "2026-11-01T00:00:00Z".into(), Some(latest.as_str())));
    assert_eq!(facts(new), ("db", "unknown".into(), None));
    assert!(!old.in_place, "a version is one value");
}

#[test]
fn versions_of_gcp_secret_manager() {
    let text = r#"[{"createTime":"2026-11-01T00:00:00.123456Z","etag":"x","name":"projects/1/secrets/db/versions/3","replicationStatus":{},"state":"ENABLED"},{"createTime":"2026-06-01T00:00:00Z","name":"projects/1/secrets/db/versions/2","state":"ENABLED"},{"createTime":"2026-01-01T00:00:00Z","destroyTime":"2026-07-01T00:00:00Z","name":"projects/1/secrets/db/versions/1","state":"DESTROYED"},{"createTime":"2026-02-01T00:00:00Z","name":"projects/1/secrets/other/versions/1","state":"ENABLED"}]"#;
    let inventory = read("versions.json", text);
    let of = |id: &str| inventory.keys.iter().find(|key| key.id.as_deref() == Some(id)).expect("listed");
    let second = of("projects/1/secrets/db/versions/2");
    let third = Some("projects/1/secrets/db/versions/3");
    assert_eq!(facts(second), ("db, version 2", "2026-11-01T00:00:00Z".into(), third));
    let first = of("projects/1/secrets/db/versions/1");
    assert_eq!((first.status, at(first.revoked)), (Status::Deleted, "2026-07-01T00:00:00Z".into()));
    assert_eq!(at(of("projects/1/secrets/other/versions/1").replaced_at), "unknown", "another secret");
}
