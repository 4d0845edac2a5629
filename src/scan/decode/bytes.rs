//! Texts that are written byte by byte: `{0x73, 0x6b, …}`, `[115, 107, …]`, `73:6b:…`, `73 6b …`.
//!
//! A trigger announces one byte that may be a letter. What stands on both sides of it is read as far as it is written in the
//! same way and stays text: tables of other numbers end after a byte or two.

use super::map::Builder;
use super::{Layer, Mark, Trigger, line_start};
use crate::finding::Span;

/// Fewest bytes that are read as a text.
const FEWEST: usize = 16;
/// What stands before the first byte is kept, up to this many bytes: the name that the value is assigned to.
const CONTEXT: usize = 96;
/// Longest stretch between two bytes, in bytes: an end of a line with an indentation.
const GAP: usize = 64;
/// Longest number.
const DIGITS: usize = 5;

/// Letters of which a key or its prefix nearly always holds one: few, as each makes literals of its own. Shorter literals that
/// announce any letter would let more of ordinary text survive the search for keywords.
const LETTERS: &[u8; 8] = b"ghpskxl_";
/// What stands before a list of decimal numbers that may be a text.
const LISTS: [&str; 9] =
    ["bytes([", "array([", "from([", "\"data\": [", "\"data\":[", "byte{", "byte[]{", "byte[] {", "charcode("];

/// The literals that announce such a text.
pub fn triggers() -> impl Iterator<Item = String> {
    let prefixed = LETTERS.iter().flat_map(|letter| [", ", ",", " "].map(|gap| format!("{gap}0x{letter:02x}{gap}0x")));
    let decimal = LETTERS.iter().flat_map(|letter| [", ", ","].map(|gap| format!("{gap}{letter}{gap}")));
    let pairs = LETTERS
        .iter()
        .flat_map(|letter| [format!(":{letter:02x}:"), format!(" {letter:02x} 6"), format!(" {letter:02x} 7")]);
    prefixed.chain(decimal).chain(pairs).chain(LISTS.map(str::to_owned))
}

/// How the bytes are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `0x73, 0x6b` or `0x73 0x6b`.
    Prefixed,
    /// `115, 107`.
    Decimal,
    /// `73:6b` or `73 6b`.
    Pairs(u8),
}

/// One byte and where it is written.
type Byte = (u8, Span);

/// Appends a layer for every text that a mark points at.
pub fn find(text: &[u8], marks: &[Mark], layers: &mut Vec<Layer>) {
    let mut done = 0;
    for mark in marks.iter().filter(|mark| mark.trigger == Some(Trigger::Bytes)) {
        if mark.span.start < done {
            continue;
        }
        let (form, at) = Form::announced(text, mark.span);
        let Some(bytes) = form.around(text, at, done) else { continue };
        done = bytes.last().map_or(done, |(_, span)| span.end);
        if is_text(&bytes) {
            layers.push(layer(text, form, &bytes));
        }
    }
}

/// Whether it reads like something that a person or program wrote to be read: numbers of any kind are no such text.
fn is_text(bytes: &[Byte]) -> bool {
    let usual = |byte: &Byte| byte.0.is_ascii_alphanumeric() || b"_-+/=.:@ \n".contains(&byte.0);
    bytes.len() >= FEWEST && bytes.iter().filter(|byte| usual(byte)).count() * 8 >= bytes.len() * 7
}

fn layer(text: &[u8], form: Form, bytes: &[Byte]) -> Layer {
    let (first, last) = (bytes[0].1.start, bytes[bytes.len() - 1].1.end);
    let mut builder = Builder::default();
    // The name may stand on the line before.
    let near = first.saturating_sub(CONTEXT);
    let blank = text[near..first].iter().rev().take_while(|byte| byte.is_ascii_whitespace()).count();
    builder.copy(text, Span::new(line_start(text, first - blank, CONTEXT - blank), first - blank));
    builder.put(b"\"", Span::new(first, first));
    let from = builder.text.len();
    for (byte, span) in bytes {
        builder.put(&[*byte], *span);
    }
    let fresh = Span::new(from, builder.text.len());
    builder.put(b"\"", Span::new(last, last));
    builder.copy(text, Span::new(last, text.len().min(last + 1)));
    let (text, map) = builder.finish();
    let names: &'static [&'static str] = if matches!(form, Form::Pairs(_)) { &["hex"] } else { &["bytes"] };
    Layer { names, text, map, fresh }
}

