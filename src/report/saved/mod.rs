//! Reads saved JSON and JSON Lines reports back and merges them, so that one scan serves every consumer.
//!
//! What a report does not state stays unknown: a print under a per-run salt cannot be joined across reports, so each
//! report's secrets keep their own numbers. Order and repetition of the files do not matter.

mod record;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use record::{
    Claims, ContextRecord, Document, ExposureRecord, Footer, Header, OriginRecord, Place, Record, Scanned,
    SecretRecord, Skipped, SuppressedRecord, VerdictRecord,
};
use sha2::{Digest, Sha256};

use super::{Coverage, Material, Provenance, Report, Thresholds, wording};
use crate::finding::{
    Context, Ends, Evidence, Exposed, Exposure, Fate, Finding, Listing, Location, Marks, Origin, Related, Role, RuleId,
    Skip, SkipReason, SuppressedBy, Suppression, Verdict,
};
use crate::rule::Rule;
use crate::secret::{Fingerprint, Redacted};

/// A saved report cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct Error {
    /// The file.
    pub path: String,
    /// What is wrong, with the line where it is known.
    pub problem: String,
}

/// One saved report.
#[derive(Debug)]
pub struct Saved {
    material: Material,
    as_of: DateTime<Utc>,
    below_confidence: usize,
    provenance: Option<Provenance>,
    /// The version of keyrot that wrote it.
    version: String,
    /// Equal for equal files.
    digest: String,
}

/// Reads one report; messages tell it by `path`, other reports by `shown`. JSON Lines without a footer are the report of a
/// run that did not end: what they hold is taken, and the end is missing.
///
/// # Errors
/// It is neither form of a report that this version writes.
pub fn read(path: &str, shown: &str, text: &str) -> Result<Saved, Error> {
    let failed = |problem: String| Error { path: path.to_owned(), problem };
    let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(text)[..16]);
    let first = text.lines().next().unwrap_or_default();
    if first.contains("\"record\":\"header\"") {
        return read_lines((path, shown), text, digest).map_err(failed);
    }
    let document: Document = serde_json::from_str(text).map_err(|error| failed(not_a_report(&error)))?;
    saved((path, shown), document.header, document.findings, Some(document.footer))
        .map(|saved| Saved { digest, ..saved })
        .map_err(failed)
}

fn not_a_report(error: &serde_json::Error) -> String {
    format!("this is no JSON report of keyrot: {error}; write one with `--output json=FILE` or `--output jsonl=FILE`")
}

fn read_lines(file: (&str, &str), text: &str, digest: String) -> Result<Saved, String> {
    let (mut header, mut footer, mut findings) = (None, None, Vec::new());
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let failed = |error: serde_json::Error| format!("line {}: {error}", index + 1);
        let value: serde_json::Value = serde_json::from_str(line).map_err(failed)?;
        match value["record"].as_str() {
            Some("header") => header = Some(serde_json::from_value(value).map_err(failed)?),
            Some("finding") => findings.push(serde_json::from_value(value).map_err(failed)?),
            Some("footer") => footer = Some(serde_json::from_value(value).map_err(failed)?),
            _ => return Err(format!("line {}: `record` must be header, finding or footer", index + 1)),
        }
    }
    saved(file, header.ok_or("the header is missing")?, findings, footer).map(|saved| Saved { digest, ..saved })
}

