//! Whole histories: every object is decoded once along its delta tree and handed to a visitor on the thread that decoded
//! it; commits and paths are worked out afterwards, for the blobs that turned out to matter.

mod attribution;
mod loose;
mod pack;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

pub use attribution::{Place, Places, Standing, attribute};
pub use gix::objs::Kind;
pub use pack::{total, visit_all};

/// One thread's receiver of objects.
pub trait Visitor: Send {
    /// Takes one object. Objects come in no particular order, each at least once.
    fn visit(&mut self, kind: Kind, id: gix::ObjectId, data: &[u8]);
}

/// How objects are read.
#[derive(Clone, Copy)]
pub struct Reading<'r> {
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

/// A place at which one thread works: cloned for each thread, it takes a receiver when the first object comes.
struct Station<'b, V: Visitor, M: Fn() -> V> {
    bench: &'b Bench<'b, V, M>,
    visitor: Option<V>,
}

impl<V: Visitor, M: Fn() -> V> Station<'_, V, M> {
    fn visit(&mut self, kind: Kind, id: gix::ObjectId, data: &[u8]) {
        self.visitor.get_or_insert_with(|| self.bench.take()).visit(kind, id, data);
    }
}

impl<V: Visitor, M: Fn() -> V> Clone for Station<'_, V, M> {
    fn clone(&self) -> Self {
        Self { bench: self.bench, visitor: None }
    }
}

impl<V: Visitor, M: Fn() -> V> Drop for Station<'_, V, M> {
    fn drop(&mut self) {
        if let Some(visitor) = self.visitor.take() {
            self.bench.put_back(visitor);
        }
    }
}

impl Reading<'_> {
    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}
