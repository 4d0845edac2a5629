//! The rules that single values become.

use super::{Class, KEYWORDS, Memo};
use crate::finding::{Confidence, Span};
use crate::rule::{BY_CONTEXT, Rule, RuleSet};
use crate::scan::candidate::{Candidate, Named};

/// The numbers in the engine of the active rules, in the order of [`BY_CONTEXT`].
pub struct Rules {
    numbers: [Option<usize>; BY_CONTEXT.len()],
    /// How the keys of rules with a pattern begin.
    heads: Vec<Head>,
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
        let heads = set.rules().iter().filter_map(|rule| Head::of(&rule.definition.pattern)).collect();
        Self { numbers, heads }
    }

    /// The active rules, in the order of their numbers.
    pub fn active(set: &RuleSet) -> impl Iterator<Item = &Rule> {
        BY_CONTEXT.iter().filter_map(|id| active(set, id))
    }

    /// What announces a name; nothing where no rule is active.
    pub fn keywords(&self) -> &'static [&'static str] {
        if self.numbers.iter().any(Option::is_some) { KEYWORDS } else { &[] }
    }

    /// Appends the value of the name as a candidate that is judged already.
    pub fn read(&self, text: &[u8], path: &str, name: Span, memo: &mut Memo, found: &mut Vec<Candidate>) {
        let Some(single) = super::read(text, path, name, memo) else { return };
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
            named: Some(Named { name: single.name, vague: single.vague }),
            verdict: Some(single.verdict.map(|confidence| confidence.min(self.surest(single.value.of(text))))),
        });
    }

    /// What begins like the key of a rule and is shorter than every one of them was cut.
    fn surest(&self, value: &[u8]) -> Confidence {
        let mut heads = self.heads.iter().filter(|head| value.starts_with(head.text.as_bytes())).peekable();
        let cut = heads.peek().is_some() && heads.all(|head| value.len() < head.least);
        if cut { Confidence::Low } else { Confidence::VeryHigh }
    }
}

/// How the keys of a rule begin, and how many bytes they have at least.
struct Head {
    text: String,
    least: usize,
}

impl Head {
    /// Of a pattern that is a fixed text and sets of characters, one behind the other.
    fn of(pattern: &str) -> Option<Self> {
        const SHORTEST: usize = 4;
        let rest = pattern.strip_prefix(r"\b(?P<secret>")?;
        let mut text = String::new();
        let mut least = 0;
        let mut letters = rest.chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                ')' => break,
                '(' | '|' | '.' => return None,
                '[' => while letters.next()? != ']' {},
                '\\' => {
                    let sign = letters.next().filter(|sign| !sign.is_ascii_alphanumeric())?;
                    text.extend((least == text.len()).then_some(sign));
                }
                plain if least == text.len() => text.push(plain),
                _ => {}
            }
            least += if letters.next_if_eq(&'{').is_some() {
                let times: String = letters.by_ref().take_while(|next| *next != '}').collect();
                times.split(',').next()?.parse().ok()?
            } else {
                usize::from(letters.next_if(|next| matches!(next, '?' | '*')).is_none())
            };
        }
        (text.len() >= SHORTEST && least > text.len()).then_some(Self { text, least })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_of_patterns_have_their_least_length() {
        let head = |pattern| Head::of(pattern).map(|head| (head.text, head.least));
        assert_eq!(head(r"\b(?P<secret>glagent-[A-Za-z0-9_\-]{50}){end}"), Some(("glagent-".to_owned(), 58)));
        assert_eq!(head(r"\b(?P<secret>mlsn\.[0-9a-f]{64,70})\b"), Some(("mlsn.".to_owned(), 69)));
        assert_eq!(head(r"\b(?P<secret>ab[0-9]{8})\b"), None, "too short a head to tell");
        assert_eq!(head(r"\b(?P<secret>(?:one|two)[0-9]{8})\b"), None, "no fixed head");
    }
}
