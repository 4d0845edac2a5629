//! Found secrets and the rows that they join.

use super::*;

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
fn a_key_in_a_package_is_one_step_worse() {
    let packed = |path: &str, visibility: Visibility, row: Option<KnownKey>| {
        let mut finding = found(&key());
        finding.location = Location::whole(Origin::File { path: path.to_owned() });
        let options = Options { visibility, ..Options::new(now()) };
        audit(vec![finding], &Inventory::of(row.into_iter().collect()), &options).findings.remove(0)
    };
    let wheel = "dist/demo-1.0-py3-none-any.whl!/demo/settings.py";
    let plain = packed("demo/settings.py", Visibility::Unknown, None);
    let unlisted = packed(wheel, Visibility::Unknown, None);
    assert_eq!((verdicts(&unlisted), unlisted.severity), (vec!["public-exposure"], plain.severity.raised()));
    assert!(unlisted.verdicts[0].text.contains("a Python wheel"), "{:?}", unlisted.verdicts);
    assert_eq!(packed(wheel, Visibility::Private, None).severity, plain.severity, "within its walls");
    let live = packed(wheel, Visibility::Unknown, Some(row()));
    assert_eq!((verdicts(&live), live.severity), (vec!["exposed-and-active", "public-exposure"], Severity::Critical));
    let dead = KnownKey { status: Status::Revoked, ..row() };
    assert_eq!(verdicts(&packed(wheel, Visibility::Unknown, Some(dead))), ["dead-but-in-tree"]);
}
