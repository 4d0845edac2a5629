//! Packs, read along their delta trees: every object is decoded exactly once, with no cache and no random access.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use gix::ObjectId;
use gix::odb::pack::index::traverse::{Algorithm, Options, SafetyCheck};
use gix::odb::pack::{cache, data, index, multi_index};

use super::{Bench, Reading, Station, Visit, Visitor, loose};
use crate::source::git::Store;
use crate::source::git::object::pack_folder;

/// A pack and its index.
struct Pack {
    path: PathBuf,
    index: index::File,
}

/// Everything a store holds.
struct Contents {
    packs: Vec<Pack>,
    /// Objects that no index of a single pack lists: loose ones, and those of packs that only a multi-pack index knows.
    others: Vec<ObjectId>,
    failures: Vec<String>,
}

/// Number of objects, each counted once for every pack it stands in.
pub fn total(store: &Store) -> u64 {
    let contents = Contents::of(store);
    contents.packs.iter().map(|pack| u64::from(pack.index.num_objects())).sum::<u64>() + contents.others.len() as u64
}

/// Hands every object of the store to a visitor. Contents are not checked against their ids: that would cost more than
/// decoding them.
pub fn visit_all<V: Visitor, M: Fn() -> V + Sync>(store: &Store, reading: Reading<'_>, make: &M) -> Visit<V> {
    let bench = Bench { resting: Mutex::new(Vec::new()), make };
    let contents = Contents::of(store);
    let mut failures = contents.failures;
    let mut others = contents.others;
    for (at, pack) in contents.packs.iter().enumerate() {
        if reading.stopped() {
            break;
        }
        if let Err(text) = traverse(pack, &contents.packs[..at], store, reading, &bench)
            && !reading.stopped()
        {
            // One bad object ends the traversal: take the pack object by object, so that only what is bad is lost.
            failures.push(format!("{} is damaged: {text}", pack.path.display()));
            others.extend(pack.index.iter().map(|entry| entry.oid));
        }
    }
    failures.extend(loose::visit(store, &others, reading, &bench));
    let visitors = bench.resting.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    Visit { visitors, failures, stopped: reading.stopped() }
}

fn traverse<V: Visitor, M: Fn() -> V + Sync>(
    pack: &Pack,
    earlier: &[Pack],
    store: &Store,
    reading: Reading<'_>,
    bench: &Bench<'_, V, M>,
) -> Result<(), String> {
    let data = data::File::at(pack.path.with_extension("pack"), store.hash()).map_err(|error| error.to_string())?;
    let options = Options {
        traversal: Algorithm::DeltaTreeLookup,
        thread_limit: Some(reading.jobs.max(1)),
        check: SafetyCheck::SkipFileAndObjectChecksumVerification,
        alloc_limit_bytes: None,
        make_pack_lookup_cache: || cache::Never,
    };
    let mut station = Station { bench, visitor: None };
    let processor = move |kind, bytes: &[u8], entry: &index::Entry, _: &dyn gix::Progress| {
        if !earlier.iter().any(|pack| pack.index.lookup(entry.oid).is_some()) {
            station.visit(kind, entry.oid, bytes);
        }
        (reading.advance)();
        Ok(())
    };
    let mut progress = gix::progress::Discard;
    let outcome = pack.index.traverse(&data, &mut progress, reading.stop, processor, options);
    outcome.map(|_| ()).map_err(|error| error.to_string())
}

impl Contents {
    fn of(store: &Store) -> Self {
        let mut contents = Self { packs: Vec::new(), others: Vec::new(), failures: Vec::new() };
        for folder in store.folders() {
            contents.add_packs(&pack_folder(folder), store);
        }
        let mut others = std::mem::take(&mut contents.others);
        for folder in store.folders() {
            others.extend(loose::ids(folder, store.hash()));
        }
        let mut seen = HashSet::new();
        let packed = |id: &ObjectId| contents.packs.iter().any(|pack| pack.index.lookup(id).is_some());
        contents.others = others.into_iter().filter(|id| !packed(id) && seen.insert(*id)).collect();
        contents
    }

    fn add_packs(&mut self, folder: &Path, store: &Store) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in &paths {
            let is = |extension: &str| path.extension().is_some_and(|found| found == extension);
            if is("idx") {
                match index::File::at(path, store.hash()) {
                    Ok(index) => self.packs.push(Pack { path: path.clone(), index }),
                    Err(error) => self.failures.push(format!("{} cannot be read: {error}", path.display())),
                }
            } else if is("pack") && !path.with_extension("idx").is_file() {
                self.add_from_multi_index(folder, path);
            }
        }
    }

    /// A pack without an index of its own: a multi-pack index may list its objects.
    fn add_from_multi_index(&mut self, folder: &Path, pack: &Path) {
        let lists = multi_index::File::at(folder.join("multi-pack-index"), None).ok().filter(|multi| {
            let name = pack.with_extension("idx");
            multi.index_names().iter().any(|known| Some(known.as_os_str()) == name.file_name())
        });
        match lists {
            Some(multi) => self.others.extend((0..multi.num_objects()).map(|at| multi.oid_at_index(at).to_owned())),
            None => self.failures.push(format!("{} has no index", pack.display())),
        }
    }
}
