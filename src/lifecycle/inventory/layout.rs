//! Lines and columns of a text, found without reading the text again: an export may be one line of many megabytes.

use crate::finding::{Position, Snippet, Span};

/// Longest stretch of a line that a report shows, in bytes.
const SHOWN: usize = 160;
/// Bytes between two marks.
const STEP: usize = 1024;

/// Where the lines of a text begin, and how many characters stand before each mark.
#[derive(Clone, Debug)]
pub struct Layout {
    lines: Vec<usize>,
    /// Characters and UTF-16 units in front of every step; none where all characters are one byte.
    marks: Vec<(u32, u32)>,
}

impl Layout {
    /// Reads the text once.
    pub fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut lines = vec![0];
        lines.extend(memchr::memchr_iter(b'\n', bytes).map(|at| at + 1).filter(|at| *at < bytes.len()));
        let mut marks = Vec::new();
        if !text.is_ascii() {
            let mut sum = (0, 0);
            for step in bytes.chunks(STEP) {
                marks.push(sum);
                let (characters, units) = counted(step);
                sum = (sum.0 + characters, sum.1 + units);
            }
        }
        Self { lines, marks }
    }

    /// The number of the line that a byte stands in, from zero.
    pub fn line_of(&self, offset: usize) -> usize {
        self.lines.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// The place of a byte.
    pub fn position(&self, text: &str, offset: usize) -> Position {
        let offset = offset.min(text.len());
        let line = self.line_of(offset);
        let (start, here) = (self.before(text, self.lines[line]), self.before(text, offset));
        Position {
            line: small(line) + 1,
            column: here.0 - start.0 + 1,
            utf16: here.1 - start.1 + 1,
            utf8: small(offset - self.lines[line]) + 1,
        }
    }

    /// Characters and UTF-16 units before a byte.
    fn before(&self, text: &str, offset: usize) -> (u32, u32) {
        match self.marks.get(offset / STEP) {
            Some((characters, units)) => {
                let rest = counted(&text.as_bytes()[offset / STEP * STEP..offset]);
                (characters + rest.0, units + rest.1)
            }
            // The end of the text, where it ends with a step.
            None if !self.marks.is_empty() => self.before_end(text),
            None => (small(offset), small(offset)),
        }
    }

    fn before_end(&self, text: &str) -> (u32, u32) {
        let last = self.marks.len() - 1;
        let rest = counted(&text.as_bytes()[last * STEP..]);
        (self.marks[last].0 + rest.0, self.marks[last].1 + rest.1)
    }

    /// The row's own text, without a hash: of a long line only what names the row.
    pub fn snippet(&self, text: &str, span: Span) -> Snippet {
        let line = self.line_of(span.start);
        let start = self.lines[line];
        let end = self.lines.get(line + 1).copied().unwrap_or(text.len());
        let whole = text[start..end].trim_end();
        let within = span.start - start..span.end.min(start + whole.len()) - start;
        if whole.len() <= SHOWN {
            let highlight = Span::new(within.start, within.end.max(within.start));
            return Snippet { text: whole.to_owned(), highlight, line_hash: String::new() };
        }
        let cut = text.floor_char_boundary(span.end.min(end).min(span.start + SHOWN));
        let shown = text[span.start..cut].trim_end().to_owned();
        Snippet { highlight: Span::new(0, shown.len()), text: shown, line_hash: String::new() }
    }
}

/// Characters that begin in the bytes, and their UTF-16 units: those of four bytes have two.
fn counted(bytes: &[u8]) -> (u32, u32) {
    let characters = bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
    let long = bytes.iter().filter(|byte| **byte >= 0xf0).count();
    (small(characters), small(characters + long))
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn positions_are_those_of_counting(pieces in proptest::collection::vec("[a-zé\u{1f511}\n]{0,400}", 0..8)) {
            let text: String = pieces.concat();
            let layout = Layout::of(&text);
            for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
                let before = &text[..offset];
                let start = before.rfind('\n').map_or(0, |at| at + 1);
                // A line that has not begun yet is none: the last line break belongs to its line.
                let start = if start == text.len() && start > 0 { before[..start - 1].rfind('\n').map_or(0, |at| at + 1) } else { start };
                let line = &before[start..];
                let position = layout.position(&text, offset);
                prop_assert_eq!(position.column as usize, line.chars().count() + 1);
                prop_assert_eq!(position.utf16 as usize, line.encode_utf16().count() + 1);
            }
        }
    }
}
