//! Staged changes, ranges, histories and work trees, in repositories that real git made.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::sandbox::{Done, Sandbox, github_tokens};

fn repository() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "-q", "-b", "main"]);
    sandbox
}

fn commit(sandbox: &Sandbox, seconds: i64, message: &str) -> String {
    sandbox.git_at(seconds, &["add", "-A"]);
    sandbox.git_at(seconds, &["commit", "-q", "--allow-empty", "-m", message]);
    sandbox.git(&["rev-parse", "HEAD"]).stdout.trim().to_owned()
}

fn scan(sandbox: &Sandbox, arguments: &str) -> (Done, Vec<Value>) {
    let done = sandbox.keyrot(&format!("scan --format json --no-config --show-secrets {arguments}"));
    let report: Value = serde_json::from_str(&done.stdout).unwrap_or_else(|_| panic!("{}", done.stderr));
    let findings = report["findings"].as_array().unwrap().clone();
    (done, findings)
}

fn clear(finding: &Value) -> &str {
    finding["secret"]["clear"].as_str().unwrap()
}

fn message(finding: &Value) -> &str {
    finding["message"].as_str().unwrap()
}

fn places(findings: &[Value]) -> Vec<String> {
    let place = |one: &Value| format!("{}:{}", one["path"].as_str().unwrap(), one["start_line"]);
    findings.iter().map(|one| place(&one["location"])).collect()
}

const DAY: i64 = 86_400;
const START: i64 = 1_700_000_000;

#[test]
fn staged_with_an_unborn_head_and_with_nothing_staged() {
    let (sandbox, tokens) = (repository(), github_tokens(1));
    let (done, findings) = scan(&sandbox, "--staged");
    assert_eq!((done.code, findings.len()), (0, 0));
    assert!(done.stderr.contains("Nothing is staged"), "{}", done.stderr);
    assert_eq!(scan(&sandbox, "--staged --fail-on-empty").0.code, 3);
    sandbox.write("a.txt", format!("token = \"{}\"\n", tokens[0]));
    assert_eq!(scan(&sandbox, "--staged").0.code, 0, "what is not staged is not read");
    sandbox.git(&["add", "a.txt"]);
    sandbox.write("a.txt", "clean again\n");
    let (done, findings) = scan(&sandbox, "--staged");
    assert_eq!((done.code, places(&findings)), (1, vec!["a.txt:1".to_owned()]));
}

#[test]
fn staged_keeps_findings_on_added_lines_only() {
    let (sandbox, tokens) = (repository(), github_tokens(3));
    sandbox.write("a.txt", format!("one = \"{}\"\n\nend\n", tokens[0]));
    sandbox.write("dir/old.txt", format!("two = \"{}\"\nsome\nmore\nlines\nto\nkeep\n", tokens[1]));
    commit(&sandbox, START, "start");
    sandbox.write("a.txt", format!("one = \"{}\"\n\nthree = \"{}\"\nend\n", tokens[0], tokens[2]));
    std::fs::rename(sandbox.path().join("dir/old.txt"), sandbox.path().join("new.txt")).unwrap();
    sandbox.git(&["add", "-A"]);
    assert_eq!(places(&scan(&sandbox, "--staged").1), ["a.txt:3"], "a renamed file adds nothing");
    sandbox.write("new.txt", format!("two = \"{}\"\nsome\nmore\nlines\nto\nkeep\nx\n", tokens[1]));
    sandbox.git(&["add", "-A"]);
    assert_eq!(places(&scan(&sandbox, "--staged").1), ["a.txt:3"], "nor does one that was also edited");
}

