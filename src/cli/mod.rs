//! The command line: clap types, and one file a command that turns them into a request of the library.

mod audit;
mod baseline;
mod baseline_audit;
mod change;
mod doctor;
mod explain;
mod git;
mod hook;
mod init;
mod interrupt;
mod inventory;
mod life;
mod limits;
mod migrate;
mod output;
mod progress;
mod remediate;
mod report;
mod rules;
mod scan;
mod setup;
mod timeline;

use std::io::Write;

use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::Environment;

/// Finds keys that leaked into repositories and tells which keys are past their time.
#[derive(Debug, Parser)]
#[command(name = "keyrot", version, max_term_width = 100, propagate_version = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    global: Global,
}

/// Flags of every command.
#[derive(Clone, Debug, Args)]
pub(crate) struct Global {
    /// When to colour the output.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: Color,
    /// Say nothing on standard error but errors.
    #[arg(long, short, global = true)]
    quiet: bool,
    /// Say more: each skipped input, each reason for dropping candidates.
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
}

/// When to colour.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Find exposed keys in files, folders or standard input.
    Scan(Box<scan::ScanArgs>),
    /// Audit inventories and vendors' exports: expiry, age, scopes, owners.
    Audit(Box<audit::AuditArgs>),
    /// List what ends or is due for rotation.
    Due(Box<audit::DueArgs>),
    /// Print the keyed fingerprint of a secret read from standard input, for an inventory.
    Fingerprint(audit::FingerprintArgs),
    /// Start, check and export inventories.
    #[command(subcommand)]
    Inventory(Box<inventory::InventoryCommand>),
    /// Convert and merge saved JSON and JSON Lines reports into any format.
    Report(report::ReportCommand),
    /// List, show and test rules.
    #[command(subcommand)]
    Rules(rules::RulesCommand),
    /// Explain a rule: what it finds, why it matters, how to rotate.
    Explain {
        /// The rule's id.
        id: String,
    },
    /// Show the keys of a history over time: each slot's values, rotations, and what was never replaced.
    Timeline(Box<timeline::TimelineArgs>),
    /// Install git hooks, or run as one.
    #[command(subcommand)]
    Hook(hook::HookCommand),
    /// Keep the list of known secrets: create, update, prune and judge its entries.
    #[command(subcommand)]
    Baseline(Box<baseline::BaselineCommand>),
    /// Tell the steps for keys that leaked (rotate, replace, purge), and check that they were taken.
    Remediate(Box<remediate::RemediateArgs>),
    /// Set a repository up: configuration, hook, baseline of what is there, pipeline. Shows first what it will do.
    Init(Box<init::InitArgs>),
    /// Move over from another scanner: its ignores, baselines, rules and hooks become keyrot's.
    Migrate(Box<migrate::MigrateArgs>),
    /// Prove that the hook, the configuration and the rules catch a canary.
    Doctor(Box<doctor::DoctorArgs>),
    /// Print a completion script.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page.
    Man,
}

/// Runs the command; the result is the process's exit code.
pub(crate) fn run(cli: Cli, environment: &Environment) -> anyhow::Result<u8> {
    let console = output::Console::new(&cli.global);
    match cli.command {
        Command::Scan(args) => scan::run(&args, &console, environment),
        Command::Audit(args) => audit::run(&args, &console, environment),
        Command::Due(args) => audit::due(&args, &console, environment),
        Command::Fingerprint(args) => audit::fingerprint(&args, &console, environment),
        Command::Inventory(command) => inventory::run(&command, &console, environment),
        Command::Report(command) => report::run(&command, &console),
        Command::Rules(command) => rules::run(command, &console),
        Command::Explain { id } => explain::run(&id, &console),
        Command::Timeline(args) => timeline::run(&args, &console, environment),
        Command::Hook(command) => hook::run(command, &console, environment),
        Command::Baseline(command) => baseline::run(&command, &console, environment),
        Command::Remediate(args) => remediate::run(&args, &console, environment),
        Command::Init(args) => init::run(&args, &console, environment),
        Command::Migrate(args) => migrate::run(&args, &console, environment),
        Command::Doctor(args) => doctor::run(&args, &console, environment),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "keyrot", &mut script);
            console.out().write_all(&script)?;
            Ok(0)
        }
        Command::Man => {
            clap_mangen::Man::new(Cli::command()).render(&mut console.out())?;
            Ok(0)
        }
    }
}
