//! What values have in common, told without them.

use crate::secret::Fingerprint;

/// What the value of a name may share with those of other texts. It is noted while the value is at hand, and asked when all
/// texts are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Likeness {
    /// The letters of the name.
    pub name: Box<str>,
    /// Whether it may be said to people: words, as far as a value tells it by its letters.
    pub said: bool,
    /// What the value is without its number, where the name says little.
    pub frame: Option<Frame>,
}

/// A value without its number: of one length with others, or with the same letters. Prints are keyed, as those of whole values.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Frame {
    /// What stands before hexadecimal digits, and how long the whole is.
    Record(Fingerprint),
    /// The letters around decimal digits.
    Counted(Fingerprint),
}
