//! The slots of a history: a path and a name, and the values they held over time.

use chrono::{DateTime, TimeDelta, Utc};

use crate::finding::RuleId;
use crate::secret::{Fingerprint, Redacted};

/// All slots, sorted by path and name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    /// The slots.
    pub slots: Vec<Slot>,
}

/// A path and the name of an assignment in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The path.
    pub path: String,
    /// The name; none for values that nothing names, which are followed one by one.
    pub name: Option<String>,
    /// The rule that found its newest value.
    pub rule: RuleId,
    /// Its values, oldest first.
    pub values: Vec<Value>,
}

/// One value of a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// The keyed print of the value.
    pub fingerprint: Fingerprint,
    /// The masked value.
    pub redacted: Redacted,
    /// The first commit that carried it there, and the time that its committer states.
    pub first: (String, DateTime<Utc>),
    /// The last one.
    pub last: (String, DateTime<Utc>),
    /// Whether it stands there now, in the checked out commit or at the tip of a branch.
    pub standing: bool,
}

/// What became of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Holds the only value it ever held.
    NeverRotated,
    /// Holds a newer value than it once did.
    Rotated,
    /// Holds nothing now, after values that followed each other.
    RemovedAfterRotation,
    /// Holds nothing now: its only value was removed from the tree but never replaced.
    RemovedNeverReplaced,
}

impl State {
    /// What a report calls it.
    pub fn text(self) -> &'static str {
        match self {
            Self::NeverRotated => "never rotated",
            Self::Rotated => "rotated",
            Self::RemovedAfterRotation => "removed, its last value never replaced",
            Self::RemovedNeverReplaced => "removed from the tree but never replaced",
        }
    }
}

impl Slot {
    /// What became of it.
    pub fn state(&self) -> State {
        let standing = self.values.iter().any(|value| value.standing);
        match (standing, self.values.len()) {
            (true, ..=1) => State::NeverRotated,
            (true, _) => State::Rotated,
            (false, ..=1) => State::RemovedNeverReplaced,
            (false, _) => State::RemovedAfterRotation,
        }
    }

    /// Time between each value's first commit and the next one's, as committers state.
    pub fn intervals(&self) -> Vec<TimeDelta> {
        self.values.windows(2).map(|pair| pair[1].first.1 - pair[0].first.1).collect()
    }

    /// When the newest value came, if it followed another.
    pub fn last_rotation(&self) -> Option<DateTime<Utc>> {
        (self.values.len() > 1).then(|| self.values.last().map(|value| value.first.1)).flatten()
    }

    /// Whether the value was followed by another one in this slot.
    pub fn replaced(&self, fingerprint: &Fingerprint) -> bool {
        let at = self.values.iter().position(|value| value.fingerprint == *fingerprint);
        at.is_some_and(|at| at + 1 < self.values.len())
    }
}
