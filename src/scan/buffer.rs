//! Memory that all workers share: what one of them needs for a moment only is kept once, and not once a thread.

use std::sync::{Mutex, MutexGuard, PoisonError};

use regex_automata::meta::{Cache, Regex};
use regex_automata::util::captures::Captures;

/// What one search with a pattern works in: above all the states of its automaton that were met so far, up to some hundred
/// kilobytes.
pub(super) type Lent = Box<(Cache, Captures)>;

/// For each rule, what searches of its pattern work in. A worker takes one for a search and gives it back: there are never more
/// than searches at one time, which is one for nearly all rules. Kept by each worker, they were 30 MB a thread.
pub(super) struct Caches(Vec<Mutex<Vec<Lent>>>);

impl Caches {
    /// Nothing yet, for so many rules.
    pub fn new(rules: usize) -> Self {
        Self((0..rules).map(|_| Mutex::default()).collect())
    }

    /// Takes one out, or makes one.
    pub fn take(&self, rule: usize, regex: &Regex) -> Lent {
        let kept = hold(&self.0[rule]).pop();
        kept.unwrap_or_else(|| Box::new((regex.create_cache(), regex.create_captures())))
    }

    /// Gives it back.
    pub fn give(&self, rule: usize, lent: Lent) {
        hold(&self.0[rule]).push(lent);
    }
}

/// Texts up to this size are read into a worker's own buffers, in bytes.
pub(super) const SMALL: usize = 256 << 10;

/// Buffers for texts that are larger. There are as many as such texts were at hand at one time; a worker's own would each grow
/// to its largest text and stay so.
#[derive(Default)]
pub(super) struct Buffers(Mutex<Vec<Vec<u8>>>);

impl Buffers {
    /// An empty buffer.
    pub fn take(&self) -> Vec<u8> {
        hold(&self.0).pop().unwrap_or_default()
    }

    /// Gives it back; what is larger than `most` bytes is freed.
    pub fn give(&self, mut buffer: Vec<u8>, most: usize) {
        if buffer.capacity() <= most {
            buffer.clear();
            hold(&self.0).push(buffer);
        }
    }
}

fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
