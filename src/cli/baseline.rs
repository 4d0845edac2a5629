//! `keyrot baseline`: the list of known secrets.

use std::collections::BTreeSet;
use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;

use anyhow::Context;
use chrono::NaiveDate;
use clap::{Args, Subcommand};
use keyrot::config::Files;
use keyrot::report::{Report, Status};
use keyrot::scan;
use keyrot::source::git::{Ask, What};
use keyrot::suppress::Baseline;
use keyrot::suppress::baseline::{Entry, Verdict};

use super::life::KeyArgs;
use super::output::Console;
use super::progress::Bar;
use super::scan::run_key;
use super::setup::{SetupArgs, read_baseline, shown};
use crate::Environment;

/// Lets branches that both add entries merge without a conflict.
const ATTRIBUTES: &str = "# Entries of two branches are simply joined: keyrot reads them in any order.\nbaseline.toml merge=union text eol=lf\n";

#[derive(Debug, Subcommand)]
pub(crate) enum BaselineCommand {
    /// Start a baseline with everything that is found now.
    Create(CreateArgs),
    /// Add what is found and not known yet.
    Update(ScanArgs),
    /// Take out what is gone.
    Prune(ScanArgs),
    /// Judge entries: one by one on a terminal, or the one that is named.
    Audit(AuditArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ScanArgs {
    /// Tell what would change, and end with 1 if anything would.
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    setup: SetupArgs,
}

#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    /// Read the whole history, not only the work tree.
    #[arg(long)]
    history: bool,
    /// Replace a baseline that is there.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    setup: SetupArgs,
}

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
    setup: SetupArgs,
}

pub(crate) fn run(command: &BaselineCommand, console: &Console, environment: &Environment) -> anyhow::Result<u8> {
    match command {
        BaselineCommand::Create(args) => create(args, console, environment),
        BaselineCommand::Update(args) => change(args, true, console, environment),
        BaselineCommand::Prune(args) => change(args, false, console, environment),
        BaselineCommand::Audit(args) => audit(args, console, environment),
    }
}

fn create(args: &CreateArgs, console: &Console, environment: &Environment) -> anyhow::Result<u8> {
    let path = args.setup.baseline_file()?;
    anyhow::ensure!(
        args.force || !path.exists(),
        "{} is there already: `keyrot baseline update` adds to it, --force replaces it",
        path.display()
    );
    let name = shown(&path);
    let mut baseline = if let Some(key) = args.key.read(environment)? {
        Baseline::with_project_key(name, &key, args.history)
    } else {
        let mut salt = [0; 32];
        getrandom::fill(&mut salt).map_err(|error| anyhow::anyhow!("cannot get random bytes: {error}"))?;
        Baseline::with_salt(name, salt, args.history)
    };
    let report = look(&baseline, &args.setup.without_baseline(), &args.key, console, environment)?;
    let added = report.findings.iter().filter(|finding| baseline.add(finding)).count();
    write(&path, &baseline)?;
    console.say(&format!("{}: {added} secrets; {}", shown(&path), report.summary()));
    say_others(&report, &baseline, console);
    Ok(0)
}

/// Adds or prunes.
fn change(args: &ScanArgs, add: bool, console: &Console, environment: &Environment) -> anyhow::Result<u8> {
    let path = args.setup.baseline_file()?;
    let mut baseline = read_baseline(&path, &Files::Disk).context("`keyrot baseline create` starts one")?;
    if let Some(id) = baseline.project_key() {
        let key = args.key.read(environment)?;
        anyhow::ensure!(
            key.as_ref().is_some_and(|key| key.id() == id),
            "{} is keyed with the project's key {id}: set KEYROT_KEY or --key-file",
            path.display()
        );
    }
    let report = look(&baseline, &args.setup.without_baseline(), &args.key, console, environment)?;
    anyhow::ensure!(
        add || report.status() != Status::Incomplete,
        "something could not be read: what seems gone may be there. Nothing is pruned"
    );
    let (count, word) = if add {
        (report.findings.iter().filter(|finding| baseline.add(finding)).count(), "added")
    } else {
        let all = report.findings.iter().chain(&report.suppressed);
        let prints: BTreeSet<String> = all.filter_map(|finding| baseline.print(finding)).collect();
        (baseline.keep(&prints), "pruned")
    };
    if args.check {
        console.say(&format!("{}: {count} would be {word}", shown(&path)));
        return Ok(u8::from(count > 0));
    }
    // Written even without changes: a merge may have left its lines unsorted.
    write(&path, &baseline)?;
    console.say(&format!("{}: {count} {word}, {} entries", shown(&path), baseline.entries().len()));
    say_others(&report, &baseline, console);
    Ok(0)
}

