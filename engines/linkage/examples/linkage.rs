//! `linkage generate DIR COUNT [PROFILE] [SEED] [persons|firms]`, `linkage score TRUTH PAIRS`:
//! makes files with known truth, and says how good links are.

#![expect(clippy::cast_precision_loss, reason = "counts stay below 2^52")]

use linkage::generate::{Profile, firms, persons};
use linkage::{Link, Linked, Options, Step};
use std::collections::HashSet;
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["generate", folder, count, rest @ ..] => generate(folder, count.parse()?, rest),
        ["score", truth, pairs] => score(truth, pairs),
        ["try", left, right, truth] => attempt(left, right, truth),
        _ => {
            Err("usage: linkage generate DIR COUNT [PROFILE] [SEED] [KIND] | score TRUTH PAIRS"
                .into())
        }
    }
}

fn generate(folder: &str, count: usize, rest: &[&str]) -> Result<(), Box<dyn std::error::Error>> {
    let name = rest.first().unwrap_or(&"medium");
    let profile = Profile::named(name).ok_or("the profile is easy, medium or hard")?;
    let seed = rest.get(1).map_or(Ok(1), |seed| seed.parse())?;
    let made = match rest.get(2) {
        Some(&"firms") => firms(count, &profile, seed),
        _ => persons(count, &profile, seed),
    };
    std::fs::create_dir_all(folder)?;
    let folder = Path::new(folder);
    std::fs::write(folder.join("a.csv"), made.left)?;
    std::fs::write(folder.join("b.csv"), made.right)?;
    std::fs::write(folder.join("truth.csv"), made.truth)?;
    Ok(())
}

fn pairs(path: &str) -> Result<HashSet<(String, String)>, std::io::Error> {
    let text = std::fs::read_to_string(path)?;
    let pair = |line: &str| {
        let mut cells = line.split(',').map(str::to_owned);
        Some((cells.next()?, cells.next()?))
    };
    Ok(text.lines().skip(1).filter_map(pair).collect())
}

fn score(truth: &str, links: &str) -> Result<(), Box<dyn std::error::Error>> {
    let truth = pairs(truth)?;
    let text = std::fs::read_to_string(links)?;
    let mut found: Vec<(f64, bool)> = text
        .lines()
        .skip(1)
        .filter_map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let weight = cells.get(2)?.parse().ok()?;
            Some((weight, truth.contains(&(cells[0].to_owned(), cells[1].to_owned()))))
        })
        .collect();
    report("written", truth.len(), &mut found);
    Ok(())
}

/// Best F1 over all cuts, and recall at given precisions. Pairs of one weight come all or none.
fn report(what: &str, truth: usize, found: &mut [(f64, bool)]) {
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut good, mut all, mut best, mut at) = (0.0, 0.0, 0.0, 0.0);
    let mut recalls = [0.0_f64; 3];
    let total = truth as f64;
    for ties in found.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        all += ties.len() as f64;
        good += ties.iter().filter(|(_, is_true)| *is_true).count() as f64;
        let f1 = 2.0 * good / (all + total);
        if f1 > best {
            (best, at) = (f1, ties[0].0);
        }
        for (recall, precision) in recalls.iter_mut().zip([0.99, 0.999, 0.9999]) {
            if good / all >= precision {
                *recall = recall.max(good / total);
            }
        }
    }
    println!(
        "{what}: pairs {} true {} of {truth}; precision {:.4} recall {:.4} F1 {:.4}; best F1 {best:.4} at {at:.2}; recall @.99 {:.4} @.999 {:.4} @.9999 {:.4}",
        found.len(),
        good,
        good / all,
        good / total,
        2.0 * good / (all + total),
        recalls[0],
        recalls[1],
        recalls[2]
    );
}

/// Links with one thread, with and without one partner each, and says how good it is.
fn attempt(left: &str, right: &str, truth: &str) -> Result<(), Box<dyn std::error::Error>> {
    let truth = pairs(truth)?;
    let clock = std::time::Instant::now();
    let told = |step: Step| {
        if !matches!(step, Step::Comparing(..)) {
            eprintln!("{:7.3} {step:?}", clock.elapsed().as_secs_f64());
        }
    };
    let raw = Options { threads: 1, floor: Some(0.0), ..Options::default() };
    let one = Options { one_to_one: Some(linkage::assign::Method::Optimal), ..raw.clone() };
    let paths = (Path::new(left), Path::new(right));
    let chosen = linkage::link(paths.0, Some(paths.1), &one, &told)?;
    eprintln!("{:7.3} done", clock.elapsed().as_secs_f64());
    let linked = linkage::link(paths.0, Some(paths.1), &raw, &|_| {})?;
    candidates(&linked, &truth);
    classes(&linked);
    judge("raw", &linked, &truth);
    judge("one-to-one", &chosen, &truth);
    for note in &linked.notes {
        println!("note: {note}");
    }
    Ok(())
}

type Truth = HashSet<(String, String)>;

fn is_true(linked: &Linked, truth: &Truth, left: u32, right: u32) -> bool {
    let other = linked.right.as_ref().expect("two files");
    let pair = (linked.left.ids.get(left as usize), other.ids.get(right as usize));
    truth.contains(&(pair.0.to_owned(), pair.1.to_owned()))
}

fn candidates(linked: &Linked, truth: &Truth) {
    let found = &linked.candidates;
    let reached = found.pairs.iter().filter(|(l, r)| is_true(linked, truth, *l, *r)).count();
    println!(
        "candidates {} reach {:.4}, patterns {}, rounds {}",
        found.pairs.len(),
        reached as f64 / truth.len() as f64,
        found.patterns.len(),
        linked.model.rounds
    );
    for report in &found.reports {
        println!(
            "  {:9} {:9} out {:9} ({}) max {:7} {}",
            report.new,
            report.pairs,
            report.left_out,
            report.blocks_left_out,
            report.largest,
            report.name
        );
    }
}

fn classes(linked: &Linked) {
    for class in &linked.model.classes {
        println!("  class {:40} {:.4}", class.name, class.share);
        for (kind, levels) in linked.model.kinds.iter().zip(&class.levels) {
            let levels: Vec<String> = levels.iter().skip(1).map(|p| format!("{p:.3}")).collect();
            println!("     {:22} {}", kind.name(), levels.join(" "));
        }
    }
}

fn judge(what: &str, linked: &Linked, truth: &Truth) {
    let is_true = |link: &Link| is_true(linked, truth, link.left, link.right);
    let mut all: Vec<(f64, bool)> =
        linked.links.iter().map(|link| (link.weight, is_true(link))).collect();
    report(what, truth.len(), &mut all);
    let is_sure = |link: &&Link| link.probability >= linked.cut.probability;
    let sure: Vec<_> = linked.links.iter().filter(is_sure).collect();
    let good = sure.iter().filter(|link| is_true(link)).count() as f64;
    println!("{what} cut: {:?}", linked.cut);
    let (all, truth) = (sure.len() as f64, truth.len() as f64);
    println!(
        "   true precision {:.4} recall {:.4} F1 {:.4}",
        good / all,
        good / truth,
        2.0 * good / (all + truth)
    );
}
