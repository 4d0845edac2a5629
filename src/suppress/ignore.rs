//! Ignores of the configuration.

use globset::{Glob, GlobSet, GlobSetBuilder};
use regex::Regex;

use super::{Claim, Coverage, Options, Run, UNUSED, about};
use crate::finding::{Finding, Origin, Region, SuppressedBy, Suppression};

/// An entry of the configuration that hides findings. What is named must all agree.
#[derive(Clone, Debug)]
pub struct Ignore {
    /// What it hides.
    pub scope: Scope,
    /// Rule ids; empty is all.
    pub rules: Vec<String>,
    /// Why.
    pub reason: String,
    /// The last day it holds, inclusive.
    pub until: Option<chrono::NaiveDate>,
    /// The file it is written in.
    pub file: String,
    /// Where in that file.
    pub region: Region,
}

/// What of an ignore is about the secret and its place.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Globs of paths, relative to the repository root; empty is all.
    pub paths: Vec<String>,
    /// Patterns that are searched in such paths, beside the globs: one of either must match.
    pub path_patterns: Vec<Regex>,
    /// Prints of secrets; empty is all.
    pub fingerprints: Vec<String>,
    /// Beginnings of commit ids, at least seven digits; empty is all.
    pub commits: Vec<String>,
    /// Indices of the value patterns, in the order of the configuration; empty is all.
    pub values: Vec<usize>,
}

/// Globs that match every path.
pub const EVERY_PATH: [&str; 3] = ["*", "**", "**/*"];

impl Ignore {
    /// Whether it would hide everything: nothing is named, or only every path.
    pub fn is_everything(&self) -> bool {
        let Scope { paths, path_patterns, fingerprints, commits, values } = &self.scope;
        let names_paths = !paths.is_empty() || !path_patterns.is_empty();
        let no_paths = !names_paths || paths.iter().any(|path| EVERY_PATH.contains(&path.as_str()));
        no_paths && fingerprints.is_empty() && commits.is_empty() && values.is_empty() && self.rules.is_empty()
    }

    /// Where it is written, as suppressed findings name it.
    pub fn place(&self) -> String {
        format!("{}:{}", self.file, self.region.start.line)
    }
}

struct Entry<'o> {
    ignore: &'o Ignore,
    paths: Option<GlobSet>,
    fault: Option<(&'static str, String)>,
    used: bool,
}

impl Entry<'_> {
    fn covers(&self, finding: &Finding) -> bool {
        let Ignore { scope, rules, .. } = self.ignore;
        let Scope { fingerprints, commits, values, .. } = scope;
        let print = |wanted: &String| {
            finding.secret.as_ref().is_some_and(|secret| {
                let marks = secret.marks.salted.as_ref();
                [Some(&secret.fingerprint), secret.pass.as_ref(), marks]
                    .into_iter()
                    .flatten()
                    .any(|one| one.to_string() == *wanted)
            })
        };
        let commit =
            |wanted: &String| finding.location.origin.commit().is_some_and(|id| id.starts_with(wanted.as_str()));
        let value =
            |wanted: &usize| finding.secret.as_ref().is_some_and(|secret| secret.marks.patterns.contains(wanted));
        (rules.is_empty() || rules.iter().any(|rule| rule == finding.rule.as_str()))
            && self.covers_path(finding.location.origin.path())
            && (fingerprints.is_empty() || fingerprints.iter().any(print))
            && (commits.is_empty() || commits.iter().any(commit))
            && (values.is_empty() || values.iter().any(value))
    }

    fn covers_path(&self, path: &str) -> bool {
        let patterns = &self.ignore.scope.path_patterns;
        match &self.paths {
            None if patterns.is_empty() => true,
            paths => {
                paths.as_ref().is_some_and(|paths| paths.is_match(path))
                    || patterns.iter().any(|one| one.is_match(path))
            }
        }
    }

    fn judged(&self, run: &Run<'_>) -> bool {
        let Ignore { scope, rules, .. } = self.ignore;
        let seen = match run.coverage {
            Coverage::Part => false,
            // Commits are met in histories alone, and a print or a value may stand there only.
            Coverage::Tree => scope.commits.is_empty(),
            Coverage::History => true,
        };
        let keyed = |print: &String| print.split(':').nth(1).is_some_and(|id| id == run.key);
        seen && scope.fingerprints.iter().all(keyed) && rules.iter().all(|rule| run.rules.contains_key(rule.as_str()))
    }
}

/// The ignores of a scope.
pub(super) struct Ignores<'o> {
    entries: Vec<Entry<'o>>,
}

impl<'o> Ignores<'o> {
    pub(super) fn new(run: &Run<'_>, options: &'o Options) -> Self {
        let entry = |ignore: &'o Ignore| {
            let claim = Claim {
                what: format!("ignore entry at '{}'", ignore.place()),
                rules: &ignore.rules,
                reason: Some(&ignore.reason),
                until: ignore.until,
            };
            let fault = claim.fault(run, &options.policy);
            Entry { ignore, paths: path_globs(&ignore.scope.paths), fault, used: false }
        };
        Self { entries: options.ignores.iter().map(entry).collect() }
    }

    pub(super) fn suppress(&mut self, finding: &Finding) -> Option<Suppression> {
        let mut first = None;
        for entry in self.entries.iter_mut().filter(|entry| entry.fault.is_none()) {
            if entry.covers(finding) {
                entry.used = true;
                first = first.or(Some(entry.ignore));
            }
        }
        first.map(by_ignore)
    }

    /// Findings about suppressions are hidden only by entries that name their rule.
    pub(super) fn suppress_by_name(&mut self, finding: &Finding) -> Option<Suppression> {
        let named =
            |entry: &&mut Entry<'_>| entry.fault.is_none() && !entry.ignore.rules.is_empty() && entry.covers(finding);
        let entry = self.entries.iter_mut().find(named)?;
        entry.used = true;
        Some(by_ignore(entry.ignore))
    }

    pub(super) fn finish(self, run: &Run<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for entry in self.entries {
            let ignore = entry.ignore;
            let origin = Origin::File { path: ignore.file.clone() };
            let unused = !entry.used && entry.judged(run);
            match entry.fault {
                Some((rule, text)) => findings.push(about(rule, origin, ignore.region, text)),
                None if unused => {
                    let text = format!("The ignore entry at '{}' hides nothing.", ignore.place());
                    findings.push(about(UNUSED, origin, ignore.region, text));
                }
                None => {}
            }
        }
        findings
    }
}

fn by_ignore(ignore: &Ignore) -> Suppression {
    Suppression {
        by: SuppressedBy::Ignore,
        reason: Some(ignore.reason.clone()),
        until: ignore.until,
        place: ignore.place(),
    }
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
