//! Keys as people count them: all findings of one secret, and of its row in a listing, are about one key.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::{RenderOptions, Report};
use crate::finding::{Ends, Finding, Listing, RuleId, Severity};
use crate::rule::Definition;

/// One key with all that is known about it; or one finding that is about no key, such as a suppression that hides nothing.
pub(super) struct Key<'r> {
    /// In the order of their places; none for a listed key that nothing is wrong with.
    pub(super) findings: Vec<&'r Finding>,
    /// Its row.
    pub(super) listing: Option<&'r Listing>,
    /// The rule that finds such keys, else the rule of the finding.
    pub(super) rule: Option<&'r Definition>,
}

/// What tells one key from another.
#[derive(PartialEq, Eq, Hash)]
enum Identity<'r> {
    Row(&'r str),
    Secret(usize),
}

/// All keys in the order of their first places, then the listed ones without findings.
pub(super) fn all<'r>(report: &'r Report, options: &RenderOptions) -> Vec<Key<'r>> {
    let rules: HashMap<&RuleId, &Definition> = report.rules.iter().map(|rule| (&rule.id, &*rule.definition)).collect();
    let row = |finding: &'r Finding| finding.listing.as_ref().map(|listing| listing.place.as_str());
    // A secret that some place joins to a row is that row's key at all of its places.
    let joined: HashMap<usize, &str> =
        report.shown_with_groups(options).filter_map(|(finding, group)| Some((group?, row(finding)?))).collect();
    let mut keys: Vec<Key<'r>> = Vec::new();
    let mut known: HashMap<Identity<'r>, usize> = HashMap::new();
    for (finding, group) in report.shown_with_groups(options) {
        let row = row(finding).or_else(|| joined.get(&group?).copied());
        let identity = row.map(Identity::Row).or(group.map(Identity::Secret));
        let index = match identity {
            Some(identity) => *known.entry(identity).or_insert(keys.len()),
            None => keys.len(),
        };
        if index == keys.len() {
            keys.push(Key { findings: Vec::new(), listing: None, rule: None });
        }
        keys[index].add(finding);
    }
    let unremarkable = report.listings.iter().filter(|listing| !known.contains_key(&Identity::Row(&listing.place)));
    keys.extend(unremarkable.map(|listing| Key { findings: Vec::new(), listing: Some(listing), rule: None }));
    for key in &mut keys {
        key.rule = key.class().and_then(|class| rules.get(class).copied());
    }
    keys
}

impl<'r> Key<'r> {
    fn add(&mut self, finding: &'r Finding) {
        self.listing = self.listing.or(finding.listing.as_deref());
        self.findings.push(finding);
    }

    /// The rule of the secret, the class of the row, or the rule of what was found.
    fn class(&self) -> Option<&'r RuleId> {
        let secret = self.exposed().next().map(|finding| &finding.rule);
        let listed = || self.listing.and_then(|listing| listing.class.as_ref());
        secret.or_else(listed).or_else(|| self.findings.first().map(|finding| &finding.rule))
    }

    /// The places at which its value stands.
    pub(super) fn exposed(&self) -> impl Iterator<Item = &'r Finding> + use<'r, '_> {
        self.findings.iter().copied().filter(|finding| finding.secret.is_some())
    }

    /// The places of its findings, each once, those of its value first.
    pub(super) fn places(&self) -> Vec<&'r Finding> {
        let (value, other): (Vec<_>, Vec<_>) =
            self.findings.iter().copied().partition(|finding| finding.secret.is_some());
        let mut seen = HashSet::new();
        value.into_iter().chain(other).filter(|finding| seen.insert(finding.location.sort_key())).collect()
    }

    /// Whether it is a key at all.
    pub(super) fn is_key(&self) -> bool {
        self.listing.is_some() || self.exposed().next().is_some()
    }

    /// The worst of what is open; none where nothing is.
    pub(super) fn severity(&self) -> Option<Severity> {
        let open = self.findings.iter().filter(|finding| finding.suppression.is_none());
        open.map(|finding| finding.severity).max()
    }

    /// Whether everything about it is suppressed.
    pub(super) fn is_suppressed(&self) -> bool {
        !self.findings.is_empty() && self.severity().is_none()
    }

    /// What kind of key it is.
    pub(super) fn name(&self) -> &'r str {
        let rule = || self.findings.first().map(|finding| finding.rule.as_str());
        self.rule.map(|rule| rule.name.as_str()).or_else(rule).unwrap_or("Listed key")
    }

    /// Whose key it is.
    pub(super) fn provider(&self) -> &'r str {
        self.rule.map_or("unknown", |rule| &rule.provider)
    }

    /// Who answers for it.
    pub(super) fn owner(&self) -> Option<&'r str> {
        self.listing.and_then(|listing| listing.owner.as_deref())
    }

    /// Since when it has its value: what its listing says, what it states itself, or the first commit that carried it.
    pub(super) fn since(&self) -> Option<DateTime<Utc>> {
        let listed = self.listing.and_then(|listing| listing.since);
        let stated = || self.findings.iter().filter_map(|finding| finding.evidence.created).min();
        listed.or_else(stated).or_else(|| self.first_exposed())
    }

    /// The first commit that carried it, as committers state.
    pub(super) fn first_exposed(&self) -> Option<DateTime<Utc>> {
        self.findings.iter().filter_map(|finding| finding.exposure.as_ref()).map(|exposure| exposure.first.1).min()
    }

    /// When it ends: what its listing says, else the first end that it states itself.
    pub(super) fn expires(&self) -> Option<Ends> {
        let listed = self.listing.and_then(|listing| listing.expires);
        listed.or_else(|| self.findings.iter().filter_map(|finding| finding.evidence.expires).min())
    }

    /// Whether its end is past.
    pub(super) fn has_ended(&self, now: DateTime<Utc>) -> bool {
        matches!(self.expires(), Some(Ends::At(time)) if time <= now)
    }
}
