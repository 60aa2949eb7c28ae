//! Digests for the log: of each chunk, and of all of them.

use sha2::{Digest as _, Sha256};

use super::{FilmError, Header};

/// SHA-256 of a chunk file, header and ciphertext.
pub type Digest = [u8; 32];

/// The running Merkle root of chunk digests, as in RFC 6962 2.1: what the log is told each minute.
/// Holds one hash for each bit of the count.
#[derive(Debug, Clone, Default)]
pub struct Root {
    count: u64,
    /// Roots of full trees, the largest first; their sizes are the bits of `count`.
    trees: Vec<Digest>,
}

impl Root {
    /// Adds the digest of the next chunk.
    pub fn push(&mut self, digest: &Digest) {
        let mut hash = hashed(&[&[0], digest]);
        // Each full tree of the same size joins: as many as `count` has ones at its end.
        for _ in 0..self.count.trailing_ones() {
            let left = self.trees.pop().expect("a tree for each bit of the count");
            hash = hashed(&[&[1], &left, &hash]);
        }
        self.trees.push(hash);
        self.count += 1;
    }

    /// How many chunks.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The root; of no chunks, the hash of nothing.
    pub fn root(&self) -> Digest {
        let joined =
            self.trees.iter().rev().copied().reduce(|right, left| hashed(&[&[1], &left, &right]));
        joined.unwrap_or_else(|| hashed(&[]))
    }
}

fn hashed(parts: &[&[u8]]) -> Digest {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// Reads the chunks of one recording in order and tells what the log should say of them; needs no
/// key. Ranges that retention has removed at the start are allowed.
#[derive(Debug, Default)]
pub struct Chain {
    last: Option<(Header, Digest)>,
    root: Root,
}

impl Chain {
    /// Adds the next chunk file and gives its digest, to compare with the log.
    ///
    /// # Errors
    /// No chunk, one of another recording, or one that does not name the digest of the one before.
    pub fn push(&mut self, file: &[u8]) -> Result<Digest, FilmError> {
        let header = Header::read(file)?;
        if let Some((last, digest)) = &self.last {
            let follows = header.recording == last.recording
                && Some(header.number) == last.number.checked_add(1)
                && header.previous == *digest;
            if !follows {
                return Err(FilmError::OutOfOrder(header.number));
            }
        }
        let digest = hashed(&[file]);
        self.root.push(&digest);
        self.last = Some((header, digest));
        Ok(digest)
    }

    /// The root over the chunks read so far.
    pub fn root(&self) -> &Root {
        &self.root
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6962 2.1 as it is written there.
    fn naive(leaves: &[Digest]) -> Digest {
        match leaves {
            [] => hashed(&[]),
            [leaf] => hashed(&[&[0], leaf]),
            _ => {
                let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
                hashed(&[&[1], &naive(left), &naive(right)])
            }
        }
    }

    #[test]
    fn the_running_root_is_that_of_rfc_6962() {
        let leaves: Vec<Digest> = (0..70_u8).map(|i| [i; 32]).collect();
        let mut root = Root::default();
        for count in 0..leaves.len() {
            assert_eq!(root.root(), naive(&leaves[..count]), "{count}");
            root.push(&leaves[count]);
        }
    }
}
