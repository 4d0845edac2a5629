//! `keyrot scan` on files and folders.

use crate::sandbox::{Sandbox, github_token};

#[test]
fn a_finding_is_shown_with_its_place_and_masked() {
    let sandbox = Sandbox::new();
    let token = github_token();
    sandbox.write("app/.env", format!("# settings\nGITHUB_TOKEN={token}\n"));
    let done = sandbox.keyrot("scan .");
    assert_eq!(done.code, 1, "{}", done.stderr);
    assert!(done.stdout.contains("app/.env:2:14"), "{}", done.stdout);
    assert!(done.stdout.contains("GITHUB_TOKEN=gh********"), "{}", done.stdout);
    assert!(!done.stdout.contains(&token[4..12]) && !done.stderr.contains(&token[4..12]));
    assert!(done.stderr.contains("1 finding in 1 files"), "{}", done.stderr);
}

#[test]
fn an_allow_comment_hides_it_and_is_counted() {
    let sandbox = Sandbox::new();
    sandbox.write("a.py", format!("t = '{}'  # keyrot:{}\n", github_token(), "allow[github-pat-classic] -- sandbox"));
    let done = sandbox.keyrot("scan . --show-suppressed");
    assert_eq!(done.code, 0, "{}{}", done.stdout, done.stderr);
    assert!(
        done.stdout.contains("suppressed: a.py:1:6: github-pat-classic (by inline at a.py:1: sandbox)"),
        "{}",
        done.stdout
    );
}

#[test]
fn ignored_files_are_left_out_and_counted() {
    let sandbox = Sandbox::new();
    let token = github_token();
    sandbox.write(".keyrotignore", "left-out.txt\n");
    sandbox.write("left-out.txt", &token);
    sandbox.write("read.txt", "nothing\n");
    let done = sandbox.keyrot("scan .");
    assert_eq!((done.code, done.stdout.as_str()), (0, ""));
    assert!(done.stderr.contains("1 ignored"), "{}", done.stderr);
    assert_eq!(sandbox.keyrot("scan . --no-ignore").code, 1);
    assert_eq!(sandbox.keyrot("scan left-out.txt").code, 1, "a file named explicitly is always read");
}

#[test]
fn the_report_does_not_depend_on_the_number_of_threads() {
    let sandbox = Sandbox::new();
    for index in 0..60 {
        sandbox.write(&format!("dir{}/file{index}.txt", index % 7), format!("a\nkey = \"{}\"\n", github_token()));
    }
    let one = sandbox.keyrot("scan . --format json --jobs 1 --as-of 2026-01-01");
    let four = sandbox.keyrot("scan . --format json --jobs 4 --as-of 2026-01-01");
    assert_eq!(one.stdout, four.stdout);
    assert_eq!(one.stdout.matches("\"rule\"").count(), 60);
}

#[test]
fn standard_input_has_a_name() {
    let sandbox = Sandbox::new();
    let done = sandbox.keyrot_with("scan - --stdin-path x/y.env", &[], github_token().as_bytes());
    assert_eq!(done.code, 1);
    assert!(done.stdout.contains("x/y.env:1:1"), "{}", done.stdout);
}

#[test]
fn setup_failures_are_exit_code_2_and_leave_no_file() {
    let sandbox = Sandbox::new();
    sandbox.write("keyrot.toml", "[paths]\nexclde = []\n");
    sandbox.write("a.txt", "x");
    for (arguments, message) in [
        ("scan missing", "cannot scan missing"),
        ("scan .", "did you mean `exclude`?"),
        ("scan . --no-config --rule no-such-rule", "there is no rule `no-such-rule`"),
        ("scan . --no-config --output json=no/such/folder/x.json", "cannot write no/such/folder/x.json"),
        ("scan . --no-config --rules keyrot.toml", "unknown key `paths`"),
        ("scan . --no-config --format xml", "unknown format `xml`"),
    ] {
        let done = sandbox.keyrot(&format!("{arguments} --output json=out.json"));
        assert_eq!(done.code, 2, "{arguments}: {}", done.stderr);
        assert!(done.stderr.contains(message), "{arguments}: {}", done.stderr);
        assert!(done.stdout.is_empty(), "{arguments}");
        assert!(!sandbox.path().join("out.json").exists(), "{arguments}");
    }
}

#[cfg(unix)]
#[test]
fn unreadable_input_is_exit_code_2_with_a_report() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::new();
    let secret = sandbox.write("locked.txt", "x");
    sandbox.write("open.txt", "y");
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::read(&secret).is_ok() {
        // A privileged user can read everything: a folder in the place of a listed file cannot be made here.
        return;
    }
    let done = sandbox.keyrot("scan . --format json");
    assert_eq!(done.code, 2);
    assert!(done.stdout.contains("\"complete\": false"), "{}", done.stdout);
    assert_eq!(sandbox.keyrot("scan . --allow-unreadable").code, 0);
}

#[test]
fn an_empty_scan_says_so() {
    let sandbox = Sandbox::new();
    let done = sandbox.keyrot("scan .");
    assert_eq!(done.code, 0);
    assert!(done.stderr.contains("no findings in 0 files"), "{}", done.stderr);
    assert_eq!(sandbox.keyrot("scan . --fail-on-empty").code, 3);
}

#[test]
fn keys_in_paths_are_masked() {
    let sandbox = Sandbox::new();
    let token = github_token();
    sandbox.write(&format!("{token}/a.txt"), format!("t={token}\n"));
    let done = sandbox.keyrot("scan . --format json");
    assert_eq!(done.code, 1);
    assert!(!done.stdout.contains(&token[4..20]), "{}", done.stdout);
}

#[test]
fn gitignore_counts_only_inside_a_repository_and_git_texts_are_read() {
    let sandbox = Sandbox::new();
    sandbox.write(".gitignore", "local.txt\n");
    sandbox.write("local.txt", github_token());
    assert_eq!(sandbox.keyrot("scan .").code, 1, "outside a repository the file is read");
    sandbox.git(&["init", "-q"]);
    assert_eq!(sandbox.keyrot("scan .").code, 0, "inside it is left out");
    sandbox.write(".git/FETCH_HEAD", format!("0000 branch of https://x/{}\n", github_token()));
    let done = sandbox.keyrot("scan .");
    assert!(done.stdout.contains(".git/FETCH_HEAD:1"), "{}", done.stdout);
}
