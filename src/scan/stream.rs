//! Texts that are too large to be held in memory: read in windows that overlap, so that nothing is lost between them.
//!
//! Each window owns the keys that begin in its middle part; what begins in the overlap belongs to its neighbour. A key, with
//! everything its rule looks at, is lost only if it is longer than the overlap.

use std::io::Read;

use super::archive::strings;
use super::decode::{
    self,
    encoding::{self, Storage},
};
use super::line::widths;
use super::run;
use super::worker::{Body, Worker};
use crate::finding::{Origin, Skip, SkipReason, Span};

/// What lies before a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Before {
    /// Stored bytes.
    pub bytes: usize,
    /// Whole lines.
    pub lines: usize,
    /// Characters, UTF-16 units and bytes of the line that the window begins in the middle of.
    pub columns: [usize; 3],
    /// Findings.
    pub findings: usize,
}

impl Before {
    /// Moves over `text`, which takes `stored` bytes.
    pub fn pass(&mut self, text: &[u8], stored: usize) {
        self.bytes += stored;
        let newlines = memchr::memchr_iter(b'\n', text).count();
        let rest = memchr::memrchr(b'\n', text).map_or(text, |at| &text[at + 1..]);
        let (characters, units) = widths(rest);
        if newlines > 0 {
            self.lines += newlines;
            self.columns = [0; 3];
        }
        for (column, more) in self.columns.iter_mut().zip([characters, units, rest.len()]) {
            *column += more;
        }
    }
}

impl Worker<'_> {
    /// Scans a text of any length: `bytes`, which are used up, then what `reader` gives. `length` is that of both together,
    /// where it is a file's: what cannot be read of one is told by the caller.
    pub(super) fn scan_stream(
        &mut self,
        origin: &Origin,
        bytes: &mut Vec<u8>,
        reader: &mut dyn Read,
        length: Option<u64>,
    ) {
        let storage = Storage::of_head(bytes);
        if storage == Storage::Binary && !self.options.limits.binaries {
            return self.skip(Skip { origin: origin.clone(), reason: SkipReason::Binary, bytes: length });
        }
        let (window, overlap) = (self.options.limits.window, self.options.limits.overlap);
        let mut before = Before::default();
        let mut first = 0;
        self.outcome.stats.blobs += 1;
        loop {
            let wanted = window.max(2 * overlap + 64).saturating_sub(bytes.len());
            bytes.reserve_exact(wanted);
            let is_file = length.is_some();
            let mut last = self.read_more((origin, is_file), reader, bytes, wanted);
            while !last && bytes.len() < LONGEST && cuts(bytes, overlap) {
                last = self.read_more((origin, is_file), reader, bytes, overlap);
            }
            let end = if last { bytes.len() } else { cut(bytes, overlap) };
            self.outcome.stats.bytes += (end - first) as u64;
            let found = self.outcome.findings.len();
            self.scan_window(origin, bytes, storage, (before, Span::new(first, end)));
            before.findings += self.outcome.findings.len() - found;
            if last {
                return;
            }
            let next = boundary(bytes, end - overlap, storage);
            before.pass(&decoded(&bytes[..next], storage, before.bytes == 0), next);
            bytes.drain(..next);
            first = end - next;
        }
    }

    /// Lets a window grow; whether the text ended, or cannot be read on, which is noted.
    fn read_more(&mut self, text: (&Origin, bool), reader: &mut dyn Read, bytes: &mut Vec<u8>, by: usize) -> bool {
        let (origin, is_file) = text;
        let read = reader.take(by as u64).read_to_end(bytes);
        // A file tells its trouble itself: it is no matter of what stands in it.
        if let Some(error) = read.as_ref().err().filter(|_| !is_file) {
            let reason = SkipReason::Damaged(error.to_string().to_lowercase());
            self.skip(Skip { origin: origin.clone(), reason, bytes: None });
        }
        read.map_or(true, |count| count < by)
    }

    fn scan_window(&mut self, origin: &Origin, bytes: &[u8], storage: Storage, place: (Before, Span)) {
        let (before, owned) = place;
        let body = Body { before, owned: Some(owned), ..Body::default() };
        match storage {
            Storage::Ascii | Storage::Utf8Mark => {
                self.scan_text(origin, &Body { bytes: whole_characters(bytes), ..body });
            }
            Storage::Wide { .. } => {
                let (text, map) = encoding::widen(bytes, marked(storage, before.bytes == 0));
                self.scan_text(origin, &Body { bytes: &text, map: Some(map), layer: storage.name(), ..body });
            }
            Storage::Binary => {
                let (text, map) = strings::printable(bytes);
                self.scan_text(origin, &Body { bytes: &text, map: Some(map), layer: Some("strings"), ..body });
            }
        }
    }
}

