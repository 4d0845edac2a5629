//! `keyrot audit`, `keyrot due` and `keyrot fingerprint`: keys without a scan.

use std::io::{Read, Write};
use std::path::PathBuf;

use anyhow::Context;
use chrono::{DateTime, Utc};
use clap::Args;
use keyrot::date::Length;
use keyrot::lifecycle::{Options, Scope, due};
use keyrot::report::RenderOptions;
use keyrot::rule::RuleSet;
use keyrot::secret::{FingerprintKey, KeyKind, Part, Secret};
use keyrot::{Request, scan};

use super::life::{KeyArgs, chosen, read};
use super::output::{Console, Files};
use super::progress::Bar;
use super::scan::{ReportArgs, parse_instant};
use super::setup::SetupArgs;
use crate::Environment;

#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    /// Inventories and vendors' exports [default: those of this repository].
    #[arg(value_name = "FILE")]
    exports: Vec<PathBuf>,
    /// Judge ages and ends at this date or instant instead of now.
    #[arg(long, value_name = "DATE", value_parser = parse_instant)]
    as_of: Option<DateTime<Utc>>,
    #[command(flatten)]
    setup: SetupArgs,
    #[command(flatten)]
    report: ReportArgs,
}

/// Audits every row of the files.
pub(crate) fn run(args: &AuditArgs, console: &Console, environment: &Environment) -> anyhow::Result<u8> {
    let mut setup = args.setup.resolve_here()?;
    let now = args.as_of.unwrap_or(environment.now);
    let chosen = chosen(&args.exports)?;
    for scope in &mut setup.scopes {
        let life = &mut scope.lifecycle;
        life.inventory = read(chosen.files.clone(), &life.mappings)?;
        life.options.owners = chosen.owners.clone();
        life.options.now = now;
        life.options.scope = Scope::All;
        setup.notices.push(format!(
            "{} from {} audited as of {}",
            counted(life.inventory.keys.len(), "key"),
            counted(life.inventory.files.len(), "file"),
            keyrot::date::show(now)
        ));
    }
    let files = Files::open(args.report.outputs().to_vec())?;
    let request = Request {
        scopes: setup.scopes,
        scanning: scan::Options {
            fingerprint: FingerprintKey::new(KeyKind::Run, &[]),
            show_secrets: false,
            limits: scan::Limits::default(),
        },
        thresholds: setup.thresholds,
        now,
        notices: setup.notices,
    };
    let report = keyrot::run(request, &Bar::new(false))?;
    args.report.write(&report, files, console, RenderOptions::default())?;
    for notice in &report.notices {
        console.say(&format!("note: {notice}"));
    }
    console.say(&report.summary());
    Ok(args.report.exit_code(&report))
}

#[derive(Debug, Args)]
pub(crate) struct DueArgs {
    /// Inventories and vendors' exports [default: those of this repository].
    #[arg(value_name = "FILE")]
    exports: Vec<PathBuf>,
    /// How far ahead to look.
    #[arg(long, value_name = "LENGTH", default_value = "90d")]
    within: Length,
    /// Count from this date or instant instead of now.
    #[arg(long, value_name = "DATE", value_parser = parse_instant)]
    as_of: Option<DateTime<Utc>>,
    /// The form of the list.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: DueFormat,
    #[command(flatten)]
    setup: SetupArgs,
}

/// Forms of the list.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum DueFormat {
    /// Lines for people.
    Text,
    /// A table.
    Csv,
    /// For programs.
    Json,
    /// iCalendar, for calendars that remind.
    Ical,
}

/// Lists what ends or is due for rotation.
pub(crate) fn due(args: &DueArgs, console: &Console, environment: &Environment) -> anyhow::Result<u8> {
    let setup = args.setup.resolve_here()?;
    let now = args.as_of.unwrap_or(environment.now);
    let chosen = chosen(&args.exports)?;
    for scope in setup.scopes {
        let inventory = read(chosen.files.clone(), &scope.lifecycle.mappings)?;
        let options = Options { now, owners: chosen.owners.clone(), ..scope.lifecycle.options };
        let list = due::list(&inventory, &options, args.within);
        let text = match args.format {
            DueFormat::Text => due::text(&list, now),
            DueFormat::Csv => due::csv(&list),
            DueFormat::Json => due::json(&list, now),
            DueFormat::Ical => due::calendar(&list, now),
        };
        console.out().write_all(text.as_bytes())?;
        for issue in &inventory.issues {
            console.say(&format!("note: {}: {}", inventory.location(issue.place).label(), issue.text));
        }
    }
    Ok(0)
}

/// A number and its noun.
pub(super) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

#[derive(Debug, Args)]
pub(crate) struct FingerprintArgs {
    /// The rule that finds such keys.
    #[arg(long, value_name = "RULE", default_value = "alphamoon-api-key")]
    class: String,
    #[command(flatten)]
    key: KeyArgs,
}

/// Reads a secret from standard input, never from the command line, and prints its keyed fingerprints.
pub(crate) fn fingerprint(args: &FingerprintArgs, console: &Console, environment: &Environment) -> anyhow::Result<u8> {
    let key = args.key.read(environment)?.context(
        "a fingerprint needs the project's key: set KEYROT_KEY or --key-file (`openssl rand -hex 32` makes one; keep it outside the repository)",
    )?;
    let rules = RuleSet::builtin();
    let class = rules.look_up(&args.class.replace('.', "-")).or_else(|_| rules.look_up(&args.class))?.id.clone();
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes).context("cannot read standard input")?;
    let value = unquoted(bytes.trim_ascii());
    anyhow::ensure!(
        !value.is_empty(),
        "there is nothing on standard input: write printf '%s' \"$KEY\" | keyrot fingerprint"
    );
    let pair = rules.get(class.as_str()).is_some_and(|rule| rule.definition.kind == keyrot::rule::Kind::Pair);
    let colon = value.iter().position(|byte| *byte == b':').filter(|_| pair);
    let mut out = console.out();
    let Some(colon) = colon else {
        writeln!(out, "{}", Secret::new(value).fingerprint(&key, class.as_str(), Part::Whole))?;
        return Ok(0);
    };
    // Away from its vendor's name the same key is found by the generic rule, whose prints are of another class.
    let generic = rules.get("user-pass-pair").map(|rule| rule.id.clone()).filter(|id| *id != class);
    for class in std::iter::once(&class).chain(&generic) {
        writeln!(out, "{}", Secret::new(value).fingerprint(&key, class.as_str(), Part::Pair))?;
        writeln!(out, "{}", Secret::new(&value[colon + 1..]).fingerprint(&key, class.as_str(), Part::Pass))?;
    }
    console.say("note: prints of the whole pair and of its pass half, in turn; put all of them into the row");
    Ok(0)
}

/// Takes one layer of quotes away.
fn unquoted(value: &[u8]) -> &[u8] {
    match value {
        [b'"', inner @ .., b'"'] | [b'\'', inner @ .., b'\''] => inner,
        _ => value,
    }
}
