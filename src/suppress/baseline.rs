//! The baseline: secrets that are known to stand in a repository, by keyed print. It names secrets, not places, so it
//! survives moved lines, renames and squashed commits, and a new value on an old line always shows.
//!
//! One line an entry, sorted, without times and line numbers: branches that both add entries merge. The prints are keyed
//! with the project's key, or else with the random salt in the header. A salt in the same repository keeps no secret from
//! somebody who can guess it; while the secrets stand in clear beside it, there is nothing to guess.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::{Coverage, LAPSED, Run, UNUSED, about, holds, region};
use crate::diagnostic::{Problem, Problems, SourceText};
use crate::finding::{Finding, Origin, Position, Region, Span, SuppressedBy, Suppression};
use crate::secret::{Fingerprint, FingerprintKey, KeyKind};
use crate::toml_reader::{self, Moment, Table};

/// Where it is looked for, below the folder of `keyrot.toml` or else the root of the repository.
pub const FILE_NAME: &str = ".keyrot/baseline.toml";

/// Known secrets.
#[derive(Clone, Debug)]
pub struct Baseline {
    /// The file, as messages show it.
    pub file: String,
    key: Key,
    /// Whether the entries come from a whole history; else from a work tree.
    pub history: bool,
    entries: BTreeMap<String, Entry>,
}

/// What its prints are keyed with.
#[derive(Clone, Debug)]
enum Key {
    /// The project's key, by its id.
    Project(String),
    /// The salt in its header, as written and as a key.
    Salt(String, FingerprintKey),
}

/// One known secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The rule that found it.
    pub rule: String,
    /// Where it was found first. Only people read it.
    pub path: String,
    /// What somebody judged it to be.
    pub verdict: Option<Verdict>,
    /// Why.
    pub reason: Option<String>,
    /// The last day it is hidden, inclusive.
    pub until: Option<NaiveDate>,
    region: Region,
}

/// What somebody judged a secret to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A key that leaked.
    True,
    /// No key.
    False,
    /// A key that leaked and will be rotated.
    Later,
}

impl Verdict {
    const NAMES: &'static [&'static str] = &["true", "false", "later"];

    /// How the file writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::True => "true",
            Self::False => "false",
            Self::Later => "later",
        }
    }
}

impl std::str::FromStr for Verdict {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "true" => Ok(Self::True),
            "false" => Ok(Self::False),
            "later" => Ok(Self::Later),
            _ => Err(format!("write {}", Self::NAMES.join(", "))),
        }
    }
}

impl Baseline {
    /// An empty one whose prints are keyed with the project's key.
    pub fn with_project_key(file: String, key: &FingerprintKey, history: bool) -> Self {
        Self { file, key: Key::Project(key.id().to_owned()), history, entries: BTreeMap::new() }
    }

    /// An empty one with a salt of its own.
    pub fn with_salt(file: String, salt: [u8; 32], history: bool) -> Self {
        let text = data_encoding::HEXLOWER.encode(&salt);
        Self {
            file,
            key: Key::Salt(text, FingerprintKey::new(KeyKind::Salt, &salt)),
            history,
            entries: BTreeMap::new(),
        }
    }

