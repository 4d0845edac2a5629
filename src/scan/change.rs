//! Scans what is new: whole texts are searched, findings that touch added lines are kept. Says what is rotated, whether the
//! old value still stands elsewhere, and what a later commit of a range removes again.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io::Read;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::filter::DropReason;
use super::matcher::Engine;
use super::{Options, Outcome, Progress, Worker, generic, merge, sealed};
use crate::finding::{Exposure, Fate, Finding, Location, Origin, Related, Role, Skip, SkipReason};
use crate::secret::{Fingerprint, Redacted};
use crate::source::git::{self, ChangeSet, Changed, Changes, Content, Id, Objects, Store};
use crate::source::{self, Opened, PathFilter, Stored};

/// Places of an old value that a finding names, at most.
const MOST_PLACES: usize = 10;

/// How changes are read.
pub struct Reading<'r> {
    /// Threads.
    pub jobs: usize,
    /// Larger texts are skipped, in bytes; none is no limit.
    pub max_file_size: Option<u64>,
    /// The path settings of the configuration.
    pub paths: &'r PathFilter,
    /// Set from outside to end early; the outcome then says that it is partial.
    pub stop: &'r AtomicBool,
}

/// Scans all changes.
pub fn run(
    changes: &Changes,
    store: &Store,
    engine: &Engine,
    options: &Options,
    reading: &Reading<'_>,
    progress: &dyn Progress,
) -> Outcome {
    let texts: Vec<(usize, usize)> = changes
        .sets
        .iter()
        .enumerate()
        .flat_map(|(set, one)| (0..one.changed.len()).map(move |at| (set, at)))
        .filter(|&(set, at)| reading.paths.wants(&git::path_text(&changes.sets[set].changed[at].path)))
        .collect();
    progress.total(texts.len() as u64);
    let (next, shares) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let policy = engine.declared().map(|declared| sealed::Policy::of_changes(declared, changes, &store.objects()));
    let scan = || {
        let mut share = Share { policy: policy.as_ref(), ..Share::new(changes, store, engine, options, reading) };
        while let Some(&(set, at)) = texts.get(next.fetch_add(1, Ordering::Relaxed)) {
            if reading.stop.load(Ordering::Relaxed) {
                break;
            }
            share.text(set, at);
            progress.advance();
        }
        if let Ok(mut shares) = shares.lock() {
            shares.push(share.finish());
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..reading.jobs.clamp(1, texts.len().max(1)) {
            scope.spawn(scan);
        }
        scan();
    });
    let mut found = Found::default();
    for share in shares.into_inner().unwrap_or_default() {
        found.add(share);
    }
    found.messages(changes, store, engine, options);
    let left = texts.len().saturating_sub(next.load(Ordering::Relaxed));
    if reading.stop.load(Ordering::Relaxed) && left > 0 {
        found.outcome.skipped.push(stopped(format!("stopped before {left} of {} changed files", texts.len())));
    }
    Judge { changes, store, engine, options, reading }.conclude(found)
}

/// What says that a scan ended before everything was read.
pub(super) fn stopped(text: String) -> Skip {
    let origin = Origin::File { path: "(the rest)".to_owned() };
    Skip { origin, reason: SkipReason::Limit(text), bytes: None }
}

/// A value that took the place of another.
struct Rotation {
    new: Fingerprint,
    old: Fingerprint,
    old_shown: Redacted,
    slot: Option<String>,
}

/// What one or all threads found.
#[derive(Default)]
struct Found {
    outcome: Outcome,
    /// Findings on added lines, with their set.
    kept: Vec<(usize, Finding)>,
    /// All values that a changed text carries, by set and path.
    carried: HashMap<(usize, Vec<u8>), HashSet<Fingerprint>>,
    /// The same by blob.
    blobs: BTreeMap<Id, HashSet<Fingerprint>>,
    rotations: Vec<Rotation>,
}

impl Found {
    fn add(&mut self, other: Self) {
        self.outcome.add(other.outcome);
        self.kept.extend(other.kept);
        self.carried.extend(other.carried);
        for (blob, prints) in other.blobs {
            self.blobs.entry(blob).or_default().extend(prints);
        }
        self.rotations.extend(other.rotations);
    }

    fn messages(&mut self, changes: &Changes, store: &Store, engine: &Engine, options: &Options) {
        let (objects, mut worker, mut buffer) = (store.objects(), Worker::new(engine, options), Vec::new());
        for (set, commit) in changes.sets.iter().enumerate().filter_map(|(at, set)| Some((at, set.commit.as_ref()?))) {
            if objects.read(&commit.id, &mut buffer).is_ok() {
                let origin = Origin::Message { id: commit.id.to_string(), time: Some(commit.time()) };
                worker.scan(&origin, git::message(&buffer));
                self.kept.extend(worker.take_findings().into_iter().map(|finding| (set, finding)));
            }
        }
        self.outcome.add(worker.finish());
    }
}

