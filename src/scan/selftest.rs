//! Proves rules against their own examples, through the real worker with the whole rule set.

use super::filter::checksum;
use super::{Engine, Limits, Options, Outcome, Worker};
use crate::finding::{Confidence, Origin};
use crate::rule::{BY_CONTEXT, Example, Examples, Rule, RuleSet, example};
use crate::secret::{FingerprintKey, KeyKind};

/// What was wrong with one text of one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The rule.
    pub rule: String,
    /// Which text, such as `example 1`.
    pub text: String,
    /// What happened instead.
    pub problem: String,
}

/// Runs every example and counterexample of the given rules; all failures are returned.
pub fn run(set: &RuleSet, rules: &[(Rule, Examples)]) -> Vec<Failure> {
    let engine = Engine::new(set);
    let options = Options {
        fingerprint: FingerprintKey::new(KeyKind::Run, b"self-test"),
        show_secrets: true,
        limits: Limits::default(),
    };
    let mut failures = Vec::new();
    for (rule, examples) in rules {
        if rule.definition.pattern.is_empty() && !BY_CONTEXT.contains(&rule.id.as_str()) {
            continue;
        }
        let mut fail = |text: String, problem: String| {
            failures.push(Failure { rule: rule.id.as_str().to_owned(), text, problem });
        };
        if examples.positive.is_empty() {
            fail("examples".to_owned(), "there is none".to_owned());
        }
        for (index, one) in examples.positive.iter().enumerate() {
            if let Err(problem) = check_example(&engine, &options, rule, one, index) {
                fail(format!("example {}", index + 1), problem);
            }
        }
        for (index, one) in examples.negative.iter().enumerate() {
            let outcome = scan(&engine, &options, rule, &one.text);
            if outcome.findings.iter().any(|finding| finding.rule == rule.id && finding.confidence > Confidence::Low) {
                fail(format!("counterexample {}", index + 1), format!("it fires on {}", one.why));
            }
        }
    }
    failures
}

fn check_example(engine: &Engine, options: &Options, rule: &Rule, one: &Example, index: usize) -> Result<(), String> {
    let name = rule.definition.checksum.clone();
    let complete = |head: &[u8]| name.as_deref().and_then(|name| checksum::complete(name, head));
    let (text, secret) =
        example::assemble(one, &format!("{}#{index}", rule.id), &complete).map_err(|error| error.to_string())?;
    let outcome = scan(engine, options, rule, &text);
    let own = outcome.findings.iter().filter(|finding| finding.rule == rule.id);
    let clear = |exposed: &crate::finding::Exposed| exposed.clear.as_ref().map(|clear| clear.as_str().to_owned());
    let values: Vec<String> = own.filter_map(|finding| finding.secret.as_ref().and_then(clear)).collect();
    if values != [secret] {
        let dropped: Vec<String> =
            outcome.stats.dropped.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
        let found = if values.is_empty() { "nothing".to_owned() } else { format!("{} other values", values.len()) };
        return Err(format!("it gives {found} instead of its secret (dropped: {})", dropped.join(", ")));
    }
    // What stands beside the key may betray itself by its context.
    let beside = |id: &str| BY_CONTEXT.contains(&id);
    let allowed = |id: &str| id == rule.id.as_str() || beside(id) || rule.definition.also.iter().any(|also| also == id);
    let others: Vec<&str> =
        outcome.findings.iter().map(|finding| finding.rule.as_str()).filter(|id| !allowed(id)).collect();
    if others.is_empty() { Ok(()) } else { Err(format!("other rules fire too: {}", others.join(", "))) }
}

fn scan(engine: &Engine, options: &Options, rule: &Rule, text: &str) -> Outcome {
    let path = rule.definition.paths.first().map_or("example.txt".to_owned(), |glob| sample_path(glob));
    let mut worker = Worker::new(engine, options);
    worker.scan(&Origin::Stdin { path }, text.as_bytes());
    worker.finish()
}

/// A path that the glob matches, for the simple globs that rules use.
fn sample_path(glob: &str) -> String {
    let path = glob.replace("**/", "").replace('*', "sample");
    match (path.find('{'), path.find('}')) {
        (Some(open), Some(close)) => {
            let first = path[open + 1..close].split(',').next().unwrap_or_default();
            format!("{}{first}{}", &path[..open], &path[close + 1..])
        }
        _ => path,
    }
}
