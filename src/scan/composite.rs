//! Findings made of several values: a rule whose `parts` name other rules is joined with what those found near it, and
//! what was joined is not reported again.
//!
//! Two steps around the choice among overlapping findings: [`Composites::join`] before it, so that a rule that lacks a part
//! hides no other; [`Composites::absorb`] after it, so that only what is reported takes its parts in.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::filter::Kept;
use crate::finding::{Confidence, Span};
use crate::rule::Rule;

/// How far from each other values may stand that are held together by lines, in bytes: a line of a megabyte is no place.
const FARTHEST: usize = 1 << 16;
/// How many values of one rule are looked at on each side.
const NEIGHBOURS: usize = 32;

/// The active rules that have parts, and those that only find parts. Rules are indices in the engine.
pub struct Composites {
    wholes: HashMap<usize, Whole>,
    part_only: HashSet<usize>,
}

/// A rule with parts.
struct Whole {
    parts: Vec<Wanted>,
    alone: Option<Confidence>,
}

/// A part that a rule asks for.
struct Wanted {
    /// None where the rule of the part is not active.
    rule: Option<usize>,
    lines: Option<usize>,
    columns: Option<usize>,
    optional: bool,
}

/// How far a part stands from its whole. The nearest one is the least: one that no other has taken, few lines away, before
/// it rather than after.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Distance {
    taken: bool,
    lines: usize,
    after: bool,
    bytes: usize,
}

/// What was found, by rule: places in order, with their indices.
type Places = BTreeMap<usize, Vec<(Span, usize)>>;

impl Composites {
    /// Reads the rules.
    pub fn new(rules: &[Rule]) -> Self {
        let ids: HashMap<&str, usize> =
            rules.iter().enumerate().map(|(index, rule)| (rule.id.as_str(), index)).collect();
        let limit = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let mut composites = Self { wholes: HashMap::new(), part_only: HashSet::new() };
        for (index, rule) in rules.iter().enumerate() {
            let definition = &rule.definition;
            if definition.part_only {
                composites.part_only.insert(index);
            }
            if definition.parts.is_empty() {
                continue;
            }
            let parts = definition.parts.iter().map(|part| Wanted {
                rule: ids.get(part.rule.as_str()).copied(),
                lines: part.lines.map(limit),
                columns: part.columns.map(limit),
                optional: part.optional,
            });
            composites.wholes.insert(index, Whole { parts: parts.collect(), alone: definition.alone });
        }
        composites
    }

    /// Gives what was found in one text the parts that stand near it. What lacks a required part is lowered or taken out,
    /// as its rule says; what only serves as a part is taken out. Returns how many lacked a part and were taken out.
    pub fn join(&self, text: &[u8], kept: &mut Vec<Kept>) -> usize {
        let concerns =
            |one: &Kept| self.wholes.contains_key(&one.candidate.rule) || self.part_only.contains(&one.candidate.rule);
        if !kept.iter().any(concerns) {
            return 0;
        }
        let places = places(kept);
        let mut order: Vec<usize> = (0..kept.len()).collect();
        order.sort_by_key(|index| kept[*index].candidate.secret);
        let mut taken = HashSet::new();
        let mut incomplete = HashSet::new();
        for index in order {
            let Some(whole) = self.wholes.get(&kept[index].candidate.rule) else { continue };
            let secret = kept[index].candidate.secret;
            let found: Vec<Option<usize>> =
                whole.parts.iter().map(|wanted| wanted.nearest(text, secret, &places, &taken)).collect();
            let missing = |(wanted, part): (&Wanted, &Option<usize>)| !wanted.optional && part.is_none();
            if whole.parts.iter().zip(&found).any(missing) {
                match whole.alone {
                    Some(confidence) => kept[index].confidence = kept[index].confidence.min(confidence),
                    None => _ = incomplete.insert(index),
                }
                continue;
            }
            for part in found.into_iter().flatten() {
                taken.insert(part);
                let part = kept[part].clone();
                kept[index].parts.push(part.candidate.secret);
                vouch(&mut kept[index], &part);
            }
        }
        let mut index = 0;
        kept.retain(|one| {
            index += 1;
            !incomplete.contains(&(index - 1)) && !self.part_only.contains(&one.candidate.rule)
        });
        incomplete.len()
    }

