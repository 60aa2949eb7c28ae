//! Records that are one, directly or through others.

pub mod previous;
pub mod stable;

use crate::run::Link;
use std::collections::HashMap;

/// Disjoint sets of numbers.
pub struct Union {
    parent: Vec<u32>,
    size: Vec<u32>,
}

impl Union {
    /// Each number alone.
    pub fn new(count: usize) -> Self {
        let parent = (0..count).map(|at| u32::try_from(at).expect("rows are u32")).collect();
        Self { parent, size: vec![1; count] }
    }

    /// The number that stands for the set of another.
    pub fn root(&mut self, of: usize) -> usize {
        let mut at = of;
        while self.parent[at] as usize != at {
            self.parent[at] = self.parent[self.parent[at] as usize];
            at = self.parent[at] as usize;
        }
        at
    }

    /// Makes one set of two; false if they were one.
    pub fn join(&mut self, a: usize, b: usize) -> bool {
        let (a, b) = (self.root(a), self.root(b));
        if a == b {
            return false;
        }
        let (large, small) = if self.size[a] >= self.size[b] { (a, b) } else { (b, a) };
        self.parent[small] = u32::try_from(large).expect("rows are u32");
        self.size[large] += self.size[small];
        true
    }
}

/// The cluster of each record, left rows first, then right ones: numbered from 1 in the order of
/// their first record. `code` gives a record's code of sure identity (a national number), 0 for
/// none: two that differ never come into one cluster, the surer link wins. `joined` has clusters of
/// the first records that stay together whatever the links are (0: alone).
pub fn clusters(
    links: &[Link],
    left: usize,
    right: usize,
    code: impl Fn(usize) -> u32,
    joined: &[u32],
) -> Vec<u32> {
    let mut order: Vec<&Link> = links.iter().collect();
    order.sort_by(|a, b| {
        b.weight.total_cmp(&a.weight).then(a.left.cmp(&b.left)).then(a.right.cmp(&b.right))
    });
    let mut sets = Union::new(left + right);
    let mut codes: Vec<u32> = (0..left + right).map(code).collect();
    let mut first: HashMap<u32, usize> = HashMap::new();
    for (record, cluster) in joined.iter().enumerate().filter(|(_, cluster)| **cluster != 0) {
        let (a, b) = (sets.root(*first.entry(*cluster).or_insert(record)), sets.root(record));
        let code = codes[a].max(codes[b]);
        sets.join(a, b);
        let root = sets.root(a);
        codes[root] = code;
    }
    for link in order {
        let other = link.right as usize + if right > 0 { left } else { 0 };
        let (a, b) = (sets.root(link.left as usize), sets.root(other));
        let (x, y) = (codes[a], codes[b]);
        if a != b && (x == 0 || y == 0 || x == y) {
            sets.join(a, b);
            let root = sets.root(a);
            codes[root] = x.max(y);
        }
    }
    let mut number = vec![0; left + right];
    let mut next = 0;
    (0..left + right)
        .map(|record| {
            let root = sets.root(record);
            if number[root] == 0 {
                next += 1;
                number[root] = next;
            }
            number[root]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(left: u32, right: u32, weight: f64) -> Link {
        Link { left, right, weight, probability: 0.5, pattern: 0 }
    }

    #[test]
    fn clusters_are_numbered_by_their_first_record() {
        let links = [link(1, 0, 5.0), link(2, 0, 5.0)];
        assert_eq!(clusters(&links, 3, 2, |_| 0, &[]), [1, 2, 2, 2, 3]);
        assert_eq!(clusters(&[link(0, 2, 1.0)], 3, 0, |_| 0, &[]), [1, 2, 1]);
    }

    #[test]
    fn earlier_clusters_stay_together_and_a_link_may_join_two() {
        let joined = [7, 9, 7, 0];
        assert_eq!(clusters(&[], 5, 0, |_| 0, &joined), [1, 2, 1, 3, 4]);
        let links = [link(0, 4, 3.0), link(1, 4, 2.0)];
        assert_eq!(clusters(&links, 5, 0, |_| 0, &joined), [1, 1, 1, 2, 1]);
        let code = |record: usize| [0, 5, 4, 0, 0][record];
        assert_eq!(clusters(&links, 5, 0, code, &joined), [1, 2, 1, 3, 1], "two numbers");
    }

    #[test]
    fn two_national_numbers_never_meet() {
        let links = [link(0, 0, 9.0), link(1, 0, 5.0)];
        let code = |record: usize| [7, 8, 0][record];
        assert_eq!(clusters(&links, 2, 1, code, &[]), [1, 2, 1]);
    }
}
