//! The audit of a pattern and the whole protection, on seeded tables of real shapes.

#[path = "../tests/protect_shapes/mod.rs"]
mod protect_shapes;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use disclosure::protect::audit::{exposed, intervals};
use disclosure::protect::{Options, solve};
use protect_shapes::Shape;

/// Of the tables that docs/performance.md tells of.
const SEED: u64 = 7;

/// The audit alone: all demands proved, and all attackers' intervals, of a found pattern.
fn audit(c: &mut Criterion) {
    let mut group = c.benchmark_group("audit");
    group.sample_size(10);
    for name in ["T08", "T10", "T12"] {
        let instance = Shape::named(name).expect("a shape").instance(SEED);
        let options = Options { work: Some(1), ..Options::default() };
        let found = solve(&instance, options).expect("protected");
        let mut pattern = vec![false; instance.cells.len()];
        found.secondaries.iter().copied().chain(instance.primaries()).for_each(|at| {
            pattern[at] = true;
        });
        let demands = instance.demands().expect("possible");
        let hidden = pattern.iter().filter(|hidden| **hidden).count();
        group.bench_function(format!("{name} demands, {hidden} suppressed"), |b| {
            b.iter(|| exposed(black_box(&instance), &demands, &pattern, false).len());
        });
        group.bench_function(format!("{name} intervals, {hidden} suppressed"), |b| {
            b.iter(|| intervals(black_box(&instance), &pattern).len());
        });
    }
    group.finish();
}

/// The whole protection at its default effort.
fn protect(c: &mut Criterion) {
    let mut group = c.benchmark_group("protect");
    group.sample_size(10);
    for name in ["T03", "T07", "T08"] {
        let instance = Shape::named(name).expect("a shape").instance(SEED);
        group.bench_function(name, |b| {
            b.iter(|| solve(black_box(&instance), Options::default()).map(|found| found.cost));
        });
    }
    group.finish();
}

criterion_group!(benches, audit, protect);
criterion_main!(benches);
