//! How names and numbers of firms compare.

use super::jaro::jaro_winkler;
use crate::normalise::firm::sorted_words;
use crate::records::Number;

/// The level of two numbers of one SIREN: 1 the same establishment, 2 one of them unknown, 3 another,
/// 4 wrong check digits.
pub(super) fn same_number(x: Number, y: Number) -> u8 {
    match (x.is_valid && y.is_valid, x.nic, y.nic) {
        (false, ..) => 4,
        (_, 0, _) | (_, _, 0) => 2,
        (_, a, b) if a == b => 1,
        _ => 3,
    }
}

/// The level of two names that differ: 3 the same words in another order, 4 alike, 5 all words of one
/// in the other, 6 some long words, 7 none.
pub(super) fn names(s: &[u8], t: &[u8]) -> u8 {
    let (x, y) = (sorted_words(s), sorted_words(t));
    if x == y {
        return 3;
    }
    let glued = |words: &[&[u8]]| words.concat();
    if jaro_winkler(s, t) >= 0.92 || jaro_winkler(&glued(&x), &glued(&y)) >= 0.95 {
        return 4;
    }
    let (few, many) = if x.len() <= y.len() { (&x, &y) } else { (&y, &x) };
    let is_like = |word: &&&[u8]| {
        many.iter()
            .any(|other| other == *word || word.len() > 4 && jaro_winkler(other, word) >= 0.92)
    };
    let shared = few.iter().filter(is_like).count();
    let long = few.iter().filter(is_like).any(|word| word.len() > 2);
    match (long, shared == few.len(), 2 * shared >= few.len()) {
        (true, true, _) => 5,
        (true, _, true) => 6,
        _ => 7,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_agree_by_their_words() {
        for (a, b, level) in [
            ("DUPONT GARAGE", "GARAGE DUPONT", 3),
            ("BOULANGERIE DUPONT", "BOULANGERIE DUPOND", 4),
            ("GARAGE DUPOND FRERES", "DUPONT GARAGE FRERES", 4),
            ("DUPONT", "GARAGE DUPONT", 5),
            ("GARAGE DUPONT LYON", "DUPONT CARROSSERIE LYON SUD", 6),
            ("GARAGE DUPONT", "COIFFURE DURAND", 7),
            ("AB", "AB CD", 7),
        ] {
            assert_eq!(names(a.as_bytes(), b.as_bytes()), level, "{a} {b}");
        }
    }

    #[test]
    fn numbers_of_one_siren_are_told_apart_by_their_establishments() {
        let number = |nic: u32, is_valid: bool| Number { siren: 1, nic, is_valid };
        assert_eq!(same_number(number(5, true), number(5, true)), 1);
        assert_eq!(same_number(number(5, true), number(0, true)), 2);
        assert_eq!(same_number(number(5, true), number(6, true)), 3);
        assert_eq!(same_number(number(5, true), number(5, false)), 4);
    }
}
