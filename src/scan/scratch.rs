//! What one worker reuses from text to text.

use super::generic::Memo;
use super::heritage::{Known, Traced};
use super::pair::Pair;
use super::prefilter::Hit;
use crate::finding::Span;

/// A worker's buffers.
#[derive(Default)]
pub struct Scratch {
    pub(super) hits: Vec<Hit>,
    pub(super) open: Vec<Option<Span>>,
    pub(super) touched: Vec<usize>,
    pub(super) markers: Vec<usize>,
    /// Runs of the text that was searched last.
    pub(super) runs: Vec<Span>,
    /// Where base64 of decimal digits begins in it.
    pub(super) numbers: Vec<usize>,
    /// The number of the run beside the keyword that is looked at.
    pub(super) near: usize,
    /// For each rule whether it looks at the text, once that was asked.
    pub(super) looks: Vec<Option<bool>>,
    pub(super) pairs: Vec<Pair>,
    /// What names hold.
    pub(super) meanings: Memo,
    /// Where the name starts that was read last.
    pub(super) named: Option<usize>,
    /// Keywords of the next text, where they are known.
    pub(super) known: Option<Known>,
    /// Which keywords of the text led to something, while that is traced.
    pub(super) traced: Option<Traced>,
}

impl Scratch {
    /// Whether the keywords of the text that is searched next are known, and what they lead to is to be traced.
    pub(super) fn expect(&mut self, known: Option<Known>, is_traced: bool) {
        self.known = known;
        self.traced = is_traced.then(Traced::default);
    }

    /// The pairs of the blob, by their numbers: those of its layers come after its own.
    pub fn pairs(&self) -> &[Pair] {
        &self.pairs
    }

    /// Forgets the pairs of the last blob.
    pub fn forget_pairs(&mut self) {
        self.pairs.clear();
    }

    /// The runs of the text that was searched last, in order.
    pub fn runs(&self) -> &[Span] {
        &self.runs
    }

    /// Where allow comments start in the text that was searched last.
    pub fn markers(&self) -> &[usize] {
        &self.markers
    }
}
