//! One record, one partner: competition between pairs, and the choice among them.

use crate::run::Link;
use std::collections::HashMap;

/// How partners are chosen where a record may have one only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    /// The surest pair first, then the surest of what is left.
    Greedy,
    /// The choice with the greatest sum of weights, in each group of records that compete; groups
    /// of more than 200 records are chosen greedily.
    #[default]
    Optimal,
}

/// Records of a group above which the best choice would cost too much (its cost grows with the
/// cube).
const LARGEST_GROUP: usize = 200;

/// Reweighs pairs by what else their records could be paired with: if a record has one partner at
/// most, the odds of a pair are its own against those of its rivals and of none.
///
/// With `o` the odds of a pair and `s` the sum of the odds of its rivals on either side, its
/// probability becomes `o / (1 + o + s)`: exact where one side has rivals (Fortini et al. 2001 for
/// the idea of a matching as the unit), and an approximation where both have.
pub fn compete(links: &mut [Link], left: usize, right: usize) {
    let (mut of_left, mut of_right) = (vec![0.0; left], vec![0.0; right]);
    for link in links.iter() {
        let odds = link.weight.exp2();
        of_left[link.left as usize] += odds;
        of_right[link.right as usize] += odds;
    }
    for link in links.iter_mut() {
        let own = link.weight.exp2();
        let rivals = of_left[link.left as usize] + of_right[link.right as usize] - 2.0 * own;
        let odds = own / (1.0 + rivals.max(0.0));
        link.weight = odds.log2();
        link.probability = odds / (1.0 + odds);
    }
}

/// The pairs that are kept, in the order of the input. Ties go to the smaller rows, so that the
/// choice depends on nothing but the input.
pub fn one_to_one(links: &[Link], left: usize, right: usize, method: Method) -> Vec<Link> {
    let mut order: Vec<usize> = (0..links.len()).collect();
    order.sort_by(|a, b| {
        let (a, b) = (&links[*a], &links[*b]);
        b.weight.total_cmp(&a.weight).then(a.left.cmp(&b.left)).then(a.right.cmp(&b.right))
    });
    let mut kept = match method {
        Method::Greedy => greedy(links, &order, left, right),
        Method::Optimal => optimal(links, &order, left, right),
    };
    kept.sort_unstable();
    kept.into_iter().map(|at| links[at]).collect()
}

fn greedy(links: &[Link], order: &[usize], left: usize, right: usize) -> Vec<usize> {
    let (mut left, mut right) = (vec![false; left], vec![false; right]);
    let mut kept = Vec::new();
    for at in order {
        let link = &links[*at];
        let (taken_left, taken_right) =
            (&mut left[link.left as usize], &mut right[link.right as usize]);
        if !*taken_left && !*taken_right {
            (*taken_left, *taken_right) = (true, true);
            kept.push(*at);
        }
    }
    kept
}

fn optimal(links: &[Link], order: &[usize], left: usize, right: usize) -> Vec<usize> {
    let mut groups = crate::cluster::Union::new(left + right);
    for link in links {
        groups.join(link.left as usize, left + link.right as usize);
    }
    let mut members: HashMap<usize, Vec<usize>> = HashMap::new();
    for at in order {
        members.entry(groups.root(links[*at].left as usize)).or_default().push(*at);
    }
    let mut kept = Vec::new();
    let mut all: Vec<Vec<usize>> = members.into_values().collect();
    all.sort_unstable();
    for group in all {
        match group.as_slice() {
            [only] => kept.push(*only),
            _ => kept.extend(best_of(links, &group)),
        }
    }
    kept
}

/// The best choice in one group, given surest first.
fn best_of(links: &[Link], group: &[usize]) -> Vec<usize> {
    let distinct = |of: fn(&Link) -> u32| {
        let mut rows: Vec<u32> = group.iter().map(|at| of(&links[*at])).collect();
        rows.sort_unstable();
        rows.dedup();
        rows
    };
    let (lefts, rights) = (distinct(|link| link.left), distinct(|link| link.right));
    if lefts.len() + rights.len() > LARGEST_GROUP {
        let local: Vec<Link> = group.iter().map(|at| links[*at]).collect();
        let place = |rows: &[u32], row: u32| rows.binary_search(&row).expect("a row of the group");
        let small = |at: usize| u32::try_from(at).expect("rows are u32");
        let renamed: Vec<Link> = local
            .iter()
            .map(|link| Link {
                left: small(place(&lefts, link.left)),
                right: small(place(&rights, link.right)),
                ..*link
            })
            .collect();
        let order: Vec<usize> = (0..renamed.len()).collect();
        let kept = greedy(&renamed, &order, lefts.len(), rights.len());
        return kept.into_iter().map(|at| group[at]).collect();
    }
    // Gains are shifted so that every pair is worth more than none: all here are candidates.
    let lowest = group.iter().map(|at| links[*at].weight).fold(f64::INFINITY, f64::min);
    let mut pair_of = HashMap::new();
    let columns = rights.len() + lefts.len(); // a place for "no partner" for each
    let mut costs = vec![vec![0.0; columns]; lefts.len()];
    for at in group {
        let link = &links[*at];
        let place = (
            lefts.binary_search(&link.left).expect("of the group"),
            rights.binary_search(&link.right).expect("of the group"),
        );
        costs[place.0][place.1] = -(link.weight - lowest.min(0.0) + 1e-9);
        pair_of.insert(place, *at);
    }
    let choice = cheapest(&costs);
    choice.into_iter().enumerate().filter_map(|place| pair_of.get(&place).copied()).collect()
}