/// Bytes that a window grows to, at most, so that its end does not cut what is written in one run.
const LONGEST: usize = 16 << 20;

/// Whether the end of a window's own part would cut something of which the next window does not see the beginning: base64 is
/// read from its beginning, in one run or in lines, and a Kubernetes secret is known by its `kind`.
fn cuts(bytes: &[u8], overlap: usize) -> bool {
    let end = cut(bytes, overlap);
    // The next window begins here; what stands before a value on its line belongs to it.
    let seen = end.saturating_sub(overlap - (overlap / 4).min(CONTEXT));
    run::end_of(bytes, seen) >= end
        || decode::wrapped_end(bytes, seen) >= end
        || decode::secret_end(bytes, seen, end) > end
}

/// What the name of a value may take before it on its line, in bytes.
const CONTEXT: usize = 256;

/// Where the owned part of a full window ends: behind a line, if one ends in reach.
fn cut(bytes: &[u8], overlap: usize) -> usize {
    let end = bytes.len() - overlap;
    let from = end.saturating_sub(overlap / 2);
    memchr::memrchr(b'\n', &bytes[from..end])
        .map_or(end, |at| from + at + 1)
        .max(overlap + 32)
        .next_multiple_of(4)
        .min(end)
}

/// The nearest place at or before `at` where a character begins.
fn boundary(bytes: &[u8], at: usize, storage: Storage) -> usize {
    match storage {
        // Never inside a pair of UTF-16 units: the second one of a pair is in a range of its own.
        Storage::Wide { width, little, .. } => {
            let at = at - at % width;
            let high = bytes.get(if little { at + 1 } else { at }).copied().unwrap_or(0);
            if width == 2 && (0xdc..0xe0).contains(&high) { at - 2 } else { at }
        }
        _ => (at.saturating_sub(3)..=at).rev().find(|&at| bytes[at] & 0xc0 != 0x80).unwrap_or(at),
    }
}

/// The window without a character that its end cuts in two: a text that is UTF-8 must not look like another encoding.
fn whole_characters(bytes: &[u8]) -> &[u8] {
    let Some(last) = bytes.len().checked_sub(1) else { return bytes };
    let start = boundary(bytes, last, Storage::Ascii);
    let is_cut = std::str::from_utf8(&bytes[start..]).is_err_and(|error| error.error_len().is_none());
    if is_cut { &bytes[..start] } else { bytes }
}

fn marked(storage: Storage, first: bool) -> Storage {
    match storage {
        Storage::Wide { width, little, mark } => Storage::Wide { width, little, mark: mark && first },
        other => other,
    }
}

