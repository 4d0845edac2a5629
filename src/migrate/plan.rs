//! What is done about each statement: ignores in `keyrot.toml`, entries of the baseline, or nothing, and why.

use std::collections::BTreeSet;

use regex::bytes::Regex;

use super::configuration::{self, Additions, Refused};
use super::found::{Found, Named};
use super::own_rule::{self, kebab};
use super::{Draft, GITLEAKS_RULES_FILE, Item, Kind, RULES_FILE, Which, Wish, glob};
use crate::finding::{Finding, SuppressedBy};
use crate::rule::RuleSet;
use crate::suppress::{Baseline, EVERY_PATH, Ignore};

/// What became of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was carried over: to where.
    Carried(String),
    /// Nothing needs to be done: why.
    Nothing(String),
    /// It was not carried over: why.
    Not(String),
}

/// A statement and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The file it stands in.
    pub file: String,
    /// Its line.
    pub line: usize,
    /// What it says.
    pub text: String,
    /// What became of it.
    pub fate: Fate,
}

/// What `keyrot.toml` says already.
pub struct Known<'k> {
    /// Its ignores.
    pub ignores: &'k [Ignore],
    /// The patterns of values that they name by number.
    pub values: &'k [Regex],
    /// Scanners whose markers are honoured.
    pub honour: &'k [String],
}

/// What the files around say, which only their reader knows.
pub struct Surroundings<'s> {
    /// The files that were read.
    pub read: &'s BTreeSet<String>,
    /// What became of hooks.
    pub hook: Fate,
    /// What became of steps in pipelines.
    pub step: Fate,
    /// The content of a file of the tree.
    pub content: &'s dyn Fn(&str) -> Option<Vec<u8>>,
}

/// Statements that become one ignore.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Group {
    file: String,
    pub paths: Vec<String>,
    pub path_patterns: Vec<String>,
    pub rules: Vec<String>,
    pub commits: Vec<String>,
    pub values: Vec<String>,
    pub reason: String,
}

enum State {
    /// Decided by what a scan finds, or by the surroundings.
    Open,
    /// Part of the ignore with this number: what it adds there.
    Ignore(usize, Box<Group>),
    Done(Fate),
}

struct Entry {
    file: String,
    item: Item,
    state: State,
}

/// Everything that was read, and what is to be done.
pub struct Plan {
    entries: Vec<Entry>,
    groups: Vec<Group>,
    honour: Vec<&'static str>,
    without_rules: Vec<String>,
    /// The texts of the team's own rules.
    rules: Vec<String>,
    /// The texts of rules in the form of gitleaks.
    gitleaks_rules: Vec<String>,
    /// The rules as they will be.
    pub rule_set: RuleSet,
    digests: BTreeSet<String>,
    lines: Vec<Regex>,
}

impl Plan {
    /// Decides what can be decided without looking at secrets. `known` is what `keyrot.toml` says already.
    pub fn new(files: Vec<(String, Vec<Item>)>, known: &Known<'_>, rules: &RuleSet) -> Self {
        let mut plan = Self {
            entries: Vec::new(),
            groups: Vec::new(),
            honour: Vec::new(),
            without_rules: Vec::new(),
            rules: Vec::new(),
            gitleaks_rules: Vec::new(),
            rule_set: RuleSet::default(),
            digests: BTreeSet::new(),
            lines: Vec::new(),
        };
        let mut rules = rules.clone();
        for (file, items) in files {
            for item in items {
                let state = plan.decide(&file, &item, known, &mut rules);
                plan.entries.push(Entry { file: file.clone(), item, state });
            }
        }
        plan.rule_set = rules.select(&[], &plan.without_rules).unwrap_or(rules);
        plan
    }

