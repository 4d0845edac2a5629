//! The fuzz targets on the stable toolchain: their corpus, and changed copies of it.

use std::path::Path;
use std::time::{Duration, Instant};

#[path = "../../fuzz/targets.rs"]
mod targets;

use super::reach::{ar, asar, cpio, gzip, rpm, seven_zip, tar, zip};

/// What the short run tries of each input.
const ROUNDS: usize = 60;

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % bound.max(1)
    }
}

/// A copy with a few bytes changed, cut out, doubled, or swapped for those of another input.
fn change(input: &[u8], other: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len());
        let to = bytes.len().min(at + random.below(24));
        match random.below(5) {
            0 if !bytes.is_empty() => bytes[at] = random.below(256).to_be_bytes()[7],
            1 => drop(bytes.drain(at..to)),
            2 => bytes.extend_from_within(at..to),
            3 => bytes.truncate(at.max(1)),
            _ => {
                let from = random.below(other.len());
                let part = &other[from..other.len().min(from + 40)];
                bytes.splice(at..at, part.iter().copied());
            }
        }
    }
    bytes
}

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

fn run(mut inputs: Vec<Vec<u8>>, target: fn(&[u8])) {
    let seconds = std::env::var("KEYROT_FUZZ_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    let until = seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for input in &inputs {
        target(input);
    }
    for round in 0.. {
        if until.map_or(round >= ROUNDS * inputs.len(), |until| Instant::now() >= until) {
            break;
        }
        let (one, other) = (random.below(inputs.len()), random.below(inputs.len()));
        let changed = change(&inputs[one], &inputs[other], &mut random);
        target(&changed);
        // Without coverage to guide it, a run goes on from some of its own inputs.
        if random.below(50) == 0 && inputs.len() < 500 && changed.len() < 20_000 && until.is_some() {
            inputs.push(changed);
        }
    }
}

fn containers() -> Vec<Vec<u8>> {
    let text = corpus("scan").concat();
    let database = include_bytes!("../../fixtures/reach/settings.db").to_vec();
    let mut all = vec![zip(&[("a.env", &text), ("b", b"x")]), tar(&[("a.env", &text)]), gzip(&text), database];
    let rest: [&[u8]; 3] = [&cpio(&[("a.env", &text)]), &ar(&[("a.env", &text)]), &asar("a.env", &text)];
    all.extend(rest.map(<[u8]>::to_vec));
    all.push(rpm(&gzip(&cpio(&[("a", &text)]))));
    all.push(seven_zip("c.env", b"TOKEN=none"));
    for name in ["lzma.zip", "ppmd.zip", "xz.zip", "a.rpm", "a.deb", "a.apk", "a.nupkg", "r.zip", "r.gz"] {
        all.push(std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/reach").join(name)).unwrap());
    }
    all
}

#[test]
fn fuzz_scan() {
    run([corpus("scan"), containers()].concat(), targets::scan);
}

#[test]
fn fuzz_stream() {
    run(corpus("scan"), targets::stream);
}

#[test]
fn fuzz_archive() {
    run([corpus("archive"), containers()].concat(), targets::archive);
}

#[test]
fn fuzz_decode() {
    run([corpus("decode"), corpus("scan")].concat(), targets::decode);
}

#[test]
fn fuzz_rules() {
    run(corpus("rules"), targets::rules);
}

#[test]
fn fuzz_config() {
    run(corpus("config"), targets::config);
}

#[test]
fn fuzz_inventory() {
    run(corpus("inventory"), targets::inventory);
}

#[test]
fn fuzz_claims() {
    run(corpus("claims"), targets::claims);
}

#[test]
fn fuzz_objects() {
    run(corpus("objects"), targets::objects);
}

#[test]
fn fuzz_packs() {
    run(corpus("packs"), targets::packs);
}

#[test]
fn fuzz_migrate() {
    run(corpus("migrate"), targets::migrate);
}

#[test]
fn fuzz_hunks() {
    run(corpus("hunks"), targets::hunks);
}

#[test]
fn fuzz_baseline() {
    run(corpus("baseline"), targets::baseline);
}

#[test]
fn fuzz_saved() {
    run(corpus("saved"), targets::saved);
}
