//! `.secrets.baseline` of detect-secrets: digests of secrets by file, labels of an audit, filters and exclusions.

use super::node::Node;
use super::{Draft, Item, Which, Wish, masked};

pub(super) fn read(root: &Node) -> Vec<Item> {
    let mut items = Vec::new();
    for (key, node) in root.entries() {
        match key {
            "results" => results(node, &mut items),
            "filters_used" => node.items().iter().for_each(|filter| filters(filter, &mut items)),
            "exclude" => exclude(node, &mut items),
            "plugins_used" => {
                let own = node.items().iter().filter_map(|plugin| plugin.text_of("path"));
                for path in own {
                    let text = format!("plugin {path}");
                    items.push(Item::not(node.line, text, "a plugin is a program: write its pattern as a rule"));
                }
                let text = format!("{} plugins and their limits", node.items().len());
                items.push(Item::new(node.line, text, Wish::Same("keyrot's rules have limits of their own")));
            }
            "version" | "generated_at" => {}
            "custom_plugin_paths" if node.items().is_empty() => {}
            "word_list" if node.text_of("file").is_none() => {}
            _ => items.push(Item::not(node.line, key, "keyrot has no such setting")),
        }
    }
    items
}

fn results(node: &Node, items: &mut Vec<Item>) {
    for (path, found) in node.entries() {
        for one in found.items() {
            let kind = one.text_of("type").unwrap_or("secret");
            let line = one.text_of("line_number").map(|line| format!(":{line}")).unwrap_or_default();
            let text = format!("{kind} in {path}{line}");
            let judged = one.text_of("is_secret").map(|label| label.eq_ignore_ascii_case("true"));
            let place = one.get("hashed_secret").map_or(one.line, |digest| digest.line);
            items.push(match one.text_of("hashed_secret") {
                Some(digest) => {
                    let which = Which::Digest(digest.to_ascii_lowercase());
                    Item::new(place, text, Wish::Secrets { which, judged, reason: None })
                }
                None => Item::not(place, text, "it has no `hashed_secret`"),
            });
        }
    }
}

/// Version 1 of the baseline.
fn filters(filter: &Node, items: &mut Vec<Item>) {
    let path = filter.text_of("path").unwrap_or_default();
    let name = path.rsplit('.').next().unwrap_or(path);
    let patterns = filter.get("pattern").map(|node| node.texts().collect::<Vec<_>>()).unwrap_or_default();
    let line = filter.line;
    match name {
        "should_exclude_file" => patterns.iter().for_each(|(line, one)| items.push(file(*line, one))),
        "should_exclude_line" => patterns.iter().for_each(|(line, one)| items.push(lines(*line, one))),
        "should_exclude_secret" => patterns.iter().for_each(|(line, one)| items.push(secret(*line, one))),
        "is_line_allowlisted" => {
            items.push(Item::new(line, "comments that allow a line", Wish::Honour("detect-secrets")));
        }
        "is_baseline_file" => {}
        "is_ignored_due_to_verification_policies" => {
            items.push(Item::new(line, name, Wish::Same("keyrot asks no provider")));
        }
        _ if path.starts_with("detect_secrets.filters.heuristic.")
            || path.starts_with("detect_secrets.filters.gibberish.") =>
        {
            items.push(Item::new(line, name, Wish::Same("keyrot judges values itself")));
        }
        _ => items.push(Item::not(line, format!("filter {path}"), "keyrot has no such filter")),
    }
}

/// Version 0 of the baseline.
fn exclude(node: &Node, items: &mut Vec<Item>) {
    for (key, value) in node.entries() {
        for (line, pattern) in value.texts() {
            items.push(match key {
                "files" => file(line, pattern),
                "lines" => lines(line, pattern),
                _ => Item::not(line, format!("exclude.{key}"), "keyrot has no such setting"),
            });
        }
    }
}

/// `--exclude-files`: searched in the path.
pub(super) fn file(line: usize, pattern: &str) -> Item {
    let draft = Draft { path_patterns: vec![pattern.to_owned()], ..Draft::default() };
    Item::new(line, format!("files like {pattern}"), Wish::Ignore(draft))
}

/// `--exclude-lines`: what stands on such lines now is known from here on.
pub(super) fn lines(line: usize, pattern: &str) -> Item {
    let which = Which::LinesLike(pattern.to_owned());
    Item::new(line, format!("lines like {}", masked(pattern)), Wish::Secrets { which, judged: None, reason: None })
}

/// `--exclude-secrets`: searched in the value.
pub(super) fn secret(line: usize, pattern: &str) -> Item {
    let draft = Draft { values: vec![pattern.to_owned()], ..Draft::default() };
    Item::new(line, format!("secrets like {}", masked(pattern)), Wish::Ignore(draft))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(text: &str) -> Vec<Item> {
        read(&super::super::node::yaml(text).expect("it is right"))
    }

    #[test]
    fn both_versions_give_digests_labels_and_exclusions() {
        let text = r#"{
  "version": "1.4.0",
  "plugins_used": [{"name": "AWSKeyDetector"}],
  "filters_used": [
    {"path": "detect_secrets.filters.allowlist.is_line_allowlisted"},
    {"path": "detect_secrets.filters.heuristic.is_templated_secret"},
    {"path": "detect_secrets.filters.regex.should_exclude_file", "pattern": ["^docs/"]}
  ],
  "results": {
    "a.py": [
      {"type": "Secret Keyword", "hashed_secret": "0123456789ABCDEF0123456789abcdef01234567", "is_secret": false, "line_number": 3}
    ]
  }
}"#;
        let items = items(text);
        let wish = |at: usize| &items[at].wish;
        assert_eq!(items.len(), 5, "{items:?}");
        assert_eq!(wish(1), &Wish::Honour("detect-secrets"));
        assert!(matches!(wish(3), Wish::Ignore(draft) if draft.path_patterns == ["^docs/"]));
        let which = Which::Digest("0123456789abcdef0123456789abcdef01234567".to_owned());
        assert_eq!(items[4].line, 11);
        assert_eq!(wish(4), &Wish::Secrets { which, judged: Some(false), reason: None });
        let old = items_of_version_0();
        assert!(matches!(&old[0].wish, Wish::Ignore(draft) if draft.path_patterns == ["lock$"]), "{old:?}");
        assert_eq!(old.len(), 1);
    }

    fn items_of_version_0() -> Vec<Item> {
        items(
            r#"{"exclude": {"files": "lock$", "lines": null}, "results": {}, "version": "0.14.3", "word_list": {"file": null, "hash": null}}"#,
        )
    }
}
