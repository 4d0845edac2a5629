//! Suppressions and the baseline.

use crate::sandbox::{Done, Sandbox, github_tokens};

fn repository(files: &[(&str, &str)]) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "-q", "-b", "main"]);
    for (path, text) in files {
        sandbox.write(path, text);
    }
    commit(&sandbox, "first");
    sandbox
}

fn commit(sandbox: &Sandbox, message: &str) {
    sandbox.git(&["add", "-A"]);
    sandbox.git(&["commit", "-q", "-m", message]);
}

fn baseline(sandbox: &Sandbox) -> String {
    std::fs::read_to_string(sandbox.path().join(".keyrot/baseline.toml")).unwrap()
}

fn entries(text: &str) -> usize {
    text.lines().filter(|line| line.starts_with("  { print = ")).count()
}

fn ok(done: &Done) {
    assert_eq!(done.code, 0, "{}{}", done.stdout, done.stderr);
}

#[test]
fn a_baseline_hides_what_is_known_wherever_it_moves_and_shows_a_new_value_on_the_same_line() {
    let tokens = github_tokens(2);
    let sandbox = repository(&[("a.env", &format!("TOKEN={}\n", tokens[0]))]);
    assert_eq!(sandbox.keyrot("scan .").code, 1);
    ok(&sandbox.keyrot("baseline create"));
    let text = baseline(&sandbox);
    assert_eq!(entries(&text), 1, "{text}");
    assert!(!text.contains(&tokens[0][4..12]), "no part of a value stands in the file");
    ok(&sandbox.keyrot("scan ."));
    assert_eq!(sandbox.keyrot("scan . --no-baseline").code, 1);

    std::fs::remove_file(sandbox.path().join("a.env")).unwrap();
    sandbox.write("moved/b.env", format!("\n\n# below\nTOKEN={}\n", tokens[0]));
    ok(&sandbox.keyrot("scan ."));
    commit(&sandbox, "moved");
    ok(&sandbox.keyrot("scan --history"));

    sandbox.write("moved/b.env", format!("\n\n# below\nTOKEN={}\n", tokens[1]));
    let done = sandbox.keyrot("scan .");
    assert_eq!(done.code, 1);
    assert!(done.stdout.contains("moved/b.env:4:7"), "{}", done.stdout);
}

#[test]
fn two_branches_that_both_add_entries_merge_without_a_conflict() {
    let tokens = github_tokens(6);
    let sandbox = repository(&[("a.env", &format!("TOKEN={}\n", tokens[0]))]);
    ok(&sandbox.keyrot("baseline create"));
    commit(&sandbox, "baseline");
    for (branch, range) in [("left", 1..3), ("right", 3..6)] {
        sandbox.git(&["switch", "-q", "-c", branch, "main"]);
        for at in range {
            sandbox.write(&format!("{branch}{at}.env"), format!("TOKEN={}\n", tokens[at]));
        }
        ok(&sandbox.keyrot("baseline update"));
        commit(&sandbox, branch);
    }
    sandbox.git(&["merge", "-q", "--no-edit", "left"]);
    let text = baseline(&sandbox);
    // Git's union may keep a line of both sides twice; that hides nothing more, and the next update writes it once.
    let lines = |text: &str| text.lines().filter(|line| line.starts_with("  {")).map(str::to_owned).collect();
    let distinct: std::collections::BTreeSet<String> = lines(&text);
    assert_eq!(distinct.len(), 6, "{text}");
    ok(&sandbox.keyrot("scan ."));
    ok(&sandbox.keyrot("baseline update"));
    let sorted = baseline(&sandbox);
    assert_eq!(entries(&sorted), 6, "{sorted}");
    let prints: Vec<&str> = sorted.lines().filter(|line| line.starts_with("  {")).collect();
    assert!(prints.is_sorted(), "{sorted}");
}

#[test]
fn an_entry_whose_secret_is_gone_is_reported_and_pruned() {
    let tokens = github_tokens(2);
    let sandbox = repository(&[("a.env", &format!("A={}\n", tokens[0])), ("b.env", &format!("B={}\n", tokens[1]))]);
    ok(&sandbox.keyrot("baseline create"));
    std::fs::remove_file(sandbox.path().join("b.env")).unwrap();
    let done = sandbox.keyrot("scan .");
    ok(&done);
    assert!(done.stdout.contains("suppression-unused") && done.stdout.contains("its secret is gone from 'b.env'"));
    assert_eq!(sandbox.keyrot("scan . --fail-on-unused").code, 1);
    ok(&sandbox.keyrot("scan a.env --fail-on-unused"));
    assert_eq!(sandbox.keyrot("baseline prune --check").code, 1);
    ok(&sandbox.keyrot("baseline prune"));
    assert_eq!(entries(&baseline(&sandbox)), 1);
    ok(&sandbox.keyrot("scan . --fail-on-unused"));
}

