//! One problem as rustc would show it.

use std::fmt;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::{Problem, SourceText};

impl SourceText {
    /// Writes the problem with its line and a caret, without colour.
    pub(super) fn write_problem(&self, problem: &Problem, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = self.text.len();
        let span = problem.span.start.min(length)..problem.span.end.min(length);
        let span = self.text.floor_char_boundary(span.start)..self.text.ceil_char_boundary(span.end.max(span.start));
        let masked = mask(&self.text);
        let snippet = Snippet::source(&masked).path(&self.path).annotation(AnnotationKind::Primary.span(span));
        let mut group = Level::ERROR.primary_title(&problem.message).element(snippet);
        if let Some(hint) = &problem.hint {
            group = group.element(Level::HELP.message(hint));
        }
        writeln!(f, "{}", Renderer::plain().render(&[group]))
    }
}

/// Shortest run of letters and digits that is taken for a value.
const SHORTEST: usize = 12;

/// The text with everything that looks like a generated value starred out, byte for byte, so that spans stay right: a
/// file given by mistake, or a rule file with a real key in it, must not put the key on a terminal or in a log of CI.
fn mask(text: &str) -> String {
    let outside = |letter: char| !(letter.is_ascii_alphanumeric() || "+/_-=".contains(letter));
    let mut masked = String::with_capacity(text.len());
    for part in text.split_inclusive(outside) {
        let run = part.trim_end_matches(outside);
        // An assignment without spaces is a name and a value.
        let at = run.trim_end_matches('=').rfind('=').map_or(0, |at| at + 1);
        let (name, value) = run.split_at(at);
        let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
        let digits = value.bytes().filter(u8::is_ascii_digit).count();
        let is_class = ["A-Z", "a-z", "0-9"].iter().any(|range| value.contains(range));
        masked.push_str(name);
        if value.len() >= SHORTEST && letters > 0 && digits > 1 && !is_class {
            masked.extend(std::iter::repeat_n('*', value.len()));
        } else {
            masked.push_str(value);
        }
        masked.push_str(&part[run.len()..]);
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_starred_and_names_are_not() {
        let text =
            "NAME=ab12cd34ef56gh78\npattern = '''acme_[A-Za-z0-9_-]{20}'''\nexclude = [\"github-pat-classic\"]\n";
        let masked = mask(text);
        assert_eq!(masked.len(), text.len());
        assert_eq!(masked, text.replace("ab12cd34ef56gh78", "****************"));
    }
}
