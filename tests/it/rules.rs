//! Every built-in rule is proven by its own examples, through the real worker with the whole rule set.

use std::collections::BTreeSet;

use keyrot::rule::{Examples, Kind, Rule, RuleSet};
use keyrot::scan::selftest;

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
