//! Hashes for keys that only this process sees: fast, the same on every machine, not secret.

const A: u64 = 0x9E37_79B9_7F4A_7C15;
const B: u64 = 0xD6E8_FEB8_6659_FD93;

/// Both halves of a product, folded: every bit of the input reaches every bit of the output.
#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    #[expect(clippy::cast_possible_truncation, reason = "the halves are what is wanted")]
    let (low, high) = (product as u64, (product >> 64) as u64);
    low ^ high
}

/// The hash of one number.
#[inline]
pub fn mix(value: u64) -> u64 {
    fold(value ^ A, B)
}

/// The hash of a number after others, whose hash is `seed`.
#[inline]
pub fn then(seed: u64, value: u64) -> u64 {
    fold(seed ^ value.wrapping_mul(A), B ^ (seed >> 32))
}

/// The hash of a text.
#[inline]
pub fn bytes(text: &[u8]) -> u64 {
    let mut hash = (text.len() as u64).wrapping_mul(B) ^ A;
    let mut chunks = text.chunks_exact(8);
    for chunk in &mut chunks {
        let word = u64::from_le_bytes(chunk.try_into().expect("chunks of 8"));
        hash = fold(hash ^ word, A);
    }
    let rest = chunks.remainder();
    if !rest.is_empty() {
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        hash = fold(hash ^ u64::from_le_bytes(last), A);
    }
    mix(hash)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn short_texts_and_small_numbers_do_not_collide() {
        let texts: HashSet<u64> =
            (0..100_000_u32).map(|n| bytes(n.to_string().as_bytes())).collect();
        assert_eq!(texts.len(), 100_000);
        let numbers: HashSet<u64> = (0..100_000).map(mix).collect();
        assert_eq!(numbers.len(), 100_000);
        let pairs: HashSet<u64> =
            (0..300).flat_map(|a| (0..300).map(move |b| then(mix(a), b))).collect();
        assert_eq!(pairs.len(), 90_000);
    }
}
