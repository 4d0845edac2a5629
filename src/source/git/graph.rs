//! Commits in an order in which parents come first, and what is reachable.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

use gix::ObjectId;

use super::commit::Commit;

/// A set of commits, parents first; among those that could come next, the one with the earliest stated time.
#[derive(Debug, Default)]
pub struct Graph {
    /// The commits in order.
    pub commits: Vec<Commit>,
    /// Commits that are named as parents but are not there, although the clone is not stated to be shallow at them.
    pub missing: Vec<ObjectId>,
    /// Whether history was cut at a shallow boundary.
    pub cut: bool,
}

/// Where a walk begins and ends.
#[derive(Clone, Debug, Default)]
pub struct Bounds {
    /// What is walked from.
    pub tips: Vec<ObjectId>,
    /// What is left out, with everything it reaches.
    pub hidden: Vec<ObjectId>,
    /// Commits whose parents a shallow clone lacks.
    pub shallow: HashSet<ObjectId>,
}

impl Graph {
    /// Walks from the tips. Hidden commits are found by walking in order of stated times; where clocks lie, a commit too
    /// many may be kept, never one too few.
    pub fn walk(bounds: &Bounds, mut read: impl FnMut(ObjectId) -> Option<Commit>) -> Self {
        let mut graph = Self::default();
        let mut states: HashMap<ObjectId, State> = HashMap::new();
        let mut queue: BinaryHeap<(i64, ObjectId)> = BinaryHeap::new();
        let mut wanted = 0usize;
        let starts = bounds.tips.iter().map(|id| (*id, false)).chain(bounds.hidden.iter().map(|id| (*id, true)));
        let mut pending: Vec<(ObjectId, bool)> = starts.collect();
        loop {
            for (id, hidden) in pending.drain(..) {
                let state = states.entry(id).or_insert_with(|| State::new(read(id)));
                let Some(commit) = &state.commit else {
                    if !state.noted && !hidden {
                        state.noted = true;
                        graph.missing.push(id);
                    }
                    continue;
                };
                let first_time = !state.seen;
                let newly_hidden = hidden && !state.hidden;
                if newly_hidden && state.queued && !first_time {
                    wanted -= 1;
                }
                state.seen = true;
                state.hidden |= hidden;
                if first_time || (newly_hidden && !state.queued) {
                    state.queued = true;
                    wanted += usize::from(!state.hidden);
                    queue.push((commit.seconds, id));
                }
            }
            if wanted == 0 {
                break;
            }
            let Some((_, id)) = queue.pop() else { break };
            let state = states.get_mut(&id).expect("what is queued has a state");
            state.queued = false;
            wanted -= usize::from(!state.hidden);
            let Some(commit) = &state.commit else { continue };
            if bounds.shallow.contains(&id) {
                graph.cut |= !commit.parents.is_empty();
            } else {
                pending.extend(commit.parents.iter().map(|parent| (*parent, state.hidden)));
            }
        }
        let kept = states.into_values().filter(|state| state.seen && !state.hidden).filter_map(|state| state.commit);
        graph.commits = sorted(kept.collect());
        graph.missing.sort_unstable();
        graph
    }

    /// Marks every commit that the tips reach.
    pub fn reachable(&self, tips: &[ObjectId]) -> Vec<bool> {
        let places = self.places();
        let mut marks = vec![false; self.commits.len()];
        for place in tips.iter().filter_map(|tip| places.get(tip)) {
            marks[*place] = true;
        }
        for at in (0..self.commits.len()).rev() {
            if marks[at] {
                for place in self.commits[at].parents.iter().filter_map(|parent| places.get(parent)) {
                    marks[*place] = true;
                }
            }
        }
        marks
    }

    /// Where each commit stands in the order.
    pub fn places(&self) -> HashMap<ObjectId, usize> {
        self.commits.iter().enumerate().map(|(at, commit)| (commit.id, at)).collect()
    }
}

#[derive(Default)]
struct State {
    commit: Option<Commit>,
    seen: bool,
    hidden: bool,
    queued: bool,
    noted: bool,
}

impl State {
    fn new(commit: Option<Commit>) -> Self {
        Self { commit, ..Self::default() }
    }
}

