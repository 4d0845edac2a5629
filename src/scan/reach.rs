//! From bytes to texts: what a blob is, and how what it holds is reached.

use std::io::{self, BufReader, Cursor, Read, SeekFrom};

use super::archive::{self, Failure, Input, Kind, Member, constants, strings};
use super::buffer::SMALL;
use super::decode::encoding::{self, Storage};
use super::limit::{self, Budget};
use super::naming::Naming;
use super::sealed::Policy;
use super::stream;
use super::worker::{Body, Worker};
use crate::finding::{Origin, Skip, SkipReason};
use crate::source::{Stored, describe};

/// How deep in containers we are, and what may still be used up.
#[derive(Clone, Copy)]
pub(super) struct Reach<'b> {
    pub depth: usize,
    pub budget: &'b Budget<'b>,
}

/// What a blob is called: as a container, and as a text once its coat is off.
#[derive(Clone, Copy)]
struct Name<'n> {
    container: &'n Origin,
    text: &'n Origin,
}

impl<'n> Name<'n> {
    fn plain(origin: &'n Origin) -> Self {
        Self { container: origin, text: origin }
    }
}

impl Worker<'_> {
    /// Scans one blob and everything in it.
    pub fn scan(&mut self, origin: &Origin, bytes: &[u8]) {
        let options = self.options;
        let budget = Budget::new(&options.limits, bytes.len() as u64);
        self.contain(origin, |worker| {
            worker.open_bytes(Name::plain(origin), bytes, Reach { depth: 0, budget: &budget });
        });
        self.note_bite(origin, &budget);
    }

    /// Scans a file of a work tree, and judges it by what the project says of it.
    pub(super) fn scan_file(&mut self, origin: &Origin, bytes: &[u8], policy: Option<&Policy<'_>>) {
        self.scan(origin, bytes);
        self.note_age(origin, bytes);
        self.report_all(policy.and_then(|policy| policy.judge(origin, bytes)));
    }

    /// Scans a file that is larger than most, of which `head` was read already: in memory as far as it fits into a window.
    pub(super) fn scan_large(
        &mut self,
        origin: &Origin,
        head: &[u8],
        file: &mut dyn Stored,
        policy: Option<&Policy<'_>>,
    ) {
        let window = self.options.limits.window;
        let mut large = self.engine.buffers().take();
        large.extend_from_slice(head);
        let mut read = read_up_to(file, &mut large, window);
        // What is encrypted says so at its end.
        let is_encrypted = || memchr::memmem::find(&large, b"ENC[AES256_GCM").is_some();
        let should_be = || policy.is_some_and(|policy| policy.judge(origin, &large).is_some());
        if matches!(read, Ok(false)) && (is_encrypted() || should_be()) {
            read = read_up_to(file, &mut large, HELD);
        }
        match read {
            // What came before the error counts; a file tells its trouble itself.
            Err(error) => {
                self.scan_file(origin, &large, policy);
                if file.trouble().is_none() {
                    self.skip_unreadable(origin, describe(&error));
                }
            }
            Ok(true) => self.scan_file(origin, &large, policy),
            Ok(false) => self.contain(origin, |worker| worker.scan_in_windows(origin, &mut large, file)),
        }
        if let Some(text) = file.trouble() {
            self.skip_unreadable(origin, text);
        }
        self.engine.buffers().give(large, window + SMALL);
    }

    /// Scans a file of which no more than a window is held in memory. `head` is what was read of it already; it is used up.
    fn scan_in_windows(&mut self, origin: &Origin, head: &mut Vec<u8>, mut file: &mut dyn Stored) {
        let options = self.options;
        let length = file.length();
        let budget = Budget::new(&options.limits, length.max(head.len() as u64));
        let reach = Reach { depth: 0, budget: &budget };
        match self.container(origin, head, reach) {
            Some(kind) if kind.seeks() => self.unpack(origin, kind, Input::Seek(&mut file), reach),
            Some(kind) => {
                let mut rest = BufReader::with_capacity(SMALL, file);
                self.unpack(origin, kind, Input::Stream(&mut head.as_slice().chain(&mut rest)), reach);
            }
            None if constants::may_be(head) && length <= HELD as u64 => {
                if let Err(error) = file.take(HELD as u64).read_to_end(head) {
                    self.note(origin, Failure::from(error), reach);
                }
                self.scan_bytes(origin, head, reach);
            }
            None => {
                if let Err(error) = self.open_behind(origin, head, file, reach) {
                    self.note(origin, Failure::from(error), reach);
                }
                self.scan_stream(origin, head, file, Some(length));
            }
        }
        self.note_bite(origin, &budget);
    }

    /// Opens the zip that a program may carry behind its code. The file stands where it stood.
    fn open_behind(
        &mut self,
        origin: &Origin,
        head: &[u8],
        mut file: &mut dyn Stored,
        reach: Reach<'_>,
    ) -> io::Result<()> {
        if Storage::of_head(head) != Storage::Binary {
            return Ok(());
        }
        let (at, mut tail) = (file.stream_position()?, Vec::new());
        let end = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(end.saturating_sub(ZIP_END)))?;
        file.take(ZIP_END).read_to_end(&mut tail)?;
        if has_zip_behind(&tail) {
            self.unpack(origin, Kind::Zip, Input::Seek(&mut file), reach);
        }
        file.seek(SeekFrom::Start(at)).map(|_| ())
    }

    fn note_bite(&mut self, origin: &Origin, budget: &Budget<'_>) {
        if let Some(limit) = budget.bitten() {
            self.skip(limit::skip(origin, limit, None));
        }
    }

    /// The container to open, if it is one and may be opened.
    pub(super) fn container(&mut self, origin: &Origin, head: &[u8], reach: Reach<'_>) -> Option<Kind> {
        let kind = Kind::of(head)?;
        let most = reach.budget.limits().archive_depth;
        if reach.depth >= most {
            self.skip(limit::skip(origin, format!("max-archive-depth is {most}"), Some(head.len() as u64)));
            return None;
        }
        Some(kind)
    }

    fn open_bytes(&mut self, name: Name<'_>, bytes: &[u8], reach: Reach<'_>) {
        let before = self.outcome.stats.blobs;
        match self.container(name.container, bytes, reach) {
            Some(kind) => {
                self.unpack(name.container, kind, Input::Seek(&mut Cursor::new(bytes)), reach);
                // A text that begins like a container is still a text.
                if self.outcome.stats.blobs == before && memchr::memchr(0, bytes).is_none() {
                    self.scan_bytes(name.text, bytes, reach);
                }
            }
            None => self.scan_bytes(name.text, bytes, reach),
        }
    }

    /// Opens a member: what is small from its bytes, a container that streams as it is read, anything else in windows.
    fn open_reader(&mut self, name: Name<'_>, reader: &mut dyn Read, reach: Reach<'_>) {
        let window = reach.budget.limits().window;
        let mut head = self.small.pop().unwrap_or_default();
        head.clear();
        let whole = self.read_on(reader, &mut head, SMALL.min(window), (name.text, reach));
        if whole {
            self.open_bytes(name, &head, reach);
        } else if let Some(kind) = streams(&head) {
            match self.container(name.container, &head, reach) {
                Some(_) => self.unpack(name.container, kind, Input::Stream(&mut head.as_slice().chain(reader)), reach),
                None => self.scan_stream(name.text, &mut head, reader, None),
            }
        } else {
            let mut large = self.engine.buffers().take();
            large.extend_from_slice(&head);
            self.open_large(name, reader, &mut large, reach);
            self.engine.buffers().give(large, window + SMALL);
        }
        self.small.push(head);
    }

    fn open_large(&mut self, name: Name<'_>, reader: &mut dyn Read, head: &mut Vec<u8>, reach: Reach<'_>) {
        let window = reach.budget.limits().window;
        if self.read_on(reader, head, window, (name.text, reach)) {
            return self.open_bytes(name, head, reach);
        }
        match self.container(name.container, head, reach) {
            Some(kind) if kind.seeks() => self.spool(name.container, kind, head, reader, reach),
            Some(kind) => self.unpack(name.container, kind, Input::Stream(&mut head.as_slice().chain(reader)), reach),
            // A zip may stand behind a program, and code has its constants anywhere.
            None if Storage::of_head(head) == Storage::Binary => {
                if self.read_on(reader, head, HELD.max(window), (name.text, reach)) {
                    self.scan_bytes(name.text, head, reach);
                } else {
                    self.scan_stream(name.text, head, reader, None);
                }
            }
            None => self.scan_stream(name.text, head, reader, None),
        }
    }

    /// Reads on until there is one byte more than `most`; whether the reader ended before.
    fn read_on(
        &mut self,
        reader: &mut dyn Read,
        bytes: &mut Vec<u8>,
        most: usize,
        place: (&Origin, Reach<'_>),
    ) -> bool {
        read_up_to(reader, bytes, most).unwrap_or_else(|error| {
            self.note(place.0, Failure::from(error), place.1);
            true
        })
    }

    /// Holds a member in memory that must be read from any place.
    fn spool(&mut self, origin: &Origin, kind: Kind, bytes: &mut Vec<u8>, reader: &mut dyn Read, reach: Reach<'_>) {
        let left = archive::WHOLE.saturating_sub(bytes.len() as u64);
        let read = reader.take(left + 1).read_to_end(bytes);
        if bytes.len() as u64 > archive::WHOLE {
            let limit = format!("archives inside archives are held up to {} bytes", archive::WHOLE);
            return self.skip(limit::skip(origin, limit, None));
        }
        if let Err(error) = read {
            self.note(origin, Failure::from(error), reach);
        }
        self.unpack(origin, kind, Input::Seek(&mut Cursor::new(bytes)), reach);
    }

    fn unpack(&mut self, origin: &Origin, kind: Kind, input: Input<'_>, reach: Reach<'_>) {
        let budget = reach.budget;
        let deeper = Reach { depth: reach.depth + 1, budget };
        let mut naming = Naming::default();
        let walked = archive::walk(kind, input, &mut |member| {
            if budget.member() {
                naming.add(&member.name);
                if naming.is_full() {
                    self.scan_names(origin, &mut naming);
                }
                self.open_member(origin, kind, member, deeper);
            }
            budget.bitten().is_none()
        });
        self.scan_names(origin, &mut naming);
        if let Err(failure) = walked {
            self.note(origin, failure, reach);
        }
    }

    fn open_member(&mut self, origin: &Origin, kind: Kind, member: Member<'_>, reach: Reach<'_>) {
        let inner = inside(origin, &member.name);
        let container = if member.name.is_empty() { origin } else { &inner };
        match member.content {
            Ok(reader) if kind.expands() => {
                let mut metered = Metered { reader, budget: reach.budget };
                self.open_reader(Name { container, text: &inner }, &mut metered, reach);
            }
            Ok(reader) => self.open_reader(Name { container, text: &inner }, reader, reach),
            Err(failure) => self.note(&inner, failure, reach),
        }
    }

    /// Notes what could not be read, unless the cause is a limit, which is noted once for the whole item.
    pub(super) fn note(&mut self, origin: &Origin, failure: Failure, reach: Reach<'_>) {
        let reason = match failure {
            _ if reach.budget.bitten().is_some() => return,
            Failure::Stopped => return,
            Failure::Damaged(text) => SkipReason::Damaged(text),
            Failure::Encrypted => SkipReason::Encrypted,
            Failure::Limit(text) => SkipReason::Limit(text),
        };
        self.skip(Skip { origin: origin.clone(), reason, bytes: None });
    }

    fn scan_bytes(&mut self, origin: &Origin, bytes: &[u8], reach: Reach<'_>) {
        let storage = Storage::of(bytes);
        if storage != Storage::Binary {
            return self.scan_stored(origin, bytes, storage);
        }
        if let Some((layer, text, map)) = constants::of(bytes) {
            let body = Body { bytes: &text, map: Some(map), layer: Some(layer), ..Body::default() };
            return self.count_and_scan(origin, &body, bytes.len());
        }
        // Programs that unpack themselves carry a zip behind their code.
        if has_zip_behind(bytes) && reach.depth < reach.budget.limits().archive_depth {
            self.unpack(origin, Kind::Zip, Input::Seek(&mut Cursor::new(bytes)), reach);
        }
        self.report_keystore(origin, bytes);
        self.scan_binary(origin, bytes);
    }

    pub(super) fn scan_binary(&mut self, origin: &Origin, bytes: &[u8]) {
        if self.options.limits.binaries {
            let (text, map) = strings::printable(bytes);
            let body = Body { bytes: &text, map: Some(map), layer: Some("strings"), ..Body::default() };
            self.count_and_scan(origin, &body, bytes.len());
        } else {
            self.skip(Skip { origin: origin.clone(), reason: SkipReason::Binary, bytes: Some(bytes.len() as u64) });
        }
    }

    fn scan_stored(&mut self, origin: &Origin, bytes: &[u8], storage: Storage) {
        let decoded;
        let body = match storage {
            Storage::Utf8Mark => Body {
                bytes: &bytes[3..],
                before: stream::Before { bytes: 3, ..Default::default() },
                ..Body::default()
            },
            Storage::Wide { .. } => {
                let (text, map) = encoding::widen(bytes, storage);
                decoded = text;
                Body { bytes: &decoded, map: Some(map), layer: storage.name(), ..Body::default() }
            }
            Storage::Ascii | Storage::Binary => Body { bytes, ..Body::default() },
        };
        self.count_and_scan(origin, &body, bytes.len());
    }

    fn count_and_scan(&mut self, origin: &Origin, body: &Body<'_>, stored: usize) {
        self.outcome.stats.blobs += 1;
        self.outcome.stats.bytes += stored as u64;
        self.scan_text(origin, body);
    }
}

