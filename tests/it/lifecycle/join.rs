//! Scans that join what they find with rows.

use super::*;

#[test]
fn a_scan_joins_what_it_finds_and_reports_no_other_row() {
    let sandbox = Sandbox::new();
    sandbox.write("app/settings.py", format!("key_id = '{}'\n", aws_id()));
    sandbox.write("keyrot-inventory.toml", aws_row("2026-11-01", "active"));
    let done = sandbox.keyrot("scan app/settings.py . --as-of 2026-11-22 --format json");
    let joined: Vec<Value> =
        findings(&done).into_iter().filter(|one| one.to_string().contains("exposed-and-active")).collect();
    assert!(!joined.is_empty(), "{}", done.stdout);
    assert!(joined[0].to_string().contains("by public identifier"));
    assert!(joined[0].to_string().contains("team-ci"), "the owner is named: {}", joined[0]);
    assert!(!done.stdout.contains("old-key"), "nobody's commit breaks because another key is old");
    let all = sandbox.keyrot("scan . --audit --as-of 2026-11-22 --format json");
    assert!(all.stdout.contains("old-key"));
}

#[test]
fn a_revoked_key_in_the_tree_is_clutter() {
    let sandbox = Sandbox::new();
    sandbox.write("settings.py", format!("key_id = '{}'\n", aws_id()));
    sandbox.write("inv.toml", aws_row("2026-11-01", "revoked"));
    let done = sandbox.keyrot("scan settings.py --inventory inv.toml --as-of 2026-11-22 --format json");
    let found = findings(&done);
    let key =
        found.iter().find(|one| one.to_string().contains("dead-but-in-tree")).unwrap_or_else(|| panic!("{found:?}"));
    assert_eq!(key["severity"], "info");
}

fn pem(label: &str, body: &str) -> String {
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
}

/// An invented private key on P-256 with this public half.
fn ec_key(point: &[u8]) -> String {
    let private = [
        &[0x30, 0x77, 0x02, 0x01, 0x01, 0x04, 0x20][..],
        b"kQ3xV9mZt7LrW2yN8bJc5HsD4gFe6UpA",
        &[0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0xa1, 0x44, 0x03, 0x42, 0x00],
        point,
    ];
    pem("EC PRIVATE KEY", &data_encoding::BASE64.encode(&private.concat()))
}

#[test]
fn a_found_private_key_joins_its_certificate() {
    let sandbox = Sandbox::new();
    // A certificate on P-256 from September 2026 to January 2027; the private half here is not its own.
    let certificate = [
        "MIIBFTCBvAIBATAKBggqhkjOPQQDAjAXMRUwEwYDVQQDDAxkZW1vLmludmFsaWQwHhcNMjYwOTAxMDAwMDAwWhcNMjcwMTAxMDAwMDAwWjAXMRUw",
        "EwYDVQQDDAxkZW1vLmludmFsaWQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAS+kUa41cUWDdsTzLKbWruQGbRzXNL77+S9QCy+AjIqRqInRFSs",
        "Zpg/j//CS2FpuoqFEGYTfttdXVnTVh+PaoxbMAoGCCqGSM49BAMCA0gAMEUCIQCnWdrNwiNFWvzWeLEXQu2NKyEzHaEUTSeFVW8x3NumQwIgIQQD",
        "RB2HQ51DId9HaOqMD1IAhNqJzOyvzZrT22aJSGY=",
    ];
    sandbox.write("demo.crt", pem("CERTIFICATE", &certificate.concat()));
    let der = data_encoding::BASE64.decode(certificate.concat().as_bytes()).unwrap();
    let point = der.windows(3).position(|part| part == [0x42, 0x00, 0x04]).unwrap() + 2;
    sandbox.write("tree/key.pem", ec_key(&der[point..point + 65]));
    let done = sandbox.keyrot("scan tree --inventory demo.crt --as-of 2026-11-22 --format json");
    let key = findings(&done)
        .into_iter()
        .find(|one| one["rule"] == "private-key-ec")
        .unwrap_or_else(|| panic!("{}", done.stdout));
    assert!(key.to_string().contains("joined by public identifier"), "{key}");
    assert!(key.to_string().contains("CN=demo.invalid") && key.to_string().contains("exposed-and-active"), "{key}");
}

