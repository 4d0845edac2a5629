//! Rules about one row: what its dates, scopes, owner and name say by themselves.

use chrono::{DateTime, Utc};

use super::{Rows, chain, owner, precise, shown};
use crate::date::{Length, Precision, age_days};
use crate::finding::{Finding, Related, Role, Severity};
use crate::lifecycle::class;
use crate::lifecycle::directory::Kind;
use crate::lifecycle::key::{Gives, KnownKey, Stated, Status};
use crate::lifecycle::policy::Profile;
use crate::lifecycle::scope;

/// Days after which a key that was never used is worth a note.
const NEVER_USED_NOTE: i64 = 7;
/// Names that say nothing.
const GENERIC: &[&str] = &[
    "test",
    "key",
    "key1",
    "api key",
    "apikey",
    "api-key",
    "default",
    "new api key",
    "my key",
    "token",
    "untitled",
    "temp",
];

/// A row and the found secrets that join it.
pub struct Row<'r> {
    /// The row.
    pub key: &'r KnownKey,
    /// Its number.
    pub number: usize,
    /// The found secrets.
    pub found: Vec<&'r Finding>,
}

/// Every check of one row.
pub fn check(rows: &mut Rows<'_, '_>, row: &Row<'_>) {
    let context = rows.context;
    let profile = context.options.policy.profile(row.key);
    let now = rows.now();
    order(rows, row.key);
    retirement(rows, row);
    if row.key.has_expired(now) {
        expired(rows, row);
    } else if !row.key.is_dead() {
        expiry(rows, row, profile);
        lifetime(rows, row.key, profile);
        rotation(rows, row.key, profile);
        usage(rows, row.key, profile);
        scopes(rows, row.key, profile);
        endpoints(rows, row.key);
        monitoring(rows, row.key);
    }
    // What was replaced is to be deleted, not described.
    let replaced = row.key.replaced_at.time().is_some_and(|at| at <= now);
    if !replaced && !matches!(row.key.status, Status::Deleted | Status::Revoked) {
        ownership(rows, row.key);
        name(rows, row.key);
        evidence(rows, row.key, profile);
    }
}

fn expired(rows: &mut Rows<'_, '_>, row: &Row<'_>) {
    if matches!(row.key.status, Status::Deleted | Status::Revoked) || row.key.revoked.time().is_some() {
        return;
    }
    let Stated::At(end, precision) = row.key.expires else { return };
    let (severity, note) = precise(Severity::Medium, end, rows.now(), precision);
    let text = format!("ended {}{note} and is still listed", shown(end));
    if row.found.is_empty() {
        rows.about("expired-still-listed", severity, row.key, &text);
        return;
    }
    let places: Vec<Related> = row
        .found
        .iter()
        .map(|finding| Related { role: Role::Occurrence, location: finding.location.clone() })
        .collect();
    let text = format!("ended {}{note} and its value still stands in '{}'", shown(end), row.found[0].location.label());
    rows.about("expired-still-referenced", Severity::High, row.key, &text).related.extend(places);
}

fn expiry(rows: &mut Rows<'_, '_>, row: &Row<'_>, profile: &Profile) {
    let (key, now) = (row.key, rows.now());
    match key.expires {
        // What nobody can give an end is said once for its source.
        Stated::Never if profile.expiry_required && class::endless(key).is_none() => {
            let text = format!("has no end according to {}", key.source.name);
            rows.about("no-expiry", Severity::High, key, &text);
        }
        Stated::At(end, precision) => {
            let leads = [(profile.lead_error, Severity::High), (profile.lead, Severity::Medium)];
            let edge = |lead: Length| lead.after(now).unwrap_or(DateTime::<Utc>::MAX_UTC);
            let Some((lead, severity)) = leads.into_iter().find(|(lead, _)| end <= edge(*lead)) else { return };
            let (severity, note) = precise(severity, edge(lead), end, precision);
            let left = age_days(end, now);
            let days = if left == 1 { "day" } else { "days" };
            rows.about("expires-soon", severity, key, &format!("ends {}, in {left} {days}{note}", shown(end)));
            successor(rows, row, profile, end);
        }
        _ => {}
    }
}

