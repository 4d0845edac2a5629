//! Who takes over from a key, and when.

use super::*;

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

/// A key that ends on 6 December, and one that is to take over.
fn two(change: impl Fn(&mut KnownKey, &mut KnownKey)) -> Vec<(String, String)> {
    let (mut old, mut next) = (good(), good());
    old.expires = Stated::exact(instant("2026-12-06"));
    next.id = Some("k2".to_owned());
    next.name = Some("invoices-prod-upload-2".to_owned());
    next.fingerprints = vec!["kr1:0000:00000000000000000000000000000001".to_owned()];
    (next.created, next.last_used) = (Stated::exact(instant("2026-11-20")), Stated::exact(instant("2026-11-21")));
    next.place.span = Span::new(1, 1);
    change(&mut old, &mut next);
    let all = audit(Vec::new(), &Inventory::of(vec![old, next]), &options("seed")).findings;
    all.into_iter().map(|finding| (finding.rule.to_string(), finding.message)).collect()
}

fn missing(said: &[(String, String)]) -> Option<&str> {
    said.iter().find(|(rule, _)| rule == "no-successor").map(|(_, message)| message.as_str())
}

#[test]
fn a_successor_that_is_not_valid_in_time_is_none() {
    for (start, in_time) in [
        (Stated::Unknown, true),
        (Stated::exact(instant("2026-12-01")), true),
        (Stated::exact(instant("2026-12-06")), true),
        (Stated::exact(instant("2026-12-06T00:00:01Z")), false),
    ] {
        let said = two(|_, next| next.not_before = start);
        assert_eq!(missing(&said).is_none(), in_time, "{start:?}: {said:?}");
        let named = two(|old, next| {
            (next.not_before, next.service) = (start, Some("other".to_owned()));
            old.replaced_by = Some("k2".to_owned());
        });
        assert_eq!(missing(&named).is_none(), in_time, "{start:?}: {named:?}");
        assert!(
            in_time || missing(&named).is_some_and(|text| text.contains("is valid from 2026-12-06T00:00:01Z only"))
        );
    }
}

#[test]
fn a_successor_may_be_named_from_either_end_and_must_last_longer() {
    let apart = |next: &mut KnownKey| next.service = Some("other".to_owned());
    assert!(
        missing(&two(|_, next| apart(next))).is_some_and(|text| text.contains("no other active key of invoices/prod"))
    );
    let named = |change: &dyn Fn(&mut KnownKey)| {
        two(|_, next| {
            apart(next);
            next.replaces = Some("k1".to_owned());
            change(next);
        })
    };
    assert_eq!(missing(&named(&|_| ())), None);
    let short = named(&|next| next.expires = Stated::exact(instant("2026-12-06")));
    assert!(missing(&short).is_some_and(|text| text.contains("does not last longer")), "{short:?}");
    let dead = named(&|next| next.status = Status::Revoked);
    assert!(missing(&dead).is_some_and(|text| text.contains("is not active")), "{dead:?}");
}

#[test]
fn of_many_starts_the_latest_end_that_is_valid_by_then_counts() {
    let key = |id: &str, start: &str, end: &str| {
        let mut key = good();
        (key.id, key.name) = (Some(id.to_owned()), Some(format!("invoices-prod-{id}")));
        (key.not_before, key.expires) = (Stated::exact(instant(start)), Stated::exact(instant(end)));
        key.fingerprints.clear();
        key
    };
    let keys = vec![
        key("a", "2026-11-01", "2026-11-30"),
        key("b", "2026-12-15", "2027-01-01"),
        key("c", "2026-11-20", "2026-11-29"),
    ];
    let inventory = Inventory::of(keys);
    let groups = group::Groups::new(&inventory, &options("seed"));
    let outlives = |id: &str, end: &str| {
        let number = inventory.keys.iter().position(|key| key.id.as_deref() == Some(id)).expect("there");
        groups.outlives(number, instant(end))
    };
    assert!(outlives("c", "2026-11-29"), "a lasts a day longer");
    assert!(!outlives("a", "2026-11-30"), "b begins two weeks later");
    assert!(outlives("a", "2026-12-15"), "b begins just then");
    assert!(!outlives("b", "2027-01-01"));
}

#[test]
fn a_replaced_key_that_lives_on_is_an_unfinished_rotation() {
    let overlap = |said: &[(String, String)]| {
        said.iter().find(|(rule, _)| rule == "overlap-too-long").map(|(_, message)| message.clone())
    };
    let linked = |created: &str| {
        two(|old, next| {
            (next.service, next.created) = (Some("other".to_owned()), Stated::exact(instant(created)));
            old.replaced_by = Some("k2".to_owned());
            old.expires = Stated::exact(instant("2027-01-15"));
        })
    };
    assert_eq!(overlap(&linked("2026-11-08")), None, "two weeks may pass");
    let late = overlap(&linked("2026-11-07")).expect("too long");
    assert!(late.contains("was replaced by 'invoices-prod-upload-2' 2026-11-07 and is still active"), "{late}");
    let stated = two(|old, next| {
        next.service = Some("other".to_owned());
        old.replaced_at = Stated::exact(instant("2026-11-01"));
        old.expires = Stated::exact(instant("2027-01-15"));
        old.last_used = Stated::exact(instant("2026-10-31"));
    });
    assert!(overlap(&stated).is_some_and(|text| text.contains("was replaced 2026-11-01")), "{stated:?}");
}
