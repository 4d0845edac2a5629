//! TOML with places.

use std::borrow::Cow;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Entry, Node, Value};
use crate::diagnostic::Problem;
use crate::finding::Span;

/// The outermost table.
///
/// # Errors
/// Every mistake of syntax.
pub fn parse(text: &str) -> Result<Node<'_>, Vec<Problem>> {
    let mut problems = Vec::new();
    match crate::toml_reader::parse(text, &mut problems) {
        Some(root) => {
            let span = place(&root.span());
            Ok(Node { value: Value::Map(entries(root.into_inner())), span })
        }
        None => Err(problems),
    }
}

fn place(range: &std::ops::Range<usize>) -> Span {
    Span::new(range.start, range.end)
}

fn entries(table: DeTable<'_>) -> Vec<Entry<'_>> {
    table
        .into_iter()
        .map(|(name, value)| {
            let span = place(&name.span());
            Entry { name: name.into_inner(), span, node: node(value) }
        })
        .collect()
}

fn node(value: Spanned<DeValue<'_>>) -> Node<'_> {
    let span = place(&value.span());
    let value = match value.into_inner() {
        DeValue::String(text) => Value::Text(text),
        DeValue::Boolean(value) => Value::Bool(value),
        DeValue::Datetime(time) => Value::Text(Cow::Owned(time.to_string())),
        DeValue::Array(items) => Value::List(items.into_iter().map(node).collect()),
        DeValue::Table(table) => Value::Map(entries(table)),
        DeValue::Integer(number) => Value::Number(Cow::Owned(number.as_str().to_owned())),
        DeValue::Float(number) => Value::Number(Cow::Owned(number.as_str().to_owned())),
    };
    Node { value, span }
}
