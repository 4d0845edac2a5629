//! `keyrot baseline audit`: a person judges what is known, one by one on a terminal, or a script judges one entry.

use std::collections::BTreeMap;
use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;

use anyhow::Context;
use chrono::NaiveDate;
use clap::Args;
use keyrot::config::Files;
use keyrot::report::Report;
use keyrot::suppress::Baseline;
use keyrot::suppress::baseline::{Entry, Verdict};

use super::baseline::{look, write};
use super::life::KeyArgs;
use super::output::Console;
use super::setup::{SetupArgs, read_baseline, shown};
use crate::Environment;

/// Places of one secret that are shown.
const MOST_PLACES: usize = 3;

#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    /// The print of one entry, or its beginning; without it, a dialogue about every entry that is not judged yet.
    #[arg(value_name = "PRINT", requires = "verdict")]
    print: Option<String>,
    /// What it is: true (a key), false (no key), later (a key that will be rotated until --until).
    #[arg(long, value_name = "VERDICT", requires = "print")]
    verdict: Option<Verdict>,
    /// Why.
    #[arg(long, value_name = "TEXT", requires = "print")]
    reason: Option<String>,
    /// The last day it is hidden.
    #[arg(long, value_name = "DATE", requires = "print")]
    until: Option<NaiveDate>,
    /// List the entries as JSON lines and change nothing.
    #[arg(long, conflicts_with = "print")]
    list: bool,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    setup: SetupArgs,
}

pub(crate) fn run(args: &AuditArgs, console: &Console, environment: &Environment) -> anyhow::Result<u8> {
    let path = args.setup.baseline_file()?;
    let mut baseline = read_baseline(&path, &Files::Disk).context("`keyrot baseline create` starts one")?;
    if args.list {
        list(&baseline, console)?;
        return Ok(0);
    }
    if let (Some(print), Some(verdict)) = (&args.print, args.verdict) {
        check(verdict, args.until, environment.now.date_naive())?;
        anyhow::ensure!(
            baseline.judge(print, verdict, args.reason.clone(), args.until),
            "`{print}` is the beginning of no print, or of several: `keyrot baseline audit --list` shows them"
        );
        write(&path, &baseline)?;
        return Ok(0);
    }
    anyhow::ensure!(
        std::io::stdin().is_terminal(),
        "standard input is no terminal: name an entry and its --verdict, or use --list"
    );
    let report = look(&baseline, &args.setup.without_baseline(), &args.key, console, environment)?;
    let places = places(&baseline, &report);
    let today = environment.now.date_naive();
    let judged = dialogue(&path, &mut baseline, &places, &mut std::io::stdin().lock(), today, console)?;
    let open = baseline.entries().values().filter(|entry| entry.verdict.is_none()).count();
    console.say(&format!("{}: {judged} entries judged, {open} left", shown(&path)));
    Ok(0)
}

fn check(verdict: Verdict, until: Option<NaiveDate>, today: NaiveDate) -> anyhow::Result<()> {
    anyhow::ensure!(
        verdict != Verdict::Later || until.is_some(),
        "`later` needs a day: add --until YYYY-MM-DD, and the finding comes back after it"
    );
    anyhow::ensure!(until.is_none_or(|until| until >= today), "that day is past");
    Ok(())
}

fn list(baseline: &Baseline, console: &Console) -> anyhow::Result<()> {
    let mut out = console.out();
    for (print, entry) in baseline.entries() {
        let Entry { rule, path, verdict, reason, until, .. } = entry;
        let record = serde_json::json!({
            "print": print, "rule": rule, "path": path, "verdict": verdict.map(Verdict::name),
            "reason": reason, "until": until.map(|until| until.to_string()),
        });
        writeln!(out, "{record}")?;
    }
    Ok(())
}

/// Where each secret stands now, and the masked line, by print.
fn places(baseline: &Baseline, report: &Report) -> BTreeMap<String, Vec<String>> {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for finding in report.findings.iter().chain(&report.suppressed) {
        let Some(print) = baseline.print(finding) else { continue };
        let line = finding.location.snippet.as_ref().map(|snippet| snippet.text.trim().to_owned()).unwrap_or_default();
        places.entry(print).or_default().push(format!("{}: {line}", finding.location.label()));
    }
    places
}

/// Asks about every entry that nobody judged; each answer is written at once, so that one can stop and go on later.
fn dialogue(
    path: &Path,
    baseline: &mut Baseline,
    places: &BTreeMap<String, Vec<String>>,
    input: &mut impl BufRead,
    today: NaiveDate,
    console: &Console,
) -> anyhow::Result<usize> {
    let open: Vec<(String, Entry)> = baseline
        .entries()
        .iter()
        .filter(|(_, entry)| entry.verdict.is_none())
        .map(|(a, b)| (a.clone(), b.clone()))
        .collect();
    let mut out = console.out();
    let mut judged = 0;
    for (number, (print, entry)) in open.iter().enumerate() {
        writeln!(out, "\n{} of {}: {} in {} ({print})", number + 1, open.len(), entry.rule, entry.path)?;
        show_places(&mut out, places.get(print))?;
        let verdict = loop {
            match ask(&mut out, input, "[t]rue key, [f]alse alarm, rotate [l]ater, [s]kip, [q]uit? ")?.as_deref() {
                Some("t" | "true") => break Some(Verdict::True),
                Some("f" | "false") => break Some(Verdict::False),
                Some("l" | "later") => break Some(Verdict::Later),
                Some("s" | "skip" | "") => break None,
                Some("q" | "quit") | None => return Ok(judged),
                Some(_) => writeln!(out, "Write t, f, l, s or q.")?,
            }
        };
        let Some(verdict) = verdict else { continue };
        let reason = ask(&mut out, input, "Why? ")?.filter(|reason| !reason.is_empty());
        let until = loop {
            let Some(text) = ask(&mut out, input, "Hidden until (YYYY-MM-DD, empty for no end)? ")? else {
                return Ok(judged);
            };
            let until = if text.is_empty() { Ok(None) } else { text.parse().map(Some) };
            let checked =
                until.map_err(anyhow::Error::from).and_then(|until| check(verdict, until, today).map(|()| until));
            match checked {
                Ok(until) => break until,
                Err(error) => writeln!(out, "{error}")?,
            }
        };
        baseline.judge(print, verdict, reason, until);
        write(path, baseline)?;
        judged += 1;
    }
    Ok(judged)
}

fn show_places(out: &mut impl Write, places: Option<&Vec<String>>) -> anyhow::Result<()> {
    let Some(places) = places else {
        writeln!(out, "  it is not found now: `keyrot baseline prune` takes it out")?;
        return Ok(());
    };
    for place in places.iter().take(MOST_PLACES) {
        writeln!(out, "  {place}")?;
    }
    if places.len() > MOST_PLACES {
        writeln!(out, "  and {} more places", places.len() - MOST_PLACES)?;
    }
    Ok(())
}

/// One line of an answer; none at the end of the input.
fn ask(out: &mut impl Write, input: &mut impl BufRead, question: &str) -> anyhow::Result<Option<String>> {
    write!(out, "{question}")?;
    out.flush()?;
    let mut line = String::new();
    let read = input.read_line(&mut line).context("cannot read the answer")?;
    Ok((read > 0).then(|| line.trim().to_owned()))
}