fn successor(rows: &mut Rows<'_, '_>, row: &Row<'_>, profile: &Profile, end: DateTime<Utc>) {
    let (inventory, now) = (rows.context.inventory, rows.now());
    let named = rows.context.chains.of(row.number).iter();
    let unfit: Vec<Option<String>> = named.map(|next| chain::unfit(&inventory.keys[*next], end, now)).collect();
    if !profile.successor_required || unfit.contains(&None) || rows.context.groups.outlives(row.number, end) {
        return;
    }
    let named = unfit.into_iter().flatten().next();
    let place = match (named, &row.key.service, &row.key.environment) {
        (Some(named), ..) => named,
        (None, None, None) => "no service or environment is named for it".to_owned(),
        (None, service, environment) => format!(
            "no other active key of {}/{} is valid by then and lasts longer",
            service.as_deref().unwrap_or("?"),
            environment.as_deref().unwrap_or("?")
        ),
    };
    let text = format!("ends {} and has no successor: {place}", shown(end));
    rows.about("no-successor", Severity::High, row.key, &text);
}

fn lifetime(rows: &mut Rows<'_, '_>, key: &KnownKey, profile: &Profile) {
    let (Some(created), Stated::At(end, precision)) = (key.created.time(), key.expires) else { return };
    if created > end {
        return;
    }
    let precision = precision.max(if key.created.is_day() { Precision::Day } else { Precision::Exact });
    let halve = scope::hands_out_access(key);
    let limits = [(profile.lifetime_error, Severity::High), (profile.lifetime_warn, Severity::Medium)];
    for (limit, severity) in limits {
        let limit = limit.map(|limit| if halve { limit.halved() } else { limit });
        let Some(limit) = limit else { continue };
        let Some(latest) = limit.after(created).filter(|latest| end > *latest) else { continue };
        let (severity, note) = precise(severity, latest, end, precision);
        let text = format!(
            "lives from {} to {}, {} days; the limit of profile {} is {limit}{}{note}",
            shown(created),
            shown(end),
            age_days(end, created),
            profile.name,
            halved(halve)
        );
        rows.about("lifetime-too-long", severity, key, &text);
        return;
    }
}

fn rotation(rows: &mut Rows<'_, '_>, key: &KnownKey, profile: &Profile) {
    let Some(overdue) = Overdue::of(key, profile, rows.now()) else { return };
    let which = match (key.rotated.time(), key.value_since().time()) {
        (Some(_), _) => "was last rotated",
        (None, Some(_)) => "was created",
        (None, None) => "is at least as old as the commit that brought it, as its committer states:",
    };
    rows.about("rotation-overdue", overdue.severity, key, &format!("{which} {}", overdue.text(profile)));
}

/// A value that is older than its profile allows.
pub struct Overdue {
    /// By the limit that it is past.
    pub severity: Severity,
    since: DateTime<Utc>,
    days: i64,
    limit: Length,
    note: String,
}

impl Overdue {
    /// None where the value is young enough, or where nothing says how old it is.
    pub fn of(key: &KnownKey, profile: &Profile, now: DateTime<Utc>) -> Option<Self> {
        let Stated::At(since, precision) = key.value_since_at_latest() else { return None };
        // A date in the future is a mistake of its own; the age is then zero.
        if since > now {
            return None;
        }
        let halve = scope::hands_out_access(key);
        let mine = |limit: Length| if halve { limit.halved() } else { limit };
        let limits = [(profile.rotate_error, Severity::High), (profile.rotate_warn, Severity::Medium)];
        let (limit, severity) = limits
            .into_iter()
            .filter_map(|(limit, severity)| Some((mine(limit?), severity)))
            .find(|(limit, _)| is_past(*limit, since, now))?;
        let (severity, near) = precise(severity, limit.after(since).unwrap_or(now), now, precision);
        Some(Self { severity, since, days: age_days(now, since), limit, note: format!("{}{near}", halved(halve)) })
    }

    /// When that was, and what the limit is.
    pub fn text(&self, profile: &Profile) -> String {
        let Self { days, limit, note, .. } = self;
        format!("{}, {days} days ago; the limit of profile {} is {limit}{note}", shown(self.since), profile.name)
    }
}

/// Why a limit is not the profile's own.
fn halved(is: bool) -> &'static str {
    if is { ", halved because it hands out access" } else { "" }
}

/// Limits are inclusive. A limit in days is compared in whole days, one in months on the calendar.
fn is_past(limit: Length, since: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    if limit.months == 0 && limit.seconds % 86_400 == 0 {
        return age_days(now, since) > limit.seconds / 86_400;
    }
    limit.after(since).is_some_and(|latest| now > latest)
}

