//! The engine gives exactly what running every rule's pattern over the whole text would give.

use keyrot::rule::{Examples, Rule, RuleSet, example};
use keyrot::scan::Engine;
use keyrot::scan::filter::checksum;
use keyrot::scan::matcher::{Candidate, Scratch, Text, compile};
use proptest::prelude::*;
use regex_automata::Input;

/// Every rule's pattern over the whole text: rule index in the engine, start, end.
fn naive(patterns: &[(usize, regex_automata::meta::Regex)], text: &[u8]) -> Vec<(usize, usize, usize)> {
    let mut matches: Vec<_> = patterns
        .iter()
        .flat_map(|(rule, regex)| regex.find_iter(Input::new(text)).map(|found| (*rule, found.start(), found.end())))
        .collect();
    matches.sort_unstable();
    matches
}

fn engine_matches(engine: &Engine, scratch: &mut Scratch, text: &[u8]) -> Vec<(usize, usize, usize)> {
    let mut found: Vec<Candidate> = Vec::new();
    engine.candidates(Text { bytes: text, path: "" }, scratch, &mut found);
    let own = found.iter().filter(|one| one.verdict.is_none() && one.pair.is_none());
    own.map(|one| (one.rule, one.span.start, one.span.end)).collect()
}

/// Rules without a path condition: those look at other files only.
fn everywhere(set: &RuleSet) -> Vec<&Rule> {
    set.rules().iter().filter(|rule| !rule.definition.pattern.is_empty()).collect()
}

fn patterns(set: &RuleSet) -> Vec<(usize, regex_automata::meta::Regex)> {
    let rules = everywhere(set);
    let open = rules.iter().enumerate().filter(|(_, rule)| rule.definition.paths.is_empty());
    open.map(|(index, rule)| (index, compile(&rule.definition.pattern).unwrap())).collect()
}

/// Pieces that texts are made of: keys of the rules' examples, halves of them, keywords, and what stands between.
pub fn pieces() -> Vec<String> {
    let rules: Vec<(Rule, Examples)> =
        RuleSet::builtin().rules().iter().cloned().zip(RuleSet::builtin_examples()).collect();
    let mut pieces: Vec<String> =
        ["\n", " ", "=", ": ", "\"", "'", ",", "x", "_", "-", "0123456789abcdef", "AAAA"].map(str::to_owned).to_vec();
    for (rule, examples) in rules {
        pieces.extend(rule.definition.keywords.iter().cloned());
        let name = rule.definition.checksum.clone();
        let complete = |head: &[u8]| name.as_deref().and_then(|name| checksum::complete(name, head));
        for one in &examples.positive {
            let (text, secret) = example::assemble(one, rule.id.as_str(), &complete).unwrap();
            let cut = secret.floor_char_boundary(secret.len() / 2);
            pieces.extend([secret[..cut].to_owned(), secret, text]);
        }
    }
    pieces
}

#[test]
fn equals_the_naive_search_for_the_built_in_rules() {
    let set = RuleSet::builtin();
    let (engine, patterns, pieces) = (Engine::new(&set), patterns(&set), pieces());
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig { cases: 96, ..ProptestConfig::default() });
    let texts = proptest::collection::vec(0..pieces.len(), 1..60);
    let outcome = runner.run(&texts, |chosen| {
        let text: String = chosen.iter().map(|&at| pieces[at].as_str()).collect();
        let mut scratch = Scratch::default();
        prop_assert_eq!(engine_matches(&engine, &mut scratch, text.as_bytes()), naive(&patterns, text.as_bytes()));
        Ok(())
    });
    outcome.unwrap();
}

/// A small language of patterns: a keyword with bounded, optional and unbounded surroundings.
fn generated_pattern() -> impl Strategy<Value = (String, String)> {
    let keyword = "[a-c]{3,5}";
    let before = prop_oneof![Just(""), Just(r"\b"), Just("[a-d]{0,3}"), Just("(?:x|yy)?"), Just("[0-9]*")];
    let after = prop_oneof![
        Just(""),
        Just("[0-9]{2,4}"),
        Just("[a-c0-9]+"),
        Just("[0-9]{1,}x?"),
        Just("(?:[a-c]|[0-9]{2}){1,3}"),
        Just(r"[a-d]{0,5}\b"),
    ];
    (keyword, before, after)
        .prop_map(|(keyword, before, after)| (keyword.clone(), format!("(?i){before}(?P<secret>{keyword}{after})")))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn equals_the_naive_search_for_generated_rules(
        rules in proptest::collection::vec(generated_pattern(), 1..5),
        text in "[a-dA-C0-9xy \n]{0,200}",
    ) {
        let file: String = rules.iter().enumerate().map(|(index, (keyword, pattern))| format!(
            "[[rule]]\nid = 'r{index}'\nname = 'r'\nprovider = 'p'\nkeywords = ['{keyword}']\n\
             pattern = '{pattern}'\nwhy = 'w.'\n"
        )).collect();
        let mut set = RuleSet::default();
        set.add_file(keyrot::diagnostic::SourceText { path: "rules.toml".to_owned(), text: file }).unwrap();
        let (engine, patterns) = (Engine::new(&set), patterns(&set));
        let mut scratch = Scratch::default();
        prop_assert_eq!(engine_matches(&engine, &mut scratch, text.as_bytes()), naive(&patterns, text.as_bytes()));
    }
}
