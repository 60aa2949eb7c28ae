//! From the columns of the files to records: each distinct value is normalised once.

mod count;
mod firms;
mod names;
mod places;

use crate::dict::Dict;
use crate::error::LinkError;
use crate::normalise::{date, place};
use crate::read::column::{Role, squashed};
use crate::read::{Column, Table};
use crate::records::{
    BIRTH, EMAIL, Family, GivenEntry, NIR, OTHER, OTHERS, PHONE, Records, SEX, SLOTS, Side, Values,
};
use crate::spec::Spec;

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
    numbers: Dict,
    notes: Vec<String>,
}

/// The records of two files, or of one, as [`crate::read::read`] gives them: one column a role,
/// but for further given names and columns of other meaning.
///
/// # Errors
/// [`LinkError::NothingInCommon`].
pub fn build(left: &Table, right: Option<&Table>, spec: &Spec) -> Result<Records, LinkError> {
    let others = others(left, right, spec);
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
        first_new: 0,
        notes: building.notes,
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

/// Names of columns without a role that both files have and that can tell records apart; of a given
/// model only those that it reads.
fn others(left: &Table, right: Option<&Table>, spec: &Spec) -> Vec<String> {
    let is_wanted = |name: &str| match &spec.given {
        Some(given) => given.others.iter().any(|other| squashed(other) == name),
        None => true,
    };
    let useful = |table: &Table, wanted: &str| {
        table.columns.iter().any(|(role, column)| {
            *role == Role::Other && squashed(&column.name) == wanted && column.values.len() > 2
        })
    };
    let names = left.columns.iter().filter(|(role, _)| *role == Role::Other);
    let names = names.map(|(_, column)| squashed(&column.name));
    names
        .filter(|name| {
            is_wanted(name) && useful(left, name) && right.is_none_or(|table| useful(table, name))
        })
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
        self.firms(table, &mut side);
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

    fn births(table: &Table, side: &mut Side) {
        if let Some(column) = of(table, Role::Sex) {
            let codes = each(column, place::sex);
            fill(side, SEX, column, &codes);
        }
        let parts = Self::birth_parts(table, side.len());
        let whole = of(table, Role::BirthDate).map(|column| {
            let values = (1..column.values.len()).map(|code| column.values.get(small(code)));
            let order = date::order(values);
            (column, each(column, |raw| date::parse(raw, order)))
        });
        for row in 0..side.len() {
            let whole =
                whole.as_ref().map_or(0, |(column, dates)| dates[column.codes[row] as usize]);
            let date = if whole == 0 { parts[row] } else { whole };
            side.set(row, BIRTH, date);
        }
    }

    /// Dates from columns of years, months and days.
    fn birth_parts(table: &Table, rows: usize) -> Vec<u32> {
        let Some(year) = of(table, Role::BirthYear) else { return vec![0; rows] };
        let number = |raw: &[u8]| {
            let digits = raw.strip_suffix(b".0").unwrap_or(raw);
            std::str::from_utf8(digits).ok().and_then(|text| text.parse().ok()).unwrap_or(0)
        };
        let columns = [Some(year), of(table, Role::BirthMonth), of(table, Role::BirthDay)];
        let parts = columns.map(|column| column.map(|column| (column, each(column, number))));
        let part = |at: usize, row: usize| {
            let (column, codes) = parts[at].as_ref()?;
            Some(codes[column.codes[row] as usize])
        };
        let date = |row| {
            let [year, month, day] = [0, 1, 2].map(|at| part(at, row).unwrap_or(0));
            date::join(year, month, day)
        };
        (0..rows).map(date).collect()
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
    }
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

/// Sets a slot where the column has a value; where it has none, what another column gave stays.
fn fill(side: &mut Side, slot: usize, column: &Column, codes: &[u32]) {
    for (row, raw) in column.codes.iter().enumerate() {
        let code = codes[*raw as usize];
        if code != 0 {
            side.set(row, slot, code);
        }
    }
}
