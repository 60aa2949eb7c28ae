//! Gradient boosting of decisions, by `forust-ml`; the trees are copied into our own form, whose
//! reader trusts no byte.

use std::collections::HashMap;

use forust_ml::constraints::{Constraint, ConstraintMap};
use forust_ml::errors::ForustError;
use forust_ml::tree::Tree as Grown;
use forust_ml::{GradientBooster, Matrix};

use super::features::{FEATURES, Way};
use super::trees::{Node, Question, Tree, Trees};

/// How trees are grown. One setting for all centres: what can be tuned on a hundred decisions
/// would be tuned to their noise.
const ITERATIONS: usize = 140;
const LEARNING_RATE: f32 = 0.08;
const DEPTH: usize = 4;
/// Ridge on the margins of ends, and the least weight (sum of p (1 - p)) of one.
const L2: f32 = 5.0;
const LEAST: f32 = 4.0;
const BINS: u16 = 64;

/// Rows to learn from.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// The names of the features; those of [`FEATURES`] keep their direction.
    pub names: &'a [String],
    /// The features of each row.
    pub features: &'a [&'a [f64]],
    /// How probably each is unsafe: 0 or 1 where that is taken for sure.
    pub labels: &'a [f64],
    /// For how many requests each stands.
    pub weights: &'a [f64],
}

/// Grows trees. Deterministic: no row and no feature is left to chance, one thread.
///
/// # Errors
/// What the library refuses: no rows, or labels all of one kind.
pub fn grow(rows: &Rows<'_>, seed: u64) -> Result<Trees, ForustError> {
    let (height, width) = (rows.features.len(), rows.names.len());
    let column =
        |at: usize| rows.features.iter().map(move |row| row.get(at).copied().unwrap_or(f64::NAN));
    let data: Vec<f64> = (0..width).flat_map(column).collect();
    let mut booster = GradientBooster::default()
        .set_iterations(ITERATIONS)
        .set_learning_rate(LEARNING_RATE)
        .set_max_depth(DEPTH)
        .set_l2(L2)
        .set_min_leaf_weight(LEAST)
        .set_nbins(BINS)
        .set_parallel(false)
        .set_seed(seed)
        .set_monotone_constraints(Some(directions(rows.names)));
    booster.fit(&Matrix::new(&data, height, width), rows.labels, rows.weights, None)?;
    let trees = booster.trees.iter().map(copied).collect();
    Ok(Trees { base: booster.base_score, trees })
}

fn directions(names: &[String]) -> ConstraintMap {
    let ways: HashMap<&str, Way> = FEATURES.iter().map(|f| (f.name, f.way)).collect();
    let one = |(at, name): (usize, &String)| match ways.get(name.as_str()) {
        Some(Way::Up) => Some((at, Constraint::Positive)),
        Some(Way::Down) => Some((at, Constraint::Negative)),
        _ => None,
    };
    names.iter().enumerate().filter_map(one).collect()
}

/// A tree in our form, each node before those it leads to.
fn copied(grown: &Grown) -> Tree {
    let mut tree = Tree::new();
    copy(grown, 0, &mut tree);
    tree
}

/// Copies the node `from` and what is below it; gives its place and the requests there. Trees are
/// four deep, so the recursion is too.
fn copy(grown: &Grown, from: usize, tree: &mut Tree) -> (usize, f64) {
    let (own, at) = (&grown.nodes[from], tree.len());
    tree.push(Node { margin: f64::from(own.weight_value), question: None });
    if own.is_leaf {
        return (at, f64::from(own.hessian_sum));
    }
    let (low, low_weight) = copy(grown, own.left_child, tree);
    let (high, high_weight) = copy(grown, own.right_child, tree);
    let weight = (low_weight + high_weight).max(f64::MIN_POSITIVE);
    let margin = (tree[low].margin * low_weight + tree[high].margin * high_weight) / weight;
    let question = Question {
        feature: own.split_feature,
        below: own.split_value,
        missing_low: own.missing_node == own.left_child,
        low,
        high,
    };
    tree[at] = Node { margin, question: Some(question) };
    (at, weight)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protect::random::Random;

    fn data() -> (Vec<String>, Vec<Vec<f64>>, Vec<bool>) {
        let mut random = Random::new(3);
        let names = vec!["errors".to_owned(), "noise".to_owned(), "smallest_count".to_owned()];
        let rows: Vec<Vec<f64>> = (0..600)
            .map(|_| {
                let gap = random.unit() < 0.2;
                let smallest = if gap { f64::NAN } else { random.unit() * 10.0 };
                vec![(random.unit() * 3.0).floor(), random.unit(), smallest]
            })
            .collect();
        let labels = rows.iter().map(|row| row[0] > 1.5 || row[2] < 2.0).collect();
        (names, rows, labels)
    }

    fn grown(seed: u64) -> (Trees, Vec<Vec<f64>>, Vec<bool>) {
        let (names, rows, labels) = data();
        let features: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
        let weights = vec![1.0; rows.len()];
        let sure: Vec<f64> = labels.iter().map(|is| f64::from(u8::from(*is))).collect();
        let rows_of = Rows { names: &names, features: &features, labels: &sure, weights: &weights };
        (grow(&rows_of, seed).expect("grown"), rows, labels)
    }

    #[test]
    fn our_trees_say_what_the_library_s_say() {
        let (names, rows, labels) = data();
        let data: Vec<f64> = (0..3).flat_map(|at| rows.iter().map(move |row| row[at])).collect();
        let labels: Vec<f64> = labels.iter().map(|is| f64::from(u8::from(*is))).collect();
        let mut booster = GradientBooster::default().set_iterations(20).set_parallel(false);
        let matrix = Matrix::new(&data, rows.len(), names.len());
        booster.fit(&matrix, &labels, &vec![1.0; rows.len()], None).expect("fitted");
        let own =
            Trees { base: booster.base_score, trees: booster.trees.iter().map(copied).collect() };
        assert!(own.is_sound(3));
        for (row, theirs) in rows.iter().zip(booster.predict(&matrix, false)) {
            assert!((own.margin(row) - theirs).abs() < 1e-9, "{row:?}");
        }
    }

    #[test]
    fn trees_learn_the_same_at_each_run_and_add_up() {
        let (trees, rows, labels) = grown(1);
        assert_eq!(trees, grown(1).0);
        let right = rows.iter().zip(&labels).filter(|(row, is)| (trees.margin(row) > 0.0) == **is);
        assert!(right.count() > 580);
        for row in &rows {
            let (base, parts) = trees.contributions(row);
            assert!((base + parts.iter().sum::<f64>() - trees.margin(row)).abs() < 1e-9);
        }
    }

    #[test]
    fn one_more_error_never_lowers_the_risk() {
        let (trees, rows, _) = grown(1);
        for row in rows {
            let mut worse = row.clone();
            worse[0] += 1.0;
            assert!(trees.margin(&worse) >= trees.margin(&row) - 1e-9);
            let mut better = row.clone();
            better[2] += 1.0;
            assert!(better[2].is_nan() || trees.margin(&better) <= trees.margin(&row) + 1e-9);
        }
    }
}
