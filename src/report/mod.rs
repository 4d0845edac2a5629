//! The report: sorted, grouped, counted, with a status. Renderers take it as it is and decide nothing.

mod json;
mod text;

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

use chrono::{DateTime, Utc};

use crate::finding::{Confidence, Finding, Severity, Skip, SkipReason};
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

/// Everything a report says, ready to be rendered.
#[derive(Clone, Debug)]
pub struct Report {
    /// Reported findings, sorted by place.
    pub findings: Vec<Finding>,
    /// For each finding, the number of its secret: equal secrets have equal numbers, counted from 1.
    pub groups: Vec<Option<usize>>,
    /// Findings that a suppression hides, sorted by place.
    pub suppressed: Vec<Finding>,
    /// Findings below the confidence threshold.
    pub quiet: usize,
    /// Reported findings that fail the run.
    pub failing: usize,
    /// What was left out one by one, sorted.
    pub skipped: Vec<Skip>,
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
}

/// What [`Report::new`] makes a report of.
#[derive(Clone, Debug, Default)]
pub struct Material {
    /// All findings, suppressed ones marked.
    pub findings: Vec<Finding>,
    /// What was left out.
    pub skipped: Vec<Skip>,
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
        for rule in rules {
            if !self.rules.iter().any(|known| known.id == rule.id) {
                self.rules.push(rule.clone());
            }
        }
    }
}

impl Report {
    /// Sorts, groups and counts.
    pub fn new(mut material: Material, thresholds: Thresholds, now: DateTime<Utc>) -> Self {
        material.findings.sort_by(|one, other| {
            (one.location.sort_key(), &one.rule, &one.message).cmp(&(
                other.location.sort_key(),
                &other.rule,
                &other.message,
            ))
        });
        material.skipped.sort();
        let (suppressed, open): (Vec<_>, Vec<_>) =
            material.findings.into_iter().partition(|finding| finding.suppression.is_some());
        let all = open.len();
        let findings: Vec<Finding> =
            open.into_iter().filter(|finding| finding.confidence >= thresholds.confidence).collect();
        Self {
            groups: group(&findings),
            quiet: all - findings.len(),
            failing: findings.iter().filter(|finding| finding.severity >= thresholds.fail_on).count(),
            findings,
            suppressed,
            skipped: material.skipped,
            coverage: material.coverage,
            rules: material.rules,
            notices: material.notices,
            now,
        }
    }

    /// Whether everything that should have been read was read.
    pub fn is_complete(&self) -> bool {
        !self.skipped.iter().any(|skip| skip.reason.is_failure())
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
            text.push_str(&format!(", {} suppressed", self.suppressed.len()));
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
        text.push_str(&self.left_out());
        text
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
}

impl Format {
    /// All formats, in the order of the documentation.
    pub const ALL: &[Self] = &[Self::Text, Self::Json, Self::Jsonl];

    /// The name used on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
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

/// Choices of renderers.
#[derive(Clone, Copy, Debug, Default)]
pub struct RenderOptions {
    /// Put suppressed findings in too, marked.
    pub show_suppressed: bool,
    /// List each skipped input and each reason for dropping candidates.
    pub verbose: bool,
}

/// Writes the report in one format. Text is coloured; the caller strips colours where they are not wanted.
///
/// # Errors
/// The writer fails.
pub fn render(report: &Report, format: Format, options: RenderOptions, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Text => text::render(report, options, out),
        Format::Json => json::render(report, options, out),
        Format::Jsonl => json::render_lines(report, options, out),
    }
}
