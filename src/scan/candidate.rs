//! What the engine finds, before it is judged.

use super::filter::DropReason;
use super::pair::Pair;
use crate::finding::{Confidence, Span};

/// A match of a rule's pattern. Spans are offsets in the text that was searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// Index of the rule in the engine.
    pub rule: usize,
    /// The whole match.
    pub span: Span,
    /// The key itself.
    pub secret: Span,
    /// The user half of a pair.
    pub user: Option<Span>,
    /// The pass half of a pair.
    pub pass: Option<Span>,
    /// A public identifier beside it.
    pub id: Option<Span>,
    /// The host it belongs to.
    pub host: Option<Span>,
    /// What the code that read it made of it, for rules without a pattern.
    pub verdict: Option<Result<Confidence, DropReason>>,
    /// The name that it is the value of, for rules without a pattern.
    pub named: Option<Named>,
    /// For what the forms of `pair` found: its number among the pairs of the blob.
    pub pair: Option<usize>,
}

/// A name that a value was read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    /// The name.
    pub name: Span,
    /// Whether it is also used for other things.
    pub vague: bool,
}

impl Candidate {
    /// What the pair with this number in the blob becomes under a rule.
    pub(super) fn of_pair(rule: usize, pair: &Pair, number: usize, text: &[u8]) -> Self {
        Self {
            rule,
            span: pair.place(text),
            secret: pair.secret(),
            user: pair.user.as_ref().map(|user| user.span),
            pass: Some(pair.pass.span),
            id: None,
            host: None,
            verdict: None,
            named: None,
            pair: Some(number),
        }
    }

    /// Moves every span behind the bytes that stand before what was looked at.
    pub(super) fn move_by(&mut self, bytes: usize) {
        let halves = [&mut self.user, &mut self.pass, &mut self.id, &mut self.host];
        let name = self.named.as_mut().map(|named| &mut named.name);
        let spans = [&mut self.span, &mut self.secret].into_iter().chain(halves.into_iter().flatten()).chain(name);
        for span in spans {
            *span = Span::new(span.start + bytes, span.end + bytes);
        }
    }
}
