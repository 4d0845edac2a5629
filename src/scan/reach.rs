//! From bytes to texts: what a blob is, and how what it holds is reached.

use super::decode::encoding::{self, Storage};
use super::worker::{Body, Worker};
use crate::finding::{Origin, Skip, SkipReason};

impl Worker<'_> {
    /// Scans one blob.
    pub fn scan(&mut self, origin: &Origin, bytes: &[u8]) {
        let storage = Storage::of(bytes);
        match storage {
            Storage::Binary => {
                self.skip(Skip { origin: origin.clone(), reason: SkipReason::Binary, bytes: Some(bytes.len() as u64) });
            }
            Storage::Ascii => self.count_and_scan(origin, &Body { bytes, ..Body::default() }, bytes.len()),
            Storage::Utf8Mark => {
                let text = Body { bytes: &bytes[3..], before: (3, 0), ..Body::default() };
                self.count_and_scan(origin, &text, bytes.len());
            }
            Storage::Wide { .. } => {
                let (decoded, map) = encoding::widen(bytes, storage);
                let text = Body { bytes: &decoded, map: Some(map), layer: storage.name(), ..Body::default() };
                self.count_and_scan(origin, &text, bytes.len());
            }
        }
    }

    fn count_and_scan(&mut self, origin: &Origin, text: &Body<'_>, stored: usize) {
        self.outcome.stats.blobs += 1;
        self.outcome.stats.bytes += stored as u64;
        self.scan_text(origin, text);
    }
}
