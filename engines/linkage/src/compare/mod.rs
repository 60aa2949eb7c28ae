//! Pairs as patterns: one level for each comparison, four bits each.

pub mod distance;
mod fields;
mod firm;
pub mod jaro;

use crate::records::{
    BIRTH, CITY, EMAIL, FAMILY, FIRM, GIVEN, NIR, OTHER, PHONE, PLACE, POSTCODE, Records, SEX,
    SIREN, SLOTS, STREET,
};
use fields::Memo;

/// What one comparison looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Family names.
    Family,
    /// First given names.
    Given,
    /// Further given names.
    More,
    /// Names by usage, where both have one.
    Usage,
    /// Sex.
    Sex,
    /// Date of birth.
    Birth,
    /// Place of birth.
    Place,
    /// Postcode, town and street.
    Address,
    /// National number.
    Nir,
    /// E-mail address.
    Email,
    /// Telephone number.
    Phone,
    /// SIREN.
    Siren,
    /// Name of a firm.
    Firm,
    /// A column of any other meaning, by its place after [`OTHER`].
    Other(u8),
}

/// How much two values agree: what a level says, whatever the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grade {
    /// The values are the same thing.
    Agree,
    /// They may be the same with an error or a change.
    Near,
    /// They are not the same.
    Differ,
}

use Grade::{Agree, Differ, Near};

/// A level of a comparison: its name in reports and what it says.
pub type Level = (&'static str, Grade);

impl Kind {
    /// The levels from 1 on; level 0 is a value that is missing on either side.
    pub fn levels(self) -> &'static [Level] {
        match self {
            Self::Family => &[
                ("same, very rare", Agree),
                ("same, rare", Agree),
                ("same, common", Agree),
                ("same, very common", Agree),
                ("birth name is the other's usage name", Agree),
                ("family and given names swapped", Near),
                ("one error, rare", Near),
                ("one error, common", Near),
                ("one part of a compound", Near),
                ("sounds alike", Near),
                ("differ", Differ),
            ],
            Self::Given => &[
                ("same, very rare", Agree),
                ("same, rare", Agree),
                ("same, common", Agree),
                ("same, very common", Agree),
                ("one is among the others", Near),
                ("pet form", Near),
                ("swapped with the family name", Near),
                ("one error", Near),
                ("initial", Near),
                ("alike", Near),
                ("differ", Differ),
            ],
            Self::More => &[("same", Agree), ("some", Near), ("differ", Differ)],
            Self::Usage => &[("same", Agree), ("alike", Near), ("differ", Differ)],
            Self::Sex => &[("same", Agree), ("differ", Differ)],
            Self::Birth => &[
                ("same", Agree),
                ("same, a usual default", Agree),
                ("swap or one digit", Near),
                ("one part differs", Near),
                ("same known parts", Near),
                ("same year", Differ),
                ("differ by less than 15 years", Differ),
                ("differ", Differ),
            ],
            Self::Place => &[
                ("same, rare", Agree),
                ("same, common", Agree),
                ("same, very common", Agree),
                ("alike", Near),
                ("same department", Near),
                ("differ", Differ),
            ],
            Self::Address => &[
                ("same house", Agree),
                ("same street", Agree),
                ("same street, another town", Near),
                ("same town", Near),
                ("same area", Differ),
                ("differ", Differ),
            ],
            Self::Nir | Self::Email | Self::Phone => {
                &[("same", Agree), ("one or two errors", Near), ("differ", Differ)]
            }
            Self::Siren => &[
                ("same establishment", Agree),
                ("same firm", Agree),
                ("same firm, another establishment", Agree),
                ("same, with a wrong check digit", Agree),
                ("one or two errors, with a wrong check digit", Near),
                ("differ, both right", Differ),
                ("differ", Differ),
            ],
            Self::Firm => &[
                ("same, rare", Agree),
                ("same, common", Agree),
                ("same words in another order", Near),
                ("alike", Near),
                ("words of one in the other", Near),
                ("some words", Near),
                ("differ", Differ),
            ],
            Self::Other(_) => &[
                ("same, rare", Agree),
                ("same, common", Agree),
                ("same, very common", Agree),
                ("alike", Near),
                ("differ", Differ),
            ],
        }
    }

    /// The comparisons that do not depend on the files' columns of other meaning.
    pub const FIXED: [Self; 13] = [
        Self::Family,
        Self::Given,
        Self::Birth,
        Self::Sex,
        Self::Place,
        Self::Address,
        Self::More,
        Self::Usage,
        Self::Nir,
        Self::Email,
        Self::Phone,
        Self::Siren,
        Self::Firm,
    ];

    /// Whether a spec means this comparison by a name.
    pub fn is(self, name: &str) -> bool {
        self.name().replace(['-', ' '], "_") == name.replace(['-', ' '], "_")
    }

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Family => "family name",
            Self::Given => "given name",
            Self::More => "further given names",
            Self::Usage => "usage name",
            Self::Sex => "sex",
            Self::Birth => "date of birth",
            Self::Place => "place of birth",
            Self::Address => "address",
            Self::Nir => "national number",
            Self::Email => "e-mail",
            Self::Phone => "telephone",
            Self::Siren => "SIREN",
            Self::Firm => "firm",
            Self::Other(_) => "other",
        }
    }
}

