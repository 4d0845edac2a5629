//! Verdicts on found secrets: what the key states itself, where it stands, and what its row says. Verdicts never add results:
//! they raise or lower the one that exists.

use chrono::{DateTime, TimeDelta, Utc};

use super::join::{Index, Join};
use super::{Context, Visibility, row, shown};
use crate::finding::{Ends, Evidence, Finding, Origin, Related, Role, RuleId, Severity, Verdict};
use crate::lifecycle::key::KnownKey;
use crate::lifecycle::scope;

/// Longest life of a shared access signature or a signed URL that raises no question.
const SIGNED: TimeDelta = TimeDelta::days(7);
/// Kinds of keys that their vendor withdrew for everyone: rule, day, what replaced it.
const RETIRED: &[(&str, &str, &str)] = &[
    ("npm-token-legacy", "2025-12-09", "npm's granular tokens"),
    ("npm-classic-token", "2025-12-09", "npm's granular tokens"),
    ("bitbucket-app-password", "2026-07-28", "Bitbucket's API tokens"),
    ("fcm-server-key", "2024-07-22", "FCM HTTP v1 with a service account"),
];

/// Sets the verdicts of one finding.
pub fn judge(finding: &mut Finding, join: Option<&Join>, index: &Index<'_>, context: &Context<'_>) {
    if finding.secret.is_none() {
        return;
    }
    believe(&mut finding.evidence, context.options.now + context.options.policy.skew);
    let claimed_dead = claims(finding, context);
    place(finding);
    match join {
        Some(join) => joined(finding, join, claimed_dead, context),
        None => alone(finding, claimed_dead, index, context),
    }
}

fn say(finding: &mut Finding, rule: &str, text: String) {
    finding.verdicts.push(Verdict { rule: RuleId::from(rule), text });
}

/// A date of creation that lies ahead was none.
fn believe(evidence: &mut Evidence, horizon: DateTime<Utc>) {
    evidence.created = evidence.created.filter(|created| *created <= horizon);
    let far = horizon + TimeDelta::days(110 * 366);
    evidence.expires = evidence.expires.filter(|ends| !matches!(ends, Ends::At(end) if *end > far));
}

/// What the key states about itself. Returns whether it states an end in the past.
fn claims(finding: &mut Finding, context: &Context<'_>) -> bool {
    let now = context.options.now;
    let Some(source) = finding.evidence.source else { return false };
    match finding.evidence.expires {
        Some(Ends::At(end)) if end < now - context.options.policy.skew => {
            say(
                finding,
                "states-past-expiry",
                format!("States an expiry of {} ({source}); validity not verified.", shown(end)),
            );
            true
        }
        Some(Ends::At(end)) => {
            long_life(finding, end, context);
            false
        }
        Some(Ends::Never) => {
            say(finding, "states-no-expiry", format!("States no expiry ({source}), though its kind can carry one."));
            false
        }
        None => false,
    }
}

fn long_life(finding: &mut Finding, end: DateTime<Utc>, context: &Context<'_>) {
    let evidence = &finding.evidence;
    let start = evidence.created.or(evidence.not_before);
    let profile = &context.options.policy.profiles[&context.options.policy.default];
    let signed = matches!(evidence.source, Some("sas" | "presigned"));
    let from = start.unwrap_or(context.options.now);
    let latest = if signed {
        from.checked_add_signed(SIGNED)
    } else {
        // Without a start only what is left can be measured, which is never more than the whole.
        profile.lifetime_error.and_then(|limit| limit.after(from))
    };
    let text = if latest.is_some_and(|latest| end > latest) {
        let start = start.map_or("an unstated start".to_owned(), shown);
        format!("States a life from {start} to {}; validity not verified.", shown(end))
    } else {
        return;
    };
    say(finding, "states-long-lifetime", text);
}

/// What the place and the kind of the key say.
fn place(finding: &mut Finding) {
    let path = finding.location.origin.path().to_ascii_lowercase();
    if let Some(kind) = unsafe_place(&path) {
        say(finding, "unsafe-place", format!("Stands in {kind}, which is copied and kept without a thought for keys."));
    }
    if finding.context.form.is_some_and(|form| form.split('-').any(|word| word == "url")) {
        say(finding, "credential-in-url", "Stands in a URL, which ends in logs and histories.".to_owned());
    }
    if finding.evidence.identifiers.iter().any(|(kind, _)| *kind == "login-shape") {
        say(
            finding,
            "human-login-as-key",
            "Its user half is an e-mail address: a person's login in a machine's place.".to_owned(),
        );
    }
    if let Some((_, day, heir)) = RETIRED.iter().find(|(rule, ..)| *rule == finding.rule.as_str()) {
        say(finding, "retired-class", format!("Its vendor withdrew this kind of key on {day}; {heir} took its place."));
        finding.severity = Severity::Info;
    }
    if in_history_only(finding) {
        say(finding, "secret-in-history-only", "Absent from the tip, but everyone with a clone has it.".to_owned());
    }
}

fn unsafe_place(path: &str) -> Option<&'static str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    match (name, extension) {
        (_, "log") => Some("a log"),
        (_, "ipynb") => Some("a notebook"),
        (_, "har") => Some("a recording of traffic"),
        (_, "tfstate") => Some("a Terraform state"),
        _ if name.ends_with(".tfstate.backup") => Some("a Terraform state"),
        (".bash_history" | ".zsh_history" | ".psql_history" | ".mysql_history" | ".python_history", _) => {
            Some("a shell history")
        }
        _ if path.contains("/cassettes/") || path.contains("vcr_cassettes/") => Some("a recording of traffic"),
        _ => None,
    }
}