/// One thread's part.
struct Share<'s> {
    changes: &'s Changes,
    reading: &'s Reading<'s>,
    objects: Objects,
    worker: Worker<'s>,
    /// Searches what stood there before; nothing of it is reported.
    past: Worker<'s>,
    policy: Option<&'s sealed::Policy<'s>>,
    found: Found,
}

impl<'s> Share<'s> {
    fn new(
        changes: &'s Changes,
        store: &Store,
        engine: &'s Engine,
        options: &'s Options,
        reading: &'s Reading<'s>,
    ) -> Self {
        let (worker, past) = (Worker::new(engine, options), Worker::new(engine, options));
        Self { changes, reading, objects: store.objects(), worker, past, policy: None, found: Found::default() }
    }

    fn text(&mut self, set: usize, at: usize) {
        let set_of = &self.changes.sets[set];
        let changed = &set_of.changed[at];
        let bytes = match read(changed, &self.objects, self.reading.max_file_size) {
            Ok(bytes) => bytes,
            Err((reason, bytes)) => {
                return self.worker.skip(Skip { origin: changed.origin.clone(), reason, bytes });
            }
        };
        self.worker.scan(&changed.origin, &bytes);
        self.worker.report_all(self.policy.and_then(|policy| policy.judge(&changed.origin, &bytes)));
        let all = self.worker.take_findings();
        if all.is_empty() {
            return;
        }
        let prints: HashSet<Fingerprint> = prints(&all).collect();
        if let Content::Blob(id) = changed.content {
            self.found.blobs.entry(id).or_default().extend(prints.iter().cloned());
        }
        let lines = set_of.added_lines(changed, &bytes, &self.objects);
        let kept: Vec<Finding> =
            all.into_iter().filter(|finding| places(finding).any(|place| lines.touch(place.region.as_ref()))).collect();
        if !kept.is_empty() {
            self.rotations(set_of, changed, &bytes, &kept, &prints);
        }
        self.found.carried.insert((set, changed.path.clone()), prints);
        self.found.kept.extend(kept.into_iter().map(|finding| (set, finding)));
    }

    /// Compares with what stood there before: a value that is gone from the slot of a new one was replaced by it.
    fn rotations(
        &mut self,
        set: &ChangeSet,
        changed: &Changed,
        bytes: &[u8],
        kept: &[Finding],
        now: &HashSet<Fingerprint>,
    ) {
        for text in set.pasts(changed, bytes, &self.objects) {
            self.past.scan(&changed.origin, &text);
            let gone: Vec<Finding> = self.past.take_findings();
            let gone: Vec<&Finding> = gone
                .iter()
                .filter(|old| old.secret.as_ref().is_some_and(|secret| !now.contains(&secret.fingerprint)))
                .collect();
            for new in kept {
                let same = |old: &&&Finding| old.rule == new.rule && old.context.slot == new.context.slot;
                let mut candidates = gone.iter().filter(same);
                let (Some(old), None) = (candidates.next(), candidates.next()) else { continue };
                if let (Some(old), Some(secret)) = (&old.secret, &new.secret) {
                    self.found.rotations.push(Rotation {
                        new: secret.fingerprint.clone(),
                        old: old.fingerprint.clone(),
                        old_shown: old.redacted.clone(),
                        slot: new.context.slot.clone(),
                    });
                }
            }
        }
    }

    fn finish(mut self) -> Found {
        self.found.outcome = self.worker.finish();
        self.found
    }
}

/// Turns what was found into results.
struct Judge<'j> {
    changes: &'j Changes,
    store: &'j Store,
    engine: &'j Engine,
    options: &'j Options,
    reading: &'j Reading<'j>,
}

