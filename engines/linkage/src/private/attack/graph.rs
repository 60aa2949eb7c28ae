//! Graphs: who is how similar to whom is the same among records and among filters, whatever the key
//! (after Vidanage, Christen, Ranbaduge and Schnell 2020): first by each one's greatest similarities,
//! then, from the surest pairs on, by how similar each is to those that are known.

use super::super::filter::{both, ones};
use super::{Seen, mutual};

/// Rounds that start from the pairs of the one before.
const ROUNDS: usize = 8;
/// Pairs that a round gives to the next, at most. Wrong ones among them only blur what right ones show.
const SEEDS: usize = 300;
/// Which of the greatest similarities are looked at.
const GREATEST: [usize; 4] = [0, 1, 2, 5];
/// Which quantiles of all similarities of one are looked at, from the greatest.
const QUANTILES: [f32; 6] = [0.02, 0.05, 0.1, 0.25, 0.5, 0.8];

/// Similarities of all with all.
struct Graph {
    count: usize,
    similar: Vec<f32>,
}

impl Graph {
    /// Similarities as ranks from 0 to 1, since filters change their scale.
    fn new(count: usize, similarity: impl Fn(usize, usize) -> f64) -> Self {
        let mut similar = vec![0.0; count * count];
        let mut all = Vec::with_capacity(count * count / 2);
        for a in 0..count {
            for b in 0..a {
                let value = similarity(a, b);
                similar[a * count + b] = value as f32;
                similar[b * count + a] = value as f32;
                all.push(value as f32);
            }
        }
        all.sort_unstable_by(f32::total_cmp);
        let last = all.len().max(1) as f32;
        for value in &mut similar {
            let (low, high) = (
                all.partition_point(|other| other < value),
                all.partition_point(|other| other <= value),
            );
            *value = (low + high) as f32 / (2.0 * last);
        }
        Self { count, similar }
    }

    fn row(&self, at: usize) -> &[f32] {
        &self.similar[at * self.count..(at + 1) * self.count]
    }

    /// What each looks like from afar: its greatest similarities, quantiles of all, and its size; each
    /// measured in its spread over the graph, so that graphs of other scales compare.
    fn features(&self, size: impl Fn(usize) -> f32) -> Vec<Vec<f32>> {
        let of = |at: usize| {
            let mut row = self.row(at).to_vec();
            row.swap_remove(at);
            row.sort_unstable_by(|a, b| b.total_cmp(a));
            let greatest = GREATEST.iter().map(|place| -(1.0 - row[*place] + 1e-6).ln());
            let part = |share: &f32| row[(share * row.len() as f32) as usize];
            greatest.chain(QUANTILES.iter().map(part)).chain([size(at)]).collect()
        };
        let mut all: Vec<Vec<f32>> = (0..self.count).map(of).collect();
        for at in 0..all[0].len() {
            let mut values: Vec<f32> = all.iter().map(|of| of[at]).collect();
            values.sort_unstable_by(f32::total_cmp);
            let count = values.len() as f32;
            // Ranks as normal scores would do; a plain rank keeps the ends less apart, and suffices.
            for of in &mut all {
                of[at] = values.partition_point(|value| *value < of[at]) as f32 / count;
            }
        }
        all
    }
}

/// How likeness is measured, of records by their parts and of filters by their bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Likeness {
    /// By what both have.
    Shared,
    /// By what only one has, which XOR of bits keeps.
    Differing,
}

/// Guesses by graphs. `insider` are pairs of filter and record that the attacker knows.
pub(super) fn guesses(
    seen: &Seen<'_>,
    likeness: Likeness,
    insider: &[(usize, usize)],
) -> Vec<Option<u32>> {
    let count = seen.parts.len();
    let measure = |both: u32, sum: u32| match likeness {
        Likeness::Shared => f64::from(2 * both) / f64::from(sum.max(1)),
        Likeness::Differing => f64::from(2 * both) - f64::from(sum),
    };
    let records = Graph::new(count, |a, b| {
        let (x, y) = (&seen.parts[a], &seen.parts[b]);
        measure(shared(x, y), u32::try_from(x.len() + y.len()).expect("few parts"))
    });
    let filters = Graph::new(count, |a, b| {
        let (x, y) = (seen.filters.get(a), seen.filters.get(b));
        measure(both(x, y), ones(x) + ones(y))
    });
    let known = records.features(|at| seen.parts[at].len() as f32);
    let shown = filters.features(|at| ones(seen.filters.get(at)) as f32);
    let mut found = mutual(count, |filter, record| distance(&shown[filter], &known[record]));
    for round in 0..ROUNDS {
        let mut seeds = seeds(&found, SEEDS);
        if !insider.is_empty() {
            seeds = if round == 0 { insider.to_vec() } else { [&seeds, insider].concat() };
        }
        if seeds.len() < 4 {
            break;
        }
        let from = |graph: &Graph, at: usize, of: fn(&(usize, usize)) -> usize| -> Vec<f32> {
            seeds.iter().map(|seed| graph.row(at)[of(seed)]).collect()
        };
        let shown: Vec<_> = (0..count).map(|at| from(&filters, at, |seed| seed.0)).collect();
        let known: Vec<_> = (0..count).map(|at| from(&records, at, |seed| seed.1)).collect();
        found = mutual(count, |filter, record| distance(&shown[filter], &known[record]));
    }
    found.into_iter().map(|(guess, _)| guess).collect()
}

/// The surest pairs of filter and record.
fn seeds(found: &[(Option<u32>, f64)], most: usize) -> Vec<(usize, usize)> {
    let sure = found.iter().enumerate();
    let mut sure: Vec<(usize, usize, f64)> = sure
        .filter_map(|(filter, (guess, margin))| Some((filter, (*guess)? as usize, *margin)))
        .collect();
    sure.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(&b.0)));
    sure.into_iter().take(most).map(|(filter, record, _)| (filter, record)).collect()
}

fn distance(a: &[f32], b: &[f32]) -> f64 {
    f64::from(a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f32>())
}

/// How many two sorted sets share.
fn shared(a: &[u32], b: &[u32]) -> u32 {
    let (mut x, mut y, mut both) = (0, 0, 0);
    while x < a.len() && y < b.len() {
        match a[x].cmp(&b[y]) {
            std::cmp::Ordering::Less => x += 1,
            std::cmp::Ordering::Greater => y += 1,
            std::cmp::Ordering::Equal => (x, y, both) = (x + 1, y + 1, both + 1),
        }
    }
    both
}
