//! The hash of a line that GitHub code scanning knows alerts by, `primaryLocationLineHash`.
//!
//! A polynomial of base 37 modulo 2^64 over the 100 UTF-16 code units that follow the start of the line; spaces and tabs
//! are left out, `\r\n` and `\r` read as `\n`, the end of the file is 65535 and then zeros. A number behind a colon tells
//! which of the file's lines with that hash it is. Source: the fingerprint code of GitHub's own upload action.

use std::cell::{Cell, OnceCell};
use std::collections::HashMap;

/// Code units that a hash is made of.
const BLOCK: usize = 100;
const BASE: u64 = 37;
const END_OF_FILE: u16 = 65535;
/// So many hashes of a text are computed one by one, each beside a look at how the other lines begin; then all at once.
const ONE_BY_ONE: usize = 64;

/// The hashes of a text's lines, computed as they are asked for: most texts with a finding have one or two.
pub struct LineHashes<'t> {
    text: &'t [u8],
    asked: Cell<usize>,
    /// Where each line begins, and with what.
    beginnings: OnceCell<Vec<(usize, u64)>>,
    all: OnceCell<HashMap<usize, String>>,
}

impl<'t> LineHashes<'t> {
    /// Computes nothing yet.
    pub fn new(text: &'t [u8]) -> Self {
        Self { text, asked: Cell::new(0), beginnings: OnceCell::new(), all: OnceCell::new() }
    }

    /// The hash, as GitHub prints it, of the line that begins at an offset.
    pub fn of(&self, start: usize) -> String {
        self.asked.set(self.asked.get() + 1);
        if self.asked.get() <= ONE_BY_ONE {
            return self.one(start);
        }
        self.all.get_or_init(|| numbered(self.text).into_iter().collect()).get(&start).cloned().unwrap_or_default()
    }

    fn one(&self, start: usize) -> String {
        let beginning = |start| beginning(&self.text[start..]);
        let lines = || starts(self.text).map(|start| (start, beginning(start))).collect();
        let before = self.beginnings.get_or_init(lines).iter().take_while(|line| line.0 < start);
        let (own, here) = (beginning(start), &self.text[start..]);
        let same = before.filter(|line| line.1 == own && block(&self.text[line.0..]).eq(block(here)));
        format!("{:x}:{}", hash(here), same.count() + 1)
    }
}

/// The first eight bytes of a line that its hash is made of: lines with the same hash share them.
fn beginning(text: &[u8]) -> u64 {
    let bytes = text.iter().filter(|byte| !matches!(byte, b' ' | b'\t')).take(size_of::<u64>());
    // What is not ASCII may be read as a replacement character, and a return as a line feed.
    bytes.take_while(|byte| byte.is_ascii_graphic()).fold(0, |beginning, byte| beginning << 8 | u64::from(*byte))
}

/// The hashes of all lines of a text, by 0-based line, as GitHub prints them.
pub fn line_hashes(text: &[u8]) -> Vec<String> {
    numbered(text).into_iter().map(|(_, hash)| hash).collect()
}

/// Each line's start and hash, with the number that tells lines of the same hash apart.
fn numbered(text: &[u8]) -> Vec<(usize, String)> {
    let mut seen: HashMap<u64, u32> = HashMap::new();
    let mut number = |start: usize| {
        let hash = hash(&text[start..]);
        let count = seen.entry(hash).or_default();
        *count += 1;
        (start, format!("{hash:x}:{count}"))
    };
    starts(text).map(&mut number).collect()
}

/// Where lines begin, as GitHub counts them: behind `\n`, `\r\n` and `\r`.
fn starts(text: &[u8]) -> impl Iterator<Item = usize> {
    let ends = memchr::memchr2_iter(b'\n', b'\r', text).map(|at| at + 1);
    std::iter::once(0).chain(ends.filter(|&next| text[next - 1] == b'\n' || text.get(next) != Some(&b'\n')))
}

fn hash(text: &[u8]) -> u64 {
    block(text).fold(0, |hash: u64, unit| hash.wrapping_mul(BASE).wrapping_add(u64::from(unit)))
}

/// The code units that the hash of a line is made of, from where it begins.
fn block(text: &[u8]) -> impl Iterator<Item = u16> {
    let mut after_return = false;
    let units = characters(text).filter_map(move |character| {
        let second = std::mem::replace(&mut after_return, character == '\r') && character == '\n';
        (!second && !matches!(character, ' ' | '\t')).then_some(if character == '\r' { '\n' } else { character })
    });
    let units = units.flat_map(|character| {
        let mut buffer = [0; 2];
        let length = character.encode_utf16(&mut buffer).len();
        buffer.into_iter().take(length)
    });
    units.chain(std::iter::once(END_OF_FILE)).chain(std::iter::repeat(0)).take(BLOCK)
}

/// The characters of a text, one after the other, so that nothing is decoded that nobody asks for.
fn characters(text: &[u8]) -> impl Iterator<Item = char> {
    const LONGEST: usize = 4;
    let mut rest = text;
    std::iter::from_fn(move || {
        let chunk = rest.get(..LONGEST).unwrap_or(rest).utf8_chunks().next()?;
        let character = chunk.valid().chars().next();
        let length = character.map_or(chunk.invalid().len(), char::len_utf8);
        rest = &rest[length..];
        Some(character.unwrap_or(char::REPLACEMENT_CHARACTER))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both_ways(text: &[u8]) -> Vec<String> {
        let hashes = LineHashes::new(text);
        let one_by_one: Vec<String> = starts(text).map(|start| hashes.one(start)).collect();
        assert_eq!(one_by_one, line_hashes(text));
        one_by_one
    }

    /// The vectors that GitHub publishes with its upload action, written down as facts.
    #[test]
    fn equals_githubs_published_vectors() {
        assert_eq!(both_ways(b""), ["c129715d7a2bc9a3:1"]);
        let text = b" a\nb\n  \t\tc\n d";
        let expected = ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"];
        assert_eq!(both_ways(text), expected);
        assert_eq!(both_ways(b" a\rb\r  \t\tc\r d"), expected);
        assert_eq!(both_ways(b" a\r\nb\r\n  \t\tc\r\n d"), expected);
    }

    #[test]
    fn lines_that_are_the_same_are_numbered() {
        let text = "x = 1\n".repeat(60);
        let hashes = both_ways(text.as_bytes());
        assert_eq!(hashes[0], hashes[1].replace(":2", ":1"));
        assert!(hashes[9].ends_with(":10"), "{hashes:?}");
        assert!(hashes[60].ends_with(":1"), "the end of the file is a line of its own");
    }

    #[test]
    fn asking_often_changes_nothing() {
        let text: String = (0..40).map(|line| format!("line {} \u{1f600}\n", line % 7)).collect();
        let hashes = LineHashes::new(text.as_bytes());
        let asked: Vec<String> = starts(text.as_bytes()).map(|start| hashes.of(start)).collect();
        assert_eq!(asked, both_ways(text.as_bytes()));
    }
}
