//! Patterns of a team's own as a rule file of keyrot's.

use super::{GITLEAKS_RULES_FILE, RULES_FILE, RuleDraft};
use crate::diagnostic::SourceText;
use crate::rule::{RuleSet, gitleaks};

/// The id and the text of a rule, which is added to `rules`, so that it is proven and its name is taken. No text where it is one
/// of them already.
///
/// # Errors
/// Why keyrot cannot use it.
pub(super) fn write(draft: &RuleDraft, file: &str, rules: &mut RuleSet) -> Result<(String, String), String> {
    let name = kebab(&draft.name);
    if name.is_empty() || draft.pattern.is_empty() {
        return Err("it has no name or no pattern".to_owned());
    }
    let pattern = name_first_group(&draft.pattern);
    if let Some(known) = rules.get(&name).filter(|rule| rule.definition.pattern == pattern) {
        return Ok((known.id.to_string(), String::new()));
    }
    let id = if rules.get(&name).is_some() { format!("own-{name}") } else { name };
    let mut table = toml_edit::Table::new();
    let texts = [
        ("id", id.as_str()),
        ("name", draft.name.as_str()),
        ("provider", "own"),
        ("kind", "token"),
        ("severity", "high"),
        ("confidence", "medium"),
        ("pattern", &pattern),
        ("why", &format!("The team looks for it (carried over from {file}).")),
    ];
    for (key, text) in texts {
        table.insert(key, toml_edit::value(text));
    }
    if !draft.keywords.is_empty() {
        table.insert(
            "keywords",
            toml_edit::value(draft.keywords.iter().map(String::as_str).collect::<toml_edit::Array>()),
        );
    }
    let mut tables = toml_edit::ArrayOfTables::new();
    tables.push(table);
    let mut document = toml_edit::DocumentMut::new();
    document.insert("rule", toml_edit::Item::ArrayOfTables(tables));
    let text = document.to_string();
    match rules.add_file(SourceText { path: RULES_FILE.to_owned(), text: text.clone() }) {
        Ok(_) => Ok((id, format!("{text}\n"))),
        Err(error) => {
            let error = error.to_string();
            Err(error.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned())
        }
    }
}

/// Adds a rule in the form of gitleaks to `rules`: its id, and what of it is not honoured.
///
/// # Errors
/// Why keyrot cannot use it.
pub(super) fn import(text: &str, rules: &mut RuleSet) -> Result<(String, Vec<String>), String> {
    let first = |text: &str| text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
    let source = SourceText { path: GITLEAKS_RULES_FILE.to_owned(), text: text.to_owned() };
    let config = gitleaks::read(source).map_err(|error| first(&error.to_string()))?;
    let imported = gitleaks::translate(config, rules);
    let notes = imported.notes.iter().map(|note| note.value.clone()).collect();
    let Some(id) = imported.rules.first().map(|rule| rule.id.clone()) else {
        return Err(imported
            .notes
            .into_iter()
            .next()
            .map_or_else(|| "keyrot cannot use it".to_owned(), |note| note.value));
    };
    rules.import(imported);
    Ok((id, notes))
}

/// `Hog Token` is `hog-token`.
pub(super) fn kebab(name: &str) -> String {
    let words = name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}

/// The first group that captures is the secret, as the authors of such patterns mean it.
fn name_first_group(pattern: &str) -> String {
    let bytes = pattern.as_bytes();
    let (mut at, mut in_class) = (0, false);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'[' => in_class = true,
            b']' => in_class = false,
            b'(' if !in_class && bytes.get(at + 1) != Some(&b'?') => {
                return format!("{}(?P<secret>{}", &pattern[..at], &pattern[at + 1..]);
            }
            b'(' if !in_class && (pattern[at..].starts_with("(?P<") || pattern[at..].starts_with("(?<")) => {
                let open = at + pattern[at..].find('<').unwrap_or_default();
                let close = open + pattern[open..].find('>').unwrap_or_default();
                return format!("{}<secret{}", &pattern[..open], &pattern[close..]);
            }
            _ => {}
        }
        at += 1;
    }
    pattern.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_group_is_the_secret() {
        assert_eq!(name_first_group(r"\((?:a|b)[(](hog[0-9]{9})(x)"), r"\((?:a|b)[(](?P<secret>hog[0-9]{9})(x)");
        assert_eq!(name_first_group("k=(?P<key>v+)"), "k=(?P<secret>v+)");
        assert_eq!(name_first_group("hog"), "hog");
    }

    #[test]
    fn rules_are_proven_and_keep_clear_of_known_names() {
        let mut rules = RuleSet::builtin();
        let draft = |name: &str, pattern: &str| RuleDraft {
            name: name.into(),
            pattern: pattern.into(),
            keywords: vec!["hog".into()],
        };
        let (id, text) = write(&draft("Hog Token", "(hog[0-9]{9})"), "conf.yaml", &mut rules).expect("it is right");
        assert_eq!(id, "hog-token");
        assert!(text.contains("carried over from conf.yaml") && rules.get("hog-token").is_some(), "{text}");
        let again = write(&draft("hog token", "(hog[0-9]{9})"), "x", &mut rules).expect("it is right");
        assert_eq!(again, ("hog-token".to_owned(), String::new()));
        let other = write(&draft("hog token", "(hog[a-z]{9})"), "x", &mut rules).expect("it is right");
        assert_eq!(other.0, "own-hog-token");
        assert!(write(&draft("no", "hog(?=x)"), "x", &mut rules).is_err());
    }
}
