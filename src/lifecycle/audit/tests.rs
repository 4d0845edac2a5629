use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

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

#[test]
fn a_good_key_gives_nothing() {
    assert_eq!(seed(good()), Vec::<String>::new());
}

#[test]
fn s8_no_expiry_lifetime_and_rotation() {
    let mut key = good();
    key.expires = Stated::Never;
    assert_eq!(seed(key), ["no-expiry"]);
    let mut key = good();
    key.expires = Stated::exact(instant("2027-05-02"));
    assert_eq!(seed(key), ["lifetime-too-long"]);
    let mut key = good();
    key.created = Stated::exact(instant("2026-08-01"));
    key.expires = Stated::exact(instant("2026-12-20"));
    assert_eq!(seed(key), ["lifetime-too-long", "rotation-overdue"]);
}

#[test]
fn six_calendar_months_of_184_days_are_no_error() {
    let mut key = good();
    key.created = Stated::exact(instant("2026-05-01T09:00:00Z"));
    key.expires = Stated::exact(instant("2026-11-01T09:00:00Z"));
    let options = Options { now: instant("2026-05-02"), ..options("seed") };
    let audit = audit(Vec::new(), &Inventory::of(vec![key]), &options);
    let lifetime =
        audit.findings.iter().find(|finding| finding.rule.as_str() == "lifetime-too-long").expect("a warning");
    assert_eq!(lifetime.severity, Severity::Medium, "above 3 months, not above 6");
}

#[test]
fn rotation_limits_are_inclusive() {
    for (created, overdue) in [("2026-08-24", false), ("2026-08-23", true)] {
        let mut key = good();
        key.created = Stated::exact(instant(created));
        let rules = rules_of(key, &options("cis"));
        assert_eq!(rules.contains(&"rotation-overdue".to_owned()), overdue, "{created}: {rules:?}");
    }
}

#[test]
fn unused_limits_are_inclusive() {
    for (used, unused) in [("2026-10-08", true), ("2026-10-09", false)] {
        let mut key = good();
        key.created = Stated::exact(instant("2026-09-01"));
        key.last_used = Stated::exact(instant(used));
        let rules = rules_of(key, &options("cis"));
        assert_eq!(rules.contains(&"unused".to_owned()), unused, "{used}: {rules:?}");
    }
}

#[test]
fn the_grain_of_a_source_is_added_before_a_key_is_unused() {
    let mut key = good();
    key.last_used = Stated::exact(instant("2026-10-08"));
    key.created = Stated::exact(instant("2026-09-01"));
    let mut late = (*source()).clone();
    late.grain = TimeDelta::days(1);
    key.source = Arc::new(late);
    assert!(!rules_of(key, &options("cis")).contains(&"unused".to_owned()));
}

#[test]
fn s25_never_used_is_not_unknown() {
    let mut key = good();
    key.last_used = Stated::Never;
    key.created = Stated::exact(instant("2026-09-01"));
    assert_eq!(seed(key.clone()), ["lifetime-too-long", "never-used"]);
    key.last_used = Stated::Unknown;
    assert_eq!(seed(key), ["evidence-missing", "lifetime-too-long"]);
}

#[test]
fn s10_at_the_instant_of_its_end_a_key_is_over() {
    for (end, expired) in [("2026-11-22", true), ("2026-11-22T00:00:01Z", false)] {
        let mut key = good();
        key.expires = Stated::exact(instant(end));
        assert_eq!(seed(key).contains(&"expired-still-listed".to_owned()), expired, "{end}");
    }
}

#[test]
fn s11_a_key_that_ends_soon_needs_a_successor() {
    let mut key = good();
    key.expires = Stated::exact(instant("2026-12-06"));
    assert_eq!(seed(key.clone()), ["expires-soon", "no-successor"]);
    let mut next = good();
    next.id = Some("k2".to_owned());
    next.name = Some("invoices-prod-upload-2".to_owned());
    next.fingerprints = vec!["kr1:0000:00000000000000000000000000000001".to_owned()];
    next.place.span = Span::new(1, 1);
    let both = audit(Vec::new(), &Inventory::of(vec![key.clone(), next]), &options("seed"));
    let rules: Vec<&str> = both.findings.iter().map(|finding| finding.rule.as_str()).collect();
    // Made on the same day three weeks ago, both are still alive: the rotation was not finished.
    assert_eq!(rules, ["expires-soon", "overlap-too-long"]);
    key.expires = Stated::exact(instant("2026-12-06T00:00:01Z"));
    assert_eq!(seed(key), Vec::<String>::new(), "one second beyond the notice");
}

#[test]
fn s7_scopes_by_power() {
    let mut key = good();
    key.scopes = Some(vec!["*".to_owned()]);
    assert!(seed(key.clone()).contains(&"all-scopes".to_owned()));
    key.scopes = Some(vec!["workspace.admin.api_key:manage".to_owned()]);
    assert_eq!(seed(key.clone()), ["lifetime-too-long", "privileged-scope"], "with half the time");
    key.scopes = Some(vec!["workspace.file:upload".to_owned(), "workspace.file:download".to_owned()]);
    key.needed_scopes = Some(vec!["workspace.file:upload".to_owned()]);
    assert_eq!(seed(key), ["excess-scopes"]);
}