    fn decide(&mut self, file: &str, item: &Item, known: &Known<'_>, rules: &mut RuleSet) -> State {
        let done = |fate| State::Done(fate);
        match &item.wish {
            Wish::Ignore(draft) => self.ignore(file, draft, known, rules).unwrap_or_else(done),
            Wish::Secrets { which: Which::LinesLike(pattern), .. } => match Regex::new(pattern) {
                Ok(regex) => {
                    self.lines.push(regex);
                    State::Open
                }
                Err(error) => done(Fate::Not(short(&error.to_string()))),
            },
            Wish::Secrets { which: Which::Digest(digest), .. } => {
                self.digests.insert(digest.clone());
                State::Open
            }
            Wish::Secrets { .. } | Wish::Read(..) | Wish::Hook | Wish::Step => State::Open,
            Wish::Honour(tool) => {
                if !known.honour.iter().any(|one| one == tool) && !self.honour.contains(tool) {
                    self.honour.push(tool);
                }
                done(Fate::Carried(format!("keyrot.toml: honour = [\"{tool}\"]")))
            }
            Wish::WithoutRule(id) => done(match rules.get(id) {
                Some(rule) => {
                    self.without_rules.push(rule.id.to_string());
                    Fate::Carried(format!("keyrot.toml: rule `{}` is excluded", rule.id))
                }
                None => Fate::Not("keyrot has no rule of that name; `keyrot rules list` shows all".to_owned()),
            }),
            Wish::Rule(draft) => done(match own_rule::write(draft, file, rules) {
                Ok((id, text)) if text.is_empty() => Fate::Nothing(format!("keyrot has the rule already, as `{id}`")),
                Ok((id, text)) => {
                    self.rules.push(text);
                    Fate::Carried(format!("{RULES_FILE}: rule `{id}`"))
                }
                Err(reason) => Fate::Not(reason),
            }),
            Wish::GitleaksRule(text) => done(match own_rule::import(text, rules) {
                Ok((id, notes)) => {
                    self.gitleaks_rules.push(text.clone());
                    let notes: String = notes.iter().map(|note| format!("; {note}")).collect();
                    Fate::Carried(format!("{GITLEAKS_RULES_FILE}: rule `{id}`{notes}"))
                }
                Err(reason) => Fate::Not(reason),
            }),
            Wish::Same(text) => done(Fate::Nothing((*text).to_owned())),
            Wish::Not(text) => done(Fate::Not(text.clone())),
        }
    }

    /// Finds the ignore that the draft becomes part of.
    fn ignore(&mut self, file: &str, draft: &Draft, known: &Known<'_>, rules: &RuleSet) -> Result<State, Fate> {
        let mut group = Group {
            file: file.to_owned(),
            paths: draft.paths.clone(),
            path_patterns: Vec::new(),
            rules: Vec::new(),
            commits: draft.commits.clone(),
            values: draft.values.clone(),
            reason: match draft.reason.trim() {
                "" => format!("carried over from {file}"),
                reason => format!("{reason} (carried over from {file})"),
            },
        };
        for name in &draft.rules {
            let unknown = || Fate::Not(format!("keyrot has no rule `{name}`; `keyrot rules list` shows all"));
            group.rules.push(rules.get(name).or_else(|| rules.get(&kebab(name))).ok_or_else(unknown)?.id.to_string());
        }
        for pattern in &draft.path_patterns {
            regex::Regex::new(pattern).map_err(|error| Fate::Not(short(&error.to_string())))?;
            match glob::from_pattern(pattern) {
                Some(glob) => group.paths.push(glob),
                None => group.path_patterns.push(pattern.clone()),
            }
        }
        for pattern in &draft.values {
            Regex::new(pattern).map_err(|error| Fate::Not(short(&error.to_string())))?;
        }
        for path in &group.paths {
            globset::Glob::new(path).map_err(|error| Fate::Not(error.kind().to_string()))?;
        }
        let is_id = |commit: &String| commit.len() >= 7 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !draft.commits.iter().all(is_id) {
            return Err(Fate::Not("this is no id of a commit".to_owned()));
        }
        if group.is_everything() {
            return Err(Fate::Not("it would hide everything".to_owned()));
        }
        if group.is_known(known) {
            return Err(Fate::Nothing("keyrot.toml says so already".to_owned()));
        }
        let at = self.groups.iter().position(|one| one.takes(&group)).unwrap_or(self.groups.len());
        match self.groups.get_mut(at) {
            Some(one) => one.extend(group.clone()),
            None => self.groups.push(group.clone()),
        }
        Ok(State::Ignore(at, Box::new(group)))
    }

