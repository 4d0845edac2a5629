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
    assert!(text.contains("235 d ago  rotation due"), "{text}");
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
