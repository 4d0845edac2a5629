//! Dialogues, driven through a pseudo terminal.

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::sandbox::{Sandbox, github_tokens};

/// keyrot on a terminal of its own: answers are given one by one, each after the text that asks for it.
struct Terminal {
    child: std::process::Child,
    ours: std::fs::File,
    seen: String,
}

impl Terminal {
    fn run(sandbox: &Sandbox, arguments: &[&str]) -> Self {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&ours).unwrap();
        unlockpt(&ours).unwrap();
        let name = ptsname(&ours, Vec::new()).unwrap();
        let theirs = std::fs::OpenOptions::new().read(true).write(true).open(name.to_str().unwrap()).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_keyrot"));
        command.args(arguments).current_dir(sandbox.path()).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", sandbox.path());
        command.env("SOURCE_DATE_EPOCH", "1767225600").env("TERM", "dumb");
        let end = || Stdio::from(theirs.try_clone().unwrap());
        let child = command.stdin(end()).stdout(end()).stderr(end()).spawn().unwrap();
        Self { child, ours: std::fs::File::from(ours), seen: String::new() }
    }

    /// Waits for a text, forgets everything up to it, and answers.
    fn answer(&mut self, question: &str, answer: &str) {
        self.expect(question);
        self.ours.write_all(format!("{answer}\n").as_bytes()).unwrap();
    }

    /// The text up to what was waited for.
    fn expect(&mut self, text: &str) -> String {
        loop {
            if let Some(at) = self.seen.find(text) {
                let rest = self.seen.split_off(at + text.len());
                return std::mem::replace(&mut self.seen, rest);
            }
            assert!(self.more(), "{text:?} did not come; the rest is {:?}", self.seen);
        }
    }

    fn more(&mut self) -> bool {
        let mut bytes = [0; 4096];
        // The end of a terminal reads as an error.
        let count = self.ours.read(&mut bytes).unwrap_or(0);
        self.seen.push_str(&String::from_utf8_lossy(&bytes[..count]));
        count > 0
    }

    /// Everything up to the end, and the exit code.
    fn finish(mut self) -> (String, i32) {
        let code = self.child.wait().unwrap().code().unwrap();
        while self.more() {}
        (self.seen, code)
    }
}

fn baseline(sandbox: &Sandbox) -> String {
    std::fs::read_to_string(sandbox.path().join(".keyrot/baseline.toml")).unwrap()
}

#[test]
fn a_person_judges_a_baseline_stops_and_goes_on() {
    let tokens = github_tokens(5);
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "-q", "-b", "main"]);
    for (at, token) in tokens.iter().enumerate() {
        sandbox.write(&format!("{at}.env"), format!("TOKEN={token}\n"));
    }
    assert_eq!(sandbox.keyrot("baseline create").code, 0);
    let question = "[t]rue key, [f]alse alarm, rotate [l]ater, [s]kip, [q]uit? ";

    let mut terminal = Terminal::run(&sandbox, &["baseline", "audit"]);
    let shown = terminal.expect("[t]rue key");
    assert!(shown.contains("1 of 5: github-pat-classic in "), "{shown}");
    assert!(shown.contains("TOKEN=gh********"), "the line stands there, masked: {shown}");
    assert!(tokens.iter().all(|token| !shown.contains(&token[4..20])), "{shown}");
    terminal.answer("[q]uit? ", "nonsense");
    terminal.answer("Write t, f, l, s or q.\r\n", "t");
    terminal.answer("Why? ", "it opens the build");
    terminal.answer("Hidden until", "");
    terminal.expect("2 of 5");
    terminal.answer(question, "f");
    terminal.answer("Why? ", "");
    terminal.answer("Hidden until", "");
    terminal.answer("3 of 5", "");
    terminal.expect("4 of 5");
    terminal.answer(question, "l");
    terminal.answer("Why? ", "vendor is slow");
    terminal.answer("Hidden until", "");
    terminal.expect("`later` needs a day");
    terminal.answer("Hidden until", "tomorrow");
    terminal.answer("Hidden until", "2025-01-01");
    terminal.expect("that day is past");
    terminal.answer("Hidden until", "2026-03-01");
    terminal.expect("5 of 5");
    terminal.answer(question, "q");
    let (rest, code) = terminal.finish();
    assert_eq!(code, 0);
    assert!(rest.contains("3 entries judged, 2 left"), "{rest}");
    let text = baseline(&sandbox);
    for expected in [
        "verdict = \"true\", reason = \"it opens the build\" }",
        "verdict = \"false\" }",
        "verdict = \"later\", reason = \"vendor is slow\", until = 2026-03-01 }",
    ] {
        assert_eq!(text.matches(expected).count(), 1, "{expected} is not in\n{text}");
    }

    let mut terminal = Terminal::run(&sandbox, &["baseline", "audit"]);
    let shown = terminal.expect("1 of 2");
    assert!(!shown.contains("of 5"), "only what is open is asked again");
    terminal.answer(question, "s");
    terminal.answer(question, "t");
    terminal.answer("Why? ", "");
    terminal.answer("Hidden until", "");
    assert!(terminal.finish().0.contains("1 entries judged, 1 left"));
    assert_eq!(baseline(&sandbox).matches("verdict = \"true\"").count(), 2);
}

#[test]
fn an_entry_whose_secret_is_gone_says_so_in_the_dialogue() {
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "-q", "-b", "main"]);
    sandbox.write("a.env", format!("TOKEN={}\n", github_tokens(1)[0]));
    assert_eq!(sandbox.keyrot("baseline create").code, 0);
    sandbox.write("a.env", "nothing\n");
    let mut terminal = Terminal::run(&sandbox, &["baseline", "audit"]);
    terminal.expect("it is not found now: `keyrot baseline prune` takes it out");
    terminal.answer("[q]uit? ", "q");
    assert_eq!(terminal.finish().1, 0);
}

#[test]
fn what_is_planned_is_written_after_a_yes_alone() {
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "-q", "-b", "main"]);
    for (answer, written) in [("", false), ("n", false), ("y", true)] {
        let mut terminal = Terminal::run(&sandbox, &["init", "--no-hook", "--no-ci"]);
        terminal.expect("keyrot.toml: new, ");
        terminal.answer("Do this? [y/N] ", answer);
        let (rest, code) = terminal.finish();
        assert_eq!((code, sandbox.path().join("keyrot.toml").exists()), (0, written), "{answer}: {rest}");
    }
}
