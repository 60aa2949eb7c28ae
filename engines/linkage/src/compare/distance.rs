//! Edit distances with transpositions of neighbours (optimal string alignment).

/// Whether one insertion, deletion, substitution or swap of neighbours, or none, makes `b` of `a`.
#[inline]
pub fn within_one(a: &[u8], b: &[u8]) -> bool {
    if a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[head..], &b[head..]);
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    match (&a[..a.len() - tail], &b[..b.len() - tail]) {
        ([] | [_], [] | [_]) => true,
        (two @ [_, _], [last, first]) => two == [*first, *last],
        _ => false,
    }
}

/// Edits that make `b` of `a`, where no stretch is edited twice (optimal string alignment), in
/// words of at most 64 bytes; longer ones are cut.
///
/// Hyyrö's bit-parallel algorithm (2003, with transpositions).
pub fn osa(a: &[u8], b: &[u8]) -> u32 {
    let (a, b) = (&a[..a.len().min(64)], &b[..b.len().min(64)]);
    if a.is_empty() {
        return u32::try_from(b.len()).expect("at most 64");
    }
    let mut places = [0_u64; 256];
    for (at, byte) in a.iter().enumerate() {
        places[usize::from(*byte)] |= 1 << at;
    }
    let last = 1_u64 << (a.len() - 1);
    let (mut up, mut down, mut diagonal, mut before) = (u64::MAX, 0_u64, 0_u64, 0_u64);
    let mut distance = u32::try_from(a.len()).expect("at most 64");
    for byte in b {
        let here = places[usize::from(*byte)];
        let swapped = ((!diagonal & here) << 1) & before;
        diagonal = (((here & up).wrapping_add(up)) ^ up) | here | down | swapped;
        let rises = down | !(diagonal | up);
        let falls = diagonal & up;
        distance += u32::from(rises & last != 0);
        distance -= u32::from(falls & last != 0);
        let shifted = (rises << 1) | 1;
        down = shifted & diagonal;
        up = (falls << 1) | !(diagonal | shifted);
        before = here;
    }
    distance
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The table of the definition.
    fn naive(a: &[u8], b: &[u8]) -> u32 {
        let mut table = vec![vec![0_u32; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                table[i][j] = match (i, j) {
                    (0, n) | (n, 0) => u32::try_from(n).unwrap(),
                    _ => {
                        let change = table[i - 1][j - 1] + u32::from(a[i - 1] != b[j - 1]);
                        let mut best = change.min(table[i - 1][j] + 1).min(table[i][j - 1] + 1);
                        if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                            best = best.min(table[i - 2][j - 2] + 1);
                        }
                        best
                    }
                };
            }
        }
        table[a.len()][b.len()]
    }

    proptest! {
        #[test]
        fn distances_agree_with_the_table(a in "[A-D]{0,10}", b in "[A-D]{0,10}") {
            let (a, b) = (a.as_bytes(), b.as_bytes());
            prop_assert_eq!(osa(a, b), naive(a, b));
            prop_assert_eq!(within_one(a, b), naive(a, b) <= 1);
        }

        #[test]
        fn long_words_agree_too(a in "[A-C]{50,64}", b in "[A-C]{50,64}") {
            prop_assert_eq!(osa(a.as_bytes(), b.as_bytes()), naive(a.as_bytes(), b.as_bytes()));
        }
    }
}