/// For each row the column of the cheapest assignment (Kuhn 1955, in the form with potentials and
/// shortest augmenting paths). There are at least as many columns as rows.
fn cheapest(costs: &[Vec<f64>]) -> Vec<usize> {
    let (rows, columns) = (costs.len(), costs.first().map_or(0, Vec::len));
    let (mut row_price, mut column_price) = (vec![0.0; rows + 1], vec![0.0; columns + 1]);
    let mut row_of = vec![0; columns + 1]; // 1-based; 0 is free
    for row in 1..=rows {
        row_of[0] = row;
        let mut column = 0;
        let mut least = vec![f64::INFINITY; columns + 1];
        let mut seen = vec![false; columns + 1];
        let mut way = vec![0; columns + 1];
        while row_of[column] != 0 {
            seen[column] = true;
            let here = row_of[column];
            let (mut step, mut next) = (f64::INFINITY, 0);
            for other in 1..=columns {
                if seen[other] {
                    continue;
                }
                let cost = costs[here - 1][other - 1] - row_price[here] - column_price[other];
                if cost < least[other] {
                    (least[other], way[other]) = (cost, column);
                }
                if least[other] < step {
                    (step, next) = (least[other], other);
                }
            }
            for other in 0..=columns {
                if seen[other] {
                    row_price[row_of[other]] += step;
                    column_price[other] -= step;
                } else {
                    least[other] -= step;
                }
            }
            column = next;
        }
        while column != 0 {
            let before = way[column];
            row_of[column] = row_of[before];
            column = before;
        }
    }
    let mut choice = vec![0; rows];
    for column in 1..=columns {
        if row_of[column] != 0 {
            choice[row_of[column] - 1] = column - 1;
        }
    }
    choice
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn link(left: u32, right: u32, weight: f64) -> Link {
        Link { left, right, weight, probability: 0.5, pattern: 0 }
    }

    fn rows(links: &[Link]) -> Vec<(u32, u32)> {
        links.iter().map(|link| (link.left, link.right)).collect()
    }

    #[test]
    fn the_best_choice_may_leave_the_surest_pair() {
        let links = [link(0, 0, 9.0), link(0, 1, 8.0), link(1, 0, 8.0)];
        assert_eq!(rows(&one_to_one(&links, 2, 2, Method::Greedy)), [(0, 0)]);
        assert_eq!(rows(&one_to_one(&links, 2, 2, Method::Optimal)), [(0, 1), (1, 0)]);
    }

    #[test]
    fn a_rival_takes_odds_away_and_strangers_do_not() {
        let mut links = [link(0, 0, 10.0), link(0, 1, 10.0), link(1, 2, 10.0)];
        compete(&mut links, 2, 3);
        assert!((links[0].probability - 0.4998).abs() < 1e-3);
        assert!((links[2].weight - 10.0).abs() < 1e-9);
    }

    /// The best sum over all ways to choose.
    fn naive(links: &[Link]) -> f64 {
        let Some((first, rest)) = links.split_first() else { return 0.0 };
        let free: Vec<Link> = rest
            .iter()
            .filter(|l| l.left != first.left && l.right != first.right)
            .copied()
            .collect();
        naive(rest).max(first.weight + naive(&free))
    }

    proptest! {
        #[test]
        fn no_choice_is_better_than_the_optimal_one(
            cells in prop::collection::vec(prop::option::of(1..1000_u32), 16),
        ) {
            let links: Vec<Link> = (0..4_u32).flat_map(|l| (0..4_u32).map(move |r| (l, r))).zip(&cells)
                .filter_map(|((l, r), cell)| Some(link(l, r, f64::from((*cell)?) / 10.0))).collect();
            let kept = one_to_one(&links, 4, 4, Method::Optimal);
            let sum: f64 = kept.iter().map(|link| link.weight).sum();
            prop_assert!((sum - naive(&links)).abs() < 1e-6);
            let mut lefts: Vec<u32> = kept.iter().map(|link| link.left).collect();
            lefts.dedup();
            prop_assert_eq!(lefts.len(), kept.len());
        }
    }
}
