//! Containers and keys as a whole that stand encoded in a text, told by how they begin.

use super::Layer;
use super::base64::with_context;
use super::map::Builder;
use crate::finding::Span;
use crate::scan::archive::Kind;
use crate::scan::keystore;

/// Bytes that decide whether the rest is worth decoding.
const HEAD: usize = 12;

/// Whether a container or key may begin with this byte, apart from those that begin with text: most digests end here.
pub fn may_begin(byte: u8) -> bool {
    matches!(
        byte,
        b'P' | 0x1f | b'7' | b'B' | 0xfd | b']' | b'(' | 0xed | 4 | 0xfe | 0xce | 3 | b'k' | b'0' | 0x95 | 0x94
    )
}

/// Whether a container or key may begin so, apart from those that begin with text. Nearly every word and digest ends here.
pub fn may_be_packed(head: &[u8; HEAD]) -> bool {
    may_be_container(head) || may_be_keystore(head) || may_be_der(head) || may_be_gnupg(head) || may_be_tar(head)
}

fn may_be_container(head: &[u8; HEAD]) -> bool {
    matches!(
        head,
        [b'P', b'K', 3 | 5, 4 | 6, ..]
            | [0x1f, 0x8b, 8, ..]
            | [0x37, 0x7a, 0xbc, 0xaf, ..]
            | [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, ..]
            | [0xfd, b'7', b'z', b'X', b'Z', 0, ..]
            | [0x5d, 0, 0, _, _, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]
            | [0x28, 0xb5, 0x2f, 0xfd, ..]
            | [0xed, 0xab, 0xee, 0xdb, ..]
            | [4, 0, 0, 0, _, _, _, 0, ..]
    )
}

/// Of Java, KeePass and macOS.
fn may_be_keystore(head: &[u8; HEAD]) -> bool {
    matches!(
        head,
        [0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, ..]
            | [0xce, 0xce, 0xce, 0xce, 0, 0, 0, ..]
            | [3, 0xd9, 0xa2, 0x9a, ..]
            | [b'k', b'y', b'c', b'h', 0, ..]
    )
}

/// A sequence that begins with a version: PKCS#12, and private keys.
fn may_be_der(head: &[u8; HEAD]) -> bool {
    matches!(
        head,
        [0x30, 0x82, _, _, 2, 1, 0 | 1 | 3, ..]
            | [0x30, 0x81, _, 2, 1, 0 | 1 | 3, ..]
            | [0x30, 0x80, 2, 1, 3, 0x30, ..]
            | [0x30, ..0x80, 2, 1, 0 | 1, ..]
    )
}

/// A secret key packet: version 4, a time and an algorithm.
fn may_be_gnupg(head: &[u8; HEAD]) -> bool {
    matches!(
        head,
        [0x95, _, _, 4, _, _, _, _, 1 | 16..=19 | 22 | 25..=28, ..]
            | [0x94, _, 4, _, _, _, _, 1 | 16..=19 | 22 | 25..=28, ..]
    )
}

/// The name of the first member, which is short.
fn may_be_tar(head: &[u8; HEAD]) -> bool {
    if head[HEAD - 1] != 0 {
        return false;
    }
    let name = head.iter().take_while(|byte| byte.is_ascii_graphic()).count();
    name > 0 && head[name..].iter().all(|byte| *byte == 0)
}

/// Whether the bytes are a container or a key as a whole.
pub fn is_packed(bytes: &[u8]) -> bool {
    Kind::of(bytes).is_some() || keystore::is_one(bytes)
}

/// The layer of what a packed layer holds: the rest of its text stays around it.
pub fn unpacked(packed: &Layer, names: &'static [&'static str], content: &[u8]) -> Layer {
    let mut builder = Builder::default();
    builder.put(content, packed.fresh);
    with_context(&packed.text, Span::new(0, packed.fresh.start), packed.fresh.end, names, builder)
}