fn in_history_only(finding: &Finding) -> bool {
    match &finding.exposure {
        Some(exposure) => !exposure.at_head,
        None => false,
    }
}

/// No row: the class may be inventoried, and a public place is worse.
fn alone(finding: &mut Finding, claimed_dead: bool, index: &Index<'_>, context: &Context<'_>) {
    if index.knows_class(finding) && !index.cannot_compare(finding) {
        say(
            finding,
            "unknown-to-inventory",
            format!("Keys of the class {} are listed, and this one is not.", finding.rule),
        );
        finding.severity = finding.severity.max(Severity::High);
    }
    let public = context.options.visibility == Visibility::Public;
    if claimed_dead {
        let most = if public && !in_history_only(finding) { Severity::Medium } else { Severity::Info };
        finding.severity = finding.severity.min(most);
    } else if public && finding.severity > Severity::Info {
        say(finding, "public-exposure", "The repository is public.".to_owned());
        finding.severity = finding.severity.raised();
    }
}

fn joined(finding: &mut Finding, join: &Join, claimed_dead: bool, context: &Context<'_>) {
    let key = &context.inventory.keys[join.row];
    let location = context.inventory.location(key.place);
    let row = format!("row '{}' of {} (joined {})", key.label(), location.label(), join.kind.name());
    finding.related.push(Related { role: Role::Row, location });
    finding.listing = Some(Box::new(context.listing(key)));
    if join.others > 0 {
        let text = format!("The hint fits {} further rows: add a fingerprint that tells them apart.", join.others);
        say(finding, "duplicate-or-ambiguous", text);
    }
    let life = life(key, finding, context);
    let severity = verdict(finding, key, &row, life, context);
    let severity = if claimed_dead && life == Life::Unknown { severity.min(Severity::Medium) } else { severity };
    // A weak join may warn; it may not calm.
    finding.severity = if join.kind.is_exact() { severity } else { finding.severity.max(severity) };
    if let Some(text) = row::used_after_end(key, context) {
        say(finding, "used-after-retirement", format!("Key '{}' {text}: treat it as an incident.", key.label()));
        finding.severity = Severity::Critical;
    }
    if context.options.visibility == Visibility::Public && finding.severity > Severity::Info {
        say(finding, "public-exposure", "The repository is public.".to_owned());
    }
    if let Some(owner) = super::owner(key, &context.options.policy) {
        finding.message.push_str(&format!(" Owner: {owner}."));
    }
}

/// What the row says about the value that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    /// Revoked, deleted or ended.
    Dead,
    /// Changed since it was exposed.
    RotatedAfter,
    /// Alive, and known not to have changed since.
    AliveSince,
    /// Alive.
    Alive,
    /// The row does not say.
    Unknown,
}

fn life(key: &KnownKey, finding: &Finding, context: &Context<'_>) -> Life {
    if key.is_dead() || key.has_expired(context.options.now) {
        return Life::Dead;
    }
    let exposed = first_exposed(finding);
    match (exposed, key.rotated.time()) {
        (Some(exposed), Some(rotated)) if rotated > exposed => Life::RotatedAfter,
        (Some(exposed), _) if key.value_since().time().is_some_and(|since| since <= exposed) => Life::AliveSince,
        _ if key.status == crate::lifecycle::key::Status::Active || key.expires.time().is_some() => Life::Alive,
        _ => Life::Unknown,
    }
}

/// When the value first stood in history, as committers stated.
fn first_exposed(finding: &Finding) -> Option<DateTime<Utc>> {
    match (&finding.exposure, &finding.location.origin) {
        (Some(exposure), _) => Some(exposure.first.1),
        (None, Origin::Commit { time, .. } | Origin::Message { time, .. }) => *time,
        _ => None,
    }
}

/// The joined severity matrix.
fn verdict(finding: &mut Finding, key: &KnownKey, row: &str, life: Life, context: &Context<'_>) -> Severity {
    let public = context.options.visibility == Visibility::Public;
    let history = in_history_only(finding);
    match life {
        Life::Dead => {
            let how = if key.is_dead() { "revoked" } else { "ended" };
            say(finding, "dead-but-in-tree", format!("The key is {how}: {row}. What remains is to clean up."));
            return Severity::Info;
        }
        Life::RotatedAfter => {
            let rotated = key.rotated.time().map(shown).unwrap_or_default();
            let exposed = first_exposed(finding).map(shown).unwrap_or_default();
            let text = format!("Exposed since {exposed} (stated by the committer) and rotated {rotated}: {row}.");
            say(finding, "dead-but-in-tree", text);
            return Severity::Info;
        }
        Life::Unknown => {
            say(finding, "evidence-missing", format!("Whether the key is alive is not known: {row}."));
            return if history { Severity::Medium } else { Severity::High };
        }
        Life::AliveSince => {
            let exposed = first_exposed(finding).map(shown).unwrap_or_default();
            let since = key.value_since().time().map(shown).unwrap_or_default();
            let text = format!("Exposed since {exposed} (stated by the committer) and unchanged since {since}: {row}.");
            say(finding, "not-rotated-since-exposure", text);
        }
        Life::Alive => {}
    }
    say(finding, "exposed-and-active", format!("The key is active: {row}."));
    if scope::hands_out_access(key) {
        let scopes: Vec<&str> = scope::powerful(key).into_iter().map(|(_, scope)| scope).collect();
        say(finding, "exposed-privileged", format!("With it further keys can be made: {}.", scopes.join(", ")));
        return Severity::Critical;
    }
    let critical = public || context.options.gate || life == Life::AliveSince && history;
    if critical || key.vendor_says_exposed { Severity::Critical } else { Severity::High }
}
