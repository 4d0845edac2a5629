//! One invented project for each ecosystem, under `fixtures/pairs`: everything that is found there, with its place.

use std::fmt::Write as _;
use std::path::Path;

use keyrot::finding::{Finding, Role};

use super::scan;

/// Everything that is found, one finding a line: place, form, rule, severity, the columns of both halves, host.
const FOUND: &str = include_str!("projects.txt");

/// The place of a half: columns, after the line where that is not the finding's own.
fn place(finding: &Finding, role: Role) -> String {
    let own = finding.location.region.expect("a finding in a text has a region").start.line;
    let Some(half) = finding.related.iter().find(|related| related.role == role) else { return "-".to_owned() };
    let region = half.location.region.expect("halves have a region");
    let line = if region.start.line == own { String::new() } else { format!("{}:", region.start.line) };
    format!("{line}{}-{}", region.start.column, region.end.column)
}

fn row(path: &str, finding: &Finding) -> String {
    let region = finding.location.region.expect("a finding in a text has a region");
    let parts = [
        format!("{path}:{}", region.start.line),
        finding.context.form.unwrap_or("-").to_owned(),
        finding.rule.to_string(),
        finding.severity.to_string(),
        place(finding, Role::User),
        place(finding, Role::Pass),
        finding.context.host.clone().unwrap_or_else(|| "-".to_owned()),
    ];
    parts.join(" | ")
}

#[test]
fn every_project_gives_its_pairs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/pairs");
    let mut rows = String::new();
    for entry in walkdir::WalkDir::new(&root).sort_by_file_name() {
        let entry = entry.expect("the folder can be read");
        if !entry.file_type().is_file() {
            continue;
        }
        let path = entry.path().strip_prefix(&root).expect("it lies inside").to_str().expect("it is a text");
        let path = path.replace('\\', "/");
        let text = std::fs::read_to_string(entry.path()).expect("it can be read");
        for finding in scan(&path, &text) {
            writeln!(rows, "{}", row(&path, &finding)).expect("a text takes everything");
        }
    }
    assert_eq!(rows, FOUND, "the rows of projects.txt");
}

/// Tokens that are pairs themselves, or stand as the pass half behind a fixed user half: the provider's rule wins. No whole
/// token stands in this file.
#[test]
fn providers_pairs_win_over_the_generic_one() {
    let letters = "k9Xf2QmL7wTzR4vB8nYc3HdJ6sPgA5eUoWqE1iKxZrMt";
    let digits = "1739482065";
    let hexadecimal = "9f3c81d07be24a6650cfd8b1e79a032d";
    for (rule, path, text) in [
        ("telegram-bot-token", "bot.env", format!("BOT_TOKEN={digits}:AA{}\n", &letters[..33])),
        (
            "telegram-bot-token",
            "bot.sh",
            format!("curl https://api.telegram.org/bot{digits}:AA{}/getMe\n", &letters[..33]),
        ),
        (
            "github-app-installation-token",
            "a.sh",
            format!("git clone https://x-access-token:{}@github.com/a/b\n", ["ghs_", &letters[..36]].concat()),
        ),
        (
            "gitlab-pat",
            "a.sh",
            format!("git clone https://oauth2:{}@gitlab.com/a/b\n", ["glpat-", &letters[..20]].concat()),
        ),
        (
            "twilio-account-credentials",
            "sms.sh",
            format!("# twilio\ncurl -u AC{hexadecimal}:{} https://api.twilio.com/\n", reversed(hexadecimal)),
        ),
        (
            "google-fcm-server-key",
            "push.env",
            format!(
                "FCM_KEY=AAAA{}:APA91b{}\n",
                &letters[..7],
                [letters, letters, letters, letters].concat().split_at(134).0
            ),
        ),
        (
            "google-fcm-server-key",
            "push.sh",
            format!(
                "{} AAAA{}:APA91b{} https://fcm.googleapis.com/fcm/send\n",
                "curl -u",
                &letters[..7],
                [letters, letters, letters, letters].concat().split_at(134).0
            ),
        ),
        ("aws-bedrock-long-term-key", "bedrock.env", format!("BEDROCK_API_KEY={}\n", bedrock(letters))),
        (
            "aws-bedrock-long-term-key",
            "bedrock.sh",
            format!("curl -u aws:{} https://bedrock-runtime.us-east-1.amazonaws.com/\n", bedrock(letters)),
        ),
        (
            "atlassian-api-token",
            "jira.sh",
            format!("curl -u sam@acme-corp.io:{} https://acme-corp.atlassian.net/\n", atlassian(letters)),
        ),
        (
            "atlassian-api-token",
            "jira.py",
            format!("JIRA = JIRA(basic_auth=('sam@acme-corp.io', '{}'))\n", atlassian(letters)),
        ),
    ] {
        let found: Vec<String> = super::shown(path, &text).iter().map(|one| one.rule.to_string()).collect();
        assert_eq!(found, [rule], "{text}");
    }
}

/// `BedrockAPIKey-xxxx-at-<account>:<secret>` in base64 behind its mark.
fn bedrock(letters: &str) -> String {
    let inner = format!("BedrockAPIKey-k9x2-at-739482065173:{}", [letters, letters].concat().split_at(60).0);
    ["ABSK", &data_encoding::BASE64.encode(inner.as_bytes())].concat()
}

fn atlassian(letters: &str) -> String {
    ["ATA", "TT3xFfGF0", letters, letters, "=5E1A93C7"].concat()
}

fn reversed(text: &str) -> String {
    text.chars().rev().collect()
}
