//! Waivers, on rows and on verdicts.

use super::*;

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
