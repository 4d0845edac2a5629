//! Layers: texts that stand encoded inside other texts. Each keeps a map back to the place it was decoded from.
//!
//! Nothing is decoded on suspicion alone. Base64 and hexadecimal are looked for in runs of their alphabet, whose search
//! is shared with that of rules; everything else hangs on a *trigger* that the keyword search
//! announces in the pass it makes anyway, or on an escape right beside a keyword. `docs/limits.md` tells the bounds.

mod base32;
mod base64;
mod bytes;
mod concat;
mod constant;
pub mod encoding;
mod escape;
mod format;
mod hex;
mod join;
mod kube;
mod mail;
pub mod map;
mod markup;
mod packed;
mod uuencode;

pub use base64::wrapped_end;
pub use kube::secret_end;
pub use map::Map;
pub use packed::unpacked;

use super::prefilter::Hit;
use super::run;
use crate::finding::Span;

/// A text decoded out of another one.
#[derive(Debug)]
pub struct Layer {
    /// How it was encoded, outermost first.
    pub names: &'static [&'static str],
    /// The decoded bytes, with a little of what stands around them, so that rules see the name a value is assigned to.
    pub text: Vec<u8>,
    /// Where each byte came from.
    pub map: Map,
    /// The part of `text` that was decoded: only keys that touch it are new.
    pub fresh: Span,
}

/// What stands encoded in a text.
#[derive(Debug, Default)]
pub struct Found {
    /// Texts.
    pub texts: Vec<Layer>,
    /// Layers whose fresh part is a container or a key as a whole: what they hold is yet to be seen.
    pub packed: Vec<Layer>,
    /// What compressed text gave at most, where that was not all of it, in bytes.
    pub cut: Option<u64>,
}

/// What may come out of so many compressed bytes that stand in a text.
pub fn grown(bytes: usize) -> u64 {
    const GROWTH: u64 = 64;
    const GROWN: u64 = 1 << 20;
    let bytes = bytes as u64;
    bytes.saturating_mul(GROWTH).min(GROWN.max(bytes.saturating_mul(4)))
}

/// What a trigger announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trigger {
    /// Backslash escapes.
    Escape,
    /// Percent encoding.
    Percent,
    /// HTML and XML entities.
    Entity,
    /// A line that goes on in the next one by a backtick or caret.
    Continued,
    /// String literals that are joined.
    Concat,
    /// The parts of an office document.
    Office,
    /// A quoted-printable body follows.
    Mail,
    /// A text that is written byte by byte.
    Bytes,
    /// A uuencoded file.
    Uuencode,
    /// A Kubernetes secret, whose values are base64 of any length.
    Kube,
}

impl Trigger {
    fn is_rare(self) -> bool {
        matches!(self, Self::Mail | Self::Office | Self::Kube | Self::Bytes | Self::Uuencode)
    }
}

/// A keyword or trigger found in a text: what stands there and what it announces.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    /// Where.
    pub span: Span,
    /// What it announces; none for a rule's keyword.
    pub trigger: Option<Trigger>,
    /// Whether it announces no certain kind of key: `token`, `://`.
    pub is_general: bool,
}