fn usage(rows: &mut Rows<'_, '_>, key: &KnownKey, profile: &Profile) {
    let Some(limit) = profile.unused_days else { return };
    let now = rows.now();
    match key.last_used {
        Stated::At(used, precision) => {
            // The source may not have heard yet of a later use.
            let days = age_days(now, used + key.source.grain);
            if days >= limit {
                let edge = used + key.source.grain + chrono::TimeDelta::days(limit);
                let (severity, note) = precise(Severity::Medium, edge, now, precision);
                let lag = key.source.grain;
                let lag = if lag.is_zero() {
                    String::new()
                } else {
                    format!("; {} may be {} late", key.source.name, Length { months: 0, seconds: lag.num_seconds() })
                };
                let text =
                    format!("was last used {}, {days} days ago; the limit is {limit} days{note}{lag}", shown(used));
                rows.about("unused", severity, key, &text);
            }
        }
        Stated::Never => {
            let Some(created) = key.created.time() else { return };
            let days = age_days(now, created);
            if days >= NEVER_USED_NOTE {
                let severity = if days >= limit { Severity::Medium } else { Severity::Info };
                let text = format!("was created {} days ago and, says {}, never used", days, key.source.name);
                rows.about("never-used", severity, key, &text);
            }
        }
        Stated::Unknown => {}
    }
}

fn scopes(rows: &mut Rows<'_, '_>, key: &KnownKey, profile: &Profile) {
    if let Some(why) = scope::everything(key, profile.max_scopes) {
        rows.about("all-scopes", Severity::High, key, &format!("may do everything: {why}"));
    }
    let powerful = scope::powerful(key);
    if !powerful.is_empty() {
        let list: Vec<String> = powerful.iter().map(|(power, scope)| format!("`{scope}` {}", power.name())).collect();
        rows.about("privileged-scope", Severity::Medium, key, &format!("has a powerful scope: {}", list.join(", ")));
    }
    if let (Some(granted), Some(needed)) = (&key.scopes, &key.needed_scopes) {
        let excess: Vec<&str> = granted.iter().filter(|one| !needed.contains(one)).map(String::as_str).collect();
        if !excess.is_empty() {
            let text = format!("has scopes that nobody declared as needed: `{}`", excess.join("`, `"));
            rows.about("excess-scopes", Severity::Medium, key, &text);
        }
    }
}

fn endpoints(rows: &mut Rows<'_, '_>, key: &KnownKey) {
    for endpoint in &key.endpoints {
        let lower = endpoint.to_ascii_lowercase();
        let Some(rest) = ["http://", "ftp://", "ldap://"].iter().find_map(|scheme| lower.strip_prefix(scheme)) else {
            continue;
        };
        let host = rest.split(['/', '?', '#']).next().unwrap_or(rest).rsplit('@').next().unwrap_or(rest);
        let loopback = host.starts_with("localhost") || host.starts_with("127.") || host.starts_with("[::1]");
        if !loopback {
            rows.about("cleartext-transport", Severity::High, key, &format!("is sent to '{host}' in clear text"));
        }
    }
}

fn monitoring(rows: &mut Rows<'_, '_>, key: &KnownKey) {
    let production = key.environment.as_deref().is_some_and(is_production);
    let matters = production || !scope::powerful(key).is_empty();
    // Only a hand-written row can declare it.
    if matters && key.monitor.as_ref().is_none_or(Vec::is_empty) && key.source.gives.has(Gives::ALL) {
        rows.about("monitoring-undeclared", Severity::Info, key, "has no declared alert route or log source");
    }
}

fn is_production(environment: &str) -> bool {
    matches!(environment.to_ascii_lowercase().as_str(), "prod" | "production" | "prd" | "live")
}

fn ownership(rows: &mut Rows<'_, '_>, key: &KnownKey) {
    let (policy, directory) = (&rows.context.options.policy, &rows.context.inventory.directory);
    let owner = owner::of_row(key, rows.context.options).map(std::borrow::Cow::into_owned);
    let member = owner.as_deref().and_then(|owner| directory.find(owner));
    let has_roster = !policy.roster.is_empty() || directory.lists_teams();
    let text = match owner {
        None => "has no owner".to_owned(),
        Some(owner) if member.is_some_and(|member| !member.active) => {
            let source = member.map(|member| member.source).unwrap_or_default();
            format!("belongs to '{owner}', whose account is switched off according to {source}")
        }
        Some(owner) if has_roster && member.is_none() && !policy.roster.contains(&owner) => {
            format!("belongs to '{owner}', who is not in the roster")
        }
        Some(owner)
            if key.environment.as_deref().is_some_and(is_production)
                && (policy.is_person(&owner) || member.is_some_and(|member| member.kind == Kind::Person)) =>
        {
            format!("is used in production and belongs to one person, '{owner}'")
        }
        Some(_) => return,
    };
    rows.about("owner-missing", Severity::Medium, key, &text);
}

