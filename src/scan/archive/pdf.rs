//! PDF documents: the text that pages show, and the objects outside of streams, where links and notes stand.

use std::borrow::Cow;
use std::io::Read;

use memchr::memmem;

use super::{Failure, Member, Visit, proceed};

/// Longest stream that is unpacked, in bytes.
const LONGEST: u64 = 16 << 20;
/// All streams of a document together, in bytes.
const TOGETHER: usize = 64 << 20;
/// How every document begins.
pub const HEAD: &[u8] = b"%PDF-";
/// How far before a stream its dictionary may begin.
const DICTIONARY: usize = 2048;

pub fn walk(bytes: &[u8], visit: &mut Visit<'_>) -> Result<(), Failure> {
    let (mut text, mut objects) = (Vec::new(), Vec::new());
    // Without its first bytes: what stands outside of streams is no document again.
    let mut at = HEAD.len().min(bytes.len());
    while let Some(found) = memmem::find(&bytes[at..], b"stream").map(|place| at + place) {
        objects.extend_from_slice(&bytes[at..found]);
        let start = found + 6 + usize::from(bytes[found + 6..].starts_with(b"\r"));
        let start = (start + usize::from(bytes[start..].starts_with(b"\n"))).min(bytes.len());
        let end = memmem::find(&bytes[start..], b"endstream").map_or(bytes.len(), |place| start + place);
        read_stream(&bytes[at.max(found.saturating_sub(DICTIONARY))..found], &bytes[start..end], &mut text);
        at = bytes.len().min(end + 9);
        if text.len() > TOGETHER {
            break;
        }
    }
    objects.extend_from_slice(&bytes[at..]);
    // The second line of a document is a comment of high bytes; NUL would make the whole look like no text.
    objects.retain(|byte| *byte != 0);
    proceed(visit(Member { name: "text".to_owned(), content: Ok(&mut text.as_slice()) }))?;
    proceed(visit(Member { name: "objects".to_owned(), content: Ok(&mut objects.as_slice()) }))
}

fn read_stream(dictionary: &[u8], stream: &[u8], text: &mut Vec<u8>) {
    let dictionary = &dictionary[memmem::rfind(dictionary, b"obj").unwrap_or(0)..];
    let has = |name: &[u8]| memmem::find(dictionary, name).is_some();
    if has(b"/Image") || has(b"/FontFile") || has(b"/Length1") {
        return;
    }
    let stream = if has(b"/ASCII85Decode") { Cow::Owned(ascii85(stream)) } else { Cow::Borrowed(stream) };
    let mut unpacked = Vec::new();
    if has(b"/FlateDecode") {
        // A stream that breaks off has shown its beginning.
        let _ = flate2::read::ZlibDecoder::new(&*stream).take(LONGEST).read_to_end(&mut unpacked);
    } else if !has(b"/Filter") || has(b"/ASCII85Decode") {
        unpacked.extend_from_slice(&stream);
    }
    if memmem::find(&unpacked, b"Tj").is_some() || memmem::find(&unpacked, b"TJ").is_some() {
        show(&unpacked, text);
    } else if std::str::from_utf8(&unpacked).is_ok_and(|text| !text.contains('\0')) {
        text.extend_from_slice(&unpacked);
    }
    text.push(b'\n');
}

/// Five characters for four bytes, `z` for four zeros, up to `~>`.
fn ascii85(stream: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (mut word, mut count) = (0_u32, 0_usize);
    for &byte in stream {
        match byte {
            b'!'..=b'u' => {
                word = word.wrapping_mul(85).wrapping_add(u32::from(byte - b'!'));
                count += 1;
                if count == 5 {
                    bytes.extend(word.to_be_bytes());
                    (word, count) = (0, 0);
                }
            }
            b'z' if count == 0 => bytes.extend([0; 4]),
            b'~' => break,
            _ => {}
        }
    }
    if count > 1 {
        let filled = (count..5).fold(word, |word, _| word.wrapping_mul(85).wrapping_add(84));
        bytes.extend(&filled.to_be_bytes()[..count - 1]);
    }
    bytes
}