#[test]
fn the_pass_half_of_a_pair_states_its_end() {
    let sandbox = Sandbox::new();
    let part = |text: &str| data_encoding::BASE64URL_NOPAD.encode(text.as_bytes());
    let token = format!(
        "{}.{}.{}",
        part(r#"{"alg":"HS256"}"#),
        part(r#"{"exp":1700000000}"#),
        "kQ3xV9mZt7LrW2yN8bJc5HsD4gFe6UpA"
    );
    sandbox.write("login.sh", format!("curl -u svc-build:{token} https://api.acme-corp.io/\n"));
    let done = sandbox.keyrot("scan login.sh --format json --fail-on info --as-of 2026-11-22");
    let found = findings(&done);
    assert!(found.iter().any(|one| one.to_string().contains("states-past-expiry")), "{}", done.stdout);
}

#[test]
fn a_length_of_life_beside_a_token_counts_from_its_issue() {
    let sandbox = Sandbox::new();
    let token = crate::sandbox::github_token();
    let scan = |text: &str| {
        sandbox.write("token.json", text);
        sandbox.keyrot("scan token.json --format json --fail-on info --as-of 2026-11-22").stdout
    };
    let stated = scan(&format!(r#"{{"access_token":"{token}","expires_in":3600,"issued_at":"2026-11-01T10:00:00Z"}}"#));
    assert!(stated.contains("States an expiry of 2026-11-01T11:00:00Z (field beside it)"), "{stated}");
    let unknown = scan(&format!(r#"{{"access_token":"{token}","expires_in":3600}}"#));
    assert!(!unknown.contains("States an expiry"), "nobody says when it was issued: {unknown}");
}

#[test]
fn who_can_read_the_repository_is_said_or_asked_of_the_event() {
    let sandbox = Sandbox::new();
    sandbox.write("settings.py", format!("key_id = '{}'\n", aws_id()));
    sandbox.write("inv.toml", aws_row("2026-11-01", "active"));
    let event = |text: &str| sandbox.write("event.json", text).to_str().unwrap().to_owned();
    let scan = |flags: &str, environment: &[(&str, &str)]| {
        let command = format!("scan settings.py --inventory inv.toml --as-of 2026-11-22 --format json {flags}");
        let done = sandbox.keyrot_with(&command, environment, b"");
        let found = findings(&done);
        let key = found.iter().find(|one| one["rule"] == "aws-access-key-id").unwrap().clone();
        let public = key.to_string().contains("public-exposure");
        (key["severity"].as_str().unwrap().to_owned(), public, done.stderr.contains("visibility unknown"))
    };
    assert_eq!(scan("", &[]), ("high".to_owned(), false, true), "unknown is judged as private, with a note");
    assert_eq!(scan("--visibility private", &[]), ("high".to_owned(), false, false));
    assert_eq!(scan("--visibility public", &[]), ("critical".to_owned(), true, false));
    let public = event(r#"{"repository":{"visibility":"public","private":false}}"#);
    assert_eq!(scan("", &[("GITHUB_EVENT_PATH", &public)]), ("critical".to_owned(), true, false));
    assert_eq!(scan("--visibility private", &[("GITHUB_EVENT_PATH", &public)]), ("high".to_owned(), false, false));
    let old = event(r#"{"repository":{"private":true}}"#);
    assert_eq!(scan("", &[("GITHUB_EVENT_PATH", &old)]), ("high".to_owned(), false, false));
    assert_eq!(scan("", &[("CI_PROJECT_VISIBILITY", "internal")]), ("high".to_owned(), false, false));
    assert_eq!(scan("", &[("CI_PROJECT_VISIBILITY", "internal"), ("CI", "true")]).0, "critical", "a gate in CI");
}

#[test]
fn a_waiver_for_a_verdict_leaves_the_finding() {
    let sandbox = Sandbox::new();
    sandbox.write("settings.py", format!("key_id = '{}'\n", aws_id()));
    let waiver =
        format!("[[waiver]]\nrule = 'KR301'\nid = '{}'\nuntil = 2026-12-31\nreason = 'moves to a vault'\n", aws_id());
    sandbox.write("inv.toml", aws_row("2026-11-01", "active") + &waiver);
    let done = sandbox.keyrot("scan settings.py --inventory inv.toml --as-of 2026-11-22 --format json --fail-on info");
    let found = findings(&done);
    let key = found.iter().find(|one| one["rule"] == "aws-access-key-id").unwrap_or_else(|| panic!("{found:?}"));
    assert!(key["suppressed"].is_null() && key["severity"] != "high", "{key}");
    assert_eq!(
        (&key["verdicts"][0]["rule"], &key["verdicts"][0]["waived"]),
        (&"exposed-and-active".into(), &true.into())
    );
    assert!(key["verdicts"][0]["text"].as_str().unwrap().contains("moves to a vault"), "{key}");
    assert_eq!(key["owner"], "team-ci");
    let text = sandbox.keyrot("scan settings.py --inventory inv.toml --as-of 2026-11-22").stdout;
    assert!(text.contains("exposed-and-active: Waived until 2026-12-31") && text.contains("owner: team-ci"), "{text}");
}

#[test]
fn a_change_is_not_broken_by_rows_and_inventories_that_it_does_not_touch() {
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "--quiet", "--initial-branch=main", "."]);
    sandbox.write("keyrot-inventory.toml", aws_row("2020-01-01", "active"));
    sandbox.write(
        ".keyrot/inventory/created.json",
        r#"{"id":"5d","scopes":[],"createdAt":null,"exp":null,"key":"invented:value"}"#,
    );
    sandbox.git(&["add", "--all"]);
    sandbox.git(&["commit", "--quiet", "--message", "inventory"]);
    sandbox.write("notes.md", "Nothing here.\n");
    sandbox.git(&["add", "--all"]);
    let staged = sandbox.keyrot("scan --staged --as-of 2026-11-22 --fail-on info");
    assert_eq!(staged.code, 0, "{}{}", staged.stdout, staged.stderr);
    assert_eq!(sandbox.keyrot("scan . --as-of 2026-11-22").code, 1, "the whole scan speaks of the refused file");
    sandbox.write("keyrot-inventory.toml", "schema = 2\n");
    let broken = sandbox.keyrot("scan --staged --as-of 2026-11-22 --fail-on info");
    assert_eq!(broken.code, 0, "{}{}", broken.stdout, broken.stderr);
    assert!(broken.stderr.contains("found inventories were not used"), "{}", broken.stderr);
    assert_eq!(sandbox.keyrot("scan . --as-of 2026-11-22").code, 2, "a whole scan does not go on without it");
    assert_eq!(sandbox.keyrot("scan --staged --audit").code, 2, "all rows of a change: nobody can mean that");
}

#[test]
fn s18_the_founding_document_s_example_is_no_finding() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "guide.md",
        "If your **API key** has the value *h12shadjada:13ehjhj1b3j* then the value for the **user** is *h12shadjada*.\n",
    );
    let done = sandbox.keyrot("scan guide.md --format json");
    assert_eq!(done.code, 0, "{}", done.stdout);
}

#[cfg(unix)]
#[test]
fn a_private_key_that_every_account_may_read_stands_in_an_unsafe_place() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "--quiet", "--initial-branch=main", "."]);
    let point = [&[4][..], &[7; 64]].concat();
    for (path, mode) in [("open.pem", 0o644), ("closed.pem", 0o640), ("tracked.pem", 0o644)] {
        let file = sandbox.write(path, ec_key(&point));
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(mode)).unwrap();
    }
    sandbox.git(&["add", "tracked.pem"]);
    let done = sandbox.keyrot("scan . --format json");
    for (path, unsafe_one) in [("open.pem", true), ("closed.pem", false), ("tracked.pem", false)] {
        let found = findings(&done);
        let key =
            found.iter().find(|one| one["location"]["path"] == path).unwrap_or_else(|| panic!("{path}: {found:?}"));
        assert_eq!(key.to_string().contains("unsafe-place"), unsafe_one, "{path}: git keeps no such modes: {key}");
    }
}

