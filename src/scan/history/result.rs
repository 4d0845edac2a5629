//! From blobs with values to results: one for each secret, its oldest place first, and the slots it stood in.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, Utc};

use super::collect::Hits;
use super::{Ends, Reading};
use crate::finding::{Exposure, Fate, Finding, Origin, Skip, SkipReason};
use crate::scan::matcher::Engine;
use crate::scan::timeline::{Slot, Timeline, Value};
use crate::scan::{Options, Outcome, Worker, merge};
use crate::secret::Fingerprint;
use crate::source::git::history::{Line, Place, Places, Standing};
use crate::source::git::{Id, Store, path_text};

/// Paths of one secret that are shown, at most; all are counted.
const MOST_PATHS: usize = 50;

/// Everything that results are made of.
pub(super) struct Results<'r> {
    pub store: &'r Store,
    pub engine: &'r Engine,
    pub options: &'r Options,
    pub reading: &'r Reading<'r>,
    pub line: &'r Line,
    pub ends: &'r Ends,
    pub places: &'r Places,
    /// Whether a tree could not be read: what only it names is reported all the same.
    pub is_cut: bool,
}

/// Where one secret was, by path: from the first to the last commit that carried it there.
type Stays = BTreeMap<Vec<u8>, Stay>;

#[derive(Clone, Copy, Debug)]
struct Stay {
    place: Place,
    /// The blob that carried it first.
    blob: Id,
}

/// A blob that is searched again under its real path, and the secrets that are wanted from it.
struct Again {
    origin: Origin,
    blob: Id,
    wanted: HashSet<Fingerprint>,
}

