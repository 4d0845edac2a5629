//! Objects that are read one by one.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use gix::ObjectId;

use super::{Bench, Holdings, Object, Reading, Visitor};

/// The ids of all loose objects in a folder of objects.
pub(super) fn ids(folder: &Path, hash: gix::hash::Kind) -> Vec<ObjectId> {
    gix::odb::loose::Store::at(folder, hash).iter().filter_map(Result::ok).collect()
}

/// Reads the objects on several threads; what cannot be read is returned, in words.
pub(super) fn visit<V: Visitor, M: Fn() -> V + Sync>(
    holdings: &Holdings<'_>,
    ids: &[ObjectId],
    reading: Reading<'_>,
    bench: &Bench<'_, V, M>,
) -> Vec<String> {
    const CHUNK: usize = 64;
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        let (objects, mut buffer) = (holdings.objects(), Vec::new());
        let mut visitor = bench.take();
        while let Some(chunk) = ids.get(next.fetch_add(CHUNK, Ordering::Relaxed)..) {
            if chunk.is_empty() || reading.stopped() {
                break;
            }
            for id in chunk.iter().take(CHUNK) {
                match objects.read(id, &mut buffer) {
                    Ok(kind) if reading.kinds.contains(&kind) => {
                        let number = holdings.enlist(id);
                        visitor.visit(Object { kind, id, number, bytes: &buffer, has_heirs: false }, None);
                        (reading.advance)();
                    }
                    Ok(_) => {}
                    Err(text) => failures.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(text),
                }
            }
        }
        bench.put_back(visitor);
    };
    if !ids.is_empty() {
        std::thread::scope(|scope| {
            for _ in 0..reading.jobs.max(1).min(ids.len().div_ceil(CHUNK)) {
                scope.spawn(work);
            }
        });
    }
    let mut failures = failures.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    failures.sort();
    failures
}
