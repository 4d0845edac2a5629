//! Keys that are split over named constants: `A = "sk_"; B = "live_…"; key = A + B`, also inside strings with holes
//! (`f"{A}{B}"`, `"$A$B"`) and by appending (`A += "…"`).
//!
//! Two places lead to such a key: a keyword that an expression is assigned to, and a keyword in a constant of its own,
//! whose uses are looked for. Names are looked up by searching for them near by, and a text pays for at most its own
//! size of such searches.

use super::join::{self, Joins, Piece};
use super::map::Builder;
use super::{Layer, Mark, line_end, line_start};
use crate::finding::Span;

/// What the layers are called, like those of literals that stand side by side.
pub const NAMES: &[&str] = &["concat"];
/// How far from its use a constant is looked for, and from a constant its uses, in bytes.
const REACH: usize = 16 << 10;
/// Bytes that may be searched in any text, on top of its size.
const LEAST_SEARCHED: usize = 64 << 10;
/// How much of the lines around an expression is kept.
const CONTEXT: usize = 128;
/// How far a keyword may stand from the assignment, in bytes.
const NAME: usize = 40;
/// Longest constant, in bytes.
const LITERAL: usize = 1024;
/// A keyword in a constant stands this close to both of its quotes.
const NEAR: usize = 80;
/// Texts that are appended to one constant.
const APPENDED: usize = 16;

/// Appends a layer for every key that is put together from constants near a mark.
pub fn find(text: &[u8], marks: &[Mark], layers: &mut Vec<Layer>) {
    let mut search = Search { text, left: text.len().saturating_add(LEAST_SEARCHED), last: None };
    let mut end = 0;
    for mark in marks.iter().filter(|mark| mark.trigger.is_none()) {
        if mark.span.start < end {
            continue;
        }
        if let Some(value) = assigned_to(text, mark.span)
            && let Some(stop) = search.value(value, layers)
        {
            end = stop;
        } else if let Some(literal) = literal_around(text, mark.span) {
            end = literal.end;
            // The text itself may be a piece of an expression, or have holes.
            match search.value(literal.start - 1, layers) {
                Some(stop) => end = stop,
                // What announces no certain kind of key is no part of one.
                None if mark.is_general => {}
                None => search.uses(literal, layers),
            }
        }
    }
}

/// Where the value begins that is assigned to the name which the keyword is a part of.
fn assigned_to(text: &[u8], keyword: Span) -> Option<usize> {
    let most = text.len().min(keyword.end + NAME);
    let rest = &text[keyword.end..most];
    let name = rest.iter().position(|byte| !is_word(*byte)).unwrap_or(rest.len());
    let value = join::after_operator(text, keyword.end + name)?;
    // Most values are plain: a name or a text with a hole must begin here.
    let first = *text.get(value)?;
    (first.is_ascii_alphabetic() || matches!(first, b'_' | b'$' | b'@' | b'"' | b'\'' | b'`')).then_some(value)
}

/// The text in quotes that the keyword stands in, if it looks like a part of a key.
fn literal_around(text: &[u8], keyword: Span) -> Option<Span> {
    let floor = keyword.start.saturating_sub(NEAR);
    let ends = |byte: &u8| matches!(byte, b'"' | b'\'' | b'`' | b' ' | b'\n');
    let open = floor + text[floor..keyword.start].iter().rposition(ends)?;
    let near = &text[keyword.end..text.len().min(keyword.end + NEAR)];
    let close = keyword.end + near.iter().position(ends)?;
    let quoted = text[open] == text[close] && !text[open].is_ascii_whitespace();
    quoted.then(|| Span::new(open + 1, close))
}

/// What was searched for already, and what may still be.
struct Search<'t> {
    text: &'t [u8],
    left: usize,
    /// Where the text of the constant starts whose uses were looked for last: later keywords stand in no earlier one.
    last: Option<usize>,
}

