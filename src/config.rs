//! `keyrot.toml`: found, read with spans, validated into the options of each module.

mod files;
mod lifecycle;
mod suppress;

use std::ops::Range;
use std::path::{Path, PathBuf};

use regex::bytes::Regex;

pub use files::Files;

use crate::diagnostic::{Problem, Problems, SourceText};
use crate::finding::{Confidence, Severity};
use crate::lifecycle::Policy;
use crate::lifecycle::import::Mapping;
use crate::suppress::{Ignore, Policy as SuppressionPolicy};
use crate::toml_reader::{self, At, Table};

/// The name that is looked for.
pub const FILE_NAME: &str = "keyrot.toml";

/// Everything a configuration file says.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Which rules are active.
    pub rules: RuleChoice,
    /// Globs of paths that are read; empty is all.
    pub include: Vec<String>,
    /// Globs of paths that are not read.
    pub exclude: Vec<String>,
    /// Findings below it are not reported.
    pub confidence: Option<Confidence>,
    /// Findings at or above it fail the run.
    pub fail_on: Option<Severity>,
    /// Larger files are skipped, in bytes.
    pub max_file_size: Option<u64>,
    /// What is hidden, and why.
    pub ignores: Vec<Ignore>,
    /// Value patterns of the ignores, which name them by index.
    pub values: Vec<Regex>,
    /// What is asked of suppressions.
    pub suppression_policy: SuppressionPolicy,
    /// Other scanners whose markers are honoured.
    pub honour: Vec<String>,
    /// Pay no attention to allow comments.
    pub no_inline_allow: bool,
    /// What is asked of keys.
    pub policy: Policy,
    /// How tables of other vendors are read.
    pub mappings: Vec<Mapping>,
}

/// Which rules are active, and how severe they are.
#[derive(Clone, Debug, Default)]
pub struct RuleChoice {
    /// Leave the built-in rules out.
    pub no_defaults: bool,
    /// Rule files and folders, relative to the configuration file.
    pub files: Vec<PathBuf>,
    /// If not empty, only these.
    pub only: Vec<String>,
    /// Not these.
    pub exclude: Vec<String>,
    /// Other severities.
    pub severity: Vec<(String, Severity)>,
}

/// The configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It has mistakes.
    #[error(transparent)]
    Problems(#[from] Problems),
    /// It cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// The file.
        path: String,
        /// What went wrong.
        source: std::io::Error,
    },
    /// It asks for another keyrot.
    #[error("{path} requires keyrot {required}, this is {actual}")]
    Version {
        /// The file.
        path: String,
        /// What it asks for.
        required: String,
        /// What runs.
        actual: &'static str,
    },
}

/// The nearest `keyrot.toml` at or above `folder`, but not above `top`.
pub fn find(folder: &Path, top: &Path, files: &Files) -> Option<PathBuf> {
    for folder in folder.ancestors() {
        let candidate = folder.join(FILE_NAME);
        if files.is_file(&candidate) {
            return Some(candidate);
        }
        if folder == top {
            break;
        }
    }
    None
}

/// Reads a configuration file; `shown` is its path in messages and reports.
///
/// # Errors
/// Every mistake in it, with its place.
pub fn read(path: &Path, shown: &str, files: &Files) -> Result<Config, Error> {
    let text = files.read(path).map_err(|source| Error::Unreadable { path: shown.to_owned(), source })?;
    parse(SourceText { path: shown.to_owned(), text }, path.parent().unwrap_or(Path::new(".")), files)
}

/// Reads a configuration from its text; files that it names are relative to `folder` and read from `files`.
///
/// # Errors
/// Every mistake in it, with its place.
pub fn parse(source: SourceText, folder: &Path, files: &Files) -> Result<Config, Error> {
    let mut problems = Vec::new();
    let mut config = Config::default();
    let mut required = None;
    if let Some(root) = toml_reader::parse(&source.text, &mut problems) {
        let mut table = Table::root(&root);
        required = table.string("required-version", &mut problems);
        if let Some(rules) = table.table("rules", &mut problems) {
            config.rules = read_rules(rules, folder, &mut problems);
        }
        if let Some(mut paths) = table.table("paths", &mut problems) {
            config.include = globs(paths.strings("include", &mut problems), &mut problems);
            config.exclude = globs(paths.strings("exclude", &mut problems), &mut problems);
            paths.finish(&mut problems);
        }
        if let Some(mut thresholds) = table.table("thresholds", &mut problems) {
            config.fail_on = thresholds.one_of("fail-on", &mut problems, &Severity::ALL.map(Severity::name));
            config.confidence = thresholds.one_of("confidence", &mut problems, &Confidence::ALL.map(Confidence::name));
            config.max_file_size = thresholds.number("max-file-size", &mut problems);
            thresholds.finish(&mut problems);
        }
        (config.policy, config.mappings) = lifecycle::read(&mut table, (folder, files), &mut problems);
        suppress::read(&mut table, &source, &mut config, &mut problems);
        table.finish(&mut problems);
    }
    if let Some(required) = &required {
        check_version(required, &source, &mut problems)?;
    }
    if problems.is_empty() { Ok(config) } else { Err(Problems { source, list: problems }.into()) }
}

