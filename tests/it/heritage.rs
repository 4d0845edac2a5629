//! What a version takes over from its ancestor is exactly what a full search of it gives.

use data_encoding::BASE64;
use keyrot::diagnostic::SourceText;
use keyrot::finding::Origin;
use keyrot::rule::RuleSet;
use keyrot::scan::{Ancestor, Engine, Limits, Options, Sighting, Worker};
use keyrot::secret::{FingerprintKey, KeyKind};
use keyrot::source::git::history::Same;
use proptest::prelude::*;

use crate::oracle::pieces;

/// Rules whose matches reach far: over a gap, over any number of bytes, and without a keyword of their own.
const FAR: &str = r"
[[rule]]
id = 'gap'
name = 'gap'
provider = 'p'
keywords = ['gapkey']
pattern = 'gapkey.{0,90}?(?P<secret>[0-9]{4})'
why = 'w.'
[[rule]]
id = 'endless'
name = 'endless'
provider = 'p'
keywords = ['endless']
pattern = '(?P<secret>[a-z ]*endless[a-z ]*;)'
why = 'w.'
[[rule]]
id = 'gated'
name = 'gated'
provider = 'p'
keywords = ['gatekeeper']
pattern = '(?P<secret>Zx[0-9]{5}q)'
why = 'w.'
";

/// One step from a text to its next version, as deltas do it.
#[derive(Clone, Debug)]
enum Step {
    Copy(usize),
    Skip(usize),
    Back(usize),
    Insert(usize),
}

fn step(pieces: usize) -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1..9000_usize).prop_map(Step::Copy),
        2 => (1..400_usize).prop_map(Step::Copy),
        2 => (1..60_usize).prop_map(Step::Skip),
        1 => (1..2000_usize).prop_map(Step::Back),
        2 => (0..pieces).prop_map(Step::Insert),
    ]
}

fn next_version(base: &[u8], steps: &[Step], pieces: &[String]) -> (Vec<u8>, Vec<Same>) {
    let (mut text, mut same, mut at) = (Vec::new(), Vec::new(), 0);
    for step in steps.iter().chain([&Step::Copy(usize::MAX)]) {
        match step {
            Step::Copy(length) => {
                let length = (*length).min(base.len() - at);
                same.push(Same { at: text.len(), from: at, length });
                text.extend_from_slice(&base[at..at + length]);
                at += length;
            }
            Step::Skip(length) => at = (at + length).min(base.len()),
            Step::Back(length) => at = at.saturating_sub(*length),
            Step::Insert(piece) => text.extend_from_slice(pieces[*piece].as_bytes()),
        }
    }
    (text, same)
}

/// What a worker sees in a text, in words, with the numbers of what it dropped.
fn sighted(worker: &mut Worker<'_>) -> String {
    let told = |one: Sighting| format!("{} {} {:?}\n", one.rule.as_str(), one.secret.fingerprint, one.slot);
    let sightings: String = worker.take_sightings().into_iter().map(told).collect();
    format!("{sightings}{:?} {:?}", worker.take_skipped(), std::mem::take(&mut worker.stats().dropped))
}

#[test]
fn a_version_takes_over_exactly_what_a_full_search_gives() {
    let mut set = RuleSet::builtin();
    set.add_file(SourceText { path: "far.toml".to_owned(), text: FAR.to_owned() }).unwrap();
    let engine = Engine::new(&set);
    let options = Options {
        fingerprint: FingerprintKey::new(KeyKind::Run, b"test"),
        show_secrets: false,
        limits: Limits::default(),
    };
    let mut pieces = pieces();
    let bare = format!("\n{}.GkQ7vR.x7Kq9vLw2Rz4Tn8Bp3x7TsG2q-vLw2Rz4T\n", BASE64.encode(b"198622483471925248"));
    let plain: String = (0..40).map(|line| format!("{line}: nothing stands in this line of the text\n")).collect();
    for (piece, count) in [
        (plain.as_str(), 400),
        ("gapkey and a little later 4711 ", 20),
        ("endless words and words and more of them; ", 20),
        ("gatekeeper ", 10),
        ("Zx12345q ", 20),
        (bare.as_str(), 40),
        ("username: admin\npassword: x7Kq9vLw2Rz4\n", 60),
        (concat!("tok", "en = \"x7Kq9vLw2Rz4Tn8Bp3\"\n"), 60),
        (concat!("\\n\\\"sec", "ret\\\": \\\"k3Jd82hsLq0Zp\\\""), 30),
    ] {
        pieces.extend(std::iter::repeat_n(piece.to_owned(), count));
    }
    let count = pieces.len();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig { cases: 24, ..ProptestConfig::default() });
    let versions = proptest::collection::vec(proptest::collection::vec(step(count), 0..6), 1..4);
    let texts = (proptest::collection::vec(0..count, 1..60), versions, 0..3_usize);
    let outcome = runner.run(&texts, |(first, versions, path)| {
        let origin = Origin::File { path: ["\0", "\0/x.yml", "\0/x.py"][path].to_owned() };
        let (mut heir, mut full) = (Worker::brief(&engine, &options), Worker::brief(&engine, &options));
        let mut text: Vec<u8> = first.iter().flat_map(|&at| pieces[at].bytes()).collect();
        let mut trace = heir.scan_version(&origin, &text, None, true);
        sighted(&mut heir);
        for steps in &versions {
            let (next, same) = next_version(&text, steps, &pieces);
            let ancestor = trace.as_ref().map(|trace| Ancestor { trace, same: &same });
            let next_trace = heir.scan_version(&origin, &next, ancestor, true);
            full.scan_version(&origin, &next, None, false);
            prop_assert_eq!(sighted(&mut heir), sighted(&mut full));
            (text, trace) = (next, next_trace);
        }
        Ok(())
    });
    outcome.unwrap();
}
