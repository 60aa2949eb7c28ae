//! The level of each comparison for one pair.

#![expect(
    clippy::many_single_char_names,
    reason = "codes a and b, what they mean x and y, and texts s and t, in each comparison alike"
)]

use super::Kind;
use super::distance::{osa, within_one};
use super::firm;
use super::jaro::{bound, jaro_winkler};
use crate::hash;
use crate::normalise::date;
use crate::normalise::place::Place;
use crate::normalise::token::Tokens;
use crate::records::{
    BIRTH, CITY, EMAIL, FAMILY, FIRM, Family, GIVEN, GivenEntry, NIR, OTHER, PHONE, PLACE,
    POSTCODE, SEX, SIREN, SLOTS, STREET, Values,
};

/// Pairs of values that were compared, and what was found: a table that forgets. It stays in the
/// second cache, where a lookup costs less than a comparison of texts.
pub(super) struct Memo {
    names: Vec<(u64, u8)>,
    givens: Vec<(u64, u8)>,
    texts: Vec<(u64, u8)>,
}

const MEMO: usize = 1 << 14;

impl Default for Memo {
    fn default() -> Self {
        let empty = || vec![(u64::MAX, 0); MEMO];
        Self { names: empty(), givens: empty(), texts: empty() }
    }
}

/// `what` tells comparisons apart that ask of the same texts (less than 16).
#[inline]
fn remembered(table: &mut [(u64, u8)], what: u64, a: u32, b: u32, find: impl FnOnce() -> u8) -> u8 {
    let key = u64::from(a) << 34 | u64::from(b) << 4 | what;
    let slot = &mut table[(hash::mix(key) >> 50) as usize];
    if slot.0 != key {
        *slot = (key, find());
    }
    slot.1
}

impl Memo {
    #[inline]
    pub(super) fn level(
        &mut self,
        values: &Values,
        kind: Kind,
        a: &[u32; SLOTS],
        b: &[u32; SLOTS],
    ) -> u8 {
        match kind {
            Kind::Family => self.family(values, a, b),
            Kind::Given => self.given(values, a, b),
            Kind::More => more(values, a[GIVEN], b[GIVEN]),
            Kind::Usage => self.usage(values, a[FAMILY], b[FAMILY]),
            Kind::Sex => either(a[SEX], b[SEX], |a, b| if a == b { 1 } else { 2 }),
            Kind::Birth => either(a[BIRTH], b[BIRTH], |a, b| birth(values, a, b)),
            Kind::Place => either(a[PLACE], b[PLACE], |a, b| self.place(values, a, b)),
            Kind::Address => self.address(values, a, b),
            Kind::Nir => self.number(values, a[NIR], b[NIR], 2),
            Kind::Email => self.number(values, a[EMAIL], b[EMAIL], 2),
            Kind::Phone => self.number(values, a[PHONE], b[PHONE], 1),
            Kind::Siren => either(a[SIREN], b[SIREN], |a, b| self.siren(values, a, b)),
            Kind::Firm => either(a[FIRM], b[FIRM], |a, b| self.firm(values, a, b)),
            Kind::Other(at) => {
                let slot = OTHER + usize::from(at);
                either(a[slot], b[slot], |a, b| self.other(values, a, b))
            }
        }
    }

    #[inline]
    fn family(&mut self, values: &Values, a: &[u32; SLOTS], b: &[u32; SLOTS]) -> u8 {
        if a[FAMILY] == 0 || b[FAMILY] == 0 {
            return 0;
        }
        let x = &values.families[a[FAMILY] as usize];
        let y = &values.families[b[FAMILY] as usize];
        if x.birth == y.birth {
            return 1 + x.bin;
        }
        let found =
            remembered(&mut self.names, 0, a[FAMILY], b[FAMILY], || names(&values.tokens, x, y));
        if found != 5 && found != 7 && swapped(values, a, b) { 6 } else { found }
    }

