//! What suppressions and the audit will ask about a secret, answered while its value is at hand.

use std::collections::BTreeSet;
use std::sync::Arc;

use regex::bytes::Regex;

use crate::finding::{Evidence, Finding, Marks, Span};
use crate::secret::{FingerprintKey, Part, Secret};

/// The salt of the baseline and the patterns of the configuration that govern a scope, and what a migration asks.
#[derive(Clone, Debug, Default)]
pub struct Marking {
    /// The salt.
    pub salt: Option<FingerprintKey>,
    /// Patterns of values.
    pub values: Vec<Regex>,
    /// Digests in files of other scanners, in lower-case hexadecimal digits.
    pub digests: BTreeSet<String>,
    /// Patterns of lines in files of other scanners.
    pub lines: Vec<Regex>,
    /// Logins of people, in lower case.
    pub people: Arc<BTreeSet<String>>,
}

impl Marking {
    /// The marks of one value; `halves` are the values that make it up, where it is a pair.
    pub(super) fn marks(&self, secret: &Secret, halves: &[&Secret], class: &str, part: Part) -> Marks {
        let matching = self.values.iter().enumerate().filter(|(_, pattern)| secret.matches(pattern));
        Marks {
            patterns: matching.map(|(index, _)| index).collect(),
            salted: self.salt.as_ref().map(|salt| secret.fingerprint(salt, class, part)),
            digests: self.digests_of(secret, halves),
            lines: Vec::new(),
        }
    }

    fn digests_of(&self, secret: &Secret, halves: &[&Secret]) -> Vec<String> {
        if self.digests.is_empty() {
            return Vec::new();
        }
        let all = std::iter::once(secret).chain(halves.iter().copied()).flat_map(Secret::digests);
        all.filter(|digest| self.digests.contains(digest)).collect()
    }

    /// Notes that a user half is the login of a known person; which one is not said.
    pub(super) fn note_person(&self, user: Option<&[u8]>, evidence: &mut Evidence) {
        let login = user.and_then(|user| std::str::from_utf8(user).ok()).filter(|_| !self.people.is_empty());
        if login.is_some_and(|login| self.people.contains(&login.to_lowercase())) {
            evidence.identifiers.push(("login-shape", "a known person".to_owned()));
        }
    }

    /// Adds the marks of the lines that a secret stands in.
    pub(super) fn mark_lines(&self, findings: &mut [Finding], text: &[u8], secret: Span) {
        if self.lines.is_empty() {
            return;
        }
        let start = memchr::memrchr(b'\n', &text[..secret.start]).map_or(0, |at| at + 1);
        let end = memchr::memchr(b'\n', &text[secret.end..]).map_or(text.len(), |at| secret.end + at);
        let lines = &text[start..end];
        let matching = self.lines.iter().enumerate().filter(|(_, pattern)| pattern.is_match(lines));
        let matching: Vec<usize> = matching.map(|(index, _)| index).collect();
        for exposed in findings.iter_mut().filter_map(|finding| finding.secret.as_mut()) {
            exposed.marks.lines.clone_from(&matching);
        }
    }
}
