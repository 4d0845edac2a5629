//! Every rule of the rotation audit is given by some run of the real program, and no run gives a rule that is not declared.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::sandbox::{Done, Sandbox};

const KEY: (&str, &str) = ("KEYROT_KEY", "a public key for demos and tests");
/// Rules of the audit that are declared with the forms of pairs, which give them too.
const SHARED: &str = "cleartext-transport";

/// The rules that a report names: those of findings, those of verdicts.
fn named(done: &Done) -> [BTreeSet<String>; 2] {
    let report: Value = serde_json::from_str(&done.stdout).unwrap_or_else(|_| panic!("{}{}", done.stdout, done.stderr));
    let mut rules = [BTreeSet::new(), BTreeSet::new()];
    for finding in report["findings"].as_array().unwrap() {
        rules[0].insert(finding["rule"].as_str().unwrap().to_owned());
        for verdict in finding["verdicts"].as_array().into_iter().flatten() {
            rules[1].insert(verdict["rule"].as_str().unwrap().to_owned());
        }
    }
    rules
}

/// One row of an inventory; dates are read against 2026-11-22.
fn row(id: &str, fields: &str) -> String {
    format!("[[key]]\nid = '{id}'\nclass = 'acme-api-key'\n{fields}\n")
}

/// Rows with everything wrong that rows can have.
fn rows(sandbox: &Sandbox) -> Done {
    let both = "service = 's'\nowner = 'team'\ncreated = 2026-10-01\nexpires = 2027-01-01";
    let print = format!("fingerprint = 'kr1:x:{}'", "0".repeat(32));
    let inventory = [
        "schema = 1\nsource = 'hand'\ngenerated_at = 2026-11-01T00:00:00Z\n".to_owned(),
        row(
            "a",
            "name = 'test'\nenvironment = 'prod'\nscopes = ['*']\nneeded_scopes = ['read']\ncreated = 2026-08-01\n\
             expires = 'never'\nlast_used = 'never'\nendpoints = ['http://api.acme-corp.io/']",
        ),
        row(
            "b",
            "name = 'b-dev'\ncreated = 2026-01-01\nrotated = 'never'\nexpires = 2026-12-01\nlast_used = 2026-09-01",
        ),
        row("c", &format!("name = 'c-prod'\nenvironment = 'prod'\n{both}\n{print}")),
        row("d", &format!("name = 'd-prod'\nenvironment = 'prod'\n{both}")),
        row("e", &format!("name = 'e-dev'\nenvironment = 'dev'\n{both}\n{print}")),
        row("f", "name = 'f-old'\ncreated = 2026-05-01\nexpires = 2026-10-01\nlast_used = 2026-11-01"),
        row("g", "name = 'g-odd'\ncreated = 2027-06-01\nexpires = 2027-01-01"),
        row("h", "name = 'h-odd'\ncreated = '03/04/2026'"),
        row("h", "name = 'h-odd'\nstatus = 'active'"),
        "[[waiver]]\nrule = 'unused'\nid = 'b'\nuntil = 2026-11-01\nreason = 'yearly job'\n".to_owned(),
    ];
    sandbox.write("rows.toml", inventory.concat());
    for (day, rotated) in [("2026-11-20", "2026-11-18"), ("2026-11-10", "2026-11-08")] {
        let text = format!(
            "schema = 1\nsource = 'vault'\ngenerated_at = {day}T00:00:00Z\n[[key]]\nid = 'i'\nrotated = {rotated}\n\
             fingerprint = 'kr1:x:{}'\n",
            "1".repeat(32)
        );
        sandbox.write(&format!("{day}.toml"), text);
    }
    sandbox.write("created.json", r#"{"id":"5d","scopes":[],"createdAt":null,"exp":null,"key":"invented:value"}"#);
    sandbox.keyrot("audit rows.toml 2026-11-20.toml 2026-11-10.toml created.json --as-of 2026-11-22 --format json")
}

fn pair(number: usize) -> String {
    format!("kx7fq2mlw9{number}:9tz4hc81bq{number}")
}

/// The prints of a key, as a row of an inventory wants them.
fn prints(sandbox: &Sandbox, value: &str) -> String {
    let done = sandbox.keyrot_with("fingerprint --class alphamoon-api-key", &[KEY], value.as_bytes());
    format!("fingerprint = {:?}", done.stdout.lines().collect::<Vec<_>>())
}

fn jwt(payload: &str) -> String {
    let part = |text: &str| data_encoding::BASE64URL_NOPAD.encode(text.as_bytes());
    format!(
        "{}.{}.{}",
        part(r#"{"alg":"HS256","typ":"JWT"}"#),
        part(payload),
        "kQ3xV9mZt7LrW2yN8bJc5HsD4gFe6UpA1vTiXo0RqYw"
    )
}

fn curl(key: &str) -> String {
    format!("curl -u {key} https://workspace.alphamoon.ai/api/v0.4/processes\n")
}

/// Found secrets of every kind, some of them joined, in a repository with a history.
fn found(sandbox: &Sandbox) -> Done {
    sandbox.git(&["init", "--quiet", "--initial-branch=main", "."]);
    sandbox.write("live.sh", curl(&pair(1)));
    sandbox.write("ended.sh", curl(&pair(2)));
    sandbox.write("gone.sh", curl(&pair(3)));
    sandbox.write("unlisted.sh", curl(&pair(4)));
    sandbox.write("app.log", format!("token={}\n", jwt(r#"{"exp":1700000000,"iat":1690000000}"#)));
    sandbox.write("endless.env", format!("TOKEN={}\n", jwt(r#"{"iss":"demo","sub":"a"}"#)));
    sandbox.write("long.env", format!("TOKEN={}\n", jwt(r#"{"iat":1760000000,"exp":2075360000}"#)));
    sandbox.write(".npmrc", concat!("//registry.npmjs.org/:_authTok", "en=4f8a2c71-9b3e-4d06-8f15-c27d90ae63b4\n"));
    sandbox.write("fetch.py", concat!("URL = 'https", "://svc-build:xK9vQ2mLr8Tz", "@api.acme-corp.io/x'\n"));
    sandbox.write("login.sh", concat!("curl -u sam@acme-corp.io", ":xK9vQ2mLr8Tz https://api.acme-corp.io/\n"));
    sandbox.git(&["add", "--all"]);
    sandbox.git_at(1_793_600_000, &["commit", "--quiet", "--message", "all"]);
    sandbox.git(&["rm", "--quiet", "gone.sh"]);
    sandbox.git_at(1_793_700_000, &["commit", "--quiet", "--message", "gone"]);
    let row = |id: &str, value: &str, fields: &str| {
        let prints = prints(sandbox, value);
        format!(
            "[[key]]\nid = '{id}'\nclass = 'alphamoon-api-key'\nname = '{id}'\nowner = 'team'\n{prints}\n{fields}\n"
        )
    };
    let inventory = [
        "schema = 1\n".to_owned(),
        row(
            "live",
            &pair(1),
            "created = 2026-09-01\nexpires = 2027-01-01\nscopes = ['workspace.process.api_key:manage']",
        ),
        row("ended", &pair(2), "created = 2026-01-01\nexpires = 2026-06-01"),
        row("gone", &pair(3), "created = 2026-09-01\nrotated = 'never'\nexpires = 2027-01-01"),
    ];
    sandbox.write("keyrot-inventory.toml", inventory.concat());
    let scan = "scan . --history --audit --visibility public --as-of 2026-11-22 --format json";
    sandbox.keyrot_with(scan, &[KEY], b"")
}

#[test]
fn every_test_that_the_coverage_table_names_exists() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources: String = ["src", "tests"]
        .iter()
        .flat_map(|folder| walkdir::WalkDir::new(root.join(folder)))
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    let table = std::fs::read_to_string(root.join("docs/seed-coverage.md")).unwrap();
    let rows: Vec<&str> = table.lines().filter(|line| line.starts_with("| S") && !line.starts_with("| S |")).collect();
    assert_eq!(rows.len(), 27);
    for row in rows {
        let tests = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        let names: Vec<&str> = tests.split('`').skip(1).step_by(2).filter(|name| name.contains('_')).collect();
        let checked = !tests.starts_with('–');
        assert!(!checked || !names.is_empty() || tests.contains(".rs"), "no test is named: {row}");
        for name in names.iter().filter(|name| !name.contains('/')) {
            assert!(sources.contains(&format!("fn {name}(")), "{name}");
        }
    }
}

#[test]
fn every_audit_rule_is_emitted_and_every_emitted_rule_is_declared() {
    let declared: BTreeSet<String> = include_str!("../../rules/lifecycle.toml")
        .lines()
        .filter_map(|line| line.strip_prefix("id = \"")?.strip_suffix('"'))
        .chain([SHARED])
        .map(str::to_owned)
        .collect();
    let (one, other) = (Sandbox::new(), Sandbox::new());
    let ([of_rows, _], [of_secrets, verdicts]) = (named(&rows(&one)), named(&found(&other)));
    let emitted: BTreeSet<String> = of_rows.iter().chain(&of_secrets).chain(&verdicts).cloned().collect();
    let silent: Vec<&String> = declared.difference(&emitted).collect();
    assert_eq!(silent, Vec::<&String>::new(), "declared and never emitted");
    // What is found in texts has rules of its own; rows and verdicts have those of the audit alone.
    let undeclared: Vec<&String> = of_rows.iter().chain(&verdicts).filter(|rule| !declared.contains(*rule)).collect();
    assert_eq!(undeclared, Vec::<&String>::new(), "emitted and not declared");
}
