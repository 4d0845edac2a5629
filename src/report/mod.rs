//! The report: sorted, grouped, counted, with a status. Renderers take it as it is and decide nothing.

mod cyclonedx;
mod github;
mod gitlab;
mod html;
mod json;
mod junit;
mod key;
mod markdown;
mod rdjson;
mod sarif;
pub mod saved;
mod table;
mod text;
mod uri;
mod weakness;
mod wording;

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

use chrono::{DateTime, Utc};

pub use crate::finding::Provenance;
use crate::finding::{Confidence, Finding, Listing, RuleId, Severity, SkipReason, Skips};
use crate::rule::Rule;
use crate::secret::Fingerprint;

/// What makes a finding count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// Findings below it are not reported.
    pub confidence: Confidence,
    /// Findings at or above it fail the run.
    pub fail_on: Severity,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { confidence: Confidence::Medium, fail_on: Severity::Low }
    }
}

/// What was read. A run that read nothing says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Texts that were searched.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Commits that were read.
    pub commits: u64,
    /// Files and folders that ignore files and path settings left out.
    pub ignored: u64,
    /// Candidates that were dropped, by reason.
    pub dropped: BTreeMap<&'static str, u64>,
}

impl Coverage {
    /// Adds what another report read.
    fn merge(&mut self, other: &Self) {
        self.files += other.files;
        self.bytes += other.bytes;
        self.commits += other.commits;
        self.ignored += other.ignored;
        for (reason, count) in &other.dropped {
            *self.dropped.entry(reason).or_default() += count;
        }
    }
}

/// Everything a report says, ready to be rendered.
#[derive(Clone, Debug)]
pub struct Report {
    /// Reported findings, sorted by place.
    pub findings: Vec<Finding>,
    /// For each finding, the number of its secret: equal secrets have equal numbers, counted from 1.
    pub groups: Vec<Option<usize>>,
    /// Findings that a suppression hides, sorted by place.
    pub suppressed: Vec<Finding>,
    /// Every key of the audited listings, in their order; empty where only joined rows were judged.
    pub listings: Vec<Listing>,
    /// Findings below the confidence threshold.
    pub quiet: usize,
    /// Reported findings that fail the run.
    pub failing: usize,
    /// Findings at or above it fail the run.
    pub fail_on: Severity,
    /// What was left out one by one, sorted.
    pub skipped: Skips,
    /// What was read.
    pub coverage: Coverage,
    /// The rules that were active.
    pub rules: Vec<Rule>,
    /// What the user should know about this run.
    pub notices: Vec<String>,
    /// The instant that ages and ends were judged at.
    pub now: DateTime<Utc>,
}

/// How a run ended; `main` turns it into the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nothing that fails the run.
    Clean,
    /// Findings at or above the threshold.
    Findings,
    /// Something could not be read.
    Incomplete,
    /// Nothing was scanned.
    Empty,
}

impl Status {
    /// The documented exit code. `Empty` is a failure only where it was asked for.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Incomplete => 2,
            Self::Empty => 3,
        }
    }

    /// What happened, in one sentence.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Clean => "Nothing fails the run.",
            Self::Findings => "There are findings at or above the threshold.",
            Self::Incomplete => "Something could not be read: the scan is partial.",
            Self::Empty => "Nothing was scanned.",
        }
    }
}

/// What [`Report::new`] makes a report of.
#[derive(Clone, Debug, Default)]
pub struct Material {
    /// All findings, suppressed ones marked.
    pub findings: Vec<Finding>,
    /// Every key of the audited listings.
    pub listings: Vec<Listing>,
    /// What was left out.
    pub skipped: Skips,
    /// What was read.
    pub coverage: Coverage,
    /// The active rules.
    pub rules: Vec<Rule>,
    /// What the user should know.
    pub notices: Vec<String>,
}

impl Material {
    /// Adds the rules of a scope, each once.
    pub fn add_rules(&mut self, rules: &[Rule]) {
        let known: HashSet<RuleId> = self.rules.iter().map(|rule| rule.id.clone()).collect();
        self.rules.extend(rules.iter().filter(|rule| !known.contains(&rule.id)).cloned());
    }
}

