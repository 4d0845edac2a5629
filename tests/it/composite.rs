//! Rules with parts: one finding where an id stands beside its secret.

use crate::sandbox::{Done, Sandbox};

const RULES: &str = r#"
[[rule]]
id = "acme-id"
name = "Acme id"
provider = "acme"
kind = "id"
severity = "medium"
confidence = "high"
keywords = ["acid_"]
pattern = '''\b(?P<secret>acid_[0-9]{8})\b'''
why = "Names an account."

[[rule]]
id = "acme-secret"
name = "Acme secret"
provider = "acme"
kind = "token"
severity = "high"
confidence = "medium"
keywords = ["acsec_"]
pattern = '''\b(?P<secret>acsec_[0-9a-zA-Z]{20})\b'''
parts = [{ rule = "acme-id", lines = 2, columns = 40REST }]
ALONE
why = "Opens the account."
"#;
const SECRET: &str = concat!("acsec_q7Vd2Rt", "X9mKz4LpW8sJb");

/// A scan with these rules, `rest` added to the part and `alone` to its rule.
fn scan(rest: &str, alone: &str, text: &str, flags: &str) -> Done {
    let sandbox = Sandbox::new();
    sandbox.write("rules.toml", RULES.replace("REST", rest).replace("ALONE", alone));
    sandbox.write("tree/a.env", text.replace("SECRET", SECRET));
    let key = [("KEYROT_KEY", "a key for the prints of tests")];
    sandbox.keyrot_with(&format!("scan tree --rules rules.toml --format json --as-of 2026-01-01 {flags}"), &key, b"")
}

/// Rule, confidence, severity and the number of related places of each finding.
fn found(done: &Done) -> Vec<String> {
    let report: serde_json::Value = serde_json::from_str(&done.stdout).unwrap_or_else(|_| panic!("{}", done.stderr));
    let findings = report["findings"].as_array().unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    findings
        .iter()
        .map(|one| {
            let related = one["related"].as_array().map_or(0, Vec::len);
            format!("{} {} {} +{related}", text(&one["rule"]), text(&one["severity"]), text(&one["confidence"]))
        })
        .collect()
}

#[test]
fn an_id_near_its_secret_is_one_finding_with_it() {
    let done = scan("", "", "ACME_ID=acid_48201957\nACME=SECRET\n", "");
    assert_eq!(found(&done), ["acme-secret high high +1"], "{}", done.stdout);
    assert!(done.stdout.contains("\"part\": 1"), "{}", done.stdout);
    let done = scan("", "", "ACME_ID=acid_48201957\n\n\n\nACME=SECRET\n", "");
    assert_eq!(found(&done), ["acme-id medium high +0"], "{}", done.stdout);
    assert!(done.stdout.contains("\"part-missing\": 1"), "{}", done.stdout);
}

#[test]
fn a_rule_says_what_it_finds_without_a_part() {
    assert_eq!(found(&scan("", "alone = 'low'", "ACME=SECRET\n", "--confidence low")), ["acme-secret high low +0"]);
    assert_eq!(found(&scan("", "alone = 'low'", "ACME=SECRET\n", "")), [] as [String; 0]);
    assert_eq!(found(&scan(", optional = true", "", "ACME=SECRET\n", "")), ["acme-secret high medium +0"]);
}

#[test]
fn a_rule_that_is_not_selected_still_finds_parts() {
    let text = "ID=acid_48201957\nACME=SECRET\n\n\n\n\nID=acid_48201958\n";
    assert_eq!(found(&scan("", "", text, "--rule acme-secret")), ["acme-secret high high +1"]);
    assert_eq!(found(&scan("", "", text, "--exclude-rule acme-id")), ["acme-secret high high +1"]);
}

#[test]
fn the_print_is_that_of_the_secret_with_and_without_the_part() {
    let print = |text: &str| {
        let done = scan(", optional = true", "", text, "");
        let report: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
        assert_eq!(report["findings"].as_array().unwrap().len(), 1, "{}", done.stdout);
        report["findings"][0]["secret"]["fingerprint"].to_string()
    };
    assert_eq!(print("ID=acid_48201957\nACME=SECRET\n"), print("ACME=SECRET\n"));
}

#[test]
fn mistakes_in_parts_are_shown_in_the_file() {
    let done = scan(", optoinal = true", "alone = 'sure'", "", "");
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("did you mean `optional`?"), "{}", done.stderr);
    assert!(done.stderr.contains("unknown value `sure`"), "{}", done.stderr);
    let sandbox = Sandbox::new();
    sandbox.write(
        "rules.toml",
        RULES.replace("REST", "").replace("ALONE", "").replace("rule = \"acme-id\"", "rule = \"acme-idd\""),
    );
    let done = sandbox.keyrot("scan . --rules rules.toml");
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("there is no rule `acme-idd`"), "{}", done.stderr);
    assert!(done.stderr.contains("did you mean `acme-id`?"), "{}", done.stderr);
}

