//! Rules about rows together: successors, overlaps, one key in several uses, one name for several keys.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::{Options, Rows, shown};
use crate::finding::{Related, Role, Severity};
use crate::lifecycle::inventory::Inventory;
use crate::lifecycle::key::{KnownKey, Stated};

/// Most keys of one use that may be alive at once.
const MOST: usize = 2;

/// Keys of one class, service and environment.
pub struct Groups {
    /// The group of each row that names its use.
    of: Vec<Option<usize>>,
    members: Vec<Vec<usize>>,
    /// For each group, from which instant on which live keys last longest.
    latest: Vec<Vec<Latest>>,
}

/// The two latest ends among the keys that are valid from an instant on, with their rows; never is later than any.
struct Latest {
    from: DateTime<Utc>,
    ends: Vec<(DateTime<Utc>, usize)>,
}

impl Groups {
    /// Sorts the rows into groups.
    pub fn new(inventory: &Inventory, options: &Options) -> Self {
        let mut index: HashMap<(Option<&str>, &str, &str), usize> = HashMap::new();
        let mut groups = Self { of: Vec::new(), members: Vec::new(), latest: Vec::new() };
        for (number, key) in inventory.keys.iter().enumerate() {
            let (Some(service), Some(environment)) = (&key.service, &key.environment) else {
                groups.of.push(None);
                continue;
            };
            let group = *index.entry((key.class.as_deref(), service, environment)).or_insert_with(|| {
                groups.members.push(Vec::new());
                groups.members.len() - 1
            });
            groups.of.push(Some(group));
            if key.is_live(options.now) {
                groups.members[group].push(number);
            }
        }
        groups.latest = groups.members.iter().map(|members| latest(members, inventory)).collect();
        groups
    }

    /// Whether another live key of the row's use is valid by `end` and ends later.
    pub fn outlives(&self, number: usize, end: DateTime<Utc>) -> bool {
        let Some(group) = self.of.get(number).copied().flatten() else { return false };
        let valid = self.latest[group].partition_point(|latest| latest.from <= end);
        let Some(latest) = valid.checked_sub(1).map(|last| &self.latest[group][last]) else { return false };
        latest.ends.iter().any(|(other, row)| *row != number && *other > end)
    }

    /// Whether two rows are of one use.
    pub fn are_together(&self, one: usize, other: usize) -> bool {
        self.of[one].is_some() && self.of[one] == self.of[other]
    }
}

/// One entry for each instant at which the answer changes: nearly always one, because few rows say from when they are valid.
fn latest(members: &[usize], inventory: &Inventory) -> Vec<Latest> {
    let end = |key: &KnownKey| match key.expires {
        Stated::Unknown => None,
        Stated::Never => Some(DateTime::<Utc>::MAX_UTC),
        Stated::At(end, _) => Some(end),
    };
    let keys = members.iter().map(|&number| (&inventory.keys[number], number));
    let mut spans: Vec<(DateTime<Utc>, DateTime<Utc>, usize)> =
        keys.filter_map(|(key, number)| Some((key.starts(), end(key)?, number))).collect();
    spans.sort_unstable();
    let mut all: Vec<Latest> = Vec::new();
    for (from, end, row) in spans {
        let mut ends = all.last().map(|last| last.ends.clone()).unwrap_or_default();
        ends.push((end, row));
        ends.sort_unstable_by_key(|(end, row)| (std::cmp::Reverse(*end), *row));
        ends.truncate(2);
        match all.last_mut() {
            Some(last) if last.from == from => last.ends = ends,
            Some(last) if last.ends == ends => {}
            _ => all.push(Latest { from, ends }),
        }
    }
    all
}

/// The checks over groups; `wanted` says which rows are reported.
pub fn check(rows: &mut Rows<'_, '_>, wanted: impl Fn(usize) -> bool) {
    overlaps(rows, &wanted);
    shared(rows, &wanted);
    names(rows, &wanted);
}

