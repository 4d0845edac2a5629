//! Chooses for every keyword of the built-in rules which of its windows is filed in which bucket, so that as little source
//! text as possible survives, and prints src/scan/prefilter/places.bin:
//!
//!     cargo run --release --example places -- FOLDER... > places.bin
//!
//! Each folder counts the same, whatever its size: 5 MB of its files of 1 KB to 3 MB are read. A window that stands at least
//! ten times in them counts as often as it stands there, and what is left of the text as pairs that tell nothing of each
//! other. Each window is filed where it adds least, then taken out and filed again, six times over.
//!
//! The shipped places were made of 35 public trees: Alamofire, `AntennaPod`, Arrow, ASP.NET Core's samples, Authelia, `BookStack`,
//! Central, `CloudFoundry`'s UAA, DHIS2, Flarum, `FreeRADIUS`, Grafana's charts for Helm, Jellyfin, `JHipster`, Kamailio, Keystone, Koel,
//! Kubespray, Lemmy, Livebook, Luanti, Meilisearch, Pixelfed, Smooth App, Spacedrive, Streamlit, WLED, Administrate, samples of ML Kit,
//! Pulumi, SAP, Azure's speech services and Stripe, an EKS module for Terraform, and the examples of a book on Ansible.

#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "modules of the crate are read here as they are; pairs, ends and buckets are small numbers"
)]

#[path = "../../src/scan/prefilter/bucket.rs"]
mod bucket;
#[path = "../../src/scan/prefilter/places.rs"]
mod places;
#[path = "../../src/scan/prefilter/window.rs"]
mod window;

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bucket::{BUCKETS, Frequencies, LANES};
use keyrot::rule::RuleSet;
use keyrot::scan::Engine;
use window::{Lane, PAIRS, Window, class};

/// Bytes read of each folder.
const SAMPLE: usize = 5_000_000;
/// Bytes read of each file.
const LONGEST: usize = 200_000;
/// So often a window stands in the texts that are read, or it counts with the rest.
const LEAST: u32 = 10;
/// What a place where a window stands without its keyword costs beside one where a bucket survives.
const COMPARISON: f32 = 0.3;
const SWEEPS: usize = 6;

fn main() -> io::Result<()> {
    let mut counts = HashMap::new();
    for folder in std::env::args_os().skip(1) {
        count(Path::new(&folder), &mut counts)?;
    }
    let mut plan = Plan::new(&counts);
    let engine = Engine::new(&RuleSet::builtin());
    let keywords: Vec<&str> = engine.keywords().collect::<BTreeSet<_>>().into_iter().collect();
    let mut slots = slots(&keywords, &plan);
    for _ in 0..SWEEPS {
        for slot in &mut slots {
            if let Some((choice, bucket)) = slot.filed {
                plan.remove(bucket, &slot.choices[choice].lanes);
            }
            let (choice, bucket) = plan.best(&slot.choices);
            plan.add(bucket, &slot.choices[choice].lanes);
            slot.filed = Some((choice, bucket));
        }
        writeln!(io::stderr(), "{:.2} % of the windows that were counted survive", 100.0 * plan.surviving())?;
    }
    io::stdout().write_all(&encode(&keywords, &slots))
}

/// Counts the windows of a sample of the folder's files, at every offset.
fn count(folder: &Path, counts: &mut HashMap<[u16; LANES], u32>) -> io::Result<()> {
    let mut files = Vec::new();
    list(folder, &mut files)?;
    // A step without a common divisor with the number of files visits each once, far from the one before.
    let (mut read, mut at) = (0, 0);
    let step = (files.len() / 3..=files.len()).find(|step| gcd(*step, files.len()) == 1).unwrap_or(1);
    for _ in 0..files.len() {
        at = (at + step) % files.len();
        let bytes = fs::read(&files[at])?;
        if read >= SAMPLE || bytes.iter().take(2_000).any(|byte| *byte == 0) {
            continue;
        }
        let classes: Vec<u16> = bytes.iter().take(LONGEST).map(|byte| class(*byte) as u16).collect();
        read += classes.len();
        for six in classes.windows(2 * LANES) {
            *counts.entry([six[0] | six[1] << 6, six[2] | six[3] << 6, six[4] | six[5] << 6]).or_insert(0) += 1;
        }
    }
    Ok(())
}

fn gcd(one: usize, other: usize) -> usize {
    if other == 0 { one } else { gcd(other, one % other) }
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    for path in entries {
        let about = path.symlink_metadata()?;
        if about.is_dir() {
            list(&path, files)?;
        } else if about.is_file() && (1_000..3_000_000).contains(&about.len()) {
            files.push(path);
        }
    }
    Ok(())
}

