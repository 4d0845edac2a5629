//! Verdicts on found secrets: what the key states itself, where it stands, and what its row says. Verdicts never add results:
//! they raise or lower the one that exists. Only a transport that is allowed in clear text is one of its own.

use chrono::{DateTime, TimeDelta, Utc};

use super::join::{Index, Join, Listed};
use super::ruling::{Effect, Rulings};
use super::{Context, Visibility, joined, package, shown};
use crate::date::day_start;
use crate::finding::{Confidence, Ends, Evidence, Finding, RuleId, Severity};

/// Longest life of a shared access signature or a signed URL that raises no question.
const SIGNED: TimeDelta = TimeDelta::days(7);
/// A kind of key that its vendor withdrew for everyone.
pub(super) struct Retired {
    pub(super) rule: &'static str,
    day: &'static str,
    heir: &'static str,
    /// What must stand on the key's line: others run the same software and take such keys still.
    at: Option<&'static str>,
}

pub(super) const RETIRED: &[Retired] = &[
    Retired {
        rule: "npm-legacy-token",
        day: "2025-12-09",
        heir: "npm's granular tokens",
        at: Some("registry.npmjs.org"),
    },
    Retired { rule: "bitbucket-app-password", day: "2026-07-28", heir: "Bitbucket's API tokens", at: None },
    Retired { rule: "google-fcm-server-key", day: "2024-07-22", heir: "FCM HTTP v1 with a service account", at: None },
];

/// Sets the verdicts of one finding.
pub fn judge(finding: &mut Finding, join: Option<&Join>, index: &Index<'_>, context: &Context<'_>) {
    if finding.secret.is_none() {
        return;
    }
    bound(finding);
    if *finding.evidence != Evidence::default() {
        believe(&mut finding.evidence, context.options.now + context.options.policy.skew);
    }
    let mut rulings = Rulings::default();
    let claimed_dead = claims(finding, &mut rulings, context);
    place(finding, &mut rulings);
    retired(finding, &mut rulings, context.options.now);
    match join {
        Some(join) => joined::judge(finding, join, claimed_dead, &mut rulings, context),
        None => alone(finding, claimed_dead, index, &mut rulings, context),
    }
    let row = join.map(|join| (&context.inventory.keys[join.row], join.kind.is_exact()));
    rulings.settle(finding, row, context);
    // A waiver that names the rule of the finding itself accepts the leak of that key, where the join is certain.
    if let Some((key, true)) = row {
        finding.suppression = context.waivers.suppression(finding.rule.as_str(), key.id.as_deref());
    }
}

/// A signature that may be sent without encryption.
pub fn transport(finding: &Finding) -> Option<Finding> {
    let (_, protocol) = finding.evidence.identifiers.iter().find(|(kind, _)| *kind == "sas-protocol")?;
    let message =
        format!("The signature may be sent in clear text: it allows `spr={protocol}`. Issue it with `spr=https`.");
    let rule = RuleId::from("cleartext-transport");
    Some(Finding::new(rule, Severity::High, Confidence::High, message, finding.location.clone()))
}

/// A key that was committed had been issued by then: a length of life without a start counts from there at the latest.
fn bound(finding: &mut Finding) {
    let committed = joined::first_exposed(finding);
    let evidence = &mut finding.evidence;
    if evidence.expires.is_none()
        && let Some(end) = committed.zip(evidence.lasts).and_then(|(start, lasts)| start.checked_add_signed(lasts))
    {
        evidence.expires = Some(Ends::At(end));
        evidence.source = Some("expires_in, from the commit at the latest");
    }
}

/// A date of creation that lies ahead was none.
fn believe(evidence: &mut Evidence, horizon: DateTime<Utc>) {
    evidence.created = evidence.created.filter(|created| *created <= horizon);
    let far = horizon + TimeDelta::days(110 * 366);
    evidence.expires = evidence.expires.filter(|ends| !matches!(ends, Ends::At(end) if *end > far));
}

/// What the key states about itself. Returns whether it states an end in the past.
fn claims(finding: &Finding, rulings: &mut Rulings, context: &Context<'_>) -> bool {
    let Some(source) = finding.evidence.source else { return false };
    match finding.evidence.expires {
        Some(Ends::At(end)) if end < context.options.now - context.options.policy.skew => {
            let text = format!("States an expiry of {} ({source}); validity not verified.", shown(end));
            rulings.say("states-past-expiry", Effect::Tells, text);
            true
        }
        Some(Ends::At(end)) => {
            long_life(finding, end, rulings, context);
            false
        }
        Some(Ends::Never) => {
            let text = format!("States no expiry ({source}), though its kind can carry one.");
            rulings.say("states-no-expiry", Effect::Tells, text);
            false
        }
        None => false,
    }
}

fn long_life(finding: &Finding, end: DateTime<Utc>, rulings: &mut Rulings, context: &Context<'_>) {
    let evidence = &finding.evidence;
    let start = evidence.created.or(evidence.not_before);
    let profile = &context.options.policy.profiles[&context.options.policy.default];
    // Without a start only what is left can be measured, which is never more than the whole.
    let from = start.unwrap_or(context.options.now);
    let long = match evidence.source {
        Some("sas") => from.checked_add_signed(SIGNED).is_some_and(|latest| end > latest),
        // The providers allow no more: whoever signs for the maximum did not choose.
        Some("presigned") => from.checked_add_signed(SIGNED).is_some_and(|latest| end >= latest),
        _ => profile.lifetime_error.and_then(|limit| limit.after(from)).is_some_and(|latest| end > latest),
    };
    if long {
        let start = start.map_or("an unstated start".to_owned(), shown);
        let text = format!("States a life from {start} to {}; validity not verified.", shown(end));
        rulings.say("states-long-lifetime", Effect::Tells, text);
    }
}

