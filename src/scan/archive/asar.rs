//! Electron's asar: a JSON table of contents, then the files end to end.

use std::io::{Read, SeekFrom};

use serde_json::Value;

use super::{Failure, Member, ReadSeek, Visit, array, proceed, shown};

/// Largest table of contents that is believed, in bytes.
const LARGEST: u64 = 64 << 20;
/// Folders inside folders.
const DEEPEST: usize = 64;

pub fn walk(reader: &mut dyn ReadSeek, visit: &mut Visit<'_>) -> Result<(), Failure> {
    let damaged = |text: &str| Failure::Damaged(text.to_owned());
    reader.seek(SeekFrom::Start(0))?;
    let head = array::<16>(&mut *reader)?;
    let number = |at: usize| u64::from(u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]));
    let (start, length) = (8 + number(4), number(12));
    if length > LARGEST {
        return Err(damaged("its table of contents is too large"));
    }
    let mut table = Vec::new();
    reader.take(length).read_to_end(&mut table)?;
    let table: Value = serde_json::from_slice(&table).map_err(|_| damaged("its table of contents is no JSON"))?;
    let mut files = Vec::new();
    list(&table, "", 0, &mut files);
    for (name, offset, size) in files {
        reader.seek(SeekFrom::Start(start.saturating_add(offset)))?;
        let mut content = reader.take(size);
        proceed(visit(Member { name: shown(name.as_bytes()), content: Ok(&mut content) }))?;
    }
    Ok(())
}

fn list(node: &Value, path: &str, depth: usize, files: &mut Vec<(String, u64, u64)>) {
    let Some(Value::Object(entries)) = node.get("files") else { return };
    for (name, entry) in entries {
        let path = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
        let offset = entry.get("offset").and_then(Value::as_str).and_then(|offset| offset.parse().ok());
        match (offset, entry.get("size").and_then(Value::as_u64)) {
            (Some(offset), Some(size)) => files.push((path, offset, size)),
            _ if depth < DEEPEST => list(entry, &path, depth + 1, files),
            _ => {}
        }
    }
}
