//! The first screen: what was scanned, how it stands, and the numbers that decide.

use chrono::TimeDelta;

use super::{counted, escape, number, span};
use crate::finding::{Ends, Severity};
use crate::report::key::Key;
use crate::report::wording::{VERSION, capital};
use crate::report::{RenderOptions, Report};

/// How far ahead an end is soon.
const SOON: TimeDelta = TimeDelta::days(90);

pub(super) fn title(report: &Report, options: &RenderOptions) -> String {
    let mut facts = vec![format!("As of {}", report.now.format("%-d %B %Y, %H:%M UTC"))];
    let mut name = String::new();
    if let Some(from) = &options.provenance {
        let last = from.repository.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or_default();
        name = format!(": {}", escape(last.strip_suffix(".git").unwrap_or(last)));
        facts.push(escape(&from.repository));
        facts.extend(from.branch.as_deref().map(|branch| format!("branch {}", escape(branch))));
        facts.extend(from.revision.as_deref().map(|id| format!("commit {}", escape(id.get(..12).unwrap_or(id)))));
    }
    facts.push(format!("keyrot {VERSION}"));
    let facts: String = facts.iter().map(|fact| format!("<li>{fact}</li>")).collect();
    format!("<header>\n<h1>Key report{name}</h1>\n<ul class=\"facts\">{facts}</ul>\n</header>\n")
}

/// The answer in one sentence, and what it rests on.
pub(super) fn verdict(report: &Report, keys: &[Key<'_>]) -> String {
    let exposed = keys.iter().filter(|key| is_open(key) && key.exposed().next().is_some()).count();
    let other = keys.iter().filter(|key| is_open(key)).count() - exposed;
    let (class, text) = match (exposed, other) {
        (0, 0) if report.coverage.files == 0 => (" partial", "Nothing was scanned.".to_owned()),
        (0, 0) if !report.is_complete() => (" partial", "No exposed key was found in what could be read.".to_owned()),
        (0, 0) => ("", "No exposed key was found.".to_owned()),
        (0, 1) => (" warn", "One thing needs attention; no exposed key was found.".to_owned()),
        (0, _) => (" warn", format!("{} things need attention; no exposed key was found.", number(other))),
        (1, _) => (" bad", "One key stands exposed: it must be revoked and replaced, not only deleted.".to_owned()),
        _ => (
            " bad",
            format!("{} keys stand exposed: each must be revoked and replaced, not only deleted.", number(exposed)),
        ),
    };
    let partial = if report.is_complete() {
        String::new()
    } else {
        "<p class=\"verdict partial\"><strong>This report is partial:</strong> something could not be read, and keys may \
         stand there. What was left out is listed below.</p>\n"
            .to_owned()
    };
    format!(
        "{partial}<div class=\"verdict{class}\"><p><strong>{text}</strong></p>\n<p>{}{}.</p></div>\n",
        oldest(report, keys),
        escape(&capital(&report.summary()))
    )
}

/// The longest exposure, as far as history was read.
fn oldest(report: &Report, keys: &[Key<'_>]) -> String {
    let open = keys.iter().filter(|key| is_open(key));
    let Some(first) = open.filter_map(Key::first_exposed).min() else { return String::new() };
    let days = (report.now - first).num_days().max(0);
    format!("The longest exposure began on {} and lasts {}. ", first.format("%-d %B %Y"), span(days))
}

fn is_open(key: &Key<'_>) -> bool {
    key.severity().is_some()
}

/// The numbers that decide.
pub(super) fn tiles(report: &Report, keys: &[Key<'_>]) -> String {
    let count = |test: &dyn Fn(&Key<'_>) -> bool| keys.iter().filter(|key| test(key)).count();
    let exposed = count(&|key| is_open(key) && key.exposed().next().is_some());
    let places = report.findings.iter().filter(|finding| finding.secret.is_some()).count();
    let grave = |severity: Severity| count(&|key| key.severity() == Some(severity));
    let ended = count(&|key| key.has_ended(report.now));
    let soon = report.now + SOON;
    let ending = count(&|key| matches!(key.expires(), Some(Ends::At(time)) if time > report.now && time <= soon));
    let endless = count(&|key| key.expires() == Some(Ends::Never));
    let tiles = [
        ("", exposed, "exposed keys", format!("in {}", counted(places, "place", "places"))),
        ("critical", grave(Severity::Critical), "critical", String::new()),
        ("high", grave(Severity::High), "high", String::new()),
        ("medium", ending, "end within 90 days", String::new()),
        ("", ended, "past their end", String::new()),
        ("", endless, "never end", String::new()),
        ("", report.listings.len(), "listed keys", String::new()),
        ("", report.suppressed.len(), "suppressed findings", String::new()),
    ];
    let tile = |(class, count, name, note): &(&str, usize, &str, String)| {
        let class = if *count == 0 { "soft" } else { class };
        let note = if note.is_empty() { String::new() } else { format!("<small>{note}</small>") };
        format!("<li><b class=\"{class}\">{}</b><span>{name}</span>{note}</li>\n", number(*count))
    };
    let shown =
        tiles.iter().filter(|(_, count, name, _)| *count > 0 || !name.ends_with("keys") || *name == "exposed keys");
    format!("<ul class=\"tiles\">\n{}</ul>\n", shown.map(tile).collect::<String>())
}