#[test]
fn s4_s6_owner_and_name() {
    let mut key = good();
    key.owner = None;
    assert_eq!(seed(key), ["evidence-missing", "owner-missing"]);
    let mut key = good();
    key.name = Some("NEW API key".to_owned());
    assert_eq!(seed(key), ["poor-name"]);
    let mut key = good();
    key.owner = Some("sam@example.invalid".to_owned());
    assert_eq!(seed(key), ["owner-missing"], "one person for a production key");
}

#[test]
fn s21_endpoints_must_be_https() {
    let mut key = good();
    key.endpoints = vec!["http://workspace.alphamoon.ai/api".to_owned(), "http://localhost:8080/".to_owned()];
    assert_eq!(seed(key), ["cleartext-transport"]);
}

#[test]
fn s26_monitoring_is_declared_or_asked_for() {
    let mut key = good();
    key.monitor = None;
    assert_eq!(seed(key), ["monitoring-undeclared"]);
}

#[test]
fn impossible_orders_are_said_and_judged_no_further() {
    let mut key = good();
    key.created = Stated::exact(now() + TimeDelta::seconds(300));
    key.expires = Stated::exact(now() + TimeDelta::days(60));
    key.last_used = Stated::Never;
    assert_eq!(seed(key.clone()), Vec::<String>::new(), "within the clocks' skew");
    key.created = Stated::exact(now() + TimeDelta::seconds(301));
    assert_eq!(seed(key.clone()), ["impossible-order"]);
    key.created = Stated::exact(now() - TimeDelta::days(1));
    key.expires = Stated::exact(now() - TimeDelta::days(2));
    assert_eq!(seed(key), ["expired-still-listed", "impossible-order"]);
}

#[test]
fn a_year_has_366_days_for_github() {
    for (days, long) in [(366, false), (367, true)] {
        let mut key = good();
        key.expires = Stated::exact(key.created.time().unwrap() + TimeDelta::days(days));
        assert_eq!(rules_of(key, &options("github")).contains(&"lifetime-too-long".to_owned()), long);
    }
}

#[test]
fn near_a_limit_a_day_is_not_precise() {
    let mut key = good();
    key.created = Stated::At(instant("2026-08-23"), Precision::Day);
    key.expires = Stated::exact(instant("2027-01-15"));
    let audit = audit(Vec::new(), &Inventory::of(vec![key]), &options("cis"));
    let overdue = audit.findings.iter().find(|finding| finding.rule.as_str() == "rotation-overdue").expect("overdue");
    assert_eq!(overdue.severity, Severity::Medium);
    assert!(overdue.message.contains("day precision"));
}

#[test]
fn an_end_that_is_a_day_near_the_notice_is_not_precise() {
    for (end, precision, severity, noted) in [
        ("2026-11-29", Precision::Exact, Severity::High, false),
        ("2026-11-29", Precision::Day, Severity::Medium, true),
        ("2026-11-25", Precision::Day, Severity::High, false),
        ("2026-12-06", Precision::Day, Severity::Low, true),
        ("2026-12-03", Precision::Day, Severity::Medium, false),
    ] {
        let mut key = good();
        key.expires = Stated::At(instant(end), precision);
        let audit = audit(Vec::new(), &Inventory::of(vec![key]), &options("seed"));
        let soon = audit.findings.iter().find(|finding| finding.rule.as_str() == "expires-soon").expect("soon");
        assert_eq!((soon.severity, soon.message.contains("day precision")), (severity, noted), "{end} {precision:?}");
    }
}

#[test]
fn the_notice_of_an_end_is_inclusive() {
    for (end, severity) in [
        ("2026-11-29", Some(Severity::High)),
        ("2026-11-29T00:00:01Z", Some(Severity::Medium)),
        ("2026-12-06", Some(Severity::Medium)),
        ("2026-12-06T00:00:01Z", None),
    ] {
        let mut key = good();
        key.expires = Stated::exact(instant(end));
        let audit = audit(Vec::new(), &Inventory::of(vec![key]), &options("seed"));
        let soon = audit.findings.iter().find(|finding| finding.rule.as_str() == "expires-soon");
        assert_eq!(soon.map(|finding| finding.severity), severity, "{end}");
    }
}

#[test]
fn keys_that_hand_out_access_have_half_the_time() {
    let mut key = good();
    key.scopes = Some(vec!["workspace.admin.api_key:manage".to_owned()]);
    key.created = Stated::exact(instant("2026-09-01"));
    key.expires = Stated::exact(instant("2026-12-15"));
    let audit = audit(Vec::new(), &Inventory::of(vec![key]), &options("seed"));
    for rule in ["lifetime-too-long", "rotation-overdue"] {
        let one = audit.findings.iter().find(|finding| finding.rule.as_str() == rule).expect("too long");
        assert!(one.message.contains("halved because it hands out access"), "{}", one.message);
    }
}

#[test]
fn a_month_that_is_clamped_is_not_overdue_a_day_early() {
    for (at, overdue) in [("2027-02-28", false), ("2027-02-28T00:00:01Z", true)] {
        let mut key = good();
        key.created = Stated::exact(instant("2026-08-31"));
        key.expires = Stated::Unknown;
        let options = Options { now: instant(at), ..options("seed") };
        let all = audit(Vec::new(), &Inventory::of(vec![key]), &options).findings;
        let error = all.iter().any(|one| one.rule.as_str() == "rotation-overdue" && one.severity == Severity::High);
        assert_eq!(error, overdue, "31 August and six months end with February: {at}");
    }
}