fn name(rows: &mut Rows<'_, '_>, key: &KnownKey) {
    let lower = key.name.as_deref().unwrap_or_default().trim().to_ascii_lowercase();
    if lower.is_empty() {
        rows.about("poor-name", Severity::Info, key, "has no name");
    } else if GENERIC.contains(&lower.as_str()) {
        rows.about("poor-name", Severity::Info, key, "has a name that says nothing");
    }
}

/// What the audit would need to know. Asked of the row where its source could say it, else once for the source.
fn evidence(rows: &mut Rows<'_, '_>, key: &KnownKey, profile: &Profile) {
    let gives = key.source.gives;
    let mut missing: Vec<&str> = Vec::new();
    let mut ask = |name: &'static str, unknown: bool, fact: Gives| {
        if unknown && gives.has(fact) {
            missing.push(name);
        }
    };
    ask("created", key.created.is_unknown() && key.value_since().is_unknown(), Gives::CREATED);
    ask("expires", key.expires.is_unknown(), Gives::EXPIRES);
    let dates = missing.len();
    let mut ask = |name: &'static str, unknown: bool, fact: Gives| {
        if unknown && gives.has(fact) {
            missing.push(name);
        }
    };
    ask("created", key.created.is_unknown() && !key.value_since().is_unknown(), Gives::CREATED);
    ask("rotated", key.rotated.is_unknown(), Gives::ROTATED);
    ask("last_used", key.last_used.is_unknown(), Gives::LAST_USED);
    ask("scopes", key.scopes.is_none(), Gives::SCOPES);
    ask("owner", key.owner.is_none(), Gives::OWNER);
    ask("service", key.service.is_none(), Gives::USE);
    ask("environment", key.environment.is_none(), Gives::USE);
    ask("fingerprint", !key.can_join(), Gives::ALL);
    ask("revoked", key.is_dead() && key.revoked.is_unknown(), Gives::ALL);
    if profile.needs_number && profile.rotate_error.is_none() {
        let text = format!("is under profile {}, which needs `rotate` with a number of your own", profile.name);
        rows.about("evidence-missing", Severity::Medium, key, &text);
    }
    if missing.is_empty() {
        return;
    }
    let severity = if dates > 0 { Severity::Medium } else { Severity::Info };
    let text = format!("leaves unknown: {}", missing.join(", "));
    rows.about("evidence-missing", severity, key, &text);
}

/// Dates that cannot all be true.
fn order(rows: &mut Rows<'_, '_>, key: &KnownKey) {
    let horizon = rows.now() + rows.context.options.policy.skew;
    let mut wrong: Vec<String> = Vec::new();
    if let (Some(created), Some(end)) = (key.created.time(), key.expires.time())
        && created > end
    {
        wrong.push(format!("created {} after its end {}", shown(created), shown(end)));
    }
    if let (Some(created), Some(used)) = (key.created.time(), key.last_used.time())
        && used + key.source.grain < created
    {
        wrong.push(format!("used {} before it was created {}", shown(used), shown(created)));
    }
    for (name, date) in [("created", key.created), ("rotated", key.rotated), ("last_used", key.last_used)] {
        // A day of last use is read as its end, which may lie ahead of now by right.
        let day = if date.is_day() { chrono::TimeDelta::days(1) } else { chrono::TimeDelta::zero() };
        if date.time().is_some_and(|time| time - day > horizon) {
            wrong.push(format!("`{name}` lies in the future: {}", date.time().map(shown).unwrap_or_default()));
        }
    }
    if !wrong.is_empty() {
        rows.about("impossible-order", Severity::High, key, &format!("has dates that cannot be: {}", wrong.join("; ")));
    }
}

/// Use after the end, where no found secret carries the verdict.
fn retirement(rows: &mut Rows<'_, '_>, row: &Row<'_>) {
    if !row.found.is_empty() {
        return;
    }
    if let Some(text) = used_after_end(row.key, rows.context) {
        rows.about("used-after-retirement", Severity::Critical, row.key, &text);
    }
}

/// Whether the key was used after it was revoked, replaced or ended.
pub fn used_after_end(key: &KnownKey, context: &super::Context<'_>) -> Option<String> {
    let used = key.last_used.time()?;
    // A day of use is read as its end: count from its start, or every last day would look like a late use.
    let used = if key.last_used.is_day() { used - chrono::TimeDelta::days(1) } else { used };
    let ends =
        [("ended", key.expires.time()), ("was revoked", key.revoked.time()), ("was replaced", key.replaced_at.time())];
    let (what, end) = ends.into_iter().filter_map(|(what, end)| Some((what, end?))).min_by_key(|(_, end)| *end)?;
    (used > end + context.options.policy.skew + key.source.grain)
        .then(|| format!("{what} {} and was used {}", shown(end), shown(used)))
}
