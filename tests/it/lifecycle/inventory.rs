//! Inventories: read, started, exported, and what is due.

use super::*;

#[test]
fn mistakes_of_an_inventory_are_shown_all_at_once() {
    let sandbox = Sandbox::new();
    sandbox.write("inv.toml", "schema = 1\n[[key]]\nid = 'a'\nnme = 'x'\nstatus = 'activ'\nscopes = 3\n");
    let done = sandbox.keyrot("audit inv.toml");
    assert_eq!(done.code, 2);
    for expected in ["inv.toml:4:1", "did you mean `name`?", "unknown value `activ`", "`scopes` must be a list"] {
        assert!(done.stderr.contains(expected), "{expected}: {}", done.stderr);
    }
}

#[test]
fn without_files_the_inventories_of_the_repository_are_read() {
    let sandbox = Sandbox::new();
    for command in ["audit", "due", "inventory check", "inventory export"] {
        let nothing = sandbox.keyrot(command);
        assert_eq!(nothing.code, 2, "{command}");
        assert!(nothing.stderr.contains("name the files"), "{command}: {}", nothing.stderr);
    }
    sandbox.write(".keyrot/inventory/keys.json", LISTING);
    sandbox.write("CODEOWNERS", "/deploy/ @org/ops\n");
    sandbox.write(
        "keyrot-inventory.toml",
        "schema = 1\nsource = 'overlay'\n[[key]]\nid = '5d0c1b2a3948576655443322110f0e0d'\nlocations = ['deploy/prod.env']\n",
    );
    let audit = sandbox.keyrot("audit --as-of 2026-11-22");
    assert!(audit.stdout.contains("Owner: @org/ops"), "{}", audit.stdout);
    assert!(audit.stderr.contains("2 keys from 2 files"), "{}", audit.stderr);
    assert!(sandbox.keyrot("due --as-of 2026-11-22").stdout.contains("(@org/ops)"));
}

#[test]
fn mistakes_are_said_once() {
    let sandbox = Sandbox::new();
    sandbox.write("inv.toml", "schema = 2\n[[key]]\nid = 'a'\n");
    let done = sandbox.keyrot("audit inv.toml");
    assert_eq!(done.stderr.matches("`schema` must be 1").count(), 1, "{}", done.stderr);
}

#[test]
fn a_fingerprint_needs_a_key_and_comes_from_standard_input() {
    let sandbox = Sandbox::new();
    let print = |environment: &[(&str, &str)], value: &str| {
        sandbox.keyrot_with("fingerprint --class github-pat-classic", environment, value.as_bytes())
    };
    let done = print(&[KEY], "'value'\n");
    assert_eq!((done.code, done.stdout.len()), (0, "kr1:".len() + 8 + 1 + 32 + 1));
    assert_eq!(done.stdout, print(&[KEY], "value").stdout, "quotes and white space do not count");
    assert!(!done.stdout.contains("value"));
    let without = print(&[], "value");
    assert_eq!(without.code, 2);
    assert!(without.stderr.contains("KEYROT_KEY"), "{}", without.stderr);
    assert!(print(&[("KEYROT_KEY", "short")], "value").stderr.contains("openssl rand"));
    sandbox.write("project.key", KEY.1);
    let from_file = sandbox.keyrot_with("fingerprint --class github-pat-classic --key-file project.key", &[], b"value");
    assert_eq!(from_file.stdout, done.stdout);
}

#[test]
fn due_lists_ends_and_rotations_in_four_forms() {
    let sandbox = Sandbox::new();
    sandbox.write("keys.json", LISTING);
    let due =
        |format: &str| sandbox.keyrot(&format!("due keys.json --within 90d --as-of 2026-11-22 --format {format}"));
    let text = due("text").stdout;
    assert!(text.contains("2026-12-01     in 9 d  ends"), "{text}");
    assert!(text.contains("279 d ago  rotation due"), "{text}");
    let json: Value = serde_json::from_str(&due("json").stdout).unwrap();
    assert_eq!(json["due"].as_array().unwrap().len(), 3);
    assert_eq!(due("csv").stdout.lines().count(), 4);
    let calendar = due("ical").stdout;
    assert_eq!(calendar.matches("BEGIN:VEVENT\r\n").count(), 3);
    assert_eq!(calendar, due("ical").stdout, "identifiers are stable");
}

