//! JSON and JSON Lines: frozen structs of their own, so that a change inside keyrot does not change what scripts read.

pub(super) mod listing;
mod record;

use std::collections::BTreeSet;
use std::io::{self, Write};

use listing::ListingRecord;
use record::{
    Claims, ContextRecord, Counts, Document, ExposureRecord, Footer, Header, Identifier, Keys, Left, LineRecord,
    Linked, OriginRecord, Place, Record, Records, RegionRecord, RepositoryRecord, RuleRecord, Scanned, SecretRecord,
    Skipped, SuppressedRecord, Tool, VerdictRecord,
};
use serde::Serialize;

use super::{Coverage, RenderOptions, Report};
use crate::finding::{Ends, Fate, Finding, Location, Origin, RuleId, Skip};

/// Moves when a field changes its meaning or disappears; new fields do not move it.
pub(super) const SCHEMA_VERSION: u32 = 1;

/// One document.
pub(super) fn render(report: &Report, options: &RenderOptions, out: &mut dyn Write) -> io::Result<()> {
    let document =
        Document { header: header(report, options), findings: Records { report, options }, footer: footer(report) };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

/// One record a line; a file without its footer is the report of a run that did not end.
pub(super) fn render_lines(report: &Report, options: &RenderOptions, out: &mut dyn Write) -> io::Result<()> {
    line(out, "header", &header(report, options))?;
    for record in records(report, options) {
        line(out, "finding", &record)?;
    }
    line(out, "footer", &footer(report))
}

fn line(out: &mut dyn Write, kind: &'static str, record: &impl Serialize) -> io::Result<()> {
    #[derive(Serialize)]
    struct Line<'l, R> {
        record: &'static str,
        #[serde(flatten)]
        content: &'l R,
    }
    serde_json::to_writer(&mut *out, &Line { record: kind, content: record })?;
    writeln!(out)
}

fn header<'r>(report: &'r Report, options: &'r RenderOptions) -> Header<'r> {
    Header {
        schema_version: SCHEMA_VERSION,
        tool: Tool { name: "keyrot", version: env!("CARGO_PKG_VERSION"), rules_version: crate::rule::VERSION },
        as_of: report.now.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        repository: options.provenance.as_ref().map(|from| RepositoryRecord {
            url: &from.repository,
            revision: from.revision.as_deref(),
            branch: from.branch.as_deref(),
        }),
        notices: &report.notices,
    }
}

fn footer(report: &Report) -> Footer<'_> {
    let Coverage { files, bytes, commits, ignored, dropped } = &report.coverage;
    Footer {
        complete: report.is_complete(),
        counts: Counts {
            findings: report.findings.len(),
            failing: report.failing,
            suppressed: report.suppressed.len(),
            below_confidence: report.quiet,
        },
        scanned: Scanned { files: *files, bytes: *bytes, commits: *commits, ignored: *ignored },
        skipped: Left(&report.skipped),
        dropped,
        rules: rules(report),
        keys: Keys(&report.listings),
    }
}

fn rules(report: &Report) -> Vec<RuleRecord<'_>> {
    let findings = report.findings.iter().chain(&report.suppressed);
    let named: BTreeSet<&RuleId> = findings
        .flat_map(|finding| std::iter::once(&finding.rule).chain(finding.verdicts.iter().map(|verdict| &verdict.rule)))
        .chain(report.listings.iter().filter_map(|listing| listing.class.as_ref()))
        .collect();
    let rules = report.rules.iter().filter(|rule| named.contains(&rule.id));
    rules
        .map(|rule| {
            let rule = &*rule.definition;
            RuleRecord {
                id: &rule.id,
                name: &rule.name,
                provider: &rule.provider,
                kind: rule.kind.name(),
                severity: rule.severity.name(),
                confidence: rule.confidence.name(),
                tags: &rule.tags,
                aliases: &rule.aliases,
                why: &rule.why,
                max_age_days: rule.rotate.max_age_days,
                rotate_url: rule.rotate.url.as_deref(),
                rotate_steps: rule.rotate.steps.as_deref(),
                references: &rule.references,
            }
        })
        .collect()
}

fn skipped(skip: &Skip) -> Skipped<'_> {
    Skipped {
        origin: origin(&skip.origin),
        reason: skip.reason.name(),
        detail: skip.reason.to_string(),
        bytes: skip.bytes,
    }
}

fn records<'r>(report: &'r Report, options: &RenderOptions) -> impl Iterator<Item = Record<'r>> {
    let shown = report.findings.iter().zip(&report.groups).map(|(finding, group)| record(finding, *group));
    let suppressed = report.suppressed.iter().take(if options.show_suppressed { usize::MAX } else { 0 });
    shown.chain(suppressed.map(|finding| record(finding, None)))
}

