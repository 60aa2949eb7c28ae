//! The records of both files as rows of codes, and what the codes mean.

use crate::dict::Dict;
use crate::normalise::name::{Given, Surname};
use crate::normalise::place::{Place, Street};
use crate::normalise::token::Tokens;

/// Codes of one record: one line of the processor's cache, so that a pair costs two.
pub const SLOTS: usize = 16;

/// Family names: birth and usage, an index of [`Values::families`].
pub const FAMILY: usize = 0;
/// Given names: an index of [`Values::givens`].
pub const GIVEN: usize = 1;
/// 1 male, 2 female.
pub const SEX: usize = 2;
/// Date of birth in digits.
pub const BIRTH: usize = 3;
/// Place of birth: an index of [`Values::places`].
pub const PLACE: usize = 4;
/// Postcode: an index of [`Values::postcodes`].
pub const POSTCODE: usize = 5;
/// Town: an index of [`Values::cities`].
pub const CITY: usize = 6;
/// Street: an index of [`Values::streets`].
pub const STREET: usize = 7;
/// National number.
pub const NIR: usize = 8;
/// E-mail address.
pub const EMAIL: usize = 9;
/// Telephone number.
pub const PHONE: usize = 10;
/// Number of a firm: an index of [`Values::numbers`].
pub const SIREN: usize = 11;
/// Name of a firm, as a text.
pub const FIRM: usize = 12;
/// The first of the columns without a known role.
pub const OTHER: usize = 13;
/// How many of them there is room for.
pub const OTHERS: usize = SLOTS - OTHER;

/// A family name at birth and by usage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Family {
    /// At birth, or the only one.
    pub birth: u32,
    /// By usage, where it is another; 0 otherwise.
    pub usage: u32,
    /// Parts of both, each once.
    pub parts: [u32; 4],
    /// How rare the birth name is: 0 the rarest, 3 the commonest.
    pub bin: u8,
}

/// A given name and how rare the first is.
#[derive(Debug, Clone, Copy, Default)]
pub struct GivenEntry {
    /// The names.
    pub names: Given,
    /// 0 the rarest, 3 the commonest.
    pub bin: u8,
}

/// A firm's number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Number {
    /// The SIREN as a text, or what stands in its place; 0 is none.
    pub siren: u32,
    /// The establishment; 0 where none is known.
    pub nic: u32,
    /// Whether the check digits are right.
    pub is_valid: bool,
}

/// What codes mean; one for both files, so that equal codes are equal values.
#[derive(Debug, Clone, Default)]
pub struct Values {
    /// Words of names.
    pub tokens: Tokens,
    /// By code of slot [`FAMILY`].
    pub families: Vec<Family>,
    /// By code of slot [`GIVEN`].
    pub givens: Vec<GivenEntry>,
    /// By code of slot [`PLACE`].
    pub places: Vec<Place>,
    /// How rare each place is.
    pub place_bins: Vec<u8>,
    /// By code of slot [`POSTCODE`].
    pub postcodes: Vec<Place>,
    /// By code of slot [`CITY`].
    pub cities: Vec<Place>,
    /// By code of slot [`STREET`].
    pub streets: Vec<Street>,
    /// Texts of places, postcodes, towns, streets, numbers and others.
    pub texts: Dict,
    /// By code of slot [`SIREN`].
    pub numbers: Vec<Number>,
    /// Whether each text is a common name of firms.
    pub common_firms: Vec<bool>,
    /// How rare each text of an other column is.
    pub text_bins: Vec<u8>,
    /// Dates of birth that stand for "unknown": much commoner than a date can be.
    pub default_dates: Vec<u32>,
}

/// One file.
#[derive(Debug, Clone, Default)]
pub struct Side {
    /// `SLOTS` codes a record.
    cells: Vec<u32>,
}

impl Side {
    /// A file of `count` records without values.
    pub fn new(count: usize) -> Self {
        Self { cells: vec![0; count * SLOTS] }
    }

    /// Records.
    pub fn len(&self) -> usize {
        self.cells.len() / SLOTS
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The codes of a record.
    #[inline]
    pub fn row(&self, row: usize) -> &[u32; SLOTS] {
        let start = row * SLOTS;
        self.cells[start..start + SLOTS].try_into().expect("SLOTS codes")
    }

    /// Sets one code.
    #[inline]
    pub fn set(&mut self, row: usize, slot: usize, code: u32) {
        self.cells[row * SLOTS + slot] = code;
    }

    /// One slot of all records.
    pub fn column(&self, slot: usize) -> impl Iterator<Item = u32> + '_ {
        self.cells.iter().skip(slot).step_by(SLOTS).copied()
    }
}

/// Both files, ready to be compared.
#[derive(Debug, Clone, Default)]
pub struct Records {
    /// The left file, or the only one.
    pub left: Side,
    /// The right file; none where one file is linked with itself.
    pub right: Option<Side>,
    /// What the codes mean.
    pub values: Values,
    /// By slot, whether both files have values.
    pub filled: [bool; SLOTS],
    /// Names of the columns in the slots from [`OTHER`] on.
    pub other_names: Vec<String>,
    /// In one file, the first record that is new: two records before it are not compared. 0 where
    /// there are two files.
    pub first_new: usize,
    /// What a person should know of the values, in sentences.
    pub notes: Vec<String>,
}

impl Records {
    /// The file on the right: the same as on the left where one file is linked with itself.
    pub fn right(&self) -> &Side {
        self.right.as_ref().unwrap_or(&self.left)
    }

    /// Both files as one, in which the right one's records are new.
    #[must_use]
    pub fn stacked(mut self) -> Self {
        if let Some(right) = self.right.take() {
            self.first_new = self.left.len();
            self.left.cells.extend_from_slice(&right.cells);
        }
        self
    }

    /// The place of a column of other meaning, by its name.
    pub fn other(&self, name: &str) -> Option<u8> {
        let name = crate::read::column::squashed(name);
        let at = self.other_names.iter().position(|other| *other == name)?;
        Some(u8::try_from(at).expect("few"))
    }

    /// Whether one file is linked with itself.
    pub fn is_dedupe(&self) -> bool {
        self.right.is_none()
    }
}

/// From a share of all records how rare a value is; four steps whose bounds are given.
pub fn bin(count: u32, total: usize, bounds: [f64; 3]) -> u8 {
    let share = f64::from(count) / total.max(1) as f64;
    u8::try_from(bounds.iter().filter(|bound| share > **bound).count()).expect("at most 3")
}

impl From<Surname> for Family {
    fn from(name: Surname) -> Self {
        let [a, b, c] = name.parts;
        let mut family = Self { birth: name.whole, usage: name.usage, parts: [a, b, c, 0], bin: 0 };
        family.add_part(name.usage);
        family
    }
}

impl Family {
    /// Adds a part unless it is known or there is no room.
    pub fn add_part(&mut self, part: u32) {
        if part != 0
            && !self.parts.contains(&part)
            && let Some(free) = self.parts.iter_mut().find(|known| **known == 0)
        {
            *free = part;
        }
    }
}
