//! Megabytes of text tables a second, and the cross-tabulation kernel.

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use disclosure::{Input, RuleSet, check, kernel::cross_tab};

/// A table of `rows` rows as statistical offices write them.
fn table(rows: usize) -> String {
    let mut text = String::from("Commune;Effectif;% des patients;Salaire moyen\n");
    for row in 0..rows {
        let (count, share) = (100 + row % 900, row % 100);
        writeln!(text, "Commune {row};1 {count};{share},5;2 {count},25").expect("memory");
    }
    text
}

fn text_tables(c: &mut Criterion) {
    let rules = RuleSet::built_in("health_11").expect("built in");
    let mut group = c.benchmark_group("text tables");
    group.sample_size(10);
    for rows in [20, 1_000, 20_000] {
        let text = table(rows);
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(format!("{rows} rows"), |b| {
            b.iter(|| check(&[Input { name: "a.csv", bytes: black_box(text.as_bytes()) }], &rules));
        });
    }
    group.finish();
}

fn kernel(c: &mut Criterion) {
    let mut group = c.benchmark_group("cross tab with dominance");
    group.sample_size(10);
    for (rows, cells) in [(1_000_000_usize, 10_000_u32), (1_000_000, 250_000)] {
        // A linear congruential generator (Knuth's constants) with a fixed seed.
        let mut seed = 42_u64;
        let mut next = || {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            u32::try_from(seed >> 33).expect("31 bits")
        };
        let codes: Vec<u32> = (0..rows).map(|_| next() % cells).collect();
        let values: Vec<f64> = (0..rows).map(|_| f64::from(next() % 100_000)).collect();
        let count = usize::try_from(cells).expect("small");
        group.throughput(Throughput::Elements(rows as u64));
        group.bench_function(format!("{rows} rows, {cells} cells"), |b| {
            b.iter(|| {
                let table = cross_tab(black_box(&values), &codes, count).expect("finite");
                table.iter().filter(|c| c.units < 3 || c.is_dominated(1, 85.0)).count()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, text_tables, kernel);
criterion_main!(benches);
