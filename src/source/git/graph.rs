//! Commits in an order in which parents come first, and what is reachable.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::hash::Hash;

use gix::ObjectId;

use super::commit::Commit;
use super::lists::Lists;

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
    pub fn walk(bounds: &Bounds, read: impl FnMut(ObjectId) -> Option<Commit>) -> Self {
        let mut commits = Reader { read, known: HashMap::new() };
        let ends = Ends { tips: &bounds.tips, hidden: &bounds.hidden, is_shallow: |id| bounds.shallow.contains(&id) };
        let Walked { order, missing, cut } = walk(&mut commits, &ends);
        let commits = order.iter().filter_map(|id| commits.known.remove(id).flatten()).collect();
        Self { commits, missing, cut }
    }

    /// Where each commit stands in the order.
    pub fn places(&self) -> HashMap<ObjectId, usize> {
        self.commits.iter().enumerate().map(|(at, commit)| (commit.id, at)).collect()
    }
}

/// Where a walk finds commits.
pub(super) trait Commits {
    /// What stands for a commit; keys sort as ids do.
    type Key: Copy + Ord + Hash;

    /// The stated time and the parents of a commit; none if it is not there.
    fn look(&mut self, key: Self::Key) -> Option<(i64, &[Self::Key])>;
}

/// Reads each commit when it is first met.
struct Reader<R> {
    read: R,
    known: HashMap<ObjectId, Option<Commit>>,
}

impl<R: FnMut(ObjectId) -> Option<Commit>> Commits for Reader<R> {
    type Key = ObjectId;

    fn look(&mut self, id: ObjectId) -> Option<(i64, &[ObjectId])> {
        let commit = self.known.entry(id).or_insert_with(|| (self.read)(id)).as_ref()?;
        Some((commit.seconds, &commit.parents))
    }
}

/// Where a walk begins and ends.
pub(super) struct Ends<'e, K, S> {
    pub tips: &'e [K],
    pub hidden: &'e [K],
    /// Whether a commit's parents are known to be absent.
    pub is_shallow: S,
}

/// What a walk found.
pub(super) struct Walked<K> {
    /// The commits in order.
    pub order: Vec<K>,
    /// Commits that are named but not there, sorted.
    pub missing: Vec<K>,
    /// Whether history was cut at a shallow boundary.
    pub cut: bool,
}

/// Walks as [`Graph::walk`] does, wherever commits come from.
pub(super) fn walk<C: Commits>(commits: &mut C, ends: &Ends<'_, C::Key, impl Fn(C::Key) -> bool>) -> Walked<C::Key> {
    let mut walked = Walked { order: Vec::new(), missing: Vec::new(), cut: false };
    let mut states: HashMap<C::Key, State> = HashMap::new();
    let mut queue: BinaryHeap<(i64, C::Key)> = BinaryHeap::new();
    let mut wanted = 0usize;
    let starts = ends.tips.iter().map(|key| (*key, false)).chain(ends.hidden.iter().map(|key| (*key, true)));
    let mut pending: Vec<(C::Key, bool)> = starts.collect();
    loop {
        for (key, hidden) in pending.drain(..) {
            let state = states.entry(key).or_default();
            let Some((seconds, _)) = commits.look(key) else {
                if !state.noted && !hidden {
                    state.noted = true;
                    walked.missing.push(key);
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
                queue.push((seconds, key));
            }
        }
        if wanted == 0 {
            break;
        }
        let Some((_, key)) = queue.pop() else { break };
        let state = states.get_mut(&key).expect("what is queued has a state");
        state.queued = false;
        wanted -= usize::from(!state.hidden);
        let Some((_, parents)) = commits.look(key) else { continue };
        if (ends.is_shallow)(key) {
            walked.cut |= !parents.is_empty();
        } else {
            pending.extend(parents.iter().map(|parent| (*parent, state.hidden)));
        }
    }
    let kept = states.into_iter().filter(|(_, state)| state.seen && !state.hidden);
    walked.order = sorted(commits, kept.map(|(key, _)| key).collect());
    walked.missing.sort_unstable();
    walked
}

#[derive(Default)]
struct State {
    seen: bool,
    hidden: bool,
    queued: bool,
    noted: bool,
}

/// Parents first, then by stated time, then by id.
fn sorted<C: Commits>(commits: &mut C, kept: Vec<C::Key>) -> Vec<C::Key> {
    let mut keys: Vec<(i64, C::Key)> =
        kept.into_iter().filter_map(|key| commits.look(key).map(|(seconds, _)| (seconds, key))).collect();
    keys.sort_unstable();
    let places: HashMap<C::Key, u32> = keys.iter().enumerate().map(|(at, (_, key))| (*key, narrow(at))).collect();
    let mut edges: Vec<(u32, u32)> = Vec::new();
    for (at, (_, key)) in keys.iter().enumerate() {
        let parents = commits.look(*key).map_or(&[][..], |(_, parents)| parents);
        edges.extend(parents.iter().filter_map(|parent| places.get(parent)).map(|parent| (*parent, narrow(at))));
    }
    drop(places);
    let children = Lists::new(keys.len(), || edges.iter().copied());
    let mut open: Vec<u32> = vec![0; keys.len()];
    for (_, child) in edges {
        open[child as usize] += 1;
    }
    let is_ready = |(at, open): (usize, &u32)| (*open == 0).then_some(Reverse(narrow(at)));
    let mut ready: BinaryHeap<Reverse<u32>> = open.iter().enumerate().filter_map(is_ready).collect();
    let mut order = Vec::with_capacity(keys.len());
    while let Some(Reverse(at)) = ready.pop() {
        order.push(keys[at as usize].1);
        for &child in children.of(at) {
            open[child as usize] -= 1;
            if open[child as usize] == 0 {
                ready.push(Reverse(child));
            }
        }
    }
    order
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).expect("fewer than four billion commits")
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
