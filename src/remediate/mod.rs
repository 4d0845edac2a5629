//! What to do about keys that leaked: rotate, replace by a reference to the project's secret store, purge from history, and
//! check that it is done. Pure: texts are read and written by the caller.

mod record;
mod search;
mod store;

use std::collections::{BTreeMap, BTreeSet};

pub use record::{Record, Recorded};
pub use search::{rule_id, rules_for};
pub use store::{Store, Stores};

use crate::finding::{Exposure, Finding, Location, Origin, Role, RuleId};
use crate::rule::RuleSet;
use crate::secret::Fingerprint;

/// One key that leaked, with everything that is known about where it stands.
#[derive(Clone, Debug)]
pub struct Leak {
    /// The rule that found it.
    pub rule: RuleId,
    /// The rule's name.
    pub name: String,
    /// The masked value.
    pub redacted: String,
    /// The stable print, where there is one.
    pub print: Option<String>,
    /// Where it stands now, in files of the work tree.
    pub now: Vec<Location>,
    /// Where else it stood, in commits: the oldest place of each path.
    pub past: Vec<Location>,
    /// The names it is assigned to, by path.
    pub slots: BTreeSet<(String, Option<String>)>,
    /// What history says.
    pub exposure: Option<Box<Exposure>>,
    /// Whether it stands encoded, so that the text is not the value.
    pub encoded: bool,
    /// Where to rotate it, and how.
    pub rotate: (Option<String>, Option<String>),
}

/// The findings about the secrets that are meant: by a print or its beginning, a rule, a path or a glob of paths. A secret that
/// is meant in one place is meant wherever it stands.
pub fn choose<'f>(findings: &[&'f Finding], choices: &[String]) -> Vec<&'f Finding> {
    let globs: Vec<_> = choices.iter().filter_map(|choice| globset::Glob::new(choice).ok()).collect();
    let globs: Vec<_> = globs.iter().map(globset::Glob::compile_matcher).collect();
    let in_path = |path: &str| {
        globs.iter().any(|glob| glob.is_match(path))
            || choices.iter().any(|choice| {
                let rest = path.strip_prefix(choice.trim_end_matches('/'));
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
    };
    let is_meant = |finding: &Finding, prints: &[String]| {
        let named = |choice: &String| {
            choice == finding.rule.as_str()
                || (choice.starts_with("kr1:") && prints.iter().any(|print| print.starts_with(choice.as_str())))
        };
        let places = std::iter::once(&finding.location).chain(finding.related.iter().map(|one| &one.location));
        choices.is_empty() || choices.iter().any(named) || { places }.any(|place| in_path(place.origin.path()))
    };
    let meant: BTreeSet<&Fingerprint> = findings
        .iter()
        .filter_map(|finding| {
            let secret = finding.secret.as_ref()?;
            let prints = [Some(&secret.fingerprint), secret.marks.salted.as_ref()];
            let prints: Vec<String> = prints.into_iter().flatten().map(Fingerprint::to_string).collect();
            is_meant(finding, &prints).then_some(&secret.fingerprint)
        })
        .collect();
    let of_them =
        |finding: &&&Finding| finding.secret.as_ref().is_some_and(|secret| meant.contains(&secret.fingerprint));
    findings.iter().filter(of_them).copied().collect()
}

/// The keys that findings are about, the most severe first.
pub fn leaks<'f>(findings: impl Iterator<Item = &'f Finding>, rules: &RuleSet) -> Vec<Leak> {
    let mut leaks: BTreeMap<&Fingerprint, (std::cmp::Reverse<crate::finding::Severity>, Leak)> = BTreeMap::new();
    for finding in findings {
        let Some(secret) = &finding.secret else { continue };
        let (severity, leak) = leaks.entry(&secret.fingerprint).or_insert_with(|| {
            let rule = rules.get(finding.rule.as_str());
            let definition = rule.map(|rule| &rule.definition);
            let print = &secret.fingerprint;
            let leak = Leak {
                rule: finding.rule.clone(),
                name: definition.map_or_else(|| finding.rule.to_string(), |definition| definition.name.clone()),
                redacted: secret.redacted.to_string(),
                print: print.is_stable().then(|| print.to_string()),
                now: Vec::new(),
                past: Vec::new(),
                slots: BTreeSet::new(),
                exposure: None,
                encoded: false,
                rotate: definition.map(|one| (one.rotate.url.clone(), one.rotate.steps.clone())).unwrap_or_default(),
            };
            (std::cmp::Reverse(finding.severity), leak)
        });
        *severity = (*severity).min(std::cmp::Reverse(finding.severity));
        leak.add(finding);
    }
    let mut list: Vec<_> = leaks.into_values().collect();
    list.sort_by(|one, other| (one.0, &one.1.rule, one.1.first()).cmp(&(other.0, &other.1.rule, other.1.first())));
    list.into_iter().map(|(_, leak)| leak).collect()
}

impl Leak {
    fn add(&mut self, finding: &Finding) {
        // Of a pair only the pass half is secret; where else the pair stands, the half's own place is not known.
        let of = |role| finding.related.iter().filter(move |one| one.role == role).map(|one| &one.location);
        let mut places: Vec<&Location> = of(Role::Pass).collect();
        if places.is_empty() {
            places.push(&finding.location);
            places.extend(of(Role::Occurrence));
        }
        for place in places {
            match place.origin {
                Origin::File { .. } => self.now.push(place.clone()),
                Origin::Commit { .. } => self.past.push(place.clone()),
                _ => {}
            }
        }
        self.encoded |= !finding.context.layers.is_empty();
        self.slots.insert((finding.location.origin.path().to_owned(), finding.context.slot.clone()));
        self.exposure = self.exposure.take().or_else(|| finding.exposure.clone());
    }

    /// The name of its first place.
    fn first(&self) -> String {
        self.now.iter().chain(&self.past).next().map(Location::label).unwrap_or_default()
    }

    /// The name that a reference to it may have: that of its slot, in capitals.
    pub fn reference_name(&self) -> String {
        let slot = self.slots.iter().find_map(|(_, name)| name.as_deref()).unwrap_or(self.rule.as_str());
        let last = slot.rsplit(['.', '/']).next().unwrap_or(slot);
        let mut name = String::new();
        for letter in last.chars() {
            match letter {
                _ if letter.is_ascii_uppercase() && name.ends_with(|before: char| before.is_ascii_lowercase()) => {
                    name.extend(['_', letter]);
                }
                _ if letter.is_ascii_alphanumeric() => name.push(letter),
                _ if !name.ends_with('_') => name.push('_'),
                _ => {}
            }
        }
        name.trim_matches('_').to_ascii_uppercase()
    }

    /// Whether any commit has it.
    pub fn is_committed(&self) -> bool {
        !self.past.is_empty() || self.exposure.is_some()
    }
}
