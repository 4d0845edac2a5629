//! A structured text as plain values with their lines: YAML, JSON (which YAML contains) and TOML are read alike.

use saphyr_parser::{Event, Parser, ScalarStyle};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::SourceText;

/// Most values of one file: aliases of YAML may multiply without end.
const MOST_NODES: usize = 2_000_000;

/// A value and the line it begins in, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub line: usize,
    pub value: Value,
}

/// What a value is. Numbers and booleans keep the text they are written in: a digest of digits stays a digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Nothing,
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Node {
    /// The value under a key of a map.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries().find_map(|(name, node)| (name == key).then_some(node))
    }

    /// The entries of a map; none of anything else.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Node)> {
        let map = if let Value::Map(map) = &self.value { map.as_slice() } else { &[] };
        map.iter().map(|(name, node)| (name.as_str(), node))
    }

    /// The items of a list; a single text is a list of one.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(list) => list,
            Value::Text(_) => std::slice::from_ref(self),
            Value::Nothing | Value::Map(_) => &[],
        }
    }

    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        if let Value::Text(text) = &self.value { Some(text) } else { None }
    }

    /// The text under a key.
    pub fn text_of(&self, key: &str) -> Option<&str> {
        self.get(key)?.text()
    }

    /// The texts of a list, with their lines.
    pub fn texts(&self) -> impl Iterator<Item = (usize, &str)> {
        self.items().iter().filter_map(|item| Some((item.line, item.text()?)))
    }
}

/// Reads YAML or JSON; the first document counts.
///
/// YAML 1.2 wants a bracket that closes a list deeper than the list's key. The parsers of the tools that read these files do
/// not, and many files are written so: they are read a second time with such brackets moved.
///
/// # Errors
/// The line of the mistake and what it is.
pub(super) fn yaml(text: &str) -> Result<Node, (usize, String)> {
    read_yaml(text).or_else(|mistake| read_yaml(&with_brackets_moved(text)).map_err(|_| mistake))
}

fn with_brackets_moved(text: &str) -> String {
    let mut indent = String::new();
    let mut moved = String::with_capacity(text.len() + 64);
    for line in text.split_inclusive('\n') {
        let body = line.trim_start_matches([' ', '\t']);
        if matches!(body.trim_end().trim_end_matches(','), "]" | "}" | "]}" | "}]") {
            moved.push_str(&indent);
            moved.push_str(body);
        } else {
            if !body.trim().is_empty() {
                line[..line.len() - body.len()].clone_into(&mut indent);
            }
            moved.push_str(line);
        }
    }
    moved
}

fn read_yaml(text: &str) -> Result<Node, (usize, String)> {
    let mut anchors: Vec<(usize, Node)> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut count = 0;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| (error.marker().line(), error.info().to_owned()))?;
        let line = span.start.line();
        let (anchor, node) = match event {
            Event::Scalar(text, style, anchor, _) => {
                let empty = style == ScalarStyle::Plain && matches!(text.as_ref(), "" | "~" | "null");
                let value = if empty { Value::Nothing } else { Value::Text(text.into_owned()) };
                (anchor, Node { line, value })
            }
            Event::Alias(id) => {
                let known = anchors.iter().find(|(anchor, _)| *anchor == id).map(|(_, node)| node.clone());
                let node = known.ok_or_else(|| (line, "an alias stands inside its own anchor".to_owned()))?;
                count += size(&node);
                (0, node)
            }
            Event::SequenceStart(anchor, _) => {
                open.push(Open { anchor, node: Node { line, value: Value::List(Vec::new()) }, key: None });
                continue;
            }
            Event::MappingStart(anchor, _) => {
                open.push(Open { anchor, node: Node { line, value: Value::Map(Vec::new()) }, key: None });
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(closed) = open.pop() else { continue };
                (closed.anchor, closed.node)
            }
            Event::DocumentEnd => break,
            _ => continue,
        };
        count += 1;
        if count > MOST_NODES {
            return Err((line, format!("it holds more than {MOST_NODES} values")));
        }
        if anchor > 0 {
            anchors.push((anchor, node.clone()));
        }
        match open.last_mut() {
            Some(open) => open.take(node),
            None => return Ok(node),
        }
    }
    Ok(Node { line: 1, value: Value::Nothing })
}

