//! All trees of a history, as far as they may lead to something that matters: what threads sketched, joined and pruned.

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use super::sketch::{Edge, NONE, Part, Sketch, Step, To, Tree, narrow};
use super::version::{Watched, Ways};
use crate::source::git::lists::Lists;

/// The trees that may lead to something that matters, and what of each does.
pub(super) struct Skeleton {
    /// Where each object stands among the trees that were read; [`NONE`] where it is none of them.
    rows: Vec<u32>,
    /// What is left of each tree's edges; empty where it leads to nothing.
    ranges: Vec<(u32, u32)>,
    edges: Vec<Edge>,
    /// Names by the numbers that edges give.
    pub names: Vec<Vec<u8>>,
    /// What may lead to the paths that are asked about, until somebody follows it.
    pub ways: Ways,
}

impl Skeleton {
    /// Joins what the threads read of `total` objects. Trees that nobody read matter too: they are to be missed.
    pub fn of(sketches: Vec<Sketch>, total: usize, watched: &Watched) -> Self {
        let sketch = joined(sketches);
        let mut rows = vec![NONE; total];
        for (row, tree) in sketch.trees.iter().enumerate() {
            rows[tree.number as usize] = narrow(row);
        }
        let row = |number: u32| rows.get(number as usize).copied().filter(|row| *row != NONE);
        let heirs = Lists::new(sketch.trees.len(), || {
            sketch.trees.iter().enumerate().filter_map(|(at, tree)| Some((row(tree.base)?, narrow(at))))
        });
        let relevant = relevant(&sketch, &heirs, row);
        let mut skeleton = Self {
            rows: Vec::new(),
            ranges: vec![(0, 0); sketch.trees.len()],
            edges: Vec::new(),
            names: Vec::new(),
            ways: Ways::new(watched.trie(&sketch.names)),
        };
        unfold(&sketch, &heirs, |at, edges| {
            skeleton.ways.add(at, edges);
            if relevant[at] {
                let start = skeleton.edges.len();
                let leads = |edge: &&Edge| match edge.to() {
                    To::Blob(_) => true,
                    To::Tree(number) => row(number).is_none_or(|row| relevant[row as usize]),
                    To::Version(_) => false,
                };
                skeleton.edges.extend(edges.iter().filter(leads));
                skeleton.ranges[at] = (narrow(start), narrow(skeleton.edges.len()));
            }
        });
        skeleton.ways.sort();
        skeleton.rows = rows;
        skeleton.names = sketch.names;
        skeleton
    }

    /// Number of trees.
    pub fn len(&self) -> usize {
        self.ranges.len()
    }

    /// Where a tree stands; none where it was not read.
    pub fn row(&self, number: u32) -> Option<u32> {
        self.rows.get(number as usize).copied().filter(|row| *row != NONE)
    }

    /// What matters of a tree.
    pub fn edges(&self, row: u32) -> &[Edge] {
        let (start, end) = self.ranges[row as usize];
        &self.edges[start as usize..end as usize]
    }
}

/// Which trees may lead to something that matters: one too many costs time, one too few would lose a place. What a tree
/// leads to, those may lead to that hold it or are stored as changes of it.
fn relevant(sketch: &Sketch, heirs: &Lists, row: impl Fn(u32) -> Option<u32> + Copy) -> Vec<bool> {
    let added = || {
        sketch.ranges().enumerate().flat_map(|(at, range)| {
            sketch.steps[range].iter().filter_map(move |step| match step.part() {
                Part::Add(edge) => Some((edge.to(), narrow(at))),
                Part::Keep(_) => None,
            })
        })
    };
    let inside = |(to, at): (To, u32)| match to {
        To::Tree(number) => Some((row(number)?, at)),
        To::Blob(_) | To::Version(_) => None,
    };
    let leads = |to: To| match to {
        To::Tree(number) => row(number).is_none(),
        To::Blob(_) => true,
        To::Version(_) => false,
    };
    let holders = Lists::new(sketch.trees.len(), || added().filter_map(inside));
    let mut relevant = vec![false; sketch.trees.len()];
    let mut open: Vec<u32> = added().filter(|(to, _)| leads(*to)).map(|(_, at)| at).collect();
    while let Some(at) = open.pop() {
        if !std::mem::replace(&mut relevant[at as usize], true) {
            open.extend(heirs.of(at).iter().chain(holders.of(at)).filter(|next| !relevant[**next as usize]));
        }
    }
    relevant
}

/// Calls `each` with all edges of each tree, a base before those that are stored as changes of it.
fn unfold(sketch: &Sketch, heirs: &Lists, mut each: impl FnMut(usize, &[Edge])) {
    let ranges: Vec<Range<usize>> = sketch.ranges().collect();
    let is_root = |at: &usize| sketch.trees[*at].base == NONE;
    let mut open: Vec<(usize, Rc<Vec<Edge>>)> = Vec::new();
    for root in (0..sketch.trees.len()).filter(is_root) {
        open.push((root, Rc::default()));
        while let Some((at, base)) = open.pop() {
            let mut edges = Vec::with_capacity(base.len() + 2);
            for step in &sketch.steps[ranges[at].clone()] {
                match step.part() {
                    Part::Keep(kept) => edges.extend_from_slice(&base[kept]),
                    Part::Add(edge) => edges.push(edge),
                }
            }
            each(at, &edges);
            let edges = Rc::new(edges);
            open.extend(heirs.of(narrow(at)).iter().map(|heir| (*heir as usize, Rc::clone(&edges))));
        }
    }
}

/// One sketch of all, with one numbering of names: that of the first.
fn joined(sketches: Vec<Sketch>) -> Sketch {
    let mut sketches = sketches.into_iter();
    let mut all = sketches.next().unwrap_or_default();
    let mut numbers: HashMap<Vec<u8>, u32> = all.names.iter().cloned().zip(0..).collect();
    for sketch in sketches {
        let number = |name: Vec<u8>| {
            let next = narrow(all.names.len());
            *numbers.entry(name).or_insert_with_key(|name| {
                all.names.push(name.clone());
                next
            })
        };
        let names: Vec<u32> = sketch.names.into_iter().map(number).collect();
        let before = narrow(all.steps.len());
        all.trees.reserve_exact(sketch.trees.len());
        all.trees.extend(sketch.trees.iter().map(|tree| Tree { end: tree.end + before, ..*tree }));
        drop(sketch.trees);
        all.steps.reserve_exact(sketch.steps.len());
        all.steps.extend(sketch.steps.iter().map(|step| match step.part() {
            Part::Add(edge) => Step::add(edge.named(names[edge.name as usize])),
            Part::Keep(_) => *step,
        }));
    }
    all
}

impl Sketch {
    /// Where the steps of each tree stand.
    fn ranges(&self) -> impl Iterator<Item = Range<usize>> {
        let mut start = 0;
        self.trees.iter().map(move |tree| std::mem::replace(&mut start, tree.end as usize)..tree.end as usize)
    }
}
