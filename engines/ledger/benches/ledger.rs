//! Entries sealed per second with durable writes, proofs verified per second, and a whole log
//! verified. The sealing bench writes below the current folder's `target/`, not into `/tmp`, which
//! is memory on many machines.

use std::hint::black_box;
use std::path::Path;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use ledger::{Log, SignerKey, leaf_hash, verify_folder, verify_inclusion};
use rand::SeedableRng as _;
use rand::rngs::StdRng;

/// About what a sealed event takes: an index, a salted commitment and a type.
fn entry(index: u64) -> Vec<u8> {
    format!("{index:020} {:064x} application.submitted", index.wrapping_mul(0x9e37_79b9)).into()
}

fn log(dir: &Path) -> Log {
    let key = SignerKey::generate(&mut StdRng::seed_from_u64(1));
    Log::open(dir, "bench.example", key).expect("a new folder becomes a log")
}

fn folder() -> tempfile::TempDir {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    tempfile::tempdir_in(target).expect("cargo makes this folder")
}

fn seal(c: &mut Criterion) {
    let mut group = c.benchmark_group("seal");
    group.sample_size(20);
    for batch in [1, 16, 256] {
        let folder = folder();
        let mut log = log(folder.path());
        let mut next = 0;
        group.throughput(Throughput::Elements(batch));
        group.bench_function(format!("batches of {batch}"), |b| {
            let entries = || {
                next += batch;
                (next - batch..next).map(entry).collect::<Vec<_>>()
            };
            let seal = |batch: Vec<_>| log.append(&batch).expect("the disk takes it");
            b.iter_batched(entries, seal, BatchSize::PerIteration);
        });
    }
    group.finish();
}

fn verify(c: &mut Criterion) {
    const SIZE: u64 = 100_000;
    let folder = folder();
    let mut log = log(folder.path());
    log.append(&(0..SIZE).map(entry).collect::<Vec<_>>()).expect("the disk takes it");
    let (index, root) = (SIZE / 3, log.root());
    let leaf = leaf_hash(&entry(index));
    let proof = log.inclusion_proof(index, SIZE).expect("the entry is there");

    let mut group = c.benchmark_group("proof");
    group.throughput(Throughput::Elements(1));
    group.bench_function("verify inclusion in 100,000", |b| {
        b.iter(|| verify_inclusion(black_box(leaf), index, SIZE, &proof, root));
    });
    group.bench_function("make inclusion in 100,000", |b| {
        b.iter(|| log.inclusion_proof(black_box(index), SIZE).expect("the entry is there"));
    });
    group.finish();

    let mut group = c.benchmark_group("folder");
    group.sample_size(10);
    group.throughput(Throughput::Elements(SIZE));
    group.bench_function("verify 100,000 entries", |b| {
        b.iter(|| verify_folder(folder.path(), None, |_| ()).expect("the folder is a log"));
    });
    group.finish();
}

criterion_group!(benches, seal, verify);
criterion_main!(benches);
