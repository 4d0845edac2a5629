//! Scans a whole history: every object once, on the threads that decode it; then commits and paths for the blobs with
//! findings alone; then those blobs once more under their real paths, which gives the results.

mod collect;
mod names;
mod result;
mod sealed;

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::AtomicBool;

use chrono::{DateTime, Utc};

use self::collect::{Collector, Hits};
use self::names::{Namer, Names};
use self::sealed::Sealed;
use super::filter::DropReason;
use super::matcher::Engine;
use super::timeline::Timeline;
use super::{Options, Outcome, Progress, change, generic};
use crate::finding::{Origin, Skip, SkipReason};
use crate::source::PathFilter;
use crate::source::git::history::{
    Attribution, Holdings, Kind, Line, Log, Reading as Objects, Standing, Wanted, attribute,
};
use crate::source::git::{Bounds, Error, Id, Peeled, Repository, Store, Tip, TipKind};

/// How a history is read.
pub struct Reading<'r> {
    /// Threads.
    pub jobs: usize,
    /// Larger blobs are skipped, in bytes; none is no limit.
    pub max_file_size: Option<u64>,
    /// The path settings of the configuration.
    pub paths: &'r PathFilter,
    /// Set from outside to end early; the outcome then says that it is partial.
    pub stop: &'r AtomicBool,
    /// Revisions whose history is read, `^` before those left out; empty is everything that refs lead to.
    pub revisions: &'r [String],
    /// Also what no ref leads to any more.
    pub unreachable: bool,
    /// The day that ages are counted to.
    pub now: DateTime<Utc>,
}

/// Scans the history of a repository.
///
/// # Errors
/// The refs or a revision cannot be read. What cannot be read of the rest is a [`Skip`].
pub fn run(
    repository: &Repository,
    engine: &Engine,
    options: &Options,
    reading: &Reading<'_>,
    progress: &dyn Progress,
) -> Result<(Outcome, Timeline), Error> {
    let mut ends = Ends::asked(repository, reading)?;
    let (tips, mut failures) = repository.tips()?;
    let store = repository.store();
    let holdings = Holdings::of(store);
    progress.total(holdings.total());
    let objects =
        Objects { kinds: &[Kind::Tree], jobs: reading.jobs, stop: reading.stop, advance: &|| progress.advance() };
    let trees = holdings.visit(objects, &|| Namer::new(store.hash()));
    let names = Names::new(trees.visitors);
    let objects = Objects { kinds: &[Kind::Blob, Kind::Commit, Kind::Tag], ..objects };
    let visit =
        holdings.visit(objects, &|| Collector::new(engine, options, (&holdings, &names), reading.max_file_size));
    failures.extend(holdings.failures().iter().cloned().chain(trees.failures).chain(visit.failures));
    let stopped = trees.stopped || visit.stopped;
    let mut hits = Hits::default();
    for collector in visit.visitors {
        hits.add(collector);
    }
    drop(names);
    let log = Log::new(&std::mem::take(&mut hits.commits), &holdings);
    failures.extend(ends.add_tips(store, reading, &tips, &log));
    let line = log.walk(&ends.bounds);
    let cut = |id: &&Id| !stopped && !ends.bounds.hidden.contains(id);
    failures.extend(line.missing.iter().filter(cut).map(|id| format!("commit {id} is missing")));
    let standing = ends.standing(&line);
    let (sealed, failed) = match engine.declared() {
        Some(_) => Sealed::at_head(&holdings, &line, &standing, &hits.sealed),
        None => Default::default(),
    };
    failures.extend(failed);
    let wanted = Wanted { blobs: &hits.all_blobs(), watched: &sealed.watched(), standing: &standing };
    let Attribution { places, versions, failures: failed } = attribute(store, holdings, &line, &wanted, reading.jobs);
    let is_cut = !failed.is_empty();
    failures.extend(failed);
    let mut outcome = std::mem::take(&mut hits.outcome);
    outcome.stats.commits += line.len() as u64;
    outcome.notes.extend(notes(repository, &line, &hits));
    if stopped {
        outcome.skipped.push(change::stopped("stopped before the whole history was read".to_owned()));
    }
    failures.sort();
    failures.dedup();
    outcome.skipped.extend(failures.into_iter().map(unreadable));
    let results =
        result::Results { store, engine, options, reading, line: &line, ends: &ends, places: &places, is_cut };
    let timeline = results.conclude(hits, &mut outcome);
    outcome.findings.extend(results.once_plain(&sealed, &versions));
    let lowered = generic::quieten_translations(&mut outcome.findings, Vec::new);
    outcome.stats.drop(DropReason::Crowd, lowered);
    outcome.sort();
    Ok((outcome, timeline))
}

