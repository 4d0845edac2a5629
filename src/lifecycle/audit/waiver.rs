//! Waivers: deviations that an inventory accepts for one key and one rule, through a last day and with a reason. On a row they
//! mark the finding; on a found secret they take back the one verdict that they name.

use std::collections::HashMap;

use super::Rows;
use crate::date::day_end;
use crate::finding::{Severity, SuppressedBy, Suppression};
use crate::lifecycle::inventory::{Inventory, Waiver};
use crate::lifecycle::key::KnownKey;

/// The waivers that hold, by key and rule.
pub struct Waivers<'i> {
    inventory: &'i Inventory,
    holding: HashMap<(&'i str, &'i str), &'i Waiver>,
}

impl<'i> Waivers<'i> {
    /// Those of the inventory that hold at `now`: the last day counts.
    pub fn new(inventory: &'i Inventory, now: chrono::DateTime<chrono::Utc>) -> Self {
        let holds =
            |waiver: &&Waiver| waiver.until.is_some_and(|until| now < day_end(until)) && waiver.reason.is_some();
        let named = |waiver: &'i Waiver| Some(((waiver.id.as_str(), waiver.covers.as_ref()?.as_str()), waiver));
        Self { inventory, holding: inventory.waivers.iter().filter(holds).filter_map(named).collect() }
    }

    /// What hides a finding of the rule about the key.
    pub fn suppression(&self, rule: &str, id: Option<&str>) -> Option<Suppression> {
        let waiver = self.holding.get(&(id?, rule))?;
        Some(Suppression {
            by: SuppressedBy::Waiver,
            reason: waiver.reason.clone(),
            until: waiver.until,
            place: self.inventory.location(waiver.place).label(),
        })
    }

    /// What takes back a verdict of the rule about the key: until when, where and why.
    pub fn sentence(&self, rule: &str, key: &KnownKey) -> Option<String> {
        let Suppression { reason, until, place, .. } = self.suppression(rule, key.id.as_deref())?;
        let (reason, until) = (reason.unwrap_or_default(), until.map(|until| until.to_string()).unwrap_or_default());
        Some(format!("Waived until {until} in '{place}': {}.", reason.trim_end_matches('.')))
    }
}

/// Waivers that hold nothing, and why.
pub fn check(rows: &mut Rows<'_, '_>) {
    let inventory = rows.context.inventory;
    for waiver in &inventory.waivers {
        let what = match (&waiver.covers, waiver.until, &waiver.reason) {
            (None, ..) => "names a rule that does not exist".to_owned(),
            (_, None, _) => "has no last day (`until`)".to_owned(),
            (.., None) => "has no reason".to_owned(),
            (_, Some(until), _) if rows.now() >= day_end(until) => format!("ended {until}"),
            _ => continue,
        };
        let message = format!("The waiver of {} for key '{}' {what}.", waiver.rule, waiver.id);
        rows.at("waiver-expired", Severity::High, waiver.place, message);
    }
}
