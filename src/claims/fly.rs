//! Fly.io's tokens: macaroons in `MessagePack`, as github.com/superfly/macaroon writes them: an array of nonce, location,
//! caveats and tail. Caveats are pairs of a type and a body; type 4 is a window of validity.

use super::binary::Reader;
use super::{base64, from, unix};
use crate::finding::{Ends, Evidence};

/// The type of a window of validity.
const WINDOW: u64 = 4;
/// Deepest nesting that is read.
const DEEPEST: usize = 16;

/// Reads a token, with or without the name of its scheme.
pub fn read(text: &str) -> Option<Evidence> {
    let text = text.strip_prefix("FlyV1 ").unwrap_or(text);
    let body = ["fm2_", "fm1r_", "fm1a_"].iter().find_map(|label| text.strip_prefix(label))?;
    let bytes = base64(body)?;
    let mut reader = Reader(&bytes);
    let Value::Array(parts) = value(&mut reader, 0)? else { return None };
    let [_, _, Value::Array(caveats), ..] = parts.as_slice() else { return None };
    let windows = caveats.chunks_exact(2).filter_map(|caveat| match caveat {
        [Value::Number(kind), Value::Array(window)] if *kind == WINDOW.into() => match window.as_slice() {
            [Value::Number(start), Value::Number(end)] => Some((*start, *end)),
            _ => None,
        },
        _ => None,
    });
    let mut evidence = from("macaroon");
    evidence.expires = Some(Ends::Never);
    // Caveats only narrow: the latest start and the earliest end count.
    for (start, end) in windows {
        evidence.not_before = evidence.not_before.max(seconds(start));
        evidence.expires = match (evidence.expires, seconds(end)) {
            (Some(Ends::At(known)), Some(end)) => Some(Ends::At(known.min(end))),
            (_, end) => end.map(Ends::At),
        };
    }
    Some(evidence)
}

#[allow(clippy::cast_precision_loss, reason = "times that a float cannot hold are no times")]
fn seconds(number: i128) -> Option<chrono::DateTime<chrono::Utc>> {
    unix(number as f64)
}

/// What is told apart here; everything else is passed over.
enum Value {
    Number(i128),
    Array(Vec<Value>),
    Other,
}

fn value(reader: &mut Reader<'_>, depth: usize) -> Option<Value> {
    let head = reader.byte().filter(|_| depth < DEEPEST)?;
    Some(match head {
        0x00..=0x7f => Value::Number(head.into()),
        0xe0..=0xff => Value::Number(i128::from(head) - 256),
        0xcc => Value::Number(reader.byte()?.into()),
        0xcd => Value::Number(reader.u16()?.into()),
        0xce => Value::Number(reader.u32()?.into()),
        0xcf => Value::Number(reader.u64()?.into()),
        0xd0 => Value::Number(reader.byte()?.cast_signed().into()),
        0xd1 => Value::Number(reader.u16()?.cast_signed().into()),
        0xd2 => Value::Number(reader.u32()?.cast_signed().into()),
        0xd3 => Value::Number(reader.u64()?.cast_signed().into()),
        0x90..=0x9f => array(reader, usize::from(head & 0x0f), depth)?,
        0xdc => {
            let count = reader.u16()?.into();
            array(reader, count, depth)?
        }
        _ => {
            pass(reader, head, depth)?;
            Value::Other
        }
    })
}

fn array(reader: &mut Reader<'_>, count: usize, depth: usize) -> Option<Value> {
    (0..count).map(|_| value(reader, depth + 1)).collect::<Option<Vec<Value>>>().map(Value::Array)
}

/// Reads past a text, bytes, a table or a mark.
fn pass(reader: &mut Reader<'_>, head: u8, depth: usize) -> Option<()> {
    let length = match head {
        0xa0..=0xbf => usize::from(head & 0x1f),
        0xc4 | 0xd9 => usize::from(reader.byte()?),
        0xc5 | 0xda => usize::from(reader.u16()?),
        0xc6 | 0xdb => usize::try_from(reader.u32()?).ok()?,
        0xca => 4,
        0xcb => 8,
        0xc0 | 0xc2 | 0xc3 => 0,
        0x80..=0x8f => {
            return (0..2 * usize::from(head & 0x0f)).try_for_each(|_| value(reader, depth + 1).map(|_| ()));
        }
        _ => return None,
    };
    reader.take(length).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A token with windows of validity, around a caveat of another kind.
    fn token(windows: &[(u32, u32)]) -> String {
        let mut bytes = vec![0x94, 0x93, 0xc4, 2, 1, 2, 0xc4, 2, 3, 4, 0xc2, 0xa3];
        bytes.extend(b"api");
        bytes.push(0x90 | u8::try_from(2 * windows.len() + 2).unwrap());
        bytes.extend([0x03, 0x91, 0x81, 0xa1, b'x', 0x1f]);
        for (start, end) in windows {
            bytes.extend([0x04, 0x92, 0xce]);
            bytes.extend(start.to_be_bytes());
            bytes.push(0xce);
            bytes.extend(end.to_be_bytes());
        }
        bytes.extend([0xc4, 2, 9, 9]);
        format!("{}{}", ["fm", "2_"].concat(), data_encoding::BASE64.encode(&bytes))
    }

    #[test]
    fn the_narrowest_window_of_a_fly_token_counts() {
        let evidence =
            read(&token(&[(1_773_400_000, 1_773_500_966), (1_773_300_000, 1_800_000_000)])).expect("a token");
        assert_eq!(evidence.expires, unix(1_773_500_966.0).map(Ends::At));
        assert_eq!(evidence.not_before, unix(1_773_400_000.0));
        let scheme = format!("FlyV1 {}", token(&[(1, 1_773_500_966)]));
        assert_eq!(read(&scheme).and_then(|one| one.expires), unix(1_773_500_966.0).map(Ends::At));
    }

    #[test]
    fn a_fly_token_without_a_window_states_no_end() {
        assert_eq!(read(&token(&[])).and_then(|one| one.expires), Some(Ends::Never));
        assert_eq!(read(&format!("{}{}", ["fm", "2_"].concat(), data_encoding::BASE64.encode(&[0x94; 90]))), None);
    }
}
