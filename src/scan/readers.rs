//! Who may read a key file: a mode that lets every account of the machine in is worse than the key's place. Files that git
//! tracks are left alone: it keeps no such modes, and whoever has the repository has the file.

use std::path::Path;

use super::matcher::Engine;
use crate::finding::{Finding, Origin};
use crate::rule::{BY_CONTENT, Kind};
use crate::source::{Item, Source, git};

/// Marks the key files among the findings that everybody may read. `items` are sorted, as listings are.
pub fn mark(findings: &mut [Finding], source: &Source, items: &[Item], engine: &Engine) {
    let (_, rules) = engine.pair_rules();
    let is_key_file = |finding: &Finding| {
        let private = || rules.iter().find(|rule| rule.id == finding.rule).map(|rule| rule.definition.kind);
        BY_CONTENT.contains(&finding.rule.as_str()) || private() == Some(Kind::PrivateKey)
    };
    let mut tracked = None;
    for finding in findings.iter_mut().filter(|finding| finding.secret.is_some() && is_key_file(finding)) {
        let path = finding.location.origin.path();
        let path = path.split_once("!/").map_or(path, |(file, _)| file);
        let origin = Origin::File { path: path.to_owned() };
        let item = items.binary_search_by(|item| item.origin.cmp(&origin)).ok().and_then(|at| source.path(&items[at]));
        if !item.is_some_and(|path| is_world_readable(&path)) {
            continue;
        }
        let known = tracked.get_or_insert_with(|| tracked_files(source));
        finding.context.world_readable = known.as_ref().is_none_or(|known| known.read(path).is_none());
    }
}

fn tracked_files(source: &Source) -> Option<git::Tracked> {
    let repository = git::Repository::open(source.folder()?, &git::Environment::default()).ok()?;
    git::tracked_blobs(&repository).ok()
}

#[cfg(unix)]
fn is_world_readable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    const OTHERS_READ: u32 = 0o004;
    path.metadata().is_ok_and(|metadata| metadata.permissions().mode() & OTHERS_READ != 0)
}

#[cfg(not(unix))]
fn is_world_readable(_: &Path) -> bool {
    false
}
