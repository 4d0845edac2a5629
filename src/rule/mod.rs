//! Rules: what to look for, why it matters, how to rotate it. Data only; nothing here reads a file or scans a text.

pub(crate) mod definition;
pub mod example;
mod implication;
mod parse;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use regex_automata::nfa::thompson::NFA;
use regex_automata::util::syntax;

pub use definition::{BY_CONTEXT, CharClass, Counterexample, Definition, Example, Examples, Kind, Part, Rotate};
use parse::Parsed;
pub(crate) use parse::syntax;

use crate::diagnostic::{Problem, Problems, SourceText};
use crate::finding::RuleId;

/// The version of the built-in rule set: it moves with every change of a rule.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// One rule with its interned id.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The id that findings carry.
    pub id: RuleId,
    /// What the rule file says.
    pub definition: Arc<Definition>,
    /// Its proofs, for rules that were read from files; the built-in ones are loaded on demand.
    pub examples: Option<Arc<Examples>>,
}

impl Rule {
    /// Whether it is about the life of a key: it finds nothing in texts.
    pub fn is_of_audit(&self) -> bool {
        self.definition.kind == Kind::Audit && self.definition.provider == "lifecycle"
    }

    /// The ids of the rules that find its parts.
    fn parts(&self) -> impl Iterator<Item = &str> {
        self.definition.parts.iter().map(|part| part.rule.as_str())
    }

    /// Whether every match of the pattern begins with one of the keywords.
    pub fn begins_with_keyword(&self) -> bool {
        let definition = &self.definition;
        compile_nfa(&definition.pattern).is_ok_and(|nfa| implication::begins(&nfa, &definition.keywords))
    }
}

/// The active rules of a run.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    rules: Vec<Rule>,
    index: HashMap<RuleId, usize>,
}

/// Something is wrong with the choice of rules.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A rule file has mistakes.
    #[error("{0}")]
    Problems(#[from] Problems),
    /// A rule id that does not exist.
    #[error("there is no rule `{id}`; {hint}")]
    UnknownRule {
        /// What was asked for.
        id: String,
        /// The nearest id, or where to look.
        hint: String,
    },
    /// Two rules with one id.
    #[error("rule `{0}` is defined twice")]
    Duplicate(String),
    /// Nothing is left to look for.
    #[error("no rule is active: nothing would be found; widen the selection")]
    NoneActive,
}

impl RuleSet {
    /// The built-in rules.
    pub fn builtin() -> Self {
        let definitions: Vec<Definition> = postcard::from_bytes(include_bytes!(concat!(env!("OUT_DIR"), "/rules.bin")))
            .expect("the build script wrote it with the same types");
        let mut set = Self::default();
        for definition in definitions {
            set.push(definition, None);
        }
        set
    }

    /// The proofs of the built-in rules, in their order.
    pub fn builtin_examples() -> Vec<Examples> {
        postcard::from_bytes(include_bytes!(concat!(env!("OUT_DIR"), "/examples.bin")))
            .expect("the build script wrote it with the same types")
    }

    /// Adds the rules of a file. A rule whose pattern does not imply its keywords is gated, one without keywords runs
    /// over every text: both are returned as notices.
    ///
    /// # Errors
    /// Every mistake of the file, with its place; an id that exists already.
    pub fn add_file(&mut self, source: SourceText) -> Result<Vec<String>, Error> {
        let (rules, mut problems) = parse::parse(&source.text);
        let mut notices = Vec::new();
        let mut read = Vec::new();
        for mut parsed in rules {
            let id = parsed.definition.id.clone();
            if self.index.contains_key(id.as_str()) || read.iter().any(|one: &Parsed| one.definition.id == id) {
                problems.push(Problem::new(parsed.span.clone(), format!("rule `{id}` is defined already")));
            }
            if !parsed.definition.pattern.is_empty() && problems.is_empty() {
                match compile_nfa(&parsed.definition.pattern) {
                    Ok(nfa) => notices.extend(gate(&mut parsed.definition, &nfa)),
                    Err(error) => problems.push(Problem::new(parsed.pattern_span.clone(), error)),
                }
            }
            read.push(parsed);
        }
        let own: Vec<&str> = read.iter().map(|parsed| parsed.definition.id.as_str()).collect();
        let known: Vec<&str> = self.rules.iter().map(|rule| rule.id.as_str()).chain(own).collect();
        problems.extend(parse::unknown_parts(&read, &known));
        if !problems.is_empty() {
            return Err(Problems { source, list: problems }.into());
        }
        for Parsed { definition, examples, .. } in read {
            self.push(definition, Some(Arc::new(examples)));
        }
        Ok(notices)
    }

