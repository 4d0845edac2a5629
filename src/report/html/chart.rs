//! The charts: exposure by severity and provider, age, and the ends of the next twelve months. They are lists with
//! numbers, so that they read without a picture.

use std::collections::BTreeMap;

use chrono::{Datelike, Months};

use super::{Key, escape};
use crate::finding::{Ends, Severity};
use crate::report::Report;

/// Providers that get a bar of their own.
const MOST_PROVIDERS: usize = 8;

/// All charts.
pub(super) fn panels(report: &Report, keys: &[Key<'_>]) -> String {
    format!(
        "<div class=\"panels\">\n{}{}{}{}</div>\n",
        panel("By severity", &severity(keys), ""),
        panel("By provider", &provider(keys), ""),
        panel(
            "Age",
            &age(report, keys),
            "Since the date a key states for itself, else since the first commit that carried it."
        ),
        panel("Ends in the next twelve months", &ends(report, keys), "As the keys state themselves."),
    )
}

fn panel(title: &str, content: &str, note: &str) -> String {
    let note = if note.is_empty() { String::new() } else { format!("<p>{note}</p>") };
    format!("<section class=\"panel\"><h2>{title}</h2>\n{content}{note}</section>\n")
}

fn bars(rows: &[(String, String, usize)]) -> String {
    let most = rows.iter().map(|row| row.2).max().unwrap_or(0).max(1);
    let row = |(name, class, count): &(String, String, usize)| {
        let width = count * 100 / most;
        let bar =
            if *count > 0 { format!("<i class=\"{class}\" style=\"width:{width}%\"></i>") } else { String::new() };
        format!("<dt>{name}</dt><dd class=\"bar\" aria-hidden=\"true\">{bar}</dd><dd class=\"n\">{count}</dd>\n")
    };
    format!("<dl class=\"bars\">\n{}</dl>\n", rows.iter().map(row).collect::<String>())
}

fn severity(keys: &[Key<'_>]) -> String {
    let count = |severity| keys.iter().filter(|key| key.severity() == severity).count();
    let name = |severity: Severity| severity.name().to_owned();
    let rows: Vec<_> =
        Severity::ALL.into_iter().rev().map(|severity| (name(severity), name(severity), count(severity))).collect();
    bars(&rows)
}

fn provider(keys: &[Key<'_>]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for key in keys {
        *counts.entry(key.provider()).or_default() += 1;
    }
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let rest: usize = counts.iter().skip(MOST_PROVIDERS).map(|(_, count)| count).sum();
    let mut rows: Vec<_> =
        counts.iter().take(MOST_PROVIDERS).map(|(name, count)| (escape(name), String::new(), *count)).collect();
    if rest > 0 {
        rows.push((format!("{} others", counts.len() - MOST_PROVIDERS), String::new(), rest));
    }
    bars(&rows)
}

fn age(report: &Report, keys: &[Key<'_>]) -> String {
    let steps: [(&str, i64); 6] =
        [("≤ 30 d", 30), ("≤ 90 d", 90), ("≤ 180 d", 180), ("≤ 1 y", 365), ("≤ 2 y", 730), ("> 2 y", i64::MAX)];
    let mut columns: Vec<(String, &str, usize)> = steps.iter().map(|(name, _)| ((*name).to_owned(), "", 0)).collect();
    columns.push(("unknown".to_owned(), "unknown", 0));
    for key in keys {
        let days = key.since().map(|since| (report.now - since).num_days());
        let index = days.and_then(|days| steps.iter().position(|(_, limit)| days <= *limit)).unwrap_or(steps.len());
        columns[index].2 += 1;
    }
    histogram(&columns)
}

fn ends(report: &Report, keys: &[Key<'_>]) -> String {
    let start = report.now.date_naive();
    let month = |date: chrono::NaiveDate| date.year() * 12 + i32::try_from(date.month0()).unwrap_or(0);
    let mut columns = vec![("past".to_owned(), "past", 0)];
    for ahead in 0..12 {
        let date = start.checked_add_months(Months::new(ahead)).unwrap_or(start);
        columns.push((date.format("%b").to_string(), "", 0));
    }
    columns.push(("later".to_owned(), "", 0));
    columns.push(("n/k".to_owned(), "unknown", 0));
    for key in keys {
        let index = match key.expires() {
            Some(Ends::At(time)) if time <= report.now => 0,
            Some(Ends::At(time)) => {
                let ahead = month(time.date_naive()) - month(start);
                usize::try_from(ahead).map_or(13, |ahead| (ahead + 1).min(13))
            }
            Some(Ends::Never) => 13,
            None => 14,
        };
        columns[index].2 += 1;
    }
    histogram(&columns)
}

fn histogram(columns: &[(String, &str, usize)]) -> String {
    let most = columns.iter().map(|column| column.2).max().unwrap_or(0).max(1);
    let item = |(name, class, count): &(String, &str, usize)| {
        let height = count * 100 / most;
        let class = if *count == 0 { "none" } else { class };
        let number = if *count == 0 { String::new() } else { count.to_string() };
        format!("<li class=\"{class}\"><b>{number}</b><i style=\"height:{height}px\"></i><span>{name}</span></li>\n")
    };
    format!("<ol class=\"columns\">\n{}</ol>\n", columns.iter().map(item).collect::<String>())
}
