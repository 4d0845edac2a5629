//! Rules that find old values again, wherever and however encoded they stand.

use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, value};

use crate::secret::Secret;

/// Shortest keyword of a rule.
const SHORTEST_KEYWORD: usize = 3;

/// The id of the rule that finds the value with this number.
pub fn rule_id(number: usize) -> String {
    format!("old-value-{number}")
}

/// The text of a rule file with one rule for each value. It holds the values: it is for reading at once, not for writing.
pub fn rules_for<'s>(values: impl Iterator<Item = &'s Secret>) -> String {
    let mut rules = ArrayOfTables::new();
    for (number, secret) in values.enumerate() {
        let part = secret.tell_tale();
        let mut rule = Table::new();
        let texts = [
            ("id", rule_id(number)),
            ("name", "A value that was to be removed".to_owned()),
            ("provider", "remediate".to_owned()),
            // Of a structure of its own: its value is not judged again.
            ("kind", "private-key".to_owned()),
            ("severity", "high".to_owned()),
            ("confidence", "high".to_owned()),
            ("pattern", part.exact_pattern().to_string()),
            ("why", "It leaked and was to be removed.".to_owned()),
        ];
        for (key, text) in texts {
            rule.insert(key, value(text));
        }
        let keyword = part.announcing_literal();
        if keyword.len() >= SHORTEST_KEYWORD {
            rule.insert("keywords", value(Array::from_iter([keyword.as_str()])));
        }
        rules.push(rule);
    }
    let mut document = DocumentMut::new();
    document.insert("rule", Item::ArrayOfTables(rules));
    document.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::SourceText;
    use crate::rule::RuleSet;

    #[test]
    fn any_value_makes_a_rule() {
        let values = [&b"plain-value-1"[..], b"\xff\xfe\x00 quote's \"and\" \\", b"two\nlines"].map(Secret::new);
        let mut rules = RuleSet::default();
        let file = SourceText { path: "old".into(), text: rules_for(values.iter()) };
        rules.add_file(file).expect("every value is a pattern");
        let ids: Vec<&str> = rules.rules().iter().map(|rule| rule.id.as_str()).collect();
        assert_eq!(ids, ["old-value-0", "old-value-1", "old-value-2"]);
    }
}
