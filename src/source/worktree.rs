//! Files and folders on disk.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use ignore::{WalkBuilder, WalkState};

use super::{Error, Item, Listing, Options, describe, git};
use crate::finding::{Origin, Skip, SkipReason};

/// Files of `.git` that hold remotes, and so keys; nothing else there is text of the user's.
const GIT_TEXTS: [&str; 3] = ["config", "config.worktree", "FETCH_HEAD"];
/// keyrot's own ignore file, honoured everywhere.
const OWN_IGNORE_FILE: &str = ".keyrotignore";

/// One path that was named, and what paths in reports are relative to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkTree {
    /// What to read.
    root: PathBuf,
    /// The repository root, or the scanned folder outside a repository.
    base: PathBuf,
}

impl WorkTree {
    /// A file or folder that the user named.
    ///
    /// # Errors
    /// It does not exist or cannot be looked at.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let unusable = |source| Error::Unusable { path: path.to_owned(), source };
        let root = path.canonicalize().map_err(unusable)?;
        let metadata = root.metadata().map_err(unusable)?;
        let folder = if metadata.is_dir() { root.as_path() } else { root.parent().unwrap_or(&root) };
        let base = repository_root(folder).unwrap_or(folder).to_owned();
        Ok(Self { root, base })
    }

    /// What paths in reports are relative to.
    pub fn base(&self) -> &Path {
        &self.base
    }

    /// What was named.
    pub fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn list(&self, options: &Options) -> Result<Listing, Error> {
        let filter = PathFilter::new(options)?;
        if !self.root.is_dir() {
            return Ok(self.list_one());
        }
        let listing = Mutex::new(Listing::default());
        self.walker(options).build_parallel().run(|| {
            let (listing, filter) = (&listing, &filter);
            Box::new(move |entry| {
                self.visit(entry, filter, listing);
                WalkState::Continue
            })
        });
        let mut listing = listing.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        self.add_git_texts(&mut listing);
        if !options.no_ignore {
            self.add_tracked(&filter, options.no_own_ignore, &mut listing);
        }
        listing.items.sort_unstable();
        listing.items.dedup();
        listing.items.shrink_to_fit();
        listing.skipped.sort_unstable();
        Ok(listing)
    }

    /// Tracked files are exposed, whatever ignore patterns say; keyrot's own ignore file is obeyed.
    fn add_tracked(&self, filter: &PathFilter, no_own_ignore: bool, listing: &mut Listing) {
        let Ok(repository) = git::Repository::open(&self.root, &git::Environment::default()) else { return };
        let tracked = match git::tracked(&repository) {
            Ok(tracked) => tracked,
            Err(error) => return listing.notes.push(format!("Tracked files could not be told from others: {error}.")),
        };
        let top = repository.work_tree().and_then(|top| top.canonicalize().ok()).unwrap_or_default();
        let listed: HashSet<&Item> = listing.items.iter().collect();
        let mut added = Vec::new();
        for (name, _) in &tracked {
            let path = top.join(name);
            let item = self.item(&path);
            let wanted = path.starts_with(&self.root) && filter.wants(item.origin.path()) && !listed.contains(&item);
            let obeyed = || no_own_ignore || !self.keyrot_ignores(&path);
            if wanted && path.is_file() && !path.is_symlink() && obeyed() {
                added.push(item);
            }
        }
        let count = added.len();
        listing.items.extend(added);
        match count {
            0 => {}
            1 => listing.notes.push("1 tracked file that an ignore pattern matches was read too.".to_owned()),
            _ => listing.notes.push(format!("{count} tracked files that ignore patterns match were read too.")),
        }
    }

    fn keyrot_ignores(&self, path: &Path) -> bool {
        let folders = path.ancestors().skip(1).take_while(|folder| folder.starts_with(&self.base));
        let mut files = folders.map(|folder| folder.join(OWN_IGNORE_FILE)).filter(|file| file.is_file());
        files.any(|file| {
            let (patterns, _) = ignore::gitignore::Gitignore::new(&file);
            patterns.matched_path_or_any_parents(path, false).is_ignore()
        })
    }

    fn list_one(&self) -> Listing {
        let mut listing = Listing::default();
        let origin = self.origin(&self.root);
        if self.root.is_file() {
            listing.items.push(self.item(&self.root));
        } else {
            listing.skipped.push(Skip { origin, reason: SkipReason::Special, bytes: None });
        }
        listing
    }

    fn walker(&self, options: &Options) -> WalkBuilder {
        let mut walker = WalkBuilder::new(&self.root);
        walker
            .hidden(false)
            .git_global(false)
            .ignore(!options.no_ignore)
            .git_ignore(!options.no_ignore)
            .git_exclude(!options.no_ignore)
            .parents(!options.no_ignore)
            .threads(options.jobs)
            .filter_entry(|entry| entry.file_name() != OsStr::new(".git") || entry.depth() == 0);
        if !options.no_ignore && !options.no_own_ignore {
            walker.add_custom_ignore_filename(OWN_IGNORE_FILE);
        }
        walker
    }

    fn visit(&self, entry: Result<ignore::DirEntry, ignore::Error>, filter: &PathFilter, listing: &Mutex<Listing>) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => return self.note_failure(&error, listing),
        };
        let Some(kind) = entry.file_type() else { return };
        let path = entry.path();
        let mut change = Listing::default();
        if kind.is_dir() {
            // The walker is silent about what it ignores: count what the folder holds, and take away what is visited.
            change.ignored = std::fs::read_dir(path).map_or(0, |entries| {
                entries.flatten().filter(|entry| entry.file_name() != OsStr::new(".git")).count() as u64
            });
        } else {
            let origin = self.origin(path);
            if !filter.wants(origin.path()) {
                change.ignored = 1;
            } else if kind.is_file() {
                change.items.push(self.item(path));
            } else {
                let reason = if kind.is_symlink() { SkipReason::Symlink } else { SkipReason::Special };
                change.skipped.push(Skip { origin, reason, bytes: None });
            }
        }
        let mut listing = listing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        listing.ignored = listing.ignored.wrapping_add(change.ignored).wrapping_sub(u64::from(entry.depth() > 0));
        listing.items.append(&mut change.items);
        listing.skipped.append(&mut change.skipped);
    }

    fn note_failure(&self, error: &ignore::Error, listing: &Mutex<Listing>) {
        let path = failed_path(error).unwrap_or(&self.root);
        let text = error.io_error().map_or_else(|| error.to_string(), describe);
        let skip = Skip { origin: self.origin(path), reason: SkipReason::Unreadable(text), bytes: None };
        listing.lock().unwrap_or_else(std::sync::PoisonError::into_inner).skipped.push(skip);
    }

    fn add_git_texts(&self, listing: &mut Listing) {
        let git = self.root.join(".git");
        if git.is_file() {
            listing.items.push(self.item(&git));
            return;
        }
        let mut texts: Vec<PathBuf> = GIT_TEXTS.iter().map(|name| git.join(name)).collect();
        let modules = walkdir::WalkDir::new(git.join("modules")).follow_links(false).into_iter().flatten();
        texts.extend(
            modules.filter(|entry| entry.file_name() == OsStr::new("config")).map(walkdir::DirEntry::into_path),
        );
        for path in texts {
            if path.symlink_metadata().is_ok_and(|metadata| metadata.is_file()) {
                listing.items.push(self.item(&path));
            }
        }
    }

    fn item(&self, path: &Path) -> Item {
        let origin = self.origin(path);
        let told = self.base.join(origin.path());
        // Bytes that are shown in another form must be kept.
        Item { path: (told != path).then(|| path.into()), origin }
    }

    /// Where an item is opened.
    pub(super) fn path<'i>(&self, item: &'i Item) -> Cow<'i, Path> {
        item.path.as_deref().map_or_else(|| Cow::Owned(self.base.join(item.origin.path())), Cow::Borrowed)
    }

    fn origin(&self, path: &Path) -> Origin {
        Origin::File { path: display_path(path.strip_prefix(&self.base).unwrap_or(path)) }
    }
}

