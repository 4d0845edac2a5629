//! The rotation audit through the command line.

use serde_json::Value;

use crate::sandbox::{Done, Sandbox};

const KEY: (&str, &str) = ("KEYROT_KEY", "a public key for demos and tests");
const LISTING: &str = r#"{"apiKeys":[
{"id":"5d0c1b2a3948576655443322110f0e0d","name":"invoices-prod-upload","orgId":"org_Inv3nted0Org0001","scopes":["workspace.file:upload"],"status":"Active","createdAt":"2026-09-01T08:00:00Z","exp":"2026-12-01T00:00:00Z"},
{"id":"77e0c1b2a3948576655443322110f0e0","name":"test","orgId":"org_Inv3nted0Org0001","scopes":["workspace.admin.api_key:manage"],"status":"Active","createdAt":"2026-01-01T08:00:00Z","exp":null}
]}"#;

fn findings(done: &Done) -> Vec<Value> {
    let report: Value = serde_json::from_str(&done.stdout).unwrap_or_else(|_| panic!("{}{}", done.stdout, done.stderr));
    report["findings"].as_array().unwrap().clone()
}

fn rules(done: &Done) -> Vec<String> {
    let mut rules: Vec<String> = findings(done).iter().map(|one| one["rule"].as_str().unwrap().to_owned()).collect();
    rules.sort();
    rules
}

#[test]
fn every_command_has_sound_arguments() {
    let sandbox = Sandbox::new();
    for command in ["audit", "due", "fingerprint", "inventory init", "inventory check", "inventory export", "scan"] {
        let done = sandbox.keyrot(&format!("{command} --help"));
        assert_eq!(done.code, 0, "{command}: {}", done.stderr);
    }
}

#[test]
fn s13_an_alphamoon_listing_is_audited_row_by_row() {
    let sandbox = Sandbox::new();
    sandbox.write("keys.json", LISTING);
    let done = sandbox.keyrot("audit keys.json --as-of 2026-11-22 --format json");
    assert_eq!(done.code, 1);
    let rules = rules(&done);
    for expected in ["expires-soon", "no-successor", "no-expiry", "privileged-scope", "poor-name", "rotation-overdue"] {
        assert!(rules.iter().any(|rule| rule == expected), "{expected}: {rules:?}");
    }
    // The listing never states use and owners: asked once for the source, not for every row.
    assert_eq!(rules.iter().filter(|rule| *rule == "evidence-missing").count(), 1);
    let soon = findings(&done).into_iter().find(|one| one["rule"] == "expires-soon").unwrap();
    assert!(soon.to_string().contains("bin icon"), "the vendor's own steps: {soon}");
    let text = sandbox.keyrot("audit keys.json --as-of 2026-11-22");
    assert!(text.stdout.contains("keys.json:2:"), "{}", text.stdout);
    assert!(text.stderr.contains("as of 2026-11-22T00:00:00Z"), "{}", text.stderr);
}

#[test]
fn s12_a_saved_create_answer_is_a_finding_and_shows_nothing() {
    let sandbox = Sandbox::new();
    let answer =
        LISTING.replacen("\"id\"", &format!("\"key\":\"{}\",\"id\"", ["kx7fq2mlw9a", "9tz4hc81bqe"].join(":")), 1);
    sandbox.write("keys.json", answer);
    for format in ["text", "json", "jsonl"] {
        let done = sandbox.keyrot(&format!("audit keys.json --as-of 2026-11-22 --format {format}"));
        assert_eq!(done.code, 1);
        assert!(done.stdout.contains("value-in-inventory"), "{}", done.stdout);
        assert!(!done.stdout.contains("kx7f") && !done.stderr.contains("kx7f"), "{}{}", done.stdout, done.stderr);
    }
}

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
fn a_policy_of_the_configuration_decides() {
    let sandbox = Sandbox::new();
    let inventory =
        "id,class,name,owner,created,expires\nk,acme,acme-prod,team,2026-07-01T00:00:00Z,2027-06-01T00:00:00Z\n";
    sandbox.write("keyrot-inventory.csv", inventory);
    let audit = |config: &str| {
        sandbox.write("keyrot.toml", config);
        rules(&sandbox.keyrot("audit keyrot-inventory.csv --as-of 2026-11-22 --format json"))
    };
    let overdue = |rules: &[String]| rules.iter().any(|rule| rule == "rotation-overdue");
    assert!(overdue(&audit("")));
    assert!(!overdue(&audit("[policy]\nprofile = 'github'\n")));
    assert!(!overdue(&audit("[policy]\nprofile = 'human'\n")));
    assert!(!overdue(&audit("[[policy.override]]\nclass = ['acm*']\nprofile = 'github'\n")));
    assert!(overdue(&audit("[policy]\nprofile='mine'\n[policy.profiles.mine]\nbase = 'github'\nrotate = '30d'\n")));
}