#[test]
fn a_value_that_changes_in_place_is_not_as_old_as_its_name() {
    let mut key = good();
    key.created = Stated::exact(instant("2020-01-01"));
    key.rotated = Stated::Unknown;
    key.in_place = true;
    assert!(!seed(key.clone()).contains(&"rotation-overdue".to_owned()), "unknown is not overdue");
    assert!(seed(key.clone()).contains(&"evidence-missing".to_owned()), "and not a pass");
    key.in_place = false;
    assert!(seed(key).contains(&"rotation-overdue".to_owned()));
}

#[test]
fn an_export_is_outdated_after_a_week_or_by_a_newer_exposure() {
    let inventory = |written: &str| {
        let text = format!("schema = 1\nsource = 'vault'\ngenerated_at = {written}T00:00:00Z\n[[key]]\nid = 'a'\n");
        toml(&text)
    };
    let stale = |inventory: &Inventory, found: Vec<Finding>| {
        let all = audit(found, inventory, &options("seed")).findings;
        all.iter().find(|one| one.rule.as_str() == "stale-inventory").map(|one| one.message.clone())
    };
    assert_eq!(stale(&inventory("2026-11-15"), Vec::new()), None, "at exactly seven days");
    assert!(stale(&inventory("2026-11-14"), Vec::new()).expect("stale").contains("8 days old"));
    let mut leaked = found(&key());
    exposed(&mut leaked, "2026-11-21", true);
    let told = stale(&inventory("2026-11-20"), vec![leaked]).expect("stale");
    assert!(told.contains("older than the newest exposure, 2026-11-21"), "{told}");
    let mut silent = toml("schema = 1\nsource = 'vault'\n[[key]]\nid = 'a'\n");
    silent.files[0].written = Some(instant("2026-11-01"));
    assert!(stale(&silent, Vec::new()).expect("stale").contains("the time of its file"));
}

#[test]
fn owners_come_from_the_row_then_codeowners_then_the_configuration() {
    let mut options = options("seed");
    options.owners = crate::lifecycle::Owners::read("/deploy/ @org/coded\n");
    options.policy.owners.push((crate::lifecycle::policy::Pattern::new("**").expect("a glob"), "globbed".to_owned()));
    let said = |path: &str, row: Option<KnownKey>| {
        let mut finding = found(&key());
        finding.location = Location::whole(Origin::File { path: path.to_owned() });
        audit(vec![finding], &Inventory::of(row.into_iter().collect()), &options).findings.remove(0).message
    };
    assert!(said("deploy/a.env", Some(row())).ends_with("Owner: team-invoices."));
    let mut nobody = row();
    nobody.owner = None;
    assert!(said("deploy/a.env", Some(nobody)).ends_with("Owner: @org/coded."));
    assert!(said("deploy/a.env", None).ends_with("Owner: @org/coded."));
    assert!(said("src/a.env", None).ends_with("Owner: globbed."));
    let mut placed = good();
    placed.owner = None;
    placed.locations = vec!["deploy/prod.env".to_owned()];
    assert_eq!(owner::of_row(&placed, &options).as_deref(), Some("@org/coded"));
}

#[test]
fn a_key_used_after_its_end_is_an_incident() {
    let mut key = good();
    key.status = Status::Revoked;
    key.revoked = Stated::exact(instant("2026-11-10"));
    assert_eq!(seed(key), ["used-after-retirement"]);
}

#[test]
fn one_key_in_two_environments() {
    let mut other = good();
    other.id = Some("k2".to_owned());
    other.name = Some("invoices-dev-upload".to_owned());
    other.environment = Some("dev".to_owned());
    other.place.span = Span::new(1, 1);
    let audit = audit(Vec::new(), &Inventory::of(vec![good(), other]), &options("seed"));
    let rules: Vec<&str> = audit.findings.iter().map(|finding| finding.rule.as_str()).collect();
    assert_eq!(rules, ["shared-across"]);
}

#[test]
fn the_age_of_a_sops_file_is_that_of_its_last_change() {
    for (modified, severity) in
        [("2026-09-01", None), ("2026-08-01", Some(Severity::Medium)), ("2026-05-01", Some(Severity::High))]
    {
        let location = Location::whole(Origin::File { path: "secrets/prod.yaml".to_owned() });
        let file = Sealed { location, tool: "sops", modified: instant(modified) };
        let inventory = Inventory { sealed: vec![file], ..Inventory::default() };
        let all = audit(Vec::new(), &inventory, &options("seed")).findings;
        assert_eq!(all.first().map(|finding| finding.severity), severity, "{modified}");
        assert!(
            all.iter().all(|finding| finding.rule.as_str() == "rotation-overdue" && finding.message.contains(modified))
        );
        let joined = audit(Vec::new(), &inventory, &Options::new(now()));
        assert_eq!(joined.findings, [], "a scan that was not asked for rows reports no age");
    }
}

// ---- joins ----

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

#[test]
fn s20_exposed_and_active_by_fingerprint() {
    let finding = joined(found(&key()), row(), Visibility::Private);
    assert_eq!(verdicts(&finding), ["exposed-and-active"]);
    assert_eq!(finding.severity, Severity::High);
    assert!(finding.verdicts[0].text.contains("by fingerprint"));
    assert_eq!(joined(found(&key()), row(), Visibility::Public).severity, Severity::Critical);
}