/// What the place and the kind of the key say.
fn place(finding: &Finding, rulings: &mut Rulings) {
    let path = finding.location.origin.path().to_ascii_lowercase();
    if let Some(kind) = unsafe_place(&path) {
        let text = format!("Stands in {kind}, which is copied and kept without a thought for keys.");
        rulings.say("unsafe-place", Effect::Tells, text);
    }
    if finding.context.world_readable {
        let text =
            "The file can be read by every account of the machine: take the right away with `chmod go=`.".to_owned();
        rulings.say("unsafe-place", Effect::Tells, text);
    }
    if finding.context.form.is_some_and(|form| form.split('-').any(|word| word == "url")) || is_in_query(finding) {
        let text = "Stands in a URL, which ends in logs and histories.".to_owned();
        rulings.say("credential-in-url", Effect::Tells, text);
    }
    if let Some((_, shape)) = finding.evidence.identifiers.iter().find(|(kind, _)| *kind == "login-shape") {
        let what = if shape == "e-mail" { "an e-mail address" } else { "the login of a known person" };
        let text = format!("Its user half is {what}: a person's login in a machine's place.");
        rulings.say("human-login-as-key", Effect::Tells, text);
    }
    if let Some(exposure) = finding.exposure.as_ref().filter(|_| in_history_only(finding)) {
        let (first, last) = (shown(exposure.first.1), shown(exposure.last.1));
        let text = format!(
            "Absent from the tip, but everyone with a clone has it: first committed {first}, last in the commit of {last}."
        );
        rulings.say("secret-in-history-only", Effect::Tells, text);
    }
}

/// Whether the key is a parameter of an address. A signature belongs there; a token could go into a header.
fn is_in_query(finding: &Finding) -> bool {
    if matches!(finding.evidence.source, Some("sas" | "presigned")) {
        return false;
    }
    let Some(snippet) = &finding.location.snippet else { return false };
    let before = snippet.text.get(..snippet.highlight.start).unwrap_or_default();
    let word =
        before.rsplit(|letter: char| letter.is_whitespace() || "\"'`<>()".contains(letter)).next().unwrap_or_default();
    let Some(query) = word.split_once("://").and_then(|(_, rest)| rest.split_once('?')).map(|(_, query)| query) else {
        return false;
    };
    let name = query.rsplit('&').next().unwrap_or(query).strip_suffix('=').unwrap_or_default();
    !name.is_empty() && !name.contains('=')
}

/// Keys of a kind that is withdrawn open nothing any more.
fn retired(finding: &Finding, rulings: &mut Rulings, now: DateTime<Utc>) {
    let Some(kind) = RETIRED.iter().find(|kind| kind.rule == finding.rule.as_str()) else { return };
    let line = finding.location.snippet.as_ref().map_or("", |snippet| snippet.text.as_str());
    let over = kind.day.parse().is_ok_and(|day| now >= day_start(day));
    if over && kind.at.is_none_or(|host| line.contains(host)) {
        let Retired { day, heir, .. } = kind;
        let text = format!("Its vendor withdrew this kind of key on {day}; {heir} took its place.");
        rulings.say("retired-class", Effect::Is(Severity::Info), text);
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
        (_, "map" | "pyc" | "class") => Some("a build artifact"),
        _ if name.ends_with(".tfstate.backup") => Some("a Terraform state"),
        (".bash_history" | ".zsh_history" | ".psql_history" | ".mysql_history" | ".python_history", _) => {
            Some("a shell history")
        }
        _ if name.ends_with(".min.js") || name.ends_with(".bundle.js") => Some("a build artifact"),
        _ if path.contains("/cassettes/") || path.contains("vcr_cassettes/") => Some("a recording of traffic"),
        _ => None,
    }
}

/// Whether the value stands in older commits alone.
pub fn in_history_only(finding: &Finding) -> bool {
    finding.exposure.as_ref().is_some_and(|exposure| !exposure.at_head)
}

/// No row: the class may be inventoried, and a public place is worse.
fn alone(finding: &Finding, claimed_dead: bool, index: &Index<'_>, rulings: &mut Rulings, context: &Context<'_>) {
    match index.listed(finding) {
        Listed::Elsewhere { rows } => {
            let text = format!("{rows} keys of the class {} are listed, and this one is not.", finding.rule);
            rulings.say("unknown-to-inventory", Effect::AtLeast(Severity::High), text);
        }
        Listed::Perhaps { rows } => {
            let text = format!(
                "{rows} listed keys of the class {} carry nothing that could be compared: whether this is one of them is not known.",
                finding.rule
            );
            rulings.say("evidence-missing", Effect::Tells, text);
        }
        Listed::No => {}
    }
    let public = context.options.visibility == Visibility::Public;
    if claimed_dead {
        let most = if public && !in_history_only(finding) { Severity::Medium } else { Severity::Info };
        rulings.weigh("states-past-expiry", Effect::AtMost(most));
    } else if public && finding.severity > Severity::Info {
        rulings.say("public-exposure", Effect::Raises, "The repository is public.".to_owned());
    } else if finding.severity > Severity::Info {
        package::say(finding.location.origin.path(), context.options.visibility, rulings);
    }
}