/// Everything that is found, as the baseline would print it.
fn look(
    baseline: &Baseline,
    setup: &SetupArgs,
    key: &KeyArgs,
    console: &Console,
    environment: &Environment,
) -> anyhow::Result<Report> {
    let top = std::env::current_dir().context("cannot tell the current folder")?;
    let top = keyrot::source::repository_root(&top).unwrap_or(&top).to_owned();
    let mut setup = if baseline.history {
        let what = What::History { revisions: Vec::new(), unreachable: false };
        setup.resolve_git(Ask { path: top, environment: environment.git.clone(), what, ..Ask::default() })?
    } else {
        setup.resolve(&[top], None)?
    };
    let mut empty = baseline.clone();
    empty.keep(&BTreeSet::new());
    for scope in &mut setup.scopes {
        scope.suppressions.baseline = Some(empty.clone());
    }
    let fingerprint = key.read(environment)?.map_or_else(run_key, Ok)?;
    let scanning = scan::Options { fingerprint, show_secrets: false, limits: scan::Limits::default() };
    let bar = Bar::new(console.shows_progress());
    let report = keyrot::run(setup.request(scanning, environment.now), &bar)?;
    bar.finish();
    Ok(report)
}

/// Findings without a secret, about keys' lives and suppressions, are not the baseline's.
fn say_others(report: &Report, baseline: &Baseline, console: &Console) {
    let others = report.findings.iter().filter(|finding| baseline.print(finding).is_none()).count();
    if others > 0 {
        console
            .say(&format!("note: {others} findings are not about a secret in a text; a baseline does not hide them"));
    }
}

fn write(path: &Path, baseline: &Baseline) -> anyhow::Result<()> {
    let failed = || format!("cannot write {}", path.display());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).with_context(failed)?;
    if folder.ends_with(".keyrot") && !folder.join(".gitattributes").exists() {
        std::fs::write(folder.join(".gitattributes"), ATTRIBUTES).with_context(failed)?;
    }
    let file = tempfile::Builder::new().prefix(".keyrot-").tempfile_in(folder).with_context(failed)?;
    std::fs::write(file.path(), baseline.text()).with_context(failed)?;
    super::output::set_ordinary_permissions(&file);
    file.persist(path).with_context(failed)?;
    Ok(())
}

fn audit(args: &AuditArgs, console: &Console, environment: &Environment) -> anyhow::Result<u8> {
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
    let judged = dialogue(&path, &mut baseline, &mut std::io::stdin().lock(), environment.now.date_naive(), console)?;
    console.say(&format!("{}: {judged} entries judged", shown(&path)));
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

/// Asks about every entry that nobody judged; each answer is written at once.
fn dialogue(
    path: &Path,
    baseline: &mut Baseline,
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

/// One line of an answer; none at the end of the input.
fn ask(out: &mut impl Write, input: &mut impl BufRead, question: &str) -> anyhow::Result<Option<String>> {
    write!(out, "{question}")?;
    out.flush()?;
    let mut line = String::new();
    let read = input.read_line(&mut line).context("cannot read the answer")?;
    Ok((read > 0).then(|| line.trim().to_owned()))
}
