//! Where cells stand in the grid of all dimensions' nodes, and what adds up.

use crate::protect::hrc::Hierarchy;
use crate::protect::model::Sum;

/// The nodes of a cell, by dimension.
pub fn nodes(dimensions: &[(String, Hierarchy)], mut at: usize) -> Vec<usize> {
    let mut nodes = vec![0; dimensions.len()];
    for (node, (_, tree)) in nodes.iter_mut().zip(dimensions).rev() {
        *node = at % tree.codes.len();
        at /= tree.codes.len();
    }
    nodes
}

/// A cell's name: its codes, with bars between.
pub(super) fn name(dimensions: &[(String, Hierarchy)], at: usize) -> String {
    let codes = nodes(dimensions, at).into_iter().zip(dimensions);
    codes.map(|(node, (_, tree))| tree.codes[node].as_str()).collect::<Vec<_>>().join("|")
}

/// Each node with children is their sum, whatever the other dimensions' nodes.
pub(super) fn sums(dimensions: &[(String, Hierarchy)], size: usize) -> Vec<Sum> {
    let mut sums = Vec::new();
    let mut stride = size;
    for (at, (_, tree)) in dimensions.iter().enumerate() {
        stride /= tree.codes.len();
        let children = tree.children();
        for total in 0..size {
            let node = nodes(dimensions, total)[at];
            if !children[node].is_empty() {
                let cell = |child: &usize| total + child * stride - node * stride;
                sums.push(Sum { total, children: children[node].iter().map(cell).collect() });
            }
        }
    }
    sums
}

/// Acts on every cell above a unit: `paths` are its nodes by dimension, from the leaf up.
pub(super) fn visit(
    dimensions: &[(String, Hierarchy)],
    paths: &[Vec<usize>],
    at: usize,
    act: &mut impl FnMut(usize),
) {
    let done = dimensions.len() - paths.len();
    let Some((path, rest)) = paths.split_first() else { return act(at) };
    for node in path {
        visit(dimensions, rest, at * dimensions[done].1.codes.len() + node, act);
    }
}