/// The pairs that agree with a lane.
struct Agreeing {
    pairs: Vec<u16>,
    bits: Box<[u64; PAIRS / 64]>,
}

impl Agreeing {
    fn with(lane: Lane) -> Self {
        let pairs: Vec<u16> = (0..PAIRS)
            .filter(|pair| match lane {
                Lane::Any => true,
                Lane::First(class) => pair & 63 == class,
                Lane::Second(class) => pair >> 6 == class,
                Lane::Both(both) => *pair == both,
            })
            .map(|pair| pair as u16)
            .collect();
        let mut bits = Box::new([0; PAIRS / 64]);
        for pair in &pairs {
            bits[usize::from(pair >> 6)] |= 1 << (pair & 63);
        }
        Self { pairs, bits }
    }

    fn has(&self, pair: u16) -> bool {
        self.bits[usize::from(pair >> 6)] >> (pair & 63) & 1 == 1
    }
}

/// A window that may be filed.
struct Choice {
    window: Window,
    lanes: [Agreeing; LANES],
    /// The share of the text at which it stands.
    share: f32,
}

/// A keyword and a parity, of which one window is filed.
struct Slot {
    keyword: usize,
    parity: usize,
    choices: Vec<Choice>,
    filed: Option<(usize, usize)>,
}

/// What is filed, those that stand in text most often first.
fn slots(keywords: &[&str], plan: &Plan) -> Vec<Slot> {
    /// Of a long keyword so many windows are tried, the rarest by their pairs.
    const TRIED: usize = 12;
    let frequencies = Frequencies::new();
    let mut slots = Vec::new();
    for (keyword, bytes) in keywords.iter().enumerate() {
        for parity in [0, 1] {
            let windows = Window::choices(0, bytes.as_bytes(), parity, &frequencies).into_iter().take(TRIED);
            let choices = windows.map(|window| {
                let lanes = window.lanes.map(Agreeing::with);
                let share = plan.share(&lanes);
                Choice { window, lanes, share }
            });
            slots.push(Slot { keyword, parity, choices: choices.collect(), filed: None });
        }
    }
    let rarest = |slot: &Slot| slot.choices.iter().map(|choice| choice.share).fold(f32::MAX, f32::min);
    slots.sort_by(|one, other| rarest(other).total_cmp(&rarest(one)));
    slots
}

/// The bytes that `places::of` reads.
fn encode(keywords: &[&str], slots: &[Slot]) -> Vec<u8> {
    let mut places: Vec<(u32, [u8; 4])> =
        keywords.iter().map(|keyword| (places::number(keyword.as_bytes()), [0; 4])).collect();
    for slot in slots {
        let (choice, bucket) = slot.filed.expect("every slot was filed");
        places[slot.keyword].1[2 * slot.parity] = slot.choices[choice].window.back as u8;
        places[slot.keyword].1[2 * slot.parity + 1] = bucket as u8;
    }
    places.sort_unstable();
    assert!(places.windows(2).all(|two| two[0].0 != two[1].0), "two keywords have the same number");
    places.iter().flat_map(|(number, place)| number.to_le_bytes().into_iter().chain(*place)).collect()
}

/// A window of text.
struct Seen {
    pairs: [u16; LANES],
    share: f32,
    /// The buckets that survive it.
    buckets: u32,
}

/// The buckets, and what of the text survives in them.
struct Plan {
    seen: Vec<Seen>,
    /// For each lane and pair the windows of text that have it there.
    having: Vec<Vec<u32>>,
    /// For each bucket, lane and pair how many windows that are filed agree with it.
    filed: Vec<u16>,
    /// For each bucket and lane how often its pairs stand in text.
    frequencies: [[f32; LANES]; BUCKETS],
    pairs: Vec<f32>,
    /// The share of the text whose windows are not counted.
    rest: f32,
}

impl Plan {
    fn new(counts: &HashMap<[u16; LANES], u32>) -> Self {
        let total: u64 = counts.values().map(|count| u64::from(*count)).sum();
        let often = counts.iter().filter(|(_, count)| **count >= LEAST);
        let mut seen: Vec<Seen> = often
            .map(|(pairs, count)| Seen { pairs: *pairs, share: *count as f32 / total as f32, buckets: 0 })
            .collect();
        seen.sort_by_key(|seen| seen.pairs);
        let mut having = vec![Vec::new(); LANES * PAIRS];
        for (index, seen) in (0..).zip(&seen) {
            for (lane, pair) in seen.pairs.iter().enumerate() {
                having[lane * PAIRS + usize::from(*pair)].push(index);
            }
        }
        let frequencies = Frequencies::new();
        Self {
            rest: 1.0 - seen.iter().map(|seen| seen.share).sum::<f32>(),
            seen,
            having,
            filed: vec![0; BUCKETS * LANES * PAIRS],
            frequencies: [[0.0; LANES]; BUCKETS],
            pairs: (0..PAIRS).map(|pair| frequencies.of(Lane::Both(pair))).collect(),
        }
    }

