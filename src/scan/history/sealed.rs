//! Files that are encrypted where they stand now, and were not once: whoever has the repository can still read what they held.
//!
//! Encrypted blobs are told by their content as all blobs are read. Only where one of them stands at HEAD does attribution also
//! note what stood at its path before: other histories pay nothing. A file that was renamed as it was encrypted is not followed.

use std::collections::{BTreeMap, BTreeSet};

use super::result::{Results, days};
use crate::finding::{Exposure, Fate, Finding, Location};
use crate::scan::sealed::{is_plain, seal};
use crate::source::git::history::{Holdings, Line, Place, Standing, Versions, Watched};
use crate::source::git::{Delta, Id, path_text};

/// Files at HEAD that are followed, at most: trees that hold each other many times over make one file stand anywhere.
const MOST_FILES: usize = 1 << 16;

/// Files that are encrypted at HEAD.
#[derive(Default)]
pub(super) struct Sealed {
    /// Each path with its blob, in the order in which they are asked about.
    files: Vec<(Vec<u8>, Id)>,
}

impl Sealed {
    /// Those of the encrypted blobs that stand in a commit that is checked out. What could not be read comes second, in words.
    pub fn at_head(
        holdings: &Holdings<'_>,
        line: &Line,
        standing: &BTreeMap<u32, Standing>,
        blobs: &BTreeSet<Id>,
    ) -> (Self, Vec<String>) {
        let (objects, mut files, mut failures) = (holdings.objects(), BTreeMap::new(), Vec::new());
        let heads = standing.iter().filter(|(_, standing)| standing.head && !blobs.is_empty());
        for tree in heads.filter_map(|(at, _)| holdings.id(line.tree(*at))) {
            match Delta::between(&objects, Some(tree), &[]) {
                Ok(delta) => {
                    let sealed = delta.changes.into_iter().filter(|change| blobs.contains(&change.id));
                    files.extend(sealed.map(|change| (change.path, change.id)));
                }
                Err(text) => failures.push(text),
            }
        }
        if files.len() > MOST_FILES {
            failures
                .push(format!("{} files are encrypted at HEAD, and {MOST_FILES} of them are followed", files.len()));
        }
        (Self { files: files.into_iter().take(MOST_FILES).collect() }, failures)
    }

    /// What is to be asked about them.
    pub fn watched(&self) -> Watched {
        Watched::new(self.files.iter().map(|(path, _)| path.clone()).collect())
    }
}

impl Results<'_> {
    /// A finding for every file that stood in clear before it was encrypted.
    pub(super) fn once_plain(&self, sealed: &Sealed, versions: &Versions) -> Vec<Finding> {
        let Some(declared) = self.engine.declared() else { return Vec::new() };
        let (objects, mut buffer) = (self.store.objects(), Vec::new());
        let mut stood: BTreeMap<usize, (Place, u64)> = BTreeMap::new();
        for ((at, blob), place) in versions {
            let (path, now) = &sealed.files[*at];
            let counts = blob != now
                && self.reading.paths.wants(&path_text(path))
                && objects.read(blob, &mut buffer).is_ok()
                && is_plain(&buffer);
            if counts {
                let (all, versions) = stood.entry(*at).or_insert((*place, 0));
                all.join(*place);
                *versions += 1;
            }
        }
        let finding = |(at, (place, versions)): (usize, (Place, u64))| {
            let (path, now) = &sealed.files[at];
            let tool = objects.read(now, &mut buffer).ok().and_then(|_| seal(&buffer)).unwrap_or("a tool");
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
