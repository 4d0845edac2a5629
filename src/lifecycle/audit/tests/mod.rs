//! Keys, findings and policies that the tests of all topics start from.

mod claim;
mod joined;
mod layer;
mod limit;
mod property;
mod row;
mod successor;
mod waiver;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::*;
use crate::finding::{Ends, Exposed, Exposure, Fate, Location, Origin, Sealed, Span, SuppressedBy};
use crate::lifecycle::inventory::{Input, Inventory};
use crate::lifecycle::key::{Gives, Source, Stated, Status};
use crate::secret::{FingerprintKey, KeyKind, Part, Secret};

fn instant(text: &str) -> DateTime<Utc> {
    match crate::date::read(text) {
        Ok(crate::date::Written::At(time)) => time,
        Ok(crate::date::Written::Day(day)) => crate::date::day_start(day),
        other => panic!("{text}: {other:?}"),
    }
}

fn now() -> DateTime<Utc> {
    instant("2026-11-22")
}

fn source() -> Arc<Source> {
    Arc::new(Source::new("test", Gives::ALL))
}

/// A key that keeps to every rule of the default policy.
fn good() -> KnownKey {
    let mut key = KnownKey::new(source(), Place { file: 0, span: Span::new(0, 0) });
    key.id = Some("k1".to_owned());
    key.class = Some("alphamoon-api-key".to_owned());
    key.name = Some("invoices-prod-upload".to_owned());
    key.fingerprints = vec!["kr1:0000:00000000000000000000000000000000".to_owned()];
    key.owner = Some("team-invoices".to_owned());
    key.service = Some("invoices".to_owned());
    key.environment = Some("prod".to_owned());
    key.scopes = Some(vec!["workspace.file:upload".to_owned()]);
    key.monitor = Some(vec!["alerts".to_owned()]);
    key.created = Stated::exact(instant("2026-11-01"));
    key.rotated = Stated::Never;
    key.expires = Stated::exact(instant("2027-01-15"));
    key.last_used = Stated::exact(instant("2026-11-21"));
    key.status = Status::Active;
    key
}

fn options(profile: &str) -> Options {
    let mut options = Options { scope: Scope::All, ..Options::new(now()) };
    profile.clone_into(&mut options.policy.default);
    options
}

fn rules_of(key: KnownKey, options: &Options) -> Vec<String> {
    let audit = audit(Vec::new(), &Inventory::of(vec![key]), options);
    audit.findings.iter().map(|finding| finding.rule.to_string()).collect()
}

fn seed(key: KnownKey) -> Vec<String> {
    rules_of(key, &options("seed"))
}

fn key() -> FingerprintKey {
    FingerprintKey::new(KeyKind::Project, b"a key of the project for tests")
}

fn found(key: &FingerprintKey) -> Finding {
    let location = Location::whole(Origin::File { path: "src/app.env".to_owned() });
    let secret = Secret::new(b"kx-invented-by-tests-qe");
    let mut finding = Finding::new(
        RuleId::from("alphamoon-api-key"),
        Severity::High,
        Confidence::High,
        "Found.".to_owned(),
        location,
    );
    finding.secret = Some(Box::new(Exposed {
        redacted: secret.redact(),
        clear: None,
        length: secret.len(),
        fingerprint: secret.fingerprint(key, "alphamoon-api-key", Part::Pair),
        pass: Some(Secret::new(b"9tz4hc81bqe").fingerprint(key, "alphamoon-api-key", Part::Pass)),
        marks: crate::finding::Marks::default(),
    }));
    finding
}

fn row() -> KnownKey {
    let mut row = good();
    row.fingerprints = vec![found(&key()).secret.unwrap().fingerprint.to_string()];
    row
}

fn exposed(finding: &mut Finding, first: &str, at_head: bool) {
    let time = instant(first);
    finding.exposure = Some(Box::new(Exposure {
        first: ("a".repeat(40), time),
        last: ("b".repeat(40), time),
        paths: vec!["src/app.env".to_owned()],
        at_head,
        fate: if at_head { Fate::Standing } else { Fate::Deleted },
    }));
}

fn joined(finding: Finding, row: KnownKey, visibility: Visibility) -> Finding {
    let options = Options { visibility, ..Options::new(now()) };
    audit(vec![finding], &Inventory::of(vec![row]), &options).findings.remove(0)
}

fn verdicts(finding: &Finding) -> Vec<&str> {
    finding.verdicts.iter().filter(|verdict| !verdict.waived).map(|verdict| verdict.rule.as_str()).collect()
}

fn toml(text: &str) -> Inventory {
    let input = Input { path: "keyrot-inventory.toml".to_owned(), bytes: text.as_bytes().to_vec(), written: None };
    Inventory::read(vec![input], &[]).unwrap_or_else(|error| panic!("{error}"))
}

/// With the rules that its waivers name, as a run finds them.
fn named(mut inventory: Inventory) -> Inventory {
    let rules = crate::rule::RuleSet::builtin();
    inventory.name_rules(|name| rules.look_up(name).ok().map(|rule| rule.id.clone()));
    inventory
}