    /// Reads its text.
    ///
    /// # Errors
    /// Every mistake in it, with its place.
    pub fn read(source: SourceText) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let root = toml_reader::parse(&source.text, &mut problems);
        let read = root.as_ref().and_then(|root| read_all(Table::root(root), &source, &mut problems));
        match read {
            Some(baseline) if problems.is_empty() => Ok(baseline),
            _ => {
                for problem in problems.iter_mut().filter(|problem| problem.message.contains("duplicate key")) {
                    problem.hint = Some(
                        "two baselines were merged: keep one header, then run `keyrot baseline update`".to_owned(),
                    );
                }
                Err(Problems { source, list: problems })
            }
        }
    }

    /// The salt in its header.
    pub fn salt(&self) -> Option<&FingerprintKey> {
        match &self.key {
            Key::Salt(_, key) => Some(key),
            Key::Project(_) => None,
        }
    }

    /// The id of the project's key that its prints are keyed with.
    pub fn project_key(&self) -> Option<&str> {
        match &self.key {
            Key::Project(id) => Some(id),
            Key::Salt(..) => None,
        }
    }

    /// Its entries by print, sorted.
    pub fn entries(&self) -> &BTreeMap<String, Entry> {
        &self.entries
    }

    /// The print that stands for the secret of a finding; none where the run did not have the key.
    pub fn print(&self, finding: &Finding) -> Option<String> {
        let secret = finding.secret.as_ref()?;
        let print: Option<&Fingerprint> = match &self.key {
            Key::Salt(_, key) => secret.marks.salted.as_ref().filter(|print| print.key_id() == key.id()),
            Key::Project(id) => {
                Some(&secret.fingerprint).filter(|print| print.key_id() == id && print.joins_inventory())
            }
        };
        print.map(ToString::to_string)
    }

    /// Adds the secret of a finding; whether it was new.
    pub fn add(&mut self, finding: &Finding) -> bool {
        let Some(print) = self.print(finding) else { return false };
        let path = finding.location.origin.path().to_owned();
        if self.entries.contains_key(&print) {
            return false;
        }
        let rule = finding.rule.as_str().to_owned();
        self.entries.insert(print, Entry { rule, path, verdict: None, reason: None, until: None, region: nowhere() });
        true
    }

    /// Keeps only the entries with these prints; tells how many went.
    pub fn keep(&mut self, prints: &BTreeSet<String>) -> usize {
        let before = self.entries.len();
        self.entries.retain(|print, _| prints.contains(print));
        before - self.entries.len()
    }

    /// Writes a judgement into the entry whose print begins so. Whether there is exactly one.
    pub fn judge(&mut self, print: &str, verdict: Verdict, reason: Option<String>, until: Option<NaiveDate>) -> bool {
        let mut fitting = self.entries.iter_mut().filter(|(known, _)| known.starts_with(print));
        let (Some((_, entry)), None) = (fitting.next(), fitting.next()) else { return false };
        (entry.verdict, entry.reason, entry.until) = (Some(verdict), reason, until);
        true
    }

    /// Writes what is known about the secret of a finding into its entry, where nobody judged that yet.
    pub fn describe(&mut self, finding: &Finding, verdict: Option<Verdict>, reason: Option<&str>) {
        let Some(entry) = self.print(finding).and_then(|print| self.entries.get_mut(&print)) else { return };
        if entry.verdict.is_none() {
            entry.verdict = verdict;
            entry.reason = entry.reason.take().or(reason.map(str::to_owned));
        }
    }

    /// Its text.
    pub fn text(&self) -> String {
        let key = match &self.key {
            Key::Project(id) => format!("key = {}", quoted(id)),
            Key::Salt(salt, _) => format!("salt = {}", quoted(salt)),
        };
        let covers = if self.history { "history" } else { "tree" };
        let mut text = format!(
            "# Known secrets of this repository by keyed print, one a line. Written by `keyrot baseline`.\n\
             version = 1\n{key}\ncovers = \"{covers}\"\nentries = [\n"
        );
        for (print, entry) in &self.entries {
            let (print, rule, path) = (quoted(print), quoted(&entry.rule), quoted(&entry.path));
            text.push_str(&format!("  {{ print = {print}, rule = {rule}, path = {path}"));
            if let Some(verdict) = entry.verdict {
                text.push_str(&format!(", verdict = \"{}\"", verdict.name()));
            }
            if let Some(reason) = &entry.reason {
                text.push_str(&format!(", reason = {}", quoted(reason)));
            }
            if let Some(until) = entry.until {
                text.push_str(&format!(", until = {until}"));
            }
            text.push_str(" },\n");
        }
        text.push_str("]\n");
        text
    }
}

/// A TOML string on one line.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            _ if letter.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(letter))),
            _ => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

fn nowhere() -> Region {
    let start = Position { line: 1, column: 1, utf16: 1, utf8: 1 };
    Region { start, end: start, bytes: Span::default() }
}

fn read_all(mut table: Table<'_, '_>, source: &SourceText, problems: &mut Vec<Problem>) -> Option<Baseline> {
    let span = table.span();
    if let Some(version) = table.number("version", problems).filter(|version| *version != 1) {
        problems.push(Problem::new(
            span.clone(),
            format!("version {version} is of a later keyrot, this one reads version 1"),
        ));
    }
    let (salt, key) = (table.string("salt", problems), table.string("key", problems));
    let key = match (salt, key) {
        (Some((salt, span)), None) => read_salt(salt, span, problems),
        (None, Some((id, _))) => Some(Key::Project(id)),
        _ => {
            let problem = Problem::new(span, "a baseline has either `salt` or `key`");
            problems.push(problem.with_hint("`keyrot baseline create` writes a new one"));
            None
        }
    };
    let covers = table.string("covers", problems);
    let history = match covers.as_ref().map(|(name, _)| name.as_str()) {
        None | Some("tree") => false,
        Some("history") => true,
        Some(name) => {
            let span = covers.as_ref().map_or(0..0, |(_, span)| span.clone());
            problems.push(toml_reader::unknown_name(name, span, &["tree", "history"]));
            false
        }
    };
    let mut entries = BTreeMap::new();
    for entry in table.tables("entries", problems) {
        let (print, entry) = read_entry(entry, source, problems);
        // A merge may bring an entry twice: the one that was judged stays.
        let judged = entry.verdict.is_some();
        if judged || !entries.contains_key(&print) {
            entries.insert(print, entry);
        }
    }
    table.finish(problems);
    Some(Baseline { file: source.path.clone(), key: key?, history, entries })
}

