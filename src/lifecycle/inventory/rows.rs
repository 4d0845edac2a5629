//! Collects the rows of one file, with what is wrong with them.

use std::sync::Arc;

use chrono::{FixedOffset, TimeZone};

use super::{Issue, Waiver};
use crate::date::{self, Precision, Written};
use crate::finding::Span;
use crate::lifecycle::directory::Member;
use crate::lifecycle::document::{Node, Value};
use crate::lifecycle::key::{KnownKey, Place, Source, Stated};

/// Most characters of an unreadable date that a report shows.
const SHOWN: usize = 32;

/// What a source means by a day without a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Day {
    /// Its first instant.
    Start,
    /// The instant at which it is over.
    End,
    /// Its first instant in UTC, to the second: the source counts in days and means just that.
    Midnight,
}

/// The rows of one file.
#[derive(Debug, Default)]
pub struct Rows {
    number: u32,
    /// How many issues were noted before the present row.
    told: usize,
    /// The zone of times without one, where the file names it.
    pub zone: Option<FixedOffset>,
    /// Rows.
    pub keys: Vec<KnownKey>,
    /// What is wrong with them.
    pub issues: Vec<Issue>,
    /// Accepted deviations.
    pub waivers: Vec<Waiver>,
    /// Accounts and groups.
    pub members: Vec<Member>,
    /// Fields that hold key values: their path and place.
    pub values: Vec<(String, Span)>,
}

impl Rows {
    /// No rows yet, for the file of this number.
    pub fn new(number: u32) -> Self {
        Self { number, ..Self::default() }
    }

    /// A place in the file.
    pub fn place(&self, span: Span) -> Place {
        Place { file: self.number, span }
    }

    /// A row without facts, named by the first of the given fields that stands in it.
    pub fn key(&mut self, source: &Arc<Source>, node: &Node<'_>, named_by: &[&str]) -> KnownKey {
        let named =
            named_by.iter().find_map(|path| node.at(path).filter(|one| one.text().is_some_and(|t| !t.is_empty())));
        self.told = self.issues.len();
        KnownKey::new(Arc::clone(source), self.place(named.unwrap_or(node).span))
    }

    /// Takes over a row: what was noted since it was begun is about it.
    pub fn push(&mut self, key: KnownKey) {
        for issue in &mut self.issues[self.told..] {
            issue.key.clone_from(&key.id);
        }
        self.told = self.issues.len();
        self.keys.push(key);
    }

    /// Notes something that is wrong.
    pub fn issue(&mut self, rule: &'static str, span: Span, text: String) {
        let place = self.place(span);
        self.issues.push(Issue { rule, text, place, other: None, key: None });
    }

    /// A date of an export. Absent, null and empty are unknown; sentinels are what they say.
    pub fn date(&mut self, node: &Node<'_>, path: &str, day: Day) -> Stated {
        self.date_or(node, path, day, Stated::Unknown)
    }

    /// A date of an export whose source writes nothing where it means `absent`.
    pub fn date_or(&mut self, node: &Node<'_>, path: &str, day: Day, absent: Stated) -> Stated {
        let Some(value) = node.at(path) else { return Stated::Unknown };
        match &value.value {
            Value::Null => absent,
            Value::Text(text) if text.trim().is_empty() => absent,
            Value::Text(text) | Value::Number(text) => self.read(text, value.span, path, day),
            _ => {
                self.issue("bad-date", value.span, format!("`{path}` must be a date, found {}", value.kind()));
                Stated::Unknown
            }
        }
    }

    /// The date in a text. What cannot be read is unknown, and an issue.
    pub fn read(&mut self, text: &str, span: Span, field: &str, day: Day) -> Stated {
        let mistake = match date::read(text) {
            Ok(Written::At(time)) => return Stated::exact(time),
            Ok(Written::Day(date)) => {
                let time = match (self.zone, day) {
                    (_, Day::Midnight) => return Stated::exact(date::day_start(date)),
                    (None, Day::Start) => Some(date::day_start(date)),
                    (None, Day::End) => Some(date::day_end(date)),
                    (Some(zone), day) => zoned_day(zone, date, day),
                };
                return time.map_or(Stated::Unknown, |time| Stated::At(time, Precision::Day));
            }
            Ok(Written::Local(local)) => match self.zone.and_then(|zone| zone.from_local_datetime(&local).single()) {
                Some(time) => return Stated::exact(time.to_utc()),
                None => date::Mistake::NoZone,
            },
            Ok(Written::Never) => return Stated::Never,
            Ok(Written::Unset) => return Stated::Unknown,
            Err(mistake) => mistake,
        };
        let shown: String = text.chars().take(SHOWN).collect();
        self.issue("bad-date", span, format!("`{field}` is `{shown}`: {mistake}"));
        Stated::Unknown
    }

    /// Notes every field of the record that holds a key value.
    pub fn refuse_values(&mut self, node: &Node<'_>, fields: &[&str]) {
        for field in fields {
            let Some(value) = node.at(field) else { continue };
            let holds = match &value.value {
                Value::Text(text) => is_value(text),
                Value::Map(entries) => entries.iter().any(|entry| entry.node.text().is_some_and(is_value)),
                Value::List(items) => items.iter().any(|item| {
                    item.text().is_some_and(is_value)
                        || item.entries().iter().any(|one| one.node.text().is_some_and(is_value))
                }),
                _ => false,
            };
            if holds {
                self.values.push(((*field).to_owned(), value.span));
            }
        }
    }

    /// Drops every row and keeps one issue if the file carries key values. Says whether it does.
    pub fn refuse_if_filled(&mut self) -> bool {
        if self.values.is_empty() {
            return false;
        }
        let mut fields: Vec<&str> = self.values.iter().map(|(field, _)| field.as_str()).collect();
        fields.sort_unstable();
        fields.dedup();
        let text = format!(
            "{} value{} of keys in the field{} {}: the file was refused as an inventory",
            self.values.len(),
            if self.values.len() == 1 { "" } else { "s" },
            if fields.len() == 1 { "" } else { "s" },
            fields.iter().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(", "),
        );
        let place = self.place(self.values[0].1);
        self.keys.clear();
        self.waivers.clear();
        self.members.clear();
        self.issues = vec![Issue { rule: "value-in-inventory", text, place, other: None, key: None }];
        true
    }

    /// The sources of the rows, each once.
    pub fn sources(&self) -> Vec<Arc<Source>> {
        let mut sources: Vec<Arc<Source>> = Vec::new();
        for key in &self.keys {
            if !sources.iter().any(|known| Arc::ptr_eq(known, &key.source) || known == &key.source) {
                sources.push(Arc::clone(&key.source));
            }
        }
        sources
    }
}

fn zoned_day(zone: FixedOffset, date: chrono::NaiveDate, day: Day) -> Option<chrono::DateTime<chrono::Utc>> {
    let date = if day == Day::End { date.succ_opt()? } else { date };
    zone.from_local_datetime(&date.and_time(chrono::NaiveTime::MIN)).single().map(|time| time.to_utc())
}

/// Whether a text stands where a value would and is not masked.
fn is_value(text: &str) -> bool {
    let text = text.trim();
    text.len() >= 4
        && !text.starts_with("***")
        && !text.starts_with("xxxx")
        && !text.eq_ignore_ascii_case("null")
        && !text.eq_ignore_ascii_case("none")
        && !text.contains("REDACTED")
        && !text.chars().all(|c| c == '*' || c == '•' || c == 'x')
}
