//! The names around a place, nearest first: whoever looks for a sibling stops at the first that fits.

use super::lexer;
use crate::finding::Span;

/// Longest name that can be a field's.
const LONGEST: usize = 64;

/// Walks to both sides at once.
pub struct Names<'t> {
    text: &'t [u8],
    window: Span,
    from: usize,
    left: Option<Span>,
    right: Option<Span>,
}

impl<'t> Names<'t> {
    /// The names within `window` on both sides of `around`, a name itself.
    pub fn new(text: &'t [u8], window: Span, around: Span) -> Self {
        let mut left = around.start;
        while left > window.start && lexer::in_name(text[left - 1]) {
            left -= 1;
        }
        let mut right = around.end;
        while right < window.end && lexer::in_name(text[right]) {
            right += 1;
        }
        let from = around.start;
        let mut names = Self { text, window, from, left: None, right: None };
        names.left = names.before(left);
        names.right = names.after(right);
        names
    }

    fn distance(&self, name: Span) -> usize {
        self.from.abs_diff(name.start)
    }

    /// The last name that ends before `place`.
    fn before(&self, mut place: usize) -> Option<Span> {
        while place > self.window.start {
            let end = place;
            while place > self.window.start && lexer::in_name(self.text[place - 1]) {
                place -= 1;
            }
            if let Some(name) = self.name(Span::new(place, end)) {
                return Some(name);
            }
            place = place.saturating_sub(1);
        }
        None
    }

    /// The first name that starts behind `place`.
    fn after(&self, mut place: usize) -> Option<Span> {
        while place < self.window.end {
            let start = place;
            while place < self.window.end && lexer::in_name(self.text[place]) {
                place += 1;
            }
            if let Some(name) = self.name(Span::new(start, place)) {
                return Some(name);
            }
            place += 1;
        }
        None
    }

    /// The name in an unbroken run of its characters: it begins with a letter.
    fn name(&self, run: Span) -> Option<Span> {
        let start = run.start + run.of(self.text).iter().position(u8::is_ascii_alphabetic)?;
        (run.end - start <= LONGEST).then(|| Span::new(start, run.end))
    }
}

impl Iterator for Names<'_> {
    type Item = Span;

    fn next(&mut self) -> Option<Span> {
        let is_left = match (self.left, self.right) {
            (Some(left), Some(right)) => self.distance(left) <= self.distance(right),
            (left, _) => left.is_some(),
        };
        if is_left {
            let name = self.left?;
            self.left = self.before(name.start);
            Some(name)
        } else {
            let name = self.right?;
            self.right = self.after(name.end);
            Some(name)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_first_on_both_sides() {
        let text = b"far.left, _one; 22 PASS=x 3two \"end\"";
        let at = 19;
        let names = Names::new(text, Span::new(0, text.len()), Span::new(at, at + 4));
        let names: Vec<&[u8]> = names.map(|name| name.of(text)).collect();
        assert_eq!(names, [&b"x"[..], b"one", b"two", b"end", b"far.left"]);
    }

    #[test]
    fn nothing_beyond_the_window_and_no_part_of_the_name() {
        let text = b"user a-pass-b user";
        let names = |window| Names::new(text, window, Span::new(7, 11)).count();
        assert_eq!((names(Span::new(0, text.len())), names(Span::new(5, 13))), (2, 0));
        let long = [b"x ".as_slice(), &[b'y'; 65], b" pass"].concat();
        assert_eq!(Names::new(&long, Span::new(0, long.len()), Span::new(68, 72)).count(), 1);
    }
}