#[test]
fn staged_respects_the_index_that_git_names() {
    let (sandbox, tokens) = (repository(), github_tokens(1));
    sandbox.write("a.txt", "clean\n");
    commit(&sandbox, START, "start");
    sandbox.write("a.txt", format!("token = \"{}\"\n", tokens[0]));
    let index = sandbox.path().join(".git/other-index");
    std::fs::copy(sandbox.path().join(".git/index"), &index).unwrap();
    let environment = [("GIT_INDEX_FILE", ".git/other-index"), ("GIT_DIR", ".git")];
    let run = || sandbox.keyrot_with("scan --staged --no-config", &environment, b"").code;
    assert_eq!(run(), 0);
    let mut git = std::process::Command::new("git");
    git.current_dir(sandbox.path()).env("GIT_INDEX_FILE", &index).args(["add", "a.txt"]);
    assert!(git.status().unwrap().success());
    assert_eq!(run(), 1);
    assert_eq!(scan(&sandbox, "--staged").0.code, 0, "the ordinary index has nothing staged");
}

#[test]
fn staged_names_choose_and_a_run_over_all_files_reads_them_whole() {
    let (sandbox, tokens) = (repository(), github_tokens(2));
    sandbox.write("a.txt", format!("one = \"{}\"\n", tokens[0]));
    sandbox.write("b.txt", "clean\n");
    commit(&sandbox, START, "start");
    let (_, findings) = scan(&sandbox, "--staged a.txt b.txt");
    assert_eq!(places(&findings), ["a.txt:1"], "nothing is staged: a run over all files, as in CI");
    sandbox.write("b.txt", format!("two = \"{}\"\n", tokens[1]));
    sandbox.git(&["add", "b.txt"]);
    assert_eq!(places(&scan(&sandbox, "--staged a.txt b.txt").1), ["b.txt:1"]);
    assert_eq!(places(&scan(&sandbox, "--staged a.txt").1), Vec::<String>::new());
    sandbox.write("c.txt", format!("two = \"{}\"\n", tokens[1]));
    assert_eq!(places(&scan(&sandbox, "--staged c.txt").1), ["c.txt:1"], "not in the index: from the work tree");
}

#[test]
fn staged_links_and_submodules_are_said_and_linked_work_trees_work() {
    let (sandbox, tokens) = (repository(), github_tokens(1));
    let head = commit(&sandbox, START, "start");
    #[cfg(unix)]
    std::os::unix::fs::symlink("nowhere", sandbox.path().join("link")).unwrap();
    sandbox.git(&["add", "-A"]);
    sandbox.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{head},module")]);
    let (done, _) = scan(&sandbox, "--staged");
    let report: Value = serde_json::from_str(&done.stdout).unwrap();
    let reasons: Vec<&str> =
        report["skipped"].as_array().unwrap().iter().map(|skip| skip["reason"].as_str().unwrap()).collect();
    assert_eq!(reasons, ["symlink", "submodule"]);
    sandbox.git(&["worktree", "add", "-q", "-b", "other", "tree"]);
    sandbox.write("tree/a.txt", format!("token = \"{}\"\n", tokens[0]));
    sandbox.git(&["-C", "tree", "add", "a.txt"]);
    assert_eq!(places(&scan(&sandbox, "--staged tree").1), ["a.txt:1"]);
}

#[test]
fn a_change_that_only_removes_keys_passes() {
    let (sandbox, tokens) = (repository(), github_tokens(2));
    sandbox.write("a.txt", format!("one = \"{}\"\ntwo = \"{}\"\n", tokens[0], tokens[1]));
    commit(&sandbox, START, "start");
    sandbox.write("a.txt", format!("two = \"{}\"\n", tokens[1]));
    commit(&sandbox, START + DAY, "less");
    assert_eq!(scan(&sandbox, "--diff HEAD~1").0.code, 0);
}

#[test]
fn a_rotation_is_told_with_what_still_holds_the_old_value() {
    let (sandbox, tokens) = (repository(), github_tokens(2));
    sandbox.write("a.env", format!("API_TOKEN={}\n", tokens[0]));
    sandbox.write("b.env", format!("# copy\nAPI_TOKEN={}\n", tokens[0]));
    commit(&sandbox, START, "start");
    sandbox.write("a.env", format!("API_TOKEN={}\n", tokens[1]));
    sandbox.git(&["add", "-A"]);
    let (_, findings) = scan(&sandbox, "--staged");
    assert_eq!(findings.len(), 1);
    let text = message(&findings[0]);
    assert!(text.contains("It replaces the key") && text.contains("still stands in b.env:2"), "{text}");
    sandbox.write("b.env", format!("# copy\nAPI_TOKEN={}\n", tokens[1]));
    sandbox.git(&["add", "-A"]);
    let (_, findings) = scan(&sandbox, "--staged");
    assert!(message(&findings[0]).contains("stands nowhere else"), "{}", message(&findings[0]));
}

