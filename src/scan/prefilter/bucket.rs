//! Which bucket each window goes to, so that little of ordinary text survives three pairs.
//!
//! How much survives in a bucket is about the product of how often its first, second and third pairs stand in text. One
//! keyword after another, the most frequent first, is filed by the window and in the bucket that add least to that product.

use super::places;
use super::window::{Lane, PAIRS, Window};

/// Pairs that a window has.
pub const LANES: usize = 3;
/// Buckets: as many as fit into a word for every lane.
pub const BUCKETS: usize = 21;
/// For each pair a bit that is set for every bucket that does not know it, and beyond them: the lanes follow each other from
/// bit 0 on.
pub type Table = Box<[u64; PAIRS]>;

/// How often each pair of classes stands in source text, as -8 · log2; made by `tools/prefilter/pairs.py`.
static PAIR_COSTS: &[u8; PAIRS] = include_bytes!("pairs.bin");

/// How often pairs stand in source text.
pub struct Frequencies {
    pairs: Vec<f32>,
    firsts: [f32; 64],
    seconds: [f32; 64],
}

impl Frequencies {
    /// Reads the table.
    pub fn new() -> Self {
        let scale: Vec<f32> = (0..=u8::MAX).map(|cost| (-f32::from(cost) / 8.0).exp2()).collect();
        let pairs: Vec<f32> = PAIR_COSTS.iter().map(|cost| scale[usize::from(*cost)]).collect();
        let (mut firsts, mut seconds) = ([0.0; 64], [0.0; 64]);
        for (pair, frequency) in pairs.iter().enumerate() {
            firsts[pair & 63] += frequency;
            seconds[pair >> 6] += frequency;
        }
        Self { pairs, firsts, seconds }
    }

    /// How often a pair that agrees with the lane stands in source text.
    pub fn of(&self, lane: Lane) -> f32 {
        match lane {
            Lane::Any => 1.0,
            Lane::First(class) => self.firsts[class],
            Lane::Second(class) => self.seconds[class],
            Lane::Both(pair) => self.pairs[pair],
        }
    }
}

/// The table, and of each keyword a window for either parity: those that were chosen ahead of time first,
/// then the others where they cost least beside them.
pub fn distribute(keywords: &[String]) -> (Table, Vec<Window>) {
    let frequencies = Frequencies::new();
    let mut plan = Plan::new();
    let mut filed = Vec::with_capacity(2 * keywords.len());
    let mut others: Vec<Vec<Window>> = Vec::new();
    for (index, keyword) in (0..).zip(keywords) {
        let keyword = keyword.as_bytes();
        let places = places::of(keyword);
        for parity in [0, 1] {
            if let Some(place) = places.map(|places| places[parity]) {
                filed.push(plan.file(Window::ending(index, keyword, place.back, &frequencies), place.bucket));
            } else {
                others.push(Window::choices(index, keyword, parity, &frequencies));
            }
        }
    }
    others.sort_by(|one, other| other[0].frequency().total_cmp(&one[0].frequency()));
    filed.extend(others.iter().map(|windows| plan.place(windows)));
    (plan.finish(), filed)
}

struct Plan {
    /// For each pair the buckets that know both its classes.
    table: Table,
    /// The buckets that know only the first class of a pair, by that class, then those that know only the second.
    halves: [u64; 2 * 64],
    /// The buckets that any pair agrees with.
    any: u64,
    frequencies: [[f32; LANES]; BUCKETS],
}

impl Plan {
    fn new() -> Self {
        let table = vec![0; PAIRS].into_boxed_slice().try_into().expect("the length is that of the table");
        Self { table, halves: [0; 128], any: 0, frequencies: [[0.0; LANES]; BUCKETS] }
    }

    fn place(&mut self, windows: &[Window]) -> Window {
        let places = windows.iter().flat_map(|window| (0..BUCKETS).map(move |bucket| (window, bucket)));
        let costs = places.map(|(window, bucket)| (self.growth(bucket, window), *window, bucket));
        let (_, window, bucket) = costs.min_by(|one, other| one.0.total_cmp(&other.0)).expect("there are buckets");
        self.file(window, bucket)
    }

    fn file(&mut self, window: Window, bucket: usize) -> Window {
        for (number, lane) in window.lanes.into_iter().enumerate() {
            self.frequencies[bucket][number] = self.frequency_with(bucket, number, &window);
            self.add(bucket, number, lane);
        }
        window
    }

    /// By how much more of the text survives in the bucket with the window than without it.
    fn growth(&self, bucket: usize, window: &Window) -> f32 {
        let now: f32 = self.frequencies[bucket].iter().product();
        (0..LANES).map(|number| self.frequency_with(bucket, number, window)).product::<f32>() - now
    }

    fn frequency_with(&self, bucket: usize, number: usize, window: &Window) -> f32 {
        let now = self.frequencies[bucket][number];
        let bit = 1 << (number * BUCKETS + bucket);
        let known = match window.lanes[number] {
            Lane::Any => false,
            Lane::First(class) => self.halves[class] & bit != 0,
            Lane::Second(class) => self.halves[64 + class] & bit != 0,
            Lane::Both(pair) => self.table[pair] & bit != 0,
        };
        if known { now } else { (now + window.frequencies[number]).min(1.0) }
    }

    fn add(&mut self, bucket: usize, number: usize, lane: Lane) {
        let bit = 1 << (number * BUCKETS + bucket);
        match lane {
            Lane::Any => self.any |= bit,
            Lane::First(class) => self.halves[class] |= bit,
            Lane::Second(class) => self.halves[64 + class] |= bit,
            Lane::Both(pair) => self.table[pair] |= bit,
        }
    }

    /// The table, in which pairs that are known by half or not at all stand too.
    fn finish(mut self) -> Table {
        for (pair, buckets) in self.table.iter_mut().enumerate() {
            *buckets = !(*buckets | self.any | self.halves[pair & 63] | self.halves[64 + (pair >> 6)]);
        }
        self.table
    }
}
