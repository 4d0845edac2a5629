//! One result for each secret: the oldest place leads, all others are related to it.

use crate::finding::{Finding, Related, Role};

/// Places that one result names, at most.
const MOST_PLACES: usize = 100;

/// Makes one finding of findings of one secret, the first of which leads.
pub fn one(findings: Vec<Finding>) -> Option<Finding> {
    let mut findings = findings.into_iter();
    let mut lead = findings.next()?;
    into(&mut lead, findings);
    Some(lead)
}

/// Relates further places to the finding that leads, which is as sure as the surest of them.
pub fn into(lead: &mut Finding, findings: impl IntoIterator<Item = Finding>) {
    for finding in findings {
        lead.confidence = lead.confidence.max(finding.confidence);
        let known = finding.location == lead.location
            || lead.related.iter().any(|related| related.location == finding.location);
        if !known && lead.related.len() < MOST_PLACES {
            lead.related.push(Related { role: Role::Occurrence, location: finding.location });
        }
    }
}
