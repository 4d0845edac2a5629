//! Exports of who exists.

use super::*;
use crate::lifecycle::directory::Kind;

/// What a file says of an account: its kind, and whether it can be used.
fn member(text: &str, name: &str) -> (Kind, bool) {
    let inventory = read("people.json", text);
    assert_eq!((inventory.issues.len(), inventory.keys.len()), (0, 0), "{text}");
    let found = inventory.directory.find(name).unwrap_or_else(|| panic!("{name}: {text}"));
    (found.kind, found.active)
}

#[test]
fn members_and_teams_of_github() {
    let text = r#"[{"login":"robin","id":7,"node_id":"MDQ6","type":"User","site_admin":false},{"login":"build-bot","id":8,"node_id":"MDQ7","type":"Bot","site_admin":false}]"#;
    assert_eq!((member(text, "Robin"), member(text, "build-bot")), ((Kind::Person, true), (Kind::Robot, true)));
    let text = r#"[{"id":1,"node_id":"MDQ6","name":"Payments Team","slug":"payments","description":"","privacy":"closed","permission":"pull"}]"#;
    for name in ["payments", "@acme/payments", "Payments Team"] {
        assert_eq!(member(text, name), (Kind::Team, true));
    }
}

#[test]
fn users_of_gitlab_name_the_owners_of_tokens() {
    let users = r#"[{"id":7,"username":"robin","name":"Robin","state":"active","web_url":"https://git.acme-corp.io/robin","bot":false},{"id":9,"username":"sam","name":"Sam","state":"blocked","web_url":"https://git.acme-corp.io/sam","bot":false},{"id":11,"username":"group_1_bot","name":"x","state":"active","web_url":"https://git.acme-corp.io/b","bot":true}]"#;
    assert_eq!((member(users, "robin"), member(users, "sam")), ((Kind::Person, true), (Kind::Person, false)));
    assert_eq!(member(users, "group_1_bot"), (Kind::Robot, true));
    let tokens = r#"[{"id":42,"name":"ci","revoked":false,"created_at":"2026-05-01T09:00:00.000Z","scopes":["read_api"],"user_id":9,"last_used_at":null,"active":true,"expires_at":"2026-11-30"}]"#;
    let both = [("users.json", users), ("tokens.json", tokens)].map(|(path, text)| Input {
        path: path.to_owned(),
        bytes: text.as_bytes().to_vec(),
        written: None,
    });
    let inventory = Inventory::read(both.to_vec(), &[]).expect("right");
    assert_eq!(inventory.keys[0].owner.as_deref(), Some("sam"));
    assert_eq!(read("tokens.json", tokens).keys[0].owner.as_deref(), Some("user 9"), "a number without the list");
}

#[test]
fn users_and_groups_of_okta() {
    let text = r#"[{"id":"00uinvented0001","status":"ACTIVE","created":"2024-01-01T00:00:00.000Z","profile":{"login":"robin@acme-corp.io","email":"r@acme-corp.io","firstName":"R"},"credentials":{"password":{},"provider":{"type":"OKTA"}}},{"id":"00uinvented0002","status":"DEPROVISIONED","profile":{"login":"sam@acme-corp.io"}},{"id":"00uinvented0003","status":"LOCKED_OUT","profile":{"login":"kim@acme-corp.io"}}]"#;
    assert_eq!(member(text, "r@acme-corp.io"), (Kind::Person, true));
    assert_eq!(member(text, "sam@acme-corp.io"), (Kind::Person, false));
    assert_eq!(member(text, "kim@acme-corp.io"), (Kind::Person, true), "who is locked out is still there");
    let text = r#"[{"id":"00ginvented0001","type":"OKTA_GROUP","profile":{"name":"payments","description":""}}]"#;
    assert_eq!(member(text, "payments"), (Kind::Team, true));
}

#[test]
fn users_and_groups_of_scim() {
    let text = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":2,"Resources":[{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"1","userName":"robin","emails":[{"value":"robin@acme-corp.io","primary":true}],"active":true},{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"2","userName":"sam","active":false}]}"#;
    assert_eq!(member(text, "robin@acme-corp.io"), (Kind::Person, true));
    assert_eq!(member(text, "sam"), (Kind::Person, false));
    let text = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"Resources":[{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"3","displayName":"payments"}]}"#;
    assert_eq!(member(text, "payments"), (Kind::Team, true));
    let filled = r#"{"Resources":[{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"robin","password":"inventedinvented"}]}"#;
    assert!(read("scim.json", filled).files[0].refused, "a login's password is a value");
}

#[test]
fn users_of_entra_and_of_google_workspace() {
    let text = r#"[{"businessPhones":[],"displayName":"Robin","id":"0a1b","mail":"robin@acme-corp.io","userPrincipalName":"robin@acme.onmicrosoft.com","accountEnabled":false}]"#;
    assert_eq!(member(text, "robin@acme-corp.io"), (Kind::Person, false));
    let text = r#"{"value":[{"displayName":"payments","securityEnabled":true,"id":"0a1b","mailNickname":"pay"}]}"#;
    assert_eq!(member(text, "pay"), (Kind::Team, true));
    let text =
        r#"{"kind":"admin#directory#users","users":[{"id":"1","primaryEmail":"robin@acme-corp.io","suspended":true}]}"#;
    assert_eq!(member(text, "robin@acme-corp.io"), (Kind::Person, false));
}

#[test]
fn people_among_iam_users_are_those_who_log_in() {
    let text = r#"{"Users":[{"UserName":"robin","UserId":"A","Arn":"arn:aws:iam::111122223333:user/robin","CreateDate":"2024-01-01T00:00:00Z","PasswordLastUsed":"2026-01-01T00:00:00Z"},{"UserName":"ci-deploy","UserId":"B","Arn":"arn:aws:iam::111122223333:user/ci-deploy","CreateDate":"2024-01-01T00:00:00Z"}]}"#;
    assert_eq!(member(text, "robin"), (Kind::Person, true));
    assert!(read("users.json", text).directory.find("ci-deploy").is_none());
    let person = REPORT.replace("ci-deploy", "robin").replacen(",false,N/A", ",true,N/A", 1);
    let found = read("report.csv", &person).directory;
    assert_eq!(found.find("robin").map(|member| member.kind), Some(Kind::Person));
    assert!(read("report.csv", REPORT).directory.is_empty(), "no console password, no person");
}
