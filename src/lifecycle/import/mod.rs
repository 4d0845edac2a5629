//! Vendors' exports, recognised by their content: one file per vendor, plus tables that users map themselves.

mod alphamoon;
mod aws;
mod azure;
mod certificate;
mod circleci;
mod datadog;
mod doppler;
mod gcp;
mod github;
mod gitlab;
mod infisical;
mod keepass;
mod kubernetes;
mod mapping;
mod npm;
mod okta;
mod openpgp;
mod people;
mod ssh;
mod tuf;
mod vault;
mod vaults;
mod version;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

pub use mapping::{FIELDS, Mapping};

use super::document::{Node, Value};
use super::inventory::Rows;
use super::key::{Gives, KnownKey, Source};

/// One kind of record in one vendor's export.
pub struct Format {
    /// The source's name in reports.
    pub name: &'static str,
    /// Names of the entry that wraps the records; an empty name is no wrapper.
    pub wraps: &'static [&'static str],
    /// Paths that every record has.
    pub needs: &'static [&'static str],
    /// Paths that hold key values: where one is filled, the file is refused.
    pub values: &'static [&'static str],
    /// What the source can give.
    pub gives: Gives,
    /// How late its last-used dates may be.
    pub grain: TimeDelta,
    /// Since when it records uses, where that was later than the oldest keys.
    pub uses_since: Option<DateTime<Utc>>,
    /// Reads one record.
    pub read: fn(&Node<'_>, &Arc<Source>, &mut Rows),
    /// What all records of a file say together.
    pub finish: fn(&mut [KnownKey]),
}

impl Format {
    const fn new(
        name: &'static str,
        wraps: &'static [&'static str],
        needs: &'static [&'static str],
        gives: Gives,
        read: fn(&Node<'_>, &Arc<Source>, &mut Rows),
    ) -> Self {
        Self {
            name,
            wraps,
            needs,
            values: &[],
            gives,
            grain: TimeDelta::zero(),
            uses_since: None,
            read,
            finish: |_| {},
        }
    }

    const fn refusing(mut self, values: &'static [&'static str]) -> Self {
        self.values = values;
        self
    }

    const fn finishing(mut self, finish: fn(&mut [KnownKey])) -> Self {
        self.finish = finish;
        self
    }

    const fn late(mut self, grain: TimeDelta) -> Self {
        self.grain = grain;
        self
    }

    const fn recording_since(mut self, start: DateTime<Utc>) -> Self {
        self.uses_since = Some(start);
        self
    }

    fn records<'d, 't>(&self, node: &'d Node<'t>) -> Option<Vec<&'d Node<'t>>> {
        self.wraps.iter().find_map(|wrap| {
            let inner = if wrap.is_empty() { node } else { node.at(wrap)? };
            let records: Vec<&Node<'t>> = match &inner.value {
                Value::List(items) => items.iter().collect(),
                Value::Map(_) => vec![inner],
                _ => return None,
            };
            // An empty list under a wrapper's name is an empty export; a bare empty list could be anything.
            let fits = |record: &&Node<'t>| self.needs.iter().all(|need| record.at(need).is_some());
            let empty = records.is_empty() && !wrap.is_empty() && wrap.len() > 5;
            (empty || records.first().is_some_and(fits)).then_some(records)
        })
    }

    fn source(&self) -> Arc<Source> {
        Arc::new(Source { grain: self.grain, uses_since: self.uses_since, ..Source::new(self.name, self.gives) })
    }
}

fn formats() -> impl Iterator<Item = &'static Format> {
    [
        alphamoon::FORMATS,
        aws::FORMATS,
        gcp::FORMATS,
        azure::FORMATS,
        github::FORMATS,
        gitlab::FORMATS,
        npm::FORMATS,
        vault::FORMATS,
        kubernetes::FORMATS,
        datadog::FORMATS,
        okta::FORMATS,
        doppler::FORMATS,
        infisical::FORMATS,
        circleci::FORMATS,
        keepass::FORMATS,
        tuf::FORMATS,
        vaults::FORMATS,
        people::FORMATS,
    ]
    .into_iter()
    .flatten()
}

/// Reads the records of a tree into `rows`. False if no format knows them.
pub fn read_node(node: &Node<'_>, mappings: &[Mapping], rows: &mut Rows) -> bool {
    if let Some(mapping) = mappings.iter().find(|mapping| mapping.fits(node)) {
        mapping.read(node, rows);
        return true;
    }
    let Some((format, records)) = formats().find_map(|format| Some((format, format.records(node)?))) else {
        return false;
    };
    let (source, before) = (format.source(), rows.keys.len());
    for record in records {
        rows.refuse_values(record, format.values);
        (format.read)(record, &source, rows);
    }
    (format.finish)(&mut rows.keys[before..]);
    true
}

/// Reads plain texts: PEM certificates, SSH lines, OpenPGP listings.
pub fn read_plain(text: &str, number: u32) -> Option<Rows> {
    certificate::read_text(text, number).or_else(|| ssh::read(text, number)).or_else(|| openpgp::read(text, number))
}

/// Reads a DER certificate, OpenPGP packets, or the archive of a password manager.
pub fn read_binary(bytes: &[u8], number: u32) -> Option<Rows> {
    certificate::read_der(bytes, number)
        .or_else(|| openpgp::read_binary(bytes, number))
        .or_else(|| vaults::read_archive(bytes, number))
}

/// The names of all formats, for messages and the manual.
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<&str> = formats().map(|format| format.name).collect();
    names.extend(["x509", "ssh-certificates", "openpgp"]);
    names
}

/// A row with the fields that nearly every record has.
fn record(rows: &mut Rows, source: &Arc<Source>, node: &Node<'_>, class: &str, id: &str, name: &str) -> KnownKey {
    let mut key = rows.key(source, node, &[name, id]);
    key.class = Some(class.to_owned());
    key.id = node.text_at(id).map(str::to_owned);
    key.name = node.text_at(name).map(str::to_owned);
    key
}

/// Facts about creation, end and use, as most listings of tokens have them.
const TOKEN: Gives = Gives::CREATED.and(Gives::EXPIRES).and(Gives::LAST_USED).and(Gives::SCOPES);

#[cfg(test)]
mod tests;