/// Parents first, then by stated time, then by id.
fn sorted(mut commits: Vec<Commit>) -> Vec<Commit> {
    commits.sort_unstable_by_key(|commit| (commit.seconds, commit.id));
    let places: HashMap<ObjectId, usize> = commits.iter().enumerate().map(|(at, commit)| (commit.id, at)).collect();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); commits.len()];
    let mut open: Vec<usize> = vec![0; commits.len()];
    for (at, commit) in commits.iter().enumerate() {
        for &parent in commit.parents.iter().filter_map(|parent| places.get(parent)) {
            children[parent].push(at);
            open[at] += 1;
        }
    }
    let mut ready: BinaryHeap<Reverse<usize>> =
        open.iter().enumerate().filter(|(_, open)| **open == 0).map(|(at, _)| Reverse(at)).collect();
    let mut order = Vec::with_capacity(commits.len());
    while let Some(Reverse(at)) = ready.pop() {
        order.push(at);
        for &child in &children[at] {
            open[child] -= 1;
            if open[child] == 0 {
                ready.push(Reverse(child));
            }
        }
    }
    let mut slots: Vec<Option<Commit>> = commits.into_iter().map(Some).collect();
    order.into_iter().filter_map(|at| slots[at].take()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(number: usize) -> ObjectId {
        let mut bytes = [0u8; 20];
        bytes[..8].copy_from_slice(&(number as u64).to_be_bytes());
        ObjectId::from_bytes_or_panic(&bytes)
    }

    fn history(parents: &[Vec<usize>], times: &[i64]) -> HashMap<ObjectId, Commit> {
        let commits = parents.iter().enumerate().map(|(at, parents)| {
            let parents = parents.iter().map(|&parent| id(parent)).collect();
            (id(at), Commit { id: id(at), tree: id(at), parents, seconds: times[at] })
        });
        commits.collect()
    }

    fn ancestors(parents: &[Vec<usize>], start: usize) -> HashSet<usize> {
        let (mut seen, mut open) = (HashSet::new(), vec![start]);
        while let Some(at) = open.pop() {
            if seen.insert(at) {
                open.extend(&parents[at]);
            }
        }
        seen
    }

    proptest! {
        /// With honest clocks the walk equals the naive difference of ancestor sets; with lying ones it never lacks a commit.
        #[test]
        fn walks_equal_the_naive_difference(
            seeds in proptest::collection::vec((any::<u8>(), any::<u8>(), any::<bool>(), -50i64..50), 1..30),
            tip in any::<prop::sample::Index>(),
            hide in any::<prop::sample::Index>(),
            honest in any::<bool>(),
        ) {
            let parents: Vec<Vec<usize>> = seeds.iter().enumerate().map(|(at, (one, two, merge, _))| {
                if at == 0 { return Vec::new() }
                let mut list = vec![usize::from(*one) % at];
                if *merge { list.push(usize::from(*two) % at) }
                list
            }).collect();
            let times: Vec<i64> = seeds.iter().enumerate()
                .map(|(at, seed)| i64::try_from(at).unwrap() * 10 + if honest { 0 } else { seed.3 }).collect();
            let commits = history(&parents, &times);
            let (tip, hide) = (tip.index(seeds.len()), hide.index(seeds.len()));
            let bounds = Bounds { tips: vec![id(tip)], hidden: vec![id(hide)], ..Bounds::default() };
            let graph = Graph::walk(&bounds, |id| commits.get(&id).cloned());
            let found: HashSet<ObjectId> = graph.commits.iter().map(|commit| commit.id).collect();
            let hidden = ancestors(&parents, hide);
            let wanted: HashSet<ObjectId> =
                ancestors(&parents, tip).difference(&hidden).map(|&at| id(at)).collect();
            prop_assert!(found.is_superset(&wanted));
            if honest {
                prop_assert_eq!(&found, &wanted);
            }
            let places = graph.places();
            for commit in &graph.commits {
                for parent in commit.parents.iter().filter_map(|parent| places.get(parent)) {
                    prop_assert!(*parent < places[&commit.id]);
                }
            }
        }
    }
}
