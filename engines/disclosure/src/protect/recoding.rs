//! Recoding proposals: which categories to merge so that fewer primary cells remain.
//!
//! One merge at a time, of two leaves below one parent: the one after which the fewest primary
//! cells remain, among equals the one that hides the least value. Merges are judged by adding up
//! contributions, and the one chosen is tabulated again from the microdata: units of one holding
//! in both categories are one contributor only there.

use std::collections::BTreeMap;

use super::csv::Csv;
use super::hrc::Hierarchy;
use super::spec::{Contributions, Spec};
use super::tabulate::{Table, TabulateError, nodes, read_trees, tabulate_over};

/// A merge of two categories, after those proposed before it.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// The dimension.
    pub dimension: String,
    /// The two codes, as they stand after the merges before.
    pub codes: [String; 2],
    /// Primary cells left.
    pub primaries: usize,
    /// Cells left.
    pub cells: usize,
    /// The smaller of both categories' values: what can no longer be told from the other.
    pub cost: f64,
}

/// A table before and after merges.
#[derive(Debug, Clone)]
pub struct Recoding {
    /// Cells and primary cells of the table as it is.
    pub before: (usize, usize),
    /// The merges, in order.
    pub proposals: Vec<Proposal>,
    /// The table after all of them.
    pub table: Table,
}

/// A merge that can be made, and what it promises.
struct Candidate {
    dimension: usize,
    pair: (usize, usize),
    removed: usize,
    cost: f64,
}

/// Pairs tabulated in vain before one step gives up: with holdings, contributions added up may
/// promise more than the microdata hold.
const TRIES: usize = 5;

/// Proposes at most `most` merges, as long as each removes a primary cell.
///
/// # Errors
/// As [`super::tabulate::tabulate`].
pub fn propose(
    text: &str,
    spec: &Spec,
    hierarchies: &BTreeMap<String, String>,
    most: usize,
) -> Result<Recoding, TabulateError> {
    let csv = Csv::read(text)?;
    let trees = read_trees(&csv, spec, hierarchies)?;
    let (mut table, mut cells) = tabulate_over(&csv, spec, trees)?;
    let before = (cells.len(), primaries(&table));
    let mut proposals = Vec::new();
    while proposals.len() < most && primaries(&table) > 0 {
        let left = primaries(&table);
        let mut found = None;
        for candidate in candidates(spec, &table, &cells).into_iter().take(TRIES) {
            let Some(trees) = merged(&table, &candidate) else { continue };
            let (new, contributions) = tabulate_over(&csv, spec, trees)?;
            if primaries(&new) < left {
                proposals.push(proposal(&table, &candidate, &new));
                found = Some((new, contributions));
                break;
            }
        }
        let Some(next) = found else { break };
        (table, cells) = next;
    }
    Ok(Recoding { before, proposals, table })
}

fn primaries(table: &Table) -> usize {
    table.primary.iter().filter(|letter| letter.is_some()).count()
}

fn merged(table: &Table, candidate: &Candidate) -> Option<Vec<(String, Hierarchy)>> {
    let mut trees = table.dimensions.clone();
    let tree = &mut trees[candidate.dimension].1;
    *tree = tree.merge(candidate.pair.0, candidate.pair.1)?;
    Some(trees)
}

fn proposal(table: &Table, candidate: &Candidate, new: &Table) -> Proposal {
    let (name, tree) = &table.dimensions[candidate.dimension];
    let code = |node: usize| tree.codes[node].clone();
    Proposal {
        dimension: name.clone(),
        codes: [code(candidate.pair.0), code(candidate.pair.1)],
        primaries: primaries(new),
        cells: new.instance.cells.len(),
        cost: candidate.cost,
    }
}

/// The merges that promise to remove a primary cell, the best first.
fn candidates(spec: &Spec, table: &Table, cells: &[Contributions]) -> Vec<Candidate> {
    let mut found = Vec::new();
    for dimension in 0..table.dimensions.len() {
        let slabs = slabs(table, dimension);
        let tree = &table.dimensions[dimension].1;
        let children = tree.children();
        let bad = |node: usize| slabs[node].iter().any(|at| table.primary[*at].is_some());
        for siblings in &children {
            let leaves: Vec<usize> =
                siblings.iter().copied().filter(|node| children[*node].is_empty()).collect();
            for (at, a) in leaves.iter().enumerate() {
                for b in leaves[at + 1..].iter().filter(|b| bad(*a) || bad(**b)) {
                    let alone = siblings.len() == 2;
                    let removed = removed(spec, table, cells, (&slabs[*a], &slabs[*b]), alone);
                    let value = |node: usize| cells[slabs[node][0]].total;
                    if removed > 0 {
                        let (pair, cost) = ((*a, *b), value(*a).min(value(*b)));
                        found.push(Candidate { dimension, pair, removed, cost });
                    }
                }
            }
        }
    }
    let key = |c: &Candidate| (c.dimension, c.pair);
    found.sort_by(|a, b| {
        let size = b.removed.cmp(&a.removed).then(a.cost.total_cmp(&b.cost));
        size.then(key(a).cmp(&key(b)))
    });
    found
}

/// By node of a dimension its cells, in one order of the other dimensions' nodes; the first is
/// the one over all of them.
fn slabs(table: &Table, dimension: usize) -> Vec<Vec<usize>> {
    let mut slabs = vec![Vec::new(); table.dimensions[dimension].1.codes.len()];
    for at in 0..table.instance.cells.len() {
        slabs[nodes(&table.dimensions, at)[dimension]].push(at);
    }
    slabs
}

