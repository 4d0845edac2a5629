//! Hooks, run by real git.

use crate::sandbox::{Done, Sandbox, github_tokens};

const NOW: i64 = 1_700_000_000;

fn repository() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "-q", "-b", "main"]);
    sandbox.write("README", "hello\n");
    sandbox.git(&["add", "-A"]);
    sandbox.git(&["commit", "-q", "-m", "start"]);
    sandbox
}

fn install(sandbox: &Sandbox, name: &str) {
    let done = sandbox.keyrot(&format!("hook install {name}"));
    assert_eq!(done.code, 0, "{}", done.stderr);
}

fn commit(sandbox: &Sandbox, arguments: &[&str]) -> Done {
    sandbox.try_git(NOW, &[&["commit", "-q"], arguments].concat(), b"")
}

#[test]
fn pre_commit_refuses_keys_and_lets_the_rest_through() {
    let (sandbox, tokens) = (repository(), github_tokens(2));
    install(&sandbox, "pre-commit");
    sandbox.write("a.txt", format!("token = \"{}\"\n", tokens[0]));
    sandbox.git(&["add", "a.txt"]);
    let done = commit(&sandbox, &["-m", "key"]);
    assert_eq!(done.code, 1);
    assert!(done.stdout.contains("a.txt") || done.stderr.contains("a.txt"), "{}{}", done.stdout, done.stderr);
    assert!(![done.stdout, done.stderr].concat().contains(&tokens[0]), "the value is masked");
    sandbox.write("a.txt", "clean\n");
    sandbox.git(&["add", "a.txt"]);
    assert_eq!(commit(&sandbox, &["-m", "clean"]).code, 0);
    sandbox.write("a.txt", format!("token = \"{}\"\n", tokens[1]));
    assert_eq!(commit(&sandbox, &["-a", "-m", "key"]).code, 1, "-a commits from an index of its own");
    assert_eq!(commit(&sandbox, &["-m", "only", "--", "a.txt"]).code, 1);
}

#[test]
fn an_earlier_hook_is_kept_runs_first_and_comes_back() {
    let sandbox = repository();
    let hook = sandbox.write(".git/hooks/pre-commit", "#!/bin/sh\necho earlier >> ran\ntest ! -f stop\n");
    executable(&hook);
    install(&sandbox, "pre-commit");
    assert_eq!(commit(&sandbox, &["--allow-empty", "-m", "one"]).code, 0);
    assert_eq!(std::fs::read_to_string(sandbox.path().join("ran")).unwrap(), "earlier\n");
    sandbox.write("stop", "");
    assert_ne!(commit(&sandbox, &["--allow-empty", "-m", "two"]).code, 0, "its refusal counts");
    let status = sandbox.keyrot("hook status").stdout;
    assert!(status.contains("pre-commit   installed, after"), "{status}");
    assert_eq!(sandbox.keyrot("hook install pre-commit").code, 0, "a second time changes nothing");
    assert_eq!(sandbox.keyrot("hook uninstall").code, 0);
    assert!(std::fs::read_to_string(&hook).unwrap().contains("echo earlier"));
    assert!(!hook.with_extension("before-keyrot").exists());
}

#[test]
fn hooks_go_where_git_looks_for_them() {
    let sandbox = repository();
    sandbox.git(&["config", "core.hooksPath", "my-hooks"]);
    install(&sandbox, "pre-commit");
    assert!(sandbox.path().join("my-hooks/pre-commit").is_file());
    sandbox.git(&["config", "core.hooksPath", ".husky/_"]);
    sandbox.write(".husky/pre-commit", "npm test\n");
    install(&sandbox, "pre-commit");
    let text = || std::fs::read_to_string(sandbox.path().join(".husky/pre-commit")).unwrap();
    assert_eq!(text(), "npm test\nkeyrot hook run pre-commit \"$@\"\n");
    // Husky gives its files to `sh`: they need not be executable, and those of npm are not.
    assert!(sandbox.keyrot("hook status").stdout.contains("pre-commit   installed (.husky/pre-commit)"));
    assert_eq!(sandbox.keyrot("hook uninstall pre-commit").code, 0);
    assert_eq!(text(), "npm test\n");
}

#[test]
fn commit_msg_reads_what_git_keeps_of_the_message() {
    let (sandbox, tokens) = (repository(), github_tokens(1));
    install(&sandbox, "commit-msg");
    let message = format!("use \"{}\"", tokens[0]);
    assert_eq!(commit(&sandbox, &["--allow-empty", "-m", &message]).code, 1);
    let file = sandbox.write("message", format!("fine\n# \"{0}\"\n# --- >8 ---\n\"{0}\"\n", tokens[0]));
    assert_eq!(sandbox.keyrot(&format!("hook run commit-msg {}", file.display())).code, 0);
}

