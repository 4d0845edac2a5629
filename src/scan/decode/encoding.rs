//! Whole texts that are not UTF-8: told apart by their byte order mark or by their bytes, and turned into UTF-8.

use encoding_rs::{EUC_JP, Encoding, SHIFT_JIS, WINDOWS_1252};

use super::map::{Builder, Map};
use crate::finding::Span;

/// Bytes at the start that decide.
const PROBE: usize = 8000;

/// How a text is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// UTF-8 or another superset of ASCII without byte order mark: it is read as it is.
    Ascii,
    /// UTF-8 behind a byte order mark of three bytes.
    Utf8Mark,
    /// Two or four bytes per unit, behind a mark of that many bytes where `mark` says so.
    Wide {
        /// Bytes per unit.
        width: usize,
        /// Whether the least significant byte stands first.
        little: bool,
        /// Whether a byte order mark stands first.
        mark: bool,
    },
    /// No text.
    Binary,
}

impl Storage {
    /// Tells how `bytes` are stored.
    pub fn of(bytes: &[u8]) -> Self {
        let wide = |width, little| Self::Wide { width, little, mark: true };
        match bytes {
            [0xff, 0xfe, 0, 0, ..] if bytes.len().is_multiple_of(4) => return wide(4, true),
            [0, 0, 0xfe, 0xff, ..] => return wide(4, false),
            [0xff, 0xfe, ..] => return wide(2, true),
            [0xfe, 0xff, ..] => return wide(2, false),
            [0xef, 0xbb, 0xbf, ..] if !has_nul(bytes) => return Self::Utf8Mark,
            _ => {}
        }
        if !has_nul(bytes) {
            return Self::Ascii;
        }
        [(4, true), (4, false), (2, true), (2, false)]
            .into_iter()
            .find(|&(width, little)| is_wide(&bytes[..bytes.len().min(PROBE)], width, little))
            .map_or(Self::Binary, |(width, little)| Self::Wide { width, little, mark: false })
    }

    /// Tells how a text is stored that begins with `head` and goes on.
    pub fn of_head(head: &[u8]) -> Self {
        // Whether what was read so far ends inside a unit says nothing.
        Self::of(if head.len() < PROBE { head } else { &head[..PROBE] })
    }

    /// The name of the layer that decoding makes; none where nothing changes.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Wide { width: 2, little: true, .. } => Some("utf-16le"),
            Self::Wide { width: 2, little: false, .. } => Some("utf-16be"),
            Self::Wide { little: true, .. } => Some("utf-32le"),
            Self::Wide { .. } => Some("utf-32be"),
            Self::Ascii | Self::Utf8Mark | Self::Binary => None,
        }
    }
}

fn has_nul(bytes: &[u8]) -> bool {
    memchr::memchr(0, &bytes[..bytes.len().min(PROBE)]).is_some()
}

/// Whether the bytes read as wide units without anything that no text holds, and at least a quarter is ASCII: a file of
/// numbers is not taken for a text.
fn is_wide(bytes: &[u8], width: usize, little: bool) -> bool {
    let (mut count, mut ascii) = (0_usize, 0_usize);
    for (character, _) in units(bytes, width, little) {
        let Some(character) = character else { return false };
        if (character.is_control() && !matches!(character, '\t' | '\n' | '\r'))
            || character as u32 >= 0xe000 && character as u32 <= 0xf8ff
        {
            return false;
        }
        count += 1;
        ascii += usize::from(character.is_ascii());
    }
    count >= 4 && ascii * 4 >= count
}

/// The characters of wide units with their length in bytes; none for a unit that stands for no character.
fn units(bytes: &[u8], width: usize, little: bool) -> impl Iterator<Item = (Option<char>, usize)> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let unit = rest.get(..width)?;
        let value = unit.iter().enumerate().fold(0_u32, |value, (index, &byte)| {
            let shift = if little { index } else { width - 1 - index };
            value | u32::from(byte) << (8 * shift)
        });
        let mut length = width;
        let mut character = char::from_u32(value);
        if width == 2 && (0xd800..0xdc00).contains(&value) && rest.len() >= 4 {
            let low =
                if little { u16::from_le_bytes([rest[2], rest[3]]) } else { u16::from_be_bytes([rest[2], rest[3]]) };
            let high = u16::try_from(value).unwrap_or(0);
            character = char::decode_utf16([high, low]).next().and_then(Result::ok);
            length = if character.is_some() { 4 } else { 2 };
        } else if width == 2 && (0xd800..0xdc00).contains(&value) {
            // Cut in the middle of a pair by the end of the probe.
            return None;
        }
        rest = &rest[length..];
        Some((character, length))
    })
}

/// Turns wide units into UTF-8.
pub fn widen(bytes: &[u8], storage: Storage) -> (Vec<u8>, Map) {
    let mut builder = Builder::default();
    if let Storage::Wide { width, little, mark } = storage {
        let mut at = if mark { width } else { 0 };
        builder.text.reserve(bytes.len() / width);
        for (character, length) in units(&bytes[at.min(bytes.len())..], width, little) {
            builder.put_char(character.unwrap_or(char::REPLACEMENT_CHARACTER), Span::new(at, at + length));
            at += length;
        }
    }
    builder.finish()
}

