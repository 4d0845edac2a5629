//! Keys in the names of a container's members: the names are a text of their own, one on a line.

use super::stream::Before;
use super::worker::{Body, Worker};
use crate::finding::Origin;

/// Names that are held before they are searched, in bytes.
const HELD: usize = 1 << 20;
/// Names shorter than this altogether hold no key.
const SHORTEST: usize = 16;

/// The names of the members that were seen.
#[derive(Default)]
pub(super) struct Naming {
    text: Vec<u8>,
    /// The folder of the last one.
    folder: String,
    before: Before,
}

impl Naming {
    /// Adds a member. What it shares with the folder of the last one is left out: a key in a folder's name is one key.
    pub(super) fn add(&mut self, name: &str) {
        let shared = if name.starts_with(&self.folder) { self.folder.len() } else { 0 };
        self.text.extend_from_slice(&name.as_bytes()[shared..]);
        self.text.push(b'\n');
        let folder = name.rfind('/').map_or(0, |slash| slash + 1);
        if folder != self.folder.len() || shared == 0 {
            self.folder.clear();
            self.folder.push_str(&name[..folder]);
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.text.len() >= HELD
    }

    /// The names, one on a line.
    pub(super) fn text(&self) -> &[u8] {
        if self.text.len() < SHORTEST { b"" } else { &self.text }
    }
}

impl Worker<'_> {
    /// Searches the names of the container's members, and forgets them.
    pub(super) fn scan_names(&mut self, container: &Origin, naming: &mut Naming) {
        if !naming.text().is_empty() {
            let origin = container.clone().with_path(format!("{}!/names", container.path()));
            let body = Body { bytes: &naming.text, before: naming.before, ..Body::default() };
            self.scan_text(&origin, &body);
        }
        naming.before.pass(&naming.text, naming.text.len());
        naming.text.clear();
    }
}