#[test]
fn a_range_tells_what_its_commits_add_also_when_removed_again() {
    let (sandbox, tokens) = (repository(), github_tokens(3));
    sandbox.write("base.txt", format!("base = \"{}\"\n", tokens[0]));
    let base = commit(&sandbox, START, "base");
    sandbox.write("a.txt", format!("one = \"{}\"\n", tokens[1]));
    let adds = commit(&sandbox, START + DAY, "adds");
    sandbox.write("other.txt", "unrelated\n");
    let between = commit(&sandbox, START + 2 * DAY, "between");
    std::fs::remove_file(sandbox.path().join("a.txt")).unwrap();
    sandbox.write("b.txt", format!("two = \"{}\"\n", tokens[2]));
    let head = commit(&sandbox, START + 3 * DAY, "removes");
    let (_, findings) = scan(&sandbox, &format!("--diff {base}..HEAD"));
    assert_eq!(findings.iter().map(clear).collect::<Vec<_>>(), [tokens[1].as_str(), &tokens[2]]);
    assert!(message(&findings[0]).contains("A later commit of the range removes it again"));
    let exposure = &findings[0]["exposure"];
    assert_eq!(exposure["first_commit"], adds.as_str());
    assert_eq!(exposure["last_commit"], between.as_str());
    assert_eq!(exposure["at_head"], false);
    assert_eq!(findings[1]["exposure"]["last_commit"], head.as_str());
    assert_eq!(findings[1]["exposure"]["at_head"], true);
    let (_, findings) = scan(&sandbox, &format!("--diff {base} --net"));
    assert_eq!(places(&findings), ["b.txt:1"]);
    let (done, findings) = scan(&sandbox, "--diff HEAD..HEAD");
    assert_eq!((done.code, findings.len()), (0, 0));
    assert!(done.stderr.contains("same commit"), "{}", done.stderr);
    assert_eq!(sandbox.keyrot("scan --diff nowhere").code, 2);
}

#[test]
fn a_range_starts_at_the_merge_base_and_merges_add_what_no_parent_had() {
    let (sandbox, tokens) = (repository(), github_tokens(3));
    commit(&sandbox, START, "start");
    sandbox.git(&["checkout", "-q", "-b", "side"]);
    sandbox.write("side.txt", format!("side = \"{}\"\n", tokens[0]));
    commit(&sandbox, START + DAY, "side");
    sandbox.git(&["checkout", "-q", "main"]);
    sandbox.write("main.txt", format!("main = \"{}\"\n", tokens[1]));
    commit(&sandbox, START + 2 * DAY, "main");
    sandbox.git(&["checkout", "-q", "side"]);
    assert_eq!(places(&scan(&sandbox, "--diff main").1), ["side.txt:1"]);
    assert_eq!(places(&scan(&sandbox, "--diff main --net").1), ["side.txt:1"]);
    sandbox.git_at(START + 3 * DAY, &["merge", "-q", "--no-commit", "main"]);
    sandbox.write("evil.txt", format!("evil = \"{}\"\n", tokens[2]));
    commit(&sandbox, START + 3 * DAY, "merge");
    let (_, findings) = scan(&sandbox, "--diff main");
    let mut found = places(&findings);
    found.sort();
    assert_eq!(found, ["evil.txt:1", "side.txt:1"]);
}