fn read_salt(salt: String, span: std::ops::Range<usize>, problems: &mut Vec<Problem>) -> Option<Key> {
    match data_encoding::HEXLOWER.decode(salt.as_bytes()) {
        Ok(bytes) if bytes.len() >= 16 => Some(Key::Salt(salt, FingerprintKey::new(KeyKind::Salt, &bytes))),
        _ => {
            problems.push(Problem::new(span, "`salt` must be at least 32 hexadecimal digits"));
            None
        }
    }
}

fn read_entry(mut table: Table<'_, '_>, source: &SourceText, problems: &mut Vec<Problem>) -> (String, Entry) {
    let region = region(source, &table.span());
    let print = table.required("print", problems).0;
    let entry = Entry {
        rule: table.required("rule", problems).0,
        path: table.required("path", problems).0,
        verdict: table.one_of("verdict", problems, Verdict::NAMES),
        reason: table.string("reason", problems).map(|(reason, _)| reason),
        until: table.datetime("until", problems).and_then(|(moment, span)| {
            let text = match moment {
                Moment::Native(native) => native.to_string(),
                Moment::Text(text) => text,
            };
            let date = text.parse().ok();
            if date.is_none() {
                problems.push(Problem::new(span, "`until` must be a date").with_hint("write until = 2027-03-01"));
            }
            date
        }),
        region,
    };
    table.finish(problems);
    (print, entry)
}

/// A baseline at work.
pub(super) struct Judge<'b> {
    baseline: &'b Baseline,
    used: BTreeSet<&'b str>,
}

impl<'b> Judge<'b> {
    pub(super) fn new(baseline: &'b Baseline) -> Self {
        Self { baseline, used: BTreeSet::new() }
    }

    pub(super) fn suppress(&mut self, finding: &Finding, today: NaiveDate) -> Option<Suppression> {
        let print = self.baseline.print(finding)?;
        let (print, entry) = self.baseline.entries.get_key_value(&print)?;
        self.used.insert(print);
        holds(entry.until, today).then(|| Suppression {
            by: SuppressedBy::Baseline,
            reason: entry.reason.clone(),
            until: entry.until,
            place: self.baseline.place(entry),
        })
    }

    pub(super) fn finish(self, run: &Run<'_>, notes: &mut Vec<String>) -> Vec<Finding> {
        let Baseline { file, entries, history, .. } = self.baseline;
        let project = self.baseline.project_key();
        if let Some(id) = project.filter(|id| !entries.is_empty() && run.key != *id) {
            notes.push(format!(
                "The {} entries of '{file}' hide nothing in this run: they are keyed with the project's key {id}, which is not here. Set KEYROT_KEY or --key-file.",
                entries.len()
            ));
            return Vec::new();
        }
        let covered = run.coverage == if *history { Coverage::History } else { Coverage::Tree };
        let mut findings = Vec::new();
        for (print, entry) in entries {
            let place = self.baseline.place(entry);
            let origin = Origin::File { path: file.clone() };
            if let Some(until) = entry.until.filter(|until| run.today > *until) {
                let text = format!("The baseline entry at '{place}' lapsed: it held until {until}.");
                findings.push(about(LAPSED, origin, entry.region, text));
            } else if covered && run.rules.contains_key(entry.rule.as_str()) && !self.used.contains(print.as_str()) {
                let text =
                    format!("The baseline entry at '{place}' hides nothing: its secret is gone from '{}'.", entry.path);
                findings.push(about(UNUSED, origin, entry.region, text));
            }
        }
        findings
    }
}

impl Baseline {
    fn place(&self, entry: &Entry) -> String {
        format!("{}:{}", self.file, entry.region.start.line)
    }
}
