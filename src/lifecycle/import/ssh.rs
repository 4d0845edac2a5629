//! SSH: certificates as files, and the text of `ssh-keygen -L`, whose local times without a zone are refused.

use std::sync::Arc;

use crate::claims::ssh;
use crate::finding::{Ends, Span};
use crate::lifecycle::inventory::Rows;
use crate::lifecycle::key::{Gives, KnownKey, Source, Stated};

pub(super) fn read(text: &str, number: u32) -> Option<Rows> {
    let gives = Gives::CREATED.and(Gives::EXPIRES).and(Gives::SCOPES).and(Gives::JOIN);
    let source = Arc::new(Source::new("ssh-certificates", gives));
    let mut rows = Rows::new(number);
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let span = Span::new(offset, offset + line.trim_end().len());
        offset += line.len();
        if line.trim_start().starts_with("Valid: ") {
            read_listing(line.trim(), span, &source, &mut rows);
        } else if line.contains("-cert-v01@") {
            read_certificate(line, span, &source, &mut rows);
        }
    }
    (!rows.keys.is_empty()).then_some(rows)
}

fn read_certificate(line: &str, span: Span, source: &Arc<Source>, rows: &mut Rows) {
    let Some(read) = ssh::read_line(line).filter(|read| read.is_certificate) else { return };
    let place = rows.place(Span::new(span.start, (span.start + 40).min(span.end)));
    let mut key = KnownKey::new(Arc::clone(source), place);
    key.class = Some("ssh-certificate".to_owned());
    key.id = read.serial.map(|serial| serial.to_string());
    key.name = read.key_id;
    key.scopes = Some(read.principals);
    key.created = read.evidence.created.map_or(Stated::Unknown, Stated::exact);
    key.not_before = key.created;
    key.expires = match read.evidence.expires {
        Some(Ends::At(time)) => Stated::exact(time),
        Some(Ends::Never) => Stated::Never,
        None => Stated::Unknown,
    };
    key.identifiers = read.evidence.identifiers.into_iter().map(|(kind, value)| (kind.to_owned(), value)).collect();
    rows.push(key);
}

fn read_listing(line: &str, span: Span, source: &Arc<Source>, rows: &mut Rows) {
    let mut key = KnownKey::new(Arc::clone(source), rows.place(span));
    key.class = Some("ssh-certificate".to_owned());
    key.name = Some("SSH certificate".to_owned());
    if line == "Valid: forever" {
        key.expires = Stated::Never;
    } else {
        let text = "`Valid` is in the zone of the machine that wrote it: give the certificate file itself instead";
        rows.issue("bad-date", span, text.to_owned());
    }
    rows.push(key);
}
