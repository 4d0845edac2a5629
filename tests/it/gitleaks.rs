//! Configurations of gitleaks and betterleaks, read with `--rules`.

use crate::sandbox::{Done, Sandbox, github_token};

/// An invented key of the invented vendor of these tests.
const KEY: &str = concat!("q7Vd2Rt", "X9mKz4LpW8sJb");

fn scan(config: &str, files: &[(&str, &str)]) -> Done {
    let sandbox = Sandbox::new();
    sandbox.write("rules/.gitleaks.toml", config);
    for (path, text) in files {
        sandbox.write(&format!("tree/{path}"), text);
    }
    sandbox.keyrot("scan tree --rules rules/.gitleaks.toml --format json --as-of 2026-01-01")
}

/// The rule and the place of every finding.
fn found(done: &Done) -> Vec<(String, String)> {
    let report: serde_json::Value = serde_json::from_str(&done.stdout).unwrap_or_else(|_| panic!("{}", done.stderr));
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let findings = report["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|one| {
            let region = &one["location"];
            (text(&one["rule"]), format!("{}:{}", text(&region["path"]), region["start_line"]))
        })
        .collect()
}

fn rules_of(done: &Done) -> Vec<String> {
    found(done).into_iter().map(|(rule, _)| rule).collect()
}

#[test]
fn a_rule_with_keywords_entropy_and_secret_group_finds_its_secret() {
    let config = r#"
        title = "acme"
        [[rules]]
        id = "Acme_Key"
        description = "Acme key"
        regex = '''(?i)(acme|emca)_key\s*=\s*["'[]([a-z0-9]{20})'''
        secretGroup = 2
        entropy = 3.5
        keywords = ["acme", "emca"]
        tags = ["billing"]
    "#;
    let text = format!("ACME_KEY = \"{KEY}\"\nacme_key = \"abababababababababab\"\n");
    let done = scan(config, &[("a.txt", &text)]);
    assert_eq!(rules_of(&done), ["acme-key"], "{}{}", done.stdout, done.stderr);
    assert!(done.stdout.contains("Acme key exposed") && done.stdout.contains("20 characters"), "{}", done.stdout);
}

#[test]
fn a_path_narrows_a_rule() {
    let config = "[[rules]]\nid = 'acme'\nregex = 'zq([0-9a-zA-Z]{20})'\npath = '\\.conf$'\nkeywords = ['zq']\n";
    let text = format!("zq{KEY}\n");
    let done = scan(config, &[("a.conf", &text), ("a.txt", &text)]);
    assert_eq!(found(&done), [("acme".to_owned(), "a.conf:1".to_owned())], "{}", done.stdout);
    assert!(
        done.stderr.contains(".gitleaks.toml:5: rule `acme`: the keyword `zq` has fewer than 3 bytes"),
        "{}",
        done.stderr
    );
}

#[test]
fn allow_lists_of_rules_and_for_all_take_findings_out() {
    let rule = "[[rules]]\nid = 'acme'\nregex = 'acme_([0-9A-Za-z]{20})'\nkeywords = ['acme_']\n";
    let files = |text: &str| scan(&format!("{rule}{text}"), &[("docs/a.txt", &format!("acme_{KEY} # sample\n"))]);
    assert_eq!(rules_of(&files("")), ["acme"]);
    for taken in [
        "[[rules.allowlists]]\npaths = ['^docs/']",
        "[[rules.allowlists]]\nregexes = ['^q7']",
        "[[rules.allowlists]]\nregexTarget = 'match'\nregexes = ['^acme_q7']",
        "[[rules.allowlists]]\nregexTarget = 'line'\nregexes = ['# sample']",
        "[[rules.allowlists]]\nstopwords = ['RTX9']",
        "[[rules.allowlists]]\ncondition = 'AND'\nstopwords = ['rtx9']\npaths = ['docs']",
        "[rules.allowlist]\npaths = ['a\\.txt']",
        "[[allowlists]]\npaths = ['docs/']",
        "[allowlist]\nregexes = ['KZ4|Kz4']",
        "[[allowlists]]\ntargetRules = ['acme']\nstopwords = ['q7vd']",
    ] {
        let done = files(taken);
        assert_eq!(rules_of(&done), [] as [String; 0], "{taken}: {}", done.stdout);
        assert!(done.stdout.contains("\"excepted\": 1"), "{taken}: {}", done.stdout);
    }
    for left in [
        "[[rules.allowlists]]\npaths = ['^src/']",
        "[[rules.allowlists]]\nregexes = ['acme_']",
        "[[rules.allowlists]]\nregexTarget = 'match'\nregexes = ['sample']",
        "[[rules.allowlists]]\ncondition = 'AND'\nstopwords = ['rtx9']\npaths = ['src']",
        "[[rules]]\nid = 'other'\nregex = 'other_[a-z]{9}'\n[[allowlists]]\ntargetRules = ['other']\npaths = ['docs']",
    ] {
        assert_eq!(rules_of(&files(left)), ["acme"], "{left}");
    }
}

