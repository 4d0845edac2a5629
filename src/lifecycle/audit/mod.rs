//! The audit: a pure function of findings, known keys, policy and instant. Nothing here reads a file, a clock or the
//! environment.

mod chain;
mod found;
mod group;
mod join;
mod joined;
mod owner;
mod package;
mod quality;
mod remedy;
mod row;
mod ruling;
mod sealed;
mod waiver;

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::inventory::Inventory;
use super::key::{KnownKey, Place, Stated, Status};
use super::owners::Owners;
use super::policy::Policy;
use crate::date::{Precision, show};
use crate::finding::{Confidence, Ends, Finding, Listing, Location, Related, Role, RuleId, Severity};

pub use join::{Join, Kind};
pub use owner::of_row as owner_of;

/// Who can read the repository.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Visibility {
    /// Everyone.
    Public,
    /// Members only.
    Private,
    /// Nobody said; judged as private, with a note.
    #[default]
    Unknown,
}

impl std::str::FromStr for Visibility {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "public" => Ok(Self::Public),
            "private" | "internal" => Ok(Self::Private),
            "unknown" => Ok(Self::Unknown),
            _ => Err(()),
        }
    }
}

/// Which rows are reported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Only rows that a found secret joins, and files that carry values.
    #[default]
    Joined,
    /// Only rows that a found secret joins: nobody's commit breaks on what it does not touch.
    Change,
    /// All rows.
    All,
}

/// What the audit is told besides findings and rows.
#[derive(Clone, Debug)]
pub struct Options {
    /// What is asked of keys.
    pub policy: Policy,
    /// Who owns which path.
    pub owners: Owners,
    /// The instant of the evaluation.
    pub now: DateTime<Utc>,
    /// Who can read the repository.
    pub visibility: Visibility,
    /// Which rows are reported.
    pub scope: Scope,
    /// Whether the run is a gate in CI, where an exposed live key in a private tree is critical too.
    pub gate: bool,
}

impl Options {
    /// The default policy at an instant, nothing known about the repository.
    pub fn new(now: DateTime<Utc>) -> Self {
        let (policy, owners) = (Policy::default(), Owners::default());
        Self { policy, owners, now, visibility: Visibility::default(), scope: Scope::default(), gate: false }
    }
}

/// What the audit gave.
#[derive(Clone, Debug, Default)]
pub struct Audit {
    /// The findings with their verdicts, and the lifecycle findings.
    pub findings: Vec<Finding>,
    /// All rows, where all of them are reported.
    pub listings: Vec<Listing>,
    /// What the reader should know: what could not be compared, what was assumed.
    pub notes: Vec<String>,
}

/// Judges the findings and the rows.
pub fn audit(findings: Vec<Finding>, inventory: &Inventory, options: &Options) -> Audit {
    let context = Context::new(inventory, options);
    // Nothing found, nothing to join: the index costs as much as the rows.
    let joins = if findings.is_empty() { join::Index::of(&[], inventory) } else { join::Index::new(inventory) };
    let mut audit = Audit { findings, ..Audit::default() };
    let mut touched = vec![Vec::new(); inventory.keys.len()];
    let mut cannot_compare = 0;
    for (number, finding) in audit.findings.iter_mut().enumerate() {
        let joined = joins.find(finding);
        cannot_compare += usize::from(joins.cannot_compare(finding) && joined.is_none());
        if let Some(join) = &joined {
            touched[join.row].push(number);
        }
        found::judge(finding, joined.as_ref(), &joins, &context);
        owner::name(finding, joined.map(|join| &inventory.keys[join.row]), options);
    }
    if cannot_compare > 0 {
        audit.notes.push(format!(
            "cannot compare {cannot_compare} found secret(s) with the inventory's fingerprints: they were made with {}; \
             set KEYROT_KEY or --key-file to the project's key",
            joins.key_ids()
        ));
    }
    if options.visibility == Visibility::Unknown && !audit.findings.is_empty() && !inventory.is_empty() {
        audit.notes.push("visibility unknown: judged as private; say --visibility public or private".to_owned());
    }
    let mut rows = context.rows(&audit.findings, &touched);
    rows.extend(audit.findings.iter().filter_map(found::transport));
    if audit.findings.is_empty() {
        audit.findings = rows;
    } else {
        audit.findings.extend(rows);
    }
    if options.scope == Scope::All {
        audit.listings = inventory.keys.iter().map(|key| context.listing(key)).collect();
    }
    audit
}

/// What every check needs.
struct Context<'a> {
    inventory: &'a Inventory,
    options: &'a Options,
    groups: group::Groups,
    chains: chain::Chains,
    waivers: waiver::Waivers<'a>,
}

impl<'a> Context<'a> {
    fn new(inventory: &'a Inventory, options: &'a Options) -> Self {
        let waivers = waiver::Waivers::new(inventory, options.now);
        let (groups, chains) = (group::Groups::new(inventory, options), chain::Chains::new(inventory));
        Self { inventory, options, groups, chains, waivers }
    }

    /// What reports show of a row.
    fn listing(&self, key: &KnownKey) -> Listing {
        self.listing_at(key, self.inventory.location(key.place).label())
    }

    fn listing_at(&self, key: &KnownKey, place: String) -> Listing {
        let expires = match key.expires {
            Stated::Unknown => None,
            Stated::Never => Some(Ends::Never),
            Stated::At(time, _) => Some(Ends::At(time)),
        };
        Listing {
            place,
            label: key.label().to_owned(),
            id: key.id.clone(),
            class: key.class.as_deref().map(RuleId::from),
            owner: owner::of_row(key, self.options).map(std::borrow::Cow::into_owned),
            status: Some(key.status).filter(|status| *status != Status::Unknown).map(Status::name),
            created: key.created.time(),
            not_before: key.not_before.time(),
            rotated: key.rotated.time(),
            since: key.value_since().time(),
            expires,
            last_used: key.last_used.time(),
            revoked: key.revoked.time(),
        }
    }

