//! Time per byte on texts that are built against each rule, beside that on ordinary text.
//!
//! `cargo bench --bench adversarial` prints the worst of them and fails where one costs more than ten times as much per
//! byte as keyrot's own sources, or where a byte of the worst costs more in a longer text: time is linear in the text.
//! `KEYROT_BENCH_RULE=id` measures one rule alone.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods, missing_docs, reason = "a benchmark")]

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use keyrot::finding::Origin;
use keyrot::rule::{Definition, RuleSet};
use keyrot::scan::{Engine, Limits, Options, Worker};
use keyrot::secret::{FingerprintKey, KeyKind};
use regex_syntax::hir::{Hir, HirKind};

/// Size of each text, in bytes.
const SIZE: usize = 128 << 10;
/// So many times longer the worst texts are measured again, and a byte of them may cost so many times more.
const LONGER: usize = 32;
const MOST_GROWTH: f64 = 2.0;
/// How many texts are printed and measured again.
const WORST: usize = 25;
/// Each text is measured this often; the fastest counts.
const ROUNDS: usize = 3;
/// More than this many times the cost of ordinary text fails.
const MOST: f64 = 10.0;
/// Repetitions without an end are followed this far in one match.
const RUN: u32 = 4096;

fn main() -> ExitCode {
    let set = RuleSet::builtin();
    let engine = Engine::new(&set);
    let ordinary = cost(&engine, &sources());
    let only = std::env::var("KEYROT_BENCH_RULE").ok();
    let mut all = Vec::new();
    for rule in set.rules().iter().filter(|rule| only.as_ref().is_none_or(|only| *only == rule.id.as_str())) {
        for (name, text) in texts(&rule.definition) {
            all.push((cost(&engine, &text) / ordinary, name, rule.id.as_str(), text));
        }
    }
    all.sort_by(|one, other| other.0.total_cmp(&one.0));
    println!("ordinary text: {ordinary:.2} ns a byte; the worst of {} texts, as multiples of it:", all.len());
    let mut grows = false;
    // Another program that ran beside one of them may have made it the worst.
    for (factor, _, _, text) in all.iter_mut().take(WORST) {
        *factor = factor.min(cost(&engine, text) / ordinary);
    }
    all.sort_by(|one, other| other.0.total_cmp(&one.0));
    for (factor, name, rule, text) in all.iter().take(WORST) {
        let growth = cost(&engine, &text.repeat(LONGER)) / ordinary / factor;
        println!("{factor:7.1}  {rule}: {name}; {growth:.1} times that in a text of {LONGER} times the length");
        grows |= growth > MOST_GROWTH;
    }
    ExitCode::from(u8::from(grows || all.first().is_some_and(|(factor, ..)| *factor > MOST)))
}

/// Nanoseconds a byte of the whole worker.
fn cost(engine: &Engine, text: &[u8]) -> f64 {
    let fingerprint = FingerprintKey::new(KeyKind::Run, b"bench");
    let options = Options { fingerprint, show_secrets: false, limits: Limits { matches: 100, ..Limits::default() } };
    let once = |_| {
        let mut worker = Worker::new(engine, &options);
        let start = Instant::now();
        worker.scan(&Origin::File { path: "input".to_owned() }, text);
        start.elapsed()
    };
    let fastest = (0..ROUNDS).map(once).min().unwrap_or(Duration::ZERO);
    fastest.as_secs_f64() * 1e9 / text.len() as f64
}

fn sources() -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().flatten();
    files.filter(|entry| entry.file_type().is_file()).flat_map(|entry| std::fs::read(entry.path()).unwrap()).collect()
}

/// The texts against one rule.
fn texts(rule: &Definition) -> Vec<(&'static str, Vec<u8>)> {
    let Some(keyword) = rule.keywords.first() else { return Vec::new() };
    let mut texts = vec![
        ("the keyword without end", fill(keyword.as_bytes())),
        ("the keyword in a list", fill(format!("{keyword} ").as_bytes())),
        ("the keyword before nested quotes", fill(format!("{keyword}=\"'`\\\"").as_bytes())),
        ("the keyword before one long value", [keyword.as_bytes(), b"=", &vec![b'a'; SIZE]].concat()),
        ("assignments of the keyword", fill(format!("{keyword} = {keyword} + {keyword};\n").as_bytes())),
    ];
    let parsed = regex_syntax::ParserBuilder::new().utf8(false).build().parse(&rule.pattern);
    if let Ok(hir) = parsed {
        let mut short = Vec::new();
        follow(&hir, 0, &mut short);
        texts.push(("near misses", near_miss(&short)));
        let mut long = Vec::new();
        follow(&hir, RUN, &mut long);
        texts.push(("near misses that run on", near_miss(&long)));
        texts.push(("near misses side by side", fill(&long[..long.len().saturating_sub(1)])));
    }
    texts
}

fn near_miss(text: &[u8]) -> Vec<u8> {
    fill(&[&text[..text.len().saturating_sub(1)], b"\n"].concat())
}

fn fill(unit: &[u8]) -> Vec<u8> {
    let unit = if unit.is_empty() { b" " } else { unit };
    unit.iter().copied().cycle().take(SIZE).collect()
}

/// A text that the pattern matches; repetitions without an end are taken `run` times.
fn follow(hir: &Hir, run: u32, text: &mut Vec<u8>) {
    match hir.kind() {
        HirKind::Literal(literal) => text.extend(&*literal.0),
        HirKind::Class(class) => text.push(member(class, text.len())),
        HirKind::Capture(capture) => follow(&capture.sub, run, text),
        HirKind::Concat(parts) => parts.iter().for_each(|part| follow(part, run, text)),
        HirKind::Alternation(parts) => follow(&parts[0], run, text),
        HirKind::Repetition(repetition) => {
            let most = repetition.max.unwrap_or(u32::MAX);
            for _ in 0..repetition.min.max(run.min(most)) {
                follow(&repetition.sub, 0, text);
            }
        }
        HirKind::Look(_) | HirKind::Empty => {}
    }
}

/// A byte of the class: a different one at each place, so that no value is one character over and over.
fn member(class: &regex_syntax::hir::Class, at: usize) -> u8 {
    let holds = |byte: u8| match class {
        regex_syntax::hir::Class::Bytes(bytes) => {
            bytes.iter().any(|range| (range.start()..=range.end()).contains(&byte))
        }
        regex_syntax::hir::Class::Unicode(all) => {
            all.iter().any(|range| (range.start()..=range.end()).contains(&char::from(byte)))
        }
    };
    let wanted = b"kQ7zXw3Rb9mTf2Hy5Lc8Vn4Gd6Js1Pa0";
    let turned = wanted.iter().cycle().skip(at % wanted.len()).take(wanted.len()).copied();
    turned.chain(0x20..0x7f).chain(0..=255).find(|byte| holds(*byte)).unwrap_or(b'a')
}
