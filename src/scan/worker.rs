//! What one thread does with one text: layers, candidates, judgement, findings.

use super::composite::Composites;
use super::decode::{self, Map};
use super::filter::{self, DropReason, Kept};
use super::heritage::Trace;
use super::layered::{self, Deep, Seen};
use super::limit;
use super::line::Lines;
use super::matcher::{Candidate, Engine, Scratch, Text, UNKNOWN_PATH};
use super::pair::{Pair, Site, Verdict};
use super::place::Case;
use super::sighting::Sighting;
use super::snippet::{self, Hidden};
use super::stream::Before;
use super::through::Through;
use super::{Options, Outcome, Stats, slot};
use super::{allow, evidence, generic};
use crate::finding::{
    Allow, Context, Exposed, Finding, LineHashes, Location, Origin, Position, Region, Related, Role, Skip, SkipReason,
    Skips, Snippet, Span,
};
use crate::rule::{Kind, Rule};
use crate::secret::{Part, Secret};

/// One thread's state. Its buffers are reused from blob to blob.
pub struct Worker<'e> {
    pub(super) engine: &'e Engine,
    pub(super) options: &'e Options,
    pub(super) scratch: Scratch,
    /// Buffers for the beginnings of members, as many as containers were nested.
    pub(super) small: Vec<Vec<u8>>,
    candidates: Vec<Candidate>,
    /// What was decided about the pairs of the blob, by their numbers.
    pub(super) verdicts: Vec<Option<Verdict>>,
    pub(super) outcome: Outcome,
    /// What is told in place of findings, where that is asked for.
    pub(super) sightings: Option<Vec<Sighting>>,
    /// What the keywords of the last text led to, where that is traced.
    pub(super) trace: Option<Trace>,
}

/// A text to search, and how it lies in what is stored.
#[derive(Default)]
pub(super) struct Body<'t> {
    /// UTF-8, or bytes that are searched as they are.
    pub bytes: &'t [u8],
    /// Back to the stored bytes, where the text was decoded as a whole.
    pub map: Option<Map>,
    /// The name of that decoding.
    pub layer: Option<&'static str>,
    /// What stands before it.
    pub before: Before,
    /// Only keys that begin here are reported, in bytes as stored: the rest of a window belongs to its neighbours.
    pub owned: Option<Span>,
}

impl<'e> Worker<'e> {
    /// A worker with empty buffers.
    pub fn new(engine: &'e Engine, options: &'e Options) -> Self {
        Self {
            engine,
            options,
            scratch: Scratch::default(),
            small: Vec::new(),
            candidates: Vec::new(),
            verdicts: Vec::new(),
            outcome: Outcome::default(),
            sightings: None,
            trace: None,
        }
    }

    /// What was found, skipped and counted so far.
    pub fn finish(self) -> Outcome {
        self.outcome
    }

    /// The numbers so far.
    pub fn stats(&mut self) -> &mut Stats {
        &mut self.outcome.stats
    }