    #[inline]
    fn given(&mut self, values: &Values, a: &[u32; SLOTS], b: &[u32; SLOTS]) -> u8 {
        if a[GIVEN] == 0 || b[GIVEN] == 0 {
            return 0;
        }
        let x = &values.givens[a[GIVEN] as usize];
        let y = &values.givens[b[GIVEN] as usize];
        if x.names.first == y.names.first {
            return 1 + x.bin;
        }
        let found =
            remembered(&mut self.givens, 0, a[GIVEN], b[GIVEN], || givens(&values.tokens, x, y));
        if found > 5 && found != 8 && swapped(values, a, b) { 7 } else { found }
    }

    fn usage(&mut self, values: &Values, a: u32, b: u32) -> u8 {
        let (x, y) = (values.families[a as usize].usage, values.families[b as usize].usage);
        if x == 0 || y == 0 {
            return 0;
        }
        if x == y {
            return 1;
        }
        remembered(&mut self.texts, 1, x, y, || {
            if similar(&values.tokens, x, y, 0.88) { 2 } else { 3 }
        })
    }

    fn place(&mut self, values: &Values, a: u32, b: u32) -> u8 {
        let (x, y) = (values.places[a as usize], values.places[b as usize]);
        if a == b && x.place != 0 {
            return 1 + values.place_bins[a as usize].saturating_sub(1);
        }
        if x.place == 0 || y.place == 0 {
            return match (x.area, y.area) {
                (0, _) | (_, 0) => 0,
                (area, other) => {
                    if area == other {
                        5
                    } else {
                        6
                    }
                }
            };
        }
        let (s, t) = (values.texts.get(x.place), values.texts.get(y.place));
        if x.area != 0 && y.area != 0 {
            let near = x.area != y.area && within_one(s, t);
            return if x.area == y.area {
                5
            } else if near {
                4
            } else {
                6
            };
        }
        if (x.area == 0) != (y.area == 0) {
            return 0; // a code and a name cannot be compared
        }
        remembered(&mut self.texts, 2, x.place, y.place, || {
            if jaro_winkler(s, t) >= 0.9 { 4 } else { 6 }
        })
    }

    fn address(&mut self, values: &Values, a: &[u32; SLOTS], b: &[u32; SLOTS]) -> u8 {
        let street = either(a[STREET], b[STREET], |a, b| {
            let (x, y) = (values.streets[a as usize], values.streets[b as usize]);
            let same = x.name == y.name || {
                remembered(&mut self.texts, 3, x.name, y.name, || {
                    let (s, t) = (values.texts.get(x.name), values.texts.get(y.name));
                    u8::from(jaro_winkler(s, t) >= 0.9)
                }) == 1
            };
            match (same, x.number == y.number) {
                (true, true) => 1,
                (true, false) => 2,
                (false, _) => 3,
            }
        });
        let town = town(values, a, b);
        match (street, town) {
            (0, 0) => 0,
            (1, 0..=2) => 1,
            (2, 0..=2) => 2,
            (1 | 2, _) => 3,
            (_, 1) => 4,
            (_, 2) => 5,
            _ => 6,
        }
    }

    fn number(&mut self, values: &Values, a: u32, b: u32, most: u32) -> u8 {
        either(a, b, |a, b| {
            if a == b {
                return 1;
            }
            remembered(&mut self.texts, 3 + u64::from(most), a, b, || {
                let (s, t) = (values.texts.get(a), values.texts.get(b));
                if osa(s, t) <= most { 2 } else { 3 }
            })
        })
    }

    fn siren(&mut self, values: &Values, a: u32, b: u32) -> u8 {
        let (x, y) = (values.numbers[a as usize], values.numbers[b as usize]);
        if x.siren == y.siren {
            return firm::same_number(x, y);
        }
        // Luhn's formula sees each wrong digit: two right numbers that differ are two firms.
        if x.is_valid && y.is_valid {
            return 6;
        }
        remembered(&mut self.texts, 8, x.siren, y.siren, || {
            let (s, t) = (values.texts.get(x.siren), values.texts.get(y.siren));
            if osa(s, t) <= 2 { 5 } else { 7 }
        })
    }

