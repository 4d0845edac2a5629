//! `ar` archives, of which Debian packages are made.

use std::io::Read;

use super::{Failure, Member, Visit, array, pass, proceed, shown};

pub fn walk(reader: &mut dyn Read, visit: &mut Visit<'_>) -> Result<(), Failure> {
    pass(reader, 8)?;
    loop {
        let mut header = [0; 60];
        if reader.read(&mut header[..1])? == 0 {
            return Ok(());
        }
        header[1..].copy_from_slice(&array::<59>(reader)?);
        let number = |field: &[u8]| String::from_utf8_lossy(field).trim().parse::<u64>().ok();
        let size = number(&header[48..58]).ok_or_else(|| Failure::Damaged("a member has no size".to_owned()))?;
        let mut name = header[..16].trim_ascii_end().to_vec();
        let mut left = size;
        // BSD: the name stands before the content, `#1/` gives its length.
        if let Some(length) = name.strip_prefix(b"#1/").and_then(number).filter(|length| *length <= size.min(4096)) {
            name.clear();
            reader.take(length).read_to_end(&mut name)?;
            left -= length;
        }
        let end = name.iter().position(|byte| matches!(byte, b'/' | 0)).filter(|at| *at > 0).unwrap_or(name.len());
        let mut content = reader.take(left);
        proceed(visit(Member { name: shown(&name[..end]), content: Ok(&mut content) }))?;
        let unread = content.limit();
        pass(reader, unread + size % 2)?;
    }
}
