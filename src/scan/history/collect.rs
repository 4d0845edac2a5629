//! What one thread keeps of the objects it is handed: the fewest bytes that later steps need.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Commits;
use crate::finding::{Finding, Origin, RuleId, Skip, SkipReason};
use crate::scan::matcher::{Engine, UNKNOWN_PATH};
use crate::scan::{Options, Outcome, Worker};
use crate::secret::{Fingerprint, Redacted};
use crate::source::git::history::{Kind, Visitor};
use crate::source::git::{Commit, Id, message, stated_time};

/// A value in a blob, and the name it is assigned to there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// The blob.
    pub blob: Id,
    /// Which secret: an index into [`Hits::secrets`].
    pub secret: u32,
    /// Which name: an index into [`Hits::names`]; 0 is none.
    pub name: u32,
}

/// What is known of a secret before its places are.
#[derive(Clone, Debug)]
pub struct Known {
    /// Its print.
    pub fingerprint: Fingerprint,
    /// Its masked value.
    pub redacted: Redacted,
    /// The rule that found it.
    pub rule: RuleId,
}

/// One thread's receiver.
pub struct Collector<'e> {
    worker: Worker<'e>,
    limit: Option<u64>,
    hits: Hits,
}

/// What all threads kept.
#[derive(Default)]
pub struct Hits {
    /// All values in all blobs.
    pub values: BTreeSet<Hit>,
    /// All secrets.
    pub secrets: Vec<Known>,
    numbers: HashMap<Fingerprint, u32>,
    /// All names of assignments; the first stands for none.
    pub names: Vec<Option<String>>,
    name_numbers: HashMap<String, u32>,
    /// All commits.
    pub commits: Commits,
    /// Findings in messages, by the commit or tag.
    pub messages: Vec<(Id, Finding)>,
    /// Blobs over the limit, with their sizes.
    pub too_large: BTreeMap<Id, u64>,
    /// Binary blobs, and their bytes.
    pub binary: u64,
    /// Bytes of binary blobs.
    pub binary_bytes: u64,
    /// Numbers, allow comments in messages.
    pub outcome: Outcome,
}

impl<'e> Collector<'e> {
    /// An empty receiver.
    pub fn new(engine: &'e Engine, options: &'e Options, limit: Option<u64>) -> Self {
        Self { worker: Worker::new(engine, options), limit, hits: Hits::default() }
    }

    fn blob(&mut self, id: Id, data: &[u8]) {
        let size = data.len() as u64;
        if self.limit.is_some_and(|limit| size > limit) {
            self.hits.too_large.insert(id, size);
            return;
        }
        // The path is not known yet, so every rule looks; the real path decides when results are made.
        let origin = Origin::File { path: UNKNOWN_PATH.to_owned() };
        self.worker.scan(&origin, data);
        for finding in self.worker.take_findings() {
            self.hits.take(id, &finding);
        }
        for skip in self.worker.take_skipped() {
            self.hits.leave_out(id, skip);
        }
    }

    fn message(&mut self, id: Id, data: &[u8]) {
        let text = message(data);
        if text.is_empty() {
            return;
        }
        self.worker.scan(&Origin::Message { id: id.to_string(), time: stated_time(data) }, text);
        self.hits.messages.extend(self.worker.take_findings().into_iter().map(|finding| (id, finding)));
    }
}

impl Visitor for Collector<'_> {
    fn visit(&mut self, kind: Kind, id: Id, data: &[u8]) {
        match kind {
            Kind::Blob => self.blob(id, data),
            Kind::Commit => {
                self.hits.commits.extend(Commit::parse(id, data).map(|commit| (id, commit)));
                self.message(id, data);
            }
            Kind::Tag => self.message(id, data),
            Kind::Tree => {}
        }
    }
}

impl Hits {
    fn take(&mut self, blob: Id, finding: &Finding) {
        let Some(secret) = &finding.secret else { return };
        let secret = self.secret(&secret.fingerprint, &secret.redacted, &finding.rule);
        let name = self.name(finding.context.slot.as_deref());
        self.values.insert(Hit { blob, secret, name });
    }

    /// Binary blobs are counted: naming each of a history's pictures would bury the rest.
    fn leave_out(&mut self, blob: Id, skip: Skip) {
        if skip.reason == SkipReason::Binary {
            self.binary += 1;
            self.binary_bytes += skip.bytes.unwrap_or(0);
            return;
        }
        let path = skip.origin.path().replacen(UNKNOWN_PATH, &format!("(blob {blob})"), 1);
        self.outcome.skipped.push(Skip { origin: skip.origin.with_path(path), ..skip });
    }

    fn secret(&mut self, fingerprint: &Fingerprint, redacted: &Redacted, rule: &RuleId) -> u32 {
        if let Some(number) = self.numbers.get(fingerprint) {
            return *number;
        }
        let number = u32::try_from(self.secrets.len()).unwrap_or(u32::MAX);
        self.secrets.push(Known { fingerprint: fingerprint.clone(), redacted: redacted.clone(), rule: rule.clone() });
        self.numbers.insert(fingerprint.clone(), number);
        number
    }

    fn name(&mut self, name: Option<&str>) -> u32 {
        if self.names.is_empty() {
            self.names.push(None);
        }
        let Some(name) = name else { return 0 };
        if let Some(number) = self.name_numbers.get(name) {
            return *number;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(Some(name.to_owned()));
        self.name_numbers.insert(name.to_owned(), number);
        number
    }

    /// Takes over what a thread kept.
    pub fn add(&mut self, collector: Collector<'_>) {
        let Collector { worker, hits: other, .. } = collector;
        for hit in other.values {
            let known = &other.secrets[hit.secret as usize];
            let secret = self.secret(&known.fingerprint, &known.redacted, &known.rule);
            let name = self.name(other.names[hit.name as usize].as_deref());
            self.values.insert(Hit { secret, name, ..hit });
        }
        self.commits.extend(other.commits);
        self.messages.extend(other.messages);
        self.too_large.extend(other.too_large);
        self.binary += other.binary;
        self.binary_bytes += other.binary_bytes;
        self.outcome.skipped.extend(other.outcome.skipped);
        let mut outcome = worker.finish();
        // Allow comments of blobs come again with the real paths.
        outcome.allows.retain(|origin, _| matches!(origin, Origin::Message { .. }));
        self.outcome.add(outcome);
    }

    /// Every blob whose places matter.
    pub fn blobs(&self) -> BTreeSet<Id> {
        self.values.iter().map(|hit| hit.blob).chain(self.too_large.keys().copied()).collect()
    }
}
