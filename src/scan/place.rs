//! Where rules look and where their matches are no findings: by path, commit and value, as rule files and allow lists say.

use std::sync::OnceLock;

use globset::{Glob, GlobSet, GlobSetBuilder};
use regex_automata::meta::Regex;

use super::filter::Kept;
use super::matcher::{UNKNOWN_PATH, compile};
use crate::finding::{Origin, Span};
use crate::rule::{Exception, Rule, RuleSet, Target};

/// Bytes around a match that count as its line: some lines are megabytes long.
const LINE: usize = 2048;

/// Globs and patterns of paths.
pub struct Paths {
    globs: GlobSet,
    patterns: Vec<Regex>,
}

impl Paths {
    /// Compiles them; none where there are none.
    pub fn new(globs: &[String], patterns: &[String]) -> Option<Self> {
        if globs.is_empty() && patterns.is_empty() {
            return None;
        }
        let mut set = GlobSetBuilder::new();
        for glob in globs {
            set.add(Glob::new(glob).expect("globs are checked when rules are loaded"));
        }
        Some(Self { globs: set.build().expect("each of them is a glob"), patterns: compiled(patterns) })
    }

    /// Whether one of them fits the path.
    pub fn fit(&self, path: &str) -> bool {
        self.globs.is_match(path) || self.patterns.iter().any(|pattern| pattern.is_match(path))
    }
}

/// Where matches are no findings: what holds for every rule, and what each rule says itself.
#[derive(Default)]
pub struct Exceptions {
    everywhere: Vec<Compiled>,
    /// By the rule's index in the engine; compiled when the rule first finds something.
    own: Vec<OnceLock<Vec<Compiled>>>,
}

/// A match, and all that an exception may ask about it.
#[derive(Clone, Copy)]
pub struct Case<'c> {
    /// The text that it stands in.
    pub text: &'c [u8],
    /// Where that comes from.
    pub origin: &'c Origin,
}

/// An exception, ready to be asked.
struct Compiled {
    all: bool,
    paths: Option<Paths>,
    commits: Vec<String>,
    of: Target,
    values: Vec<Regex>,
    words: Vec<String>,
}

impl Exceptions {
    /// Takes those of the set; those of rules are read when they are needed.
    pub fn new(set: &RuleSet, rules: &[Rule]) -> Self {
        let everywhere = set.exceptions().iter().map(Compiled::new).collect();
        Self { everywhere, own: rules.iter().map(|_| OnceLock::new()).collect() }
    }

    /// Whether a match of the rule is no finding.
    pub fn cover(&self, rule: &Rule, kept: &Kept, case: Case<'_>) -> bool {
        let own = self.own[kept.candidate.rule]
            .get_or_init(|| rule.definition.exceptions.iter().map(Compiled::new).collect());
        self.everywhere.iter().chain(own).any(|exception| exception.holds(kept, case))
    }
}

impl Compiled {
    fn new(exception: &Exception) -> Self {
        Self {
            all: exception.all,
            paths: Paths::new(&exception.paths, &exception.path_patterns),
            commits: exception.commits.clone(),
            of: exception.of,
            values: compiled(&exception.values),
            words: exception.words.clone(),
        }
    }

    fn holds(&self, kept: &Kept, Case { text, origin }: Case<'_>) -> bool {
        let secret = kept.candidate.secret.of(text);
        let path = || {
            // The path of a blob in history is not known when it is first read: it is read again when it is.
            let path = origin.path();
            Some(!path.starts_with(UNKNOWN_PATH) && self.paths.as_ref()?.fit(path))
        };
        let commit = || {
            let stated = !self.commits.is_empty();
            stated.then(|| origin.commit().is_some_and(|id| self.commits.iter().any(|one| one == id)))
        };
        let value = || {
            let place = match self.of {
                Target::Secret => kept.candidate.secret,
                Target::Match => kept.candidate.span,
                Target::Line => line(text, kept.candidate.span),
            };
            (!self.values.is_empty()).then(|| self.values.iter().any(|one| one.is_match(place.of(text))))
        };
        let word = || {
            let lower = || secret.to_ascii_lowercase();
            let holds =
                |text: &[u8]| self.words.iter().any(|word| memchr::memmem::find(text, word.as_bytes()).is_some());
            (!self.words.is_empty()).then(|| holds(&lower()))
        };
        let tests: [&dyn Fn() -> Option<bool>; 4] = [&path, &commit, &word, &value];
        let mut answers = tests.into_iter().filter_map(|test| test());
        if self.all { answers.all(|holds| holds) } else { answers.any(|holds| holds) }
    }
}

/// The lines that a span stands on, cut to what is near.
fn line(text: &[u8], span: Span) -> Span {
    let from = span.start.saturating_sub(LINE);
    let start = memchr::memrchr(b'\n', &text[from..span.start]).map_or(from, |at| from + at + 1);
    let to = text.len().min(span.end + LINE);
    let end = memchr::memchr(b'\n', &text[span.end..to]).map_or(to, |at| span.end + at);
    Span::new(start, end)
}

fn compiled(patterns: &[String]) -> Vec<Regex> {
    patterns.iter().map(|pattern| compile(pattern).expect("patterns are checked when rules are loaded")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Confidence, Severity};
    use crate::scan::matcher::Candidate;

    const TEXT: &[u8] = b"first\nkey = sample-1234 # demo\nlast";

    fn holds(exception: &Exception, path: &str) -> bool {
        let (span, secret) = (Span::new(6, 23), Span::new(12, 23));
        let candidate = Candidate {
            rule: 0,
            span,
            secret,
            user: None,
            pass: None,
            id: None,
            host: None,
            verdict: None,
            named: None,
            pair: None,
        };
        let origin = Origin::Commit { path: path.to_owned(), id: "c0ffee".to_owned(), time: None };
        let kept = Kept::new(candidate, Severity::High, Confidence::High);
        Compiled::new(exception).holds(&kept, Case { text: TEXT, origin: &origin })
    }

    fn list(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn values_are_looked_for_in_secret_match_or_line() {
        let of = |of, pattern| holds(&Exception { of, values: list(&[pattern]), ..Exception::default() }, "a");
        assert!(of(Target::Secret, "^sample"));
        assert!(!of(Target::Secret, "key"));
        assert!(of(Target::Match, "^key"));
        assert!(!of(Target::Match, "demo"));
        assert!(of(Target::Line, "^key.*demo$"));
        assert!(!of(Target::Line, "first|last"));
    }

    #[test]
    fn one_thing_is_enough_unless_all_are_asked_for() {
        let exception = Exception { words: list(&["sample"]), paths: list(&["docs/**"]), ..Exception::default() };
        assert!(holds(&exception, "src/a") && holds(&exception, "docs/a"));
        let both = Exception { all: true, ..exception };
        assert!(!holds(&both, "src/a") && holds(&both, "docs/a"));
        assert!(!holds(&both, UNKNOWN_PATH));
    }

    #[test]
    fn commits_and_path_patterns_count() {
        let commit = |id| holds(&Exception { commits: list(&[id]), ..Exception::default() }, "a");
        assert!(commit("c0ffee") && !commit("c0ffe"));
        let path = |path| holds(&Exception { path_patterns: list(&[r"\.lock$"]), ..Exception::default() }, path);
        assert!(path("x/go.lock") && !path("x/go.lock.rs"));
    }
}
