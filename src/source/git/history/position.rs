//! Where an id stands in a sorted list of ids: guessed from its first bytes, for hashes are spread evenly.

/// Steps after which a list is no list of hashes: it is searched by halves.
const STEPS: usize = 12;

/// The place of `id` among `count` ids in order. Takes a few looks where a search by halves takes twenty, each of which
/// waits for memory.
pub(super) fn position<'i>(count: u32, at: impl Fn(u32) -> &'i [u8], id: &[u8]) -> Option<u32> {
    let target = head(id);
    let (mut low, mut high) = (0, count);
    let (mut least, mut most) = (0, u64::MAX);
    for step in 0.. {
        if low == high {
            return None;
        }
        let length = u128::from(high - low);
        let part = if step < STEPS {
            u128::from(target - least) * length / (u128::from(most - least) + 1)
        } else {
            length / 2
        };
        let place = low + u32::try_from(part).unwrap_or(0);
        let found = at(place);
        match found.cmp(id) {
            std::cmp::Ordering::Equal => return Some(place),
            std::cmp::Ordering::Less => (low, least) = (place + 1, head(found)),
            std::cmp::Ordering::Greater => (high, most) = (place, head(found)),
        }
    }
    None
}

/// The first eight bytes of an id as a number.
fn head(id: &[u8]) -> u64 {
    id.first_chunk().map_or(0, |head| u64::from_be_bytes(*head))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(ids: &[[u8; 20]], id: &[u8; 20]) {
        let count = u32::try_from(ids.len()).expect("few");
        let found = position(count, |at| ids[at as usize].as_slice(), id);
        assert_eq!(found, ids.binary_search(id).ok().map(|at| u32::try_from(at).expect("few")));
    }

    proptest! {
        /// Also in lists that no hash made: many ids that begin alike.
        #[test]
        fn equals_the_search_by_halves(
            heads in proptest::collection::vec(prop_oneof![any::<u64>(), 0_u64..4, u64::MAX - 2..=u64::MAX], 0..200),
            wanted in any::<[u8; 20]>(),
        ) {
            let id = |(at, head): (usize, &u64)| {
                let mut id = [u8::try_from(at).expect("few"); 20];
                id[..8].copy_from_slice(&head.to_be_bytes());
                id
            };
            let mut ids: Vec<[u8; 20]> = heads.iter().enumerate().map(id).collect();
            ids.sort_unstable();
            for id in ids.iter().chain([&wanted, &[0; 20], &[255; 20]]) {
                check(&ids, id);
            }
        }
    }
}
