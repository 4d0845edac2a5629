//! Walks the forest of a pack on several threads: each object is decoded once, from its base, which is in memory anyway.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use gix::odb::pack::{data, index};

use super::delta::{self, Same};
use super::forest::Forest;
use super::{Base, Bench, Kind, Object, Reading, Visitor};

/// A pack that is walked.
pub(super) struct Walk<'w, T> {
    pub pack: &'w data::File,
    pub index: &'w index::File,
    pub forest: &'w Forest,
    /// The number of the first object of its index.
    pub first: u32,
    /// Which objects somebody wants to see; the others are decoded where one of these hangs on them.
    pub wanted: &'w (dyn Fn(&gix::oid) -> bool + Sync),
    next_root: AtomicUsize,
    shared: Mutex<Shared<T>>,
    changed: Condvar,
    /// Threads that wait: who has work to spare looks at this number alone.
    hungry: AtomicUsize,
}

/// What threads pass to each other: without it, one thread would walk a family of thousands while the others wait.
struct Shared<T> {
    spare: Vec<Step<T>>,
    waiting: usize,
    lost: Vec<u32>,
    finished: bool,
}

/// An object that is to be decoded, and its base.
struct Step<T> {
    number: u32,
    kind: Kind,
    base: Option<Arc<Decoded<T>>>,
}

/// A decoded object on which others hang.
struct Decoded<T> {
    bytes: Vec<u8>,
    trace: T,
}

/// Buffers of one thread.
#[derive(Default)]
struct Buffers {
    inflate: gix::zlib::Inflate,
    delta: Vec<u8>,
    same: Vec<Same>,
    /// Buffers of objects on which nothing hangs any more.
    spent: Vec<Vec<u8>>,
}

impl<'w, T: Default + Send + Sync> Walk<'w, T> {
    pub fn new(
        pack: &'w data::File,
        index: &'w index::File,
        forest: &'w Forest,
        first: u32,
        wanted: &'w (dyn Fn(&gix::oid) -> bool + Sync),
    ) -> Self {
        let shared = Mutex::new(Shared { spare: Vec::new(), waiting: 0, lost: Vec::new(), finished: false });
        let (next_root, hungry) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Self { pack, index, forest, first, wanted, next_root, shared, changed: Condvar::new(), hungry }
    }

    /// Visits every object of the reading's kinds. Returns the numbers of those that could not be decoded here.
    pub fn run<V: Visitor<Trace = T>, M: Fn() -> V + Sync>(
        self,
        reading: Reading<'_>,
        bench: &Bench<'_, V, M>,
    ) -> Vec<u32> {
        let jobs = reading.jobs.max(1);
        std::thread::scope(|scope| {
            for _ in 1..jobs {
                scope.spawn(|| self.work(jobs, reading, bench));
            }
            self.work(jobs, reading, bench);
        });
        self.shared.into_inner().unwrap_or_else(PoisonError::into_inner).lost
    }

    fn work<V: Visitor<Trace = T>, M: Fn() -> V + Sync>(
        &self,
        jobs: usize,
        reading: Reading<'_>,
        bench: &Bench<'_, V, M>,
    ) {
        let leaving = Leaving(self);
        let mut visitor = bench.take();
        let mut buffers = Buffers::default();
        let mut stack: Vec<Step<T>> = Vec::new();
        let mut lost = Vec::new();
        while !reading.stopped() {
            let Some(step) = stack.pop().or_else(|| self.root(reading.kinds)).or_else(|| self.wait(jobs)) else {
                break;
            };
            let Some(bytes) = self.decode(&step, &mut buffers) else {
                self.forest.below(step.number, |number| lost.push(number));
                continue;
            };
            self.visit(&step, bytes, &mut visitor, &mut buffers, &mut stack);
            buffers.reclaim(step.base);
            (reading.advance)();
            if stack.len() > 1 && self.hungry.load(Ordering::Relaxed) > 0 {
                self.share(&mut stack);
            }
        }
        self.shared().lost.extend(lost);
        bench.put_back(visitor);
        drop(leaving);
    }

