//! RPM packages: a lead, two headers (scripts stand in the second), then a compressed cpio.

use std::io::Read;

use super::{Failure, Member, Visit, array, pass, proceed};

/// Largest header that is believed, in bytes.
const LARGEST: u64 = 64 << 20;

pub fn walk(reader: &mut dyn Read, visit: &mut Visit<'_>) -> Result<(), Failure> {
    pass(reader, 96)?;
    let (index, store) = header_size(reader)?;
    // Only the signature is padded.
    pass(reader, (index + store).next_multiple_of(8))?;
    let (index, store) = header_size(reader)?;
    pass(reader, index)?;
    let mut texts = Vec::new();
    reader.take(store).read_to_end(&mut texts)?;
    // The store is made of strings that end with NUL; numbers between them do no harm.
    texts.iter_mut().filter(|byte| **byte == 0).for_each(|byte| *byte = b'\n');
    proceed(visit(Member { name: "header".to_owned(), content: Ok(&mut texts.as_slice()) }))?;
    proceed(visit(Member { name: String::new(), content: Ok(reader) }))
}

fn header_size(reader: &mut dyn Read) -> Result<(u64, u64), Failure> {
    let header = array::<16>(reader)?;
    let number =
        |at: usize| u64::from(u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]));
    let (index, store) = (number(8) * 16, number(12));
    if header[..3] != [0x8e, 0xad, 0xe8] || index + store > LARGEST {
        return Err(Failure::Damaged("a header is missing or too large".to_owned()));
    }
    Ok((index, store))
}
