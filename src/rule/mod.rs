//! Rules: what to look for, why it matters, how to rotate it. Data only; nothing here reads a file or scans a text.

pub mod coverage;
pub(crate) mod definition;
pub mod example;
pub mod gitleaks;
mod implication;
pub(crate) mod outline;
mod parse;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use regex_automata::nfa::thompson::{self, NFA};
use regex_automata::util::syntax;

pub use definition::{
    BY_CONTENT, BY_CONTEXT, BY_FILE, CHECKSUMS, CharClass, Counterexample, Definition, Example, Examples, Exception,
    Kind, Part, Rotate, SECRET_GROUPS, Target,
};
pub(crate) use outline::Outline;
use parse::Parsed;

use crate::diagnostic::{Problem, Problems, SourceText};
use crate::finding::RuleId;
use crate::toml_reader::At;

/// The version of the built-in rule set: it moves with every change of a rule.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// One rule with its interned id.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The id that findings carry.
    pub id: RuleId,
    /// What the rule file says.
    pub definition: Arc<Definition>,
    /// Its proofs, for rules of files in keyrot's own form; those of built-in rules are loaded on demand, and other forms
    /// have none.
    pub examples: Option<Arc<Examples>>,
}

impl Rule {
    /// Whether it is about the life of a key: it finds nothing in texts.
    pub fn is_of_audit(&self) -> bool {
        self.definition.kind == Kind::Audit && self.definition.provider == "lifecycle"
    }

    /// Whether it looks at certain files alone.
    pub fn is_bound_to_paths(&self) -> bool {
        !self.definition.paths.is_empty() || !self.definition.path_patterns.is_empty()
    }

    /// The ids of the rules that find its parts.
    fn parts(&self) -> impl Iterator<Item = &str> {
        self.definition.parts.iter().map(|part| part.rule.as_str())
    }
}

/// The active rules of a run.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    rules: Vec<Rule>,
    index: HashMap<RuleId, usize>,
    /// Where no rule's match is a finding.
    exceptions: Vec<Exception>,
}

