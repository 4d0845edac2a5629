//! Kinds of files that tools write, and ciphertext that they write into them.

use keyrot::finding::{Finding, Origin};
use keyrot::rule::RuleSet;
use keyrot::scan::{Engine, Limits, Options, Worker};
use keyrot::secret::{FingerprintKey, KeyKind};

use super::reach::{self, gzip, tar, zip};
use super::sandbox::{Sandbox, github_token, github_tokens};

fn clear(finding: &Finding) -> &str {
    finding.secret.as_ref().unwrap().clear.as_ref().unwrap().as_str()
}

/// The layers of the one finding, after checking that it is the token.
fn layers(path: &str, text: &str) -> String {
    let outcome = reach::scan(path, text.as_bytes(), Limits::default());
    let values: Vec<&str> = outcome.findings.iter().map(clear).collect();
    assert_eq!(values, [github_token()], "{path}: {:?}", outcome.skipped);
    outcome.findings[0].context.layers.join(" ")
}

fn notebook(source: &str, output: &str) -> String {
    let picture = data_encoding::BASE64.encode(&gzip(&[7; 3000]));
    format!(
        r#"{{"cells": [{{"cell_type": "code", "source": ["import os\n", "{source}\n"], "outputs": [
            {{"output_type": "display_data", "data": {{"image/png": "{picture}", "text/html": ["<b>{output}</b>"]}}}}]}}],
            "nbformat": 4}}"#
    )
}

