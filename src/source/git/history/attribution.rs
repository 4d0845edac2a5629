//! Which commits and paths carried the blobs that matter.
//!
//! Every unique tree is read once. A tree that leads to none of the blobs is remembered as barren and never entered again;
//! the others become nodes of a graph. Commits then only touch the node of their root tree, and their places in the order
//! of history are pushed down the graph at the end: a standing secret costs nothing for each commit that carries it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use gix::ObjectId;
use gix::hashtable::{HashMap as IdMap, HashSet as IdSet};

use crate::source::git::tree::{Mode, entries, extend};
use crate::source::git::{Graph, Objects, Store};

/// Where something stands now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// In the commit that is checked out.
    pub head: bool,
    /// At the tip of a branch.
    pub branch: bool,
}

impl Standing {
    fn join(&mut self, other: Self) {
        self.head |= other.head;
        self.branch |= other.branch;
    }
}

/// One path at which commits carried one blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Place of the first such commit in the order of history.
    pub first: usize,
    /// Place of the last such commit.
    pub last: usize,
    /// Whether it stands there now.
    pub standing: Standing,
}

/// Every place of every blob that was asked about, by blob and path.
pub type Places = BTreeMap<(ObjectId, Vec<u8>), Place>;

/// Finds the commits and paths of `blobs`. `standing` tells what each commit is the tip of. What could not be read comes
/// second, in words.
pub fn attribute(
    store: &Store,
    graph: &Graph,
    blobs: &BTreeSet<ObjectId>,
    standing: &BTreeMap<usize, Standing>,
    jobs: usize,
) -> (Places, Vec<String>) {
    let (mut places, mut failures) = (Places::new(), Vec::new());
    if blobs.is_empty() || graph.commits.is_empty() {
        return (places, failures);
    }
    let filter = Filter::new(blobs);
    let share = graph.commits.len().div_ceil(jobs.max(1));
    let results = std::thread::scope(|scope| {
        let ranges =
            (0..graph.commits.len()).step_by(share).map(|start| start..(start + share).min(graph.commits.len()));
        let threads: Vec<_> = ranges
            .map(|range| {
                let filter = &filter;
                scope.spawn(move || {
                    let mut walk = Walk::new(store.objects(), blobs, filter);
                    for at in range {
                        walk.commit(graph.commits[at].tree, at, standing.get(&at).copied().unwrap_or_default());
                    }
                    walk.finish()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("the walk does not panic")).collect::<Vec<_>>()
    });
    for (found, failed) in results {
        for (key, place) in found {
            places
                .entry(key)
                .and_modify(|known: &mut Place| {
                    known.first = known.first.min(place.first);
                    known.last = known.last.max(place.last);
                    known.standing.join(place.standing);
                })
                .or_insert(place);
        }
        failures.extend(failed);
    }
    failures.sort();
    failures.dedup();
    (places, failures)
}

/// Places as one thread finds them: a blob and path may come more than once.
type Found = Vec<((ObjectId, Vec<u8>), Place)>;

/// Rules most ids out by their first 20 bits.
struct Filter(Vec<u64>);

impl Filter {
    fn new(blobs: &BTreeSet<ObjectId>) -> Self {
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

/// The number of the folder that holds everything.
const ROOT: u32 = 0;

struct Node {
    place: Option<Place>,
    children: Vec<usize>,
    leaves: Vec<(ObjectId, Vec<u8>)>,
}

struct Walk<'w> {
    objects: Objects,
    blobs: &'w BTreeSet<ObjectId>,
    filter: &'w Filter,
    barren: IdSet,
    /// Folders by the one they lie in and their name; the first is the root.
    folders: HashMap<(u32, Vec<u8>), u32>,
    /// The nodes of each tree by folder: most trees stand in one.
    known: IdMap<ObjectId, Vec<(u32, usize)>>,
    /// Children come before their parents.
    nodes: Vec<Node>,
    buffers: Vec<Vec<u8>>,
    failures: Vec<String>,
}

impl<'w> Walk<'w> {
    fn new(objects: Objects, blobs: &'w BTreeSet<ObjectId>, filter: &'w Filter) -> Self {
        Self {
            objects,
            blobs,
            filter,
            barren: IdSet::default(),
            folders: HashMap::new(),
            known: IdMap::default(),
            nodes: Vec::new(),
            buffers: Vec::new(),
            failures: Vec::new(),
        }
    }

    fn commit(&mut self, tree: ObjectId, at: usize, standing: Standing) {
        if let Some(node) = self.enter(tree, ROOT, &mut Vec::new()) {
            let place = Place { first: at, last: at, standing };
            self.nodes[node].add(place);
        }
    }

    fn enter(&mut self, tree: ObjectId, folder: u32, path: &mut Vec<u8>) -> Option<usize> {
        if self.barren.contains(&tree) {
            return None;
        }
        let known = self.known.get(&tree).and_then(|nodes| nodes.iter().find(|(other, _)| *other == folder));
        if let Some((_, node)) = known {
            return Some(*node);
        }
        let mut buffer = self.buffers.pop().unwrap_or_default();
        let read = self.objects.read_kind(&tree, gix::objs::Kind::Tree, &mut buffer);
        let mut node = Node { place: None, children: Vec::new(), leaves: Vec::new() };
        match read {
            Ok(()) => self.fill(&mut node, &buffer, folder, path),
            Err(text) => self.failures.push(text),
        }
        self.buffers.push(buffer);
        if node.children.is_empty() && node.leaves.is_empty() {
            self.barren.insert(tree);
            return None;
        }
        self.nodes.push(node);
        self.known.entry(tree).or_default().push((folder, self.nodes.len() - 1));
        Some(self.nodes.len() - 1)
    }

    fn folder(&mut self, inside: u32, name: &[u8]) -> u32 {
        let next = u32::try_from(self.folders.len()).expect("fewer than four billion folders") + 1;
        *self.folders.entry((inside, name.to_vec())).or_insert(next)
    }

    fn fill(&mut self, node: &mut Node, data: &[u8], folder: u32, path: &mut Vec<u8>) {
        let length = path.len();
        for entry in entries(data, self.objects.hash()) {
            match entry.mode {
                Mode::Submodule => {}
                Mode::Tree if self.barren.contains(entry.oid()) => {}
                Mode::Tree => {
                    let inner = self.folder(folder, entry.name);
                    extend(path, entry.name);
                    node.children.extend(self.enter(entry.id(), inner, path));
                    path.truncate(length);
                }
                Mode::File | Mode::Link => {
                    if self.filter.passes(entry.head()) && self.blobs.contains(&entry.id()) {
                        extend(path, entry.name);
                        node.leaves.push((entry.id(), path.clone()));
                        path.truncate(length);
                    }
                }
            }
        }
    }

    fn finish(mut self) -> (Found, Vec<String>) {
        let mut found = Found::new();
        for at in (0..self.nodes.len()).rev() {
            let Some(place) = self.nodes[at].place else { continue };
            for child in std::mem::take(&mut self.nodes[at].children) {
                self.nodes[child].add(place);
            }
            found.extend(std::mem::take(&mut self.nodes[at].leaves).into_iter().map(|leaf| (leaf, place)));
        }
        (found, self.failures)
    }
}

impl Node {
    fn add(&mut self, place: Place) {
        match &mut self.place {
            None => self.place = Some(place),
            Some(known) => {
                known.first = known.first.min(place.first);
                known.last = known.last.max(place.last);
                known.standing.join(place.standing);
            }
        }
    }
}