#[test]
fn since_reads_commits_the_index_and_the_work_tree() {
    let (sandbox, tokens) = (repository(), github_tokens(5));
    sandbox.write("old.txt", format!("old = \"{}\"\n", tokens[0]));
    sandbox.write(".gitignore", "ignored.txt\n");
    let base = commit(&sandbox, START, "base");
    sandbox.write("a.txt", format!("one = \"{}\"\n", tokens[1]));
    commit(&sandbox, START + DAY, "adds");
    sandbox.write("b.txt", format!("two = \"{}\"\n", tokens[2]));
    sandbox.git(&["add", "b.txt"]);
    sandbox.write("old.txt", format!("old = \"{}\"\nnew = \"{}\"\n", tokens[0], tokens[3]));
    sandbox.write("untracked.txt", format!("x = \"{}\"\n", tokens[4]));
    sandbox.write("ignored.txt", format!("x = \"{}\"\n", tokens[0]));
    let mut found = places(&scan(&sandbox, &format!("--since {base}")).1);
    found.sort();
    assert_eq!(found, ["a.txt:1", "b.txt:1", "old.txt:2", "untracked.txt:1"]);
}

#[test]
fn tracked_files_are_read_even_where_an_ignore_pattern_matches_them() {
    let (sandbox, tokens) = (repository(), github_tokens(3));
    sandbox.write(".gitignore", "*.env\nsecret/\n");
    sandbox.write("a.env", format!("A={}\n", tokens[0]));
    sandbox.write("secret/b.txt", format!("b = \"{}\"\n", tokens[1]));
    sandbox.git(&["add", "-f", "a.env", "secret/b.txt"]);
    sandbox.write("untracked.env", format!("U={}\n", tokens[2]));
    let (done, findings) = scan(&sandbox, ".");
    assert_eq!(places(&findings), ["a.env:1", "secret/b.txt:1"]);
    assert!(done.stderr.contains("2 tracked files that ignore patterns match were read too"), "{}", done.stderr);
    sandbox.write(".keyrotignore", "a.env\n");
    assert_eq!(places(&scan(&sandbox, ".").1), ["secret/b.txt:1"]);
}

#[test]
fn history_holds_one_result_a_secret_oldest_first_and_tells_replaced_from_deleted() {
    let (sandbox, tokens) = (repository(), github_tokens(3));
    sandbox.write("a.env", format!("API_TOKEN={}\n", tokens[0]));
    sandbox.write("copy.txt", format!("x = \"{}\"\n", tokens[1]));
    let first = commit(&sandbox, START, "first");
    sandbox.write("deep/b.env", format!("\nAPI_TOKEN={}\n", tokens[0]));
    std::fs::remove_file(sandbox.path().join("copy.txt")).unwrap();
    let second = commit(&sandbox, START + DAY, "second");
    sandbox.write("a.env", format!("API_TOKEN={}\n", tokens[2]));
    std::fs::remove_file(sandbox.path().join("deep/b.env")).unwrap();
    commit(&sandbox, START + 2 * DAY, "third");
    let (done, findings) = scan(&sandbox, "--history --as-of 2023-12-14");
    assert_eq!(done.code, 1);
    let by = |token: &str| findings.iter().find(|finding| clear(finding) == token).unwrap();
    assert_eq!(findings.len(), 3);
    let replaced = by(&tokens[0]);
    assert_eq!(replaced["exposure"]["first_commit"], first.as_str());
    assert_eq!(replaced["exposure"]["last_commit"], second.as_str());
    assert_eq!(replaced["exposure"]["paths"], serde_json::json!(["a.env", "deep/b.env"]));
    assert_eq!(replaced["location"]["path"], "a.env");
    assert_eq!(replaced["related"].as_array().unwrap().len(), 1);
    assert!(message(replaced).contains("was replaced by another value"), "{}", message(replaced));
    assert!(message(replaced).contains("29 days ago (2023-11-14, as its committer states)"), "{}", message(replaced));
    assert!(message(by(&tokens[1])).contains("removed from the tree but never replaced"));
    assert!(message(by(&tokens[2])).contains("still stands at HEAD"));
}

