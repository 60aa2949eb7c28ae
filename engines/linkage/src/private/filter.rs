//! Bloom filters and what is done to them so that they tell less.

use super::key::Key;

/// Bits of many records, as many a record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filters {
    /// Words of 64 bits a record.
    pub words: usize,
    bits: Vec<u64>,
}

impl Filters {
    /// `count` filters of no bit set.
    pub fn new(count: usize, words: usize) -> Self {
        Self { words, bits: vec![0; count * words] }
    }

    /// Filters.
    pub fn len(&self) -> usize {
        self.bits.len() / self.words.max(1)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.bits.is_empty()
    }

    /// The bits of a record.
    #[inline]
    pub fn get(&self, at: usize) -> &[u64] {
        &self.bits[at * self.words..(at + 1) * self.words]
    }

    /// The bits of a record, to be set.
    #[inline]
    pub fn get_mut(&mut self, at: usize) -> &mut [u64] {
        &mut self.bits[at * self.words..(at + 1) * self.words]
    }

    /// Takes the next record's bits.
    ///
    /// # Panics
    /// With another number of words.
    pub fn push(&mut self, bits: &[u64]) {
        assert_eq!(bits.len(), self.words, "as many bits for each record");
        self.bits.extend_from_slice(bits);
    }

    /// Bits set in each.
    pub fn counts(&self) -> Vec<u32> {
        (0..self.len()).map(|at| ones(self.get(at))).collect()
    }

    /// Each filter with other bits made of its own.
    pub(super) fn each(&self, words: usize, make: impl Fn(&[u64], &mut [u64])) -> Self {
        let mut made = Self::new(self.len(), words);
        for at in 0..self.len() {
            make(self.get(at), made.get_mut(at));
        }
        made
    }
}

/// Bits set.
#[inline]
pub fn ones(bits: &[u64]) -> u32 {
    bits.iter().map(|word| word.count_ones()).sum()
}

/// Bits set in both.
#[inline]
pub fn both(a: &[u64], b: &[u64]) -> u32 {
    a.iter().zip(b).map(|(a, b)| (a & b).count_ones()).sum()
}

/// The similarity of Dice (1945) and Sørensen: twice the bits set in both, by the sum of those set in
/// each; 0 where none is set.
#[inline]
pub fn dice(a: &[u64], b: &[u64]) -> f64 {
    let sum = ones(a) + ones(b);
    if sum == 0 { 0.0 } else { f64::from(2 * both(a, b)) / f64::from(sum) }
}

#[inline]
pub(super) fn bit(bits: &[u64], at: u32) -> u64 {
    bits[at as usize / 64] >> (at % 64) & 1
}

#[inline]
pub(super) fn set(bits: &mut [u64], at: u32) {
    bits[at as usize / 64] |= 1 << (at % 64);
}

/// Each filter with its complement, in an order that the key says: all have as many bits set, so that
/// how full one is tells nothing (Schnell and Borgs 2016).
pub fn balanced(filters: &Filters, key: &Key) -> Filters {
    let bits = u32::try_from(filters.words * 64).expect("few bits");
    let places = key.permutation("balance", 2 * bits as usize);
    filters.each(2 * filters.words, |from, to| {
        for (at, place) in (0..bits).flat_map(|at| [at, at + bits]).zip(&places) {
            let value = if at < bits { bit(from, at) } else { 1 - bit(from, at - bits) };
            if value == 1 {
                set(to, *place);
            }
        }
    })
}

/// Both halves of each filter, folded by XOR (Schnell and Borgs 2016).
pub fn folded(filters: &Filters) -> Filters {
    let half = filters.words / 2;
    filters.each(half, |from, to| {
        for (at, word) in to.iter_mut().enumerate() {
            *word = from[at] ^ from[at + half];
        }
    })
}

