//! Candidate to finding, or a named reason to drop it.

pub mod checksum;
pub(super) mod entropy;
pub(super) mod hash;
pub(super) mod placeholder;
mod template;
mod words;

use std::fmt;

use super::matcher::Candidate;
use crate::finding::{Confidence, Severity, Span};
use crate::rule::{Definition, Kind};

/// Why a candidate is no finding. Counted, and shown with `-v`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DropReason {
    /// A value that people write where a secret belongs.
    Placeholder,
    /// A variable of a template or shell.
    Template,
    /// A reference to a secret store.
    Reference,
    /// Ciphertext of a known tool.
    Encrypted,
    /// One character or unit over and over, or a sequence.
    Repeated,
    /// Too little entropy.
    LowEntropy,
    /// A character class that the rule requires is missing.
    MissingClass,
    /// The offline check failed.
    Checksum,
    /// Too few characters for what the name promises.
    TooShort,
    /// It reads like words of a language: an identifier, a sentence, a translation.
    Language,
    /// An expression of a programming language or a format.
    Expression,
    /// A path, a file name or an address without a credential.
    Path,
    /// An identifier of 128 bits where nothing says that it is a key.
    Uuid,
    /// A digest, a password hash or an integrity value.
    Hash,
    /// A public key or a certificate.
    PublicKey,
    /// A number, date, version, colour or mail address.
    Number,
    /// One of many values of one kind under one name: no secret by what the others are. It is kept, of low confidence.
    Crowd,
    /// Its rule, or an allow list for all rules, excepts it.
    Excepted,
    /// A more precise rule found the same bytes.
    Overlapped,
    /// Its rule finds something only beside another value, and that is not there.
    PartMissing,
    /// It is reported with the finding that it is a part of.
    Part,
}

impl DropReason {
    /// The kebab-case name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Placeholder => "placeholder",
            Self::Template => "template",
            Self::Reference => "reference",
            Self::Encrypted => "encrypted",
            Self::Repeated => "repeated",
            Self::LowEntropy => "low-entropy",
            Self::MissingClass => "missing-class",
            Self::Checksum => "checksum",
            Self::TooShort => "too-short",
            Self::Language => "language",
            Self::Expression => "expression",
            Self::Path => "path",
            Self::Uuid => "uuid",
            Self::Hash => "hash",
            Self::PublicKey => "public-key",
            Self::Number => "number",
            Self::Crowd => "crowd",
            Self::Excepted => "excepted",
            Self::Overlapped => "overlapped",
            Self::PartMissing => "part-missing",
            Self::Part => "part",
        }
    }
}

impl fmt::Display for DropReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A candidate that passed.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The candidate.
    pub candidate: Candidate,
    /// How bad it is.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// What other rules found near it that belongs to it.
    pub parts: Vec<Span>,
    /// What would be reported by itself without this one.
    pub absorbed: Vec<Self>,
    /// Whether the others of its crowd show it to be no secret.
    pub crowd: bool,
}

impl Kept {
    /// A candidate by itself.
    pub fn new(candidate: Candidate, severity: Severity, confidence: Confidence) -> Self {
        Self { candidate, severity, confidence, parts: Vec::new(), absorbed: Vec::new(), crowd: false }
    }
}

/// Judges one candidate by its own value.
///
/// # Errors
/// The reason why it is no finding.
pub fn judge(definition: &Definition, candidate: Candidate, text: &[u8]) -> Result<Kept, DropReason> {
    if let Some(verdict) = candidate.verdict {
        return verdict.map(|confidence| Kept::new(candidate, definition.severity, confidence));
    }
    let value = candidate.secret.of(text);
    let structural = matches!(definition.kind, Kind::PrivateKey | Kind::Certificate);
    if !structural && let Some(reason) = placeholder::reason(value) {
        return Err(reason);
    }
    if let Some(least) = definition.min_entropy
        && entropy::shannon(value) < least
    {
        return Err(DropReason::LowEntropy);
    }
    if !definition.require.iter().all(|class| value.iter().any(|byte| class.holds(*byte))) {
        return Err(DropReason::MissingClass);
    }
    let mut kept = Kept::new(candidate, definition.severity, definition.confidence);
    match definition.checksum.as_deref().map(|name| checksum::check(name, value)) {
        Some(checksum::Outcome::Passed) => kept.confidence = Confidence::VeryHigh,
        Some(checksum::Outcome::Broken) => return Err(DropReason::Checksum),
        Some(checksum::Outcome::Failed) => kept.confidence = kept.confidence.lowered(),
        Some(checksum::Outcome::Absent) | None => {}
    }
    Ok(kept)
}

/// Takes out single values that are the user half of a pair.
pub fn drop_users(kept: &mut Vec<Kept>) {
    let shown = kept.iter().filter(|one| one.candidate.pair.is_some() && one.confidence > Confidence::Low);
    let users: Vec<Span> = shown.filter_map(|one| one.candidate.user).collect();
    if !users.is_empty() {
        kept.retain(|one| {
            one.candidate.verdict.is_none() || !users.iter().any(|user| user.overlaps(one.candidate.secret))
        });
    }
}

/// Of findings that share bytes of their keys, keeps the most specific: then the surer, the longer, the earlier rule.
/// Returns the kept ones in order of place, and the number of dropped ones.
pub fn resolve_overlaps(mut kept: Vec<Kept>, specificity: impl Fn(&Candidate) -> u8) -> (Vec<Kept>, usize) {
    let before = kept.len();
    kept.sort_by_key(|one| {
        let rule = one.candidate.rule;
        (
            std::cmp::Reverse((specificity(&one.candidate), one.confidence, one.candidate.secret.len())),
            one.candidate.secret.start,
            rule,
        )
    });
    let mut chosen: Vec<Kept> = Vec::with_capacity(kept.len());
    let mut taken: std::collections::BTreeMap<usize, usize> = std::collections::BTreeMap::new();
    for one in kept {
        let secret = one.candidate.secret;
        let before = taken.range(..secret.end).next_back();
        if before.is_none_or(|(_, &end)| end <= secret.start) {
            taken.insert(secret.start, secret.end);
            chosen.push(one);
        }
    }
    chosen.sort_by_key(|one| (one.candidate.secret, one.candidate.rule));
    let dropped = before - chosen.len();
    (chosen, dropped)
}
