//! Files of encrypted values: the day they last changed is the newest that any value in them can be. A fact of the
//! repository, not of a vendor: such a file is asked for nothing but its age.

use std::sync::Arc;

use super::Rows;
use super::row::Overdue;
use crate::finding::{Confidence, Finding, RuleId, Sealed};
use crate::lifecycle::key::{Gives, KnownKey, Place, Source, Stated};

/// The age of every file.
pub fn check(rows: &mut Rows<'_, '_>) {
    for file in &rows.context.inventory.sealed {
        let key = as_key(file);
        let profile = rows.context.options.policy.profile(&key);
        let Some(overdue) = Overdue::of(&key, profile, rows.now()) else { continue };
        let message = format!(
            "The values in '{}' last changed {} ({} states it).",
            file.location.origin.path(),
            overdue.text(profile),
            file.tool
        );
        let rule = RuleId::from("rotation-overdue");
        rows.findings.push(Finding::new(rule, overdue.severity, Confidence::High, message, file.location.clone()));
    }
}

/// The file as policies look at keys: its path is its id and its name, its tool the start of its class.
fn as_key(file: &Sealed) -> KnownKey {
    let source = Source::new(file.tool, Gives::ROTATED);
    let mut key = KnownKey::new(Arc::new(source), Place::default());
    let path = file.location.origin.path();
    (key.id, key.name) = (Some(path.to_owned()), Some(path.to_owned()));
    key.class = Some(format!("{}-file", file.tool));
    key.in_place = true;
    key.rotated = Stated::exact(file.modified);
    key
}
