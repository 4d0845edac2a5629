//! The vocabulary that every module speaks: findings, where they stand, how bad and how sure, what was skipped.

mod likeness;
mod line_hash;
mod listing;
mod location;
mod rating;
mod seldom;
mod skips;

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

pub use likeness::{Frame, Likeness};
pub use line_hash::{LineHashes, line_hashes};
pub use listing::Listing;
pub use location::{Location, Origin, Position, Region, Snippet, Span};
pub use rating::{Confidence, Severity, UnknownName};
pub use seldom::Seldom;
pub use skips::Skips;

use crate::secret::{Fingerprint, Redacted};

/// A rule's stable kebab-case id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(Arc<str>);

impl RuleId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for RuleId {
    fn from(id: &str) -> Self {
        Self(id.into())
    }
}

impl Borrow<str> for RuleId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// One thing keyrot reports: an exposed secret at one place, or something wrong with the life of a key.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The rule it comes from.
    pub rule: RuleId,
    /// How bad it is.
    pub severity: Severity,
    /// How sure keyrot is.
    pub confidence: Confidence,
    /// One or more sentences that read alone; never holds a secret.
    pub message: String,
    /// The primary place.
    pub location: Location,
    /// Further places that belong to this one: halves of a pair, rows, transport.
    pub related: Vec<Related>,
    /// What it took in as parts of itself, such as the id beside a key. They are not reported; what suppresses them by
    /// themselves is in use.
    pub absorbed: Vec<Self>,
    /// The exposed secret; none for findings about rows and files.
    pub secret: Option<Box<Exposed>>,
    /// What stands around it.
    pub context: Seldom<Context>,
    /// What the key says about its own life.
    pub evidence: Seldom<Evidence>,
    /// What a listing says about its key, where it is about a listed one.
    pub listing: Option<Arc<Listing>>,
    /// What history says about its exposure.
    pub exposure: Option<Box<Exposure>>,
    /// What the audit says about its life.
    pub verdicts: Vec<Verdict>,
    /// Who answers for the key.
    pub owner: Option<String>,
    /// Why it is not reported, if it is suppressed.
    pub suppression: Option<Suppression>,
}

impl Finding {
    /// The order of reports: by place, then by rule and message.
    pub fn order(&self, other: &Self) -> std::cmp::Ordering {
        (self.location.sort_key(), &self.rule, &self.message).cmp(&(
            other.location.sort_key(),
            &other.rule,
            &other.message,
        ))
    }

    /// A finding with nothing known but its rule, rating, message and place.
    pub fn new(rule: RuleId, severity: Severity, confidence: Confidence, message: String, location: Location) -> Self {
        Self {
            rule,
            severity,
            confidence,
            message,
            location,
            related: Vec::new(),
            absorbed: Vec::new(),
            secret: None,
            context: Seldom::default(),
            evidence: Seldom::default(),
            listing: None,
            exposure: None,
            verdicts: Vec::new(),
            owner: None,
            suppression: None,
        }
    }
}

/// The checkout that was scanned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// Address of the repository, without user name and password.
    pub repository: String,
    /// The commit at its head.
    pub revision: Option<String>,
    /// The branch, if one is checked out.
    pub branch: Option<String>,
}

/// A secret as reports may know it: masked, measured and fingerprinted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposed {
    /// The masked value.
    pub redacted: Redacted,
    /// The value in clear, only where `--show-secrets` asked for it.
    pub clear: Option<Redacted>,
    /// Length of the value in bytes, after decoding.
    pub length: usize,
    /// Print of the whole value (of the pair, for a pair).
    pub fingerprint: Fingerprint,
    /// Print of the pass half alone, for a pair.
    pub pass: Option<Fingerprint>,
    /// What suppressions need to recognise it.
    pub marks: Marks,
}