    fn visit<V: Visitor<Trace = T>>(
        &self,
        step: &Step<T>,
        bytes: Vec<u8>,
        visitor: &mut V,
        buffers: &mut Buffers,
        stack: &mut Vec<Step<T>>,
    ) {
        let place = self.forest.in_index(step.number);
        let (id, number) = (self.index.oid_at_index(place), self.first + place);
        let has_heirs = self.forest.children(step.number).next().is_some();
        let base = step.base.as_ref().map(|base| Base { bytes: &base.bytes, trace: &base.trace, same: &buffers.same });
        let trace = if (self.wanted)(id) {
            visitor.visit(Object { kind: step.kind, id, number, bytes: &bytes, has_heirs }, base)
        } else {
            T::default()
        };
        if has_heirs {
            let base = Arc::new(Decoded { bytes, trace });
            stack.extend(self.forest.children(step.number).map(|number| Step {
                number,
                kind: step.kind,
                base: Some(Arc::clone(&base)),
            }));
        } else {
            buffers.spend(bytes);
        }
    }

    /// The object's bytes; none where its entry is damaged.
    fn decode(&self, step: &Step<T>, buffers: &mut Buffers) -> Option<Vec<u8>> {
        let entry = self.pack.entry(self.forest.offset(step.number)).ok()?;
        let size = usize::try_from(entry.decompressed_size).ok().filter(|size| self.is_credible(&entry, *size))?;
        let mut bytes = buffers.spent.pop().unwrap_or_default();
        let Some(base) = &step.base else {
            bytes.resize(size, 0);
            buffers.same.clear();
            self.pack.decompress_entry(&entry, &mut buffers.inflate, &mut bytes).ok()?;
            return Some(bytes);
        };
        buffers.delta.resize(size, 0);
        self.pack.decompress_entry(&entry, &mut buffers.inflate, &mut buffers.delta).ok()?;
        delta::apply(&base.bytes, &buffers.delta, &mut bytes, &mut buffers.same).ok()?;
        Some(bytes)
    }

    /// Deflate never packs more than 1,032 bytes into one: a larger size is no reason to set memory aside.
    fn is_credible(&self, entry: &data::Entry, size: usize) -> bool {
        let stored = (self.pack.pack_end() as u64).saturating_sub(entry.data_offset);
        size as u64 <= stored.saturating_mul(1032)
    }

    fn root(&self, kinds: &[Kind]) -> Option<Step<T>> {
        loop {
            let &(number, kind) = self.forest.roots().get(self.next_root.fetch_add(1, Ordering::Relaxed))?;
            if kinds.contains(&kind) {
                return Some(Step { number, kind, base: None });
            }
        }
    }

    fn share(&self, stack: &mut Vec<Step<T>>) {
        // The oldest steps lead to the most objects.
        let half = stack.len() / 2;
        self.shared().spare.extend(stack.drain(..half));
        self.changed.notify_all();
    }

    /// Waits for a step that another thread can spare; none when all threads wait.
    fn wait(&self, jobs: usize) -> Option<Step<T>> {
        let mut shared = self.shared();
        loop {
            if shared.finished {
                return None;
            }
            if let Some(step) = shared.spare.pop() {
                return Some(step);
            }
            if shared.waiting + 1 == jobs {
                shared.finished = true;
                self.changed.notify_all();
                return None;
            }
            shared.waiting += 1;
            self.hungry.fetch_add(1, Ordering::Relaxed);
            shared = self.changed.wait(shared).unwrap_or_else(PoisonError::into_inner);
            self.hungry.fetch_sub(1, Ordering::Relaxed);
            shared.waiting -= 1;
        }
    }

    fn shared(&self) -> MutexGuard<'_, Shared<T>> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Buffers {
    fn reclaim<T>(&mut self, base: Option<Arc<Decoded<T>>>) {
        if let Some(decoded) = base.and_then(Arc::into_inner) {
            self.spend(decoded.bytes);
        }
    }

    /// Keeps a buffer for the next object. Exceptionally large ones are given back.
    fn spend(&mut self, bytes: Vec<u8>) {
        const KEPT: usize = 4 << 20;
        if bytes.capacity() <= KEPT && self.spent.len() < 8 {
            self.spent.push(bytes);
        }
    }
}

/// A thread that leaves, in whatever way, leaves nobody waiting: the others wait only while somebody works.
struct Leaving<'l, 'w, T: Default + Send + Sync>(&'l Walk<'w, T>);

impl<T: Default + Send + Sync> Drop for Leaving<'_, '_, T> {
    fn drop(&mut self) {
        self.0.shared().finished = true;
        self.0.changed.notify_all();
    }
}
