//! What the buckets leave of a text, gathered for a block at a time.
//!
//! Each stage runs through a whole block without a branch on what it sees: one pair in thirty survives, none foreseeably,
//! and a branch that is foretold wrongly costs more than the look-up it would save.

use super::bucket::Table;
use super::gram::Grams;
use super::{NONE, STEP, advance, last_eight, pairs};

/// Steps of the main loop that are looked up together. The more there are, the longer it takes to make room for them before a
/// short text is searched, as layers are; the fewer, the more often a stage ends where the processor did not foresee it.
pub const BLOCK: usize = 64;
/// Pairs that a step reads.
const PAIRS: usize = STEP / 2;

/// A place where windows may end.
#[derive(Clone, Copy, Default)]
pub struct Place {
    /// Where, from the start of the block.
    pub end: u16,
    /// For each set of keywords a bit, where one of it may end here.
    pub sets: u16,
}

/// The survivors of one block.
pub struct Survivors {
    /// Where the steps begin in which something survived, from the start of the block.
    steps: [u16; BLOCK],
    /// The states before them.
    states: [u64; BLOCK],
    open: usize,
    /// Where windows end that survived, from the start of the block.
    ends: [u16; BLOCK * PAIRS],
    located: usize,
    places: [Place; BLOCK * PAIRS],
}

impl Survivors {
    /// Nothing yet.
    pub fn new() -> Self {
        Self {
            steps: [0; BLOCK],
            states: [0; BLOCK],
            open: 0,
            ends: [0; BLOCK * PAIRS],
            located: 0,
            places: [Place::default(); BLOCK * PAIRS],
        }
    }

    /// Notes the steps of a block in which something survives; returns the state behind it.
    #[inline]
    pub fn collect(&mut self, table: &Table, block: &[[u8; STEP]], mut state: u64) -> u64 {
        let mut open = 0;
        for (start, step) in (0..).step_by(STEP).zip(block) {
            self.steps[open] = start;
            self.states[open] = state;
            let pairs = pairs(u64::from_le_bytes(*step));
            let first = advance(state, table, pairs);
            let second = advance(first, table, pairs >> 16);
            let third = advance(second, table, pairs >> 32);
            state = advance(third, table, pairs >> 48);
            open += usize::from(first & second & third & state < NONE);
        }
        self.open = open;
        state
    }

    /// Finds the places in the steps that were noted.
    #[inline]
    pub fn locate(&mut self, table: &Table, block: &[[u8; STEP]]) {
        let mut located = 0;
        for (start, mut state) in self.steps[..self.open].iter().copied().zip(self.states) {
            let pairs = pairs(u64::from_le_bytes(block[usize::from(start) / STEP]));
            for pair in (0..).take(PAIRS) {
                state = advance(state, table, pairs >> (16 * pair));
                self.ends[located] = start + 2 * pair + 2;
                located += usize::from(state < NONE);
            }
        }
        self.located = located;
    }

    /// The places at which a keyword may end, with the sets that it may be of. The block begins at `first`.
    #[inline]
    pub fn filter(&mut self, grams: &Grams, text: &[u8], first: usize) -> &[Place] {
        let mut left = 0;
        for at in 0..self.located {
            let end = self.ends[at];
            self.ends[left] = end;
            left += usize::from(grams.may_end(last_eight(text, first + usize::from(end))));
        }
        let mut passed = 0;
        for end in self.ends[..left].iter().copied() {
            let sets = grams.passing(last_eight(text, first + usize::from(end)));
            self.places[passed] = Place { end, sets };
            passed += usize::from(sets != 0);
        }
        &self.places[..passed]
    }
}
