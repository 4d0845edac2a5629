//! What the file means, in keyrot's own rules and exceptions.

use super::read::{Allowlist, Config, Placed, Rule};
use super::regex::{self, Secret};
use crate::finding::{Confidence, Severity};
use crate::rule::parse::pattern::check_matching;
use crate::rule::parse::{DEFAULT_SPECIFICITY, SHORTEST_KEYWORD};
use crate::rule::{Definition, Exception, Kind, Outline, Part, Rotate, RuleSet, Target};

/// A configuration in keyrot's terms.
#[derive(Clone, Debug, Default)]
pub struct Imported {
    /// Its rules. One with the id of a rule that is known already stands for that one.
    pub rules: Vec<Definition>,
    /// Where no rule finds anything.
    pub exceptions: Vec<Exception>,
    /// Ids of known rules that are not wanted.
    pub disabled: Vec<String>,
    /// What is not honoured, or not as it is written: the place and the reason.
    pub notes: Vec<Placed<String>>,
}

/// Says a configuration in keyrot's terms. A rule with the id of one in `known` changes that one, as it would change a
/// built-in rule of the tools.
pub fn translate(config: Config, known: &RuleSet) -> Imported {
    let mut translator = Translator { known, imported: Imported { notes: config.unread, ..Imported::default() } };
    for rule in &config.rules {
        if let Some(definition) = translator.rule(rule) {
            translator.imported.rules.push(definition);
        }
    }
    for list in &config.allowlists {
        translator.allowlist(list);
    }
    for rule in config.extend.disabled_rules {
        match known.get(&kebab(&rule.value)) {
            Some(own) => translator.imported.disabled.push(own.id.as_str().to_owned()),
            None => translator.note(&rule.place, format!("`{}` is no rule of keyrot: nothing is left out", rule.value)),
        }
    }
    translator.require_parts(&config.rules);
    translator.imported
}

struct Translator<'k> {
    known: &'k RuleSet,
    imported: Imported,
}

