//! What attribution needs of all trees, in few bytes: which trees each holds, and which of the blobs that matter. A tree
//! that is stored as a change of another one is kept as a change of it.

use std::collections::HashMap;
use std::ops::Range;

use gix::ObjectId;

use super::layout::{self, Layout};
use super::version::Watched;
use super::{Base, Holdings, Object, Visitor};
use crate::source::git::tree::{Entry, Mode};

/// Stands for no object.
pub(super) const NONE: u32 = u32::MAX;

/// What a tree holds, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    /// Four times the number that it leads to, and what that is: there are millions of edges.
    target: u32,
    /// The number of its name.
    pub name: u32,
}

impl Edge {
    pub fn new(to: To, name: u32) -> Self {
        let (number, last) = match to {
            To::Tree(number) => (number, 0),
            To::Blob(number) => (number, 1),
            To::Version(number) => (number, 2),
        };
        assert!(number < 1 << 30, "fewer than a billion objects");
        Self { target: number << 2 | last, name }
    }

    /// The same by another number of its name.
    pub fn named(self, name: u32) -> Self {
        Self { name, ..self }
    }

    pub fn to(self) -> To {
        let number = self.target >> 2;
        match self.target & 3 {
            0 => To::Tree(number),
            1 => To::Blob(number),
            _ => To::Version(number),
        }
    }
}

/// Where an entry leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum To {
    /// A tree, by the number of the object.
    Tree(u32),
    /// A blob that matters, by its place among those.
    Blob(u32),
    /// Another blob that has the name of a file that is asked about, by the number of the object.
    Version(u32),
}

/// A part of a tree's list of edges, in eight bytes: there are more of them than of anything else.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step(u32, u32);

/// What a step says.
pub(super) enum Part {
    /// Edges of the base, by their numbers.
    Keep(Range<usize>),
    Add(Edge),
}

impl Step {
    /// Set in the second half of what is kept: names have smaller numbers.
    const KEPT: u32 = 1 << 31;

    pub fn keep(from: usize, to: usize) -> Self {
        assert!(to < Self::KEPT as usize, "fewer than two billion entries");
        Self(narrow(from), narrow(to) | Self::KEPT)
    }

    pub fn add(edge: Edge) -> Self {
        assert!(edge.name < Self::KEPT, "fewer than two billion names");
        Self(edge.target, edge.name)
    }

    pub fn part(self) -> Part {
        if self.1 & Self::KEPT == 0 {
            return Part::Add(Edge { target: self.0, name: self.1 });
        }
        Part::Keep(self.0 as usize..(self.1 & !Self::KEPT) as usize)
    }
}

/// A tree as it was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tree {
    /// Its number.
    pub number: u32,
    /// The number of the tree that it keeps edges of, if any.
    pub base: u32,
    /// Where its steps end; they begin where those of the tree before end.
    pub end: u32,
}

/// What all threads look things up in.
pub(super) struct Key<'k> {
    pub holdings: &'k Holdings<'k>,
    /// Blobs that matter, sorted.
    pub blobs: &'k [ObjectId],
    watched: &'k Watched,
    filter: Filter,
}

impl<'k> Key<'k> {
    pub fn new(holdings: &'k Holdings<'k>, blobs: &'k [ObjectId], watched: &'k Watched) -> Self {
        Self { holdings, blobs, watched, filter: Filter::new(blobs) }
    }

    /// The place of a blob among those that matter.
    fn blob(&self, entry: &Entry<'_>) -> Option<u32> {
        let at = self.filter.passes(entry.head()).then(|| self.blobs.binary_search(&entry.id()).ok())??;
        Some(u32::try_from(at).expect("fewer than four billion blobs"))
    }
}

/// Rules most ids out by their first 20 bits.
struct Filter(Vec<u64>);

impl Filter {
    fn new(blobs: &[ObjectId]) -> Self {
        let mut bits = vec![0u64; 1 << 14];
        for id in blobs {
            let bytes = id.as_bytes();
            let slot = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) >> 12;
            bits[slot as usize >> 6] |= 1 << (slot & 63);
        }
        Self(bits)
    }

    fn passes(&self, head: u32) -> bool {
        let slot = head >> 12;
        self.0[slot as usize >> 6] >> (slot & 63) & 1 == 1
    }
}

/// One thread's receiver of trees.
pub(super) struct Sketcher<'s> {
    key: &'s Key<'s>,
    pub sketch: Sketch,
    numbers: HashMap<Vec<u8>, u32>,
}

/// What one thread read.
#[derive(Default)]
pub(super) struct Sketch {
    pub trees: Vec<Tree>,
    pub steps: Vec<Step>,
    /// Names of folders and of blobs that matter, in the order of this thread's numbers.
    pub names: Vec<Vec<u8>>,
}

/// What is remembered of a tree while those are read that are stored as changes of it.
#[derive(Default)]
pub(super) struct Memory {
    known: Option<Known>,
}

struct Known {
    number: u32,
    layout: Layout,
    /// The entry that each edge came from, by its number in the tree.
    entries: Vec<u32>,
}

impl<'s> Sketcher<'s> {
    pub fn new(key: &'s Key<'s>) -> Self {
        Self { key, sketch: Sketch::default(), numbers: HashMap::new() }
    }

    fn edge(&mut self, entry: &Entry<'_>) -> Option<Edge> {
        let to = match entry.mode {
            Mode::Submodule => return None,
            Mode::Tree => To::Tree(self.key.holdings.enlist(entry.oid())),
            Mode::File | Mode::Link => match self.key.blob(entry) {
                Some(blob) => To::Blob(blob),
                None if self.key.watched.may_hold(entry.name) => To::Version(self.key.holdings.enlist(entry.oid())),
                None => return None,
            },
        };
        Some(Edge::new(to, self.name(entry.name)))
    }

    fn name(&mut self, name: &[u8]) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let next = narrow(self.sketch.names.len());
        self.sketch.names.push(name.to_vec());
        self.numbers.insert(name.to_vec(), next);
        next
    }
}

impl Visitor for Sketcher<'_> {
    type Trace = Memory;

    fn visit(&mut self, tree: Object<'_>, base: Option<Base<'_, Memory>>) -> Memory {
        let base = base.and_then(|base| Some((base.trace.known.as_ref()?, base.same)));
        let hash = self.key.holdings.hash();
        let (mut entries, mut count) = (Vec::new(), 0);
        let layout =
            Layout::read(tree.bytes, hash, base.map(|(known, same)| (&known.layout, same)), |part| match part {
                layout::Part::Fresh(entry) => {
                    if let Some(edge) = self.edge(&entry) {
                        self.sketch.steps.push(Step::add(edge));
                        entries.push(count);
                    }
                    count += 1;
                }
                layout::Part::Kept(run) => {
                    let old = base.map_or(&[][..], |(known, _)| &known.entries);
                    let (start, end) = (narrow(run.start), narrow(run.end));
                    let from = old.partition_point(|entry| *entry < start);
                    let to = from + old[from..].partition_point(|entry| *entry < end);
                    if to > from {
                        self.sketch.steps.push(Step::keep(from, to));
                        entries.extend(old[from..to].iter().map(|entry| entry - start + count));
                    }
                    count += end - start;
                }
            });
        let base = base.map_or(NONE, |(known, _)| known.number);
        self.sketch.trees.push(Tree { number: tree.number, base, end: narrow(self.sketch.steps.len()) });
        Memory { known: tree.has_heirs.then_some(Known { number: tree.number, layout, entries }) }
    }
}

pub(super) fn narrow(number: usize) -> u32 {
    u32::try_from(number).expect("fewer than four billion entries")
}
