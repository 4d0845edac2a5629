//! Opening a repository so that nothing in it is run or written, and what its refs lead to.

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use gix::ObjectId;

use super::commit::Commit;
use super::object::{Objects, Store, pack_folder};
use super::{Error, plumbing};

/// What git tells its hooks through the environment. Read once, at the edge of the process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// `GIT_DIR`: the repository, where it is not to be looked for.
    pub git_dir: Option<PathBuf>,
    /// `GIT_INDEX_FILE`: the index of a `git commit -a` or `-p`.
    pub index_file: Option<PathBuf>,
    /// `GIT_OBJECT_DIRECTORY`: the quarantine of a push that is being received.
    pub object_directory: Option<PathBuf>,
    /// `GIT_ALTERNATE_OBJECT_DIRECTORIES`: the real store beside a quarantine.
    pub alternates: Vec<PathBuf>,
}

impl Environment {
    /// Looks the variables up; relative paths are relative to `folder`.
    pub fn read(folder: &Path, variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let path = |name: &str| variable(name).filter(|value| !value.is_empty()).map(|value| folder.join(value));
        let alternates = variable("GIT_ALTERNATE_OBJECT_DIRECTORIES").unwrap_or_default();
        Self {
            git_dir: path("GIT_DIR"),
            index_file: path("GIT_INDEX_FILE"),
            object_directory: path("GIT_OBJECT_DIRECTORY"),
            alternates: std::env::split_paths(&alternates)
                .filter(|path| !path.as_os_str().is_empty())
                .map(|path| folder.join(path))
                .collect(),
        }
    }
}

/// A repository that was opened for reading.
///
/// Only the repository's own configuration is read, and of it only what says how the repository is stored: no includes, no
/// user or system files, no environment. No hook, filter, monitor, textconv or external diff is ever run.
pub struct Repository {
    inner: gix::Repository,
    store: Store,
    index: PathBuf,
    reftable: bool,
}

/// Something that refs lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tip {
    /// The object.
    pub id: ObjectId,
    /// What named it.
    pub kind: TipKind,
}

/// What named a tip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TipKind {
    /// `HEAD`, of any work tree.
    Head,
    /// A branch, local or remote.
    Branch,
    /// A tag, stash, note or anything else.
    Other,
}

impl Repository {
    /// Opens the repository that holds `path`, or the one that the environment names.
    ///
    /// # Errors
    /// There is none, or it is stored in a way that cannot be read.
    pub fn open(path: &Path, environment: &Environment) -> Result<Self, Error> {
        let failed = |text: String| Error::Open { path: path.to_owned(), text };
        let inner = if let Some(folder) = &environment.git_dir {
            options().open_path_as_is(true).open(folder).map_err(|error| failed(error.to_string()))?
        } else {
            let start = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
            gix::discover::upwards(start).map_err(|_| Error::NoRepository { path: path.to_owned() })?;
            let mapping = gix::sec::trust::Mapping { full: options(), reduced: options() };
            gix::ThreadSafeRepository::discover_opts(start, gix::discover::upwards::Options::default(), mapping)
                .map_err(|error| failed(error.to_string()))?
        };
        let inner = inner.to_thread_local();
        let storage = inner.config_snapshot().string("extensions.refStorage");
        let mut roots = vec![match &environment.object_directory {
            Some(folder) => folder.clone(),
            None => inner.common_dir().join("objects"),
        }];
        roots.extend(environment.alternates.iter().filter(|folder| folder.is_dir()).cloned());
        Ok(Self {
            store: Store::open(&roots, inner.object_hash())?,
            index: environment.index_file.clone().unwrap_or_else(|| inner.index_path()),
            reftable: storage.is_some_and(|name| name == "reftable"),
            inner,
        })
    }

    /// The folder that files are checked out in; none for a bare repository.
    pub fn work_tree(&self) -> Option<&Path> {
        self.inner.workdir()
    }

