//! KeePass: XML exports of versions 1, 3 and 4.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::{Format, record};
use crate::date;
use crate::lifecycle::document::Node;
use crate::lifecycle::inventory::{Day, Rows};
use crate::lifecycle::key::{Gives, Source, Stated};

pub(super) const FORMATS: &[Format] = &[
    Format::new("keepass", &["KeePassFile"], &["Root"], GIVEN, read_file),
    Format::new("keepass", &["Times", "Entry>Times"], &["CreationTime", "Expires"], GIVEN, read_times),
];

const GIVEN: Gives = Gives::CREATED.and(Gives::EXPIRES).and(Gives::ROTATED).and(Gives::LAST_USED);

fn read_file(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    for entry in node.at("Root").map(Node::entries).unwrap_or_default() {
        read_group(&entry.node, source, rows);
    }
}

fn read_group(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    for entry in node.entries() {
        match entry.name.as_ref() {
            "Group" => read_group(&entry.node, source, rows),
            "Entry" => read_entry(&entry.node, source, rows),
            _ => {}
        }
    }
}

fn read_entry(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    let mut title = None;
    for text in node.entries().iter().filter(|entry| entry.name == "String") {
        match text.node.text_at("Key") {
            Some("Title") => title = text.node.text_at("Value").map(str::to_owned),
            Some("Password") => rows.refuse_values(&text.node, &["Value"]),
            _ => {}
        }
    }
    if let Some(times) = node.at("Times") {
        read_times(times, source, rows);
        if let Some(key) = rows.keys.last_mut() {
            key.name = title.or(key.name.take());
            key.id = node.text_at("UUID").map(str::to_owned);
        }
    }
}

fn read_times(node: &Node<'_>, source: &Arc<Source>, rows: &mut Rows) {
    let mut key = record(rows, source, node, "password", "CreationTime", "CreationTime");
    (key.id, key.name) = (None, Some("KeePass entry".to_owned()));
    key.in_place = true;
    key.created = read_time(node, "CreationTime", rows);
    key.rotated = read_time(node, "LastModificationTime", rows);
    key.last_used = read_time(node, "LastAccessTime", rows);
    // The time of expiry is filled even where it does not count.
    key.expires = match node.bool_at("Expires") {
        Some(true) => read_time(node, "ExpiryTime", rows),
        Some(false) => Stated::Never,
        None => Stated::Unknown,
    };
    rows.push(key);
}

/// Version 4 writes base64 of a little-endian number of seconds since the year 1.
fn read_time(node: &Node<'_>, path: &str, rows: &mut Rows) -> Stated {
    let Some(text) = node.text_at(path) else { return Stated::Unknown };
    match binary_time(text) {
        Some(time) => Stated::exact(time),
        None => rows.date(node, path, Day::Start),
    }
}

fn binary_time(text: &str) -> Option<DateTime<Utc>> {
    let bytes: [u8; 8] = data_encoding::BASE64.decode(text.as_bytes()).ok()?.try_into().ok()?;
    let start = date::day_start(NaiveDate::from_ymd_opt(1, 1, 1)?);
    start.checked_add_signed(TimeDelta::try_seconds(i64::from_le_bytes(bytes))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binary_times_count_from_the_year_one() {
        assert_eq!(binary_time("JnFH4Q4AAAA="), DateTime::from_timestamp(1_773_500_966, 0));
    }
}
