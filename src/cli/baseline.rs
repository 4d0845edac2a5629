//! `keyrot baseline`: the list of known secrets.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand};
use keyrot::config::Files;
use keyrot::report::{Report, Status};
use keyrot::scan;
use keyrot::secret::FingerprintKey;
use keyrot::source::git::{Ask, What};
use keyrot::suppress::Baseline;

use super::baseline_audit::AuditArgs;
use super::change::{self, Change};
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

pub(crate) fn run(command: &BaselineCommand, console: &Console, environment: &Environment) -> anyhow::Result<u8> {
    match command {
        BaselineCommand::Create(args) => create(args, console, environment),
        BaselineCommand::Update(args) => change(args, true, console, environment),
        BaselineCommand::Prune(args) => change(args, false, console, environment),
        BaselineCommand::Audit(args) => super::baseline_audit::run(args, console, environment),
    }
}

fn create(args: &CreateArgs, console: &Console, environment: &Environment) -> anyhow::Result<u8> {
    let path = args.setup.baseline_file()?;
    anyhow::ensure!(
        args.force || !path.exists(),
        "{} is there already: `keyrot baseline update` adds to it, --force replaces it",
        path.display()
    );
    let mut baseline = start(&path, args.key.read(environment)?.as_ref(), args.history)?;
    let report = look(&baseline, &args.setup.without_baseline(), &args.key, console, environment)?;
    let added = report.findings.iter().filter(|finding| baseline.add(finding)).count();
    write(&path, &baseline)?;
    console.say(&format!("{}: {added} secrets; {}", shown(&path), report.summary()));
    say_others(&report, &baseline, console);
    Ok(0)
}

/// An empty baseline, keyed with the project's key where there is one, else with a salt of its own.
pub(crate) fn start(path: &Path, key: Option<&FingerprintKey>, history: bool) -> anyhow::Result<Baseline> {
    let name = shown(path);
    let Some(key) = key else {
        let mut salt = [0; 32];
        getrandom::fill(&mut salt).map_err(|error| anyhow::anyhow!("cannot get random bytes: {error}"))?;
        return Ok(Baseline::with_salt(name, salt, history));
    };
    Ok(Baseline::with_project_key(name, key, history))
}

/// A baseline that is keyed with the project's key needs that key.
pub(crate) fn check_key(baseline: &Baseline, key: Option<&FingerprintKey>, path: &Path) -> anyhow::Result<()> {
    let Some(id) = baseline.project_key() else { return Ok(()) };
    anyhow::ensure!(
        key.is_some_and(|key| key.id() == id),
        "{} is keyed with the project's key {id}: set KEYROT_KEY or --key-file",
        path.display()
    );
    Ok(())
}

/// Adds or prunes.
fn change(args: &ScanArgs, add: bool, console: &Console, environment: &Environment) -> anyhow::Result<u8> {
    let path = args.setup.baseline_file()?;
    let mut baseline = read_baseline(&path, &Files::Disk).context("`keyrot baseline create` starts one")?;
    check_key(&baseline, args.key.read(environment)?.as_ref(), &path)?;
    let report = look(&baseline, &args.setup.without_baseline(), &args.key, console, environment)?;
    anyhow::ensure!(
        add || report.status() != Status::Incomplete,
        "something could not be read: what seems gone may be there. Nothing is pruned"
    );
    let (count, word) = if add {
        (report.findings.iter().filter(|finding| baseline.add(finding)).count(), "added")
    } else {
        // What a finding took in as a part stands there all the same.
        let all = report.findings.iter().chain(&report.suppressed);
        let all = all.flat_map(|finding| std::iter::once(finding).chain(&finding.absorbed));
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
pub(crate) fn look(
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

pub(crate) fn write(path: &Path, baseline: &Baseline) -> anyhow::Result<()> {
    if let Some(attributes) = attributes(path) {
        change::write(&attributes, ATTRIBUTES)?;
    }
    change::write(path, &baseline.text())
}

/// The files that a baseline needs, as changes.
pub(crate) fn changes(path: &Path, baseline: &Baseline) -> anyhow::Result<Vec<Change>> {
    let attributes = attributes(path).map(|path| Change::new(path, ATTRIBUTES.to_owned())).transpose()?.flatten();
    Ok(Change::new(path.to_owned(), baseline.text())?.into_iter().chain(attributes).collect())
}

/// The file of git's that goes with a baseline at its usual place, where it is missing.
fn attributes(path: &Path) -> Option<PathBuf> {
    let folder = path.parent().filter(|folder| folder.ends_with(".keyrot"))?;
    Some(folder.join(".gitattributes")).filter(|path| !path.exists())
}
