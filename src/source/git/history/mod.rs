//! Whole histories: every object is decoded once along its delta tree and handed to a visitor on the thread that decoded
//! it; commits and paths are worked out afterwards, for the blobs that turned out to matter.

mod attribution;
mod delta;
mod forest;
mod layout;
mod log;
mod loose;
mod pack;
mod position;
mod skeleton;
mod sketch;
mod version;
mod walk;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

pub use attribution::{Attribution, Place, Places, Standing, Wanted, attribute};
pub use delta::{Same, apply};
pub use gix::objs::Kind;
pub use layout::{Layout, Part};
pub use log::{Entries as LogEntries, Line, Log};
pub use pack::Holdings;
pub use version::{Versions, Watched};

/// One thread's receiver of objects.
pub trait Visitor: Send {
    /// What it remembers of an object while those are read that are stored as changes of it.
    type Trace: Default + Send + Sync;

    /// Takes one object. Objects come in no particular order, each at least once; but what is stored as a change of
    /// another object comes after it.
    fn visit(&mut self, object: Object<'_>, base: Option<Base<'_, Self::Trace>>) -> Self::Trace;
}

/// An object as it was read.
#[derive(Clone, Copy)]
pub struct Object<'o> {
    /// What it is.
    pub kind: Kind,
    /// Its id.
    pub id: &'o gix::oid,
    /// Its number among the holdings.
    pub number: u32,
    /// Its content.
    pub bytes: &'o [u8],
    /// Whether other objects are stored as changes of it: else nobody asks for what is remembered of it.
    pub has_heirs: bool,
}

/// The object that one is stored as a change of.
pub struct Base<'b, T> {
    /// Its content.
    pub bytes: &'b [u8],
    /// What the visitor remembered of it.
    pub trace: &'b T,
    /// What the change left as it was.
    pub same: &'b [Same],
}

/// How objects are read.
#[derive(Clone, Copy)]
pub struct Reading<'r> {
    /// Which kinds of objects are wanted.
    pub kinds: &'r [Kind],
    /// Threads.
    pub jobs: usize,
    /// Set from outside to end early: what was read until then is kept, and the result says that it is not whole.
    pub stop: &'r AtomicBool,
    /// Called after each object, from many threads.
    pub advance: &'r (dyn Fn() + Sync),
}

/// What reading gave.
pub struct Visit<V> {
    /// One receiver for each thread that read.
    pub visitors: Vec<V>,
    /// What could not be read, in words.
    pub failures: Vec<String>,
    /// Whether it ended before everything was read.
    pub stopped: bool,
}

/// Receivers that are at rest: each thread takes one and puts it back, so that there are never more than threads.
struct Bench<'b, V, M> {
    resting: Mutex<Vec<V>>,
    make: &'b M,
}

impl<V, M: Fn() -> V> Bench<'_, V, M> {
    fn take(&self) -> V {
        let rested = self.resting.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop();
        rested.unwrap_or_else(|| (self.make)())
    }

    fn put_back(&self, visitor: V) {
        self.resting.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(visitor);
    }
}

impl Reading<'_> {
    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}
