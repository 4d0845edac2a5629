//! `.talismanrc`: files whose content was approved, patterns that are allowed, patterns to look for.

use super::node::Node;
use super::{Item, RuleDraft, Which, Wish, glob, masked};

pub(super) fn read(root: &Node) -> Vec<Item> {
    let mut items = Vec::new();
    for (key, node) in root.entries() {
        match key {
            "fileignoreconfig" => node.items().iter().for_each(|file| approved(file, &mut items)),
            "allowed_patterns" => items.extend(node.texts().map(|(line, one)| allowed(line, "", one))),
            "custom_patterns" => items.extend(node.texts().map(|(line, pattern)| {
                let name = format!("talisman pattern {}", fingerprint(pattern));
                let draft = RuleDraft { name, pattern: pattern.to_owned(), keywords: Vec::new() };
                Item::new(line, format!("custom pattern {}", masked(pattern)), Wish::Rule(draft))
            })),
            "scopeconfig" => {
                for scope in node.items() {
                    let name = scope.text_of("scope").unwrap_or("scope");
                    items.push(Item::not(
                        scope.line,
                        format!("scope {name}"),
                        "keyrot reads all files: its rules pass over the hashes of lock files",
                    ));
                }
            }
            "threshold" => {
                let level = node.text().unwrap_or_default();
                let text = format!("threshold {level}");
                items.push(Item::not(node.line, text, "severities differ: `fail-on` under [thresholds] is keyrot's"));
            }
            "version" => {}
            _ => items.push(Item::not(node.line, key, "keyrot has no such setting")),
        }
    }
    items
}

/// A file is passed over while its content is what was approved. keyrot knows its secrets from here on instead: a new one shows.
fn approved(file: &Node, items: &mut Vec<Item>) {
    let Some(name) = file.text_of("filename") else {
        items.push(Item::not(file.line, "a file", "it has no `filename`"));
        return;
    };
    let allowed_here = file.get("allowed_patterns").map(|node| node.texts().collect::<Vec<_>>()).unwrap_or_default();
    items.extend(allowed_here.iter().map(|(line, one)| allowed(*line, &format!(" in {name}"), one)));
    let detectors: Vec<&str> =
        file.get("ignore_detectors").iter().flat_map(|node| node.texts()).map(|(_, detector)| detector).collect();
    let checksum = file.text_of("checksum").filter(|checksum| !checksum.is_empty()).map(str::to_ascii_lowercase);
    let text = format!("file {name}");
    if checksum.is_none() && !detectors.is_empty() && !detectors.contains(&"filecontent") {
        items.push(Item::new(file.line, text, Wish::Same("keyrot judges no file by its name or size")));
    } else if checksum.is_some() || !detectors.is_empty() {
        let glob = glob::from_ignore(&format!("/{}", name.trim_start_matches('/')));
        let which = Which::File { glob, checksum };
        items.push(Item::new(file.line, text, Wish::Secrets { which, judged: None, reason: None }));
    }
}

fn allowed(line: usize, place: &str, pattern: &str) -> Item {
    let which = Which::LinesLike(pattern.to_owned());
    let text = format!("allowed pattern {}{place}", masked(pattern));
    Item::new(line, text, Wish::Secrets { which, judged: None, reason: None })
}

/// A name for what has none.
fn fingerprint(pattern: &str) -> String {
    super::sha256(pattern.as_bytes())[..8].to_owned()
}

/// talisman's digest of an approved file, `sha256(sha256("") sha256(content) sha256(name))` over hexadecimal digits.
pub(super) fn checksum(name: &str, content: &[u8]) -> String {
    let parts = [super::sha256(b""), super::sha256(content), super::sha256(name.as_bytes())];
    super::sha256(parts.concat().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn approved_files_patterns_and_scopes() {
        let text = "fileignoreconfig:\n- filename: a/b.pem\n  checksum: 5E884898\n  ignore_detectors: []\n- filename: c.txt\n  ignore_detectors: [filesize]\n- filename: d.txt\n  allowed_patterns: [key]\nscopeconfig:\n- scope: node\ncustom_patterns:\n- 'tok[0-9]+'\nthreshold: medium\nversion: '1.0'\n";
        let items = read(&super::super::node::yaml(text).expect("it is right"));
        let which = Which::File { glob: "a/b.pem".into(), checksum: Some("5e884898".into()) };
        assert_eq!(items[0].wish, Wish::Secrets { which, judged: None, reason: None });
        assert!(matches!(&items[1].wish, Wish::Same(_)));
        let which = Which::LinesLike("key".into());
        assert_eq!(items[2].wish, Wish::Secrets { which, judged: None, reason: None });
        assert!(matches!(&items[3].wish, Wish::Not(_)));
        assert!(matches!(&items[4].wish, Wish::Rule(rule) if rule.pattern == "tok[0-9]+"));
        assert_eq!(items.len(), 6);
    }
}
