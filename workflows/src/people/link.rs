//! Secrets of links that are mailed: made from a key of the centre, so that the mail can be made
//! again from what is stored, and what is stored (a hash) opens nothing.

use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _, path::Path};

use sha2::{Digest, Sha256};

use crate::Failure;

/// The key; never leaves the centre's folder.
pub(super) struct LinkKey([u8; 32]);

impl LinkKey {
    /// Reads `<dir>/keys/links.key`, or makes it, readable by the centre's user alone.
    pub(super) fn open(dir: &Path) -> Result<Self, Failure> {
        let attempt = "open the key of the links in keys/links.key";
        let folder = dir.join("keys");
        std::fs::create_dir_all(&folder).map_err(Failure::engine(attempt))?;
        let path = folder.join("links.key");
        let new: [u8; 32] = rand::random();
        // `create_new`: two starts at once agree on the key of the first.
        let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        if let Ok(mut file) = made {
            file.write_all(&new).map_err(Failure::engine(attempt))?;
            file.sync_all().map_err(Failure::engine(attempt))?;
        }
        let stored = std::fs::read(&path).map_err(Failure::engine(attempt))?;
        let key = <[u8; 32]>::try_from(stored.as_slice()).map_err(Failure::engine(attempt))?;
        Ok(Self(key))
    }

    /// The secret of the link about `what`: 32 bytes, hexadecimal. Nested, as in HMAC, so that a
    /// known secret cannot be extended into another's.
    pub(super) fn secret(&self, what: &str) -> String {
        let inner = Sha256::new().chain_update(self.0).chain_update(what).finalize();
        let outer = Sha256::new().chain_update(self.0).chain_update(b"outer").chain_update(inner);
        hex::encode(outer.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_the_same_after_a_restart_and_another_in_another_centre() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let secret = |dir: &Path| LinkKey::open(dir).unwrap().secret("invitation");
        assert_eq!(secret(one.path()), secret(one.path()));
        assert_ne!(secret(one.path()), secret(other.path()));
        assert_ne!(secret(one.path()), LinkKey::open(one.path()).unwrap().secret("another"));
    }
}
