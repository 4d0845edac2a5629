//! What one thread keeps of the objects it is handed: the fewest bytes that later steps need.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::names::{Kind, Names};
use crate::finding::{Finding, Origin, RuleId, Skip, SkipReason};
use crate::scan::matcher::Engine;
use crate::scan::sealed::seal;
use crate::scan::{Ancestor, Options, Outcome, Sighting, Trace, Worker};
use crate::secret::{Fingerprint, Redacted};
use crate::source::git::history::{self as git, Base, Holdings, LogEntries, Object, Visitor};
use crate::source::git::{Commit, Id, message, stated_time};

/// A value in a blob, and the name it is assigned to there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// Which blob: an index into [`Hits::blobs`].
    pub blob: u32,
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

/// What is remembered of a blob while those are read that are stored as changes of it.
pub struct Memory {
    /// The kind of file as which it was searched.
    kind: Kind,
    trace: Trace,
}

/// One thread's receiver.
pub struct Collector<'e> {
    holdings: &'e Holdings<'e>,
    names: &'e Names,
    /// Searches blobs.
    worker: Worker<'e>,
    /// Searches messages, whose findings are told at once.
    reader: Worker<'e>,
    limit: Option<u64>,
    commits: LogEntries,
    hits: Hits,
}

/// What all threads kept.
#[derive(Default)]
pub struct Hits {
    /// Blobs with values.
    pub blobs: Vec<Id>,
    /// All values in all blobs, sorted by blob.
    pub values: Vec<Hit>,
    /// All secrets.
    pub secrets: Vec<Known>,
    numbers: HashMap<Fingerprint, u32>,
    /// All names of assignments; the first stands for none.
    pub names: Vec<Option<String>>,
    name_numbers: HashMap<String, u32>,
    /// All commits.
    pub commits: Vec<LogEntries>,
    /// Findings in messages, by the commit or tag.
    pub messages: Vec<(Id, Finding)>,
    /// Blobs over the limit, with their sizes.
    pub too_large: BTreeMap<Id, u64>,
    /// Blobs that a tool encrypted.
    pub sealed: BTreeSet<Id>,
    /// Binary blobs, with their sizes.
    pub binary: BTreeMap<Id, u64>,
    /// Numbers, allow comments in messages.
    pub outcome: Outcome,
}

impl<'e> Collector<'e> {
    /// An empty receiver.
    pub fn new(
        engine: &'e Engine,
        options: &'e Options,
        naming: (&'e Holdings<'e>, &'e Names),
        limit: Option<u64>,
    ) -> Self {
        let (holdings, names) = naming;
        Self {
            holdings,
            names,
            worker: Worker::brief(engine, options),
            reader: Worker::new(engine, options),
            limit,
            commits: LogEntries::default(),
            hits: Hits::default(),
        }
    }

    /// Searches the blob as each kind of file that it is. The first of them can be taken over from.
    fn blob(&mut self, object: Object<'_>, base: Option<Base<'_, Option<Memory>>>) -> Option<Memory> {
        let size = object.bytes.len() as u64;
        if self.limit.is_some_and(|limit| size > limit) {
            self.hits.too_large.insert(object.id.to_owned(), size);
            return None;
        }
        if seal(object.bytes).is_some() {
            self.hits.sealed.insert(object.id.to_owned());
        }
        let names = self.names;
        let mut kinds = names.kinds(object.id);
        let first = kinds.next()?;
        let memory = base.and_then(|base| Some((base.trace.as_ref()?, base.same)));
        let ancestor = memory.filter(|(memory, _)| memory.kind == first);
        let ancestor = ancestor.map(|(memory, same)| Ancestor { trace: &memory.trace, same });
        let trace = self.scan(object, names.path(first), ancestor);
        let counted = self.worker.stats().clone();
        for kind in kinds {
            self.scan(object, names.path(kind), None);
        }
        *self.worker.stats() = counted;
        trace.map(|trace| Memory { kind: first, trace })
    }

    /// Searches the blob under a path of which only the name is known: the real one decides when results are made.
    fn scan(&mut self, object: Object<'_>, path: &str, ancestor: Option<Ancestor<'_>>) -> Option<Trace> {
        let Object { id, bytes, has_heirs, .. } = object;
        let id = id.to_owned();
        let origin = Origin::File { path: path.to_owned() };
        let trace = self.worker.scan_version(&origin, bytes, ancestor, has_heirs);
        self.hits.take(id, &self.worker.take_sightings());
        for skip in &self.worker.take_skipped() {
            self.hits.leave_out(id, path, skip);
        }
        trace
    }

    fn message(&mut self, id: Id, data: &[u8]) {
        let text = message(data);
        if text.is_empty() {
            return;
        }
        self.reader.scan(&Origin::Message { id: id.to_string(), time: stated_time(data) }, text);
        self.hits.messages.extend(self.reader.take_findings().into_iter().map(|finding| (id, finding)));
    }
}

impl Visitor for Collector<'_> {
    type Trace = Option<Memory>;

