//! The joined severity matrix: what the row of a found secret says about the value that leaked.

use chrono::{DateTime, TimeDelta, Utc};

use super::join::Join;
use super::ruling::{Effect, Rulings};
use super::{Context, Visibility, found, package, row, shown};
use crate::finding::{Finding, Origin, Related, Role, Severity};
use crate::lifecycle::key::{KnownKey, Status};
use crate::lifecycle::scope;

/// How far a day without a time may lie from the instant that it stands for, in any zone of the earth.
const ZONES: TimeDelta = TimeDelta::hours(14);

/// Says what the row says. `claimed_dead` is whether the secret itself states an end in the past.
pub fn judge(finding: &mut Finding, join: &Join, claimed_dead: bool, rulings: &mut Rulings, context: &Context<'_>) {
    let key = &context.inventory.keys[join.row];
    let location = context.inventory.location(key.place);
    let row = format!("row '{}' of {} (joined {})", key.label(), location.label(), join.kind.name());
    finding.related.push(Related { role: Role::Row, location });
    finding.listing = Some(std::sync::Arc::new(context.listing(key)));
    if join.others > 0 {
        let text = format!("The hint fits {} further rows: add a fingerprint that tells them apart.", join.others);
        rulings.say("duplicate-or-ambiguous", Effect::Tells, text);
    }
    let life = Life::of(key, finding, context);
    let public = context.options.visibility == Visibility::Public;
    // That the repository is public is a verdict too, which a waiver may take back.
    let judged_public = public && context.waivers.sentence("public-exposure", key).is_none();
    say(
        rulings,
        &life,
        key,
        &row,
        &Exposed { history: found::in_history_only(finding), public: judged_public, context },
    );
    if claimed_dead && matches!(life, Life::Unknown) {
        rulings.weigh("states-past-expiry", Effect::AtMost(Severity::Medium));
    }
    if let Some(text) = row::used_after_end(key, context) {
        let text = format!("Key '{}' {text}: treat it as an incident.", key.label());
        rulings.say("used-after-retirement", Effect::Incident, text);
    }
    if matches!(life, Life::Dead(_) | Life::RotatedAfter(_)) {
        return;
    }
    if public {
        rulings.say("public-exposure", Effect::Tells, "The repository is public.".to_owned());
    } else {
        package::say(finding.location.origin.path(), context.options.visibility, rulings);
    }
}

/// What the row says about the value that was found.
enum Life {
    /// Revoked, deleted or ended; which.
    Dead(&'static str),
    /// Changed since it was exposed; both times.
    RotatedAfter(String),
    /// Alive, and known not to have changed since; both times.
    AliveSince(String),
    /// Alive, and changed on a day too near to the exposure to say which was first; both times.
    AliveNear(String),
    /// Alive.
    Alive,
    /// The row does not say.
    Unknown,
}

impl Life {
    fn of(key: &KnownKey, finding: &Finding, context: &Context<'_>) -> Self {
        if key.is_dead() {
            return Self::Dead("revoked");
        }
        if key.has_expired(context.options.now) {
            return Self::Dead("ended");
        }
        let alive = key.status == Status::Active || key.expires.time().is_some();
        let since = key.value_since();
        let (Some(exposed), Some(changed)) = (first_exposed(finding), since.time()) else {
            return if alive { Self::Alive } else { Self::Unknown };
        };
        let rotated = key.rotated.time().is_some();
        let margin = if since.is_day() { ZONES } else { TimeDelta::zero() };
        // A day is read as its start: in some zone it lies that much before or after.
        let end = changed + if since.is_day() { TimeDelta::days(1) } else { TimeDelta::zero() };
        let times = format!("Exposed since {} (stated by the committer)", shown(exposed));
        if rotated && changed - margin > exposed {
            Self::RotatedAfter(format!("{times} and rotated {}", shown(changed)))
        } else if end + margin <= exposed || !since.is_day() && changed <= exposed {
            Self::AliveSince(format!("{times} and unchanged since {}", shown(changed)))
        } else if since.is_day() {
            Self::AliveNear(format!("{times} and changed on {} (day precision)", shown(changed)))
        } else if alive {
            Self::Alive
        } else {
            Self::Unknown
        }
    }
}

/// When the value first stood in history, as committers stated.
pub fn first_exposed(finding: &Finding) -> Option<DateTime<Utc>> {
    match (&finding.exposure, &finding.location.origin) {
        (Some(exposure), _) => Some(exposure.first.1),
        (None, Origin::Commit { time, .. } | Origin::Message { time, .. }) => *time,
        _ => None,
    }
}

/// Where the secret stands, as the matrix looks at it.
struct Exposed<'c, 'a> {
    history: bool,
    public: bool,
    context: &'c Context<'a>,
}

impl Exposed<'_, '_> {
    fn of_a_live_key(&self, key: &KnownKey) -> Severity {
        let critical = self.public || self.context.options.gate || key.vendor_says_exposed;
        if critical { Severity::Critical } else { Severity::High }
    }
}

/// The matrix itself.
fn say(rulings: &mut Rulings, life: &Life, key: &KnownKey, row: &str, exposed: &Exposed<'_, '_>) {
    let active = exposed.of_a_live_key(key);
    match life {
        Life::Dead(how) => {
            let text = format!("The key is {how}: {row}. What remains is to clean up.");
            return rulings.say("dead-but-in-tree", Effect::Is(Severity::Info), text);
        }
        Life::RotatedAfter(times) => {
            return rulings.say("dead-but-in-tree", Effect::Is(Severity::Info), format!("{times}: {row}."));
        }
        Life::Unknown => {
            let severity = if exposed.history { Severity::Medium } else { Severity::High };
            let text = format!("Whether the key is alive is not known: {row}.");
            return rulings.say("evidence-missing", Effect::Is(severity), text);
        }
        Life::AliveSince(times) => {
            let severity = if exposed.history { Severity::Critical } else { active };
            rulings.say("not-rotated-since-exposure", Effect::Is(severity), format!("{times}: {row}."));
        }
        // A day of precision is worth one step.
        Life::AliveNear(times) => {
            let severity = if exposed.history { Severity::High } else { active };
            rulings.say("not-rotated-since-exposure", Effect::Is(severity), format!("{times}: {row}."));
        }
        Life::Alive => {}
    }
    rulings.say("exposed-and-active", Effect::Is(active), format!("The key is active: {row}."));
    if scope::hands_out_access(key) {
        let scopes: Vec<&str> = scope::powerful(key).into_iter().map(|(_, scope)| scope).collect();
        let text = format!("With it further keys can be made: {}.", scopes.join(", "));
        rulings.say("exposed-privileged", Effect::Is(Severity::Critical), text);
    }
}
