//! Kubernetes secrets: documents whose values are base64 of any length, shown with their values decoded.

use memchr::memmem;

use super::map::Builder;
use super::{Layer, Mark, Trigger, printable_prefix, run};
use crate::finding::Span;

/// What says that a document is a secret, in lower case.
pub const KINDS: [&str; 3] = ["kind: secret", "\"kind\": \"secret\"", "\"kind\":\"secret\""];
/// How far a document may reach on either side of its `kind`, in bytes.
const BEFORE: usize = 64 << 10;
const BEHIND: usize = 256 << 10;
/// Shortest value, in base64 characters.
const SHORTEST: usize = 4;

/// Appends a layer for every secret document.
pub fn find(text: &[u8], marks: &[Mark], layers: &mut Vec<Layer>) {
    let mut done = 0;
    for mark in marks.iter().filter(|mark| mark.trigger == Some(Trigger::Kube)) {
        if mark.span.start >= done {
            let document = document(text, mark.span, done);
            done = document.end;
            layers.extend(decode(text, document));
        }
    }
}

/// The YAML document that holds the mark; in JSON there is no separator, and the bounds alone count.
fn document(text: &[u8], mark: Span, floor: usize) -> Span {
    let floor = mark.start.saturating_sub(BEFORE).max(floor);
    let start = memmem::rfind(&text[floor..mark.start], b"\n---").map_or(floor, |at| floor + at + 1);
    let ceiling = text.len().min(mark.end + BEHIND);
    let end = memmem::find(&text[mark.end..ceiling], b"\n---").map_or(ceiling, |at| mark.end + at + 1);
    Span::new(start, end)
}

/// Where the document ends that holds `at` and says so before `seen` that it is a secret, and not again up to `at`; or `at`
/// itself.
pub fn secret_end(text: &[u8], seen: usize, at: usize) -> usize {
    let from = at.saturating_sub(BEHIND);
    let start = memmem::rfind(&text[from..at], b"\n---").map_or(from, |place| from + place);
    let Some(mark) = last_mark(&text[start..at]).map(|place| start + place).filter(|mark| *mark < seen) else {
        return at;
    };
    let ceiling = mark + BEHIND;
    memmem::find(&text[at..text.len().min(ceiling)], b"\n---").map_or(ceiling, |place| at + place)
}

fn last_mark(text: &[u8]) -> Option<usize> {
    let stands = |kind: &&str, at: usize| {
        // In JSON the word stands in quotes.
        let start = at.checked_sub(usize::from(kind.starts_with('"')))?;
        text[start..].get(..kind.len())?.eq_ignore_ascii_case(kind.as_bytes()).then_some(start)
    };
    memmem::rfind_iter(text, b"kind").find_map(|at| KINDS.iter().find_map(|kind| stands(kind, at)))
}

fn decode(text: &[u8], document: Span) -> Option<Layer> {
    let mut builder = Builder::default();
    let mut at = document.start;
    let mut changed = false;
    while let Some(colon) = memchr::memchr(b':', &text[at..document.end]).map(|place| at + place) {
        let space = text[colon + 1..document.end].iter().take_while(|byte| matches!(byte, b' ' | b'"' | b'\'')).count();
        let start = colon + 1 + space;
        builder.copy(text, Span::new(at, start));
        let end = run::end_of(&text[..document.end], start);
        let padding = text[end..document.end].iter().take(2).take_while(|byte| **byte == b'=').count();
        let value = Span::new(start, end + padding);
        at = match decoded(value.of(text)) {
            Some(decoded) => {
                builder.put(&decoded, value);
                changed = true;
                value.end
            }
            None => start,
        };
    }
    builder.copy(text, Span::new(at, document.end));
    let (text, map) = builder.finish();
    changed.then(|| Layer { names: &["kube-secret"], fresh: Span::new(0, text.len()), text, map })
}

fn decoded(value: &[u8]) -> Option<Vec<u8>> {
    if value.len() < SHORTEST || !value.len().is_multiple_of(4) {
        return None;
    }
    let decoded = data_encoding::BASE64.decode(value).ok()?;
    (printable_prefix(&decoded) == decoded.len()).then_some(decoded)
}