fn decoded(bytes: &[u8], storage: Storage, first: bool) -> std::borrow::Cow<'_, [u8]> {
    match storage {
        Storage::Wide { .. } => encoding::widen(bytes, marked(storage, first)).0.into(),
        _ => bytes.into(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::finding::{Origin, Region, SkipReason};
    use crate::rule::RuleSet;
    use crate::scan::{Engine, Limits, Options, Worker};
    use crate::secret::{FingerprintKey, KeyKind};

    fn rules() -> RuleSet {
        let mut set = RuleSet::default();
        let text = concat!(
            "[[rule]]\nid = \"acme-key\"\nname = \"Acme key\"\nprovider = \"acme\"\nkind = \"token\"\nseverity = \"high\"\n",
            "confidence = \"high\"\nkeywords = [\"acme_\"]\npattern = '''\\b(?P<secret>acme_[a-z0-9]{12})\\b'''\n",
            "why = \"It opens doors.\"\n",
        );
        let source = crate::diagnostic::SourceText { path: "rules.toml".to_owned(), text: text.to_owned() };
        set.add_file(source).unwrap();
        set
    }

    fn scan(engine: &Engine, bytes: &[u8], window: Option<usize>) -> Vec<(Region, String)> {
        let limits = Limits { window: window.unwrap_or(1 << 20), overlap: 64, ..Limits::default() };
        let fingerprint = FingerprintKey::new(KeyKind::Run, b"test");
        let options = Options { fingerprint, show_secrets: true, limits };
        let mut worker = Worker::new(engine, &options);
        let origin = Origin::Stdin { path: "big.txt".to_owned() };
        match window {
            Some(_) => {
                let (head, mut rest) = bytes.split_at(bytes.len() / 3);
                worker.scan_stream(&origin, &mut head.to_vec(), &mut rest, None);
            }
            None => worker.scan(&origin, bytes),
        }
        let mut found: Vec<(Region, String)> = worker
            .finish()
            .findings
            .into_iter()
            .map(|one| (one.location.region.unwrap(), one.secret.unwrap().clear.unwrap().as_str().to_owned()))
            .collect();
        found.sort();
        found
    }

    /// A text that cannot be read on, while a window grows over a run too.
    #[test]
    fn a_text_that_breaks_off_is_said() {
        struct Broken;
        impl std::io::Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
                Err(std::io::Error::other("broken"))
            }
        }
        let engine = Engine::new(&rules());
        let limits = Limits { window: 256, overlap: 64, ..Limits::default() };
        let fingerprint = FingerprintKey::new(KeyKind::Run, b"test");
        let options = Options { fingerprint, show_secrets: false, limits };
        for read in [100, 256, 300] {
            let mut worker = Worker::new(&engine, &options);
            let origin = Origin::Stdin { path: "big.txt".to_owned() };
            worker.scan_stream(&origin, &mut vec![b'a'; read], &mut Broken, None);
            let skipped: Vec<_> = worker.finish().skipped.iter().map(|skip| skip.reason).collect();
            assert_eq!(skipped, [SkipReason::Damaged("broken".to_owned())], "{read} bytes were read before");
        }
    }

    fn wrapped(text: &str, width: usize, end: &str) -> String {
        let encoded = data_encoding::BASE64.encode(text.as_bytes());
        let lines: Vec<&str> =
            encoded.as_bytes().chunks(width).map(|line| std::str::from_utf8(line).unwrap()).collect();
        lines.join(end)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
        /// Lines of any length: none begins where a byte does, so that a window which began inside would read nothing.
        #[test]
        fn nothing_is_lost_in_wrapped_base64(
            before in "([a-z]{1,9}[ \\n]){0,60}",
            keys in proptest::collection::vec("[a-z0-9]{12}", 1..40),
            width in 40..80_usize,
            end in 0..3_usize,
            window in 200..900_usize,
        ) {
            let set = rules();
            let engine = Engine::new(&set);
            let inner: String = keys.iter().map(|key| format!("one two acme_{key} three four\n")).collect();
            let block = wrapped(&inner, width, ["\n", "\r\n", "\n    "][end]);
            let text = format!("{before}\ndata: {block}\nend acme_{}\n{before}", keys[0]);
            let whole = scan(&engine, text.as_bytes(), None);
            prop_assert_eq!(whole.len(), keys.len() + 1);
            prop_assert_eq!(scan(&engine, text.as_bytes(), Some(window)), whole);
        }

        /// Values that are too short to be looked at outside of a secret, before and behind a separator.
        #[test]
        fn nothing_is_lost_in_a_secret(
            before in "([a-z]{1,9}[ \\n]){0,60}",
            keys in proptest::collection::vec("[a-z0-9]{12}", 1..60),
            window in 200..900_usize,
            json in any::<bool>(),
        ) {
            let set = rules();
            let engine = Engine::new(&set);
            let value = |key: &String| data_encoding::BASE64.encode(format!("acme_{key}").as_bytes());
            let text = if json {
                let values: Vec<String> = keys.iter().enumerate().map(|(at, key)| format!("\"k{at}\": \"{}\"", value(key))).collect();
                format!("{before}{{\"kind\": \"Secret\", \"data\": {{{}}}}}\n", values.join(", "))
            } else {
                let values: String = keys.iter().enumerate().map(|(at, key)| format!("  k{at}: {}\n", value(key))).collect();
                format!("{before}\n---\napiVersion: v1\nkind: Secret\ndata:\n{values}---\n{before}")
            };
            let whole = scan(&engine, text.as_bytes(), None);
            prop_assert_eq!(whole.len(), keys.len());
            prop_assert_eq!(scan(&engine, text.as_bytes(), Some(window)), whole);
        }

        #[test]
        fn nothing_is_lost_at_a_boundary(
            parts in proptest::collection::vec((0..6_usize, "[a-z0-9]{12}"), 1..120),
            window in 200..900_usize,
            wide in any::<bool>(),
        ) {
            let set = rules();
            let engine = Engine::new(&set);
            let mut text = String::new();
            for (kind, letters) in &parts {
                match kind {
                    0 | 1 => text.push_str(&format!(" acme_{letters} ")),
                    2 => text.push('\n'),
                    3 => text.push_str("é😀"),
                    _ => text.push_str(&format!("{letters} = {letters}; ")),
                }
            }
            let bytes: Vec<u8> = if wide {
                format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
            } else {
                text.into_bytes()
            };
            prop_assert_eq!(scan(&engine, &bytes, Some(window)), scan(&engine, &bytes, None));
        }
    }
}
