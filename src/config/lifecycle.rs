//! `[policy]`, `[owners]` and `[[import]]`.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use super::Files;
use crate::date::Length;
use crate::diagnostic::Problem;
use crate::lifecycle::import::{FIELDS, Mapping};
use crate::lifecycle::policy::{Override, Pattern, Profile};
use crate::lifecycle::{Policy, inventory::is_zone};
use crate::toml_reader::{At, Table, suggestion, unknown_name};

/// Reads the three sections; files that they name are read from the folder in `place`.
pub(super) fn read(
    table: &mut Table<'_, '_>,
    place: (&Path, &Files),
    problems: &mut Vec<Problem>,
) -> (Policy, Vec<Mapping>) {
    let mut policy = Policy::default();
    if let Some(section) = table.table("policy", problems) {
        read_policy(section, place, &mut policy, problems);
    }
    for ((pattern, span), (owner, _)) in table.string_map("owners", problems) {
        match Pattern::new(&pattern) {
            Ok(pattern) => policy.owners.push((pattern, owner)),
            Err(error) => problems.push(Problem::new(span, format!("this is no glob: {}", error.kind()))),
        }
    }
    let mappings = table.tables("import", problems).into_iter().map(|one| read_mapping(one, problems)).collect();
    (policy, mappings)
}

fn read_policy(mut table: Table<'_, '_>, place: (&Path, &Files), policy: &mut Policy, problems: &mut Vec<Problem>) {
    for ((name, _), section) in table.named_tables("profiles", problems) {
        let base = policy.profiles.get(&name).cloned().unwrap_or_else(|| default_profile("seed"));
        let profile = read_profile(name, section, base, problems);
        // A profile of ours may be sharpened under its own name; `pci` must be.
        policy.profiles.insert(profile.name.clone(), profile);
    }
    if let Some((name, span)) = table.string("profile", problems) {
        check_profile(&name, span, policy, problems);
        policy.default = name;
    }
    if let Some(skew) = length(&mut table, "skew", problems) {
        policy.skew = chrono::TimeDelta::seconds(skew.seconds);
    }
    if let Some(stale) = length(&mut table, "stale-after", problems) {
        policy.stale = stale;
    }
    policy.roster = names(&mut table, "roster", place, problems);
    let people = names(&mut table, "people", place, problems);
    policy.people = Arc::new(people.iter().map(|name| name.to_lowercase()).collect());
    for section in table.tables("override", problems) {
        read_override(section, policy, problems);
    }
    table.finish(problems);
    policy.profiles.entry(policy.default.clone()).or_insert_with(|| default_profile("seed"));
}

/// The lines of a file that the configuration names, without comments.
fn names(
    table: &mut Table<'_, '_>,
    key: &'static str,
    place: (&Path, &Files),
    problems: &mut Vec<Problem>,
) -> Vec<String> {
    let Some((file, span)) = table.string(key, problems) else { return Vec::new() };
    let (folder, files) = place;
    match files.read(&folder.join(&file)) {
        Ok(text) => {
            let names = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
            names.map(str::to_owned).collect()
        }
        Err(error) => {
            problems.push(Problem::new(span, format!("cannot read the file of `{key}`: {error}")));
            Vec::new()
        }
    }
}

fn default_profile(name: &str) -> Profile {
    let mut all = crate::lifecycle::policy::builtin();
    let at = all.iter().position(|one| one.name == name).unwrap_or(0);
    all.swap_remove(at)
}

fn check_profile(name: &str, span: std::ops::Range<usize>, policy: &Policy, problems: &mut Vec<Problem>) {
    match policy.profiles.get(name) {
        None => {
            let names: Vec<&str> = policy.profiles.keys().map(String::as_str).collect();
            problems.push(unknown_name(name, span, &names));
        }
        Some(profile) if profile.needs_number && profile.rotate_error.is_none() => {
            let message =
                format!("profile `{name}` has no number of its own: PCI DSS 8.6.3 leaves it to your risk analysis");
            problems.push(
                Problem::new(span, message)
                    .with_hint(format!("add [policy.profiles.{name}] with rotate = \"180d\", or your number")),
            );
        }
        Some(_) => {}
    }
}

