//! One tree for every structured file: JSON, TOML, CSV and XML become nodes that know where they stand.

mod json;
mod sheet;
mod toml;
mod xml;

use std::borrow::Cow;

pub use json::parse as parse_json;
pub use sheet::Sheet;
pub use toml::parse as parse_toml;
pub use xml::parse as parse_xml;

use crate::finding::Span;

/// A value and the bytes it stands in.
#[derive(Clone, Debug, PartialEq)]
pub struct Node<'t> {
    /// The value.
    pub value: Value<'t>,
    /// Its place.
    pub span: Span,
}

/// A value of any of the formats. Dates of TOML are texts: their grammar keeps day, local and offset times apart.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'t> {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// A number as it is written.
    Number(Cow<'t, str>),
    /// A text.
    Text(Cow<'t, str>),
    /// A list.
    List(Vec<Node<'t>>),
    /// Named values in their order.
    Map(Vec<Entry<'t>>),
}

/// One named value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry<'t> {
    /// The name.
    pub name: Cow<'t, str>,
    /// Where the name stands.
    pub span: Span,
    /// The value.
    pub node: Node<'t>,
}

impl<'t> Node<'t> {
    /// The value at a path of names joined by `>`.
    pub fn at(&self, path: &str) -> Option<&Node<'t>> {
        path.split('>').try_fold(self, |node, name| node.get(name))
    }

    fn get(&self, name: &str) -> Option<&Node<'t>> {
        self.entries().iter().find(|entry| entry.name == name).map(|entry| &entry.node)
    }

    /// The named values; none for anything but a map.
    pub fn entries(&self) -> &[Entry<'t>] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items; none for anything but a list.
    pub fn items(&self) -> &[Node<'t>] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The text of a text or number.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) | Value::Number(text) => Some(text),
            _ => None,
        }
    }

    /// The text at a path, if there is one and it is not empty.
    pub fn text_at(&self, path: &str) -> Option<&str> {
        self.at(path)?.text().filter(|text| !text.is_empty())
    }

    /// True or false at a path, also in words.
    pub fn bool_at(&self, path: &str) -> Option<bool> {
        let node = self.at(path)?;
        match &node.value {
            Value::Bool(value) => Some(*value),
            _ => match node.text()?.to_ascii_lowercase().as_str() {
                "true" | "yes" => Some(true),
                "false" | "no" => Some(false),
                _ => None,
            },
        }
    }

    /// The texts of a list at a path, or the words of a text.
    pub fn words_at(&self, path: &str) -> Option<Vec<String>> {
        let node = self.at(path)?;
        match &node.value {
            Value::List(items) => Some(items.iter().filter_map(Node::text).map(str::to_owned).collect()),
            Value::Text(text) => Some(text.split_whitespace().map(str::to_owned).collect()),
            _ => None,
        }
    }

    /// Whether nothing stands at the path: it is absent, null or empty.
    pub fn is_empty_at(&self, path: &str) -> bool {
        self.at(path).is_none_or(|node| match &node.value {
            Value::Null => true,
            Value::Text(text) => text.is_empty(),
            _ => false,
        })
    }

    /// What kind of value it is, for messages.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::Text(_) => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "a table",
        }
    }
}
