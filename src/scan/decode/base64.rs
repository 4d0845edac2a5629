//! Base64 runs that hold text, compressed text or UTF-16.

use std::io::Read;

use super::map::Builder;
use super::{Found, Layer, base32, grown, hex, line_start, packed, printable_prefix, run};
use crate::finding::Span;

/// Shortest decoded text that is worth a look, in bytes.
pub(super) const SHORTEST: usize = 12;
/// Shortest run that can hold both a key and its name.
const SHORTEST_RUN: usize = 24;
/// Shortest line of wrapped base64 that goes on in the next one.
const SHORTEST_LINE: usize = 40;
/// Longest end of a line, with the indentation of the next one.
const LINE_END: usize = 80;
/// What stands before a run on its line is kept, up to this many bytes: the name that the value is assigned to.
pub(super) const CONTEXT: usize = 64;

/// Appends a layer for every run that holds text. A run that an earlier one goes on into, as in wrapped base64, is part of it.
pub fn find(text: &[u8], runs: &[Span], found: &mut Found) {
    let mut done = 0;
    for run in runs.iter().filter(|run| run.len() >= SHORTEST_RUN) {
        if run.end > done {
            done = consider(text, Span::new(run.start.max(done), run.end), found);
        }
    }
}

/// Decodes the run if its beginning looks like text. Returns where the decoded part ends in the outer text.
fn consider(text: &[u8], span: Span, found: &mut Found) -> usize {
    let digits = behind_mark(text, span);
    if digits.of(text).iter().all(u8::is_ascii_hexdigit) {
        return hex::read(text, digits, found);
    }
    let Some(start) = start_of_text(text, span) else { return base32::consider(text, span, found) };
    let decoded = decode(text, Span::new(start, span.end));
    let end = decoded.end;
    let before = Span::new(line_start(text, start, CONTEXT), start);
    if packed::is_packed(&decoded.builder.text) && !is_armoured(text, start) {
        let names = name(text, Span::new(start, end));
        found.packed.push(with_context(text, before, end, names, decoded.builder));
    } else if let Some((names, layer)) = understand(text, start, decoded, &mut found.cut) {
        found.texts.push(with_context(text, before, end, names, layer));
    }
    end
}

/// The run without what may stand before hexadecimal digits: `0x`, or the `\x` of `PostgreSQL`.
fn behind_mark(text: &[u8], span: Span) -> Span {
    let mark = match span.of(text) {
        [b'0', b'x' | b'X', ..] => 2,
        [b'x', ..] if text[..span.start].ends_with(b"\\") => 1,
        _ => 0,
    };
    Span::new(span.start + mark, span.end)
}

/// Where in the run readable base64 begins: at its start, or where a JSON object begins.
fn start_of_text(text: &[u8], span: Span) -> Option<usize> {
    let run = span.of(text);
    if starts_readable(run) {
        return Some(span.start);
    }
    let head = &run[..run.len().min(80)];
    let object = || memchr::memchr_iter(b'J', head).find(|at| head[..*at].ends_with(b"ey")).map(|at| at - 2);
    let inner = object().or_else(|| memchr::memrchr(b'/', head).map(|at| at + 1))?;
    starts_readable(&run[inner..]).then_some(span.start + inner)
}

/// Whether the first sixteen characters decode to something that may be text or compressed text.
fn starts_readable(run: &[u8]) -> bool {
    let mut head = [0_u8; 12];
    let Some(quads) = run.get(..16) else { return false };
    // No text begins with a byte that goes on in UTF-8: most words end here. Of what is packed only GnuPG's keys do.
    if (32..48).contains(&sextet(run[0])) && run[0] != b'l' {
        return false;
    }
    for (quad, out) in quads.chunks_exact(4).zip(head.chunks_exact_mut(3)) {
        let bits = quad.iter().fold(0_u32, |bits, &letter| bits << 6 | u32::from(sextet(letter)));
        out.copy_from_slice(&bits.to_be_bytes()[1..]);
    }
    printable_prefix(&head) >= head.len() - 3 || is_zlib(&head) || is_utf16(&head) || packed::may_be_packed(&head)
}

