//! What was to be remediated, masked: written beside the values in clear, read by the check afterwards.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Leak;
use crate::finding::Finding;

/// Everything that one run handed out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The keys.
    pub leaks: Vec<Recorded>,
}

/// One key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    /// The rule that found it.
    pub rule: String,
    /// The rule's name.
    pub name: String,
    /// The masked value.
    pub redacted: String,
    /// The names it was assigned to, by path.
    pub slots: BTreeSet<(String, Option<String>)>,
    /// Which lines of the replacement file are its own, counted from 0. None: it is too short, or was never committed.
    pub lines: Vec<usize>,
}

impl Recorded {
    /// The key without its value.
    pub fn of(leak: &Leak, lines: Vec<usize>) -> Self {
        Self {
            rule: leak.rule.to_string(),
            name: leak.name.clone(),
            redacted: leak.redacted.clone(),
            slots: leak.slots.clone(),
            lines,
        }
    }

    /// The keys that stand in its slots now. The old value is looked for on its own: what stands here is another.
    pub fn successors<'f>(&self, found: &'f [Finding]) -> Vec<&'f Finding> {
        let in_slot = |finding: &&Finding| {
            let place = (finding.location.origin.path().to_owned(), finding.context.slot.clone());
            finding.secret.is_some() && place.1.is_some() && self.slots.contains(&place)
        };
        found.iter().filter(in_slot).collect()
    }
}
