//! Reads a TOML file of the user's field by field and collects every mistake with its span: wrong types, bad values,
//! unknown keys with a did-you-mean. Shared by rule files, `keyrot.toml`, inventories and baselines.

use std::ops::Range;
use std::str::FromStr;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml::value::Datetime;

use crate::diagnostic::Problem;

/// One table of a TOML file being read. Dropping it without [`Table::finish`] would miss unknown keys.
pub struct Table<'t, 'i> {
    content: &'t DeTable<'i>,
    span: Range<usize>,
    known: Vec<&'static str>,
}

/// A value and where it stands.
pub type At<T> = (T, Range<usize>);

/// Parses the text. Syntax errors are problems like any other.
pub fn parse<'i>(text: &'i str, problems: &mut Vec<Problem>) -> Option<Spanned<DeTable<'i>>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let failed = !errors.is_empty();
    problems.extend(errors.into_iter().map(|error| {
        let span = error.span().unwrap_or(0..0);
        Problem::new(span, error.message().trim_end().to_owned())
    }));
    (!failed).then_some(table)
}

impl<'t, 'i> Table<'t, 'i> {
    /// The outermost table.
    pub fn root(table: &'t Spanned<DeTable<'i>>) -> Self {
        Self::at(table.get_ref(), table.span())
    }

    fn at(table: &'t DeTable<'i>, span: Range<usize>) -> Self {
        Self { content: table, span, known: Vec::new() }
    }

    /// Where the table stands.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    fn value(&mut self, key: &'static str) -> Option<&'t Spanned<DeValue<'i>>> {
        self.known.push(key);
        self.content.get(key)
    }

    fn read<T>(
        &mut self,
        key: &'static str,
        problems: &mut Vec<Problem>,
        expected: &str,
        convert: impl FnOnce(&'t DeValue<'i>) -> Option<T>,
    ) -> Option<At<T>> {
        let value = self.value(key)?;
        let read = convert(value.get_ref());
        if read.is_none() {
            let found = value.get_ref().type_str();
            problems.push(Problem::new(value.span(), format!("`{key}` must be {expected}, found {found}")));
        }
        Some((read?, value.span()))
    }

    /// A string.
    pub fn string(&mut self, key: &'static str, problems: &mut Vec<Problem>) -> Option<At<String>> {
        self.read(key, problems, "a string", |value| value.as_str().map(str::to_owned))
    }

    /// A string that must stand there.
    pub fn required(&mut self, key: &'static str, problems: &mut Vec<Problem>) -> At<String> {
        if !self.content.contains_key(key) {
            self.known.push(key);
            problems.push(Problem::new(self.span(), format!("`{key}` is missing")));
            return (String::new(), self.span());
        }
        self.string(key, problems).unwrap_or((String::new(), self.span.clone()))
    }

    /// A list of strings; absent is empty.
    pub fn strings(&mut self, key: &'static str, problems: &mut Vec<Problem>) -> Vec<At<String>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let Some(array) = value.get_ref().as_array() else {
            let found = value.get_ref().type_str();
            problems.push(Problem::new(value.span(), format!("`{key}` must be a list of strings, found {found}")));
            return Vec::new();
        };
        let mut strings = Vec::with_capacity(array.len());
        for item in array {
            match item.get_ref().as_str() {
                Some(text) => strings.push((text.to_owned(), item.span())),
                None => problems.push(Problem::new(item.span(), format!("`{key}` must hold strings only"))),
            }
        }
        strings
    }

    /// A boolean.
    pub fn boolean(&mut self, key: &'static str, problems: &mut Vec<Problem>) -> Option<bool> {
        self.read(key, problems, "true or false", DeValue::as_bool).map(|(value, _)| value)
    }

    /// A whole number that is not negative.
    pub fn number(&mut self, key: &'static str, problems: &mut Vec<Problem>) -> Option<u64> {
        self.read(key, problems, "a whole number that is not negative", |value| {
            let integer = value.as_integer()?;
            u64::from_str_radix(integer.as_str(), integer.radix()).ok()
        })
        .map(|(value, _)| value)
    }

    /// A number.
    pub fn float(&mut self, key: &'static str, problems: &mut Vec<Problem>) -> Option<f64> {
        self.read(key, problems, "a number", |value| {
            let text = value
                .as_float()
                .map(toml::de::DeFloat::as_str)
                .or_else(|| value.as_integer().map(toml::de::DeInteger::as_str));
            text?.parse().ok()
        })
        .map(|(value, _)| value)
    }

    /// A date or date-time written without quotes, or a string.
    pub fn datetime(&mut self, key: &'static str, problems: &mut Vec<Problem>) -> Option<At<Moment>> {
        self.read(key, problems, "a date", |value| match value {
            DeValue::Datetime(datetime) => Some(Moment::Native(*datetime)),
            other => other.as_str().map(|text| Moment::Text(text.to_owned())),
        })
    }

    /// One of the names, which `T` knows.
    pub fn one_of<T>(&mut self, key: &'static str, problems: &mut Vec<Problem>, names: &[&str]) -> Option<T>
    where
        T: FromStr,
    {
        let (text, span) = self.string(key, problems)?;
        let parsed = text.parse().ok().filter(|_| names.contains(&text.as_str()));
        if parsed.is_none() {
            problems.push(unknown_name(&text, span, names));
        }
        parsed
    }

    /// A table below this one.
    pub fn table(&mut self, key: &'static str, problems: &mut Vec<Problem>) -> Option<Table<'t, 'i>> {
        self.read(key, problems, "a table", DeValue::as_table).map(|(table, span)| Table::at(table, span))
    }

    /// A list of tables; absent is empty.
    pub fn tables(&mut self, key: &'static str, problems: &mut Vec<Problem>) -> Vec<Table<'t, 'i>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let tables = value.get_ref().as_array().map(|array| {
            array.iter().map(|item| item.get_ref().as_table().map(|table| Table::at(table, item.span()))).collect()
        });
        if let Some(Some(tables)) = tables {
            tables
        } else {
            problems.push(Problem::new(value.span(), format!("`{key}` must be a list of tables: write [[{key}]]")));
            Vec::new()
        }
    }

    /// Tables under names of the user's own.
    pub fn named_tables(&mut self, key: &'static str, problems: &mut Vec<Problem>) -> Vec<(At<String>, Table<'t, 'i>)> {
        let Some((table, _)) = self.read(key, problems, "a table", DeValue::as_table) else { return Vec::new() };
        let mut tables = Vec::new();
        for (name, value) in table {
            match value.get_ref().as_table() {
                Some(inner) => {
                    tables.push(((name.get_ref().to_string(), name.span()), Table::at(inner, value.span())));
                }
                None => problems.push(Problem::new(value.span(), format!("`{}` must be a table", name.get_ref()))),
            }
        }
        tables
    }

    /// A table whose keys are the user's own, such as rule ids, with string values.
    pub fn string_map(&mut self, key: &'static str, problems: &mut Vec<Problem>) -> Vec<(At<String>, At<String>)> {
        let Some((table, _)) = self.read(key, problems, "a table", DeValue::as_table) else { return Vec::new() };
        let mut entries = Vec::new();
        for (name, value) in table {
            match value.get_ref().as_str() {
                Some(text) => {
                    entries.push(((name.get_ref().to_string(), name.span()), (text.to_owned(), value.span())));
                }
                None => problems.push(Problem::new(value.span(), format!("`{}` must be a string", name.get_ref()))),
            }
        }
        entries
    }

    /// A table whose keys are the user's own, with string lists as values.
    pub fn list_map(&mut self, key: &'static str, problems: &mut Vec<Problem>) -> Vec<(String, Vec<String>)> {
        let Some((table, _)) = self.read(key, problems, "a table", DeValue::as_table) else { return Vec::new() };
        let mut entries = Vec::new();
        for (name, value) in table {
            let list: Option<Vec<String>> = value
                .get_ref()
                .as_array()
                .and_then(|array| array.iter().map(|item| item.get_ref().as_str().map(str::to_owned)).collect());
            match list {
                Some(list) => entries.push((name.get_ref().to_string(), list)),
                None => {
                    problems
                        .push(Problem::new(value.span(), format!("`{}` must be a list of strings", name.get_ref())));
                }
            }
        }
        entries
    }

    /// Passes over a key, whatever its value; where it stands, if it does.
    pub fn skip(&mut self, key: &'static str) -> Option<Range<usize>> {
        self.value(key)?;
        let (name, _) = self.content.get_key_value(key)?;
        Some(name.span())
    }

    /// Whether the key stands in the table, whatever its value.
    pub fn has(&self, key: &str) -> bool {
        self.content.contains_key(key)
    }

    /// Reports every key that was not asked for.
    pub fn finish(self, problems: &mut Vec<Problem>) {
        for (key, _) in self.content {
            let name = key.get_ref().as_ref();
            if !self.known.contains(&name) {
                let mut problem = Problem::new(key.span(), format!("unknown key `{name}`"));
                problem.hint = Some(suggestion(name, &self.known));
                problems.push(problem);
            }
        }
    }
}