fn is_zlib(bytes: &[u8]) -> bool {
    matches!(bytes, [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..])
}

fn is_utf16(bytes: &[u8]) -> bool {
    bytes.chunks_exact(2).take(6).all(|unit| unit[1] == 0 && (unit[0] >= b' ' || unit[0].is_ascii_whitespace()))
}

/// Decoded bytes with their map, and where they end in the outer text.
struct Decoded {
    builder: Builder,
    end: usize,
}

/// Decodes both alphabets, padded or not, over line ends.
fn decode(text: &[u8], span: Span) -> Decoded {
    let mut decoded = Decoded { builder: Builder::default(), end: span.end };
    let mut group = Group::default();
    let mut line = span;
    loop {
        for (index, letter) in line.of(text).iter().enumerate() {
            group.push(sextet(*letter), line.start + index, &mut decoded);
        }
        decoded.end = line.end;
        match next_line(text, line, span) {
            Some(next) => line = next,
            None => break,
        }
    }
    group.finish(&mut decoded);
    while decoded.end < text.len() && text[decoded.end] == b'=' && decoded.end < line.end + 2 {
        decoded.end += 1;
    }
    decoded
}

/// The next line of wrapped base64: every line but the last is as long as the first, and long.
pub fn next_line(text: &[u8], line: Span, first: Span) -> Option<Span> {
    if line.len() != first.len() || line.len() < SHORTEST_LINE {
        return None;
    }
    let start = after_line_end(text, line.end)?;
    // Strings of a list may as well be texts of their own: they are read as one where nothing is lost by it.
    if memchr::memchr2(b'"', b'\'', &text[line.end..start]).is_some() && !line.len().is_multiple_of(4) {
        return None;
    }
    let end = run::end_of(text, start).min(start + first.len());
    (end > start).then_some(Span::new(start, end))
}

/// Where the next line begins behind the line end that stands at `at`, and behind its indentation.
fn after_line_end(text: &[u8], at: usize) -> Option<usize> {
    let rest = &text[at..text.len().min(at + LINE_END)];
    // The end of the line may itself be escaped, as in a string of JSON.
    let after = [b"\r\n".as_slice(), b"\n", b"\\r\\n", b"\\n"].iter().find_map(|end| rest.strip_prefix(*end));
    let after = next_literal(after.unwrap_or(rest)).or_else(|| after.map(trim_blanks))?;
    Some(at + (rest.len() - after.len()))
}

/// What stands in the next string of a list or a sum of strings, where one ends here.
fn next_literal(text: &[u8]) -> Option<&[u8]> {
    let (quote, rest) = text.split_first().filter(|(quote, _)| matches!(quote, b'"' | b'\''))?;
    let rest = trim_blanks(rest);
    let rest = rest.strip_prefix(b",").or_else(|| rest.strip_prefix(b"+")).unwrap_or(rest);
    rest.trim_ascii_start().strip_prefix(&[*quote])
}

fn trim_blanks(text: &[u8]) -> &[u8] {
    &text[text.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()..]
}

/// Where wrapped base64 ends of which a line, or the end of one, stands at `at`; or `at` itself.
pub fn wrapped_end(text: &[u8], at: usize) -> usize {
    let near = &text[at.saturating_sub(LINE_END)..at];
    let inside = at - near.iter().rev().take_while(|byte| byte.is_ascii_whitespace()).count();
    let before = text[..inside].iter().rposition(|byte| !run::is_member(*byte));
    let first = Span::new(before.map_or(0, |place| place + 1), run::end_of(text, inside));
    let mut line = first;
    while let Some(next) = next_line(text, line, first) {
        line = next;
    }
    line.end.max(at)
}

#[derive(Default)]
struct Group {
    bits: u32,
    count: usize,
    start: usize,
    end: usize,
}

impl Group {
    fn push(&mut self, sextet: u8, at: usize, decoded: &mut Decoded) {
        if self.count == 0 {
            self.start = at;
        }
        self.bits = self.bits << 6 | u32::from(sextet);
        self.count += 1;
        self.end = at + 1;
        if self.count == 4 {
            self.emit(3, decoded);
        }
    }

