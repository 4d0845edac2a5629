//! The forms once more, written in other ways: other quotes, more lines, comments, line ends of Windows, other frameworks.

use keyrot::finding::Role;

use super::{BASE64, PASS, USER, clear, half, shown};

/// One variant a line: number of the form, path, text. `{u}` and `{p}` are the halves, `{b}` is the pair in base64, `{b0}`
/// without its padding, `{bu}` and `{bp}` the halves in base64.
const ROWS: &str = include_str!("variants.jsonl");

fn fill(text: &str) -> String {
    let encode = |text: &str| data_encoding::BASE64.encode(text.as_bytes());
    text.replace("{bu}", &encode(USER))
        .replace("{bp}", &encode(PASS))
        .replace("{b0}", BASE64.trim_end_matches('='))
        .replace("{b}", BASE64)
        .replace("{u}", USER)
        .replace("{p}", PASS)
}

/// What is wrong with what is found in the text, if something is.
fn mistake(path: &str, template: &str) -> Option<String> {
    let text = fill(template);
    let found = shown(path, &text);
    let mail = |value: &str| value.replace("@acme-corp.io", "");
    let right = !found.is_empty() && found.iter().all(|one| mail(&clear(one)) == format!("{USER}:{PASS}"));
    let placed = template.contains("{b")
        || found.iter().all(|one| {
            half(one, Role::User, &text).map(mail).as_deref() == Some(USER)
                && half(one, Role::Pass, &text) == Some(PASS)
        });
    let found: Vec<String> = found.iter().map(|one| format!("{} {}", one.rule, clear(one))).collect();
    (!right || !placed).then(|| format!("{text:?}: {found:?}"))
}

#[test]
fn every_variant_gives_the_pair_with_both_halves_in_place() {
    let rows = ROWS.lines().map(|line| serde_json::from_str::<(u8, String, String)>(line).expect("a row"));
    let mistakes: Vec<String> = rows
        .filter_map(|(number, path, template)| {
            mistake(&path, &template).map(|mistake| format!("form {number} {path} {mistake}"))
        })
        .collect();
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
}
