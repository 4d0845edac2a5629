//! The one judge of suppressions: inline allows, ignores of the configuration and the baseline, applied in one place.
//! Findings are marked, never deleted, and a suppression that has lapsed, cannot be understood, is broader than the
//! policy allows or suppresses nothing is a finding of its own, in its own file and line.

mod about;
pub mod baseline;
mod ignore;
mod inline;

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};

pub use self::baseline::Baseline;
pub use self::ignore::{EVERY_PATH, Ignore, Scope};

use self::about::{INVALID, LAPSED, TOO_BROAD, UNUSED, about};
use crate::diagnostic::SourceText;
use crate::finding::{Allow, Finding, Origin, Position, Region, Severity, Span};

/// How suppressions are judged.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Entries of the configuration.
    pub ignores: Vec<Ignore>,
    /// Pay no attention to allow comments.
    pub no_inline_allow: bool,
    /// Other scanners whose markers are honoured.
    pub honour: Vec<String>,
    /// What is asked of suppressions.
    pub policy: Policy,
    /// Known secrets.
    pub baseline: Option<Baseline>,
    /// A suppression that hides nothing fails the run.
    pub fail_on_unused: bool,
}

/// What is asked of suppressions.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Each must say why.
    pub require_reason: bool,
    /// Each must name its rules.
    pub require_rule: bool,
    /// Each must end, at most so many days from now.
    pub longest_days: Option<u64>,
}

/// How much of its scope a run has seen: only what was seen can be called unused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// Some files, a range, what is staged, standard input.
    Part,
    /// A whole work tree.
    Tree,
    /// A whole history.
    History,
}

/// What the judge must know about a run.
pub struct Run<'r> {
    /// The allow comments that were met.
    pub allows: &'r BTreeMap<Origin, Vec<Allow>>,
    /// How much was read.
    pub coverage: Coverage,
    /// Ids of active rules; true for those of the rotation audit.
    pub rules: &'r BTreeMap<&'r str, bool>,
    /// The id of the key that fingerprints are made with.
    pub key: &'r str,
    /// The day that ends are judged at.
    pub today: NaiveDate,
}

/// What judging gave.
#[derive(Debug, Default)]
pub struct Judged {
    /// All findings, suppressed ones marked, and those about suppressions.
    pub findings: Vec<Finding>,
    /// What the reader should know, in sentences.
    pub notes: Vec<String>,
}

/// Marks the findings that are suppressed, and adds those about suppressions themselves.
pub fn apply(mut findings: Vec<Finding>, run: &Run<'_>, options: &Options) -> Judged {
    let mut comments = inline::Comments::new(run, options);
    let mut ignores = ignore::Ignores::new(run, options);
    let mut known = options.baseline.as_ref().map(baseline::Judge::new);
    for finding in &mut findings {
        // What hides a part hides no whole: a key is not allowed because its id is. It is in use all the same.
        for part in &finding.absorbed {
            comments.cover(part);
            ignores.suppress(part);
            known.as_mut().and_then(|known| known.suppress(part, run.today));
        }
        // All are asked, in this order, so that each knows whether it is used; the first is named.
        let written = comments.suppress(finding);
        let entry = ignores.suppress(finding);
        let old = known.as_mut().and_then(|known| known.suppress(finding, run.today));
        // A waiver of the inventory was judged by the audit already.
        finding.suppression = written.or(entry).or(old).or(finding.suppression.take());
    }
    let mut judged = Judged { findings, notes: Vec::new() };
    let mut own = comments.finish(run, &mut judged.notes);
    own.extend(known.map(|known| known.finish(run, &mut judged.notes)).into_iter().flatten());
    for finding in &mut own {
        finding.suppression = ignores.suppress_by_name(finding);
    }
    own.extend(ignores.finish(run));
    if options.fail_on_unused {
        for finding in own.iter_mut().filter(|finding| finding.rule.as_str() == UNUSED) {
            finding.severity = Severity::Medium;
        }
    }
    judged.findings.extend(own);
    judged
}

/// The last day counts.
fn holds(until: Option<NaiveDate>, today: NaiveDate) -> bool {
    until.is_none_or(|until| today <= until)
}

/// What a suppression says of itself, as the policy looks at it.
struct Claim<'c> {
    what: String,
    rules: &'c [String],
    reason: Option<&'c str>,
    until: Option<NaiveDate>,
}

impl Claim<'_> {
    /// Why it allows nothing: the rule of the finding, and its sentence.
    fn fault(&self, run: &Run<'_>, policy: &Policy) -> Option<(&'static str, String)> {
        let what = &self.what;
        if let Some(until) = self.until.filter(|until| run.today > *until) {
            return Some((LAPSED, format!("The {what} lapsed: it held until {until}.")));
        }
        if policy.require_reason && self.reason.is_none_or(|reason| reason.trim().is_empty()) {
            return Some((INVALID, format!("The {what} hides nothing: the policy requires a reason.")));
        }
        let audited = self.rules.iter().find(|rule| run.rules.get(rule.as_str()) == Some(&true));
        if let (Some(rule), None) = (audited, self.until) {
            let text = format!("The {what} hides nothing: a waiver of the lifecycle rule `{rule}` needs an end date.");
            return Some((INVALID, text));
        }
        if policy.require_rule && self.rules.is_empty() {
            return Some((
                TOO_BROAD,
                format!("The {what} hides nothing: the policy requires that it names its rules."),
            ));
        }
        let days = policy.longest_days?;
        let last =
            i64::try_from(days).ok().and_then(TimeDelta::try_days).and_then(|days| run.today.checked_add_signed(days));
        let far = self.until.is_none_or(|until| last.is_some_and(|last| until > last));
        let text = format!("The {what} hides nothing: the policy requires an end date at most {days} days from now.");
        far.then_some((TOO_BROAD, text))
    }
}

/// A stretch of a file of the user's as findings state it.
pub fn region(source: &SourceText, span: &std::ops::Range<usize>) -> Region {
    let position = |offset: usize| {
        let (line, column) = source.position(offset);
        let start = source.text[..offset.min(source.text.len())].rfind('\n').map_or(0, |at| at + 1);
        let before = &source.text[start..offset.min(source.text.len())];
        let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let utf16 = small(before.encode_utf16().count() + 1);
        Position { line: small(line), column: small(column), utf16, utf8: small(before.len() + 1) }
    };
    Region { start: position(span.start), end: position(span.end), bytes: Span::new(span.start, span.end) }
}
