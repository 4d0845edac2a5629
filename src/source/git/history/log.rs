//! All commits as a table of numbers: histories hold hundreds of thousands of them.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use gix::ObjectId;

use super::Holdings;
use super::sketch::{NONE, narrow};
use crate::source::git::commit::instant;
use crate::source::git::graph::{self, Bounds, Commits, Walked};
use crate::source::git::{Commit, graph::Ends};

/// Commits as one thread reads them, by the numbers of objects.
#[derive(Default)]
pub struct Entries {
    rows: Vec<Row>,
    parents: Vec<u32>,
}

struct Row {
    number: u32,
    tree: u32,
    /// Where its parents end; they begin where those of the row before end.
    parents: u32,
    seconds: i64,
}

impl Entries {
    /// Takes in the commit of a number.
    pub fn add(&mut self, number: u32, commit: &Commit, holdings: &Holdings<'_>) {
        self.parents.extend(commit.parents.iter().map(|parent| holdings.enlist(parent)));
        self.rows.push(Row {
            number,
            tree: holdings.enlist(&commit.tree),
            parents: narrow(self.parents.len()),
            seconds: commit.seconds,
        });
    }
}

/// Every commit of a store that was read, and those that are named as parents.
pub struct Log {
    /// Sorted. A commit's place among them is its key.
    ids: Vec<ObjectId>,
    /// The number of each commit's tree; [`NONE`] where the commit was not read.
    trees: Vec<u32>,
    seconds: Vec<i64>,
    /// Where each commit's parents begin, and the end of all.
    starts: Vec<u32>,
    parents: Vec<u32>,
}

impl Log {
    /// Joins what the threads read.
    pub fn new(threads: &[Entries], holdings: &Holdings<'_>) -> Self {
        let rows = || threads.iter().flat_map(|entries| &entries.rows);
        let all =
            || rows().map(|row| row.number).chain(threads.iter().flat_map(|entries| entries.parents.iter().copied()));
        let mut numbers: Vec<u32> = all().collect();
        numbers.sort_unstable();
        numbers.dedup();
        let mut ids: Vec<(ObjectId, u32)> =
            numbers.into_iter().filter_map(|number| Some((holdings.id(number)?, number))).collect();
        ids.sort_unstable();
        // By the number of the object.
        let mut keys: Vec<(u32, u32)> =
            ids.iter().enumerate().map(|(key, (_, number))| (*number, narrow(key))).collect();
        keys.sort_unstable();
        let key = |number: u32| keys.binary_search_by_key(&number, |(number, _)| *number).ok().map(|at| keys[at].1);
        let ids: Vec<ObjectId> = ids.iter().map(|(id, _)| *id).collect();
        let mut places: Vec<Option<(&Entries, usize)>> = vec![None; ids.len()];
        for entries in threads {
            for (at, row) in entries.rows.iter().enumerate() {
                if let Some(key) = key(row.number) {
                    places[key as usize] = Some((entries, at));
                }
            }
        }
        let mut log = Self { trees: Vec::new(), seconds: Vec::new(), starts: vec![0], parents: Vec::new(), ids };
        for place in places {
            let row = place.map(|(entries, at)| (&entries.rows[at], entries.parents(at)));
            log.trees.push(row.map_or(NONE, |(row, _)| row.tree));
            log.seconds.push(row.map_or(0, |(row, _)| row.seconds));
            log.parents.extend(row.map_or(&[][..], |(_, parents)| parents).iter().filter_map(|parent| key(*parent)));
            log.starts.push(narrow(log.parents.len()));
        }
        log
    }

    /// Whether the commit was read.
    pub fn holds(&self, id: &ObjectId) -> bool {
        self.key(id).is_some_and(|key| self.is_read(key))
    }

    /// Every commit that was read, sorted.
    pub fn ids(&self) -> impl Iterator<Item = ObjectId> {
        self.ids.iter().zip(&self.trees).filter(|(_, tree)| **tree != NONE).map(|(id, _)| *id)
    }