/// The comparisons of a linkage, in the order of their places in a pattern.
pub fn comparisons(records: &Records) -> Vec<Kind> {
    let filled = |slot: usize| records.filled[slot];
    let address = filled(POSTCODE) || filled(CITY) || filled(STREET);
    let has_usage = records.values.families.iter().any(|family| family.usage != 0);
    let has_more = records.values.givens.iter().any(|given| given.names.more[0] != 0);
    let fixed = [
        (Kind::Family, filled(FAMILY)),
        (Kind::Given, filled(GIVEN)),
        (Kind::Birth, filled(BIRTH)),
        (Kind::Sex, filled(SEX)),
        (Kind::Place, filled(PLACE)),
        (Kind::Address, address),
        (Kind::More, filled(GIVEN) && has_more),
        (Kind::Usage, filled(FAMILY) && has_usage),
        (Kind::Nir, filled(NIR)),
        (Kind::Email, filled(EMAIL)),
        (Kind::Phone, filled(PHONE)),
        (Kind::Siren, filled(SIREN)),
        (Kind::Firm, filled(FIRM)),
    ];
    let others = (OTHER..SLOTS).map(|slot| {
        let place = u8::try_from(slot - OTHER).expect("few slots");
        (Kind::Other(place), filled(slot))
    });
    fixed.into_iter().chain(others).filter(|(_, here)| *here).map(|(kind, _)| kind).collect()
}

/// Compares pairs; remembers what it found for pairs of values.
pub struct Comparer<'a> {
    records: &'a Records,
    kinds: &'a [Kind],
    memo: Memo,
}

impl<'a> Comparer<'a> {
    /// A comparer for one thread.
    pub fn new(records: &'a Records, kinds: &'a [Kind]) -> Self {
        Self { records, kinds, memo: Memo::default() }
    }

    /// The pattern of a pair: the level of comparison `i` in the bits from `4 i` on.
    #[inline]
    pub fn pattern(&mut self, left: usize, right: usize) -> u64 {
        let (a, b) = (self.records.left.row(left), self.records.right().row(right));
        let mut pattern = 0;
        for (kind, shift) in self.kinds.iter().zip((0..64).step_by(4)) {
            pattern |= u64::from(self.memo.level(&self.records.values, *kind, a, b)) << shift;
        }
        pattern
    }
}

/// The level of comparison `at` in a pattern.
#[inline]
pub fn level_of(pattern: u64, at: usize) -> usize {
    (pattern >> (4 * at) & 15) as usize
}

/// A pattern as it is written to files: one hexadecimal digit for each comparison.
pub fn text_of(pattern: u64, comparisons: usize) -> String {
    (0..comparisons).map(|at| format!("{:x}", level_of(pattern, at))).collect()
}
