//! What an inventory or a vendor export says about one key. Unknown, known to be none, and known are three things.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::class;
use crate::date::Precision;
use crate::finding::Span;

/// A date of three values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stated {
    /// Nothing says it.
    #[default]
    Unknown,
    /// Known to be none: never expires, never used, never rotated.
    Never,
    /// Known.
    At(DateTime<Utc>, Precision),
}

impl Stated {
    /// An exact instant.
    pub fn exact(time: DateTime<Utc>) -> Self {
        Self::At(time, Precision::Exact)
    }

    /// The instant, if there is one.
    pub fn time(self) -> Option<DateTime<Utc>> {
        match self {
            Self::At(time, _) => Some(time),
            _ => None,
        }
    }

    /// Whether nothing is known.
    pub fn is_unknown(self) -> bool {
        self == Self::Unknown
    }

    /// Whether the source states a day only.
    pub fn is_day(self) -> bool {
        matches!(self, Self::At(_, Precision::Day))
    }
}

/// What became of a key, as its source says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// The source does not say.
    #[default]
    Unknown,
    /// In use or usable.
    Active,
    /// Switched off, and can be switched on again.
    Disabled,
    /// Taken back for good.
    Revoked,
    /// Gone.
    Deleted,
}

impl Status {
    /// The names used in inventories.
    pub const NAMES: &[&str] = &["active", "disabled", "revoked", "deleted", "unknown"];

    /// The name used in inventories.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Active => "active",
            Self::Disabled => "disabled",
            Self::Revoked => "revoked",
            Self::Deleted => "deleted",
        }
    }

    /// Reads the name in any case, and vendors' words for it.
    pub fn read(text: &str) -> Option<Self> {
        Some(match text.to_ascii_lowercase().as_str() {
            "active" | "enabled" | "valid" | "true" => Self::Active,
            "disabled" | "inactive" | "suspended" | "false" => Self::Disabled,
            "revoked" => Self::Revoked,
            "deleted" | "destroyed" => Self::Deleted,
            "unknown" | "" => Self::Unknown,
            _ => return None,
        })
    }
}

/// Characters of a key that its listing shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hint {
    /// At its start.
    pub prefix: String,
    /// At its end.
    pub suffix: String,
    /// Its length.
    pub length: Option<usize>,
}

/// Where a row stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Index of the file in the inventory.
    pub file: u32,
    /// The text that names the row.
    pub span: Span,
}

/// Which facts a source could give: what it cannot give is asked for once per source, not once per row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gives(u16);

impl Gives {
    /// Nothing about keys.
    pub const NONE: Self = Self(0);
    /// When it was made.
    pub const CREATED: Self = Self(1);
    /// When its value changed.
    pub const ROTATED: Self = Self(2);
    /// When it ends.
    pub const EXPIRES: Self = Self(4);
    /// When it was used.
    pub const LAST_USED: Self = Self(8);
    /// What it may do.
    pub const SCOPES: Self = Self(16);
    /// Who answers for it.
    pub const OWNER: Self = Self(32);
    /// Which service uses it, and where.
    pub const USE: Self = Self(64);
    /// Something that joins it to a found secret.
    pub const JOIN: Self = Self(128);
    /// All of them, as keyrot's own format can.
    pub const ALL: Self = Self(255);

    /// Both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether it can give what `other` names.
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// What all rows of one export share.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Its name, such as `aws-credential-report`.
    pub name: String,
    /// When it was written.
    pub generated_at: Option<DateTime<Utc>>,
    /// What it could give.
    pub gives: Gives,
    /// How late its last-used dates may be.
    pub grain: TimeDelta,
    /// Since when it records uses: of older keys it does not know whether they were ever used.
    pub uses_since: Option<DateTime<Utc>>,
    /// Whether it only adds to facts that another source gives.
    pub overlay: bool,
}

