//! Input that wants to break the scanner, and what the scanner says about it.

use std::io::Write;
use std::process::{Command, Stdio};

use keyrot::finding::SkipReason;
use keyrot::rule::RuleSet;
use keyrot::scan::{self, Engine, Limits, Options, Progress};
use keyrot::secret::{FingerprintKey, KeyKind};
use keyrot::source::{self, Source, WorkTree};

use super::reach::{first, gzip, tar, zip};
use super::sandbox::{Sandbox, github_token};

fn options() -> Options {
    Options { fingerprint: FingerprintKey::new(KeyKind::Run, b"test"), show_secrets: false, limits: Limits::default() }
}

struct Silent;

impl Progress for Silent {
    fn total(&self, _: u64) {}
    fn advance(&self) {}
}

/// Stops when the first item is done.
#[derive(Default)]
struct Stopper(std::sync::atomic::AtomicBool);

impl Progress for Stopper {
    fn total(&self, _: u64) {}
    fn advance(&self) {
        self.0.store(true, std::sync::atomic::Ordering::SeqCst);
    }
    fn is_stopped(&self) -> bool {
        self.0.load(std::sync::atomic::Ordering::SeqCst)
    }
}

fn scan_folder(sandbox: &Sandbox, between: impl FnOnce(), progress: &dyn Progress) -> scan::Outcome {
    let source = Source::WorkTree(WorkTree::open(sandbox.path()).unwrap());
    let reading = source::Options { jobs: 1, ..source::Options::default() };
    let listing = source.list(&reading).unwrap();
    between();
    scan::run(&source, listing, &reading, &Engine::new(&RuleSet::builtin()), &options(), progress).unwrap()
}

#[test]
fn a_file_that_vanishes_is_unreadable() {
    let sandbox = Sandbox::new();
    let path = sandbox.write("a.env", "x");
    let outcome = scan_folder(&sandbox, || std::fs::remove_file(&path).unwrap(), &Silent);
    assert!(first(&outcome).reason.is_failure(), "{:?}", outcome.skipped);
}

#[test]
fn a_file_that_becomes_a_folder_is_special_or_unreadable() {
    let sandbox = Sandbox::new();
    let path = sandbox.write("a.env", "x");
    let change = || {
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
    };
    let outcome = scan_folder(&sandbox, change, &Silent);
    assert_eq!((outcome.skipped.len(), outcome.stats.blobs), (1, 0));
}

/// A pipe has no end without a writer: nobody waits for one. A link leads out of what was asked for.
#[cfg(unix)]
#[test]
fn a_file_that_becomes_a_pipe_or_a_link_is_not_waited_for_and_not_followed() {
    let sandbox = Sandbox::new();
    let outside = Sandbox::new();
    let target = outside.write("b.env", format!("TOKEN={}\n", github_token()));
    let path = sandbox.write("a.env", "x");
    let pipe = || {
        std::fs::remove_file(&path).unwrap();
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    };
    assert_eq!(first(&scan_folder(&sandbox, pipe, &Silent)).reason, SkipReason::Special);
    std::fs::remove_file(&path).unwrap();
    sandbox.write("a.env", "x");
    let link = || {
        std::fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink(&target, &path).unwrap();
    };
    let outcome = scan_folder(&sandbox, link, &Silent);
    assert!(first(&outcome).reason.is_failure() && outcome.findings.is_empty(), "{:?}", outcome.skipped);
}

#[test]
fn an_interrupted_run_reports_what_it_has_and_says_so() {
    let sandbox = Sandbox::new();
    sandbox.write("a.env", format!("TOKEN={}\n", github_token()));
    sandbox.write("b.env", "x");
    sandbox.write("c.env", "x");
    let outcome = scan_folder(&sandbox, || {}, &Stopper::default());
    assert_eq!((outcome.findings.len(), outcome.stats.blobs), (1, 1));
    let SkipReason::Unreadable(text) = &first(&outcome).reason else { panic!("{:?}", outcome.skipped) };
    assert_eq!(text, "interrupted; 2 files up to this one were not read");
}

