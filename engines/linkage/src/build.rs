//! From the columns of the files to records: each distinct value is normalised once.

use crate::dict::Dict;
use crate::error::LinkError;
use crate::normalise::name::{self, Surname};
use crate::normalise::{date, place};
use crate::read::column::{Role, squashed};
use crate::read::{Column, Table};
use crate::records::{
    BIRTH, CITY, EMAIL, FAMILY, FIRM, Family, GIVEN, GivenEntry, NIR, OTHER, OTHERS, PHONE, PLACE,
    POSTCODE, Records, SEX, SIREN, SLOTS, STREET, Side, Values, bin,
};

/// Dictionaries that are needed only while records are built.
#[derive(Default)]
struct Building {
    values: Values,
    families: Dict,
    givens: Dict,
    places: Dict,
    postcodes: Dict,
    cities: Dict,
    streets: Dict,
}

/// The records of two files, or of one.
///
/// # Errors
/// [`LinkError::NothingInCommon`].
pub fn build(left: &Table, right: Option<&Table>) -> Result<Records, LinkError> {
    let others = others(left, right);
    let mut building = Building::default();
    building.values.families.push(Family::default());
    building.values.givens.push(GivenEntry::default());
    let first = building.side(left, &others);
    let second = right.map(|table| building.side(table, &others));
    let mut filled = [false; SLOTS];
    for (slot, filled) in filled.iter_mut().enumerate() {
        let has = |side: &Side| side.column(slot).any(|code| code != 0);
        *filled = has(&first) && second.as_ref().is_none_or(has);
    }
    let mut records = Records {
        left: first,
        right: second,
        values: building.values,
        filled,
        other_names: others,
    };
    records.count();
    let is_empty = records.left.is_empty() || records.right().is_empty();
    if !is_empty && !records.filled.iter().any(|filled| *filled) {
        return Err(LinkError::NothingInCommon(seen(left, right)));
    }
    Ok(records)
}

/// What the columns of the files were taken for.
fn seen(left: &Table, right: Option<&Table>) -> String {
    let of = |table: &Table| {
        let names =
            table.columns.iter().map(|(role, column)| format!("{} ({role:?})", column.name));
        format!("{} has {}", table.name, names.collect::<Vec<_>>().join(", "))
    };
    [Some(left), right].into_iter().flatten().map(of).collect::<Vec<_>>().join("; ")
}

/// Names of columns without a role that both files have and that can tell records apart.
fn others(left: &Table, right: Option<&Table>) -> Vec<String> {
    let useful = |table: &Table, wanted: &str| {
        table.columns.iter().any(|(role, column)| {
            *role == Role::Other && squashed(&column.name) == wanted && column.values.len() > 2
        })
    };
    let names = left.columns.iter().filter(|(role, _)| *role == Role::Other);
    let names = names.map(|(_, column)| squashed(&column.name));
    names
        .filter(|name| useful(left, name) && right.is_none_or(|table| useful(table, name)))
        .take(OTHERS)
        .collect()
}

impl Building {
    fn side(&mut self, table: &Table, others: &[String]) -> Side {
        let mut side = Side::new(table.len());
        self.names(table, &mut side);
        Self::births(table, &mut side);
        self.places(table, &mut side);
        self.numbers(table, &mut side);
        for (at, name) in others.iter().enumerate() {
            let column = table.columns.iter().find(|(_, column)| squashed(&column.name) == *name);
            if let Some((_, column)) = column {
                let texts = &mut self.values.texts;
                let codes = each(column, |raw| {
                    let mut folded = Vec::new();
                    crate::normalise::text::fold(raw, &mut folded);
                    texts.intern(&folded)
                });
                fill(&mut side, OTHER + at, column, &codes);
            }
        }
        side
    }

    fn names(&mut self, table: &Table, side: &mut Side) {
        let birth = of(table, Role::BirthName);
        let usage = of(table, Role::UsageName);
        let full = of(table, Role::FullName)
            .filter(|_| birth.is_none() || of(table, Role::Given).is_none());
        if let Some(full) = full {
            return self.full_names(full, side);
        }
        let tokens = &mut self.values.tokens;
        let mut surnames = |column: Option<&Column>| -> Vec<Surname> {
            column.map_or_else(Vec::new, |column| each(column, |raw| name::surname(raw, tokens)))
        };
        let (births, usages) = (surnames(birth), surnames(usage));
        let none = Surname::default();
        for row in 0..side.len() {
            let at = |column: Option<&Column>, names: &[Surname]| {
                column.map_or(none, |column| names[column.codes[row] as usize])
            };
            let code = self.family(at(birth, &births), at(usage, &usages));
            side.set(row, FAMILY, code);
        }
        let tokens = &mut self.values.tokens;
        let mut codes = |column: &Column| each(column, |raw| name::given(raw, tokens));
        let given = of(table, Role::Given).map(|column| (column, codes(column)));
        let more: Vec<_> = table
            .columns
            .iter()
            .filter(|(role, _)| *role == Role::MoreGiven)
            .map(|(_, column)| (column, codes(column)))
            .collect();
        let Some((column, names)) = given else { return };
        for row in 0..side.len() {
            let mut entry = names[column.codes[row] as usize];
            for (column, names) in &more {
                let further = names[column.codes[row] as usize];
                for word in further.words.into_iter().filter(|word| *word != 0) {
                    add(&mut entry.words, word);
                    add(&mut entry.more, word);
                }
            }
            let code = self.given(entry);
            side.set(row, GIVEN, code);
        }
    }