impl Results<'_> {
    pub(super) fn conclude(&self, mut hits: Hits, outcome: &mut Outcome) -> Timeline {
        outcome.skipped.extend(self.too_large(&hits));
        let messages = std::mem::take(&mut hits.messages);
        let (stays, slots) = self.stays(&hits);
        let timeline = self.timeline(&hits, slots);
        let mut found = self.search_again(&hits, &stays, outcome);
        for (at, known) in hits.secrets.iter().enumerate() {
            let Some(findings) = found.remove(&known.fingerprint) else { continue };
            let exposure = self.exposure(&stays[at], &known.fingerprint, &timeline);
            if let (Some(mut finding), Some(exposure)) = (merge::one(findings), exposure) {
                finding.message.push_str(&sentence(&exposure, self.reading.now));
                finding.exposure = Some(Box::new(exposure));
                outcome.findings.push(finding);
            }
        }
        self.add_unplaced(&hits, &stays, outcome);
        self.add_messages(messages, outcome);
        timeline
    }

    /// Secrets of blobs that no tree names: those that a ref names itself, with `--unreachable` all, and where a tree could
    /// not be read all too, as it may have named them.
    fn add_unplaced(&self, hits: &Hits, stays: &[Stays], outcome: &mut Outcome) {
        let everything = self.reading.unreachable || self.is_cut;
        let mut again: BTreeMap<Id, HashSet<Fingerprint>> = BTreeMap::new();
        for hit in hits.values.iter().filter(|hit| stays[hit.secret as usize].is_empty()) {
            let blob = hits.blobs[hit.blob as usize];
            let is_placed = || self.places.range((blob, Vec::new())..).next().is_some_and(|((id, _), _)| *id == blob);
            if (everything || self.ends.objects.contains(&blob)) && !is_placed() {
                let print = hits.secrets[hit.secret as usize].fingerprint.clone();
                again.entry(blob).or_default().insert(print);
            }
        }
        let again: Vec<Again> = again
            .into_iter()
            .map(|(blob, wanted)| Again { origin: Origin::File { path: format!("(object {blob})") }, blob, wanted })
            .collect();
        let (found, allows, failures) = self.search(&again);
        outcome.allows.extend(allows);
        outcome.skipped.extend(failures);
        let mut by_secret: BTreeMap<Fingerprint, Vec<Finding>> = BTreeMap::new();
        for mut finding in found {
            finding.message.push_str(" It stands in an object that no tree which could be read names.");
            if let Some(secret) = &finding.secret {
                by_secret.entry(secret.fingerprint.clone()).or_default().push(finding);
            }
        }
        outcome.findings.extend(by_secret.into_values().filter_map(merge::one));
    }

    fn too_large(&self, hits: &Hits) -> Vec<Skip> {
        let limit = self.reading.max_file_size.unwrap_or(u64::MAX);
        let reason = SkipReason::Limit(format!("max-file-size is {limit} bytes"));
        let wanted = |path: &str| self.reading.paths.wants(path);
        let of = |id: Id| self.places.range((id, Vec::new())..).take_while(move |((blob, _), _)| *blob == id);
        let mut skips = Vec::new();
        for (id, size) in &hits.too_large {
            for ((_, path), place) in of(*id).filter(|((_, path), _)| wanted(&path_text(path))) {
                let origin = self.origin(path, place.first);
                skips.push(Skip { origin, reason: reason.clone(), bytes: Some(*size) });
            }
        }
        skips
    }

    pub(super) fn origin(&self, path: &[u8], at: u32) -> Origin {
        Origin::Commit { path: path_text(path), id: self.line.id(at).to_string(), time: Some(self.line.time(at)) }
    }

    /// Where each secret was, by path; and by path, name and rule the same for each secret of a slot.
    fn stays(&self, hits: &Hits) -> (Vec<Stays>, BTreeMap<SlotKey, BTreeMap<u32, Place>>) {
        let mut stays = vec![Stays::new(); hits.secrets.len()];
        let mut slots: BTreeMap<SlotKey, BTreeMap<u32, Place>> = BTreeMap::new();
        let mut ordered: Vec<_> = hits.values.iter().collect();
        // In the order of ids: which thread saw a blob first must not matter.
        ordered.sort_unstable_by_key(|hit| (hit.secret, hits.blobs[hit.blob as usize], hit.name));
        for hit in ordered {
            let id = hits.blobs[hit.blob as usize];
            let places = self.places.range((id, Vec::new())..).take_while(|((blob, _), _)| *blob == id);
            for ((blob, path), place) in places {
                if !self.reading.paths.wants(&path_text(path)) {
                    continue;
                }
                let stay = stays[hit.secret as usize].entry(path.clone());
                let stay = stay.or_insert(Stay { place: *place, blob: *blob });
                if place.first < stay.place.first {
                    stay.blob = *blob;
                }
                stay.place.join(*place);
                let name = hits.names[hit.name as usize].clone();
                let alone = name.is_none().then_some(hit.secret);
                let slot = slots.entry(SlotKey { path: path.clone(), name, alone }).or_default();
                slot.entry(hit.secret).or_insert(*place).join(*place);
            }
        }
        (stays, slots)
    }

    fn timeline(&self, hits: &Hits, slots: BTreeMap<SlotKey, BTreeMap<u32, Place>>) -> Timeline {
        let slots = slots.into_iter().filter_map(|(key, secrets)| {
            let mut ordered: Vec<(u32, Place)> = secrets.into_iter().collect();
            ordered.sort_by_key(|(secret, place)| (place.first, *secret));
            let newest = ordered.last()?.0;
            let values = ordered.iter().map(|(secret, place)| Value {
                fingerprint: hits.secrets[*secret as usize].fingerprint.clone(),
                redacted: hits.secrets[*secret as usize].redacted.clone(),
                first: self.moment(place.first),
                last: self.moment(place.last),
                standing: stands(place.standing),
            });
            let rule = hits.secrets[newest as usize].rule.clone();
            Some(Slot { path: self.shown(&key.path), name: key.name, rule, values: values.collect() })
        });
        Timeline { slots: slots.collect() }
    }

    /// A path as reports show it: keys in it are masked.
    pub(super) fn shown(&self, path: &[u8]) -> String {
        let path = Origin::File { path: path_text(path) };
        Worker::new(self.engine, self.options).masked(path).path().to_owned()
    }

    pub(super) fn moment(&self, at: u32) -> (String, DateTime<Utc>) {
        (self.line.id(at).to_string(), self.line.time(at))
    }

    fn exposure(&self, stays: &Stays, fingerprint: &Fingerprint, timeline: &Timeline) -> Option<Exposure> {
        let first = stays.values().map(|stay| stay.place.first).min()?;
        let last = stays.values().map(|stay| stay.place.last).max()?;
        let at_head = stays.values().any(|stay| stay.place.standing.head);
        let standing = stays.values().any(|stay| stands(stay.place.standing));
        let replaced = || timeline.slots.iter().any(|slot| slot.replaced(fingerprint));
        Some(Exposure {
            first: self.moment(first),
            last: self.moment(last),
            paths: stays.keys().map(|path| self.shown(path)).collect(),
            at_head,
            fate: match standing {
                true => Fate::Standing,
                false if replaced() => Fate::Replaced,
                false => Fate::Deleted,
            },
        })
    }

    /// Searches the blob that first carried a secret at each of its paths, under that path.
    fn search_again(&self, hits: &Hits, stays: &[Stays], outcome: &mut Outcome) -> HashMap<Fingerprint, Vec<Finding>> {
        let mut again: BTreeMap<(u32, Vec<u8>, Id), HashSet<Fingerprint>> = BTreeMap::new();
        for (known, stays) in hits.secrets.iter().zip(stays) {
            let mut ordered: Vec<_> = stays.iter().collect();
            ordered.sort_by_key(|(path, stay)| (stay.place.first, *path));
            for (path, stay) in ordered.into_iter().take(MOST_PATHS) {
                let wanted = again.entry((stay.place.first, path.clone(), stay.blob)).or_default();
                wanted.insert(known.fingerprint.clone());
            }
        }
        let again: Vec<Again> = again
            .into_iter()
            .map(|((at, path, blob), wanted)| Again { origin: self.origin(&path, at), blob, wanted })
            .collect();
        let (found, allows, failures) = self.search(&again);
        outcome.allows.extend(allows);
        outcome.skipped.extend(failures);
        let mut by_secret: HashMap<Fingerprint, Vec<Finding>> = HashMap::new();
        for finding in found {
            if let Some(secret) = &finding.secret {
                by_secret.entry(secret.fingerprint.clone()).or_default().push(finding);
            }
        }
        by_secret
    }

    /// The wanted findings, in the order of `again`.
    #[allow(clippy::type_complexity, reason = "three lists that are taken apart at once")]
    fn search(&self, again: &[Again]) -> (Vec<Finding>, BTreeMap<Origin, Vec<crate::finding::Allow>>, Vec<Skip>) {
        let (next, all) = (AtomicUsize::new(0), Mutex::new((Vec::new(), BTreeMap::new(), Vec::new())));
        let search = || {
            let (objects, mut buffer) = (self.store.objects(), Vec::new());
            let mut worker = Worker::new(self.engine, self.options);
            let (mut found, mut failures) = (Vec::new(), Vec::new());
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(one) = again.get(at) else { break };
                if let Err(text) = objects.read(&one.blob, &mut buffer) {
                    failures.push(super::unreadable(text));
                    continue;
                }
                worker.scan(&one.origin, &buffer);
                let wanted = |finding: &Finding| {
                    finding.secret.as_ref().is_some_and(|secret| one.wanted.contains(&secret.fingerprint))
                };
                found.extend(worker.take_findings().into_iter().filter(wanted).map(|finding| (at, finding)));
            }
            if let Ok(mut all) = all.lock() {
                all.0.extend(found);
                all.1.extend(worker.finish().allows);
                all.2.extend(failures);
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..self.reading.jobs.clamp(1, again.len().max(1)) {
                scope.spawn(search);
            }
            search();
        });
        let (mut found, allows, failures) = all.into_inner().unwrap_or_default();
        found.sort_by(|(at, one), (other_at, other)| {
            (at, &one.location.region, &one.rule).cmp(&(other_at, &other.location.region, &other.rule))
        });
        (found.into_iter().map(|(_, finding)| finding).collect(), allows, failures)
    }

    /// A message cannot be taken back without rewriting history: it stands as long as its commit is reachable.
    fn add_messages(&self, messages: Vec<(Id, Finding)>, outcome: &mut Outcome) {
        let of_head = self.line.reachable(&self.ends.heads);
        let mut by_secret: BTreeMap<Fingerprint, Vec<Finding>> = BTreeMap::new();
        for (id, mut finding) in messages {
            let place = self.line.place(&id);
            if place.is_none() && !self.ends.objects.contains(&id) && !self.reading.unreachable {
                continue;
            }
            let time = match &finding.location.origin {
                Origin::Message { time, .. } => time.unwrap_or_default(),
                _ => DateTime::default(),
            };
            let moment = (id.to_string(), time);
            let at_head = place.is_some_and(|at| of_head[at as usize]);
            let exposure =
                Exposure { first: moment.clone(), last: moment, paths: Vec::new(), at_head, fate: Fate::Standing };
            let days = days(time, self.reading.now);
            finding
                .message
                .push_str(&format!(" It stands in the message itself, committed {days} (as its committer states)."));
            finding.exposure = Some(Box::new(exposure));
            match &finding.secret {
                Some(secret) => by_secret.entry(secret.fingerprint.clone()).or_default().push(finding),
                None => outcome.findings.push(finding),
            }
        }
        for (print, mut findings) in by_secret {
            findings.sort_by(|one, other| message_key(one).cmp(&message_key(other)));
            let same = |known: &&mut Finding| known.secret.as_ref().is_some_and(|secret| secret.fingerprint == print);
            match outcome.findings.iter_mut().find(same) {
                Some(known) => merge::into(known, findings),
                None => outcome.findings.extend(merge::one(findings)),
            }
        }
    }
}

