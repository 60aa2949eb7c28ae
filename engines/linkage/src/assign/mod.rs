//! One record, one partner: competition between pairs, and the choice among them.

mod cheapest;
mod compete;

use crate::cluster::Union;
use crate::run::Link;
use cheapest::cheapest;
use std::collections::HashMap;

pub use compete::compete;

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

/// The pairs that are kept, in the order of the input. Ties go to the smaller rows, so that the
/// choice depends on nothing but the input.
///
/// Only what a pair has above `base` (a weight: that of the cut) counts for the best choice: were
/// every pair worth something, two that are surely false would push out one that is surely true.
/// Pairs of `base` and less are kept, the surest first, where neither record has a partner: they
/// are for review.
pub fn one_to_one(
    links: &[Link],
    left: usize,
    right: usize,
    method: Method,
    base: f64,
) -> Vec<Link> {
    let mut order: Vec<usize> = (0..links.len()).collect();
    order.sort_by(|a, b| {
        let (a, b) = (&links[*a], &links[*b]);
        b.weight.total_cmp(&a.weight).then(a.left.cmp(&b.left)).then(a.right.cmp(&b.right))
    });
    let first = match method {
        Method::Greedy => Vec::new(),
        Method::Optimal => optimal(links, &order, left, right, base),
    };
    let mut kept = greedy(links, first, &order, left, right);
    kept.sort_unstable();
    kept.into_iter().map(|at| links[at]).collect()
}

/// Adds to pairs that are chosen those that may come with them, the surest first.
fn greedy(
    links: &[Link],
    mut kept: Vec<usize>,
    order: &[usize],
    left: usize,
    right: usize,
) -> Vec<usize> {
    let (mut lefts, mut rights) = (vec![false; left], vec![false; right]);
    for at in &kept {
        lefts[links[*at].left as usize] = true;
        rights[links[*at].right as usize] = true;
    }
    for at in order {
        let link = &links[*at];
        let taken = (&mut lefts[link.left as usize], &mut rights[link.right as usize]);
        if !*taken.0 && !*taken.1 {
            (*taken.0, *taken.1) = (true, true);
            kept.push(*at);
        }
    }
    kept
}

fn optimal(links: &[Link], order: &[usize], left: usize, right: usize, base: f64) -> Vec<usize> {
    let worth: Vec<usize> = order.iter().copied().filter(|at| links[*at].weight > base).collect();
    let mut kept = Vec::new();
    for group in groups(links, &worth, left, right) {
        match group.as_slice() {
            [only] => kept.push(*only),
            _ => kept.extend(best_of(links, &group, base)),
        }
    }
    kept
}

/// Pairs that compete, directly or through others: the places in `order`, in its order, by group.
fn groups(links: &[Link], order: &[usize], left: usize, right: usize) -> Vec<Vec<usize>> {
    let mut sets = Union::new(left + right);
    for at in order {
        sets.join(links[*at].left as usize, left + links[*at].right as usize);
    }
    let mut place = vec![usize::MAX; left + right];
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for at in order {
        let place = &mut place[sets.root(links[*at].left as usize)];
        if *place == usize::MAX {
            *place = groups.len();
            groups.push(Vec::new());
        }
        groups[*place].push(*at);
    }
    groups
}

/// The rows of one side in a group, sorted, each once.
fn distinct(links: &[Link], group: &[usize], of: fn(&Link) -> u32) -> Vec<u32> {
    let mut rows: Vec<u32> = group.iter().map(|at| of(&links[*at])).collect();
    rows.sort_unstable();
    rows.dedup();
    rows
}

/// The best choice in one group; none where the group is too large, which leaves it to [`greedy`].
fn best_of(links: &[Link], group: &[usize], base: f64) -> Vec<usize> {
    let lefts = distinct(links, group, |link| link.left);
    let rights = distinct(links, group, |link| link.right);
    if lefts.len() + rights.len() > LARGEST_GROUP {
        return Vec::new();
    }
    let mut pair_of = HashMap::new();
    let columns = rights.len() + lefts.len(); // a place for "no partner" for each
    let mut costs = vec![vec![0.0; columns]; lefts.len()];
    for at in group {
        let link = &links[*at];
        let place = (
            lefts.binary_search(&link.left).expect("of the group"),
            rights.binary_search(&link.right).expect("of the group"),
        );
        costs[place.0][place.1] = base - link.weight;
        pair_of.insert(place, *at);
    }
    let choice = cheapest(&costs);
    choice.into_iter().enumerate().filter_map(|place| pair_of.get(&place).copied()).collect()
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

    fn kept(links: &[Link], method: Method) -> Vec<(u32, u32)> {
        rows(&one_to_one(links, 3, 3, method, 0.0))
    }

    #[test]
    fn the_best_choice_may_leave_the_surest_pair() {
        let links = [link(0, 0, 9.0), link(0, 1, 8.0), link(1, 0, 8.0)];
        assert_eq!(kept(&links, Method::Greedy), [(0, 0)]);
        assert_eq!(kept(&links, Method::Optimal), [(0, 1), (1, 0)]);
    }

    #[test]
    fn two_false_pairs_never_push_out_a_true_one() {
        let links = [
            link(0, 0, 8.0),
            link(0, 1, -4.0),
            link(1, 0, -4.0),
            link(0, 2, -9.0),
            link(2, 2, 25.0),
        ];
        assert_eq!(kept(&links, Method::Optimal), [(0, 0), (2, 2)]);
    }

    #[test]
    fn pairs_for_review_take_no_record_that_has_a_partner() {
        let links = [link(0, 0, 3.0), link(0, 1, -1.0), link(1, 1, -2.0), link(2, 1, -3.0)];
        for method in [Method::Optimal, Method::Greedy] {
            assert_eq!(kept(&links, method), [(0, 0), (1, 1)], "{method:?}");
        }
    }

    /// The best sum of what pairs have above a base, over all ways to choose.
    fn naive(links: &[Link], base: f64) -> f64 {
        let Some((first, rest)) = links.split_first() else { return 0.0 };
        let free: Vec<Link> = rest
            .iter()
            .filter(|l| l.left != first.left && l.right != first.right)
            .copied()
            .collect();
        naive(rest, base).max(first.weight - base + naive(&free, base))
    }

    proptest! {
        #[test]
        fn no_choice_is_better_than_the_optimal_one(
            cells in prop::collection::vec(prop::option::of(-600..400_i32), 16), base in -30..10_i32,
        ) {
            let base = f64::from(base);
            let links: Vec<Link> = (0..4_u32).flat_map(|l| (0..4_u32).map(move |r| (l, r))).zip(&cells)
                .filter_map(|((l, r), cell)| Some(link(l, r, f64::from((*cell)?) / 10.0))).collect();
            let kept = one_to_one(&links, 4, 4, Method::Optimal, base);
            let sum: f64 = kept.iter().map(|link| (link.weight - base).max(0.0)).sum();
            prop_assert!((sum - naive(&links, base)).abs() < 1e-6);
            for of in [|link: &Link| link.left, |link: &Link| link.right] {
                let mut rows: Vec<u32> = kept.iter().map(of).collect();
                rows.sort_unstable();
                rows.dedup();
                prop_assert_eq!(rows.len(), kept.len());
            }
        }
    }
}
