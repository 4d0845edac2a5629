//! The one parallel loop: every item of a source is read, searched and judged by some worker.

mod allow;
mod archive;
mod buffer;
mod candidate;
pub mod change;
mod composite;
mod decode;
pub mod defect;
mod evidence;
pub mod filter;
pub mod git;
pub mod history;

mod generic;
mod heritage;
mod keystore;
mod layered;
mod limit;
mod line;
mod marking;
pub mod matcher;
mod merge;
mod naming;
pub mod pair;
mod place;
mod plan;
mod prefilter;
mod reach;
mod readers;
mod run;
mod scratch;
mod sealed;
pub mod selftest;
mod sighting;
mod slot;
mod snippet;
mod stats;
mod stream;
mod through;
pub mod timeline;
mod window;
mod worker;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

pub use heritage::{Ancestor, Trace};
pub use limit::Limits;
pub use marking::Marking;
pub use matcher::Engine;
pub use sighting::Sighting;
pub use stats::Stats;
pub use worker::Worker;

use crate::finding::{Allow, Finding, Origin, Sealed, Skip, SkipReason, Skips};
use crate::secret::FingerprintKey;
use crate::source::{self, Content, Listing, Source};

/// How findings are made.
#[derive(Clone, Debug)]
pub struct Options {
    /// The key of all fingerprints.
    pub fingerprint: FingerprintKey,
    /// Keep the value in clear beside the masked one.
    pub show_secrets: bool,
    /// How much one item may cost, and whether programs are searched.
    pub limits: Limits,
}

/// What scanning gave.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Everything found, sorted by place.
    pub findings: Vec<Finding>,
    /// Everything left out, sorted.
    pub skipped: Skips,
    /// Files of encrypted values that state when those last changed, sorted by place.
    pub sealed: Vec<Sealed>,
    /// Allow comments, by the text they stand in.
    pub allows: BTreeMap<Origin, Vec<Allow>>,
    /// Numbers.
    pub stats: Stats,
    /// What the reader must know about what was read, in sentences.
    pub notes: Vec<String>,
}

/// Hears how far a run is. Called from many threads.
pub trait Progress: Sync {
    /// The number of items is known.
    fn total(&self, items: u64);
    /// One more item is done.
    fn advance(&self);
    /// Whether to stop here and report what there is. Asked before each item.
    fn is_stopped(&self) -> bool {
        false
    }
}

/// The threads could not be started.
#[derive(Debug, thiserror::Error)]
#[error("cannot start {jobs} threads: {source}")]
pub struct Error {
    jobs: usize,
    source: rayon::ThreadPoolBuildError,
}

/// Scans everything in the listing of `source` on `jobs` threads. The result does not depend on their number.
///
/// # Errors
/// The threads cannot be started.
pub fn run(
    source: &Source,
    listing: Listing,
    reading: &source::Options,
    engine: &Engine,
    scanning: &Options,
    progress: &dyn Progress,
) -> Result<Outcome, Error> {
    let jobs = reading.jobs.max(1);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).build().map_err(|source| Error { jobs, source })?;
    progress.total(listing.items.len() as u64);
    let (next, unread) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let policy = engine.declared().map(|declared| sealed::Policy::read(declared, source, &listing, reading));
    let outcomes = pool.broadcast(|_| {
        let mut worker = Worker::new(engine, scanning);
        let mut bytes = Vec::new();
        while let Some(item) = listing.items.get(next.fetch_add(1, Ordering::Relaxed)) {
            if progress.is_stopped() {
                unread.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            match source.read_up_to(buffer::SMALL as u64, item, reading, &mut bytes) {
                Ok(Content::Whole) => worker.scan_file(&item.origin, &bytes, policy.as_ref()),
                Ok(Content::Large(mut file)) => worker.scan_large(&item.origin, &bytes, &mut file, policy.as_ref()),
                Ok(Content::Torn(text)) => {
                    worker.scan_file(&item.origin, &bytes, policy.as_ref());
                    worker.skip_unreadable(&item.origin, text);
                }
                Err(skip) => worker.skip(skip),
            }
            progress.advance();
        }
        worker.finish()
    });
    let mut all = Outcome { notes: listing.notes, ..Outcome::default() };
    all.skipped.extend(listing.skipped);
    all.stats.ignored = listing.ignored;
    for outcome in outcomes {
        all.add(outcome);
    }
    if let (count @ 1.., Some(last)) = (unread.into_inner(), listing.items.last()) {
        let reason = SkipReason::Unreadable(format!("interrupted; {count} files up to this one were not read"));
        all.skipped.push(Skip { origin: last.origin.clone(), reason, bytes: None });
    }
    let lowered = generic::quieten_tree(&mut all.findings, &listing.items);
    all.stats.drop(filter::DropReason::Crowd, lowered);
    readers::mark(&mut all.findings, source, &listing.items, engine);
    all.sort();
    Ok(all)
}

impl Outcome {
    /// Takes over another worker's or source's results.
    pub fn add(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.skipped.append(other.skipped);
        self.sealed.extend(other.sealed);
        for (origin, allows) in other.allows {
            self.allows.entry(origin).or_default().extend(allows);
        }
        self.stats.add(&other.stats);
        self.notes.extend(other.notes);
    }

    fn sort(&mut self) {
        self.findings
            .sort_by(|one, other| (one.location.sort_key(), &one.rule).cmp(&(other.location.sort_key(), &other.rule)));
        self.skipped.sort();
        self.sealed.sort_by(|one, other| one.location.sort_key().cmp(&other.location.sort_key()));
    }
}
