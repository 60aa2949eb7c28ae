//! Secret directions.
//!
//! Threat: attackers know this program. Which table is closest to the true one depends on the
//! true values, so from the rounded table they exclude every table of which another one would have
//! been the closest: a lone 6 goes to 5 to the base 5, and so 8 and 9, which go to 10, are out.
//! With a key each cell's cost of going up is shifted by a number between -1 and 1 that only the
//! key's holder can work out. The cost lies between -1 and 1 itself, so whatever the true values,
//! the shifts can make every cell lean to either side: a table that adds up and lies less than the
//! base from the rounded one everywhere could have given it. What [`super::prove`] excludes is all
//! that is excluded. Not guaranteed: that all of them are equally likely (a cell alone goes up
//! with the part of the base that it lies above its lower multiple as probability, Cox 1987), nor
//! that the proof would have passed for each, nor anything on several roundings of one table with
//! different keys or bases.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::protect::model::Cell;

/// An office's secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; 32]);

/// A secret that could be tried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the key has {bytes} bytes; it needs at least 32, made at random")]
pub struct ShortKey {
    /// What it has.
    pub bytes: usize,
}

/// What is hashed here is hashed nowhere else.
const PURPOSE: &[u8] = b"bulle protect: directions of rounding 1";

impl Key {
    /// Of the bytes of a file.
    ///
    /// # Errors
    /// Fewer than 32 bytes.
    pub fn new(bytes: &[u8]) -> Result<Self, ShortKey> {
        if bytes.len() < 32 {
            return Err(ShortKey { bytes: bytes.len() });
        }
        Ok(Self(Sha256::new().chain_update(PURPOSE).chain_update(bytes).finalize().into()))
    }

    /// The shift of a cell's cost, between -1 and 1. The value goes in: who knows the direction
    /// of one value learns nothing on the next period's.
    pub(super) fn shift(&self, base: u32, cell: &Cell) -> f64 {
        // 0 and -0 are one value.
        let value = (cell.value + 0.0).to_bits();
        let hash = Sha256::new()
            .chain_update(self.0)
            .chain_update(base.to_le_bytes())
            .chain_update(value.to_le_bytes())
            .chain_update(cell.id.as_bytes())
            .finalize();
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&hash[..8]);
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
        let unit = (u64::from_le_bytes(bytes) >> 11) as f64 / (1_u64 << 53) as f64;
        2.0 * unit - 1.0
    }
}

/// A secret is not printed.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}