    fn full_names(&mut self, column: &Column, side: &mut Side) {
        let tokens = &mut self.values.tokens;
        let pairs = each(column, |raw| {
            let (family, given) = name::split_full(&String::from_utf8_lossy(raw));
            (name::surname(family.as_bytes(), tokens), name::given(given.as_bytes(), tokens))
        });
        for row in 0..side.len() {
            let (family, given) = pairs[column.codes[row] as usize];
            let (family, given) = (self.family(family, Surname::default()), self.given(given));
            side.set(row, FAMILY, family);
            side.set(row, GIVEN, given);
        }
    }

    fn family(&mut self, birth: Surname, usage: Surname) -> u32 {
        let mut family = Family::from(if birth.whole == 0 { usage } else { birth });
        if birth.whole != 0 && usage.whole != 0 && usage.whole != birth.whole {
            family.usage = usage.whole;
            usage.parts.into_iter().for_each(|part| family.add_part(part));
        }
        if family.birth == 0 {
            return 0;
        }
        let key = [family.birth, family.usage].map(u32::to_le_bytes).concat();
        let code = self.families.intern(&key);
        if code as usize == self.values.families.len() {
            self.values.families.push(family);
        }
        code
    }

    fn given(&mut self, names: name::Given) -> u32 {
        if names.first == 0 {
            return 0;
        }
        let head = [names.first, names.glued];
        let all = head.into_iter().chain(names.words).chain(names.more);
        let key: Vec<u8> = all.flat_map(u32::to_le_bytes).collect();
        let code = self.givens.intern(&key);
        if code as usize == self.values.givens.len() {
            self.values.givens.push(GivenEntry { names, bin: 0 });
        }
        code
    }

    fn births(table: &Table, side: &mut Side) {
        if let Some(column) = of(table, Role::Sex) {
            let codes = each(column, place::sex);
            fill(side, SEX, column, &codes);
        }
        if let Some(column) = of(table, Role::BirthDate) {
            let values = (1..column.values.len()).map(|code| column.values.get(small(code)));
            let order = date::order(values);
            let codes = each(column, |raw| date::parse(raw, order));
            fill(side, BIRTH, column, &codes);
        } else if let Some(year) = of(table, Role::BirthYear) {
            let number = |raw: &[u8]| {
                let digits = raw.strip_suffix(b".0").unwrap_or(raw);
                std::str::from_utf8(digits).ok().and_then(|text| text.parse().ok()).unwrap_or(0)
            };
            let columns = [Some(year), of(table, Role::BirthMonth), of(table, Role::BirthDay)];
            let parts = columns.map(|column| column.map(|column| (column, each(column, number))));
            for row in 0..side.len() {
                let part = |at: usize| {
                    parts[at]
                        .as_ref()
                        .map_or(0, |(column, codes)| codes[column.codes[row] as usize])
                };
                side.set(row, BIRTH, date::join(part(0), part(1), part(2)));
            }
        }
    }

    fn places(&mut self, table: &Table, side: &mut Side) {
        let Self { values, places, postcodes, cities, streets, .. } = self;
        let texts = &mut values.texts;
        let mut put = |role,
                       slot,
                       kinds: &mut Dict,
                       entries: &mut Vec<place::Place>,
                       normal: fn(&[u8], &mut Dict) -> place::Place| {
            if entries.is_empty() {
                entries.push(place::Place::default());
            }
            let Some(column) = of(table, role) else { return };
            let codes = each(column, |raw| {
                let found = normal(raw, texts);
                let code = kinds.intern(&key([found.place, found.area]));
                if code as usize == entries.len() {
                    entries.push(found);
                }
                code
            });
            fill(side, slot, column, &codes);
        };
        put(Role::BirthPlace, PLACE, places, &mut values.places, place::place);
        put(Role::Postcode, POSTCODE, postcodes, &mut values.postcodes, place::postcode);
        put(Role::City, CITY, cities, &mut values.cities, place::place);
        if values.streets.is_empty() {
            values.streets.push(place::Street::default());
        }
        let Some(column) = of(table, Role::Street) else { return };
        let found = each(column, |raw| place::street(raw, texts));
        let house = of(table, Role::House).map(|house| {
            (house, each(house, |raw| place::street(raw, &mut Dict::default()).number))
        });
        for row in 0..side.len() {
            let mut street = found[column.codes[row] as usize];
            if let Some((house, numbers)) = &house
                && numbers[house.codes[row] as usize] != 0
            {
                street.number = numbers[house.codes[row] as usize];
            }
            let code = if street.name == 0 {
                0
            } else {
                streets.intern(&key([street.number, street.name]))
            };
            if code as usize == values.streets.len() {
                values.streets.push(street);
            }
            side.set(row, STREET, code);
        }
    }