#[test]
fn a_gate_makes_a_live_key_critical_in_private_too() {
    let options = Options { gate: true, ..Options::new(now()) };
    let audit = audit(vec![found(&key())], &Inventory::of(vec![row()]), &options);
    assert_eq!(audit.findings[0].severity, Severity::Critical);
}

#[test]
fn the_pass_half_alone_joins_too() {
    let mut row = row();
    row.fingerprints = vec![found(&key()).secret.unwrap().pass.unwrap().to_string()];
    assert!(joined(found(&key()), row, Visibility::Private).verdicts[0].text.contains("pass half"));
}

#[test]
fn s23_not_rotated_since_exposure_even_when_gone_from_the_tip() {
    let mut finding = found(&key());
    exposed(&mut finding, "2026-11-10", false);
    let finding = joined(finding, row(), Visibility::Private);
    assert_eq!(verdicts(&finding), ["secret-in-history-only", "not-rotated-since-exposure", "exposed-and-active"]);
    assert_eq!(finding.severity, Severity::Critical);
}

#[test]
fn a_key_rotated_after_it_leaked_is_clutter() {
    let mut finding = found(&key());
    exposed(&mut finding, "2026-11-10", true);
    let mut row = row();
    row.rotated = Stated::exact(instant("2026-11-12"));
    let finding = joined(finding, row, Visibility::Public);
    assert_eq!(verdicts(&finding), ["dead-but-in-tree"]);
    assert_eq!(finding.severity, Severity::Info);
}

#[test]
fn an_exposure_of_unknown_age_is_never_taken_for_rotated() {
    let mut row = row();
    row.rotated = Stated::exact(instant("2026-11-12"));
    assert_eq!(joined(found(&key()), row, Visibility::Private).severity, Severity::High);
}

#[test]
fn s24_a_leak_that_makes_more_keys_is_critical() {
    let mut row = row();
    row.scopes = Some(vec!["workspace.process.api_key:manage".to_owned()]);
    let finding = joined(found(&key()), row, Visibility::Private);
    assert!(verdicts(&finding).contains(&"exposed-privileged"));
    assert_eq!(finding.severity, Severity::Critical);
}

#[test]
fn an_expired_key_in_the_tree_is_referenced() {
    let mut row = row();
    row.expires = Stated::exact(instant("2026-11-20"));
    row.last_used = Stated::exact(instant("2026-11-10"));
    let audit = audit(vec![found(&key())], &Inventory::of(vec![row]), &Options::new(now()));
    assert_eq!(verdicts(&audit.findings[0]), ["dead-but-in-tree"]);
    assert_eq!(audit.findings[1].rule.as_str(), "expired-still-referenced");
}

#[test]
fn a_wrong_key_says_cannot_compare_and_not_no_match() {
    let wrong = FingerprintKey::new(KeyKind::Project, b"another key of another project");
    let audit = audit(vec![found(&wrong)], &Inventory::of(vec![row()]), &Options::new(now()));
    assert!(audit.notes[0].contains("cannot compare"), "{:?}", audit.notes);
    assert!(!verdicts(&audit.findings[0]).contains(&"unknown-to-inventory"));
    assert_eq!(audit.findings[0].severity, Severity::High);
}

#[test]
fn prints_under_a_salt_never_join() {
    let salt = FingerprintKey::new(KeyKind::Salt, b"a key of the project for tests");
    assert!(verdicts(&joined(found(&salt), row(), Visibility::Private)).is_empty());
}

#[test]
fn s13_a_key_of_a_listed_class_without_a_row() {
    let mut other = row();
    other.fingerprints = vec![format!("kr1:{}:{}", key().id(), "0".repeat(32))];
    let finding = joined(found(&key()), other, Visibility::Private);
    assert_eq!(verdicts(&finding), ["unknown-to-inventory"]);
}

#[test]
fn a_listing_that_cannot_be_compared_does_not_say_that_a_key_is_not_listed() {
    let mut other = good();
    other.fingerprints.clear();
    let finding = joined(found(&key()), other, Visibility::Private);
    assert_eq!(verdicts(&finding), ["evidence-missing"]);
    assert!(finding.verdicts[0].text.contains("is not known"), "{}", finding.verdicts[0].text);
}

#[test]
fn kin_of_a_listed_class_are_of_that_class() {
    let mut listed = good();
    listed.class = Some("aws-access-key-id".to_owned());
    listed.identifiers.push(("aws-key-id".to_owned(), "other".to_owned()));
    let mut finding = found(&key());
    finding.rule = RuleId::from("aws-access-key-pair");
    finding.evidence.identifiers.push(("aws-key-id", "mine".to_owned()));
    assert_eq!(verdicts(&joined(finding, listed, Visibility::Private)), ["unknown-to-inventory"]);
}

#[test]
fn an_entry_of_a_store_joins_by_its_name_whatever_it_holds() {
    let mut stored = good();
    stored.fingerprints.clear();
    (stored.class, stored.name) = (Some("github-actions-secret".to_owned()), Some("REGISTRY_PASS".to_owned()));
    let mut finding = found(&key());
    finding.context.slot = Some("registry-pass".to_owned());
    let finding = joined(finding, stored, Visibility::Private);
    assert!(finding.verdicts[0].text.contains("weakly, by name"), "{:?}", finding.verdicts);
}

