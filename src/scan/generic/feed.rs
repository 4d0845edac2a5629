//! The rules that single values become.

use super::{Class, KEYWORDS};
use crate::finding::Span;
use crate::rule::{BY_CONTEXT, Rule, RuleSet};
use crate::scan::matcher::Candidate;

/// The numbers in the engine of the active rules, in the order of [`BY_CONTEXT`].
pub struct Rules {
    numbers: [Option<usize>; BY_CONTEXT.len()],
}

impl Rules {
    /// Numbers the active rules from `first` on.
    pub fn new(set: &RuleSet, first: usize) -> Self {
        let mut next = first;
        let numbers = BY_CONTEXT.map(|id| {
            active(set, id).map(|_| {
                next += 1;
                next - 1
            })
        });
        Self { numbers }
    }

    /// The active rules, in the order of their numbers.
    pub fn active(set: &RuleSet) -> impl Iterator<Item = &Rule> {
        BY_CONTEXT.iter().filter_map(|id| active(set, id))
    }

    /// What announces a name; nothing where no rule is active.
    pub fn keywords(&self) -> &'static [&'static str] {
        if self.numbers.iter().any(Option::is_some) { KEYWORDS } else { &[] }
    }

    /// Appends the value of the name at `hit` as a candidate that is judged already.
    pub fn read(&self, text: &[u8], path: &str, hit: Span, found: &mut Vec<Candidate>) {
        let Some(single) = super::read(text, path, hit) else { return };
        let Some(rule) = self.numbers[place(single.class)] else { return };
        found.push(Candidate {
            rule,
            span: single.span,
            secret: single.value,
            user: None,
            pass: None,
            id: None,
            host: None,
            pair: None,
            verdict: Some(single.verdict),
        });
    }
}

fn active<'s>(set: &'s RuleSet, id: &str) -> Option<&'s Rule> {
    set.rules().iter().find(|rule| rule.id.as_str() == id && rule.definition.pattern.is_empty())
}

/// The place in [`BY_CONTEXT`].
fn place(class: Class) -> usize {
    match class {
        Class::Password => 0,
        Class::ApiKey => 1,
        Class::Secret => 2,
        Class::Token => 3,
    }
}
