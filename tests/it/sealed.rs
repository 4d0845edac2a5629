//! Files that should be encrypted, in real work trees.

use super::sandbox::{Sandbox, github_token};

fn found(sandbox: &Sandbox, what: &str) -> Vec<String> {
    let done = sandbox.keyrot(&format!("scan {what} --format json"));
    let report: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    let plain = findings.filter(|one| one["rule"] == "plaintext-in-encrypted-file");
    plain.map(|one| one["message"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn git_crypt_files_are_findings_where_the_repository_holds_them_in_clear() {
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "-q"]);
    sandbox.write(
        ".gitattributes",
        "*.key filter=git-crypt diff=git-crypt\nsecrets/** filter=git-crypt\nsecrets/README !filter\n",
    );
    sandbox.write("secrets/open.env", "COLOUR=blue\n");
    sandbox.write("secrets/README", "how to unlock\n");
    sandbox.write("deep/down/open.key", "blue\n");
    sandbox.write("secrets/unlocked.env", "\0GITCRYPT\0\x01\x02\x03");
    sandbox.write("secrets/locked.env", "\0GITCRYPT\0\x04\x05\x06");
    // Without git-crypt's own settings git stores what stands in the work tree: the mistake that this finds.
    sandbox.git(&["-c", "filter.git-crypt.required=false", "add", "-A"]);
    sandbox.git(&["commit", "-qm", "secrets"]);
    sandbox.write("secrets/unlocked.env", "COLOUR=blue\n");
    sandbox.write("secrets/untracked.env", "COLOUR=blue\n");
    let expected = [
        "Plain text in 'deep/down/open.key': '.gitattributes' says that git-crypt encrypts it.",
        "Plain text in 'secrets/open.env': '.gitattributes' says that git-crypt encrypts it.",
    ];
    assert_eq!(found(&sandbox, "."), expected);
}

#[test]
fn outside_of_a_repository_the_files_themselves_count() {
    let sandbox = Sandbox::new();
    sandbox.write("app/.gitattributes", "*.env filter=git-crypt\n");
    sandbox.write("app/open.env", "COLOUR=blue\n");
    sandbox.write("app/sealed.env", "\0GITCRYPT\0\x01\x02\x03");
    let expected = "Plain text in 'app/open.env': 'app/.gitattributes' says that git-crypt encrypts it.";
    assert_eq!(found(&sandbox, "."), [expected]);
}

#[test]
fn the_rule_about_plain_files_can_be_asked_for_alone() {
    let sandbox = Sandbox::new();
    sandbox.write(".sops.yaml", "creation_rules:\n  - path_regex: secrets/.*\n");
    sandbox.write("secrets/open.yaml", "db:\n  password: vQz9RmT4xLp2\n");
    let done = sandbox.keyrot("scan . --rule plaintext-in-encrypted-file --format json");
    let report: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    let rules: Vec<&str> =
        report["findings"].as_array().unwrap().iter().map(|one| one["rule"].as_str().unwrap()).collect();
    assert_eq!((done.code, rules), (1, vec!["plaintext-in-encrypted-file"]));
    let nothing = sandbox.keyrot("scan . --rule no-expiry");
    assert!(nothing.code == 2 && nothing.stderr.contains("no rule is active"), "{}", nothing.stderr);
}

#[test]
fn a_change_that_adds_a_plain_file_is_told_before_it_is_committed() {
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "-q"]);
    sandbox.write(".sops.yaml", "creation_rules:\n  - path_regex: secrets/.*\n");
    sandbox.write(".gitattributes", "*.key filter=git-crypt\n");
    sandbox.write("prod.yaml.age", "age-encryption.org/v1\n");
    sandbox.git(&["add", "-A"]);
    sandbox.git(&["commit", "-qm", "settings"]);
    sandbox.write("secrets/open.yaml", "colour: blue\n");
    sandbox.write("prod.yaml", "colour: blue\n");
    sandbox.write("open.key", "blue\n");
    let ciphertext = "\0GITCRYPT\0\x01\x02\x03";
    sandbox.write("sealed.key", ciphertext);
    sandbox.write("other.yaml", "colour: blue\n");
    sandbox.git(&["-c", "filter.git-crypt.required=false", "add", "-A"]);
    let expected = [
        "Plain text in 'open.key': '.gitattributes' says that git-crypt encrypts it.",
        "Plain text in 'prod.yaml': it stands beside its encrypted form 'prod.yaml.age'.",
        "Plain text in 'secrets/open.yaml': '.sops.yaml' says that it is encrypted.",
    ];
    assert_eq!(found(&sandbox, "--staged"), expected);
    sandbox.git(&["commit", "-qm", "secrets"]);
    assert_eq!(found(&sandbox, "--staged"), [""; 0]);
    assert_eq!(found(&sandbox, "--diff HEAD~1"), expected);
}

