//! CSV with places: comma, semicolon or tab, quotes, a byte order mark. Every row becomes a map from header to text.

use std::borrow::Cow;

use super::{Entry, Node, Value};
use crate::diagnostic::Problem;
use crate::finding::Span;

/// Rows that are held at a time: a table of any length takes the memory of these.
const STRETCH: usize = 1000;

/// A field and where it stands, without its quotes.
type Field<'t> = (Cow<'t, str>, Span);

/// A table that is read in stretches.
pub struct Sheet<'t> {
    reader: Reader<'t>,
    /// Borrowed where they can be: every row repeats them.
    names: Vec<Cow<'t, str>>,
    begun: bool,
}

impl<'t> Sheet<'t> {
    /// Reads the header; none if the text is no table of at least two columns.
    pub fn open(text: &'t str) -> Option<Self> {
        let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
        let mut reader = Reader { text, at: start, separator: separator(&text[start..])? };
        let names: Vec<Cow<'_, str>> = reader
            .row()?
            .into_iter()
            .map(|(name, _)| match name {
                Cow::Borrowed(name) => Cow::Borrowed(name.trim()),
                Cow::Owned(name) => Cow::Owned(name.trim().to_owned()),
            })
            .collect();
        let is_header = names.len() >= 2 && names.iter().all(|name| name.len() <= 80);
        is_header.then_some(Self { reader, names, begun: false })
    }

    fn node(&self, fields: Vec<Field<'t>>) -> Result<Node<'t>, Problem> {
        let span = Span::new(fields[0].1.start, fields[fields.len() - 1].1.end);
        if fields.len() > self.names.len() {
            let message = format!("CSV: {} fields in a table of {} columns", fields.len(), self.names.len());
            let problem = Problem::new(span.start..span.end, message);
            return Err(problem.with_hint("put fields that hold a separator into quotes"));
        }
        let entries = self.names.iter().zip(fields).map(|(name, (value, at))| Entry {
            name: name.clone(),
            span: at,
            node: Node { value: Value::Text(value), span: at },
        });
        Ok(Node { value: Value::Map(entries.collect()), span })
    }
}

/// Lists of rows, each a map from header to text. A table without rows is one empty list. Rows with more fields than the
/// header are the mistakes of their stretch.
impl<'t> Iterator for Sheet<'t> {
    type Item = Result<Node<'t>, Vec<Problem>>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.reader.at;
        let (mut rows, mut problems) = (Vec::new(), Vec::new());
        while rows.len() + problems.len() < STRETCH
            && let Some(fields) = self.reader.row()
        {
            if fields.len() == 1 && fields[0].0.trim().is_empty() {
                continue;
            }
            match self.node(fields) {
                Ok(row) => rows.push(row),
                Err(problem) => problems.push(problem),
            }
        }
        if !problems.is_empty() {
            return Some(Err(problems));
        }
        let first = !std::mem::replace(&mut self.begun, true);
        let span = Span::new(start, self.reader.at);
        (first || !rows.is_empty()).then_some(Ok(Node { value: Value::List(rows), span }))
    }
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

    fn rows(text: &str) -> Vec<Node<'_>> {
        let stretches = Sheet::open(text).expect("a table").map(|stretch| stretch.expect("right"));
        stretches.flat_map(|stretch| stretch.items().to_vec()).collect()
    }

    #[test]
    fn separators_quotes_and_marks() {
        for text in ["\u{feff}id,name\r\n1,\"a,\"\"b\"\"\"\r\n", "id;name\n1;\"a,\"\"b\"\"\"", "id\tname\n1\ta,\"b\"\n"]
        {
            let rows = rows(text);
            assert_eq!(rows.len(), 1);
            assert_eq!(rows[0].text_at("id"), Some("1"));
            assert_eq!(rows[0].text_at("name"), Some("a,\"b\""));
        }
    }

    #[test]
    fn long_rows_are_problems_and_short_ones_are_not() {
        let problems = Sheet::open("a,b\n1,2,3\n4,5,6\n").expect("a table").next().expect("a stretch");
        assert_eq!(problems.expect_err("too long").len(), 2);
        let rows = rows("a,b\n1\n\n");
        assert!(rows[0].at("b").is_none());
        assert_eq!(rows.len(), 1);
    }

    #[test]
    fn a_long_table_comes_in_stretches_and_an_empty_one_is_there() {
        let text = format!("a,b\n{}", "1,2\n".repeat(STRETCH * 2 + 1));
        assert_eq!(Sheet::open(&text).expect("a table").count(), 3);
        assert_eq!(rows(&text).len(), STRETCH * 2 + 1);
        assert_eq!(Sheet::open("a,b\n").expect("a table").count(), 1);
    }
}
