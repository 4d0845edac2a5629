//! String constants of compiled code: Java classes and Python bytecode, each with its place.

use super::super::decode::map::{Builder, Map};
use crate::finding::Span;

/// Whether a file that begins so may be compiled code.
pub fn may_be(head: &[u8]) -> bool {
    matches!(head, [0xca, 0xfe, 0xba, 0xbe, ..] | [_, _, b'\r', b'\n', 0..=3, 0, 0, 0, ..])
}

/// The constants of a compiled file, one on a line, and the name of that layer; none if it is no such file.
pub fn of(bytes: &[u8]) -> Option<(&'static str, Vec<u8>, Map)> {
    let (name, spans) = match bytes {
        // Apple's fat binaries share the magic; there the number of architectures follows, which is small.
        [0xca, 0xfe, 0xba, 0xbe, _, _, major, minor, ..] if u16::from_be_bytes([*major, *minor]) >= 45 => {
            ("java-class", java(bytes)?)
        }
        [_, _, b'\r', b'\n', 0..=3, 0, 0, 0, ..] => ("python-bytecode", python(bytes)),
        _ => return None,
    };
    let mut builder = Builder::default();
    for span in spans {
        builder.copy(bytes, span);
        builder.put(b"\n", Span::new(span.end, span.end));
    }
    let (text, map) = builder.finish();
    Some((name, text, map))
}

/// The UTF-8 entries of a class file's constant pool. Source: The Java Virtual Machine Specification, chapter 4.4.
fn java(bytes: &[u8]) -> Option<Vec<Span>> {
    let short = |at: usize| bytes.get(at..at + 2).map(|two| usize::from(u16::from_be_bytes([two[0], two[1]])));
    let count = short(8)?;
    let mut spans = Vec::new();
    let (mut at, mut index) = (10, 1);
    while index < count {
        let Some(&tag) = bytes.get(at) else { break };
        let length = match tag {
            1 => {
                let Some(length) = short(at + 1) else { break };
                let span = Span::new(at + 3, bytes.len().min(at + 3 + length));
                if !span.is_empty() {
                    spans.push(span);
                }
                2 + length
            }
            7 | 8 | 16 | 19 | 20 => 2,
            15 => 3,
            3 | 4 | 9..=12 | 17 | 18 => 4,
            5 | 6 => 8,
            _ => break,
        };
        // Numbers of eight bytes take two entries.
        index += if matches!(tag, 5 | 6) { 2 } else { 1 };
        at += 1 + length;
    }
    Some(spans)
}

/// Strings of marshalled code: a type letter, a length of one or four bytes, the text.
fn python(bytes: &[u8]) -> Vec<Span> {
    const SHORTEST: usize = 4;
    let mut spans = Vec::new();
    let mut at = 8;
    while at < bytes.len() {
        // The top bit marks objects that are referred to later.
        let header = match bytes[at] & 0x7f {
            b'z' | b'Z' => bytes.get(at + 1).map(|&length| (2, usize::from(length))),
            b's' | b'u' | b'a' | b'A' | b't' => bytes
                .get(at + 1..at + 5)
                .map(|four| (5, u32::from_le_bytes([four[0], four[1], four[2], four[3]]) as usize)),
            _ => None,
        };
        let span = header.map(|(header, length)| Span::new(at + header, (at + header).saturating_add(length)));
        let text = span.filter(|span| span.end <= bytes.len() && span.len() >= SHORTEST);
        match text.filter(|span| std::str::from_utf8(span.of(bytes)).is_ok_and(|text| !text.contains('\0'))) {
            Some(span) => {
                spans.push(span);
                at = span.end;
            }
            None => at += 1,
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn java_constants_are_read_in_order() {
        let mut class = vec![0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 65, 0, 5];
        class.extend([5, 0, 0, 0, 0, 0, 0, 0, 1]);
        class.extend([1, 0, 8]);
        class.extend(b"password");
        class.extend([8, 0, 3]);
        let (name, text, map) = of(&class).expect("a class");
        assert_eq!((name, text.as_slice()), ("java-class", b"password\n".as_slice()));
        assert_eq!(map.span(Span::new(0, 8)).of(&class), b"password");
        assert!(of(&[0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 2, 0, 0]).is_none(), "a fat binary");
    }

    #[test]
    fn python_constants_are_cut_at_their_length() {
        let mut code = vec![0xcb, 0x0d, b'\r', b'\n', 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, b'c', 0];
        code.extend([b'z' | 0x80, 9]);
        code.extend(b"tok_abc12");
        code.extend([b's', 4, 0, 0, 0]);
        code.extend(b"wxyz");
        let (name, text, _) = of(&code).expect("bytecode");
        assert_eq!((name, text.as_slice()), ("python-bytecode", b"tok_abc12\nwxyz\n".as_slice()));
    }
}
