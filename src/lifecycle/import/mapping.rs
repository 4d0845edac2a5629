//! Any other vendor's table: `[[import]]` of `keyrot.toml` says which column is which field.

use std::sync::Arc;

use chrono::FixedOffset;

use crate::lifecycle::document::{Node, Value};
use crate::lifecycle::inventory::{Day, Rows};
use crate::lifecycle::key::{Gives, Source, Stated, Status};

/// How to read one kind of table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mapping {
    /// The source's name in reports.
    pub name: String,
    /// The class of its keys.
    pub class: Option<String>,
    /// The entry that wraps the records in JSON.
    pub wrap: Option<String>,
    /// Pairs of field and column; columns are paths joined by `>`.
    pub fields: Vec<(String, String)>,
    /// Columns that hold values: a file with one of them filled is refused.
    pub values: Vec<String>,
    /// Texts that mean "never".
    pub never: Vec<String>,
    /// Texts that mean "unknown".
    pub unset: Vec<String>,
    /// Whether a day of an end is meant to its last instant.
    pub day_end: bool,
    /// The zone of times without one.
    pub zone: Option<FixedOffset>,
}

/// The fields that a mapping may name.
pub const FIELDS: &[&str] = &[
    "id",
    "name",
    "class",
    "owner",
    "service",
    "environment",
    "scopes",
    "created",
    "not_before",
    "rotated",
    "expires",
    "last_used",
    "revoked",
    "status",
    "tags",
];

impl Mapping {
    fn column(&self, field: &str) -> Option<&str> {
        self.fields.iter().find(|(name, _)| name == field).map(|(_, column)| column.as_str())
    }

    fn records<'d, 't>(&self, node: &'d Node<'t>) -> Vec<&'d Node<'t>> {
        let inner = self.wrap.as_deref().map_or(Some(node), |wrap| node.at(wrap));
        match inner.map(|inner| (&inner.value, inner)) {
            Some((Value::List(items), _)) => items.iter().collect(),
            Some((Value::Map(_), inner)) => vec![inner],
            _ => Vec::new(),
        }
    }

    /// Whether the records have every column that the mapping names.
    pub fn fits(&self, node: &Node<'_>) -> bool {
        let records = self.records(node);
        let has = |record: &&Node<'_>| self.fields.iter().all(|(_, column)| record.at(column).is_some());
        !self.fields.is_empty() && records.first().is_some_and(has)
    }

    /// Reads the records.
    pub fn read(&self, node: &Node<'_>, rows: &mut Rows) {
        let source = Arc::new(Source::new(&self.name, self.gives()));
        let values: Vec<&str> = self.values.iter().map(String::as_str).collect();
        let before = rows.zone.take();
        rows.zone = self.zone;
        for record in self.records(node) {
            rows.refuse_values(record, &values);
            self.read_record(record, &source, rows);
        }
        rows.zone = before;
    }

    fn gives(&self) -> Gives {
        let facts = [
            ("created", Gives::CREATED),
            ("rotated", Gives::ROTATED),
            ("expires", Gives::EXPIRES),
            ("last_used", Gives::LAST_USED),
            ("scopes", Gives::SCOPES),
            ("owner", Gives::OWNER),
        ];
        facts
            .iter()
            .filter(|(field, _)| self.column(field).is_some())
            .fold(Gives::default(), |all, (_, one)| all.and(*one))
    }

    fn read_record(&self, record: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
        let text = |field: &str| self.column(field).and_then(|column| record.text_at(column)).map(str::to_owned);
        let named: Vec<&str> = ["id", "name"].iter().filter_map(|field| self.column(field)).collect();
        let mut key = rows.key(source, record, &named);
        (key.id, key.name) = (text("id"), text("name"));
        key.class = text("class").or_else(|| self.class.clone()).map(|class| class.replace('.', "-"));
        (key.owner, key.service, key.environment) = (text("owner"), text("service"), text("environment"));
        key.scopes = self.column("scopes").and_then(|column| record.words_at(column));
        key.tags = self.column("tags").and_then(|column| record.words_at(column)).unwrap_or_default();
        key.status = text("status").and_then(|status| Status::read(&status)).unwrap_or_default();
        key.created = self.date("created", record, rows, Day::Start);
        key.not_before = self.date("not_before", record, rows, Day::Start);
        key.rotated = self.date("rotated", record, rows, Day::Start);
        key.expires = self.date("expires", record, rows, if self.day_end { Day::End } else { Day::Start });
        key.last_used = self.date("last_used", record, rows, Day::End);
        key.revoked = self.date("revoked", record, rows, Day::Start);
        rows.push(key);
    }

    fn date(&self, field: &str, record: &Node<'_>, rows: &mut Rows, day: Day) -> Stated {
        let Some(column) = self.column(field) else { return Stated::Unknown };
        let text = record.at(column).and_then(Node::text).unwrap_or_default();
        let is = |list: &[String]| list.iter().any(|one| one == text);
        if is(&self.never) {
            Stated::Never
        } else if is(&self.unset) {
            Stated::Unknown
        } else {
            rows.date(record, column, day)
        }
    }
}