#[test]
fn a_day_of_rotation_near_the_exposure_proves_neither_order() {
    for (rotated, expected, severity) in [
        ("2026-11-12", "dead-but-in-tree", Severity::Info),
        ("2026-11-11", "not-rotated-since-exposure", Severity::High),
        ("2026-11-10", "not-rotated-since-exposure", Severity::High),
        ("2026-11-08", "not-rotated-since-exposure", Severity::Critical),
    ] {
        let mut finding = found(&key());
        exposed(&mut finding, "2026-11-10T20:00:00Z", false);
        let mut row = row();
        row.rotated = Stated::At(instant(rotated), Precision::Day);
        let finding = joined(finding, row, Visibility::Private);
        assert!(verdicts(&finding).contains(&expected), "{rotated}: {:?}", finding.verdicts);
        assert_eq!(finding.severity, severity, "{rotated}");
    }
}

#[test]
fn a_signature_that_allows_clear_text_is_a_finding_of_its_own() {
    let mut finding = found(&key());
    finding.evidence.identifiers.push(("sas-protocol", "https,http".to_owned()));
    let all = audit(vec![finding], &Inventory::default(), &Options::new(now())).findings;
    assert_eq!(all[1].rule.as_str(), "cleartext-transport");
}

#[test]
fn a_signed_url_at_the_providers_maximum_lives_long() {
    for (source, days, long) in [("presigned", 7, true), ("presigned", 6, false), ("sas", 7, false), ("sas", 8, true)] {
        let mut finding = found(&key());
        finding.evidence.source = Some(source);
        finding.evidence.created = Some(now());
        finding.evidence.expires = Some(Ends::At(now() + TimeDelta::days(days)));
        let all = audit(vec![finding], &Inventory::default(), &Options::new(now())).findings;
        assert_eq!(verdicts(&all[0]).contains(&"states-long-lifetime"), long, "{source} {days}");
    }
}

#[test]
fn a_length_of_life_counts_from_the_commit_at_the_latest() {
    let mut finding = found(&key());
    finding.evidence.lasts = Some(TimeDelta::hours(1));
    let run = |finding: Finding| audit(vec![finding], &Inventory::default(), &Options::new(now())).findings.remove(0);
    assert_eq!(verdicts(&run(finding.clone())), Vec::<&str>::new(), "without a start it is unknown");
    exposed(&mut finding, "2026-11-10T10:00:00Z", true);
    let finding = run(finding);
    assert_eq!(verdicts(&finding), ["states-past-expiry"]);
    assert!(finding.verdicts[0].text.contains("2026-11-10T11:00:00Z"), "{:?}", finding.verdicts);
}

#[test]
fn retired_kinds_are_rules_and_retired_from_their_day_on() {
    let rules = crate::rule::RuleSet::builtin();
    assert!(found::RETIRED.iter().all(|kind| rules.get(kind.rule).is_some()));
    for (at, retired) in [("2026-07-27T23:59:59Z", false), ("2026-07-28", true)] {
        let mut finding = found(&key());
        finding.rule = RuleId::from("bitbucket-app-password");
        let all = audit(vec![finding], &Inventory::default(), &Options::new(instant(at))).findings;
        assert_eq!(verdicts(&all[0]).contains(&"retired-class"), retired, "{at}");
    }
}

#[test]
fn a_public_identifier_joins_without_any_key() {
    let mut finding = found(&FingerprintKey::new(KeyKind::Run, b"run"));
    finding.evidence.identifiers.push(("aws-key-id", "X".to_owned()));
    let mut row = good();
    row.fingerprints.clear();
    row.identifiers.push(("aws-key-id".to_owned(), "X".to_owned()));
    assert!(joined(finding, row, Visibility::Private).verdicts[0].text.contains("public identifier"));
}

#[test]
fn a_hint_joins_weakly_and_never_calms() {
    let mut row = good();
    row.fingerprints.clear();
    row.hint =
        Some(crate::lifecycle::key::Hint { prefix: "kx7f".to_owned(), suffix: "1bqe".to_owned(), length: Some(23) });
    row.status = Status::Revoked;
    let finding = joined(found(&key()), row, Visibility::Private);
    assert!(finding.verdicts[0].text.contains("weakly, by hint"));
    assert_eq!(finding.severity, Severity::High, "a weak join must not lower it");
}

#[test]
fn only_joined_rows_are_reported_unless_asked() {
    let mut old = good();
    old.created = Stated::exact(instant("2020-01-01"));
    let quiet = audit(Vec::new(), &Inventory::of(vec![old.clone()]), &Options::new(now()));
    assert_eq!(quiet.findings, []);
    assert!(!audit(Vec::new(), &Inventory::of(vec![old]), &options("seed")).findings.is_empty());
}

#[test]
fn claims_are_worded_as_claims_and_lower_only_what_stands_alone() {
    let mut finding = found(&key());
    finding.evidence.source = Some("jwt");
    finding.evidence.expires = Some(Ends::At(instant("2026-01-01")));
    let audit = audit(vec![finding], &Inventory::default(), &Options::new(now()));
    let finding = &audit.findings[0];
    assert_eq!(verdicts(finding), ["states-past-expiry"]);
    assert!(finding.verdicts[0].text.contains("validity not verified"));
    assert_eq!(finding.severity, Severity::Info);
}