    fn firm(&mut self, values: &Values, a: u32, b: u32) -> u8 {
        if a == b {
            return 1 + u8::from(values.common_firms[a as usize]);
        }
        remembered(&mut self.texts, 6, a, b, || {
            firm::names(values.texts.get(a), values.texts.get(b))
        })
    }

    fn other(&mut self, values: &Values, a: u32, b: u32) -> u8 {
        if a == b {
            return 1 + values.text_bins[a as usize].saturating_sub(1);
        }
        remembered(&mut self.texts, 7, a, b, || {
            let (s, t) = (values.texts.get(a), values.texts.get(b));
            if s.len() > 3 && jaro_winkler(s, t) >= 0.9 { 4 } else { 5 }
        })
    }
}

#[inline]
fn either(a: u32, b: u32, found: impl FnOnce(u32, u32) -> u8) -> u8 {
    if a == 0 || b == 0 { 0 } else { found(a, b) }
}

/// Whether each has as family name what the other has as given name.
#[inline]
fn swapped(values: &Values, a: &[u32; SLOTS], b: &[u32; SLOTS]) -> bool {
    let (x, y) = (&values.families[a[FAMILY] as usize], &values.families[b[FAMILY] as usize]);
    let (g, h) = (&values.givens[a[GIVEN] as usize].names, &values.givens[b[GIVEN] as usize].names);
    let is =
        |family: u32, first: u32, glued: u32| family != 0 && (family == first || family == glued);
    is(x.birth, h.first, h.glued) && is(y.birth, g.first, g.glued)
}

/// 5 crossed, 7 and 8 one error, 9 a part, 10 sounds alike, 11 differ.
fn names(tokens: &Tokens, x: &Family, y: &Family) -> u8 {
    let is = |a: u32, b: u32| a != 0 && a == b;
    if is(x.birth, y.usage) || is(x.usage, y.birth) || is(x.usage, y.usage) {
        return 5;
    }
    let wholes =
        |family: &Family| [family.birth, family.usage].into_iter().filter(|word| *word != 0);
    let pairs = || wholes(x).flat_map(|a| wholes(y).map(move |b| (a, b)));
    if pairs().any(|(a, b)| similar(tokens, a, b, 0.92)) {
        return if x.bin.min(y.bin) == 0 { 7 } else { 8 };
    }
    let mut parts = x.parts.into_iter().filter(|part| *part != 0);
    if parts.any(|part| y.parts.contains(&part)) {
        return 9;
    }
    let words = |family: &Family| family.parts.into_iter().filter(|part| *part != 0);
    let mut close = words(x).flat_map(|a| words(y).map(move |b| (a, b)));
    if close.any(|(a, b)| tokens.sound(a) == tokens.sound(b) || similar(tokens, a, b, 0.86)) {
        return 10;
    }
    11
}

/// One edit in words of four letters and more, or Jaro-Winkler above a bound.
fn similar(tokens: &Tokens, a: u32, b: u32, least: f64) -> bool {
    let (s, t) = (tokens.get(a), tokens.get(b));
    if s.len().min(t.len()) >= 4 && within_one(s, t) {
        return true;
    }
    s.len().min(t.len()) >= 3
        && bound(s, t, tokens.letters(a), tokens.letters(b)) >= least
        && jaro_winkler(s, t) >= least
}

/// 1-4 the same after all, 5 among the others, 6 pet form, 8 one error, 9 initial, 10 alike,
/// 11 differ.
fn givens(tokens: &Tokens, x: &GivenEntry, y: &GivenEntry) -> u8 {
    let (g, h) = (&x.names, &y.names);
    let is = |a: u32, b: u32| a != 0 && a == b;
    if is(g.glued, h.first) || is(g.first, h.glued) {
        return 1 + x.bin.min(y.bin);
    }
    if h.words.contains(&g.first) || g.words.contains(&h.first) || h.words.contains(&g.words[0]) {
        return 5;
    }
    if tokens.same_group(g.first, h.first) {
        return 6;
    }
    if similar(tokens, g.first, h.first, 0.9) {
        return 8;
    }
    let (s, t) = (tokens.get(g.first), tokens.get(h.first));
    if (s.len() <= 2 || t.len() <= 2) && s[0] == t[0] {
        return 9;
    }
    let short = s.len().min(t.len());
    if short >= 3 && (s.starts_with(&t[..short.min(t.len())]) || t.starts_with(&s[..short])) {
        return 10;
    }
    let mut words = g.words.into_iter().filter(|word| *word != 0);
    if words.any(|a| h.words.into_iter().any(|b| b != 0 && (a == b || similar(tokens, a, b, 0.92))))
    {
        return 5;
    }
    if similar(tokens, g.first, h.first, 0.82) { 10 } else { 11 }
}