/// The nearest folder at or above `folder` that holds `.git`.
pub fn repository_root(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|folder| folder.join(".git").exists())
}

/// The path with `/` between its parts; control characters and bytes that are not UTF-8 are percent-encoded, so that no
/// name can move the cursor of a terminal or forge a line of a report.
fn display_path(path: &Path) -> String {
    let mut text = String::new();
    for part in path.components() {
        if !text.is_empty() && !text.ends_with('/') {
            text.push('/');
        }
        for chunk in part.as_os_str().as_encoded_bytes().utf8_chunks() {
            for letter in chunk.valid().chars() {
                if letter.is_control() {
                    letter.to_string().bytes().for_each(|byte| text.push_str(&format!("%{byte:02X}")));
                } else {
                    text.push(letter);
                }
            }
            for byte in chunk.invalid() {
                text.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    text.shrink_to_fit();
    text
}

fn failed_path(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithLineNumber { err, .. } | ignore::Error::WithDepth { err, .. } => failed_path(err),
        ignore::Error::Loop { child, .. } => Some(child),
        _ => None,
    }
}

/// The path settings of the configuration.
pub struct PathFilter {
    include: Option<GlobSet>,
    exclude: GlobSet,
}

impl PathFilter {
    /// Compiles the settings.
    ///
    /// # Errors
    /// One of them is no glob.
    pub fn new(options: &Options) -> Result<Self, Error> {
        let include = (!options.include.is_empty()).then(|| globs(&options.include)).transpose()?;
        Ok(Self { include, exclude: globs(&options.exclude)? })
    }

    /// Whether the path is read.
    pub fn wants(&self, path: &str) -> bool {
        self.include.as_ref().is_none_or(|globs| globs.is_match(path)) && !self.exclude.is_match(path)
    }
}

fn globs(patterns: &[String]) -> Result<GlobSet, Error> {
    let mut builder = GlobSetBuilder::new();
    for pattern in patterns {
        let glob = GlobBuilder::new(pattern).literal_separator(true).build();
        builder.add(glob.map_err(|source| Error::Glob { pattern: pattern.clone(), source })?);
    }
    builder.build().map_err(|source| Error::Glob { pattern: patterns.join(", "), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_with_slashes() {
        assert_eq!(display_path(Path::new("a/b.txt")), "a/b.txt");
        assert_eq!(display_path(Path::new("a\n\u{1b}[2K.txt")), "a%0A%1B[2K.txt");
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStrExt;
            assert_eq!(display_path(Path::new(OsStr::from_bytes(b"a/\xff.txt"))), "a/%FF.txt");
        }
    }
}
