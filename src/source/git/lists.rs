//! Many short lists of numbers without an allocation for each.

/// Lists of numbers by a number, in two arrays.
pub(super) struct Lists {
    ends: Vec<u32>,
    items: Vec<u32>,
}

impl Lists {
    /// Reads the pairs of a list's number, below `count`, and an item of it; each time the same.
    pub fn new<I: Iterator<Item = (u32, u32)>>(count: usize, pairs: impl Fn() -> I) -> Self {
        let mut ends = vec![0u32; count + 1];
        for (of, _) in pairs() {
            ends[of as usize + 1] += 1;
        }
        for at in 1..=count {
            ends[at] += ends[at - 1];
        }
        // Each list's end is at first its beginning, and moves up while it is filled.
        ends.truncate(count);
        let mut items = vec![0; pairs().count()];
        for (of, item) in pairs() {
            let end = &mut ends[of as usize];
            items[*end as usize] = item;
            *end += 1;
        }
        Self { ends, items }
    }

    /// The items of a list, in the order of the pairs.
    pub fn of(&self, number: u32) -> &[u32] {
        let at = number as usize;
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.items[start as usize..self.ends[at] as usize]
    }
}
