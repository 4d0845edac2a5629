//! Reading objects: the repository's own store, its alternates, and the quarantine of a push that is being received.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gix::odb;
use gix::{ObjectId, oid};

use super::Error;

/// Memory that one thread may spend on remembered delta bases, in bytes.
const BASE_CACHE: usize = 24 << 20;

/// All object stores of a repository. Shared by threads; each opens its own [`Objects`].
#[derive(Clone)]
pub struct Store {
    /// Every folder of objects, alternates included, each once, the nearest first.
    folders: Vec<PathBuf>,
    stores: Vec<Arc<odb::Store>>,
    hash: gix::hash::Kind,
}

impl Store {
    /// Opens the stores at `roots` (object folders) and what their alternates name. Replacement refs are never followed:
    /// they could hide what is really stored.
    ///
    /// # Errors
    /// A store cannot be opened.
    pub(super) fn open(roots: &[PathBuf], hash: gix::hash::Kind) -> Result<Self, Error> {
        let mut folders: Vec<PathBuf> = Vec::new();
        let mut stores = Vec::new();
        for root in roots {
            let failed = |text: String| Error::Store { path: root.clone(), text };
            let root = root.canonicalize().map_err(|error| failed(error.to_string()))?;
            if folders.contains(&root) {
                continue;
            }
            let opened = odb::at_opts(root.clone(), hash, None, odb::store::init::Options::default())
                .map_err(|error| failed(error.to_string()))?;
            stores.push(opened.into_arc().map_err(|error| failed(error.to_string()))?.into_inner().store());
            let alternates = odb::alternate::resolve(root.clone(), &root).map_err(|error| failed(error.to_string()))?;
            for folder in std::iter::once(root).chain(alternates) {
                if !folders.contains(&folder) {
                    folders.push(folder);
                }
            }
        }
        Ok(Self { folders, stores, hash })
    }

    /// Every folder of objects.
    pub(super) fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    /// The hash that object ids are made with.
    pub fn hash(&self) -> gix::hash::Kind {
        self.hash
    }

    /// A reader for one thread.
    pub fn objects(&self) -> Objects {
        let handles = self.stores.iter().map(|store| {
            let mut handle = store.to_cache_arc();
            handle.set_pack_cache(|| Box::new(odb::pack::cache::lru::MemoryCappedHashmap::new(BASE_CACHE)));
            handle
        });
        let loose = self.folders.iter().map(|folder| odb::loose::Store::at(folder, self.hash));
        Objects { handles: handles.collect(), loose: loose.collect(), hash: self.hash }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("folders", &self.folders).finish_non_exhaustive()
    }
}

/// One thread's way to all objects.
pub struct Objects {
    handles: Vec<odb::HandleArc>,
    /// What is loose, alone: the others look at packs first, and a damaged one hides an undamaged copy.
    loose: Vec<odb::loose::Store>,
    hash: gix::hash::Kind,
}

impl Objects {
    /// The object's kind and bytes, which are put into `buffer`.
    ///
    /// # Errors
    /// It is not there, or cannot be decoded: what went wrong, in words.
    pub fn read(&self, id: &oid, buffer: &mut Vec<u8>) -> Result<gix::objs::Kind, String> {
        use gix::objs::Find;
        for handle in &self.handles {
            buffer.clear();
            match handle.try_find(id, buffer).map(|found| found.map(|data| data.kind)) {
                Ok(Some(kind)) => return Ok(kind),
                Ok(None) => {}
                Err(error) => {
                    let text = format!("object {id} cannot be read: {error}");
                    return self.read_loose(id, buffer).ok_or(text);
                }
            }
        }
        Err(format!("object {id} is missing"))
    }

    fn read_loose(&self, id: &oid, buffer: &mut Vec<u8>) -> Option<gix::objs::Kind> {
        self.loose.iter().find_map(|folder| folder.try_find(id, buffer).ok().flatten().map(|data| data.kind))
    }

    /// Reads an object that must be of the kind.
    ///
    /// # Errors
    /// It cannot be read, or is something else.
    pub fn read_kind(&self, id: &oid, kind: gix::objs::Kind, buffer: &mut Vec<u8>) -> Result<(), String> {
        match self.read(id, buffer)? {
            found if found == kind => Ok(()),
            found => Err(format!("object {id} is a {found}, not a {kind}")),
        }
    }

    /// Size of the object in bytes, without decoding all of it.
    pub fn size(&self, id: &oid) -> Option<u64> {
        use gix::objs::FindHeader;
        self.handles.iter().find_map(|handle| handle.try_header(id).ok().flatten()).map(|header| header.size)
    }

    /// Whether the object is there.
    pub fn holds(&self, id: &oid) -> bool {
        use gix::objs::Exists;
        self.handles.iter().any(|handle| handle.exists(id))
    }

    /// The hash that object ids are made with.
    pub fn hash(&self) -> gix::hash::Kind {
        self.hash
    }

    /// Follows tags until something else is found: the tags on the way, and what they lead to.
    ///
    /// # Errors
    /// One of them cannot be read.
    pub fn peel(&self, id: ObjectId) -> Result<Peeled, String> {
        const LONGEST: usize = 64;
        let (mut id, mut tags, mut buffer) = (id, Vec::new(), Vec::new());
        while tags.len() < LONGEST {
            let kind = self.read(&id, &mut buffer)?;
            if kind != gix::objs::Kind::Tag {
                return Ok(Peeled { id, kind, tags });
            }
            tags.push(id);
            id = super::commit::tag_target(&buffer).ok_or_else(|| format!("tag {id} names no object"))?;
        }
        Err(format!("tag {id} is too deeply nested"))
    }
}

/// What a ref leads to.
pub struct Peeled {
    /// The object behind all tags.
    pub id: ObjectId,
    /// What it is.
    pub kind: gix::objs::Kind,
    /// The tag objects on the way.
    pub tags: Vec<ObjectId>,
}

/// The folder of packs in a folder of objects.
pub(super) fn pack_folder(objects: &Path) -> PathBuf {
    objects.join("pack")
}