    /// Other files that statements name, with their kinds.
    pub fn references(items: &[Item]) -> impl Iterator<Item = (Kind, &str)> {
        items.iter().filter_map(|item| {
            if let Wish::Read(kind, path) = &item.wish { Some((*kind, path.as_str())) } else { None }
        })
    }

    /// The text of `keyrot.toml` with everything that goes there.
    ///
    /// # Errors
    /// The file is written in a way that cannot be added to.
    pub fn configuration(&self, text: &str) -> Result<String, Refused> {
        let additions = Additions {
            ignores: self.groups.iter().collect(),
            honour: self.honour.clone(),
            without_rules: self.without_rules.clone(),
            rule_files: self.rule_files(|_| String::new()).into_iter().map(|(name, _)| name.to_owned()).collect(),
        };
        configuration::add(text, &additions)
    }

    /// The rule files with what goes there: names below the folder of `keyrot.toml`, and texts that begin with what is there.
    pub fn rule_files(&self, there: impl Fn(&str) -> String) -> Vec<(&'static str, String)> {
        let files = [(RULES_FILE, &self.rules), (GITLEAKS_RULES_FILE, &self.gitleaks_rules)];
        let add = |(name, rules): (&'static str, &Vec<String>)| {
            let mut text = there(name);
            for rule in rules.iter().map(|rule| rule.trim()) {
                if !text.contains(rule) {
                    let gap = if text.is_empty() { "" } else { "\n" };
                    text.push_str(&format!("{gap}{rule}\n"));
                }
            }
            (name, text)
        };
        files.into_iter().filter(|(_, rules)| !rules.is_empty()).map(add).collect()
    }

    /// The digests that a scan must look for, and the patterns of lines.
    pub fn asked(&self) -> (BTreeSet<String>, Vec<Regex>) {
        (self.digests.clone(), self.lines.clone())
    }

    /// The files that must be read as commits have them: (commit, path), each once.
    pub fn places_in_history(&self) -> BTreeSet<(String, String)> {
        let place = |entry: &Entry| match &entry.item.wish {
            Wish::Secrets { which: Which::Line { commit: Some(commit), path, .. }, .. } => {
                Some((commit.clone(), path.clone()))
            }
            _ => None,
        };
        self.entries.iter().filter_map(place).collect()
    }

    /// Whether hooks, and whether pipelines ran another scanner.
    pub fn runs(&self) -> (bool, bool) {
        let has = |wish: &Wish| self.entries.iter().any(|entry| entry.item.wish == *wish);
        (has(&Wish::Hook), has(&Wish::Step))
    }

    /// What becomes of every statement, in its order. Secrets go into the baseline. `ignores` are the places of the new
    /// ignores as findings name them, in their order, with the patterns of values that findings know by number.
    pub fn lines(
        &self,
        found: &Found<'_>,
        (ignores, values): (&[String], &[Regex]),
        baseline: &mut Baseline,
        around: &Surroundings<'_>,
    ) -> Vec<Line> {
        let mut line_patterns = 0;
        let mut line = |entry: &Entry| {
            let fate = match (&entry.state, &entry.item.wish) {
                (State::Done(fate), _) => fate.clone(),
                (State::Ignore(at, own), _) => own.fate(&ignores[*at], found, values),
                (State::Open, Wish::Secrets { which, judged, reason }) => {
                    let pattern = line_patterns;
                    line_patterns += usize::from(matches!(which, Which::LinesLike(_)));
                    let origin = format!("carried over from {}", entry.file);
                    let reason = reason.as_deref().filter(|reason| !reason.is_empty()).unwrap_or(&origin);
                    found.take(&Named { which, pattern, judged: *judged, reason }, baseline, around.content)
                }
                (State::Open, Wish::Read(_, path)) if around.read.contains(path) => {
                    Fate::Carried(format!("{path} is read"))
                }
                (State::Open, Wish::Read(_, path)) => Fate::Not(format!("there is no file {path}")),
                (State::Open, Wish::Hook) => around.hook.clone(),
                (State::Open, _) => around.step.clone(),
            };
            Line { file: entry.file.clone(), line: entry.item.line, text: entry.item.text.clone(), fate }
        };
        self.entries.iter().map(&mut line).collect()
    }
}