    fn rows(&self, found: &[Finding], touched: &[Vec<usize>]) -> Vec<Finding> {
        let mut rows = Rows { context: self, findings: Vec::new(), rules: Vec::new(), last: None };
        let wanted = |number: usize| self.options.scope == Scope::All || !touched[number].is_empty();
        group::check(&mut rows, wanted);
        chain::check(&mut rows, wanted, |one, other| self.groups.are_together(one, other));
        if self.options.scope == Scope::All {
            sealed::check(&mut rows);
            waiver::check(&mut rows);
        }
        quality::check(&mut rows, self.options.scope, found.iter().filter_map(joined::first_exposed).max());
        // What is said of rows together is put in among what is said of each, in the order of reports: hundreds of thousands
        // of findings need not be sorted then.
        let mut together = std::mem::take(&mut rows.findings);
        together.sort_unstable_by(Finding::order);
        let mut together = together.into_iter().peekable();
        for (number, key) in self.inventory.keys.iter().enumerate().filter(|(number, _)| wanted(*number)) {
            let start = rows.findings.len();
            let places = touched[number].iter().map(|at| &found[*at]).collect();
            row::check(&mut rows, &row::Row { key, number, found: places });
            let row = rows.findings.get(start).map(|finding| finding.location.clone());
            let earlier = |next: &Finding| row.as_ref().is_some_and(|row| next.location.sort_key() <= row.sort_key());
            while let Some(next) = together.next_if(earlier) {
                rows.findings.push(next);
            }
            rows.findings[start..].sort_unstable_by(Finding::order);
        }
        let mut findings = rows.findings;
        findings.extend(together);
        // Files whose names are in another order than they were given in.
        if !findings.is_sorted_by(|one, other| one.order(other).is_le()) {
            findings.sort_unstable_by(Finding::order);
        }
        findings
    }
}

/// Lifecycle findings as they are made.
struct Rows<'c, 'a> {
    context: &'c Context<'a>,
    findings: Vec<Finding>,
    /// Ids that were given: findings share them.
    rules: Vec<RuleId>,
    /// The row that was last spoken of: its findings share what reports show of it.
    last: Option<Spoken>,
}

/// A row that is spoken of.
struct Spoken {
    /// The address of its key.
    key: usize,
    listing: Arc<Listing>,
    location: Location,
}

impl Rows<'_, '_> {
    fn now(&self) -> DateTime<Utc> {
        self.context.options.now
    }

    fn rule(&mut self, name: &str) -> RuleId {
        let known = self.rules.iter().find(|rule| rule.as_str() == name).cloned();
        known.unwrap_or_else(|| {
            let rule = RuleId::from(name);
            self.rules.push(rule.clone());
            rule
        })
    }

    fn row(&mut self, key: &KnownKey) -> &Spoken {
        let address = std::ptr::from_ref(key).addr();
        let last = self.last.take().filter(|last| last.key == address);
        self.last.insert(last.unwrap_or_else(|| {
            let location = self.context.inventory.location(key.place);
            let listing = Arc::new(self.context.listing_at(key, location.label()));
            Spoken { key: address, listing, location }
        }))
    }

    /// A finding about a place in a file.
    fn at(&mut self, rule: &str, severity: Severity, place: Place, message: String) -> &mut Finding {
        let location = self.context.inventory.location(place);
        self.add(rule, severity, message, location)
    }

    fn add(&mut self, rule: &str, severity: Severity, message: String, location: Location) -> &mut Finding {
        let rule = self.rule(rule);
        self.findings.push(Finding::new(rule, severity, Confidence::High, message, location));
        self.findings.last_mut().expect("one was just added")
    }

    /// A finding about a key, with the vendor's own steps.
    fn about(&mut self, rule: &str, severity: Severity, key: &KnownKey, text: &str) -> &mut Finding {
        let steps = remedy::steps(key, rule);
        let Spoken { listing, location, .. } = self.row(key);
        let (listing, location) = (Arc::clone(listing), location.clone());
        let owner = listing.owner.clone();
        let named = owner.as_ref().map(|owner| format!(" Owner: {owner}.")).unwrap_or_default();
        let message = format!("Key '{}' {text}.{steps}{named}", key.label());
        let overlay = key.overlay.map(|place| self.context.inventory.location(place));
        let suppression = self.context.waivers.suppression(rule, key.id.as_deref());
        let finding = self.add(rule, severity, message, location);
        finding.listing = Some(listing);
        (finding.suppression, finding.owner) = (suppression, owner);
        finding.related.extend(overlay.map(|location| Related { role: Role::Row, location }));
        finding
    }
}

/// Lowers a verdict that a day's precision could overturn.
fn precise(
    severity: Severity,
    limit: DateTime<Utc>,
    now: DateTime<Utc>,
    precision: Precision,
) -> (Severity, &'static str) {
    if precision == Precision::Day && (limit - now).num_hours().abs() <= 24 {
        (severity.lowered(), " (day precision)")
    } else {
        (severity, "")
    }
}

/// `2026-11-22` for midnights, else the instant.
fn shown(time: DateTime<Utc>) -> String {
    let text = show(time);
    text.strip_suffix("T00:00:00Z").map(str::to_owned).unwrap_or(text)
}

#[cfg(test)]
mod tests;