#[test]
fn a_judged_entry_comes_back_after_its_day() {
    let sandbox = repository(&[("a.env", &format!("A={}\n", github_tokens(1)[0]))]);
    let environment = [("SOURCE_DATE_EPOCH", "1767225600")];
    ok(&sandbox.keyrot("baseline create"));
    let later =
        |rest: &str| sandbox.keyrot_with(&format!("baseline audit kr1: --verdict later{rest}"), &environment, b"");
    assert_eq!(later("").code, 2, "later needs a day");
    assert_eq!(later(" --until 2025-12-31").code, 2, "a day that is past");
    ok(&later(" --reason vendor-asked --until 2026-02-01"));
    let list = sandbox.keyrot("baseline audit --list").stdout;
    assert!(list.contains(r#""verdict":"later","reason":"vendor-asked","until":"2026-02-01""#), "{list}");
    ok(&sandbox.keyrot("scan . --as-of 2026-02-01"));
    let done = sandbox.keyrot("scan . --as-of 2026-02-02");
    assert_eq!(done.code, 1);
    assert!(
        done.stdout.contains("suppression-lapsed") && done.stdout.contains(".keyrot/baseline.toml:6"),
        "{}",
        done.stdout
    );
    assert!(done.stdout.contains("a.env:1:3"), "{}", done.stdout);
}

#[test]
fn a_baseline_of_the_projects_key_says_when_the_key_is_missing() {
    let sandbox = repository(&[("a.env", &format!("A={}\n", github_tokens(1)[0]))]);
    let key = [("KEYROT_KEY", "0123456789abcdef0123456789abcdef")];
    ok(&sandbox.keyrot_with("baseline create", &key, b""));
    assert!(!baseline(&sandbox).contains("salt"));
    ok(&sandbox.keyrot_with("scan .", &key, b""));
    let done = sandbox.keyrot("scan .");
    assert_eq!(done.code, 1);
    assert!(done.stderr.contains("hide nothing in this run: they are keyed with the project's key"), "{}", done.stderr);
    assert_eq!(sandbox.keyrot("baseline update").code, 2);
}

#[test]
fn mistakes_of_a_baseline_are_shown_in_it() {
    let sandbox = repository(&[("a.env", "nothing\n")]);
    sandbox.write(
        ".keyrot/baseline.toml",
        "version = 1\nsalt = \"zz\"\nentries = [\n  { print = \"a\", rule = \"b\" },\n]\n",
    );
    let done = sandbox.keyrot("scan .");
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("`salt` must be") && done.stderr.contains("`path` is missing"), "{}", done.stderr);
}

#[test]
fn ignores_by_value_fingerprint_and_commit() {
    let tokens = github_tokens(2);
    let sandbox = repository(&[("a.env", &format!("A={}\n", tokens[0])), ("b.env", &format!("B={}\n", tokens[1]))]);
    sandbox.write("keyrot.toml", format!("[[ignore]]\nvalues = ['{}$']\nreason = 'a'\n", &tokens[0][30..]));
    let done = sandbox.keyrot("scan .");
    assert!(!done.stdout.contains("a.env:1") && done.stdout.contains("b.env:1"), "{}", done.stdout);

    let key = [("KEYROT_KEY", "0123456789abcdef0123456789abcdef")];
    let report = sandbox.keyrot_with("scan b.env --format json --no-config", &key, b"").stdout;
    let at = report.find("kr1:").unwrap();
    let print = &report[at..at + 45];
    sandbox.write("keyrot.toml", format!("[[ignore]]\nfingerprints = ['{print}']\nreason = 'a'\n"));
    let done = sandbox.keyrot_with("scan .", &key, b"");
    assert!(done.stdout.contains("a.env:1") && !done.stdout.contains("b.env:1"), "{}", done.stdout);

    let head = sandbox.git(&["rev-parse", "HEAD"]).stdout;
    sandbox.write("keyrot.toml", format!("[[ignore]]\ncommits = ['{}']\nreason = 'a'\n", &head[..10]));
    assert_eq!(sandbox.keyrot("scan .").code, 1, "a work tree has no commits");
    ok(&sandbox.keyrot("scan --history"));
}

#[test]
fn an_ignore_of_everything_is_a_mistake() {
    let sandbox = repository(&[("a.env", "nothing\n")]);
    for scope in ["", "paths = ['**']", "paths = ['docs/**', '*']"] {
        sandbox.write("keyrot.toml", format!("[[ignore]]\n{scope}\nreason = 'all'\n"));
        let done = sandbox.keyrot("scan .");
        assert_eq!(done.code, 2, "{scope}");
        assert!(done.stderr.contains("it would hide everything"), "{}", done.stderr);
    }
}

#[test]
fn ignores_by_patterns_of_paths() {
    let tokens = github_tokens(2);
    let sandbox = repository(&[("a/x.env", &format!("A={}\n", tokens[0])), ("b/x.env", &format!("B={}\n", tokens[1]))]);
    sandbox.write("keyrot.toml", "[[ignore]]\npath-patterns = ['^[a-a]/']\nreason = 'a'\n");
    let done = sandbox.keyrot("scan .");
    assert!(!done.stdout.contains("a/x.env:1") && done.stdout.contains("b/x.env:1"), "{}", done.stdout);
    sandbox.write("keyrot.toml", "[[ignore]]\npath-patterns = ['(']\nreason = 'a'\n");
    assert!(sandbox.keyrot("scan .").stderr.contains("this is no pattern"));
}

#[test]
fn an_ignore_has_a_reason_ends_with_its_day_and_is_named_in_its_own_line() {
    let sandbox = repository(&[("a/x.env", &format!("A={}\n", github_tokens(1)[0]))]);
    sandbox.write("keyrot.toml", "[[ignore]]\npaths = ['a/**']\n");
    let done = sandbox.keyrot("scan .");
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("`reason` is missing"), "{}", done.stderr);
    sandbox.write("keyrot.toml", "# why\n[[ignore]]\npaths = ['a/**']\nreason = 'a'\nuntil = 2026-01-01\n");
    ok(&sandbox.keyrot("scan . --as-of 2026-01-01"));
    let done = sandbox.keyrot("scan . --as-of 2026-01-02");
    assert_eq!(done.code, 1);
    assert!(done.stdout.contains("suppression-lapsed") && done.stdout.contains("keyrot.toml:2:1"), "{}", done.stdout);
    assert!(done.stdout.contains("a/x.env:1:3"), "{}", done.stdout);
    sandbox.write("keyrot.toml", "[[ignore]]\npaths = ['b/**']\nreason = 'a'\n");
    let done = sandbox.keyrot("scan . --fail-on-unused");
    assert!(done.stdout.contains("The ignore entry at 'keyrot.toml:1' hides nothing."), "{}", done.stdout);
}