#[test]
fn a_claim_just_past_is_within_the_skew() {
    let mut finding = found(&key());
    finding.evidence.source = Some("jwt");
    finding.evidence.expires = Some(Ends::At(now() - TimeDelta::seconds(300)));
    assert!(audit(vec![finding], &Inventory::default(), &Options::new(now())).findings[0].verdicts.is_empty());
}

#[test]
fn s14_unsafe_places_are_named() {
    for (path, unsafe_one) in [
        ("home/.bash_history", true),
        ("logs/app.log", true),
        ("a.ipynb", true),
        ("infra/terraform.tfstate", true),
        ("src/login.rs", false),
    ] {
        let mut finding = found(&key());
        finding.location = Location::whole(Origin::File { path: path.to_owned() });
        let audit = audit(vec![finding], &Inventory::default(), &Options::new(now()));
        assert_eq!(verdicts(&audit.findings[0]).contains(&"unsafe-place"), unsafe_one, "{path}");
    }
}

#[test]
fn s17_a_person_s_login_in_a_machine_s_place() {
    let mut finding = found(&key());
    finding.evidence.identifiers.push(("login-shape", "e-mail".to_owned()));
    let audit = audit(vec![finding], &Inventory::default(), &Options::new(now()));
    assert_eq!(verdicts(&audit.findings[0]), ["human-login-as-key"]);
}

// ---- the own format ----

