//! JSON with places. One file may hold several values one after the other, as `jq` and JSON Lines write them.

use std::borrow::Cow;

use super::{Entry, Node, Value};
use crate::diagnostic::Problem;
use crate::finding::Span;

/// Deepest nesting that is read.
const DEEPEST: usize = 64;

/// Every value of the text.
///
/// # Errors
/// The first mistake of syntax, with its place.
pub fn parse(text: &str) -> Result<Vec<Node<'_>>, Problem> {
    let mut parser = Parser { text, at: if text.starts_with('\u{feff}') { 3 } else { 0 } };
    let mut values = Vec::new();
    parser.space();
    while parser.at < text.len() {
        values.push(parser.value(0)?);
        parser.space();
    }
    Ok(values)
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn fail<T>(&self, message: &str) -> Result<T, Problem> {
        Err(Problem::new(self.at..(self.at + 1).min(self.text.len()), message.to_owned()))
    }

    fn expect(&mut self, byte: u8) -> Result<(), Problem> {
        self.space();
        if self.peek() == Some(byte) {
            self.at += 1;
            return Ok(());
        }
        self.fail(&format!("JSON: expected `{}`", char::from(byte)))
    }

    fn value(&mut self, depth: usize) -> Result<Node<'t>, Problem> {
        self.space();
        if depth > DEEPEST {
            return self.fail("JSON: nested too deeply");
        }
        let start = self.at;
        let value = match self.peek() {
            Some(b'{') => Value::Map(self.map(depth)?),
            Some(b'[') => Value::List(self.list(depth)?),
            Some(b'"') => Value::Text(self.string()?),
            Some(b'-' | b'0'..=b'9') => Value::Number(Cow::Borrowed(self.number())),
            _ => self.word()?,
        };
        Ok(Node { value, span: Span::new(start, self.at) })
    }

    fn map(&mut self, depth: usize) -> Result<Vec<Entry<'t>>, Problem> {
        self.at += 1;
        let mut entries = Vec::new();
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(entries);
        }
        loop {
            self.space();
            let start = self.at;
            if self.peek() != Some(b'"') {
                return self.fail("JSON: expected a name in quotes");
            }
            let name = self.string()?;
            let span = Span::new(start, self.at);
            self.expect(b':')?;
            entries.push(Entry { name, span, node: self.value(depth + 1)? });
            if !self.more(b'}')? {
                return Ok(entries);
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Node<'t>>, Problem> {
        self.at += 1;
        let mut items = Vec::new();
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(items);
        }
        loop {
            items.push(self.value(depth + 1)?);
            if !self.more(b']')? {
                return Ok(items);
            }
        }
    }

    fn more(&mut self, close: u8) -> Result<bool, Problem> {
        self.space();
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                Ok(true)
            }
            Some(byte) if byte == close => {
                self.at += 1;
                Ok(false)
            }
            _ => self.fail(&format!("JSON: expected `,` or `{}`", char::from(close))),
        }
    }

    fn string(&mut self) -> Result<Cow<'t, str>, Problem> {
        let start = self.at;
        self.at += 1;
        let mut escaped = false;
        loop {
            match self.peek() {
                None => return self.fail("JSON: the text does not end"),
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    self.at += 2;
                }
                Some(_) => self.at += 1,
            }
        }
        self.at += 1;
        let raw = &self.text[start..self.at];
        if !escaped {
            return Ok(Cow::Borrowed(&raw[1..raw.len() - 1]));
        }
        serde_json::from_str(raw).map(Cow::Owned).or_else(|_| self.fail("JSON: bad escape in a text"))
    }

    fn number(&mut self) -> &'t str {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte)) {
            self.at += 1;
        }
        &self.text[start..self.at]
    }

    fn word(&mut self) -> Result<Value<'t>, Problem> {
        for (word, value) in [("null", Value::Null), ("true", Value::Bool(true)), ("false", Value::Bool(false))] {
            if self.text[self.at..].starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        self.fail("JSON: expected a value")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_know_their_places() {
        let text = "{\"a\": [1, \"\\u00e9\"]}\n{\"b\": null}";
        let values = parse(text).expect("right");
        assert_eq!(values.len(), 2);
        let node = values[0].at("a").expect("there");
        assert_eq!(node.items()[1].text(), Some("é"));
        assert_eq!(node.items()[0].span.of(text.as_bytes()), b"1");
    }

    #[test]
    fn a_byte_order_mark_is_no_value() {
        assert_eq!(parse("\u{feff}{\"a\": 1}").expect("right").len(), 1);
    }

    #[test]
    fn mistakes_have_a_place() {
        for text in ["{", "[1,]", "{\"a\" 1}", "\"x", "nul", "{a: 1}", "\"\\"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(parse("[1,\n x]").expect_err("wrong").span, 5..6);
        assert!(parse(&"[".repeat(100_000)).is_err());
    }
}
