//! Rules about the data itself: what its readers noticed, outdated listings, facts that a source never gives.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{Rows, Scope, shown};
use crate::finding::{Related, Role, Severity};
use crate::lifecycle::class;
use crate::lifecycle::key::{Gives, Place, Stated};

/// Facts that are asked of every source.
const ASKED: &[(&str, Gives)] = &[
    ("created", Gives::CREATED),
    ("expires", Gives::EXPIRES),
    ("last_used", Gives::LAST_USED),
    ("scopes", Gives::SCOPES),
    ("owner", Gives::OWNER),
];

/// All checks of the data. `newest` is the instant of the newest exposure.
pub fn check(rows: &mut Rows<'_, '_>, scope: Scope, newest: Option<DateTime<Utc>>) {
    for issue in rows.context.inventory.issues.clone() {
        // A file that carries values is a leak wherever it stands; other mistakes are about rows.
        let told = match scope {
            Scope::All => true,
            Scope::Joined => issue.rule == "value-in-inventory",
            Scope::Change => false,
        };
        if !told {
            continue;
        }
        let severity = match issue.rule {
            "duplicate-or-ambiguous" => Severity::Medium,
            _ => Severity::High,
        };
        let other = issue.other.map(|place| rows.context.inventory.location(place));
        let mut message = issue.text;
        message.push('.');
        if let Some(first) = message.get(..1).map(str::to_uppercase) {
            message.replace_range(..1, &first);
        }
        let suppression = rows.context.waivers.suppression(issue.rule, issue.key.as_deref());
        let finding = rows.at(issue.rule, severity, issue.place, message);
        finding.related.extend(other.map(|location| Related { role: Role::Row, location }));
        finding.suppression = suppression;
    }
    if scope == Scope::All {
        stale(rows, newest);
        silent_sources(rows);
        endless(rows);
    }
}

/// Exports are outdated by age, or because a key leaked after they were made. Where they do not say when that was, the file's
/// own time stands for it.
fn stale(rows: &mut Rows<'_, '_>, newest: Option<DateTime<Utc>>) {
    let (now, limit) = (rows.now(), rows.context.options.policy.stale);
    for (number, file) in rows.context.inventory.files.iter().enumerate() {
        for source in file.sources.iter().filter(|source| !source.overlay) {
            let Some(written) = source.generated_at.or(file.written) else { continue };
            let how = if source.generated_at.is_some() { "" } else { " (the time of its file)" };
            let name = &source.name;
            let message = if limit.after(written).is_some_and(|end| now > end) {
                let days = crate::date::age_days(now, written);
                format!("{name} of {}{how} is {days} days old; the limit is {limit}.", shown(written))
            } else if let Some(newest) = newest.filter(|newest| written < *newest) {
                format!("{name} of {}{how} is older than the newest exposure, {}.", shown(written), shown(newest))
            } else {
                continue;
            };
            rows.at("stale-inventory", Severity::Medium, first_place(number), message);
        }
    }
}

fn first_place(number: usize) -> Place {
    Place { file: u32::try_from(number).unwrap_or(u32::MAX), span: crate::finding::Span::new(0, 0) }
}

/// What a source never says is asked once, not for every row: an overlay may say it.
fn silent_sources(rows: &mut Rows<'_, '_>) {
    let inventory = rows.context.inventory;
    let mut missing: BTreeMap<(u32, &str), Vec<&str>> = BTreeMap::new();
    for key in inventory.keys.iter().filter(|key| !key.is_dead()) {
        let unknown = |name: &str| match name {
            "created" => key.created.is_unknown(),
            "expires" => key.expires.is_unknown(),
            "last_used" => key.last_used.is_unknown(),
            "scopes" => key.scopes.is_none(),
            _ => key.owner.is_none(),
        };
        for (name, fact) in ASKED {
            if !key.source.gives.has(*fact) && unknown(name) {
                let names = missing.entry((key.place.file, key.source.name.as_str())).or_default();
                if !names.contains(name) {
                    names.push(name);
                }
            }
        }
    }
    for ((file, source), names) in missing {
        let message = format!("{source} never states {}: add what matters to an overlay inventory.", names.join(", "));
        rows.at("evidence-missing", Severity::Info, first_place(file as usize), message);
    }
}

/// Keys that nobody can give an end: said once for each source, since no row can be mended.
fn endless(rows: &mut Rows<'_, '_>) {
    let context = rows.context;
    let mut counts: BTreeMap<(u32, &str, &str), usize> = BTreeMap::new();
    for key in context.inventory.keys.iter().filter(|key| key.is_live(context.options.now)) {
        if let (Stated::Never, Some(who), true) =
            (key.expires, class::endless(key), context.options.policy.profile(key).expiry_required)
        {
            *counts.entry((key.place.file, key.source.name.as_str(), who)).or_default() += 1;
        }
    }
    for ((file, source, who), count) in counts {
        let (keys, have) = if count == 1 { ("key", "has") } else { ("keys", "have") };
        let message = format!(
            "{count} {keys} of {source} {have} no end and can have none ({who}): rotate by the calendar, or use \
             credentials that end by themselves."
        );
        rows.at("no-expiry", Severity::Medium, first_place(file as usize), message);
    }
}
