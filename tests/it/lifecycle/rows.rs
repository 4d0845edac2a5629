//! Audits of rows: listings, policies, tables of other vendors, the instant of the audit.

use super::*;

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
