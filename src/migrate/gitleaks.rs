//! The configuration of gitleaks and betterleaks: allowlists become ignores; rules stay in their form, which keyrot reads.

use toml_edit::{ArrayOfTables, DocumentMut, Table};

use super::node::{self, Node, Value};
use super::{Draft, Item, Kind, Which, Wish, masked};
use crate::diagnostic::SourceText;

pub(super) fn read(source: &SourceText) -> Vec<Item> {
    match node::toml(source) {
        Ok(root) => super::sorted(read_root(&root, &rules_alone(&source.text))),
        Err((line, mistake)) => vec![super::unreadable(line, &mistake)],
    }
}

/// The text of each rule, without its allowlists: those become ignores. None for an entry without a pattern of its own, which only
/// changes a built-in rule.
fn rules_alone(text: &str) -> Vec<Option<String>> {
    let Ok(document) = text.parse::<DocumentMut>() else { return Vec::new() };
    let Some(rules) = document.get("rules").and_then(|rules| rules.as_array_of_tables()) else { return Vec::new() };
    let alone = |rule: &Table| {
        let mut rule = rule.clone();
        rule.get("regex")?;
        rule.remove("allowlist");
        rule.remove("allowlists");
        rule.decor_mut().clear();
        let mut document = DocumentMut::new();
        document.insert("rules", toml_edit::Item::ArrayOfTables(ArrayOfTables::from_iter([rule])));
        Some(document.to_string())
    };
    rules.iter().map(alone).collect()
}

fn read_root(root: &Node, texts: &[Option<String>]) -> Vec<Item> {
    let mut items = Vec::new();
    let mut rules = 0;
    for (key, node) in root.entries() {
        match key {
            "title" | "description" | "minVersion" | "betterleaksMinVersion" => {
                items.push(Item::new(node.line, key, Wish::Same("a name alone")));
            }
            "extend" => extend(node, &mut items),
            "allowlist" | "allowlists" => {
                for (at, list) in lists(node).iter().enumerate() {
                    allowlist(list, &format!("{key}[{at}]"), &[], &mut items);
                }
            }
            "rules" => {
                for (at, rule) in node.items().iter().enumerate() {
                    let text = texts.get(at).cloned().flatten();
                    rules += usize::from(text.is_some());
                    own_rule(rule, text, &mut items);
                }
            }
            "filter" | "prefilter" => {
                items.push(Item::not(
                    node.line,
                    key,
                    "expressions are not evaluated: an `[[ignore]]` can say what it is for",
                ));
            }
            _ => items.push(Item::not(node.line, key, "keyrot has no such setting")),
        }
    }
    if rules > 0 && root.get("extend").and_then(|extend| extend.text_of("useDefault")) != Some("true") {
        let text = "rules without the built-in ones";
        items.push(Item::not(
            1,
            text,
            "keyrot adds them to its own; `defaults = false` under [rules] leaves those out",
        ));
    }
    items
}

/// A table, or a list of tables.
fn lists(node: &Node) -> &[Node] {
    match &node.value {
        Value::List(list) => list,
        _ => std::slice::from_ref(node),
    }
}

fn extend(node: &Node, items: &mut Vec<Item>) {
    for (key, value) in node.entries() {
        let line = value.line;
        match key {
            "useDefault" => {
                items.push(Item::new(line, "extend.useDefault", Wish::Same("its built-in rules are active")));
            }
            "path" => {
                let path = value.text().unwrap_or_default().to_owned();
                items.push(Item::new(line, format!("extend.path {path}"), Wish::Read(Kind::Gitleaks, path)));
            }
            "disabledRules" => {
                items.extend(value.texts().map(|(line, rule)| {
                    Item::new(line, format!("disabled {rule}"), Wish::WithoutRule(rule.to_owned()))
                }));
            }
            _ => items.push(Item::not(line, format!("extend.{key}"), "keyrot reads no configuration from elsewhere")),
        }
    }
}

