//! X.509 certificates: PEM, DER and the lines of `openssl x509 -dates`.

use std::sync::Arc;

use crate::claims::certificate::{self, Certificate};
use crate::finding::{Ends, Span};
use crate::lifecycle::inventory::{Day, Rows};
use crate::lifecycle::key::{Gives, KnownKey, Source, Stated};

fn source() -> Arc<Source> {
    let gives = Gives::CREATED.and(Gives::EXPIRES).and(Gives::JOIN);
    Arc::new(Source::new("x509", gives))
}

pub(super) fn read_der(bytes: &[u8], number: u32) -> Option<Rows> {
    if bytes.first() != Some(&0x30) {
        return None;
    }
    let certificate = certificate::read_der(bytes)?;
    let mut rows = Rows::new(number);
    push(&mut rows, &source(), certificate, Span::new(0, 0));
    Some(rows)
}

pub(super) fn read_text(text: &str, number: u32) -> Option<Rows> {
    let mut rows = Rows::new(number);
    let source = source();
    for (range, der) in certificate::blocks(text) {
        if let Some(one) = certificate::read_der(&der) {
            let line = text[range.start..].find('\n').map_or(range.end, |length| range.start + length);
            push(&mut rows, &source, one, Span::new(range.start, line));
        }
    }
    if rows.keys.is_empty() {
        read_dates(text, &source, &mut rows);
    }
    if text.contains("PRIVATE KEY-----") && !rows.keys.is_empty() {
        let at = text.find("-----BEGIN").unwrap_or(0);
        rows.values.push(("private key".to_owned(), Span::new(at, at)));
    }
    (!rows.keys.is_empty()).then_some(rows)
}

fn push(rows: &mut Rows, source: &Arc<Source>, certificate: Certificate, span: Span) {
    let mut key = KnownKey::new(Arc::clone(source), rows.place(span));
    let Certificate { evidence, subject, serial } = certificate;
    key.class = Some("certificate-x509".to_owned());
    key.id = Some(serial);
    key.name = Some(subject);
    key.created = evidence.created.map_or(Stated::Unknown, Stated::exact);
    key.not_before = key.created;
    key.expires = match evidence.expires {
        Some(Ends::At(time)) => Stated::exact(time),
        Some(Ends::Never) => Stated::Never,
        None => Stated::Unknown,
    };
    key.identifiers = evidence.identifiers.into_iter().map(|(kind, value)| (kind.to_owned(), value)).collect();
    rows.push(key);
}

/// `notBefore=…` and `notAfter=…`.
fn read_dates(text: &str, source: &Arc<Source>, rows: &mut Rows) {
    let mut start = Stated::Unknown;
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let span = Span::new(offset, offset + line.trim_end().len());
        offset += line.len();
        let line = line.trim_start_matches('\u{feff}').trim();
        if let Some(date) = line.strip_prefix("notBefore=") {
            start = rows.read(date, span, "notBefore", Day::Start);
        } else if let Some(date) = line.strip_prefix("notAfter=") {
            let mut key = KnownKey::new(Arc::clone(source), rows.place(span));
            key.class = Some("certificate-x509".to_owned());
            key.name = Some("certificate".to_owned());
            (key.created, key.not_before) = (start, start);
            key.expires = rows.read(date, span, "notAfter", Day::Start);
            rows.push(key);
        }
    }
}