    fn surviving(&self) -> f32 {
        self.seen.iter().filter(|seen| seen.buckets != 0).map(|seen| seen.share).sum()
    }

    /// The share of the text with which the lanes agree.
    fn share(&self, lanes: &[Agreeing; LANES]) -> f32 {
        let agreeing = |lane: usize| lanes[lane].pairs.iter().flat_map(move |pair| self.having(lane, *pair));
        let rarest = (0..LANES).min_by_key(|lane| agreeing(*lane).count()).expect("there are lanes");
        let agree = agreeing(rarest).map(|index| &self.seen[*index as usize]);
        agree.filter(|seen| (0..LANES).all(|lane| lanes[lane].has(seen.pairs[lane]))).map(|seen| seen.share).sum()
    }

    fn having(&self, lane: usize, pair: u16) -> &[u32] {
        &self.having[lane * PAIRS + usize::from(pair)]
    }

    fn knows(&self, bucket: usize, lane: usize, pair: u16) -> bool {
        self.filed[(bucket * LANES + lane) * PAIRS + usize::from(pair)] > 0
    }

    /// The windows of text that survive in the bucket only once the lanes are in it, each once.
    fn added<'p>(&'p self, bucket: usize, lanes: &'p [Agreeing; LANES]) -> impl Iterator<Item = u32> + 'p {
        let unknown = (0..LANES).flat_map(move |lane| {
            let pairs = lanes[lane].pairs.iter().filter(move |pair| !self.knows(bucket, lane, **pair));
            pairs.flat_map(move |pair| self.having(lane, *pair)).map(move |index| (lane, *index))
        });
        // A window that has a new pair in several lanes is counted at the first.
        unknown.filter_map(move |(first, index)| {
            let pairs = self.seen[index as usize].pairs;
            let mut others = (0..LANES).filter(|lane| *lane != first);
            let agree = others
                .all(|lane| self.knows(bucket, lane, pairs[lane]) || lane > first && lanes[lane].has(pairs[lane]));
            agree.then_some(index)
        })
    }

    /// Where one of the windows adds least: its number and the bucket.
    fn best(&self, choices: &[Choice]) -> (usize, usize) {
        let mut best = (f32::MAX, (0, 0));
        for (number, choice) in choices.iter().enumerate() {
            for bucket in 0..BUCKETS {
                let mut cost = COMPARISON * choice.share + self.rest * self.growth(bucket, &choice.lanes);
                for index in self.added(bucket, &choice.lanes) {
                    let seen = &self.seen[index as usize];
                    cost += if seen.buckets == 0 { seen.share } else { 0.0 };
                    if cost >= best.0 {
                        break;
                    }
                }
                if cost < best.0 {
                    best = (cost, (number, bucket));
                }
            }
        }
        best.1
    }

    /// By how much more survives in the bucket where pairs tell nothing of each other.
    fn growth(&self, bucket: usize, lanes: &[Agreeing; LANES]) -> f32 {
        let now = self.frequencies[bucket];
        let new = |lane: usize| {
            let pairs = lanes[lane].pairs.iter().filter(|pair| !self.knows(bucket, lane, **pair));
            pairs.map(|pair| self.pairs[usize::from(*pair)]).sum::<f32>()
        };
        (0..LANES).map(|lane| now[lane] + new(lane)).product::<f32>() - now.iter().product::<f32>()
    }

    fn add(&mut self, bucket: usize, lanes: &[Agreeing; LANES]) {
        for index in self.added(bucket, lanes).collect::<Vec<_>>() {
            self.seen[index as usize].buckets |= 1 << bucket;
        }
        self.count(bucket, lanes, 1);
    }

    fn remove(&mut self, bucket: usize, lanes: &[Agreeing; LANES]) {
        self.count(bucket, lanes, -1);
        for index in self.added(bucket, lanes).collect::<Vec<_>>() {
            self.seen[index as usize].buckets &= !(1 << bucket);
        }
    }

    fn count(&mut self, bucket: usize, lanes: &[Agreeing; LANES], by: i16) {
        for (lane, agreeing) in lanes.iter().enumerate() {
            for pair in &agreeing.pairs {
                let filed = &mut self.filed[(bucket * LANES + lane) * PAIRS + usize::from(*pair)];
                let before = *filed;
                *filed = filed.checked_add_signed(by).expect("what is taken out was filed");
                if before == 0 || *filed == 0 {
                    self.frequencies[bucket][lane] += f32::from(by) * self.pairs[usize::from(*pair)];
                }
            }
        }
    }
}