/// What suppressions know a secret by, besides its fingerprint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Print of the whole value under the salt of the baseline, where there is one.
    pub salted: Option<Fingerprint>,
    /// Which value patterns of the configuration match the value: indices, sorted.
    pub patterns: Vec<usize>,
    /// Which of the digests that were asked for are this secret's.
    pub digests: Vec<String>,
    /// Which of the line patterns that were asked for match its lines: indices, sorted.
    pub lines: Vec<usize>,
}

/// What a related location is to its finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The user half of a pair.
    User,
    /// The pass half of a pair.
    Pass,
    /// A partner value: the id beside a secret, the secret beside an id.
    Part,
    /// The row of an inventory or export.
    Row,
    /// Another place of the same secret.
    Occurrence,
    /// A place of the value that this one replaced.
    Replaced,
}

impl Role {
    /// What a report calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user half",
            Self::Pass => "pass half",
            Self::Part => "part",
            Self::Row => "inventory row",
            Self::Occurrence => "same secret",
            Self::Replaced => "replaced value",
        }
    }
}

/// A further place of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// What it is.
    pub role: Role,
    /// Where it stands.
    pub location: Location,
}

/// What stands around a secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// The form it leaked in, such as `curl-user` or `url-userinfo`.
    pub form: Option<&'static str>,
    /// The host it belongs to.
    pub host: Option<String>,
    /// The name it is assigned to: with the path, the slot that holds a key over time.
    pub slot: Option<String>,
    /// Whether that name is also used for other things than keys.
    pub vague: bool,
    /// Whether the many values under that name show that it is no secret.
    pub crowd: bool,
    /// What the value has in common with others, where only its name says that it is a secret.
    pub likeness: Option<Likeness>,
    /// The layers it was seen through, outermost first, such as `base64`.
    pub layers: Vec<&'static str>,
    /// Whether it is a file of its own that every account of the machine may read.
    pub world_readable: bool,
}

/// A date that a key states about itself, or an end that it states not to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ends {
    /// At this instant.
    At(DateTime<Utc>),
    /// Stated to have no end.
    Never,
}

/// What a key states about its own life. Claims: read offline, their validity is not verified. Absent is unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// How the claims were read, such as `jwt`.
    pub source: Option<&'static str>,
    /// When it says it was made.
    pub created: Option<DateTime<Utc>>,
    /// From when it says it is valid.
    pub not_before: Option<DateTime<Utc>>,
    /// When it says it ends.
    pub expires: Option<Ends>,
    /// How long it says that it lasts, where no start is stated with it.
    pub lasts: Option<TimeDelta>,
    /// What it says it may do.
    pub scopes: Vec<String>,
    /// Public identifiers that join it to a listing, as (kind, value).
    pub identifiers: Vec<(&'static str, String)>,
}

/// What history says about a secret: times are what committers stated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposure {
    /// The first commit that carried the value, and its committer's time.
    pub first: (String, DateTime<Utc>),
    /// The last commit that still had it, and its committer's time.
    pub last: (String, DateTime<Utc>),
    /// Every path that carried it, sorted.
    pub paths: Vec<String>,
    /// Whether it stands at the tip.
    pub at_head: bool,
    /// What became of its slot.
    pub fate: Fate,
}

/// What became of an exposed value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Still there.
    Standing,
    /// Its slot holds another value now.
    Replaced,
    /// Gone, and nothing took its place.
    Deleted,
}

/// What the lifecycle audit says about a finding: the rule of the verdict and the sentence that explains it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The lifecycle rule, such as `exposed-and-active`.
    pub rule: RuleId,
    /// One sentence, with its evidence; of a waived one, until when and why.
    pub text: String,
    /// Whether a waiver took it back: it stands here as a mark and weighs nothing.
    pub waived: bool,
}

/// A file of encrypted values, and when any of them last changed, as the file states it: none of its values is newer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The stretch of the file that states it.
    pub location: Location,
    /// Who encrypted it, such as `sops`.
    pub tool: &'static str,
    /// When a value last changed.
    pub modified: DateTime<Utc>,
}

