//! Allow comments: keyrot's own in any comment syntax, those of other scanners, and their ends.

use crate::sandbox::{Sandbox, github_token, github_tokens};

/// keyrot's own comment, in pieces: this file would hold one else.
fn own(rest: &str) -> String {
    format!("keyrot:{}{rest}", "allow")
}

/// The code of a scan of one file with a key, and its report.
fn scan(name: &str, text: &str, flags: &str) -> (i32, String) {
    let sandbox = Sandbox::new();
    sandbox.write(name, text);
    let done = sandbox.keyrot(&format!("scan . --as-of 2026-01-02 {flags}"));
    (done.code, format!("{}{}", done.stdout, done.stderr))
}

#[test]
fn a_comment_of_any_syntax_allows_its_line_and_alone_the_line_below() {
    let token = github_token();
    let (marker, other) = (own("[github-pat-classic] -- sandbox"), own("[slack-bot-token] -- another rule"));
    for (open, close) in [
        ("#", ""),
        ("//", ""),
        ("/*", " */"),
        ("<!--", " -->"),
        ("--", ""),
        (";", ""),
        ("%", ""),
        ("REM", ""),
        ("'", ""),
        ("{/*", " */}"),
        ("{#", " #}"),
        ("<%#", " %>"),
        ("\"", ""),
        ("dnl", ""),
        ("@rem", ""),
        ("::", ""),
        ("--[[", " --]]"),
        ("(*", " *)"),
        ("!", ""),
    ] {
        let comment = |text: &str| format!("{open} {text}{close}");
        let beside = format!("token = {token} {}\n", comment(&marker));
        let above = format!("  {}\ntoken = {token}\n", comment(&marker));
        for text in [beside, above] {
            let (code, said) = scan("a.txt", &text, "--fail-on-unused");
            assert_eq!(code, 0, "{open}: {said}");
            assert!(said.contains("1 suppressed (1 inline)"), "{said}");
        }
        let too_far = format!("{}\n\ntoken = {token}\n", comment(&marker));
        assert_eq!(scan("a.txt", &too_far, "").0, 1, "{open}: two lines below");
        let scoped = format!("token = {token} {}\n", comment(&other));
        assert_eq!(scan("a.txt", &scoped, "").0, 1, "{open}: of another rule");
    }
}

#[test]
fn an_allow_comment_whose_day_is_past_hides_nothing_and_is_named() {
    let line = |until: &str| format!("token = {} # {} by=team-x -- sandbox\n", github_token(), own(until));
    assert_eq!(scan("a.txt", &line(" until=2026-01-02"), "").0, 0, "the day itself counts");
    let (code, said) = scan("a.txt", &line(" until=2026-01-01"), "");
    assert_eq!(code, 1);
    assert!(said.contains("github-pat-classic") && said.contains("suppression-lapsed"), "{said}");
    assert!(said.contains("The allow comment at 'a.txt:1' lapsed: it held until 2026-01-01."), "{said}");
}

#[test]
fn markers_of_every_scanner_are_honoured_and_counted_where_the_configuration_says_so() {
    let token = github_token();
    let key = format!("token = {token}");
    let beside = |marker: &str| format!("{key}  # {marker}\n");
    let texts = [
        ("gitleaks", beside(&format!("gitleaks:{}", "allow"))),
        ("betterleaks", beside(&format!("betterleaks:{}", "allow"))),
        ("trufflehog", beside(&format!("trufflehog:{}", "ignore"))),
        ("kingfisher", beside(&format!("kingfisher:{}", "ignore"))),
        ("detect-secrets", beside(&format!("pragma: {} secret", "allowlist"))),
        ("detect-secrets", format!("# pragma: {} nextline secret\n{key}\n", "allowlist")),
        ("ggshield", beside(&format!("gg{}", "ignore"))),
        ("secretlint", format!("// secretlint-{0}\n{key}\n// secretlint-{1}\n", "disable", "enable")),
        ("secretlint", format!("// secretlint-{}-next-line\n{key}\n", "disable")),
    ];
    for (tool, text) in texts {
        let sandbox = Sandbox::new();
        sandbox.write("a.txt", &text);
        let done = sandbox.keyrot("scan .");
        assert_eq!(done.code, 1, "{tool}: {text}");
        assert!(done.stderr.contains(&format!("markers of {tool} were not honoured")), "{tool}: {}", done.stderr);
        sandbox.write("keyrot.toml", format!("[suppressions]\nhonour = ['{tool}']\n"));
        let done = sandbox.keyrot("scan .");
        assert_eq!(done.code, 0, "{tool}: {}", done.stdout);
        assert!(done.stderr.contains(&format!("1 findings are suppressed by markers of {tool}")), "{}", done.stderr);
        assert_eq!(sandbox.keyrot("scan . --no-inline-allow").code, 1, "{tool}");
    }
}

#[test]
fn a_run_that_reads_a_part_judges_the_end_and_the_form_of_a_comment_alone() {
    let sandbox = Sandbox::new();
    let tokens = github_tokens(2);
    sandbox.git(&["init", "-q", "-b", "main"]);
    sandbox.write("first.txt", "nothing\n");
    sandbox.git(&["add", "first.txt"]);
    sandbox.git(&["commit", "-q", "-m", "first"]);
    let text = format!(
        "x = 1 # {}\ntoken = {} # {}\ntoken = {} # {}\n",
        own(" -- hides nothing"),
        tokens[0],
        own(" until=2026-01-01 -- lapsed"),
        tokens[1],
        own(" until=soon -- no date"),
    );
    let path = sandbox.write("a.txt", &text);
    sandbox.git(&["add", "a.txt"]);
    let judged = |arguments: &str, input: &[u8]| {
        let done = sandbox.keyrot_with(&format!("{arguments} --as-of 2026-01-02 --fail-on-unused"), &[], input);
        assert_eq!(done.code, 1, "{arguments}: {}", done.stderr);
        ["suppression-lapsed", "suppression-invalid", "suppression-unused"].map(|rule| done.stdout.contains(rule))
    };
    assert_eq!(judged("scan .", b""), [true, true, true], "a whole tree");
    assert_eq!(judged("scan a.txt", b""), [true, true, false], "one path");
    assert_eq!(judged("scan --staged", b""), [true, true, false], "what is staged");
    assert_eq!(judged("scan -", text.as_bytes()), [true, true, false], "standard input");
    sandbox.git(&["commit", "-q", "-m", "second"]);
    assert_eq!(judged("scan --diff HEAD~1", b""), [true, true, false], "a range");
    std::fs::remove_file(path).unwrap();
}