fn toml(text: &str) -> Inventory {
    let input = Input { path: "keyrot-inventory.toml".to_owned(), bytes: text.as_bytes().to_vec(), written: None };
    Inventory::read(vec![input], &[]).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_day_of_an_end_is_its_last_instant() {
    let inventory =
        toml("schema = 1\n[[key]]\nid = 'a'\nexpires = 2026-12-01\ncreated = 2026-12-01\nlast_used = 2026-12-01\n");
    let key = &inventory.keys[0];
    assert_eq!(key.expires.time(), Some(instant("2026-12-02")));
    assert_eq!(key.created.time(), Some(instant("2026-12-01")));
    assert_eq!(key.last_used.time(), Some(instant("2026-12-02")));
}

#[test]
fn a_time_without_a_zone_is_an_error_unless_the_file_names_one() {
    let text = "schema = 1\n[[key]]\nid = 'a'\nexpires = 2026-12-01T12:00:00\n";
    assert_eq!(toml(text).issues[0].rule, "bad-date");
    let zoned = text.replace("schema = 1", "schema = 1\ntimezone = '+02:00'");
    assert_eq!(toml(&zoned).keys[0].expires.time(), Some(instant("2026-12-01T10:00:00Z")));
}

/// With the rules that its waivers name, as a run finds them.
fn named(mut inventory: Inventory) -> Inventory {
    let rules = crate::rule::RuleSet::builtin();
    inventory.name_rules(|name| rules.look_up(name).ok().map(|rule| rule.id.clone()));
    inventory
}

#[test]
fn waivers_hold_through_their_last_day_and_need_a_reason() {
    let text = |until: &str, reason: &str| {
        format!(
            "schema = 1\n[[key]]\nid = 'a'\nname = 'a-prod'\nlast_used = 'never'\ncreated = 2026-01-01\n\
             [[waiver]]\nrule = 'KR109'\nid = 'a'\nuntil = {until}\n{reason}\n"
        )
    };
    let run = |text: &str| audit(Vec::new(), &named(toml(text)), &options("seed")).findings;
    let find = |findings: &[Finding], rule: &str| findings.iter().find(|one| one.rule.as_str() == rule).cloned();
    let held = run(&text("2026-11-22", "reason = 'yearly job'"));
    assert_eq!(find(&held, "never-used").unwrap().suppression.unwrap().by, SuppressedBy::Waiver);
    assert!(find(&held, "waiver-expired").is_none());
    for wrong in [text("2026-11-21", "reason = 'yearly job'"), text("2026-12-31", "")] {
        let findings = run(&wrong);
        assert!(find(&findings, "never-used").unwrap().suppression.is_none());
        assert!(find(&findings, "waiver-expired").is_some());
    }
}

fn waived(rule: &str, row: KnownKey, finding: Finding) -> Finding {
    let mut inventory = Inventory::of(vec![row]);
    inventory.waivers.push(crate::lifecycle::inventory::Waiver {
        rule: rule.to_owned(),
        covers: None,
        id: "k1".to_owned(),
        until: chrono::NaiveDate::from_ymd_opt(2026, 12, 31),
        reason: Some("moved to a vault next month".to_owned()),
        by: None,
        place: Place::default(),
    });
    let options = Options { visibility: Visibility::Private, ..Options::new(now()) };
    audit(vec![finding], &named(inventory), &options).findings.remove(0)
}

#[test]
fn a_waiver_for_a_verdict_takes_back_that_verdict_alone() {
    for rule in ["exposed-and-active", "KR301"] {
        let mut finding = found(&key());
        finding.severity = Severity::Low;
        let finding = waived(rule, row(), finding);
        assert_eq!(verdicts(&finding), Vec::<&str>::new());
        assert_eq!((finding.severity, &finding.suppression), (Severity::Low, &None), "the finding itself stays");
        let mark = &finding.verdicts[0];
        assert_eq!((mark.rule.as_str(), mark.waived), ("exposed-and-active", true));
        assert!(mark.text.starts_with("Waived until 2026-12-31"), "{}", mark.text);
        assert!(mark.text.ends_with(": moved to a vault next month."), "{}", mark.text);
    }
}

#[test]
fn a_waived_verdict_leaves_the_weight_of_the_others() {
    let mut finding = found(&key());
    exposed(&mut finding, "2026-11-10", false);
    let finding = waived("exposed-and-active", row(), finding);
    assert_eq!(verdicts(&finding), ["secret-in-history-only", "not-rotated-since-exposure"]);
    assert_eq!(finding.severity, Severity::Critical);
}

#[test]
fn a_waiver_for_the_rule_that_found_a_key_suppresses_it() {
    let finding = waived("alphamoon.api-key", row(), found(&key()));
    assert_eq!(finding.suppression.map(|one| one.by), Some(SuppressedBy::Waiver));
    let mut weak = row();
    weak.fingerprints.clear();
    weak.hint = Some(crate::lifecycle::key::Hint { prefix: "kx".to_owned(), ..Default::default() });
    assert_eq!(waived("alphamoon.api-key", weak, found(&key())).suppression, None, "a weak join accepts nothing");
}

#[test]
fn every_kr_number_is_an_alias() {
    let rules = crate::rule::RuleSet::builtin();
    let numbers = (101..=120).chain(201..=209).chain(301..=307).chain(401..=402).chain(901..=906);
    for number in numbers.map(|number| format!("KR{number}")) {
        assert!(rules.look_up(&number).is_ok(), "{number}");
    }
}

#[test]
fn a_waiver_for_another_key_or_rule_changes_nothing() {
    let mut other = row();
    other.id = Some("k2".to_owned());
    assert_eq!(verdicts(&waived("exposed-and-active", other, found(&key()))), ["exposed-and-active"]);
    assert_eq!(verdicts(&waived("KR302", row(), found(&key()))), ["exposed-and-active"]);
}

#[test]
fn a_waiver_for_a_rule_that_does_not_exist_is_a_finding() {
    let text = "schema = 1\n[[waiver]]\nrule = 'KR999'\nid = 'a'\nuntil = 2026-12-31\nreason = 'x'\n";
    let all = audit(Vec::new(), &named(toml(text)), &options("seed")).findings;
    assert_eq!((all.len(), all[0].rule.as_str()), (1, "waiver-expired"));
    assert!(all[0].message.contains("a rule that does not exist"), "{}", all[0].message);
}

#[test]
fn a_waiver_covers_an_unreadable_date_of_its_key() {
    let text = "schema = 1\n[[key]]\nid = 'z'\n[[key]]\nid = 'a'\ncreated = '03/04/2026'\n\
                [[waiver]]\nrule = 'KR902'\nid = 'a'\nuntil = 2026-12-31\nreason = 'export is broken'\n";
    let all = audit(Vec::new(), &named(toml(text)), &options("seed")).findings;
    let bad = all.iter().find(|finding| finding.rule.as_str() == "bad-date").expect("a bad date");
    assert_eq!(bad.suppression.as_ref().map(|one| one.by), Some(SuppressedBy::Waiver));
}

#[test]
fn two_snapshots_with_one_value_were_not_rotated() {
    let file = |day: &str, rotated: &str| Input {
        path: format!("{day}.toml"),
        bytes: format!(
            "schema = 1\nsource = 'vault'\ngenerated_at = {day}T00:00:00Z\n[[key]]\nid = 'a'\nrotated = {rotated}\n\
             fingerprint = 'kr1:x:{}'\n",
            "0".repeat(32)
        )
        .into_bytes(),
        written: None,
    };
    let files = vec![file("2026-10-01", "2026-09-01"), file("2026-11-20", "2026-11-01")];
    let inventory = Inventory::read(files, &[]).expect("right");
    assert_eq!((inventory.keys.len(), inventory.issues[0].rule), (1, "rotated-same-value"));
}

#[test]
fn layers_merge_and_conflicts_are_said() {
    let export = r#"{"apiKeys":[{"id":"a","name":"n-prod","scopes":[],"status":"Active","createdAt":"2026-09-01T08:00:00Z","exp":"2026-12-01T00:00:00Z"}]}"#;
    let overlay = "schema = 1\nsource = 'overlay'\n[[key]]\nid = 'a'\nowner = 'team'\nexpires = 2026-12-24T00:00:00Z\n";
    let file = |path: &str, text: &str| Input { path: path.to_owned(), bytes: text.as_bytes().to_vec(), written: None };
    for files in
        [vec![file("a.json", export), file("b.toml", overlay)], vec![file("b.toml", overlay), file("a.json", export)]]
    {
        let inventory = Inventory::read(files, &[]).expect("right");
        let key = &inventory.keys[0];
        assert_eq!((inventory.keys.len(), key.owner.as_deref()), (1, Some("team")));
        assert_eq!(key.expires.time(), Some(instant("2026-12-01")), "the fact wins");
        assert_eq!(inventory.issues[0].rule, "duplicate-or-ambiguous");
        assert!(inventory.issues[0].text.contains("expires"));
    }
}

// ---- properties ----

fn stated() -> impl Strategy<Value = Stated> {
    prop_oneof![
        Just(Stated::Unknown),
        Just(Stated::Never),
        (-500i64..500).prop_map(|days| Stated::exact(now() + TimeDelta::days(days))),
        (-500i64..500).prop_map(|days| Stated::At(now() + TimeDelta::days(days), Precision::Day)),
    ]
}

fn any_key() -> impl Strategy<Value = KnownKey> {
    let words =
        |list: &'static [&'static str]| proptest::option::of(proptest::sample::select(list).prop_map(str::to_owned));
    let scopes = proptest::option::of(proptest::collection::vec(
        proptest::sample::select(&["*", "workspace.file:upload", "workspace.admin.api_key:manage"][..])
            .prop_map(str::to_owned),
        0..3,
    ));
    let status = proptest::sample::select(
        &[Status::Unknown, Status::Active, Status::Disabled, Status::Revoked, Status::Deleted][..],
    );
    (
        (stated(), stated(), stated(), stated(), stated()),
        (words(&["prod", "dev"]), words(&["a", "b"]), words(&["team", "x@y.invalid"]), words(&["test", "a-prod"])),
        (scopes, status, 0u32..1000),
    )
        .prop_map(
            |(
                (created, rotated, expires, last_used, revoked),
                (environment, service, owner, name),
                (scopes, status, number),
            )| {
                let mut key = good();
                (key.created, key.rotated, key.expires, key.last_used, key.revoked) =
                    (created, rotated, expires, last_used, revoked);
                (key.environment, key.service, key.owner, key.name) = (environment, service, owner, name);
                (key.scopes, key.status) = (scopes, status);
                key.id = Some(format!("k{number}"));
                key.fingerprints = vec![format!("kr1:0000:{number:032x}")];
                key.place.span = Span::new(number as usize, number as usize);
                key
            },
        )
}

