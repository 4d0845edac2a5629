//! Findings about suppressions themselves.

use crate::finding::{Confidence, Finding, Location, Origin, Region, RuleId, Severity};

/// It no longer holds.
pub(super) const LAPSED: &str = "suppression-lapsed";
/// It cannot be understood or lacks what is required.
pub(super) const INVALID: &str = "suppression-invalid";
/// It hides nothing.
pub(super) const UNUSED: &str = "suppression-unused";
/// It is broader than the policy allows.
pub(super) const TOO_BROAD: &str = "suppression-too-broad";

pub(super) fn about(rule: &str, origin: Origin, region: Region, message: String) -> Finding {
    let severity = if rule == UNUSED { Severity::Info } else { Severity::Medium };
    let location = Location { region: Some(region), ..Location::whole(origin) };
    Finding::new(RuleId::from(rule), severity, Confidence::High, message, location)
}
