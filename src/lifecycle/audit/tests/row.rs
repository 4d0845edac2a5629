//! What a row says by itself: ends, scopes, owners, names, transport, the age of its file.

use super::*;

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
fn s25_never_used_is_not_unknown() {
    let mut key = good();
    key.last_used = Stated::Never;
    key.created = Stated::exact(instant("2026-09-01"));
    assert_eq!(seed(key.clone()), ["lifetime-too-long", "never-used"]);
    key.last_used = Stated::Unknown;
    assert_eq!(seed(key), ["evidence-missing", "lifetime-too-long"]);
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
fn a_key_used_after_its_successor_took_over_is_an_incident() {
    for (used, late) in [("2026-11-10T00:05:00Z", false), ("2026-11-10T00:05:01Z", true)] {
        let mut key = good();
        key.replaced_at = Stated::exact(instant("2026-11-10"));
        key.last_used = Stated::exact(instant(used));
        let all = audit(Vec::new(), &Inventory::of(vec![key]), &options("seed")).findings;
        let told = all.iter().find(|one| one.rule.as_str() == "used-after-retirement");
        assert_eq!(told.map(|one| one.severity), late.then_some(Severity::Critical), "{used}");
        assert!(
            told.is_none_or(|one| one.message.contains("was replaced 2026-11-10 and was used 2026-11-10T00:05:01Z"))
        );
    }
}

#[test]
fn a_production_key_of_a_known_person_has_no_team() {
    let mut key = good();
    key.owner = Some("Sam".to_owned());
    let mut options = options("seed");
    assert_eq!(rules_of(key.clone(), &options), Vec::<String>::new());
    options.policy.people = Arc::new(["sam".to_owned()].into());
    assert_eq!(rules_of(key.clone(), &options), ["owner-missing"]);
    key.environment = Some("dev".to_owned());
    assert_eq!(rules_of(key, &options), Vec::<String>::new());
}

#[test]
fn a_value_is_at_least_as_old_as_the_commit_that_brought_it() {
    let mut key = good();
    (key.created, key.rotated) = (Stated::Unknown, Stated::Unknown);
    assert_eq!(seed(key.clone()), ["evidence-missing"]);
    key.first_seen = Stated::exact(instant("2026-04-01"));
    let all = audit(Vec::new(), &Inventory::of(vec![key.clone()]), &options("seed")).findings;
    let overdue = all.iter().find(|one| one.rule.as_str() == "rotation-overdue").expect("it is that old");
    assert!(overdue.message.contains("at least as old as the commit that brought it"), "{}", overdue.message);
    assert!(all.iter().any(|one| one.rule.as_str() == "evidence-missing"), "its creation is still unknown");
    key.rotated = Stated::exact(instant("2026-11-01"));
    assert!(!seed(key).contains(&"rotation-overdue".to_owned()), "what the row says counts first");
}

#[test]
fn one_key_listed_twice_in_one_use_is_a_duplicate() {
    let mut other = good();
    other.id = Some("k2".to_owned());
    other.name = Some("invoices-prod-again".to_owned());
    other.place.span = Span::new(1, 1);
    let all = audit(Vec::new(), &Inventory::of(vec![good(), other]), &options("seed")).findings;
    let rules: Vec<&str> = all.iter().map(|finding| finding.rule.as_str()).collect();
    assert_eq!(rules, ["duplicate-or-ambiguous", "overlap-too-long"]);
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

/// What the audit says of the row of an inventory beside a directory, as rules and texts.
fn beside(directory: &str, owner: &str) -> Vec<String> {
    let row = format!(
        "schema = 1\n[[key]]\nid = 'k'\nclass = 'acme-api-key'\nname = 'k-prod'\nowner = '{owner}'\nenvironment = 'prod'\n\
         service = 's'\ncreated = 2026-11-01\n"
    );
    let input = |path: &str, text: &str| Input { path: path.to_owned(), bytes: text.into(), written: None };
    let inventory =
        Inventory::read(vec![input("keys.toml", &row), input("people.json", directory)], &[]).expect("right");
    let all = audit(Vec::new(), &inventory, &options("seed")).findings;
    all.into_iter().filter(|one| one.rule.as_str() == "owner-missing").map(|one| one.message).collect()
}

#[test]
fn an_owner_who_has_left_is_no_owner() {
    let users = r#"[{"id":"1","status":"DEPROVISIONED","profile":{"login":"sam"}},{"id":"2","status":"ACTIVE","profile":{"login":"robin"}}]"#;
    let said = beside(users, "sam");
    assert!(said[0].contains("switched off according to okta-users"), "{said:?}");
    assert!(beside(users, "robin")[0].contains("belongs to one person"));
    assert_eq!(beside(users, "team-x"), Vec::<String>::new(), "a list of people says nothing of teams");
}

#[test]
fn a_list_of_teams_is_a_roster() {
    let teams = r#"[{"id":1,"node_id":"x","name":"Ops","slug":"ops","privacy":"closed"}]"#;
    assert_eq!(beside(teams, "@acme/ops"), Vec::<String>::new());
    assert!(beside(teams, "@acme/gone")[0].contains("not in the roster"));
}

#[test]
fn what_can_have_no_end_is_said_once_for_its_source() {
    let keys = (0..3).map(|number| {
        format!(
            r#"{{"UserName":"ci","AccessKeyId":"AKIA{number}{}","Status":"Active","CreateDate":"2026-11-10T08:00:00+00:00"}}"#,
            "X".repeat(15)
        )
    });
    let text = format!(r#"{{"AccessKeyMetadata":[{}]}}"#, keys.collect::<Vec<_>>().join(","));
    let input = Input { path: "keys.json".to_owned(), bytes: text.into(), written: None };
    let inventory = Inventory::read(vec![input], &[]).expect("right");
    let all = audit(Vec::new(), &inventory, &options("seed")).findings;
    let said: Vec<_> = all.iter().filter(|one| one.rule.as_str() == "no-expiry").collect();
    assert_eq!(said.len(), 1, "{all:?}");
    assert!(said[0].message.starts_with("3 keys of aws-access-keys have no end and can have none (AWS IAM User Guide"));
    assert_eq!(said[0].severity, Severity::Medium);
    assert!(!all.iter().any(|one| one.message.contains("never states expires")), "it is known, not unknown: {all:?}");
    let human = audit(Vec::new(), &inventory, &options("human")).findings;
    assert!(!human.iter().any(|one| one.rule.as_str() == "no-expiry"), "a profile that asks for no end");
}

#[test]
fn an_old_version_that_can_still_be_read_is_an_unfinished_rotation() {
    let text = r#"[{"createTime":"2026-10-01T00:00:00Z","name":"projects/1/secrets/db/versions/2","state":"ENABLED"},{"createTime":"2026-08-25T00:00:00Z","name":"projects/1/secrets/db/versions/1","state":"ENABLED"}]"#;
    let rules = |text: &str| -> Vec<(String, String)> {
        let input = Input { path: "versions.json".to_owned(), bytes: text.into(), written: None };
        let inventory = Inventory::read(vec![input], &[]).expect("right");
        let all = audit(Vec::new(), &inventory, &options("seed")).findings;
        all.into_iter().map(|one| (one.rule.to_string(), one.message)).collect()
    };
    let said = rules(text);
    let overlap: Vec<_> = said.iter().filter(|(rule, _)| rule == "overlap-too-long").collect();
    assert_eq!(overlap.len(), 1, "{said:?}");
    assert!(
        overlap[0].1.contains("'db, version 1' was replaced by 'db' 2026-10-01 and is still active"),
        "{overlap:?}"
    );
    assert!(!said.iter().any(|(rule, _)| rule == "poor-name"), "versions of one secret share no name: {said:?}");
    let disabled = text.replacen("versions/1\",\"state\":\"ENABLED", "versions/1\",\"state\":\"DISABLED", 1);
    assert!(!rules(&disabled).iter().any(|(rule, _)| rule == "overlap-too-long"));
}

#[test]
fn a_version_that_was_read_after_it_was_replaced_is_an_incident() {
    let text = |day: &str| {
        format!(
            r#"{{"Versions":[{{"VersionId":"1","VersionStages":["AWSPREVIOUS"],"LastAccessedDate":"{day}","CreatedDate":"2026-09-01T00:00:00+00:00"}},{{"VersionId":"2","VersionStages":["AWSCURRENT"],"CreatedDate":"2026-11-01T02:00:00+00:00"}}],"ARN":"arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf","Name":"db"}}"#
        )
    };
    let rules = |day: &str| -> Vec<String> {
        let input = Input { path: "versions.json".to_owned(), bytes: text(day).into(), written: None };
        let inventory = Inventory::read(vec![input], &[]).expect("right");
        let all = audit(Vec::new(), &inventory, &options("seed")).findings;
        all.into_iter().map(|one| one.rule.to_string()).collect()
    };
    assert!(rules("2026-11-20T00:00:00+00:00").contains(&"used-after-retirement".to_owned()));
    // The day of the rotation itself, and the day that the service may be late.
    for day in ["2026-11-01T00:00:00+00:00", "2026-11-02T00:00:00+00:00"] {
        assert!(!rules(day).contains(&"used-after-retirement".to_owned()), "{day}");
    }
    assert!(!rules("2026-11-20T00:00:00+00:00").contains(&"overlap-too-long".to_owned()), "kept is not active");
}
