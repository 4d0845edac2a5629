//! What is compiled of a rule when one of its keywords is first met.

use regex_automata::Anchored;
use regex_automata::meta::{Config, Regex};
use regex_automata::util::syntax;

use super::run;
use super::window::Reach;
use crate::rule::{LARGEST_PATTERN, Rule, SECRET_GROUPS};

/// Memory that one worker may use for one pattern's lazily built automaton, in bytes.
const LAZY_AUTOMATON: usize = 1 << 18;

/// Runs are looked for where a match is no longer than this, in bytes: few of them stand there.
const NEAR: usize = 2048;

/// What is compiled when a rule is first needed.
pub(super) struct Plan {
    pub regex: Regex,
    pub reach: Reach,
    /// Length of a run that every match holds, in bytes; 0 where asking for it could cost more than the search.
    pub run: usize,
    /// `Yes` where every match begins with a keyword and has a longest length: it is then tried at each keyword alone.
    pub anchored: Anchored,
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
    pub fn new(rule: &Rule) -> Self {
        let pattern = &rule.definition.pattern;
        let hir = crate::rule::syntax().build().parse(pattern).expect("patterns are checked when rules are loaded");
        let bounded = hir.properties().maximum_len().is_some();
        let anchored = bounded && !rule.definition.gated && rule.begins_with_keyword();
        let regex = build(pattern, !anchored).expect("patterns are compiled once when rules are loaded");
        let group = |name: &str| regex.group_info().to_index(regex_automata::PatternID::ZERO, name);
        let groups = Groups {
            secret: SECRET_GROUPS.iter().filter_map(|name| group(name)).collect(),
            user: group("user"),
            pass: group("pass"),
            id: group("id"),
            host: group("host"),
        };
        let reach = Reach::of(&hir);
        let is_near = reach.is_bounded() && !rule.definition.gated && reach.usual() <= NEAR;
        Self {
            run: if is_near { run::least_in(&hir) } else { 0 },
            reach,
            groups,
            regex,
            anchored: if anchored { Anchored::Yes } else { Anchored::No },
        }
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
