//! Everything that a store holds: packs, read along their delta trees with no cache and no random access, and the rest.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use gix::ObjectId;
use gix::odb::pack::{data, index, multi_index};

use super::forest::Forest;
use super::position::position;
use super::walk::Walk;
use super::{Bench, Reading, Visit, Visitor, loose};
use crate::source::git::object::pack_folder;
use crate::source::git::{Objects, Store};

/// A pack, ready to be walked.
struct Pack {
    /// The number of its first object.
    first: u64,
    index: index::File,
    file: data::File,
    forest: Forest,
}

/// Everything that a store holds.
pub struct Holdings<'s> {
    store: &'s Store,
    packs: Vec<Pack>,
    /// Objects that are read one by one: loose ones, and those of packs that cannot be walked.
    others: Vec<ObjectId>,
    /// Objects that are named but not there, by the numbers that they were given, less the number of those that are.
    strangers: Mutex<(Vec<ObjectId>, HashMap<ObjectId, usize>)>,
    failures: Vec<String>,
}

impl<'s> Holdings<'s> {
    /// Opens all packs, and lists what is in none of them.
    pub fn of(store: &'s Store) -> Self {
        let mut holdings =
            Self { store, packs: Vec::new(), others: Vec::new(), strangers: Mutex::default(), failures: Vec::new() };
        for folder in store.folders() {
            holdings.add_packs(&pack_folder(folder));
        }
        let mut others = std::mem::take(&mut holdings.others);
        for folder in store.folders() {
            others.extend(loose::ids(folder, store.hash()));
        }
        let mut seen = HashSet::new();
        let packed = |id: &ObjectId| holdings.packs.iter().any(|pack| pack.place(id).is_some());
        others.retain(|id| !packed(id) && seen.insert(*id));
        others.sort_unstable();
        holdings.others = others;
        holdings
    }

    /// Number of objects, each counted once for every pack it stands in.
    pub fn total(&self) -> u64 {
        self.packs.last().map_or(0, Pack::end) + self.others.len() as u64
    }

    /// Objects by their ids.
    pub fn objects(&self) -> Objects {
        self.store.objects()
    }

    /// The hash that object ids are made with.
    pub fn hash(&self) -> gix::hash::Kind {
        self.store.hash()
    }

    /// The number of an object, below the total: one of all the places where it stands.
    pub fn number(&self, id: &gix::oid) -> Option<u32> {
        let packed = self.packs.iter().find_map(|pack| Some(pack.first + u64::from(pack.place(id)?)));
        let other = || self.others.binary_search_by(|other| other.as_ref().cmp(id)).ok();
        let number = packed.or_else(|| Some(self.packs.last().map_or(0, Pack::end) + other()? as u64));
        number.map(numbered)
    }

    /// The id of a number.
    pub fn id(&self, number: u32) -> Option<ObjectId> {
        let number = u64::from(number);
        let packed = self.packs.iter().find(|pack| (pack.first..pack.end()).contains(&number));
        if let Some(pack) = packed {
            return Some(pack.index.oid_at_index(u32::try_from(number - pack.first).ok()?).to_owned());
        }
        let at = usize::try_from(number.checked_sub(self.packs.last().map_or(0, Pack::end))?).ok()?;
        let stranger = || self.strangers().0.get(at - self.others.len()).copied();
        self.others.get(at).copied().or_else(stranger)
    }

    /// The number of an object. One that is not there is given a number, for it is to be missed.
    pub fn enlist(&self, id: &gix::oid) -> u32 {
        self.number(id).unwrap_or_else(|| {
            let (ids, numbers) = &mut *self.strangers();
            let at = *numbers.entry(id.to_owned()).or_insert_with_key(|id| {
                ids.push(*id);
                ids.len() - 1
            });
            numbered(self.total() + at as u64)
        })
    }

    /// Number of all numbers that were given.
    pub fn numbers(&self) -> usize {
        usize::try_from(self.total()).unwrap_or(usize::MAX) + self.strangers().0.len()
    }

    #[allow(clippy::type_complexity, reason = "a list and the way back")]
    fn strangers(&self) -> MutexGuard<'_, (Vec<ObjectId>, HashMap<ObjectId, usize>)> {
        self.strangers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What could not be opened, in words.
    pub fn failures(&self) -> &[String] {
        &self.failures
    }

    /// Gives the memory back that only reading needs: nothing can be visited any more, but numbers stay.
    pub fn close(&mut self) {
        for pack in &mut self.packs {
            pack.forest = Forest::default();
        }
    }

    /// Hands every object of the reading's kinds to a visitor. Contents are not checked against their ids: that would cost
    /// more than decoding them.
    pub fn visit<V: Visitor, M: Fn() -> V + Sync>(&self, reading: Reading<'_>, make: &M) -> Visit<V> {
        let bench = Bench { resting: Mutex::new(Vec::new()), make };
        let mut others = self.others.clone();
        for (at, pack) in self.packs.iter().enumerate() {
            others.extend(pack.walk(&self.packs[..at], reading, &bench));
        }
        let failures = loose::visit(self, &others, reading, &bench);
        let visitors = bench.resting.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        Visit { visitors, failures, stopped: reading.stopped() }
    }

    fn add_packs(&mut self, folder: &Path) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in &paths {
            let is = |extension: &str| path.extension().is_some_and(|found| found == extension);
            if is("idx") {
                match index::File::at(path, self.store.hash()) {
                    Ok(index) => self.add_pack(&path.with_extension("pack"), index),
                    Err(error) => self.failures.push(format!("{} cannot be read: {error}", path.display())),
                }
            } else if is("pack") && !path.with_extension("idx").is_file() {
                self.add_from_multi_index(folder, path);
            }
        }
    }

    fn add_pack(&mut self, path: &Path, index: index::File) {
        match data::File::at(path, self.store.hash()) {
            Ok(file) => {
                let forest = Forest::of(&file, &index);
                let first = self.packs.last().map_or(0, Pack::end);
                self.packs.push(Pack { first, index, file, forest });
            }
            Err(error) => {
                self.failures.push(format!("{} is damaged: {error}", path.display()));
                self.others.extend(index.iter().map(|entry| entry.oid));
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

fn numbered(number: u64) -> u32 {
    u32::try_from(number).expect("fewer than four billion objects")
}

impl Pack {
    /// The number behind its last object's.
    fn end(&self) -> u64 {
        self.first + u64::from(self.index.num_objects())
    }

    /// Where the object stands in the index.
    fn place(&self, id: &gix::oid) -> Option<u32> {
        let at = |place| self.index.oid_at_index(place).as_bytes();
        position(self.index.num_objects(), at, id.as_bytes())
    }

    /// Visits what this pack holds and no earlier one does. Returns what must be read one by one: another pack may hold it
    /// undamaged.
    fn walk<V: Visitor, M: Fn() -> V + Sync>(
        &self,
        earlier: &[Self],
        reading: Reading<'_>,
        bench: &Bench<'_, V, M>,
    ) -> Vec<ObjectId> {
        let wanted = |id: &gix::oid| !earlier.iter().any(|pack| pack.place(id).is_some());
        let lost = Walk::new(&self.file, &self.index, &self.forest, numbered(self.first), &wanted).run(reading, bench);
        let left = lost.iter().chain(self.forest.strays());
        left.map(|number| self.index.oid_at_index(self.forest.in_index(*number)).to_owned()).collect()
    }
}
