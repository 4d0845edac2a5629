//! Proves that every match of a pattern holds one of its keywords, so that the prefilter can never lose a match.
//!
//! The proof walks the product of the pattern's NFA and the keywords' automaton. If the end of the pattern can be
//! reached on a path on which no keyword was completed, there is a match without a keyword. Look-around is taken as
//! always true, which can only make the proof fail, never succeed wrongly.

use std::collections::HashSet;

use regex_automata::nfa::thompson::{NFA, State};
use regex_automata::util::primitives::StateID;

/// Largest NFA that is tried; above it the keywords only gate the file.
const LARGEST_NFA: usize = 200_000;

/// Whether every match of `nfa` holds one of `keywords` (lower case), ASCII case-insensitively.
pub fn implies(nfa: &NFA, keywords: &[String]) -> bool {
    let mut automaton = Automaton::new(keywords);
    link(&mut automaton.next);
    completes(nfa, keywords, &automaton)
}

/// Whether every match of `nfa` begins with one of `keywords` (lower case), ASCII case-insensitively.
pub fn begins(nfa: &NFA, keywords: &[String]) -> bool {
    completes(nfa, keywords, &Automaton::new(keywords))
}

/// Whether every path through the pattern completes a keyword. A path that leaves an automaton without links of failure
/// did not begin with a keyword.
fn completes(nfa: &NFA, keywords: &[String], automaton: &Automaton) -> bool {
    if keywords.is_empty() || nfa.states().len() > LARGEST_NFA {
        return false;
    }
    let mut seen = HashSet::new();
    let mut pending = vec![(nfa.start_anchored(), 0)];
    while let Some((state, progress)) = pending.pop() {
        if !seen.insert((state, progress)) {
            continue;
        }
        if progress == LOST || matches!(nfa.state(state), State::Match { .. }) {
            return false;
        }
        advance(nfa.state(state), progress, automaton, &mut pending);
    }
    true
}

fn advance(state: &State, progress: usize, automaton: &Automaton, pending: &mut Vec<(StateID, usize)>) {
    match state {
        State::ByteRange { trans } => automaton.step(trans.start..=trans.end, progress, trans.next, pending),
        State::Sparse(sparse) => {
            for trans in &*sparse.transitions {
                automaton.step(trans.start..=trans.end, progress, trans.next, pending);
            }
        }
        State::Dense(dense) => {
            for (byte, next) in (0..=u8::MAX).zip(&*dense.transitions) {
                if *next != StateID::ZERO {
                    automaton.step(byte..=byte, progress, *next, pending);
                }
            }
        }
        State::Look { next, .. } | State::Capture { next, .. } => pending.push((*next, progress)),
        State::Union { alternates } => pending.extend(alternates.iter().map(|next| (*next, progress))),
        State::BinaryUnion { alt1, alt2 } => pending.extend([(*alt1, progress), (*alt2, progress)]),
        State::Fail | State::Match { .. } => {}
    }
}

/// A small Aho-Corasick automaton over lower-cased bytes. State 0 is the root; `DONE` is "a keyword was completed".
struct Automaton {
    next: Vec<[u32; 256]>,
}

const DONE: u32 = u32::MAX;
const NONE: u32 = u32::MAX - 1;
/// `NONE` as a state: only an automaton without links of failure gets there.
const LOST: usize = NONE as usize;

impl Automaton {
    fn new(keywords: &[String]) -> Self {
        let mut next = vec![[NONE; 256]];
        for keyword in keywords {
            let mut state = 0;
            let (last, body) = keyword.as_bytes().split_last().expect("keywords have at least three bytes");
            for &byte in body {
                if next[state][usize::from(byte)] == NONE {
                    next[state][usize::from(byte)] = u32::try_from(next.len()).expect("keywords are short");
                    next.push([NONE; 256]);
                }
                let to = next[state][usize::from(byte)];
                if to == DONE {
                    state = usize::MAX;
                    break;
                }
                state = to as usize;
            }
            if state != usize::MAX {
                next[state][usize::from(*last)] = DONE;
            }
        }
        Self { next }
    }

    fn step(
        &self,
        bytes: std::ops::RangeInclusive<u8>,
        progress: usize,
        to: StateID,
        pending: &mut Vec<(StateID, usize)>,
    ) {
        let mut targets: Vec<u32> = Vec::new();
        for byte in bytes {
            let target = self.next[progress][usize::from(byte.to_ascii_lowercase())];
            if target != DONE && !targets.contains(&target) {
                targets.push(target);
                pending.push((to, target as usize));
            }
        }
    }
}

#[allow(clippy::needless_range_loop, reason = "two rows are indexed by the same byte")]
/// Fills in the transitions of failed matches, breadth first, as Aho and Corasick do.
fn link(next: &mut [[u32; 256]]) {
    let mut fail = vec![0_usize; next.len()];
    let mut queue = std::collections::VecDeque::new();
    for target in &mut next[0] {
        match *target {
            NONE => *target = 0,
            DONE => {}
            child => queue.push_back(child as usize),
        }
    }
    while let Some(state) = queue.pop_front() {
        for byte in 0..256 {
            let fallback = next[fail[state]][byte];
            match next[state][byte] {
                NONE => next[state][byte] = fallback,
                DONE => {}
                _ if fallback == DONE => next[state][byte] = DONE,
                child => {
                    fail[child as usize] = fallback as usize;
                    queue.push_back(child as usize);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compile(pattern: &str) -> NFA {
        NFA::compiler()
            .syntax(regex_automata::util::syntax::Config::new().unicode(false).utf8(false))
            .build(pattern)
            .expect("the pattern is right")
    }

    fn check(pattern: &str, keywords: &[&str]) -> bool {
        implies(&compile(pattern), &keywords.iter().map(|keyword| (*keyword).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn literals_imply_themselves() {
        assert!(check(r"\bghp_[A-Za-z0-9]{36}\b", &["ghp_"]));
        assert!(check(r"(?i:datadog)[\w.]{0,40}=[a-f0-9]{32}", &["datadog"]));
        assert!(check(r"(?:AKIA|ASIA)[A-Z2-7]{16}", &["akia", "asia"]));
        assert!(check(r"gh[pousr]_[a-z]+", &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"]));
    }

    #[test]
    fn a_path_around_the_keyword_is_seen() {
        assert!(!check(r"(?:AKIA|ASIA)[A-Z2-7]{16}", &["akia"]));
        assert!(!check(r"(?:ghp_)?[a-z]{36}", &["ghp_"]));
        assert!(!check(r"gh[pousr]_[a-z]+", &["ghp_"]));
        assert!(!check(r"abc", &[]));
    }

    #[test]
    fn beginnings_are_told_from_occurrences() {
        let begin = |pattern: &str, keywords: &[&str]| {
            let keywords: Vec<String> = keywords.iter().map(|keyword| (*keyword).to_owned()).collect();
            begins(&compile(pattern), &keywords)
        };
        assert!(begin(r"\bghp_[a-z]{3}", &["ghp_"]));
        assert!(begin(r"(?i:new[_-]?relic)\w", &["newrelic", "new_relic", "new-relic"]));
        assert!(!begin(r"(?:^|[^a-z])ghp_[a-z]{3}", &["ghp_"]));
        assert!(!begin(r"x?ghp_", &["ghp_"]));
    }

    #[test]
    fn overlapping_and_repeated_prefixes_are_followed() {
        assert!(check(r"aaab", &["aab"]));
        assert!(check(r"a{2,5}b", &["aab"]));
        assert!(!check(r"a{1,5}b", &["aab"]));
        assert!(check(r"xyzabcd", &["abcd", "yzz"]));
    }
}
