//! cpio archives: the portable ASCII form, the newer one with eight-digit fields, and the old one of words of two bytes, which
//! GNU cpio writes where nothing else is asked for.

use std::io::Read;

use super::{Failure, Member, Visit, array, pass, proceed, shown};

/// Longest name that is believed, in bytes.
const LONGEST_NAME: u64 = 4096;
const REGULAR: u64 = 0o10_0000;
const KIND: u64 = 0o17_0000;

struct Entry {
    mode: u64,
    name: u64,
    size: u64,
    /// Bytes of the header, and what names and contents are padded to.
    header: u64,
    align: u64,
}

/// Length of a header of the old form.
const OLD: usize = 26;

/// Whether the bytes begin with a header of the old form: the magic number alone is too short to tell.
pub fn is_old_header(head: &[u8]) -> bool {
    let Some((header, rest)) = head.split_first_chunk::<OLD>() else { return false };
    let Some((mode, length)) = old_word(header, 3).zip(old_word(header, 10)) else { return false };
    let Some((last, name)) = rest.get(..length.into()).and_then(<[u8]>::split_last) else { return false };
    let is_kind = matches!(u64::from(mode) & KIND, 0o01_0000 | 0o02_0000 | 0o04_0000 | 0o06_0000 | REGULAR | 0o12_0000);
    is_kind && *last == 0 && !name.is_empty() && !name.iter().any(u8::is_ascii_control)
}

/// A word of a header of the old form, in the order that its magic number shows.
fn old_word(header: &[u8; OLD], index: usize) -> Option<u16> {
    let word = [header[2 * index], header[2 * index + 1]];
    match header {
        [0xc7, 0x71, ..] => Some(u16::from_le_bytes(word)),
        [0x71, 0xc7, ..] => Some(u16::from_be_bytes(word)),
        _ => None,
    }
}

/// Whether the bytes begin with a header of digits, and not with a number in a text.
pub fn is_header(head: &[u8]) -> bool {
    let length = if head.starts_with(b"070707") { 76 } else { 110 };
    head.get(..length).is_some_and(|header| header.iter().all(u8::is_ascii_hexdigit))
}

pub fn walk(reader: &mut dyn Read, visit: &mut Visit<'_>) -> Result<(), Failure> {
    loop {
        let entry = read_entry(reader)?;
        let mut name = Vec::new();
        reader.take(entry.name.min(LONGEST_NAME)).read_to_end(&mut name)?;
        pass(reader, padding(entry.header + entry.name, entry.align))?;
        let end = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
        if &name[..end] == b"TRAILER!!!" {
            return Ok(());
        }
        let mut content = reader.take(entry.size);
        if entry.mode & KIND == REGULAR {
            proceed(visit(Member { name: shown(&name[..end]), content: Ok(&mut content) }))?;
        }
        let unread = content.limit();
        pass(reader, unread + padding(entry.size, entry.align))?;
    }
}

fn padding(length: u64, align: u64) -> u64 {
    length.next_multiple_of(align) - length
}

fn read_entry(reader: &mut dyn Read) -> Result<Entry, Failure> {
    let magic = array::<6>(reader)?;
    let number = |bytes: &[u8], from: usize, length: usize, radix: u32| {
        let field = bytes.get(from - 6..from - 6 + length).map(String::from_utf8_lossy).unwrap_or_default();
        u64::from_str_radix(&field, radix).map_err(|_| Failure::Damaged("a header is not made of digits".to_owned()))
    };
    match &magic {
        b"070701" | b"070702" => {
            let rest = array::<104>(reader)?;
            let field = |index: usize| number(&rest, 6 + 8 * index, 8, 16);
            Ok(Entry { mode: field(1)?, size: field(6)?, name: field(11)?, header: 110, align: 4 })
        }
        b"070707" => {
            let rest = array::<70>(reader)?;
            let (mode, name, size) = (number(&rest, 18, 6, 8)?, number(&rest, 59, 6, 8)?, number(&rest, 65, 11, 8)?);
            Ok(Entry { mode, name, size, header: 76, align: 1 })
        }
        [0xc7, 0x71, ..] | [0x71, 0xc7, ..] => {
            let mut header = [0; OLD];
            header[..6].copy_from_slice(&magic);
            header[6..].copy_from_slice(&array::<20>(reader)?);
            let word = |index| u64::from(old_word(&header, index).unwrap_or_default());
            Ok(Entry { mode: word(3), size: word(11) << 16 | word(12), name: word(10), header: 26, align: 2 })
        }
        _ => Err(Failure::Damaged("a header is missing".to_owned())),
    }
}
