//! The one judge of suppressions: inline allows and ignores of the configuration, applied in one place. Findings are
//! marked, never deleted, and a suppression that has lapsed or suppresses nothing is reported.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use globset::{Glob, GlobSet, GlobSetBuilder};

use crate::finding::{Allow, Confidence, Finding, Location, Origin, RuleId, Severity, SuppressedBy, Suppression};

/// The declared rule of a suppression that no longer holds.
pub const LAPSED: &str = "suppression-lapsed";
/// The declared rule of a suppression that cannot be understood or lacks what is required.
pub const INVALID: &str = "suppression-invalid";

/// An entry of the configuration that hides findings.
#[derive(Clone, Debug)]
pub struct Ignore {
    /// Globs of paths, relative to the repository root; empty is all.
    pub paths: Vec<String>,
    /// Rule ids; empty is all.
    pub rules: Vec<String>,
    /// Why.
    pub reason: String,
    /// The last day it holds, inclusive.
    pub until: Option<NaiveDate>,
    /// Where it is written: `path:line`.
    pub place: String,
}

/// How suppressions are judged.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Entries of the configuration.
    pub ignores: Vec<Ignore>,
    /// Pay no attention to allow comments.
    pub no_inline_allow: bool,
}

/// Marks the findings that are suppressed on `today`, and adds a finding for each suppression that has lapsed or has a
/// mistake in it.
pub fn apply(
    mut findings: Vec<Finding>,
    allows: &BTreeMap<Origin, Vec<Allow>>,
    options: &Options,
    today: NaiveDate,
) -> Vec<Finding> {
    let ignores: Vec<(&Ignore, Option<GlobSet>)> =
        options.ignores.iter().map(|ignore| (ignore, path_globs(&ignore.paths))).collect();
    for finding in &mut findings {
        let inline = allows.get(&finding.location.origin).filter(|_| !options.no_inline_allow);
        let inline = inline.and_then(|allows| allows.iter().find(|allow| allow_covers(allow, finding, today)));
        let written = inline.map(|allow| by_allow(allow, &finding.location.origin)).or_else(|| {
            let entry = ignores.iter().find(|(ignore, globs)| ignore_covers(ignore, globs.as_ref(), finding, today));
            entry.map(|(ignore, _)| by_ignore(ignore))
        });
        // A waiver of the inventory was judged by the audit already.
        finding.suppression = written.or(finding.suppression.take());
    }
    if !options.no_inline_allow {
        findings.extend(
            allows.iter().flat_map(|(origin, list)| list.iter().filter_map(|allow| failed_allow(origin, allow, today))),
        );
    }
    findings.extend(options.ignores.iter().filter_map(|ignore| lapsed_ignore(ignore, today)));
    findings
}

fn allow_covers(allow: &Allow, finding: &Finding, today: NaiveDate) -> bool {
    let Some(region) = &finding.location.region else { return false };
    let line = region.start.line;
    let here = line == allow.line || (allow.alone && line == allow.line + 1);
    here && allow.mistake.is_none()
        && holds(allow.until, today)
        && (allow.rules.is_empty() || allow.rules.iter().any(|rule| rule == finding.rule.as_str()))
}

fn ignore_covers(ignore: &Ignore, globs: Option<&GlobSet>, finding: &Finding, today: NaiveDate) -> bool {
    holds(ignore.until, today)
        && (ignore.rules.is_empty() || ignore.rules.iter().any(|rule| rule == finding.rule.as_str()))
        && globs.is_none_or(|globs| globs.is_match(finding.location.origin.path()))
}

/// The last day counts.
fn holds(until: Option<NaiveDate>, today: NaiveDate) -> bool {
    until.is_none_or(|until| today <= until)
}

fn by_allow(allow: &Allow, origin: &Origin) -> Suppression {
    Suppression {
        by: SuppressedBy::Inline,
        reason: allow.reason.clone(),
        until: allow.until,
        place: format!("{}:{}", origin.path(), allow.line),
    }
}

fn by_ignore(ignore: &Ignore) -> Suppression {
    Suppression {
        by: SuppressedBy::Ignore,
        reason: Some(ignore.reason.clone()),
        until: ignore.until,
        place: ignore.place.clone(),
    }
}

fn failed_allow(origin: &Origin, allow: &Allow, today: NaiveDate) -> Option<Finding> {
    let place = format!("{}:{}", origin.path(), allow.line);
    if let Some(mistake) = &allow.mistake {
        return Some(about(
            INVALID,
            origin.clone(),
            format!("The allow comment at '{place}' allows nothing: {mistake}."),
        ));
    }
    let until = allow.until.filter(|until| today > *until)?;
    let text = format!("The allow comment at '{place}' lapsed: it held until {until}.");
    Some(about(LAPSED, origin.clone(), text))
}

fn lapsed_ignore(ignore: &Ignore, today: NaiveDate) -> Option<Finding> {
    let until = ignore.until.filter(|until| today > *until)?;
    let path = ignore.place.rsplit_once(':').map_or(ignore.place.as_str(), |(path, _)| path);
    let text = format!("The ignore entry at '{}' lapsed: it held until {until}.", ignore.place);
    Some(about(LAPSED, Origin::File { path: path.to_owned() }, text))
}

fn about(rule: &str, origin: Origin, message: String) -> Finding {
    Finding::new(RuleId::from(rule), Severity::Medium, Confidence::High, message, Location::whole(origin))
}

fn path_globs(patterns: &[String]) -> Option<GlobSet> {
    if patterns.is_empty() {
        return None;
    }
    let mut builder = GlobSetBuilder::new();
    for pattern in patterns {
        builder.add(Glob::new(pattern).expect("globs are checked when the configuration is read"));
    }
    Some(builder.build().expect("globs are checked when the configuration is read"))
}