#[test]
fn what_was_suppressed_is_counted_by_what_and_shown_when_asked_for() {
    let tokens = github_tokens(3);
    let sandbox = repository(&[("known.env", &format!("A={}\n", tokens[0]))]);
    ok(&sandbox.keyrot("baseline create"));
    sandbox.write("sample.env", format!("A={}\n", tokens[1]));
    sandbox.write("a.env", format!("A={} # keyrot:{}\n", tokens[2], "allow -- mine"));
    sandbox.write("keyrot.toml", "[[ignore]]\npaths = ['sample.env']\nreason = 'samples'\n");
    let done = sandbox.keyrot("scan .");
    ok(&done);
    assert!(done.stderr.contains("3 suppressed (1 baseline, 1 ignore, 1 inline)"), "{}", done.stderr);
    assert!(!done.stdout.contains("known.env"), "{}", done.stdout);
    let done = sandbox.keyrot("scan . --show-suppressed");
    ok(&done);
    for text in ["known.env:1:3", "sample.env:1:3", "a.env:1:3", "keyrot.toml:1", ".keyrot/baseline.toml:6"] {
        assert!(done.stdout.contains(text), "{text}: {}", done.stdout);
    }
}

#[test]
fn a_baseline_survives_a_squash_and_the_line_ends_of_windows() {
    let tokens = github_tokens(3);
    let sandbox = repository(&[("a.env", "nothing\n")]);
    sandbox.git(&["switch", "-q", "-c", "topic"]);
    for (at, token) in tokens.iter().enumerate() {
        sandbox.write(&format!("sub/{at}.env"), format!("A={token}\n"));
        commit(&sandbox, "more");
    }
    ok(&sandbox.keyrot("baseline create --history"));
    commit(&sandbox, "baseline");
    sandbox.git(&["switch", "-q", "main"]);
    sandbox.git(&["merge", "-q", "--squash", "topic"]);
    commit(&sandbox, "squashed");
    sandbox.git(&["branch", "-q", "-D", "topic"]);
    ok(&sandbox.keyrot("scan --history --fail-on-unused"));
    let text = baseline(&sandbox);
    assert_eq!(entries(&text), 3, "{text}");
    assert!(text.contains("path = \"sub/0.env\""), "{text}");
    sandbox.write(".keyrot/baseline.toml", text.replace('\n', "\r\n"));
    sandbox.write("sub/0.env", format!("A={}\r\n", tokens[0]));
    ok(&sandbox.keyrot("scan ."));
    ok(&sandbox.keyrot("baseline update"));
    assert_eq!(baseline(&sandbox), text, "the same entries in the same order, with line feeds");
}

