//! What a key and its place say without any row.

use super::*;

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

#[test]
fn s17_a_known_person_s_login_is_told_by_its_shape_alone() {
    let mut finding = found(&key());
    finding.evidence.identifiers.push(("login-shape", "a known person".to_owned()));
    let all = audit(vec![finding], &Inventory::default(), &Options::new(now())).findings;
    assert_eq!(verdicts(&all[0]), ["human-login-as-key"]);
    assert!(all[0].verdicts[0].text.contains("the login of a known person"), "{:?}", all[0].verdicts);
}

#[test]
fn a_key_file_that_everybody_may_read_stands_in_an_unsafe_place() {
    let mut finding = found(&key());
    finding.context.world_readable = true;
    let all = audit(vec![finding], &Inventory::default(), &Options::new(now())).findings;
    assert_eq!(verdicts(&all[0]), ["unsafe-place"]);
    assert!(all[0].verdicts[0].text.contains("every account of the machine"), "{:?}", all[0].verdicts);
}

#[test]
fn a_token_in_a_query_is_a_credential_in_a_url() {
    for (before, source, inside) in [
        ("curl 'https://api.acme-corp.io/x?private_token=", None, true),
        ("GET https://api.acme-corp.io/x?a=b&key=", None, true),
        ("https://acme-corp.io/blob?sv=1&sig=", Some("sas"), false),
        ("see https://acme-corp.io/x?a=b token=", None, false),
        ("https://api.acme-corp.io/token/", None, false),
        ("token=", None, false),
    ] {
        let mut finding = found(&key());
        finding.evidence.source = source;
        let highlight = Span::new(before.len(), before.len() + 8);
        let snippet =
            crate::finding::Snippet { text: format!("{before}********"), highlight, line_hash: String::new() };
        finding.location.snippet = Some(snippet);
        let all = audit(vec![finding], &Inventory::default(), &Options::new(now())).findings;
        assert_eq!(verdicts(&all[0]).contains(&"credential-in-url"), inside, "{before}");
    }
}