    /// Takes out what is a part of something that is reported. Returns how many.
    pub fn absorb(kept: &mut Vec<Kept>) -> usize {
        let mut parts: Vec<(Span, usize)> = Vec::new();
        for (index, one) in kept.iter().enumerate() {
            let own = one.candidate.secret;
            let spans = one.parts.iter().copied().chain(one.candidate.id);
            parts.extend(spans.filter(|span| !span.overlaps(own)).map(|span| (span, index)));
        }
        if parts.is_empty() {
            return 0;
        }
        let mut absorbed = vec![false; kept.len()];
        for (span, whole) in parts {
            // Sorted by place, and none overlaps another.
            let from = kept.partition_point(|one| one.candidate.secret.end <= span.start);
            for index in from..kept.len() {
                if kept[index].candidate.secret.start >= span.end {
                    break;
                }
                if kept[whole].confidence >= Confidence::Medium || kept[index].confidence <= kept[whole].confidence {
                    absorbed[index] = true;
                    let part = kept[index].clone();
                    vouch(&mut kept[whole], &part);
                    kept[whole].absorbed.push(part);
                }
            }
        }
        let before = kept.len();
        let mut absorbed = absorbed.into_iter();
        kept.retain(|_| !absorbed.next().unwrap_or(false));
        before - kept.len()
    }
}

/// What is likely a key is as bad and as sure as the worst and surest of its parts.
fn vouch(whole: &mut Kept, part: &Kept) {
    if whole.confidence >= Confidence::Medium {
        whole.confidence = whole.confidence.max(part.confidence);
        whole.severity = whole.severity.max(part.severity);
    }
}

fn places(kept: &[Kept]) -> Places {
    let mut places = Places::new();
    for (index, one) in kept.iter().enumerate() {
        places.entry(one.candidate.rule).or_default().push((one.candidate.secret, index));
    }
    for list in places.values_mut() {
        list.sort_unstable();
    }
    places
}

impl Wanted {
    /// The nearest value of the rule that lies within the limits.
    fn nearest(&self, text: &[u8], secret: Span, places: &Places, taken: &HashSet<usize>) -> Option<usize> {
        let list = places.get(&self.rule?)?;
        let middle = list.partition_point(|(span, _)| span.start < secret.start);
        let near = middle.saturating_sub(NEIGHBOURS)..list.len().min(middle + NEIGHBOURS);
        let measured = list[near]
            .iter()
            .filter_map(|(span, index)| Some((self.distance(text, secret, *span, taken.contains(index))?, *index)));
        measured.min().map(|(_, index)| index)
    }

    fn distance(&self, text: &[u8], secret: Span, part: Span, taken: bool) -> Option<Distance> {
        if part.overlaps(secret) {
            return None;
        }
        let after = part.start > secret.start;
        let between = if after { secret.end..part.start } else { part.end..secret.start };
        let bytes = between.len();
        let lines = match bytes <= FARTHEST {
            true => memchr::memchr_iter(b'\n', &text[between]).count(),
            false if self.lines.is_some() => return None,
            false => usize::MAX,
        };
        let within = self.lines.is_none_or(|most| lines <= most)
            && self.columns.is_none_or(|most| column(text, secret).abs_diff(column(text, part)) <= most);
        within.then_some(Distance { taken, lines, after, bytes })
    }
}