    /// The repository's own folder.
    pub fn git_dir(&self) -> &Path {
        self.inner.git_dir()
    }

    /// The folder that all work trees of the repository share.
    pub fn common_dir(&self) -> &Path {
        self.inner.common_dir()
    }

    /// The value of a setting in the repository's own configuration.
    pub fn setting(&self, key: &str) -> Option<String> {
        self.inner.config_snapshot().string(key).map(|value| value.to_string())
    }

    /// Where the index is.
    pub fn index_path(&self) -> &Path {
        &self.index
    }

    /// All object stores.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The commit that is checked out; none while there is no commit on the branch.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn head(&self) -> Result<Option<ObjectId>, Error> {
        if self.reftable {
            return plumbing::resolve(self.git_dir(), "HEAD");
        }
        let head = self.inner.head().map_err(|error| Error::Refs { text: error.to_string() })?;
        Ok(head.id().map(gix::Id::detach))
    }

    /// The commit that a revision names.
    ///
    /// # Errors
    /// It names nothing, or no commit.
    pub fn commit(&self, revision: &str) -> Result<ObjectId, Error> {
        let failed = |text: String| Error::Revision { revision: revision.to_owned(), text };
        let id = if revision.len() == self.store.hash().len_in_hex()
            && let Ok(id) = ObjectId::from_hex(revision.as_bytes())
        {
            id
        } else if self.reftable {
            let found = plumbing::resolve(self.git_dir(), revision)?;
            found.ok_or_else(|| failed("no such revision".to_owned()))?
        } else {
            let found = self.inner.rev_parse_single(revision);
            found.map_err(|error| failed(first_line(&error.to_string())))?.detach()
        };
        let peeled = self.store.objects().peel(id).map_err(failed)?;
        match peeled.kind {
            gix::objs::Kind::Commit => Ok(peeled.id),
            kind => Err(failed(format!("it names a {kind}, not a commit"))),
        }
    }

    /// Everything that refs lead to: branches, tags, notes, the stash with all its entries, and the heads of all work
    /// trees. What could not be read comes second, in words.
    ///
    /// # Errors
    /// The refs cannot be listed at all.
    pub fn tips(&self) -> Result<(Vec<Tip>, Vec<String>), Error> {
        let (mut tips, mut failures) = (Vec::new(), Vec::new());
        if let Some(id) = self.head()? {
            tips.push(Tip { id, kind: TipKind::Head });
        }
        if self.reftable {
            tips.extend(plumbing::refs(self.git_dir())?.into_iter().map(|(name, id)| tip(&name, id)));
        } else {
            self.file_refs(&mut tips, &mut failures)?;
        }
        self.stash_entries(&mut tips);
        self.linked_heads(&mut tips);
        let mut seen = HashSet::new();
        tips.sort_by_key(|tip| tip.kind);
        tips.retain(|tip| seen.insert(tip.id));
        Ok((tips, failures))
    }

    /// The commits that refs below a prefix name; an empty prefix is all refs.
    ///
    /// # Errors
    /// The refs cannot be listed.
    pub fn ref_tips(&self, prefix: &str) -> Result<Vec<ObjectId>, Error> {
        let mut named: Vec<(String, ObjectId)> = Vec::new();
        if self.reftable {
            named = plumbing::refs(self.git_dir())?;
        } else {
            let failed = |error: gix::Error| Error::Refs { text: error.to_string() };
            for reference in self.inner.references().map_err(failed)?.all().map_err(failed)?.flatten() {
                if let gix::refs::TargetRef::Object(id) = reference.target() {
                    named.push((reference.name().as_bstr().to_string(), id.to_owned()));
                }
            }
        }
        let objects = self.store.objects();
        let below = named.into_iter().filter(|(name, _)| name.starts_with(prefix));
        let peeled = below.filter_map(|(_, id)| objects.peel(id).ok());
        Ok(peeled.filter(|peeled| peeled.kind == gix::objs::Kind::Commit).map(|peeled| peeled.id).collect())
    }

    fn file_refs(&self, tips: &mut Vec<Tip>, failures: &mut Vec<String>) -> Result<(), Error> {
        let failed = |error: gix::Error| Error::Refs { text: error.to_string() };
        for reference in self.inner.references().map_err(failed)?.all().map_err(failed)? {
            match reference {
                Ok(reference) => {
                    if let gix::refs::TargetRef::Object(id) = reference.target() {
                        tips.push(tip(&reference.name().as_bstr().to_string(), id.to_owned()));
                    }
                }
                Err(error) => failures.push(format!("a ref cannot be read: {error}")),
            }
        }
        Ok(())
    }

    /// Older stash entries stand in the log of the stash alone.
    fn stash_entries(&self, tips: &mut Vec<Tip>) {
        let Ok(log) = std::fs::read(self.common_dir().join("logs/refs/stash")) else { return };
        let ids = log.split(|&byte| byte == b'\n').filter_map(|line| line.split(|&byte| byte == b' ').nth(1));
        let ids = ids.filter_map(|hex| ObjectId::from_hex(hex).ok()).filter(|id| !id.is_null());
        tips.extend(ids.map(|id| Tip { id, kind: TipKind::Other }));
    }

    fn linked_heads(&self, tips: &mut Vec<Tip>) {
        let worktrees = walkdir::WalkDir::new(self.common_dir().join("worktrees")).into_iter().flatten();
        for entry in worktrees.filter(|entry| entry.file_type().is_file()) {
            let is_head = entry.depth() == 2 && entry.file_name() == "HEAD";
            let is_ref = entry.path().components().any(|part| part.as_os_str() == "refs") && entry.depth() > 2;
            if (is_head || is_ref)
                && let Ok(text) = std::fs::read_to_string(entry.path())
                && let Ok(id) = ObjectId::from_hex(text.trim().as_bytes())
            {
                tips.push(Tip { id, kind: if is_head { TipKind::Head } else { TipKind::Other } });
            }
        }
    }

    /// Commits whose parents a shallow clone lacks; empty in a whole clone.
    pub fn shallow(&self) -> HashSet<ObjectId> {
        let text = std::fs::read_to_string(self.common_dir().join("shallow")).unwrap_or_default();
        text.lines().filter_map(|line| ObjectId::from_hex(line.trim().as_bytes()).ok()).collect()
    }

    /// Whether objects may lack because the clone is partial: keyrot never fetches them.
    pub fn is_partial(&self) -> bool {
        self.store.folders().iter().any(|folder| {
            std::fs::read_dir(pack_folder(folder)).is_ok_and(|entries| {
                entries.flatten().any(|entry| entry.path().extension() == Some("promisor".as_ref()))
            })
        })
    }

    /// The root tree of a commit.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn tree_of(&self, objects: &Objects, commit: ObjectId) -> Result<ObjectId, Error> {
        read_commit(objects, commit).map(|commit| commit.tree).map_err(|text| Error::Object { text })
    }
}

/// Reads and parses a commit.
///
/// # Errors
/// It is missing, something else, or malformed.
pub fn read_commit(objects: &Objects, id: ObjectId) -> Result<Commit, String> {
    let mut buffer = Vec::new();
    objects.read_kind(&id, gix::objs::Kind::Commit, &mut buffer)?;
    Commit::parse(id, &buffer).ok_or_else(|| format!("commit {id} is malformed"))
}

fn options() -> gix::open::Options {
    gix::open::Options::isolated().lossy_config(true)
}

fn tip(name: &str, id: ObjectId) -> Tip {
    let branch = name.starts_with("refs/heads/") || name.starts_with("refs/remotes/");
    Tip { id, kind: if branch { TipKind::Branch } else { TipKind::Other } }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
