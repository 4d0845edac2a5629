mod directory;
mod version;

use chrono::DateTime;
use serde_json::Value;

use crate::date::show;
use crate::lifecycle::inventory::{Error, Input, Inventory};
use crate::lifecycle::key::{KnownKey, Place, Stated, Status};

fn read(name: &str, text: &str) -> Inventory {
    let input = Input { path: name.to_owned(), bytes: text.as_bytes().to_vec(), written: None };
    Inventory::read(vec![input], &[]).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn one(text: &str, source: &str) -> KnownKey {
    let inventory = read("export", text);
    assert_eq!(inventory.issues, [], "{text}");
    assert_eq!(inventory.keys.len(), 1, "{text}");
    assert_eq!(inventory.keys[0].source.name, source);
    survives(text, &inventory.keys[0]);
    inventory.keys[0].clone()
}

/// What the sample says does not depend on how the file was written, and no damage to it is more than a mistake.
fn survives(text: &str, expected: &KnownKey) {
    let facts = |key: &KnownKey| KnownKey { place: Place::default(), ..key.clone() };
    let wide: Vec<u8> = std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for (how, bytes) in [
        ("a byte order mark", format!("\u{feff}{text}").into_bytes()),
        ("Windows line ends", text.replace('\n', "\r\n").into_bytes()),
        ("UTF-16", wide),
        ("another order", reordered(text).into_bytes()),
    ] {
        let input = Input { path: "export".to_owned(), bytes, written: None };
        let read = Inventory::read(vec![input], &[]).unwrap_or_else(|error| panic!("{how}: {error}"));
        assert_eq!(read.keys.iter().map(facts).collect::<Vec<_>>(), [facts(expected)], "{how}: {text}");
    }
    for cut in (1..text.len()).step_by(7).filter(|cut| text.is_char_boundary(*cut)) {
        let input = Input { path: "export".to_owned(), bytes: text[..cut].into(), written: None };
        let _ = Inventory::read(vec![input], &[]);
    }
}

/// JSON with its members in the other order; anything else as it is.
fn reordered(text: &str) -> String {
    fn turn(value: Value) -> Value {
        match value {
            Value::Object(members) => Value::Object(members.into_iter().rev().map(|(k, v)| (k, turn(v))).collect()),
            Value::Array(items) => Value::Array(items.into_iter().map(turn).collect()),
            other => other,
        }
    }
    serde_json::from_str(text).map_or_else(|_| text.to_owned(), |value| format!("{:#}", turn(value)))
}

/// A table with its columns in the other order, every field in quotes, and another separator.
fn rewritten(table: &str, separator: &str) -> String {
    let quoted = |field: &str| format!("\"{}\"", field.replace('"', "\"\""));
    let line = |line: &str| line.split(',').rev().map(quoted).collect::<Vec<_>>().join(separator);
    table.lines().map(line).collect::<Vec<_>>().join("\r\n")
}

#[test]
fn the_columns_of_a_credential_report_may_stand_anywhere() {
    let facts = |text: &str| {
        let keys = read("report.csv", text).keys;
        keys.into_iter().map(|key| KnownKey { place: Place::default(), ..key }).collect::<Vec<_>>()
    };
    let expected = facts(REPORT);
    assert_eq!(expected.len(), 2);
    for separator in [",", ";", "\t"] {
        assert_eq!(facts(&rewritten(REPORT, separator)), expected, "{separator:?}");
        assert_eq!(facts(&format!("\u{feff}{}", rewritten(REPORT, separator))), expected, "{separator:?} with a mark");
    }
}

#[test]
fn a_last_use_without_the_date_of_creation_is_no_proof_of_none() {
    let text = format!(
        r#"{{"AccessKeyId":"{}","UserName":"ci","AccessKeyLastUsed":{{"ServiceName":"N/A","Region":"N/A"}}}}"#,
        aws_id()
    );
    assert_eq!(read("use.json", &text).keys[0].last_used, Stated::Unknown);
    let old = format!(
        r#"{{"AccessKeyMetadata":[{{"UserName":"ci","AccessKeyId":"{}","Status":"Active","CreateDate":"2015-04-21T08:00:00+00:00"}}]}}{text}"#,
        aws_id()
    );
    assert_eq!(read("both.json", &old).keys[0].last_used, Stated::Unknown, "older than the record of uses");
}

#[test]
fn one_password_states_dates_in_fields_that_people_name() {
    let item = |fields: &str| {
        format!(
            r#"[{{"id":"inv-01","title":"bank api","vault":{{"id":"v1","name":"Payments"}},"category":"API_CREDENTIAL","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-09-01T00:00:00Z","fields":[{fields}]}}]"#
        )
    };
    let key = one(
        &item(
            r#"{"id":"validFrom","type":"DATE","label":"valid from","value":"1773500966"},{"id":"x","type":"DATE","label":"Expires","value":"2026-12-01"},{"id":"y","type":"DATE","label":"birthday","value":"2000-01-01"},{"id":"c","type":"CONCEALED","label":"credential"}"#,
        ),
        "1password",
    );
    assert_eq!((at(key.not_before), at(key.expires)), ("2026-03-14T15:09:26Z".into(), "2026-12-02T00:00:00Z".into()));
    assert_eq!(key.owner.as_deref(), Some("vault Payments"));
    let month = one(&item(r#"{"id":"x","type":"MONTH_YEAR","label":"expiry date","value":"202612"}"#), "1password");
    assert_eq!((at(month.expires), month.expires.is_day()), ("2027-01-01T00:00:00Z".into(), true));
    let filled = item(r#"{"id":"c","type":"CONCEALED","label":"credential","value":"inventedinvented"}"#);
    let inventory = read("item.json", &filled);
    assert!(inventory.files[0].refused && !inventory.issues[0].text.contains("invented"));
    let archive = [&b"PK\x03\x04"[..], &[0; 22], b"export.data"].concat();
    let input = Input { path: "all.1pux".to_owned(), bytes: archive, written: None };
    assert!(Inventory::read(vec![input], &[]).expect("refused").files[0].refused);
}

#[test]
fn openpgp_listings_name_their_subkeys_and_join_by_fingerprint() {
    let text = "pub:u:255:22:0123456789ABCDEF:20260314T150926:20270314T150926::u:::scESC:::::ed25519:::0:\n\
                fpr:::::::::00112233445566778899AABBCCDDEEFF00112233:\n\
                uid:u::::1773500966::X::Demo <demo@example.invalid>::::::::::0:\n\
                sub:u:255:18:FEDCBA9876543210:1773500966::::::e:::::cv25519::\n\
                pub:r:255:22:1111111111111111:1773500966:::u:::scESC:::::ed25519:::0:\n\
                uid:u::::1773500966::X::Other <other@example.invalid>::::::::::0:\n";
    let inventory = read("keys.txt", text);
    assert_eq!(inventory.issues, [], "times without a zone are UTC here");
    let names: Vec<&str> = inventory.keys.iter().map(KnownKey::label).collect();
    let demo = "Demo <demo@example.invalid>";
    assert_eq!(names, [demo, &format!("{demo} (subkey)"), "Other <other@example.invalid>"]);
    assert_eq!(at(inventory.keys[0].expires), "2027-03-14T15:09:26Z");
    assert_eq!(inventory.keys[1].expires, Stated::Never);
    let print = ("public-key".to_owned(), "00112233445566778899AABBCCDDEEFF00112233".to_owned());
    assert!(inventory.keys[0].identifiers.contains(&print));
}

#[test]
fn a_vault_version_that_is_kept_for_a_time_ends() {
    let text = r#"{"data":{"created_time":"2026-01-02T03:04:05Z","current_version":1,"custom_metadata":null,"delete_version_after":"720h0m0s","versions":{"1":{"created_time":"2026-10-01T00:00:00Z","deletion_time":"","destroyed":false}}}}"#;
    assert_eq!(at(one(text, "vault-kv-metadata").expires), "2026-10-31T00:00:00Z");
}

fn at(date: Stated) -> String {
    match date {
        Stated::Unknown => "unknown".to_owned(),
        Stated::Never => "never".to_owned(),
        Stated::At(time, _) => show(time),
    }
}

#[test]
fn alphamoon_listing() {
    let key = one(
        r#"{"apiKeys":[{"id":"5d0c1b2a3948576655443322110f0e0d","name":"invoices-prod-upload","orgId":"org_Inv3nted0Org0001","scopes":["workspace.collection:create","workspace.file:upload"],"status":"Active","createdAt":"2026-09-01T08:00:00Z","exp":"2026-12-01T00:00:00Z"}]}"#,
        "alphamoon-listing",
    );
    assert_eq!(key.class.as_deref(), Some("alphamoon-api-key"));
    assert_eq!((at(key.created), at(key.expires)), ("2026-09-01T08:00:00Z".into(), "2026-12-01T00:00:00Z".into()));
    assert_eq!((key.status, key.last_used), (Status::Active, Stated::Unknown));
}

#[test]
fn alphamoon_create_answer_is_refused() {
    let inventory = read(
        "created.json",
        concat!(
            r#"{"id":"5d0c","name":"n","scopes":[],"createdAt":"2026-09-01T08:00:00Z","exp":"2026-12-01T00:00:00Z","#,
            r#""key":"example:value"}"#
        ),
    );
    assert!(inventory.keys.is_empty() && inventory.files[0].refused);
    assert_eq!(inventory.issues[0].rule, "value-in-inventory");
    assert!(!inventory.issues[0].text.contains("kx7f"));
    assert_eq!(inventory.location(inventory.issues[0].place).snippet, None);
}

const REPORT: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated
ci-deploy,arn:aws:iam::111122223333:user/ci-deploy,2024-02-29T10:00:00+00:00,false,N/A,N/A,N/A,false,true,2026-01-10T08:00:00+00:00,2026-11-20T03:12:00+00:00,eu-west-1,s3,true,2026-11-01T08:00:00+00:00,N/A,N/A,N/A,false,N/A,false,N/A
";

#[test]
fn aws_credential_report_judges_each_key_for_itself() {
    let inventory = read("report.csv", REPORT);
    assert_eq!(inventory.issues, []);
    let [first, second] = &inventory.keys[..] else { panic!("two keys") };
    assert_eq!(
        (at(first.rotated), at(first.last_used)),
        ("2026-01-10T08:00:00Z".into(), "2026-11-20T03:12:00Z".into())
    );
    assert_eq!(second.last_used, Stated::Never, "N/A with service N/A and a key made after tracking began");
    assert_eq!(second.expires, Stated::Never, "the report says nothing, its vendor does: such keys have no end");
}

#[test]
fn aws_use_before_tracking_is_unknown() {
    let old = REPORT.replace("2026-11-01T08:00:00+00:00", "2015-04-21T00:00:00+00:00");
    assert_eq!(read("report.csv", &old).keys[1].last_used, Stated::Unknown);
}

fn aws_id() -> String {
    format!("{}{}", "AKIA", "RTX3GSDSVIAQEAYE")
}

#[test]
fn aws_key_list_and_last_use_become_one_row() {
    let text = format!(
        r#"{{"AccessKeyMetadata":[{{"UserName":"ci-deploy","AccessKeyId":"{0}","Status":"Active","CreateDate":"2026-01-10T08:00:00+00:00"}}]}}
{{"AccessKeyId":"{0}","UserName":"ci-deploy","AccessKeyLastUsed":{{"ServiceName":"N/A","Region":"N/A"}}}}"#,
        aws_id()
    );
    let inventory = read("keys.json", &text);
    assert_eq!((inventory.keys.len(), &inventory.issues[..]), (1, &[][..]));
    let key = &inventory.keys[0];
    assert_eq!(
        (at(key.created), key.last_used, key.status),
        ("2026-01-10T08:00:00Z".into(), Stated::Never, Status::Active)
    );
    assert_eq!(key.identifiers, [("aws-key-id".to_owned(), aws_id())]);
}

#[test]
fn aws_secrets_manager() {
    let key = one(
        r#"{"SecretList":[{"ARN":"arn:aws:secretsmanager:eu-west-1:111122223333:secret:pay/db-AbCdEf","Name":"pay/db","RotationEnabled":true,"RotationRules":{"AutomaticallyAfterDays":30},"CreatedDate":"2025-02-01T00:00:00+00:00","LastRotatedDate":"2026-11-02T02:00:00+00:00","LastChangedDate":"2026-11-02T02:00:01+00:00","LastAccessedDate":"2026-11-21T00:00:00+00:00","NextRotationDate":"2026-12-02T23:59:59+00:00","Tags":[{"Key":"owner","Value":"payments"}]}]}"#,
        "aws-secrets-manager",
    );
    assert_eq!((at(key.rotated), key.owner.as_deref()), ("2026-11-02T02:00:01Z".into(), Some("payments")));
    assert_eq!(key.source.grain.num_days(), 1);
}

#[test]
fn gcp_service_account_keys_and_api_keys() {
    let key = one(
        r#"[{"name":"projects/demo/serviceAccounts/ci@demo.iam.gserviceaccount.com/keys/0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c","keyAlgorithm":"KEY_ALG_RSA_2048","keyOrigin":"GOOGLE_PROVIDED","keyType":"USER_MANAGED","validAfterTime":"2026-03-14T15:09:26Z","validBeforeTime":"9999-12-31T23:59:59Z"}]"#,
        "gcp-service-account-keys",
    );
    assert_eq!((key.expires, key.owner.as_deref()), (Stated::Never, Some("ci@demo.iam.gserviceaccount.com")));
    assert_eq!(key.identifiers[0].1, "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c");
    let key = one(
        r#"[{"name":"projects/123456789012/locations/global/keys/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9","uid":"0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9","displayName":"maps","createTime":"2026-03-14T15:09:26.535897Z","updateTime":"2026-03-14T15:09:27.000000Z","etag":"W/\"x\""}]"#,
        "gcp-api-keys",
    );
    assert_eq!(key.scopes, Some(vec!["*".to_owned()]), "no restrictions is everything");
}

#[test]
fn azure_credentials_and_key_vault() {
    let key = one(
        r#"[{"customKeyIdentifier":null,"displayName":"ci","endDateTime":"2027-03-14T15:09:26Z","hint":"aB1","keyId":"0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9","secretText":null,"startDateTime":"2026-03-14T15:09:26Z"}]"#,
        "azure-app-credentials",
    );
    assert_eq!((at(key.expires), key.hint.unwrap().prefix), ("2027-03-14T15:09:26Z".into(), "aB1".to_owned()));
    let key = one(
        r#"[{"id":"https://demo.vault.invalid/secrets/db","name":"db","contentType":null,"tags":{"owner":"payments"},"attributes":{"enabled":true,"created":"2026-03-14T15:09:26+00:00","updated":"2026-03-14T15:09:26+00:00","expires":null,"notBefore":null}}]"#,
        "azure-key-vault",
    );
    assert_eq!((key.expires, key.owner.as_deref()), (Stated::Never, Some("payments")));
    let rest = one(
        r#"{"value":[{"id":"https://demo.vault.invalid/secrets/db","attributes":{"enabled":true,"created":1773500966,"updated":1773500966,"exp":1793523600}}]}"#,
        "azure-key-vault",
    );
    assert_eq!((at(rest.created), at(rest.expires)), ("2026-03-14T15:09:26Z".into(), "2026-11-01T09:00:00Z".into()));
}

#[test]
fn github_exports() {
    let key = one(
        r#"[{"id":25381,"owner":{"login":"robin"},"repository_selection":"subset","permissions":{"repository":{"contents":"read","metadata":"read"}},"access_granted_at":"2026-05-16T08:47:09Z","token_id":998877,"token_name":"docs-bot","token_expired":false,"token_expires_at":"2027-05-16T08:47:09Z","token_last_used_at":null}]"#,
        "github-fine-grained-pats",
    );
    assert_eq!(key.scopes, Some(vec!["contents:read".to_owned(), "metadata:read".to_owned()]));
    assert_eq!((key.last_used, key.owner.as_deref()), (Stated::Never, Some("robin")));
    let key = one(
        r#"[{"id":1,"key":"ssh-ed25519 AAAAINVENTED","title":"mirror","verified":true,"created_at":"2024-02-29T10:00:00Z","read_only":false,"added_by":"robin","last_used":"2026-01-01T00:00:00Z","enabled":true}]"#,
        "github-deploy-keys",
    );
    assert_eq!(key.scopes, Some(vec!["contents:write".to_owned()]));
    let key = one(
        r#"{"total_count":1,"secrets":[{"name":"REGISTRY_PASS","created_at":"2024-08-10T14:59:22Z","updated_at":"2026-01-10T14:59:22Z"}]}"#,
        "github-actions-secrets",
    );
    assert!(key.in_place);
    assert_eq!(at(key.value_since()), "2026-01-10T14:59:22Z");
    let key = one(
        r#"[{"login":"robin","credential_id":1,"credential_type":"personal access token","token_last_eight":"abcd1234","credential_authorized_at":"2026-01-01T00:00:00Z","scopes":["repo"],"credential_accessed_at":null,"authorized_credential_expires_at":null}]"#,
        "github-sso-authorisations",
    );
    assert_eq!(key.hint.unwrap().suffix, "1234");
    one(
        r#"{"installations":[{"id":1,"app_slug":"bot","permissions":{"contents":"write"},"created_at":"2026-01-01T00:00:00Z","suspended_at":null}]}"#,
        "github-app-installations",
    );
}

#[test]
fn gitlab_days_end_at_their_start() {
    let key = one(
        r#"[{"id":42,"name":"ci","revoked":false,"created_at":"2026-05-01T09:00:00.000Z","scopes":["read_api"],"user_id":7,"last_used_at":null,"active":true,"expires_at":"2026-11-30"}]"#,
        "gitlab-tokens",
    );
    assert_eq!((at(key.expires), key.last_used), ("2026-11-30T00:00:00Z".into(), Stated::Never));
    assert!(!key.expires.is_day(), "that instant is exact");
}

#[test]
fn vault_exports() {
    let key = one(
        r#"{"data":{"created_time":"2026-01-02T03:04:05.123456789Z","current_version":3,"custom_metadata":{"owner":"payments"},"delete_version_after":"0s","max_versions":0,"oldest_version":1,"updated_time":"2026-10-01T00:00:00.5Z","versions":{"3":{"created_time":"2026-10-01T00:00:00.5Z","deletion_time":"","destroyed":false}}}}"#,
        "vault-kv-metadata",
    );
    assert_eq!((at(key.rotated), key.owner.as_deref()), ("2026-10-01T00:00:00Z".into(), Some("payments")));
    let token = r#"{"data":{"accessor":"AccInvented01","creation_time":1773500966,"creation_ttl":2764800,"display_name":"ci","expire_time":"2026-04-15T15:09:26.1Z","explicit_max_ttl":0,"issue_time":"2026-03-14T15:09:26.1Z","num_uses":0,"orphan":true,"path":"auth/approle/login","policies":["default","ci"],"renewable":true,"ttl":2764000,"type":"service"}}"#;
    let key = one(token, "vault-token");
    assert_eq!((at(key.expires), key.scopes.unwrap().len()), ("2026-04-15T15:09:26Z".into(), 2));
    let with_id = token.replace("\"accessor\"", "\"id\":\"inventedvalue\",\"accessor\"");
    assert!(read("lookup.json", &with_id).files[0].refused, "the id of a token is the token");
    let key = one(
        r#"{"data":{"secret_id_accessor":"a1","secret_id_ttl":0,"creation_time":"2026-01-01T00:00:00Z","expiration_time":"0001-01-01T00:00:00Z"}}"#,
        "vault-approle",
    );
    assert_eq!(key.expires, Stated::Never);
}

#[test]
fn kubernetes_secrets_and_certificates() {
    let key = one(
        r#"{"metadata":{"name":"build-robot","namespace":"ci","creationTimestamp":"2021-05-01T00:00:00Z","labels":{"kubernetes.io/legacy-token-last-used":"2025-10-24","kubernetes.io/legacy-token-invalid-since":"2026-10-25"},"annotations":{"kubernetes.io/service-account.name":"build-robot"}},"type":"kubernetes.io/service-account-token"}"#,
        "kubernetes-secrets",
    );
    assert_eq!((key.id.as_deref(), key.status, key.expires), (Some("ci/build-robot"), Status::Revoked, Stated::Never));
    assert_eq!(at(key.last_used), "2025-10-25T00:00:00Z", "a day of use is read as its end");
    let key = one(
        r#"{"status":{"notBefore":"2026-09-01T00:00:00Z","notAfter":"2026-11-30T00:00:00Z","renewalTime":"2026-10-31T00:00:00Z","revision":7}}"#,
        "cert-manager",
    );
    assert_eq!(at(key.expires), "2026-11-30T00:00:00Z");
    let values = r#"{"items":[{"metadata":{"name":"db","namespace":"x","creationTimestamp":"2026-01-01T00:00:00Z"},"type":"Opaque","data":{"password":"aW52ZW50ZWQ="}}]}"#;
    assert!(read("secrets.json", values).files[0].refused);
}

#[test]
fn saas_exports() {
    let npm = one(
        r#"[{"token":"npm_Ab","key":"0f1e2d3c4b5a","cidr_whitelist":null,"readonly":false,"created":"2026-10-01T07:52:24.838Z","updated":"2026-10-01T07:52:24.838Z"}]"#,
        "npm-tokens",
    );
    assert_eq!(npm.scopes, Some(vec!["write".to_owned()]));
    let datadog = one(
        r#"{"data":[{"type":"api_keys","id":"0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9","attributes":{"name":"agent-prod","last4":"9f2c","created_at":"2024-02-29T10:00:00+00:00","modified_at":"2024-02-29T10:00:00+00:00","date_last_used":"2026-11-20T00:00:00+00:00"}}]}"#,
        "datadog-v2",
    );
    assert_eq!(datadog.hint.unwrap().suffix, "9f2c");
    let okta = one(
        r#"[{"id":"00Tinvented0001","name":"hr-sync","userId":"00uinvented0001","tokenWindow":"P30D","created":"2026-01-01T00:00:00.000Z","expiresAt":"2026-12-20T00:00:00.000Z","lastUpdated":"2026-11-20T00:00:00.000Z","clientName":"Okta API"}]"#,
        "okta-api-tokens",
    );
    assert_eq!(at(okta.expires), "2026-12-20T00:00:00Z");
    one(
        r#"[{"variable":"DEPLOY_PASS","context_id":"0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9","created_at":"2024-01-01T00:00:00.000Z","updated_at":"2024-01-01T00:00:00.000Z"}]"#,
        "circleci-context",
    );
    let doppler = one(
        r#"{"tokens":[{"name":"ci","slug":"inv-01","created_at":"2026-01-01T00:00:00.000Z","config":"prd","environment":"prd","project":"pay","expires_at":null,"access":"read"}]}"#,
        "doppler-service-tokens",
    );
    assert_eq!((doppler.expires, doppler.service.as_deref()), (Stated::Never, Some("pay")));
    let infisical = one(
        r#"{"clientSecretData":[{"id":"inv-01","clientSecretPrefix":"ab12","clientSecretTTL":0,"clientSecretNumUses":17,"isClientSecretRevoked":false,"createdAt":"2026-01-01T00:00:00.000Z"}]}"#,
        "infisical-client-secrets",
    );
    assert_eq!(infisical.expires, Stated::Never);
    let bitwarden = one(
        r#"{"items":[{"id":"inv-01","name":"bank api","creationDate":"2024-01-01T00:00:00.000Z","revisionDate":"2024-01-01T00:00:00.000Z","passwordHistory":null,"login":{"passwordRevisionDate":null}}]}"#,
        "bitwarden",
    );
    assert_eq!(at(bitwarden.value_since()), "2024-01-01T00:00:00Z");
}

#[test]
fn key_files_with_their_own_dates() {
    let tuf = one(r#"{"signed":{"_type":"targets","version":12,"expires":"2026-12-31T00:00:00Z"}}"#, "tuf");
    assert_eq!(at(tuf.expires), "2026-12-31T00:00:00Z");
    let pgp = one("pub:u:255:22:0123456789ABCDEF:1773500966:1805036966::u:::scESC:::::ed25519:::0:\n", "openpgp");
    assert_eq!(
        (at(pgp.created), pgp.expires.time()),
        ("2026-03-14T15:09:26Z".into(), DateTime::from_timestamp(1_805_036_966, 0))
    );
    let keepass = one(
        "<Times><CreationTime>JnFH4Q4AAAA=</CreationTime><Expires>False</Expires><ExpiryTime>JnFH4Q4AAAA=</ExpiryTime></Times>",
        "keepass",
    );
    assert_eq!((at(keepass.created), keepass.expires), ("2026-03-14T15:09:26Z".into(), Stated::Never));
    let x509 = one("notBefore=Mar 14 15:09:26 2026 GMT\nnotAfter=Mar 14 15:09:26 2027 GMT\n", "x509");
    assert_eq!((at(x509.created), at(x509.expires)), ("2026-03-14T15:09:26Z".into(), "2027-03-14T15:09:26Z".into()));
}

#[test]
fn local_times_of_ssh_keygen_are_refused() {
    let inventory = read("cert.txt", "        Valid: from 2026-03-14T15:09:00 to 2026-09-14T15:09:00\n");
    assert_eq!((inventory.issues[0].rule, inventory.keys[0].expires), ("bad-date", Stated::Unknown));
    assert_eq!(read("cert.txt", "        Valid: forever\n").keys[0].expires, Stated::Never);
}

#[test]
fn exports_with_values_are_refused_without_showing_them() {
    for text in [
        r#"{"api_keys":[{"key":"inventedinvented","name":"x","created":"2024-01-01T00:00:00Z"}]}"#,
        r#"[{"id":42,"name":"ci","revoked":false,"created_at":"2026-05-01T09:00:00.000Z","scopes":[],"expires_at":null,"token":"inventedinvented"}]"#,
        r#"{"items":[{"id":"1","name":"x","creationDate":"2024-01-01T00:00:00Z","revisionDate":"2024-01-01T00:00:00Z","login":{"password":"inventedinvented"}}]}"#,
        "folder,favorite,type,name,notes,fields,reprompt,login_uri,login_username,login_password,login_totp\n,,login,x,,,0,,u,inventedinvented,\n",
        "<KeePassFile><Root><Group><Entry><UUID>x</UUID><String><Key>Password</Key><Value>inventedinvented</Value></String><Times><CreationTime>2026-01-01T00:00:00Z</CreationTime><Expires>False</Expires></Times></Entry></Group></Root></KeePassFile>",
    ] {
        let inventory = read("export", text);
        assert!(inventory.files[0].refused && inventory.keys.is_empty(), "{text}");
        assert_eq!(inventory.issues[0].rule, "value-in-inventory");
        assert!(!inventory.issues[0].text.contains("invented"), "{text}");
    }
}

#[test]
fn what_nobody_knows_is_an_error_that_says_what_to_do() {
    let input = Input { path: "x.json".to_owned(), bytes: br#"[{"foo":1}]"#.to_vec(), written: None };
    match Inventory::read(vec![input], &[]) {
        Err(error @ Error::Unknown { .. }) => assert!(error.to_string().contains("[[import]]")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_mapping_reads_any_table() {
    let mapping = super::Mapping {
        name: "acme".to_owned(),
        class: Some("acme-api-key".to_owned()),
        fields: [("id", "Key ID"), ("created", "Made"), ("expires", "Ends"), ("last_used", "Seen")]
            .map(|(field, column)| (field.to_owned(), column.to_owned()))
            .to_vec(),
        never: vec!["no end".to_owned()],
        unset: vec!["?".to_owned()],
        ..super::Mapping::default()
    };
    let text = "Key ID;Made;Ends;Seen\n1;2026-01-01;no end;?\n2;2026-01-01;03/04/2026;2026-02-02T00:00:00Z\n";
    let input = Input { path: "acme.csv".to_owned(), bytes: text.as_bytes().to_vec(), written: None };
    let inventory = Inventory::read(vec![input], &[mapping]).expect("mapped");
    assert_eq!((inventory.keys[0].expires, inventory.keys[0].last_used), (Stated::Never, Stated::Unknown));
    assert_eq!(inventory.keys[1].expires, Stated::Unknown);
    assert_eq!(inventory.issues[0].rule, "bad-date");
    assert!(inventory.issues[0].text.contains("03/04/2026"));
}