impl Judge<'_> {
    fn conclude(&self, mut found: Found) -> Outcome {
        let mut outcome = std::mem::take(&mut found.outcome);
        outcome.skipped.extend(self.changes.skipped.iter().cloned());
        outcome.notes.extend(self.changes.notes.iter().cloned());
        outcome.stats.commits += self.changes.sets.iter().filter(|set| set.commit.is_some()).count() as u64;
        let old: HashSet<Fingerprint> = found.rotations.iter().map(|rotation| rotation.old.clone()).collect();
        let standing = if old.is_empty() { BTreeMap::new() } else { self.still_standing(&old) };
        let ends: HashMap<&[u8], Id> = self.changes.end.iter().map(|(path, id)| (path.as_slice(), *id)).collect();
        let mut groups: BTreeMap<Fingerprint, Vec<(usize, Finding)>> = BTreeMap::new();
        for (set, finding) in std::mem::take(&mut found.kept) {
            match &finding.secret {
                Some(secret) => groups.entry(secret.fingerprint.clone()).or_default().push((set, finding)),
                None => outcome.findings.push(finding),
            }
        }
        for (print, mut group) in groups {
            group.sort_by(|one, other| {
                let key = |(set, finding): &(usize, Finding)| (*set, finding.location.region, finding.rule.clone());
                key(one).cmp(&key(other)).then_with(|| one.1.location.origin.cmp(&other.1.location.origin))
            });
            let exposure = self.exposure(&print, &group, &found, &ends);
            let mut findings = self.results(group);
            for finding in &mut findings {
                if let Some(exposure) = &exposure {
                    describe(finding, exposure);
                    finding.exposure = Some(Box::new(exposure.clone()));
                }
                for rotation in found.rotations.iter().filter(|rotation| rotation.new == print) {
                    note_rotation(finding, rotation, standing.get(&rotation.old).map_or(&[], Vec::as_slice));
                }
            }
            outcome.findings.append(&mut findings);
        }
        let listed = || self.changes.end.iter().map(|(path, _)| git::path_text(path)).collect();
        let lowered = generic::quieten_translations(&mut outcome.findings, listed);
        outcome.stats.drop(DropReason::Crowd, lowered);
        outcome.sort();
        outcome
    }

    /// Commits make one result of each secret; the index and the work tree one of each place, as a scan of files does.
    fn results(&self, group: Vec<(usize, Finding)>) -> Vec<Finding> {
        let (committed, rest): (Vec<_>, Vec<_>) =
            group.into_iter().partition(|(set, _)| self.changes.sets[*set].commit.is_some());
        let mut findings: Vec<Finding> = rest.into_iter().map(|(_, finding)| finding).collect();
        findings.extend(merge::one(committed.into_iter().map(|(_, finding)| finding).collect()));
        findings
    }

    /// From the commit that adds a value to the last that still has it.
    fn exposure(
        &self,
        print: &Fingerprint,
        group: &[(usize, Finding)],
        found: &Found,
        ends: &HashMap<&[u8], Id>,
    ) -> Option<Exposure> {
        let sets = &self.changes.sets;
        let (start, _) = group.iter().find(|(set, _)| sets[*set].commit.is_some())?;
        let first = sets[*start].commit.as_ref()?;
        let carriers: BTreeSet<(usize, &[u8])> = found
            .carried
            .iter()
            .filter(|(_, prints)| prints.contains(print))
            .map(|((set, path), _)| (*set, path.as_slice()))
            .collect();
        let paths: BTreeSet<&[u8]> = carriers.iter().map(|(_, path)| *path).collect();
        let in_message = group.iter().any(|(_, finding)| matches!(finding.location.origin, Origin::Message { .. }));
        let stands = |path: &&[u8]| {
            ends.get(*path).is_some_and(|blob| found.blobs.get(blob).is_some_and(|prints| prints.contains(print)))
        };
        let at_head = in_message || paths.iter().any(stands);
        let tip = sets.iter().rev().find_map(|set| set.commit.as_ref())?;
        let last = if at_head { tip } else { self.last_carrier(&carriers, &paths).unwrap_or(first) };
        let replaced = found.rotations.iter().any(|rotation| rotation.old == *print);
        Some(Exposure {
            first: (first.id.to_string(), first.time()),
            last: (last.id.to_string(), last.time()),
            paths: paths.iter().map(|path| git::path_text(path)).collect(),
            at_head,
            fate: match (at_head, replaced) {
                (true, _) => Fate::Standing,
                (false, true) => Fate::Replaced,
                (false, false) => Fate::Deleted,
            },
        })
    }

    /// The last commit of the range before the one that removes the value from the last of its paths.
    fn last_carrier(&self, carriers: &BTreeSet<(usize, &[u8])>, paths: &BTreeSet<&[u8]>) -> Option<&git::Commit> {
        let sets = &self.changes.sets;
        let last_change = |path: &[u8]| carriers.iter().filter(|(_, other)| *other == path).map(|(set, _)| *set).max();
        let removal = |path: &[u8]| {
            let after = last_change(path)? + 1;
            let touches = |set: &ChangeSet| {
                set.changed.iter().any(|changed| changed.path == path)
                    || set.removed.iter().any(|(removed, _)| removed == path)
            };
            (after..sets.len()).find(|&set| touches(&sets[set]))
        };
        let removed_by = paths.iter().filter_map(|path| removal(path)).max()?;
        let parents = &sets[removed_by].commit.as_ref()?.parents;
        sets[..removed_by]
            .iter()
            .rev()
            .filter_map(|set| set.commit.as_ref())
            .find(|commit| parents.contains(&commit.id))
    }

    /// Where any of the old values still stands at the end: every text there is searched once.
    fn still_standing(&self, old: &HashSet<Fingerprint>) -> BTreeMap<Fingerprint, Vec<Location>> {
        let next = AtomicUsize::new(0);
        let standing = Mutex::new(BTreeMap::<Fingerprint, Vec<Location>>::new());
        let end = &self.changes.end;
        let search = || {
            let (objects, mut buffer) = (self.store.objects(), Vec::new());
            let mut worker = Worker::new(self.engine, self.options);
            while let Some((path, id)) = end.get(next.fetch_add(1, Ordering::Relaxed)) {
                let limit = self.reading.max_file_size.unwrap_or(u64::MAX);
                if self.reading.stop.load(Ordering::Relaxed) {
                    break;
                }
                if objects.size(id).is_none_or(|size| size > limit) || objects.read(id, &mut buffer).is_err() {
                    continue;
                }
                worker.scan(&Origin::Index { path: git::path_text(path) }, &buffer);
                for finding in worker.take_findings() {
                    if let Some(secret) = finding.secret.filter(|secret| old.contains(&secret.fingerprint))
                        && let Ok(mut standing) = standing.lock()
                    {
                        standing.entry(secret.fingerprint).or_default().push(finding.location);
                    }
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..self.reading.jobs.max(1) {
                scope.spawn(search);
            }
            search();
        });
        let mut standing = standing.into_inner().unwrap_or_default();
        for places in standing.values_mut() {
            places.sort_by(|one, other| one.sort_key().cmp(&other.sort_key()));
        }
        standing
    }
}

