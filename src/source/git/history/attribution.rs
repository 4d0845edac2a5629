//! Which commits and paths carried the blobs that matter.
//!
//! All trees are decoded once more along their deltas, which is cheap, and only what is new in each is looked at. That gives
//! a graph of the trees that may lead to one of the blobs, and of nothing else. Commits then only touch the node of their
//! root tree, and their places in the order of history are pushed down the graph at the end: a standing secret costs
//! nothing for each commit that carries it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::AtomicBool;

use gix::ObjectId;
use gix::objs::Kind;

use super::skeleton::Skeleton;
use super::sketch::{Key, NONE, Sketcher, To, narrow};
use super::version::{Versions, Watched};
use super::{Holdings, Line, Reading};
use crate::source::git::tree::extend;
use crate::source::git::{Objects, Store};

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
    pub first: u32,
    /// Place of the last such commit.
    pub last: u32,
    /// Whether it stands there now.
    pub standing: Standing,
}

impl Place {
    /// Takes in other commits.
    pub fn join(&mut self, other: Self) {
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.standing.join(other.standing);
    }
}

/// Every place of every blob that was asked about, by blob and path.
pub type Places = BTreeMap<(ObjectId, Vec<u8>), Place>;

/// What is to be attributed.
pub struct Wanted<'w> {
    /// Blobs of which every place is wanted.
    pub blobs: &'w BTreeSet<ObjectId>,
    /// Paths of which every blob is wanted.
    pub watched: &'w Watched,
    /// What commits are the tips of.
    pub standing: &'w BTreeMap<u32, Standing>,
}

/// What was found.
#[derive(Default)]
pub struct Attribution {
    /// Where the blobs were.
    pub places: Places,
    /// What stood at the paths.
    pub versions: Versions,
    /// What could not be read, in words.
    pub failures: Vec<String>,
}

/// Finds the commits and paths of blobs, and the blobs of paths.
pub fn attribute(
    store: &Store,
    mut holdings: Holdings<'_>,
    line: &Line,
    wanted: &Wanted<'_>,
    jobs: usize,
) -> Attribution {
    if (wanted.blobs.is_empty() && wanted.watched.is_empty()) || line.is_empty() {
        return Attribution::default();
    }
    let blobs: Vec<ObjectId> = wanted.blobs.iter().copied().collect();
    let key = Key::new(&holdings, &blobs, wanted.watched);
    // Whoever stops a scan still wants to know where the keys are that were found until then.
    let stop = AtomicBool::new(false);
    let reading = Reading { kinds: &[Kind::Tree], jobs, stop: &stop, advance: &|| {} };
    let visit = holdings.visit(reading, &|| Sketcher::new(&key));
    let sketches: Vec<_> = visit.visitors.into_iter().map(|sketcher| sketcher.sketch).collect();
    holdings.close();
    let mut skeleton = Skeleton::of(sketches, holdings.numbers(), wanted.watched);
    let standing = |at: u32| wanted.standing.get(&at).copied().unwrap_or_default();
    let ways = std::mem::take(&mut skeleton.ways);
    let roots = line
        .trees()
        .zip(0..)
        .filter_map(|(root, at)| Some((skeleton.row(root)?, Place { first: at, last: at, standing: standing(at) })));
    let id = |to: To| match to {
        To::Blob(at) => blobs.get(at as usize).copied(),
        To::Tree(number) | To::Version(number) => holdings.id(number),
    };
    let versions = ways.follow(roots, |number| skeleton.row(number), id);
    drop(ways);
    let missed = Missed { objects: store.objects(), holdings: &holdings };
    let mut walk = Walk::new(&skeleton, missed);
    for (at, root) in line.trees().enumerate() {
        let at = narrow(at);
        walk.commit(root, at, standing(at));
    }
    let (places, failures) = walk.finish(&blobs);
    Attribution { places, versions, failures }
}

/// Trees that nobody read.
struct Missed<'m> {
    objects: Objects,
    holdings: &'m Holdings<'m>,
}

impl Missed<'_> {
    /// Why a tree was not read, in words.
    fn tell(&self, number: u32) -> String {
        let Some(id) = self.holdings.id(number) else { return "a tree is missing".to_owned() };
        let read = self.objects.read_kind(&id, Kind::Tree, &mut Vec::new());
        read.err().unwrap_or_else(|| format!("object {id} was not read"))
    }

    fn tell_crowded(&self, number: u32, count: usize) -> String {
        let id = self.holdings.id(number).map(|id| id.to_string()).unwrap_or_default();
        format!(
            "{count} trees, such as {id}, stand in more folders than the {MOST_FOLDERS} that are followed: not all paths of \
             their keys are known"
        )
    }
}

/// The number of the folder that holds everything.
const ROOT: u32 = 0;

/// A tree is followed into so many folders, and all trees together into a few for each. Trees that hold each other many
/// times over make more folders than any memory holds; no repository that people work in comes near.
const MOST_FOLDERS: u16 = 1000;
const MOST_OF_ALL: (usize, usize) = (4, 1 << 20);

/// A tree in a folder.
struct Node {
    row: u32,
    folder: u32,
    /// The same tree in another folder: most trees stand in one.
    next: u32,
    place: Option<Place>,
}

struct Walk<'w> {
    skeleton: &'w Skeleton,
    missed: Missed<'w>,
    /// Folders by the one they lie in and the number of their name; the first is the root.
    folders: HashMap<(u32, u32), u32>,
    nodes: Vec<Node>,
    /// The newest node of each tree.
    newest: Vec<u32>,
    /// How many each has.
    counts: Vec<u16>,
    /// The nodes, children before their parents.
    order: Vec<u32>,
    /// Trees that nobody read, and those that stand in more folders than are followed.
    failures: BTreeSet<u32>,
    crowded: BTreeSet<u32>,
}

