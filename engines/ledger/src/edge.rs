//! The right edge of the tree: all that is needed to append, and the plan of what an append
//! writes. Pure: no disk.

use crate::hash::{Hash, complete_root, leaf_hash};
use crate::tile::{Kind, Tile, WIDTH, push_entry};
use crate::tree::{Nodes, range_root};

/// The unfinished file of each kind, for a tree of `size` leaves.
#[derive(Clone, Debug, Default)]
pub(crate) struct Edge {
    pub size: u64,
    /// The hashes of the unfinished tile of each level, leaves first; fewer than 256 each.
    pub levels: Vec<Vec<Hash>>,
    /// The unfinished bundle, packed.
    pub bundle: Vec<u8>,
}

/// A file that an append writes.
pub(crate) type NewFile = (Tile, Vec<u8>);

impl Edge {
    /// The edge after these entries, and the files to write for it: bundles before tiles.
    /// `Err` with the place in the batch of an entry that is too long.
    pub fn extend(&self, batch: &[Vec<u8>]) -> Result<(Self, Vec<NewFile>), usize> {
        let (mut next, mut bundles, mut tiles) = (self.clone(), Vec::new(), Vec::new());
        for (position, entry) in batch.iter().enumerate() {
            if !push_entry(&mut next.bundle, entry) {
                return Err(position);
            }
            next.size += 1;
            next.push(0, leaf_hash(entry), &mut tiles);
            if next.size.is_multiple_of(WIDTH) {
                let tile = next.last(Kind::Entries, next.size);
                bundles.push((tile, std::mem::take(&mut next.bundle)));
            }
        }
        if !next.bundle.is_empty() && next.size > self.size {
            bundles.push((next.last(Kind::Entries, next.size), next.bundle.clone()));
        }
        for (level, hashes) in (0..).zip(&next.levels) {
            let kind = Kind::Level(level);
            let grew = next.size >> kind.height() > self.size >> kind.height();
            if grew && !hashes.is_empty() {
                tiles.push((next.last(kind, next.size >> kind.height()), pack(hashes)));
            }
        }
        bundles.extend(tiles);
        Ok((next, bundles))
    }

    /// Adds a hash to a level; a full tile becomes one hash of the level above.
    fn push(&mut self, level: u32, hash: Hash, tiles: &mut Vec<NewFile>) {
        let place = level as usize;
        if place == self.levels.len() {
            self.levels.push(Vec::new());
        }
        self.levels[place].push(hash);
        if self.levels[place].len() as u64 == WIDTH {
            let hashes = std::mem::take(&mut self.levels[place]);
            let kind = Kind::Level(level);
            tiles.push((self.last(kind, self.size >> kind.height()), pack(&hashes)));
            self.push(level + 1, complete_root(&hashes), tiles);
        }
    }

    /// The last file of a kind that has `slots` slots filled in all.
    fn last(&self, kind: Kind, slots: u64) -> Tile {
        debug_assert!(slots > 0 && self.size > 0);
        let index = (slots - 1) / WIDTH;
        Tile { kind, index, width: slots - index * WIDTH }
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        let Ok(root) = range_root(self, 0, self.size);
        root
    }

    /// The hashes of a tile, if it is one of the unfinished ones.
    pub fn tile(&self, tile: Tile) -> Option<&[Hash]> {
        let Kind::Level(level) = tile.kind else { return None };
        let unfinished = (self.size >> tile.kind.height()) / WIDTH;
        (tile.index == unfinished).then(|| self.levels.get(level as usize).map_or(&[][..], |l| l))
    }
}

/// Knows just the nodes that make up the root: each ends in an unfinished tile, because a subtree
/// that fills a tile counts as one hash of the level above.
impl Nodes for Edge {
    type Error = std::convert::Infallible;

    fn node(&self, height: u32, index: u64) -> Result<Hash, Self::Error> {
        let (first, count) = slots(height, index);
        Ok(complete_root(&self.levels[(height / 8) as usize][first..first + count]))
    }
}

/// The slots of a tile that a node of this height and index lies above: the first and the count.
/// The tile is the one of level `height / 8` at [`tile_index`].
pub(crate) fn slots(height: u32, index: u64) -> (usize, usize) {
    let first = (index << (height % 8)) % WIDTH;
    (usize::try_from(first).expect("below 256"), 1 << (height % 8))
}

/// The index of the tile that has the slots of a node.
pub(crate) fn tile_index(height: u32, index: u64) -> u64 {
    (index << (height % 8)) / WIDTH
}

/// Hashes as a tile holds them.
pub(crate) fn pack(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// Reads a tile back; a rest that is no whole hash is left out.
pub(crate) fn unpack(bytes: &[u8]) -> Vec<Hash> {
    bytes.as_chunks().0.iter().copied().map(Hash).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;
    use crate::hash::tree_root;

    fn entries(count: u64) -> Vec<Vec<u8>> {
        (0..count).map(|i| i.to_string().into_bytes()).collect()
    }

    #[test]
    fn the_root_is_the_naive_one_at_every_turn_of_a_tile() {
        for size in [0, 1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537] {
            let all = entries(size);
            let (edge, files) = Edge::default().extend(&all).unwrap();
            assert_eq!(edge.root(), tree_root(&all), "{size}");
            for (tile, bytes) in files {
                assert!(tile.is_within(size), "{tile:?} in {size}");
                let hashes = tile.width * 32;
                assert!(tile.kind == Kind::Entries || bytes.len() as u64 == hashes, "{tile:?}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), ..ProptestConfig::with_cases(100) })]
        #[test]
        fn batches_do_not_matter(cuts in prop::collection::vec(0..400u64, 1..6)) {
            let all = entries(cuts.iter().sum());
            let (mut edge, mut files) = (Edge::default(), std::collections::BTreeMap::new());
            let mut rest = &all[..];
            for cut in cuts {
                let (batch, after) = rest.split_at(usize::try_from(cut).unwrap());
                let (next, new) = edge.extend(batch).unwrap();
                (edge, rest) = (next, after);
                files.extend(new);
            }
            let (at_once, new) = Edge::default().extend(&all).unwrap();
            prop_assert_eq!(edge.root(), at_once.root());
            for (tile, bytes) in new {
                prop_assert_eq!(files.get(&tile), Some(&bytes), "{:?}", tile);
            }
        }
    }
}
