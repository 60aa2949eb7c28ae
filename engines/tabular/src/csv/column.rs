//! What the type pass remembers of one column.

use super::report::Mark;
use super::shape::{SHAPES, Shape};

/// Texts that mean "no value" besides the empty one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Missing {
    marks: Vec<Vec<u8>>,
    /// Bit `n` is set if a mark has `n` bytes (or 63 and more).
    lengths: u64,
}

impl Missing {
    pub fn new(marks: &[String]) -> Self {
        let marks: Vec<Vec<u8>> = marks.iter().map(|mark| mark.clone().into_bytes()).collect();
        let lengths = marks.iter().fold(0, |bits, mark| bits | 1 << mark.len().min(63));
        Self { marks, lengths }
    }

    #[inline]
    pub fn has(&self, text: &[u8]) -> bool {
        self.lengths >> text.len().min(63) & 1 == 1 && self.marks.iter().any(|mark| mark == text)
    }
}

/// Counts different texts up to a cap, by their 64-bit hashes in an open table.
#[derive(Debug, Default)]
pub(crate) struct Distinct {
    table: Vec<u64>,
    count: u32,
    over: bool,
}

impl Distinct {
    #[inline]
    fn add(&mut self, text: &[u8], cap: u32) {
        if self.over {
            return;
        }
        if self.table.len() <= 2 * self.count as usize {
            self.grow();
        }
        if insert(&mut self.table, hash(text)) {
            self.count += 1;
            if self.count > cap {
                *self = Self { over: true, ..Self::default() };
            }
        }
    }

    fn grow(&mut self) {
        let mut table = vec![0; (self.table.len() * 4).max(16)];
        self.table.iter().filter(|hash| **hash != 0).for_each(|hash| {
            insert(&mut table, *hash);
        });
        self.table = table;
    }

    pub fn count(&self) -> Option<u32> {
        (!self.over).then_some(self.count)
    }
}

/// Puts `hash` into a table whose length is a power of two; false if it was there.
#[inline]
fn insert(table: &mut [u64], hash: u64) -> bool {
    let mask = table.len() - 1;
    let low = usize::try_from(hash & 0xFFFF_FFFF).expect("32 bits fit a usize");
    let mut slot = low & mask;
    loop {
        match table[slot] {
            0 => {
                table[slot] = hash;
                return true;
            }
            found if found == hash => return false,
            _ => slot = (slot + 1) & mask,
        }
    }
}

/// A hash by folded multiplications; never 0. Not against people who choose their texts: all
/// they could get is a wrong count in their own report.
#[inline]
fn hash(text: &[u8]) -> u64 {
    let fold = |a: u64, b: u64| {
        let wide = u128::from(a) * u128::from(b);
        #[expect(clippy::cast_possible_truncation, reason = "the two halves are wanted")]
        let (low, high) = (wide as u64, (wide >> 64) as u64);
        low ^ high
    };
    let mut state = 0x9E37_79B9_7F4A_7C15 ^ text.len() as u64;
    let mut chunks = text.chunks_exact(8);
    for eight in &mut chunks {
        let word = u64::from_le_bytes(eight.try_into().expect("chunks of 8"));
        state = fold(state ^ word, 0xD6E8_FEB8_6659_FD93);
    }
    let word = chunks.remainder().iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
    fold(state ^ word, 0xA076_1D64_78BD_642F) | 1
}

/// At most this many different texts are listed as marks; with more the column is plainly text.
const MARKS: usize = 8;

/// Everything that is counted of one column.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is one independent fact of the column")]
pub(crate) struct Column {
    /// Fields of each shape.
    pub counts: [u64; SHAPES],
    /// The first line of each shape.
    pub firsts: [u64; SHAPES],
    pub nulls: u64,
    pub missing_marks: u64,
    pub quoted_empty: u64,
    pub min_length: u32,
    pub max_length: u32,
    pub distinct: Distinct,
    /// Texts among numbers, as long as they are few.
    pub marks: Vec<(Vec<u8>, u64, u64)>,
    /// More texts than [`MARKS`]: shapes are no longer told apart, but for leading zeros.
    pub words: bool,
    pub negatives: u64,
    /// Digits of the shortest and the longest integer.
    pub digits: (u32, u32),
    /// Whether all integers so far pass the checks of Luhn, and of the NIR.
    pub luhn: bool,
    pub nir: bool,
    /// Decimals that could be thousands: `1,234`.
    pub like_thousands: u64,
    pub reformatted: u64,
    /// Fields that read as true or false; counted only where the caller declared a boolean.
    pub booleans: u64,
    pub wants_boolean: bool,
}

impl Column {
    pub fn new(wants_boolean: bool) -> Self {
        Self {
            counts: [0; SHAPES],
            firsts: [0; SHAPES],
            nulls: 0,
            missing_marks: 0,
            quoted_empty: 0,
            min_length: u32::MAX,
            max_length: 0,
            distinct: Distinct::default(),
            marks: Vec::new(),
            words: false,
            negatives: 0,
            digits: (u32::MAX, 0),
            luhn: true,
            nir: true,
            like_thousands: 0,
            reformatted: 0,
            booleans: 0,
            wants_boolean,
        }
    }