fn read(changed: &Changed, objects: &Objects, limit: Option<u64>) -> Result<Vec<u8>, (SkipReason, Option<u64>)> {
    let over = |size: u64| {
        limit
            .filter(|limit| size > *limit)
            .map(|limit| (SkipReason::Limit(format!("max-file-size is {limit} bytes")), Some(size)))
    };
    let mut bytes = Vec::new();
    match &changed.content {
        Content::Blob(id) => {
            if let Some(skip) = limit.and(objects.size(id)).and_then(over) {
                return Err(skip);
            }
            objects
                .read_kind(id, git::history::Kind::Blob, &mut bytes)
                .map_err(|text| (SkipReason::Unreadable(text), None))?;
        }
        Content::File(path) => {
            let unreadable = |error: std::io::Error| (SkipReason::Unreadable(source::describe(&error)), None);
            let mut file = Opened::new(path).map_err(unreadable)?.ok_or((SkipReason::Special, None))?;
            if let Some(skip) = over(file.length()) {
                return Err(skip);
            }
            file.read_to_end(&mut bytes).map_err(unreadable)?;
            if let Some(text) = file.trouble() {
                return Err((SkipReason::Unreadable(text), None));
            }
            if let Some(skip) = over(bytes.len() as u64) {
                return Err(skip);
            }
        }
    }
    Ok(bytes)
}

fn prints(findings: &[Finding]) -> impl Iterator<Item = Fingerprint> {
    findings.iter().filter_map(|finding| finding.secret.as_ref()).map(|secret| secret.fingerprint.clone())
}

fn places(finding: &Finding) -> impl Iterator<Item = &Location> {
    std::iter::once(&finding.location).chain(finding.related.iter().map(|related| &related.location))
}

fn describe(finding: &mut Finding, exposure: &Exposure) {
    if !exposure.at_head {
        finding.message.push_str(" A later commit of the range removes it again; it stays in the history.");
    }
}

fn note_rotation(finding: &mut Finding, rotation: &Rotation, standing: &[Location]) {
    let slot = rotation.slot.as_ref().map(|slot| format!(" in '{slot}'")).unwrap_or_default();
    let elsewhere = match standing {
        [] => "the old value stands nowhere else at the end of the change".to_owned(),
        [one] => format!("the old value still stands in {}", one.label()),
        [one, rest @ ..] => format!("the old value still stands in {} and {} more", one.label(), rest.len()),
    };
    finding
        .message
        .push_str(&format!(" It replaces the key '{}'{slot}: {elsewhere}. Revoke the old key.", rotation.old_shown));
    let places = standing.iter().take(MOST_PLACES).cloned();
    finding.related.extend(places.map(|location| Related { role: Role::Replaced, location }));
}