#[test]
fn an_allow_list_of_commits_is_about_history() {
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "-q", "-b", "main"]);
    sandbox.write("a.txt", format!("acme_{KEY}\n"));
    sandbox.git(&["add", "."]);
    sandbox.git(&["commit", "-qm", "one"]);
    let commit = sandbox.git(&["rev-parse", "HEAD"]).stdout.trim().to_owned();
    let outer = Sandbox::new();
    let rule = "[[rules]]\nid = 'acme'\nregex = 'acme_([0-9A-Za-z]{20})'\nkeywords = ['acme_']\n";
    let write = |id: &str| outer.write("r.toml", format!("{rule}[[allowlists]]\ncommits = ['{id}']\n"));
    let run = |id: &str| sandbox.keyrot(&format!("scan --history --rules {}", write(id).display())).code;
    assert_eq!(run("0000000000000000000000000000000000000000"), 1);
    assert_eq!(run(&commit), 0);
}

#[test]
fn a_required_rule_must_find_something_near() {
    let config = r#"
        [[rules]]
        id = "acme-secret"
        regex = '''acme_secret=([0-9A-Za-z]{20})'''
        keywords = ["acme_secret"]
        [[rules.required]]
        id = "acme-id"
        withinLines = 2
        [[rules]]
        id = "acme-id"
        regex = '''acme_id=([0-9]{8})'''
        keywords = ["acme_id"]
        skipReport = true
    "#;
    let near = format!("acme_id=48201957\n\nacme_secret={KEY}\n");
    let far = format!("acme_id=48201957\n\n\nacme_secret={KEY}\n");
    let done = scan(config, &[("near.env", &near), ("far.env", &far)]);
    let own: Vec<_> = found(&done).into_iter().filter(|(rule, _)| rule.starts_with("acme")).collect();
    assert_eq!(own, [("acme-secret".to_owned(), "near.env:3".to_owned())], "{}", done.stdout);
}

#[test]
fn a_rule_with_the_id_of_a_built_in_one_changes_that_one() {
    let token = github_token();
    let config = "[extend]\nuseDefault = true\n[[rules]]\nid = 'github-pat-classic'\n\
                  [[rules.allowlists]]\npaths = ['^demo/']\n";
    let done = scan(config, &[("demo/a.txt", &token), ("src/a.txt", &token)]);
    assert_eq!(found(&done), [("github-pat-classic".to_owned(), "src/a.txt:1".to_owned())], "{}", done.stdout);
    let done = scan("[extend]\ndisabledRules = ['github-pat-classic', 'nobody']\n", &[("a.txt", &token)]);
    assert!(!rules_of(&done).contains(&"github-pat-classic".to_owned()), "{}", done.stdout);
    assert!(done.stderr.contains(".gitleaks.toml:2: `nobody` is no rule of keyrot"), "{}", done.stderr);
}

#[test]
fn a_file_that_is_extended_is_read_and_overridden() {
    let sandbox = Sandbox::new();
    sandbox.write("base.toml", "[[rules]]\nid = 'acme'\nregex = 'acme_([0-9A-Za-z]{20})'\nkeywords = ['acme_']\n");
    sandbox.write("top.toml", "[extend]\npath = 'base.toml'\n[[rules]]\nid = 'acme'\ndescription = 'Renamed'\n");
    sandbox.write("tree/a.txt", format!("acme_{KEY}\n"));
    let done = sandbox.keyrot("scan tree --rules top.toml");
    assert!(done.stdout.contains("Renamed"), "{}{}", done.stdout, done.stderr);
    sandbox.write("base.toml", "[extend]\npath = 'top.toml'\n");
    let done = sandbox.keyrot("scan tree --rules top.toml");
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("extend each other without end"), "{}", done.stderr);
}