fn saved(
    (path, shown): (&str, &str),
    header: Header,
    records: Vec<Record>,
    footer: Option<Footer>,
) -> Result<Saved, String> {
    if header.schema_version != super::json::SCHEMA_VERSION {
        let known = super::json::SCHEMA_VERSION;
        return Err(format!("`schema_version` is {}, this version reads {known}", header.schema_version));
    }
    let mut material = Material { notices: header.notices, ..Material::default() };
    for record in records {
        material.findings.push(finding(path, record)?);
    }
    let mut below_confidence = 0;
    match footer {
        Some(footer) => {
            below_confidence = footer.counts.below_confidence;
            let dropped = footer.dropped.into_iter().map(|(reason, count)| (name(&reason), count)).collect();
            let Scanned { files, bytes, commits, ignored } = footer.scanned;
            material.coverage = Coverage { files, bytes, commits, ignored, dropped };
            material.skipped = footer.skipped.iter().map(skip).collect::<Result<_, _>>()?;
            material.listings = footer.keys.into_iter().map(Listing::try_from).collect::<Result<_, _>>()?;
            for record in footer.rules {
                let definition = record.definition()?;
                let id = RuleId::from(definition.id.as_str());
                material.rules.push(Rule { id, definition: Arc::new(definition), examples: None });
            }
        }
        None => material.skipped.push(Skip {
            origin: Origin::File { path: shown.to_owned() },
            reason: SkipReason::Unreadable("the report has no footer: its run did not end".to_owned()),
            bytes: None,
        }),
    }
    let provenance = header.repository.map(|repository| Provenance {
        repository: repository.url,
        revision: repository.revision,
        branch: repository.branch,
    });
    let (as_of, version) = (header.as_of, header.tool.version);
    Ok(Saved { material, as_of, below_confidence, provenance, version, digest: String::new() })
}

fn finding(path: &str, record: Record) -> Result<Finding, String> {
    let mut related = Vec::new();
    for linked in record.related {
        let role = role(&linked.role)?;
        related.push(Related { role, location: location(linked.place)? });
    }
    let location = location(record.location)?;
    let mut finding =
        Finding::new(RuleId::from(record.rule.as_str()), record.severity, record.confidence, record.message, location);
    finding.related = related;
    finding.secret = record.secret.map(|secret| exposed(path, secret).map(Box::new)).transpose()?;
    finding.context = record.context.map(context).unwrap_or_default().into();
    finding.evidence = record.claims.map(evidence).transpose()?.unwrap_or_default().into();
    finding.listing = record.listing.map(Listing::try_from).transpose()?.map(std::sync::Arc::new);
    finding.exposure = record.exposure.map(|record| exposure(record).map(Box::new)).transpose()?;
    let verdict = |verdict: VerdictRecord| Verdict {
        rule: RuleId::from(verdict.rule.as_str()),
        text: verdict.text,
        waived: verdict.waived,
    };
    finding.verdicts = record.verdicts.into_iter().map(verdict).collect();
    finding.owner = record.owner;
    finding.suppression = record.suppressed.map(suppression).transpose()?;
    Ok(finding)
}

fn exposed(path: &str, secret: SecretRecord) -> Result<Exposed, String> {
    let print = |text: String| text.parse::<Fingerprint>().map_err(|error| format!("`{text}`: {error}"));
    let fingerprint = match (secret.fingerprint, secret.number) {
        (Some(text), _) => print(text)?,
        (None, Some(number)) => Fingerprint::of_run(&format!("{path}\0{number}")),
        (None, None) => Fingerprint::of_run(&format!("{path}\0{}\0{}", secret.redacted, secret.length)),
    };
    Ok(Exposed {
        redacted: Redacted::stated(secret.redacted),
        clear: secret.clear.map(Redacted::stated),
        length: secret.length,
        fingerprint,
        pass: secret.pass_fingerprint.map(print).transpose()?,
        marks: Marks::default(),
    })
}

fn context(record: ContextRecord) -> Context {
    Context {
        form: record.form.map(|form| name(&form)),
        host: record.host,
        slot: record.slot,
        layers: record.layers.iter().map(|layer| name(layer)).collect(),
        ..Context::default()
    }
}