/// Why a finding is not reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// By what.
    pub by: SuppressedBy,
    /// The reason its author gave.
    pub reason: Option<String>,
    /// The last day it holds, inclusive.
    pub until: Option<NaiveDate>,
    /// Where it is written: `path:line`.
    pub place: String,
}

/// The kinds of suppression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SuppressedBy {
    /// A comment beside the secret.
    Inline,
    /// An entry of the configuration.
    Ignore,
    /// The baseline.
    Baseline,
    /// A waiver in an inventory.
    Waiver,
}

impl SuppressedBy {
    /// What a report calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Inline => "inline",
            Self::Ignore => "ignore",
            Self::Baseline => "baseline",
            Self::Waiver => "waiver",
        }
    }
}

/// Other scanners whose allow comments are read.
pub const TOOLS: &[&str] =
    &["gitleaks", "betterleaks", "trufflehog", "kingfisher", "detect-secrets", "ggshield", "secretlint"];

/// A comment in a scanned text that allows a secret. Read while scanning, applied by `suppress`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allow {
    /// Whose marker it is: `keyrot`, or the name of another scanner.
    pub tool: &'static str,
    /// What it covers.
    pub reach: Reach,
    /// 1-based line of the comment.
    pub line: u32,
    /// Where the comment stands.
    pub region: Region,
    /// Whether nothing else stands on the line, so that it is about the next one.
    pub alone: bool,
    /// The rules it is about; empty is all.
    pub rules: Vec<String>,
    /// The reason given.
    pub reason: Option<String>,
    /// The last day it holds, inclusive.
    pub until: Option<NaiveDate>,
    /// Who allowed it.
    pub by: Option<String>,
    /// What could not be understood in it: it then allows nothing.
    pub mistake: Option<String>,
}

/// What an allow comment covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Its own line, and the next one where it stands alone.
    Line,
    /// The next line only.
    Next,
    /// From here to the end of the block.
    Begin,
    /// It ends a block.
    End,
}

/// Something that was not scanned, and why. Never silent: every report lists or counts it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skip {
    /// What.
    pub origin: Origin,
    /// Why.
    pub reason: SkipReason,
    /// Bytes that were not read, where known.
    pub bytes: Option<u64>,
}

/// Why something was not scanned.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SkipReason {
    /// Not text.
    Binary,
    /// Matched by an ignore file or a path setting.
    Ignored,
    /// Over a limit; the text names the limit and its value.
    Limit(String),
    /// A symbolic link: its target is scanned where it stands.
    Symlink,
    /// A commit of another repository: scanned where that one is.
    Submodule,
    /// A FIFO, socket or device.
    Special,
    /// A container that is damaged or packed in a way keyrot cannot read; the text says how.
    Damaged(String),
    /// A container or member that asks for a password.
    Encrypted,
    /// Could not be read; the text says what went wrong.
    Unreadable(String),
}

impl SkipReason {
    /// The kebab-case name of the kind of reason.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::Ignored => "ignored",
            Self::Limit(_) => "limit",
            Self::Symlink => "symlink",
            Self::Submodule => "submodule",
            Self::Special => "special-file",
            Self::Damaged(_) => "damaged",
            Self::Encrypted => "encrypted",
            Self::Unreadable(_) => "unreadable",
        }
    }

    /// Whether it makes the scan partial: something that should have been read was not.
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Unreadable(_))
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Binary => f.write_str("binary"),
            Self::Ignored => f.write_str("ignored"),
            Self::Limit(text) => write!(f, "over a limit: {text}"),
            Self::Symlink => f.write_str("symbolic link"),
            Self::Submodule => f.write_str("submodule"),
            Self::Special => f.write_str("special file"),
            Self::Damaged(text) => write!(f, "damaged or not understood: {text}"),
            Self::Encrypted => f.write_str("asks for a password"),
            Self::Unreadable(text) => write!(f, "could not be read: {text}"),
        }
    }
}
