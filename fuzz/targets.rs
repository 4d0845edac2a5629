//! What is fuzzed. The cargo-fuzz targets and the short run of the ordinary tests call the same functions.

use std::sync::OnceLock;

use keyrot::diagnostic::SourceText;
use keyrot::finding::Origin;
use keyrot::rule::RuleSet;
use keyrot::scan::{Engine, Limits, Options, Worker};
use keyrot::secret::{FingerprintKey, KeyKind};

fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| Engine::new(&RuleSet::builtin()))
}

fn options(limits: Limits) -> Options {
    Options { fingerprint: FingerprintKey::new(KeyKind::Run, b"fuzz"), show_secrets: false, limits }
}

/// Limits that keep one input short.
fn small() -> Limits {
    Limits { archive_bytes: 4 << 20, archive_members: 200, binaries: true, ..Limits::default() }
}

/// Encodings, layers, containers, the matcher and the filters, as one blob of a source.
pub fn scan(data: &[u8]) {
    let options = options(small());
    let mut worker = Worker::new(engine(), &options);
    worker.scan(&Origin::File { path: "input".to_owned() }, data);
    let outcome = worker.finish();
    for finding in &outcome.findings {
        let region = finding.location.region.expect("findings of a scan have a region");
        assert!(region.bytes.start <= region.bytes.end);
        assert!(region.start <= region.end, "{region:?}");
    }
}

/// The same bytes read in small windows.
pub fn stream(data: &[u8]) {
    let options = options(Limits { window: 512, overlap: 64, ..small() });
    let mut worker = Worker::new(engine(), &options);
    let container = [gzip_stored(data), data.to_vec()].concat();
    worker.scan(&Origin::File { path: "input".to_owned() }, &container);
    worker.finish();
}

/// A gzip member with one stored block: what it holds is longer than a window, so it is streamed.
fn gzip_stored(data: &[u8]) -> Vec<u8> {
    let data = &data[..data.len().min(usize::from(u16::MAX))];
    let length = u16::try_from(data.len()).unwrap_or(u16::MAX);
    let mut member = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, 1];
    member.extend(length.to_le_bytes());
    member.extend((!length).to_le_bytes());
    member.extend(data);
    member
}

/// Rule files: what loads must also search.
pub fn rules(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut set = RuleSet::default();
    if set.add_file(SourceText { path: "rules.toml".to_owned(), text: text.to_owned() }).is_ok() {
        let engine = Engine::new(&set);
        let options = options(small());
        let mut worker = Worker::new(&engine, &options);
        worker.scan(&Origin::File { path: "input".to_owned() }, data);
    }
}

/// Configuration files.
pub fn config(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        let source = SourceText { path: "keyrot.toml".to_owned(), text: text.to_owned() };
        if let Err(error) = keyrot::config::parse(source, std::path::Path::new(".")) {
            let _ = error.to_string();
        }
    }
}