fn read_profile(name: String, mut table: Table<'_, '_>, mut base: Profile, problems: &mut Vec<Problem>) -> Profile {
    if let Some((from, span)) = table.string("base", problems) {
        let all = crate::lifecycle::policy::builtin();
        match all.into_iter().find(|one| one.name == from) {
            Some(profile) => base = profile,
            None => {
                problems.push(unknown_name(&from, span, &["seed", "cis", "pci", "azure", "npm", "github", "human"]));
            }
        }
    }
    base.name = name;
    for (key, limit) in [
        ("rotate-warn", &mut base.rotate_warn),
        ("rotate", &mut base.rotate_error),
        ("lifetime-warn", &mut base.lifetime_warn),
        ("lifetime", &mut base.lifetime_error),
    ] {
        if let Some(value) = length(&mut table, key, problems) {
            *limit = (!value.is_zero()).then_some(value);
        }
    }
    for (key, value) in [("lead", &mut base.lead), ("lead-error", &mut base.lead_error), ("overlap", &mut base.overlap)]
    {
        if let Some(read) = length(&mut table, key, problems) {
            *value = read;
        }
    }
    base.expiry_required = table.boolean("expiry-required", problems).unwrap_or(base.expiry_required);
    base.successor_required = table.boolean("successor-required", problems).unwrap_or(base.successor_required);
    if let Some(days) = table.number("unused-days", problems) {
        base.unused_days = i64::try_from(days).ok().filter(|days| *days > 0);
    }
    if let Some(most) = table.number("max-scopes", problems) {
        base.max_scopes = usize::try_from(most).unwrap_or(usize::MAX);
    }
    table.finish(problems);
    base
}

fn read_override(mut table: Table<'_, '_>, policy: &mut Policy, problems: &mut Vec<Problem>) {
    let mut patterns = |key: &'static str, problems: &mut Vec<Problem>| {
        let mut list = Vec::new();
        for (text, span) in table.strings(key, problems) {
            match Pattern::new(&text) {
                Ok(pattern) => list.push(pattern),
                Err(error) => problems.push(Problem::new(span, format!("this is no glob: {}", error.kind()))),
            }
        }
        list
    };
    let mut class = patterns("class", problems);
    class.extend(patterns("rule", problems));
    let tag = patterns("tag", problems);
    let environment = patterns("environment", problems);
    let owner = patterns("owner", problems);
    let (profile, span) = table.required("profile", problems);
    check_profile(&profile, span, policy, problems);
    table.finish(problems);
    policy.overrides.push(Override { class, tag, environment, owner, profile });
}

fn read_mapping(mut table: Table<'_, '_>, problems: &mut Vec<Problem>) -> Mapping {
    let plain = |list: Vec<At<String>>| list.into_iter().map(|(text, _)| text).collect();
    let mut mapping = Mapping {
        name: table.required("name", problems).0,
        class: table.string("class", problems).map(|(class, _)| class.replace('.', "-")),
        wrap: table.string("wrap", problems).map(|(wrap, _)| wrap),
        values: plain(table.strings("values", problems)),
        never: plain(table.strings("never", problems)),
        unset: plain(table.strings("unset", problems)),
        day_end: table.boolean("day-end", problems).unwrap_or(false),
        ..Mapping::default()
    };
    if let Some((zone, span)) = table.string("timezone", problems) {
        mapping.zone = is_zone(&zone);
        if mapping.zone.is_none() {
            problems.push(Problem::new(span, "`timezone` must be `UTC` or an offset such as `+01:00`"));
        }
    }
    for ((field, span), (column, _)) in table.string_map("fields", problems) {
        if !FIELDS.contains(&field.as_str()) {
            let problem = Problem::new(span, format!("unknown field `{field}`"));
            problems.push(problem.with_hint(suggestion(&field, FIELDS)));
        }
        mapping.fields.push((field, column));
    }
    if mapping.fields.is_empty() {
        problems.push(Problem::new(table.span(), "`fields` is missing: it says which column is which field"));
    }
    table.finish(problems);
    mapping
}

fn length(table: &mut Table<'_, '_>, key: &'static str, problems: &mut Vec<Problem>) -> Option<Length> {
    let (text, span) = table.string(key, problems)?;
    match Length::from_str(&text) {
        Ok(length) => Some(length),
        Err(error) => {
            problems.push(Problem::new(span, format!("`{key}` is {error}")));
            None
        }
    }
}
