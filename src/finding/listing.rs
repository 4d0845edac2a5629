//! What a listing says about a key.

use chrono::{DateTime, Utc};

use super::{Ends, RuleId};

/// A row of an inventory or of a vendor's export, as far as reports show it. Absent is unknown. Unlike
/// [`Evidence`](super::Evidence) it is not stated by the key itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Where the row stands, `path:line:column`: no two keys share it.
    pub place: String,
    /// The name people gave it, else its vendor's identifier.
    pub label: String,
    /// Its vendor's identifier.
    pub id: Option<String>,
    /// The rule that finds such keys.
    pub class: Option<RuleId>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// What became of it: `active`, `disabled`, `revoked`, `deleted`.
    pub status: Option<&'static str>,
    /// When it was made.
    pub created: Option<DateTime<Utc>>,
    /// From when it is valid.
    pub not_before: Option<DateTime<Utc>>,
    /// When its value was last changed.
    pub rotated: Option<DateTime<Utc>>,
    /// Since when it has its present value.
    pub since: Option<DateTime<Utc>>,
    /// When it ends.
    pub expires: Option<Ends>,
    /// When it was last used.
    pub last_used: Option<DateTime<Utc>>,
    /// When it was taken back.
    pub revoked: Option<DateTime<Utc>>,
}
