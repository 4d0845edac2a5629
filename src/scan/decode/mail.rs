//! Quoted-printable bodies of mails.

use memchr::memmem;

use super::map::Builder;
use super::{Layer, Mark, Trigger};
use crate::finding::Span;

/// How far behind the header the body may begin.
const HEADER: usize = 4096;
/// Longest body that is decoded, in bytes.
const BODY: usize = 1 << 20;

/// Appends a layer for every body that a header announces.
pub fn find(text: &[u8], marks: &[Mark], layers: &mut Vec<Layer>) {
    let mut done = 0;
    for mark in marks.iter().filter(|mark| mark.trigger == Some(Trigger::Mail)) {
        if mark.span.start >= done
            && let Some(body) = body(text, mark.span.end)
        {
            done = body.end;
            layers.push(decode(text, body));
        }
    }
}

fn body(text: &[u8], header: usize) -> Option<Span> {
    let head = &text[header..text.len().min(header + HEADER)];
    let blank = [b"\r\n\r\n".as_slice(), b"\n\n"];
    let (at, length) =
        blank.iter().filter_map(|end| memmem::find(head, end).map(|at| (at, end.len()))).min_by_key(|(at, _)| *at)?;
    let start = header + at + length;
    let rest = &text[start..text.len().min(start + BODY)];
    let end = memmem::find(rest, b"\n--").map_or(start + rest.len(), |at| start + at);
    Some(Span::new(start, end))
}

fn decode(text: &[u8], body: Span) -> Layer {
    let mut builder = Builder::default();
    let mut at = body.start;
    while let Some(next) = memchr::memchr(b'=', &text[at..body.end]).map(|place| at + place) {
        builder.copy(text, Span::new(at, next));
        let rest = &text[next..body.end];
        let digit = |at: usize| rest.get(at).and_then(|digit| char::from(*digit).to_digit(16));
        at = if rest.starts_with(b"=\r\n") {
            next + 3
        } else if rest.starts_with(b"=\n") {
            next + 2
        } else if let (Some(high), Some(low)) = (digit(1), digit(2)) {
            builder.put(&[(high * 16 + low).to_be_bytes()[3]], Span::new(next, next + 3));
            next + 3
        } else {
            builder.copy(text, Span::new(next, next + 1));
            next + 1
        };
    }
    builder.copy(text, Span::new(at, body.end));
    let (text, map) = builder.finish();
    Layer { names: &["quoted-printable"], fresh: Span::new(0, text.len()), text, map }
}