#[test]
fn the_pci_profile_needs_a_number_of_the_user() {
    let sandbox = Sandbox::new();
    sandbox.write("keys.json", LISTING);
    sandbox.write("keyrot.toml", "[policy]\nprofile = 'pci'\n");
    let done = sandbox.keyrot("audit keys.json");
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("risk analysis") && done.stderr.contains("keyrot.toml:2"), "{}", done.stderr);
    sandbox.write("keyrot.toml", "[policy]\nprofile = 'pci'\n[policy.profiles.pci]\nrotate = '180d'\n");
    assert_eq!(sandbox.keyrot("audit keys.json --as-of 2026-11-22").code, 1);
}

#[test]
fn any_table_is_mapped_by_the_configuration() {
    let sandbox = Sandbox::new();
    sandbox.write("acme.csv", "Key;Made;Ends\nk1;2026-11-01;no end\n");
    assert!(sandbox.keyrot("audit acme.csv").stderr.contains("[[import]]"));
    sandbox.write(
        "keyrot.toml",
        "[[import]]\nname = 'acme'\nnever = ['no end']\nfields = { id = 'Key', created = 'Made', expires = 'Ends' }\n",
    );
    let done = sandbox.keyrot("audit acme.csv --as-of 2026-11-22 --format json");
    assert!(rules(&done).contains(&"no-expiry".to_owned()));
}

fn aws_id() -> String {
    format!("{}{}", "AKIA", "RTX3GSDSVIAQEAYE")
}