/// Where a history begins and ends.
struct Ends {
    bounds: Bounds,
    /// Commits that are checked out, and the tips of branches.
    heads: Vec<Id>,
    branches: Vec<Id>,
    /// Tags and blobs that refs name directly.
    objects: HashSet<Id>,
}

impl Ends {
    /// The ends that were asked for.
    fn asked(repository: &Repository, reading: &Reading<'_>) -> Result<Self, Error> {
        let bounds = Bounds { shallow: repository.shallow(), ..Bounds::default() };
        let mut ends = Self { bounds, heads: Vec::new(), branches: Vec::new(), objects: HashSet::new() };
        for revision in reading.revisions {
            match (revision.strip_prefix('^'), revision.split_once("..")) {
                (Some(hidden), _) => ends.bounds.hidden.push(repository.commit(hidden)?),
                (None, Some((hidden, tip))) => {
                    ends.bounds.hidden.push(repository.commit(hidden)?);
                    ends.bounds.tips.push(repository.commit(if tip.is_empty() { "HEAD" } else { tip })?);
                }
                (None, None) => ends.bounds.tips.push(repository.commit(revision)?),
            }
        }
        Ok(ends)
    }

    /// Adds what refs lead to: where no revision was asked for, history begins there. What cannot be read is returned, in
    /// words. Most refs name commits, and those were read already.
    fn add_tips(&mut self, store: &Store, reading: &Reading<'_>, tips: &[Tip], log: &Log) -> Vec<String> {
        let (objects, mut failures) = (store.objects(), Vec::new());
        for tip in tips {
            let peeled = if log.holds(&tip.id) {
                Ok(Peeled { id: tip.id, kind: Kind::Commit, tags: Vec::new() })
            } else {
                objects.peel(tip.id)
            };
            let peeled = match peeled {
                Ok(peeled) => peeled,
                Err(text) => {
                    failures.push(text);
                    continue;
                }
            };
            match tip.kind {
                TipKind::Head => self.heads.push(peeled.id),
                TipKind::Branch => self.branches.push(peeled.id),
                TipKind::Other => {}
            }
            if reading.revisions.is_empty() {
                self.objects.extend(peeled.tags);
                if peeled.kind == Kind::Commit {
                    self.bounds.tips.push(peeled.id);
                } else {
                    self.objects.insert(peeled.id);
                }
            }
        }
        if reading.unreachable {
            self.bounds.tips.extend(log.ids());
        }
        failures
    }

    fn standing(&self, line: &Line) -> BTreeMap<u32, Standing> {
        let mut standing: BTreeMap<u32, Standing> = BTreeMap::new();
        for at in self.heads.iter().filter_map(|id| line.place(id)) {
            standing.entry(at).or_default().head = true;
        }
        for at in self.branches.iter().filter_map(|id| line.place(id)) {
            standing.entry(at).or_default().branch = true;
        }
        standing
    }
}

fn notes(repository: &Repository, line: &Line, hits: &Hits) -> Vec<String> {
    let mut notes = Vec::new();
    if line.is_empty() {
        notes.push("The repository holds no commit that any ref leads to.".to_owned());
    }
    if line.cut {
        notes.push(
            "The clone is shallow: older commits are not here and were not read. Fetch the whole history \
             (`git fetch --unshallow`, or `fetch-depth: 0` in a workflow)."
                .to_owned(),
        );
    }
    if repository.is_partial() {
        notes.push(
            "The clone is partial: objects that were never fetched were not read, and keyrot fetches nothing. \
             Use a whole clone to read the whole history."
                .to_owned(),
        );
    }
    if !hits.binary.is_empty() {
        let (count, bytes) = (hits.binary.len(), hits.binary.values().sum::<u64>());
        notes.push(format!("{count} binary blobs of the history ({bytes} bytes) were not searched."));
    }
    notes
}

fn unreadable(text: String) -> Skip {
    let origin = Origin::File { path: "(objects)".to_owned() };
    Skip { origin, reason: SkipReason::Unreadable(text), bytes: None }
}
