//! The masked line that shows a finding.

use super::line::Lines;
use crate::finding::{Snippet, Span};
use crate::secret::Redacted;

/// Bytes shown before the region on a cut line.
const BEFORE: usize = 80;

/// A stretch that must not be shown, and whether it is only an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hidden {
    /// The stretch.
    pub span: Span,
    /// Whether its last characters may show.
    pub identifier: bool,
}

/// Joins stretches that overlap; the joined one is an identifier only if all were.
pub fn merge(mut hidden: Vec<Hidden>) -> Vec<Hidden> {
    hidden.sort_unstable();
    let mut merged: Vec<Hidden> = Vec::with_capacity(hidden.len());
    for one in hidden {
        match merged.last_mut() {
            Some(last) if one.span.start < last.span.end => {
                last.span.end = last.span.end.max(one.span.end);
                last.identifier &= one.identifier;
            }
            _ => merged.push(one),
        }
    }
    merged
}

/// The line on which `span` begins, every hidden stretch masked, lines of more than `longest` bytes cut around the span.
/// `hidden` is merged. The hash of the line is the caller's to add.
pub fn snippet(text: &[u8], lines: &Lines<'_>, span: Span, hidden: &[Hidden], longest: usize) -> Snippet {
    let index = lines.index(span.start);
    let line = lines.span(index);
    let shown = cut(line, span, hidden, longest);
    let mut builder = Builder { text: String::new(), highlight: Span::default(), span };
    let mut at = shown.start;
    let first = hidden.partition_point(|one| one.span.end <= shown.start);
    for one in hidden[first..].iter().take_while(|one| one.span.start < shown.end) {
        builder.push_clear(text, Span::new(at, one.span.start.max(at)));
        builder.push_masked(text, *one);
        at = one.span.end.min(shown.end).max(at);
    }
    builder.push_clear(text, Span::new(at, shown.end));
    if builder.highlight.is_empty() {
        builder.highlight = Span::new(0, builder.text.len());
    }
    Snippet { text: builder.text, highlight: builder.highlight, line_hash: String::new() }
}

/// The part of the line that is shown; never cut inside a hidden stretch.
fn cut(line: Span, span: Span, hidden: &[Hidden], longest: usize) -> Span {
    if line.len() <= longest {
        return line;
    }
    let mut start = span.start.saturating_sub(BEFORE.min(longest / 3)).max(line.start);
    let mut end = (start + longest).min(line.end);
    let first = hidden.partition_point(|one| one.span.end <= start);
    let last = line.end.min(start + 2 * longest);
    for one in hidden[first..].iter().take_while(|one| one.span.start < last) {
        if one.span.start < start && one.span.end > start {
            start = one.span.end.min(span.start);
        }
        if one.span.start < end && one.span.end > end {
            end = one.span.end.min(line.end);
        }
    }
    Span::new(start, end)
}

struct Builder {
    text: String,
    highlight: Span,
    span: Span,
}

impl Builder {
    fn push_clear(&mut self, text: &[u8], part: Span) {
        let (from, to) = (self.text.len(), String::from_utf8_lossy(part.of(text)));
        if self.span.overlaps(part) && self.highlight.is_empty() {
            let inside = String::from_utf8_lossy(&text[part.start..self.span.start.max(part.start)]).len();
            let until = String::from_utf8_lossy(&text[part.start..self.span.end.min(part.end)]).len();
            self.highlight = Span::new(from + inside, from + until);
        } else if self.span.overlaps(part) {
            let until = String::from_utf8_lossy(&text[part.start..self.span.end.min(part.end)]).len();
            self.highlight.end = from + until;
        }
        self.text.push_str(&to);
    }

    fn push_masked(&mut self, text: &[u8], one: Hidden) {
        let value = one.span.of(text);
        let masked = if one.identifier { Redacted::of_identifier(value) } else { Redacted::of(value) };
        let from = self.text.len();
        self.text.push_str(masked.as_str());
        if self.span.overlaps(one.span) {
            if self.highlight.is_empty() {
                self.highlight.start = from;
            }
            self.highlight.end = self.text.len();
        }
    }
}

/// Replaces hidden stretches of a short text, such as a path.
pub fn mask(text: &str, hidden: &[Hidden]) -> String {
    let mut masked = String::new();
    let mut at = 0;
    for one in hidden {
        masked.push_str(&String::from_utf8_lossy(&text.as_bytes()[at..one.span.start]));
        masked.push_str(Redacted::of(one.span.of(text.as_bytes())).as_str());
        at = one.span.end;
    }
    masked.push_str(&String::from_utf8_lossy(&text.as_bytes()[at..]));
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(text: &str, span: Span, hidden: &[Span]) -> (String, String) {
        let hidden = merge(hidden.iter().map(|&span| Hidden { span, identifier: false }).collect());
        let lines = Lines::new(text.as_bytes());
        let snippet = snippet(text.as_bytes(), &lines, span, &hidden, 240);
        let shown = snippet.text[snippet.highlight.start..snippet.highlight.end].to_owned();
        (snippet.text, shown)
    }

    #[test]
    fn every_hidden_stretch_of_the_line_is_masked() {
        let text = "a = 'one-secret-value-1' b = 'two'";
        let (line, shown) = show(text, Span::new(5, 23), &[Span::new(5, 23), Span::new(30, 33)]);
        assert_eq!(line, "a = 'on********-1' b = '********'");
        assert_eq!(shown, "on********-1");
    }

    #[test]
    fn long_lines_are_cut_around_the_span() {
        let text = format!("{}SECRETSECRETSECRET{}", "x".repeat(1000), "y".repeat(1000));
        let span = Span::new(1000, 1018);
        let (line, shown) = show(&text, span, &[span]);
        assert!(line.len() < 260 && !line.contains("SECRETSECRET"));
        assert_eq!(shown, "SE********ET");
    }

    #[test]
    fn paths_are_masked() {
        let hidden = [Hidden { span: Span::new(2, 5), identifier: false }];
        assert_eq!(mask("a/key/b", &hidden), "a/********/b");
    }
}
