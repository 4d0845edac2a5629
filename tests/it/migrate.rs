//! Moving over from other scanners: their files become keyrot's, statement by statement.

use crate::sandbox::{Done, Sandbox, github_tokens};

fn repository(files: &[(&str, String)]) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "-q", "-b", "main"]);
    for (path, text) in files {
        sandbox.write(path, text);
    }
    sandbox.git(&["add", "-A"]);
    sandbox.git(&["commit", "-q", "-m", "first"]);
    sandbox
}

fn ok(done: &Done) {
    assert_eq!(done.code, 0, "{}{}", done.stdout, done.stderr);
}

fn read(sandbox: &Sandbox, path: &str) -> String {
    std::fs::read_to_string(sandbox.path().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn hex(digest: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(digest)
}

fn sha1(text: &str) -> String {
    hex(&<sha1::Sha1 as sha1::Digest>::digest(text))
}

fn sha256(bytes: &[u8]) -> String {
    hex(&<sha2::Sha256 as sha2::Digest>::digest(bytes))
}

#[test]
fn nothing_is_written_before_it_was_shown_and_asked_for() {
    let token = github_tokens(1).remove(0);
    let sandbox =
        repository(&[("a.env", format!("TOKEN={token}\n")), (".gitleaksignore", "a.env:github-pat:1\n".to_owned())]);
    let done = sandbox.keyrot("migrate");
    ok(&done);
    assert!(done.stderr.contains("nothing was written; --write writes"), "{}", done.stderr);
    assert!(!sandbox.path().join(".keyrot").exists() && !sandbox.path().join("keyrot.toml").exists());
    assert!(!done.stdout.contains(&token) && !done.stderr.contains(&token));
    insta::assert_snapshot!(done.stdout, @r"
    .gitleaksignore
        1  a.env:github-pat:1
           carried over: baseline: github-pat-classic gh********Im

    Files:
      .keyrot/baseline.toml: new, 7 lines
      .keyrot/.gitattributes: new, 2 lines

    1 carried over, 0 need nothing, 0 not carried over
    ");
    ok(&sandbox.keyrot("migrate --write"));
    ok(&sandbox.keyrot("scan . --fail-on-unused"));
}

#[test]
fn places_of_gitleaks_become_secrets_of_tree_and_history() {
    let tokens = github_tokens(3);
    let sandbox = repository(&[("a.env", format!("x=1\nTOKEN={}\n", tokens[0])), ("gone.env", tokens[1].clone())]);
    let commit = sandbox.git(&["rev-parse", "HEAD"]).stdout.trim().to_owned();
    std::fs::remove_file(sandbox.path().join("gone.env")).unwrap();
    sandbox.write("new.env", &tokens[2]);
    sandbox.write(
        ".gitleaksignore",
        format!(
            "# sample keys\n{commit}:a.env:github-pat:2\n{commit}:gone.env:github-pat:1\na.env:jwt:1\nlost.env:jwt:1\n"
        ),
    );
    sandbox.git(&["add", "-A"]);
    sandbox.git(&["commit", "-q", "-m", "second"]);
    let done = sandbox.keyrot("migrate --write");
    ok(&done);
    for expected in
        ["keyrot finds no secret there", "there is no such file any more", "2 carried over, 2 need nothing, 0 not"]
    {
        assert!(done.stdout.contains(expected), "{expected} is not in\n{}", done.stdout);
    }
    let baseline = read(&sandbox, ".keyrot/baseline.toml");
    assert!(baseline.contains("covers = \"history\"") && baseline.contains("reason = \"sample keys\""), "{baseline}");
    let done = sandbox.keyrot("scan --history");
    assert_eq!(done.code, 1, "a key that no line names shows");
    assert!(done.stdout.contains("new.env") && done.stderr.contains("2 suppressed"), "{}{}", done.stdout, done.stderr);
    // What is done is not done again.
    let again = sandbox.keyrot("migrate --write");
    assert!(again.stderr.contains("nothing to write"), "{}{}", again.stdout, again.stderr);
}

#[test]
fn allowlists_of_gitleaks_become_ignores_that_hide_the_same() {
    let tokens = github_tokens(3);
    let sandbox = repository(&[
        ("docs/a.env", format!("TOKEN={}\n", tokens[0])),
        ("src/a.env", format!("TOKEN={}\n", tokens[1])),
        ("src/b.env", format!("# sample line\nTOKEN={} # sample line\n", tokens[2])),
        ("keyrot.toml", "# ours\n[thresholds]\nfail-on = \"low\"\n".to_owned()),
        (
            ".gitleaks.toml",
            format!(
                "[extend]\nuseDefault = true\ndisabledRules = ['slack-bot-token', 'no-such-rule']\n[allowlist]\ndescription = 'Samples'\n\
                 paths = ['''^docs/''', '''[^/]+\\.lock$''']\nstopwords = ['{}']\n[[allowlists]]\nregexTarget = 'line'\n\
                 regexes = ['sample line']\n",
                tokens[1][30..].to_uppercase()
            ),
        ),
    ]);
    let done = sandbox.keyrot("migrate --write");
    ok(&done);
    let config = read(&sandbox, "keyrot.toml");
    insta::assert_snapshot!(config.replace(&tokens[1][30..].to_uppercase(), "(stop word)"), @r#"
    # ours
    [thresholds]
    fail-on = "low"

    [rules]
    exclude = ["slack-bot-token"]

    [[ignore]]
    paths = ["docs/*"]
    path-patterns = ['[^/]+\.lock$']
    reason = "Samples (carried over from .gitleaks.toml)"

    [[ignore]]
    values = ["(?i)(stop word)"]
    reason = "Samples (carried over from .gitleaks.toml)"
    "#);
    assert!(done.stdout.contains("keyrot has no rule of that name"), "{}", done.stdout);
    ok(&sandbox.keyrot("scan ."));
    let again = sandbox.keyrot("migrate --write");
    assert!(again.stderr.contains("nothing to write"), "{}{}", again.stdout, again.stderr);
}

#[test]
fn rules_of_gitleaks_stay_in_their_form_and_their_allowlists_become_ignores() {
    let sandbox = repository(&[
        ("a.txt", "hog_0123456789abcdefg hog_9876543210abcdefg\n".to_owned()),
        (
            ".gitleaks.toml",
            "[[rules]]\nid = \"hog-token\"\ndescription = \"Hog\"\nregex = '''\\b(hog_[0-9a-z]{17})\\b'''\nkeywords = [\"hog_\"]\n\
             [[rules.allowlists]]\nregexes = ['^hog_9']\n[[rules]]\nid = \"look\"\nregex = 'a(?=b)'\n"
                .to_owned(),
        ),
    ]);
    let done = sandbox.keyrot("migrate --write");
    ok(&done);
    for expected in [
        "carried over: .keyrot/gitleaks-rules.toml: rule `hog-token`",
        "    8  rule look\n       not carried over: ",
        "it hides 1 now",
    ] {
        assert!(done.stdout.contains(expected), "{expected} is not in\n{}", done.stdout);
    }
    let config = read(&sandbox, "keyrot.toml");
    assert!(config.contains("rules = [\"hog-token\"]") && config.contains("gitleaks-rules.toml"), "{config}");
    let again = sandbox.keyrot("migrate --write");
    assert!(again.stderr.contains("nothing to write"), "{}{}", again.stdout, again.stderr);
    std::fs::remove_file(sandbox.path().join(".gitleaks.toml")).unwrap();
    let done = sandbox.keyrot("scan .");
    assert!(
        done.stdout.contains("[hog-token]") && done.stderr.contains("1 suppressed (1 ignore)"),
        "{}{}",
        done.stdout,
        done.stderr
    );
}

#[test]
fn digests_and_labels_of_detect_secrets_become_judged_entries() {
    let tokens = github_tokens(2);
    let (one, two) = (sha1(&tokens[0]), sha1(&tokens[1]));
    let sandbox = repository(&[
        ("a.env", format!("A={}\nB={}\n", tokens[0], tokens[1])),
        (
            ".secrets.baseline",
            format!(
                "{{\"version\": \"1.5.0\", \"filters_used\": [{{\"path\": \"detect_secrets.filters.allowlist.is_line_allowlisted\"}}],\n\
                 \"results\": {{\"a.env\": [\n{{\"type\": \"GitHub Token\", \"hashed_secret\": \"{one}\", \"is_secret\": false, \"line_number\": 90}},\n\
                 {{\"type\": \"GitHub Token\", \"hashed_secret\": \"{two}\"}},\n{{\"type\": \"Secret Keyword\", \"hashed_secret\": \"{}\"}}]}}}}",
                sha1("nowhere")
            ),
        ),
    ]);
    let done = sandbox.keyrot("migrate --write");
    ok(&done);
    assert!(done.stdout.contains("    3  GitHub Token in a.env:90\n"), "{}", done.stdout);
    assert!(done.stdout.contains("no secret that keyrot finds has this digest"), "{}", done.stdout);
    let baseline = read(&sandbox, ".keyrot/baseline.toml");
    assert_eq!(baseline.matches("verdict = \"false\"").count(), 1, "{baseline}");
    assert_eq!(baseline.matches("print = ").count(), 2, "{baseline}");
    assert!(read(&sandbox, "keyrot.toml").contains("honour = [\"detect-secrets\"]"));
    ok(&sandbox.keyrot("scan . --fail-on-unused"));
}

#[test]
fn files_that_talisman_approved_are_known_while_they_are_what_was_approved() {
    let tokens = github_tokens(2);
    let (kept, changed) = (format!("A={}\n", tokens[0]), format!("B={}\n", tokens[1]));
    let checksum = |name: &str, text: &str| {
        sha256(format!("{}{}{}", sha256(b""), sha256(text.as_bytes()), sha256(name.as_bytes())).as_bytes())
    };
    let sandbox = repository(&[
        ("kept.env", kept.clone()),
        ("changed.env", changed),
        (
            ".talismanrc",
            format!(
                "fileignoreconfig:\n- filename: kept.env\n  checksum: {}\n- filename: changed.env\n  checksum: {}\nthreshold: low\n",
                checksum("kept.env", &kept),
                checksum("changed.env", "something else")
            ),
        ),
    ]);
    let done = sandbox.keyrot("migrate --write");
    ok(&done);
    assert!(done.stdout.contains("1 carried over, 1 need nothing, 1 not carried over"), "{}", done.stdout);
    let done = sandbox.keyrot("scan .");
    assert!(done.stdout.contains("changed.env:1") && !done.stdout.contains("kept.env"), "{}", done.stdout);
}

#[test]
fn ggshield_and_trufflehog_become_ignores_entries_and_rules() {
    let tokens = github_tokens(2);
    let sandbox = repository(&[
        ("examples/a.env", format!("A={}\n", tokens[0])),
        ("b.env", format!("B={}\n", tokens[1])),
        ("own.txt", "hog0123456789abcdefg\n".to_owned()),
        (
            ".gitguardian.yaml",
            format!(
                "version: 2\nsecret:\n  ignored_paths:\n    - 'examples/**'\n  ignored_matches:\n    - name: sample\n      match: {}\n  ignored_detectors: [Generic Password]\n",
                tokens[1]
            ),
        ),
        (
            "trufflehog.yaml",
            "detectors:\n- name: Hog Token\n  keywords: [hog]\n  regex:\n    token: '\\b(hog[0-9a-z]{17})\\b'\n"
                .to_owned(),
        ),
    ]);
    let done = sandbox.keyrot("migrate --write");
    ok(&done);
    assert!(!done.stdout.contains(&tokens[1]), "a value is masked: {}", done.stdout);
    let config = read(&sandbox, "keyrot.toml");
    assert!(
        config.contains("paths = [\"**/examples/**\"]") && config.contains("files = [\".keyrot/rules.toml\"]"),
        "{config}"
    );
    let again = sandbox.keyrot("migrate --write");
    assert!(again.stderr.contains("nothing to write"), "{}{}", again.stdout, again.stderr);
    let done = sandbox.keyrot("scan . --show-suppressed");
    assert_eq!(done.code, 1, "{}{}", done.stdout, done.stderr);
    assert!(
        done.stdout.contains("hog-token") && done.stderr.contains("3 suppressed (2 baseline, 1 ignore)"),
        "{}{}",
        done.stdout,
        done.stderr
    );
}

#[test]
fn hooks_and_steps_get_keyrot_beside_them_and_what_they_name_is_read() {
    let sandbox = repository(&[
        (
            ".pre-commit-config.yaml",
            "repos:\n  - repo: https://github.com/gitleaks/gitleaks\n    rev: v8.30.0\n    hooks:\n      - id: gitleaks\n        args: [-c, conf/leaks.toml]\n".to_owned(),
        ),
        ("conf/leaks.toml", "[allowlist]\npaths = ['^docs/']\n".to_owned()),
        (
            ".github/workflows/secrets.yml",
            "jobs:\n  scan:\n    steps:\n      - uses: trufflesecurity/trufflehog@main\n        with:\n          extra_args: --only-verified -x .thx\n".to_owned(),
        ),
    ]);
    let done = sandbox.keyrot("migrate --write");
    ok(&done);
    for expected in
        ["conf/leaks.toml is read", "there is no file .thx", "keyrot asks no provider", "paths = [\"docs/*\"]"]
    {
        let all = format!("{}{}", done.stdout, read(&sandbox, "keyrot.toml"));
        assert!(all.contains(expected), "{expected} is not in\n{all}");
    }
    assert!(read(&sandbox, ".pre-commit-config.yaml").contains("entry: keyrot scan --staged"));
    assert!(read(&sandbox, ".github/workflows/keyrot.yml").contains("keyrot scan ."));
    let again = sandbox.keyrot("migrate --write");
    assert!(again.stderr.contains("nothing to write"), "{}{}", again.stdout, again.stderr);
}

#[test]
fn a_file_that_cannot_be_read_says_where() {
    let sandbox = repository(&[(".talismanrc", "fileignoreconfig:\n- a: b\n   c: d\n".to_owned())]);
    let done = sandbox.keyrot("migrate");
    assert!(done.stdout.contains("    3  the file\n       not carried over: it cannot be read: "), "{}", done.stdout);
    let done = sandbox.keyrot("migrate unknown.txt");
    assert_eq!(done.code, 2);
}
