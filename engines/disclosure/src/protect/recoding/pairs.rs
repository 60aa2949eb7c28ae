//! Which two categories to merge: every pair of leaves of one parent is compared, none is kept but
//! the best.

use crate::protect::spec::{Contributions, Spec};
use crate::protect::tabulate::{Contents, Held, Table, keep, nodes};

/// Two leaves that can be merged.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pair {
    /// The dimension.
    pub dimension: usize,
    /// The nodes, the smaller first.
    pub nodes: (usize, usize),
    /// How many primary cells fewer there are with both merged.
    pub removed: usize,
    /// The smaller of both values.
    pub cost: f64,
}

impl Pair {
    /// Whether it removes more, hides less, or stands before.
    fn is_better(&self, other: Option<&Self>) -> bool {
        let Some(other) = other else { return self.removed > 0 };
        let order = other.removed.cmp(&self.removed).then(self.cost.total_cmp(&other.cost));
        let place = (self.dimension, self.nodes).cmp(&(other.dimension, other.nodes));
        order.then(place).is_lt()
    }
}

/// The comparison of all pairs of a table.
pub(super) struct Pairs<'a> {
    spec: &'a Spec,
    table: &'a Table,
    contents: &'a Contents,
    /// Cells that may still be compared; at 0 pairs were left out.
    pub looks: u64,
    best: Option<Pair>,
    /// Of two cells, made anew for each pair.
    both: Contributions,
}

/// The leaves below one parent, with what their pairs need.
struct Siblings<'s> {
    dimension: usize,
    /// By node its cells, in one order of the other dimensions' nodes; the first is the one over
    /// all of them.
    slabs: &'s [Vec<usize>],
    /// The leaves and how many primary cells each has, the most first.
    leaves: Vec<(usize, usize)>,
    /// Whether they are two, and all that their parent has: merged, they are their parent.
    alone: bool,
}

impl<'a> Pairs<'a> {
    /// Of which at most `looks` cells are compared.
    pub fn new(spec: &'a Spec, table: &'a Table, contents: &'a Contents, looks: u64) -> Self {
        Self { spec, table, contents, looks, best: None, both: Contributions::default() }
    }

    /// The best pair found, if any removes a primary cell.
    pub fn best(&mut self) -> Option<Pair> {
        for dimension in 0..self.table.dimensions.len() {
            let slabs = slabs(self.table, dimension);
            let is_primary = |at: &&usize| self.table.primary[**at].is_some();
            let bad: Vec<usize> =
                slabs.iter().map(|slab| slab.iter().filter(is_primary).count()).collect();
            let children = self.table.dimensions[dimension].1.children();
            for (parent, below) in children.iter().enumerate() {
                // Merged, nothing would be left but the total.
                let alone = below.len() == 2;
                if alone && parent == 0 {
                    continue;
                }
                let leaves = below.iter().filter(|node| children[**node].is_empty());
                let mut leaves: Vec<(usize, usize)> =
                    leaves.map(|node| (*node, bad[*node])).collect();
                leaves.sort_by_key(|(node, bad)| (std::cmp::Reverse(*bad), *node));
                self.compare(&Siblings { dimension, slabs: &slabs, leaves, alone });
            }
        }
        self.best.clone()
    }

    fn compare(&mut self, siblings: &Siblings<'_>) {
        for (at, (a, bad_a)) in siblings.leaves.iter().enumerate() {
            for (b, bad_b) in &siblings.leaves[at + 1..] {
                // No later pair of `a` has more primary cells to remove.
                let least = self.best.as_ref().map_or(1, |best| best.removed);
                if bad_a + bad_b < least || self.looks == 0 {
                    break;
                }
                self.look(siblings, (*a.min(b), *a.max(b)));
            }
        }
    }

    /// Takes a pair if it is better. Contributions added up as if no holding were in both promise at
    /// least what is true: two contributors that are one are fewer, and the larger dominates more.
    fn look(&mut self, siblings: &Siblings<'_>, nodes: (usize, usize)) {
        let value = |node: usize| self.contents.cells[siblings.slabs[node][0]].total;
        let cost = value(nodes.0).min(value(nodes.1));
        let mut pair = Pair { dimension: siblings.dimension, nodes, removed: 0, cost };
        pair.removed = self.removed(siblings, nodes, false);
        if !self.contents.held.is_empty() && pair.is_better(self.best.as_ref()) {
            pair.removed = self.removed(siblings, nodes, true);
        }
        if pair.is_better(self.best.as_ref()) {
            self.best = Some(pair);
        }
    }

    /// How many primary cells fewer there are with two slabs merged.
    fn removed(&mut self, siblings: &Siblings<'_>, nodes: (usize, usize), exact: bool) -> usize {
        let is_primary = |at: usize| usize::from(self.table.primary[at].is_some());
        let (mut before, mut after) = (0, 0);
        for (a, b) in siblings.slabs[nodes.0].iter().zip(&siblings.slabs[nodes.1]) {
            self.looks = self.looks.saturating_sub(1);
            let primary = is_primary(*a) + is_primary(*b);
            before += primary;
            if primary == 0 || siblings.alone {
                continue;
            }
            let cells = (&self.contents.cells[*a], &self.contents.cells[*b]);
            let depth = self.spec.rules.depth();
            add(cells, depth, &mut self.both);
            if exact {
                let held = (&self.contents.held[*a], &self.contents.held[*b]);
                let most = held.0.holdings.len() + held.1.holdings.len();
                self.looks = self.looks.saturating_sub(most as u64);
                add_held(held, depth, &mut self.both);
            }
            after += usize::from(self.spec.rules.judge(&self.both).is_some());
        }
        before.saturating_sub(after)
    }
}

fn slabs(table: &Table, dimension: usize) -> Vec<Vec<usize>> {
    let mut slabs = vec![Vec::new(); table.dimensions[dimension].1.codes.len()];
    for at in 0..table.instance.cells.len() {
        slabs[nodes(&table.dimensions, at)[dimension]].push(at);
    }
    slabs
}

/// Two cells as if every contributor were in one of them only.
fn add((a, b): (&Contributions, &Contributions), depth: usize, both: &mut Contributions) {
    both.units = a.units + b.units;
    both.weighted_units = a.weighted_units + b.weighted_units;
    both.total = a.total + b.total;
    both.largest.clear();
    a.largest.iter().chain(&b.largest).for_each(|value| keep(&mut both.largest, *value, depth));
}

/// The contributors of two cells, of which holdings in both are one.
fn add_held((a, b): (&Held, &Held), depth: usize, both: &mut Contributions) {
    both.units = a.alone + b.alone;
    both.largest.clear();
    a.largest.iter().chain(&b.largest).for_each(|value| keep(&mut both.largest, *value, depth));
    let (mut left, mut right) = (a.holdings.iter().peekable(), b.holdings.iter().peekable());
    loop {
        let next = match (left.peek(), right.peek()) {
            (Some((x, _)), Some((y, _))) => *x.min(y),
            (Some((x, _)), None) | (None, Some((x, _))) => *x,
            (None, None) => return,
        };
        let first = left.next_if(|(holding, _)| *holding == next);
        let second = right.next_if(|(holding, _)| *holding == next);
        let value = [first, second].into_iter().flatten().fold(0.0, |sum, (_, value)| sum + value);
        both.units += 1;
        keep(&mut both.largest, value, depth);
    }
}
