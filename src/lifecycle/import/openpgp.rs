//! OpenPGP: `gpg --list-keys --with-colons`, and keys themselves as `gpg --export` writes them, armoured or not.

use std::sync::Arc;

use chrono::FixedOffset;

use crate::claims::openpgp;
use crate::finding::{Ends, Span};
use crate::lifecycle::inventory::{Day, Rows};
use crate::lifecycle::key::{Gives, KnownKey, Source, Stated, Status};

const BEGIN: &str = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
const BEGIN_PRIVATE: &str = "-----BEGIN PGP PRIVATE KEY BLOCK-----";

fn source() -> Arc<Source> {
    let gives = Gives::CREATED.and(Gives::EXPIRES).and(Gives::JOIN);
    Arc::new(Source::new("openpgp", gives))
}

/// Keys in binary packets.
pub(super) fn read_binary(bytes: &[u8], number: u32) -> Option<Rows> {
    let mut rows = Rows::new(number);
    push_all(openpgp::read(bytes)?, Span::new(0, 0), &mut rows);
    Some(rows)
}

/// Armoured keys, or a listing.
pub(super) fn read(text: &str, number: u32) -> Option<Rows> {
    let mut rows = Rows::new(number);
    for begin in [BEGIN, BEGIN_PRIVATE] {
        for (at, _) in text.match_indices(begin) {
            let body = &text[at + begin.len()..];
            let body = body.split_once("-----END").map_or(body, |(body, _)| body);
            let keys = openpgp::dearmor(body).and_then(|bytes| openpgp::read(&bytes)).unwrap_or_default();
            push_all(keys, Span::new(at, at + begin.len()), &mut rows);
        }
    }
    if rows.keys.is_empty() { read_listing(text, rows) } else { Some(rows) }
}

fn push_all(keys: Vec<openpgp::Key>, span: Span, rows: &mut Rows) {
    let source = source();
    let mut name = None;
    for read in keys {
        if read.is_secret {
            rows.values.push(("secret key".to_owned(), span));
        }
        let mut key = KnownKey::new(Arc::clone(&source), rows.place(span));
        key.class = Some("private-key-pgp".to_owned());
        key.id = Some(read.id().to_owned());
        key.identifiers = vec![
            ("public-key".to_owned(), read.fingerprint.clone()),
            ("openpgp-key-id".to_owned(), read.id().to_owned()),
        ];
        key.created = read.created.map_or(Stated::Unknown, Stated::exact);
        key.expires = match read.expires {
            Some(Ends::At(time)) => Stated::exact(time),
            Some(Ends::Never) => Stated::Never,
            None => Stated::Unknown,
        };
        key.revoked = read.revoked.map_or(Stated::Unknown, Stated::exact);
        key.status = if read.revoked.is_some() { Status::Revoked } else { Status::Unknown };
        if !read.is_subkey {
            name = read.name;
        }
        key.name = named(name.as_deref(), read.is_subkey);
        rows.push(key);
    }
}

/// A subkey has no name of its own.
fn named(primary: Option<&str>, is_subkey: bool) -> Option<String> {
    primary.map(|name| if is_subkey { format!("{name} (subkey)") } else { name.to_owned() })
}

fn read_listing(text: &str, mut rows: Rows) -> Option<Rows> {
    let is_key = |line: &str| {
        ["pub:", "sub:", "sec:", "ssb:"].iter().any(|kind| line.starts_with(kind)) && line.matches(':').count() >= 11
    };
    if !text.trim_start_matches('\u{feff}').lines().any(is_key) {
        return None;
    }
    let mut source = (*source()).clone();
    source.gives = source.gives.and(Gives::SCOPES);
    let source = Arc::new(source);
    // Times in the listing are UTC in both of their forms.
    rows.zone = FixedOffset::east_opt(0);
    let (mut offset, mut primary, mut name) = (0, 0, None);
    for line in text.split_inclusive('\n') {
        let span = Span::new(offset, offset + line.trim_end().len());
        offset += line.len();
        let fields: Vec<&str> = line.trim_start_matches('\u{feff}').trim_end().split(':').collect();
        match fields[0] {
            "pub" | "sec" if fields.len() >= 12 => {
                (primary, name) = (rows.keys.len(), None);
                read_key(&fields, span, &source, &mut rows);
            }
            "sub" | "ssb" if fields.len() >= 12 => {
                read_key(&fields, span, &source, &mut rows);
                if let Some(key) = rows.keys.last_mut() {
                    key.name = named(name.as_deref(), true);
                }
            }
            "uid" if fields.len() >= 10 && name.is_none() => {
                name = Some(fields[9].to_owned());
                if let Some(key) = rows.keys.get_mut(primary) {
                    key.name.clone_from(&name);
                }
            }
            "fpr" if fields.len() >= 10 => {
                if let Some(key) = rows.keys.last_mut() {
                    key.identifiers.push(("public-key".to_owned(), fields[9].to_owned()));
                }
            }
            _ => {}
        }
    }
    (!rows.keys.is_empty()).then_some(rows)
}

fn read_key(fields: &[&str], span: Span, source: &Arc<Source>, rows: &mut Rows) {
    let mut key = KnownKey::new(Arc::clone(source), rows.place(span));
    key.class = Some("private-key-pgp".to_owned());
    key.id = Some(fields[4].to_owned());
    key.identifiers.push(("openpgp-key-id".to_owned(), fields[4].to_owned()));
    key.created = rows.read(fields[5], span, "created", Day::Start);
    key.expires = if fields[6].is_empty() { Stated::Never } else { rows.read(fields[6], span, "expires", Day::Start) };
    key.status = match fields[1] {
        "r" => Status::Revoked,
        "d" => Status::Disabled,
        "e" => Status::Unknown,
        _ => Status::Active,
    };
    key.scopes = Some(fields[11].chars().filter(char::is_ascii_lowercase).map(String::from).collect());
    rows.push(key);
}
