//! What a pair is worth once its rivals are known.

use super::{distinct, groups};
use crate::run::Link;

/// Records of a group's smaller side up to which all choices are counted: the work is two to this
/// power, and products of so many odds of 1e30 stay within a double.
const COUNTED: usize = 10;

/// Reweighs pairs by what else their records could be paired with, if a record has one partner at
/// most: a pair's probability becomes its share in all ways to pair its group, each way as likely
/// as the product of its pairs' odds (the matching as the unit, as in Fortini et al. 2001).
///
/// In groups with more than ten records on both sides it is approximated: with `o` the odds of a
/// pair and `s` the sum of its rivals' on either side, `o / (1 + o + s)`.
pub fn compete(links: &mut [Link], left: usize, right: usize) {
    let order: Vec<usize> = (0..links.len()).collect();
    for group in groups(links, &order, left, right) {
        if group.len() < 2 {
            continue;
        }
        let lefts = distinct(links, &group, |link| link.left);
        let rights = distinct(links, &group, |link| link.right);
        let is_wide = rights.len() > lefts.len();
        let (many, few) = if is_wide { (rights, lefts) } else { (lefts, rights) };
        let place = |rows: &[u32], row: u32| rows.binary_search(&row).expect("of the group");
        let pairs: Vec<Pair> = group
            .iter()
            .map(|at| {
                let link = &links[*at];
                let ends = if is_wide { (link.right, link.left) } else { (link.left, link.right) };
                Pair {
                    row: place(&many, ends.0),
                    column: place(&few, ends.1),
                    odds: link.weight.exp2(),
                }
            })
            .collect();
        let odds = match few.len() <= COUNTED {
            true => counted(&pairs, many.len(), few.len()),
            false => approximated(&pairs, many.len(), few.len()),
        };
        for (at, odds) in group.iter().zip(odds) {
            links[*at].weight = odds.log2();
            links[*at].probability = odds / (1.0 + odds);
        }
    }
}

struct Pair {
    row: usize,
    column: usize,
    odds: f64,
}

/// The odds of each pair over all ways to choose, by two sweeps over the rows: what the rows before
/// can have done with each set of columns, and what those after can do with the rest. Each sweep
/// is scaled to a greatest entry of 1, which changes no odds.
fn counted(pairs: &[Pair], rows: usize, columns: usize) -> Vec<f64> {
    let mut of_row: Vec<Vec<(usize, usize)>> = vec![Vec::new(); rows];
    for (at, pair) in pairs.iter().enumerate() {
        of_row[pair.row].push((at, 1 << pair.column));
    }
    let sets = 1_usize << columns;
    let mut after = vec![vec![1.0; sets]; rows + 1];
    for row in (0..rows).rev() {
        let (head, tail) = after.split_at_mut(row + 1);
        for (set, sum) in head[row].iter_mut().enumerate() {
            let free = of_row[row].iter().filter(|(_, bit)| set & bit == 0);
            *sum = tail[0][set]
                + free.map(|(at, bit)| pairs[*at].odds * tail[0][set | bit]).sum::<f64>();
        }
        scale(&mut head[row]);
    }
    let mut before = vec![0.0; sets];
    before[0] = 1.0;
    let mut odds = vec![0.0; pairs.len()];
    for (row, of_row) in of_row.iter().enumerate() {
        weigh(&before, &after[row + 1], of_row, pairs, &mut odds);
        let mut next = before.clone();
        for (at, bit) in of_row {
            for (set, sum) in next.iter_mut().enumerate().filter(|(set, _)| set & bit != 0) {
                *sum += before[set ^ bit] * pairs[*at].odds;
            }
        }
        scale(&mut next);
        before = next;
    }
    odds
}