#[test]
fn an_export_reads_back_and_fits_the_schema() {
    let sandbox = Sandbox::new();
    sandbox.write("keys.json", LISTING);
    sandbox.write(
        "overlay.toml",
        "schema = 1\nsource = 'overlay'\n[[key]]\nid = '5d0c1b2a3948576655443322110f0e0d'\nowner = \"team \\\"x\\\"\"\n",
    );
    let schema: Value = serde_json::from_str(include_str!("../../../docs/schema/inventory.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for form in ["toml", "json", "csv"] {
        let export =
            sandbox.keyrot(&format!("inventory export keys.json overlay.toml --as-of 2026-11-22 --form {form}"));
        assert_eq!(export.code, 0, "{}", export.stderr);
        if form == "json" {
            let document: Value = serde_json::from_str(&export.stdout).unwrap();
            let errors: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{errors:?}");
        }
        let name = format!("again.{form}");
        sandbox.write(&name, &export.stdout);
        let check = sandbox.keyrot(&format!("inventory check {name}"));
        assert_eq!(check.code, 0, "{form}: {}{}", check.stdout, check.stderr);
        assert!(check.stdout.contains("2 keys, 0 waivers, 0 issues"), "{}", check.stdout);
        let due = sandbox.keyrot(&format!("due {name} --as-of 2026-11-22 --format json"));
        assert!(
            due.stdout.contains("2026-12-01T00:00:00Z") && due.stdout.contains("team \\\"x\\\""),
            "{form}: {}",
            due.stdout
        );
    }
}

#[test]
fn an_inventory_starts_from_a_scan() {
    let sandbox = Sandbox::new();
    sandbox.write("settings.py", format!("key_id = '{}'\n", aws_id()));
    let done = sandbox.keyrot_with("inventory init .", &[KEY, ("SOURCE_DATE_EPOCH", "1795305600")], b"");
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert!(done.stdout.contains("fingerprint = [\"kr1:"), "{}", done.stdout);
    assert!(!done.stdout.contains(&aws_id()), "an inventory holds no value");
    sandbox.write("keyrot-inventory.toml", &done.stdout);
    assert_eq!(sandbox.keyrot("inventory check keyrot-inventory.toml").code, 0);
}

#[test]
fn a_started_inventory_says_since_when_the_repository_holds_a_value() {
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "--quiet", "--initial-branch=main", "."]);
    sandbox.write("settings.py", format!("key_id = '{}'\n", aws_id()));
    sandbox.git(&["add", "--all"]);
    sandbox.git_at(1_775_000_000, &["commit", "--quiet", "--message", "settings"]);
    sandbox.write("settings.py", format!("# moved\nkey_id = '{}'\n", aws_id()));
    sandbox.git(&["add", "--all"]);
    sandbox.git_at(1_793_600_000, &["commit", "--quiet", "--message", "a comment"]);
    let init = |flags: &str| sandbox.keyrot_with(&format!("inventory init . {flags}"), &[KEY], b"");
    let done = init("");
    assert!(done.stdout.contains("first_seen = 2026-03-31T23:33:20Z"), "{}{}", done.stdout, done.stderr);
    assert!(!init("--no-history").stdout.contains("first_seen"));
    assert!(init("--form csv").stdout.contains("2026-03-31T23:33:20Z"));
    sandbox.write("inv.toml", &done.stdout);
    let audit = sandbox.keyrot("audit inv.toml --as-of 2026-11-22");
    assert!(audit.stdout.contains("at least as old as the commit that brought it"), "{}", audit.stdout);
    assert!(audit.stdout.contains("leaves unknown: created, "), "a bound is no date of creation: {}", audit.stdout);
    assert!(audit.stdout.contains("1 key of overlay has no end and can have none"), "{}", audit.stdout);
}
