//! Rules about the data itself: what its readers noticed, outdated listings, facts that a source never gives, waivers.

use std::collections::BTreeMap;

use super::{Context, Rows, Scope, shown, waiver};
use crate::finding::{Finding, Location, Severity};
use crate::lifecycle::inventory::waiver_holds;
use crate::lifecycle::key::{Gives, Place};

/// Facts that are asked of every source.
const ASKED: &[(&str, Gives)] = &[
    ("created", Gives::CREATED),
    ("expires", Gives::EXPIRES),
    ("last_used", Gives::LAST_USED),
    ("scopes", Gives::SCOPES),
    ("owner", Gives::OWNER),
];

/// All checks of the data.
pub fn check(rows: &mut Rows<'_, '_>, scope: Scope) {
    for issue in rows.context.inventory.issues.clone() {
        // A file that carries values is a leak wherever it stands; other mistakes are about rows.
        if scope == Scope::Joined && issue.rule != "value-in-inventory" {
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
        let finding = rows.at(issue.rule, severity, issue.place, message);
        finding
            .related
            .extend(other.map(|location| crate::finding::Related { role: crate::finding::Role::Row, location }));
    }
    if scope == Scope::All {
        stale(rows);
        silent_sources(rows);
        waivers(rows);
    }
}

fn stale(rows: &mut Rows<'_, '_>) {
    let (now, limit) = (rows.now(), rows.context.options.policy.stale);
    for (number, file) in rows.context.inventory.files.iter().enumerate() {
        for source in file.sources.iter().filter(|source| !source.overlay) {
            let Some(written) = source.generated_at else { continue };
            if limit.after(written).is_some_and(|end| now > end) {
                let message = format!(
                    "{} of {} is {} days old; the limit is {limit}.",
                    source.name,
                    shown(written),
                    crate::date::age_days(now, written)
                );
                rows.at("stale-inventory", Severity::Medium, first_place(number), message);
            }
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

fn waivers(rows: &mut Rows<'_, '_>) {
    for waiver in rows.context.inventory.waivers.clone() {
        let what = match (waiver.until, &waiver.reason) {
            (None, _) => "has no last day (`until`)".to_owned(),
            (_, None) => "has no reason".to_owned(),
            (Some(until), _) if !waiver_holds(until, rows.now()) => format!("ended {until}"),
            _ => continue,
        };
        let message = format!("The waiver of {} for key '{}' {what}.", waiver.rule, waiver.id);
        rows.at("waiver-expired", Severity::High, waiver.place, message);
    }
}

/// Marks what a waiver covers. A waiver names a rule by id or KR number.
pub fn waive(context: &Context<'_>, findings: &mut [Finding]) {
    if context.inventory.waivers.is_empty() {
        return;
    }
    let mut labels: BTreeMap<String, usize> = BTreeMap::new();
    for (number, key) in context.inventory.keys.iter().enumerate() {
        labels.insert(place_of(&context.inventory.location(key.place)), number);
    }
    for finding in findings {
        let Some(number) = labels.get(&place_of(&finding.location)) else { continue };
        let names = [finding.rule.as_str(), number_of(finding.rule.as_str())];
        finding.suppression = waiver(context, &names, &context.inventory.keys[*number]);
    }
}

fn place_of(location: &Location) -> String {
    let start = location.region.map(|region| region.bytes.start);
    format!("{}:{start:?}", location.origin.path())
}

/// The KR number of a rule that is about rows.
fn number_of(rule: &str) -> &'static str {
    const NUMBERS: &[(&str, &str)] = &[
        ("no-expiry", "KR101"),
        ("lifetime-too-long", "KR102"),
        ("rotation-overdue", "KR103"),
        ("expires-soon", "KR104"),
        ("no-successor", "KR105"),
        ("expired-still-listed", "KR106"),
        ("expired-still-referenced", "KR107"),
        ("unused", "KR108"),
        ("never-used", "KR109"),
        ("owner-missing", "KR110"),
        ("all-scopes", "KR111"),
        ("privileged-scope", "KR112"),
        ("excess-scopes", "KR113"),
        ("poor-name", "KR114"),
        ("overlap-too-long", "KR115"),
        ("evidence-missing", "KR116"),
        ("shared-across", "KR117"),
        ("rotated-same-value", "KR118"),
        ("monitoring-undeclared", "KR120"),
        ("used-after-retirement", "KR306"),
        ("cleartext-transport", "KR401"),
        ("bad-date", "KR902"),
        ("impossible-order", "KR903"),
        ("stale-inventory", "KR904"),
        ("duplicate-or-ambiguous", "KR905"),
    ];
    NUMBERS.iter().find(|(id, _)| *id == rule).map_or("", |(_, number)| number)
}