/// A date as TOML wrote it.
#[derive(Clone, Debug, PartialEq)]
pub enum Moment {
    /// An unquoted TOML date or date-time.
    Native(Datetime),
    /// A string.
    Text(String),
}

/// The problem of a value that is none of the known names.
pub fn unknown_name(text: &str, span: Range<usize>, names: &[&str]) -> Problem {
    Problem::new(span, format!("unknown value `{text}`")).with_hint(suggestion(text, names))
}

/// "did you mean", or the list of what is known.
pub fn suggestion(text: &str, known: &[&str]) -> String {
    let best = known
        .iter()
        .map(|name| (strsim::jaro_winkler(text, name), *name))
        .max_by(|one, other| one.0.total_cmp(&other.0));
    match best {
        Some((score, name)) if score >= 0.8 => format!("did you mean `{name}`?"),
        _ => format!("known: {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collects_every_mistake() {
        let text = "name = 1\nlimti = 3\nlist = ['a', 2]\n";
        let mut problems = Vec::new();
        let root = parse(text, &mut problems).expect("the syntax is right");
        let mut table = Table::root(&root);
        assert_eq!(table.string("name", &mut problems), None);
        assert_eq!(table.number("limit", &mut problems), None);
        assert_eq!(table.strings("list", &mut problems).len(), 1);
        table.finish(&mut problems);
        let messages: Vec<_> = problems.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(
            messages,
            ["`name` must be a string, found integer", "`list` must hold strings only", "unknown key `limti`"]
        );
        assert_eq!(problems[2].hint.as_deref(), Some("did you mean `limit`?"));
    }

    #[test]
    fn syntax_errors_are_problems() {
        let mut problems = Vec::new();
        assert!(parse("a = \n", &mut problems).is_none());
        assert_eq!(problems.len(), 1);
    }
}
