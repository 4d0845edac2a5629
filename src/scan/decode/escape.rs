//! Backslash escapes, percent encoding and entities: decoded on the lines where one stands right beside a keyword, or
//! where a trigger announces one.

use super::map::Builder;
use super::{Layer, Mark, Trigger, line_end, line_start};
use crate::finding::Span;

/// How far before a mark decoding begins and how far behind it ends, on its line, in bytes.
const BEFORE: usize = 256;
const BEHIND: usize = 2048;
/// How far behind a keyword an escape still matters: the operator, the quotes and the value stand there.
const NEAR: usize = 160;
/// How many bytes of a name may stand between an escape and a keyword.
const NAME: usize = 40;
/// Deepest indentation of a line that goes on with a value.
const INDENT: usize = 80;

/// Appends a layer for every stretch with escapes that a rule could see through.
pub fn find(text: &[u8], marks: &[Mark], layers: &mut Vec<Layer>) {
    let mut open: [Option<Span>; 4] = [None; 4];
    for mark in marks {
        let wanted = match mark.trigger {
            Some(trigger) => std::array::from_fn(|at| slot(trigger) == Some(at)),
            None => beside(text, mark.span),
        };
        for (slot, _) in wanted.iter().enumerate().filter(|(_, wanted)| **wanted) {
            if open[slot].is_some_and(|open| mark.span.end <= open.end) {
                continue;
            }
            let window = window(text, mark.span);
            open[slot] = match open[slot] {
                Some(last) if window.start <= last.end => Some(Span::new(last.start, window.end)),
                Some(last) => {
                    decode(slot, text, last, layers);
                    Some(window)
                }
                None => Some(window),
            };
        }
    }
    for (slot, window) in open.into_iter().enumerate() {
        if let Some(window) = window {
            decode(slot, text, window, layers);
        }
    }
}

fn slot(trigger: Trigger) -> Option<usize> {
    match trigger {
        Trigger::Escape => Some(0),
        Trigger::Percent => Some(1),
        Trigger::Entity => Some(2),
        Trigger::Continued => Some(3),
        Trigger::Concat | Trigger::Office | Trigger::Mail | Trigger::Bytes | Trigger::Uuencode | Trigger::Kube => None,
    }
}

