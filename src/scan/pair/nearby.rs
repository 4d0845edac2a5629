//! The names around a place, nearest first: whoever looks for a sibling stops at the first that fits.
//!
//! Fields stand close together, so that the stretches in which their siblings are looked for overlap by nearly all they
//! hold. The names of such a stretch are kept for the next search: a byte is looked at once, however many fields are around it.

use std::cell::{Ref, RefCell};
use std::collections::VecDeque;

use super::lexer;
use super::name::{self, Meaning};
use crate::finding::Span;

/// Longest name that can be a field's.
const LONGEST: usize = 64;
/// Names so far before the last search are kept: one that begins a little earlier needs no second look.
const BEHIND: usize = 4096;

/// Names of one text that siblings may have. What a search gives does not depend on those before it.
#[derive(Debug, Default)]
pub struct Nearby {
    seen: RefCell<Seen>,
}

/// The names that begin within a stretch, in order.
#[derive(Debug, Default)]
struct Seen {
    stretch: Span,
    names: VecDeque<Span>,
}

/// A stretch of a text, and where it begins there.
#[derive(Clone, Copy)]
pub struct View<'t> {
    /// The stretch.
    pub text: &'t [u8],
    /// One place in the text is so many bytes further than in the stretch.
    pub base: usize,
}

impl Nearby {
    /// The names within `window` on both sides of `around`, a name itself, that may have the `wanted` meaning.
    pub fn names<'n>(&'n self, view: View<'n>, window: Span, around: Span, wanted: Meaning) -> Names<'n> {
        let outer = whole_run(view.text, around);
        let window = Span::new(after_run(view.text, window), window.end);
        let [window, outer] = [window, outer].map(|span| Span::new(span.start + view.base, span.end + view.base));
        self.seen.borrow_mut().reach(view, window);
        let seen = self.seen.borrow();
        let left = seen.names.partition_point(|name| name.end <= outer.start);
        let right = seen.names.partition_point(|name| name.start < outer.end);
        Names { seen, view, window, from: around.start + view.base, left, right, wanted }
    }
}

impl Seen {
    /// Looks at what was not looked at yet of the window.
    fn reach(&mut self, view: View<'_>, window: Span) {
        if window.start < self.stretch.start || window.start > self.stretch.end {
            self.names.clear();
            self.stretch = Span::new(window.start, window.start);
        }
        let kept = window.start.saturating_sub(BEHIND).max(self.stretch.start);
        while self.names.front().is_some_and(|name| name.start < kept) {
            self.names.pop_front();
        }
        self.stretch.start = kept;
        if self.stretch.end < window.end {
            self.look(view, window.end);
        }
    }

    fn look(&mut self, view: View<'_>, end: usize) {
        let text = view.text;
        let (mut place, end) = (self.stretch.end - view.base, end - view.base);
        while place < end {
            let start = place;
            while place < end && lexer::in_name(text[place]) {
                place += 1;
            }
            // One that goes on behind the window is looked at by the next search.
            if place == end && start < place && text.get(place).is_some_and(|&byte| lexer::in_name(byte)) {
                place = start;
                break;
            }
            self.names.extend(
                name_in(text, Span::new(start, place))
                    .map(|name| Span::new(name.start + view.base, name.end + view.base)),
            );
            place += 1;
        }
        self.stretch.end = place.min(end) + view.base;
    }
}

/// Where the window begins, or where what it cuts there ends: the rest of a name is none.
fn after_run(text: &[u8], window: Span) -> usize {
    let cuts = window.start > 0 && lexer::in_name(text[window.start - 1]);
    window.start + if cuts { window.of(text).iter().take_while(|byte| lexer::in_name(**byte)).count() } else { 0 }
}

/// All characters of names around a name.
fn whole_run(text: &[u8], name: Span) -> Span {
    let before = text[..name.start].iter().rev().take_while(|byte| lexer::in_name(**byte)).count();
    let after = text[name.end..].iter().take_while(|byte| lexer::in_name(**byte)).count();
    Span::new(name.start - before, name.end + after)
}

