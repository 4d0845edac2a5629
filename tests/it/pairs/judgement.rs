//! What a pair is worth: host, provider, transport, prints.

use keyrot::finding::{Confidence, Severity};

use super::{BASE64, PASS, USER, clear, scan, shown};

fn one(path: &str, text: &str) -> keyrot::finding::Finding {
    let found = shown(path, text);
    assert_eq!(found.len(), 1, "{text}: {found:#?}");
    found.into_iter().next().expect("there is one")
}

#[test]
fn alphamoon_keys_are_known_by_their_host() {
    for text in [
        format!("curl -u {USER}:{PASS} https://workspace.alphamoon.ai/api/v0.3/processes\n"),
        format!("curl -H 'Authorization: Basic {BASE64}' https://workspace.alphamoon.ai/api/v0.3/processes\n"),
        format!("GET https://eu.alphamoon.ai/api\nAuthorization: Basic {BASE64}\n"),
    ] {
        let found = one("run.sh", &text);
        assert_eq!((found.rule.as_str(), found.confidence), ("alphamoon-api-key", Confidence::High), "{text}");
    }
}

#[test]
fn alphamoon_keys_are_known_by_the_name_beside_them() {
    for text in [
        format!("ALPHAMOON_API_KEY={USER}:{PASS}\n"),
        format!("# Alphamoon\nUSER={USER}\nPASS={PASS}\n"),
        format!("alphamoon:\n  user: {USER}\n  pass: {PASS}\n"),
        format!("The Alphamoon key is {USER}:{PASS}.\n"),
    ] {
        let found = one("prod.env", &text);
        assert_eq!((found.rule.as_str(), found.confidence), ("alphamoon-api-key", Confidence::Medium), "{text}");
    }
    let other = format!("curl -u {USER}:{PASS} https://notalphamoon.ai.acme-corp.io/\n{}", "\n".repeat(9));
    assert_eq!(one("run.sh", &other.replace("notalphamoon", "lunar")).rule.as_str(), "user-pass-pair");
}

#[test]
fn half_a_pair_is_less_severe() {
    for text in [
        format!("url = redis://:{PASS}@cache.acme-corp.io\n"),
        format!("curl -u :{PASS} https://api.acme-corp.io\n"),
        format!("curl -u {PASS}: https://api.acme-corp.io\n"),
        format!("sshpass -p {PASS} ssh host\n"),
        format!("redis-cli -a {PASS}\n"),
    ] {
        let found = one("run.sh", &text);
        assert_eq!((found.rule.as_str(), found.severity), ("half-pair", Severity::Medium), "{text}");
        assert_eq!(clear(&found), PASS);
    }
}

#[test]
fn braces_hold_the_separator_of_a_connection_string() {
    let braced = "Xk9}mQ2;vL7p&R4wZ8q";
    let text = format!("DSN=Production;Uid={USER};Pwd={{{}}};Encrypt=yes\n", braced.replace('}', "}}"));
    let found = one("app.ini", &text);
    assert_eq!(found.rule.as_str(), "user-pass-pair");
    assert_eq!(clear(&found), format!("{USER}:{braced}"));
}

#[test]
fn hosts_lower_the_severity_and_drop_nothing() {
    for (host, severity) in [
        ("db.acme-corp.io", Severity::High),
        ("localhost:5432", Severity::Low),
        ("db.example.com", Severity::Low),
        ("10.1.2.3", Severity::Medium),
    ] {
        assert_eq!(one("app.conf", &format!("postgres://{USER}:{PASS}@{host}/app\n")).severity, severity, "{host}");
    }
}

#[test]
fn the_first_colon_and_the_last_at_sign_count() {
    let found = one("app.conf", &format!("https://{USER}:{PASS}@x:y@api.acme-corp.io/\n"));
    assert_eq!(clear(&found), format!("{USER}:{PASS}@x:y"));
}

