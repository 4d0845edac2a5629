//! OpenPGP: `gpg --list-keys --with-colons`.

use std::sync::Arc;

use chrono::TimeDelta;

use crate::finding::Span;
use crate::lifecycle::inventory::{Day, Rows};
use crate::lifecycle::key::{Gives, KnownKey, Source, Stated, Status};

pub(super) fn read(text: &str, number: u32) -> Option<Rows> {
    let kinds = ["pub:", "sub:", "sec:", "ssb:"];
    if !text.lines().any(|line| kinds.iter().any(|kind| line.starts_with(kind)) && line.matches(':').count() >= 11) {
        return None;
    }
    let gives = Gives::CREATED.and(Gives::EXPIRES).and(Gives::SCOPES).and(Gives::JOIN);
    let source = Arc::new(Source {
        name: "openpgp".to_owned(),
        generated_at: None,
        gives,
        grain: TimeDelta::zero(),
        overlay: false,
    });
    let mut rows = Rows::new(number);
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let span = Span::new(offset, offset + line.trim_end().len());
        offset += line.len();
        let fields: Vec<&str> = line.trim_end().split(':').collect();
        match fields[0] {
            "pub" | "sub" | "sec" | "ssb" if fields.len() >= 12 => read_key(&fields, span, &source, &mut rows),
            "uid" if fields.len() >= 10 => {
                if let Some(key) = rows.keys.iter_mut().rev().find(|key| key.name.is_none()) {
                    key.name = Some(fields[9].to_owned());
                }
            }
            _ => {}
        }
    }
    (!rows.keys.is_empty()).then_some(rows)
}

fn read_key(fields: &[&str], span: Span, source: &Arc<Source>, rows: &mut Rows) {
    let mut key = KnownKey::new(Arc::clone(source), rows.place(span));
    key.class = Some("pgp-private-key".to_owned());
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
    rows.keys.push(key);
}
