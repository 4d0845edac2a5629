//! Histories whose objects are not all there: partial clones, damaged packs, and what an inventory knows of keys that only
//! the history still holds.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::sandbox::{Done, Sandbox, github_tokens};

const START: i64 = 1_700_000_000;
const DAY: i64 = 86_400;

fn scan(sandbox: &Sandbox, arguments: &str) -> (Done, Vec<String>) {
    let done = sandbox.keyrot(&format!("scan --format json --no-config --show-secrets {arguments}"));
    let report: Value = serde_json::from_str(&done.stdout).unwrap_or_else(|_| panic!("{}", done.stderr));
    let clear = |one: &Value| one["secret"]["clear"].as_str().unwrap().to_owned();
    let mut found: Vec<String> = report["findings"].as_array().unwrap().iter().map(clear).collect();
    found.sort();
    (done, found)
}

/// A repository in which each commit writes one more key into the end of a long file, all in one pack.
fn packed(tokens: &[String]) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "-q", "-b", "main"]);
    let mut text: String = (0..400).map(|line| format!("line {line} of a long file, {}\n", line * line)).collect();
    for (at, token) in (0..).zip(tokens) {
        text.push_str(&format!("key{at} = \"{token}\"\n"));
        sandbox.write("long.txt", &text);
        sandbox.git(&["add", "-A"]);
        sandbox.git_at(START + at * DAY, &["commit", "-q", "-m", "one more"]);
    }
    sandbox.git(&["repack", "-q", "-a", "-d", "-f"]);
    sandbox.git(&["prune-packed"]);
    sandbox
}

/// The pack, and where the entry of an object begins in it.
fn entry(sandbox: &Sandbox, revision: &str) -> (PathBuf, usize) {
    let folder = sandbox.path().join(".git/objects/pack");
    let packs = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let pack = packs.into_iter().find(|path| path.extension().is_some_and(|found| found == "pack")).unwrap();
    let id = sandbox.git(&["rev-parse", revision]).stdout.trim().to_owned();
    let listing = sandbox.git(&["verify-pack", "-v", pack.with_extension("idx").to_str().unwrap()]).stdout;
    let line = listing.lines().find(|line| line.starts_with(&id)).unwrap();
    (pack, line.split_whitespace().nth(4).unwrap().parse().unwrap())
}

fn damage(pack: &Path, at: usize) {
    let mut bytes = std::fs::read(pack).unwrap();
    bytes[at..at + 4].fill(0xff);
    std::fs::remove_file(pack).unwrap();
    std::fs::write(pack, bytes).unwrap();
}

#[test]
fn versions_along_a_chain_of_deltas_are_all_read() {
    let tokens = github_tokens(6);
    let sandbox = packed(&tokens);
    let (done, found) = scan(&sandbox, "--history");
    assert_eq!((done.code, found.len()), (1, 6), "{}", done.stderr);
}

#[test]
fn a_damaged_pack_is_said_and_the_rest_is_read() {
    let tokens = github_tokens(3);
    let sandbox = packed(&tokens);
    // git stores the newest version whole and the older ones as changes of it: the oldest is a leaf.
    let (pack, at) = entry(&sandbox, "HEAD~2:long.txt");
    damage(&pack, at + 3);
    let id = sandbox.git(&["rev-parse", "HEAD~2:long.txt"]).stdout.trim().to_owned();
    let (done, found) = scan(&sandbox, "--history");
    assert_eq!(done.code, 2, "what cannot be read is no pass");
    assert!(done.stderr.contains(&id) || done.stdout.contains(&id), "{}", done.stderr);
    assert_eq!(found, tokens, "the newer versions hold the older keys too");
}

#[test]
fn what_hangs_on_a_damaged_object_is_read_from_wherever_it_still_is() {
    let tokens = github_tokens(2);
    let sandbox = packed(&tokens);
    let whole = sandbox.git(&["cat-file", "blob", "HEAD:long.txt"]).stdout;
    let (pack, at) = entry(&sandbox, "HEAD:long.txt");
    damage(&pack, at + 5);
    let (done, found) = scan(&sandbox, "--history");
    assert_eq!((done.code, found.len()), (2, 0), "every version hangs on the newest");
    // The object comes back as a loose one.
    let again = Sandbox::new();
    again.git(&["init", "-q"]);
    again.write("long.txt", whole);
    let id = again.git(&["hash-object", "-w", "long.txt"]).stdout.trim().to_owned();
    let loose = |sandbox: &Sandbox| sandbox.path().join(".git/objects").join(&id[..2]).join(&id[2..]);
    std::fs::create_dir_all(loose(&sandbox).parent().unwrap()).unwrap();
    std::fs::copy(loose(&again), loose(&sandbox)).unwrap();
    assert!(scan(&sandbox, "--history").1.contains(&tokens[1]));
}