impl Report {
    /// Sorts, groups and counts.
    pub fn new(mut material: Material, thresholds: Thresholds, now: DateTime<Utc>) -> Self {
        // Long audits come sorted, and are left where they are: a list of them is hundreds of megabytes.
        if !material.findings.is_sorted_by(|one, other| one.order(other).is_le()) {
            material.findings.sort_by(Finding::order);
        }
        material.skipped.sort();
        let mut findings = material.findings;
        let suppressed: Vec<Finding> = findings.extract_if(.., |finding| finding.suppression.is_some()).collect();
        let all = findings.len();
        findings.retain(|finding| finding.confidence >= thresholds.confidence);
        Self {
            groups: group(&findings),
            quiet: all - findings.len(),
            fail_on: thresholds.fail_on,
            failing: findings.iter().filter(|finding| finding.severity >= thresholds.fail_on).count(),
            findings,
            suppressed,
            listings: material.listings,
            skipped: material.skipped,
            coverage: material.coverage,
            rules: material.rules,
            notices: material.notices,
            now,
        }
    }

    /// Whether everything that should have been read was read.
    pub fn is_complete(&self) -> bool {
        self.skipped.failures().next().is_none()
    }

    /// Whether anything was met that was not read. Symbolic links do not count: their targets are read where they stand.
    pub fn left_something_out(&self) -> bool {
        self.skipped.iter().any(|skip| !matches!(skip.reason, SkipReason::Symlink))
    }

    /// How the run ended.
    pub fn status(&self) -> Status {
        if !self.is_complete() {
            Status::Incomplete
        } else if self.failing > 0 {
            Status::Findings
        } else if self.coverage.files == 0 {
            Status::Empty
        } else {
            Status::Clean
        }
    }

    /// The rule of a finding, if it is one of the active ones.
    pub fn rule(&self, finding: &Finding) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == finding.rule)
    }

    /// What a renderer shows: the reported findings, then the suppressed ones if they are asked for.
    fn shown(&self, options: &RenderOptions) -> impl Iterator<Item = &Finding> {
        self.shown_with_groups(options).map(|(finding, _)| finding)
    }

    /// The same, each with the number of its secret; suppressed findings have none.
    fn shown_with_groups(&self, options: &RenderOptions) -> impl Iterator<Item = (&Finding, Option<usize>)> {
        let suppressed = if options.show_suppressed { self.suppressed.as_slice() } else { &[] };
        let open = self.findings.iter().zip(self.groups.iter().copied());
        open.chain(suppressed.iter().map(|finding| (finding, None)))
    }

    /// The other findings of the same secret.
    pub fn occurrences(&self, index: usize) -> impl Iterator<Item = &Finding> {
        let group = self.groups[index];
        let same =
            move |(other, number): &(usize, &Option<usize>)| *other != index && group.is_some() && **number == group;
        self.groups.iter().enumerate().filter(same).map(|(other, _)| &self.findings[other])
    }

    /// One line with counts, for people.
    pub fn summary(&self) -> String {
        let mut text = match self.findings.len() {
            0 => "no findings".to_owned(),
            1 => "1 finding".to_owned(),
            count => format!("{count} findings"),
        };
        let secrets = self.groups.iter().flatten().max().copied().unwrap_or(0);
        if secrets > 0 && secrets < self.findings.len() {
            text.push_str(&format!(" of {secrets} secrets"));
        }
        if !self.suppressed.is_empty() {
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            for suppression in self.suppressed.iter().filter_map(|finding| finding.suppression.as_ref()) {
                *counts.entry(suppression.by.name()).or_default() += 1;
            }
            let list: Vec<String> = counts.iter().map(|(by, count)| format!("{count} {by}")).collect();
            text.push_str(&format!(", {} suppressed ({})", self.suppressed.len(), list.join(", ")));
        }
        if self.quiet > 0 {
            text.push_str(&format!(", {} below the confidence threshold", self.quiet));
        }
        text.push_str(&format!(" in {} files ({})", self.coverage.files, size(self.coverage.bytes)));
        match self.coverage.commits {
            0 => {}
            1 => text.push_str(" of 1 commit"),
            count => text.push_str(&format!(" of {count} commits")),
        }
        text.push_str(&self.hygiene());
        text.push_str(&self.left_out());
        text
    }

    /// What is kept as it should be: values that only say where the key is, and ciphertext.
    fn hygiene(&self) -> String {
        let kinds = [
            ("reference", "reference to a secret store", "references to secret stores"),
            ("encrypted", "encrypted value", "encrypted values"),
        ];
        let counts = kinds.iter().filter_map(|(reason, one, many)| match self.coverage.dropped.get(reason)? {
            0 => None,
            1 => Some(format!("; 1 {one}")),
            count => Some(format!("; {count} {many}")),
        });
        counts.collect()
    }

    fn left_out(&self) -> String {
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        for skip in &self.skipped {
            *counts.entry(skip.reason.name()).or_default() += 1;
        }
        if self.coverage.ignored > 0 {
            counts.insert("ignored", self.coverage.ignored);
        }
        if counts.is_empty() {
            return String::new();
        }
        let list: Vec<String> = counts.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
        format!("; left out: {}", list.join(", "))
    }
}

