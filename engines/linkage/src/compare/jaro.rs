//! Jaro-Winkler similarity of short upper-case words.

/// Words longer than this are compared by their first letters.
const LONGEST: usize = 64;

/// A class of each byte: 0-25 letters, 26-35 digits, 36 the rest.
#[inline]
fn class(byte: u8) -> usize {
    match byte {
        b'A'..=b'Z' => usize::from(byte - b'A'),
        b'0'..=b'9' => usize::from(byte - b'0') + 26,
        _ => 36,
    }
}

/// The most that [`jaro_winkler`] can reach, from lengths, common prefix and the letters that each
/// word has (one bit a letter): a letter that the other has not cannot match.
#[inline]
pub fn bound(a: &[u8], b: &[u8], letters_a: u32, letters_b: u32) -> f64 {
    let alone = |mine: u32, other: u32| (mine & !other).count_ones() as usize;
    let most = (a.len() - alone(letters_a, letters_b).min(a.len()))
        .min(b.len() - alone(letters_b, letters_a).min(b.len()));
    if most == 0 {
        return 0.0;
    }
    let (m, la, lb) = (most as f64, a.len() as f64, b.len() as f64);
    boosted((m / la + m / lb + 1.0) / 3.0, prefix(a, b))
}

#[inline]
fn prefix(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take(4).take_while(|(x, y)| x == y).count()
}

#[inline]
fn boosted(jaro: f64, prefix: usize) -> f64 {
    jaro + 0.1 * prefix as f64 * (1.0 - jaro)
}

/// Jaro-Winkler similarity (Winkler 1990): prefix of up to four letters, weight 0.1, at any
/// similarity. Bytes that are neither `A-Z` nor `0-9` count as one and the same sign.
pub fn jaro_winkler(a: &[u8], b: &[u8]) -> f64 {
    let (a, b) = (&a[..a.len().min(LONGEST)], &b[..b.len().min(LONGEST)]);
    if a.is_empty() || b.is_empty() {
        return f64::from(u8::from(a.len() == b.len()));
    }
    let window = (a.len().max(b.len()) / 2).saturating_sub(1);
    // Where each class of letters stands in `a`.
    let mut places = [0_u64; 37];
    for (at, byte) in a.iter().enumerate() {
        places[class(*byte)] |= 1 << at;
    }
    let (mut taken, mut matched) = (0_u64, 0_u64);
    for (at, byte) in b.iter().enumerate() {
        let from = at.saturating_sub(window);
        let to = (at + window + 1).min(64);
        let reach = if from >= 64 { 0 } else { (u64::MAX << from) & (u64::MAX >> (64 - to)) };
        let free = places[class(*byte)] & reach & !taken;
        taken |= free & free.wrapping_neg();
        matched |= u64::from(free != 0) << at;
    }
    if taken == 0 {
        return 0.0;
    }
    let mut moved = 0_u32;
    let mut left = taken;
    let mut right = matched;
    while right != 0 {
        let (i, j) = (left.trailing_zeros() as usize, right.trailing_zeros() as usize);
        moved += u32::from(class(a[i]) != class(b[j]));
        left &= left - 1;
        right &= right - 1;
    }
    let m = f64::from(taken.count_ones());
    let swaps = f64::from(moved) / 2.0;
    let jaro = (m / a.len() as f64 + m / b.len() as f64 + (m - swaps) / m) / 3.0;
    boosted(jaro, prefix(a, b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// By the definition, one letter at a time.
    fn naive(a: &[u8], b: &[u8]) -> f64 {
        if a.is_empty() || b.is_empty() {
            return f64::from(u8::from(a.len() == b.len()));
        }
        let window = (a.len().max(b.len()) / 2).saturating_sub(1);
        let (mut used, mut from_b) = (vec![false; a.len()], vec![]);
        for (j, letter) in b.iter().enumerate() {
            let near = |i: usize| i + window >= j && i <= j + window;
            if let Some(i) = (0..a.len()).find(|i| near(*i) && !used[*i] && a[*i] == *letter) {
                used[i] = true;
                from_b.push(*letter);
            }
        }
        let from_a = a.iter().zip(&used).filter(|(_, used)| **used).map(|(letter, _)| *letter);
        let moved = from_a.zip(&from_b).filter(|(x, y)| x != *y).count();
        let m = from_b.len() as f64;
        if m == 0.0 {
            return 0.0;
        }
        let jaro = (m / a.len() as f64 + m / b.len() as f64 + (m - moved as f64 / 2.0) / m) / 3.0;
        jaro + 0.1 * prefix(a, b) as f64 * (1.0 - jaro)
    }

    fn letters(word: &[u8]) -> u32 {
        word.iter().fold(0, |set, byte| set | 1 << (byte - b'A'))
    }

    #[test]
    fn published_values_are_met() {
        for (a, b, expected) in
            [("MARTHA", "MARHTA", 0.9611), ("DWAYNE", "DUANE", 0.84), ("DIXON", "DICKSONX", 0.8133)]
        {
            let found = jaro_winkler(a.as_bytes(), b.as_bytes());
            assert!((found - expected).abs() < 1e-4, "{a} {b} {found}");
        }
    }

    proptest! {
        #[test]
        fn it_agrees_with_the_definition_and_stays_below_its_bound(
            a in "[A-E]{0,12}", b in "[A-E]{0,12}",
        ) {
            let (a, b) = (a.as_bytes(), b.as_bytes());
            let found = jaro_winkler(a, b);
            prop_assert!((found - naive(a, b)).abs() < 1e-12);
            if !a.is_empty() && !b.is_empty() {
                prop_assert!(found <= bound(a, b, letters(a), letters(b)) + 1e-12);
            }
        }

        #[test]
        fn long_words_agree_too(a in "[A-C]{40,64}", b in "[A-C]{30,64}") {
            let (a, b) = (a.as_bytes(), b.as_bytes());
            prop_assert!((jaro_winkler(a, b) - naive(a, b)).abs() < 1e-12);
        }
    }
}
