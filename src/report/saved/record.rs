//! What a saved report says, as it is written: the reading side of the frozen structs of `json`.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;

use crate::finding::{Confidence, Position, Region, Severity, Snippet, Span};
use crate::report::json::listing::ListingRecord;
use crate::rule::{Definition, Kind, Outline, Rotate};

#[derive(Deserialize)]
pub(super) struct Document {
    #[serde(flatten)]
    pub(super) header: Header,
    pub(super) findings: Vec<Record>,
    #[serde(flatten)]
    pub(super) footer: Footer,
}

#[derive(Deserialize)]
pub(super) struct Header {
    pub(super) schema_version: u32,
    pub(super) tool: Tool,
    pub(super) as_of: DateTime<Utc>,
    #[serde(default)]
    pub(super) notices: Vec<String>,
    pub(super) repository: Option<RepositoryRecord>,
}

#[derive(Deserialize)]
pub(super) struct Tool {
    pub(super) version: String,
}

#[derive(Deserialize)]
pub(super) struct RepositoryRecord {
    pub(super) url: String,
    pub(super) revision: Option<String>,
    pub(super) branch: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Footer {
    pub(super) counts: Counts,
    pub(super) scanned: Scanned,
    #[serde(default)]
    pub(super) skipped: Vec<Skipped>,
    #[serde(default)]
    pub(super) dropped: BTreeMap<String, u64>,
    #[serde(default)]
    pub(super) rules: Vec<RuleRecord>,
    #[serde(default)]
    pub(super) keys: Vec<ListingRecord>,
}

#[derive(Deserialize)]
pub(super) struct Counts {
    pub(super) below_confidence: usize,
}

#[derive(Deserialize)]
pub(super) struct Scanned {
    pub(super) files: u64,
    pub(super) bytes: u64,
    #[serde(default)]
    pub(super) commits: u64,
    pub(super) ignored: u64,
}

#[derive(Deserialize)]
pub(super) struct Skipped {
    #[serde(flatten)]
    pub(super) origin: OriginRecord,
    pub(super) reason: String,
    pub(super) detail: String,
    pub(super) bytes: Option<u64>,
}

#[derive(Deserialize)]
pub(super) struct Record {
    pub(super) rule: String,
    pub(super) severity: Severity,
    pub(super) confidence: Confidence,
    pub(super) message: String,
    pub(super) location: Place,
    #[serde(default)]
    pub(super) related: Vec<Linked>,
    pub(super) secret: Option<SecretRecord>,
    pub(super) context: Option<ContextRecord>,
    pub(super) claims: Option<Claims>,
    pub(super) listing: Option<ListingRecord>,
    pub(super) exposure: Option<ExposureRecord>,
    #[serde(default)]
    pub(super) verdicts: Vec<VerdictRecord>,
    pub(super) owner: Option<String>,
    pub(super) suppressed: Option<SuppressedRecord>,
}

#[derive(Deserialize)]
pub(super) struct OriginRecord {
    pub(super) path: String,
    #[serde(default)]
    pub(super) origin: String,
    pub(super) commit: Option<String>,
    pub(super) commit_time: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
pub(super) struct Place {
    #[serde(flatten)]
    pub(super) origin: OriginRecord,
    start_line: Option<u32>,
    start_column: Option<u32>,
    start_column_utf16: Option<u32>,
    start_column_utf8: Option<u32>,
    end_line: Option<u32>,
    end_column: Option<u32>,
    end_column_utf16: Option<u32>,
    end_column_utf8: Option<u32>,
    byte_start: Option<usize>,
    byte_end: Option<usize>,
    line: Option<String>,
    highlight: Option<[usize; 2]>,
    line_hash: Option<String>,
}

impl Place {
    /// All of a region or none of it. Reports written before `start_column_utf8` was get the column in characters.
    pub(super) fn region(&self) -> Result<Option<Region>, String> {
        let start = position(self.start_line, self.start_column, self.start_column_utf16, self.start_column_utf8);
        let end = position(self.end_line, self.end_column, self.end_column_utf16, self.end_column_utf8);
        match (start, end, self.byte_start, self.byte_end) {
            (Some(start), Some(end), Some(from), Some(to)) => {
                Ok(Some(Region { start, end, bytes: Span::new(from, to) }))
            }
            _ if self.start_line.or(self.end_line).is_none() => Ok(None),
            _ => Err("a region is incomplete".to_owned()),
        }
    }

