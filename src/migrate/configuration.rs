//! The text of `keyrot.toml` with what was carried over: comments and order of what stands there stay.

use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, Value};

use super::plan::Group;

/// The configuration is written in a way that nothing can be added to.
#[derive(Debug, thiserror::Error)]
#[error("keyrot.toml cannot be added to: {0}")]
pub struct Refused(String);

/// What is added to a configuration.
#[derive(Default)]
pub(super) struct Additions<'p> {
    pub ignores: Vec<&'p Group>,
    pub honour: Vec<&'static str>,
    pub without_rules: Vec<String>,
    pub rule_files: Vec<String>,
}

/// Adds to the text; an empty text is a new file.
pub(super) fn add(text: &str, additions: &Additions<'_>) -> Result<String, Refused> {
    let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| Refused(error.to_string()))?;
    let lists = [
        ("suppressions", "honour", additions.honour.iter().map(ToString::to_string).collect::<Vec<_>>()),
        ("rules", "exclude", additions.without_rules.clone()),
        ("rules", "files", additions.rule_files.clone()),
    ];
    for (section, key, values) in lists.iter().filter(|(_, _, values)| !values.is_empty()) {
        extend_list(&mut document, section, key, values)?;
    }
    if !additions.ignores.is_empty() {
        let ignores = document.entry("ignore").or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
        let ignores = ignores
            .as_array_of_tables_mut()
            .ok_or_else(|| Refused("`ignore` is a list in one line; write [[ignore]] instead".to_owned()))?;
        additions.ignores.iter().for_each(|group| ignores.push(ignore(group)));
    }
    Ok(document.to_string().trim_start_matches('\n').to_owned())
}

fn extend_list(document: &mut DocumentMut, section: &str, key: &str, values: &[String]) -> Result<(), Refused> {
    let table = document.entry(section).or_insert(Item::Table(Table::new()));
    let table = table.as_table_like_mut().ok_or_else(|| Refused(format!("`{section}` is no table")))?;
    let list = table.entry(key).or_insert(Item::Value(Value::Array(Array::new())));
    let list = list.as_array_mut().ok_or_else(|| Refused(format!("`{section}.{key}` is no list")))?;
    for value in values {
        if !list.iter().any(|known| known.as_str() == Some(value)) {
            list.push(value.as_str());
        }
    }
    Ok(())
}

fn ignore(group: &Group) -> Table {
    let mut table = Table::new();
    let lists = [
        ("paths", &group.paths),
        ("path-patterns", &group.path_patterns),
        ("rules", &group.rules),
        ("commits", &group.commits),
        ("values", &group.values),
    ];
    for (key, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        let mut array: Array = list.iter().map(String::as_str).collect();
        if list.len() > 1 {
            array.iter_mut().for_each(|value| value.decor_mut().set_prefix("\n  "));
            array.set_trailing("\n");
            array.set_trailing_comma(true);
        }
        table.insert(key, toml_edit::value(array));
    }
    table.insert("reason", toml_edit::value(&group.reason));
    table
}
