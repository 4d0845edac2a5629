//! Properties: evidence that is missing calms nothing, order changes nothing, time revives nothing.

use proptest::prelude::*;

use super::*;

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
            row.fingerprints = vec![found(&super::key()).secret.unwrap().fingerprint.to_string()];
            let mut finding = found(&super::key());
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
