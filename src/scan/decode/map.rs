//! Where each decoded byte stood in the text that it was decoded from.

use crate::finding::Span;

/// A stretch whose decoded and original bytes run in step: `den` decoded bytes for every `num` original ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Segment {
    decoded: usize,
    original: usize,
    den: usize,
    num: usize,
}

/// Maps spans of a decoded text back to the text it came from. Stretches in step share one entry, so that a megabyte of
/// base64 on one line costs 32 bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Map {
    segments: Vec<Segment>,
    /// Whether the text was put together from places that have nothing between them.
    in_pieces: bool,
}

impl Map {
    /// From `decoded` on, each `step.0` decoded bytes stand for `step.1` original ones, starting at `original`.
    pub fn push(&mut self, decoded: usize, original: usize, step: (usize, usize)) {
        let (den, num) = (step.0.max(1), step.1);
        if let Some(last) = self.segments.last() {
            let gone = decoded - last.decoded;
            let in_step = gone.is_multiple_of(last.den) && last.original + gone / last.den * last.num == original;
            if in_step && last.den == den && last.num == num {
                return;
            }
        }
        self.segments.push(Segment { decoded, original, den, num });
    }

    /// The same map for a text that was put together from pieces: what stands between them is no part of it.
    pub fn in_pieces(self) -> Self {
        Self { in_pieces: true, ..self }
    }

    /// The original stretch that a decoded span came from: every original byte that took part, or of a text in pieces
    /// the piece that gave most.
    pub fn span(&self, span: Span) -> Span {
        if self.in_pieces && !span.is_empty() {
            let pieces = self.pieces(span);
            return pieces.into_iter().rev().max_by_key(|piece| piece.len()).unwrap_or_default();
        }
        let start =
            self.segment(span.start).map_or(0, |one| one.original + (span.start - one.decoded) / one.den * one.num);
        if span.is_empty() {
            return Span::new(start, start);
        }
        let last = span.end - 1;
        let end = self.segment(last).map_or(start, |one| one.original + ((last - one.decoded) / one.den + 1) * one.num);
        Span::new(start, end.max(start))
    }

    /// Every original stretch that a decoded span came from, in the order of the decoded text.
    pub fn pieces(&self, span: Span) -> Vec<Span> {
        if !self.in_pieces || span.is_empty() {
            return vec![self.span(span)];
        }
        let first = self.segments.partition_point(|one| one.decoded <= span.start).saturating_sub(1);
        let ends = self.segments.iter().skip(first + 1).map(|next| next.decoded).chain([span.end]);
        let parts = self.segments[first..].iter().zip(ends).take_while(|(one, _)| one.decoded < span.end);
        let pieces = parts.map(|(one, end)| {
            let (from, to) = (span.start.max(one.decoded) - one.decoded, span.end.min(end) - one.decoded);
            let original = |decoded: usize| one.original + decoded.div_ceil(one.den) * one.num;
            Span::new(one.original + from / one.den * one.num, original(to))
        });
        pieces.filter(|piece| !piece.is_empty()).collect()
    }

    fn segment(&self, decoded: usize) -> Option<&Segment> {
        let after = self.segments.partition_point(|one| one.decoded <= decoded);
        self.segments[..after].last()
    }
}

/// A decoded text under construction, with its map.
#[derive(Debug, Default)]
pub struct Builder {
    /// The decoded bytes so far.
    pub text: Vec<u8>,
    map: Map,
}

impl Builder {
    /// Takes a stretch over as it is.
    pub fn copy(&mut self, text: &[u8], span: Span) {
        if !span.is_empty() {
            self.map.push(self.text.len(), span.start, (1, 1));
            self.text.extend_from_slice(span.of(text));
        }
    }

    /// Adds decoded bytes that stand for the original `span` as a whole.
    pub fn put(&mut self, decoded: &[u8], span: Span) {
        if !decoded.is_empty() {
            self.map.push(self.text.len(), span.start, (decoded.len(), span.len()));
            self.text.extend_from_slice(decoded);
        }
    }

    /// Adds one character that stands for the original `span`.
    pub fn put_char(&mut self, character: char, span: Span) {
        self.put(character.encode_utf8(&mut [0; 4]).as_bytes(), span);
    }

    /// Adds another builder's result.
    pub fn append(&mut self, text: &[u8], map: &Map) {
        let from = self.text.len();
        // The text may have been cut since its map was made.
        for one in map.segments.iter().take_while(|one| one.decoded < text.len()) {
            self.map.push(from + one.decoded, one.original, (one.den, one.num));
        }
        self.text.extend_from_slice(text);
    }

    /// The text and its map.
    pub fn finish(self) -> (Vec<u8>, Map) {
        (self.text, self.map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_in_step_are_one_segment() {
        let mut map = Map::default();
        for group in 0..100 {
            map.push(group * 3, 10 + group * 4, (3, 4));
        }
        assert_eq!(map.segments.len(), 1);
        assert_eq!(map.span(Span::new(0, 1)), Span::new(10, 14));
        assert_eq!(map.span(Span::new(4, 9)), Span::new(14, 22));
    }

    #[test]
    fn a_cut_text_takes_only_its_part_of_the_map() {
        let mut inner = Builder::default();
        inner.put(b"abc", Span::new(0, 4));
        inner.put(b"d", Span::new(9, 10));
        let (text, map) = inner.finish();
        let mut outer = Builder::default();
        outer.append(&text[..2], &map);
        outer.copy(b"0123456789", Span::new(4, 6));
        let (text, map) = outer.finish();
        assert_eq!((text.as_slice(), map.span(Span::new(2, 4))), (b"ab45".as_slice(), Span::new(4, 6)));
    }

    #[test]
    fn a_text_in_pieces_is_where_most_of_it_is() {
        let text = b"A = 'live'; B = 'sk_'";
        let mut builder = Builder::default();
        builder.copy(text, Span::new(17, 20));
        builder.copy(text, Span::new(5, 9));
        let (text, map) = builder.finish();
        let map = map.in_pieces();
        assert_eq!(text, b"sk_live");
        assert_eq!(map.span(Span::new(0, 7)), Span::new(5, 9));
        assert_eq!(map.pieces(Span::new(1, 6)), [Span::new(18, 20), Span::new(5, 8)]);
        assert_eq!(map.span(Span::new(1, 3)), Span::new(18, 20));
    }

    #[test]
    fn characters_keep_their_own_width() {
        let mut builder = Builder::default();
        builder.copy(b"ab%20cd", Span::new(0, 2));
        builder.put(b" ", Span::new(2, 5));
        builder.copy(b"ab%20cd", Span::new(5, 7));
        let (text, map) = builder.finish();
        assert_eq!(text, b"ab cd");
        assert_eq!(map.span(Span::new(2, 3)), Span::new(2, 5));
        assert_eq!(map.span(Span::new(1, 4)), Span::new(1, 6));
        assert_eq!(map.span(Span::new(3, 3)), Span::new(5, 5));
    }
}
