//! Keys seen through layers: where they stand in the outer text, and which of them are news.

use std::rc::Rc;

use super::decode::{self, Found, Layer, Mark};
use super::filter::Kept;
use super::matcher::Candidate;
use crate::finding::Span;

/// Layers whose keys replace what the outer text shows at the same place, which is only their encoded form.
const REPLACING: [&str; 2] = ["kube-secret", "quoted-printable"];

/// A layer with the layers around it.
pub struct Deep {
    layer: Layer,
    outer: Option<Rc<Deep>>,
}

impl Deep {
    /// Puts a layer into the one it was found in.
    pub fn new(layer: Layer, outer: Option<Rc<Self>>) -> Self {
        Self { layer, outer }
    }

    /// What stands encoded in it in turn.
    pub fn layers(&self, runs: &[Span], marks: &[Mark]) -> Found {
        decode::layers_inside(&self.layer, runs, marks)
    }

    /// The layer itself, without those around it.
    pub fn layer(&self) -> &Layer {
        &self.layer
    }

    /// The decoded text.
    pub fn text(&self) -> &[u8] {
        &self.layer.text
    }

    /// Where a span of the decoded text stands in the outermost text.
    pub fn outermost(&self, span: Span) -> Span {
        let span = self.layer.map.span(span);
        self.outer.as_ref().map_or(span, |outer| outer.outermost(span))
    }

    /// Where a span of the decoded text stands in the text of a layer around it.
    fn within(&self, span: Span, around: &Self) -> Option<Span> {
        let outer = self.outer.as_deref()?;
        let span = self.layer.map.span(span);
        if std::ptr::eq(outer, around) { Some(span) } else { outer.within(span, around) }
    }

    /// All places of the outermost text that a span of the decoded text came from.
    pub fn pieces(&self, span: Span) -> Vec<Span> {
        let pieces = self.layer.map.pieces(span);
        match &self.outer {
            Some(outer) => pieces.into_iter().flat_map(|piece| outer.pieces(piece)).collect(),
            None => pieces,
        }
    }

    /// The layers' names, outermost first.
    pub fn names(&self) -> Vec<&'static str> {
        let mut names = self.outer.as_ref().map_or_else(Vec::new, |outer| outer.names());
        names.extend(self.layer.names);
        names
    }
}

/// A text that was seen through layers and holds candidates.
pub struct Seen {
    /// The layer.
    pub deep: Rc<Deep>,
    /// What stands in it, in its own coordinates.
    pub candidates: Vec<Candidate>,
}

/// A key in a layer, before it is compared with what the outer text shows.
struct Inner<'s> {
    seen: usize,
    kept: Kept,
    place: Span,
    value: &'s [u8],
    specificity: u8,
}

/// Of the keys in layers, those that the outer text does not show already. Outer keys that are only the wrapping of a
/// more specific one are taken out. Returns the inner keys by their `Seen`, and how many of both were dropped.
pub fn news(
    outer: &mut Vec<Kept>,
    seen: &[Seen],
    judged: Vec<(usize, Vec<Kept>)>,
    specificity: impl Fn(&Candidate) -> u8,
) -> (Vec<(usize, Kept)>, usize) {
    let mut inner: Vec<Inner<'_>> = Vec::new();
    for (index, kept) in judged {
        let deep = &seen[index].deep;
        inner.extend(kept.into_iter().map(|kept| Inner {
            seen: index,
            place: deep.outermost(kept.candidate.secret),
            value: kept.candidate.secret.of(deep.text()),
            specificity: specificity(&kept.candidate),
            kept,
        }));
    }
    // The outermost sight of the most specific rule wins.
    inner.sort_by_key(|one| (one.place.start, std::cmp::Reverse(one.specificity), one.seen));
    let before = inner.len() + outer.len();
    let mut wrapped = vec![false; outer.len()];
    let mut chosen: Vec<Inner<'_>> = Vec::new();
    for one in inner {
        let names = seen[one.seen].deep.names();
        let replaces = names.iter().any(|name| REPLACING.contains(name));
        let inside = names.contains(&"jwt");
        let from = outer.partition_point(|other| other.candidate.secret.end <= one.place.start);
        let over = outer[from..].iter().take_while(|other| other.candidate.secret.start < one.place.end).count();
        let touched = from..from + over;
        let outranked = outer[touched.clone()].iter().any(|other| specificity(&other.candidate) >= one.specificity);
        let shown = shown(&chosen, &one, |other| {
            !replaces && !inside && other.specificity >= one.specificity && is_wrapping(other, &one, seen)
        });
        if outranked && !replaces && !inside || shown {
            continue;
        }
        if !inside {
            wrapped[touched].fill(true);
        }
        chosen.push(one);
    }
    let mut keep = wrapped.into_iter().map(|wrapped| !wrapped);
    outer.retain(|_| keep.next().unwrap_or(true));
    let dropped = before - chosen.len() - outer.len();
    (chosen.into_iter().map(|one| (one.seen, one.kept)).collect(), dropped)
}

/// Whether the one key stands encoded in the other, which was seen in a layer around its own.
fn is_wrapping(other: &Inner<'_>, one: &Inner<'_>, seen: &[Seen]) -> bool {
    let span = seen[one.seen].deep.within(one.kept.candidate.secret, &seen[other.seen].deep);
    span.is_some_and(|span| span.overlaps(other.kept.candidate.secret))
}

/// Whether an inner key at the same place holds the same bytes already, or is what the one is `wrapped` in. Many keys may share
/// one place: a compressed stretch is one place for everything in it.
fn shown(chosen: &[Inner<'_>], one: &Inner<'_>, wrapped: impl Fn(&Inner<'_>) -> bool) -> bool {
    let near = chosen
        .iter()
        .rev()
        .take_while(|other| other.place.start == one.place.start || other.place.end > one.place.start);
    near.take(NEIGHBOURS).any(|other| {
        other.place.overlaps(one.place)
            && (memchr::memmem::find(other.value, one.value).is_some()
                || memchr::memmem::find(one.value, other.value).is_some()
                || wrapped(other))
    })
}

/// Inner keys that one is compared with: more of them at one place cost time that grows with their square.
const NEIGHBOURS: usize = 64;
