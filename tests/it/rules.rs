//! Every built-in rule is proven by its own examples, through the real worker with the whole rule set.

use std::collections::BTreeSet;

use keyrot::rule::{Examples, Kind, Rule, RuleSet};
use keyrot::scan::selftest;

use super::sandbox::Sandbox;

fn builtin() -> Vec<(Rule, Examples)> {
    RuleSet::builtin().rules().iter().cloned().zip(RuleSet::builtin_examples()).collect()
}

#[test]
fn every_example_gives_its_rule_and_its_secret() {
    let rules = builtin();
    let failures = selftest::run(&RuleSet::builtin(), &rules);
    let list: Vec<String> =
        failures.iter().map(|failure| format!("{}: {}: {}", failure.rule, failure.text, failure.problem)).collect();
    assert!(list.is_empty(), "{}", list.join("\n"));
}

#[test]
fn ids_and_aliases_are_unique() {
    let mut seen = BTreeSet::new();
    for (rule, _) in builtin() {
        assert!(seen.insert(rule.id.as_str().to_owned()), "{} twice", rule.id);
        for alias in &rule.definition.aliases {
            assert!(seen.insert(alias.clone()), "{alias} twice");
        }
    }
}

#[test]
fn every_rule_says_why_how_to_rotate_and_where_its_facts_come_from() {
    for (rule, examples) in builtin() {
        let definition = &rule.definition;
        assert!(definition.why.ends_with('.'), "{}: `why` is a sentence", rule.id);
        assert!(definition.rotate.steps.is_some(), "{}: how to rotate", rule.id);
        if !definition.pattern.is_empty() {
            assert!(!definition.references.is_empty(), "{}: references", rule.id);
            assert!(!examples.positive.is_empty() && !examples.negative.is_empty(), "{}: both kinds of text", rule.id);
        }
        assert!(definition.kind == Kind::Audit || !definition.name.is_empty());
    }
}

fn schema() -> serde_json::Value {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/schema/rules-1.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn every_built_in_file_fits_the_published_schema() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/rules")).unwrap() {
        let path = entry.unwrap().path();
        let file: serde_json::Value = toml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(&file).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{}: {}", path.display(), errors.join("\n"));
    }
}

#[test]
fn the_schema_and_the_reader_refuse_the_same_files() {
    let right = "[[rule]]\nid = 'acme-key'\nname = 'Acme key'\nprovider = 'acme'\nkind = 'token'\nseverity = 'high'\n\
                 confidence = 'high'\nkeywords = ['acme_']\npattern = 'acme_[a-z]{20}'\nwhy = 'It opens.'\n";
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let fits = |text: &str| validator.is_valid(&toml::from_str::<serde_json::Value>(text).unwrap());
    let is_read = |text: &str| {
        let source = keyrot::diagnostic::SourceText { path: "r.toml".to_owned(), text: text.to_owned() };
        RuleSet::default().add_file(source).is_ok()
    };
    assert!(fits(right) && is_read(right));
    for (from, to) in [
        ("id = 'acme-key'\n", ""),
        ("'acme-key'", "'Acme_Key'"),
        ("'token'", "'tokens'"),
        ("severity = 'high'", "severity = 'very-high'"),
        ("confidence = 'high'", "confidence = 'very-high'"),
        ("['acme_']", "['ac']"),
        ("['acme_']", "'acme_'"),
        ("pattern = 'acme_[a-z]{20}'\n", ""),
        ("why =", "wyh ="),
        ("why = 'It opens.'\n", "why = 'It opens.'\nspecificity = 101\n"),
        ("why = 'It opens.'\n", "why = 'It opens.'\nmin-entropy = 'high'\n"),
        ("why = 'It opens.'\n", "why = 'It opens.'\nchecksum = 'crc'\n"),
        ("why = 'It opens.'\n", "why = 'It opens.'\nrequire = ['digits']\n"),
        ("why = 'It opens.'\n", "why = 'It opens.'\nparts = [{ lines = 3 }]\n"),
        ("why = 'It opens.'\n", "why = 'It opens.'\nalone = 'sure'\n"),
        ("why = 'It opens.'\n", "why = 'It opens.'\nexcept = [{ of = 'match' }]\n"),
        ("why = 'It opens.'\n", "why = 'It opens.'\nexcept = [{ values = ['a'], of = 'file' }]\n"),
        ("why = 'It opens.'\n", "why = 'It opens.'\nrotate = { max-age = 90 }\n"),
        ("why = 'It opens.'\n", "why = 'It opens.'\n[[rule.example]]\ntext = 'no hole'\nsecret = ['a']\n"),
        ("why = 'It opens.'\n", "why = 'It opens.'\n[[rule.counterexample]]\ntext = 'x'\n"),
        ("[[rule]]", "[[rules]]"),
    ] {
        let broken = right.replacen(from, to, 1);
        assert_ne!(broken, right, "{from}");
        assert!(!fits(&broken), "the schema takes {to:?}");
        assert!(!is_read(&broken), "the reader takes {to:?}");
    }
}

