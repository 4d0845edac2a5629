//! SARIF: the invariants that its consumers rely on, without the schema's help.

use serde_json::Value;

use crate::sandbox::{Sandbox, github_token};

fn sarif(sandbox: &Sandbox, arguments: &str) -> Value {
    let done = sandbox.keyrot(&format!("scan . --format sarif --as-of 2026-01-01 {arguments}"));
    assert!(done.code <= 1, "{}", done.stderr);
    serde_json::from_str(&done.stdout).unwrap()
}

#[test]
fn a_result_has_place_snippet_hash_rule_and_links() {
    let sandbox = Sandbox::new();
    let token = github_token();
    sandbox.write("a b/[x].env", format!("A='ü😀' T={token} U={token}\n"));
    let log = sarif(&sandbox, "");
    let run = &log["runs"][0];
    assert_eq!(log["runs"].as_array().unwrap().len(), 1);
    assert_eq!(run["columnKind"], "utf16CodeUnits");
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 2);
    let place = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%20b/%5Bx%5D.env");
    let region = &place["region"];
    assert_eq!((&region["startLine"], &region["startColumn"]), (&Value::from(1), &Value::from(11)));
    assert_eq!((&region["endLine"], &region["endColumn"]), (&Value::from(1), &Value::from(51)));
    assert!(!log.to_string().contains(&token[4..12]), "no secret anywhere");
    let hash = |index: usize| results[index]["partialFingerprints"]["primaryLocationLineHash"].as_str().unwrap();
    assert_eq!(hash(1), format!("{}-2", hash(0)), "a second match on a line is an alert of its own");
    assert!(results[0]["message"]["text"].as_str().unwrap().ends_with('.'));
    assert_eq!(results[0]["relatedLocations"][0]["id"], 1);
    assert!(results[0].get("kind").is_none() && results[0].get("suppressions").is_none());
    let rule = &run["tool"]["driver"]["rules"][usize::try_from(results[0]["ruleIndex"].as_u64().unwrap()).unwrap()];
    assert_eq!(rule["id"], results[0]["ruleId"]);
    assert_eq!(rule["properties"]["security-severity"], "9.5");
    let tags = rule["properties"]["tags"].as_array().unwrap();
    assert!(tags.len() <= 10 && tags.contains(&"cwe-798".into()) && tags.contains(&"external/cwe/cwe-798".into()));
    assert!(run.get("automationDetails").is_none(), "it would win over the category of an upload");
}

#[test]
fn suppressed_results_appear_only_when_asked_for_and_then_all_say_so() {
    let sandbox = Sandbox::new();
    let token = github_token();
    sandbox.write("a.py", format!("t = '{token}'  # keyrot:{}\nu = '{token}'\n", "allow -- sandbox"));
    assert_eq!(sarif(&sandbox, "")["runs"][0]["results"].as_array().unwrap().len(), 1);
    let log = sarif(&sandbox, "--show-suppressed");
    let results = log["runs"][0]["results"].as_array().unwrap();
    let suppressions: Vec<usize> =
        results.iter().map(|result| result["suppressions"].as_array().unwrap().len()).collect();
    assert_eq!(suppressions, [0, 1]);
    assert_eq!(results[1]["suppressions"][0]["kind"], "inSource");
}

#[test]
fn flags_name_the_category_and_leave_hashes_out() {
    let sandbox = Sandbox::new();
    sandbox.write("a.env", format!("T={}\n", github_token()));
    let log = sarif(&sandbox, "--sarif-category nightly --no-line-hash");
    let run = &log["runs"][0];
    assert_eq!(run["automationDetails"]["id"], "nightly/");
    assert!(run["results"][0].get("partialFingerprints").is_none());
}

#[test]
fn the_checkout_is_named_without_user_and_password() {
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "-q", "-b", "trunk"]);
    sandbox.git(&["remote", "add", "origin", "https://sam:word@git.example.com:8443/team/app.git"]);
    sandbox.write("a.env", "nothing\n");
    sandbox.git(&["add", "a.env"]);
    sandbox.git(&["commit", "-q", "-m", "first"]);
    let log = sarif(&sandbox, "");
    let from = &log["runs"][0]["versionControlProvenance"][0];
    assert_eq!(from["repositoryUri"], "https://git.example.com:8443/team/app.git");
    assert_eq!(from["branch"], "trunk");
    assert_eq!(from["revisionId"].as_str().unwrap().len(), 40);
}

#[test]
fn what_was_skipped_is_a_notification_and_an_empty_scan_has_results() {
    let sandbox = Sandbox::new();
    sandbox.write("x.bin", [0, 1, 2, 0]);
    let log = sarif(&sandbox, "");
    let run = &log["runs"][0];
    assert_eq!(run["results"], Value::Array(Vec::new()));
    let invocation = &run["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], true);
    assert_eq!(invocation["exitCode"], 0);
    assert_eq!(invocation["toolExecutionNotifications"][0]["descriptor"]["id"], "input-binary");
}

#[test]
fn the_halves_of_a_pair_come_before_the_other_places_that_the_message_links() {
    let sandbox = Sandbox::new();
    let url = format!("DATABASE_URL=postgres://{}:{}@db.corp-net.io/x\n", "billing", "Zq7Lw2Rt9Kd4Vb");
    sandbox.write("a.env", &url);
    sandbox.write("b.env", &url);
    let log = sarif(&sandbox, "");
    let result = &log["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "user-pass-pair");
    let roles: Vec<&str> = result["relatedLocations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|place| place["message"]["text"].as_str().unwrap())
        .collect();
    assert_eq!(roles[..2], ["User half.", "Pass half."], "{roles:?}");
    let uri = |index: usize| {
        result["relatedLocations"][index]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap().to_owned()
    };
    assert_eq!((uri(0), uri(2)), ("a.env".to_owned(), "b.env".to_owned()));
    assert!(result["message"]["text"].as_str().unwrap().contains("](3)"), "{result}");
}

#[test]
fn a_set_up_that_fails_touches_no_file_and_a_partial_run_says_so() {
    let sandbox = Sandbox::new();
    sandbox.write("a.env", format!("T={}\n", github_token()));
    sandbox.write("kept.sarif", "earlier");
    for (flags, file) in [("--rule no-such-rule", "new.sarif"), ("--config missing.toml", "kept.sarif")] {
        let done = sandbox.keyrot(&format!("scan . {flags} --output sarif={file}"));
        assert_eq!(done.code, 2, "{flags}: {}", done.stderr);
    }
    assert!(!sandbox.path().join("new.sarif").exists());
    assert_eq!(std::fs::read_to_string(sandbox.path().join("kept.sarif")).unwrap(), "earlier");

    let lines = sandbox.keyrot("scan a.env --format jsonl").stdout;
    let whole = lines.lines().count() - 1;
    let cut: String = lines.lines().take(whole).map(|line| format!("{line}\n")).collect();
    sandbox.write("cut.jsonl", cut);
    let done = sandbox.keyrot("report cut.jsonl --format sarif");
    assert_eq!(done.code, 2, "{}", done.stderr);
    let log: Value = serde_json::from_str(&done.stdout).unwrap();
    let invocation = &log["runs"][0]["invocations"][0];
    assert_eq!((&invocation["executionSuccessful"], &invocation["exitCode"]), (&Value::from(false), &Value::from(2)));
}
