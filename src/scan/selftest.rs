//! Proves rules against their own examples, through the real worker with the whole rule set.

use super::filter::checksum;
use super::matcher::{Scratch, Text, UNKNOWN_PATH};
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

/// What the texts of one rule gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// Examples that gave exactly the rule and its secret.
    pub found: usize,
    /// Examples.
    pub examples: usize,
    /// Counterexamples that the rule was silent about.
    pub silent: usize,
    /// Counterexamples.
    pub counterexamples: usize,
    /// What was wrong with the others.
    pub failures: Vec<Failure>,
}

/// Proves rules beside all others of a set.
pub struct Prover {
    engine: Engine,
    /// The same rules, of which those that only find parts report them.
    parts: Engine,
    options: Options,
}

/// A text full of what announces one rule, and an engine that looks for that rule alone: what it costs where it costs most.
pub struct Load {
    engine: Engine,
    text: Vec<u8>,
}

/// Size of the text that a rule's cost is measured on, in bytes.
const LOAD: usize = 1 << 18;

/// Runs every example and counterexample of the given rules; all failures are returned.
pub fn run(set: &RuleSet, rules: &[(Rule, Examples)]) -> Vec<Failure> {
    let prover = Prover::new(set);
    rules.iter().flat_map(|(rule, examples)| prover.prove(rule, examples).failures).collect()
}

impl Prover {
    /// Makes the engines.
    pub fn new(set: &RuleSet) -> Self {
        let options = Options {
            fingerprint: FingerprintKey::new(KeyKind::Run, b"self-test"),
            show_secrets: true,
            limits: Limits::default(),
        };
        Self { engine: Engine::new(set), parts: Engine::new(&set.with_parts_reported()), options }
    }

    /// Runs every text of a rule.
    pub fn prove(&self, rule: &Rule, examples: &Examples) -> Proof {
        let mut proof = Proof::default();
        if rule.definition.pattern.is_empty() && !BY_CONTEXT.contains(&rule.id.as_str()) {
            return proof;
        }
        let engine = if rule.definition.part_only { &self.parts } else { &self.engine };
        let fail = |text: String, problem: String| Failure { rule: rule.id.as_str().to_owned(), text, problem };
        if examples.positive.is_empty() {
            proof.failures.push(fail("examples".to_owned(), "there is none".to_owned()));
        }
        proof.examples = examples.positive.len();
        proof.counterexamples = examples.negative.len();
        for (index, one) in examples.positive.iter().enumerate() {
            match check_example(engine, &self.options, rule, one, index) {
                Ok(()) => proof.found += 1,
                Err(problem) => proof.failures.push(fail(format!("example {}", index + 1), problem)),
            }
        }
        for (index, one) in examples.negative.iter().enumerate() {
            let outcome = scan(engine, &self.options, rule, &one.text);
            if outcome.findings.iter().any(|finding| finding.rule == rule.id && finding.confidence > Confidence::Low) {
                proof.failures.push(fail(format!("counterexample {}", index + 1), format!("it fires on {}", one.why)));
            } else {
                proof.silent += 1;
            }
        }
        proof
    }
}

impl Load {
    /// The rule's own texts over and over; where there are none, its keywords. None for a rule without a pattern.
    pub fn new(rule: &Rule, examples: &Examples) -> Option<Self> {
        if rule.definition.pattern.is_empty() {
            return None;
        }
        let mut piece: String =
            rule.definition.keywords.iter().map(|keyword| format!("{keyword} = \"0a1B2\"\n")).collect();
        for (index, one) in examples.positive.iter().enumerate() {
            piece.extend(assembled(rule, one, index).map(|(text, _)| text + "\n"));
        }
        piece.extend(examples.negative.iter().map(|one| format!("{}\n", one.text)));
        piece.push_str("nothing of interest stands here\n");
        let text = piece.bytes().cycle().take(LOAD).collect();
        Some(Self { engine: Engine::new(&RuleSet::of(rule)), text })
    }

    /// Searches the text once; returns its length in bytes. The time is the caller's to take.
    pub fn run(&self) -> usize {
        let text = Text { bytes: &self.text, path: UNKNOWN_PATH };
        self.engine.candidates(text, &mut Scratch::default(), &mut Vec::new());
        self.text.len()
    }
}

/// The text of an example and its secret.
fn assembled(rule: &Rule, one: &Example, index: usize) -> Result<(String, String), String> {
    let name = rule.definition.checksum.as_deref();
    let complete = |head: &[u8]| name.and_then(|name| checksum::complete(name, head));
    example::assemble(one, &format!("{}#{index}", rule.id), &complete).map_err(|error| error.to_string())
}

fn check_example(engine: &Engine, options: &Options, rule: &Rule, one: &Example, index: usize) -> Result<(), String> {
    let (text, secret) = assembled(rule, one, index)?;
    let outcome = scan(engine, options, rule, &text);
    let own = outcome.findings.iter().filter(|finding| finding.rule == rule.id);
    let clear = |exposed: &crate::finding::Exposed| exposed.clear.as_ref().map(|clear| clear.as_str().to_owned());
    let values: Vec<String> = own.filter_map(|finding| finding.secret.as_deref().and_then(clear)).collect();
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
