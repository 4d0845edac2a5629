//! What ends or is due for rotation within a time, as text, CSV, JSON and iCalendar.

use std::borrow::Cow;
use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::inventory::Inventory;
use super::key::Stated;
use super::{Options, owner_of, scope};
use crate::date::{Length, age_days, show};

/// Why a key is on the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// It ends.
    Ends,
    /// Its rotation age is reached.
    Rotation,
}

impl Reason {
    /// The name used in every form.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ends => "ends",
            Self::Rotation => "rotation due",
        }
    }
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    /// When.
    pub at: DateTime<Utc>,
    /// Why.
    pub reason: Reason,
    /// The key's name.
    pub key: String,
    /// Its id.
    pub id: Option<String>,
    /// Its class.
    pub class: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Where the row stands.
    pub place: String,
}

/// Everything live that is due until `within` after now, overdue ones included, soonest first. The rotation of a key is due
/// when the first limit of its profile is reached.
pub fn list(inventory: &Inventory, options: &Options, within: Length) -> Vec<Due> {
    let now = options.now;
    let horizon = within.after(now).unwrap_or(DateTime::<Utc>::MAX_UTC);
    let mut all = Vec::new();
    for key in inventory.keys.iter().filter(|key| !key.is_dead()) {
        let profile = options.policy.profile(key);
        let rotation = match key.value_since_at_latest() {
            Stated::At(since, _) if !key.has_expired(now) => {
                let limit = profile.rotate_warn.or(profile.rotate_error);
                let halve = scope::hands_out_access(key);
                limit.and_then(|limit| if halve { limit.halved().after(since) } else { limit.after(since) })
            }
            _ => None,
        };
        let moments = [(Reason::Ends, key.expires.time()), (Reason::Rotation, rotation)];
        for (reason, at) in moments.into_iter().filter_map(|(reason, at)| Some((reason, at?))) {
            if at <= horizon {
                all.push(Due {
                    at,
                    reason,
                    key: key.label().to_owned(),
                    id: key.id.clone(),
                    class: key.class.clone(),
                    owner: owner_of(key, options).map(Cow::into_owned),
                    place: inventory.location(key.place).label(),
                });
            }
        }
    }
    all.sort();
    all
}

/// The list as lines.
pub fn text(list: &[Due], now: DateTime<Utc>) -> String {
    let mut out = String::new();
    for due in list {
        let days = age_days(due.at, now);
        let when = match days {
            0 => "today".to_owned(),
            days if days > 0 => format!("in {days} d"),
            days => format!("{} d ago", -days),
        };
        let owner = harmless_line(due.owner.as_deref().unwrap_or("no owner"));
        let _ = writeln!(
            out,
            "{}  {when:>9}  {:<12}  {}  ({owner})  {}",
            &show(due.at)[..10],
            due.reason.name(),
            harmless_line(&due.key),
            due.place
        );
    }
    let _ = writeln!(out, "{} due as of {}", list.len(), show(now));
    out
}

/// A name that cannot drive the terminal.
fn harmless_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// The list as a table.
pub fn csv(list: &[Due]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let rows = std::iter::once(["due", "reason", "name", "id", "class", "owner", "place"].map(str::to_owned)).chain(
        list.iter().map(|due| {
            let text = |value: &Option<String>| value.clone().unwrap_or_default();
            [
                show(due.at),
                due.reason.name().to_owned(),
                due.key.clone(),
                text(&due.id),
                text(&due.class),
                text(&due.owner),
                due.place.clone(),
            ]
            .map(|cell| harmless(&cell))
        }),
    );
    for row in rows {
        writer.write_record(row).expect("writing into memory cannot fail");
    }
    String::from_utf8(writer.into_inner().expect("writing into memory cannot fail")).expect("all cells are text")
}

/// Spreadsheets run cells that begin with these characters.
pub(crate) fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

