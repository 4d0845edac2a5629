//! The project that the README scans: every planted key is found at its place, every trap stays silent.

use crate::sandbox::Sandbox;

#[test]
fn the_demo_reports_its_keys_and_nothing_else() {
    let demo = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/demo");
    let done = Sandbox::new().keyrot(&format!("scan {demo} --format json --as-of 2026-11-22"));
    assert_eq!(done.code, 1, "{}", done.stderr);
    let report: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    let place = |finding: &serde_json::Value| {
        let path = finding["location"]["path"].as_str().unwrap().trim_start_matches("fixtures/demo/").to_owned();
        format!("{path}:{} {}", finding["location"]["start_line"], finding["rule"].as_str().unwrap())
    };
    let found: Vec<String> = report["findings"].as_array().unwrap().iter().map(place).collect();
    assert_eq!(
        found,
        [
            ".env:3 alphamoon-api-key",
            ".env:4 user-pass-pair",
            ".env:5 jwt-token",
            ".netrc:1 user-pass-pair",
            "app/upload.py:10 alphamoon-api-key",
            "config/mail.yaml:5 user-pass-pair",
        ]
    );
    assert_eq!(report["complete"], true);
}

#[test]
fn the_two_places_of_the_demo_key_are_one_secret() {
    let demo = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/demo");
    let done = Sandbox::new().keyrot(&format!("scan {demo} --format json --rule alphamoon-api-key"));
    let report: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    let numbers: Vec<_> = report["findings"].as_array().unwrap().iter().map(|one| &one["secret"]["number"]).collect();
    assert_eq!(numbers.len(), 2);
    assert_eq!(numbers[0], numbers[1]);
}