fn aws_row(created: &str, status: &str) -> String {
    format!(
        "schema = 1\n[[key]]\nid = '{}'\nclass = 'aws-access-key-id'\nname = 'ci-deploy'\nowner = 'team-ci'\n\
         created = {created}\nrotated = 'never'\nexpires = 2027-01-01\nlast_used = 2026-11-20\nscopes = ['s3:GetObject']\n\
         service = 'deploy'\nenvironment = 'ci'\nstatus = '{status}'\n\
         [[key]]\nid = 'other'\nname = 'old-key'\ncreated = 2020-01-01\nexpires = 'never'\n",
        aws_id()
    )
}

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
    let pem = |label: &str, body: &str| format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
    sandbox.write("demo.crt", pem("CERTIFICATE", &certificate.concat()));
    let der = data_encoding::BASE64.decode(certificate.concat().as_bytes()).unwrap();
    let point = der.windows(3).position(|part| part == [0x42, 0x00, 0x04]).unwrap() + 2;
    let private = [
        &[0x30, 0x77, 0x02, 0x01, 0x01, 0x04, 0x20][..],
        b"kQ3xV9mZt7LrW2yN8bJc5HsD4gFe6UpA",
        &[0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0xa1, 0x44, 0x03, 0x42, 0x00],
        &der[point..point + 65],
    ];
    sandbox.write("tree/key.pem", pem("EC PRIVATE KEY", &data_encoding::BASE64.encode(&private.concat())));
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
fn the_instant_of_the_audit_is_given_or_that_of_the_build() {
    let sandbox = Sandbox::new();
    sandbox.write("keys.json", LISTING);
    let at = |flags: &str, environment: &[(&str, &str)]| {
        sandbox.keyrot_with(&format!("audit keys.json {flags}"), environment, b"").stderr
    };
    let epoch = ("SOURCE_DATE_EPOCH", "1795305600");
    assert!(at("", &[epoch]).contains("as of 2026-11-22T00:00:00Z"), "{}", at("", &[epoch]));
    assert!(at("--as-of 2026-10-01", &[epoch]).contains("as of 2026-10-01T00:00:00Z"), "a date is its start");
    assert!(at("--as-of 2026-10-01T12:00:00+02:00", &[epoch]).contains("as of 2026-10-01T10:00:00Z"));
    assert!(at("--as-of 2026-10-01T12:00:00", &[]).contains("write a date"), "an instant needs its zone");
    assert!(at("", &[("SOURCE_DATE_EPOCH", "soon")]).contains("SOURCE_DATE_EPOCH"));
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
fn a_sops_file_is_as_old_as_its_last_change() {
    let sandbox = Sandbox::new();
    let text = "db: ENC[AES256_GCM,data:p673w7o=,iv:YY=,tag:UQ==,type:str]\nsops:\n    lastmodified: \"2026-03-01T10:00:00Z\"\n    version: 3.9.0\n";
    sandbox.write("secrets/prod.yaml", text);
    let audit = sandbox.keyrot("scan . --audit --as-of 2026-11-22 --format json");
    let old = findings(&audit)
        .into_iter()
        .find(|one| one["rule"] == "rotation-overdue")
        .unwrap_or_else(|| panic!("{}", audit.stdout));
    assert_eq!((&old["location"]["path"], &old["location"]["start_line"]), (&"secrets/prod.yaml".into(), &3.into()));
    assert!(old["message"].as_str().unwrap().contains("2026-03-01T10:00:00Z, 265 days ago"), "{old}");
    assert_eq!(sandbox.keyrot("scan . --as-of 2026-11-22").code, 0, "a scan that asks for no rows says nothing");
    assert_eq!(sandbox.keyrot("scan . --audit --as-of 2026-05-22").code, 0, "young enough");
}

#[test]
fn mistakes_are_said_once() {
    let sandbox = Sandbox::new();
    sandbox.write("inv.toml", "schema = 2\n[[key]]\nid = 'a'\n");
    let done = sandbox.keyrot("audit inv.toml");
    assert_eq!(done.stderr.matches("`schema` must be 1").count(), 1, "{}", done.stderr);
}

#[test]
fn a_long_export_on_one_line_is_audited_at_once() {
    let sandbox = Sandbox::new();
    let row = |number: usize| {
        format!(
            r#"{{"id":"k{number}","name":"größe-{number}","orgId":"o","scopes":["a"],"status":"Active","createdAt":"2026-09-01T08:00:00Z","exp":null}}"#
        )
    };
    let rows: Vec<String> = (0..3000).map(row).collect();
    let text = format!(r#"{{"apiKeys":[{}]}}"#, rows.join(","));
    let expected = text[..text.find("größe-2999").unwrap() - 1].chars().count() + 1;
    sandbox.write("keys.json", &text);
    let done = sandbox.keyrot("audit keys.json --as-of 2026-11-22 --format json");
    let last = findings(&done).into_iter().rfind(|one| one["rule"] == "no-expiry").unwrap();
    assert_eq!(last["location"]["start_column"], expected, "{last}");
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
    let schema: Value = serde_json::from_str(include_str!("../../docs/schema/inventory.schema.json")).unwrap();
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
fn every_audit_rule_has_its_number_and_explains_itself() {
    let sandbox = Sandbox::new();
    for (number, rule) in
        [("KR101", "no-expiry"), ("KR116", "evidence-missing"), ("KR302", "not-rotated-since-exposure")]
    {
        let done = sandbox.keyrot(&format!("explain {number}"));
        assert_eq!(done.code, 0, "{}", done.stderr);
        assert!(done.stdout.contains(rule), "{}", done.stdout);
    }
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

const DEMO_KEY: (&str, &str) = ("KEYROT_KEY", "keyrot-demo-key-that-everyone-may-know");

fn demo(path: &str) -> String {
    format!("{}/fixtures/rotation/{path}", env!("CARGO_MANIFEST_DIR"))
}

fn verdicts_of(findings: &[Value], path: &str) -> String {
    let found = findings.iter().find(|one| one["rule"] == "alphamoon-api-key" && one.to_string().contains(path));
    found.unwrap_or_else(|| panic!("nothing in {path}: {findings:?}")).to_string()
}

#[test]
fn the_demo_tells_its_story_as_it_stands() {
    let sandbox = Sandbox::new();
    let scan = format!("scan {} --as-of 2026-11-22 --format json", demo(""));
    let done = sandbox.keyrot_with(&scan, &[DEMO_KEY], b"");
    let found = findings(&done);
    assert!(verdicts_of(&found, "upload.sh").contains("exposed-and-active"));
    assert!(verdicts_of(&found, "archive.sh").contains("dead-but-in-tree"));
    assert!(rules(&done).contains(&"expired-still-referenced".to_owned()));
    let without = sandbox.keyrot(&scan);
    assert!(without.stderr.contains("cannot compare"), "{}", without.stderr);
    assert!(!without.stdout.contains("unknown-to-inventory"));
}

#[test]
fn the_demo_s_repository_tells_what_was_rotated_after_it_leaked() {
    let sandbox = Sandbox::new();
    let built =
        std::process::Command::new("sh").arg(demo("build.sh")).arg(sandbox.path().join("repo")).output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let done = sandbox.keyrot_with("scan repo --history --as-of 2026-11-22 --format json", &[DEMO_KEY], b"");
    let found = findings(&done);
    let live = verdicts_of(&found, "upload.sh");
    assert!(live.contains("not-rotated-since-exposure") && live.contains("exposed-and-active"), "{live}");
    let rotated = verdicts_of(&found, "report.sh");
    assert!(rotated.contains("dead-but-in-tree") && rotated.contains("\"severity\":\"info\""), "{rotated}");
    assert!(verdicts_of(&found, "archive.sh").contains("dead-but-in-tree"));
}
