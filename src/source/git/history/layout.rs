//! Where the entries of a tree stand. A tree that is stored as a change of another one is read where it differs: all
//! entries that were copied whole are told as a run of the base's.

use std::ops::Range;

use super::Same;
use crate::source::git::tree::{Entry, entries};

/// Where each entry of a tree begins, and at last where the last one ends, in bytes.
#[derive(Debug, Default)]
pub struct Layout(Vec<usize>);

/// A part of a tree, in the order of the tree.
pub enum Part<'t> {
    /// Entries that were copied whole, by their numbers in the base.
    Kept(Range<usize>),
    /// An entry that is new, or not known to be old.
    Fresh(Entry<'t>),
}

impl Layout {
    /// Reads a tree as far as it is well formed. The base is the tree that it is stored as a change of, as far as it was
    /// read, with what was copied from it.
    pub fn read<'t>(
        tree: &'t [u8],
        hash: gix::hash::Kind,
        base: Option<(&Self, &[Same])>,
        mut each: impl FnMut(Part<'t>),
    ) -> Self {
        let (base, same) = base.map_or((&[][..], &[][..]), |(base, same)| (&base.0[..], same));
        let mut starts = Vec::with_capacity(base.len() + 4);
        starts.push(0);
        let (mut at, mut whole) = (0, true);
        for same in same.iter().filter(|same| same.length > hash.len_in_bytes()) {
            while whole && at < same.at + same.length {
                let run = if at < same.at { None } else { run(base, *same, at) };
                if let Some(run) = run {
                    let from = base[run.start];
                    starts.extend(base[run.start + 1..=run.end].iter().map(|end| end - from + at));
                    at += base[run.end] - from;
                    each(Part::Kept(run));
                } else {
                    whole = fresh(tree, hash, &mut at, &mut starts, &mut each);
                }
            }
        }
        while whole {
            whole = fresh(tree, hash, &mut at, &mut starts, &mut each);
        }
        Self(starts)
    }
}

/// The entries of the base that were copied whole to `at` and behind it, if one of them begins there.
fn run(base: &[usize], same: Same, at: usize) -> Option<Range<usize>> {
    let first = base.binary_search(&(at - same.at + same.from)).ok()?;
    let end = base[first..].partition_point(|end| *end <= same.from + same.length) + first - 1;
    (end > first).then_some(first..end)
}

/// Reads the entry at `at`; false where none is.
fn fresh<'t>(
    tree: &'t [u8],
    hash: gix::hash::Kind,
    at: &mut usize,
    starts: &mut Vec<usize>,
    each: &mut impl FnMut(Part<'t>),
) -> bool {
    let Some(entry) = entries(&tree[*at..], hash).next() else { return false };
    *at += entry.span.end;
    starts.push(*at);
    each(Part::Fresh(entry));
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HASH: gix::hash::Kind = gix::hash::Kind::Sha1;

    fn tree(names: &[u8]) -> Vec<u8> {
        let entry = |name: &u8| {
            [b"100644 f".as_slice(), &vec![b'a' + name % 3; 1 + usize::from(name % 5)], &[0], &[*name; 20]].concat()
        };
        names.iter().flat_map(entry).collect()
    }

    /// A base: its layout, what was copied from it, and its entries by name and id.
    type Known<'k> = (&'k Layout, &'k [Same], &'k [Vec<u8>]);

    /// The entries by name and id, as they are read from a layout and its base's entries.
    fn read(tree: &[u8], base: Option<Known<'_>>) -> (Layout, Vec<Vec<u8>>) {
        let mut found = Vec::new();
        let layout = Layout::read(tree, HASH, base.map(|(layout, same, _)| (layout, same)), |part| match part {
            Part::Kept(run) => found.extend_from_slice(&base.unwrap().2[run]),
            Part::Fresh(entry) => found.push([entry.name, entry.oid().as_bytes()].concat()),
        });
        (layout, found)
    }

    proptest! {
        /// Stretches of any kind, also such as begin and end within entries, give what reading the whole tree gives.
        #[test]
        fn a_changed_tree_reads_like_a_whole_one(
            names in proptest::collection::vec(any::<u8>(), 1..12),
            copies in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), proptest::collection::vec(any::<u8>(), 0..2), any::<bool>()), 0..6),
        ) {
            let base = tree(&names);
            let (mut changed, mut same) = (Vec::new(), Vec::new());
            for (one, other, new, by_entry) in &copies {
                let bound = |index: &prop::sample::Index| {
                    if *by_entry { tree(&names[..index.index(names.len() + 1)]).len() } else { index.index(base.len() + 1) }
                };
                let (from, to) = (bound(one).min(bound(other)), bound(one).max(bound(other)));
                if to > from {
                    same.push(Same { at: changed.len(), from, length: to - from });
                }
                changed.extend_from_slice(&base[from..to]);
                changed.extend(tree(new));
            }
            let (layout, entries) = read(&base, None);
            let (whole, wanted) = read(&changed, None);
            let (taken, found) = read(&changed, Some((&layout, &same, &entries)));
            prop_assert_eq!(found, wanted);
            prop_assert_eq!(taken.0, whole.0);
        }
    }
}
