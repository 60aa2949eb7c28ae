//! Where subtrees stand in a tree of a given size: roots and proofs from any store of nodes.

use crate::hash::{Hash, empty_root, node_hash};

/// A place that knows the hashes of complete subtrees.
pub(crate) trait Nodes {
    /// Why a node could not be read.
    type Error;

    /// The hash of the complete subtree of 2^`height` leaves that begins at leaf
    /// `index` * 2^`height`.
    fn node(&self, height: u32, index: u64) -> Result<Hash, Self::Error>;
}

/// The root of the leaves `start..end` as a tree of their own.
///
/// `start` must be a multiple of the smallest power of two that is not below `end - start`, as it
/// is for every range that RFC 6962 splits off; so each part is one of the store's subtrees.
pub(crate) fn range_root<N: Nodes>(nodes: &N, start: u64, end: u64) -> Result<Hash, N::Error> {
    // From the right, because RFC 6962 makes the left subtree the largest: the smallest complete
    // subtree stands last and is the first to be joined.
    let (mut end, mut root) = (end, None);
    while end > start {
        let height = (end - start).trailing_zeros();
        let left = nodes.node(height, (end >> height) - 1)?;
        root = Some(root.map_or(left, |right| node_hash(left, right)));
        end -= 1 << height;
    }
    Ok(root.unwrap_or_else(empty_root))
}

/// The largest power of two below `count`, which is at least 2.
fn split(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}

/// The audit path of leaf `index` in the tree of `size` leaves (RFC 6962, 2.1.1), `index < size`.
pub(crate) fn inclusion_path<N: Nodes>(
    nodes: &N,
    index: u64,
    size: u64,
) -> Result<Vec<Hash>, N::Error> {
    let (mut start, mut end, mut path) = (0, size, Vec::new());
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            path.push(range_root(nodes, middle, end)?);
            end = middle;
        } else {
            path.push(range_root(nodes, start, middle)?);
            start = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The proof that the tree of `old` leaves is the beginning of the tree of `new` leaves
/// (RFC 6962, 2.1.2), `old <= new`. Empty where there is nothing to prove: `old` is 0 or `new`.
pub(crate) fn consistency_path<N: Nodes>(
    nodes: &N,
    old: u64,
    new: u64,
) -> Result<Vec<Hash>, N::Error> {
    let (mut start, mut end, mut path) = (0, new, Vec::new());
    if old == 0 {
        return Ok(path);
    }
    while end != old {
        let middle = start + split(end - start);
        if old <= middle {
            path.push(range_root(nodes, middle, end)?);
            end = middle;
        } else {
            path.push(range_root(nodes, start, middle)?);
            start = middle;
        }
    }
    if start != 0 {
        // The old tree ends in a subtree that the verifier does not know yet.
        path.push(range_root(nodes, start, end)?);
    }
    path.reverse();
    Ok(path)
}
