//! Lines and columns of spans, computed only for blobs that hold a finding.

use std::cell::Cell;

use memchr::memchr_iter;

use crate::finding::{Position, Region, Span};

/// Where the lines of a text begin.
pub struct Lines<'t> {
    text: &'t [u8],
    starts: Vec<usize>,
    /// The place asked for last, its characters and UTF-16 units from the start of its line: a line of megabytes with
    /// thousands of findings is measured once, from left to right.
    last: Cell<(usize, usize, usize)>,
}

impl<'t> Lines<'t> {
    /// Indexes the text.
    pub fn new(text: &'t [u8]) -> Self {
        let starts = std::iter::once(0).chain(memchr_iter(b'\n', text).map(|at| at + 1)).collect();
        Self { text, starts, last: Cell::default() }
    }

    /// 0-based index of the line that holds the offset.
    pub fn index(&self, offset: usize) -> usize {
        self.starts.partition_point(|&start| start <= offset) - 1
    }

    /// The line without its end (`\n` or `\r\n`), by 0-based index.
    pub fn span(&self, index: usize) -> Span {
        let start = self.starts[index];
        let mut end = self.starts.get(index + 1).map_or(self.text.len(), |next| next - 1);
        if end > start && self.text[end - 1] == b'\r' {
            end -= 1;
        }
        Span::new(start, end.max(start))
    }

    /// Line and columns of one offset.
    pub fn position(&self, offset: usize) -> Position {
        let index = self.index(offset);
        let (mut from, mut characters, mut units) = self.last.get();
        let line = self.starts[index]..=self.starts.get(index + 1).map_or(self.text.len(), |next| next - 1);
        // From the place before or from the start of the line, whichever is nearer; a character is not counted in parts.
        let is_inside = self.text.get(from.min(offset)).is_some_and(|byte| byte & 0xc0 == 0x80);
        if !line.contains(&from) || is_inside || from.abs_diff(offset) > offset - line.start() {
            (from, characters, units) = (*line.start(), 0, 0);
        }
        if from <= offset {
            let (more, wide) = widths(&self.text[from..offset]);
            (characters, units) = (characters + more, units + wide);
        } else {
            let (less, wide) = widths(&self.text[offset..from]);
            (characters, units) = (characters - less, units - wide);
        }
        self.last.set((offset, characters, units));
        Position {
            line: to_u32(index + 1),
            column: to_u32(characters + 1),
            utf16: to_u32(units + 1),
            utf8: to_u32(offset - self.starts[index] + 1),
        }
    }

    /// Both ends of a span.
    pub fn region(&self, span: Span) -> Region {
        Region { start: self.position(span.start), end: self.position(span.end), bytes: span }
    }
}

/// Characters and UTF-16 code units of a text; each byte that is not part of UTF-8 counts as one.
pub(super) fn widths(bytes: &[u8]) -> (usize, usize) {
    if bytes.is_ascii() {
        return (bytes.len(), bytes.len());
    }
    bytes.utf8_chunks().fold((0, 0), |(characters, units), chunk| {
        let count = chunk.valid().chars().count() + chunk.invalid().len();
        // Four bytes of UTF-8 are two units of UTF-16.
        let long = chunk.valid().bytes().filter(|byte| *byte >= 0xf0).count();
        (characters + count, units + count + long)
    })
}

fn to_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_questions_does_not_matter() {
        let text = "x = 'é😀', key = \"\u{1f511}\"; \n".repeat(3);
        let fresh = |at: usize| Lines::new(text.as_bytes()).position(at);
        let lines = Lines::new(text.as_bytes());
        for at in 0..=text.len() {
            for at in [text.len() - at, at, at.saturating_sub(7)] {
                assert_eq!(lines.position(at), fresh(at), "{at}");
            }
        }
    }

    #[test]
    fn columns_count_characters_utf16_units_and_bytes() {
        let text = "a\r\né😀x\n".as_bytes();
        let lines = Lines::new(text);
        assert_eq!(lines.span(0), Span::new(0, 1));
        assert_eq!(lines.position(9), Position { line: 2, column: 3, utf16: 4, utf8: 7 });
        assert_eq!(lines.position(text.len()).line, 3);
    }
}