    fn finish(&mut self, decoded: &mut Decoded) {
        if self.count > 1 {
            self.bits <<= 6 * (4 - self.count);
            self.emit(self.count - 1, decoded);
        }
    }

    fn emit(&mut self, bytes: usize, decoded: &mut Decoded) {
        decoded.builder.put(&self.bits.to_be_bytes()[1..=bytes], Span::new(self.start, self.end));
        *self = Self::default();
    }
}

fn sextet(letter: u8) -> u8 {
    const SEXTETS: [u8; 256] = sextets();
    SEXTETS[usize::from(letter)]
}

const fn sextets() -> [u8; 256] {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut sextets = [63; 256];
    let (mut at, mut sextet) = (0, 0);
    while at < letters.len() {
        sextets[letters[at] as usize] = sextet;
        sextet += 1;
        at += 1;
    }
    sextets[b'+' as usize] = 62;
    sextets[b'-' as usize] = 62;
    sextets
}

/// What the decoded bytes are: text as it stands, or text in a further coat.
fn understand(
    text: &[u8],
    start: usize,
    decoded: Decoded,
    cut: &mut Option<u64>,
) -> Option<(&'static [&'static str], Builder)> {
    let whole = Span::new(start, decoded.end);
    let bytes = decoded.builder.text.as_slice();
    let (names, unpacked): (&'static [&'static str], _) = if is_zlib(bytes) {
        let most = grown(bytes.len());
        let inflated = inflate(flate2::read::ZlibDecoder::new(bytes), most + 1);
        let is_cut = inflated.len() as u64 > most;
        let inflated = readable(inflated)?;
        *cut = cut.or(is_cut.then_some(most));
        (&["base64", "zlib"], inflated)
    } else if is_utf16(bytes) {
        let units = bytes.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
        let text: String = char::decode_utf16(units).map_while(Result::ok).collect();
        (&["base64", "utf-16le"], text.into_bytes())
    } else {
        let length = printable_prefix(bytes);
        let mut builder = decoded.builder;
        builder.text.truncate(length);
        return (length >= SHORTEST).then(|| (name(text, whole), builder));
    };
    let mut builder = Builder::default();
    builder.put(&unpacked, whole);
    Some((names, builder))
}

fn name(text: &[u8], span: Span) -> &'static [&'static str] {
    if text[..span.start].ends_with(b";base64,") {
        return &["data-url"];
    }
    let dotted = text[..span.start].ends_with(b".") || text.get(span.end) == Some(&b'.');
    if dotted && span.of(text).starts_with(b"eyJ") { &["jwt"] } else { &["base64"] }
}

fn inflate(reader: impl Read, most: u64) -> Vec<u8> {
    let mut inflated = Vec::new();
    // Text that ends early or breaks off is still text: what came before the error counts.
    let _ = reader.take(most).read_to_end(&mut inflated);
    inflated
}

fn readable(mut text: Vec<u8>) -> Option<Vec<u8>> {
    let length = printable_prefix(&text);
    text.truncate(length);
    (length >= SHORTEST).then_some(text)
}

/// Whether the run is the body of a key or certificate in PEM, which is found as such.
fn is_armoured(text: &[u8], start: usize) -> bool {
    const ARMOUR: usize = 128;
    let before = &text[start.saturating_sub(ARMOUR)..start];
    memchr::memmem::rfind(before, b"-----BEGIN ")
        .is_some_and(|at| memchr::memmem::find(&before[at..], b"-----END ").is_none())
}

/// Puts what stood before the run, and the byte after it, around the decoded text.
pub fn with_context(text: &[u8], before: Span, end: usize, names: &'static [&'static str], inner: Builder) -> Layer {
    let mut builder = Builder::default();
    builder.copy(text, before);
    let from = builder.text.len();
    let (decoded, map) = inner.finish();
    builder.append(&decoded, &map);
    let fresh = Span::new(from, builder.text.len());
    builder.copy(text, Span::new(end, text.len().min(end + 1)));
    let (text, map) = builder.finish();
    Layer { names, text, map, fresh }
}
