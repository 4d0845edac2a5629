//! Files that are encrypted where they stand now, and were not once: whoever has the repository can still read what they held.
//!
//! Encrypted blobs are told by their content as all blobs are read, and places are worked out for them as for blobs with
//! values. Only where one of them stands at HEAD are the trees read for older blobs of the same name: other histories pay
//! nothing. An older version counts where it stood at the very path; a file that was renamed as it was encrypted is not
//! followed.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::collect::Hits;
use super::result::{Results, days};
use crate::finding::{Exposure, Fate, Finding, Location};
use crate::scan::sealed::{is_plain, seal};
use crate::source::git::history::{Base, Holdings, Kind, Layout, Line, Object, Part, Place, Reading, Standing};
use crate::source::git::history::{Visitor, places_of};
use crate::source::git::{Hash, Id, Mode, Store, path_text};

/// What is known of such files before the places of their older versions are.
#[derive(Default)]
pub(super) struct Once {
    /// Paths at which an encrypted file stands at HEAD, each with its blob.
    paths: BTreeMap<Vec<u8>, Id>,
    /// Blobs that had the name of one of them and are not encrypted.
    pub older: BTreeSet<Id>,
}

impl Once {
    /// Looks for older blobs with the names of encrypted files.
    pub fn of(
        store: &Store,
        holdings: &Holdings<'_>,
        line: &Line,
        hits: &Hits,
        standing: &BTreeMap<u32, Standing>,
        reading: Reading<'_>,
    ) -> Self {
        if hits.sealed.is_empty() {
            return Self::default();
        }
        let (places, _) = places_of(store, holdings, line, &hits.sealed, standing, reading.jobs);
        let at_head = places.into_iter().filter(|(_, place)| place.standing.head);
        let paths: BTreeMap<Vec<u8>, Id> = at_head.map(|((blob, path), _)| (path, blob)).collect();
        if paths.is_empty() {
            return Self::default();
        }
        let names: HashSet<&[u8]> = paths.keys().filter_map(|path| path.rsplit(|byte| *byte == b'/').next()).collect();
        let visit =
            holdings.visit(reading, &|| Namesakes { hash: holdings.hash(), names: &names, found: HashSet::new() });
        let found = visit.visitors.into_iter().flat_map(|visitor| visitor.found);
        let older = found.filter(|blob| !hits.sealed.contains(blob)).collect();
        Self { paths, older }
    }
}

/// One thread's receiver of trees: the blobs of some names.
struct Namesakes<'n> {
    hash: Hash,
    names: &'n HashSet<&'n [u8]>,
    found: HashSet<Id>,
}

impl Visitor for Namesakes<'_> {
    type Trace = Layout;

    fn visit(&mut self, tree: Object<'_>, base: Option<Base<'_, Layout>>) -> Layout {
        debug_assert_eq!(tree.kind, Kind::Tree);
        let base = base.map(|base| (base.trace, base.same));
        // What was copied whole was seen when the base was visited.
        Layout::read(tree.bytes, self.hash, base, |part| {
            if let Part::Fresh(entry) = part
                && entry.mode == Mode::File
                && self.names.contains(entry.name)
            {
                self.found.insert(entry.id());
            }
        })
    }
}

impl Results<'_> {
    /// A finding for every file that stood in clear before it was encrypted.
    pub(super) fn once_plain(&self, once: &Once) -> Vec<Finding> {
        let Some(declared) = self.engine.declared() else { return Vec::new() };
        let (objects, mut buffer) = (self.store.objects(), Vec::new());
        let mut stood: BTreeMap<&[u8], (Place, u64)> = BTreeMap::new();
        for ((blob, path), place) in self.places {
            let counts = once.older.contains(blob)
                && once.paths.contains_key(path)
                && self.reading.paths.wants(&path_text(path))
                && objects.read(blob, &mut buffer).is_ok()
                && is_plain(&buffer);
            if counts {
                let (all, versions) = stood.entry(path).or_insert((*place, 0));
                all.join(*place);
                *versions += 1;
            }
        }
        let finding = |(path, (place, versions)): (&[u8], (Place, u64))| {
            let tool =
                objects.read(&once.paths[path], &mut buffer).ok().and_then(|_| seal(&buffer)).unwrap_or("a tool");
            let (first, last) = (self.moment(place.first), self.moment(place.last));
            let shown = self.shown(path);
            let stand = if versions == 1 { "1 version stands" } else { &format!("{versions} versions stand") };
            let message = format!(
                "Plain text in '{shown}': {tool} encrypts it now, but {stand} in the history in clear. First committed {} ({}, as \
                 its committer states) in {}: what it held is known to everyone who has the repository.",
                days(first.1, self.reading.now),
                first.1.format("%Y-%m-%d"),
                first.0.get(..12).unwrap_or(&first.0),
            );
            let mut finding = declared.finding(message, Location::whole(self.origin(path, place.first)));
            finding.location.origin = finding.location.origin.clone().with_path(shown.clone());
            finding.exposure =
                Some(Box::new(Exposure { first, last, paths: vec![shown], at_head: false, fate: Fate::Deleted }));
            finding
        };
        stood.into_iter().map(finding).collect()
    }
}
