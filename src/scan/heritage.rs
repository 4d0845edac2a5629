//! What a version of a text takes over from the one that it is stored as a change of.
//!
//! A keyword that stands in a stretch which did not change is not searched for again. Where everything that can be
//! reached from it did not change either, it leads to what it led to before; if that was nothing, it is not looked at
//! again. Nothing else is taken over: what keywords lead to is judged anew in each version, with the whole text at hand.
//! The result is exactly that of a full search: `docs/architecture.md` tells why, `tests/it/heritage.rs` compares the two.

use super::archive::Kind;
use super::decode::encoding::Storage;
use super::matcher::Engine;
use super::prefilter::Hit;
use super::worker::Worker;
use crate::finding::{Origin, Span};
use crate::source::git::history::Same;

/// Stretches that are shorter are searched like new text, in bytes; at least four times the longest keyword.
const SHORTEST: usize = 256;

/// The keywords of a text, and which of them led to something.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// Sorted by place.
    words: Vec<Word>,
    /// Length of the text in bytes.
    length: usize,
}

/// A keyword in eight bytes: many texts are remembered at a time.
#[derive(Clone, Copy, Debug)]
struct Word {
    start: u32,
    /// The keyword's number, and whether it led to something in the last bit.
    keyword: u32,
}

impl Word {
    fn led(self) -> bool {
        self.keyword & 1 == 1
    }
}

/// The keywords of a text that is a change of another one.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Every keyword of the text, sorted by place.
    pub hits: Vec<Hit>,
    /// Which of them lead to nothing, as they did before.
    pub idle: Vec<bool>,
}

/// A text from which another one takes over.
#[derive(Clone, Copy)]
pub struct Ancestor<'a> {
    /// Its keywords.
    pub trace: &'a Trace,
    /// What stayed as it was, in order.
    pub same: &'a [Same],
}

impl Worker<'_> {
    /// Scans a text as [`Worker::scan`] does, with what is known from its ancestor; both must have paths of one kind. Gives
    /// back what the text's own heirs can take over: nothing where it is no plain text.
    pub fn scan_version(
        &mut self,
        origin: &Origin,
        bytes: &[u8],
        ancestor: Option<Ancestor<'_>>,
        has_heirs: bool,
    ) -> Option<Trace> {
        if Kind::of(bytes).is_none() && Storage::of(bytes) == Storage::Ascii {
            let known = ancestor.map(|ancestor| ancestor.keywords(bytes, self.engine));
            self.scratch.expect(known, has_heirs);
        }
        self.scan(origin, bytes);
        self.trace.take()
    }
}

/// Which keywords of a text led to something, while it is searched.
#[derive(Default)]
pub(super) struct Traced {
    led: Vec<bool>,
    /// Rules that matched, and where they were searched.
    matched: Vec<(usize, Span)>,
}

impl Traced {
    /// A text with so many keywords is searched.
    pub fn expect(&mut self, keywords: usize) {
        self.led.resize(keywords, false);
    }

    /// A keyword led to something, or to what lies further away than its reach.
    pub fn note(&mut self, keyword: usize, led: bool) {
        self.led[keyword] = led;
    }

    /// A rule matched in a stretch: each of its keywords in there may lead to something in another version.
    pub fn matched(&mut self, rule: usize, stretch: Span) {
        self.matched.push((rule, stretch));
    }

    /// What is remembered of the text of `length` bytes; none where it is too large to be remembered.
    pub fn trace<'r>(self, length: usize, hits: &[Hit], announced: impl Fn(u32) -> &'r [usize]) -> Option<Trace> {
        u32::try_from(length).ok()?;
        let in_match = |hit: &Hit| {
            let holds = |(rule, stretch): &(usize, Span)| {
                (stretch.start..stretch.end).contains(&hit.start) && announced(hit.keyword).contains(rule)
            };
            self.matched.iter().any(holds)
        };
        let word = |(hit, led): (&Hit, &bool)| Word {
            start: u32::try_from(hit.start).unwrap_or(u32::MAX),
            keyword: hit.keyword << 1 | u32::from(*led || in_match(hit)),
        };
        Some(Trace { words: hits.iter().zip(&self.led).map(word).collect(), length })
    }
}

impl Ancestor<'_> {
    /// The keywords of `text`.
    pub(super) fn keywords(&self, text: &[u8], engine: &Engine) -> Known {
        let margin = engine.longest_keyword().saturating_sub(1);
        let mut known = Known::default();
        let mut done = 0;
        for same in self.same.iter().filter(|same| same.length >= SHORTEST.max(4 * margin)) {
            search(text, (done, same.at), margin, engine, &mut known);
            self.take_over(text.len(), *same, engine, &mut known);
            done = same.at + same.length;
        }
        search(text, (done, text.len()), margin, engine, &mut known);
        known
    }

    /// Takes over the keywords that stand whole in a stretch.
    fn take_over(&self, length: usize, same: Same, engine: &Engine, known: &mut Known) {
        let (from, to) = (same.from, same.from + same.length);
        // Where both texts begin or end with the stretch, nothing lies beyond it.
        let open = (same.at > 0 || same.from > 0, same.at + same.length < length || to < self.trace.length);
        let first = self.trace.words.partition_point(|word| (word.start as usize) < from);
        for word in &self.trace.words[first..] {
            let start = word.start as usize;
            if start >= to {
                break;
            }
            let hit = Hit { start: start - from + same.at, keyword: word.keyword >> 1 };
            let end = start + engine.keyword_length(hit);
            if end > to {
                continue;
            }
            let reach = engine.reach(hit.keyword);
            let untouched = (!open.0 || start - from > reach) && (!open.1 || to - end > reach);
            known.hits.push(hit);
            known.idle.push(!word.led() && untouched);
        }
    }
}

/// Finds the keywords that touch the gap between two stretches, or the seam where they meet.
fn search(text: &[u8], gap: (usize, usize), margin: usize, engine: &Engine, known: &mut Known) {
    let from = gap.0.saturating_sub(margin);
    let to = text.len().min(gap.1 + margin);
    let first = known.hits.len();
    engine.find_keywords(&text[from..to], &mut known.hits);
    let mut kept = first;
    for at in first..known.hits.len() {
        let hit = known.hits[at];
        let (start, end) = (hit.start + from, hit.start + from + engine.keyword_length(hit));
        let inside = end <= gap.0 || (start >= gap.1 && gap.1 < text.len());
        if !inside {
            known.hits[kept] = Hit { start, ..hit };
            kept += 1;
        }
    }
    known.hits.truncate(kept);
    known.idle.resize(kept, false);
    // A keyword over the seam may begin before the last ones of the stretch.
    if first > 0 && kept > first && known.hits[first] < known.hits[first - 1] {
        known.sort_from(first);
    }
}

impl Known {
    /// Puts the last keywords, from `seam` on, into their places among those before.
    fn sort_from(&mut self, seam: usize) {
        let from = self.hits[..seam].partition_point(|hit| *hit < self.hits[seam]);
        let mut tail: Vec<(Hit, bool)> = self.hits.drain(from..).zip(self.idle.drain(from..)).collect();
        tail.sort_unstable();
        for (hit, idle) in tail {
            self.hits.push(hit);
            self.idle.push(idle);
        }
    }
}