/// The literals that announce layers, lower case, each of at least four bytes: shorter ones would crowd the filter of
/// the keyword search.
pub fn triggers() -> Vec<(String, Trigger)> {
    let mut all: Vec<(String, Trigger)> = Vec::new();
    let mut add = |literal: String, trigger| all.push((literal, trigger));
    for literal in ["%3a%2f%2f", "%22%3a", "%22%20%3a"] {
        add(literal.to_owned(), Trigger::Percent);
    }
    // Two letters in a row that are percent-encoded for no need.
    for (high, next) in [('6', '6'), ('6', '7'), ('7', '6'), ('7', '7')] {
        for low in "0123456789abcdef".chars() {
            add(format!("%{high}{low}%{next}"), Trigger::Percent);
        }
    }
    for digit in '2'..='7' {
        add(format!("\\u00{digit}"), Trigger::Escape);
        add(format!("\\u{{{digit}"), Trigger::Escape);
    }
    add(":\\/\\/".to_owned(), Trigger::Escape);
    for byte in 0x20..0x7f_u8 {
        add(format!("\\x{byte:02x}\\"), Trigger::Escape);
    }
    for byte in 0o100..0o177_u8 {
        add(format!("\\{byte:03o}\\"), Trigger::Escape);
    }
    for literal in ["&#x2f;", "&#47;", "&#x3a;", "&#58;", ";&#10", ";&#11", ";&#12", ";&#9", ";&#x6", ";&#x7"] {
        add(literal.to_owned(), Trigger::Entity);
    }
    for quote in ['"', '\''] {
        for operator in ["+", "."] {
            add(format!("{quote} {operator} {quote}"), Trigger::Concat);
            add(format!("{quote} {operator}\n"), Trigger::Concat);
        }
        add(format!("_{quote}+{quote}"), Trigger::Concat);
        add(format!("-{quote}+{quote}"), Trigger::Concat);
        add(format!("{quote} \\\n"), Trigger::Concat);
    }
    for mark in ['`', '^'] {
        add(format!(" {mark}\n "), Trigger::Continued);
        add(format!(" {mark}\r\n"), Trigger::Continued);
    }
    for family in
        ["wordprocessingml/2006/main", "spreadsheetml/2006/main", "drawingml/2006/main", "opendocument:xmlns:text"]
    {
        add(family.to_owned(), Trigger::Office);
    }
    add("quoted-printable".to_owned(), Trigger::Mail);
    for literal in bytes::triggers() {
        add(literal, Trigger::Bytes);
    }
    for literal in uuencode::STARTS {
        add(literal.to_owned(), Trigger::Uuencode);
    }
    for literal in kube::KINDS {
        add(literal.to_owned(), Trigger::Kube);
    }
    all
}

/// Everything that stands encoded in a layer: what was joined already is not joined again.
pub fn layers_inside(outer: &Layer, runs: &[Span], marks: &[Mark]) -> Found {
    let mut found = layers(&outer.text, runs, marks);
    if outer.names == constant::NAMES {
        found.texts.retain(|layer| layer.names != constant::NAMES);
    }
    found
}

/// Everything that stands encoded in `text`. `runs` are its runs, `marks` its keywords and triggers, both sorted by place.
pub fn layers(text: &[u8], runs: &[Span], marks: &[Mark]) -> Found {
    let mut found = Found::default();
    base64::find(text, runs, &mut found);
    let layers = &mut found.texts;
    if !marks.is_empty() {
        escape::find(text, marks, layers);
        concat::find(text, marks, layers);
        constant::find(text, marks, layers);
    }
    // Of many marks few are triggers, and hardly any of these.
    if marks.iter().any(|mark| mark.trigger.is_some_and(Trigger::is_rare)) {
        mail::find(text, marks, layers);
        markup::find(text, marks, layers);
        kube::find(text, marks, layers);
        bytes::find(text, marks, layers);
        uuencode::find(text, marks, &mut found);
    }
    found
}

/// The marks of a text, from the hits of the keyword search. `describe` gives a keyword's length, its trigger, and whether
/// it is general.
pub fn marks(hits: &[Hit], describe: impl Fn(u32) -> (usize, Option<Trigger>, bool)) -> Vec<Mark> {
    let mark = |hit: &Hit| {
        let (length, trigger, is_general) = describe(hit.keyword);
        Mark { span: Span::new(hit.start, hit.start + length), trigger, is_general }
    };
    hits.iter().map(mark).collect()
}

/// The start of the line that holds `at`, at most `reach` bytes back.
fn line_start(text: &[u8], at: usize, reach: usize) -> usize {
    let from = at.saturating_sub(reach);
    memchr::memrchr(b'\n', &text[from..at]).map_or(from, |place| from + place + 1)
}

/// The end of the line that holds `at`, at most `reach` bytes on.
fn line_end(text: &[u8], at: usize, reach: usize) -> usize {
    let to = text.len().min(at.saturating_add(reach));
    memchr::memchr(b'\n', &text[at..to]).map_or(to, |place| at + place)
}

/// Length of the leading part that a person could have written: UTF-8 without control characters.
fn printable_prefix(text: &[u8]) -> usize {
    let valid = match std::str::from_utf8(text) {
        Ok(valid) => valid,
        Err(error) => std::str::from_utf8(&text[..error.valid_up_to()]).unwrap_or_default(),
    };
    let control = |character: char| character.is_control() && !matches!(character, '\t' | '\n' | '\r' | '\u{1b}');
    valid.find(control).unwrap_or(valid.len())
}

#[cfg(test)]
mod tests;