#[test]
fn allow_blocks_hide_what_stands_inside_and_an_open_one_hides_nothing() {
    let tokens = github_tokens(3);
    let sandbox = Sandbox::new();
    let (begin, end) =
        (format!("# keyrot:{}", "allow-begin[github-pat-classic] -- samples"), format!("# keyrot:{}", "allow-end"));
    sandbox.write("a.env", format!("{begin}\nA={}\n\nB={}\n{end}\nC={}\n", tokens[0], tokens[1], tokens[2]));
    let done = sandbox.keyrot("scan .");
    assert!(!done.stdout.contains("a.env:2") && !done.stdout.contains("a.env:4"), "{}", done.stdout);
    assert!(done.stdout.contains("a.env:6:3"), "{}", done.stdout);
    sandbox.write("a.env", format!("{begin}\nA={}\n", tokens[0]));
    let done = sandbox.keyrot("scan .");
    assert!(done.stdout.contains("a.env:2:3") && done.stdout.contains("suppression-invalid"), "{}", done.stdout);
}

#[test]
fn an_allow_comment_that_hides_nothing_is_named_where_it_stands() {
    let sandbox = Sandbox::new();
    sandbox.write("sub/a.env", format!("x=1\ny=2 # keyrot:{}\n", "allow[github-pat-classic] -- gone"));
    let done = sandbox.keyrot("scan . --fail-on-unused");
    assert_eq!(done.code, 1);
    assert!(done.stdout.contains("sub/a.env:2:7") && done.stdout.contains("suppression-unused"), "{}", done.stdout);
    ok(&sandbox.keyrot("scan sub/a.env --exclude-rule github-pat-classic --fail-on-unused"));
}

#[test]
fn a_run_that_does_not_trust_the_branch_heeds_no_comment() {
    let sandbox = Sandbox::new();
    sandbox.write("a.env", format!("A={} # keyrot:{}\n", github_tokens(1)[0], "allow -- mine"));
    ok(&sandbox.keyrot("scan ."));
    let done = sandbox.keyrot("scan . --no-inline-allow");
    assert_eq!(done.code, 1);
    assert!(done.stderr.contains("1 allow comments were not honoured"), "{}", done.stderr);
}

#[test]
fn markers_of_other_scanners_count_only_where_the_configuration_says_so() {
    let sandbox = Sandbox::new();
    sandbox.write("a.env", format!("A={} # gitleaks:{}\n", github_tokens(1)[0], "allow"));
    let done = sandbox.keyrot("scan .");
    assert_eq!(done.code, 1);
    assert!(done.stderr.contains("1 markers of gitleaks were not honoured"), "{}", done.stderr);
    sandbox.write("keyrot.toml", "[suppressions]\nhonour = ['gitleaks']\n");
    let done = sandbox.keyrot("scan .");
    ok(&done);
    assert!(done.stderr.contains("1 findings are suppressed by markers of gitleaks"), "{}", done.stderr);
}

#[test]
fn the_policy_is_asked_of_every_suppression() {
    let sandbox = Sandbox::new();
    sandbox.write("a.env", format!("A={} # keyrot:{}\n", github_tokens(1)[0], "allow"));
    let cases = [
        ("require-reason = true", "the policy requires a reason"),
        ("require-rule = true", "the policy requires that it names its rules"),
        ("longest-days = 30", "the policy requires an end date at most 30 days from now"),
    ];
    for (policy, text) in cases {
        sandbox.write("keyrot.toml", format!("[suppressions]\n{policy}\n"));
        let done = sandbox.keyrot("scan .");
        assert_eq!(done.code, 1);
        assert!(done.stdout.contains(text) && done.stdout.contains("github-pat-classic"), "{}", done.stdout);
    }
    sandbox.write("keyrot.toml", "[[ignore]]\nrules = ['no-expiry']\nreason = 'later'\n");
    let done = sandbox.keyrot("scan .");
    assert!(done.stdout.contains("a waiver of the lifecycle rule `no-expiry` needs an end date"), "{}", done.stdout);
    assert!(done.stdout.contains("keyrot.toml:1:1"), "{}", done.stdout);
}