    /// Takes out what was found since it was last asked.
    pub fn take_findings(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.outcome.findings)
    }

    /// Takes out what was left out since it was last asked.
    pub fn take_skipped(&mut self) -> Skips {
        std::mem::take(&mut self.outcome.skipped)
    }

    /// Adds what was found without looking for keys.
    pub(super) fn report_all(&mut self, findings: impl IntoIterator<Item = Finding>) {
        if let Some(sightings) = &mut self.sightings {
            return sightings.extend(findings.into_iter().filter_map(Sighting::of));
        }
        for mut finding in findings {
            let origin = self.masked(finding.location.origin.clone());
            finding.message = finding.message.replace(finding.location.origin.path(), origin.path());
            finding.location.origin = origin;
            self.outcome.findings.push(finding);
        }
    }

    /// Notes something that was not read.
    pub fn skip(&mut self, skip: Skip) {
        let origin = self.masked(skip.origin);
        self.outcome.skipped.push(Skip { origin, ..skip });
    }

    /// Notes that something should have been read and could not be.
    pub(super) fn skip_unreadable(&mut self, origin: &Origin, text: String) {
        self.skip(Skip { origin: origin.clone(), reason: SkipReason::Unreadable(text), bytes: None });
    }

    /// Searches a text. One that breaks off costs neither its neighbours in a container nor the other windows of a file.
    pub(super) fn scan_text(&mut self, origin: &Origin, text: &Body<'_>) {
        self.contain(origin, |worker| worker.search(origin, text));
    }

    fn search(&mut self, origin: &Origin, text: &Body<'_>) {
        let mut candidates = std::mem::take(&mut self.candidates);
        candidates.clear();
        self.scratch.forget_pairs();
        let searched = Text { bytes: text.bytes, path: origin.path() };
        self.engine.candidates(searched, &mut self.scratch, &mut candidates);
        self.trace = self.engine.trace(text.bytes.len(), &mut self.scratch);
        let marks = self.engine.marks(&self.scratch);
        if text.layer.is_none()
            && !marks.is_empty()
            && let Some((name, decoded, map)) = decode::encoding::legacy(text.bytes)
        {
            let decoded = Body { bytes: &decoded, map: Some(map), layer: Some(name), ..*text };
            self.candidates = candidates;
            return self.search(origin, &decoded);
        }
        let markers = self.scratch.markers().to_vec();
        let through = self.look_through(origin, text.bytes, &marks);
        if !candidates.is_empty() || !markers.is_empty() || !through.is_empty() {
            self.report(origin, text, &candidates, through, &markers);
        }
        self.candidates = candidates;
    }

    fn report(
        &mut self,
        origin: &Origin,
        text: &Body<'_>,
        candidates: &[Candidate],
        through: Through,
        markers: &[usize],
    ) {
        let Through { seen, stores } = through;
        let seen = seen.as_slice();
        self.verdicts.clear();
        self.verdicts.resize(self.scratch.pairs().len(), None);
        let mut kept = self.judge(Case { text: text.bytes, origin }, candidates);
        let news = self.judge_layers(origin, &mut kept, candidates, seen);
        let stores = self.make_way(text, stores, &mut kept);
        if self.sightings.is_some() {
            self.report_all(stores.into_iter().map(|(_, finding)| finding));
            return self.sight(origin, text, &kept, &news, seen);
        }
        let lines = Lines::new(text.bytes);
        let origin = self.masked(origin.clone());
        if !markers.is_empty() {
            let owned = markers.iter().filter(|at| text.owns(**at));
            let allows: Vec<Allow> = owned.filter_map(|&at| text.allow(&lines, at)).collect();
            self.outcome.allows.entry(origin.clone()).or_default().extend(allows);
        }
        if kept.is_empty() && news.is_empty() && stores.is_empty() {
            return;
        }
        let mut hidden = self.hidden(candidates, seen);
        hidden.extend(stores.iter().map(|(place, _)| Hidden { span: *place, identifier: false }));
        let hidden = snippet::merge(hidden);
        let longest = self.options.limits.line;
        let hashes = LineHashes::new(text.bytes);
        let sheet = Sheet { text, lines: &lines, hidden, hashes, origin: &origin, longest };
        let pages = kept.iter().map(|kept| (Page { sheet: &sheet, deep: None }, kept));
        let deep = news.iter().map(|(index, kept)| (Page { sheet: &sheet, deep: Some(&seen[*index].deep) }, kept));
        let most = self.options.limits.matches;
        let mut count = text.before.findings;
        for (page, one) in pages.chain(deep) {
            if text.owns(page.place(one.candidate.secret).start) {
                count += 1;
                if count <= most {
                    let findings = self.findings(&page, one);
                    self.outcome.findings.extend(findings);
                }
            }
        }
        for (place, mut finding) in stores {
            count += 1;
            if count <= most {
                finding.context.slot = slot::slot(text.bytes, place);
                self.outcome.findings.push(Finding { location: sheet.location(place), ..finding });
            }
        }
        if count > most {
            let text = format!("max-matches is {most}, {} more in this text", count - most);
            self.skip(limit::skip(&origin, text, None));
        }
    }

    fn judge(&mut self, case: Case<'_>, candidates: &[Candidate]) -> Vec<Kept> {
        let site = Site::new(case.text, case.origin.path());
        let mut kept = Vec::new();
        for &candidate in candidates {
            let judged = match candidate.pair {
                Some(number) => self.judge_pair(site, candidate, number),
                None => filter::judge(&self.engine.rule(candidate.rule).definition, candidate, site.text),
            };
            match judged {
                Ok(one) if self.excepted(&one, case) => self.outcome.stats.drop(DropReason::Excepted, 1),
                Ok(one) => kept.push(one),
                Err(reason) => self.outcome.stats.drop(reason, 1),
            }
        }
        let quiet = generic::quieten(site.text, candidates, &mut kept);
        self.outcome.stats.drop(DropReason::Crowd, quiet);
        filter::drop_users(&mut kept);
        let incomplete = self.engine.composites().join(site.text, &mut kept);
        let (mut kept, overlapped) = self.resolve_overlaps(site.path, kept);
        let parts = Composites::absorb(&mut kept);
        self.outcome.stats.drop(DropReason::PartMissing, incomplete as u64);
        self.outcome.stats.drop(DropReason::Overlapped, overlapped as u64);
        self.outcome.stats.drop(DropReason::Part, parts as u64);
        kept
    }

    /// The most specific ones. Where the path is not known yet, a rule for certain paths may turn out not to look there: it
    /// hides no other.
    fn resolve_overlaps(&self, path: &str, kept: Vec<Kept>) -> (Vec<Kept>, usize) {
        let specificity = |one: &Candidate| self.specificity(one);
        if !path.starts_with(UNKNOWN_PATH) {
            return filter::resolve_overlaps(kept, specificity);
        }
        let (bound, free) = kept.into_iter().partition(|one| self.engine.rule(one.candidate.rule).is_bound_to_paths());
        let (mut chosen, dropped) = filter::resolve_overlaps(free, specificity);
        let (more, also_dropped) = filter::resolve_overlaps(bound, specificity);
        chosen.extend(more);
        chosen.sort_by_key(|one| (one.candidate.secret, one.candidate.rule));
        (chosen, dropped + also_dropped)
    }

    fn excepted(&self, kept: &Kept, case: Case<'_>) -> bool {
        self.engine.exceptions().cover(self.engine.rule(kept.candidate.rule), kept, case)
    }

    /// Judges what stands in layers, unless the outer text was judged with the same rule at the same place.
    fn judge_layers(
        &mut self,
        origin: &Origin,
        kept: &mut Vec<Kept>,
        candidates: &[Candidate],
        seen: &[Seen],
    ) -> Vec<(usize, Kept)> {
        if seen.is_empty() {
            return Vec::new();
        }
        let known: std::collections::HashSet<(usize, Span)> =
            candidates.iter().map(|candidate| (candidate.rule, candidate.secret)).collect();
        let mut judged = Vec::new();
        for (index, one) in seen.iter().enumerate() {
            let same = |candidate: &Candidate| {
                let place = one.deep.outermost(candidate.secret);
                known.contains(&(candidate.rule, place)) && place.len() == candidate.secret.len()
            };
            let fresh: Vec<Candidate> = one.candidates.iter().copied().filter(|candidate| !same(candidate)).collect();
            judged.push((index, self.judge(Case { text: one.deep.text(), origin }, &fresh)));
        }
        let (mut news, dropped) = layered::news(kept, seen, judged, |one| self.specificity(one));
        self.drop_repeated(seen, &mut news);
        self.outcome.stats.drop(DropReason::Overlapped, dropped as u64);
        news
    }

    /// The stretches of the outer text that no snippet may show: every candidate, also those in layers.
    fn hidden(&self, candidates: &[Candidate], seen: &[Seen]) -> Vec<Hidden> {
        let identifier = |candidate: &Candidate| self.engine.rule(candidate.rule).definition.kind == Kind::Id;
        // A value that the context judged to be none is shown.
        let secret = |one: &&Candidate| !matches!(one.verdict, Some(Err(_)));
        let outer =
            candidates.iter().filter(secret).map(|one| Hidden { span: one.secret, identifier: identifier(one) });
        let pairs = candidates.iter().filter_map(|one| Some(&self.scratch.pairs()[one.pair?]));
        let users = pairs.filter_map(Pair::hidden_user).map(|span| Hidden { span, identifier: false });
        let inner = seen.iter().flat_map(|seen| {
            let pieces = seen.candidates.iter().filter(secret).flat_map(|one| seen.deep.pieces(one.secret));
            pieces.map(|span| Hidden { span, identifier: false })
        });
        snippet::merge(outer.chain(users).chain(inner).collect())
    }

    /// The finding; for a pair also what is wrong with the way it travels.
    fn findings(&self, page: &Page<'_>, kept: &Kept) -> Vec<Finding> {
        let mut findings = match self.verdict(&kept.candidate) {
            Some((pair, verdict)) => self.pair_findings(page, kept, pair, verdict),
            None => vec![self.finding(page, kept)],
        };
        if let Some(whole) = findings.first_mut() {
            whole.absorbed = kept.absorbed.iter().flat_map(|part| self.findings(page, part)).collect();
        }
        self.engine.marking().mark_lines(&mut findings, page.text(), kept.candidate.secret);
        findings
    }

    fn finding(&self, page: &Page<'_>, kept: &Kept) -> Finding {
        let (candidate, rule) = (&kept.candidate, self.engine.rule(kept.candidate.rule));
        let secret = Secret::new(candidate.secret.of(page.text()));
        let location = page.location(candidate.secret);
        let exposed = self.exposed(rule, candidate, &secret, page.text());
        let message = format!(
            "{} exposed in '{}': {}.",
            rule.definition.name,
            page.sheet.origin.path(),
            described(&exposed, rule.definition.kind),
        );
        let mut finding = Finding::new(rule.id.clone(), kept.severity, kept.confidence, message, location);
        finding.secret = Some(Box::new(exposed));
        let mut evidence = evidence::read(&rule.definition, candidate, &kept.parts, page.text());
        let user = candidate.user.map(|user| user.of(page.text()));
        self.engine.marking().note_person(user, &mut evidence);
        finding.evidence = evidence.into();
        finding.related = related(kept).map(|(role, span)| Related { role, location: page.location(span) }).collect();
        finding.related.extend(page.pieces(candidate.secret));
        finding.context = Context {
            host: candidate.host.map(|host| String::from_utf8_lossy(host.of(page.text())).into_owned()),
            layers: page.layers(),
            slot: slot::slot(page.text(), candidate.secret),
            vague: candidate.named.is_some_and(|named| named.vague),
            crowd: kept.crowd,
            likeness: generic::likeness(page.text(), kept, &self.options.fingerprint),
            ..Context::default()
        }
        .into();
        finding
    }

    pub(super) fn exposed(&self, rule: &Rule, candidate: &Candidate, secret: &Secret, text: &[u8]) -> Exposed {
        let key = &self.options.fingerprint;
        let part = if candidate.pass.is_some() { Part::Pair } else { Part::Whole };
        let pass = candidate.pass.map(|pass| Secret::new(pass.of(text)));
        Exposed {
            redacted: if rule.definition.kind == Kind::Id { secret.redact_identifier() } else { secret.redact() },
            clear: self.options.show_secrets.then(|| secret.reveal()),
            length: secret.len(),
            fingerprint: secret.fingerprint(key, rule.id.as_str(), part),
            pass: pass.as_ref().map(|pass| pass.fingerprint(key, rule.id.as_str(), Part::Pass)),
            marks: self.engine.marking().marks(secret, pass.as_ref().as_slice(), rule.id.as_str(), part),
        }
    }

    /// The origin with every key in its path masked.
    pub(super) fn masked(&mut self, origin: Origin) -> Origin {
        let mut candidates = Vec::new();
        let path = Text { bytes: origin.path().as_bytes(), path: "" };
        self.engine.candidates(path, &mut self.scratch, &mut candidates);
        if candidates.is_empty() {
            return origin;
        }
        let masked = snippet::mask(origin.path(), &self.hidden(&candidates, &[]));
        origin.with_path(masked)
    }
}