/// Numbers the secrets in order of appearance.
fn group(findings: &[Finding]) -> Vec<Option<usize>> {
    let mut numbers: BTreeMap<&Fingerprint, usize> = BTreeMap::new();
    findings
        .iter()
        .map(|finding| {
            let secret = finding.secret.as_ref()?;
            let next = numbers.len() + 1;
            Some(*numbers.entry(&secret.fingerprint).or_insert(next))
        })
        .collect()
}

/// Bytes for people.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.2} GB", bytes as f64 / 1e9),
    }
}

/// The forms of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON document.
    Json,
    /// One JSON record a line: header, findings, footer.
    Jsonl,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of a GitHub workflow.
    Github,
    /// The summary of a step of a GitHub workflow.
    GithubSummary,
    /// GitLab's secret detection report.
    Gitlab,
    /// GitLab's Code Quality report.
    Codequality,
    /// Test results.
    Junit,
    /// A table for spreadsheets.
    Csv,
    /// Reviewdog's diagnostics.
    Rdjson,
    /// CycloneDX 1.6 with cryptographic assets.
    Cyclonedx,
    /// CycloneDX 1.7 with cryptographic assets.
    Cyclonedx17,
    /// Markdown.
    Markdown,
    /// One HTML file for people.
    Html,
}

impl Format {
    /// All formats, in the order of the documentation.
    pub const ALL: &[Self] = &[
        Self::Text,
        Self::Json,
        Self::Jsonl,
        Self::Sarif,
        Self::Github,
        Self::GithubSummary,
        Self::Gitlab,
        Self::Codequality,
        Self::Junit,
        Self::Csv,
        Self::Rdjson,
        Self::Cyclonedx,
        Self::Cyclonedx17,
        Self::Markdown,
        Self::Html,
    ];

    /// The name used on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::GithubSummary => "github-summary",
            Self::Gitlab => "gitlab",
            Self::Codequality => "codequality",
            Self::Junit => "junit",
            Self::Csv => "csv",
            Self::Rdjson => "rdjson",
            Self::Cyclonedx => "cyclonedx",
            Self::Cyclonedx17 => "cyclonedx-1.7",
            Self::Markdown => "markdown",
            Self::Html => "html",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.iter().copied().find(|format| format.name() == text).ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|format| format.name()).collect();
            format!("unknown format `{text}`; known: {}", names.join(", "))
        })
    }
}

/// Choices of renderers, and what only the edge knows about the run.
#[derive(Clone, Debug, Default)]
pub struct RenderOptions {
    /// Put suppressed findings in too, marked.
    pub show_suppressed: bool,
    /// List each skipped input and each reason for dropping candidates.
    pub verbose: bool,
    /// The category of a SARIF run; it wins over the one that an upload names.
    pub sarif_category: Option<String>,
    /// Leave the hashes of lines out of SARIF: a hash of a line with a short secret can be guessed at.
    pub no_line_hash: bool,
    /// The exit code the process will end with, flags considered; none is the one of the status.
    pub exit_code: Option<u8>,
    /// When the run ended; none is the instant it was judged at, so that reports of one instant are equal.
    pub finished: Option<DateTime<Utc>>,
    /// Which checkout was scanned.
    pub provenance: Option<Provenance>,
}

/// Writes the report in one format. Text is coloured; the caller strips colours where they are not wanted.
///
/// # Errors
/// The writer fails.
pub fn render(report: &Report, format: Format, options: &RenderOptions, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Text => text::render(report, options, out),
        Format::Json => json::render(report, options, out),
        Format::Jsonl => json::render_lines(report, options, out),
        Format::Sarif => sarif::render(report, options, out),
        Format::Github => github::render(report, options, out),
        Format::GithubSummary => markdown::render_summary(report, options, out),
        Format::Gitlab => gitlab::render_secrets(report, options, out),
        Format::Codequality => gitlab::render_quality(report, options, out),
        Format::Junit => junit::render(report, options, out),
        Format::Csv => table::render(report, options, out),
        Format::Rdjson => rdjson::render(report, options, out),
        Format::Cyclonedx => cyclonedx::render(report, options, cyclonedx::Version::V1_6, out),
        Format::Cyclonedx17 => cyclonedx::render(report, options, cyclonedx::Version::V1_7, out),
        Format::Markdown => markdown::render(report, options, out),
        Format::Html => html::render(report, options, out),
    }
}
