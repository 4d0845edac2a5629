//! What suppressions will ask about a secret, answered while its value is at hand.

use regex::bytes::Regex;

use crate::finding::Marks;
use crate::secret::{FingerprintKey, Part, Secret};

/// The salt of the baseline and the value patterns of the configuration that governs a scope.
#[derive(Clone, Debug, Default)]
pub struct Marking {
    /// The salt.
    pub salt: Option<FingerprintKey>,
    /// The patterns.
    pub values: Vec<Regex>,
}

impl Marking {
    /// The marks of one value.
    pub(super) fn marks(&self, secret: &Secret, class: &str, part: Part) -> Marks {
        let matching = self.values.iter().enumerate().filter(|(_, pattern)| secret.matches(pattern));
        Marks {
            patterns: matching.map(|(index, _)| index).collect(),
            salted: self.salt.as_ref().map(|salt| secret.fingerprint(salt, class, part)),
        }
    }
}
