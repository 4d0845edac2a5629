//! Every format of the report: read by a reader that is not its writer, complete, and without any secret.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::Value;

use crate::sandbox::{Sandbox, github_token};

const FORMATS: [&str; 15] = [
    "text",
    "json",
    "jsonl",
    "sarif",
    "github",
    "github-summary",
    "gitlab",
    "codequality",
    "junit",
    "csv",
    "rdjson",
    "cyclonedx",
    "cyclonedx-1.7",
    "markdown",
    "html",
];

fn all_formats(sandbox: &Sandbox, arguments: &str) -> BTreeMap<&'static str, String> {
    let outputs: String = FORMATS.iter().map(|format| format!(" --output {format}=../{format}.out")).collect();
    let done = sandbox.keyrot(&format!("{arguments}{outputs}"));
    assert!(done.code <= 1, "{}", done.stderr);
    FORMATS
        .iter()
        .map(|format| (*format, std::fs::read_to_string(sandbox.path().join(format!("../{format}.out"))).unwrap()))
        .collect()
}

/// A sandbox whose reports are written beside what is scanned, so that they are not scanned too.
fn inner(outer: &Sandbox) -> Sandbox {
    Sandbox::inside(outer, "tree")
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Findings that an independent reader counts in each format.
fn count(format: &str, text: &str) -> usize {
    let length = |value: &Value| value.as_array().unwrap().len();
    match format {
        "json" => length(&json(text)["findings"]),
        "jsonl" => text.lines().filter(|line| json(line)["record"] == "finding").count(),
        "sarif" => length(&json(text)["runs"][0]["results"]),
        "github" => text.lines().filter(|line| line.starts_with("::error ")).count(),
        "github-summary" | "markdown" => text.lines().filter(|line| line.contains("`github-pat-classic`")).count(),
        "gitlab" => {
            let document = json(text);
            let found = document["vulnerabilities"].as_array().unwrap();
            found.iter().map(|one| one["id"].as_str().unwrap()).collect::<BTreeSet<_>>().len()
        }
        "codequality" => {
            let document = json(text);
            let issues = document.as_array().unwrap();
            issues.iter().map(|one| one["fingerprint"].as_str().unwrap()).collect::<BTreeSet<_>>().len()
        }
        "junit" => failures(text),
        "csv" => csv::Reader::from_reader(text.as_bytes()).records().map(Result::unwrap).count(),
        "rdjson" => length(&json(text)["diagnostics"]),
        "cyclonedx" | "cyclonedx-1.7" => json(text)["components"]
            .as_array()
            .unwrap()
            .iter()
            .map(|component| length(&component["evidence"]["occurrences"]))
            .sum(),
        "html" => text.matches("<mark>").count(),
        _ => text.lines().filter(|line| line.contains("-->")).count(),
    }
}

fn failures(text: &str) -> usize {
    let mut reader = quick_xml::Reader::from_str(text);
    let mut count = 0;
    loop {
        match reader.read_event().unwrap() {
            quick_xml::events::Event::Eof => return count,
            quick_xml::events::Event::Start(tag) if tag.name().as_ref() == b"failure" => count += 1,
            _ => {}
        }
    }
}

fn schema() -> jsonschema::Validator {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/schema/report-1.json")).unwrap();
    jsonschema::validator_for(&json(&text)).unwrap()
}

fn assert_valid(document: &Value) {
    let problems: Vec<String> =
        schema().iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(problems.is_empty(), "{problems:#?}");
}

fn token(body: &str) -> String {
    let head = format!("{}{body}", "ghp_");
    let check = keyrot::scan::filter::checksum::complete("github-crc32", head.as_bytes()).unwrap();
    head + &check
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    #[test]
    fn every_format_holds_every_finding_and_no_secret(
        bodies in proptest::collection::btree_set("[A-Za-z][0-9][A-Z][a-z][A-Za-z0-9]{26}", 1..4),
        name in "[a-zA-Z =+@,;'&%#|<>ü😀\\[\\]()`*_-]{1,12}",
        around in "[ \"'<>&|=,;%#`*_\\]\\[()😀ü-]{0,8}",
        copies in 1_usize..3,
    ) {
        let outer = Sandbox::new();
        let sandbox = inner(&outer);
        let tokens: Vec<String> = bodies.iter().map(|body| token(body)).collect();
        let mut lines = String::new();
        for token in &tokens {
            for _ in 0..copies {
                lines.push_str(&format!("{around} GITHUB_TOKEN={token} {around}\n"));
            }
        }
        sandbox.write(&format!("a{name}z/{name}x.env"), &lines);
        let reports = all_formats(&sandbox, "scan . --as-of 2026-01-01");
        let expected = tokens.len() * copies;
        for (format, text) in &reports {
            for token in &tokens {
                for window in token.as_bytes().windows(8) {
                    let window = std::str::from_utf8(window).unwrap();
                    prop_assert!(!text.contains(window), "{} holds {}", format, window);
                }
            }
            if *format == "text" {
                prop_assert_eq!(count(format, text), tokens.len(), "text has a block a secret");
            } else {
                prop_assert_eq!(count(format, text), expected, "{}: {}", format, text);
            }
        }
        assert_valid(&json(&reports["json"]));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    /// Letters that no report uses for anything else, so that even two of them together came from the secret.
    #[test]
    fn no_format_holds_four_bytes_of_a_secret(
        pass in "[жщъыьэюяђћџљњ]{6,12}[7-9][жщъыьэюяђћџљњ]{5,12}",
        user in "[жщъыьэюяђћџљњ]{4,9}",
    ) {
        let outer = Sandbox::new();
        let sandbox = inner(&outer);
        sandbox.write("a.sh", format!("curl -u deploy:{pass} https://api.acme-corp.net/v1\n"));
        sandbox.write("b.env", format!("DATABASE_URL=postgres://{user}:{pass}@db.acme-corp.net/app\n"));
        let reports = all_formats(&sandbox, "scan . --as-of 2026-01-01 --confidence low");
        prop_assert_eq!(count("json", &reports["json"]), 2);
        let windows: Vec<&[u8]> = pass.as_bytes().windows(4).collect();
        for (format, text) in &reports {
            let leaks = text.as_bytes().windows(4).filter(|window| windows.contains(window)).count();
            prop_assert_eq!(leaks, 0, "{} holds parts of the secret", format);
        }
    }
}

#[test]
fn a_saved_report_gives_every_format_as_the_scan_gave_it() {
    let outer = Sandbox::new();
    let sandbox = inner(&outer);
    sandbox.write("a b/x.env", format!("A='ü😀' T={0} U={0}\n", github_token()));
    sandbox
        .write("c.py", format!("t = '{}'  # keyrot:{}\n", token("B1b2C3d4E5f6G7h8I9j0K1l2M3n4o5"), "allow -- sandbox"));
    sandbox.write("x.bin", [0, 1, 2, 0]);
    let direct = all_formats(&sandbox, "scan . --as-of 2026-01-01 --show-suppressed");
    for saved in ["json", "jsonl"] {
        std::fs::write(outer.path().join("saved"), &direct[saved]).unwrap();
        let again = all_formats(&sandbox, "report ../saved --show-suppressed");
        for format in FORMATS {
            assert_eq!(again[format], direct[format], "{format} from {saved}");
        }
    }
}

#[test]
fn merging_ignores_order_and_repetition() {
    let outer = Sandbox::new();
    let (one, other) = (Sandbox::inside(&outer, "one"), Sandbox::inside(&outer, "other"));
    one.write("x.env", format!("T={}\n", github_token()));
    other.write("y.env", format!("T={}\n", token("B1b2C3d4E5f6G7h8I9j0K1l2M3n4o5")));
    for (sandbox, name) in [(&one, "1"), (&other, "2")] {
        sandbox.keyrot(&format!("scan . --as-of 2026-01-0{name} --output jsonl=../{name}.jsonl"));
    }
    let merged = outer.keyrot("report 1.jsonl 2.jsonl --format json");
    assert_eq!(merged.code, 1, "{}", merged.stderr);
    assert_eq!(json(&merged.stdout)["counts"]["findings"], 2);
    assert_eq!(json(&merged.stdout)["as_of"], "2026-01-02T00:00:00Z");
    assert_eq!(outer.keyrot("report 2.jsonl 1.jsonl 2.jsonl --format json").stdout, merged.stdout);
}

#[test]
fn the_report_of_a_run_that_did_not_end_is_partial() {
    let outer = Sandbox::new();
    let sandbox = inner(&outer);
    sandbox.write("x.env", format!("T={}\n", github_token()));
    let text = sandbox.keyrot("scan . --format jsonl --as-of 2026-01-01").stdout;
    let cut: String = text.lines().take(2).map(|line| format!("{line}\n")).collect();
    outer.write("cut.jsonl", cut);
    let done = outer.keyrot("report cut.jsonl --format json");
    assert_eq!(done.code, 2);
    assert_eq!(json(&done.stdout)["complete"], false);
    assert!(done.stdout.contains("has no footer"), "{}", done.stdout);
}

#[test]
fn what_is_no_report_is_refused_with_the_remedy() {
    let sandbox = Sandbox::new();
    sandbox.write("x.json", "{\"schema_version\": 1}");
    sandbox.write("y.jsonl", "{\"record\":\"header\"}\n{\"record\":\"oops\"}\n");
    let done = sandbox.keyrot("report x.json");
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("x.json: this is no JSON report of keyrot"), "{}", done.stderr);
    let done = sandbox.keyrot("report y.jsonl --output html=out.html");
    assert!(done.stderr.contains("y.jsonl: line 1: missing field"), "{}", done.stderr);
    assert!(!sandbox.path().join("out.html").exists());
}

#[test]
fn an_empty_report_is_whole_in_every_format() {
    let outer = Sandbox::new();
    let sandbox = inner(&outer);
    sandbox.write("x.txt", "nothing\n");
    for (format, text) in all_formats(&sandbox, "scan . --as-of 2026-01-01") {
        assert_eq!(count(format, &text), 0, "{format}: {text}");
        assert!(format == "text" || !text.is_empty(), "{format}");
    }
}

#[test]
fn json_lines_follow_the_schema() {
    let sandbox = Sandbox::new();
    sandbox.write("x.env", format!("T={}\n", github_token()));
    sandbox.write("x.bin", [0, 1, 2, 0]);
    let done = sandbox.keyrot("scan . --format jsonl --as-of 2026-01-01");
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/schema/report-1.json")).unwrap();
    for line in done.stdout.lines() {
        let record = json(line);
        let mut schema = json(&text);
        let kind = record["record"].as_str().unwrap();
        let definition = schema["$defs"][kind].clone();
        for key in ["type", "required", "properties"] {
            schema[key] = definition[key].clone();
        }
        let validator = jsonschema::validator_for(&schema).unwrap();
        let problems: Vec<String> = validator.iter_errors(&record).map(|error| error.to_string()).collect();
        assert!(problems.is_empty(), "{kind}: {problems:#?}");
    }
}

#[test]
fn reviewdog_gets_columns_in_bytes() {
    let sandbox = Sandbox::new();
    let line = format!("a = 'ü😀' T={}", github_token());
    sandbox.write("x.env", format!("# ü\n{line}\n"));
    let report = json(&sandbox.keyrot("scan . --format rdjson").stdout);
    let range = &report["diagnostics"][0]["location"]["range"];
    let column = |end: &str| usize::try_from(range[end]["column"].as_u64().unwrap()).unwrap() - 1;
    assert_eq!(range["start"]["line"], 2);
    assert_eq!(line[column("start")..column("end")], github_token());
}

#[test]
fn no_report_tells_where_a_file_lies_on_this_machine() {
    let outer = Sandbox::new();
    let sandbox = inner(&outer);
    sandbox.write("x.env", format!("T={}\n", github_token()));
    let text = sandbox.keyrot("scan . --format jsonl --as-of 2026-01-01").stdout;
    let cut = outer.write("cut.jsonl", text.lines().next().unwrap());
    let row = "schema = 1\n[[key]]\nid = \"k1\"\nclass = \"alphamoon-api-key\"\ncreated = 2020-01-01\n";
    let inventory = outer.write("keyrot-inventory.toml", row);
    let folder = outer.path().to_str().unwrap();
    let audit = format!("audit {} --as-of 2026-01-01", inventory.display());
    for command in [format!("report {}", cut.display()), audit] {
        for format in FORMATS {
            let done = sandbox.keyrot(&format!("{command} --format {format}"));
            assert!(!done.stdout.contains(folder), "{command} as {format}: {}", done.stdout);
        }
    }
}

#[test]
fn a_damaged_report_is_refused_and_leaves_no_file() {
    let outer = Sandbox::new();
    let sandbox = inner(&outer);
    sandbox.write("x.env", format!("T={}\n", github_token()));
    let whole = sandbox.keyrot("scan . --format json --as-of 2026-01-01").stdout;
    outer.write("whole.json", &whole);
    let damage = [
        ("schema_version", whole.replace("\"schema_version\": 1", "\"schema_version\": 2")),
        ("start_line", whole.replace("\"start_line\": 1", "\"start_line\": \"one\"")),
        ("region is incomplete", whole.replace("\"byte_start\"", "\"byte_begin\"")),
        ("highlight", whole.replace("\"highlight\": [", "\"highlight\": [9999,")),
        ("EOF", whole[..whole.len() / 2].to_owned()),
    ];
    for (what, text) in damage {
        assert_ne!(text, whole, "{what}");
        outer.write("damaged.json", text);
        let done = outer.keyrot("report whole.json damaged.json --output sarif=all.sarif");
        assert_eq!(done.code, 2, "{what}: {}", done.stdout);
        assert!(done.stderr.contains("damaged.json"), "{what}: {}", done.stderr);
        assert!(!outer.path().join("all.sarif").exists(), "{what}");
    }
}

#[test]
fn reports_of_another_version_are_merged_and_said_to_be() {
    let outer = Sandbox::new();
    let sandbox = inner(&outer);
    sandbox.write("x.env", format!("T={}\n", github_token()));
    let text = sandbox.keyrot("scan . --format json --as-of 2026-01-01").stdout;
    let version = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
    outer.write("old.json", text.replace(&version, "\"version\": \"0.0.9\""));
    let merged = json(&outer.keyrot("report old.json --format json").stdout);
    assert!(merged["notices"][0].as_str().unwrap().contains("0.0.9"), "{}", merged["notices"]);
    outer
        .write("older.json", text.lines().filter(|line| !line.contains("_column_utf8")).collect::<Vec<_>>().join("\n"));
    let done = outer.keyrot("report older.json --format rdjson");
    assert_eq!(done.code, 1, "a report without columns in bytes is read: {}", done.stderr);
}

#[test]
fn an_audit_lists_every_key_and_is_saved_whole() {
    let outer = Sandbox::new();
    let sandbox = inner(&outer);
    let inventory = "schema = 1\n\
        [[key]]\nid = \"k-old\"\nname = \"upload\"\nclass = \"alphamoon-api-key\"\nowner = \"team-invoices\"\n\
        created = 2024-01-01\nrotated = 2024-02-01\nexpires = 2025-01-01T00:00:00Z\n\
        [[key]]\nid = \"k-new\"\nclass = \"alphamoon-api-key\"\nowner = \"team-reports\"\n\
        created = 2025-12-01\nexpires = 2026-03-01\nstatus = \"active\"\nlast_used = 2025-12-30\n";
    sandbox.write("keyrot-inventory.toml", inventory);
    let direct = all_formats(&sandbox, "audit keyrot-inventory.toml --as-of 2026-01-01");
    let report = json(&direct["json"]);
    assert_valid(&report);
    assert_eq!(report["keys"].as_array().unwrap().len(), 2);
    assert_eq!(report["keys"][0]["owner"], "team-invoices");
    assert_eq!(report["findings"][0]["listing"]["expires"], "2025-01-01T00:00:00Z");
    let old = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .all(|one| !one["location"]["line_hash"].as_str().unwrap().is_empty());
    assert!(old, "a row has the hash of its line");
    let document = json(&direct["cyclonedx"]);
    let assets = document["components"].as_array().unwrap();
    let state = |one: &Value| {
        let material = &one["cryptoProperties"]["relatedCryptoMaterialProperties"];
        (material["id"].as_str().unwrap().to_owned(), material["state"].as_str().unwrap().to_owned())
    };
    let mut states: Vec<_> = assets.iter().map(state).collect();
    states.sort();
    assert_eq!(states, [("k-new".to_owned(), "active".to_owned()), ("k-old".to_owned(), "deactivated".to_owned())]);
    assert!(direct["html"].contains("team-reports"), "a key without findings is in the table");
    for saved in ["json", "jsonl"] {
        std::fs::write(outer.path().join("saved"), &direct[saved]).unwrap();
        let again = all_formats(&sandbox, "report ../saved");
        for format in FORMATS {
            assert_eq!(again[format], direct[format], "{format} from {saved}");
        }
    }
}