fn read_rules(mut table: Table<'_, '_>, folder: &Path, problems: &mut Vec<Problem>) -> RuleChoice {
    let plain = |list: Vec<At<String>>| list.into_iter().map(|(text, _)| text).collect();
    let choice = RuleChoice {
        no_defaults: table.boolean("defaults", problems) == Some(false),
        files: table.strings("files", problems).into_iter().map(|(file, _)| folder.join(file)).collect(),
        only: plain(table.strings("only", problems)),
        exclude: plain(table.strings("exclude", problems)),
        severity: read_severities(&mut table, problems),
    };
    table.finish(problems);
    choice
}

fn read_severities(table: &mut Table<'_, '_>, problems: &mut Vec<Problem>) -> Vec<(String, Severity)> {
    let mut severities = Vec::new();
    for ((rule, _), (name, span)) in table.string_map("severity", problems) {
        match name.parse() {
            Ok(severity) => severities.push((rule, severity)),
            Err(_) => problems.push(toml_reader::unknown_name(&name, span, &Severity::ALL.map(Severity::name))),
        }
    }
    severities
}

fn globs(patterns: Vec<(String, Range<usize>)>, problems: &mut Vec<Problem>) -> Vec<String> {
    let mut globs = Vec::new();
    for (pattern, span) in patterns {
        match globset::Glob::new(&pattern) {
            Ok(_) => globs.push(pattern),
            Err(error) => problems.push(Problem::new(span, format!("this is no glob: {}", error.kind()))),
        }
    }
    globs
}

/// `>=1.2`, `1.2` (that version or a later one) or `=1.2.3`.
fn check_version(required: &At<String>, source: &SourceText, problems: &mut Vec<Problem>) -> Result<(), Error> {
    let (text, span) = required;
    let actual = env!("CARGO_PKG_VERSION");
    let exact = text.starts_with('=');
    let Some(wanted) = version(text.trim_start_matches(['>', '=', ' '])) else {
        let problem = Problem::new(span.clone(), "`required-version` is no version");
        problems.push(problem.with_hint("write required-version = \">=0.1\""));
        return Ok(());
    };
    let have = version(actual).unwrap_or_default();
    let fits = if exact { have == wanted } else { have >= wanted };
    if fits {
        return Ok(());
    }
    Err(Error::Version { path: source.path.clone(), required: text.clone(), actual })
}

fn version(text: &str) -> Option<[u64; 3]> {
    let mut numbers = [0; 3];
    let mut parts = text.trim().split('.');
    for (number, part) in numbers.iter_mut().zip(&mut parts) {
        *number = part.parse().ok()?;
    }
    (parts.next().is_none() && !text.trim().is_empty()).then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Result<Config, Error> {
        parse(SourceText { path: FILE_NAME.to_owned(), text: text.to_owned() }, Path::new("."), &Files::Disk)
    }

    #[test]
    fn reads_every_section() {
        let config = config(
            "required-version = '>=0.1'\n[rules]\ndefaults = false\nfiles = ['r']\nonly = ['a']\nexclude = ['b']\n\
             [rules.severity]\nc = 'low'\n[paths]\ninclude = ['src/**']\nexclude = ['*.lock']\n\
             [thresholds]\nfail-on = 'high'\nconfidence = 'low'\nmax-file-size = 1000\n\
             [[ignore]]\npaths = ['fixtures/**']\nreason = 'invented'\nuntil = 2027-03-01\n",
        )
        .expect("it is right");
        assert!(config.rules.no_defaults);
        assert_eq!(config.rules.severity, [("c".to_owned(), Severity::Low)]);
        assert_eq!(config.fail_on, Some(Severity::High));
        assert_eq!(config.ignores[0].until, chrono::NaiveDate::from_ymd_opt(2027, 3, 1));
        assert_eq!(config.ignores[0].region.start.line, 16);
    }

    #[test]
    fn all_mistakes_at_once_with_their_places() {
        let error = config("[threshold]\n[rules]\nonyl = []\n[[ignore]]\npaths = ['[']\n").expect_err("it is wrong");
        let text = error.to_string();
        for expected in [
            "error: unknown key `threshold`\n --> keyrot.toml:1:2",
            "help: did you mean `thresholds`?",
            "error: unknown key `onyl`\n --> keyrot.toml:3:1",
            "error: `reason` is missing\n --> keyrot.toml:4:1",
            "error: this is no glob",
        ] {
            assert!(text.contains(expected), "{expected} is not in:\n{text}");
        }
    }

    #[test]
    fn another_version_is_refused() {
        assert!(matches!(config("required-version = '>=99'"), Err(Error::Version { .. })));
        assert!(config("required-version = '0.0.1'").is_ok());
        assert!(matches!(config("required-version = '=0.0.1'"), Err(Error::Version { .. })));
    }
}