/// 0-based column of the start, in bytes.
fn column(text: &[u8], span: Span) -> usize {
    let before = &text[..span.start];
    before.len() - memchr::memrchr(b'\n', before).map_or(0, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use std::cmp::Reverse;

    use super::*;
    use crate::diagnostic::SourceText;
    use crate::finding::Severity;
    use crate::rule::RuleSet;
    use crate::scan::matcher::Candidate;

    /// Two rules: `S` is found where an `s` stands, its part where an `i` does.
    fn composites(part: &str) -> Composites {
        let rule = |id: &str, more: &str| {
            format!(
                "[[rule]]\nid = '{id}'\nname = 'x'\nprovider = 'x'\nkind = 'token'\nseverity = 'high'\n\
                 confidence = 'medium'\nkeywords = ['abc']\npattern = 'abc'\nwhy = 'x.'\n{more}\n"
            )
        };
        let text = format!("{}{}", rule("secret", &format!("parts = [{{ rule = 'id', {part} }}]")), rule("id", ""));
        let mut set = RuleSet::default();
        set.add_file(SourceText { path: "rules.toml".to_owned(), text }).expect("the rules are right");
        Composites::new(set.rules())
    }

    /// What is found in a text of one-letter values: `s` is a secret, `i` an id.
    fn found(text: &str) -> Vec<Kept> {
        let kept = |(at, letter): (usize, char)| {
            let (rule, confidence) = match letter {
                's' => (0, Confidence::Medium),
                'i' => (1, Confidence::High),
                _ => return None,
            };
            let span = Span::new(at, at + 1);
            let candidate = Candidate {
                rule,
                span,
                secret: span,
                user: None,
                pass: None,
                id: None,
                host: None,
                verdict: None,
                named: None,
                pair: None,
            };
            Some(Kept::new(candidate, Severity::High, confidence))
        };
        let mut all: Vec<Kept> = text.char_indices().filter_map(kept).collect();
        all.sort_by_key(|one| one.candidate);
        all
    }

    /// Each secret that is reported with the parts it has, then each id that is reported by itself.
    fn outcome(part: &str, text: &str) -> Vec<(usize, Vec<usize>)> {
        let composites = composites(part);
        let mut kept = found(text);
        composites.join(text.as_bytes(), &mut kept);
        kept.sort_by_key(|one| one.candidate.secret);
        Composites::absorb(&mut kept);
        kept.sort_by_key(|one| Reverse(one.parts.len()));
        kept.iter().map(|one| (one.candidate.secret.start, one.parts.iter().map(|span| span.start).collect())).collect()
    }

    #[test]
    fn a_part_within_the_limits_is_absorbed() {
        assert_eq!(outcome("lines = 1", "i\ns"), [(2, vec![0])]);
        assert_eq!(outcome("lines = 1", "i\n\ns"), [(0, vec![])]);
        assert_eq!(outcome("lines = 1, columns = 2", "i\n  s"), [(4, vec![0])]);
        assert_eq!(outcome("lines = 1, columns = 2", "i\n   s"), [(0, vec![])]);
        assert_eq!(outcome("optional = false", &format!("i{}s", "\n".repeat(500))), [(501, vec![0])]);
    }

    #[test]
    fn every_secret_gets_its_own_part() {
        assert_eq!(outcome("lines = 9", "i\ns\ni\ns"), [(2, vec![0]), (6, vec![4])]);
        assert_eq!(outcome("lines = 9", "s\ni\ns\ni"), [(0, vec![2]), (4, vec![6])]);
        assert_eq!(outcome("lines = 9", "i\ns\ns"), [(2, vec![0]), (4, vec![0])]);
    }

    #[test]
    fn without_an_optional_part_the_secret_stands_alone() {
        assert_eq!(outcome("lines = 1, optional = true", "s"), [(0, vec![])]);
        assert_eq!(outcome("lines = 1", "s"), []);
    }

    #[test]
    fn a_part_makes_the_whole_as_sure_as_itself() {
        let composites = composites("lines = 1");
        let mut kept = found("i s");
        composites.join(b"i s", &mut kept);
        let whole = kept.iter().find(|one| one.candidate.rule == 0).expect("it has its part");
        assert_eq!(whole.confidence, Confidence::High);
    }
}