/// What the operators of a content stream show. Strings of one array stand together, wide gaps become a space; moving
/// the cursor ends a line.
fn show(content: &[u8], text: &mut Vec<u8>) {
    let mut at = 0;
    let mut in_array = false;
    while at < content.len() {
        match content[at] {
            b'(' => at = literal(content, at + 1, text),
            b'<' if content.get(at + 1) != Some(&b'<') => at = hexadecimal(content, at + 1, text),
            b'[' | b']' => {
                in_array = content[at] == b'[';
                at += 1;
            }
            b'-' if in_array => {
                let digits = content[at + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
                if digits >= 3 {
                    text.push(b' ');
                }
                at += 1 + digits;
            }
            b'T' if matches!(content.get(at + 1), Some(b'd' | b'D' | b'm' | b'*')) => {
                text.push(b'\n');
                at += 2;
            }
            _ => at += 1,
        }
    }
}

/// A string in parentheses, which may hold balanced ones. Returns where it ends.
fn literal(content: &[u8], mut at: usize, text: &mut Vec<u8>) -> usize {
    let mut depth = 1;
    while let Some(&byte) = content.get(at) {
        at += 1;
        match byte {
            b'\\' => {
                let Some(&escaped) = content.get(at) else { break };
                let digits = content[at..].iter().take(3).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
                if digits > 0 {
                    let code =
                        content[at..at + digits].iter().fold(0_u32, |code, digit| code << 3 | u32::from(digit - b'0'));
                    text.push(code.to_be_bytes()[3]);
                    at += digits;
                    continue;
                }
                at += 1;
                text.push(match escaped {
                    b'n' | b'r' => b'\n',
                    b't' => b'\t',
                    other => other,
                });
                continue;
            }
            b'(' => depth += 1,
            b')' => {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            }
            0 => continue,
            _ => {}
        }
        text.push(byte);
    }
    at
}

fn hexadecimal(content: &[u8], from: usize, text: &mut Vec<u8>) -> usize {
    let end = memchr::memchr(b'>', &content[from..]).map_or(content.len(), |at| from + at);
    let digits: Vec<u32> = content[from..end].iter().filter_map(|byte| char::from(*byte).to_digit(16)).collect();
    let bytes = digits.chunks_exact(2).map(|pair| (pair[0] << 4 | pair[1]).to_be_bytes()[3]);
    // Fonts of two bytes per glyph hold the characters of Latin text behind a zero.
    text.extend(bytes.filter(|byte| *byte != 0));
    end + 1
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn five_characters_are_four_bytes() {
        assert_eq!(ascii85(b"87cURD]i,\"Ebo80~>tail"), b"Hello World!");
        assert_eq!(ascii85(b"87cUR\nD]i,\"Ebo7~>"), b"Hello World");
        assert_eq!(ascii85(b"z!!"), [0, 0, 0, 0, 0]);
    }

    #[test]
    fn what_stands_outside_of_streams_is_no_document_again() {
        let mut names = Vec::new();
        let walked = walk(b"%PDF-1.7\n1 0 obj\n", &mut |mut member| {
            let mut head = Vec::new();
            member.content.as_mut().expect("readable").read_to_end(&mut head).expect("memory");
            names.push((member.name, head.starts_with(HEAD)));
            true
        });
        assert_eq!(walked, Ok(()));
        assert_eq!(names, [("text".to_owned(), false), ("objects".to_owned(), false)]);
    }

    #[test]
    fn shown_text_and_objects_are_members() {
        let content = b"BT /F1 12 Tf 72 712 Td (password = ) Tj [(Zk9) -20 (3kd) -500 (x)] TJ 0 -14 Td <41 42> Tj (a\\(b\\)\\101) Tj ET";
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        zlib.write_all(content).expect("memory");
        let mut pdf =
            b"%PDF-1.7\n1 0 obj\n<< /URI (https://u:p@h) >>\nendobj\n2 0 obj\n<< /Filter /FlateDecode >>\nstream\r\n"
                .to_vec();
        pdf.extend(zlib.finish().expect("memory"));
        pdf.extend(b"\nendstream\nendobj\n");
        let mut members = Vec::new();
        let walked = walk(&pdf, &mut |member| {
            let mut text = String::new();
            member.content.expect("readable").read_to_string(&mut text).expect("text");
            members.push((member.name, text));
            true
        });
        assert_eq!(walked, Ok(()));
        assert!(members[0].1.contains("password = Zk93kd x\nABa(b)A"), "{:?}", members[0]);
        assert!(members[1].1.contains("https://u:p@h"));
    }
}