#[test]
fn encodings_are_undone_before_fingerprinting() {
    let plain = one("a.sh", &format!("curl -u 'ci@acme:{PASS}' https://api.acme-corp.io\n"));
    let print = |one: &keyrot::finding::Finding| one.secret.as_ref().expect("it has one").fingerprint.clone();
    for (path, text) in [
        ("a.conf", format!("https://ci%40acme:{PASS}@api.acme-corp.io\n")),
        ("a.json", format!("{{\"username\": \"ci\\u0040acme\", \"password\": \"{PASS}\"}}")),
        ("a.html", format!("https://ci&commat;acme&#58;{PASS}@api.acme-corp.io\n")),
        (
            "a.txt",
            format!("Authorization: Basic {}\n", data_encoding::BASE64.encode(format!("ci@acme:{PASS}").as_bytes())),
        ),
    ] {
        assert_eq!(print(&one(path, &text)), print(&plain), "{text}");
    }
}

#[test]
fn a_pass_half_alone_has_the_print_of_the_pairs_pass() {
    let pair = one("a.sh", &format!("curl -u {USER}:{PASS} https://api.acme-corp.io\n"));
    let half = one("a.sh", &format!("curl -u :{PASS} https://api.acme-corp.io\n"));
    let pass = |one: &keyrot::finding::Finding| one.secret.as_ref().expect("it has one").pass.clone();
    assert!(pass(&pair).is_some());
    assert_eq!(pass(&pair), pass(&half));
}

#[test]
fn clear_text_and_unchecked_certificates_are_findings() {
    let rules = |text: &str| -> Vec<String> {
        scan("a.sh", text).iter().filter(|one| one.secret.is_none()).map(|one| one.rule.to_string()).collect()
    };
    assert_eq!(rules(&format!("curl -u {USER}:{PASS} http://api.acme-corp.io\n")), ["cleartext-transport"]);
    assert_eq!(rules(&format!("curl -k -u {USER}:{PASS} https://api.acme-corp.io\n")), ["tls-check-off"]);
    assert_eq!(
        rules(&format!("wget --no-check-certificate --user={USER} --password={PASS} https://a.io\n")),
        ["tls-check-off"]
    );
    assert_eq!(
        rules(&format!("requests.get('https://a.io', auth=('{USER}', '{PASS}'), verify=False)\n")),
        ["tls-check-off"]
    );
    assert!(rules(&format!("curl -u {USER}:{PASS} http://localhost:8080\n")).is_empty());
    assert!(rules(&format!("curl -u {USER}:{PASS} https://api.acme-corp.io\n")).is_empty());
}

#[test]
fn a_field_of_a_form_ends_before_the_next_one() {
    for text in [
        format!("curl -d \"username={USER}&password={PASS}&X-Csrf=abcdef\" https://a.io\n"),
        format!("body = 'username={USER}&amp;password={PASS}&amp;grant_type=password'\n"),
    ] {
        let found = one("a.rst", &text);
        let secret = found.secret.expect("a pair");
        assert_eq!(secret.length, USER.len() + 1 + PASS.len(), "{text}");
    }
}

/// The check belongs to one call: pairs in the calls before and after it are not accused.
#[test]
fn a_switch_accuses_its_own_call_alone() {
    let text = format!(
        "requests.get('https://a.io', auth=('{USER}', '{PASS}'))\n\
         requests.get('http://b.acme-corp.io', auth=('legacy', '{PASS}'), verify=False)\n\
         DSN = 'postgres://{USER}:{PASS}@db.acme-corp.io/app'\n"
    );
    let found = scan("client.py", &text);
    let wrong: Vec<(String, u32)> = found
        .iter()
        .filter(|one| one.secret.is_none())
        .map(|one| (one.rule.to_string(), one.location.region.expect("it has a place").start.line))
        .collect();
    assert_eq!(wrong, [("cleartext-transport".to_owned(), 2), ("tls-check-off".to_owned(), 2)]);
}