impl Body<'_> {
    /// A span of the text in the bytes that are stored.
    fn stored(&self, span: Span) -> Span {
        let span = self.local(span);
        Span::new(span.start + self.before.bytes, span.end + self.before.bytes)
    }

    fn local(&self, span: Span) -> Span {
        self.map.as_ref().map_or(span, |map| map.span(span))
    }

    /// Whether what begins at `start` is this text's to report.
    pub(super) fn owns(&self, start: usize) -> bool {
        self.owned.is_none_or(|owned| (owned.start..owned.end).contains(&self.local(Span::new(start, start)).start))
    }

    /// A place in the whole that the text is a window of.
    fn position(&self, position: Position) -> Position {
        let Before { lines, columns, .. } = self.before;
        let [characters, units, bytes] = if position.line == 1 { columns } else { [0; 3] };
        Position {
            line: position.line.saturating_add(clamp(lines)),
            column: position.column.saturating_add(clamp(characters)),
            utf16: position.utf16.saturating_add(clamp(units)),
            utf8: position.utf8.saturating_add(clamp(bytes)),
        }
    }

    fn allow(&self, lines: &Lines<'_>, at: usize) -> Option<Allow> {
        let allow = allow::read(self.bytes, lines, at)?;
        let Region { start, end, bytes } = allow.region;
        let region = Region { start: self.position(start), end: self.position(end), bytes: self.stored(bytes) };
        Some(Allow { line: region.start.line, region, ..allow })
    }
}

