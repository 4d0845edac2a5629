//! The demo of fixtures/rotation, as it stands and as a repository.

use super::*;

const DEMO_KEY: (&str, &str) = ("KEYROT_KEY", "keyrot-demo-key-that-everyone-may-know");

fn demo(path: &str) -> String {
    format!("{}/fixtures/rotation/{path}", env!("CARGO_MANIFEST_DIR"))
}

fn verdicts_of(findings: &[Value], path: &str) -> String {
    let found = findings.iter().find(|one| one["rule"] == "alphamoon-api-key" && one.to_string().contains(path));
    found.unwrap_or_else(|| panic!("nothing in {path}: {findings:?}")).to_string()
}

#[test]
fn the_demo_tells_its_story_as_it_stands() {
    let sandbox = Sandbox::new();
    let scan = format!("scan {} --as-of 2026-11-22 --format json", demo(""));
    let done = sandbox.keyrot_with(&scan, &[DEMO_KEY], b"");
    let found = findings(&done);
    assert!(verdicts_of(&found, "upload.sh").contains("exposed-and-active"));
    assert!(verdicts_of(&found, "archive.sh").contains("dead-but-in-tree"));
    assert!(rules(&done).contains(&"expired-still-referenced".to_owned()));
    let without = sandbox.keyrot(&scan);
    assert!(without.stderr.contains("cannot compare"), "{}", without.stderr);
    assert!(!without.stdout.contains("unknown-to-inventory"));
}

#[test]
fn the_demo_s_repository_tells_what_was_rotated_after_it_leaked() {
    let sandbox = Sandbox::new();
    let built =
        std::process::Command::new("sh").arg(demo("build.sh")).arg(sandbox.path().join("repo")).output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let done = sandbox.keyrot_with("scan repo --history --as-of 2026-11-22 --format json", &[DEMO_KEY], b"");
    let found = findings(&done);
    let live = verdicts_of(&found, "upload.sh");
    assert!(live.contains("not-rotated-since-exposure") && live.contains("exposed-and-active"), "{live}");
    let rotated = verdicts_of(&found, "report.sh");
    assert!(rotated.contains("dead-but-in-tree") && rotated.contains("\"severity\":\"info\""), "{rotated}");
    assert!(verdicts_of(&found, "archive.sh").contains("dead-but-in-tree"));
}

#[test]
fn the_readme_shows_what_the_demo_s_scan_prints() {
    let sandbox = Sandbox::new();
    let built = std::process::Command::new("sh").arg(demo("build.sh")).arg(sandbox.path()).output().unwrap();
    assert!(built.status.success());
    let readme = include_str!("../../../README.md");
    let (_, section) = readme.split_once("## A leaked key and its life").unwrap();
    let block = |language: &str| {
        let (_, rest) = section.split_once(&format!("```{language}\n")).unwrap();
        rest.split_once("```").unwrap().0
    };
    let scan = |flags: &str, environment: &[(&str, &str)]| {
        sandbox.keyrot_with(&format!("scan . --history --as-of 2026-11-22 {flags}"), environment, b"")
    };
    let done = scan("", &[DEMO_KEY]);
    let (finding, notes) = block("text").split_once("note: ").unwrap();
    assert!(done.stdout.trim_end().ends_with(finding.trim_end()), "{}", done.stdout);
    for note in format!("note: {notes}").lines() {
        let untimed = note.rsplit_once("; ").filter(|_| note.contains(" findings of ")).map_or(note, |(text, _)| text);
        assert!(done.stderr.contains(untimed), "{untimed}: {}", done.stderr);
    }
    let sarif: Value = serde_json::from_str(&scan("--format sarif", &[DEMO_KEY]).stdout).unwrap();
    let shown: Value = serde_json::from_str(block("json")).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let uri = |one: &Value| one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].clone();
    let real = results.iter().find(|one| uri(one) == uri(&shown) && one["ruleId"] == shown["ruleId"]).unwrap();
    assert_eq!(real["level"], shown["level"]);
    for (name, value) in shown["properties"].as_object().unwrap() {
        assert_eq!(&real["properties"][name], value, "{name}");
    }
    assert!(scan("", &[]).stderr.contains("cannot compare 3 found secret(s) with the inventory's fingerprints"));
}
