//! The secret that two parties share, and what is drawn from it.

use crate::error::LinkError;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::path::Path;

/// The least length of a key, in bytes: that of what HMAC-SHA256 gives.
const LEAST: usize = 32;

/// A secret key. It cannot be printed.
#[derive(Clone)]
pub struct Key(Hmac<Sha256>);

impl std::fmt::Debug for Key {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Key(secret)")
    }
}

impl Key {
    /// A key of these bytes.
    pub fn new(bytes: &[u8]) -> Self {
        Self(Hmac::new_from_slice(bytes).expect("HMAC takes keys of any length"))
    }

    /// Reads a key file: its bytes as they are, a line's end at their end apart. Threat: a short or
    /// empty key can be guessed, and what it protects be opened by trying all names.
    ///
    /// # Errors
    /// [`LinkError::Open`], or [`LinkError::Unusable`] for a key of less than 32 bytes, or of hardly any
    /// different ones.
    pub fn read(path: &Path) -> Result<Self, LinkError> {
        let name = path.display().to_string();
        let bytes =
            std::fs::read(path).map_err(|source| LinkError::Open { name: name.clone(), source })?;
        let bytes = bytes.trim_ascii_end();
        let mut different = bytes.to_vec();
        different.sort_unstable();
        different.dedup();
        let why = match (bytes.len() < LEAST, different.len() < 8) {
            (true, _) => {
                format!("a key has {LEAST} random bytes at least, this one {}", bytes.len())
            }
            (_, true) => "a key has random bytes, these are hardly any different ones".to_owned(),
            _ => return Ok(Self::new(bytes)),
        };
        Err(LinkError::Unusable { name, why })
    }

    /// 32 bytes that nobody can tell from random ones without the key, for parts that are told apart
    /// whatever bytes they have (each goes in with its length).
    pub fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// A key for one purpose.
    #[must_use]
    pub fn derived(&self, purpose: &str) -> Self {
        Self::new(&self.mac(&[b"purpose", purpose.as_bytes()]))
    }

    /// Numbers below `end`, as many as are asked for, each with the same chance but for one part in
    /// four billion.
    pub fn numbers(&self, purpose: &str, end: u32) -> impl Iterator<Item = u32> + use<> {
        let key = self.derived(purpose);
        (0_u64..).flat_map(move |block| {
            let bytes = key.mac(&[&block.to_le_bytes()]);
            let words: Vec<u64> = bytes
                .chunks_exact(8)
                .map(|chunk| u64::from_le_bytes(chunk.try_into().expect("eight bytes")))
                .collect();
            words.into_iter().map(move |word| {
                u32::try_from((u128::from(word) * u128::from(end)) >> 64).expect("below the end")
            })
        })
    }

    /// A permutation of `0..count` (Fisher and Yates, Durstenfeld 1964).
    pub fn permutation(&self, purpose: &str, count: usize) -> Vec<u32> {
        let mut places: Vec<u32> = (0..u32::try_from(count).expect("few bits")).collect();
        let mut draws = self.numbers(purpose, u32::MAX);
        for at in (1..count).rev() {
            let draw = u64::from(draws.next().expect("endless"));
            let other = (draw * (at as u64 + 1) / u64::from(u32::MAX)) as usize;
            places.swap(at, other.min(at));
        }
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_cannot_be_printed_or_short() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        std::fs::write(&path, "short").unwrap();
        assert!(Key::read(&path).unwrap_err().to_string().contains("32 random bytes"));
        std::fs::write(&path, [b'a'; 40]).unwrap();
        assert!(Key::read(&path).unwrap_err().to_string().contains("hardly any"));
        std::fs::write(&path, "0123456789abcdef0123456789abcdef\n").unwrap();
        let key = Key::read(&path).unwrap();
        assert_eq!(format!("{key:?}"), "Key(secret)");
        assert_eq!(key.mac(&[b"x"]), Key::new(b"0123456789abcdef0123456789abcdef").mac(&[b"x"]));
    }

    #[test]
    fn parts_and_purposes_are_told_apart() {
        let key = Key::new(&[7; 32]);
        assert_ne!(key.mac(&[b"ab", b"c"]), key.mac(&[b"a", b"bc"]));
        assert_ne!(key.derived("a").mac(&[b"x"]), key.derived("b").mac(&[b"x"]));
        // RFC 4231, test case 2, of HMAC-SHA256 itself.
        let mut mac = Hmac::<Sha256>::new_from_slice(b"Jefe").unwrap();
        mac.update(b"what do ya want for nothing?");
        let found: [u8; 32] = mac.finalize().into_bytes().into();
        assert_eq!(found[..4], [0x5b, 0xdc, 0xc1, 0x46]);
    }

    #[test]
    fn a_permutation_has_each_place_once_and_is_not_the_order() {
        let found = Key::new(&[7; 32]).permutation("p", 1000);
        let mut sorted = found.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..1000).collect::<Vec<u32>>());
        let stayed = found.iter().enumerate().filter(|(at, place)| *at == **place as usize).count();
        assert!(stayed < 10, "{stayed}");
        assert!(Key::new(&[7; 32]).numbers("n", 5).take(100).all(|number| number < 5));
    }
}