/// The odds of one row's pairs: each against the other pairs of the row and none.
fn weigh(
    before: &[f64],
    after: &[f64],
    of_row: &[(usize, usize)],
    pairs: &[Pair],
    odds: &mut [f64],
) {
    let alone: f64 = before.iter().zip(after).map(|(before, after)| before * after).sum();
    let with = |(at, bit): &(usize, usize)| -> f64 {
        let free = (0..before.len()).filter(|set| set & bit == 0);
        pairs[*at].odds * free.map(|set| before[set] * after[set | bit]).sum::<f64>()
    };
    let found: Vec<f64> = of_row.iter().map(with).collect();
    for (place, (at, _)) in of_row.iter().enumerate() {
        let others = found.iter().enumerate().filter(|(other, _)| *other != place);
        let rest = alone + others.map(|(_, sum)| sum).sum::<f64>();
        odds[*at] = (found[place] / rest.max(1e-300)).clamp(1e-30, 1e30);
    }
}

fn scale(values: &mut [f64]) {
    let most = values.iter().copied().fold(0.0, f64::max);
    for value in values {
        *value /= most;
    }
}

fn approximated(pairs: &[Pair], rows: usize, columns: usize) -> Vec<f64> {
    let (mut of_row, mut of_column) = (vec![0.0; rows], vec![0.0; columns]);
    for pair in pairs {
        of_row[pair.row] += pair.odds;
        of_column[pair.column] += pair.odds;
    }
    let rivals = |pair: &Pair| of_row[pair.row] + of_column[pair.column] - 2.0 * pair.odds;
    pairs.iter().map(|pair| pair.odds / (1.0 + rivals(pair).max(0.0))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn link(left: u32, right: u32, weight: f64) -> Link {
        Link { left, right, weight, probability: 0.5, pattern: 0 }
    }

    #[test]
    fn a_rival_takes_odds_away_and_strangers_do_not() {
        let mut links = [link(0, 0, 10.0), link(0, 1, 10.0), link(1, 2, 10.0)];
        compete(&mut links, 2, 3);
        assert!((links[0].probability - 0.4998).abs() < 1e-3);
        assert!((links[2].weight - 10.0).abs() < 1e-9);
    }

    #[test]
    fn a_rival_that_has_a_better_partner_takes_little_away() {
        let mut links = [link(0, 0, 10.0), link(0, 1, 10.0), link(1, 0, 10.0)];
        compete(&mut links, 2, 2);
        assert!(links[0].probability < 0.01, "{links:?}");
        assert!(links[1].probability > 0.99 && links[2].probability > 0.99, "{links:?}");
    }

    /// Sums of the products of odds over all ways to choose: of all, and of those with each pair.
    fn naive(links: &[Link], chosen: &mut Vec<usize>, sums: &mut Vec<f64>, from: usize) -> f64 {
        if from == links.len() {
            let product = chosen.iter().map(|at| links[*at].weight.exp2()).product();
            for at in chosen.iter() {
                sums[*at] += product;
            }
            return product;
        }
        let mut sum = naive(links, chosen, sums, from + 1);
        let (l, r) = (links[from].left, links[from].right);
        if chosen.iter().all(|at| links[*at].left != l && links[*at].right != r) {
            chosen.push(from);
            sum += naive(links, chosen, sums, from + 1);
            chosen.pop();
        }
        sum
    }

    proptest! {
        #[test]
        fn probabilities_are_those_of_all_ways_to_choose(
            cells in prop::collection::vec(prop::option::of(-100..150_i32), 12), is_turned in any::<bool>(),
        ) {
            let mut links: Vec<Link> = (0..3_u32).flat_map(|l| (0..4_u32).map(move |r| (l, r))).zip(&cells)
                .filter_map(|((l, r), cell)| {
                    let (l, r) = if is_turned { (r, l) } else { (l, r) };
                    Some(link(l, r, f64::from((*cell)?) / 10.0))
                }).collect();
            let mut sums = vec![0.0; links.len()];
            let all = naive(&links, &mut Vec::new(), &mut sums, 0);
            compete(&mut links, 4, 4);
            for (link, sum) in links.iter().zip(&sums) {
                let expected = if links.len() == 1 { 0.5 } else { sum / all };
                prop_assert!((link.probability - expected).abs() < 1e-9 || is_alone(link, &links));
            }
        }
    }

    /// A pair without rivals is left as it came.
    fn is_alone(link: &Link, links: &[Link]) -> bool {
        links.iter().filter(|other| other.left == link.left || other.right == link.right).count()
            == 1
    }
}