fn record(finding: &Finding, number: Option<usize>) -> Record<'_> {
    Record {
        rule: finding.rule.as_str(),
        severity: finding.severity.name(),
        confidence: finding.confidence.name(),
        message: &finding.message,
        location: place(&finding.location),
        related: finding
            .related
            .iter()
            .map(|related| Linked { role: related.role.name(), place: place(&related.location) })
            .collect(),
        secret: finding.secret.as_ref().map(|secret| SecretRecord {
            number,
            redacted: secret.redacted.as_str(),
            clear: secret.clear.as_ref().map(crate::secret::Redacted::as_str),
            length: secret.length,
            fingerprint: Some(&secret.fingerprint).filter(|print| print.is_stable()).map(ToString::to_string),
            pass_fingerprint: secret.pass.as_ref().filter(|print| print.is_stable()).map(ToString::to_string),
        }),
        context: context(finding),
        claims: claims(finding),
        listing: finding.listing.as_deref().map(ListingRecord::from),
        exposure: finding.exposure.as_ref().map(|exposure| ExposureRecord {
            first_commit: &exposure.first.0,
            first_time: exposure.first.1.to_rfc3339(),
            last_commit: &exposure.last.0,
            last_time: exposure.last.1.to_rfc3339(),
            paths: &exposure.paths,
            at_head: exposure.at_head,
            fate: fate(exposure.fate),
        }),
        verdicts: finding
            .verdicts
            .iter()
            .map(|verdict| VerdictRecord { rule: verdict.rule.as_str(), text: &verdict.text, waived: verdict.waived })
            .collect(),
        owner: finding.owner.as_deref(),
        suppressed: finding.suppression.as_ref().map(|suppression| SuppressedRecord {
            by: suppression.by.name(),
            reason: suppression.reason.as_deref(),
            until: suppression.until.map(|until| until.to_string()),
            place: &suppression.place,
        }),
    }
}

fn context(finding: &Finding) -> Option<ContextRecord<'_>> {
    let context = &finding.context;
    (**context != crate::finding::Context::default()).then(|| ContextRecord {
        form: context.form,
        host: context.host.as_deref(),
        slot: context.slot.as_deref(),
        layers: &context.layers,
    })
}

fn claims(finding: &Finding) -> Option<Claims<'_>> {
    let evidence = &finding.evidence;
    Some(Claims {
        source: evidence.source?,
        created: evidence.created.map(|time| time.to_rfc3339()),
        not_before: evidence.not_before.map(|time| time.to_rfc3339()),
        expires: evidence.expires.map(end),
        scopes: &evidence.scopes,
        identifiers: evidence.identifiers.iter().map(|(kind, value)| Identifier { kind, value }).collect(),
    })
}

/// An end as reports write it.
pub(super) fn end(ends: Ends) -> String {
    match ends {
        Ends::At(time) => time.to_rfc3339(),
        Ends::Never => "never".to_owned(),
    }
}

fn place(location: &Location) -> Place<'_> {
    Place {
        origin: origin(&location.origin),
        region: location.region.map(|region| RegionRecord {
            start_line: region.start.line,
            start_column: region.start.column,
            start_column_utf16: region.start.utf16,
            start_column_utf8: region.start.utf8,
            end_line: region.end.line,
            end_column: region.end.column,
            end_column_utf16: region.end.utf16,
            end_column_utf8: region.end.utf8,
            byte_start: region.bytes.start,
            byte_end: region.bytes.end,
        }),
        line: location.snippet.as_ref().map(|snippet| LineRecord {
            line: &snippet.text,
            highlight: [snippet.highlight.start, snippet.highlight.end],
            line_hash: &snippet.line_hash,
        }),
    }
}

fn origin(origin: &Origin) -> OriginRecord<'_> {
    let (name, time) = match origin {
        Origin::File { .. } => ("file", None),
        Origin::Index { .. } => ("index", None),
        Origin::Stdin { .. } => ("stdin", None),
        Origin::Commit { time, .. } => ("commit", *time),
        Origin::Message { time, .. } => ("message", *time),
    };
    OriginRecord {
        path: origin.path(),
        origin: name,
        commit: origin.commit(),
        commit_time: time.map(|time| time.to_rfc3339()),
    }
}

/// What became of an exposed value, as reports write it.
pub(super) fn fate(fate: Fate) -> &'static str {
    match fate {
        Fate::Standing => "standing",
        Fate::Replaced => "replaced",
        Fate::Deleted => "deleted",
    }
}
