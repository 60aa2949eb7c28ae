//! The hashes of the Merkle tree, after RFC 6962 section 2.1.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// A SHA-256 hash of a leaf, of an inner node or of a whole tree. Prints as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// Bytes of one hash.
    pub const LENGTH: usize = 32;
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

impl FromStr for Hash {
    type Err = hex::FromHexError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; Self::LENGTH];
        hex::decode_to_slice(text, &mut bytes)?;
        Ok(Self(bytes))
    }
}

impl serde::Serialize for Hash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Hash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The hash of one entry: SHA-256 of a zero byte and the entry (RFC 6962, 2.1). The zero byte keeps
/// an entry from passing for an inner node, and so from proving what was never appended.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Hash(Sha256::new().chain_update([0]).chain_update(entry).finalize().into())
}

/// The hash of two subtrees side by side: SHA-256 of a one byte and both hashes (RFC 6962, 2.1).
pub fn node_hash(left: Hash, right: Hash) -> Hash {
    Hash(
        Sha256::new()
            .chain_update([1])
            .chain_update(left.0)
            .chain_update(right.0)
            .finalize()
            .into(),
    )
}

/// The root of the tree without entries: SHA-256 of nothing (RFC 6962, 2.1).
pub fn empty_root() -> Hash {
    Hash(Sha256::digest([]).into())
}

/// The root over entries, written exactly as RFC 6962 section 2.1 defines it: the naive reference
/// that tests hold everything else against. O(n) hashes, recursive.
pub fn tree_root<E: AsRef<[u8]>>(entries: &[E]) -> Hash {
    match entries {
        [] => empty_root(),
        [entry] => leaf_hash(entry.as_ref()),
        _ => {
            let (left, right) = entries.split_at(entries.len().next_power_of_two() / 2);
            node_hash(tree_root(left), tree_root(right))
        }
    }
}

/// The root of a complete subtree over `hashes`, whose count is a power of two.
pub(crate) fn complete_root(hashes: &[Hash]) -> Hash {
    debug_assert!(hashes.len().is_power_of_two());
    if let [hash] = hashes {
        return *hash;
    }
    let (left, right) = hashes.split_at(hashes.len() / 2);
    node_hash(complete_root(left), complete_root(right))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_roots_of_rfc_6962_reference_entries_are_right() {
        // The eight entries and roots that the reference implementation of certificate
        // transparency tests itself with.
        let entries = [
            "",
            "00",
            "10",
            "2021",
            "3031",
            "40414243",
            "5051525354555657",
            "606162636465666768696a6b6c6d6e6f",
        ];
        let entries: Vec<Vec<u8>> = entries.iter().map(|e| hex::decode(e).unwrap()).collect();
        let root = |n: usize| tree_root(&entries[..n]).to_string();
        assert_eq!(root(0), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(root(1), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
        assert_eq!(root(2), "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
        assert_eq!(root(7), "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c");
        assert_eq!(root(8), "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
    }

    #[test]
    fn a_hash_reads_back_what_it_prints_and_refuses_the_rest() {
        let hash = leaf_hash(b"x");
        assert_eq!(hash.to_string().parse(), Ok(hash));
        assert!("00".parse::<Hash>().is_err());
        let json = serde_json::to_string(&hash).unwrap();
        assert_eq!(serde_json::from_str::<Hash>(&json).unwrap(), hash);
    }

    #[test]
    fn an_inner_node_is_no_entry() {
        let (a, b) = (leaf_hash(b"a"), leaf_hash(b"b"));
        let forged = [a.0, b.0].concat(); // an entry that tries to pass for the node above a and b
        assert_ne!(leaf_hash(&forged), node_hash(a, b));
    }
}