#[test]
fn what_cannot_be_honoured_is_listed_with_its_line_and_the_reason() {
    let config = "title = 'x'\n\
                  [[rules]]\nid = 'ahead'\nregex = 'a(?=b)'\n\
                  [[rules]]\nid = 'names'\npath = '\\.p12$'\n\
                  [[rules]]\nid = 'gone'\n\
                  [[rules]]\nid = 'needs'\nregex = 'needs_[a-z]{9}'\n[[rules.required]]\nid = 'nothing'\n\
                  [[rules]]\nid = 'cel'\nregex = 'cel_[a-z]{9}'\nkeywords = ['cel_']\ntokenEfficiency = true\nentorpy = 3\n\
                  [[allowlists]]\ntargetRules = ['unknown']\npaths = ['x']\n";
    let done = scan(config, &[("a.txt", "nothing\n")]);
    assert_eq!(done.code, 0);
    let notes: Vec<&str> =
        done.stderr.lines().filter_map(|line| line.strip_prefix("note: rules/.gitleaks.toml:")).collect();
    insta::assert_snapshot!(notes.join("\n"), @"
    19: `tokenEfficiency` is not honoured: the measure of its tokenizer is not part of keyrot, whose own measures apply
    20: unknown key `entorpy`; did you mean `entropy`?
    4: rule `ahead` is left out: its `regex`: there is no look-ahead
    5: rule `names` is left out: it finds files by their names alone
    8: rule `gone` is left out: it has no `regex`, and no rule of keyrot has its id
    22: there is no rule `unknown` for the allow list
    14: rules that require `nothing` are left out: there is no such rule
    ");
}

#[test]
fn a_mistake_in_the_file_stops_the_run_and_is_shown() {
    let done = scan("[[rules]]\nid = 'a'\nregex = 3\n", &[("a.txt", "")]);
    assert_eq!(done.code, 2);
    assert!(
        done.stderr.contains("`regex` must be a string") && done.stderr.contains(".gitleaks.toml:3"),
        "{}",
        done.stderr
    );
}

#[test]
fn a_configuration_in_the_tree_is_mentioned_and_not_used() {
    let sandbox = Sandbox::new();
    sandbox.write(".gitleaks.toml", "[allowlist]\npaths = ['.*']\n");
    sandbox.write("a.txt", github_token());
    let done = sandbox.keyrot("scan .");
    assert_eq!(done.code, 1, "{}", done.stderr);
    let hint = ".gitleaks.toml is not used; `--rules .gitleaks.toml` uses its rules and allow lists";
    assert!(done.stderr.contains(hint), "{}", done.stderr);
    let done = sandbox.keyrot("scan . --rules .gitleaks.toml");
    assert_eq!(done.code, 0, "{}", done.stdout);
    assert!(!done.stderr.contains("is not used"), "{}", done.stderr);
}

#[test]
fn the_first_group_that_holds_something_is_the_secret() {
    let config = "[[rules]]\nid = 'acme'\nregex = '''login --key \"([^\"]+)\"|login --key '([^']+)'|login --key ([\\w]+)'''\n\
                  keywords = ['login']\n";
    for text in [format!("login --key \"{KEY}\"\n"), format!("login --key '{KEY}'\n"), format!("login --key {KEY}\n")] {
        let done = scan(config, &[("a.sh", &text)]);
        assert_eq!(rules_of(&done), ["acme"], "{}{}", done.stdout, done.stderr);
        assert!(done.stdout.contains("\"length\": 20"), "{text}: {}", done.stdout);
    }
}

#[test]
fn of_a_list_that_cannot_be_said_whole_the_rest_holds_where_one_criterion_is_enough() {
    let rule = "[[rules]]\nid = 'acme'\nregex = 'acme_([0-9A-Za-z]{20})'\nkeywords = ['acme_']\n[[rules.allowlists]]\n";
    let run = |list: &str| scan(&format!("{rule}{list}"), &[("a.txt", &format!("acme_{KEY}\n"))]);
    let done = run("regexes = ['(?=x)', '^q7']");
    assert_eq!(rules_of(&done), [] as [String; 0], "{}", done.stdout);
    assert!(done.stderr.contains(":6: not honoured: there is no look-ahead"), "{}", done.stderr);
    assert_eq!(rules_of(&run("condition = 'AND'\nregexes = ['(?=x)', '^q7']\npaths = ['a']")), ["acme"]);
}