#[test]
fn the_schema_knows_the_checks_of_the_code() {
    let checks = &schema()["$defs"]["rule"]["properties"]["checksum"]["enum"];
    assert_eq!(checks, &serde_json::json!(keyrot::rule::CHECKSUMS));
}

#[test]
fn the_page_of_what_is_covered_is_current() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/coverage.md")).unwrap();
    let current = keyrot::rule::coverage::markdown(RuleSet::builtin().rules());
    assert!(page == current, "run `cargo run -q -- rules list --format markdown > docs/coverage.md`");
}

const ACME: &str = "
[[rule]]
id = 'acme-key'
name = 'Acme key'
provider = 'acme'
kind = 'token'
severity = 'high'
confidence = 'high'
keywords = ['acme_']
pattern = '''\\b(?P<secret>acme_[A-Za-z0-9]{20})\\b'''
why = 'It opens.'

[[rule.example]]
text = 'key = {secret}'
secret = ['acme_', '<alnum:20>']

[[rule.example]]
text = 'key = {secret}'
secret = ['acme_', '<alnum:19>']

[[rule.counterexample]]
text = 'acme_short'
why = 'too short'
";

#[test]
fn rules_are_tested_with_a_report_of_matches_misses_and_time() {
    let sandbox = crate::sandbox::Sandbox::new();
    sandbox.write("rules/acme.toml", ACME);
    sandbox.write("texts/a.txt", "one acme_q7Vd2RtX9mKz4LpW8sJb\nand acme_h3Vd2RtX9mKz4LpW8sJc\n");
    let done = sandbox.keyrot("rules test rules");
    assert_eq!(done.code, 1, "{}", done.stderr);
    assert!(done.stdout.contains("acme-key: example 2: it gives nothing instead of its secret"), "{}", done.stdout);
    assert!(done.stdout.ends_with("1 rules, 3 texts, 1 failures\n"), "{}", done.stdout);
    let done = sandbox.keyrot("rules test rules --format json --on texts");
    let mut report: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    let rule = report["rules"][0].as_object_mut().unwrap();
    assert!(rule.remove("milliseconds_per_megabyte").unwrap().as_f64().unwrap() > 0.0);
    rule.remove("failures");
    let expected =
        serde_json::json!({ "rule": "acme-key", "matches": 1, "misses": 1, "silent": 1, "fires": 0, "found": 2 });
    assert_eq!(report["rules"][0], expected);
}

#[test]
fn rules_of_gitleaks_are_tested_without_texts_of_their_own() {
    let sandbox = crate::sandbox::Sandbox::new();
    let config = "[[rules]]\nid = 'acme'\nregex = 'acme_([0-9A-Za-z]{20})'\nkeywords = ['acme_']\n";
    sandbox.write("gitleaks.toml", config);
    sandbox.write("texts/a.txt", "acme_q7Vd2RtX9mKz4LpW8sJb\n");
    let done = sandbox.keyrot("rules test gitleaks.toml --on texts --format json");
    assert_eq!(done.code, 0, "{}{}", done.stdout, done.stderr);
    assert!(done.stdout.contains("\"rule\": \"acme\"") && done.stdout.contains("\"found\": 1"), "{}", done.stdout);
}

#[test]
fn the_schema_can_be_printed() {
    let printed = crate::sandbox::Sandbox::new().keyrot("rules schema").stdout;
    assert_eq!(serde_json::from_str::<serde_json::Value>(&printed).unwrap(), schema());
}

#[test]
fn a_rule_whose_pattern_is_too_costly_is_refused_at_load() {
    let sandbox = Sandbox::new();
    let rule = |pattern: &str| {
        format!(
            "[[rule]]\nid = \"costly\"\nname = \"Costly\"\nprovider = \"acme\"\nkind = \"token\"\nseverity = \"high\"\n\
             confidence = \"high\"\nkeywords = [\"acme\"]\npattern = '''(?P<secret>acme{pattern})'''\nwhy = \"x\"\n"
        )
    };
    sandbox.write("a.txt", "acme12-ab-\n");
    sandbox.write("costly.toml", rule("(?:[a-z0-9]{1,1000}-){1000}"));
    let done = sandbox.keyrot("scan a.txt --rules costly.toml");
    assert_eq!(done.code, 2, "{}", done.stderr);
    assert!(done.stderr.contains("the pattern is too costly"), "{}", done.stderr);
    sandbox.write("costly.toml", rule("[a-z0-9]{1,1000}"));
    assert_ne!(sandbox.keyrot("scan a.txt --rules costly.toml").code, 2);
}
