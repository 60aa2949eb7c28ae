//! A small generator of random numbers, the same on every machine.

/// `SplitMix64` (Steele, Lea and Flood 2014).
#[derive(Debug, Clone)]
pub(super) struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 up to, but not, 1.
    pub fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.next()) * end as u128) >> 64) as usize
    }

    pub fn between(&mut self, from: u32, to: u32) -> u32 {
        from + u32::try_from(self.below((to - from + 1) as usize)).expect("small")
    }

    pub fn chance(&mut self, share: f64) -> bool {
        self.share() < share
    }

    /// A rank below `count` whose frequency falls about as 1 / (rank + shift)^power.
    pub fn zipf(&mut self, count: usize, shift: f64, power: f64) -> usize {
        // The inverse of the integral of the density.
        let (low, high) = (shift.powf(1.0 - power), (shift + count as f64).powf(1.0 - power));
        let value = (low + self.share() * (high - low)).powf(1.0 / (1.0 - power)) - shift;
        (value.max(0.0) as usize).min(count - 1)
    }

    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    pub fn shuffle<T>(&mut self, all: &mut [T]) {
        for at in (1..all.len()).rev() {
            let other = self.below(at + 1);
            all.swap(at, other);
        }
    }
}