#[test]
fn a_work_tree_that_git_crypt_unlocked_is_as_it_should_be() {
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "-q"]);
    sandbox.write(".gitattributes", "*.key filter=git-crypt\n");
    let ciphertext = "\0GITCRYPT\0\x01\x02\x03";
    sandbox.write("sealed.key", ciphertext);
    sandbox.git(&["-c", "filter.git-crypt.required=false", "add", "-A"]);
    sandbox.git(&["commit", "-qm", "sealed"]);
    sandbox.write("sealed.key", "blue\n");
    assert_eq!(found(&sandbox, "--since HEAD"), [""; 0]);
    assert_eq!(found(&sandbox, "."), [""; 0]);
}

const SOPS: &str = "password: ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]\nsops:\n    lastmodified: \"2024-03-01T10:00:00Z\"\n    \
                    mac: ENC[AES256_GCM,data:x]\n    version: 3.9.0\n";

/// What a file held before it was encrypted is in the history for good.
#[test]
fn a_file_that_was_plain_before_it_was_encrypted_is_told_from_the_history() {
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "-q"]);
    // Settings of the moment say nothing about an older commit: no file of them is needed.
    sandbox.write("deploy/prod.yaml", "password: blue\n");
    sandbox.write("deploy/always.yaml", SOPS);
    sandbox.write("elsewhere/prod.yaml", "colour: green\n");
    // A version that is also known for its key.
    sandbox.write("deploy/token.yaml", format!("token: {}\n", github_token()));
    sandbox.write("group/vault.yml", "a: 1\n");
    sandbox.git(&["add", "-A"]);
    sandbox.git_at(1_700_000_000, &["commit", "-qm", "plain"]);
    sandbox.write("deploy/prod.yaml", "password: red\n");
    sandbox.write("deploy/opened.yaml", SOPS);
    sandbox.git(&["add", "-A"]);
    sandbox.git_at(1_700_100_000, &["commit", "-qm", "plain again"]);
    sandbox.write("deploy/prod.yaml", SOPS);
    sandbox.write("deploy/token.yaml", SOPS);
    sandbox.write("deploy/opened.yaml", "password: red\n");
    sandbox.write("group/vault.yml", "$ANSIBLE_VAULT;1.1;AES256\n66386439\n");
    sandbox.git(&["add", "-A"]);
    sandbox.git_at(1_700_200_000, &["commit", "-qm", "encrypted"]);
    let expected = [
        "Plain text in 'deploy/prod.yaml': SOPS encrypts it now, but 2 versions stand in the history in clear.",
        "Plain text in 'deploy/token.yaml': SOPS encrypts it now, but 1 version stands in the history in clear.",
        "Plain text in 'group/vault.yml': ansible-vault encrypts it now, but 1 version stands in the history in clear.",
    ];
    for packed in [false, true] {
        if packed {
            sandbox.git(&["gc", "-q"]);
        }
        let found = found(&sandbox, "--history");
        let starts: Vec<&str> = found.iter().map(|one| one.split(" First").next().unwrap()).collect();
        assert_eq!(starts, expected, "packed: {packed}");
        assert!(found[0].contains("(2023-11-14, as its committer states)"), "{}", found[0]);
    }
    let alone = sandbox.keyrot("scan --history --format json --rule plaintext-in-encrypted-file");
    assert_eq!((alone.code, alone.stdout.matches("encrypts it now").count()), (1, 3), "{}", alone.stderr);
    assert!(found(&sandbox, "--history --exclude-rule plaintext-in-encrypted-file").is_empty());
    // A branch that is not checked out says nothing about what stands now.
    sandbox.git(&["checkout", "-qb", "other", "HEAD~1"]);
    let started =
        "Plain text in 'deploy/opened.yaml': SOPS encrypts it now, but 1 version stands in the history in clear.";
    assert!(found(&sandbox, "--history").iter().all(|one| one.starts_with(started)));
}