fn evidence(claims: Claims) -> Result<Evidence, String> {
    let expires = match claims.expires.as_deref() {
        None => None,
        Some("never") => Some(Ends::Never),
        Some(text) => Some(Ends::At(text.parse().map_err(|_| format!("`expires` is no instant: `{text}`"))?)),
    };
    Ok(Evidence {
        source: claims.source.map(|source| name(&source)),
        created: claims.created,
        not_before: claims.not_before,
        expires,
        lasts: None,
        scopes: claims.scopes,
        identifiers: claims.identifiers.into_iter().map(|one| (name(&one.kind), one.value)).collect(),
    })
}

fn exposure(record: ExposureRecord) -> Result<Exposure, String> {
    Ok(Exposure {
        first: (record.first_commit, record.first_time),
        last: (record.last_commit, record.last_time),
        paths: record.paths,
        at_head: record.at_head,
        fate: one_of("fate", &record.fate, &[Fate::Standing, Fate::Replaced, Fate::Deleted], super::json::fate)?,
    })
}

fn suppression(record: SuppressedRecord) -> Result<Suppression, String> {
    let all = [SuppressedBy::Inline, SuppressedBy::Ignore, SuppressedBy::Baseline, SuppressedBy::Waiver];
    let by = one_of("by", &record.by, &all, SuppressedBy::name)?;
    Ok(Suppression { by, reason: record.reason, until: record.until, place: record.place })
}

fn role(text: &str) -> Result<Role, String> {
    let all = [Role::User, Role::Pass, Role::Part, Role::Row, Role::Occurrence, Role::Replaced];
    one_of("role", text, &all, Role::name)
}

fn one_of<T: Copy>(field: &str, text: &str, all: &[T], name: impl Fn(T) -> &'static str) -> Result<T, String> {
    all.iter().copied().find(|one| name(*one) == text).ok_or_else(|| format!("`{field}` cannot be `{text}`"))
}

fn location(place: Place) -> Result<Location, String> {
    let region = place.region()?;
    let origin = origin(&place.origin);
    Ok(Location { origin, region, snippet: place.snippet()? })
}

fn origin(record: &OriginRecord) -> Origin {
    let (path, time) = (record.path.clone(), record.commit_time);
    match (record.origin.as_str(), record.commit.clone()) {
        ("message", Some(id)) => Origin::Message { id, time },
        (_, Some(id)) => Origin::Commit { path, id, time },
        ("index", None) => Origin::Index { path },
        ("stdin", None) => Origin::Stdin { path },
        _ => Origin::File { path },
    }
}

fn skip(record: &Skipped) -> Result<Skip, String> {
    let detail = |prefix: &str| record.detail.strip_prefix(prefix).unwrap_or(&record.detail).to_owned();
    let reason = match record.reason.as_str() {
        "binary" => SkipReason::Binary,
        "ignored" => SkipReason::Ignored,
        "limit" => SkipReason::Limit(detail("over a limit: ")),
        "symlink" => SkipReason::Symlink,
        "submodule" => SkipReason::Submodule,
        "special-file" => SkipReason::Special,
        "damaged" => SkipReason::Damaged(detail("damaged or not understood: ")),
        "encrypted" => SkipReason::Encrypted,
        "unreadable" => SkipReason::Unreadable(detail("could not be read: ")),
        other => return Err(format!("`reason` cannot be `{other}`")),
    };
    Ok(Skip { origin: origin(&record.origin), reason, bytes: record.bytes })
}

/// Names that the program knows are static; those of a report are kept once each for as long as the program runs.
fn name(text: &str) -> &'static str {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.get(text) {
        return known;
    }
    let kept: &'static str = Box::leak(text.to_owned().into_boxed_str());
    names.insert(kept);
    kept
}

