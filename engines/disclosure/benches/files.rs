//! How long each file of `tests/files` and of the corpus takes, without pictures: the best of five
//! runs a file, then the percentiles. `cargo bench -p disclosure --bench files`.

use std::path::Path;
use std::time::{Duration, Instant};

use disclosure::{Input, RuleSet, check};

fn main() {
    let rules = RuleSet::built_in("health_11").expect("built in");
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut times: Vec<(Duration, String)> = Vec::new();
    for folder in ["files", "corpus/safe", "corpus/unsafe"] {
        for entry in std::fs::read_dir(tests.join(folder)).expect("in the repository") {
            let path = entry.expect("readable").path();
            if !path.is_file() {
                continue;
            }
            let name = path.file_name().map_or(String::new(), |n| n.to_string_lossy().into_owned());
            let bytes = std::fs::read(&path).expect("readable");
            let once = || {
                let start = Instant::now();
                std::hint::black_box(check(&[Input { name: &name, bytes: &bytes }], &rules));
                start.elapsed()
            };
            let best = (0..5).map(|_| once()).min().unwrap_or_default();
            times.push((best, name));
        }
    }
    times.sort();
    let at = |percent: usize| times[(times.len() * percent).div_ceil(100).max(1) - 1].0;
    println!("{} files", times.len());
    for percent in [50, 90, 95, 99, 100] {
        println!("{percent:>3} % within {:?}", at(percent));
    }
    for (time, name) in times.iter().rev().take(5) {
        println!("    {name} {time:?}");
    }
}