/// A list or map that is not complete yet.
struct Open {
    anchor: usize,
    node: Node,
    /// The key whose value comes next.
    key: Option<String>,
}

impl Open {
    fn take(&mut self, node: Node) {
        match (&mut self.node.value, self.key.take()) {
            (Value::List(list), _) => list.push(node),
            (Value::Map(map), Some(key)) => map.push((key, node)),
            (Value::Map(_), None) => self.key = Some(node.text().unwrap_or_default().to_owned()),
            (Value::Nothing | Value::Text(_), _) => {}
        }
    }
}

fn size(node: &Node) -> usize {
    match &node.value {
        Value::Nothing | Value::Text(_) => 1,
        Value::List(list) => 1 + list.iter().map(size).sum::<usize>(),
        Value::Map(map) => 1 + map.iter().map(|(_, node)| size(node)).sum::<usize>(),
    }
}

/// Reads TOML.
///
/// # Errors
/// The line of the mistake and what it is.
pub(super) fn toml(source: &SourceText) -> Result<Node, (usize, String)> {
    let table = DeTable::parse(&source.text).map_err(|error| {
        let line = source.position(error.span().unwrap_or(0..0).start).0;
        (line, error.message().trim_end().to_owned())
    })?;
    Ok(Node { line: 1, value: Value::Map(map(table.get_ref(), source)) })
}

fn map(table: &DeTable<'_>, source: &SourceText) -> Vec<(String, Node)> {
    table.iter().map(|(name, value)| (name.get_ref().to_string(), toml_node(value, source))).collect()
}

fn toml_node(value: &Spanned<DeValue<'_>>, source: &SourceText) -> Node {
    let text = |text: &str| Value::Text(text.to_owned());
    let value_of = match value.get_ref() {
        DeValue::String(string) => text(string),
        DeValue::Integer(number) => text(number.as_str()),
        DeValue::Float(number) => text(number.as_str()),
        DeValue::Boolean(truth) => text(if *truth { "true" } else { "false" }),
        DeValue::Datetime(moment) => Value::Text(moment.to_string()),
        DeValue::Array(list) => Value::List(list.iter().map(|item| toml_node(item, source)).collect()),
        DeValue::Table(table) => Value::Map(map(table, source)),
    };
    Node { line: source.position(value.span().start).0, value: value_of }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_json_and_toml_read_alike() {
        let yaml_text = "a:\n  - x: 0012e4\n    y: ~\n  - \"z\"\n";
        let node = yaml(yaml_text).expect("it is right");
        let items = node.get("a").expect("it is there").items();
        assert_eq!(items[0].text_of("x"), Some("0012e4"));
        assert_eq!(items[0].get("y").map(|node| &node.value), Some(&Value::Nothing));
        assert_eq!((items[1].line, items[1].text()), (4, Some("z")));
        let json = yaml("{\n \"a\": [\n  {\"x\": \"0012e4\", \"y\": null}, \"z\"]}").expect("it is right");
        assert_eq!(json.get("a").expect("it is there").items()[0].text_of("x"), Some("0012e4"));
        let source = SourceText { path: "t".into(), text: "[[a]]\nx = '1'\n[[a]]\nx = '2'\n".into() };
        let node = toml(&source).expect("it is right");
        let second = &node.get("a").expect("it is there").items()[1];
        assert_eq!((second.line, second.text_of("x")), (3, Some("2")));
    }

    #[test]
    fn a_bracket_that_closes_at_the_column_of_its_key_is_read_as_others_read_it() {
        let node = yaml("hooks:\n  - id: a\n    args: [\n      'x',\n      y\n    ]\n  - id: b\n").expect("it is read");
        let hooks = node.get("hooks").expect("it is there").items();
        assert_eq!(hooks[0].get("args").map(|args| args.texts().collect::<Vec<_>>()), Some(vec![(4, "x"), (5, "y")]));
        assert_eq!(hooks[1].line, 7);
    }

    #[test]
    fn mistakes_have_lines_and_aliases_an_end() {
        assert_eq!(yaml("a: b\n  c: d\n").expect_err("it is wrong").0, 2);
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x]\n");
        for at in 1..12 {
            let before = at - 1;
            text.push_str(&format!("a{at}: &a{at} [*a{before}, *a{before}, *a{before}, *a{before}]\n"));
        }
        assert!(yaml(&text).expect_err("it has no end").1.contains("more than"));
    }
}