    /// The line, with its highlight inside it.
    pub(super) fn snippet(self) -> Result<Option<Snippet>, String> {
        let Some(text) = self.line else { return Ok(None) };
        let [start, end] = self.highlight.ok_or("`highlight` is missing beside `line`")?;
        if text.get(start..end).is_none() {
            return Err("`highlight` is not inside the line".to_owned());
        }
        let line_hash = self.line_hash.unwrap_or_default();
        Ok(Some(Snippet { text, highlight: Span::new(start, end), line_hash }))
    }
}

fn position(line: Option<u32>, column: Option<u32>, utf16: Option<u32>, utf8: Option<u32>) -> Option<Position> {
    let column = column?;
    Some(Position { line: line?, column, utf16: utf16?, utf8: utf8.unwrap_or(column) })
}

#[derive(Deserialize)]
pub(super) struct Linked {
    pub(super) role: String,
    #[serde(flatten)]
    pub(super) place: Place,
}

#[derive(Deserialize)]
pub(super) struct SecretRecord {
    pub(super) number: Option<usize>,
    pub(super) redacted: String,
    pub(super) clear: Option<String>,
    pub(super) length: usize,
    pub(super) fingerprint: Option<String>,
    pub(super) pass_fingerprint: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct ContextRecord {
    pub(super) form: Option<String>,
    pub(super) host: Option<String>,
    pub(super) slot: Option<String>,
    #[serde(default)]
    pub(super) layers: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Claims {
    pub(super) source: Option<String>,
    pub(super) created: Option<DateTime<Utc>>,
    pub(super) not_before: Option<DateTime<Utc>>,
    pub(super) expires: Option<String>,
    #[serde(default)]
    pub(super) scopes: Vec<String>,
    #[serde(default)]
    pub(super) identifiers: Vec<Identifier>,
}

#[derive(Deserialize)]
pub(super) struct Identifier {
    pub(super) kind: String,
    pub(super) value: String,
}

#[derive(Deserialize)]
pub(super) struct ExposureRecord {
    pub(super) first_commit: String,
    pub(super) first_time: DateTime<Utc>,
    pub(super) last_commit: String,
    pub(super) last_time: DateTime<Utc>,
    pub(super) paths: Vec<String>,
    pub(super) at_head: bool,
    pub(super) fate: String,
}

#[derive(Deserialize)]
pub(super) struct VerdictRecord {
    pub(super) rule: String,
    pub(super) text: String,
    #[serde(default)]
    pub(super) waived: bool,
}

#[derive(Deserialize)]
pub(super) struct SuppressedRecord {
    pub(super) by: String,
    pub(super) reason: Option<String>,
    pub(super) until: Option<NaiveDate>,
    pub(super) place: String,
}

#[derive(Deserialize)]
pub(super) struct RuleRecord {
    id: String,
    name: String,
    provider: String,
    kind: String,
    severity: Severity,
    confidence: Confidence,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    aliases: Vec<String>,
    why: String,
    max_age_days: Option<u32>,
    rotate_url: Option<String>,
    rotate_steps: Option<String>,
    #[serde(default)]
    references: Vec<String>,
}

impl RuleRecord {
    /// The rule without what finds it.
    pub(super) fn definition(self) -> Result<Definition, String> {
        let kind: Kind = self.kind.parse().map_err(|()| format!("`kind` cannot be `{}`", self.kind))?;
        Ok(Definition {
            id: self.id,
            name: self.name,
            provider: self.provider,
            kind,
            severity: self.severity,
            confidence: self.confidence,
            keywords: Vec::new(),
            pattern: String::new(),
            gated: false,
            outline: Outline::default(),
            checksum: None,
            min_entropy: None,
            require: Vec::new(),
            specificity: 0,
            paths: Vec::new(),
            path_patterns: Vec::new(),
            exceptions: Vec::new(),
            parts: Vec::new(),
            alone: None,
            part_only: false,
            tags: self.tags,
            aliases: self.aliases,
            also: Vec::new(),
            why: self.why,
            rotate: Rotate { max_age_days: self.max_age_days, url: self.rotate_url, steps: self.rotate_steps },
            embedded: None,
            references: self.references,
            format: None,
        })
    }
}
