//! Commits and tags, as far as keyrot reads them: ids, the committer's time and the message.

use chrono::{DateTime, Utc};
use gix::ObjectId;

/// The part of a commit that history needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its own id.
    pub id: ObjectId,
    /// Its root tree.
    pub tree: ObjectId,
    /// Its parents, in order.
    pub parents: Vec<ObjectId>,
    /// The committer's time, in seconds since 1970, as the committer states it.
    pub seconds: i64,
}

impl Commit {
    /// Reads the header of a commit; none if it is malformed.
    pub fn parse(id: ObjectId, data: &[u8]) -> Option<Self> {
        let mut commit = Self { id, tree: id, parents: Vec::new(), seconds: 0 };
        let mut has_tree = false;
        for line in header(data) {
            if let Some(hex) = line.strip_prefix(b"tree ") {
                commit.tree = ObjectId::from_hex(hex).ok()?;
                has_tree = true;
            } else if let Some(hex) = line.strip_prefix(b"parent ") {
                commit.parents.push(ObjectId::from_hex(hex).ok()?);
            } else if line.starts_with(b"committer ") {
                commit.seconds = seconds(line).unwrap_or(0);
            }
        }
        has_tree.then_some(commit)
    }

    /// The committer's time.
    pub fn time(&self) -> DateTime<Utc> {
        instant(self.seconds)
    }
}

/// The instant of a count of seconds; the epoch where the count is out of range.
pub fn instant(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}

/// What an annotated tag names.
pub fn tag_target(data: &[u8]) -> Option<ObjectId> {
    header(data).find_map(|line| line.strip_prefix(b"object ")).and_then(|hex| ObjectId::from_hex(hex).ok())
}

/// The time that a commit's committer or a tag's tagger states.
pub fn stated_time(data: &[u8]) -> Option<DateTime<Utc>> {
    let line = header(data).find(|line| line.starts_with(b"committer ") || line.starts_with(b"tagger "))?;
    DateTime::from_timestamp(seconds(line)?, 0)
}

/// The message of a commit or tag: what follows the first empty line.
pub fn message(data: &[u8]) -> &[u8] {
    memchr::memmem::find(data, b"\n\n").map_or(&[], |at| &data[at + 2..])
}

fn header(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    data.split(|&byte| byte == b'\n').take_while(|line| !line.is_empty())
}

/// The seconds of `committer Name <mail> SECONDS ZONE`.
fn seconds(line: &[u8]) -> Option<i64> {
    let after = &line[line.iter().rposition(|&byte| byte == b'>')? + 1..];
    str::from_utf8(after).ok()?.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &[u8] = b"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\
parent 4b825dc642cb6eb9a060e54bf8d69288fbee4905\n\
author A > B <a@x> 1 +0000\ncommitter C <c> 1700000000 +0100\ngpgsig x\n\n y\n\nHello\n";

    #[test]
    fn headers_are_read() {
        let id = ObjectId::null(gix::hash::Kind::Sha1);
        let commit = Commit::parse(id, COMMIT).unwrap();
        assert_eq!((commit.parents.len(), commit.seconds), (1, 1_700_000_000));
        assert_eq!(commit.tree.to_string(), "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
        assert_eq!(stated_time(COMMIT).unwrap().timestamp(), 1_700_000_000);
        assert_eq!(Commit::parse(id, b"parent 12\n"), None);
    }

    #[test]
    fn a_message_follows_the_first_empty_line() {
        assert_eq!(message(b"tree x\n\nHello\n\nmore"), b"Hello\n\nmore");
        assert_eq!(message(b"tree x\n"), b"");
    }
}
