//! What the buckets leave of a text, gathered for a block at a time.
//!
//! Each stage runs through a whole block without a branch on what it sees: one pair in twenty survives, none foreseeably,
//! and a branch that is foretold wrongly costs more than the look-up it would save.

use super::bucket::Table;
use super::gram::{self, Grams};
use super::{LAST, START, STEP, advance, last_eight, pairs};

/// Steps of the main loop that are looked up together. The more there are, the longer it takes to make room for them before a
/// short text is searched: layers are many and small.
pub const BLOCK: usize = 32;
/// Pairs that a step reads.
const PAIRS: usize = STEP / 2;

/// A place where windows may end.
#[derive(Clone, Copy, Default)]
pub struct Place {
    /// Where, from the start of the block.
    pub end: u32,
    /// A bit for each bucket that survived here; once they are filtered, for each set of keywords that may end here.
    pub sets: u32,
}

/// The survivors of one block.
pub struct Survivors {
    /// Numbers of the steps in which something survived.
    steps: [u16; BLOCK],
    open: usize,
    places: [Place; BLOCK * PAIRS],
    located: usize,
}

impl Survivors {
    /// Nothing yet.
    pub fn new() -> Self {
        Self { steps: [0; BLOCK], open: 0, places: [Place::default(); BLOCK * PAIRS], located: 0 }
    }

    /// Notes the steps of a block in which something survives; returns the state behind it.
    #[inline]
    pub fn collect(&mut self, table: &Table, block: &[[u8; STEP]], mut state: u64) -> u64 {
        self.open = 0;
        for (number, step) in (0_u16..).zip(block) {
            let pairs = pairs(u64::from_le_bytes(*step));
            let first = advance(state, table, pairs);
            let second = advance(first, table, pairs >> 16);
            let third = advance(second, table, pairs >> 32);
            state = advance(third, table, pairs >> 48);
            self.steps[self.open] = number;
            self.open += usize::from((first | second | third | state) >> LAST != 0);
        }
        state
    }

    /// Finds the places in the steps that were noted. The block begins at `first`.
    #[inline]
    pub fn locate(&mut self, table: &Table, text: &[u8], first: usize) {
        self.located = 0;
        for open in 0..self.open {
            let from = STEP * usize::from(self.steps[open]);
            let mut state = state_before(table, text, first + from);
            let Some(bytes) = text[first + from..].first_chunk() else { continue };
            let pairs = pairs(u64::from_le_bytes(*bytes));
            for at in 0..PAIRS {
                state = advance(state, table, pairs >> (16 * at));
                self.push(from + 2 * at + 2, state >> LAST);
            }
        }
    }

    /// The places at which a keyword may end, with the sets that it may be of.
    #[inline]
    pub fn filter(&mut self, grams: &[Grams], text: &[u8], first: usize) -> &[Place] {
        let located = std::mem::take(&mut self.located);
        for at in 0..located {
            let Place { end, sets: buckets } = self.places[at];
            let last = last_eight(text, first + end as usize);
            self.push(end as usize, u64::from(gram::passing(grams, last, u64::from(buckets))));
        }
        &self.places[..self.located]
    }

    /// Adds a place, which the next one replaces where no set is left.
    #[inline]
    #[allow(
        clippy::cast_possible_truncation,
        reason = "a block is short, and there are fewer than 32 sets of either kind"
    )]
    fn push(&mut self, end: usize, sets: u64) {
        self.places[self.located] = Place { end: end as u32, sets: sets as u32 };
        self.located += usize::from(sets != 0);
    }
}

/// The state before a step: two pairs tell all of it that the next ones ask.
#[inline]
fn state_before(table: &Table, text: &[u8], at: usize) -> u64 {
    let Some(four) = text[..at].last_chunk::<4>() else { return START };
    let pairs = pairs(u64::from(u32::from_le_bytes(*four)));
    advance(advance(START, table, pairs), table, pairs >> 16)
}