#[test]
fn the_login_of_a_known_person_is_told_and_not_shown() {
    let sandbox = Sandbox::new();
    sandbox.write("login.sh", format!("curl -u Sam.Sample:{} https://api.acme-corp.io/\n", "xK9vQ2mLr8Tz"));
    let scan = || sandbox.keyrot("scan login.sh --format json");
    assert!(!scan().stdout.contains("human-login-as-key"));
    sandbox.write("keyrot.toml", "[policy]\npeople = 'people.txt'\n");
    let missing = scan();
    assert_eq!(missing.code, 2);
    assert!(missing.stderr.contains("cannot read the file of `people`"), "{}", missing.stderr);
    sandbox.write("people.txt", "# logins\nsam.sample\n");
    let done = scan();
    assert!(done.stdout.contains("the login of a known person"), "{}", done.stdout);
    assert!(!done.stdout.to_lowercase().contains("sam.sample"), "{}", done.stdout);
}

#[test]
fn the_export_of_a_directory_says_who_is_a_person() {
    let sandbox = Sandbox::new();
    sandbox.write("login.sh", format!("curl -u Sam.Sample:{} https://api.acme-corp.io/\n", "xK9vQ2mLr8Tz"));
    let users = r#"[{"id":"00uinvented0001","status":"DEPROVISIONED","profile":{"login":"sam.sample"}}]"#;
    sandbox.write("users.json", users);
    let scan = |flags: &str| sandbox.keyrot(&format!("scan login.sh --format json {flags}"));
    assert!(!scan("").stdout.contains("human-login-as-key"));
    let done = scan("--inventory users.json");
    assert!(done.stdout.contains("the login of a known person"), "{}{}", done.stdout, done.stderr);
    assert!(!done.stdout.to_lowercase().contains("sam.sample"), "{}", done.stdout);
    sandbox.write(".keyrot/inventory/users.json", users);
    assert!(scan("").stdout.contains("the login of a known person"), "discovered");
}

