//! Under which names blobs stand: a file's name says how its text is to be read. Commits are walked last, but a tree names
//! its files, and one that is stored as a change of another tree names only few that are new.

use std::collections::HashMap;

use crate::scan::matcher::UNKNOWN_PATH;
use crate::scan::pair;
use crate::source::git::history::{Base, Layout, Object, Part, Visitor};
use crate::source::git::{Hash, Mode, Oid};

/// A number of a kind of file, as far as its name makes a difference.
pub type Kind = u32;

/// The kind of blobs that no tree names.
const UNNAMED: Kind = 0;

/// Which kinds of files each blob is.
pub struct Names {
    /// A path for each kind; it begins with [`UNKNOWN_PATH`], as the folder is not known.
    paths: Vec<String>,
    /// The head of a blob's id and a kind, sorted. Blobs whose ids begin alike share their kinds: that costs a search more
    /// and changes no result.
    of: Vec<(u64, Kind)>,
}

impl Names {
    /// Joins what the threads saw. Kinds are numbered by name and not by thread: a blob of several kinds is judged as the
    /// same first one in every run.
    pub fn new(threads: Vec<Namer>) -> Self {
        let mut sorted: Vec<Vec<u8>> = threads.iter().flat_map(|thread| thread.names.iter().cloned()).collect();
        sorted.sort_unstable();
        sorted.dedup();
        let number = |name: &Vec<u8>| {
            let place = sorted.binary_search(name).map_or(0, |place| place + 1);
            Kind::try_from(place).unwrap_or(UNNAMED)
        };
        let mut names = Self { paths: vec![UNKNOWN_PATH.to_owned()], of: Vec::new() };
        names.paths.extend(sorted.iter().map(|name| format!("{UNKNOWN_PATH}/{}", String::from_utf8_lossy(name))));
        for thread in threads {
            let kinds: Vec<Kind> = thread.names.iter().map(number).collect();
            names.of.extend(thread.of.into_iter().map(|(head, kind)| (head, kinds[kind as usize])));
        }
        names.of.sort_unstable();
        names.of.dedup();
        names.of.shrink_to_fit();
        names
    }

    /// The kinds of a blob, at least one.
    pub fn kinds(&self, blob: &Oid) -> impl Iterator<Item = Kind> {
        let head = head(blob);
        let from = self.of.partition_point(|(other, _)| *other < head);
        let named = self.of[from..].iter().take_while(move |(other, _)| *other == head).map(|(_, kind)| *kind);
        let is_named = self.of.get(from).is_some_and(|(other, _)| *other == head);
        named.chain((!is_named).then_some(UNNAMED))
    }

    /// The path that stands for a kind.
    pub fn path(&self, kind: Kind) -> &str {
        &self.paths[kind as usize]
    }
}

/// One thread's receiver of trees.
pub struct Namer {
    hash: Hash,
    /// In the order of this thread's own numbers.
    names: Vec<Vec<u8>>,
    numbers: HashMap<Vec<u8>, Kind>,
    of: Vec<(u64, Kind)>,
}

impl Namer {
    /// An empty receiver for trees whose ids are made with the hash.
    pub fn new(hash: Hash) -> Self {
        Self { hash, names: Vec::new(), numbers: HashMap::new(), of: Vec::new() }
    }

    fn kind(&mut self, name: &[u8]) -> Kind {
        let name = telling(name);
        if let Some(kind) = self.numbers.get(name.as_ref()) {
            return *kind;
        }
        let next = Kind::try_from(self.names.len()).expect("fewer than four billion names");
        self.names.push(name.to_vec());
        self.numbers.insert(name.into_owned(), next);
        next
    }
}

impl Visitor for Namer {
    type Trace = Layout;

    fn visit(&mut self, tree: Object<'_>, base: Option<Base<'_, Layout>>) -> Layout {
        let base = base.map(|base| (base.trace, base.same));
        // What was copied whole was named when the base was visited.
        Layout::read(tree.bytes, self.hash, base, |part| {
            if let Part::Fresh(entry) = part
                && entry.mode == Mode::File
            {
                let kind = self.kind(entry.name);
                self.of.push((head(entry.oid()), kind));
            }
        })
    }
}

/// As much of a file's name as says how its text is read: the whole of special names, else the ending.
fn telling(name: &[u8]) -> std::borrow::Cow<'_, [u8]> {
    let special = name.starts_with(b".") || std::str::from_utf8(name).is_ok_and(pair::is_read_by_path);
    if special {
        return name.into();
    }
    let ending = memchr::memrchr(b'.', name).map_or(&[][..], |dot| &name[dot..]);
    [b"x", ending].concat().into()
}

fn head(id: &Oid) -> u64 {
    let mut head = [0; 8];
    head.copy_from_slice(&id.as_bytes()[..8]);
    u64::from_be_bytes(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_do_not_depend_on_which_thread_saw_a_name_first() {
        let threads = |order: [&[&str]; 2]| {
            let namer = |names: &&[&str]| {
                let mut namer = Namer::new(Hash::Sha1);
                for (blob, name) in names.iter().enumerate() {
                    let kind = namer.kind(name.as_bytes());
                    namer.of.push((blob as u64, kind));
                }
                namer
            };
            let joined = Names::new(order.iter().map(namer).collect());
            (joined.paths.clone(), joined.of)
        };
        let (one, other): (&[&str], &[&str]) = (&["a.rs", "b.env"], &["c.py", "d.rs"]);
        assert_eq!(threads([one, other]), threads([other, one]));
        assert_eq!(threads([one, other]).0.len(), 4, "three endings and no name");
    }
}
