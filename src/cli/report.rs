//! `keyrot report`.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use keyrot::finding::{Confidence, Severity};
use keyrot::report::{RenderOptions, Thresholds, saved};
use keyrot::rule::RuleSet;

use super::output::{Console, Files};
use super::scan::ReportArgs;
use super::setup::shown;

#[derive(Debug, Args)]
pub(crate) struct ReportCommand {
    /// Reports written with `--format json` or `jsonl`; `-` reads standard input.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Fail on findings of this severity and above: critical, high, medium, low, info.
    #[arg(long, value_name = "SEVERITY", default_value = "low")]
    fail_on: Severity,
    /// Report findings of this confidence and above: very-high, high, medium, low. What a scan left out cannot come back.
    #[arg(long, value_name = "LEVEL", default_value = "low")]
    confidence: Confidence,
    #[command(flatten)]
    report: ReportArgs,
}

pub(crate) fn run(command: &ReportCommand, console: &Console) -> anyhow::Result<u8> {
    let mut reports = Vec::new();
    for path in &command.files {
        let text = if path == Path::new("-") {
            std::io::read_to_string(std::io::stdin().lock()).context("cannot read standard input")?
        } else {
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?
        };
        reports.push(saved::read(&path.display().to_string(), &shown(path), &text)?);
    }
    let files = Files::open(command.report.outputs().to_vec())?;
    let thresholds = Thresholds { confidence: command.confidence, fail_on: command.fail_on };
    let (report, provenance) = saved::merge(reports, RuleSet::builtin().rules(), thresholds);
    command.report.write(&report, files, console, RenderOptions { provenance, ..RenderOptions::default() })?;
    console.say(&report.summary());
    Ok(command.report.exit_code(&report))
}
