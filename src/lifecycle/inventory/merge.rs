//! Three layers into one row per key: facts of exports, then what overlays add. Nothing is overridden silently.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use super::Issue;
use crate::lifecycle::class;
use crate::lifecycle::key::{KnownKey, Stated, Status};

/// Merges rows of one id. The result does not depend on the order of the rows.
pub fn merge(mut keys: Vec<KnownKey>, issues: &mut Vec<Issue>) -> Vec<KnownKey> {
    // Exports before overlays, newer before older, then by place: the first of a group gives the facts.
    keys.sort_unstable_by(|one, other| {
        let rank = |key: &KnownKey| (key.source.overlay, Reverse(key.source.generated_at), key.place);
        rank(one).cmp(&rank(other)).then_with(|| one.id.cmp(&other.id))
    });
    // A long list is seldom one with repetitions; it is not copied then.
    if has_repetitions(&keys) {
        keys = fold_all(keys, issues);
    }
    keys.iter_mut().for_each(KnownKey::forget_unrecorded_uses);
    keys.iter_mut().for_each(KnownKey::know_that_it_has_no_end);
    keys.sort_unstable_by(|one, other| (one.place, &one.id).cmp(&(other.place, &other.id)));
    keys
}

fn has_repetitions(keys: &[KnownKey]) -> bool {
    let mut seen = HashSet::with_capacity(keys.len());
    !keys.iter().filter_map(|key| key.id.as_deref()).all(|id| seen.insert(id))
}

fn fold_all(keys: Vec<KnownKey>, issues: &mut Vec<Issue>) -> Vec<KnownKey> {
    let mut index: HashMap<String, usize> = HashMap::with_capacity(keys.len());
    let mut merged: Vec<KnownKey> = Vec::with_capacity(keys.len());
    for key in keys {
        let Some(id) = key.id.clone() else {
            merged.push(key);
            continue;
        };
        match index.get(&id) {
            Some(&at) if fits(&merged[at], &key) => fold(&mut merged[at], key, issues),
            Some(_) => merged.push(key),
            None => {
                index.insert(id, merged.len());
                merged.push(key);
            }
        }
    }
    merged
}

/// Rows of one id but of different classes are different keys.
fn fits(one: &KnownKey, other: &KnownKey) -> bool {
    match (&one.class, &other.class) {
        (Some(one), Some(other)) => class::listed(one) == class::listed(other),
        _ => true,
    }
}