/// Where a member stands. One without a name is the container itself, unpacked.
pub(super) fn inside(origin: &Origin, member: &str) -> Origin {
    let path = origin.path();
    let name = if member.is_empty() { stem(path) } else { member };
    origin.clone().with_path(format!("{path}!/{name}"))
}

/// What a compressed file is called without its coat.
fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or("content", |(stem, _)| if stem.is_empty() { "content" } else { stem })
}

/// Bytes from the record that ends a zip to the end of the file, at most: a comment of 65,535 bytes may follow it.
const ZIP_END: u64 = 65_557;

/// Files that are no text and no container are held in memory up to this size where they must be read from any place.
const HELD: usize = 16 << 20;

/// Reads on until there is one byte more than `most`; whether the reader ended before.
fn read_up_to(reader: &mut dyn Read, bytes: &mut Vec<u8>, most: usize) -> io::Result<bool> {
    let left = (most + 1).saturating_sub(bytes.len());
    bytes.reserve_exact(left);
    reader.take(left as u64).read_to_end(bytes)?;
    Ok(bytes.len() <= most)
}

/// A container that needs no other place than the next one. What holds no NUL may be a text that begins like one.
fn streams(head: &[u8]) -> Option<Kind> {
    Kind::of(head).filter(|kind| !kind.seeks() && memchr::memchr(0, head).is_some())
}