impl Search<'_> {
    /// The layer of an expression, if it puts constants together. Returns where it ends.
    fn value(&mut self, start: usize, layers: &mut Vec<Layer>) -> Option<usize> {
        let joins = join::read(self.text, start)?;
        if !joins.hides_its_text() {
            return None;
        }
        let pieces = self.resolve(&joins)?;
        layers.push(self.layer(Span::new(start, joins.end), &pieces));
        Some(joins.end)
    }

    /// Looks for expressions that use the constant whose text this is.
    fn uses(&mut self, literal: Span, layers: &mut Vec<Layer>) {
        let Some(name) = join::name_before(self.text, literal.start - 1) else { return };
        if self.last.replace(literal.start) == Some(literal.start) {
            return;
        }
        let mut appended = Vec::new();
        for place in self.places(name.of(self.text), literal.start) {
            if let Some(more) = join::appended(self.text, place.end)
                && place.start > literal.end
            {
                appended.push(more);
            } else if join::may_be_piece(self.text, place)
                && self.pay(join::BEFORE)
                && let Some(start) = join::start_of(self.text, place)
                && self.value(start, layers).is_some()
            {
                return;
            }
        }
        appended.truncate(APPENDED);
        if let Some(last) = appended.last() {
            let whole = Span::new(literal.start - 1, last.end + 1);
            let pieces: Vec<Span> = std::iter::once(literal).chain(appended).collect();
            layers.push(self.layer(whole, &pieces));
        }
    }

    /// The texts of an expression's pieces, in order; none if one of the names has no text near by.
    fn resolve(&mut self, joins: &Joins) -> Option<Vec<Span>> {
        let mut texts = Vec::new();
        for piece in &joins.pieces {
            texts.push(match piece {
                Piece::Text(span) => *span,
                Piece::Name(name) => self.constant(*name)?,
            });
        }
        Some(texts)
    }

    /// The text that is assigned to a name: the nearest one before its use, else the first behind it.
    fn constant(&mut self, name: Span) -> Option<Span> {
        let mut found = None;
        for place in self.places(name.of(self.text), name.start) {
            let literal =
                join::after_operator(self.text, place.end).and_then(|at| join::literal(self.text, at, LITERAL));
            if let Some(literal) = literal {
                let behind = place.start > name.start;
                if !behind || found.is_none() {
                    found = Some(literal);
                }
                if behind {
                    break;
                }
            }
        }
        found
    }

    /// Whether so many bytes may be searched, which are then used up.
    fn pay(&mut self, bytes: usize) -> bool {
        let left = self.left.checked_sub(bytes);
        self.left = left.unwrap_or(self.left);
        left.is_some()
    }

    /// Where a name stands as a whole word, near a place, in order; nothing once the text's searches are used up.
    fn places(&mut self, name: &[u8], near: usize) -> Vec<Span> {
        let window = Span::new(near.saturating_sub(REACH), self.text.len().min(near + REACH));
        if !self.pay(window.len()) {
            return Vec::new();
        }
        let part = window.of(self.text);
        let whole = |at: &usize| {
            let behind = part.get(at + name.len()).is_none_or(|byte| !is_word(*byte));
            behind && at.checked_sub(1).is_none_or(|before| !is_word(part[before]))
        };
        let places = memchr::memmem::find_iter(part, name).filter(whole);
        places.map(|at| Span::new(window.start + at, window.start + at + name.len())).collect()
    }

    /// The expression's line with the texts in its place.
    fn layer(&self, expression: Span, texts: &[Span]) -> Layer {
        let mut builder = Builder::default();
        builder.copy(self.text, Span::new(line_start(self.text, expression.start, CONTEXT), expression.start));
        builder.put(b"\"", Span::new(expression.start, expression.start));
        let start = builder.text.len();
        for piece in texts {
            builder.copy(self.text, *piece);
        }
        let fresh = Span::new(start, builder.text.len());
        builder.put(b"\"", Span::new(expression.end, expression.end));
        builder.copy(self.text, Span::new(expression.end, line_end(self.text, expression.end, CONTEXT)));
        let (text, map) = builder.finish();
        Layer { names: NAMES, text, map: map.in_pieces(), fresh }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
