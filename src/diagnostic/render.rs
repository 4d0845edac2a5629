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
        let snippet = Snippet::source(&self.text).path(&self.path).annotation(AnnotationKind::Primary.span(span));
        let mut group = Level::ERROR.primary_title(&problem.message).element(snippet);
        if let Some(hint) = &problem.hint {
            group = group.element(Level::HELP.message(hint));
        }
        writeln!(f, "{}", Renderer::plain().render(&[group]))
    }
}
