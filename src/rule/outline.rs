//! What is sure about every match of a pattern. It is worked out once, when a rule is stored or loaded: compiling the pattern
//! costs more than most searches, and most rules whose keyword a text holds are never searched for.

use regex_syntax::hir::{Class, Hir, HirKind};
use serde::{Deserialize, Serialize};

use super::parse::pattern::{self, DIGITS};

/// What a search asks before the pattern is compiled.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outline {
    /// How far a match can reach from its keyword.
    pub reach: Reach,
    /// Length of a run that every match holds, in bytes.
    pub run: usize,
    /// Whether every match begins with what announces it. Where that is a keyword, the rule says so: the pattern alone does not
    /// know its keywords.
    pub begins: bool,
    /// Whether every match begins where decimal digits in base64 do, with a run that is found: it needs no keyword.
    pub numbered: bool,
}

/// Every run of so many bytes is found before a text is searched.
pub const SHORTEST_RUN: usize = 23;

impl Outline {
    /// Reads it off a pattern.
    ///
    /// # Errors
    /// It is no regular expression.
    pub fn of(pattern: &str) -> Result<Self, String> {
        let hir = pattern::check(pattern)?;
        let (reach, runs) = (Reach::of(&hir), Stretch::of(&hir));
        let digits = pattern.strip_prefix("(?P<secret>").unwrap_or(pattern).starts_with(DIGITS);
        let numbered = digits && runs.first >= SHORTEST_RUN && reach.is_bounded();
        Ok(Self { reach, run: runs.longest, begins: numbered, numbered })
    }
}

/// What a pattern can reach: at most `bounded` bytes, plus any number of bytes of the `unbounded` set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reach {
    /// In bytes.
    pub bounded: usize,
    /// None where no repetition is without an end.
    pub unbounded: Option<ByteSet>,
}

/// A set of bytes, a bit for each.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ByteSet([u64; 4]);

impl ByteSet {
    /// Whether the byte is one of them.
    #[inline]
    pub fn contains(&self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] >> (byte & 63) & 1 != 0
    }

    fn add(&mut self, bytes: std::ops::RangeInclusive<u8>) {
        for byte in bytes {
            self.0[usize::from(byte >> 6)] |= 1 << (byte & 63);
        }
    }
}

impl Reach {
    fn of(hir: &Hir) -> Self {
        let mut reach = Self::default();
        reach.bounded = reach.measure(hir);
        reach
    }

    /// Longest match, counting nothing for bytes of unbounded repetitions, whose bytes are added to the set.
    fn measure(&mut self, hir: &Hir) -> usize {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => 0,
            HirKind::Literal(literal) => literal.0.len(),
            HirKind::Class(_) => hir.properties().maximum_len().unwrap_or(4),
            HirKind::Capture(capture) => self.measure(&capture.sub),
            HirKind::Concat(parts) => parts.iter().fold(0, |sum, part| sum.saturating_add(self.measure(part))),
            HirKind::Alternation(parts) => parts.iter().map(|part| self.measure(part)).max().unwrap_or(0),
            HirKind::Repetition(repetition) => {
                if let Some(most) = repetition.max {
                    self.measure(&repetition.sub).saturating_mul(most as usize)
                } else {
                    let once = self.measure(&repetition.sub);
                    self.add_bytes(&repetition.sub);
                    once.saturating_mul(repetition.min as usize)
                }
            }
        }
    }

    /// Adds every byte that a match of `hir` can hold.
    fn add_bytes(&mut self, hir: &Hir) {
        let set = self.unbounded.get_or_insert_default();
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => literal.0.iter().for_each(|&byte| set.add(byte..=byte)),
            HirKind::Class(Class::Bytes(class)) => {
                for range in class.ranges() {
                    set.add(range.start()..=range.end());
                }
            }
            HirKind::Class(Class::Unicode(_)) => set.add(0..=u8::MAX),
            HirKind::Capture(capture) => self.add_bytes(&capture.sub),
            HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().for_each(|part| self.add_bytes(part)),
            HirKind::Repetition(repetition) => self.add_bytes(&repetition.sub),
        }
    }

    /// Whether no match is longer than [`Self::usual`].
    pub fn is_bounded(&self) -> bool {
        self.unbounded.is_none()
    }

    /// How far from a keyword a match usually reaches, in bytes: to all it can hold, or to what few unbounded ones exceed.
    pub fn usual(&self) -> usize {
        const UNBOUNDED: usize = 256;
        self.bounded + if self.is_bounded() { 0 } else { UNBOUNDED }
    }
}