/// The list as JSON.
pub fn json(list: &[Due], now: DateTime<Utc>) -> String {
    let entries: Vec<serde_json::Value> = list
        .iter()
        .map(|due| {
            json!({
                "due": show(due.at),
                "reason": due.reason.name(),
                "days": age_days(due.at, now),
                "name": due.key,
                "id": due.id,
                "class": due.class,
                "owner": due.owner,
                "place": due.place,
            })
        })
        .collect();
    let document = json!({ "asOf": show(now), "due": entries });
    format!("{document:#}\n")
}

/// The list as a calendar (RFC 5545) with an alarm a week ahead. Identifiers stay the same from run to run.
pub fn calendar(list: &[Due], now: DateTime<Utc>) -> String {
    let mut out = String::new();
    for line in ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//keyrot//due//EN", "CALSCALE:GREGORIAN"] {
        fold(&mut out, line);
    }
    for due in list {
        let class = due.class.as_deref().unwrap_or_default();
        let identity = format!("{}\0{class}\0{}", due.id.as_deref().unwrap_or(&due.key), due.reason.name());
        let uid = &data_encoding::HEXLOWER.encode(&Sha256::digest(identity.as_bytes()))[..32];
        let owner = due.owner.as_deref().unwrap_or("nobody");
        for line in [
            "BEGIN:VEVENT".to_owned(),
            format!("UID:{uid}@keyrot"),
            format!("DTSTAMP:{}", now.format("%Y%m%dT%H%M%SZ")),
            format!("DTSTART:{}", due.at.format("%Y%m%dT%H%M%SZ")),
            format!("SUMMARY:{}", escape(&format!("{}: {}", due.key, due.reason.name()))),
            format!("DESCRIPTION:{}", escape(&format!("Owner: {owner}. Row: {}.", due.place))),
            "BEGIN:VALARM".to_owned(),
            "ACTION:DISPLAY".to_owned(),
            format!("DESCRIPTION:{}", escape(&due.key)),
            "TRIGGER:-P7D".to_owned(),
            "END:VALARM".to_owned(),
            "END:VEVENT".to_owned(),
        ] {
            fold(&mut out, &line);
        }
    }
    fold(&mut out, "END:VCALENDAR");
    out
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,").replace(['\n', '\r'], "\\n")
}

/// Lines end with CRLF and hold at most 75 bytes; longer ones go on after a space.
fn fold(out: &mut String, line: &str) {
    let mut rest = line;
    let mut room = 75;
    while rest.len() > room {
        let at = rest.floor_char_boundary(room);
        out.push_str(&rest[..at]);
        out.push_str("\r\n ");
        rest = &rest[at..];
        room = 74;
    }
    out.push_str(rest);
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calendar_lines_are_folded_and_escaped() {
        let at = DateTime::from_timestamp(1_773_500_966, 0).unwrap();
        let due = Due {
            at,
            reason: Reason::Ends,
            key: format!("a,b;{}", "é".repeat(60)),
            id: None,
            class: None,
            owner: None,
            place: "x.toml:1:1".to_owned(),
        };
        let text = calendar(&[due], at);
        assert!(text.contains("SUMMARY:a\\,b\\;"));
        assert!(text.split("\r\n").all(|line| line.len() <= 75));
        assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"));
    }

    #[test]
    fn an_event_keeps_its_identifier_when_its_row_moves() {
        let event = |place: &str| Due {
            at: DateTime::from_timestamp(1_773_500_966, 0).unwrap(),
            reason: Reason::Ends,
            key: "a".to_owned(),
            id: Some("k1".to_owned()),
            class: None,
            owner: None,
            place: place.to_owned(),
        };
        let uid = |place: &str| {
            let text = calendar(&[event(place)], event(place).at);
            text.lines().find(|line| line.starts_with("UID:")).unwrap().to_owned()
        };
        assert_eq!(uid("x.toml:1:1"), uid("x.toml:9:1"));
    }

    #[test]
    fn cells_that_a_spreadsheet_would_run_are_disarmed() {
        assert_eq!(harmless("=1+1"), "'=1+1");
        assert_eq!(harmless("name"), "name");
    }
}
