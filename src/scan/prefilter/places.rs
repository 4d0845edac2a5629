//! Where the windows of the built-in rules' keywords are filed: chosen ahead of time by `tools/prefilter/places.rs`, among
//! the windows that stand in source text most often. To choose when keyrot starts would take longer than the rest of it, and
//! pairs alone say too little: `co`, `nf` and `ig` are rare, `config` is not.
//!
//! A keyword without a place is filed where it costs least beside the others; so is what a user's rule adds.

use super::bucket::BUCKETS;
use super::window::Window;

/// Sorted by the keyword's number: four bytes of it, then the window's end and its bucket for either parity.
static PLACES: &[[u8; 8]] = include_bytes!("places.bin").as_chunks().0;

/// Which window of a keyword is filed where.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// From the keyword's start to the window's end, in bytes.
    pub back: usize,
    /// Its bucket.
    pub bucket: usize,
}

/// The places of a keyword's windows for an even and an odd start.
pub fn of(keyword: &[u8]) -> Option<[Place; 2]> {
    let at = PLACES
        .binary_search_by_key(&number(keyword), |place| u32::from_le_bytes([place[0], place[1], place[2], place[3]]));
    let [.., end, bucket, odd_end, odd_bucket] = PLACES[at.ok()?];
    let places =
        [(end, bucket), (odd_end, odd_bucket)].map(|(back, bucket)| Place { back: back.into(), bucket: bucket.into() });
    // Another keyword may have the same number.
    let fits = |parity: usize, place: Place| {
        place.bucket < BUCKETS && Window::ends(keyword.len(), parity).any(|end| end == place.back)
    };
    (fits(0, places[0]) && fits(1, places[1])).then_some(places)
}

/// FNV-1a.
pub fn number(keyword: &[u8]) -> u32 {
    keyword.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}