#[test]
fn a_key_in_a_wheel_is_told_as_handed_out() {
    let sandbox = Sandbox::new();
    let line = format!("curl -u svc-build:{} https://api.acme-corp.io/\n", "xK9vQ2mLr8Tz");
    let wheel = crate::reach::zip(&[("demo/fetch.sh", line.as_bytes())]);
    for name in ["demo-1.0-py3-none-any.whl", "demo.zip"] {
        sandbox.write(name, &wheel);
        let done = sandbox.keyrot(&format!("scan {name} --format json"));
        assert_eq!(findings(&done).len(), 1, "{}", done.stdout);
        let handed_out = done.stdout.contains("Stands in a Python wheel: everyone who gets it gets the key.");
        assert_eq!(handed_out, name.ends_with("whl"), "{}", done.stdout);
    }
}

#[test]
fn logins_that_ftp_and_ldap_carry_travel_in_clear() {
    let sandbox = Sandbox::new();
    let pair = ["svc-build", "xK9vQ2mLr8Tz"].join(":");
    for (line, clear) in [
        (format!("curl -u {pair} ftp://files.acme-corp.io/x"), true),
        (format!("curl --ssl-reqd -u {pair} ftp://files.acme-corp.io/x"), false),
        (format!("curl -Z -u {pair} http://files.acme-corp.io/x"), true),
        (format!("lftp ftp://{pair}@files.acme-corp.io/x"), true),
        (format!("LDAP_URL=ldap://{pair}@ldap.acme-corp.io/x"), true),
        (format!("LDAP_URL=ldaps://{pair}@ldap.acme-corp.io/x"), false),
        (format!("curl -u {pair} https://files.acme-corp.io/x"), false),
    ] {
        sandbox.write("login.sh", format!("{line}\n"));
        let found = rules(&sandbox.keyrot("scan login.sh --format json --fail-on info"));
        assert!(found.iter().any(|rule| rule == "user-pass-pair"), "{line}: {found:?}");
        assert_eq!(found.iter().any(|rule| rule == "cleartext-transport"), clear, "{line}: {found:?}");
    }
}

#[test]
fn variables_that_switch_certificate_checks_off_are_seen() {
    let sandbox = Sandbox::new();
    let pair = ["svc-build", "xK9vQ2mLr8Tz"].join(":");
    for (line, off) in [
        (format!("GIT_SSL_NO_VERIFY=true git clone https://{pair}@git.acme-corp.io/x.git"), true),
        (format!("NODE_TLS_REJECT_UNAUTHORIZED=0 curl -u {pair} https://api.acme-corp.io/"), true),
        (format!("NODE_TLS_REJECT_UNAUTHORIZED=1 curl -u {pair} https://api.acme-corp.io/"), false),
    ] {
        sandbox.write("login.sh", format!("{line}\n"));
        let found = rules(&sandbox.keyrot("scan login.sh --format json --fail-on info"));
        assert_eq!(found.iter().any(|rule| rule == "tls-check-off"), off, "{line}: {found:?}");
    }
}