/// Oldest first.
fn message_key(finding: &Finding) -> (Option<DateTime<Utc>>, &Origin) {
    (finding.exposure.as_ref().map(|exposure| exposure.first.1), &finding.location.origin)
}

/// What tells slots apart. Values that nothing names are followed one by one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct SlotKey {
    path: Vec<u8>,
    name: Option<String>,
    alone: Option<u32>,
}

fn stands(standing: Standing) -> bool {
    standing.head || standing.branch
}

pub(super) fn days(time: DateTime<Utc>, now: DateTime<Utc>) -> String {
    match (now - time).num_days() {
        ..0 => "in the future".to_owned(),
        0 => "today".to_owned(),
        1 => "1 day ago".to_owned(),
        days => format!("{days} days ago"),
    }
}

fn sentence(exposure: &Exposure, now: DateTime<Utc>) -> String {
    let (id, time) = &exposure.first;
    let short = id.get(..12).unwrap_or(id);
    let paths: BTreeSet<&String> = exposure.paths.iter().collect();
    let paths = if paths.len() > 1 { format!(", at {} paths", paths.len()) } else { String::new() };
    let fate = match (exposure.at_head, exposure.fate) {
        (true, _) => "it still stands at HEAD",
        (false, Fate::Standing) => "it is gone from HEAD but still stands on a branch",
        (false, Fate::Replaced) => "it is gone from the tree and was replaced by another value",
        (false, Fate::Deleted) => "it was removed from the tree but never replaced",
    };
    format!(
        " First committed {} ({}, as its committer states) in {short}{paths}; {fate}.",
        days(*time, now),
        time.format("%Y-%m-%d"),
    )
}
