//! How long the audit of 100,000 rows takes, reading and merging included.

#![allow(missing_docs, clippy::unwrap_used, reason = "a measurement that cannot go on fails")]

use std::fmt::Write as _;
use std::hint::black_box;

use chrono::DateTime;
use criterion::{Criterion, criterion_group, criterion_main};
use keyrot::lifecycle::{Input, Inventory, Options, Scope, audit};

const ROWS: usize = 100_000;

fn table() -> Vec<u8> {
    let mut text =
        "id,class,name,owner,service,environment,scopes,created,rotated,expires,last_used,status\n".to_owned();
    for row in 0..ROWS {
        let (month, day) = (row % 12 + 1, row % 28 + 1);
        writeln!(
            text,
            "k{row},acme-api-key,name-{row},team-{},service-{},prod,read write,2026-{month:02}-{day:02}T00:00:00Z,never,\
             2027-{month:02}-{day:02},2026-{month:02}-{day:02}T10:00:00Z,active",
            row % 50,
            row / 2,
        )
        .unwrap();
    }
    text.into_bytes()
}

fn rows(criterion: &mut Criterion) {
    let bytes = table();
    let input = || vec![Input { path: "keys.csv".to_owned(), bytes: bytes.clone(), written: None }];
    let now = DateTime::from_timestamp(1_795_305_600, 0).unwrap();
    let options = Options { scope: Scope::All, ..Options::new(now) };
    let inventory = Inventory::read(input(), &[]).unwrap();
    let mut group = criterion.benchmark_group("100,000 rows");
    group.sample_size(10);
    group
        .bench_function("read and merge", |bencher| bencher.iter(|| Inventory::read(black_box(input()), &[]).unwrap()));
    group.bench_function("audit", |bencher| bencher.iter(|| audit(Vec::new(), black_box(&inventory), &options)));
    group.finish();
}

criterion_group!(benches, rows);
criterion_main!(benches);