#[test]
fn pre_push_reads_every_line_new_refs_deletions_and_forced_pushes() {
    let (sandbox, tokens) = (repository(), github_tokens(3));
    sandbox.git(&["init", "-q", "--bare", "remote.git"]);
    sandbox.git(&["remote", "add", "origin", "remote.git"]);
    install(&sandbox, "pre-push");
    let push = |arguments: &[&str]| sandbox.try_git(NOW, &[&["push", "-q", "origin"], arguments].concat(), b"").code;
    assert_eq!(push(&["main"]), 0, "a new ref");
    sandbox.git(&["checkout", "-q", "-b", "side"]);
    sandbox.write("a.txt", format!("one = \"{}\"\n", tokens[0]));
    sandbox.git(&["add", "a.txt"]);
    sandbox.git(&["commit", "-q", "-m", "key"]);
    sandbox.git(&["rm", "-q", "a.txt"]);
    sandbox.git(&["commit", "-q", "-m", "gone again"]);
    sandbox.git(&["branch", "another", "main"]);
    assert_ne!(push(&["side"]), 0, "the key is in the history that is sent");
    assert_ne!(push(&["another", "side"]), 0, "whichever line it is on");
    assert_eq!(push(&["another"]), 0);
    assert_eq!(push(&["--delete", "another"]), 0);
    sandbox.git(&["reset", "-q", "--hard", "main"]);
    sandbox.git(&["commit", "-q", "--allow-empty", "-m", "other"]);
    assert_eq!(push(&["side"]), 0);
    sandbox.git(&["reset", "-q", "--hard", "main"]);
    sandbox.git(&["commit", "-q", "--allow-empty", "-m", "rewritten"]);
    assert_eq!(push(&["--force", "side"]), 0, "a forced push");
    let zero = "0".repeat(64);
    let line = format!("refs/heads/x {zero} refs/heads/x {zero}\n");
    let done = sandbox.keyrot_with("hook run pre-push origin url", &[], line.as_bytes());
    assert_eq!(done.code, 0, "zero ids have 40 or 64 digits: {}", done.stderr);
    assert_eq!(sandbox.keyrot_with("hook run pre-push origin url", &[], b"nonsense\n").code, 2);
}

#[test]
fn pre_receive_reads_the_quarantine_and_break_glass_is_logged() {
    let (sandbox, tokens) = (repository(), github_tokens(1));
    sandbox.git(&["init", "-q", "--bare", "remote.git"]);
    sandbox.git(&["-C", "remote.git", "config", "receive.advertisePushOptions", "true"]);
    sandbox.git(&["remote", "add", "origin", "remote.git"]);
    let hook = sandbox.write("remote.git/hooks/pre-receive", include_str!("../../ci/pre-receive"));
    executable(&hook);
    let push = |arguments: &[&str]| sandbox.try_git(NOW, &[&["push", "-q"], arguments].concat(), b"");
    assert_eq!(push(&["origin", "main"]).code, 0);
    sandbox.write("a.txt", format!("one = \"{}\"\n", tokens[0]));
    sandbox.git(&["add", "a.txt"]);
    sandbox.git(&["commit", "-q", "-m", "key"]);
    sandbox.git(&["rm", "-q", "a.txt"]);
    sandbox.git(&["commit", "-q", "-m", "gone again"]);
    sandbox.git(&["branch", "clean", "main~2"]);
    let done = push(&["origin", "clean", "main"]);
    assert_ne!(done.code, 0);
    assert!(done.stderr.contains("a.txt"), "{}", done.stderr);
    let heads = sandbox.git(&["-C", "remote.git", "branch", "--format=%(refname:short)"]).stdout;
    assert_eq!(heads, "main\n", "all lines are refused together");
    let done = push(&["-o", "keyrot-break-glass=incident 7", "origin", "main"]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    let log = std::fs::read_to_string(sandbox.path().join("remote.git/keyrot-break-glass.log")).unwrap();
    assert!(log.contains("incident 7") && log.lines().count() == 1, "{log}");
    assert_eq!(push(&["origin", "--delete", "main"]).code, 0);
}

#[test]
fn doctor_proves_the_hook_and_writes_nothing() {
    let sandbox = repository();
    let done = sandbox.keyrot("doctor");
    assert_eq!(done.code, 1);
    assert!(done.stdout.contains("FAIL no pre-commit hook"), "{}", done.stdout);
    install(&sandbox, "pre-commit");
    let before = sandbox.git(&["count-objects"]).stdout;
    let done = sandbox.keyrot("doctor");
    assert_eq!(done.code, 0, "{}{}", done.stdout, done.stderr);
    assert!(done.stdout.contains("The canary is caught"), "{}", done.stdout);
    assert_eq!(sandbox.git(&["count-objects"]).stdout, before);
    assert_eq!(sandbox.git(&["status", "--porcelain"]).stdout, "");
    let hook = sandbox.write(".git/hooks/pre-commit", "#!/bin/sh\nexit 0\n");
    executable(&hook);
    let done = sandbox.keyrot("doctor");
    assert_eq!(done.code, 1);
    assert!(done.stdout.contains("lets the canary through"), "{}", done.stdout);
    sandbox.write("keyrot.toml", "[paths]\nexclude = [\"*.txt\"]\n");
    assert!(sandbox.keyrot("doctor").stdout.contains("does not find it"));
}

fn executable(path: &std::path::Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    #[cfg(not(unix))]
    let _ = path;
}

#[test]
fn a_first_push_that_pre_commit_names_by_its_branch_alone_is_read() {
    let (sandbox, tokens) = (repository(), github_tokens(1));
    sandbox.write("a.txt", format!("token = \"{}\"\n", tokens[0]));
    sandbox.git(&["add", "a.txt"]);
    assert_eq!(commit(&sandbox, &["-m", "key"]).code, 0);
    let names = [("PRE_COMMIT_REMOTE_NAME", "origin"), ("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/main")];
    let done = sandbox.keyrot_with("hook run pre-push", &names, b"");
    assert_eq!(done.code, 1, "{}", done.stderr);
    assert!(done.stdout.contains("a.txt"), "{}", done.stdout);
}
