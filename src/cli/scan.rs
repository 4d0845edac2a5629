//! `keyrot scan`.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context;
use chrono::{DateTime, NaiveDate, Utc};
use clap::Args;
use keyrot::finding::Origin;
use keyrot::report::{self, Format, RenderOptions, Status};
use keyrot::secret::{FingerprintKey, KeyKind};
use keyrot::source::{Source, provenance};
use keyrot::{Request, scan};

use super::git::GitArgs;
use super::interrupt::Interrupt;
use super::life::LifeArgs;
use super::limits::LimitArgs;
use super::output::{Console, Files, Output};
use super::progress::Bar;
use super::setup::SetupArgs;
use crate::Environment;

#[derive(Debug, Args)]
pub(crate) struct ScanArgs {
    /// Files and folders; `-` reads standard input.
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    /// What standard input is called in the report.
    #[arg(long, value_name = "NAME", default_value = "stdin")]
    stdin_path: String,
    /// Show the values of found secrets in clear. They then stand in the report.
    #[arg(long)]
    show_secrets: bool,
    /// Judge ages and ends at this date or instant instead of now.
    #[arg(long, value_name = "DATE", value_parser = parse_instant)]
    as_of: Option<DateTime<Utc>>,
    /// Draw no progress bar.
    #[arg(long)]
    no_progress: bool,
    #[command(flatten)]
    git: GitArgs,
    #[command(flatten)]
    life: LifeArgs,
    #[command(flatten)]
    setup: SetupArgs,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    report: ReportArgs,
}

/// What every reporting command takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct ReportArgs {
    /// The report on standard output; docs/formats.md describes each.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// Write a report to a file, as FORMAT=FILE (repeatable).
    #[arg(long = "output", value_name = "FORMAT=FILE")]
    outputs: Vec<Output>,
    /// End with exit code 0 also when there are findings.
    #[arg(long)]
    exit_zero: bool,
    /// End with exit code 3 when nothing was scanned.
    #[arg(long)]
    fail_on_empty: bool,
    /// End with 0 or 1 also when something could not be read.
    #[arg(long)]
    allow_unreadable: bool,
    /// End with exit code 2 also when something was left out: binary files, damaged archives, whatever is over a limit.
    #[arg(long, conflicts_with = "allow_unreadable")]
    fail_on_skipped: bool,
    /// Show suppressed findings too, marked.
    #[arg(long)]
    show_suppressed: bool,
    /// The category of the SARIF run. It wins over the category that an upload names.
    #[arg(long, value_name = "NAME")]
    sarif_category: Option<String>,
    /// Leave the hashes of lines out of SARIF: where the report is public, a short secret could be guessed from them.
    #[arg(long)]
    no_line_hash: bool,
}

pub(crate) fn run(args: &ScanArgs, console: &Console, environment: &Environment) -> anyhow::Result<u8> {
    // Before standard input is read, which may take as long as its writer does.
    Interrupt::listen()?;
    let text =
        args.paths.iter().any(|path| path == Path::new("-")).then(|| read_stdin(&args.stdin_path)).transpose()?;
    let paths: Vec<PathBuf> = args.paths.iter().filter(|path| *path != Path::new("-")).cloned().collect();
    let mut setup = match args.git.ask(&paths, &environment.git)? {
        Some(ask) => args.setup.resolve_git(ask)?,
        None => args.setup.resolve(&paths, text)?,
    };
    let now = args.as_of.unwrap_or(environment.now);
    let notices = args.life.fill(&mut setup.scopes, now, environment)?;
    setup.notices.extend(notices);
    let key = args.life.key.read(environment)?.map_or_else(run_key, Ok)?;
    let scanning = scan::Options { fingerprint: key, show_secrets: args.show_secrets, limits: args.limits.limits() };
    args.report.run(setup.request(scanning, now), console, !args.no_progress)
}

impl ReportArgs {
    /// The files that reports go to.
    pub(crate) fn outputs(&self) -> &[Output] {
        &self.outputs
    }

