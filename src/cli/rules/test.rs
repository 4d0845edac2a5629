//! `keyrot rules test`: rules proven by their own texts, what they find elsewhere, and what they cost.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use clap::{Args, ValueEnum};
use keyrot::config::Files;
use keyrot::rule::{Rule, RuleSet};
use keyrot::scan::selftest::{Load, Proof, Prover};
use keyrot::scan::{self, Engine};
use keyrot::source::{self, Source, WorkTree};
use serde::Serialize;

use crate::cli::output::Console;
use crate::cli::progress::Bar;
use crate::cli::scan::run_key;
use crate::cli::setup::add_rules;

/// How often a rule's cost is measured; the least counts, the others were disturbed.
const MEASUREMENTS: usize = 3;

#[derive(Debug, Args)]
pub(crate) struct TestArgs {
    /// The rule file, or a folder of them: keyrot's own form, or that of gitleaks.
    #[arg(value_name = "FILE-OR-FOLDER")]
    path: PathBuf,
    /// The form of the report.
    #[arg(long, default_value = "text")]
    format: Form,
    /// Count what each rule finds in these files too (repeatable).
    #[arg(long, value_name = "FILE-OR-FOLDER")]
    on: Vec<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    Text,
    Json,
}

/// What is known of one rule.
#[derive(Serialize)]
struct Row<'r> {
    rule: &'r str,
    /// Examples that gave the rule and its secret, and the others.
    matches: usize,
    misses: usize,
    /// Counterexamples that the rule was silent about, and the others.
    silent: usize,
    fires: usize,
    /// Findings in the files that were named.
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<usize>,
    /// Time for a megabyte of text that is full of the rule's keywords and examples.
    #[serde(skip_serializing_if = "Option::is_none")]
    milliseconds_per_megabyte: Option<f64>,
    failures: Vec<Wrong>,
}

#[derive(Serialize)]
struct Wrong {
    text: String,
    problem: String,
}

pub(super) fn run(args: &TestArgs, console: &Console) -> anyhow::Result<u8> {
    let builtin = RuleSet::builtin();
    let mut files = RuleSet::default();
    for notice in add_rules(&mut files, (&args.path, &Files::Disk), &builtin)? {
        console.say(&format!("note: {notice}"));
    }
    // Rules are proven beside the built-in ones; a file that holds built-in rules replaces those.
    let set = builtin.replaced_by(&files);
    let found = if args.on.is_empty() { None } else { Some(count(&set, &args.on)?) };
    let prover = Prover::new(&set);
    let rows: Vec<Row<'_>> = files.rules().iter().map(|rule| row(rule, &prover, found.as_ref())).collect();
    let mut out = console.out();
    match args.format {
        Form::Text => write_text(&rows, &mut out)?,
        Form::Json => {
            serde_json::to_writer_pretty(&mut out, &serde_json::json!({ "rules": rows }))?;
            writeln!(out)?;
        }
    }
    Ok(u8::from(rows.iter().any(|row| !row.failures.is_empty())))
}

fn row<'r>(rule: &'r Rule, prover: &Prover, found: Option<&BTreeMap<String, usize>>) -> Row<'r> {
    let examples = rule.examples.as_deref().cloned().unwrap_or_default();
    // A rule of another scanner has no texts: it is not wrong for that.
    let proof = rule.examples.as_ref().map(|examples| prover.prove(rule, examples)).unwrap_or_default();
    let Proof { found: matches, examples: positive, silent, counterexamples, failures } = proof;
    Row {
        rule: rule.id.as_str(),
        matches,
        misses: positive - matches,
        silent,
        fires: counterexamples - silent,
        found: found.map(|found| found.get(rule.id.as_str()).copied().unwrap_or(0)),
        milliseconds_per_megabyte: Load::new(rule, &examples).map(|load| cost(&load)),
        failures: failures.into_iter().map(|one| Wrong { text: one.text, problem: one.problem }).collect(),
    }
}

/// Milliseconds for a megabyte.
fn cost(load: &Load) -> f64 {
    let once = || {
        let started = Instant::now();
        let bytes = load.run();
        started.elapsed().as_secs_f64() * 1e9 / bytes as f64
    };
    once(); // The pattern is compiled when it is first needed.
    (0..MEASUREMENTS).map(|_| once()).fold(f64::INFINITY, f64::min)
}

/// What each rule finds in the files.
fn count(set: &RuleSet, paths: &[PathBuf]) -> anyhow::Result<BTreeMap<String, usize>> {
    let engine = Engine::new(set);
    let reading = source::Options { jobs: std::thread::available_parallelism()?.get(), ..source::Options::default() };
    let scanning = scan::Options { fingerprint: run_key()?, show_secrets: false, limits: scan::Limits::default() };
    let mut found = BTreeMap::new();
    for path in paths {
        let source = Source::WorkTree(WorkTree::open(path)?);
        let listing = source.list(&reading)?;
        let outcome = scan::run(&source, listing, &reading, &engine, &scanning, &Bar::new(false))?;
        for finding in outcome.findings {
            *found.entry(finding.rule.as_str().to_owned()).or_default() += 1;
        }
    }
    Ok(found)
}

fn write_text(rows: &[Row<'_>], out: &mut impl Write) -> std::io::Result<()> {
    let width = rows.iter().map(|row| row.rule.len()).chain([4]).max().unwrap_or_default();
    let counted = rows.iter().any(|row| row.found.is_some());
    let head = if counted { "   found" } else { "" };
    writeln!(out, "{:width$}  matches  misses  silent   fires{head}   ms/MB", "rule")?;
    for row in rows {
        let Row { rule, matches, misses, silent, fires, .. } = row;
        write!(out, "{rule:width$}  {matches:7}  {misses:6}  {silent:6}  {fires:6}")?;
        if let Some(found) = row.found {
            write!(out, "  {found:6}")?;
        }
        match row.milliseconds_per_megabyte {
            Some(cost) => writeln!(out, "  {cost:6.2}")?,
            None => writeln!(out)?,
        }
        for Wrong { text, problem } in &row.failures {
            writeln!(out, "  {rule}: {text}: {problem}")?;
        }
    }
    let texts: usize = rows.iter().map(|row| row.matches + row.misses + row.silent + row.fires).sum();
    let failures: usize = rows.iter().map(|row| row.failures.len()).sum();
    writeln!(out, "{} rules, {texts} texts, {failures} failures", rows.len())
}
