//! How far around a keyword a pattern can reach, so that only that stretch is searched.
//!
//! Every match that holds the keyword lies inside the window, and windows that touch are joined. Searching the joined
//! windows from left to right therefore gives exactly the matches of a search over the whole text; `tests/it/oracle.rs`
//! proves it on generated texts.

use crate::finding::Span;
use crate::rule::outline::Reach;

impl Reach {
    /// The stretch of `text` that a match holding the bytes of `hit` can cover.
    ///
    /// `open` is the window of the hits before, to which this one is joined if they touch. No byte that lies in it is
    /// walked again: a text full of keywords would cost time that grows with its square. The window may then reach
    /// further than it must, which changes no match.
    pub fn window(&self, text: &[u8], hit: Span, open: Option<Span>) -> Span {
        // The keyword's own length is not taken off: windows of later hits must never begin before those of earlier ones.
        let spare = self.bounded;
        let Some(set) = &self.unbounded else {
            return Span::new(hit.start.saturating_sub(spare), text.len().min(hit.end.saturating_add(spare)));
        };
        let floor = open.map_or(0, |open| open.end);
        let mut start = hit.start;
        let mut left = spare;
        while start > floor {
            let free = set.contains(text[start - 1]);
            if !free && left == 0 {
                break;
            }
            left -= usize::from(!free);
            start -= 1;
        }
        let mut end = hit.end.max(floor);
        let mut left = spare;
        while end < text.len() {
            let free = set.contains(text[end]);
            if !free && left == 0 {
                break;
            }
            left -= usize::from(!free);
            end += 1;
        }
        Span::new(start.min(hit.start), end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(pattern: &str) -> Reach {
        crate::rule::Outline::of(pattern).expect("the pattern is right").reach
    }

    #[test]
    fn bounded_patterns_reach_their_length() {
        let text = [b'x'; 100];
        let window = reach("ab[0-9]{8}").window(&text, Span::new(50, 52), None);
        assert_eq!(window, Span::new(40, 62));
    }

    #[test]
    fn unbounded_classes_reach_over_their_own_bytes() {
        let text = b"........ab0123456789;;;;;;";
        let window = reach("ab[0-9]{2,};").window(text, Span::new(8, 10), None);
        assert_eq!(window.end, 25);
        assert_eq!(window.start, 3);
    }

    #[test]
    fn an_open_window_is_not_walked_again() {
        let text = b"ab0123ab4567ab89;;;;;;";
        let reach = reach("ab[0-9]{2,};");
        let open = reach.window(text, Span::new(0, 2), None);
        let next = reach.window(text, Span::new(6, 8), Some(open));
        assert!(next.start <= open.end && next.end >= open.end);
    }

    proptest::proptest! {
        /// Linear time: however dense the keywords stand, no byte is walked more than once in each direction.
        #[test]
        fn windows_walk_each_byte_once(
            pieces in proptest::collection::vec(0..5_usize, 1..400),
            pattern in 0..4_usize,
        ) {
            let reach = reach(["ab[0-9a-b]+", "[ab]*ab[0-9]{1,3};", "ab[^;]+", "x{0,9}ab.{0,5}[0-9]*"][pattern]);
            let text: String = pieces.iter().map(|&piece| ["ab", "0", ";", "abab01", "x"][piece]).collect();
            let mut open: Option<Span> = None;
            let mut walked = 0;
            let mut hits = 0;
            for (at, _) in text.match_indices("ab") {
                let window = reach.window(text.as_bytes(), Span::new(at, at + 2), open);
                let joined = open.filter(|open| window.start <= open.end);
                walked += window.end - joined.map_or(at, |open| open.end.max(at)).min(window.end);
                walked += at.saturating_sub(window.start);
                hits += 1;
                open = Some(joined.map_or(window, |open| Span::new(open.start.min(window.start), open.end.max(window.end))));
            }
            proptest::prop_assert!(walked <= 2 * text.len() + hits * 2 * (reach.bounded + 2), "{} of {}", walked, text.len());
        }
    }
}
