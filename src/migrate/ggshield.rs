//! `.gitguardian.yaml`, version 1 (flat) and version 2 (under `secret`), with `-` or `_` in its names.

use super::node::{Node, Value};
use super::{Draft, Item, Which, Wish, glob, masked};

pub(super) fn read(root: &Node) -> Vec<Item> {
    let mut items = Vec::new();
    for (key, node) in root.entries() {
        match key.replace('_', "-").as_str() {
            "secret" => {
                for (key, node) in node.entries() {
                    setting(&key.replace('_', "-"), key, node, &mut items);
                }
            }
            "iac" | "sca" => items.push(Item::not(node.line, key, "keyrot looks for keys alone")),
            other => setting(other, key, node, &mut items),
        }
    }
    items
}

fn setting(name: &str, shown: &str, node: &Node, items: &mut Vec<Item>) {
    let line = node.line;
    match name {
        "version" | "verbose" | "debug" => {}
        "ignored-paths" | "paths-ignore" => {
            for (line, pattern) in node.texts() {
                let draft = Draft { paths: vec![glob::from_ignore(pattern)], ..Draft::default() };
                items.push(Item::new(line, format!("path {pattern}"), Wish::Ignore(draft)));
            }
        }
        "ignored-matches" | "matches-ignore" => node.items().iter().for_each(|one| items.push(secret(one))),
        "ignored-detectors" | "banlisted-detectors" => {
            for (line, detector) in node.texts() {
                items.push(Item::not(
                    line,
                    format!("detector {detector}"),
                    "its detectors have no equal: `exclude` under [rules] takes ids of `keyrot rules list`",
                ));
            }
        }
        // What is off is off in keyrot.
        "show-secrets" | "exit-zero" if node.text() != Some("true") => {}
        "show-secrets" => items.push(Item::not(line, shown, "keyrot shows values only with --show-secrets")),
        "exit-zero" => items.push(Item::not(line, shown, "give --exit-zero where it is wanted")),
        "ignore-known-secrets" | "with-incident-details" | "prereceive-remediation-message" | "source-uuid" => {
            items.push(Item::not(line, shown, "it belongs to GitGuardian's service"));
        }
        "instance"
        | "api-url"
        | "dashboard-url"
        | "allow-self-signed"
        | "insecure"
        | "max-commits-for-hook"
        | "all-policies" => {
            items.push(Item::new(line, shown, Wish::Same("keyrot asks no service and has no such limit")));
        }
        _ => items.push(Item::not(line, shown, "keyrot has no such setting")),
    }
}

/// The digest of a secret or, against the manual's advice, the secret itself; in version 1 also without a name.
fn secret(one: &Node) -> Item {
    let (name, value) = match &one.value {
        Value::Text(value) => (None, Some(value.as_str())),
        _ => (one.text_of("name").filter(|name| !name.is_empty()), one.text_of("match")),
    };
    let line = one.get("match").map_or(one.line, |node| node.line);
    let Some(value) = value else { return Item::not(line, "an ignored match", "it has no `match`") };
    let is_digest = value.len() == 64 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    let digest = if is_digest { value.to_ascii_lowercase() } else { super::sha256(value.as_bytes()) };
    let shown = if is_digest { format!("match {}…", &value[..12]) } else { format!("match {}", masked(value)) };
    let text = name.map_or_else(|| shown.clone(), |name| format!("{shown} ({name})"));
    let reason = name.map(str::to_owned);
    Item::new(line, text, Wish::Secrets { which: Which::Digest(digest), judged: None, reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(text: &str) -> Vec<Item> {
        read(&super::super::node::yaml(text).expect("it is right"))
    }

    #[test]
    fn both_versions_read_alike() {
        let digest = "ab".repeat(32);
        let new = items(&format!(
            "version: 2\nsecret:\n  ignored_paths: ['doc/*']\n  ignored-matches:\n    - name: old\n      match: {digest}\n"
        ));
        let old = items(&format!("paths-ignore: ['doc/*']\nmatches-ignore:\n  - name: old\n    match: {digest}\n"));
        let wishes = |items: &[Item]| items.iter().map(|item| item.wish.clone()).collect::<Vec<_>>();
        assert_eq!(wishes(&new), wishes(&old));
        assert!(matches!(&new[0].wish, Wish::Ignore(draft) if draft.paths == ["**/doc/*"]));
        let which = Which::Digest(digest);
        assert_eq!(new[1].wish, Wish::Secrets { which, judged: None, reason: Some("old".into()) });
    }

    #[test]
    fn a_value_in_clear_is_masked_and_hashed() {
        let items = items("matches-ignore:\n  - an-invented-test-value\n");
        assert_eq!(items[0].text, "match 'an********ue'");
        assert!(matches!(&items[0].wish, Wish::Secrets { which: Which::Digest(digest), .. } if digest.len() == 64));
    }
}