fn fold(base: &mut KnownKey, other: KnownKey, issues: &mut Vec<Issue>) {
    let snapshots = base.source.name == other.source.name && base.source.generated_at != other.source.generated_at;
    if snapshots {
        compare_snapshots(base, &other, issues);
        return;
    }
    let mut conflicts: Vec<&str> = Vec::new();
    // The same row twice in one file is a duplicate even if it says the same.
    if base.source == other.source && !base.source.overlay && base.place.file == other.place.file {
        conflicts.push("id");
    }
    for (name, mine, theirs) in [
        ("created", &mut base.created, other.created),
        ("not_before", &mut base.not_before, other.not_before),
        ("rotated", &mut base.rotated, other.rotated),
        ("expires", &mut base.expires, other.expires),
        ("revoked", &mut base.revoked, other.revoked),
        ("last_used", &mut base.last_used, other.last_used),
        ("replaced_at", &mut base.replaced_at, other.replaced_at),
    ] {
        if mine.is_unknown() {
            *mine = theirs;
        } else if !theirs.is_unknown() && !same_time(*mine, theirs) {
            conflicts.push(name);
        }
    }
    base.first_seen = earlier(base.first_seen, other.first_seen);
    if base.status == Status::Unknown {
        base.status = other.status;
    } else if other.status != Status::Unknown && other.status != base.status {
        conflicts.push("status");
    }
    for (name, mine, theirs) in
        [("scopes", &mut base.scopes, other.scopes), ("needed_scopes", &mut base.needed_scopes, other.needed_scopes)]
    {
        fill(name, mine, theirs, |list| sorted(list), &mut conflicts);
    }
    fill("monitor", &mut base.monitor, other.monitor, |list| sorted(list), &mut conflicts);
    base.class = base.class.take().or(other.class);
    for (name, mine, theirs) in [
        ("name", &mut base.name, other.name),
        ("service", &mut base.service, other.service),
        ("environment", &mut base.environment, other.environment),
        ("contact", &mut base.contact, other.contact),
        ("policy", &mut base.policy, other.policy),
        ("replaces", &mut base.replaces, other.replaces),
        ("replaced_by", &mut base.replaced_by, other.replaced_by),
    ] {
        fill(name, mine, theirs, Clone::clone, &mut conflicts);
    }
    // The owner of an export is an account; the overlay names the team.
    if other.source.overlay && other.owner.is_some() {
        base.owner = other.owner;
    } else {
        fill("owner", &mut base.owner, other.owner, Clone::clone, &mut conflicts);
    }
    base.auto_rotate = base.auto_rotate.or(other.auto_rotate);
    base.in_place |= other.in_place;
    base.vendor_says_exposed |= other.vendor_says_exposed;
    base.hint = base.hint.take().or(other.hint);
    extend(&mut base.fingerprints, other.fingerprints);
    extend(&mut base.identifiers, other.identifiers);
    extend(&mut base.endpoints, other.endpoints);
    extend(&mut base.locations, other.locations);
    extend(&mut base.tags, other.tags);
    if !conflicts.is_empty() {
        let text = format!(
            "two rows of key `{}` disagree about {}: the values of {} were used",
            base.label(),
            conflicts.join(", "),
            base.source.name
        );
        issues.push(Issue {
            rule: "duplicate-or-ambiguous",
            text,
            place: other.place,
            other: Some(base.place),
            key: base.id.clone(),
        });
    }
    if base.overlay.is_none() && other.place != base.place {
        base.overlay = Some(other.place);
    }
}

/// Observations of two repositories do not contradict each other: the earlier one says more.
fn earlier(mine: Stated, theirs: Stated) -> Stated {
    match (mine.time(), theirs.time()) {
        (Some(first), Some(second)) if second < first => theirs,
        (None, Some(_)) => theirs,
        _ => mine,
    }
}

/// A day and an instant agree if they lie within that day, in any zone.
fn same_time(one: Stated, other: Stated) -> bool {
    match (one, other) {
        (Stated::At(a, _), Stated::At(b, _)) if one.is_day() || other.is_day() => (a - b).num_hours().abs() <= 38,
        (Stated::At(a, _), Stated::At(b, _)) => a.timestamp() == b.timestamp(),
        _ => one == other,
    }
}

fn fill<T, K: PartialEq>(
    name: &'static str,
    mine: &mut Option<T>,
    theirs: Option<T>,
    view: impl Fn(&T) -> K,
    conflicts: &mut Vec<&str>,
) {
    match (&mine, theirs) {
        (_, None) => {}
        (None, theirs) => *mine = theirs,
        (Some(known), Some(other)) if view(known) != view(&other) => conflicts.push(name),
        _ => {}
    }
}

fn sorted(list: &[String]) -> Vec<String> {
    let mut sorted = list.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    sorted
}

fn extend<T: PartialEq>(mine: &mut Vec<T>, theirs: Vec<T>) {
    for one in theirs {
        if !mine.contains(&one) {
            mine.push(one);
        }
    }
}

/// The newer of two exports of one source wins; a moved rotation date with the same value is a finding.
fn compare_snapshots(newer: &KnownKey, older: &KnownKey, issues: &mut Vec<Issue>) {
    let (Some(now), Some(then)) = (newer.rotated.time(), older.rotated.time()) else { return };
    let same = newer.fingerprints.iter().find(|print| older.fingerprints.contains(print));
    if now != then && same.is_some() {
        let text = format!(
            "key `{}` was rotated {} according to the newer listing, and its value is that of the older one",
            newer.label(),
            crate::date::show(now)
        );
        issues.push(Issue {
            rule: "rotated-same-value",
            text,
            place: newer.place,
            other: Some(older.place),
            key: newer.id.clone(),
        });
    }
}