    fn push(&mut self, definition: Definition, examples: Option<Arc<Examples>>) {
        let id = RuleId::from(definition.id.as_str());
        self.index.insert(id.clone(), self.rules.len());
        self.rules.push(Rule { id, definition: Arc::new(definition), examples });
    }

    /// The same rules, with those of `other` in the place of rules with their ids and after all.
    #[must_use]
    pub fn replaced_by(&self, other: &Self) -> Self {
        let kept = self.rules.iter().filter(|rule| !other.index.contains_key(&rule.id));
        let mut set = Self::default();
        for rule in kept.cloned().chain(other.rules.iter().cloned()) {
            set.index.insert(rule.id.clone(), set.rules.len());
            set.rules.push(rule);
        }
        set
    }

    /// The rules in their order.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// A rule by its id or by a former id.
    pub fn get(&self, id: &str) -> Option<&Rule> {
        let place = self.index.get(id).copied();
        place
            .map(|at| &self.rules[at])
            .or_else(|| self.rules.iter().find(|rule| rule.definition.aliases.iter().any(|alias| alias == id)))
    }

    /// Like [`RuleSet::get`], with an error that helps.
    ///
    /// # Errors
    /// The id is unknown.
    pub fn look_up(&self, id: &str) -> Result<&Rule, Error> {
        self.get(id).ok_or_else(|| {
            let ids: Vec<&str> = self.rules.iter().map(|rule| rule.id.as_str()).collect();
            let hint = crate::toml_reader::suggestion(id, &ids);
            let hint = if hint.starts_with("known") { "`keyrot rules list` shows all".to_owned() } else { hint };
            Error::UnknownRule { id: id.to_owned(), hint }
        })
    }

    /// Keeps only the rules that the selection names. Declared findings stay: their logic asks for them by id. Rules that
    /// the kept ones name as parts stay too, and find nothing but parts.
    ///
    /// # Errors
    /// An id is unknown, or no rule with a pattern is left.
    pub fn select(&self, only: &[String], exclude: &[String]) -> Result<Self, Error> {
        let resolve = |ids: &[String]| -> Result<Vec<RuleId>, Error> {
            ids.iter().map(|id| self.look_up(id).map(|rule| rule.id.clone())).collect()
        };
        let (only, exclude) = (resolve(only)?, resolve(exclude)?);
        let wanted = |rule: &&Rule| {
            let asked = only.is_empty() || only.contains(&rule.id) || rule.definition.kind == Kind::Audit;
            asked && !exclude.contains(&rule.id)
        };
        let parts: HashSet<&str> = self.rules.iter().filter(wanted).flat_map(Rule::parts).collect();
        let mut set = Self::default();
        for rule in &self.rules {
            let mut rule = rule.clone();
            if !wanted(&&rule) {
                if !parts.contains(rule.id.as_str()) {
                    continue;
                }
                Arc::make_mut(&mut rule.definition).part_only = true;
            }
            set.index.insert(rule.id.clone(), set.rules.len());
            set.rules.push(rule);
        }
        let finds_something = set.rules.iter().any(|rule| rule.definition.kind != Kind::Audit);
        if finds_something { Ok(set) } else { Err(Error::NoneActive) }
    }

    /// Gives a rule another severity.
    ///
    /// # Errors
    /// The id is unknown.
    pub fn set_severity(&mut self, id: &str, severity: crate::finding::Severity) -> Result<(), Error> {
        let id = self.look_up(id)?.id.clone();
        let rule = &mut self.rules[self.index[&id]];
        Arc::make_mut(&mut rule.definition).severity = severity;
        Ok(())
    }
}

/// Compiles a pattern in the syntax that rules are written in.
fn compile_nfa(pattern: &str) -> Result<NFA, String> {
    let syntax = syntax::Config::new().unicode(false).utf8(false);
    NFA::compiler().syntax(syntax).build(pattern).map_err(|error| error.to_string())
}

fn gate(definition: &mut Definition, nfa: &NFA) -> Option<String> {
    let id = &definition.id;
    if definition.keywords.is_empty() {
        definition.gated = true;
        return Some(format!("rule `{id}` has no keywords: it searches every text whole, which costs speed"));
    }
    definition.gated = !implication::implies(nfa, &definition.keywords);
    definition.gated.then(|| {
        format!("rule `{id}`: its pattern does not imply a keyword, so a file with a keyword is searched whole")
    })
}