/// Turns a text that is neither ASCII nor UTF-8 into UTF-8: Japanese where the bytes can hardly be anything else,
/// Windows-1252 otherwise, which reads every byte. None if it is UTF-8.
pub fn legacy(bytes: &[u8]) -> Option<(&'static str, Vec<u8>, Map)> {
    if bytes.is_ascii() || std::str::from_utf8(bytes).is_ok() {
        return None;
    }
    let probe = &bytes[..bytes.len().min(1 << 16)];
    let (name, encoding) =
        match [("shift-jis", SHIFT_JIS), ("euc-jp", EUC_JP)].into_iter().find(|(_, it)| is_japanese(probe, it)) {
            Some(found) => found,
            None => ("windows-1252", WINDOWS_1252),
        };
    let mut builder = Builder::default();
    let mut at = 0;
    while at < bytes.len() {
        let plain = bytes[at..].iter().position(|byte| !byte.is_ascii()).map_or(bytes.len(), |place| at + place);
        builder.copy(bytes, Span::new(at, plain));
        at = plain;
        if at < bytes.len() {
            let length = unit_length(&bytes[at..], encoding);
            let (decoded, _) = encoding.decode_without_bom_handling(&bytes[at..at + length]);
            builder.put(decoded.as_bytes(), Span::new(at, at + length));
            at += length;
        }
    }
    let (text, map) = builder.finish();
    Some((name, text, map))
}

/// Bytes of the character that starts with a byte over 0x7f.
fn unit_length(bytes: &[u8], encoding: &'static Encoding) -> usize {
    let half_width = matches!(bytes[0], 0xa1..=0xdf);
    let length = match encoding.name() {
        "Shift_JIS" if !half_width => 2,
        "EUC-JP" if bytes[0] == 0x8f => 3,
        "EUC-JP" => 2,
        _ => 1,
    };
    length.min(bytes.len())
}

/// Whether the bytes decode without a flaw and at least a third of the other characters is kana.
fn is_japanese(bytes: &[u8], encoding: &'static Encoding) -> bool {
    // The probe may end in the middle of a character.
    let flawless = |cut: usize| {
        encoding.decode_without_bom_handling_and_without_replacement(&bytes[..bytes.len().saturating_sub(cut)])
    };
    let Some(text) = flawless(0).or_else(|| flawless(1)).or_else(|| flawless(2)) else { return false };
    let others = text.chars().filter(|character| !character.is_ascii()).count();
    let kana = text.chars().filter(|character| matches!(character, '\u{3041}'..='\u{30ff}')).count();
    kana >= 3 && kana * 3 >= others
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(text: &str, width: usize, little: bool, mark: bool) -> Vec<u8> {
        let text = if mark { format!("\u{feff}{text}") } else { text.to_owned() };
        let mut bytes = Vec::new();
        if width == 2 {
            for unit in text.encode_utf16() {
                bytes.extend(if little { unit.to_le_bytes() } else { unit.to_be_bytes() });
            }
        } else {
            for unit in text.chars().map(u32::from) {
                bytes.extend(if little { unit.to_le_bytes() } else { unit.to_be_bytes() });
            }
        }
        bytes
    }

    #[test]
    fn every_wide_form_is_told_apart_and_read() {
        let text = "name;пароль;😀\r\npassword = abc\r\n";
        for width in [2, 4] {
            for little in [true, false] {
                for mark in [true, false] {
                    let bytes = wide(text, width, little, mark);
                    let storage = Storage::of(&bytes);
                    assert_eq!(storage, Storage::Wide { width, little, mark });
                    let (decoded, map) = widen(&bytes, storage);
                    assert_eq!(String::from_utf8_lossy(&decoded), text);
                    let at = text.find("abc").expect("it is there");
                    let span = map.span(Span::new(at, at + 3));
                    assert_eq!(span.of(&bytes), wide("abc", width, little, false));
                }
            }
        }
    }

    #[test]
    fn binaries_stay_binaries() {
        let numbers: Vec<u8> = (0..4000_u32).flat_map(u32::to_le_bytes).collect();
        assert_eq!(Storage::of(&numbers), Storage::Binary);
        assert_eq!(Storage::of(b"\x7fELF\x02\x01\x01\0\0\0\0\0"), Storage::Binary);
        assert_eq!(Storage::of(b"plain"), Storage::Ascii);
        assert_eq!(Storage::of(b"\xef\xbb\xbfplain"), Storage::Utf8Mark);
        assert_eq!(Storage::of(b"\xff\xfe"), Storage::Wide { width: 2, little: true, mark: true });
    }

    #[test]
    fn japanese_and_western_texts_are_told_apart() {
        let (sjis, ..) = SHIFT_JIS.encode("パスワードは password=abc です");
        let (name, text, map) = legacy(&sjis).expect("it is not UTF-8");
        assert_eq!((name, String::from_utf8_lossy(&text).as_ref()), ("shift-jis", "パスワードは password=abc です"));
        let at = text.windows(3).position(|part| part == b"abc").expect("it is there");
        assert_eq!(map.span(Span::new(at, at + 3)).of(&sjis), b"abc");
        let (euc, ..) = EUC_JP.encode("パスワードは password=abc です");
        assert_eq!(legacy(&euc).expect("it is not UTF-8").0, "euc-jp");
        let (name, text, _) = legacy(b"Schl\xfcssel = p\xe4ss").expect("it is not UTF-8");
        assert_eq!((name, String::from_utf8_lossy(&text).as_ref()), ("windows-1252", "Schlüssel = päss"));
        assert!(legacy("Schlüssel".as_bytes()).is_none());
    }
}