/// What the audit says about each row.
fn said(keys: Vec<KnownKey>, at: DateTime<Utc>) -> Vec<(String, String)> {
    let options = Options { now: at, ..options("seed") };
    let mut said: Vec<(String, String)> = audit(Vec::new(), &Inventory::of(keys), &options)
        .findings
        .into_iter()
        .map(|finding| (finding.rule.to_string(), finding.message))
        .collect();
    said.sort();
    said
}

fn without(key: &KnownKey, field: usize) -> KnownKey {
    let mut key = key.clone();
    match field {
        0 => key.created = Stated::Unknown,
        1 => key.rotated = Stated::Unknown,
        2 => key.expires = Stated::Unknown,
        3 => key.last_used = Stated::Unknown,
        4 => key.scopes = None,
        5 => key.owner = None,
        6 => key.service = None,
        7 => key.environment = None,
        _ => key.fingerprints.clear(),
    }
    key
}

proptest! {
    #[test]
    fn removing_evidence_never_turns_a_finding_into_silence(key in any_key(), field in 0usize..9) {
        let before = said(vec![key.clone()], now());
        let after = said(vec![without(&key, field)], now());
        let missing = after.iter().any(|(rule, _)| rule == "evidence-missing");
        for (rule, _) in &before {
            let stays = after.iter().any(|(other, _)| other == rule);
            // A row that is gone for good is asked for nothing more, and says nothing about its dates.
            prop_assert!(stays || missing || matches!(key.status, Status::Deleted | Status::Revoked), "{rule}: {after:?}");
        }
    }

    #[test]
    fn removing_evidence_never_calms_a_found_key(key in any_key(), field in 0usize..8, days in -500i64..0, at_head in any::<bool>()) {
        let said = |mut row: KnownKey| {
            row.fingerprints = vec![found(&super::tests::key()).secret.unwrap().fingerprint.to_string()];
            let mut finding = found(&super::tests::key());
            exposed(&mut finding, &crate::date::show(now() + TimeDelta::days(days)), at_head);
            joined(finding, row, Visibility::Private)
        };
        let (before, after) = (said(key.clone()), said(without(&key, field)));
        let dead = |finding: &Finding| verdicts(finding).contains(&"dead-but-in-tree");
        prop_assert!(!dead(&after) || dead(&before), "{:?} {:?}", before.verdicts, after.verdicts);
        prop_assert!(!after.verdicts.is_empty());
        prop_assert!(dead(&after) || verdicts(&after).contains(&"used-after-retirement") || after.severity >= Severity::Medium);
    }

    #[test]
    fn permuting_rows_changes_nothing(keys in proptest::collection::vec(any_key(), 0..8), seed in any::<u64>()) {
        let mut distinct: Vec<KnownKey> = Vec::new();
        for key in keys {
            if !distinct.iter().any(|known| known.id == key.id) {
                distinct.push(key);
            }
        }
        let mut turned = distinct.clone();
        if !turned.is_empty() {
            let by = usize::try_from(seed % turned.len() as u64).unwrap();
            turned.rotate_left(by);
            turned.reverse();
        }
        prop_assert_eq!(said(distinct, now()), said(turned, now()));
    }

    #[test]
    fn moving_now_forward_never_revives_a_key(key in any_key(), days in 0i64..2000) {
        let later = now() + TimeDelta::days(days);
        prop_assert!(!key.has_expired(now()) || key.has_expired(later));
        prop_assert!(key.is_live(now()) || !key.is_live(later));
        let over = |at| said(vec![key.clone()], at).iter().any(|(rule, _)| rule.starts_with("expired-still"));
        prop_assert!(!over(now()) || over(later));
    }
}
