//! `SQLite` databases: every table is a member, every row a line of `column="value"`; what else the schema says, as views and
//! triggers, is one more member.
//!
//! Source of the facts: the file format description of the project, <https://www.sqlite.org/fileformat2.html>.

use std::borrow::Cow;

use super::{Failure, Kind, Member, Visit, proceed, shown};
use crate::scan::decode::encoding::{self, Storage};

/// Pages below pages: a tree of this depth would hold more rows than there are atoms.
const DEEPEST: usize = 32;
/// Longest value that is read, in bytes.
const LONGEST: usize = 16 << 20;

pub fn walk(bytes: &[u8], visit: &mut Visit<'_>) -> Result<(), Failure> {
    let database = Database::open(bytes).ok_or_else(|| Failure::Damaged("its header is cut off".to_owned()))?;
    let (mut tables, mut schema) = (Vec::new(), Vec::new());
    database.rows(1, &mut |row| {
        let [Value::Text(kind), Value::Text(name), _, Value::Integer(root), Value::Text(sql), ..] = row else { return };
        if **kind == *b"table" {
            let root = usize::try_from(*root).unwrap_or(0);
            tables.push((shown(name), root, columns(&String::from_utf8_lossy(sql))));
        }
        // Columns with their types are no text of their own; a value that stands among them is.
        if **kind != *b"table" || memchr::memchr2(b'\'', b'"', sql).is_some() {
            schema.extend_from_slice(sql);
            schema.extend_from_slice(b";\n");
        }
    });
    if !schema.is_empty() {
        proceed(visit(Member { name: "sqlite_schema".to_owned(), content: Ok(&mut schema.as_slice()) }))?;
    }
    let mut blobs = Vec::new();
    for (name, root, columns) in tables {
        let mut text = Vec::new();
        let mut line = 0;
        database.rows(root, &mut |row| {
            line += 1;
            write_row(row, &columns, &mut text);
            for value in row {
                if let Value::Blob(blob) = value
                    && (Kind::of(blob).is_some() || is_text(blob))
                {
                    blobs.push((format!("{name}/{line}"), blob.to_vec()));
                }
            }
        });
        proceed(visit(Member { name, content: Ok(&mut text.as_slice()) }))?;
        for (name, blob) in blobs.drain(..) {
            proceed(visit(Member { name, content: Ok(&mut blob.as_slice()) }))?;
        }
    }
    Ok(())
}

fn is_text(blob: &[u8]) -> bool {
    !blob.is_empty() && std::str::from_utf8(blob).is_ok_and(|text| !text.contains('\0'))
}

