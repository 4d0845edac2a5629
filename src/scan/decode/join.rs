//! Expressions that put texts together, read at one place: `A + "b" + C`, `$a . $b`, `f"{A}{B}"`, `"$A${B}"`.

use super::format;
use crate::finding::Span;

/// Pieces that one expression is followed through.
const PIECES: usize = 32;
/// Longest text in quotes, in bytes.
const LITERAL: usize = 1024;
/// Longest stretch of white space between two pieces.
const GAP: usize = 200;
/// Longest type that stands between a name and its operator, as in `NAME: &str = "…"`.
const TYPE: usize = 32;
/// Letters that may stand before a quote.
const PREFIX: usize = 3;
/// How far before a name the expression that holds it may begin.
pub const BEFORE: usize = 256;
/// Operators that join two texts, in the order in which they are tried.
const OPERATORS: [&[u8]; 8] = [b"++", b"+", b"..", b".", b"<>", b"&", b"~", b"\\"];

/// A part of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// What stands between quotes.
    Text(Span),
    /// A name, without what qualifies it.
    Name(Span),
}

/// An expression of at least two pieces.
#[derive(Debug, PartialEq, Eq)]
pub struct Joins {
    /// Its pieces, in order.
    pub pieces: Vec<Piece>,
    /// Where it ends.
    pub end: usize,
    /// Whether a format string says so.
    pub is_formatted: bool,
}

impl Joins {
    /// Whether the text as it stands does not show what comes of it: texts side by side are joined elsewhere.
    pub fn hides_its_text(&self) -> bool {
        self.is_formatted || self.pieces.iter().any(|piece| matches!(piece, Piece::Name(_)))
    }
}

/// The expression that begins at `start`, if it joins pieces.
pub fn read(text: &[u8], start: usize) -> Option<Joins> {
    let Some((first, mut end)) = term(text, start) else { return format::of_call(text, start) };
    if let Term::Text(literal) = first
        && let Some(joins) = format::of_text(text, literal)
    {
        return Some(joins);
    }
    let mut next = following(text, start, end);
    // Most values are a single text or name: nothing is collected for them.
    if next.is_none() && !first.has_holes(text) {
        return None;
    }
    let mut pieces = Vec::new();
    first.add_to(text, &mut pieces);
    while let Some(at) = next.filter(|_| pieces.len() < PIECES) {
        let Some((term, stop)) = term(text, at) else { break };
        term.add_to(text, &mut pieces);
        end = stop;
        next = following(text, at, end);
    }
    (pieces.len() > 1).then_some(Joins { pieces, end, is_formatted: false })
}

/// Where the next term begins behind one that began at `at` and ends at `end`.
fn following(text: &[u8], at: usize, end: usize) -> Option<usize> {
    // Shells join what stands side by side.
    if text[at] == b'$' && text.get(end) == Some(&b'$') {
        return Some(end);
    }
    operator(text, end)
}

/// Where the next piece begins, if an operator stands behind `end`.
fn operator(text: &[u8], end: usize) -> Option<usize> {
    let at = skip_space(text, end);
    let operator = operator_at(text, at)?;
    let next = skip_space(text, at + operator.len());
    // The line may have to be told that it goes on.
    Some(if text.get(next) == Some(&b'\\') { skip_space(text, next + 1) } else { next })
}

/// The operator that begins at `at`.
pub fn operator_at(text: &[u8], at: usize) -> Option<&'static [u8]> {
    let rest = text.get(at..)?;
    rest.first().filter(|first| b"+.<&~\\".contains(first))?;
    OPERATORS.into_iter().find(|operator| rest.starts_with(operator))
}

/// What stands between two operators: a name, or a text that may have holes.
enum Term {
    Name(Span),
    Text(Span),
}

impl Term {
    fn has_holes(&self, text: &[u8]) -> bool {
        matches!(self, Self::Text(literal) if memchr::memchr2(b'{', b'$', literal.of(text)).is_some())
    }

    fn add_to(&self, text: &[u8], pieces: &mut Vec<Piece>) {
        match self {
            Self::Name(name) => pieces.push(Piece::Name(*name)),
            Self::Text(literal) => holes(text, *literal, pieces),
        }
    }
}

/// The term that begins at `at`, and where it ends.
fn term(text: &[u8], at: usize) -> Option<(Term, usize)> {
    if let Some(literal) = literal(text, at, LITERAL) {
        return Some((Term::Text(literal), literal.end + 1));
    }
    let (name, end) = path(text, at)?;
    // A call gives what nobody can know here.
    (text.get(end) != Some(&b'(')).then_some((Term::Name(name), end))
}