impl Form {
    /// How the bytes are written that a mark announces, and where the first of them may stand.
    fn announced(text: &[u8], mark: Span) -> (Self, usize) {
        let literal = mark.of(text);
        let first = literal.iter().position(u8::is_ascii_digit).map(|at| mark.start + at);
        match (first, literal[0]) {
            (Some(at), _) if text[at..].starts_with(b"0x") || text[at..].starts_with(b"0X") => (Self::Prefixed, at),
            (Some(at), sign @ (b':' | b' ')) => (Self::Pairs(sign), at),
            (Some(at), _) => (Self::Decimal, at),
            (None, _) => (Self::Decimal, mark.end),
        }
    }

    /// The bytes of the text that `at` stands in or before, none of which stands before `floor`.
    fn around(self, text: &[u8], at: usize, floor: usize) -> Option<Vec<Byte>> {
        let blank = text[at..].iter().take(GAP).take_while(|byte| byte.is_ascii_whitespace()).count();
        let at = at + blank;
        let first = self.byte(text, at)?;
        // Most such numbers stand alone.
        let second = self.next(text, first.1.end)?;
        let mut before = Vec::new();
        while let Some(byte) = self.previous(text, before.last().unwrap_or(&first).1.start, floor) {
            before.push(byte);
        }
        let mut bytes: Vec<Byte> = before.into_iter().rev().chain([first, second]).collect();
        while let Some(byte) = self.next(text, bytes[bytes.len() - 1].1.end) {
            bytes.push(byte);
        }
        Some(bytes)
    }

    /// The byte that is written at `at`, if a text may hold it.
    fn byte(self, text: &[u8], at: usize) -> Option<Byte> {
        let rest = &text[at.min(text.len())..text.len().min(at + DIGITS)];
        let length = rest.iter().take_while(|byte| is_word(**byte)).count();
        let ends = !text.get(at + length).is_some_and(|byte| is_word(*byte));
        let value = self.value(&rest[..length]).filter(|_| ends)?;
        (matches!(value, b' '..=b'~') || value.is_ascii_whitespace()).then(|| (value, Span::new(at, at + length)))
    }

    fn value(self, word: &[u8]) -> Option<u8> {
        let (digits, radix) = match self {
            Self::Prefixed => (word.strip_prefix(b"0x").or_else(|| word.strip_prefix(b"0X"))?, 16),
            Self::Decimal => (word, 10),
            Self::Pairs(_) => (Some(word).filter(|word| word.len() == 2)?, 16),
        };
        let digits = std::str::from_utf8(digits).ok().filter(|digits| !digits.starts_with('+'))?;
        u8::from_str_radix(digits, radix).ok()
    }

    /// The byte that follows the one which ends at `end`.
    fn next(self, text: &[u8], end: usize) -> Option<Byte> {
        let rest = &text[end..text.len().min(end + GAP)];
        let gap = rest.iter().take_while(|byte| self.separates(**byte)).count();
        self.byte(text, end + self.is_gap(&rest[..gap]).then_some(gap)?)
    }

    /// The byte before the one which starts at `start`.
    fn previous(self, text: &[u8], start: usize, floor: usize) -> Option<Byte> {
        let before = &text[start.saturating_sub(GAP).max(floor)..start];
        let gap = before.iter().rev().take_while(|byte| self.separates(**byte)).count();
        let end = start - self.is_gap(&before[before.len() - gap..]).then_some(gap)?;
        let word = &text[end.saturating_sub(DIGITS).max(floor)..end];
        let length = word.iter().rev().take_while(|byte| is_word(**byte)).count();
        let at = end - length;
        (at == floor || !is_word(text[at - 1])).then(|| self.byte(text, at))?
    }

    fn separates(self, byte: u8) -> bool {
        byte.is_ascii_whitespace()
            || match self {
                Self::Prefixed | Self::Decimal => byte == b',',
                Self::Pairs(sign) => byte == sign,
            }
    }

    fn is_gap(self, gap: &[u8]) -> bool {
        let signs = |sign: u8| gap.iter().filter(|byte| **byte == sign).count();
        match self {
            Self::Prefixed => !gap.is_empty() && signs(b',') <= 1,
            Self::Decimal => signs(b',') == 1,
            Self::Pairs(b' ') => !gap.is_empty(),
            Self::Pairs(sign) => signs(sign) == 1,
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
