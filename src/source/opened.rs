//! A file that is being read while others may write to it: what is read of it is bounded, and what could not be is told.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::SystemTime;

use super::describe;

/// How much more a file may give than it stated when it was opened, in bytes: files of `/proc` state nothing, and a log
/// grows while it is read, but one that never ends must not hold the scan up for ever.
const GROWTH: u64 = 64 << 20;

/// Something that is stored and may change while it is read.
pub trait Stored: Read + Seek {
    /// Bytes that it stated when it was opened.
    fn length(&self) -> u64;
    /// Why it was not read as it stood, in words: asked when reading is over.
    fn trouble(&self) -> Option<String>;
}

/// A regular file.
#[derive(Debug)]
pub struct Opened {
    file: File,
    /// Length and time of the last change when it was opened.
    stated: Stamp,
    /// Where it is read next, and how far it is read at most.
    at: u64,
    most: u64,
    failure: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    length: u64,
    /// None where the system does not tell.
    modified: Option<SystemTime>,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self { length: metadata.len(), modified: metadata.modified().ok() }
    }
}

impl Opened {
    /// Opens a file; none if something else stands there, such as a pipe.
    ///
    /// # Errors
    /// It cannot be opened. That is so too where a link stands: those are not listed, so it took a file's place.
    pub fn new(path: &Path) -> io::Result<Option<Self>> {
        let file = open(path)?;
        let metadata = file.metadata()?;
        let stated = Stamp::of(&metadata);
        let most = stated.length.saturating_add(GROWTH);
        Ok(metadata.is_file().then_some(Self { file, stated, at: 0, most, failure: None }))
    }

    /// Reads no more than so many bytes, whatever it gives.
    pub fn limit(&mut self, most: u64) {
        self.most = self.most.min(most);
    }
}

/// Waits for nobody: a pipe that took a file's place has no writer.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt;
    let flags = OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::NOCTTY;
    File::options().read(true).custom_flags(flags.bits().cast_signed()).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

impl Read for Opened {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer).and_then(|count| {
            // The end may lie just there.
            let is_over = count > 0 && self.at >= self.most;
            let text = || format!("it goes on over {} bytes, and stated {}", self.most, self.stated.length);
            if is_over { Err(io::Error::other(text())) } else { Ok(count) }
        });
        match &read {
            Ok(count) => self.at += *count as u64,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => self.failure = Some(describe(error)),
        }
        read
    }
}

impl Seek for Opened {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = self.file.seek(to)?;
        Ok(self.at)
    }
}

impl Stored for Opened {
    fn length(&self) -> u64 {
        self.stated.length
    }

    fn trouble(&self) -> Option<String> {
        let now = || self.file.metadata().map_or(self.stated, |metadata| Stamp::of(&metadata));
        self.failure.clone().or_else(|| changed(self.stated, now()))
    }
}

/// What a change means for what was read. What is added at the end is read as far as it stands there: that is no trouble.
/// Files of `/sys` give less than they state, and are as they were.
fn changed(before: Stamp, after: Stamp) -> Option<String> {
    if after.length < before.length {
        return Some(format!("it was cut from {} to {} bytes while it was read", before.length, after.length));
    }
    let is_rewritten = after.length == before.length && after.modified != before.modified;
    is_rewritten.then(|| "it was written to while it was read".to_owned())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn opened(content: &[u8]) -> (tempfile::TempDir, std::path::PathBuf, Opened) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        std::fs::write(&path, content).unwrap();
        let file = Opened::new(&path).unwrap().unwrap();
        (folder, path, file)
    }

    #[test]
    fn a_file_that_is_cut_while_it_is_read_says_so() {
        let (_folder, path, mut file) = opened(&[b'a'; 100]);
        let mut bytes = [0; 10];
        file.read_exact(&mut bytes).unwrap();
        assert_eq!(file.trouble(), None);
        File::options().write(true).open(&path).unwrap().set_len(40).unwrap();
        let mut rest = Vec::new();
        assert_eq!(file.read_to_end(&mut rest).unwrap(), 30);
        assert_eq!(file.trouble().unwrap(), "it was cut from 100 to 40 bytes while it was read");
    }

    #[test]
    fn a_file_that_grows_is_read_as_far_as_it_stands() {
        let (_folder, path, mut file) = opened(b"one\n");
        let mut bytes = [0; 4];
        file.read_exact(&mut bytes).unwrap();
        File::options().append(true).open(&path).unwrap().write_all(b"two\n").unwrap();
        let mut rest = String::new();
        file.read_to_string(&mut rest).unwrap();
        assert_eq!((rest.as_str(), file.trouble()), ("two\n", None));
    }

    #[test]
    fn a_file_that_is_written_to_says_so() {
        let (_folder, path, file) = opened(b"one\n");
        let writer = File::options().write(true).open(&path).unwrap();
        writer.set_modified(std::time::UNIX_EPOCH).unwrap();
        assert_eq!(file.trouble().unwrap(), "it was written to while it was read");
    }

    #[test]
    fn a_file_that_never_ends_is_left() {
        let (_folder, path, mut file) = opened(b"one\n");
        // A sparse file costs nothing to grow.
        File::options().write(true).open(&path).unwrap().set_len(GROWTH * 2).unwrap();
        file.seek(SeekFrom::Start(GROWTH)).unwrap();
        let error = io::copy(&mut file, &mut io::sink()).unwrap_err();
        assert!(error.to_string().starts_with("it goes on over 67108868 bytes, and stated 4"), "{error}");
        assert_eq!(file.trouble().unwrap(), error.to_string());
    }

    #[cfg(unix)]
    #[test]
    fn what_took_the_place_of_a_file_is_not_waited_for_and_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert!(Opened::new(&pipe).unwrap().is_none());
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
        assert!(Opened::new(&link).is_err());
    }
}
