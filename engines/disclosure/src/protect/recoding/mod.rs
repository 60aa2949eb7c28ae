//! Recoding proposals: which categories to merge so that fewer primary cells remain.
//!
//! One merge at a time, of two leaves below one parent: the one after which the fewest primary
//! cells remain, among equals the one that hides the least value. Each step is the best there is,
//! the steps together are a heuristic: the first of two merges that serve only together promises
//! nothing and is not made. The merge chosen is tabulated again from the microdata.

mod pairs;

use std::collections::BTreeMap;

use super::csv::Csv;
use super::files::{quoted, shown};
use super::hrc::Hierarchy;
use super::spec::Spec;
use super::tabulate::{Table, TabulateError, read_trees, tabulate_over};
use pairs::{Pair, Pairs};

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
    /// Whether each is the best of all merges at its step; in tables of many categories not all are
    /// compared.
    pub compared: bool,
    /// The table after all of them.
    pub table: Table,
}

/// Cells compared in one step before it takes the best merge found: some seconds.
const LOOKS: u64 = 100_000_000;

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
    let (mut table, mut contents) = tabulate_over(&csv, spec, trees)?;
    let before = (table.instance.cells.len(), primaries(&table));
    let mut proposals = Vec::new();
    let mut compared = true;
    while proposals.len() < most && primaries(&table) > 0 {
        let mut pairs = Pairs::new(spec, &table, &contents, LOOKS);
        let best = pairs.best();
        compared &= pairs.looks > 0;
        let Some((pair, trees)) =
            best.and_then(|pair| merged(&table, &pair).map(|trees| (pair, trees)))
        else {
            break;
        };
        let next = tabulate_over(&csv, spec, trees)?;
        if primaries(&next.0) >= primaries(&table) {
            break;
        }
        proposals.push(proposal(&table, &pair, &next.0));
        (table, contents) = next;
    }
    Ok(Recoding { before, proposals, compared, table })
}

fn primaries(table: &Table) -> usize {
    table.primary.iter().filter(|letter| letter.is_some()).count()
}

fn merged(table: &Table, pair: &Pair) -> Option<Vec<(String, Hierarchy)>> {
    let mut trees = table.dimensions.clone();
    let tree = &mut trees[pair.dimension].1;
    *tree = tree.merge(pair.nodes.0, pair.nodes.1)?;
    Some(trees)
}

fn proposal(table: &Table, pair: &Pair, new: &Table) -> Proposal {
    let (name, tree) = &table.dimensions[pair.dimension];
    let code = |node: usize| tree.codes[node].clone();
    Proposal {
        dimension: name.clone(),
        codes: [code(pair.nodes.0), code(pair.nodes.1)],
        primaries: primaries(new),
        cells: new.instance.cells.len(),
        cost: pair.cost,
    }
}