#[test]
fn an_access_key_of_aws_is_one_finding() {
    let sandbox = Sandbox::new();
    let id = format!("{}{}", "AKIA", "Q3X7PLM2ZT5RWV4B");
    let secret = format!("{}{}", "kP9xQ2vB7nM4tR8wZ1cL", "6jH3gF5dS0aY/eU+oI2K");
    sandbox.write("credentials", format!("[default]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n"));
    let done = sandbox.keyrot("scan . --format json --as-of 2026-01-01");
    assert_eq!(found(&done), ["aws-access-key-pair critical very-high +1"], "{}", done.stdout);
    assert!(!done.stdout.contains(&id[6..16]) && !done.stdout.contains(&secret[4..30]), "{}", done.stdout);
}

/// The allow comment as a text writes it: in pieces here, or this file would hold one.
fn allow(rest: &str) -> String {
    format!("# keyrot:{}{rest}", "allow")
}

#[test]
fn an_allow_beside_an_id_that_its_secret_took_in_is_in_use_and_hides_no_secret() {
    let key = "ACME=SECRET\n";
    for comment in [allow("[acme-id]"), allow("")] {
        let done = scan("", "", &format!("ACME_ID=acid_48201957 {comment}\n{key}"), "--fail-on-unused");
        assert_eq!(found(&done), ["acme-secret high high +1"], "{}", done.stdout);
    }
    // Without the secret the same comment hides the id.
    let done = scan("", "", &format!("ACME_ID=acid_48201957 {}\n", allow("[acme-id]")), "--fail-on-unused");
    assert_eq!(found(&done), [] as [String; 0], "{}", done.stdout);
    // A comment that covers neither is unused still.
    let done = scan("", "", &format!("ACME_ID=acid_48201957 {}\n{key}", allow("[acme-secret]")), "");
    assert_eq!(found(&done), ["suppression-unused info high +0", "acme-secret high high +1"], "{}", done.stdout);
    // One that covers the secret hides it with its id.
    let done = scan("", "", &format!("ACME_ID=acid_48201957\nACME=SECRET {}\n", allow("[acme-secret]")), "");
    assert_eq!(found(&done), [] as [String; 0], "{}", done.stdout);
}

#[test]
fn an_allow_beside_an_aws_id_is_in_use_where_the_secret_stands_below() {
    let sandbox = Sandbox::new();
    let id = format!("{}{}", "AKIA", "Q3X7PLM2ZT5RWV4B");
    let secret = format!("{}{}", "kP9xQ2vB7nM4tR8wZ1cL", "6jH3gF5dS0aY/eU+oI2K");
    let comment = allow("[aws-access-key-id] -- names an account");
    sandbox.write(".env", format!("AWS_ACCESS_KEY_ID={id} {comment}\nAWS_SECRET_ACCESS_KEY={secret}\n"));
    let done = sandbox.keyrot("scan . --format json --as-of 2026-01-01 --fail-on-unused");
    assert_eq!(done.code, 1);
    assert_eq!(found(&done).len(), 1, "{}", done.stdout);
    assert!(found(&done)[0].starts_with("aws-"), "{}", done.stdout);
}

#[test]
fn ignores_and_baseline_entries_of_a_part_are_in_use_while_it_stands() {
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "-q", "-b", "main"]);
    sandbox.write("rules.toml", RULES.replace("REST", "").replace("ALONE", ""));
    sandbox.write("a.env", "ACME_ID=acid_48201957\n");
    sandbox.write("b.env", "ACME_ID=acid_48201958\n");
    let ignore = "[[ignore]]\npaths = ['b.env']\nrules = ['acme-id']\nreason = 'names an account'\n";
    sandbox.write("keyrot.toml", format!("[rules]\nfiles = ['rules.toml']\n{ignore}"));
    let created = sandbox.keyrot("baseline create");
    assert_eq!(created.code, 0, "{}", created.stderr);
    assert_eq!(sandbox.keyrot("scan . --fail-on-unused").code, 0);
    let secret = |last: &str| format!("ACME={}{last}\n", &SECRET[..25]);
    sandbox.write("a.env", format!("ACME_ID=acid_48201957\n{}", secret("1")));
    sandbox.write("b.env", format!("ACME_ID=acid_48201958\n{}", secret("2")));
    let done = sandbox.keyrot("scan . --fail-on-unused --format json");
    assert_eq!(found(&done), ["acme-secret high high +1", "acme-secret high high +1"], "{}", done.stdout);
    let pruned = sandbox.keyrot("baseline prune --check");
    assert_eq!(pruned.code, 0, "{}", pruned.stderr);
    sandbox.write("a.env", secret("1"));
    assert_eq!(sandbox.keyrot("baseline prune --check").code, 1);
}
