//! The text of office documents, whose words are cut into runs: what stands outside of tags, a line for each paragraph.

use super::map::Builder;
use super::{Layer, Mark, Trigger};
use crate::finding::Span;

/// Endings of tags that end a line of text, without the prefix of their namespace.
const LINES: [&[u8]; 6] = [b"p", b"br", b"si", b"row", b"tr", b"h"];
/// Those that leave a blank.
const BLANKS: [&[u8]; 4] = [b"tab", b"tc", b"c", b"s"];
/// Longest tag, in bytes: what is longer is text.
const TAG: usize = 4096;

/// Appends the layer of a text that says what it is.
pub fn find(text: &[u8], marks: &[Mark], layers: &mut Vec<Layer>) {
    if !marks.iter().any(|mark| mark.trigger == Some(Trigger::Office)) {
        return;
    }
    let mut builder = Builder::default();
    let mut at = 0;
    while let Some(open) = memchr::memchr(b'<', &text[at..]).map(|place| at + place) {
        builder.copy(text, Span::new(at, open));
        let rest = &text[open..text.len().min(open + TAG)];
        let Some(close) = memchr::memchr(b'>', rest) else {
            at = open;
            break;
        };
        at = open + close + 1;
        if let Some(byte) = ends(&rest[1..close]) {
            builder.put(&[byte], Span::new(open, at));
        }
    }
    builder.copy(text, Span::new(at, text.len()));
    let (text, map) = builder.finish();
    layers.push(Layer { names: &["office"], fresh: Span::new(0, text.len()), text, map });
}

/// What a tag ends: a line, a cell, or nothing.
fn ends(tag: &[u8]) -> Option<u8> {
    let closes = tag.first() == Some(&b'/') || tag.last() == Some(&b'/');
    let name = tag.strip_prefix(b"/").unwrap_or(tag);
    let name = name.split(|byte| matches!(byte, b' ' | b'/' | b'\n' | b'\r' | b'\t')).next().unwrap_or(name);
    let name = name.rsplit(|byte| *byte == b':').next().unwrap_or(name);
    let is = |names: &[&[u8]]| closes && names.contains(&name);
    match () {
        () if is(&LINES) => Some(b'\n'),
        () if is(&BLANKS) => Some(b'\t'),
        () => None,
    }
}
