//! Setting a repository up.

use crate::sandbox::{Done, Sandbox, github_tokens};

fn ok(done: &Done) {
    assert_eq!(done.code, 0, "{}{}", done.stdout, done.stderr);
}

fn read(sandbox: &Sandbox, path: &str) -> String {
    std::fs::read_to_string(sandbox.path().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn repository() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "-q", "-b", "main"]);
    sandbox
}

#[test]
fn a_repository_is_set_up_in_one_go_and_only_once() {
    let tokens = github_tokens(2);
    let sandbox = repository();
    sandbox.git(&["remote", "add", "origin", "git@github.com:sample/sample.git"]);
    sandbox.write("a.env", format!("TOKEN={}\n", tokens[0]));
    let shown = sandbox.keyrot("init");
    ok(&shown);
    assert!(shown.stderr.contains("nothing was written; --yes writes"), "{}", shown.stderr);
    assert!(!sandbox.path().join("keyrot.toml").exists() && !sandbox.path().join(".git/hooks/pre-commit").exists());
    let done = sandbox.keyrot("init --yes");
    ok(&done);
    insta::assert_snapshot!(done.stdout, @r"
    config     keyrot.toml: new, 12 lines
    hook       .git/hooks/pre-commit: installed
    baseline   .keyrot/baseline.toml: 1 secrets are known from now on (github-pat-classic); judge them with `keyrot baseline audit`
    pipeline   .github/workflows/keyrot.yml: new, 50 lines for GitHub Actions
    ");
    ok(&sandbox.keyrot("scan . --fail-on-unused"));
    sandbox.git(&["add", "-A"]);
    let committed = sandbox.try_git(1_767_323_045, &["commit", "-q", "-m", "set up"], b"");
    ok(&committed);
    sandbox.write("b.env", format!("TOKEN={}\n", tokens[1]));
    sandbox.git(&["add", "-A"]);
    let refused = sandbox.try_git(1_767_323_045, &["commit", "-q", "-m", "a new key"], b"");
    assert_ne!(refused.code, 0, "the hook refuses a new key");

    let again = sandbox.keyrot("init --yes");
    ok(&again);
    assert!(again.stderr.contains("everything is set up; nothing to do"), "{}{}", again.stdout, again.stderr);
}

#[test]
fn nothing_that_is_there_is_overwritten() {
    let sandbox = repository();
    sandbox.write("keyrot.toml", "# ours\n");
    sandbox.write(".gitlab-ci.yml", "test: { script: [\"true\"] }\n");
    sandbox.write(".git/hooks/pre-commit", "#!/bin/sh\nexit 0\n");
    sandbox.write(".talismanrc", "version: '1.0'\n");
    let done = sandbox.keyrot("init --yes");
    ok(&done);
    assert_eq!(read(&sandbox, "keyrot.toml"), "# ours\n");
    assert_eq!(read(&sandbox, ".gitlab-ci.yml"), "test: { script: [\"true\"] }\n");
    assert_eq!(read(&sandbox, ".git/hooks/pre-commit.before-keyrot"), "#!/bin/sh\nexit 0\n");
    assert!(read(&sandbox, ".gitlab/keyrot.yml").contains("keyrot scan"));
    for expected in [
        "keyrot.toml is there already",
        "add `include:",
        ".talismanrc: `keyrot migrate` takes over",
        "none: there is no secret",
    ] {
        assert!(done.stdout.contains(expected), "{expected} is not in\n{}", done.stdout);
    }
}

#[test]
fn pre_commit_runs_keyrot_where_it_runs_hooks() {
    let sandbox = repository();
    sandbox.write(".pre-commit-config.yaml", "repos:\n- repo: local\n  hooks: []\n");
    let done = sandbox.keyrot("init --yes --no-ci");
    ok(&done);
    assert!(
        read(&sandbox, ".pre-commit-config.yaml").starts_with("repos:\n- repo: local\n  hooks:\n    - id: keyrot\n")
    );
    assert!(!sandbox.path().join(".git/hooks/pre-commit").exists());
    let again = sandbox.keyrot("init --yes --no-ci");
    assert!(again.stdout.contains(".pre-commit-config.yaml runs keyrot already"), "{}", again.stdout);
}

#[test]
fn outside_a_repository_it_says_what_to_do() {
    let done = Sandbox::new().keyrot("init --yes");
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("run it inside one, after `git init`"), "{}", done.stderr);
}
