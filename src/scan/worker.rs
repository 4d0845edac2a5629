//! What one thread does with one blob: layers, candidates, judgement, findings.

use std::collections::BTreeMap;

use super::allow;
use super::filter::{self, DropReason, Kept};
use super::line::Lines;
use super::line_hash::line_hashes;
use super::matcher::{Candidate, Engine, Scratch, Text};
use super::snippet::{self, Hidden};
use super::{Options, Outcome};
use crate::finding::{Allow, Context, Exposed, Finding, Location, Origin, Related, Role, Skip, SkipReason, Span};
use crate::rule::{Kind, Rule};
use crate::secret::{Part, Secret};

/// Bytes at the start of a blob in which a NUL byte means "not text", as git decides it.
const BINARY_PROBE: usize = 8000;

/// One thread's state. Its buffers are reused from blob to blob.
pub struct Worker<'e> {
    engine: &'e Engine,
    options: &'e Options,
    scratch: Scratch,
    candidates: Vec<Candidate>,
    outcome: Outcome,
}

impl<'e> Worker<'e> {
    /// A worker with empty buffers.
    pub fn new(engine: &'e Engine, options: &'e Options) -> Self {
        Self { engine, options, scratch: Scratch::default(), candidates: Vec::new(), outcome: Outcome::default() }
    }

    /// What was found, skipped and counted so far.
    pub fn finish(self) -> Outcome {
        self.outcome
    }

    /// Notes something that was not read.
    pub fn skip(&mut self, skip: Skip) {
        let origin = self.masked(skip.origin);
        self.outcome.skipped.push(Skip { origin, ..skip });
    }

    /// Scans one blob.
    pub fn scan(&mut self, origin: &Origin, bytes: &[u8]) {
        if memchr::memchr(0, &bytes[..bytes.len().min(BINARY_PROBE)]).is_some() {
            self.skip(Skip { origin: origin.clone(), reason: SkipReason::Binary, bytes: Some(bytes.len() as u64) });
            return;
        }
        self.outcome.stats.blobs += 1;
        self.outcome.stats.bytes += bytes.len() as u64;
        self.scan_text(origin, bytes);
    }

    fn scan_text(&mut self, origin: &Origin, text: &[u8]) {
        let mut candidates = std::mem::take(&mut self.candidates);
        candidates.clear();
        let searched = Text { bytes: text, path: origin.path() };
        self.engine.candidates(searched, &mut self.scratch, &mut candidates);
        if !candidates.is_empty() || !self.scratch.markers().is_empty() {
            self.report(origin, text, &candidates);
        }
        self.candidates = candidates;
    }

    fn report(&mut self, origin: &Origin, text: &[u8], candidates: &[Candidate]) {
        let kept = self.judge(text, candidates);
        let markers = self.scratch.markers().to_vec();
        if kept.is_empty() && markers.is_empty() {
            return;
        }
        let lines = Lines::new(text);
        let origin = self.masked(origin.clone());
        if !markers.is_empty() {
            let allows: Vec<Allow> = markers.iter().filter_map(|&at| allow::read(text, &lines, at)).collect();
            self.outcome.allows.entry(origin.clone()).or_default().extend(allows);
        }
        if kept.is_empty() {
            return;
        }
        let page =
            Page { text, lines: &lines, hidden: self.hidden(candidates), hashes: line_hashes(text), origin: &origin };
        for one in &kept {
            let finding = self.finding(&page, one);
            self.outcome.findings.push(finding);
        }
    }

    fn judge(&mut self, text: &[u8], candidates: &[Candidate]) -> Vec<Kept> {
        let mut kept = Vec::new();
        for &candidate in candidates {
            match filter::judge(&self.engine.rule(candidate.rule).definition, candidate, text) {
                Ok(one) => kept.push(one),
                Err(reason) => self.outcome.stats.drop(reason, 1),
            }
        }
        let (kept, dropped) = filter::resolve_overlaps(kept, |rule| self.engine.rule(rule).definition.specificity);
        self.outcome.stats.drop(DropReason::Overlapped, dropped as u64);
        kept
    }

