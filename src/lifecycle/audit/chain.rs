//! Rotation chains: which row took over from which, as `replaces` and `replaced_by` say.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::{Rows, shown};
use crate::finding::{Related, Role, Severity};
use crate::lifecycle::class;
use crate::lifecycle::inventory::Inventory;
use crate::lifecycle::key::{KnownKey, Status};

/// The successors that rows name, from either end of a chain.
pub struct Chains {
    /// By the row that was replaced.
    successors: HashMap<usize, Vec<usize>>,
}

impl Chains {
    /// Follows every link whose other end is a row.
    pub fn new(inventory: &Inventory) -> Self {
        let linked = |key: &&KnownKey| key.replaces.is_some() || key.replaced_by.is_some();
        let mut successors: HashMap<usize, Vec<usize>> = HashMap::new();
        // Most inventories have no chains: rows are indexed by id only where one is named.
        if inventory.keys.iter().any(|key| linked(&key)) {
            let numbered = || inventory.keys.iter().enumerate();
            let ids: HashMap<&str, usize> =
                numbered().filter_map(|(number, key)| Some((key.id.as_deref()?, number))).collect();
            let row = |id: &Option<String>| ids.get(id.as_deref()?).copied();
            for (number, key) in numbered().filter(|(_, key)| linked(key)) {
                let forward = row(&key.replaced_by).map(|next| (number, next));
                let back = row(&key.replaces).map(|old| (old, number));
                for (old, next) in forward.into_iter().chain(back).filter(|(old, next)| old != next) {
                    let known = successors.entry(old).or_default();
                    if !known.contains(&next) {
                        known.push(next);
                    }
                }
            }
        }
        Self { successors }
    }

    /// The rows that took over from this one.
    pub fn of(&self, number: usize) -> &[usize] {
        self.successors.get(&number).map_or(&[], Vec::as_slice)
    }
}

/// Why a row that is named as the successor of a key that ends at `end` is none in time.
pub fn unfit(key: &KnownKey, end: DateTime<Utc>, now: DateTime<Utc>) -> Option<String> {
    if !key.is_live(now) {
        Some(format!("its successor '{}' is not active", key.label()))
    } else if key.starts() > end {
        Some(format!("its successor '{}' is valid from {} only", key.label(), shown(key.starts())))
    } else if key.expires.time().is_some_and(|other| other <= end) {
        Some(format!("its successor '{}' does not last longer", key.label()))
    } else {
        None
    }
}

/// Keys that live on long after their successor took over. `told` says whether the overlap of two rows is said already.
pub fn check(rows: &mut Rows<'_, '_>, wanted: impl Fn(usize) -> bool, told: impl Fn(usize, usize) -> bool) {
    let (inventory, now) = (rows.context.inventory, rows.now());
    for (number, key) in inventory.keys.iter().enumerate() {
        let live = |next: &usize| inventory.keys[*next].is_live(now) && !told(number, *next);
        let next = rows.context.chains.of(number).iter().copied().find(live);
        // That a store keeps an old version does not say that the version still opens anything.
        let kept = key.status == Status::Unknown && key.class.as_deref().is_some_and(class::is_store);
        if !key.is_live(now) || kept || !wanted(number) || next.is_none() && key.replaced_at.time().is_none() {
            continue;
        }
        let next = next.map(|next| &inventory.keys[next]);
        let since =
            key.replaced_at.time().or_else(|| next.and_then(|next| Some(next.created.time()?.max(next.starts()))));
        let overlap = rows.context.options.policy.profile(key).overlap;
        let Some(since) = since.filter(|since| overlap.after(*since).is_some_and(|end| now > end)) else { continue };
        let by = next.map(|next| format!(" by '{}'", next.label())).unwrap_or_default();
        let text = format!("was replaced{by} {} and is still active", shown(since));
        let row = next.map(|next| Related { role: Role::Row, location: inventory.location(next.place) });
        rows.about("overlap-too-long", Severity::Medium, key, &text).related.extend(row);
    }
}
