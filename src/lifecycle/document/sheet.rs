//! CSV with places: comma, semicolon or tab, quotes, a byte order mark. Every row becomes a map from header to text.

use std::borrow::Cow;

use super::{Entry, Node, Value};
use crate::diagnostic::Problem;
use crate::finding::Span;

/// A field and where it stands, without its quotes.
type Field<'t> = (Cow<'t, str>, Span);

/// The rows below the header; none if the text is no table of at least two columns.
///
/// # Errors
/// Every row with more fields than the header.
pub fn parse(text: &str) -> Result<Option<Vec<Node<'_>>>, Vec<Problem>> {
    let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let Some(separator) = separator(&text[start..]) else { return Ok(None) };
    let mut reader = Reader { text, at: start, separator };
    let Some(header) = reader.row() else { return Ok(None) };
    // Borrowed where they can be: every row repeats them.
    let names: Vec<Cow<'_, str>> = header
        .into_iter()
        .map(|(name, _)| match name {
            Cow::Borrowed(name) => Cow::Borrowed(name.trim()),
            Cow::Owned(name) => Cow::Owned(name.trim().to_owned()),
        })
        .collect();
    if names.len() < 2 || names.iter().any(|name| name.len() > 80) {
        return Ok(None);
    }
    let (mut rows, mut problems) = (Vec::new(), Vec::new());
    while let Some(fields) = reader.row() {
        let span = Span::new(fields[0].1.start, fields[fields.len() - 1].1.end);
        if fields.len() == 1 && fields[0].0.trim().is_empty() {
            continue;
        }
        if fields.len() > names.len() {
            let message = format!("CSV: {} fields in a table of {} columns", fields.len(), names.len());
            problems.push(
                Problem::new(span.start..span.end, message).with_hint("put fields that hold a separator into quotes"),
            );
            continue;
        }
        let entries = names.iter().zip(fields).map(|(name, (value, at))| Entry {
            name: name.clone(),
            span: at,
            node: Node { value: Value::Text(value), span: at },
        });
        rows.push(Node { value: Value::Map(entries.collect()), span });
    }
    if problems.is_empty() { Ok(Some(rows)) } else { Err(problems) }
}

fn separator(text: &str) -> Option<u8> {
    let line = text.lines().next()?;
    let count = |byte: u8| line.bytes().filter(|one| *one == byte).count();
    [b',', b';', b'\t'].into_iter().max_by_key(|byte| count(*byte)).filter(|byte| count(*byte) > 0)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    separator: u8,
}

impl<'t> Reader<'t> {
    fn row(&mut self) -> Option<Vec<Field<'t>>> {
        if self.at >= self.text.len() {
            return None;
        }
        let mut fields = Vec::new();
        loop {
            fields.push(self.field());
            match self.text.as_bytes().get(self.at) {
                Some(byte) if *byte == self.separator => self.at += 1,
                Some(_) => {
                    self.at += if self.text[self.at..].starts_with("\r\n") { 2 } else { 1 };
                    return Some(fields);
                }
                None => return Some(fields),
            }
        }
    }

    fn field(&mut self) -> Field<'t> {
        let bytes = self.text.as_bytes();
        if bytes.get(self.at) == Some(&b'"') {
            return self.quoted();
        }
        let start = self.at;
        let ends = |byte: u8| byte == self.separator || byte == b'\n' || byte == b'\r';
        let length = bytes[start..].iter().position(|byte| ends(*byte)).unwrap_or(bytes.len() - start);
        self.at = start + length;
        (Cow::Borrowed(&self.text[start..self.at]), Span::new(start, self.at))
    }

    fn quoted(&mut self) -> Field<'t> {
        let bytes = self.text.as_bytes();
        let start = self.at + 1;
        let mut end = start;
        let mut doubled = false;
        while end < bytes.len() {
            match (bytes[end], bytes.get(end + 1)) {
                (b'"', Some(b'"')) => {
                    doubled = true;
                    end += 2;
                }
                (b'"', _) => break,
                _ => end += 1,
            }
        }
        let raw = &self.text[start..end.min(bytes.len())];
        self.at = (end + 1).min(bytes.len());
        // What follows a closing quote belongs to nothing; it is passed over up to the separator.
        let ends = |byte: u8| byte == self.separator || byte == b'\n' || byte == b'\r';
        let rest = bytes[self.at..].iter().position(|byte| ends(*byte)).unwrap_or(bytes.len() - self.at);
        self.at += rest;
        let value = if doubled { Cow::Owned(raw.replace("\"\"", "\"")) } else { Cow::Borrowed(raw) };
        (value, Span::new(start, end.min(bytes.len())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_quotes_and_marks() {
        for text in ["\u{feff}id,name\r\n1,\"a,\"\"b\"\"\"\r\n", "id;name\n1;\"a,\"\"b\"\"\"", "id\tname\n1\ta,\"b\"\n"]
        {
            let rows = parse(text).expect("right").expect("a table");
            assert_eq!(rows.len(), 1);
            assert_eq!(rows[0].text_at("id"), Some("1"));
            assert_eq!(rows[0].text_at("name"), Some("a,\"b\""));
        }
    }

    #[test]
    fn long_rows_are_problems_and_short_ones_are_not() {
        assert_eq!(parse("a,b\n1,2,3\n4,5,6\n").expect_err("too long").len(), 2);
        let rows = parse("a,b\n1\n\n").expect("right").expect("a table");
        assert!(rows[0].at("b").is_none());
        assert_eq!(rows.len(), 1);
    }
}
