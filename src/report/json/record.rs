//! The frozen structs of the JSON report. `docs/schema/report-1.json` describes them.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::listing::ListingRecord;
use crate::finding::{Listing, Skip, Skips};
use crate::report::{RenderOptions, Report};

#[derive(Serialize)]
pub(super) struct Document<'r> {
    #[serde(flatten)]
    pub(super) header: Header<'r>,
    pub(super) findings: Records<'r>,
    #[serde(flatten)]
    pub(super) footer: Footer<'r>,
}

/// The findings, each made when it is written: all of them at once would take twice the memory of the report.
pub(super) struct Records<'r> {
    pub(super) report: &'r Report,
    pub(super) options: &'r RenderOptions,
}

impl Serialize for Records<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(super::records(self.report, self.options))
    }
}

/// What was left out, likewise.
pub(super) struct Left<'r>(pub(super) &'r Skips);

impl Serialize for Left<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(One))
    }
}

struct One(Skip);

impl Serialize for One {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        super::skipped(&self.0).serialize(serializer)
    }
}

/// All listed keys, likewise.
pub(super) struct Keys<'r>(pub(super) &'r [Listing]);

impl Keys<'_> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Keys<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(ListingRecord::from))
    }
}

#[derive(Serialize)]
pub(super) struct Header<'r> {
    pub(super) schema_version: u32,
    pub(super) tool: Tool,
    pub(super) as_of: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) repository: Option<RepositoryRecord<'r>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub(super) notices: &'r [String],
}

#[derive(Serialize)]
pub(super) struct RepositoryRecord<'r> {
    pub(super) url: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) revision: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) branch: Option<&'r str>,
}

#[derive(Serialize)]
pub(super) struct Tool {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
    pub(super) rules_version: &'static str,
}

#[derive(Serialize)]
pub(super) struct Footer<'r> {
    pub(super) complete: bool,
    pub(super) counts: Counts,
    pub(super) scanned: Scanned,
    pub(super) skipped: Left<'r>,
    pub(super) dropped: &'r BTreeMap<&'static str, u64>,
    pub(super) rules: Vec<RuleRecord<'r>>,
    #[serde(skip_serializing_if = "Keys::is_empty")]
    pub(super) keys: Keys<'r>,
}

/// A rule that some finding or verdict names.
#[derive(Serialize)]
pub(super) struct RuleRecord<'r> {
    pub(super) id: &'r str,
    pub(super) name: &'r str,
    pub(super) provider: &'r str,
    pub(super) kind: &'static str,
    pub(super) severity: &'static str,
    pub(super) confidence: &'static str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub(super) tags: &'r [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub(super) aliases: &'r [String],
    pub(super) why: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_age_days: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rotate_url: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rotate_steps: Option<&'r str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub(super) references: &'r [String],
}

#[derive(Serialize)]
pub(super) struct Counts {
    pub(super) findings: usize,
    pub(super) failing: usize,
    pub(super) suppressed: usize,
    pub(super) below_confidence: usize,
}

#[derive(Serialize)]
pub(super) struct Scanned {
    pub(super) files: u64,
    pub(super) bytes: u64,
    pub(super) commits: u64,
    pub(super) ignored: u64,
}

#[derive(Serialize)]
pub(super) struct Skipped<'r> {
    #[serde(flatten)]
    pub(super) origin: OriginRecord<'r>,
    pub(super) reason: &'static str,
    pub(super) detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) bytes: Option<u64>,
}

#[derive(Serialize)]
pub(super) struct Record<'r> {
    pub(super) rule: &'r str,
    pub(super) severity: &'static str,
    pub(super) confidence: &'static str,
    pub(super) message: &'r str,
    pub(super) location: Place<'r>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) related: Vec<Linked<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) secret: Option<SecretRecord<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) context: Option<ContextRecord<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) claims: Option<Claims<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) listing: Option<ListingRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) exposure: Option<ExposureRecord<'r>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) verdicts: Vec<VerdictRecord<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) owner: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) suppressed: Option<SuppressedRecord<'r>>,
}

#[derive(Serialize)]
pub(super) struct Place<'r> {
    #[serde(flatten)]
    pub(super) origin: OriginRecord<'r>,
    #[serde(flatten)]
    pub(super) region: Option<RegionRecord>,
    #[serde(flatten)]
    pub(super) line: Option<LineRecord<'r>>,
}

#[derive(Serialize)]
pub(super) struct OriginRecord<'r> {
    pub(super) path: &'r str,
    pub(super) origin: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) commit: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) commit_time: Option<String>,
}

/// The masked line, the byte range of the finding in it, and the hash that GitHub knows the line by.
#[derive(Serialize)]
pub(super) struct LineRecord<'r> {
    pub(super) line: &'r str,
    pub(super) highlight: [usize; 2],
    pub(super) line_hash: &'r str,
}

#[derive(Serialize)]
pub(super) struct RegionRecord {
    pub(super) start_line: u32,
    pub(super) start_column: u32,
    pub(super) start_column_utf16: u32,
    pub(super) start_column_utf8: u32,
    pub(super) end_line: u32,
    pub(super) end_column: u32,
    pub(super) end_column_utf16: u32,
    pub(super) end_column_utf8: u32,
    pub(super) byte_start: usize,
    pub(super) byte_end: usize,
}

#[derive(Serialize)]
pub(super) struct Linked<'r> {
    pub(super) role: &'static str,
    #[serde(flatten)]
    pub(super) place: Place<'r>,
}

#[derive(Serialize)]
pub(super) struct SecretRecord<'r> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) number: Option<usize>,
    pub(super) redacted: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) clear: Option<&'r str>,
    pub(super) length: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fingerprint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pass_fingerprint: Option<String>,
}

#[derive(Serialize)]
pub(super) struct ContextRecord<'r> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) form: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) host: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) slot: Option<&'r str>,
    #[serde(skip_serializing_if = "<[&str]>::is_empty")]
    pub(super) layers: &'r [&'static str],
}

#[derive(Serialize)]
pub(super) struct Claims<'r> {
    pub(super) source: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) created: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) not_before: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expires: Option<String>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub(super) scopes: &'r [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) identifiers: Vec<Identifier<'r>>,
}

#[derive(Serialize)]
pub(super) struct Identifier<'r> {
    pub(super) kind: &'static str,
    pub(super) value: &'r str,
}

#[derive(Serialize)]
pub(super) struct ExposureRecord<'r> {
    pub(super) first_commit: &'r str,
    pub(super) first_time: String,
    pub(super) last_commit: &'r str,
    pub(super) last_time: String,
    pub(super) paths: &'r [String],
    pub(super) at_head: bool,
    pub(super) fate: &'static str,
}

#[derive(Serialize)]
pub(super) struct VerdictRecord<'r> {
    pub(super) rule: &'r str,
    pub(super) text: &'r str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) waived: bool,
}

#[derive(Serialize)]
pub(super) struct SuppressedRecord<'r> {
    pub(super) by: &'static str,
    pub(super) reason: Option<&'r str>,
    pub(super) until: Option<String>,
    pub(super) place: &'r str,
}