/// As many bits, each the XOR of `of` bits that the key says, no two of which are one (diffusion:
/// Armknecht, Heng and Schnell 2023): no bit stands for a part of a name any more.
pub fn diffused(filters: &Filters, of: usize, key: &Key) -> Filters {
    let bits = filters.words * 64;
    let mut draws = key.numbers("diffusion", u32::try_from(bits).expect("few bits"));
    let mut sources: Vec<Vec<u32>> = Vec::with_capacity(bits);
    for _ in 0..bits {
        let mut chosen: Vec<u32> = Vec::with_capacity(of);
        while chosen.len() < of.min(bits) {
            let draw = draws.next().expect("endless");
            if !chosen.contains(&draw) {
                chosen.push(draw);
            }
        }
        sources.push(chosen);
    }
    filters.each(filters.words, |from, to| {
        for (at, sources) in (0_u32..).zip(&sources) {
            if sources.iter().fold(0, |sum, source| sum ^ bit(from, *source)) == 1 {
                set(to, at);
            }
        }
    })
}

/// A filter as hexadecimal digits, the first bit in the first digit's highest place.
pub fn text(bits: &[u64]) -> String {
    bits.iter().map(|word| format!("{:016x}", word.reverse_bits())).collect()
}

/// A filter from its digits; `None` where they are none, or no whole words.
pub fn parsed(text: &str) -> Option<Vec<u64>> {
    let digits = text.trim().as_bytes();
    if digits.is_empty() || !digits.len().is_multiple_of(16) {
        return None;
    }
    let word = |chunk: &[u8]| {
        let is_hex = chunk.iter().all(u8::is_ascii_hexdigit);
        let text = std::str::from_utf8(chunk).ok().filter(|_| is_hex)?;
        u64::from_str_radix(text, 16).ok().map(u64::reverse_bits)
    };
    digits.chunks(16).map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn filters(rows: &[Vec<u64>]) -> Filters {
        let mut filters = Filters::new(0, rows[0].len());
        for row in rows {
            filters.push(row);
        }
        filters
    }

    fn naive_bits(bits: &[u64]) -> Vec<bool> {
        (0..bits.len() * 64).map(|at| bits[at / 64] & (1 << (at % 64)) != 0).collect()
    }

    proptest! {
        #[test]
        fn similarity_agrees_with_sets(a in prop::collection::vec(any::<u64>(), 3), b in prop::collection::vec(any::<u64>(), 3)) {
            let (x, y) = (naive_bits(&a), naive_bits(&b));
            let both = x.iter().zip(&y).filter(|(x, y)| **x && **y).count() as f64;
            let sum = x.iter().chain(&y).filter(|bit| **bit).count() as f64;
            prop_assert!((dice(&a, &b) - 2.0 * both / sum).abs() < 1e-12);
            prop_assert_eq!(parsed(&text(&a)), Some(a));
        }

        #[test]
        fn hardened_filters_agree_with_naive(rows in prop::collection::vec(prop::collection::vec(any::<u64>(), 4), 1..4)) {
            let (key, plain) = (Key::new(&[3; 32]), filters(&rows));
            let balanced = balanced(&plain, &key);
            prop_assert!(balanced.counts().iter().all(|count| *count == 256));
            let folded = folded(&plain);
            for (at, row) in rows.iter().enumerate() {
                let bits = naive_bits(row);
                let naive: Vec<bool> = (0..128).map(|at| bits[at] ^ bits[at + 128]).collect();
                prop_assert_eq!(naive_bits(folded.get(at)), naive);
            }
            // Diffusion is linear: the bits of a XOR are the XOR of the bits.
            let diffuse = |row: &[u64]| diffused(&filters(&[row.to_vec()]), 5, &key).get(0).to_vec();
            let first = diffuse(&rows[0]);
            for row in &rows {
                let sum: Vec<u64> = rows[0].iter().zip(row).map(|(a, b)| a ^ b).collect();
                let naive: Vec<u64> = first.iter().zip(diffuse(row)).map(|(a, b)| a ^ b).collect();
                prop_assert_eq!(diffuse(&sum), naive);
            }
        }
    }

    #[test]
    fn diffusion_takes_as_many_different_bits_as_asked() {
        let key = Key::new(&[3; 32]);
        // One bit set: it reaches as many outputs as sources drew it, five a bit in the mean.
        let mut single = Filters::new(64, 1);
        (0..64).for_each(|at| set(single.get_mut(at as usize), at));
        let reached: u32 = diffused(&single, 5, &key).counts().iter().sum();
        assert_eq!(reached, 5 * 64);
    }

    #[test]
    fn what_is_no_filter_is_refused() {
        for text in ["", "00", "+000000000000001", "000000000000000g"] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }
}