#[test]
fn keys_in_files_of_many_tools_are_found() {
    let token = github_token();
    let line = format!("token={token} of the build");
    let base64 = data_encoding::BASE64.encode(line.as_bytes());
    let hex = data_encoding::HEXUPPER.encode(line.as_bytes());
    let code = "var a=1,b=function(){return a};".repeat(70_000);
    let header = format!(r#"{{"name": "Authorization", "value": "token {token}"}}"#);
    let cases = [
        ("a.ipynb", notebook(&format!("key = \\\"{token}\\\""), "done"), ""),
        ("b.ipynb", notebook("print(key)", &token), ""),
        ("a.har", format!(r#"{{"log": {{"entries": [{{"request": {{"headers": [{header}]}}}}]}}}}"#), ""),
        ("b.har", format!(r#"{{"response": {{"content": {{"encoding": "base64", "text": "{base64}"}}}}}}"#), "base64"),
        (
            "postman.json",
            format!(r#"{{"auth": {{"type": "bearer", "bearer": [{{"key": "token", "value": "{token}"}}]}}}}"#),
            "",
        ),
        ("a.jsonl", format!("{{\"at\": 1}}\n{{\"body\": \"{{\\\"token\\\":\\\"{token}\\\"}}\"}}\n"), ""),
        ("a.csv", format!("name,value\nci,\"{token}\"\n"), ""),
        ("a.log", format!("2026-01-02T03:04:05Z INFO header: Authorization: Bearer {token}\n"), ""),
        ("a.sql", format!("INSERT INTO t VALUES (1,'{token}','x');\n"), ""),
        ("b.sql", format!("COPY t (a, b) FROM stdin;\n1\t{token}\n\\.\n"), ""),
        // As mysqldump --hex-blob and pg_dump --inserts write what is no text to them.
        ("c.sql", format!("INSERT INTO `t` VALUES (1,0x{hex});\n"), "hex"),
        ("d.sql", format!("INSERT INTO t VALUES (1,'\\x{}');\n", hex.to_lowercase()), "hex"),
        ("a.min.js", format!("{code}k=\"{token}\";{code}"), ""),
        (
            "a.eml",
            format!("Content-Transfer-Encoding: quoted-printable\n\n{}=\n{}\n", &token[..9], &token[9..]),
            "quoted-printable",
        ),
        ("a.properties", format!("token = {}\\\n        {}\n", &token[..12], &token[12..]), "escape"),
        (
            "chart.yaml",
            format!(
                "release: {}\n",
                data_encoding::BASE64.encode(&gzip(&tar(&[("a.bin", &[0, 1, 2]), ("b.env", line.as_bytes())])))
            ),
            "base64 gzip tar",
        ),
        ("pieces.json", format!("[\n \"{}\",\n \"{}\"\n]\n", &base64[..40], &base64[40..]), "base64"),
    ];
    for (path, text, expected) in cases {
        assert_eq!(layers(path, &text), expected, "{path}");
    }
}

/// As sqlite3 writes it with `PRAGMA encoding = "UTF-16le"`.
#[test]
fn databases_in_utf16_and_their_views_are_read() {
    let mut database = include_bytes!("../../fixtures/reach/wide.db").to_vec();
    let tokens = github_tokens(2);
    for (mark, token) in [b'@', b'#'].into_iter().zip(&tokens) {
        let wide = |text: &[u8]| text.iter().flat_map(|byte| [*byte, 0]).collect::<Vec<u8>>();
        let place = database.windows(80).position(|part| part == wide(&[mark; 40])).unwrap();
        database[place..place + 80].copy_from_slice(&wide(token.as_bytes()));
    }
    let outcome = reach::scan("wide.db", &database, Limits::default());
    let mut found: Vec<_> = outcome.findings.iter().map(|one| (one.location.label(), clear(one).to_owned())).collect();
    found.sort();
    let expected = ["wide.db!/settings:1:26", "wide.db!/sqlite_schema:1:33"].map(str::to_owned);
    assert_eq!(found, expected.into_iter().zip(tokens).collect::<Vec<_>>());
}

/// Bytes that look random, always the same.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_u32;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_be_bytes()[1]
    };
    (0..count).map(|_| next()).collect()
}

#[test]
fn ciphertext_of_every_tool_is_no_finding_under_any_rule() {
    let (base64, hex) =
        (|count| data_encoding::BASE64.encode(&noise(count)), |count| data_encoding::HEXLOWER.encode(&noise(count)));
    let wrapped = |text: String, width: usize| {
        text.as_bytes()
            .chunks(width)
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect::<Vec<_>>()
            .join("\n")
    };
    let value =
        |kind: &str| format!("ENC[AES256_GCM,data:{},iv:{},tag:{},type:{kind}]", base64(21), base64(32), base64(16));
    let files = [
        ("secrets/prod.yaml", format!("db:\n    password: {}\n    api_key: {}\nsops:\n    lastmodified: \"2026-03-01T10:00:00Z\"\n    mac: {}\n    version: 3.9.0\n", value("str"), value("str"), value("str"))),
        ("secrets/prod.env", format!("DB_PASSWORD={}\nsops_version=3.9.0\nsops_mac={}\n", value("str"), value("str"))),
        ("sealed.yaml", format!("apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  name: db\nspec:\n  encryptedData:\n    password: Ag{}\n    api-key: Ag{}\n", &base64(600)[2..], &base64(700)[2..])),
        ("group_vars/all.yml", format!("db_password: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  {}\nport: 1\n", wrapped(hex(400), 80).replace('\n', "\n  "))),
        ("group_vars/vault.yml", format!("$ANSIBLE_VAULT;1.1;AES256\n{}\n", wrapped(hex(400), 80))),
        ("key.age", format!("-----BEGIN AGE ENCRYPTED FILE-----\n{}\n-----END AGE ENCRYPTED FILE-----\n", wrapped(base64(300), 64))),
        ("credentials.xml", format!("<c><username>ci</username><password>{{AQAAABAAAAAQ{}}}</password><apiToken>{{AQAAABAAAAAw{}}}</apiToken></c>", base64(33), base64(65))),
        ("settings.xml", format!("<server><id>nexus</id><username>deploy</username><password>{{{}}}</password></server>", base64(48))),
        ("settings-security.xml", format!("<settingsSecurity><master>{{{}}}</master></settingsSecurity>", base64(48))),
        ("app.yaml", "password: '@Microsoft.KeyVault(SecretUri=https://shop.vault.azure.net/secrets/db/9f3c81d07be24a6650cfd8b1e79a032d)'\napi_key: op://shop/db/password\ntoken: vault:secret/data/shop#token\nsecret: arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-x9Tz4h\n".to_owned()),
    ];
    let set = RuleSet::builtin();
    let engine = Engine::new(&set);
    let fingerprint = FingerprintKey::new(KeyKind::Run, b"test");
    let options = Options { fingerprint, show_secrets: false, limits: Limits::default() };
    for (path, text) in files {
        let mut worker = Worker::new(&engine, &options);
        worker.scan(&Origin::File { path: path.to_owned() }, text.as_bytes());
        let found: Vec<String> = worker.finish().findings.iter().map(|one| one.message.clone()).collect();
        assert!(found.is_empty(), "{path}: {found:?}\n{text}");
    }
}

#[test]
fn a_file_over_the_limit_of_size_and_a_cut_line_are_said() {
    let sandbox = Sandbox::new();
    let token = github_token();
    sandbox.write("large.env", format!("TOKEN={token}\n{}", "# filler\n".repeat(200)));
    sandbox.write("long.env", format!("A={} TOKEN={token} {}\n", "x ".repeat(100), "y ".repeat(100)));
    let done = sandbox.keyrot("scan . --format json --max-file-size 1000 --max-line 60");
    let report: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    let skipped = report["skipped"].as_array().unwrap();
    assert_eq!(skipped.len(), 1, "{skipped:?}");
    assert_eq!(
        (&skipped[0]["path"], &skipped[0]["detail"]),
        (&"large.env".into(), &"over a limit: max-file-size is 1000 bytes".into())
    );
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1);
    let line = findings[0]["location"]["line"].as_str().unwrap();
    assert!(line.chars().count() <= 62 && line.contains("TOKEN="), "{line}");
    assert_eq!(sandbox.keyrot("scan . --max-file-size 1000 --fail-on-skipped").code, 2);
}

#[test]
fn containers_and_encodings_inside_of_git_are_read() {
    let sandbox = Sandbox::new();
    let line = format!("token={}\n", github_token());
    let jar = zip(&[("b.jar", &zip(&[("c.properties", line.as_bytes())]))]);
    let wide: Vec<u8> = line.encode_utf16().flat_map(u16::to_le_bytes).collect();
    sandbox.git(&["init", "-q"]);
    sandbox.write("a.zip", &jar);
    sandbox.git(&["add", "-A"]);
    assert!(sandbox.keyrot("scan --staged").stdout.contains("a.zip!/b.jar!/c.properties:1:7"));
    sandbox.git(&["commit", "-qm", "add"]);
    sandbox.git(&["rm", "-q", "a.zip"]);
    sandbox.write("b.reg", &wide);
    sandbox.git(&["add", "-A"]);
    sandbox.git(&["commit", "-qm", "change"]);
    assert!(sandbox.keyrot("scan --diff HEAD~1").stdout.contains("b.reg:1:7"));
    let found = sandbox.keyrot("scan --history").stdout;
    assert!(found.contains("a.zip!/b.jar!/c.properties:1:7"), "{found}");
}