/// How many primary cells fewer there are with two slabs merged; where nothing else stands below
/// their parent (`alone`), their cells go altogether.
fn removed(
    spec: &Spec,
    table: &Table,
    cells: &[Contributions],
    (a, b): (&[usize], &[usize]),
    alone: bool,
) -> usize {
    let is_primary = |at: usize| usize::from(table.primary[at].is_some());
    let mut before = 0;
    let mut after = 0;
    for (a, b) in a.iter().zip(b) {
        before += is_primary(*a) + is_primary(*b);
        if !alone && is_primary(*a) + is_primary(*b) > 0 {
            let both = together(&cells[*a], &cells[*b], spec.rules.depth());
            after += usize::from(spec.rules.judge(&both).is_some());
        }
    }
    before.saturating_sub(after)
}

fn together(a: &Contributions, b: &Contributions, depth: usize) -> Contributions {
    let mut largest: Vec<f64> = a.largest.iter().chain(&b.largest).copied().collect();
    largest.sort_by(|a, b| b.total_cmp(a));
    largest.truncate(depth);
    Contributions {
        units: a.units + b.units,
        weighted_units: a.weighted_units + b.weighted_units,
        total: a.total + b.total,
        largest,
    }
}

impl Recoding {
    /// The proposals: `step,dimension,merge,with,primary,cells,cost`.
    pub fn written(&self) -> String {
        use super::files::quoted;
        let mut text = String::from("step,dimension,merge,with,primary,cells,cost\n");
        for (at, step) in self.proposals.iter().enumerate() {
            let [a, b] = step.codes.each_ref().map(|code| quoted(code));
            text.push_str(&format!(
                "{},{},{a},{b},{},{},{}\n",
                at + 1,
                quoted(&step.dimension),
                step.primaries,
                step.cells,
                step.cost
            ));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protect::tabulate::tabulate;
    use proptest::prelude::*;

    fn spec(more: &str) -> Spec {
        let text = format!("dimensions = [\"act\", \"region\"]\n{more}\n[rules]\nfrequency = 3\n");
        toml::from_str(&text).expect("a spec")
    }

    fn data(rows: &[(usize, usize)]) -> String {
        let line = |(act, region): &(usize, usize)| format!("a{act},r{region},g{act}\n");
        format!("act,region,group\n{}", rows.iter().map(line).collect::<String>())
    }

    /// Three units in each of a0 and a1, but of a2 and a3 one in each region.
    fn rows() -> Vec<(usize, usize)> {
        let mut rows = Vec::new();
        for region in 0..2 {
            for act in 0..2 {
                rows.extend([(act, region); 3]);
            }
            rows.extend([(2, region), (3, region), (3, region)]);
        }
        rows
    }

    #[test]
    fn the_two_small_categories_are_merged() {
        let found = propose(&data(&rows()), &spec(""), &BTreeMap::new(), 10).expect("tabulates");
        assert_eq!(found.before, (15, 5));
        let [only] = found.proposals.as_slice() else { panic!("{:?}", found.proposals) };
        assert_eq!((only.codes.join(" "), only.primaries, only.cells), ("a2 a3".into(), 0, 12));
        assert!((only.cost - 2.0).abs() < 1e-9, "the value of a2");
        assert!(found.written().ends_with("1,act,a2,a3,0,12,2\n"), "{}", found.written());
    }

    #[test]
    fn units_of_one_holding_do_not_count_twice() {
        // By contributions added up, a and b have four units together in each region; but they
        // are two holdings.
        let row = |region: &str| {
            let line = |cell: &str| {
                let (act, holding) = cell.split_at(1);
                format!("{act},{region},{holding}\n")
            };
            ["ah", "ai", "bh", "bi", "cj", "ck", "cl"].map(line).concat()
        };
        let text = format!("act,region,group\n{}{}", row("r"), row("s"));
        let spec = spec("holding = \"group\"");
        let found = propose(&text, &spec, &BTreeMap::new(), 10).expect("tabulates");
        assert_eq!(found.before, (12, 6));
        let [only] = found.proposals.as_slice() else { panic!("{:?}", found.proposals) };
        assert_eq!((only.codes.join(" "), only.primaries), ("a b".into(), 3));
        assert_eq!(primaries(&found.table), 3);
    }

    proptest! {
        /// Each step is the best of all pairs, tabulated one by one.
        #[test]
        fn each_step_is_the_best_of_all_merges(
            rows in proptest::collection::vec((0_usize..5, 0_usize..3), 1..60),
        ) {
            let (text, spec) = (data(&rows), spec(""));
            let found = propose(&text, &spec, &BTreeMap::new(), 1).expect("tabulates");
            let table = tabulate(&text, &spec, &BTreeMap::new()).expect("tabulates");
            prop_assert_eq!(found.before, (table.instance.cells.len(), primaries(&table)));
            let csv = Csv::read(&text).expect("reads");
            let mut best = primaries(&table);
            for dimension in 0..2 {
                let size = table.dimensions[dimension].1.codes.len();
                for a in 1..size {
                    for b in a + 1..size {
                        let mut trees = table.dimensions.clone();
                        let Some(tree) = trees[dimension].1.merge(a, b) else { continue };
                        trees[dimension].1 = tree;
                        let (new, _) = tabulate_over(&csv, &spec, trees).expect("tabulates");
                        best = best.min(primaries(&new));
                    }
                }
            }
            prop_assert_eq!(primaries(&found.table), best);
        }
    }
}
