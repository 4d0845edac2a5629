//! Which objects of a pack are stored as changes of which others: a forest, kept in a few bytes for each object.

use gix::odb::pack::{data, index};

use super::Kind;

/// Marks the end of a list.
const NONE: u32 = u32::MAX;

/// The trees of all deltas of a pack. Objects are numbered by their places in the pack.
#[derive(Default)]
pub(super) struct Forest {
    /// The place of each object in the pack's index.
    in_index: Vec<u32>,
    /// Where each object's entry begins in the pack: the index, in the order of ids, would be read all over.
    offsets: Vec<u64>,
    first_child: Vec<u32>,
    next_sibling: Vec<u32>,
    /// Objects that are stored whole.
    roots: Vec<(u32, Kind)>,
    /// Objects that no root leads to: their base is not in this pack, or their entry is malformed.
    strays: Vec<u32>,
}

impl Forest {
    /// Reads the header of every entry.
    pub fn of(pack: &data::File, index: &index::File) -> Self {
        let mut order: Vec<(u64, u32)> =
            (0..index.num_objects()).map(|at| (index.pack_offset_at_index(at), at)).collect();
        order.sort_unstable();
        let count = order.len();
        let mut forest = Self {
            in_index: order.iter().map(|(_, at)| *at).collect(),
            offsets: order.iter().map(|(offset, _)| *offset).collect(),
            first_child: vec![NONE; count],
            next_sibling: vec![NONE; count],
            roots: Vec::new(),
            strays: Vec::new(),
        };
        drop(order);
        for number in 0..count {
            let offset = forest.offsets[number];
            let place = |offset: u64| forest.offsets.binary_search(&offset).ok();
            let Ok(entry) = pack.entry(offset) else { continue };
            let base = match entry.header {
                data::entry::Header::OfsDelta { base_distance } => offset.checked_sub(base_distance).and_then(place),
                data::entry::Header::RefDelta { base_id } => {
                    index.lookup(base_id).and_then(|at| place(index.pack_offset_at_index(at)))
                }
                whole => {
                    forest.roots.extend(whole.as_kind().map(|kind| (narrow(number), kind)));
                    None
                }
            };
            if let Some(base) = base {
                forest.next_sibling[number] = std::mem::replace(&mut forest.first_child[base], narrow(number));
            }
        }
        forest.find_strays();
        forest
    }

    fn find_strays(&mut self) {
        let mut reached = vec![false; self.in_index.len()];
        for (root, _) in &self.roots {
            self.below(*root, |number| reached[number as usize] = true);
        }
        let numbers = reached.iter().enumerate().filter(|(_, reached)| !**reached);
        self.strays = numbers.map(|(number, _)| narrow(number)).collect();
    }

    /// Calls `each` with an object and everything that is stored as a change of it. Deltas cannot form a ring below a
    /// root: each object has one base, and a root has none.
    pub fn below(&self, root: u32, mut each: impl FnMut(u32)) {
        let mut open = vec![root];
        while let Some(number) = open.pop() {
            each(number);
            open.extend(self.children(number));
        }
    }

    /// The objects that are stored as changes of this one.
    pub fn children(&self, number: u32) -> impl Iterator<Item = u32> {
        let listed = |number: u32| (number != NONE).then_some(number);
        let first = listed(self.first_child[number as usize]);
        std::iter::successors(first, move |at| listed(self.next_sibling[*at as usize]))
    }

    /// Objects that are stored whole.
    pub fn roots(&self) -> &[(u32, Kind)] {
        &self.roots
    }

    /// Objects that must be read one by one.
    pub fn strays(&self) -> &[u32] {
        &self.strays
    }

    /// Where the entry of an object begins in the pack.
    pub fn offset(&self, number: u32) -> u64 {
        self.offsets[number as usize]
    }

    /// The place of an object in the pack's index.
    pub fn in_index(&self, number: u32) -> u32 {
        self.in_index[number as usize]
    }
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).expect("an index numbers its objects with four bytes")
}