impl Recoding {
    /// The proposals: `step,dimension,merge,with,primary,cells,cost`.
    pub fn written(&self) -> String {
        let mut text = String::from("step,dimension,merge,with,primary,cells,cost\n");
        for (at, step) in self.proposals.iter().enumerate() {
            let [a, b] = step.codes.each_ref().map(|code| quoted(code));
            text.push_str(&format!(
                "{},{},{a},{b},{},{},{}\n",
                at + 1,
                quoted(&step.dimension),
                step.primaries,
                step.cells,
                shown(step.cost)
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

    #[test]
    fn what_is_hidden_is_told_without_the_dust_of_sums() {
        let text =
            "act,region,w\na,r,0.7\na,r,0.7\na,r,0.6\nb,r,0.1\nb,r,0.2\nc,r,9\nc,r,9\nc,r,9\n";
        let mut spec = spec("weight = \"w\"");
        spec.dimensions = vec!["act".into()];
        let found = propose(text, &spec, &BTreeMap::new(), 1).expect("tabulates");
        assert!(found.written().ends_with(",0.3\n"), "{}", found.written());
    }

    #[test]
    fn where_not_all_pairs_are_compared_that_is_known() {
        let (text, spec) = (data(&rows()), spec(""));
        let csv = Csv::read(&text).expect("reads");
        let trees = read_trees(&csv, &spec, &BTreeMap::new()).expect("reads");
        let (table, contents) = tabulate_over(&csv, &spec, trees).expect("tabulates");
        let mut pairs = Pairs::new(&spec, &table, &contents, 1);
        pairs.best();
        assert_eq!(pairs.looks, 0);
        let found = propose(&text, &spec, &BTreeMap::new(), 10).expect("tabulates");
        assert!(found.compared);
    }

    #[test]
    fn dimensions_of_two_categories_leave_the_others_their_turn() {
        // Five pairs that cannot be merged promise most: nothing would be left but their total.
        let names = ["act", "d0", "d1", "d2", "d3", "d4"];
        let mut text = format!("{}\n", names.join(","));
        for (act, count) in [("A", 3), ("B", 1), ("C", 2), ("D", 1), ("E", 1), ("F", 1), ("G", 1)] {
            for cell in 0..32_u32 {
                let sides: Vec<&str> =
                    (0..5).map(|bit| if cell >> bit & 1 == 1 { "f" } else { "m" }).collect();
                text.push_str(&format!("{act},{}\n", sides.join(",")).repeat(count));
            }
        }
        let spec: Spec = toml::from_str(&format!("dimensions = {names:?}\n[rules]\nfrequency = 3"))
            .expect("a spec");
        let found = propose(&text, &spec, &BTreeMap::new(), 1).expect("tabulates");
        let best = fewest(&text, &spec);
        assert!(best < found.before.1, "there is a merge that removes a primary cell");
        assert_eq!(primaries(&found.table), best);
    }

    /// Every merge of two leaves, tabulated from the microdata: the fewest primary cells.
    fn fewest(text: &str, spec: &Spec) -> usize {
        let table = tabulate(text, spec, &BTreeMap::new()).expect("tabulates");
        let csv = Csv::read(text).expect("reads");
        let mut best = primaries(&table);
        for dimension in 0..table.dimensions.len() {
            let size = table.dimensions[dimension].1.codes.len();
            for a in 1..size {
                for b in a + 1..size {
                    let mut trees = table.dimensions.clone();
                    let Some(tree) = trees[dimension].1.merge(a, b) else { continue };
                    trees[dimension].1 = tree;
                    let (new, _) = tabulate_over(&csv, spec, trees).expect("tabulates");
                    best = best.min(primaries(&new));
                }
            }
        }
        best
    }

    #[test]
    fn pairs_of_the_same_holdings_do_not_hide_the_best_pair() {
        // Two holdings in each of p, q, s and u: by contributions added up their pairs promise six
        // primary cells fewer, and have three. m with p promises five and has them.
        let mut text = String::from("act,region,group\n");
        for region in ["x", "y"] {
            for act in ["p", "q", "s", "u"] {
                text.push_str(&format!("{act},{region},i\n{act},{region},j\n"));
            }
            (0..9).for_each(|k| text.push_str(&format!("big,{region},k{k}\n")));
            for act in ["m", "n"] {
                text.push_str(&format!(
                    "{act},{region},{act}{region}1\n{act},{region},{act}{region}2\n"
                ));
            }
        }
        let spec = spec("holding = \"group\"");
        let found = propose(&text, &spec, &BTreeMap::new(), 1).expect("tabulates");
        let best = fewest(&text, &spec);
        assert!(best < found.before.1, "there is a merge that removes a primary cell");
        assert_eq!(primaries(&found.table), best);
        assert_eq!(best, found.before.1 - 5, "and not three fewer");
    }

    fn whole() -> ProptestConfig {
        ProptestConfig::with_cases(64)
    }

    proptest! {
        #![proptest_config(whole())]

        /// Each step is the best of all pairs, tabulated one by one.
        #[test]
        fn each_step_is_the_best_of_all_merges(
            rows in proptest::collection::vec((0_usize..5, 0_usize..3), 1..60),
        ) {
            let (text, spec) = (data(&rows), spec(""));
            let found = propose(&text, &spec, &BTreeMap::new(), 1).expect("tabulates");
            let table = tabulate(&text, &spec, &BTreeMap::new()).expect("tabulates");
            prop_assert_eq!(found.before, (table.instance.cells.len(), primaries(&table)));
            prop_assert_eq!(primaries(&found.table), fewest(&text, &spec));
        }

        /// With holdings, dominance, and units of none.
        #[test]
        fn each_step_is_the_best_with_holdings_too(
            rows in proptest::collection::vec((0_usize..6, 0_usize..3, 0_usize..6, 1_u8..9), 1..60),
        ) {
            let mut text = String::from("act,region,group,value\n");
            for (act, region, group, value) in rows {
                let group = if group == 0 { String::new() } else { format!("g{group}") };
                text.push_str(&format!("a{act},r{region},{group},{value}\n"));
            }
            let more = "holding = \"group\"\nvalue = \"value\"";
            let mut spec = spec(more);
            spec.rules.p_percent = Some(20.0);
            let found = propose(&text, &spec, &BTreeMap::new(), 1).expect("tabulates");
            prop_assert_eq!(primaries(&found.table), fewest(&text, &spec));
        }
    }
}
