//! XML as nodes: elements become maps; elements of one name in a row stay separate entries. Attributes are left out.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::{Entry, Node, Value};
use crate::diagnostic::Problem;
use crate::finding::Span;

/// Deepest nesting that is read.
const DEEPEST: usize = 64;

struct Open {
    name: String,
    start: usize,
    text: String,
    children: Vec<Entry<'static>>,
}

/// The document as a map with its root element as the only entry.
///
/// # Errors
/// It is not well formed.
pub fn parse(text: &str) -> Result<Node<'static>, Problem> {
    let mut reader = Reader::from_str(text);
    let mut open = vec![Open { name: String::new(), start: 0, text: String::new(), children: Vec::new() }];
    loop {
        let at = usize::try_from(reader.buffer_position()).unwrap_or(text.len());
        let fail = |message: String| Err(Problem::new(at..(at + 1).min(text.len()), format!("XML: {message}")));
        match reader.read_event() {
            Err(error) => return fail(error.to_string()),
            Ok(Event::Start(_)) if open.len() > DEEPEST => return fail("nested too deeply".to_owned()),
            Ok(Event::Start(tag)) => {
                let name = String::from_utf8_lossy(tag.name().as_ref()).into_owned();
                open.push(Open { name, start: at, text: String::new(), children: Vec::new() });
            }
            Ok(Event::Empty(tag)) => {
                let name = String::from_utf8_lossy(tag.name().as_ref()).into_owned();
                close(&mut open, Open { name, start: at, text: String::new(), children: Vec::new() }, at);
            }
            Ok(Event::Text(piece)) => {
                if let Some(top) = open.last_mut() {
                    top.text.push_str(&String::from_utf8_lossy(&piece));
                }
            }
            Ok(Event::End(_)) => {
                let end = usize::try_from(reader.buffer_position()).unwrap_or(text.len());
                if let Some(done) = open.pop() {
                    close(&mut open, done, end);
                }
            }
            Ok(Event::Eof) => break,
            Ok(_) => {}
        }
    }
    let root = open.pop().filter(|_| open.is_empty());
    match root {
        Some(root) => Ok(Node { value: Value::Map(root.children), span: Span::new(0, text.len()) }),
        None => Err(Problem::new(text.len()..text.len(), "XML: an element is not closed")),
    }
}

fn close(open: &mut [Open], done: Open, end: usize) {
    let span = Span::new(done.start, end);
    let value = if done.children.is_empty() {
        Value::Text(Cow::Owned(done.text.trim().to_owned()))
    } else {
        Value::Map(done.children)
    };
    if let Some(parent) = open.last_mut() {
        parent.children.push(Entry { name: Cow::Owned(done.name), span, node: Node { value, span } });
    }
}