fn own_rule(rule: &Node, text: Option<String>, items: &mut Vec<Item>) {
    let id = rule.text_of("id").unwrap_or("without an id");
    let what = format!("rule {id}");
    match text {
        Some(text) => items.push(Item::new(rule.line, what, Wish::GitleaksRule(text))),
        None if rule.get("path").is_some() => {
            items.push(Item::not(rule.line, what, "keyrot looks for keys, not for names of files"));
        }
        None => {}
    }
    for key in ["allowlist", "allowlists"] {
        if let Some(node) = rule.get(key) {
            for (at, list) in lists(node).iter().enumerate() {
                allowlist(list, &format!("rule {id}, {key}[{at}]"), &[id.to_owned()], items);
            }
        }
    }
}

/// What one statement of an allowlist says.
enum Condition {
    /// Something that an ignore can say.
    Ignore(Draft),
    /// A pattern of whole lines or matches.
    Lines(String),
    /// Something keyrot does not know.
    Unknown,
}

/// Conditions of one list are alternatives, unless it says that all must hold.
fn allowlist(list: &Node, name: &str, rules: &[String], items: &mut Vec<Item>) {
    let mut rules = rules.to_vec();
    rules.extend(list.get("targetRules").iter().flat_map(|node| node.texts()).map(|(_, rule)| rule.to_owned()));
    let all = list.text_of("condition").is_some_and(|one| matches!(one.to_uppercase().as_str(), "AND" | "&&"));
    let reason = list.text_of("description").unwrap_or_default().to_owned();
    let conditions = conditions(list, name);
    if all && !conditions.is_empty() {
        items.push(all_together(list.line, name, conditions, Draft { rules, reason, ..Draft::default() }));
        return;
    }
    for (line, text, condition) in conditions {
        let wish = match condition {
            Condition::Ignore(draft) => Wish::Ignore(Draft { rules: rules.clone(), reason: reason.clone(), ..draft }),
            // keyrot hides secrets, not lines: what stands on such lines now is known from here on, what comes later shows.
            Condition::Lines(pattern) if rules.is_empty() => {
                Wish::Secrets { which: Which::LinesLike(pattern), judged: None, reason: Some(reason.clone()) }
            }
            Condition::Lines(_) => Wish::Not("keyrot has no patterns of lines for one rule".to_owned()),
            Condition::Unknown => Wish::Not("keyrot has no such setting".to_owned()),
        };
        items.push(Item::new(line, text, wish));
    }
}

/// Leaving one condition out would hide more than was meant.
fn all_together(line: usize, name: &str, conditions: Vec<(usize, String, Condition)>, mut whole: Draft) -> Item {
    let text = format!("{name}, all conditions together");
    for (_, one, condition) in conditions {
        let Condition::Ignore(draft) = condition else {
            return Item::not(line, text, format!("keyrot cannot say one of them: {one}"));
        };
        whole.path_patterns.extend(draft.path_patterns);
        whole.commits.extend(draft.commits);
        whole.values.extend(draft.values);
    }
    Item::new(line, text, Wish::Ignore(whole))
}

