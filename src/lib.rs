//! keyrot finds keys that leaked into repositories and tells which keys are past their time.
//!
//! A run is one visible flow, told by [`run`]: each scope's source is listed; one parallel loop reads, searches and judges
//! every item ([`scan::run`]); suppressions mark what is hidden ([`suppress::apply`]); the report sorts, groups and counts
//! ([`report::Report::new`]), and renderers write it without deciding anything. Values move forward by ownership. Nothing
//! here prints, exits, or reads the environment or the clock: `now` is a field of the [`Request`].

pub mod config;
pub mod diagnostic;
pub mod finding;
pub mod report;
pub mod rule;
pub mod scan;
pub mod secret;
pub mod source;
pub mod suppress;
mod toml_reader;

use chrono::{DateTime, Utc};

use report::{Coverage, Material, Report, Thresholds};
use rule::RuleSet;
use scan::{Engine, Outcome, Progress};
use source::Source;

/// Everything a run needs, validated: no command line, environment or clock behind this line.
#[derive(Debug)]
pub struct Request {
    /// What to scan, each with the settings of the configuration that governs it.
    pub scopes: Vec<Scope>,
    /// How findings are made.
    pub scanning: scan::Options,
    /// What counts.
    pub thresholds: Thresholds,
    /// The instant that ages and ends are judged at.
    pub now: DateTime<Utc>,
    /// What the user should know already.
    pub notices: Vec<String>,
}

/// Sources under one configuration.
#[derive(Debug)]
pub struct Scope {
    /// What to scan.
    pub sources: Vec<Source>,
    /// How to read it.
    pub reading: source::Options,
    /// What to look for.
    pub rules: RuleSet,
    /// What is hidden.
    pub suppressions: suppress::Options,
}

/// A run could not be set up. No report is written then.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A source cannot be used.
    #[error(transparent)]
    Source(#[from] source::Error),
    /// The threads cannot be started.
    #[error(transparent)]
    Scan(#[from] scan::Error),
    /// A repository cannot be read.
    #[error(transparent)]
    Git(#[from] scan::git::Failure),
}

/// Scans, judges and reports.
///
/// # Errors
/// The run cannot be set up. Whatever cannot be read later is part of the report.
pub fn run(request: Request, progress: &dyn Progress) -> Result<Report, Error> {
    let mut material = Material { notices: request.notices, ..Material::default() };
    for scope in request.scopes {
        let outcome = scan_scope(&scope, &request.scanning, request.now, progress)?;
        let today = request.now.date_naive();
        let findings = suppress::apply(outcome.findings, &outcome.allows, &scope.suppressions, today);
        material.findings.extend(findings);
        material.skipped.extend(outcome.skipped);
        material.notices.extend(outcome.notes);
        material.coverage.add(&outcome.stats);
        material.add_rules(scope.rules.rules());
    }
    Ok(Report::new(material, request.thresholds, request.now))
}

fn scan_scope(
    scope: &Scope,
    scanning: &scan::Options,
    now: DateTime<Utc>,
    progress: &dyn Progress,
) -> Result<Outcome, Error> {
    let engine = Engine::new(&scope.rules);
    let mut all = Outcome::default();
    for source in &scope.sources {
        if let Source::Git(ask) = source {
            let reading = scan::git::Reading { options: &scope.reading, now };
            all.add(scan::git::run(ask, &reading, &engine, scanning, progress)?);
            continue;
        }
        let listing = source.list(&scope.reading)?;
        all.add(scan::run(source, listing, &scope.reading, &engine, scanning, progress)?);
    }
    Ok(all)
}

impl Coverage {
    fn add(&mut self, stats: &scan::Stats) {
        self.files += stats.blobs;
        self.bytes += stats.bytes;
        self.ignored += stats.ignored;
        self.commits += stats.commits;
        for (reason, count) in &stats.dropped {
            *self.dropped.entry(reason.name()).or_default() += count;
        }
    }
}