#[test]
fn a_pack_that_is_cut_short_is_said() {
    let sandbox = packed(&github_tokens(2));
    let (pack, _) = entry(&sandbox, "HEAD:long.txt");
    let bytes = std::fs::read(&pack).unwrap();
    std::fs::remove_file(&pack).unwrap();
    std::fs::write(&pack, &bytes[..bytes.len() / 2]).unwrap();
    let done = sandbox.keyrot("scan --history --no-config");
    assert_eq!(done.code, 2, "{}", done.stdout);
}

#[test]
fn a_partial_clone_says_what_it_lacks_and_fetches_nothing() {
    let tokens = github_tokens(2);
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "-q", "-b", "main"]);
    for (at, token) in (0..).zip(&tokens) {
        sandbox.write("a.txt", format!("key = \"{token}\"\n"));
        sandbox.git(&["add", "-A"]);
        sandbox.git_at(START + at * DAY, &["commit", "-q", "-m", "next"]);
    }
    sandbox.git(&["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", sandbox.path().display());
    sandbox.git(&["clone", "-q", "--filter=blob:none", &url, "partial"]);
    let objects = || {
        let listed = sandbox.git(&["-C", "partial", "cat-file", "--batch-all-objects", "--batch-check"]);
        listed.stdout.lines().count()
    };
    let before = objects();
    let (done, found) = scan(&sandbox, "--history -- partial");
    assert!(done.stderr.contains("partial"), "{}", done.stderr);
    assert_eq!(found, tokens[1..], "the blob of the older commit is not here");
    assert_eq!(objects(), before);
}

#[test]
fn a_key_that_only_the_history_holds_is_joined_with_its_row() {
    const KEY: (&str, &str) = ("KEYROT_KEY", "a public key for demos and tests");
    let tokens = github_tokens(2);
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "-q", "-b", "main"]);
    for (at, token) in [Some(&tokens[0]), Some(&tokens[1]), None].into_iter().enumerate() {
        let text = token.map_or("key = os.environ['KEY']\n".to_owned(), |token| format!("key = '{token}'\n"));
        sandbox.write("settings.py", text);
        sandbox.git(&["add", "-A"]);
        sandbox.git_at(START + i64::try_from(at).unwrap() * DAY, &["commit", "-q", "-m", "next"]);
    }
    let print = |token: &String| {
        let done = sandbox.keyrot_with("fingerprint --class github-pat-classic", &[KEY], token.as_bytes());
        assert_eq!(done.code, 0, "{}", done.stderr);
        done.stdout.split_whitespace().find(|word| word.starts_with("kr1:")).unwrap().to_owned()
    };
    // Both rows were created before they leaked; the second was rotated afterwards.
    let rows = format!(
        "schema = 1\n[[key]]\nid = 'first'\nclass = 'github-pat-classic'\nstatus = 'active'\ncreated = 2023-10-01\n\
         fingerprint = ['{}']\n[[key]]\nid = 'second'\nclass = 'github-pat-classic'\nstatus = 'active'\n\
         created = 2023-10-01\nrotated = 2023-12-01\nfingerprint = ['{}']\n",
        print(&tokens[0]),
        print(&tokens[1]),
    );
    sandbox.write("keyrot-inventory.toml", rows);
    let scan = "scan --history --inventory keyrot-inventory.toml --as-of 2024-01-01 --format json --no-config";
    let done = sandbox.keyrot_with(scan, &[KEY], b"");
    let report: Value = serde_json::from_str(&done.stdout).unwrap_or_else(|_| panic!("{}", done.stderr));
    let verdicts = |row: &str| {
        let findings = report["findings"].as_array().unwrap();
        let of_row = |one: &&Value| one["rule"] == "github-pat-classic" && one["verdicts"].to_string().contains(row);
        findings.iter().find(of_row).unwrap_or_else(|| panic!("{row}: {report}"))["verdicts"].to_string()
    };
    let first = verdicts("row 'first'");
    for verdict in ["secret-in-history-only", "not-rotated-since-exposure", "exposed-and-active"] {
        assert!(first.contains(verdict), "{verdict}: {first}");
    }
    let second = verdicts("row 'second'");
    assert!(second.contains("secret-in-history-only") && second.contains("dead-but-in-tree"), "{second}");
    assert!(!second.contains("not-rotated-since-exposure"), "{second}");
}

