//! `--trusted-config`: a branch cannot hide the key that it adds.

use super::sandbox::{Sandbox, github_token};

const RULE: &str = "[[rule]]\nid = \"acme-key\"\nname = \"Acme key\"\nprovider = \"acme\"\nkind = \"token\"\n\
    severity = \"high\"\nconfidence = \"high\"\nkeywords = [\"acme_\"]\n\
    pattern = '''\\b(?P<secret>acme_[a-z0-9]{12})\\b'''\nwhy = \"It opens doors.\"\n";

/// `main` has a configuration with a rule of its own; the branch that is checked out adds keys and all that could hide them.
fn hostile_branch() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "-q", "-b", "main"]);
    sandbox.write("keyrot.toml", "[rules]\nfiles = ['own-rules']\n");
    sandbox.write("own-rules/acme.toml", RULE);
    sandbox.git(&["add", "-A"]);
    sandbox.git(&["commit", "-qm", "settings"]);
    sandbox.git(&["checkout", "-qb", "feature"]);
    sandbox.write(
        "keyrot.toml",
        "[rules]\nexclude = ['github-pat-classic']\n[thresholds]\nfail-on = 'critical'\n\
         [[ignore]]\npaths = ['*.env']\nreason = 'nothing to see'\n",
    );
    sandbox.write("own-rules/acme.toml", "");
    sandbox.write(".keyrotignore", "app.env\n");
    sandbox.write("app.env", format!("GITHUB_TOKEN={}\nACME=acme_0123456789ab\n", github_token()));
    sandbox.git(&["add", "-A"]);
    sandbox.git(&["commit", "-qm", "innocent"]);
    sandbox
}

fn rules_found(stdout: &str) -> Vec<String> {
    let report: serde_json::Value = serde_json::from_str(stdout).unwrap();
    let mut rules: Vec<String> =
        report["findings"].as_array().unwrap().iter().map(|one| one["rule"].as_str().unwrap().to_owned()).collect();
    rules.sort();
    rules
}

#[test]
fn settings_of_a_branch_hide_nothing_from_a_run_that_trusts_another_revision() {
    let sandbox = hostile_branch();
    assert_eq!(sandbox.keyrot("scan . --format json").code, 0, "the branch hides its keys from a run that trusts it");
    for scan in ["scan .", "scan app.env", "scan --diff main", "scan --history", "scan --since main"] {
        let done = sandbox.keyrot(&format!("{scan} --trusted-config main --format json"));
        assert_eq!(done.code, 1, "{scan}: {}", done.stderr);
        assert_eq!(rules_found(&done.stdout), ["acme-key", "github-pat-classic"], "{scan}");
        assert!(done.stderr.contains("Settings are those of `main`"), "{}", done.stderr);
    }
}

#[test]
fn a_branch_cannot_bring_a_baseline_or_break_the_configuration() {
    let sandbox = hostile_branch();
    sandbox.write(".keyrotignore", "");
    let made = sandbox.keyrot("baseline create --no-config");
    assert_eq!(made.code, 0, "{}", made.stderr);
    sandbox.write("keyrot.toml", "no toml at all");
    assert_eq!(sandbox.keyrot("scan app.env --no-config").code, 0, "the baseline hides the keys");
    assert_eq!(sandbox.keyrot("scan app.env --trusted-config main").code, 1);
    assert_eq!(sandbox.keyrot("scan app.env --trusted-config main --baseline .keyrot/baseline.toml").code, 2);
    assert_eq!(sandbox.keyrot("scan app.env").code, 2);
}

#[test]
fn files_outside_the_repository_are_those_of_whoever_runs_keyrot() {
    let outer = Sandbox::new();
    let rules = outer.write("rules.toml", RULE.replace("acme", "other"));
    let sandbox = hostile_branch();
    sandbox.write("b.env", "OTHER=other_0123456789ab\n");
    let done = sandbox.keyrot(&format!("scan b.env --format json --trusted-config main --rules {}", rules.display()));
    assert_eq!(rules_found(&done.stdout), ["other-key"], "{}", done.stderr);
}

#[test]
fn what_cannot_be_trusted_ends_the_run() {
    let sandbox = hostile_branch();
    let done = sandbox.keyrot("scan . --trusted-config nowhere");
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("--trusted-config cannot be used: `nowhere` names no commit here"), "{}", done.stderr);
    let bare = Sandbox::new();
    assert_eq!(bare.keyrot("scan . --trusted-config main").code, 2, "there is no repository");
    sandbox.git(&["checkout", "-q", "main"]);
    sandbox.write("keyrot.toml", "[rule]\n");
    sandbox.git(&["commit", "-qam", "a mistake"]);
    let done = sandbox.keyrot("scan . --trusted-config main");
    assert!(done.code == 2 && done.stderr.contains("unknown key `rule`"), "{}", done.stderr);
}
