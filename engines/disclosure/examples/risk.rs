//! Prints the figures of the risk model on the unseen half of simulated decisions, seed by seed.

use std::time::Instant;

use disclosure::risk::simulate::{Plan, simulate};
use disclosure::risk::train::{Options, measure, train};

fn main() {
    let mut arguments = std::env::args().skip(1).filter_map(|word| word.parse().ok());
    let (requests, seeds) = (arguments.next().unwrap_or(20_000), arguments.next().unwrap_or(5));
    println!("seed requests unsafe auc ece brier manual caught seconds");
    for seed in 1..=seeds {
        let decisions = simulate(&Plan { requests, seed: seed as u64, noise: 0.05 });
        let (seen, unseen) = decisions.split(0.5);
        let start = Instant::now();
        let options = Options { noise: 0.05, aim: 0.02, seed: seed as u64, ..Options::default() };
        let model = train(&seen, &options).expect("enough decisions of both kinds");
        let seconds = start.elapsed().as_secs_f64();
        let f = measure(&model, &unseen).expect("both kinds");
        println!(
            "{seed} {} {} {:.4} {:.4} {:.4} {:.3} {:.4} {seconds:.1}",
            f.requests, f.unsafe_requests, f.auc, f.ece, f.brier, f.manual, f.caught
        );
    }
}