/// One report of all, at the latest instant of them. The same file given twice counts once, and so does a finding that two
/// reports of one repository share. Paths of several repositories begin with the repository's name.
pub fn merge(mut reports: Vec<Saved>, rules: &[Rule], thresholds: Thresholds) -> (Report, Option<Provenance>) {
    reports.sort_by(|one, other| one.digest.cmp(&other.digest));
    reports.dedup_by(|one, other| one.digest == other.digest);
    let now = reports.iter().map(|saved| saved.as_of).max().unwrap_or_default();
    let below_confidence: usize = reports.iter().map(|saved| saved.below_confidence).sum();
    let checkouts: BTreeSet<Option<String>> = reports.iter().map(Saved::repository).collect();
    let provenance = if checkouts.len() == 1 { common(&reports) } else { None };
    let mut material = Material { rules: rules.to_vec(), notices: versions(&reports), ..Material::default() };
    let mut seen = BTreeSet::new();
    for saved in reports {
        let whose = saved.repository().unwrap_or_else(|| saved.digest.clone());
        let named = saved.repository().filter(|_| checkouts.len() > 1).map(|url| short_name(&url));
        for rule in saved.material.rules {
            match material.rules.iter_mut().find(|known| known.id == rule.id) {
                Some(known) => *known = rule,
                None => material.rules.push(rule),
            }
        }
        material.coverage.merge(&saved.material.coverage);
        material.notices.extend(saved.material.notices);
        for mut finding in saved.material.findings {
            if seen.insert(format!("{whose}\0{}", identity(&finding))) {
                if let Some(name) = &named {
                    prefix(&mut finding, name);
                }
                material.findings.push(finding);
            }
        }
        for mut listing in saved.material.listings {
            if seen.insert(format!("{whose}\0{}", listing.place)) {
                if let Some(name) = &named {
                    listing.place = format!("{name}/{}", listing.place);
                }
                material.listings.push(listing);
            }
        }
        material.skipped.append(saved.material.skipped);
    }
    material.skipped.sort();
    material.skipped.dedup();
    material.notices.sort();
    material.notices.dedup();
    let mut report = Report::new(material, thresholds, now);
    report.quiet += below_confidence;
    (report, provenance)
}

impl Saved {
    fn repository(&self) -> Option<String> {
        self.provenance.as_ref().map(|from| from.repository.clone())
    }
}

/// The checkout of reports of one repository, as far as they agree on it.
fn common(reports: &[Saved]) -> Option<Provenance> {
    let mut checkouts = reports.iter().filter_map(|saved| saved.provenance.as_ref());
    let mut common = checkouts.next()?.clone();
    for other in checkouts {
        common.revision = common.revision.filter(|revision| other.revision.as_ref() == Some(revision));
        common.branch = common.branch.filter(|branch| other.branch.as_ref() == Some(branch));
    }
    Some(common)
}

/// Says so where another version of keyrot made the reports: its rules may be others.
fn versions(reports: &[Saved]) -> Vec<String> {
    let versions: BTreeSet<&str> = reports.iter().map(|saved| saved.version.as_str()).collect();
    if versions.iter().all(|version| *version == wording::VERSION) {
        return Vec::new();
    }
    let list = versions.into_iter().collect::<Vec<_>>().join(", ");
    vec![format!("made by keyrot {list}, written by {}: rules of different versions may differ", wording::VERSION)]
}

/// What makes two findings of one repository the same.
fn identity(finding: &Finding) -> String {
    let (origin, region) = finding.location.sort_key();
    format!("{origin:?}\0{region:?}\0{}\0{}", finding.rule, finding.message)
}

/// `https://host/team/app.git` → `app`.
fn short_name(url: &str) -> String {
    let path = url.trim_end_matches('/');
    let last = path.rsplit('/').next().unwrap_or(path);
    last.strip_suffix(".git").unwrap_or(last).to_owned()
}

fn prefix(finding: &mut Finding, name: &str) {
    let related = finding.related.iter_mut().map(|related| &mut related.location);
    for location in std::iter::once(&mut finding.location).chain(related) {
        let path = format!("{name}/{}", location.origin.path());
        location.origin = location.origin.clone().with_path(path);
    }
    if let Some(listing) = &mut finding.listing {
        let listing = std::sync::Arc::make_mut(listing);
        listing.place = format!("{name}/{}", listing.place);
    }
}