impl Source {
    /// A source of facts of which nothing else is known.
    pub fn new(name: &str, gives: Gives) -> Self {
        Self {
            name: name.to_owned(),
            generated_at: None,
            gives,
            grain: TimeDelta::zero(),
            uses_since: None,
            overlay: false,
        }
    }
}

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct KnownKey {
    /// The vendor's public identifier.
    pub id: Option<String>,
    /// The rule that finds such keys.
    pub class: Option<String>,
    /// The name people gave it.
    pub name: Option<String>,
    /// Keyed fingerprints, `kr1:<key id>:<32 hex digits>`.
    pub fingerprints: Vec<String>,
    /// Characters that its listing shows.
    pub hint: Option<Hint>,
    /// Public identifiers as (kind, value): the kinds are those of `finding::Evidence`.
    pub identifiers: Vec<(String, String)>,
    /// The team that answers for it.
    pub owner: Option<String>,
    /// Where that team is reached.
    pub contact: Option<String>,
    /// What uses it.
    pub service: Option<String>,
    /// Where: `prod`, `stage`, `dev`, `ci`.
    pub environment: Option<String>,
    /// Where it may be sent.
    pub endpoints: Vec<String>,
    /// What it may do; none is unknown.
    pub scopes: Option<Vec<String>>,
    /// What it must be able to do; none is undeclared.
    pub needed_scopes: Option<Vec<String>>,
    /// When it was made.
    pub created: Stated,
    /// From when it is valid.
    pub not_before: Stated,
    /// When its value was last changed.
    pub rotated: Stated,
    /// When it ends.
    pub expires: Stated,
    /// When it was last used.
    pub last_used: Stated,
    /// When it was taken back.
    pub revoked: Stated,
    /// When its successor took over: from then on nobody should use it.
    pub replaced_at: Stated,
    /// When the repository first held its value, as a committer states: the value is no younger.
    pub first_seen: Stated,
    /// What became of it.
    pub status: Status,
    /// The id of the key it took over from.
    pub replaces: Option<String>,
    /// The id of the key that took over.
    pub replaced_by: Option<String>,
    /// Whether a store rotates it by itself.
    pub auto_rotate: Option<bool>,
    /// Whether its value can change while its id stays: then its age is not that of its creation.
    pub in_place: bool,
    /// The policy profile it asks for.
    pub policy: Option<String>,
    /// Alert routes and log sources; none is undeclared.
    pub monitor: Option<Vec<String>>,
    /// Where it is supposed to live.
    pub locations: Vec<String>,
    /// Free labels that policies may ask for.
    pub tags: Vec<String>,
    /// Whether its vendor itself saw it leaked.
    pub vendor_says_exposed: bool,
    /// What its export has in common.
    pub source: Arc<Source>,
    /// Where it stands.
    pub place: Place,
    /// Where an overlay adds to it.
    pub overlay: Option<Place>,
}

impl KnownKey {
    /// A row of which nothing is known yet.
    pub fn new(source: Arc<Source>, place: Place) -> Self {
        Self {
            id: None,
            class: None,
            name: None,
            fingerprints: Vec::new(),
            hint: None,
            identifiers: Vec::new(),
            owner: None,
            contact: None,
            service: None,
            environment: None,
            endpoints: Vec::new(),
            scopes: None,
            needed_scopes: None,
            created: Stated::Unknown,
            not_before: Stated::Unknown,
            rotated: Stated::Unknown,
            expires: Stated::Unknown,
            last_used: Stated::Unknown,
            revoked: Stated::Unknown,
            replaced_at: Stated::Unknown,
            first_seen: Stated::Unknown,
            status: Status::Unknown,
            replaces: None,
            replaced_by: None,
            auto_rotate: None,
            in_place: false,
            policy: None,
            monitor: None,
            locations: Vec::new(),
            tags: Vec::new(),
            vendor_says_exposed: false,
            source,
            place,
            overlay: None,
        }
    }

    /// What a report calls it.
    pub fn label(&self) -> &str {
        self.name.as_deref().filter(|name| !name.is_empty()).or(self.id.as_deref()).unwrap_or("unnamed key")
    }

    /// Whether its source says that it can no longer be used. Unknown is not dead.
    pub fn is_dead(&self) -> bool {
        matches!(self.status, Status::Disabled | Status::Revoked | Status::Deleted) || self.revoked.time().is_some()
    }

    /// Whether it has ended: validity is half-open, at the instant of its end it is over.
    pub fn has_expired(&self, now: DateTime<Utc>) -> bool {
        self.expires.time().is_some_and(|end| end <= now)
    }

    /// Whether it may still be usable at `now`.
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        !self.is_dead() && !self.has_expired(now)
    }

    /// When its present value came to be. A creation date stands for it only where the value cannot change in place, or
    /// where it is known never to have changed.
    pub fn value_since(&self) -> Stated {
        match self.rotated {
            Stated::At(..) => self.rotated.max(self.created),
            Stated::Unknown if self.in_place => Stated::Unknown,
            Stated::Never | Stated::Unknown => self.created,
        }
    }

    /// Since when its present value is there at the latest: where nothing says when it came to be, it is at least as old as
    /// the commit that brought it.
    pub fn value_since_at_latest(&self) -> Stated {
        match self.value_since() {
            Stated::At(since, precision) => Stated::At(since, precision),
            _ => self.first_seen,
        }
    }

    /// From when it can be used, where that lies after its creation.
    pub fn starts(&self) -> DateTime<Utc> {
        self.not_before.time().unwrap_or(DateTime::<Utc>::MIN_UTC)
    }

    /// "Never used" is no fact where the source began to record uses after the key was made, or does not say when that was.
    pub(super) fn forget_unrecorded_uses(&mut self) {
        let recorded = |since| self.created.time().is_some_and(|created| created >= since);
        if self.last_used == Stated::Never && !self.source.uses_since.is_none_or(recorded) {
            self.last_used = Stated::Unknown;
        }
    }

    /// A vendor that gives its keys no end need not say so for each.
    pub(super) fn know_that_it_has_no_end(&mut self) {
        if self.expires.is_unknown() && class::endless(self).is_some() {
            self.expires = Stated::Never;
        }
    }

    /// Whether something could join it to a found secret.
    pub fn can_join(&self) -> bool {
        !self.fingerprints.is_empty() || !self.identifiers.is_empty() || self.hint.is_some()
    }
}