/// The names in `CREATE TABLE x (name type, …)`, as far as they are plain.
fn columns(sql: &str) -> Vec<String> {
    let inner = sql.split_once('(').map_or("", |(_, inner)| inner);
    let mut depth = 0_i32;
    let parts = inner.split(|letter| {
        depth += match letter {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        letter == ',' && depth <= 0
    });
    let word = |part: &str| {
        part.split_whitespace().next().unwrap_or("").trim_matches(['"', '`', '[', ']', '\'', ')']).to_owned()
    };
    parts.map(word).collect()
}

/// What the first column names, the others hold: tables of settings and of users read like assignments.
fn write_row(row: &[Value<'_>], columns: &[String], text: &mut Vec<u8>) {
    let mut prefix: Option<&[u8]> = None;
    for (index, value) in row.iter().enumerate() {
        if let Value::Text(value) = value {
            let column = columns.get(index).map_or("column", String::as_str).as_bytes();
            match prefix {
                Some(name) if is_name(name) => write_value(&[name, b".", column].concat(), value, text),
                _ => write_value(column, value, text),
            }
            prefix.get_or_insert(value.as_ref());
        }
    }
    text.push(b'\n');
}

fn is_name(text: &[u8]) -> bool {
    (3..=64).contains(&text.len())
        && text.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

fn write_value(name: &[u8], value: &[u8], text: &mut Vec<u8>) {
    text.extend_from_slice(name);
    let quote: &[u8] = if value.contains(&b'"') { b"" } else { b"\"" };
    text.push(b'=');
    text.extend_from_slice(quote);
    text.extend_from_slice(value);
    text.extend_from_slice(quote);
    text.extend_from_slice(b", ");
}

enum Value<'v> {
    Integer(i64),
    Text(Cow<'v, [u8]>),
    Blob(&'v [u8]),
    Other,
}

struct Database<'d> {
    bytes: &'d [u8],
    page: usize,
    usable: usize,
    /// How texts are stored that are not UTF-8.
    wide: Option<Storage>,
}

impl<'d> Database<'d> {
    fn open(bytes: &'d [u8]) -> Option<Self> {
        let page = match u16::from_be_bytes([*bytes.get(16)?, *bytes.get(17)?]) {
            1 => 65536,
            size => usize::from(size),
        };
        let usable = page.checked_sub(usize::from(*bytes.get(20)?))?;
        let wide = match be32(bytes, 56) {
            Some(kind @ (2 | 3)) => Some(Storage::Wide { width: 2, little: kind == 2, mark: false }),
            _ => None,
        };
        (page >= 512 && usable >= 480).then_some(Self { bytes, page, usable, wide })
    }

    fn page(&self, number: usize) -> Option<&'d [u8]> {
        let start = number.checked_sub(1)?.checked_mul(self.page)?;
        self.bytes.get(start..start.checked_add(self.page)?)
    }

    /// Shows every row of the tree at `root`. Damaged parts are passed over: a scanner takes what it can get.
    fn rows(&self, root: usize, each: &mut dyn FnMut(&[Value<'_>])) {
        // Each page once: pages of a damaged file may point at each other.
        let mut seen = std::collections::HashSet::new();
        let mut open = vec![(root, 0)];
        while let Some((number, depth)) = open.pop() {
            if depth < DEEPEST && seen.insert(number) {
                let _ = self.visit(number, depth, &mut open, each);
            }
        }
    }

    fn visit(
        &self,
        number: usize,
        depth: usize,
        open: &mut Vec<(usize, usize)>,
        each: &mut dyn FnMut(&[Value<'_>]),
    ) -> Option<()> {
        let page = self.page(number)?;
        // The first page begins with the file's header.
        let base = if number == 1 { 100 } else { 0 };
        let kind = page[base];
        let inner = matches!(kind, 2 | 5);
        if !matches!(kind, 2 | 5 | 10 | 13) {
            return None;
        }
        let count = usize::from(u16::from_be_bytes([page[base + 3], page[base + 4]]));
        let first = base + if inner { 12 } else { 8 };
        if inner {
            open.push((be32(page, base + 8)?, depth + 1));
        }
        for step in 0..count {
            // Children are taken from the end of a stack, rows as they come.
            let index = if inner { count - 1 - step } else { step };
            let pointer = page.get(first + 2 * index..first + 2 * index + 2)?;
            let mut at = usize::from(u16::from_be_bytes([pointer[0], pointer[1]]));
            if inner {
                if let Some(child) = be32(page, at) {
                    open.push((child, depth + 1));
                }
                at += 4;
            }
            if kind != 5
                && let Some(payload) = self.payload(page, at, kind == 13)
                && let Some(row) = record(&payload, self.wide)
            {
                each(&row);
            }
        }
        Some(())
    }

    /// A cell's payload, with what stands on overflow pages.
    fn payload(&self, page: &'d [u8], mut at: usize, table: bool) -> Option<Cow<'d, [u8]>> {
        let length = usize::try_from(varint(page, &mut at)?).ok().filter(|length| *length <= LONGEST)?;
        if table {
            varint(page, &mut at)?;
        }
        let (usable, most) = (self.usable, if table { self.usable - 35 } else { (self.usable - 12) * 64 / 255 - 23 });
        if length <= most {
            return page.get(at..at + length).map(Cow::Borrowed);
        }
        let least = (usable - 12) * 32 / 255 - 23;
        let local = least + (length - least) % (usable - 4);
        let local = if local <= most { local } else { least };
        let mut payload = page.get(at..at + local)?.to_vec();
        let mut next = be32(page, at + local)?;
        let mut pages = 0;
        while payload.len() < length && next != 0 && pages * (usable - 4) <= length {
            let page = self.page(next)?;
            next = be32(page, 0)?;
            let part = (length - payload.len()).min(usable - 4);
            payload.extend_from_slice(page.get(4..4 + part)?);
            pages += 1;
        }
        Some(payload.into())
    }
}

fn be32(bytes: &[u8], at: usize) -> Option<usize> {
    let four = bytes.get(at..at + 4)?;
    Some(u32::from_be_bytes([four[0], four[1], four[2], four[3]]) as usize)
}

fn varint(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let mut value = 0_u64;
    for index in 0..9 {
        let byte = *bytes.get(*at)?;
        *at += 1;
        if index == 8 {
            return Some(value << 8 | u64::from(byte));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            break;
        }
    }
    Some(value)
}

fn record(payload: &[u8], wide: Option<Storage>) -> Option<Vec<Value<'_>>> {
    let mut at = 0;
    let header = usize::try_from(varint(payload, &mut at)?).ok()?;
    let mut body = header;
    let mut row = Vec::new();
    while at < header {
        let kind = varint(payload, &mut at)?;
        let length = usize::try_from(match kind {
            0 | 8..=11 => 0,
            1..=4 => kind,
            5 => 6,
            6 | 7 => 8,
            _ => (kind - 12) / 2,
        })
        .ok()?;
        let bytes = payload.get(body..body.checked_add(length)?)?;
        body += length;
        row.push(match kind {
            1..=6 => Value::Integer(
                bytes
                    .iter()
                    .fold(if bytes[0] & 0x80 == 0 { 0 } else { -1 }, |value: i64, byte| value << 8 | i64::from(*byte)),
            ),
            8 => Value::Integer(0),
            9 => Value::Integer(1),
            12.. if kind % 2 == 0 => Value::Blob(bytes),
            13.. => Value::Text(wide.map_or(Cow::Borrowed(bytes), |storage| encoding::widen(bytes, storage).0.into())),
            _ => Value::Other,
        });
    }
    Some(row)
}
