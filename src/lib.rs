//! keyrot finds keys that leaked into repositories and tells which keys are past their time.
//!
//! A run is one visible flow, told by [`run`]: each scope's source is listed; one parallel loop reads, searches and judges
//! every item ([`scan::run`]); suppressions mark what is hidden ([`suppress::apply`]); the report sorts, groups and counts
//! ([`report::Report::new`]), and renderers write it without deciding anything. Values move forward by ownership. Nothing
//! here prints, exits, or reads the environment or the clock: `now` is a field of the [`Request`].

pub mod claims;
pub mod config;
pub mod date;
pub mod diagnostic;
pub mod finding;
pub mod host;
pub mod lifecycle;
pub mod migrate;
pub mod remediate;
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
use scan::timeline::Timeline;
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
    /// What suppressions will ask about each secret; the salt comes from the baseline.
    pub marking: scan::Marking,
    /// Known keys, and what is asked of them.
    pub lifecycle: Lifecycle,
}

/// What the rotation audit works with.
#[derive(Debug)]
pub struct Lifecycle {
    /// Known keys.
    pub inventory: lifecycle::Inventory,
    /// How they are judged.
    pub options: lifecycle::Options,
    /// How tables of other vendors are read.
    pub mappings: Vec<lifecycle::import::Mapping>,
    /// Severities that the configuration gives to lifecycle rules.
    pub severities: Vec<(finding::RuleId, finding::Severity)>,
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
    for mut scope in request.scopes {
        let outcome = scan_scope(&scope, &request.scanning, request.now, progress)?;
        let today = request.now.date_naive();
        scope.lifecycle.inventory.sealed = outcome.sealed;
        scope.lifecycle.name_rules(&scope.rules);
        let audit = scope.lifecycle.audit(outcome.findings, &scope.rules);
        material.notices.extend(audit.notes);
        material.listings.extend(audit.listings);
        let rules = scope.rules.rules().iter();
        let judged = suppress::apply(
            audit.findings,
            &suppress::Run {
                allows: &outcome.allows,
                coverage: scope.coverage(&outcome.skipped),
                rules: &rules.map(|rule| (rule.id.as_str(), rule.is_of_audit())).collect(),
                key: scope.scanning(&request.scanning).fingerprint.id(),
                today,
            },
            &scope.suppressions,
        );
        join(&mut material.findings, judged.findings);
        material.notices.extend(judged.notes);
        material.skipped.append(outcome.skipped);
        material.notices.extend(outcome.notes);
        material.coverage.add(&outcome.stats);
        if scope.sources.is_empty() {
            material.coverage.add_inventory(&scope.lifecycle.inventory);
        }
        material.add_rules(scope.rules.rules());
    }
    Ok(Report::new(material, request.thresholds, request.now))
}

/// The lists of large audits are moved: a copy would double their memory.
fn join(all: &mut Vec<finding::Finding>, more: Vec<finding::Finding>) {
    if all.is_empty() {
        *all = more;
    } else {
        all.extend(more);
    }
}

/// Reads the histories that the request asks for, and tells its slots.
///
/// # Errors
/// The repository cannot be read. What cannot be read inside it is a skip of the outcome.
pub fn timeline(request: &Request, progress: &dyn Progress) -> Result<(Timeline, Outcome), Error> {
    let (mut timeline, mut all) = (Timeline::default(), Outcome::default());
    for scope in &request.scopes {
        let engine = Engine::new(&scope.rules);
        for source in &scope.sources {
            let Source::Git(ask) = source else { continue };
            let reading = scan::git::Reading { options: &scope.reading, now: request.now };
            let (outcome, found) = scan::git::timeline(ask, &reading, &engine, &request.scanning, progress)?;
            timeline.slots.extend(found.slots);
            all.add(outcome);
        }
    }
    Ok((timeline, all))
}

fn scan_scope(
    scope: &Scope,
    scanning: &scan::Options,
    now: DateTime<Utc>,
    progress: &dyn Progress,
) -> Result<Outcome, Error> {
    let salt = scope.suppressions.baseline.as_ref().and_then(suppress::Baseline::salt).cloned();
    let engine = Engine::new(&scope.rules).with_marking(scan::Marking { salt, ..scope.marking.clone() });
    let scanning = &scope.scanning(scanning);
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

impl Scope {
    /// Without a key of the project, the salt of the baseline keys all prints: they can then be shown and stored.
    fn scanning(&self, scanning: &scan::Options) -> scan::Options {
        let salt = self.suppressions.baseline.as_ref().and_then(suppress::Baseline::salt);
        let salt = salt.filter(|_| scanning.fingerprint.kind() == secret::KeyKind::Run);
        let fingerprint = salt.unwrap_or(&scanning.fingerprint).clone();
        scan::Options { fingerprint, ..scanning.clone() }
    }

    /// How much of what the configuration governs was read.
    fn coverage(&self, skipped: &finding::Skips) -> suppress::Coverage {
        let left_out =
            |skip: finding::Skip| matches!(skip.reason, finding::SkipReason::Limit(_)) || skip.reason.is_failure();
        let whole = |source: &Source| match source {
            Source::WorkTree(tree) if tree.root() == tree.base() => suppress::Coverage::Tree,
            Source::Git(ask) if ask.is_whole_history() => suppress::Coverage::History,
            _ => suppress::Coverage::Part,
        };
        let mut sources = self.sources.iter().map(whole);
        let first = sources.next().filter(|_| !skipped.iter().any(left_out));
        first.filter(|first| sources.all(|other| other == *first)).unwrap_or(suppress::Coverage::Part)
    }
}

impl Lifecycle {
    /// No known keys, and the default policy.
    pub fn none(now: DateTime<Utc>) -> Self {
        Self {
            inventory: lifecycle::Inventory::default(),
            options: lifecycle::Options::new(now),
            mappings: Vec::new(),
            severities: Vec::new(),
        }
    }

    /// Waivers name rules as the user may write them. Rules that are switched off exist all the same.
    fn name_rules(&mut self, rules: &RuleSet) {
        if self.inventory.waivers.is_empty() {
            return;
        }
        let all = RuleSet::builtin();
        let id = |set: &RuleSet, name: &str| set.look_up(name).ok().map(|rule| rule.id.clone());
        self.inventory.name_rules(|name| id(rules, name).or_else(|| id(&all, name)));
    }

    /// Judges; rules that are switched off stay silent, and severities of the configuration win.
    fn audit(&self, findings: Vec<finding::Finding>, rules: &RuleSet) -> lifecycle::Audit {
        let found = findings.len();
        let mut audit = lifecycle::audit(findings, &self.inventory, &self.options);
        for finding in &mut audit.findings[found..] {
            if let Some((_, severity)) = self.severities.iter().find(|(rule, _)| *rule == finding.rule) {
                finding.severity = *severity;
            }
        }
        audit.findings.retain(|finding| rules.get(finding.rule.as_str()).is_some());
        audit
    }
}

impl Coverage {
    fn add_inventory(&mut self, inventory: &lifecycle::Inventory) {
        self.files += inventory.files.len() as u64;
        self.bytes += inventory.files.iter().map(|file| file.text.text.len() as u64).sum::<u64>();
    }

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