#[test]
fn a_weak_pass_counts_where_a_tool_keeps_its_logins() {
    for (path, text) in [
        ("home/.netrc", "machine imap.acme-corp.io login sam password pass123\n"),
        ("project/sftp-config.json", "{\"host\": \"acme-corp.io\", \"user\": \"root\", \"password\": \"hunter22\"}"),
        ("home/.msmtprc", "account default\nhost smtp.acme-corp.io\nuser sam\npassword \"summer2019\"\n"),
        ("home/sitemanager.xml", "<Server><User>root</User><Pass encoding=\"base64\">cGFzczEyMw==</Pass></Server>"),
        ("www/wp-config.php", "define( 'DB_USER', 'shop' );\ndefine( 'DB_PASSWORD', 'shop123' );\n"),
    ] {
        let found = one(path, text);
        assert_eq!((found.rule.as_str(), found.confidence), ("user-pass-pair", Confidence::Medium), "{text}");
    }
    assert!(shown("docs/.netrc", "machine h.acme-corp.io login sam password pass123\n").is_empty());
    let known = scan("home/.pgpass", "db.acme-corp.io:5432:app:root:password\n");
    assert_eq!((known[0].severity, known[0].confidence), (Severity::Info, Confidence::Medium));
}

#[test]
fn letters_that_are_no_word_are_a_pass_where_passes_stand() {
    let letters = "ywvhdfdv";
    for text in [
        format!("curl -u occsdemo:{letters} https://a.acme-corp.io\n"),
        format!("postgres://postgres:{letters}@db.acme-corp.io/x\n"),
    ] {
        assert_eq!(one("docs/a.md", &text).confidence, Confidence::Medium, "{text}");
    }
}

#[test]
fn known_pairs_are_notes() {
    for text in [
        "https://user:pass@db.acme-corp.io",
        "postgres://postgres:postgres@db.acme-corp.io",
        "curl -u admin:admin https://a.io",
    ] {
        assert!(
            scan("a.sh", text).iter().filter(|one| one.secret.is_some()).all(|one| one.severity == Severity::Info),
            "{text}"
        );
    }
}

#[test]
fn placeholder_words_inside_a_real_pass_do_not_hide_it() {
    for pass in ["xK9vQ2mLr8Tz", "testK9vQ2mLr8Tz", "tokenaQ8fk2Lm9"] {
        assert_eq!(
            clear(&one("a.sh", &format!("curl -u svc:{pass} https://api.acme-corp.io\n"))),
            format!("svc:{pass}")
        );
    }
}

#[test]
fn no_half_of_a_pair_is_shown() {
    for found in scan("a.sh", &format!("curl -u {USER}:{PASS} https://api.acme-corp.io # {USER} {PASS}\n")) {
        let snippet = found.location.snippet.as_ref().expect("it has a line");
        let shown = format!("{} {}", found.message, snippet.text.split('#').next().expect("a first part"));
        assert!(!shown.contains(USER) && !shown.contains(PASS), "{shown}");
    }
}

#[test]
fn one_long_line_of_hits_is_read_in_bounded_stretches() {
    let text = "x=https://a@b curl -k \"$X\" password=$c username: auth=( machine x Basic y ".repeat(20_000);
    assert!(scan("a.sh", &text).is_empty());
}

#[test]
fn the_value_of_an_example_is_less_severe() {
    let header = format!("Basic {BASE64}");
    for (path, text, severity) in [
        ("openapi.yaml", format!("schema:\n  example: \"{header}\"\n"), Severity::Medium),
        ("openapi.json", format!("{{\"schema\": {{\"example\": \"{header}\"}}}}"), Severity::Medium),
        ("asyncapi.yaml", format!("examples:\n  basic:\n    value: \"{header}\"\n"), Severity::Medium),
        ("app.yaml", format!("example: none\nheader: \"{header}\"\n"), Severity::High),
        ("app.yaml", format!("counterexample: \"{header}\"\n"), Severity::High),
        ("app.yaml", format!("see the example\nheader: \"{header}\"\n"), Severity::High),
    ] {
        assert_eq!(one(path, &text).severity, severity, "{text}");
    }
}
