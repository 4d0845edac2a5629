//! Hexadecimal runs that hold text, a container or a key.

use super::base64::{CONTEXT, SHORTEST, with_context};
use super::map::Builder;
use super::{Found, line_start, packed, printable_prefix, run};
use crate::finding::Span;
use crate::scan::keystore;

/// Shortest run of hexadecimal digits: half of it is decoded.
const SHORTEST_RUN: usize = 32;
/// What the directory at the end of a zip ends with.
const END_OF_ZIP: &[u8] = b"PK\x05\x06";

/// Decodes a run of digits. Returns where the decoded part ends.
pub fn read(text: &[u8], span: Span, found: &mut Found) -> usize {
    if span.len() < SHORTEST_RUN {
        return span.end;
    }
    let before = Span::new(line_start(text, span.start, CONTEXT), span.start);
    if begins_packed(text, span.start)
        && let Some((bytes, end)) = whole(text, span)
    {
        let mut builder = Builder::default();
        builder.put(&bytes, Span::new(span.start, end));
        found.packed.push(with_context(text, before, end, &["hex"], builder));
        // A line behind a container need not be of it.
        let lines = text[span.end..end].split_inclusive(|byte| *byte == b'\n').scan(span.end, |at, line| {
            let start = std::mem::replace(at, *at + line.len());
            Some(Span::new(start, run::end_of(text, start)))
        });
        lines.for_each(|line| read_text(text, line, found));
        return end;
    }
    read_text(text, span, found);
    span.end
}

/// Adds the text that the digits are, if they are one.
fn read_text(text: &[u8], span: Span, found: &mut Found) {
    if span.len() < SHORTEST_RUN || !span.len().is_multiple_of(2) {
        return;
    }
    let before = Span::new(line_start(text, span.start, CONTEXT), span.start);
    let mut builder = Builder::default();
    for at in (span.start..span.end).step_by(2) {
        let byte = byte(text, at);
        // Most runs are hashes: they end here after a byte or two.
        if !(byte >= b' ' && byte != 0x7f || byte.is_ascii_whitespace()) {
            break;
        }
        builder.put(&[byte], Span::new(at, at + 2));
    }
    if printable_prefix(&builder.text) == builder.text.len() && builder.text.len() >= SHORTEST {
        found.texts.push(with_context(text, before, span.end, &["hex"], builder));
    }
}

/// Whether a container or a key may begin at `at`. Behind the name of a tar's first member stand zeros.
fn begins_packed(text: &[u8], at: usize) -> bool {
    (packed::may_begin(byte(text, at)) || byte(text, at + 22) == 0)
        && packed::may_be_packed(&std::array::from_fn(|index| byte(text, at + 2 * index)))
}

/// The bytes of a container or a key, and where its digits end. What is no key on its own line may go on in the next ones, as
/// RTF writes what it holds.
fn whole(text: &[u8], line: Span) -> Option<(Vec<u8>, usize)> {
    let alone = bytes(text, line);
    let complete = || keystore::is_one(&alone) || memchr::memmem::find(&alone, END_OF_ZIP).is_some();
    if line.len().is_multiple_of(2) && complete() {
        return packed::is_packed(&alone).then_some((alone, line.end));
    }
    let end = wrapped_end(text, line);
    let bytes = if end > line.end { bytes(text, Span::new(line.start, end)) } else { alone };
    packed::is_packed(&bytes).then_some((bytes, end))
}

fn bytes(text: &[u8], span: Span) -> Vec<u8> {
    let digits: Vec<u8> = span.of(text).iter().filter(|byte| byte.is_ascii_hexdigit()).copied().collect();
    digits.chunks_exact(2).map(|two| nibble(two[0]) << 4 | nibble(two[1])).collect()
}

/// Where wrapped digits end: at the first line that holds something else or begins something packed itself. Each part of a zip
/// begins so, and may begin a line as long as the one before.
fn wrapped_end(text: &[u8], first: Span) -> usize {
    let begins =
        |line: Span, mark: &[u8]| line.of(text).get(..mark.len()).is_some_and(|head| head.eq_ignore_ascii_case(mark));
    let is_zip = begins(first, b"504b0304");
    let mut line = first;
    loop {
        let rest = &text[line.end..];
        let Some(after) = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")) else { return line.end };
        let start = text.len() - after.len();
        let next = Span::new(start, run::end_of(text, start));
        let is_part = is_zip && (begins(next, b"504b0506") || begins(next, b"504b") && next.len() == line.len());
        let anew = || next.len() >= SHORTEST_RUN && begins_packed(text, next.start) && !is_part;
        if next.is_empty() || !next.of(text).iter().all(u8::is_ascii_hexdigit) || anew() {
            return line.end;
        }
        line = next;
    }
}

fn byte(text: &[u8], at: usize) -> u8 {
    nibble(text[at]) << 4 | nibble(text[at + 1])
}

fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands packed in a text.
    fn packed(text: &str) -> Vec<Vec<u8>> {
        let at = text.find("504b").expect("the head of a zip");
        let mut found = Found::default();
        read(text.as_bytes(), Span::new(at, run::end_of(text.as_bytes(), at)), &mut found);
        found.packed.iter().map(|layer| layer.fresh.of(&layer.text).to_vec()).collect()
    }

    #[test]
    fn a_container_goes_on_in_the_next_lines() {
        let digits = format!("504b0304{}504b0506{}", "14".repeat(60), "00".repeat(18));
        let gzip = format!("1f8b08{}", "14".repeat(30));
        let whole: Vec<u8> = bytes(digits.as_bytes(), Span::new(0, digits.len()));
        for (first, width) in [(41, 63), (64, 64), (40, 120), (digits.len(), 1)] {
            let rest = digits.as_bytes()[first..].chunks(width).map(|line| std::str::from_utf8(line).unwrap());
            let lines: Vec<&str> = std::iter::once(&digits[..first]).chain(rest).collect();
            let text = format!("{{\\*\\themedata {}}}\n{{x", lines.join("\n"));
            assert_eq!(packed(&text), std::slice::from_ref(&whole), "{first} {width}");
        }
        let words = "6b6579203d20".repeat(4);
        let text = format!("{gzip}\n{words}\n");
        let mut found = Found::default();
        read(text.as_bytes(), Span::new(0, gzip.len()), &mut found);
        assert_eq!((found.packed.len(), found.texts.len()), (1, 1), "a line of text behind a container");
        for two in [format!("{digits}\n{digits}\n"), format!("{digits}\n{gzip}\n")] {
            assert_eq!(packed(&two), std::slice::from_ref(&whole), "each for itself");
        }
    }
}
