//! Printable strings of binary files, each with its place.

use super::super::decode::map::{Builder, Map};
use crate::finding::Span;

/// Shortest string, in characters.
const SHORTEST: usize = 6;

/// Every printable string, one on a line: single bytes, and the two-byte units that Windows programs and .NET hold.
pub fn printable(bytes: &[u8]) -> (Vec<u8>, Map) {
    let mut builder = Builder::default();
    let mut at = 0;
    while at < bytes.len() {
        let narrow = bytes[at..].iter().take_while(|byte| is_printable(**byte)).count();
        if narrow >= SHORTEST {
            builder.copy(bytes, Span::new(at, at + narrow));
            builder.put(b"\n", Span::new(at + narrow, at + narrow));
            at += narrow;
            continue;
        }
        let wide = bytes[at..].chunks_exact(2).take_while(|unit| is_printable(unit[0]) && unit[1] == 0).count();
        if wide >= SHORTEST {
            for index in 0..wide {
                let place = at + 2 * index;
                builder.put(&bytes[place..=place], Span::new(place, place + 2));
            }
            builder.put(b"\n", Span::new(at + 2 * wide, at + 2 * wide));
            at += 2 * wide;
            continue;
        }
        at += narrow.max(1);
    }
    builder.finish()
}

fn is_printable(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narrow_and_wide_strings_keep_their_places() {
        let mut bytes = vec![0x7f, b'E', b'L', b'F', 0, 1, 2];
        bytes.extend(b"wordings=Zk93\0\x01abc\0");
        bytes.extend("wide-string".encode_utf16().flat_map(u16::to_le_bytes));
        let (text, map) = printable(&bytes);
        assert_eq!(String::from_utf8_lossy(&text), "wordings=Zk93\nwide-string\n");
        assert_eq!(map.span(Span::new(9, 13)).of(&bytes), b"Zk93");
        assert_eq!(map.span(Span::new(14, 18)).len(), 8);
    }
}
