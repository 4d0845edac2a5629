//! `keyrot inventory`: start one, check one, write one in another form.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand, ValueEnum};
use keyrot::lifecycle::inventory::{Form, write};
use keyrot::lifecycle::key::{Gives, KnownKey, Place, Source, Stated, Status};
use keyrot::scan;
use keyrot::source::git::{Ask, What};
use keyrot::source::{self, WorkTree};

use super::life::{KeyArgs, chosen, read};
use super::output::Console;
use super::progress::Bar;
use super::scan::{parse_instant, run_key};
use super::setup::SetupArgs;
use crate::Environment;

#[derive(Debug, Subcommand)]
pub(crate) enum InventoryCommand {
    /// Scan and print an inventory with a row for each secret found, ready to be filled in.
    Init(InitArgs),
    /// Read inventories and exports and say what is wrong with them.
    Check(FilesArgs),
    /// Merge inventories and exports and print one inventory.
    Export(ExportArgs),
}

#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// Files and folders to scan.
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    /// The form of the inventory.
    #[arg(long, value_enum, default_value = "toml")]
    form: FormArg,
    /// Do not read the repository's history for the days on which values were first committed.
    #[arg(long)]
    no_history: bool,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    setup: SetupArgs,
}

#[derive(Debug, Args)]
pub(crate) struct FilesArgs {
    /// Inventories and vendors' exports [default: those of this repository].
    #[arg(value_name = "FILE")]
    exports: Vec<PathBuf>,
    #[command(flatten)]
    setup: SetupArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    files: FilesArgs,
    /// The form of the inventory.
    #[arg(long, value_enum, default_value = "toml")]
    form: FormArg,
    /// Write this as the instant of the export instead of now.
    #[arg(long, value_name = "DATE", value_parser = parse_instant)]
    as_of: Option<DateTime<Utc>>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FormArg {
    /// For people.
    Toml,
    /// For programs.
    Json,
    /// For spreadsheets: the flat fields only.
    Csv,
}

impl From<FormArg> for Form {
    fn from(form: FormArg) -> Self {
        match form {
            FormArg::Toml => Self::Toml,
            FormArg::Json => Self::Json,
            FormArg::Csv => Self::Csv,
        }
    }
}

pub(crate) fn run(command: &InventoryCommand, console: &Console, environment: &Environment) -> anyhow::Result<u8> {
    match command {
        InventoryCommand::Init(args) => init(args, console, environment),
        InventoryCommand::Check(args) => check(args, console),
        InventoryCommand::Export(args) => export(args, console, environment),
    }
}

/// Without a project key the rows have no fingerprint, and a note says so.
fn init(args: &InitArgs, console: &Console, environment: &Environment) -> anyhow::Result<u8> {
    let project = args.key.read(environment)?;
    if project.is_none() {
        console.say("note: no project key: the rows have no fingerprints; set KEYROT_KEY or --key-file");
    }
    let fingerprint = project.map_or_else(run_key, Ok)?;
    let scanning = scan::Options { fingerprint, show_secrets: false, limits: scan::Limits::default() };
    let request = args.setup.resolve(&args.paths, None)?.request(scanning.clone(), environment.now);
    let report = keyrot::run(request, &Bar::new(false))?;
    let first_seen = if args.no_history { BTreeMap::new() } else { first_seen(args, &scanning, environment, console)? };
    let source = Source { overlay: true, ..Source::new("overlay", Gives::ALL) };
    let source = std::sync::Arc::new(source);
    let mut seen = std::collections::BTreeSet::new();
    let mut keys = Vec::new();
    for finding in &report.findings {
        let Some(exposed) = &finding.secret else { continue };
        if !seen.insert(exposed.fingerprint.to_string()) {
            continue;
        }
        let mut key = KnownKey::new(std::sync::Arc::clone(&source), Place::default());
        key.name = Some(format!("{} {}", finding.rule, keys.len() + 1));
        key.class = Some(finding.rule.as_str().to_owned());
        key.status = Status::Unknown;
        let first = first_seen.get(&exposed.fingerprint.to_string()).copied();
        key.first_seen = first.map_or(Stated::Unknown, Stated::exact);
        if exposed.fingerprint.joins_inventory() {
            let prints = std::iter::once(&exposed.fingerprint).chain(&exposed.pass);
            key.fingerprints = prints.map(ToString::to_string).collect();
        }
        keys.push(key);
    }
    console.out().write_all(write(&keys, "overlay", environment.now, args.form.into()).as_bytes())?;
    console.say(&format!("{} rows: fill in owner, service, environment, created and expires", keys.len()));
    Ok(0)
}

/// When the repositories of the paths first held each value, by its print, as committers state.
fn first_seen(
    args: &InitArgs,
    scanning: &scan::Options,
    environment: &Environment,
    console: &Console,
) -> anyhow::Result<BTreeMap<String, DateTime<Utc>>> {
    let mut first: BTreeMap<String, DateTime<Utc>> = BTreeMap::new();
    let trees: Result<BTreeSet<PathBuf>, _> =
        args.paths.iter().map(|path| Ok::<_, source::Error>(WorkTree::open(path)?.base().to_owned())).collect();
    for path in trees?.into_iter().filter(|base| base.join(".git").exists()) {
        let what = What::History { revisions: Vec::new(), unreachable: false };
        let ask = Ask { path, environment: environment.git.clone(), what, ..Ask::default() };
        let request = args.setup.resolve_git(ask)?.request(scanning.clone(), environment.now);
        match keyrot::timeline(&request, &Bar::new(false)) {
            Ok((timeline, _)) => {
                for value in timeline.slots.iter().flat_map(|slot| &slot.values) {
                    let time = first.entry(value.fingerprint.to_string()).or_insert(value.first.1);
                    *time = value.first.1.min(*time);
                }
            }
            Err(error) => console.say(&format!("note: no days from history: {error}")),
        }
    }
    Ok(first)
}

fn check(args: &FilesArgs, console: &Console) -> anyhow::Result<u8> {
    let setup = args.setup.resolve_here()?;
    let (chosen, mut failed) = (chosen(&args.exports)?, false);
    for scope in &setup.scopes {
        let inventory = read(chosen.files.clone(), &scope.lifecycle.mappings)?;
        let mut out = console.out();
        for issue in &inventory.issues {
            writeln!(out, "{}: {}: {}", inventory.location(issue.place).label(), issue.rule, issue.text)?;
        }
        for file in &inventory.files {
            let names: Vec<&str> = file.sources.iter().map(|source| source.name.as_str()).collect();
            let names = if file.refused { "refused: it carries key values".to_owned() } else { names.join(", ") };
            writeln!(out, "{}: {names}", file.text.path)?;
        }
        writeln!(
            out,
            "{} keys, {} waivers, {} issues",
            inventory.keys.len(),
            inventory.waivers.len(),
            inventory.issues.len()
        )?;
        failed |= !inventory.issues.is_empty();
    }
    Ok(u8::from(failed))
}

/// Conflicts go to standard error: they are reported, never chosen silently.
fn export(args: &ExportArgs, console: &Console, environment: &Environment) -> anyhow::Result<u8> {
    let setup = args.files.setup.resolve_here()?;
    let now = args.as_of.unwrap_or(environment.now);
    let (chosen, mut failed) = (chosen(&args.files.exports)?, false);
    for scope in &setup.scopes {
        let inventory = read(chosen.files.clone(), &scope.lifecycle.mappings)?;
        for issue in &inventory.issues {
            console.say(&format!("{}: {}: {}", inventory.location(issue.place).label(), issue.rule, issue.text));
        }
        failed |= !inventory.issues.is_empty();
        console.out().write_all(write(&inventory.keys, "keyrot-export", now, args.form.into()).as_bytes())?;
    }
    Ok(u8::from(failed))
}