/// What is sure about the runs in whatever a part of a pattern matches.
#[derive(Clone, Copy)]
struct Stretch {
    /// Whether it is nothing but a run.
    whole: bool,
    /// Length of the run that it begins with, of the one that it ends with, and of the longest.
    first: usize,
    last: usize,
    longest: usize,
}

impl Stretch {
    const NOTHING: Self = Self { whole: true, first: 0, last: 0, longest: 0 };
    const BREAK: Self = Self { whole: false, ..Self::NOTHING };

    fn of(hir: &Hir) -> Self {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Self::NOTHING,
            HirKind::Literal(literal) => {
                literal.0.iter().fold(Self::NOTHING, |sum, byte| sum.then(Self::one(is_member(*byte))))
            }
            HirKind::Class(class) => Self::one(is_of_members(class)),
            HirKind::Capture(capture) => Self::of(&capture.sub),
            HirKind::Concat(parts) => parts.iter().fold(Self::NOTHING, |sum, part| sum.then(Self::of(part))),
            HirKind::Alternation(parts) => parts.iter().map(Self::of).reduce(Self::or).unwrap_or(Self::NOTHING),
            HirKind::Repetition(repetition) => {
                let (once, min) = (Self::of(&repetition.sub), repetition.min as usize);
                if once.whole {
                    let length = once.longest.saturating_mul(min);
                    return Self { whole: true, first: length, last: length, longest: length };
                }
                if min == 0 { Self::BREAK } else { Self { whole: false, ..once } }
            }
        }
    }

    fn one(is_member: bool) -> Self {
        let length = usize::from(is_member);
        Self { whole: is_member, first: length, last: length, longest: length }
    }

    /// What is sure where `next` follows.
    fn then(self, next: Self) -> Self {
        Self {
            whole: self.whole && next.whole,
            first: if self.whole { self.first + next.first } else { self.first },
            last: if next.whole { self.last + next.last } else { next.last },
            longest: self.longest.max(next.longest).max(self.last + next.first),
        }
    }

    /// What is sure where it is one or the other.
    fn or(self, other: Self) -> Self {
        Self {
            whole: self.whole && other.whole,
            first: self.first.min(other.first),
            last: self.last.min(other.last),
            longest: self.longest.min(other.longest),
        }
    }
}

fn is_of_members(class: &Class) -> bool {
    match class {
        Class::Bytes(class) => class.iter().all(|range| (range.start()..=range.end()).all(is_member)),
        Class::Unicode(class) => class.iter().all(|range| {
            let ascii = u8::try_from(range.start()).ok().zip(u8::try_from(range.end()).ok());
            ascii.is_some_and(|(start, end)| end.is_ascii() && (start..=end).all(is_member))
        }),
    }
}

/// Letters, digits, `+ / - _`.
#[inline]
pub fn is_member(byte: u8) -> bool {
    let letter = u8::from((byte | 0x20).wrapping_sub(b'a') < 26);
    let digit_or_slash = u8::from(byte.wrapping_sub(b'/') < 11);
    let other = u8::from(byte == b'+') | u8::from(byte == b'-') | u8::from(byte == b'_');
    letter | digit_or_slash | other != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(pattern: &str) -> Outline {
        Outline::of(pattern).expect("the pattern is right")
    }

    #[test]
    fn what_every_match_holds() {
        for (pattern, least) in [
            ("[0-9a-f]{40}", 40),
            (r"(?i:token)\s{0,3}=\s{0,3}(?P<secret>[A-Za-z0-9]{32,64})\b", 32),
            ("key_[a-z]{10}", 14),
            ("pat[A-Za-z0-9]{14}\\.[a-f0-9]{64}", 64),
            ("(?:[a-z]{30}|[0-9]{25}x)!", 26),
            ("(?:ab){12}", 24),
            ("(?:ab?){12}", 12),
            ("x{0,9}y", 1),
            ("a[^b]{30}", 1),
            ("(?:abc=){4}", 3),
            ("(?:abc=)?", 0),
            ("(?i)[a-z]{30}", 30),
        ] {
            assert_eq!(outline(pattern).run, least, "{pattern}");
        }
    }

    #[test]
    fn sets_of_bytes_hold_what_repeats_without_an_end() {
        let reach = outline(r"ab[0-9\xff]{2,};").reach;
        let set = reach.unbounded.as_ref().expect("there is such a repetition");
        let held: Vec<u8> = (0..=u8::MAX).filter(|byte| set.contains(*byte)).collect();
        assert_eq!(held, b"0123456789\xff");
        assert_eq!((reach.bounded, outline("ab[0-9]{2,9};").reach.unbounded), (5, None));
    }
}