impl<'w> Walk<'w> {
    fn new(skeleton: &'w Skeleton, missed: Missed<'w>) -> Self {
        Self {
            skeleton,
            missed,
            folders: HashMap::new(),
            nodes: Vec::new(),
            newest: vec![NONE; skeleton.len()],
            counts: vec![0; skeleton.len()],
            order: Vec::new(),
            failures: BTreeSet::new(),
            crowded: BTreeSet::new(),
        }
    }

    fn commit(&mut self, root: u32, at: u32, standing: Standing) {
        let place = Place { first: at, last: at, standing };
        if let Some(row) = self.known(root) {
            let node = self.node(row, ROOT).unwrap_or_else(|| self.enter(row));
            self.nodes[node as usize].add(place);
        }
    }

    /// Where a tree stands that leads to something. One that nobody read is noted.
    fn known(&mut self, number: u32) -> Option<u32> {
        let row = self.skeleton.row(number);
        if row.is_none() {
            self.failures.insert(number);
        }
        row.filter(|row| !self.skeleton.edges(*row).is_empty())
    }

    fn node(&self, row: u32, folder: u32) -> Option<u32> {
        let listed = |at: u32| (at != NONE).then_some(at);
        let mut nodes =
            std::iter::successors(listed(self.newest[row as usize]), |at| listed(self.nodes[*at as usize].next));
        nodes.find(|at| self.nodes[*at as usize].folder == folder)
    }

    fn has_room(&self, row: u32) -> bool {
        let (each, more) = MOST_OF_ALL;
        self.counts[row as usize] < MOST_FOLDERS && self.nodes.len() < each * self.skeleton.len() + more
    }

    fn add(&mut self, row: u32, folder: u32) -> u32 {
        let at = narrow(self.nodes.len());
        let next = std::mem::replace(&mut self.newest[row as usize], at);
        self.counts[row as usize] += 1;
        self.nodes.push(Node { row, folder, next, place: None });
        at
    }

    fn folder(&mut self, place: (u32, u32)) -> u32 {
        let next = narrow(self.folders.len() + 1);
        *self.folders.entry(place).or_insert(next)
    }

    /// Makes the nodes of a root tree and of everything in it.
    fn enter(&mut self, root: u32) -> u32 {
        let skeleton = self.skeleton;
        let first = self.add(root, ROOT);
        let mut open = vec![(first, skeleton.edges(root))];
        while let Some((node, edges)) = open.last_mut() {
            let (node, Some((edge, rest))) = (*node, edges.split_first()) else {
                self.order.push(*node);
                open.pop();
                continue;
            };
            *edges = rest;
            let To::Tree(number) = edge.to() else { continue };
            let Some(row) = self.known(number) else { continue };
            let place = (self.nodes[node as usize].folder, edge.name);
            let folder = self.folders.get(&place).copied();
            if folder.is_some_and(|folder| self.node(row, folder).is_some()) {
                continue;
            }
            if self.has_room(row) {
                let folder = folder.unwrap_or_else(|| self.folder(place));
                let inner = self.add(row, folder);
                open.push((inner, skeleton.edges(row)));
            } else {
                self.crowded.insert(number);
            }
        }
        first
    }

    /// Pushes the places of commits down to the blobs.
    fn finish(mut self, blobs: &[ObjectId]) -> (Places, Vec<String>) {
        let mut leaves: HashMap<(u32, u32, u32), Place> = HashMap::new();
        for at in std::mem::take(&mut self.order).into_iter().rev() {
            let Node { row, folder, place, .. } = self.nodes[at as usize];
            let Some(place) = place else { continue };
            for edge in self.skeleton.edges(row) {
                match edge.to() {
                    To::Blob(blob) => {
                        leaves.entry((blob, folder, edge.name)).and_modify(|known| known.join(place)).or_insert(place);
                    }
                    To::Version(_) => {}
                    To::Tree(number) => {
                        let inner = self.skeleton.row(number).zip(self.folders.get(&(folder, edge.name)));
                        if let Some(node) = inner.and_then(|(row, folder)| self.node(row, *folder)) {
                            self.nodes[node as usize].add(place);
                        }
                    }
                }
            }
        }
        let mut failures: Vec<String> = self.failures.iter().map(|number| self.missed.tell(*number)).collect();
        failures.extend(self.crowded.first().map(|number| self.missed.tell_crowded(*number, self.crowded.len())));
        failures.sort();
        failures.dedup();
        (self.places(leaves, blobs), failures)
    }

    fn places(&self, leaves: HashMap<(u32, u32, u32), Place>, blobs: &[ObjectId]) -> Places {
        let mut above = vec![(ROOT, NONE); self.folders.len() + 1];
        let folders: BTreeMap<_, _> = self.folders.iter().collect();
        for ((inside, name), folder) in folders {
            above[*folder as usize] = (*inside, *name);
        }
        let path = |mut folder: u32, name: u32| {
            let mut names = vec![name];
            while folder != ROOT {
                names.push(above[folder as usize].1);
                folder = above[folder as usize].0;
            }
            let mut path = Vec::new();
            for name in names.into_iter().rev() {
                extend(&mut path, &self.skeleton.names[name as usize]);
            }
            path
        };
        let sorted: BTreeMap<_, _> = leaves.into_iter().collect();
        let place = |((blob, folder, name), place)| ((blobs[blob as usize], path(folder, name)), place);
        sorted.into_iter().map(place).collect()
    }
}

impl Node {
    fn add(&mut self, place: Place) {
        match &mut self.place {
            None => self.place = Some(place),
            Some(known) => known.join(place),
        }
    }
}