fn overlaps(rows: &mut Rows<'_, '_>, wanted: &impl Fn(usize) -> bool) {
    let (inventory, now) = (rows.context.inventory, rows.now());
    for members in &rows.context.groups.members {
        if members.len() < 2 {
            continue;
        }
        let mut live: Vec<(&KnownKey, bool)> =
            members.iter().map(|number| (&inventory.keys[*number], wanted(*number))).collect();
        live.sort_by_key(|(key, _)| (key.created, key.place));
        // The oldest is to go; a scan speaks of the oldest that it met.
        let Some(at) = live.iter().position(|(_, wanted)| *wanted) else { continue };
        let (oldest, newest) = (live[at].0, live[live.len() - 1].0);
        let overlap = rows.context.options.policy.profile(newest).overlap;
        let long = match newest.created {
            Stated::At(created, _) => overlap.after(created).is_some_and(|end| now > end),
            _ => false,
        };
        if !long && live.len() <= MOST {
            continue;
        }
        let text = format!(
            "is one of {} active keys of {}/{}; the newest, '{}', was made {}",
            live.len(),
            oldest.service.as_deref().unwrap_or("?"),
            oldest.environment.as_deref().unwrap_or("?"),
            newest.label(),
            newest.created.time().map_or("at an unknown time".to_owned(), shown),
        );
        live.remove(at);
        let others = related(inventory, live.into_iter().map(|(key, _)| key));
        rows.about("overlap-too-long", Severity::Medium, oldest, &text).related.extend(others);
    }
}

/// One fingerprint or public identifier in two services, environments or owners; in one use, the same key twice.
fn shared(rows: &mut Rows<'_, '_>, wanted: &impl Fn(usize) -> bool) {
    let inventory = rows.context.inventory;
    let mut uses: HashMap<&str, Vec<usize>> = HashMap::new();
    for (number, key) in inventory.keys.iter().enumerate() {
        let identifiers = key.identifiers.iter().map(|(_, value)| value.as_str());
        let mut all: Vec<&str> = key.fingerprints.iter().map(String::as_str).chain(identifiers).collect();
        all.sort_unstable();
        all.dedup();
        for one in all {
            uses.entry(one).or_default().push(number);
        }
    }
    let mut told: Vec<Vec<usize>> = Vec::new();
    for members in uses.into_values().filter(|members| members.len() > 1) {
        let keys: Vec<&KnownKey> = members.iter().map(|number| &inventory.keys[*number]).collect();
        let differ = |view: fn(&KnownKey) -> Option<&str>| {
            let mut seen: Vec<&str> = keys.iter().filter_map(|key| view(key)).collect();
            seen.sort_unstable();
            seen.dedup();
            (seen.len() > 1).then(|| seen.join(", "))
        };
        let what = [
            ("environments", differ(|key| key.environment.as_deref())),
            ("services", differ(|key| key.service.as_deref())),
            ("owners", differ(|key| key.owner.as_deref())),
        ];
        let different: Vec<String> =
            what.into_iter().filter_map(|(name, seen)| seen.map(|seen| format!("{name} {seen}"))).collect();
        let Some(at) = members.iter().position(|number| wanted(*number)) else { continue };
        if told.contains(&members) {
            continue;
        }
        let (rule, severity, text) = if different.is_empty() {
            let text = format!("carries the fingerprint or public identifier of {} other rows", members.len() - 1);
            ("duplicate-or-ambiguous", Severity::Medium, text)
        } else {
            ("shared-across", Severity::High, format!("is used by different {}", different.join(" and ")))
        };
        let others = related(inventory, keys.iter().copied().filter(|key| key.place != keys[at].place));
        rows.about(rule, severity, keys[at], &text).related.extend(others);
        told.push(members);
    }
}

/// The first few of the other rows.
fn related<'k>(inventory: &Inventory, keys: impl Iterator<Item = &'k KnownKey>) -> Vec<Related> {
    keys.take(8).map(|key| Related { role: Role::Row, location: inventory.location(key.place) }).collect()
}

/// A name among keys of one class and environment.
type Name<'k> = (&'k str, Option<&'k str>, Option<&'k str>);

fn names(rows: &mut Rows<'_, '_>, wanted: &impl Fn(usize) -> bool) {
    let inventory = rows.context.inventory;
    let mut by_name: HashMap<Name<'_>, Vec<usize>> = HashMap::new();
    for (number, key) in inventory.keys.iter().enumerate().filter(|(_, key)| key.is_live(rows.now())) {
        if let Some(name) = key.name.as_deref().filter(|name| !name.is_empty()) {
            by_name.entry((name, key.class.as_deref(), key.environment.as_deref())).or_default().push(number);
        }
    }
    for members in by_name.into_values().filter(|members| members.len() > 1) {
        if let Some(first) = members.iter().find(|number| wanted(**number)) {
            let text = format!("shares its name with {} other active keys", members.len() - 1);
            rows.about("poor-name", Severity::Info, &inventory.keys[*first], &text);
        }
    }
}
