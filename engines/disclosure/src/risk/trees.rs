//! Boosted trees: what they say of a request, and which feature said how much.

use serde::{Deserialize, Serialize};

use super::numbers::of;

/// A node: a question to one feature, or an end.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// The mean of the margins of its ends, weighted by the requests there; of an end, its margin.
    #[serde(rename = "m")]
    pub margin: f64,
    /// The question; an end has none.
    #[serde(rename = "q", default, skip_serializing_if = "Option::is_none")]
    pub question: Option<Question>,
}

/// Which way to go on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The feature asked.
    #[serde(rename = "f")]
    pub feature: usize,
    /// Values below go to `low`, the others to `high`.
    #[serde(rename = "t")]
    pub below: f64,
    /// Whether a missing value goes to `low`.
    #[serde(rename = "n")]
    pub missing_low: bool,
    /// The node for low values; its place is greater than this node's.
    #[serde(rename = "l")]
    pub low: usize,
    /// The node for high values; its place is greater than this node's.
    #[serde(rename = "h")]
    pub high: usize,
}

/// A tree; its first node is the root.
pub type Tree = Vec<Node>;

/// Trees that add up.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trees {
    /// The margin before any tree, in logits.
    pub base: f64,
    /// The trees.
    pub trees: Vec<Tree>,
}

/// Trees of a model at most.
const TREES: usize = 2000;
/// Nodes of a tree at most.
const NODES: usize = 4096;

impl Trees {
    /// Whether every walk through every tree ends within it, for `features` features: places rise
    /// along each walk, so that none goes round.
    pub fn is_sound(&self, features: usize) -> bool {
        let node = |at: usize, node: &Node, len: usize| {
            let leads_on = |to: usize| to > at && to < len;
            let question = node.question.is_none_or(|q| {
                q.feature < features && !q.below.is_nan() && leads_on(q.low) && leads_on(q.high)
            });
            node.margin.is_finite() && question
        };
        let tree = |tree: &Tree| {
            !tree.is_empty()
                && tree.len() <= NODES
                && tree.iter().enumerate().all(|(at, own)| node(at, own, tree.len()))
        };
        self.base.is_finite() && self.trees.len() <= TREES && self.trees.iter().all(tree)
    }

    /// The margin of a request, in logits. A feature that is not there is missing.
    pub fn margin(&self, features: &[f64]) -> f64 {
        let mut margin = self.base;
        for tree in &self.trees {
            walk(tree, features, |_, _, to| {
                if to.question.is_none() {
                    margin += to.margin;
                }
            });
        }
        margin
    }

    /// How much each feature adds to the margin, and what stands before any: together they are the
    /// margin. A question adds the difference of the means on its two sides (Saabas 2014; the
    /// approximate contributions of `XGBoost`): cheap, exact in the sum, no causal statement.
    pub fn contributions(&self, features: &[f64]) -> (f64, Vec<f64>) {
        let (mut base, mut parts) = (self.base, vec![0.0; features.len()]);
        for tree in &self.trees {
            walk(tree, features, |asked, from, to| match asked {
                None => base += to.margin,
                Some(feature) => {
                    if let Some(part) = parts.get_mut(feature) {
                        *part += to.margin - from.margin;
                    }
                }
            });
        }
        (base, parts)
    }

    /// The share of all splits that ask each feature.
    pub fn shares(&self, features: usize) -> Vec<f64> {
        let mut counts = vec![0_usize; features];
        let questions = self.trees.iter().flatten().filter_map(|node| node.question);
        for question in questions {
            if let Some(count) = counts.get_mut(question.feature) {
                *count += 1;
            }
        }
        let all = counts.iter().sum::<usize>().max(1);
        counts.into_iter().map(|count| of(count) / of(all)).collect()
    }
}

/// Walks from the root to an end; tells of each node reached: the feature asked, the node before
/// (itself at the root), the node. Ends where a place leads nowhere, which no sound tree has.
fn walk(tree: &[Node], features: &[f64], mut tell: impl FnMut(Option<usize>, &Node, &Node)) {
    let Some(mut node) = tree.first() else { return };
    tell(None, node, node);
    for _ in 0..tree.len() {
        let Some(question) = node.question else { return };
        let value = features.get(question.feature).copied().unwrap_or(f64::NAN);
        let low = if value.is_nan() { question.missing_low } else { value < question.below };
        let Some(next) = tree.get(if low { question.low } else { question.high }) else { return };
        tell(Some(question.feature), node, next);
        node = next;
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    fn end(margin: f64) -> Node {
        Node { margin, question: None }
    }

    /// Feature 0 below 5 (or missing) to -1, otherwise 3; means as if both were equally frequent.
    pub fn stump() -> Trees {
        let question = Question { feature: 0, below: 5.0, missing_low: true, low: 1, high: 2 };
        let root = Node { margin: 1.0, question: Some(question) };
        Trees { base: 0.5, trees: vec![vec![root, end(-1.0), end(3.0)]] }
    }

    #[test]
    fn values_missing_values_and_short_vectors_find_their_end() {
        let trees = stump();
        for (features, margin) in
            [(vec![4.0], -0.5), (vec![5.0], 3.5), (vec![f64::NAN], -0.5), (vec![], -0.5)]
        {
            assert!((trees.margin(&features) - margin).abs() < 1e-12, "{features:?}");
        }
    }

    #[test]
    fn places_that_go_round_or_out_are_not_sound() {
        let sound = stump();
        assert!(sound.is_sound(1) && !sound.is_sound(0));
        for (low, high) in [(0, 2), (1, 3), (1, usize::MAX)] {
            let mut bad = stump();
            if let Some(question) = bad.trees[0][0].question.as_mut() {
                (question.low, question.high) = (low, high);
            }
            assert!(!bad.is_sound(1));
            bad.margin(&[4.0]); // ends all the same
            bad.contributions(&[9.0]);
        }
        let infinite = Trees { base: f64::INFINITY, ..stump() };
        assert!(!infinite.is_sound(1));
    }

    proptest! {
        #[test]
        fn contributions_sum_to_the_margin(value in proptest::num::f64::ANY) {
            let trees = stump();
            let (base, parts) = trees.contributions(&[value]);
            prop_assert!((base + parts.iter().sum::<f64>() - trees.margin(&[value])).abs() < 1e-12);
        }
    }
}
