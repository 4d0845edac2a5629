//! How long the audit of 100,000 rows takes: reading and merging, and judging rows of which none, two and five things are wrong.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that cannot go on fails, and says what it measures"
)]

use std::fmt::Write as _;
use std::hint::black_box;

use chrono::DateTime;
use criterion::{Criterion, criterion_group, criterion_main};
use keyrot::lifecycle::{Input, Inventory, Options, Scope, audit};

const ROWS: usize = 100_000;

/// How the rows are: nothing wrong; too old and unused; those, without a join, in pairs of one use, for half a year too long.
#[derive(Clone, Copy)]
enum Rows {
    Right,
    Two,
    Five,
}

impl Rows {
    fn name(self) -> &'static str {
        match self {
            Self::Right => "nothing wrong",
            Self::Two => "two things wrong with each",
            Self::Five => "five things wrong with each",
        }
    }

    fn table(self) -> Vec<u8> {
        let mut text =
            "id,class,name,owner,service,environment,scopes,created,rotated,expires,last_used,status,fingerprint\n"
                .to_owned();
        for row in 0..ROWS {
            let (month, day, team) = (row % 12 + 1, row % 28 + 1, row % 50);
            let (created, expires, used, service, print) = match self {
                Self::Right => ("2026-11-01".to_owned(), "2027-01-15".to_owned(), "2026-11-20".to_owned(), row, row),
                Self::Two => ("2026-03-01".to_owned(), "2027-01-15".to_owned(), "2026-11-20".to_owned(), row, row),
                Self::Five => {
                    let date = format!("2026-{month:02}-{day:02}");
                    (date.clone(), format!("2027-{month:02}-{day:02}"), date, row / 2, 0)
                }
            };
            let print = if print == 0 { String::new() } else { format!("kr1:x:{print:032x}") };
            writeln!(
                text,
                "k{row},acme-api-key,name-{row},team-{team},service-{service},dev,read,{created}T00:00:00Z,never,{expires},\
                 {used}T10:00:00Z,active,{print}",
            )
            .unwrap();
        }
        text.into_bytes()
    }
}

fn rows(criterion: &mut Criterion) {
    let now = DateTime::from_timestamp(1_795_305_600, 0).unwrap();
    let options = Options { scope: Scope::All, ..Options::new(now) };
    let mut group = criterion.benchmark_group("100,000 rows");
    group.sample_size(10);
    for kind in [Rows::Right, Rows::Two, Rows::Five] {
        let bytes = kind.table();
        let input = || vec![Input { path: "keys.csv".to_owned(), bytes: bytes.clone(), written: None }];
        let inventory = Inventory::read(input(), &[]).unwrap();
        let count = audit(Vec::new(), &inventory, &options).findings.len();
        println!("{}: {count} findings", kind.name());
        if matches!(kind, Rows::Right) {
            group.bench_function("read and merge", |bencher| {
                bencher.iter(|| Inventory::read(black_box(input()), &[]).unwrap());
            });
        }
        group.bench_function(kind.name(), |bencher| {
            bencher.iter(|| audit(Vec::new(), black_box(&inventory), &options));
        });
    }
    group.finish();
}

criterion_group!(benches, rows);
criterion_main!(benches);
