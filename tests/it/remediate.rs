//! The steps for keys that leaked, and the check that they were taken.

use crate::sandbox::{Done, Sandbox, github_tokens};

fn ok(done: &Done) {
    assert_eq!(done.code, 0, "{}{}", done.stdout, done.stderr);
}

fn commit(sandbox: &Sandbox, message: &str) {
    sandbox.git(&["add", "-A"]);
    sandbox.git(&["commit", "-q", "-m", message]);
}

/// A repository with two keys, one of them gone from the tree, and a secret store in use.
fn leaked() -> (Sandbox, Sandbox, Vec<String>) {
    let tokens = github_tokens(3);
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "-q", "-b", "main"]);
    sandbox.write("app.env", format!("API_TOKEN={}\n", tokens[0]));
    sandbox.write("old.env", format!("OLD_TOKEN={}\n", tokens[1]));
    sandbox.write("deploy.tf", "data \"aws_secretsmanager_secret\" \"app\" {}\n");
    commit(&sandbox, "first");
    std::fs::remove_file(sandbox.path().join("old.env")).unwrap();
    commit(&sandbox, "second");
    (sandbox, Sandbox::new(), tokens)
}

#[test]
fn the_steps_are_told_in_their_order_without_a_value() {
    let (sandbox, _, tokens) = leaked();
    let done = sandbox.keyrot("remediate app.env");
    assert_eq!(done.code, 1);
    assert!(tokens.iter().all(|token| !done.stdout.contains(&token[4..30])), "{}", done.stdout);
    insta::assert_snapshot!(done.stdout, @r"
    1. GitHub personal access token (classic) gh********Im (github-pat-classic)
       stands   app.env:1
       history  since 2026-01-02 (6ce5c7eaa334), in 1 paths
       rotate   at https://github.com/settings/tokens: Create a fine-grained token with an end date for the same job, switch to it, delete the classic one.
                Rotate first: what was pushed is known, whatever happens to the history.
       replace  in app.env by {{resolve:secretsmanager:APP:SecretString:API_TOKEN}}, or read `API_TOKEN` at start (AWS Secrets Manager, in use in deploy.tf)
       purge    with the replacement file that --out FOLDER writes, outside the repository
    ");
    let none = sandbox.keyrot("remediate no-such-rule");
    ok(&none);
    assert!(none.stderr.contains("no finding with a secret is meant"), "{}", none.stderr);
}

#[cfg(unix)]
#[test]
fn values_in_clear_are_written_outside_the_repository_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (sandbox, outside, tokens) = leaked();
    let inside = sandbox.keyrot("remediate --out purge");
    assert_eq!(inside.code, 2, "{}", inside.stdout);
    assert!(inside.stderr.contains("is inside a repository") && !sandbox.path().join("purge").exists());
    let folder = outside.path().join("purge");
    let done = sandbox.keyrot(&format!("remediate --out {}", folder.display()));
    assert_eq!(done.code, 1, "{}", done.stderr);
    assert!(done.stderr.contains("holds the values in clear"), "{}", done.stderr);
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    let file = folder.join("replacements.txt");
    assert_eq!((mode(&folder), mode(&file), mode(&folder.join("record.json"))), (0o700, 0o600, 0o600));
    let text = std::fs::read_to_string(&file).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    let mut expected: Vec<String> = tokens[..2].iter().map(|token| format!("literal:{token}==>REDACTED")).collect();
    expected.sort();
    assert_eq!(lines, expected);
    let record = std::fs::read_to_string(folder.join("record.json")).unwrap();
    assert!(tokens.iter().all(|token| !record.contains(&token[4..20])), "{record}");
    assert_eq!(sandbox.keyrot(&format!("remediate --out {}", folder.display())).code, 2, "nothing is overwritten");
}

#[test]
fn the_check_finds_what_still_stands_and_what_took_its_place() {
    let (sandbox, outside, tokens) = leaked();
    let folder = outside.path().join("purge");
    assert_eq!(sandbox.keyrot(&format!("remediate --out {}", folder.display())).code, 1);
    let check = format!("remediate --check {}", folder.display());
    let before = sandbox.keyrot(&check);
    assert_eq!(before.code, 1);
    assert!(
        before.stdout.contains("still stands: app.env:1:11") && before.stdout.contains("it is the old value"),
        "{}",
        before.stdout
    );

    // Rotated in the tree, with the old value encoded elsewhere: the history and the encoding still hold it.
    sandbox.write("app.env", format!("API_TOKEN={}\n", tokens[2]));
    sandbox.write("copy.txt", data_encoding::BASE64.encode(format!("token: {}", tokens[0]).as_bytes()));
    let rotated = sandbox.keyrot(&check);
    assert_eq!(rotated.code, 1);
    for expected in ["still stands: copy.txt:1:", "in commit", "it differs from the old one, but stands in clear"] {
        assert!(rotated.stdout.contains(expected), "{expected} is not in\n{}", rotated.stdout);
    }

    // The history is written anew, as git filter-repo does it: no commit has the values any more.
    std::fs::remove_file(sandbox.path().join("copy.txt")).unwrap();
    sandbox.write("app.env", "API_TOKEN=op://vault/app/credential\n");
    sandbox.git(&["add", "-A"]);
    let tree = sandbox.git(&["write-tree"]).stdout;
    let root = sandbox.git(&["commit-tree", tree.trim(), "-m", "anew"]).stdout;
    sandbox.git(&["update-ref", "refs/heads/main", root.trim()]);
    let unreachable = sandbox.keyrot(&check);
    assert_eq!(unreachable.code, 1, "objects that nothing leads to still hold the values\n{}", unreachable.stdout);
    sandbox.git(&["reflog", "expire", "--expire=now", "--all"]);
    sandbox.git(&["gc", "-q", "--prune=now"]);
    let gone = sandbox.keyrot(&check);
    ok(&gone);
    insta::assert_snapshot!(gone.stdout, @r"
    1. GitHub personal access token (classic) gh********Im
       gone from the tree and from every commit
       API_TOKEN in app.env holds no key any more

    2. GitHub personal access token (classic) gh********SO
       gone from the tree and from every commit
       OLD_TOKEN in old.env holds no key any more
    ");
}

#[test]
fn a_key_that_no_commit_has_needs_no_purge() {
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "-q", "-b", "main"]);
    sandbox.write("a.env", format!("TOKEN={}\n", github_tokens(1)[0]));
    let done = sandbox.keyrot("remediate github-pat-classic");
    assert_eq!(done.code, 1);
    assert!(done.stdout.contains("purge    nothing: no commit has it"), "{}", done.stdout);
}

#[test]
fn a_key_that_is_meant_in_one_file_is_meant_in_the_commits_of_its_former_files() {
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "-q", "-b", "main"]);
    sandbox.write("first.env", format!("TOKEN={}\n", github_tokens(1)[0]));
    commit(&sandbox, "first");
    sandbox.git(&["mv", "first.env", "now.env"]);
    commit(&sandbox, "moved");
    let done = sandbox.keyrot("remediate now.env");
    assert!(done.stdout.contains("in 2 paths") && !done.stdout.contains("no commit has it"), "{}", done.stdout);
}