/// The last line of what the parser of a pattern says: the lines before it show the pattern.
fn short(error: &str) -> String {
    let last = error.lines().last().unwrap_or(error).trim_start_matches("error: ");
    format!("keyrot cannot use the pattern: {last}")
}

impl Group {
    /// Which of the lists hold something.
    fn shape(&self) -> [bool; 4] {
        let paths = !self.paths.is_empty() || !self.path_patterns.is_empty();
        [paths, !self.commits.is_empty(), !self.values.is_empty(), !self.rules.is_empty()]
    }

    /// Whether it names every path and nothing else.
    fn is_everything(&self) -> bool {
        self.shape() == [true, false, false, false] && self.paths.iter().any(|path| EVERY_PATH.contains(&path.as_str()))
    }

    /// Whether the other can be written into the same lists: alternatives of one kind under one reason.
    fn takes(&self, other: &Self) -> bool {
        let shape = self.shape();
        self.file == other.file
            && self.reason == other.reason
            && self.rules == other.rules
            && shape == other.shape()
            && shape[..3].iter().filter(|kind| **kind).count() == 1
    }

    /// Whether the finding is one that it names, by its place and value.
    fn names(&self, finding: &Finding, values: &[Regex]) -> bool {
        let origin = &finding.location.origin;
        let globs = self.paths.iter().filter_map(|path| globset::Glob::new(path).ok());
        let patterns = self.path_patterns.iter().filter_map(|pattern| regex::Regex::new(pattern).ok());
        let no_paths = self.paths.is_empty() && self.path_patterns.is_empty();
        let path = no_paths || globs.map(|glob| glob.compile_matcher()).any(|glob| glob.is_match(origin.path())) || {
            patterns
        }
        .any(|pattern| pattern.is_match(origin.path()));
        let marks = finding.secret.as_ref().map(|secret| secret.marks.patterns.as_slice()).unwrap_or_default();
        let value =
            |number: &usize| self.values.iter().any(|one| values.get(*number).is_some_and(|two| two.as_str() == one));
        let commit = |one: &String| origin.commit().is_some_and(|id| id.starts_with(one.as_str()));
        path && (self.values.is_empty() || marks.iter().any(value))
            && (self.commits.is_empty() || self.commits.iter().any(commit))
    }

    /// What became of it, as a part of the ignore at `place`.
    fn fate(&self, place: &str, found: &Found<'_>, values: &[Regex]) -> Fate {
        let by_it = |finding: &&Finding| {
            finding.suppression.as_ref().is_some_and(|one| one.by == SuppressedBy::Ignore && one.place == place)
        };
        let count = found.suppressed.iter().filter(by_it).filter(|finding| self.names(finding, values)).count();
        Fate::Carried(match count {
            0 if !self.commits.is_empty() => format!("{place}, for scans of the history"),
            0 => format!("{place}; it hides nothing now"),
            count => format!("{place}; it hides {count} now"),
        })
    }

    fn extend(&mut self, other: Self) {
        let lists = [
            (&mut self.paths, other.paths),
            (&mut self.path_patterns, other.path_patterns),
            (&mut self.commits, other.commits),
            (&mut self.values, other.values),
        ];
        for (list, more) in lists {
            list.extend(more);
            let mut seen = BTreeSet::new();
            list.retain(|one| seen.insert(one.clone()));
        }
    }

    /// Whether an ignore of the configuration covers it.
    fn is_known(&self, known: &Known<'_>) -> bool {
        known.ignores.iter().any(|ignore| {
            let scope = &ignore.scope;
            let patterns: Vec<&str> = scope.path_patterns.iter().map(regex::Regex::as_str).collect();
            let values: Vec<&str> = scope.values.iter().map(|at| known.values[*at].as_str()).collect();
            let kinds =
                [!scope.paths.is_empty() || !patterns.is_empty(), !scope.commits.is_empty(), !values.is_empty()];
            scope.fingerprints.is_empty()
                && kinds[..] == self.shape()[..3]
                && ignore.rules == self.rules
                && self.paths.iter().all(|one| scope.paths.contains(one))
                && self.path_patterns.iter().all(|one| patterns.contains(&one.as_str()))
                && self.commits.iter().all(|one| scope.commits.contains(one))
                && self.values.iter().all(|one| values.contains(&one.as_str()))
        })
    }
}