#[test]
fn history_reads_every_corner() {
    let (sandbox, tokens) = (repository(), github_tokens(6));
    sandbox.write("a.txt", "clean\n");
    commit(&sandbox, START, "start");
    sandbox.git_at(START, &["commit", "-q", "--allow-empty", "-m", &format!("oops \"{}\"", tokens[0])]);
    sandbox.git_at(START, &["tag", "-a", "v1", "-m", &format!("tag \"{}\"", tokens[1])]);
    sandbox.git_at(START, &["notes", "add", "-m", &format!("note = \"{}\"", tokens[2])]);
    for token in &tokens[3..5] {
        sandbox.write("a.txt", format!("stash = \"{token}\"\n"));
        sandbox.git_at(START, &["stash", "-q"]);
    }
    sandbox.git(&["checkout", "-q", "--detach"]);
    sandbox.write("a.txt", format!("gone = \"{}\"\n", tokens[5]));
    commit(&sandbox, START, "unreachable");
    sandbox.git(&["checkout", "-q", "main"]);
    let found = |arguments: &str| {
        let mut found: Vec<String> = scan(&sandbox, arguments).1.iter().map(|one| clear(one).to_owned()).collect();
        found.sort();
        found
    };
    let mut wanted = tokens.clone();
    wanted.sort();
    assert_eq!(found("--history --unreachable"), wanted);
    wanted.retain(|token| *token != tokens[5]);
    assert_eq!(found("--history"), wanted);
    assert_eq!(found("--history main"), [tokens[0].clone()]);
    assert_eq!(found("--history main ^main~1"), [tokens[0].clone()]);
    for arguments in [&["repack", "-adq"][..], &["multi-pack-index", "write"], &["pack-refs", "--all"]] {
        sandbox.git(arguments);
        assert_eq!(found("--history"), wanted, "after git {arguments:?}");
    }
}

#[test]
fn history_of_bare_shallow_alternate_and_sha256_repositories() {
    let (sandbox, tokens) = (repository(), github_tokens(2));
    sandbox.write("a.txt", format!("one = \"{}\"\n", tokens[0]));
    commit(&sandbox, START, "one");
    sandbox.write("a.txt", format!("two = \"{}\"\n", tokens[1]));
    commit(&sandbox, START + DAY, "two");
    sandbox.git(&["clone", "-q", "--bare", ".", "bare.git"]);
    assert_eq!(scan(&sandbox, "--history -- bare.git").1.len(), 2);
    sandbox.git(&["clone", "-q", "--shared", ".", "shared"]);
    assert_eq!(scan(&sandbox, "--history -- shared").1.len(), 2);
    let url = format!("file://{}", sandbox.path().display());
    sandbox.git(&["clone", "-q", "--depth", "1", &url, "shallow"]);
    let (done, findings) = scan(&sandbox, "--history -- shallow");
    assert_eq!(findings.len(), 1);
    assert!(done.stderr.contains("shallow"), "{}", done.stderr);
    let (done, _) = scan(&sandbox, "--diff HEAD~0 shallow");
    assert_eq!(done.code, 0);
    sandbox.git(&["init", "-q", "--object-format=sha256", "wide"]);
    sandbox.write("wide/a.txt", format!("one = \"{}\"\n", tokens[0]));
    sandbox.git_at(START, &["-C", "wide", "add", "-A"]);
    assert_eq!(scan(&sandbox, "--staged wide").1.len(), 1);
    sandbox.git_at(START, &["-C", "wide", "commit", "-q", "-m", "one"]);
    let (_, findings) = scan(&sandbox, "--history -- wide");
    assert_eq!(findings[0]["exposure"]["first_commit"].as_str().unwrap().len(), 64);
}

#[test]
fn replace_refs_hide_nothing() {
    let (sandbox, tokens) = (repository(), github_tokens(1));
    sandbox.write("a.txt", format!("one = \"{}\"\n", tokens[0]));
    commit(&sandbox, START, "one");
    let blob = sandbox.git(&["rev-parse", "HEAD:a.txt"]).stdout.trim().to_owned();
    sandbox.write("clean.txt", "clean\n");
    let clean = sandbox.git(&["hash-object", "-w", "clean.txt"]).stdout.trim().to_owned();
    sandbox.git(&["replace", &blob, &clean]);
    assert_eq!(scan(&sandbox, "--history").1.len(), 1);
}