/// A name with what qualifies it, as in `self.A`, `Keys::A`, `this->a`, `$a`, `${A}`: its last part, and where it ends.
pub fn path(text: &[u8], at: usize) -> Option<(Span, usize)> {
    let braced = text[at..].starts_with(b"${");
    let mut at = at + if braced { 2 } else { usize::from(matches!(text.get(at), Some(b'$' | b'@'))) };
    loop {
        let end = word_end(text, at)?;
        let name = Span::new(at, end);
        let next = [&b"."[..], b"::", b"->"].into_iter().find(|dot| text[end..].starts_with(dot));
        match next.map(|dot| end + dot.len()).filter(|next| word_end(text, *next).is_some()) {
            Some(next) => at = next,
            None if braced && text.get(end) != Some(&b'}') => return None,
            None => return Some((name, end + usize::from(braced))),
        }
    }
}

/// The end of the word that begins at `at`.
fn word_end(text: &[u8], at: usize) -> Option<usize> {
    let first = *text.get(at)?;
    if !first.is_ascii_alphabetic() && first != b'_' {
        return None;
    }
    let rest = &text[at..text.len().min(at + LITERAL)];
    Some(at + rest.iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_').unwrap_or(rest.len()))
}

/// The text between the quotes that open at `at`, with the letters before them that some languages allow.
pub fn literal(text: &[u8], at: usize, longest: usize) -> Option<Span> {
    let marks =
        text.get(at..)?.iter().take_while(|byte| matches!(byte, b'r' | b'b' | b'f' | b'u' | b'@' | b'L' | b'$'));
    let open = at + marks.take(PREFIX).count();
    let quote = *text.get(open).filter(|byte| matches!(byte, b'"' | b'\'' | b'`'))?;
    let rest = &text[open + 1..text.len().min(open + 1 + longest)];
    let close = memchr::memchr2(quote, b'\n', rest).filter(|close| rest[*close] == quote)?;
    Some(Span::new(open + 1, open + 1 + close))
}

/// The pieces of a text with holes: `{A}`, `${A}`, `#{A}`, `$A`. A text without any is one piece.
fn holes(text: &[u8], literal: Span, pieces: &mut Vec<Piece>) {
    let (mut from, mut at) = (literal.start, literal.start);
    while let Some(next) = memchr::memchr2(b'{', b'$', &text[at..literal.end]).map(|next| at + next) {
        let Some((name, end)) = hole(text, next).filter(|(_, end)| *end <= literal.end) else {
            at = next + 1;
            continue;
        };
        // Ruby's mark stands before the brace.
        let before = if next > from && text[next] == b'{' && text[next - 1] == b'#' { next - 1 } else { next };
        if before > from {
            pieces.push(Piece::Text(Span::new(from, before)));
        }
        pieces.push(Piece::Name(name));
        (from, at) = (end, end);
    }
    if from < literal.end || literal.is_empty() {
        pieces.push(Piece::Text(Span::new(from, literal.end)));
    }
}

/// The name in the hole that opens at `at`, and where the hole ends.
fn hole(text: &[u8], at: usize) -> Option<(Span, usize)> {
    if text[at] == b'$' {
        return path(text, at);
    }
    let (name, end) = path(text, at + 1).filter(|_| text.get(at + 1) != Some(&b'$'))?;
    (text.get(end) == Some(&b'}')).then_some((name, end + 1))
}

/// Where the value begins that is assigned to the name which ends at `end`; a type may stand between them. Also behind
/// the name of `#define`, and of PHP's `define('A', …)`.
pub fn after_operator(text: &[u8], end: usize) -> Option<usize> {
    let at = end + usize::from(matches!(text.get(end), Some(b'"' | b'\'' | b']' | b'}')));
    let space = skip_blanks(text, at);
    let most = text.len().min(space + TYPE);
    let rest = &text[space..most];
    let at = match rest {
        [b'=', b'=' | b'~', ..] => return None,
        [b'=', b'>', ..] | [b':', b'=', ..] => 2,
        [b'=' | b',', ..] => 1,
        // A type, or the colon of YAML, JSON and JavaScript.
        [b':', ..] => match memchr::memchr3(b'=', b'\n', b'"', rest) {
            Some(equals) if rest[equals] == b'=' && rest.get(equals + 1) != Some(&b'>') => equals + 1,
            _ => 1,
        },
        [b'"', ..] if space > at => 0,
        _ => return None,
    };
    Some(skip_blanks(text, space + at))
}

/// The name that the text is assigned to whose quote opens at `open`.
pub fn name_before(text: &[u8], open: usize) -> Option<Span> {
    let floor = open.saturating_sub(BEFORE);
    let line = &text[floor..open];
    let line = &line[memchr::memrchr(b'\n', line).map_or(0, |at| at + 1)..];
    let start = open - line.len();
    let operator = line.iter().rposition(|byte| matches!(byte, b'=' | b':' | b',')).unwrap_or(line.len());
    // Of `NAME: &str = "…"` and `String NAME = "…"` the name is the word before the type or the operator.
    let colon = memchr::memchr(b':', &line[..operator]);
    colon.into_iter().chain([operator]).find_map(|end| {
        let name = last_word(text, Span::new(start, start + end))?;
        after_operator(text, name.end).filter(|value| (*value..=value + PREFIX).contains(&open)).map(|_| name)
    })
}

/// The last word in a stretch.
fn last_word(text: &[u8], within: Span) -> Option<Span> {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let end = within.start + within.of(text).iter().rposition(is_word)? + 1;
    let begin = text[within.start..end].iter().rposition(|byte| !is_word(byte));
    let name = Span::new(begin.map_or(within.start, |at| within.start + at + 1), end);
    (word_end(text, name.start) == Some(end)).then_some(name)
}

/// The text that is appended to the name which ends at `end`.
pub fn appended(text: &[u8], end: usize) -> Option<Span> {
    let at = skip_blanks(text, end);
    let rest = text.get(at..)?;
    let operator = [&b"+="[..], b".=", b"<<", b"..="].into_iter().find(|operator| rest.starts_with(operator))?;
    literal(text, skip_blanks(text, at + operator.len()), LITERAL)
}

/// Whether anything beside a name speaks for an expression: an operator, a hole, another variable. Cheap, and true for every
/// name that [`start_of`] finds an expression for.
pub fn may_be_piece(text: &[u8], place: Span) -> bool {
    let behind = skip_space(text, place.end);
    let goes_on = match text.get(behind) {
        // A member or a call, unless a blank stands before the dot.
        Some(b'.') => behind > place.end || word_end(text, behind + 1).is_none(),
        Some(b'}' | b'$' | b'+' | b'<' | b'&' | b'~' | b'\\') => true,
        _ => false,
    };
    goes_on || {
        let floor = place.start.saturating_sub(BEFORE);
        let before = &text[floor..place.start];
        let qualifier = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.:->$@{".contains(byte);
        let path = before.iter().rposition(|byte| !qualifier(byte)).map_or(0, |at| at + 1);
        let last = before[..path].trim_ascii_end().last();
        let marks = |byte: &u8| matches!(byte, b'{' | b'$' | b'@');
        matches!(last, None | Some(b'+' | b'.' | b'>' | b'&' | b'~' | b'\\'))
            || before[path..].first().is_some_and(|first| matches!(first, b'.' | b'>'))
            || before[path..].iter().any(marks)
            || before[path..].windows(2).any(|two| two == b"..")
            || format::may_be_value(&before[..path])
    }
}

/// Where the expression begins that the name at `place` is a piece of.
pub fn start_of(text: &[u8], place: Span) -> Option<usize> {
    let floor = place.start.saturating_sub(BEFORE);
    let before = &text[floor..place.start];
    let line = floor + memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
    // The nearest beginning comes first; what begins further out must still reach the name.
    let begins = (line..=place.start).rev().filter(|&at| at == line || is_beginning(text, at));
    begins.take(12).map(|at| skip_blanks(text, at)).find(|&at| read(text, at).is_some_and(|joins| holds(&joins, place)))
}

fn holds(joins: &Joins, place: Span) -> bool {
    joins.pieces.contains(&Piece::Name(place))
}

/// Whether an expression may begin at `at`: behind an operator or bracket, or with a quote.
fn is_beginning(text: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).map(|before| text[before]);
    matches!(before, Some(b'=' | b'(' | b',' | b':' | b'[' | b'{' | b'>' | b' '))
        || matches!(text[at], b'"' | b'\'' | b'`')
}

fn skip_blanks(text: &[u8], from: usize) -> usize {
    let from = from.min(text.len());
    let rest = &text[from..text.len().min(from + GAP)];
    from + rest.iter().position(|byte| !matches!(byte, b' ' | b'\t')).unwrap_or(rest.len())
}

pub fn skip_space(text: &[u8], from: usize) -> usize {
    let from = from.min(text.len());
    let rest = &text[from..text.len().min(from + GAP)];
    from + rest.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<&str> {
        let joins = read(text.as_bytes(), 0).map(|joins| joins.pieces).unwrap_or_default();
        let shown = |piece: Piece| match piece {
            Piece::Text(span) | Piece::Name(span) => &text[span.start..span.end],
        };
        joins.into_iter().map(shown).collect()
    }

    #[test]
    fn expressions_of_many_languages() {
        for text in [
            "A + B;",
            "A+B",
            "self.A + self.B)",
            "Keys::A + Keys::B",
            "$this->A . $this->B;",
            "$A . $B",
            "$A$B",
            "${A}${B}",
            "\"$A$B\"",
            "\"${A}${B}\"",
            "f\"{A}{B}\"",
            "f'{self.A}{self.B}'",
            "`${A}${B}`",
            "\"#{A}#{B}\"",
            "A & B",
            "A .. B",
            "A <> B",
            "A ~ B",
            "A\n    + B",
            "A +\n    B",
            "A + \\\n    B",
            "$\"{A}{B}\"",
            "@A + @B",
        ] {
            assert_eq!(pieces(text), ["A", "B"], "{text}");
        }
        assert_eq!(pieces("\"x\" + A + 'y'"), ["x", "A", "y"]);
        assert_eq!(pieces("f\"x{A}y\""), ["x", "A", "y"]);
    }

    #[test]
    fn format_strings_of_many_languages() {
        for text in [
            "\"%s%s\" % (A, B)",
            "'%s%s' % [A, B]",
            "\"{}{}\".format(A, B)",
            "\"{0}{1}\".format(self.A, self.B)",
            "\"%s%s\".formatted(A, B);",
            "String.format(\"%s%s\", A, B)",
            "string.Format(\"{0}{1}\", A, B)",
            "fmt.Sprintf(\"%s%v\", A, B)",
            "sprintf('%1$s%2$s', $A, $B);",
            "snprintf(buffer, size, \"%s%s\", A, B);",
            "string.format(\n    \"%s%s\",\n    A,\n    B\n)",
        ] {
            assert_eq!(pieces(text), ["A", "B"], "{text}");
        }
        assert_eq!(pieces("\"x-%s_%s\" % (A, 'y')"), ["x-", "A", "_", "y"]);
        assert_eq!(pieces("\"{1}{0}\".format(A, B)"), ["B", "A"]);
        for text in [
            "\"%s%s\" % (A, f(B))",
            "\"%d%s\" % (A, B)",
            "\"%s%s\" % (A,)",
            "\"%s\" % A",
            "printf(\"%s\", A)",
            "format!(\"{}{}\", A, B)",
            "\"%s%s\" % (A, B.lower())",
            "f(\"%s%s\", A, B)",
        ] {
            assert_eq!(pieces(text), Vec::<&str>::new(), "{text}");
        }
    }

    #[test]
    fn what_joins_nothing() {
        for text in ["A", "\"text\"", "f(A)", "A == B", "A, B", "A - B", "{A}", ""] {
            assert_eq!(pieces(text), Vec::<&str>::new(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_that_is_a_piece_is_passed_over(
            parts in proptest::collection::vec(
                proptest::sample::select(vec![
                    "A", "A", "self.A", "b", "$A", "${A}", "\"", "'x'", "f\"{A}\"", "{", "}", " ", "\n", "+", ".", "..", "&", "~",
                    "<>", "\\", "=", "(", ",", "::", "->", "@", "\"$A\"", "\"#{A}y\"",
                ]),
                1..9,
            ),
        ) {
            let text = parts.concat();
            for (at, _) in text.match_indices('A') {
                let place = Span::new(at, at + 1);
                proptest::prop_assert!(
                    start_of(text.as_bytes(), place).is_none() || may_be_piece(text.as_bytes(), place),
                    "{:?} at {}", text, at
                );
            }
        }
    }

    #[test]
    fn values_of_assignments_in_many_languages() {
        for text in [
            "A = \"v\"",
            "A='v'",
            "A := \"v\"",
            "A: str = \"v\"",
            "A: &'static str = \"v\"",
            "A => 'v'",
            "A, 'v')",
            "A \"v\"",
            "\"A\": \"v\"",
            "A: 'v'",
        ] {
            let name = text.find('A').unwrap() + 1;
            let value = after_operator(text.as_bytes(), name).and_then(|at| literal(text.as_bytes(), at, 100));
            assert_eq!(value.map(|span| &text[span.start..span.end]), Some("v"), "{text}");
            let open = value.unwrap().start - 1;
            let found = name_before(text.as_bytes(), open).map(|span| &text[span.start..span.end]);
            assert_eq!(found, Some("A"), "{text}");
        }
        assert_eq!(after_operator(b"A == \"v\"", 1), None);
    }
}