/// The name in an unbroken run of its characters, if it may be a sibling's: it begins with a letter.
fn name_in(text: &[u8], run: Span) -> Option<Span> {
    let start = run.start + run.of(text).iter().position(u8::is_ascii_alphabetic)?;
    let found = Span::new(start, run.end);
    let fits = |meaning| name::may_be(meaning, found.of(text));
    (found.len() <= LONGEST && (fits(Meaning::User) || fits(Meaning::Key))).then_some(found)
}

/// Walks to both sides at once.
pub struct Names<'n> {
    seen: Ref<'n, Seen>,
    view: View<'n>,
    window: Span,
    from: usize,
    left: usize,
    right: usize,
    wanted: Meaning,
}

impl Names<'_> {
    fn nearer(&mut self) -> Option<Span> {
        let before = self.left.checked_sub(1).map(|at| self.seen.names[at]);
        let before = before.filter(|name| name.start >= self.window.start);
        let behind = self.seen.names.get(self.right).copied().filter(|name| name.end <= self.window.end);
        let distance = |name: Span| self.from.abs_diff(name.start);
        let is_before = match (before, behind) {
            (Some(before), Some(behind)) => distance(before) <= distance(behind),
            (before, _) => before.is_some(),
        };
        if is_before {
            self.left -= 1;
            before
        } else {
            self.right += 1;
            behind
        }
    }
}

impl Iterator for Names<'_> {
    type Item = Span;

    fn next(&mut self) -> Option<Span> {
        loop {
            let name = self.nearer()?;
            let name = Span::new(name.start - self.view.base, name.end - self.view.base);
            if name::may_be(self.wanted, name.of(self.view.text)) {
                return Some(name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found<'t>(nearby: &Nearby, text: &'t [u8], window: Span, around: Span) -> Vec<&'t [u8]> {
        let names = nearby.names(View { text, base: 0 }, window, around, Meaning::User);
        names.map(|name| name.of(text)).collect()
    }

    fn whole(text: &[u8]) -> Span {
        Span::new(0, text.len())
    }

    #[test]
    fn nearest_first_on_both_sides() {
        let text = b"far.user, _login; 22 PASS=id word 3uid \"email\"";
        let names = found(&Nearby::default(), text, whole(text), Span::new(21, 25));
        assert_eq!(names, [&b"id"[..], b"login", b"uid", b"email", b"far.user"]);
    }

    #[test]
    fn nothing_beyond_the_window_and_no_part_of_the_name() {
        let text = b"user id-pass-id user";
        let names = |window| found(&Nearby::default(), text, window, Span::new(8, 12)).len();
        assert_eq!((names(whole(text)), names(Span::new(5, 15)), names(Span::new(1, 18))), (2, 0, 0));
        let long = [b"id ".as_slice(), &[b'y'; 62], b"uid", b" pass"].concat();
        assert_eq!(found(&Nearby::default(), &long, whole(&long), Span::new(69, 73)), [b"id"]);
    }

    proptest! {
        #[test]
        fn earlier_searches_change_nothing(
            text in "(pass|user|[a_ 1.]|id|\n){0,60}",
            asks in proptest::collection::vec((0_usize..200, 0_usize..60, 0_usize..60, 0_usize..40), 1..12),
        ) {
            let text = text.as_bytes();
            let shared = Nearby::default();
            for (place, before, behind, base) in asks {
                let place = place.min(text.len());
                let window = Span::new(place.saturating_sub(before), text.len().min(place + behind));
                let base = base.min(window.start);
                let base = base - text[..base].iter().rev().take_while(|byte| lexer::in_name(**byte)).count();
                let [window, around] = [window, Span::new(place, place)].map(|span| Span::new(span.start - base, span.end - base));
                let view = View { text: &text[base..], base };
                let names = |nearby: &Nearby| nearby.names(view, window, around, Meaning::User).collect::<Vec<_>>();
                prop_assert_eq!(names(&shared), names(&Nearby::default()));
            }
        }
    }
}
