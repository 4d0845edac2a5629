//! `keyrot timeline`: the slots of a history, and the values they held.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use keyrot::scan::timeline::{Slot, Timeline};
use keyrot::source::git::{Ask, What};

use super::output::Console;
use super::progress::Bar;
use super::scan::scanning;
use super::setup::SetupArgs;
use crate::Environment;

#[derive(Debug, Args)]
pub(crate) struct TimelineArgs {
    /// Show only slots of this rule, of this path, or of paths below it.
    #[arg(value_name = "PATH|RULE")]
    filter: Option<String>,
    /// The repository.
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    repository: PathBuf,
    /// The form.
    #[arg(long, value_enum, default_value = "text")]
    format: TimelineFormat,
    #[command(flatten)]
    setup: SetupArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum TimelineFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

pub(crate) fn run(args: &TimelineArgs, console: &Console, environment: &Environment) -> anyhow::Result<u8> {
    let what = What::History { revisions: Vec::new(), unreachable: false };
    let ask = Ask { path: args.repository.clone(), environment: environment.git.clone(), what, ..Ask::default() };
    let setup = args.setup.resolve_git(ask)?;
    let request = setup.request(scanning(environment)?, environment.now);
    let bar = Bar::new(console.shows_progress());
    let (mut timeline, outcome) = keyrot::timeline(&request, &bar)?;
    bar.finish();
    if let Some(filter) = &args.filter {
        timeline.slots.retain(|slot| wanted(slot, filter));
    }
    match args.format {
        TimelineFormat::Text => text(&timeline, &mut console.out())?,
        TimelineFormat::Json => {
            let slots: Vec<serde_json::Value> = timeline.slots.iter().map(record).collect();
            writeln!(console.out(), "{}", serde_json::to_string_pretty(&serde_json::json!({ "slots": slots }))?)?;
        }
    }
    for skip in outcome.skipped.failures() {
        console.say(&format!("warning: {}: {}", skip.origin, skip.reason));
    }
    for note in &outcome.notes {
        console.say(&format!("note: {note}"));
    }
    let commits = outcome.stats.commits;
    console.say(&format!(
        "{} slots in the history of {commits} commits; times are as committers state",
        timeline.slots.len()
    ));
    Ok(if outcome.skipped.failures().next().is_some() { 2 } else { 0 })
}

fn wanted(slot: &Slot, filter: &str) -> bool {
    let folder = filter.trim_end_matches('/');
    slot.rule.as_str() == filter
        || slot.path == folder
        || slot.path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

fn text(timeline: &Timeline, out: &mut impl Write) -> std::io::Result<()> {
    for slot in &timeline.slots {
        let name = slot.name.as_deref().unwrap_or("(unnamed)");
        writeln!(out, "{} {name} ({})", slot.path, slot.rule)?;
        let mut state = slot.state().text().to_owned();
        if let Some(time) = slot.last_rotation() {
            let days: Vec<String> = slot.intervals().iter().map(|gap| format!("{} d", gap.num_days())).collect();
            state.push_str(&format!("; last rotation {}, intervals {}", time.format("%Y-%m-%d"), days.join(", ")));
        }
        writeln!(out, "  {state}")?;
        for (at, value) in slot.values.iter().enumerate() {
            let print =
                if value.fingerprint.is_stable() { value.fingerprint.to_string() } else { format!("value {}", at + 1) };
            let end = if value.standing {
                "stands".to_owned()
            } else {
                format!("{} {}", value.last.1.format("%Y-%m-%d"), short(&value.last.0))
            };
            let (id, time) = &value.first;
            writeln!(out, "  {print}  {}  {} {} to {end}", value.redacted, time.format("%Y-%m-%d"), short(id))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn record(slot: &Slot) -> serde_json::Value {
    let values = slot.values.iter().map(|value| {
        serde_json::json!({
            "fingerprint": value.fingerprint.is_stable().then(|| value.fingerprint.to_string()),
            "redacted": value.redacted.as_str(),
            "first_commit": value.first.0,
            "first_time": value.first.1.to_rfc3339(),
            "last_commit": value.last.0,
            "last_time": value.last.1.to_rfc3339(),
            "standing": value.standing,
        })
    });
    serde_json::json!({
        "path": slot.path,
        "name": slot.name,
        "rule": slot.rule.as_str(),
        "state": slot.state().text(),
        "last_rotation": slot.last_rotation().map(|time| time.to_rfc3339()),
        "interval_days": slot.intervals().iter().map(chrono::TimeDelta::num_days).collect::<Vec<_>>(),
        "values": values.collect::<Vec<_>>(),
    })
}

fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}