    fn hidden(&self, candidates: &[Candidate]) -> Vec<Hidden> {
        let hidden = candidates.iter().map(|candidate| Hidden {
            span: candidate.secret,
            identifier: self.engine.rule(candidate.rule).definition.kind == Kind::Id,
        });
        snippet::merge(hidden.collect())
    }

    fn finding(&self, page: &Page<'_>, kept: &Kept) -> Finding {
        let (candidate, rule) = (&kept.candidate, self.engine.rule(kept.candidate.rule));
        let secret = Secret::new(candidate.secret.of(page.text));
        let location = page.location(candidate.secret);
        let exposed = self.exposed(rule, candidate, &secret, page.text);
        let message = format!(
            "{} exposed in '{}': {}.",
            rule.definition.name,
            page.origin.path(),
            described(&exposed, rule.definition.kind),
        );
        let mut finding = Finding::new(rule.id.clone(), kept.severity, kept.confidence, message, location);
        finding.secret = Some(exposed);
        finding.related =
            halves(candidate).map(|(role, span)| Related { role, location: page.location(span) }).collect();
        finding.context = Context {
            host: candidate.host.map(|host| String::from_utf8_lossy(host.of(page.text)).into_owned()),
            ..Context::default()
        };
        finding
    }

    fn exposed(&self, rule: &Rule, candidate: &Candidate, secret: &Secret, text: &[u8]) -> Exposed {
        let key = &self.options.fingerprint;
        let part = if candidate.pass.is_some() { Part::Pair } else { Part::Whole };
        Exposed {
            redacted: if rule.definition.kind == Kind::Id { secret.redact_identifier() } else { secret.redact() },
            clear: self.options.show_secrets.then(|| secret.reveal()),
            length: secret.len(),
            fingerprint: secret.fingerprint(key, rule.id.as_str(), part),
            pass: candidate.pass.map(|pass| Secret::new(pass.of(text)).fingerprint(key, rule.id.as_str(), Part::Pass)),
        }
    }

    /// The origin with every key in its path masked.
    fn masked(&mut self, origin: Origin) -> Origin {
        let mut candidates = Vec::new();
        let path = Text { bytes: origin.path().as_bytes(), path: "" };
        self.engine.candidates(path, &mut self.scratch, &mut candidates);
        if candidates.is_empty() {
            return origin;
        }
        let masked = snippet::mask(origin.path(), &self.hidden(&candidates));
        origin.with_path(masked)
    }
}

/// A text with findings: what all of them share.
struct Page<'p> {
    text: &'p [u8],
    lines: &'p Lines<'p>,
    hidden: Vec<Hidden>,
    hashes: Vec<String>,
    origin: &'p Origin,
}

impl Page<'_> {
    fn location(&self, span: Span) -> Location {
        let hash = self.hashes.get(self.lines.index(span.start)).cloned().unwrap_or_default();
        Location {
            origin: self.origin.clone(),
            region: Some(self.lines.region(span)),
            snippet: Some(snippet::snippet(self.text, self.lines, span, &self.hidden, hash)),
        }
    }
}

fn halves(candidate: &Candidate) -> impl Iterator<Item = (Role, Span)> {
    [(Role::User, candidate.user), (Role::Pass, candidate.pass), (Role::Part, candidate.id)]
        .into_iter()
        .filter_map(|(role, span)| span.map(|span| (role, span)))
}

fn described(exposed: &Exposed, kind: Kind) -> String {
    match kind {
        Kind::PrivateKey | Kind::Certificate => format!("{} bytes", exposed.length),
        _ => format!("'{}', {} characters", exposed.redacted, exposed.length),
    }
}

/// Numbers that a report states, so that a scan which read nothing cannot look clean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Texts that were searched.
    pub blobs: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files and folders that ignore files and path settings left out.
    pub ignored: u64,
    /// Candidates that were dropped, by reason.
    pub dropped: BTreeMap<DropReason, u64>,
}

impl Stats {
    fn drop(&mut self, reason: DropReason, count: u64) {
        if count > 0 {
            *self.dropped.entry(reason).or_default() += count;
        }
    }

    /// Adds another worker's numbers.
    pub fn add(&mut self, other: &Self) {
        self.blobs += other.blobs;
        self.bytes += other.bytes;
        self.ignored += other.ignored;
        for (reason, count) in &other.dropped {
            self.drop(*reason, *count);
        }
    }
}