/// A commit of trees, each of which holds the next a hundred times: more paths than any memory holds, all to `files` files.
fn bomb(sandbox: &Sandbox, text: &str, files: usize) {
    sandbox.git(&["init", "-q", "-b", "main"]);
    sandbox.git(&["commit", "-q", "--allow-empty", "-m", "base"]);
    let put = |arguments: &[&str], stdin: &str| {
        let done = sandbox.try_git(START, arguments, stdin.as_bytes());
        assert_eq!(done.code, 0, "{}", done.stderr);
        done.stdout.trim().to_owned()
    };
    let blob = put(&["hash-object", "-w", "--stdin"], text);
    let entries: String = (0..files).map(|at| format!("100644 blob {blob}\tf{at}.txt\n")).collect();
    let mut tree = put(&["mktree"], &entries);
    for _ in 0..5 {
        let entries: String = (0..100).map(|at| format!("040000 tree {tree}\td{at}\n")).collect();
        tree = put(&["mktree"], &entries);
    }
    let commit = put(&["commit-tree", "-p", "main", "-m", "bomb", &tree], "");
    sandbox.git(&["update-ref", "refs/heads/bomb", &commit]);
}

#[test]
fn trees_that_hold_each_other_many_times_end_a_history_scan_soon_and_are_said() {
    let (sandbox, tokens) = (Sandbox::new(), github_tokens(1));
    bomb(&sandbox, &format!("one = \"{}\"\n", tokens[0]), 1);
    let done = sandbox.keyrot("scan --history --format json --no-config");
    assert_eq!(done.code, 2, "not all paths were followed: {}", done.stderr);
    let report: Value = serde_json::from_str(&done.stdout).unwrap();
    let told = |skip: &&Value| skip["detail"].as_str().is_some_and(|text| text.contains("more folders than the 1000"));
    assert_eq!(report["skipped"].as_array().unwrap().iter().filter(told).count(), 1, "{}", report["skipped"]);
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "one result, whose places are those that were followed");
    assert!(findings[0]["location"]["path"].as_str().unwrap().ends_with("/f0.txt"));
}

#[test]
fn trees_without_end_are_an_error_of_a_range() {
    let sandbox = Sandbox::new();
    bomb(&sandbox, "clean\n", 200);
    for range in ["--diff main..bomb", "--diff main..bomb --net"] {
        let done = sandbox.keyrot(&format!("scan --no-config {range}"));
        assert_eq!(done.code, 2, "{}", done.stderr);
        assert!(done.stderr.contains("more than 2097152 files and folders differ"), "{}", done.stderr);
    }
    let deep = format!("{}key.txt", "d/".repeat(600));
    let stream = format!(
        "commit refs/heads/deep\ncommitter Sam Sample <sam@example.invalid> {START} +0000\ndata 4\ndeep\nfrom main\n\
         M 100644 inline {deep}\ndata 6\nclean\n\n"
    );
    assert_eq!(sandbox.try_git(START, &["fast-import", "--quiet"], stream.as_bytes()).code, 0);
    let done = sandbox.keyrot("scan --no-config --diff main..deep");
    assert!(done.code == 2 && done.stderr.contains("more than 500 folders"), "{}", done.stderr);
    assert_eq!(sandbox.keyrot("scan --no-config --history deep").code, 0, "a history needs no folder of its own");
}

/// What a report shows of a name is not the name: `%0A` may be three signs or a line end.
#[cfg(unix)]
#[test]
fn a_tracked_file_is_read_beside_one_that_is_shown_by_the_same_name() {
    let (sandbox, tokens) = (Sandbox::new(), github_tokens(1));
    sandbox.git(&["init", "-q", "-b", "main"]);
    sandbox.write("a%0Ab.txt", "clean\n");
    sandbox.write("a\nb.txt", format!("one = \"{}\"\n", tokens[0]));
    sandbox.git(&["add", "-A"]);
    sandbox.git(&["commit", "-q", "-m", "both"]);
    sandbox.write(".gitignore", "a?b.txt\n");
    let (done, found) = scan(&sandbox, ".");
    assert_eq!(found, tokens, "{}", done.stderr);
}
