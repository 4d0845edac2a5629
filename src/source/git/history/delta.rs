//! Deltas: an object told as copies from another one, with new bytes in between.

/// A stretch of an object that was copied from its base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Same {
    /// Where it stands in the object.
    pub at: usize,
    /// Where it stands in the base.
    pub from: usize,
    /// Its length in bytes.
    pub length: usize,
}

/// Memory that is set aside on the word of a delta's header alone, in bytes.
const ON_TRUST: usize = 1 << 20;

/// Rebuilds an object from its base. `same` gets the copied stretches in order; copies that go on where the one before
/// ended are one stretch.
///
/// # Errors
/// The delta is malformed, or made for another base.
pub fn apply(base: &[u8], delta: &[u8], object: &mut Vec<u8>, same: &mut Vec<Same>) -> Result<(), &'static str> {
    object.clear();
    same.clear();
    let mut rest = delta;
    let stated = (size(&mut rest)?, size(&mut rest)?);
    if stated.0 != base.len() {
        return Err("a delta was made for another base");
    }
    object.reserve(stated.1.min(ON_TRUST.max(2 * base.len())));
    while let Some((&command, after)) = rest.split_first() {
        rest = after;
        if command & 0x80 != 0 {
            let (from, length) = copy(command, &mut rest)?;
            let bytes = base.get(from..from + length).ok_or("a delta copies from behind its base")?;
            add(same, Same { at: object.len(), from, length });
            object.extend_from_slice(bytes);
        } else {
            let length = usize::from(command);
            let (bytes, after) = rest.split_at_checked(length).ok_or("a delta is cut short")?;
            if length == 0 {
                return Err("a delta holds an unknown instruction");
            }
            object.extend_from_slice(bytes);
            rest = after;
        }
        if object.len() > stated.1 {
            break;
        }
    }
    if object.len() == stated.1 { Ok(()) } else { Err("a delta gives another size than it states") }
}

fn add(same: &mut Vec<Same>, next: Same) {
    match same.last_mut() {
        Some(last) if last.at + last.length == next.at && last.from + last.length == next.from => {
            last.length += next.length;
        }
        _ => same.push(next),
    }
}

/// Seven bits to a byte, the least significant first.
fn size(rest: &mut &[u8]) -> Result<usize, &'static str> {
    let mut size = 0_usize;
    for shift in (0..usize::BITS).step_by(7) {
        let byte = next(rest)?;
        size |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(size);
        }
    }
    Err("a delta states a size beyond all bounds")
}

/// Where a copy begins in the base, and its length: each bit of the command says whether one byte of them follows.
fn copy(command: u8, rest: &mut &[u8]) -> Result<(usize, usize), &'static str> {
    let mut bytes = [0_u8; 7];
    for (bit, byte) in bytes.iter_mut().enumerate() {
        if command >> bit & 1 == 1 {
            *byte = next(rest)?;
        }
    }
    let from = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize;
    let length = u32::from_le_bytes([bytes[4], bytes[5], bytes[6], 0]) as usize;
    Ok((from, if length == 0 { 0x1_0000 } else { length }))
}

fn next(rest: &mut &[u8]) -> Result<u8, &'static str> {
    let (&byte, after) = rest.split_first().ok_or("a delta is cut short")?;
    *rest = after;
    Ok(byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &[u8] = b"one two three";

    fn applied(delta: &[u8]) -> Result<(Vec<u8>, Vec<Same>), &'static str> {
        let (mut object, mut same) = (vec![1], vec![Same { at: 9, from: 9, length: 9 }]);
        apply(BASE, delta, &mut object, &mut same).map(|()| (object, same))
    }

    #[test]
    fn copies_that_go_on_are_one_stretch() {
        // Copy 3 and 4 more, insert `2`, copy the last 6.
        let delta = [13, 14, 0x90, 3, 0x91, 3, 4, 1, b'2', 0x91, 7, 6];
        let same = vec![Same { at: 0, from: 0, length: 7 }, Same { at: 8, from: 7, length: 6 }];
        assert_eq!(applied(&delta), Ok((b"one two2 three".to_vec(), same)));
    }

    #[test]
    fn malformed_deltas_are_refused() {
        for (delta, wanted) in [
            (&[12, 1, 0x90, 1][..], "a delta was made for another base"),
            (&[13, 9, 0x91, 7, 9], "a delta copies from behind its base"),
            (&[13, 2, 2, b'a'], "a delta is cut short"),
            (&[13, 2, 0x91, 1], "a delta is cut short"),
            (&[13, 2, 0], "a delta holds an unknown instruction"),
            (&[13, 2, 0x90, 3], "a delta gives another size than it states"),
            (&[13, 2, 1, b'a'], "a delta gives another size than it states"),
            (&[0xff; 12], "a delta states a size beyond all bounds"),
        ] {
            assert_eq!(applied(delta), Err(wanted), "{delta:?}");
        }
    }
}