#[test]
fn refs_in_a_reftable_are_read() {
    let sandbox = Sandbox::new();
    if sandbox.try_git(START, &["init", "-q", "--ref-format=reftable"], b"").code != 0 {
        return;
    }
    let tokens = github_tokens(1);
    sandbox.write("a.txt", format!("one = \"{}\"\n", tokens[0]));
    commit(&sandbox, START, "one");
    assert_eq!(scan(&sandbox, "--history").1.len(), 1);
    sandbox.write("a.txt", "clean\n");
    sandbox.git(&["add", "-A"]);
    assert_eq!(scan(&sandbox, "--staged").0.code, 0);
}

#[test]
fn a_hostile_repository_runs_nothing_and_nothing_is_written() {
    let (sandbox, tokens) = (repository(), github_tokens(2));
    sandbox.write("a.txt", format!("one = \"{}\"\n", tokens[0]));
    commit(&sandbox, START, "one");
    let trap = format!("touch {}", sandbox.path().join("trapped").display());
    for key in [
        "core.fsmonitor",
        "core.sshCommand",
        "core.pager",
        "core.editor",
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "diff.evil.textconv",
        "diff.evil.command",
        "diff.external",
        "uploadpack.packObjectsHook",
        "credential.helper",
        "core.alternateRefsCommand",
    ] {
        sandbox.git(&["config", key, &trap]);
    }
    sandbox.write(".gitattributes", "* filter=evil diff=evil\n");
    let hooks = sandbox.write(".git/evil/pre-commit", format!("#!/bin/sh\n{trap}\n"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&hooks, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    sandbox.git(&["config", "core.hooksPath", &hooks.parent().unwrap().display().to_string()]);
    sandbox.write("b.txt", format!("two = \"{}\"\n", tokens[1]));
    let _ = std::fs::remove_file(sandbox.path().join("trapped"));
    let before = snapshot(&sandbox);
    for arguments in ["--staged", "--history", "--diff HEAD", "--since HEAD", "--staged a.txt b.txt", "."] {
        scan(&sandbox, arguments);
        assert!(!sandbox.path().join("trapped").exists(), "{arguments} ran something");
    }
    assert_eq!(snapshot(&sandbox), before, "nothing is written");
}

fn snapshot(sandbox: &Sandbox) -> Vec<(std::path::PathBuf, std::time::SystemTime, u64)> {
    let mut files: Vec<_> = walkdir::WalkDir::new(sandbox.path())
        .into_iter()
        .map(|entry| {
            let entry = entry.unwrap();
            let metadata = entry.metadata().unwrap();
            (entry.into_path(), metadata.modified().unwrap(), metadata.len())
        })
        .collect();
    files.sort();
    files
}

#[test]
fn damaged_objects_are_said_and_the_rest_is_read() {
    let (sandbox, tokens) = (repository(), github_tokens(2));
    sandbox.write("a.txt", format!("one = \"{}\"\n", tokens[0]));
    sandbox.write("b.txt", format!("two = \"{}\"\n", tokens[1]));
    commit(&sandbox, START, "one");
    let blob = sandbox.git(&["rev-parse", "HEAD:b.txt"]).stdout.trim().to_owned();
    let path = sandbox.path().join(".git/objects").join(&blob[..2]).join(&blob[2..]);
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, b"damaged").unwrap();
    let (done, findings) = scan(&sandbox, "--history");
    assert_eq!(done.code, 2, "what cannot be read is no pass");
    assert_eq!(findings.iter().map(clear).collect::<Vec<_>>(), [tokens[0].as_str()]);
}

#[test]
fn damaged_and_missing_trees_are_said_and_the_rest_is_attributed() {
    for damage in [None, Some(&b"damaged"[..])] {
        let (sandbox, tokens) = (repository(), github_tokens(2));
        sandbox.write("left/a.txt", format!("one = \"{}\"\n", tokens[0]));
        sandbox.write("right/b.txt", format!("two = \"{}\"\n", tokens[1]));
        commit(&sandbox, START, "one");
        let tree = sandbox.git(&["rev-parse", "HEAD:right"]).stdout.trim().to_owned();
        let path = sandbox.path().join(".git/objects").join(&tree[..2]).join(&tree[2..]);
        std::fs::remove_file(&path).unwrap();
        if let Some(bytes) = damage {
            std::fs::write(&path, bytes).unwrap();
        }
        let (done, findings) = scan(&sandbox, "--history");
        assert_eq!(done.code, 2, "what cannot be read is no pass");
        let report: Value = serde_json::from_str(&done.stdout).unwrap();
        let skipped = report["skipped"].as_array().unwrap();
        let told = skipped.iter().filter(|skip| skip["detail"].as_str().is_some_and(|text| text.contains(&tree)));
        assert_eq!(told.count(), 1, "{skipped:?}");
        let object = format!("(object {})", sandbox.git(&["hash-object", "right/b.txt"]).stdout.trim());
        let mut found: Vec<_> = findings.iter().map(|one| (one["location"]["path"].as_str(), clear(one))).collect();
        found.sort_unstable();
        assert_eq!(found, [(Some(object.as_str()), &*tokens[1]), (Some("left/a.txt"), &*tokens[0])]);
    }
}

#[test]
fn a_blob_that_no_tree_names_is_read_where_a_ref_names_it_and_with_the_unreachable_ones() {
    let (sandbox, tokens) = (repository(), github_tokens(2));
    sandbox.write("a.txt", "clean\n");
    commit(&sandbox, START, "start");
    let store = |token: &String| {
        sandbox.write("b.txt", format!("one = \"{token}\"\n"));
        sandbox.git(&["hash-object", "-w", "b.txt"]).stdout.trim().to_owned()
    };
    let (tagged, dangling) = (store(&tokens[0]), store(&tokens[1]));
    sandbox.git(&["tag", "key", &tagged]);
    let found = |arguments: &str| -> BTreeSet<String> {
        scan(&sandbox, arguments).1.iter().map(|one| one["location"]["path"].as_str().unwrap().to_owned()).collect()
    };
    let [tagged, dangling] = [tagged, dangling].map(|id| format!("(object {id})"));
    assert_eq!(found("--history"), [tagged.clone()].into());
    assert_eq!(found("--history --unreachable"), [tagged, dangling].into());
}

#[test]
fn a_spent_time_budget_is_said() {
    let (sandbox, tokens) = (repository(), github_tokens(1));
    sandbox.write("a.txt", format!("one = \"{}\"\n", tokens[0]));
    commit(&sandbox, START, "one");
    let (done, _) = scan(&sandbox, "--history --time-budget 60");
    assert!(!done.stderr.contains("stopped"), "{}", done.stderr);
    assert_eq!(sandbox.keyrot("scan --history --time-budget -1").code, 2);
}

#[test]
fn timeline_tells_rotations() {
    let (sandbox, tokens) = (repository(), github_tokens(3));
    for (at, token) in tokens[..2].iter().enumerate() {
        sandbox.write("app/prod.env", format!("API_TOKEN={token}\n"));
        commit(&sandbox, START + 30 * DAY * i64::try_from(at).unwrap(), "rotate");
    }
    sandbox.write("gone.env", format!("OLD={}\n", tokens[2]));
    commit(&sandbox, START + 60 * DAY, "adds");
    std::fs::remove_file(sandbox.path().join("gone.env")).unwrap();
    commit(&sandbox, START + 61 * DAY, "removes");
    let done = sandbox.keyrot("timeline --no-config");
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert!(done.stdout.contains("app/prod.env API_TOKEN"), "{}", done.stdout);
    assert!(done.stdout.contains("rotated; last rotation 2023-12-14, intervals 30 d"), "{}", done.stdout);
    assert!(done.stdout.contains("removed from the tree but never replaced"), "{}", done.stdout);
    assert!(tokens.iter().all(|token| !done.stdout.contains(token.as_str())), "no value is shown");
    let done = sandbox.keyrot("timeline --no-config app");
    assert!(!done.stdout.contains("gone.env"), "{}", done.stdout);
}
