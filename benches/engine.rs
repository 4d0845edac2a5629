//! Throughput of the engine, all rules, one thread: source text, and the same text minified.
//!
//! `KEYROT_BENCH_CORPUS=FOLDER cargo bench` measures on the files of a folder instead of on keyrot's own sources.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs, reason = "a benchmark")]

use std::path::{Path, PathBuf};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use keyrot::rule::RuleSet;
use keyrot::scan::Engine;
use keyrot::scan::matcher::{Scratch, Text};

/// Enough for the caches of lazily built automata to settle, little enough to run in seconds.
const LARGEST: usize = 64 << 20;

fn corpus(folder: &Path) -> Vec<u8> {
    let mut text = Vec::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().flatten() {
        if entry.file_type().is_file() && text.len() < LARGEST {
            let bytes = std::fs::read(entry.path()).unwrap();
            if !bytes.contains(&0) {
                text.extend(bytes);
                text.push(b'\n');
            }
        }
    }
    text
}

/// The folder that is asked for, else keyrot's own sources.
fn corpus_folder() -> PathBuf {
    std::env::var_os("KEYROT_BENCH_CORPUS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), PathBuf::from)
}

/// The words of the text on one endless line.
fn minified(text: &[u8]) -> Vec<u8> {
    text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(&b","[..])
}

fn engine(criterion: &mut Criterion) {
    let source = corpus(&corpus_folder());
    let engine = Engine::new(&RuleSet::builtin());
    let mut group = criterion.benchmark_group("engine");
    for (name, text) in [("source", source.clone()), ("minified", minified(&source))] {
        group.throughput(Throughput::Bytes(text.len() as u64)).sample_size(10);
        group.bench_function(name, |bencher| {
            let (mut scratch, mut found) = (Scratch::default(), Vec::new());
            bencher.iter(|| {
                found.clear();
                engine.candidates(Text { bytes: &text, path: "" }, &mut scratch, &mut found);
                found.len()
            });
        });
    }
    group.finish();
}

fn startup(criterion: &mut Criterion) {
    criterion.bench_function("rules and engine from nothing", |bencher| {
        bencher.iter(|| Engine::new(&RuleSet::builtin()));
    });
}

/// The share of the pair forms: all rules, and all but those that pairs become.
fn pairs(criterion: &mut Criterion) {
    let source = corpus(&corpus_folder());
    let fed = ["user-pass-pair", "half-pair", "alphamoon-api-key", "docker-config-auth", "npm-registry-auth"];
    let all = RuleSet::builtin();
    let without = all.select(&[], &fed.map(str::to_owned)).unwrap();
    throughput(criterion, "pair forms", &source, &[("with", &all), ("without", &without)]);
}

fn throughput(criterion: &mut Criterion, title: &str, source: &[u8], sets: &[(&str, &RuleSet)]) {
    let mut group = criterion.benchmark_group(title);
    for (name, rules) in sets {
        let engine = Engine::new(rules);
        group.throughput(Throughput::Bytes(source.len() as u64)).sample_size(10);
        group.bench_function(*name, |bencher| {
            let (mut scratch, mut found) = (Scratch::default(), Vec::new());
            bencher.iter(|| {
                found.clear();
                engine.candidates(Text { bytes: source, path: "" }, &mut scratch, &mut found);
                found.len()
            });
        });
    }
    group.finish();
}

/// Who issues the most leaked kinds of keys: those that the catalogue began with.
#[rustfmt::skip]
const MOST_LEAKED: [&str; 61] = [
    "alphamoon", "aws", "google", "azure", "github", "gitlab", "bitbucket", "slack", "stripe", "square", "paypal",
    "braintree", "twilio", "sendgrid", "mailgun", "mailchimp", "openai", "anthropic", "huggingface", "groq",
    "replicate", "npm", "pypi", "crates-io", "rubygems", "docker", "heroku", "digitalocean", "cloudflare", "fastly",
    "netlify", "vercel", "supabase", "planetscale", "databricks", "snowflake", "datadog", "newrelic", "grafana",
    "sentry", "pagerduty", "okta", "auth0", "atlassian", "linear", "notion", "figma", "telegram", "discord", "shopify",
    "hashicorp-vault", "hashicorp-terraform", "doppler", "onepassword", "age", "jwt", "private-key", "redis",
    "rabbitmq", "ldap", "generic",
];

/// What the catalogue costs: all rules, and one rule of each of the most leaked kinds. Both read pairs and generic values.
fn catalogue(criterion: &mut Criterion) {
    let source = corpus(&corpus_folder());
    let all = RuleSet::builtin();
    let mut kinds: Vec<&str> = MOST_LEAKED.to_vec();
    let few = all.rules().iter().filter_map(|rule| {
        let definition = &rule.definition;
        let at = kinds.iter().position(|kind| *kind == definition.provider && *kind != "generic");
        let is_first = at.map(|at| kinds.swap_remove(at)).is_some();
        (is_first || definition.pattern.is_empty()).then(|| rule.id.as_str().to_owned())
    });
    let few: Vec<String> = few.collect();
    assert_eq!(kinds, ["generic"], "every kind has a rule");
    let few = all.select(&few, &[]).unwrap();
    throughput(criterion, "catalogue", &source, &[("all rules", &all), ("sixty", &few)]);
}

criterion_group!(benches, engine, pairs, catalogue, startup);
criterion_main!(benches);
