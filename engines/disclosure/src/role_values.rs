//! Settles the roles of columns by their values: what their words say may not be true of them.

use crate::roles::Shape;
use crate::table::{Table, is_percent_sign};
use crate::value::{Dress, Value};
use crate::words::{Role, fold, is_total};

const COUNT: Role = Role::Count { weighted: false };

/// Values overrule words that cannot be true of them.
pub fn by_values(table: &mut Table, shapes: &[Shape]) {
    let totals: Vec<bool> = (0..shapes.len()).map(|c| has_total(table, c)).collect();
    let bounds: Vec<bool> = (0..shapes.len()).map(|c| has_bound(table, c)).collect();
    let merged: Vec<bool> = (0..shapes.len()).map(|c| is_merged(table, shapes, c)).collect();
    for (column, shape) in shapes.iter().enumerate() {
        let percent =
            table.rows.iter().filter_map(|row| row.cells.get(column)).any(is_percent_sign);
        let Some(own) = table.columns.get_mut(column) else { continue };
        let fractions = shape.numbers.iter().filter(|n| n.value.fract() != 0.0).count();
        let sum: f64 = shape.numbers.iter().map(|n| n.value).sum();
        let sure = (own.title.contains('%') || percent) && !merged[column];
        own.role = match own.role {
            _ if percent && !matches!(own.role, Role::LeadingShare(_)) => Role::Percent,
            // `size` of classes, `Size` of a matrix: words or values below zero are no counts.
            Role::Count { .. } if shape.texts > shape.numbers.len() || shape.below() => {
                Role::Unknown
            }
            // A part of a total that stands below it (`share`, in a table of counts).
            Role::Percent if !sure && shape.integers() && totals[column] => Role::Unknown,
            // `Part-time` is a class, `n` with decimals a rate or a weighted count.
            Role::Percent if !sure && shape.integers() && !(95.0..=201.0).contains(&sum) => {
                Role::Unknown
            }
            Role::Count { weighted: false } if fractions * 2 > shape.numbers.len() => {
                Role::Count { weighted: true }
            }
            // `Obs 1 2 3 4`: the numbers of the lines.
            Role::Count { .. } if column == 0 && shape.numbers_lines() => Role::Other,
            Role::Unknown if shape.years() => Role::Other,
            // `<11` stands where a number of units would.
            Role::Unknown if shape.integers() && bounds[column] => COUNT,
            role => role,
        };
    }
}

/// Whether the last row is named a total, adds up a column of whole numbers, and is not 100.
fn has_total(table: &Table, column: usize) -> bool {
    let named = |row: &crate::table::Row| row.cells.first().is_some_and(|c| is_total(&c.text));
    let Some((last, rows)) = table.rows.split_last().filter(|(last, _)| named(last)) else {
        return false;
    };
    let value = |row: &crate::table::Row| row.cells.get(column)?.value.number().map(|n| n.value);
    let sum: Option<f64> = rows.iter().map(value).sum();
    rows.len() >= 2
        && matches!((sum, value(last)), (Some(a), Some(b)) if (a - b).abs() < 0.5 && (b - 100.0).abs() > 0.5)
}

/// Whether a column has a mask that says below how many units a cell is.
fn has_bound(table: &Table, column: usize) -> bool {
    let cells = table.rows.iter().filter_map(|row| row.cells.get(column));
    cells.filter(|c| c.value == Value::Mask).any(|c| {
        c.text.trim().starts_with(['<', '≤']) || c.text.contains(|c: char| c.is_ascii_digit())
    })
}

/// Two headers that were read as one (`Décès Part (%)`): whole numbers above 100 stand below it, and
/// numbers with decimals in the next column, which has no header.
fn is_merged(table: &Table, shapes: &[Shape], column: usize) -> bool {
    let next = table.columns.get(column + 1).is_some_and(|c| c.title.trim().is_empty());
    let shape = &shapes[column];
    next && shape.integers()
        && shape.numbers.iter().any(|n| n.value > 100.0 && n.dress == Dress::Plain)
        && shapes[column + 1].numbers.iter().any(|n| n.decimals > 0)
}

/// `nombre d'enfants;effectif`: a first column of counts in even steps beside other counts is the
/// scale of a variable that counts.
pub fn classes(table: &mut Table, shapes: &[Shape]) {
    let counts = table.columns.iter().filter(|c| matches!(c.role, Role::Count { .. })).count();
    let (Some(first), Some(shape)) = (table.columns.first_mut(), shapes.first()) else { return };
    let values: Vec<f64> = shape.numbers.iter().map(|n| n.value).collect();
    let step = values.get(1).map_or(0.0, |second| second - values[0]);
    // `3 ou plus` closes a scale.
    let last = table.rows.last().and_then(|row| row.cells.first()).map(|c| fold(&c.text));
    let open = last.is_some_and(|text| {
        text.starts_with(|c: char| c.is_ascii_digit())
            && ["plus", "more", "+"].iter().any(|word| text.contains(word))
    });
    let rows = values.len() + usize::from(open);
    let even = values.windows(2).all(|pair| (pair[1] - pair[0] - step).abs() < 1e-9);
    let named = crate::words::tokens(&fold(&first.title)).len() > 1;
    if matches!(first.role, Role::Count { .. })
        && counts > 1
        && named
        && step > 0.0
        && even
        && rows >= 3
        && rows == shape.filled
    {
        first.role = Role::Other;
    }
}

/// `Ordered Value;recur;Frequency`: behind the numbers of the lines, codes of classes that are each
/// there once, before the counts.
pub fn codes(table: &mut Table, shapes: &[Shape]) {
    let [first, second, _, ..] = shapes else { return };
    let rising = |shape: &Shape| {
        let mut values: Vec<f64> = shape.numbers.iter().map(|n| n.value).collect();
        values.sort_by(f64::total_cmp);
        shape.integers()
            && values.len() == shape.filled
            && values.len() >= 2
            && values[0] <= 1.0
            && values.windows(2).all(|pair| (pair[1] - pair[0] - 1.0).abs() < 1e-9)
    };
    let numbered = first.numbers.first().is_some_and(|n| (n.value - 1.0).abs() < 1e-9)
        && first.numbers.windows(2).all(|pair| pair[0].value < pair[1].value);
    let counted = matches!(table.columns[2].role, Role::Count { .. });
    if counted
        && numbered
        && rising(first)
        && rising(second)
        && table.columns[1].role == Role::Unknown
    {
        table.columns[0].role = Role::Other;
        table.columns[1].role = Role::Other;
    }
}