/// A text with findings: what all of them share.
pub(super) struct Sheet<'p> {
    text: &'p Body<'p>,
    lines: &'p Lines<'p>,
    hidden: Vec<Hidden>,
    hashes: LineHashes<'p>,
    pub origin: &'p Origin,
    /// Bytes of a long line that are shown.
    longest: usize,
}

/// A sheet as it is seen, or one of the layers that it was seen through. Spans are those of the seen text.
pub(super) struct Page<'p> {
    pub sheet: &'p Sheet<'p>,
    deep: Option<&'p Deep>,
}

impl Page<'_> {
    pub fn text(&self) -> &[u8] {
        self.deep.map_or(self.sheet.text.bytes, Deep::text)
    }

    /// Where a span stands in the sheet's text.
    fn place(&self, span: Span) -> Span {
        self.deep.map_or(span, |deep| deep.outermost(span))
    }

    /// The other places of a secret that was put together from pieces.
    fn pieces(&self, span: Span) -> impl Iterator<Item = Related> {
        let place = self.place(span);
        let pieces = self.deep.map(|deep| deep.pieces(span)).unwrap_or_default().into_iter();
        let others = pieces.filter(move |piece| *piece != place);
        others.map(|piece| Related { role: Role::Part, location: self.sheet.location(piece) })
    }

    pub fn layers(&self) -> Vec<&'static str> {
        self.sheet.text.layer.into_iter().chain(self.deep.map(Deep::names).into_iter().flatten()).collect()
    }

    pub fn location(&self, span: Span) -> Location {
        self.sheet.location(self.place(span))
    }
}