fn more(values: &Values, a: u32, b: u32) -> u8 {
    let (g, h) = (&values.givens[a as usize].names, &values.givens[b as usize].names);
    if g.more[0] == 0 || h.more[0] == 0 {
        return 0;
    }
    if g.more == h.more {
        return 1;
    }
    let mut words = g.more.into_iter().filter(|word| *word != 0);
    if words.any(|word| h.more.contains(&word)) {
        return 2;
    }
    if similar(&values.tokens, g.more[0], h.more[0], 0.9) { 2 } else { 3 }
}

fn birth(values: &Values, a: u32, b: u32) -> u8 {
    let (x, y) = (date::parts(a), date::parts(b));
    let is_default = |date: u32| values.default_dates.contains(&date);
    if a == b {
        if x.1 == 0 || x.2 == 0 {
            return 5;
        }
        return if (x.1, x.2) == (1, 1) || is_default(a) { 2 } else { 1 };
    }
    if is_default(a) || is_default(b) {
        return 0;
    }
    let unknown = [x.0, x.1, x.2, y.0, y.1, y.2].contains(&0);
    if unknown {
        let fits = |p: u32, q: u32| p == 0 || q == 0 || p == q;
        if fits(x.0, y.0) && fits(x.1, y.1) && fits(x.2, y.2) {
            return 5;
        }
        return if x.0 == y.0 { 6 } else { 8 };
    }
    if x.0 == y.0 && x.1 == y.2 && x.2 == y.1 {
        return 3;
    }
    let same = usize::from(x.0 == y.0) + usize::from(x.1 == y.1) + usize::from(x.2 == y.2);
    if same == 2 {
        let one = digits_apart(a, b);
        return if one { 3 } else { 4 };
    }
    let default_day = (x.1, x.2) == (1, 1) || (y.1, y.2) == (1, 1);
    match (x.0 == y.0, x.0.abs_diff(y.0) < 15) {
        (true, _) if default_day => 5,
        (true, _) => 6,
        (false, true) => 7,
        (false, false) => 8,
    }
}

/// Whether two dates of eight digits differ by one digit, or by two neighbours swapped.
fn digits_apart(a: u32, b: u32) -> bool {
    let digits = |mut n: u32| {
        let mut all = [0; 8];
        for digit in all.iter_mut().rev() {
            *digit = u8::try_from(n % 10).expect("a digit");
            n /= 10;
        }
        all
    };
    within_one(&digits(a), &digits(b))
}

/// 0 unknown, 1 the same town, 2 the same area, 3 neither.
fn town(values: &Values, a: &[u32; SLOTS], b: &[u32; SLOTS]) -> u8 {
    let near = |x: Place, y: Place| {
        let (s, t) = (values.texts.get(x.place), values.texts.get(y.place));
        if s.len() > 3 && within_one(s, t) {
            1
        } else if x.area != 0 && x.area == y.area {
            2
        } else {
            3
        }
    };
    let code = either(a[POSTCODE], b[POSTCODE], |p, q| {
        if p == q { 1 } else { near(values.postcodes[p as usize], values.postcodes[q as usize]) }
    });
    if code == 1 {
        return 1;
    }
    let city = either(a[CITY], b[CITY], |p, q| {
        if p == q { 1 } else { near(values.cities[p as usize], values.cities[q as usize]) }
    });
    match (code, city) {
        (0, found) | (found, 0) => found,
        (found, other) => found.min(other),
    }
}