    fn visit(&mut self, object: Object<'_>, base: Option<Base<'_, Self::Trace>>) -> Self::Trace {
        let Object { kind, id, number, bytes, .. } = object;
        let id = id.to_owned();
        match kind {
            git::Kind::Blob => return self.blob(object, base),
            git::Kind::Commit => {
                if let Some(commit) = Commit::parse(id, bytes) {
                    self.commits.add(number, &commit, self.holdings);
                }
                self.message(id, bytes);
            }
            git::Kind::Tag => self.message(id, bytes),
            git::Kind::Tree => {}
        }
        None
    }
}

impl Hits {
    fn take(&mut self, blob: Id, sightings: &[Sighting]) {
        if sightings.is_empty() {
            return;
        }
        if self.blobs.last() != Some(&blob) {
            self.blobs.push(blob);
        }
        let blob = narrow(self.blobs.len() - 1);
        let first = self.values.partition_point(|hit| hit.blob < blob);
        for Sighting { rule, secret, slot } in sightings {
            let secret = self.secret(&secret.fingerprint, &secret.redacted, rule);
            let hit = Hit { blob, secret, name: self.name(slot.as_deref()) };
            if !self.values[first..].contains(&hit) {
                self.values.push(hit);
            }
        }
    }

    /// Binary blobs are counted: naming each of a history's pictures would bury the rest.
    fn leave_out(&mut self, blob: Id, path: &str, skip: Skip) {
        if skip.reason == SkipReason::Binary {
            self.binary.insert(blob, skip.bytes.unwrap_or(0));
            return;
        }
        let path = skip.origin.path().replacen(path, &format!("(blob {blob})"), 1);
        let skip = Skip { origin: skip.origin.with_path(path), ..skip };
        if !self.outcome.skipped.contains(&skip) {
            self.outcome.skipped.push(skip);
        }
    }

    fn secret(&mut self, fingerprint: &Fingerprint, redacted: &Redacted, rule: &RuleId) -> u32 {
        if let Some(number) = self.numbers.get(fingerprint) {
            return *number;
        }
        let number = narrow(self.secrets.len());
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
        let number = narrow(self.names.len());
        self.names.push(Some(name.to_owned()));
        self.name_numbers.insert(name.to_owned(), number);
        number
    }

    /// Takes over what a thread kept.
    pub fn add(&mut self, collector: Collector<'_>) {
        let Collector { worker, reader, commits, hits: other, .. } = collector;
        let before = narrow(self.blobs.len());
        self.blobs.extend(other.blobs);
        for hit in other.values {
            let known = &other.secrets[hit.secret as usize];
            let secret = self.secret(&known.fingerprint, &known.redacted, &known.rule);
            let name = self.name(other.names[hit.name as usize].as_deref());
            self.values.push(Hit { blob: before + hit.blob, secret, name });
        }
        self.commits.push(commits);
        self.messages.extend(other.messages);
        self.too_large.extend(other.too_large);
        self.sealed.extend(other.sealed);
        self.binary.extend(other.binary);
        self.outcome.skipped.append(other.outcome.skipped);
        self.outcome.add(reader.finish());
        self.outcome.add(worker.finish());
    }

    /// Every blob whose places matter.
    pub fn all_blobs(&self) -> BTreeSet<Id> {
        self.blobs.iter().chain(self.too_large.keys()).copied().collect()
    }
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).expect("fewer than four billion blobs")
}