    fn numbers(&mut self, table: &Table, side: &mut Side) {
        let texts = &mut self.values.texts;
        let mut put = |role, slot, normal: fn(&[u8], &mut Dict) -> u32| {
            if let Some(column) = of(table, role) {
                let codes = each(column, |raw| normal(raw, texts));
                fill(side, slot, column, &codes);
            }
        };
        put(Role::Nir, NIR, place::nir);
        put(Role::Email, EMAIL, place::email);
        put(Role::Phone, PHONE, place::phone);
        put(Role::Siret, SIREN, place::siren_of);
        put(Role::Siren, SIREN, place::number);
        put(Role::Firm, FIRM, |raw, texts| {
            let mut folded = Vec::new();
            crate::normalise::text::fold(raw, &mut folded);
            texts.intern(&folded)
        });
    }
}

/// Adds a word to the first free place, unless it is there.
fn add<const N: usize>(words: &mut [u32; N], word: u32) {
    if !words.contains(&word)
        && let Some(free) = words.iter_mut().find(|known| **known == 0)
    {
        *free = word;
    }
}

fn key(parts: [u32; 2]) -> Vec<u8> {
    if parts == [0, 0] { Vec::new() } else { parts.map(u32::to_le_bytes).concat() }
}

fn small(code: usize) -> u32 {
    u32::try_from(code).expect("codes are u32")
}

/// The first column of a role.
fn of(table: &Table, role: Role) -> Option<&Column> {
    table.columns.iter().find(|(found, _)| *found == role).map(|(_, column)| column)
}

/// What each distinct value of a column becomes; the first is for "no value".
fn each<T: Default>(column: &Column, mut make: impl FnMut(&[u8]) -> T) -> Vec<T> {
    let made = (1..column.values.len()).map(|code| make(column.values.get(small(code))));
    std::iter::once(T::default()).chain(made).collect()
}

fn fill(side: &mut Side, slot: usize, column: &Column, codes: &[u32]) {
    for (row, raw) in column.codes.iter().enumerate() {
        side.set(row, slot, codes[*raw as usize]);
    }
}

impl Records {
    /// Counts values over both files and notes how rare each is.
    fn count(&mut self) {
        let total = self.left.len() + self.right.as_ref().map_or(0, Side::len);
        let sides = [Some(&self.left), self.right.as_ref()];
        let counts = |slot: usize, size: usize| {
            let mut counts = vec![0_u32; size];
            for code in sides.iter().flatten().flat_map(|side| side.column(slot)) {
                counts[code as usize] += 1;
            }
            counts
        };
        let values = &mut self.values;
        let mut words = vec![0_u32; values.tokens.len()];
        for (family, count) in values.families.iter().zip(counts(FAMILY, values.families.len())) {
            words[family.birth as usize] += count;
        }
        for family in &mut values.families {
            family.bin = bin(words[family.birth as usize], total, [2e-5, 1e-4, 6e-4]);
        }
        words.fill(0);
        for (given, count) in values.givens.iter().zip(counts(GIVEN, values.givens.len())) {
            words[given.names.first as usize] += count;
        }
        for given in &mut values.givens {
            given.bin = bin(words[given.names.first as usize], total, [1e-4, 1e-3, 5e-3]);
        }
        let rare = |count: u32| bin(count, total, [1e-4, 1e-3, 5e-3]);
        values.place_bins = counts(PLACE, values.places.len()).into_iter().map(rare).collect();
        let mut texts = vec![0; values.texts.len()];
        for slot in OTHER..SLOTS {
            for (sum, count) in texts.iter_mut().zip(counts(slot, values.texts.len())) {
                *sum += count;
            }
        }
        values.text_bins = texts.into_iter().map(rare).collect();
        self.find_default_dates(total);
    }

    /// A date that far more records have than people can be born on a day stands for "unknown".
    /// The bound: one record in 2,000, and 20 times the mean of the dates that are there.
    fn find_default_dates(&mut self, total: usize) {
        let sides = [Some(&self.left), self.right.as_ref()];
        let dates = sides.iter().flatten().flat_map(|side| side.column(BIRTH));
        let mut dates: Vec<u64> = dates.filter(|date| *date != 0).map(u64::from).collect();
        let known = dates.len();
        crate::radix::sort(&mut dates, &mut Vec::new(), 0, 32);
        let runs: Vec<(u64, usize)> =
            dates.chunk_by(|a, b| a == b).map(|run| (run[0], run.len())).collect();
        let mean = known as f64 / runs.len().max(1) as f64;
        let common = |count: usize| {
            count as f64 > 20.0 * mean && count > 50 && count as f64 > total as f64 / 2000.0
        };
        let found = runs.iter().filter(|(_, count)| common(*count));
        self.values.default_dates =
            found.filter_map(|(date, _)| u32::try_from(*date).ok()).collect();
    }
}