impl Translator<'_> {
    fn note(&mut self, place: &str, text: String) {
        self.imported.notes.push(Placed { value: text, place: place.to_owned() });
    }

    fn known(&self, id: &str) -> Option<&Definition> {
        self.known.get(id).filter(|rule| rule.id.as_str() == id).map(|rule| &*rule.definition)
    }

    fn rule(&mut self, rule: &Rule) -> Option<Definition> {
        let name = &rule.id.value;
        let id = kebab(name);
        if id.is_empty() || self.imported.rules.iter().any(|one| one.id == id) {
            self.note(&rule.id.place, format!("rule `{name}` is left out: another one has its id"));
            return None;
        }
        let base = self.known(&id).cloned();
        let mut definition = match (&rule.regex, base) {
            (None, Some(base)) => base,
            (None, None) if rule.path.is_some() => {
                self.note(&rule.id.place, format!("rule `{name}` is left out: it finds files by their names alone"));
                return None;
            }
            (None, None) => {
                let text = "is left out: it has no `regex`, and no rule of keyrot has its id";
                self.note(&rule.id.place, format!("rule `{name}` {text}"));
                return None;
            }
            (Some(_), Some(base)) if base.pattern.is_empty() => {
                let id = format!("gitleaks-{id}");
                self.note(&rule.id.place, format!("rule `{name}` is called `{id}`: keyrot has a rule of that name"));
                fresh(id, rule)
            }
            (Some(_), Some(base)) => {
                self.note(&rule.id.place, format!("rule `{name}` stands for the rule of keyrot with this id"));
                Definition { checksum: None, require: Vec::new(), min_entropy: None, keywords: Vec::new(), ..base }
            }
            (Some(_), None) => fresh(id, rule),
        };
        if let Some(regex) = &rule.regex {
            definition.pattern = self.pattern(rule, regex)?;
        }
        self.complete(&mut definition, rule)?;
        Some(definition)
    }

    fn pattern(&mut self, rule: &Rule, regex: &Placed<String>) -> Option<String> {
        let secret = rule.secret_group.filter(|group| *group > 0).map_or(Secret::First, Secret::Group);
        let read = regex::translate(&regex.value, secret)
            .and_then(|pattern| check_matching(&pattern).map(|()| pattern))
            .and_then(|pattern| crate::rule::compile_nfa(&pattern).map(|_| pattern));
        match read {
            Ok(pattern) => Some(pattern),
            Err(error) => {
                self.note(&regex.place, format!("rule `{}` is left out: its `regex`: {error}", rule.id.value));
                None
            }
        }
    }

    /// Everything but the pattern.
    fn complete(&mut self, definition: &mut Definition, rule: &Rule) -> Option<()> {
        if let Some(path) = &rule.path {
            definition.path_patterns = self.patterns(std::slice::from_ref(path));
            definition.paths.clear();
            if definition.path_patterns.is_empty() {
                let text = "is left out: without its `path` it would look at every file";
                self.note(&path.place, format!("rule `{}` {text}", rule.id.value));
                return None;
            }
        }
        if let Some(description) = &rule.description {
            definition.name.clone_from(description);
        }
        definition.min_entropy = rule.entropy.filter(|entropy| *entropy > 0.0).or(definition.min_entropy);
        let words = rule.keywords.iter().map(|word| word.value.to_ascii_lowercase());
        definition.keywords.extend(words);
        if let Some(short) = rule.keywords.iter().find(|word| word.value.len() < SHORTEST_KEYWORD) {
            let text = format!("has fewer than {SHORTEST_KEYWORD} bytes, so the rule searches every text");
            self.note(&short.place, format!("rule `{}`: the keyword `{}` {text}", rule.id.value, short.value));
            definition.keywords.clear();
        }
        definition.keywords.sort();
        definition.keywords.dedup();
        definition.tags.extend(rule.tags.iter().cloned());
        definition.part_only |= rule.skip_report;
        for list in &rule.allowlists {
            definition.exceptions.extend(self.exception(list));
        }
        let parts = rule.required.iter().map(|required| Part {
            rule: kebab(&required.id.value),
            lines: required.within_lines,
            columns: required.within_columns,
            optional: false,
        });
        definition.parts.extend(parts);
        Some(())
    }

    fn exception(&mut self, list: &Allowlist) -> Option<Exception> {
        let paths = self.patterns(&list.paths);
        let values = self.patterns(&list.regexes);
        if list.all && (paths.len() < list.paths.len() || values.len() < list.regexes.len()) {
            self.note(&list.place, "the allow list is left out: all of its criteria would have to be asked".to_owned());
            return None;
        }
        let exception = Exception {
            all: list.all,
            paths: Vec::new(),
            path_patterns: paths,
            commits: list.commits.iter().map(|id| id.to_ascii_lowercase()).collect(),
            values,
            of: list.regex_target.as_deref().and_then(|name| name.parse().ok()).unwrap_or(Target::Secret),
            words: list
                .stopwords
                .iter()
                .map(|word| word.to_ascii_lowercase())
                .filter(|word| !word.is_empty())
                .collect(),
        };
        if exception.is_empty() {
            self.note(&list.place, "the allow list is left out: it holds nothing".to_owned());
            return None;
        }
        Some(exception)
    }

    /// Those patterns of a list that can be said.
    fn patterns(&mut self, regexes: &[Placed<String>]) -> Vec<String> {
        let mut patterns = Vec::new();
        for regex in regexes {
            let read = regex::translate(&regex.value, Secret::Unasked);
            match read.and_then(|pattern| crate::rule::compile_nfa(&pattern).map(|_| pattern)) {
                Ok(pattern) => patterns.push(pattern),
                Err(error) => self.note(&regex.place, format!("not honoured: {error}")),
            }
        }
        patterns
    }

    /// A list outside of rules: for all of them, or for those that it targets.
    fn allowlist(&mut self, list: &Allowlist) {
        let Some(exception) = self.exception(list) else { return };
        if list.target_rules.is_empty() {
            self.imported.exceptions.push(exception);
            return;
        }
        for target in &list.target_rules {
            let id = kebab(&target.value);
            if let Some(definition) = self.imported.rules.iter_mut().find(|one| one.id == id) {
                definition.exceptions.push(exception.clone());
            } else if let Some(mut definition) = self.known(&id).cloned() {
                definition.exceptions.push(exception.clone());
                self.imported.rules.push(definition);
            } else {
                self.note(&target.place, format!("there is no rule `{}` for the allow list", target.value));
            }
        }
    }

    /// Leaves out rules whose parts nothing finds.
    fn require_parts(&mut self, rules: &[Rule]) {
        for required in rules.iter().flat_map(|rule| &rule.required) {
            let id = kebab(&required.id.value);
            if self.known.get(&id).is_none() && !self.imported.rules.iter().any(|one| one.id == id) {
                self.imported.rules.retain(|one| one.parts.iter().all(|part| part.rule != id));
                let text = format!("rules that require `{}` are left out: there is no such rule", required.id.value);
                self.note(&required.id.place, text);
            }
        }
    }
}

/// A rule of which only the file tells.
fn fresh(id: String, rule: &Rule) -> Definition {
    Definition {
        name: id.clone(),
        id,
        provider: "gitleaks".to_owned(),
        kind: Kind::Token,
        severity: Severity::High,
        confidence: Confidence::Medium,
        keywords: Vec::new(),
        pattern: String::new(),
        gated: false,
        outline: Outline::default(),
        checksum: None,
        min_entropy: None,
        require: Vec::new(),
        specificity: DEFAULT_SPECIFICITY,
        paths: Vec::new(),
        path_patterns: Vec::new(),
        exceptions: Vec::new(),
        parts: Vec::new(),
        alone: None,
        part_only: false,
        tags: Vec::new(),
        aliases: Vec::new(),
        also: Vec::new(),
        why: format!("The rule `{}` of your own configuration says that this is a secret.", rule.id.value),
        rotate: Rotate {
            steps: Some("Revoke it where it was issued, and keep its successor in a secret store.".to_owned()),
            ..Rotate::default()
        },
        embedded: None,
        references: Vec::new(),
        format: None,
    }
}

/// An id in keyrot's form: words of lower-case letters and digits, joined by hyphens.
fn kebab(id: &str) -> String {
    let words = id.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}
