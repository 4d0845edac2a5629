//! Limits of age, life, use and notice, each at its boundary.

use super::*;

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
fn s10_at_the_instant_of_its_end_a_key_is_over() {
    for (end, expired) in [("2026-11-22", true), ("2026-11-22T00:00:01Z", false)] {
        let mut key = good();
        key.expires = Stated::exact(instant(end));
        assert_eq!(seed(key).contains(&"expired-still-listed".to_owned()), expired, "{end}");
    }
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