impl Sheet<'_> {
    /// The location of a place in the sheet's text.
    fn location(&self, place: Span) -> Location {
        let Self { text, lines, hidden, hashes, origin, longest } = self;
        let line_hash = hashes.of(lines.span(lines.index(place.start)).start);
        let region = lines.region(place);
        let (start, end) = (text.position(region.start), text.position(region.end));
        let region = Region { start, end, bytes: text.stored(place) };
        Location {
            origin: (*origin).clone(),
            region: Some(region),
            snippet: Some(Snippet { line_hash, ..snippet::snippet(text.bytes, lines, place, hidden, *longest) }),
        }
    }
}

fn clamp(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The halves and parts of what was found.
pub(super) fn related(kept: &Kept) -> impl Iterator<Item = (Role, Span)> {
    let Candidate { user, pass, id, .. } = kept.candidate;
    let halves = [(Role::User, user), (Role::Pass, pass), (Role::Part, id)].into_iter();
    let parts = kept.parts.iter().filter(move |span| Some(**span) != id);
    halves.filter_map(|(role, span)| Some((role, span?))).chain(parts.map(|span| (Role::Part, *span)))
}

fn described(exposed: &Exposed, kind: Kind) -> String {
    match kind {
        Kind::PrivateKey | Kind::Certificate => format!("{} bytes", exposed.length),
        _ => format!("'{}', {} characters", exposed.redacted, exposed.length),
    }
}
