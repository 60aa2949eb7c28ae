//! Checking proofs, with nothing at hand but the proof and signed roots (RFC 9162, 2.1.3.2 and
//! 2.1.4.2: the same trees as RFC 6962, with the algorithms spelt out).

use crate::hash::{Hash, empty_root, node_hash};

/// Why a proof was refused. Each case means that the claim is not proven, never that it is false.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The leaf is not below the size of the tree, so there is nothing to prove.
    #[error("entry {index} is not in a tree of {size} entries")]
    OutOfRange {
        /// The leaf asked for.
        index: u64,
        /// The size of the tree.
        size: u64,
    },
    /// A tree cannot be the beginning of a smaller one.
    #[error("a tree of {old} entries is not the beginning of one of {new}")]
    Shrunk {
        /// The size of the old tree.
        old: u64,
        /// The size of the new tree.
        new: u64,
    },
    /// The proof has more or fewer hashes than such a proof has.
    #[error("the proof has a wrong number of hashes ({0})")]
    Length(usize),
    /// The hashes of the proof do not lead to the root.
    #[error("the proof does not lead to the root")]
    Mismatch,
}

/// Checks that the tree of `size` entries with this `root` holds `leaf` at `index`.
///
/// # Errors
/// See [`ProofError`].
pub fn verify_inclusion(
    leaf: Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: Hash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::OutOfRange { index, size });
    }
    let (mut node, mut last, mut hash) = (index, size - 1, leaf);
    for sibling in proof {
        if last == 0 {
            return Err(ProofError::Length(proof.len()));
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(*sibling, hash);
            // A node without a right sibling moves up unchanged, until it becomes a right child.
            while node & 1 == 0 && node != 0 {
                (node, last) = (node >> 1, last >> 1);
            }
        } else {
            hash = node_hash(hash, *sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    match () {
        () if last != 0 => Err(ProofError::Length(proof.len())),
        () if hash != root => Err(ProofError::Mismatch),
        () => Ok(()),
    }
}

/// Checks that the tree of `old` entries with `old_root` is the beginning of the tree of `new`
/// entries with `new_root`: nothing was altered or dropped in between. Every tree begins with the
/// empty one, which is why that case needs the empty root and an empty proof.
///
/// # Errors
/// See [`ProofError`].
pub fn verify_consistency(
    old: u64,
    new: u64,
    proof: &[Hash],
    old_root: Hash,
    new_root: Hash,
) -> Result<(), ProofError> {
    if old > new {
        return Err(ProofError::Shrunk { old, new });
    }
    if old == 0 || old == new {
        let expected = if old == new { new_root } else { empty_root() };
        let empty_is_empty = old != 0 || old_root == empty_root();
        return match () {
            () if !proof.is_empty() => Err(ProofError::Length(proof.len())),
            () if old_root != expected || !empty_is_empty => Err(ProofError::Mismatch),
            () => Ok(()),
        };
    }
    let (mut node, mut last) = (old - 1, new - 1);
    while node & 1 == 1 {
        (node, last) = (node >> 1, last >> 1);
    }
    // A complete old tree is a subtree of the new one: the proof need not repeat its root.
    let (first, rest) = match proof.split_first() {
        _ if old.is_power_of_two() => (old_root, proof),
        Some((first, rest)) => (*first, rest),
        None => return Err(ProofError::Length(0)),
    };
    let (mut old_hash, mut new_hash) = (first, first);
    for sibling in rest {
        if last == 0 {
            return Err(ProofError::Length(proof.len()));
        }
        if node & 1 == 1 || node == last {
            old_hash = node_hash(*sibling, old_hash);
            new_hash = node_hash(*sibling, new_hash);
            while node & 1 == 0 && node != 0 {
                (node, last) = (node >> 1, last >> 1);
            }
        } else {
            new_hash = node_hash(new_hash, *sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    match () {
        () if last != 0 => Err(ProofError::Length(proof.len())),
        () if old_hash != old_root || new_hash != new_root => Err(ProofError::Mismatch),
        () => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;
    use crate::hash::{leaf_hash, tree_root};
    use crate::tree::{Nodes, consistency_path, inclusion_path, range_root};

    /// Entries in memory; each node is computed naively, so that only the shapes are on trial.
    struct Naive(Vec<Vec<u8>>);

    impl Nodes for Naive {
        type Error = std::convert::Infallible;
        fn node(&self, height: u32, index: u64) -> Result<Hash, Self::Error> {
            let start = usize::try_from(index << height).unwrap();
            Ok(tree_root(&self.0[start..start + (1 << height)]))
        }
    }

    fn entries(count: usize) -> Vec<Vec<u8>> {
        (0..count).map(|i| format!("entry {i}").into_bytes()).collect()
    }

    #[test]
    fn every_proof_of_every_small_tree_verifies_and_no_neighbour_does() {
        let nodes = Naive(entries(40));
        for size in 1..=40u64 {
            let all = &nodes.0[..usize::try_from(size).unwrap()];
            let root = tree_root(all);
            assert_eq!(range_root(&nodes, 0, size), Ok(root));
            for (index, entry) in (0..).zip(all) {
                let Ok(proof) = inclusion_path(&nodes, index, size);
                let leaf = leaf_hash(entry);
                assert_eq!(verify_inclusion(leaf, index, size, &proof, root), Ok(()));
                assert!(verify_inclusion(leaf, index + 1, size, &proof, root).is_err());
                assert!(verify_inclusion(leaf_hash(b"no"), index, size, &proof, root).is_err());
                let longer = [&proof[..], &[root]].concat();
                assert!(verify_inclusion(leaf, index, size, &longer, root).is_err());
                if let Some((_, shorter)) = proof.split_last() {
                    assert!(verify_inclusion(leaf, index, size, shorter, root).is_err());
                }
            }
            for old in 0..=size {
                let Ok(proof) = consistency_path(&nodes, old, size);
                let old_root = tree_root(&nodes.0[..usize::try_from(old).unwrap()]);
                assert_eq!(verify_consistency(old, size, &proof, old_root, root), Ok(()));
                let wrong = leaf_hash(b"another history");
                assert!(verify_consistency(old, size, &proof, wrong, root).is_err());
                assert!(
                    old == 0 || verify_consistency(old, size, &proof, old_root, wrong).is_err()
                );
                let longer = [&proof[..], &[root]].concat();
                assert!(verify_consistency(old, size, &longer, old_root, root).is_err());
            }
        }
    }

    #[test]
    fn a_tree_is_never_the_beginning_of_a_smaller_one() {
        let root = empty_root();
        let shrunk = ProofError::Shrunk { old: 2, new: 1 };
        assert_eq!(verify_consistency(2, 1, &[], root, root), Err(shrunk));
        assert!(verify_inclusion(root, 0, 0, &[], root).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), ..ProptestConfig::with_cases(256) })]
        #[test]
        fn tlog_tiles_accepts_our_proofs_and_we_refuse_altered_ones(
            size in 1..600u64, index in 0..600u64, flip in any::<(u8, u8)>(),
        ) {
            let index = index % size;
            let nodes = Naive(entries(usize::try_from(size).unwrap()));
            let root = tree_root(&nodes.0);
            let oracle = |hash: Hash| tlog_tiles::Hash(hash.0);
            let Ok(mut proof) = inclusion_path(&nodes, index, size);
            let leaf = leaf_hash(&nodes.0[usize::try_from(index).unwrap()]);
            let theirs: Vec<_> = proof.iter().copied().map(oracle).collect();
            tlog_tiles::check_record(&theirs, size, oracle(root), index, oracle(leaf)).unwrap();
            if let Some(place) = proof.len().checked_sub(1).map(|last| usize::from(flip.0) % (last + 1)) {
                proof[place].0[usize::from(flip.1) % 32] ^= 1;
                prop_assert_eq!(
                    verify_inclusion(leaf, index, size, &proof, root), Err(ProofError::Mismatch)
                );
            }
            let old = index + 1;
            let Ok(mut proof) = consistency_path(&nodes, old, size);
            let old_root = tree_root(&nodes.0[..usize::try_from(old).unwrap()]);
            let theirs: Vec<_> = proof.iter().copied().map(oracle).collect();
            tlog_tiles::check_tree(&theirs, size, oracle(root), old, oracle(old_root)).unwrap();
            if let Some(first) = proof.first_mut() {
                first.0[usize::from(flip.1) % 32] ^= 1;
                prop_assert!(verify_consistency(old, size, &proof, old_root, root).is_err());
            }
        }
    }
}
