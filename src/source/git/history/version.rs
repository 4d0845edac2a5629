//! What stood at some paths over all commits: blobs of which nothing is known but where they stand.
//!
//! The trees that attribution reads name them on the way. Each path is then followed through the trees that were its
//! folders, level by level from the roots, so that files of the same name elsewhere cost an edge and no place.

use std::collections::{BTreeMap, HashMap, HashSet};

use gix::ObjectId;

use super::attribution::Place;
use super::sketch::{Edge, To, narrow};

/// Paths that are asked about.
#[derive(Default)]
pub struct Watched {
    paths: Vec<Vec<u8>>,
    /// The names of the files.
    files: HashSet<Vec<u8>>,
}

/// What stood at a path, by the path's place among those that were asked about, and the blob.
pub type Versions = BTreeMap<(usize, ObjectId), Place>;

impl Watched {
    /// Asks about files at the paths.
    pub fn new(paths: Vec<Vec<u8>>) -> Self {
        let files =
            paths.iter().filter_map(|path| path.rsplit(|byte| *byte == b'/').next().map(<[u8]>::to_vec)).collect();
        Self { paths, files }
    }

    /// Whether nothing is asked about.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// Whether a file of the name may be one of them.
    pub(super) fn may_hold(&self, name: &[u8]) -> bool {
        self.files.contains(name)
    }

    /// The paths by the numbers of names. A name without a number is in no tree.
    pub(super) fn trie(&self, names: &[Vec<u8>]) -> Trie {
        let parts = |path: &'_ Vec<u8>| path.split(|byte| *byte == b'/').map(<[u8]>::to_vec).collect::<Vec<_>>();
        let wanted: HashSet<Vec<u8>> = self.paths.iter().flat_map(parts).collect();
        let known = names.iter().enumerate().filter(|(_, name)| wanted.contains(*name));
        let numbers: HashMap<&[u8], u32> = known.map(|(number, name)| (&name[..], narrow(number))).collect();
        let mut trie = Trie { names: numbers.values().copied().collect(), ..Trie::default() };
        for (at, path) in self.paths.iter().enumerate() {
            let parts: Option<Vec<u32>> = parts(path).iter().map(|part| numbers.get(&part[..]).copied()).collect();
            let Some(parts) = parts else { continue };
            let mut node = ROOT;
            for name in parts {
                let next = narrow(trie.inner.len() + 1);
                node = *trie.inner.entry((node, name)).or_insert(next);
            }
            trie.ends.insert(node, at);
        }
        trie
    }
}

const ROOT: u32 = 0;

/// Paths as a tree of names.
#[derive(Default)]
pub(super) struct Trie {
    /// Every name in it.
    names: HashSet<u32>,
    /// Nodes by the one above and a name.
    inner: HashMap<(u32, u32), u32>,
    /// The path that ends at a node.
    ends: HashMap<u32, usize>,
}

/// The edges that may lead to what was asked about.
#[derive(Default)]
pub(super) struct Ways {
    trie: Trie,
    /// By the row of the tree; sorted.
    edges: Vec<(u32, Edge)>,
}

impl Ways {
    pub fn new(trie: Trie) -> Self {
        Self { trie, edges: Vec::new() }
    }

    /// Takes in the edges of a tree.
    pub fn add(&mut self, row: usize, edges: &[Edge]) {
        if !self.trie.names.is_empty() {
            let named = edges.iter().filter(|edge| self.trie.names.contains(&edge.name));
            self.edges.extend(named.map(|edge| (narrow(row), *edge)));
        }
    }

    /// To be called once, when all trees are in it.
    pub fn sort(&mut self) {
        self.edges.sort_unstable_by_key(|(row, _)| *row);
        self.edges.shrink_to_fit();
    }

    /// Follows the paths from the root trees of commits, by their rows. `row` finds trees by their numbers.
    pub fn follow(
        &self,
        roots: impl Iterator<Item = (u32, Place)>,
        row: impl Fn(u32) -> Option<u32>,
        id: impl Fn(To) -> Option<ObjectId>,
    ) -> Versions {
        let mut found: HashMap<(usize, To), Place> = HashMap::new();
        let mut level: BTreeMap<(u32, u32), Place> = BTreeMap::new();
        let mut step = |row_of: u32, node: u32, place: Place, next: &mut BTreeMap<(u32, u32), Place>| {
            let from = self.edges.partition_point(|(other, _)| *other < row_of);
            for (_, edge) in self.edges[from..].iter().take_while(|(other, _)| *other == row_of) {
                let Some(inner) = self.trie.inner.get(&(node, edge.name)) else { continue };
                match edge.to() {
                    To::Tree(number) => {
                        if let Some(row) = row(number) {
                            next.entry((row, *inner)).and_modify(|known| known.join(place)).or_insert(place);
                        }
                    }
                    to => {
                        if let Some(path) = self.trie.ends.get(inner) {
                            found.entry((*path, to)).and_modify(|known| known.join(place)).or_insert(place);
                        }
                    }
                }
            }
        };
        for (row, place) in roots {
            step(row, ROOT, place, &mut level);
        }
        // Each level is one name deeper: paths end.
        while !level.is_empty() {
            let mut next = BTreeMap::new();
            for ((row, node), place) in level {
                step(row, node, place, &mut next);
            }
            level = next;
        }
        found.into_iter().filter_map(|((path, to), place)| Some(((path, id(to)?), place))).collect()
    }
}
