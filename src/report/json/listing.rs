//! A listed key, as reports write it and read it back.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use crate::finding::{Ends, Listing, RuleId};

/// Words for what became of a key.
const STATUSES: [&str; 4] = ["active", "disabled", "revoked", "deleted"];

/// The frozen form of a [`Listing`].
#[derive(Serialize, Deserialize)]
pub(in crate::report) struct ListingRecord {
    place: String,
    label: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    class: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    created: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    not_before: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rotated: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_used: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revoked: Option<String>,
}

impl From<&Listing> for ListingRecord {
    fn from(listing: &Listing) -> Self {
        let text = |time: Option<DateTime<Utc>>| time.map(|time| time.to_rfc3339_opts(SecondsFormat::Secs, true));
        Self {
            place: listing.place.clone(),
            label: listing.label.clone(),
            id: listing.id.clone(),
            class: listing.class.as_ref().map(ToString::to_string),
            owner: listing.owner.clone(),
            status: listing.status.map(str::to_owned),
            created: text(listing.created),
            not_before: text(listing.not_before),
            rotated: text(listing.rotated),
            since: text(listing.since),
            expires: match listing.expires {
                Some(Ends::Never) => Some("never".to_owned()),
                Some(Ends::At(time)) => text(Some(time)),
                None => None,
            },
            last_used: text(listing.last_used),
            revoked: text(listing.revoked),
        }
    }
}

impl TryFrom<ListingRecord> for Listing {
    type Error = String;

    fn try_from(record: ListingRecord) -> Result<Self, String> {
        let status = record.status.map(|status| {
            let known = STATUSES.into_iter().find(|known| *known == status);
            known.ok_or_else(|| format!("`status` cannot be `{status}`"))
        });
        Ok(Self {
            place: record.place,
            label: record.label,
            id: record.id,
            class: record.class.as_deref().map(RuleId::from),
            owner: record.owner,
            status: status.transpose()?,
            created: instant("created", record.created)?,
            not_before: instant("not_before", record.not_before)?,
            rotated: instant("rotated", record.rotated)?,
            since: instant("since", record.since)?,
            expires: match record.expires.as_deref() {
                Some("never") => Some(Ends::Never),
                _ => instant("expires", record.expires)?.map(Ends::At),
            },
            last_used: instant("last_used", record.last_used)?,
            revoked: instant("revoked", record.revoked)?,
        })
    }
}

fn instant(field: &str, text: Option<String>) -> Result<Option<DateTime<Utc>>, String> {
    let Some(text) = text else { return Ok(None) };
    text.parse().map(Some).map_err(|_| format!("`{field}` is no instant: `{text}`"))
}