/// Something is wrong with the choice of rules.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A rule file has mistakes.
    #[error(transparent)]
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

    /// One rule alone.
    pub fn of(rule: &Rule) -> Self {
        Self { index: HashMap::from([(rule.id.clone(), 0)]), rules: vec![rule.clone()], ..Self::default() }
    }

    /// The same rules, of which none keeps what it finds for others.
    #[must_use]
    pub fn with_parts_reported(&self) -> Self {
        let mut set = self.clone();
        for rule in set.rules.iter_mut().filter(|rule| rule.definition.part_only) {
            Arc::make_mut(&mut rule.definition).part_only = false;
        }
        set
    }

    /// The proofs of the built-in rules, in their order.
    pub fn builtin_examples() -> Vec<Examples> {
        postcard::from_bytes(include_bytes!(concat!(env!("OUT_DIR"), "/examples.bin")))
            .expect("the build script wrote it with the same types")
    }

    /// Adds the rules of a file.
    ///
    /// # Errors
    /// As for [`RuleSet::add_files`].
    pub fn add_file(&mut self, source: SourceText) -> Result<Vec<String>, Error> {
        self.add_files(vec![source], &Self::default())
    }

    /// Adds the rules of files, whose parts may be rules of any of them, of this set and of those `beside` it. A rule whose
    /// pattern does not imply its keywords is gated, one without keywords runs over every text: both are returned as notices.
    ///
    /// # Errors
    /// Every mistake of the first file with any, with its place; an id that exists already.
    pub fn add_files(&mut self, sources: Vec<SourceText>, beside: &Self) -> Result<Vec<String>, Error> {
        let files: Vec<_> = sources.into_iter().map(|source| (parse::parse(&source.text), source)).collect();
        let read = files.iter().flat_map(|((rules, _), _)| rules).map(|parsed| parsed.definition.id.clone());
        let own = self.rules.iter().chain(&beside.rules).map(|rule| rule.id.as_str().to_owned());
        let known: Vec<String> = own.chain(read).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let mut notices = Vec::new();
        for ((rules, mut problems), source) in files {
            problems.extend(parse::unknown_parts(&rules, &known));
            for parsed in rules {
                problems.extend(parsed.globs.iter().filter_map(glob_problem));
                notices.extend(self.add_rule(parsed, &mut problems));
            }
            if !problems.is_empty() {
                return Err(Problems { source, list: problems }.into());
            }
        }
        Ok(notices)
    }

    fn add_rule(&mut self, parsed: Parsed, problems: &mut Vec<Problem>) -> Option<String> {
        let Parsed { mut definition, examples, span, pattern_span, .. } = parsed;
        if self.index.contains_key(definition.id.as_str()) {
            problems.push(Problem::new(span, format!("rule `{}` is defined already", definition.id)));
            return None;
        }
        let mut notice = None;
        if !definition.pattern.is_empty() && problems.is_empty() {
            match compile_nfa(&definition.pattern) {
                Ok(nfa) => notice = gate(&mut definition, &nfa),
                Err(error) => problems.push(Problem::new(pattern_span, error)),
            }
        }
        self.push(definition, Some(Arc::new(examples)));
        notice
    }

    /// Adds what a file of another scanner says: rules take the place of those with their ids. Returns notices, as for
    /// keyrot's own files.
    pub fn import(&mut self, imported: gitleaks::Imported) -> Vec<String> {
        let mut notices: Vec<String> =
            imported.notes.into_iter().map(|note| format!("{}: {}", note.place, note.value)).collect();
        for mut definition in imported.rules {
            if let Ok(nfa) = compile_nfa(&definition.pattern)
                && !definition.pattern.is_empty()
            {
                notices.extend(gate(&mut definition, &nfa));
            }
            self.put(definition);
        }
        self.exceptions.extend(imported.exceptions);
        self.rules.retain(|rule| !imported.disabled.iter().any(|id| id == rule.id.as_str()));
        self.index = self.rules.iter().enumerate().map(|(index, rule)| (rule.id.clone(), index)).collect();
        notices
    }

    /// Puts a rule in the place of the one with its id, or after all.
    fn put(&mut self, definition: Definition) {
        match self.index.get(definition.id.as_str()) {
            Some(&index) => self.rules[index].definition = Arc::new(definition),
            None => self.push(definition, None),
        }
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
        let mut set = Self { exceptions: self.exceptions.clone(), ..Self::default() };
        set.exceptions.extend(other.exceptions.iter().cloned());
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

    /// Where no rule's match is a finding.
    pub fn exceptions(&self) -> &[Exception] {
        &self.exceptions
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
    /// An id is unknown, or no rule is left that finds something by itself.
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
        let mut set = Self { exceptions: self.exceptions.clone(), ..Self::default() };
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
        let asked_for = |rule: &Rule| rule.id.as_str() == BY_FILE && only.contains(&rule.id);
        let finds_something = set.rules.iter().any(|rule| rule.definition.kind != Kind::Audit || asked_for(rule));
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

/// Largest compiled pattern, in bytes: what is larger costs too much time and memory, and its rule is refused.
pub const LARGEST_PATTERN: usize = 10 << 20;

/// Compiles a pattern in the syntax that rules are written in. Both directions must fit: the engine reads a match from its
/// end to find where it begins.
fn compile_nfa(pattern: &str) -> Result<NFA, String> {
    let syntax = syntax::Config::new().unicode(false).utf8(false);
    let compile = |reverse: bool| {
        let limit = thompson::Config::new().nfa_size_limit(Some(LARGEST_PATTERN)).reverse(reverse);
        // Only the forward automaton tells where groups begin and end.
        let limit = if reverse { limit.which_captures(thompson::WhichCaptures::None) } else { limit };
        NFA::compiler().syntax(syntax).configure(limit).build(pattern).map_err(|error| match error.size_limit() {
            Some(limit) => format!("the pattern is too costly: compiled it takes more than {limit} bytes"),
            None => error.to_string(),
        })
    };
    compile(true)?;
    compile(false)
}

fn glob_problem((glob, span): &At<String>) -> Option<Problem> {
    let error = globset::Glob::new(glob).err()?;
    Some(Problem::new(span.clone(), format!("`paths` holds no glob: {}", error.kind())))
}

fn gate(definition: &mut Definition, nfa: &NFA) -> Option<String> {
    definition.outline = Outline::of(&definition.pattern).expect("the pattern was compiled");
    let id = &definition.id;
    if definition.keywords.is_empty() {
        if definition.outline.numbered {
            return None;
        }
        definition.gated = true;
        let few = !definition.paths.is_empty() || !definition.path_patterns.is_empty();
        return (!few).then(|| format!("rule `{id}` has no keywords: it searches every text whole, which costs speed"));
    }
    definition.outline.begins = implication::begins(nfa, &definition.keywords);
    definition.gated = !implication::implies(nfa, &definition.keywords);
    definition.gated.then(|| {
        format!("rule `{id}`: its pattern does not imply a keyword, so a file with a keyword is searched whole")
    })
}
