//! What is known of a rule's pattern before it is searched for, and what is compiled when it first is.

use regex_automata::Anchored;
use regex_automata::meta::{Config, Regex};
use regex_automata::util::syntax;

use crate::rule::outline::{Outline, Reach};
use crate::rule::{Definition, LARGEST_PATTERN, Rule, SECRET_GROUPS};

/// Memory that one worker may use for one pattern's lazily built automaton, in bytes.
const LAZY_AUTOMATON: usize = 1 << 18;

/// Runs are looked for where a match is no longer than this, in bytes: few of them stand there.
const NEAR: usize = 2048;

/// What is asked before anything is compiled: few of the rules whose keyword a text holds are searched for.
pub(super) struct Gate {
    pub reach: Reach,
    /// Length of a run that every match holds, in bytes; 0 where asking for it could cost more than the search.
    pub run: usize,
    /// `Yes` where every match begins with what announces it and has a longest length: it is then tried there alone.
    pub anchored: Anchored,
    /// Whether a keyword opens the whole text.
    pub gated: bool,
}

impl Gate {
    pub fn of(definition: &Definition) -> Self {
        let Outline { reach, run, begins, .. } = &definition.outline;
        let gated = definition.gated;
        let is_near = reach.is_bounded() && !gated && reach.usual() <= NEAR;
        let anchored = if reach.is_bounded() && !gated && *begins { Anchored::Yes } else { Anchored::No };
        Self { reach: reach.clone(), run: if is_near { *run } else { 0 }, anchored, gated }
    }
}

/// What is compiled when a rule is first searched for.
pub(super) struct Plan {
    pub regex: Regex,
    pub groups: Groups,
}

/// Numbers of the named groups.
pub(super) struct Groups {
    /// `secret`, `secret2` and so on: the key is the first that holds something.
    pub secret: Vec<usize>,
    pub user: Option<usize>,
    pub pass: Option<usize>,
    pub id: Option<usize>,
    pub host: Option<usize>,
}

impl Plan {
    pub fn new(rule: &Rule, anchored: Anchored) -> Self {
        let regex = build(&rule.definition.pattern, anchored == Anchored::No);
        let regex = regex.expect("patterns are compiled once when rules are loaded");
        let group = |name: &str| regex.group_info().to_index(regex_automata::PatternID::ZERO, name);
        let groups = Groups {
            secret: SECRET_GROUPS.iter().filter_map(|name| group(name)).collect(),
            user: group("user"),
            pass: group("pass"),
            id: group("id"),
            host: group("host"),
        };
        Self { regex, groups }
    }
}

/// Compiles a pattern as the engine and the naive oracle run it.
///
/// # Errors
/// It is no regular expression, or too large.
pub fn compile(pattern: &str) -> Result<Regex, String> {
    build(pattern, true)
}

/// A search for the places of literals is built for patterns that are searched for: those that are tried at a place have no use
/// for it, and all of them together take 10 MB.
fn build(pattern: &str, is_searched: bool) -> Result<Regex, String> {
    Regex::builder()
        .syntax(syntax::Config::new().unicode(false).utf8(false))
        .configure(
            Config::new()
                .utf8_empty(false)
                .auto_prefilter(is_searched)
                .nfa_size_limit(Some(LARGEST_PATTERN))
                .hybrid_cache_capacity(LAZY_AUTOMATON),
        )
        .build(pattern)
        .map_err(|error| error.to_string())
}