/// Which kinds of escape stand so close to a keyword that they hide what it announces.
fn beside(text: &[u8], keyword: Span) -> [bool; 4] {
    let mut wanted = [false; 4];
    let floor = keyword.start.saturating_sub(NAME);
    let name = text[floor..keyword.start].iter().rposition(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
    if let Some(place) = name {
        match text[floor + place] {
            b'\\' => wanted[0] = true,
            b'%' => wanted[1] = is_percent(&text[floor + place..]),
            b';' => wanted[2] = ends_entity(&text[..floor + place]),
            _ => {}
        }
    }
    let behind = &text[keyword.end..text.len().min(keyword.end + NEAR)];
    for at in memchr::memchr3_iter(b'\\', b'%', b'&', behind) {
        let rest = &behind[at..];
        match rest[0] {
            b'\\' => {
                wanted[0] |= matches!(rest.get(1), Some(b'"' | b'\'' | b'\\' | b'/' | b'u' | b'x' | b'\n' | b'\r'));
            }
            b'%' => wanted[1] |= is_percent(rest),
            _ => wanted[2] |= entity(rest).is_some(),
        }
    }
    wanted
}

fn is_percent(text: &[u8]) -> bool {
    text.get(1..3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

/// Whether `text`, which stands before a semicolon, ends with an entity.
fn ends_entity(text: &[u8]) -> bool {
    let from = text.len().saturating_sub(LONGEST_ENTITY);
    memchr::memrchr(b'&', &text[from..]).is_some_and(|at| {
        let mut whole = text[from + at..].to_vec();
        whole.push(b';');
        entity(&whole).is_some()
    })
}

/// The line of the mark, cut to a bounded length; lines that say so go on.
fn window(text: &[u8], mark: Span) -> Span {
    let mut start = line_start(text, mark.start, BEFORE);
    while start > 0 && mark.start - start < BEFORE && text[start - 1] == b'\\' {
        start -= 1;
    }
    let most = text.len().min(mark.end + BEHIND);
    let mut end = line_end(text, mark.end, BEHIND);
    while end < most && goes_on(&text[..end]) {
        end = line_end(text, end + 1, most - end - 1);
    }
    Span::new(start, end)
}

/// Whether a line goes on in the next one, as shells, PowerShell and `cmd` say it.
fn goes_on(line: &[u8]) -> bool {
    matches!(line.strip_suffix(b"\r").unwrap_or(line), [.., b'\\' | b'`' | b'^'])
}

fn decode(slot: usize, text: &[u8], window: Span, layers: &mut Vec<Layer>) {
    let (names, needles, read): (&'static [&'static str], _, Read) = match slot {
        0 => (&["escape"], (b'\\', b'\\'), unescape),
        1 => (&["percent"], (b'%', b'%'), percent),
        2 => (&["html"], (b'&', b'&'), entity),
        _ => (&["escape"], (b'`', b'^'), continued),
    };
    let mut builder = Builder::default();
    let mut at = window.start;
    let mut changed = false;
    while let Some(next) = memchr::memchr2(needles.0, needles.1, &text[at..window.end]).map(|place| at + place) {
        builder.copy(text, Span::new(at, next));
        let Some((decoded, length)) = read(&text[next..window.end]) else {
            builder.copy(text, Span::new(next, next + 1));
            at = next + 1;
            continue;
        };
        changed = true;
        at = next + length;
        match decoded {
            Unit::Byte(byte) => builder.put(&[byte], Span::new(next, at)),
            Unit::Char(character) => builder.put_char(character, Span::new(next, at)),
            Unit::Nothing => at = behind_indent(&text[..window.end], next, at),
        }
    }
    if changed {
        builder.copy(text, Span::new(at, window.end));
        let (text, map) = builder.finish();
        layers.push(Layer { names, fresh: Span::new(0, text.len()), text, map });
    }
}

/// Where a value goes on behind the end of a line at `at` that was escaped at `mark`: properties and YAML leave its
/// indentation out. What a blank or a dash separates are two words.
fn behind_indent(text: &[u8], mark: usize, at: usize) -> usize {
    let is_value = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'+' | b'/' | b'=');
    let indent = text[at..].iter().take(INDENT).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let goes_on = mark > 0 && is_value(&text[mark - 1]) && text.get(at + indent).is_some_and(is_value);
    if goes_on { at + indent } else { at }
}

/// What one escape stands for.
enum Unit {
    Byte(u8),
    Char(char),
    Nothing,
}

/// A decoded escape and its length in the text.
type Piece = (Unit, usize);

/// Reads what a text begins with.
type Read = fn(&[u8]) -> Option<Piece>;

/// The end of a line that goes on, in PowerShell and `cmd`.
fn continued(text: &[u8]) -> Option<Piece> {
    let ends = [&b"\n"[..], b"\r\n"].into_iter().find(|ends| text[1..].starts_with(ends))?;
    Some((Unit::Nothing, 1 + ends.len()))
}

/// One backslash escape of C, JSON, JavaScript, Python, Rust, Go, shell and the like.
fn unescape(text: &[u8]) -> Option<Piece> {
    let byte = |byte| Some((Unit::Byte(byte), 2));
    match *text.get(1)? {
        b'n' => byte(b'\n'),
        b'r' => byte(b'\r'),
        b't' => byte(b'\t'),
        quoted @ (b'"' | b'\'' | b'\\' | b'/' | b'`' | b'$' | b'&' | b'=' | b':') => byte(quoted),
        b'\n' => Some((Unit::Nothing, 2)),
        b'\r' if text.get(2) == Some(&b'\n') => Some((Unit::Nothing, 3)),
        b'x' => hex(text, 2, 2).map(|code| (Unit::Byte(code.to_be_bytes()[3]), 4)),
        b'u' if text.get(2) == Some(&b'{') => {
            let close = memchr::memchr(b'}', &text[..text.len().min(11)])?;
            Some((Unit::Char(char::from_u32(hex(text, 3, close.checked_sub(3)?)?)?), close + 1))
        }
        b'u' => wide(text),
        b'U' => Some((Unit::Char(char::from_u32(hex(text, 2, 8)?)?), 10)),
        b'0'..=b'7' => {
            let most = if text[1] > b'3' { 2 } else { 3 };
            let digits = text[1..].iter().take(most).take_while(|digit| matches!(digit, b'0'..=b'7'));
            let (code, count) = digits.fold((0_u8, 0), |(code, count), digit| (code << 3 | (digit - b'0'), count + 1));
            // A single digit refers to a group of a pattern, or is a control character.
            (count > 1).then_some((Unit::Byte(code), 1 + count))
        }
        _ => None,
    }
}

/// `\uXXXX`, or two of them that make one character.
fn wide(text: &[u8]) -> Option<Piece> {
    let first = hex(text, 2, 4)?;
    if let Some(character) = char::from_u32(first) {
        return Some((Unit::Char(character), 6));
    }
    let second = text[6..].starts_with(b"\\u").then(|| hex(text, 8, 4))??;
    let pair = [u16::try_from(first).ok()?, u16::try_from(second).ok()?];
    let character = char::decode_utf16(pair).next()?.ok()?;
    Some((Unit::Char(character), 12))
}

fn hex(text: &[u8], from: usize, count: usize) -> Option<u32> {
    let digits = text.get(from..from + count).filter(|digits| !digits.is_empty())?;
    digits.iter().try_fold(0_u32, |code, digit| Some(code.checked_mul(16)? + char::from(*digit).to_digit(16)?))
}

fn percent(text: &[u8]) -> Option<Piece> {
    hex(text, 1, 2).map(|code| (Unit::Byte(code.to_be_bytes()[3]), 3))
}

/// Named entities for what stands around keys; any other character may be given by number.
const ENTITIES: &[(&str, char)] = &[
    ("quot", '"'),
    ("amp", '&'),
    ("apos", '\''),
    ("lt", '<'),
    ("gt", '>'),
    ("nbsp", ' '),
    ("colon", ':'),
    ("equals", '='),
    ("sol", '/'),
    ("lowbar", '_'),
    ("commat", '@'),
    ("num", '#'),
    ("plus", '+'),
    ("dollar", '$'),
    ("percnt", '%'),
    ("excl", '!'),
    ("period", '.'),
    ("hyphen", '-'),
];
const LONGEST_ENTITY: usize = 10;

fn entity(text: &[u8]) -> Option<Piece> {
    let end = memchr::memchr(b';', &text[..text.len().min(LONGEST_ENTITY)])?;
    let name = std::str::from_utf8(text.get(1..end)?).ok()?;
    let character = match name.strip_prefix('#') {
        Some(number) => match number.strip_prefix(['x', 'X']) {
            Some(digits) => char::from_u32(u32::from_str_radix(digits, 16).ok()?)?,
            None => char::from_u32(number.parse().ok()?)?,
        },
        None => ENTITIES.iter().find(|(known, _)| *known == name)?.1,
    };
    Some((Unit::Char(character), end + 1))
}