    /// Runs the request and reports.
    pub(crate) fn run(&self, request: Request, console: &Console, progress: bool) -> anyhow::Result<u8> {
        let started = Instant::now();
        let files = Files::open(self.outputs.clone())?;
        let bar = Bar::new(console.shows_progress() && progress).stopped_by(Interrupt::listen()?);
        // Only the clock gives fractions of a second: a run at a given instant ends at that instant, so that equal scans
        // give equal files.
        let (now, timed) = (request.now, request.now.timestamp_subsec_nanos() != 0);
        let provenance = self.wants_provenance().then(|| checkout(&request)).flatten();
        let report = keyrot::run(request, &bar)?;
        bar.finish();
        let finished = timed.then(|| now + chrono::TimeDelta::from_std(started.elapsed()).unwrap_or_default());
        self.write(&report, files, console, RenderOptions { finished, provenance, ..RenderOptions::default() })?;
        for notice in &report.notices {
            console.say(&format!("note: {notice}"));
        }
        console.say(&format!("{}; {:.2} s", report.summary(), started.elapsed().as_secs_f64()));
        Ok(self.exit_code(&report))
    }

    /// Writes all reports; `facts` says what is known about the run, the flags say the rest.
    pub(crate) fn write(
        &self,
        report: &report::Report,
        files: Files,
        console: &Console,
        facts: RenderOptions,
    ) -> anyhow::Result<()> {
        let options = RenderOptions {
            show_suppressed: self.show_suppressed,
            verbose: console.verbose > 0,
            sarif_category: self.sarif_category.clone(),
            no_line_hash: self.no_line_hash,
            exit_code: Some(self.exit_code(report)),
            ..facts
        };
        files.write(report, &options)?;
        let mut out = console.report(self.format);
        report::render(report, self.format, &options, &mut out)?;
        Ok(out.flush()?)
    }

    /// Whether some format says which checkout was scanned. Asking git costs milliseconds.
    pub(crate) fn wants_provenance(&self) -> bool {
        std::iter::once(self.format).chain(self.outputs.iter().map(Output::format)).any(|format| format != Format::Text)
    }

    /// What the flags make of the report's status.
    pub(crate) fn exit_code(&self, report: &report::Report) -> u8 {
        let status = match report.status() {
            _ if self.fail_on_skipped && report.left_something_out() => Status::Incomplete,
            Status::Incomplete if self.allow_unreadable && report.failing > 0 => Status::Findings,
            Status::Incomplete if self.allow_unreadable => Status::Clean,
            status => status,
        };
        match status {
            Status::Findings if self.exit_zero => 0,
            Status::Empty if !self.fail_on_empty => 0,
            status => status.exit_code(),
        }
    }
}

/// The checkout that the request's first source belongs to.
fn checkout(request: &Request) -> Option<report::Provenance> {
    let mut sources = request.scopes.iter().flat_map(|scope| &scope.sources);
    sources.find_map(Source::folder).and_then(provenance)
}

fn read_stdin(name: &str) -> anyhow::Result<Source> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes).context("cannot read standard input")?;
    Ok(Source::Text { origin: Origin::Stdin { path: name.to_owned() }, bytes })
}

/// How findings are made where no flag says otherwise.
pub(crate) fn scanning(environment: &Environment) -> anyhow::Result<scan::Options> {
    let fingerprint = super::life::KeyArgs::default().read(environment)?.map_or_else(run_key, Ok)?;
    Ok(scan::Options { fingerprint, show_secrets: false, limits: scan::Limits::default() })
}

/// Without a key of the project, prints group the secrets of this run and nothing else.
pub(crate) fn run_key() -> anyhow::Result<FingerprintKey> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("cannot get random bytes: {error}"))?;
    Ok(FingerprintKey::new(KeyKind::Run, &bytes))
}

/// A date is the start of that day in UTC; an instant needs its zone.
pub(crate) fn parse_instant(text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(date) = text.parse::<NaiveDate>() {
        return Ok(date.and_time(chrono::NaiveTime::MIN).and_utc());
    }
    DateTime::parse_from_rfc3339(text)
        .map(|instant| instant.to_utc())
        .map_err(|_| "write a date (2026-11-22) or an instant (2026-11-22T10:00:00Z)".to_owned())
}
