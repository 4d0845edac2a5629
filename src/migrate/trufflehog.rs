//! trufflehog: files of path patterns, and detectors of a team's own.

use super::invocation::NO_PROVIDER;
use super::node::Node;
use super::{Draft, Item, RuleDraft, Which, Wish, glob};

/// A file that `--exclude-paths` names: one pattern a line, searched in paths.
pub(super) fn read_paths(text: &str) -> Vec<Item> {
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
    let patterns = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    patterns
        .map(|(line, pattern)| {
            let draft = Draft { path_patterns: vec![pattern.to_owned()], ..Draft::default() };
            Item::new(line, format!("paths like {pattern}"), Wish::Ignore(draft))
        })
        .collect()
}

pub(super) fn read(root: &Node) -> Vec<Item> {
    let mut items = Vec::new();
    for (key, node) in root.entries() {
        match key {
            "detectors" => node.items().iter().for_each(|detector| read_detector(detector, &mut items)),
            "exclude_paths" => items.extend(node.texts().map(|(line, path)| {
                let draft = Draft { paths: vec![glob::from_ignore(path)], ..Draft::default() };
                Item::new(line, format!("path {path}"), Wish::Ignore(draft))
            })),
            "only_verified" => items.push(Item::not(node.line, key, NO_PROVIDER)),
            _ => items.push(Item::not(node.line, key, "keyrot has no such setting")),
        }
    }
    items
}

fn read_detector(detector: &Node, items: &mut Vec<Item>) {
    let name = detector.text_of("name").unwrap_or("detector").to_owned();
    rule(detector, &name, items);
    for (key, value) in detector.entries() {
        exclusion(key, value, &name, items);
    }
}

fn rule(detector: &Node, name: &str, items: &mut Vec<Item>) {
    let patterns: Vec<(&str, &Node)> = detector.get("regex").iter().flat_map(|regex| regex.entries()).collect();
    let keywords: Vec<String> =
        detector.get("keywords").iter().flat_map(|list| list.texts()).map(|(_, text)| text.to_owned()).collect();
    let text = format!("detector {name}");
    items.push(match patterns.as_slice() {
        [(_, pattern)] => {
            let draft =
                RuleDraft { name: name.to_owned(), pattern: pattern.text().unwrap_or_default().to_owned(), keywords };
            Item::new(detector.line, text, Wish::Rule(draft))
        }
        [] => Item::not(detector.line, text, "it has no pattern"),
        several => Item::not(
            detector.line,
            text,
            format!("it needs {} patterns in one text: write it as a rule that requires others", several.len()),
        ),
    });
}

fn exclusion(key: &str, value: &Node, name: &str, items: &mut Vec<Item>) {
    let rules = || vec![name.to_owned()];
    for (line, one) in value.texts() {
        let shown = super::masked(one);
        let ignore = |values: Vec<String>| Wish::Ignore(Draft { rules: rules(), values, ..Draft::default() });
        let wish = match key {
            "exclude_words" => ignore(vec![format!("(?i){}", regex::escape(one))]),
            "exclude_regexes_capture" => ignore(vec![one.to_owned()]),
            "exclude_regexes_match" => {
                Wish::Secrets { which: Which::LinesLike(one.to_owned()), judged: None, reason: None }
            }
            "verify" => Wish::Not(NO_PROVIDER.to_owned()),
            "entropy" => Wish::Not("write `min-entropy` into the rule".to_owned()),
            _ => continue,
        };
        items.push(Item::new(line, format!("detector {name}, {key} {shown}"), wish));
    }
    if key == "verify" && value.text().is_none() {
        items.push(Item::not(value.line, format!("detector {name}, verify"), NO_PROVIDER));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_pattern_is_a_rule_and_several_are_not() {
        let text = "detectors:\n  - name: Hog Token\n    keywords: [hog]\n    regex:\n      token: '\\b(hog[0-9a-z]{17})\\b'\n    exclude_words: [sample]\n    verify:\n      - endpoint: http://localhost\n  - name: two\n    regex: {a: x, b: y}\n";
        let items = read(&super::super::node::yaml(text).expect("it is right"));
        let rule = RuleDraft {
            name: "Hog Token".into(),
            pattern: r"\b(hog[0-9a-z]{17})\b".into(),
            keywords: vec!["hog".into()],
        };
        assert_eq!(items[0].wish, Wish::Rule(rule));
        assert!(matches!(&items[1].wish, Wish::Ignore(draft) if draft.values == ["(?i)sample"]));
        assert!(matches!(&items[2].wish, Wish::Not(_)) && matches!(&items[3].wish, Wish::Not(_)), "{items:?}");
        assert_eq!(items.len(), 4);
    }

    #[test]
    fn path_patterns_are_one_a_line() {
        let items = read_paths("# generated\n\n^vendor/\n  .*\\.lock$\n");
        assert_eq!(items.iter().map(|item| item.line).collect::<Vec<_>>(), [3, 4]);
    }
}
