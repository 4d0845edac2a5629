//! Numbers of a run.

use std::collections::BTreeMap;

use super::filter::DropReason;

/// Numbers that a report states, so that a scan which read nothing cannot look clean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Texts that were searched.
    pub blobs: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Commits whose changes or contents were read.
    pub commits: u64,
    /// Files and folders that ignore files and path settings left out.
    pub ignored: u64,
    /// Candidates that were dropped, by reason.
    pub dropped: BTreeMap<DropReason, u64>,
}

impl Stats {
    pub(super) fn drop(&mut self, reason: DropReason, count: u64) {
        if count > 0 {
            *self.dropped.entry(reason).or_default() += count;
        }
    }

    /// Adds another worker's numbers.
    pub fn add(&mut self, other: &Self) {
        self.blobs += other.blobs;
        self.bytes += other.bytes;
        self.commits += other.commits;
        self.ignored += other.ignored;
        for (reason, count) in &other.dropped {
            self.drop(*reason, *count);
        }
    }
}
