//! Verdicts before they are given: each with what it does to the severity, so that a waiver can take one back with its effect
//! and leave the others.

use super::Context;
use crate::finding::{Finding, RuleId, Severity, Verdict};
use crate::lifecycle::key::KnownKey;

/// What a verdict does to the severity of its finding. They work in this order, whatever order the verdicts stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Sets it; of several the highest counts.
    Is(Severity),
    /// Raises it to this.
    AtLeast(Severity),
    /// Lowers it to this.
    AtMost(Severity),
    /// Raises it one step, unless it is a mere note.
    Raises,
    /// Critical, whatever the others say.
    Incident,
    /// Says something only.
    Tells,
}

/// The verdicts of one finding.
#[derive(Debug, Default)]
pub struct Rulings(Vec<(&'static str, String, Effect)>);

impl Rulings {
    /// Adds one.
    pub fn say(&mut self, rule: &'static str, effect: Effect, text: String) {
        self.0.push((rule, text, effect));
    }

    /// Says what one that was added does after all.
    pub fn weigh(&mut self, rule: &str, effect: Effect) {
        for (_, _, known) in self.0.iter_mut().filter(|(name, ..)| *name == rule) {
            *known = effect;
        }
    }

    /// Gives them to the finding. `row` is the row that it joins, and whether the join is certain: a weak one may warn, it
    /// may not calm.
    pub fn settle(self, finding: &mut Finding, row: Option<(&KnownKey, bool)>, context: &Context<'_>) {
        let certain = row.is_none_or(|(_, certain)| certain);
        let mut effects = Vec::new();
        for (rule, text, effect) in self.0 {
            let taken_back = row.and_then(|(key, _)| context.waivers.sentence(rule, key));
            let waived = taken_back.is_some();
            finding.verdicts.push(Verdict { rule: RuleId::from(rule), text: taken_back.unwrap_or(text), waived });
            effects.extend((!waived).then_some(effect));
        }
        effects.sort();
        finding.severity = severity(finding.severity, &effects, certain);
    }
}

fn severity(own: Severity, effects: &[Effect], certain: bool) -> Severity {
    let set = effects.iter().filter_map(|effect| if let Effect::Is(set) = effect { Some(*set) } else { None }).max();
    let start = match set {
        Some(set) if certain => set,
        Some(set) => own.max(set),
        None => own,
    };
    effects.iter().fold(start, |now, effect| match effect {
        Effect::AtLeast(least) => now.max(*least),
        Effect::AtMost(most) if certain => now.min(*most),
        Effect::Raises if now > Severity::Info => now.raised(),
        Effect::Incident => Severity::Critical,
        _ => now,
    })
}
