//! The charts: keys by severity and provider, their age, and the ends of the next twelve months. They are lists with
//! numbers, so that they read without a picture; what is unknown is said beside them, because it would dwarf the rest.

use std::collections::BTreeMap;

use chrono::{Datelike, Months};

use super::{Key, counted, escape, number};
use crate::finding::{Ends, Severity};
use crate::report::Report;

/// Providers that get a bar of their own.
const MOST_PROVIDERS: usize = 8;
/// Months of the timeline.
const MONTHS: usize = 12;
/// Height of the highest column, in pixels.
const HEIGHT: usize = 96;

/// All charts.
pub(super) fn panels(report: &Report, keys: &[Key<'_>]) -> String {
    format!(
        "<div class=\"panels\">\n{}{}{}{}</div>\n",
        panel("By severity", &severity(keys)),
        panel("By provider", &provider(keys)),
        panel("Age", &age(report, keys)),
        panel("Ends in the next twelve months", &ends(report, keys)),
    )
}

fn panel(title: &str, content: &str) -> String {
    format!("<section class=\"panel\"><h2>{title}</h2>\n{content}</section>\n")
}

fn bars(rows: &[(String, &str, usize)]) -> String {
    let most = rows.iter().map(|row| row.2).max().unwrap_or(0).max(1);
    let row = |(name, class, count): &(String, &str, usize)| {
        let width = count * 100 / most;
        let bar =
            if *count > 0 { format!("<i class=\"{class}\" style=\"width:{width}%\"></i>") } else { String::new() };
        let count = number(*count);
        format!("<dt>{name}</dt><dd class=\"bar\" aria-hidden=\"true\">{bar}</dd><dd class=\"n\">{count}</dd>\n")
    };
    format!("<dl class=\"bars\">\n{}</dl>\n", rows.iter().map(row).collect::<String>())
}

fn severity(keys: &[Key<'_>]) -> String {
    let count = |severity| keys.iter().filter(|key| key.severity() == Some(severity)).count();
    let severities = Severity::ALL.into_iter().rev();
    bars(&severities.map(|one| (one.name().to_owned(), one.name(), count(one))).collect::<Vec<_>>())
}

fn provider(keys: &[Key<'_>]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for key in keys {
        *counts.entry(key.provider()).or_default() += 1;
    }
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let rest: usize = counts.iter().skip(MOST_PROVIDERS).map(|(_, count)| count).sum();
    let mut rows: Vec<_> = counts.iter().take(MOST_PROVIDERS).map(|(name, count)| (escape(name), "", *count)).collect();
    if rest > 0 {
        rows.push((counted(counts.len() - MOST_PROVIDERS, "other", "others"), "", rest));
    }
    bars(&rows)
}

fn age(report: &Report, keys: &[Key<'_>]) -> String {
    let steps: [(&str, i64); 6] = [
        ("0–30 d", 30),
        ("31–90 d", 90),
        ("91–180 d", 180),
        ("181–365 d", 365),
        ("1–2 years", 730),
        ("over 2 years", i64::MAX),
    ];
    let mut columns: Vec<Column<'_>> = steps.iter().map(|(name, _)| Column::new((*name).to_owned(), "")).collect();
    let ages: Vec<i64> = keys.iter().filter_map(Key::since).map(|since| (report.now - since).num_days()).collect();
    for days in &ages {
        if let Some(index) = steps.iter().position(|(_, limit)| days <= limit) {
            columns[index].count += 1;
        }
    }
    let source = "Counted from what a listing says, else from what the key states itself, else from the first commit that \
                  carried it.";
    known(&columns, ages.len(), keys.len(), "age", source)
}

fn ends(report: &Report, keys: &[Key<'_>]) -> String {
    let start = report.now.date_naive();
    let month = |date: chrono::NaiveDate| date.year() * 12 + i32::try_from(date.month0()).unwrap_or(0);
    let mut columns = vec![Column::new("past".to_owned(), "past")];
    for ahead in 0..MONTHS {
        let date = start.checked_add_months(Months::new(u32::try_from(ahead).unwrap_or(0))).unwrap_or(start);
        let mut column = Column::new(date.format("%b").to_string(), if ahead < 3 { "soon" } else { "" });
        column.year = (ahead == 0 || date.month0() == 0).then(|| date.year());
        columns.push(column);
    }
    columns.push(Column::new("later".to_owned(), ""));
    columns.push(Column::new("never".to_owned(), "never"));
    let all: Vec<Ends> = keys.iter().filter_map(Key::expires).collect();
    for ends in &all {
        let index = match ends {
            Ends::At(time) if *time <= report.now => 0,
            Ends::At(time) => {
                let ahead = month(time.date_naive()) - month(start);
                usize::try_from(ahead).map_or(MONTHS + 1, |ahead| (ahead + 1).min(MONTHS + 1))
            }
            Ends::Never => MONTHS + 2,
        };
        columns[index].count += 1;
    }
    known(&columns, all.len(), keys.len(), "end", "As listings say, else as the keys state themselves.")
}

struct Column<'c> {
    name: String,
    /// Said below the name where a year begins.
    year: Option<i32>,
    class: &'c str,
    count: usize,
}

impl<'c> Column<'c> {
    fn new(name: String, class: &'c str) -> Self {
        Self { name, year: None, class, count: 0 }
    }
}

/// The columns of what is known, and how much is not.
fn known(columns: &[Column<'_>], known: usize, all: usize, what: &str, source: &str) -> String {
    if known == 0 {
        let hint =
            "Read the history (<code>--history</code>), or give an inventory of your keys (<code>--inventory</code>).";
        return format!("<p class=\"nothing\">No {what} is known. {hint}</p>\n");
    }
    let unknown = all - known;
    let unknown = if unknown > 0 {
        format!(" The {what} of {} is unknown.", counted(unknown, "key", "keys"))
    } else {
        String::new()
    };
    format!("{}<p>{source}{unknown}</p>\n", histogram(columns))
}

fn histogram(columns: &[Column<'_>]) -> String {
    let most = columns.iter().map(|column| column.count).max().unwrap_or(0).max(1);
    let item = |column: &Column<'_>| {
        let height = (column.count * HEIGHT).div_ceil(most);
        let (class, count) =
            if column.count == 0 { ("none", "0".to_owned()) } else { (column.class, number(column.count)) };
        let year = match column.year {
            Some(year) => format!("<small>{year}</small>"),
            None if columns.iter().any(|column| column.year.is_some()) => "<small></small>".to_owned(),
            None => String::new(),
        };
        let name = &column.name;
        format!(
            "<li class=\"{class}\"><b>{count}</b><i style=\"height:{height}px\"></i><span>{name}{year}</span></li>\n"
        )
    };
    format!("<ol class=\"columns\">\n{}</ol>\n", columns.iter().map(item).collect::<String>())
}