    /// Takes one field that has a value.
    #[inline]
    pub fn see(&mut self, text: &[u8], line: u64, cap: u32) {
        self.see_length(text);
        self.distinct.add(text, cap);
        if self.words {
            let zero = text[0] == b'0' && text.len() > 1 && text.iter().all(u8::is_ascii_digit);
            let shape = if zero { Shape::LeadingZero } else { Shape::Text };
            self.count(shape, line);
            return;
        }
        let shape = Shape::of(text);
        self.count(shape, line);
        match shape {
            Shape::Integer | Shape::LongInteger => self.see_integer(text),
            Shape::Point | Shape::Comma => self.see_decimal(text),
            Shape::Text => self.see_mark(text, line),
            _ => self.negatives += u64::from(text[0] == b'-'),
        }
        if self.wants_boolean {
            self.booleans += u64::from(boolean(text).is_some());
        }
    }

    #[inline]
    fn count(&mut self, shape: Shape, line: u64) {
        let count = &mut self.counts[shape as usize];
        if *count == 0 {
            self.firsts[shape as usize] = line;
        }
        *count += 1;
    }

    /// Lengths count characters; they are counted only where they can change the extremes.
    #[inline]
    fn see_length(&mut self, text: &[u8]) {
        let bytes = u32::try_from(text.len()).unwrap_or(u32::MAX);
        if bytes > self.max_length || bytes.div_ceil(4) < self.min_length {
            let chars = text.iter().filter(|byte| **byte & 0xC0 != 0x80).count();
            let chars = u32::try_from(chars).unwrap_or(u32::MAX);
            self.max_length = self.max_length.max(chars);
            self.min_length = self.min_length.min(chars);
        }
    }

    #[inline]
    fn see_integer(&mut self, text: &[u8]) {
        let minus = usize::from(text[0] == b'-');
        self.negatives += minus as u64;
        let length = u32::try_from(text.len() - minus).unwrap_or(u32::MAX);
        self.digits = (self.digits.0.min(length), self.digits.1.max(length));
        self.luhn = self.luhn && luhn(text);
        self.nir = self.nir && length == 15 && nir(text);
    }

    #[inline]
    fn see_decimal(&mut self, text: &[u8]) {
        let minus = usize::from(text[0] == b'-');
        self.negatives += minus as u64;
        let (first, last) = (text[minus], text[text.len() - 1]);
        let mark_at = (text.len() - minus).checked_sub(4).map(|at| text[at + minus]);
        let whole = text.len() - minus;
        let like =
            matches!(mark_at, Some(b'.' | b',')) && (5..=7).contains(&whole) && first != b'0';
        self.like_thousands += u64::from(like);
        let odd = matches!(last, b'0' | b'.' | b',') || matches!(first, b'.' | b',');
        self.reformatted += u64::from(odd);
    }

    fn see_mark(&mut self, text: &[u8], line: u64) {
        if let Some(mark) = self.marks.iter_mut().find(|(mark, ..)| mark == text) {
            mark.1 += 1;
        } else if self.marks.len() < MARKS {
            self.marks.push((text.to_vec(), 1, line));
        } else {
            self.words = true;
            self.marks = Vec::new();
        }
    }

    /// The listed texts, as the report shows them.
    pub fn marks(&self) -> Vec<Mark> {
        let short = |text: &[u8]| {
            let text = String::from_utf8_lossy(text).into_owned();
            (text.chars().count() <= 16).then_some(text)
        };
        let mark = |(text, count, line): &(Vec<u8>, u64, u64)| Mark {
            value: short(text),
            count: *count,
            first_line: *line,
        };
        self.marks.iter().map(mark).collect()
    }
}

/// True or false, as people write it.
pub(crate) fn boolean(text: &[u8]) -> Option<bool> {
    match text.to_ascii_lowercase().as_slice() {
        b"1" | b"true" | b"vrai" | b"oui" | b"yes" => Some(true),
        b"0" | b"false" | b"faux" | b"non" | b"no" => Some(false),
        _ => None,
    }
}

/// Whether the digits pass the check of Luhn, as all SIREN and SIRET do (ISO/IEC 7812-1 annex B).
/// La Poste's own establishments are the known exception, and are caught by name only.
fn luhn(text: &[u8]) -> bool {
    let sum = text.iter().rev().enumerate().try_fold(0_u32, |sum, (i, byte)| {
        let digit = u32::from(byte.checked_sub(b'0')?);
        Some(sum + if i % 2 == 0 { digit } else { digit * 2 - if digit > 4 { 9 } else { 0 } })
    });
    sum.is_some_and(|sum| sum % 10 == 0)
}

/// Whether 15 digits are a NIR: its last two are 97 less the rest of the first 13 divided by 97.
fn nir(text: &[u8]) -> bool {
    let number: Option<u64> = std::str::from_utf8(text).ok().and_then(|text| text.parse().ok());
    number.is_some_and(|n| {
        matches!(text[0], b'1'..=b'4' | b'7' | b'8') && 97 - n / 100 % 97 == n % 100
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn check_digits_are_checked() {
        assert!(luhn(b"732829320"), "INSEE's example of a SIREN");
        assert!(luhn(b"73282932000074"), "and of a SIRET");
        assert!(!luhn(b"73282932000075"));
        assert!(!luhn(b"-18"));
        assert!(nir(b"255081416802538"));
        assert!(!nir(b"255081416802539"));
    }

    proptest! {
        #[test]
        fn distinct_agrees_with_a_set(texts in prop::collection::vec("[ab]{1,10}", 0..300), cap in 1..200_u32) {
            let mut distinct = Distinct::default();
            for text in &texts {
                distinct.add(text.as_bytes(), cap);
            }
            let set = u32::try_from(texts.iter().collect::<std::collections::HashSet<_>>().len()).unwrap();
            prop_assert_eq!(distinct.count(), (set <= cap).then_some(set));
        }
    }
}