    /// Walks from the tips, as [`crate::source::git::Graph::walk`] does.
    pub fn walk(mut self, bounds: &Bounds) -> Line {
        let keys = |ids: &[ObjectId]| ids.iter().filter_map(|id| self.key(id)).collect::<Vec<u32>>();
        let (tips, hidden) = (keys(&bounds.tips), keys(&bounds.hidden));
        let shallow: HashSet<u32> = bounds.shallow.iter().filter_map(|id| self.key(id)).collect();
        let unknown: HashSet<ObjectId> = bounds.tips.iter().filter(|id| self.key(id).is_none()).copied().collect();
        let ends = Ends { tips: &tips, hidden: &hidden, is_shallow: |key| shallow.contains(&key) };
        let Walked { order, missing, cut } = graph::walk(&mut self, &ends);
        let mut missing: Vec<ObjectId> = missing.into_iter().map(|key| self.ids[key as usize]).chain(unknown).collect();
        missing.sort_unstable();
        let mut places = vec![NONE; self.ids.len()];
        for (at, key) in order.iter().enumerate() {
            places[*key as usize] = narrow(at);
        }
        Line { log: self, order, places, missing, cut }
    }

    fn key(&self, id: &ObjectId) -> Option<u32> {
        self.ids.binary_search(id).ok().map(narrow)
    }

    fn is_read(&self, key: u32) -> bool {
        self.trees[key as usize] != NONE
    }

    fn parents(&self, key: u32) -> &[u32] {
        &self.parents[self.starts[key as usize] as usize..self.starts[key as usize + 1] as usize]
    }
}

impl Commits for Log {
    type Key = u32;

    fn look(&mut self, key: u32) -> Option<(i64, &[u32])> {
        self.is_read(key).then(|| (self.seconds[key as usize], self.parents(key)))
    }
}

impl Entries {
    fn parents(&self, at: usize) -> &[u32] {
        let start = at.checked_sub(1).map_or(0, |before| self.rows[before].parents);
        &self.parents[start as usize..self.rows[at].parents as usize]
    }
}

/// The commits of a history in order, parents first.
pub struct Line {
    log: Log,
    /// The key of each commit.
    order: Vec<u32>,
    /// The place of each key.
    places: Vec<u32>,
    /// Commits that are named but not there, although the clone is not stated to be shallow at them.
    pub missing: Vec<ObjectId>,
    /// Whether history was cut at a shallow boundary.
    pub cut: bool,
}

impl Line {
    /// Number of commits.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The id of the commit at a place.
    pub fn id(&self, at: u32) -> ObjectId {
        self.log.ids[self.order[at as usize] as usize]
    }

    /// The time that its committer states.
    pub fn time(&self, at: u32) -> DateTime<Utc> {
        instant(self.log.seconds[self.order[at as usize] as usize])
    }

    /// The number of each commit's tree.
    pub fn trees(&self) -> impl Iterator<Item = u32> {
        self.order.iter().map(|key| self.log.trees[*key as usize])
    }

    /// The number of the tree of the commit at a place.
    pub fn tree(&self, at: u32) -> u32 {
        self.log.trees[self.order[at as usize] as usize]
    }

    /// The place of a commit.
    pub fn place(&self, id: &ObjectId) -> Option<u32> {
        self.log.key(id).map(|key| self.places[key as usize]).filter(|place| *place != NONE)
    }

    /// Marks every commit that the tips reach.
    pub fn reachable(&self, tips: &[ObjectId]) -> Vec<bool> {
        let mut marks = vec![false; self.order.len()];
        for place in tips.iter().filter_map(|tip| self.place(tip)) {
            marks[place as usize] = true;
        }
        for at in (0..self.order.len()).rev() {
            if marks[at] {
                let places = self.log.parents(self.order[at]).iter().map(|parent| self.places[*parent as usize]);
                for place in places.filter(|place| *place != NONE) {
                    marks[place as usize] = true;
                }
            }
        }
        marks
    }
}