fn has_zip_behind(bytes: &[u8]) -> bool {
    let tail = &bytes[bytes.len().saturating_sub(usize::try_from(ZIP_END).unwrap_or(usize::MAX))..];
    memchr::memmem::rfind(tail, b"PK\x05\x06").is_some()
}

/// Counts every byte that comes out of a container.
pub(super) struct Metered<'m> {
    pub reader: &'m mut dyn Read,
    pub budget: &'m Budget<'m>,
}

impl Read for Metered<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        if self.budget.expand(count as u64) { Ok(count) } else { Err(io::Error::other("over a limit")) }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Seek;

    use super::*;
    use crate::rule::RuleSet;
    use crate::scan::{Engine, Limits, Options};
    use crate::secret::{FingerprintKey, KeyKind};

    /// A file that stated a length, gives something else, and may fail.
    struct Changing {
        stated: u64,
        gives: Cursor<Vec<u8>>,
        fails: bool,
    }

    impl Read for Changing {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.gives.read(buffer)? {
                0 if self.fails && !buffer.is_empty() => Err(io::Error::other("broken")),
                count => Ok(count),
            }
        }
    }

    impl Seek for Changing {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.gives.seek(to)
        }
    }

    impl Stored for Changing {
        fn length(&self) -> u64 {
            self.stated
        }

        fn trouble(&self) -> Option<String> {
            let given = self.gives.get_ref().len() as u64;
            (self.fails || given < self.stated).then(|| format!("{given} of {}", self.stated))
        }
    }

    /// What is found and what is said of a file that gives `given` of the bytes it stated.
    fn read(stated: u64, given: usize, fails: bool) -> (usize, u64, Vec<SkipReason>) {
        let token = format!("ghp_{}", "0Q9wErTyUiOpAsDfGhJkLzXcVbNm12");
        let line = format!("token = {token}{}\n", "3hqBT");
        let text = line.repeat(given.div_ceil(line.len()) + 1);
        let engine = Engine::new(&RuleSet::builtin());
        let limits = Limits { window: 4096, overlap: 512, ..Limits::default() };
        let fingerprint = FingerprintKey::new(KeyKind::Run, b"test");
        let options = Options { fingerprint, show_secrets: false, limits };
        let mut worker = Worker::new(&engine, &options);
        let origin = Origin::File { path: "a.log".to_owned() };
        let (head, rest) = text.as_bytes()[..given].split_at(given.min(1000));
        let mut file = Changing { stated, gives: Cursor::new([head, rest].concat()), fails };
        file.gives.set_position(head.len() as u64);
        worker.scan_large(&origin, head, &mut file, None);
        let outcome = worker.finish();
        (outcome.findings.len(), outcome.stats.bytes, outcome.skipped.iter().map(|skip| skip.reason).collect())
    }

    #[test]
    fn a_file_that_changes_while_it_is_read_is_read_as_far_as_it_goes_and_said() {
        for given in [1000, 3000, 4097, 20_000] {
            let whole = read(given as u64, given, false);
            assert_eq!((whole.1, whole.2.as_slice()), (given as u64, &[][..]), "{given}");
            // It grew since it was opened: all that it gives is read.
            assert_eq!(read(given as u64 / 2, given, false), whole, "{given}");
            // It was cut, or cannot be read on: what came before counts, and it is a failure.
            for fails in [false, true] {
                let (found, bytes, skipped) = read(30_000, given, fails);
                assert_eq!((found, bytes), (whole.0, whole.1), "{given}");
                assert_eq!(skipped, [SkipReason::Unreadable(format!("{given} of 30000"))]);
                assert!(skipped[0].is_failure());
            }
        }
    }
}