#[cfg(target_os = "linux")]
#[test]
fn the_first_ctrl_c_ends_the_scan_with_a_report() {
    let sandbox = Sandbox::new();
    let mut command = Command::new(env!("CARGO_BIN_EXE_keyrot"));
    command.args(["scan", "-", "--format", "json"]).current_dir(sandbox.path());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // The kernel says when the signal is listened for: no sleeping and hoping.
    let listens = || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap().trim().to_owned();
        u64::from_str_radix(&mask, 16).unwrap() & 2 != 0
    };
    while !listens() {
        std::thread::yield_now();
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    // The flag is set by a handler that may run a moment later; standard input ends only after it did.
    let pending = || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let pending =
            |name: &str| status.lines().any(|line| line.starts_with(name) && !line.ends_with("0000000000000000"));
        pending("SigPnd:") || pending("ShdPnd:")
    };
    while pending() {
        std::thread::yield_now();
    }
    drop(child.stdin.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("interrupted"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_crash_would_leave_no_core_dump() {
    let sandbox = Sandbox::new();
    let mut command = Command::new(env!("CARGO_BIN_EXE_keyrot"));
    command.args(["scan", "-"]).current_dir(sandbox.path()).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = command.stderr(Stdio::null()).spawn().unwrap();
    let limit = || {
        let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
        let line = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap().to_owned();
        line.split_whitespace().skip(4).take(2).map(str::to_owned).collect::<Vec<_>>()
    };
    // The process waits for its input, so the limit is set sooner or later, or the test hangs.
    while limit() != ["0", "0"] {
        std::thread::yield_now();
    }
    drop(child.stdin.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[cfg(unix)]
#[test]
fn pipes_devices_and_links_are_told_and_not_opened() {
    let sandbox = Sandbox::new();
    sandbox.write("sub/a.env", format!("TOKEN={}\n", github_token()));
    assert!(Command::new("mkfifo").arg(sandbox.path().join("pipe")).status().unwrap().success());
    std::os::unix::fs::symlink("..", sandbox.path().join("sub/up")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", sandbox.path().join("zero")).unwrap();
    std::os::unix::fs::symlink("loop", sandbox.path().join("loop")).unwrap();
    let done = sandbox.keyrot("scan . --format json");
    assert_eq!(done.code, 1, "{}", done.stderr);
    let report: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(report["findings"].as_array().unwrap().len(), 1);
    assert!(done.stderr.contains("1 special-file") && done.stderr.contains("3 symlink"), "{}", done.stderr);
    assert_eq!(sandbox.keyrot("scan . --fail-on-skipped").code, 2);
}

#[cfg(unix)]
#[test]
fn names_cannot_forge_lines_or_move_the_cursor() {
    use std::os::unix::ffi::OsStrExt;
    let sandbox = Sandbox::new();
    let name = std::ffi::OsStr::from_bytes(b"a\n\x1b[2Kfake: clean\xff.env");
    std::fs::write(sandbox.path().join(name), format!("TOKEN={}\n", github_token())).unwrap();
    let member: &[u8] = &zip(&[("x\r\n\u{1b}]0;y.env", format!("TOKEN={}\n", github_token()).as_bytes())]);
    sandbox.write("b.zip", member);
    for format in ["text", "json", "jsonl"] {
        let done = sandbox.keyrot(&format!("scan . --color never --format {format}"));
        assert_eq!(done.code, 1);
        assert!(!done.stdout.contains('\u{1b}') && !done.stdout.contains('\r'), "{}", done.stdout);
        assert!(done.stdout.contains("a%0A%1B[2Kfake: clean%FF.env"), "{}", done.stdout);
        assert!(done.stdout.contains("b.zip!/x%0D%0A%1B]0;y.env"), "{}", done.stdout);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_and_a_closed_pipe_is_none() {
    let sandbox = Sandbox::new();
    sandbox.write("a.env", format!("TOKEN={}\n", github_token()).repeat(50));
    let keyrot = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_keyrot"));
        command.args(["scan", "--max-matches", "50"]).current_dir(sandbox.path()).stderr(Stdio::piped());
        command
    };
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = keyrot().stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    let mut child = keyrot().stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(!message.contains("panicked"), "{message}");
    assert_eq!(output.status.code(), Some(0), "{message}");
}

#[test]
fn a_sparse_file_of_ten_gigabytes_is_told_by_its_head() {
    let sandbox = Sandbox::new();
    let path = sandbox.write("disk.img", "");
    std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(10 << 30).unwrap();
    let outcome = scan_folder(&sandbox, || {}, &Silent);
    assert_eq!(first(&outcome).reason, SkipReason::Binary);
    assert_eq!(first(&outcome).bytes, Some(10 << 30));
}

#[test]
fn a_large_file_is_scanned_to_its_end() {
    let sandbox = Sandbox::new();
    let filler = "some ordinary line of a log without anything in it\n".repeat(340_000);
    let token = github_token();
    sandbox.write("big.log", format!("{filler}TOKEN={token}\n"));
    sandbox.write("big.log.gz", gzip(format!("{filler}TOKEN={token}\n").as_bytes()));
    sandbox.write("big.tar", tar(&[("a.log", filler.as_bytes()), ("b.env", format!("TOKEN={token}\n").as_bytes())]));
    let outcome = scan_folder(&sandbox, || {}, &Silent);
    let places: Vec<String> = outcome.findings.iter().map(|one| one.location.label()).collect();
    assert_eq!(
        places,
        ["big.log:340001:7", "big.log.gz!/big.log:340001:7", "big.tar!/b.env:1:7"],
        "{:?}",
        outcome.skipped
    );
}

#[test]
fn twenty_thousand_findings_on_one_line() {
    let limits = Limits { matches: 200_000, ..Limits::default() };
    let text = format!("{} ", github_token()).repeat(20_000);
    let outcome = super::reach::scan("a.txt", text.as_bytes(), limits);
    assert_eq!(outcome.findings.len(), 20_000);
    assert_eq!(outcome.findings[19_999].location.region.unwrap().start.column, 19_999 * 41 + 1);
}

/// Nothing that a scanner reads may stop it: noise, and noise that begins like each kind of container.
#[test]
fn noise_of_every_kind_ends_without_panic() {
    let heads: [&[u8]; 17] = [
        b"",
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"7z\xbc\xaf\x27\x1c\0\x04",
        b"\x1f\x8b\x08",
        b"BZh91AY&SY",
        b"\xfd7zXZ\0",
        b"\x28\xb5\x2f\xfd",
        b"\xed\xab\xee\xdb",
        b"!<arch>\n",
        b"070701",
        b"SQLite format 3\0\x04\0",
        b"%PDF-1.7 stream",
        b"\xca\xfe\xba\xbe\0\0\0\x41",
        b"\xcb\x0d\r\n\0\0\0\0",
        b"\xff\xfe",
        b"\x04\0\0\0\0\0\0\0\0\0\0\0\x99\0\0\0{\"files\":{",
    ];
    let mut state = 7_u64;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        state.to_be_bytes()[0]
    };
    for round in 0..40 {
        for head in heads {
            let mut bytes = head.to_vec();
            bytes.extend((0..round * 40).map(|_| noise()));
            let limits = Limits { binaries: round % 2 == 0, ..Limits::default() };
            super::reach::scan("noise", &bytes, limits);
        }
    }
    // Whole containers with one byte changed.
    let samples = [zip(&[("a", b"text"), ("b", b"more")]), tar(&[("a", b"text")]), gzip(b"text and more text")];
    let database = include_bytes!("../../fixtures/reach/settings.db").to_vec();
    for sample in samples.into_iter().chain([database]) {
        for at in (0..sample.len()).step_by(1 + sample.len() / 150) {
            let mut bytes = sample.clone();
            bytes[at] = noise();
            super::reach::scan("changed", &bytes, Limits::default());
        }
    }
}

#[test]
fn standard_input_may_be_anything() {
    let sandbox = Sandbox::new();
    let mut bytes = Vec::new();
    bytes.write_all(&gzip(format!("TOKEN={}\n", github_token()).as_bytes())).unwrap();
    let done = sandbox.keyrot_with("scan - --format json", &[], &bytes);
    assert_eq!(done.code, 1);
    assert!(done.stdout.contains("stdin!/content"), "{}", done.stdout);
}

#[test]
fn files_that_should_be_encrypted_are_findings_in_clear() {
    let sandbox = Sandbox::new();
    sandbox.write(".sops.yaml", "creation_rules:\n  - path_regex: secrets/.*\\.yaml$\n    age: age1x\n");
    sandbox.write("secrets/open.yaml", "colour: blue\n");
    sandbox.write("secrets/sealed.yaml", "colour: ENC[AES256_GCM,data:abc,type:str]\nsops:\n  version: 3.9.0\n");
    sandbox.write("app.env", "COLOUR=blue\n");
    sandbox.write("app.env.age", "age-encryption.org/v1\n-> X25519 abc\n");
    sandbox.write("other.yaml", "colour: blue\n");
    let outcome = scan_folder(&sandbox, || {}, &Silent);
    let found: Vec<&str> = outcome.findings.iter().map(|one| one.message.as_str()).collect();
    let expected = [
        "Plain text in 'app.env': it stands beside its encrypted form 'app.env.age'.",
        "Plain text in 'secrets/open.yaml': '.sops.yaml' says that it is encrypted.",
    ];
    assert_eq!(found, expected);
    assert!(outcome.findings.iter().all(|one| one.rule.as_str() == "plaintext-in-encrypted-file"));
    assert_eq!(sandbox.keyrot("scan . --exclude-rule plaintext-in-encrypted-file").code, 0);
}
