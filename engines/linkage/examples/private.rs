//! `private LEFT RIGHT TRUTH DESIGN.json [LEAST]`: what a design costs in quality, and what attacks find.

#![expect(clippy::cast_precision_loss, reason = "counts stay below 2^52")]

use linkage::private::{Design, Key, encode, matched};
use linkage::spec::Spec;
use std::collections::HashSet;
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [left, right, truth, design, rest @ ..] = arguments.as_slice() else {
        return Err("usage: private LEFT RIGHT TRUTH DESIGN.json [LEAST]".into());
    };
    let design: Design = serde_json::from_str(design)?;
    let least = rest.first().map_or(Ok(0.6), |least| least.parse())?;
    let (key, random) = (Key::new(b"a key for measurements, not secret"), Key::new(b"random"));
    let clock = std::time::Instant::now();
    let made = [left, right].map(|path| {
        encode(Path::new(path), &Spec::default(), &design, &key, &random).expect("a file to encode")
    });
    println!("encoded in {:.2} s", clock.elapsed().as_secs_f64());
    for finding in made[0].findings(&random) {
        println!("{finding:?}");
    }
    println!("attacks done at {:.2} s", clock.elapsed().as_secs_f64());
    let shown = made.each_ref().map(linkage::private::Made::shown);
    let found = matched(&shown[0], &shown[1], least, 1)?;
    println!("matched at {:.2} s: {}", clock.elapsed().as_secs_f64(), found.notes.join("; "));
    let text = std::fs::read_to_string(truth)?;
    let truth: HashSet<(&str, &str)> =
        text.lines().skip(1).filter_map(|line| line.split_once(',')).collect();
    let mut pairs: Vec<(f64, bool)> = found
        .pairs
        .iter()
        .map(|(a, b, similarity)| {
            let pair = (shown[0].serials.get(*a), shown[1].serials.get(*b));
            (*similarity, truth.contains(&pair))
        })
        .collect();
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut good, mut best) = (0.0, (0.0, 0.0, 0.0, 0.0));
    for (at, (similarity, is_true)) in pairs.iter().enumerate() {
        good += f64::from(u8::from(*is_true));
        let f1 = 2.0 * good / (at as f64 + 1.0 + truth.len() as f64);
        if f1 > best.0 {
            best = (f1, *similarity, good / (at as f64 + 1.0), good / truth.len() as f64);
        }
    }
    println!(
        "best F1 {:.4} at {:.3}: precision {:.4} recall {:.4}",
        best.0, best.1, best.2, best.3
    );
    Ok(())
}