fn conditions(list: &Node, name: &str) -> Vec<(usize, String, Condition)> {
    let target = list.text_of("regexTarget").unwrap_or("secret");
    let mut conditions = Vec::new();
    for (key, node) in list.entries() {
        if matches!(key, "description" | "condition" | "regexTarget" | "targetRules") {
            continue;
        }
        for (line, text) in node.texts() {
            let one = vec![text.to_owned()];
            let (shown, condition) = match key {
                "paths" => {
                    (format!("path {text}"), Condition::Ignore(Draft { path_patterns: one, ..Draft::default() }))
                }
                "commits" => (format!("commit {text}"), Condition::Ignore(Draft { commits: one, ..Draft::default() })),
                "regexes" if target == "secret" => {
                    (format!("regex {}", masked(text)), Condition::Ignore(Draft { values: one, ..Draft::default() }))
                }
                "regexes" => (format!("regex on the {target} {}", masked(text)), Condition::Lines(text.to_owned())),
                "stopwords" => {
                    let values = vec![format!("(?i){}", regex::escape(text))];
                    let draft = Draft { values, ..Draft::default() };
                    (format!("stopword {}", masked(text)), Condition::Ignore(draft))
                }
                _ => (key.to_owned(), Condition::Unknown),
            };
            conditions.push((line, format!("{name} {shown}"), condition));
        }
        // Tables where the format has texts: real files hold them, and nothing may go unsaid.
        if !matches!(key, "paths" | "commits" | "regexes" | "stopwords") && node.texts().next().is_none() {
            conditions.push((node.line, format!("{name} {key}"), Condition::Unknown));
        }
    }
    conditions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wishes(text: &str) -> Vec<(usize, String, Wish)> {
        let source = SourceText { path: ".gitleaks.toml".into(), text: text.into() };
        read(&source).into_iter().map(|item| (item.line, item.text, item.wish)).collect()
    }

    #[test]
    fn alternatives_are_ignores_of_their_own_and_joined_conditions_one() {
        let text = "[extend]\nuseDefault = true\ndisabledRules = ['jwt']\n\
                    [[allowlists]]\ndescription = 'samples'\npaths = ['^docs/', 'x']\nstopwords = ['a.b']\n\
                    [[allowlists]]\ncondition = 'AND'\npaths = ['y']\nregexes = ['z']\ntargetRules = ['r']\n\
                    [[allowlists]]\ncondition = 'AND'\nregexTarget = 'line'\npaths = ['y']\nregexes = ['z']\n";
        let wishes = wishes(text);
        let draft = Draft { reason: "samples".into(), ..Draft::default() };
        assert_eq!(wishes[1].2, Wish::WithoutRule("jwt".into()));
        assert_eq!(wishes[2].2, Wish::Ignore(Draft { path_patterns: vec!["^docs/".into()], ..draft.clone() }));
        assert_eq!(
            wishes[4],
            (
                7,
                "allowlists[0] stopword '********'".into(),
                Wish::Ignore(Draft { values: vec![r"(?i)a\.b".into()], ..draft })
            )
        );
        let joined = Draft {
            rules: vec!["r".into()],
            path_patterns: vec!["y".into()],
            values: vec!["z".into()],
            ..Draft::default()
        };
        assert_eq!(wishes[5].2, Wish::Ignore(joined));
        assert!(matches!(&wishes[6].2, Wish::Not(why) if why.contains("regex on the line")), "{:?}", wishes[6]);
    }

    #[test]
    fn what_the_format_does_not_have_and_expressions_are_told_one_by_one() {
        let text = "betterleaksMinVersion = 'v1'\nfilter = 'x'\n[allowlist]\npaths = ['a']\n\
                    [[allowlist.rules]]\nid = 'b'\nregex = 'c'\n";
        let wishes = wishes(text);
        let told: Vec<(usize, &str)> = wishes.iter().map(|(line, text, _)| (*line, text.as_str())).collect();
        let expected =
            [(1, "betterleaksMinVersion"), (2, "filter"), (4, "allowlist[0] path a"), (5, "allowlist[0] rules")];
        assert_eq!(told, expected);
        assert!(matches!(&wishes[1].2, Wish::Not(why) if why.starts_with("expressions")), "{:?}", wishes[1]);
        assert!(matches!(wishes[3].2, Wish::Not(_)), "{:?}", wishes[3]);
    }

    #[test]
    fn allowlists_of_rules_are_for_those_rules() {
        let text = "[extend]\nuseDefault = true\n[[rules]]\nid = 'own'\nregex = 'k'\n[[rules.allowlists]]\nregexes = ['v']\n\
                    [[rules]]\nid = 'jwt'\n[rules.allowlist]\npaths = ['t']\n";
        let wishes = wishes(text);
        assert_eq!(wishes[1].2, Wish::GitleaksRule("[[rules]]\nid = 'own'\nregex = 'k'\n".into()));
        let of = |at: usize| match &wishes[at].2 {
            Wish::Ignore(draft) => draft.rules.clone(),
            wish => panic!("{wish:?}"),
        };
        assert_eq!((of(2), of(3)), (vec!["own".to_owned()], vec!["jwt".to_owned()]));
    }
}
