//! The own format, and the layers that are merged into one row.

use super::*;

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

#[test]
fn observations_of_two_repositories_do_not_contradict_each_other() {
    let file = |path: &str, day: &str| Input {
        path: path.to_owned(),
        bytes: format!("schema = 1\nsource = 'overlay'\n[[key]]\nid = 'a'\nfirst_seen = {day}\n").into_bytes(),
        written: None,
    };
    let inventory =
        Inventory::read(vec![file("a.toml", "2026-09-01"), file("b.toml", "2026-03-01")], &[]).expect("right");
    assert_eq!((inventory.keys[0].first_seen.time(), inventory.issues.len()), (Some(instant("2026-03-01")), 0));
}
