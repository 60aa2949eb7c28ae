//! Settles what each column and row of a table holds, from words first and values second.

use std::collections::HashSet;

use crate::table::{Table, is_percent_sign};
use crate::value::{Dress, Number, Value};
use crate::words::{Role, fold, is_base, is_numbering, is_total, role_of};

const COUNT: Role = Role::Count { weighted: false };

/// What the values of a column look like.
struct Shape {
    numbers: Vec<Number>,
    texts: usize,
    filled: usize,
}

impl Shape {
    fn of(table: &Table, column: usize) -> Self {
        let values = || table.rows.iter().filter_map(|row| row.cells.get(column)).map(|c| c.value);
        Self {
            numbers: values().filter_map(|v| v.number()).collect(),
            texts: values().filter(|v| matches!(v, Value::Text)).count(),
            filled: values().filter(|v| !matches!(v, Value::Empty)).count(),
        }
    }

    fn integers(&self) -> bool {
        !self.numbers.is_empty() && self.numbers.iter().all(Number::is_count)
    }

    fn years(&self) -> bool {
        self.integers() && self.numbers.iter().all(|n| (1900.0..2101.0).contains(&n.value))
    }
}

/// Label columns that make a row's name.
const LABELS: usize = 6;

/// Fills the roles and labels of `table`.
pub fn settle(table: &mut Table) {
    let shapes: Vec<Shape> = (0..table.columns.len()).map(|c| Shape::of(table, c)).collect();
    by_values(table, &shapes);
    classes(table, &shapes);
    labels(table, &shapes);
    rows(table);
    by_title(table, &shapes);
    by_sums(table, &shapes);
}

/// Values overrule words that cannot be true of them.
fn by_values(table: &mut Table, shapes: &[Shape]) {
    for (column, shape) in shapes.iter().enumerate() {
        let percent =
            table.rows.iter().filter_map(|row| row.cells.get(column)).any(is_percent_sign);
        let Some(own) = table.columns.get_mut(column) else { continue };
        let fractions = shape.numbers.iter().filter(|n| n.value.fract() != 0.0).count();
        let sum: f64 = shape.numbers.iter().map(|n| n.value).sum();
        let sure = own.title.contains('%') || percent;
        own.role = match own.role {
            _ if percent && !matches!(own.role, Role::LeadingShare(_)) => Role::Percent,
            // `Part-time` is a class, `n` with decimals a rate or a weighted count.
            Role::Percent if !sure && shape.integers() && !(95.0..=201.0).contains(&sum) => {
                Role::Unknown
            }
            Role::Count { weighted: false } if fractions * 2 > shape.numbers.len() => {
                Role::Count { weighted: true }
            }
            Role::Unknown if shape.years() => Role::Other,
            role => role,
        };
    }
}

/// `nombre d'enfants;effectif`: a first column of counts in even steps beside other counts is the
/// scale of a variable that counts.
fn classes(table: &mut Table, shapes: &[Shape]) {
    let counts = table.columns.iter().filter(|c| matches!(c.role, Role::Count { .. })).count();
    let (Some(first), Some(shape)) = (table.columns.first_mut(), shapes.first()) else { return };
    let values: Vec<f64> = shape.numbers.iter().map(|n| n.value).collect();
    let step = values.get(1).map_or(0.0, |second| second - values[0]);
    let even = values.windows(2).all(|pair| (pair[1] - pair[0] - step).abs() < 1e-9);
    let named = crate::words::tokens(&fold(&first.title)).len() > 1;
    if matches!(first.role, Role::Count { .. })
        && counts > 1
        && named
        && step > 0.0
        && even
        && values.len() >= 3
        && values.len() == shape.filled
    {
        first.role = Role::Other;
    }
}

/// Words make labels; so do the leading columns until they tell the rows apart.
fn labels(table: &mut Table, shapes: &[Shape]) {
    let mut keys: Vec<String> = vec![String::new(); table.rows.len()];
    let (mut unique, mut named) = (false, 0);
    for (column, shape) in shapes.iter().enumerate() {
        let words = shape.texts * 2 > shape.filled;
        let own = &table.columns[column];
        let key =
            !unique && matches!(own.role, Role::Unknown | Role::Other) && !shape_is_measure(shape);
        let counts_as_text = matches!(own.role, Role::Count { .. }) && shape.texts < shape.filled;
        if (words && !counts_as_text)
            || (key && (column == 0 || own.role == Role::Other || small_codes(shape)))
        {
            table.columns[column].role = Role::Label;
            for (row, label) in table.rows.iter_mut().zip(&mut keys) {
                let text = row.cells.get(column).map_or("", |c| c.text.trim());
                // More label columns name no row better, and long labels cost time.
                if !text.is_empty() && named < LABELS {
                    label.push_str(text);
                    label.push(' ');
                }
            }
            named += 1;
            unique = unique || keys.iter().collect::<HashSet<_>>().len() == keys.len();
        }
    }
    for (row, label) in table.rows.iter_mut().zip(keys) {
        row.total = is_total(&label);
        row.base = is_base(&label);
        label.trim_end().clone_into(&mut row.label);
    }
}

fn shape_is_measure(shape: &Shape) -> bool {
    shape.numbers.iter().any(|n| n.value.fract() != 0.0 || n.dress != Dress::Plain)
}

/// Few distinct values, each of them often: categories by number.
fn small_codes(shape: &Shape) -> bool {
    let distinct: HashSet<u64> = shape.numbers.iter().map(|n| n.value.to_bits()).collect();
    shape.integers() && distinct.len() * 2 <= shape.numbers.len()
}

/// What the labels say of their rows, where the row's values agree.
fn rows(table: &mut Table) {
    for row in &mut table.rows {
        let role = role_of(&row.label);
        let numbers: Vec<Number> = row.cells.iter().filter_map(|c| c.value.number()).collect();
        let decimals = numbers.iter().any(|n| n.value.fract() != 0.0 || n.dress == Dress::Percent);
        let words = row.label.split_whitespace().count();
        row.role = match role {
            Role::Percent if !decimals && !row.label.contains('%') => Role::Unknown,
            // A category may bear a unit's or a code's name; only short labels are statistics.
            _ if is_numbering(&row.label) => Role::Other,
            Role::Other | Role::Label => Role::Unknown,
            Role::Count { .. } if words > 4 || decimals => Role::Unknown,
            role => role,
        };
    }
}

/// A title such as `Effectifs par sexe` speaks for the columns that say nothing themselves.
fn by_title(table: &mut Table, shapes: &[Shape]) {
    let role = role_of(&table.title);
    let known = table.columns.iter().any(|c| !matches!(c.role, Role::Unknown | Role::Label));
    for (column, shape) in table.columns.iter_mut().zip(shapes) {
        let takes = match role {
            Role::Count { .. } => shape.integers(),
            Role::Percent | Role::Mean | Role::Quantile(_) | Role::Rate(_) => {
                !known && !shape.integers()
            }
            Role::Sum => !known,
            _ => false,
        };
        if takes && column.role == Role::Unknown {
            column.role = role;
        }
    }
}

/// Whole numbers that add up to their total are counts, whatever they are called, unless the
/// title speaks of money.
fn by_sums(table: &mut Table, shapes: &[Shape]) {
    if role_of(&table.title) == Role::Sum {
        return;
    }
    let unknown: Vec<usize> = (0..table.columns.len())
        .filter(|c| table.columns[*c].role == Role::Unknown && shapes[*c].integers())
        .collect();
    let parts: Vec<usize> = unknown.iter().copied().filter(|c| !table.columns[*c].total).collect();
    let across = (0..table.columns.len()).find(|c| {
        let own = &table.columns[*c];
        let sums = own.total && own.role == Role::Unknown || own.role == COUNT;
        sums && parts.len() >= 2 && adds_across(table, &parts, *c)
    });
    let down = table.rows.iter().rposition(|row| row.total);
    let down = down.filter(|total| {
        table.rows.len() >= 3 && unknown.iter().any(|c| adds_down(table, *c, *total))
    });
    if across.is_some() || down.is_some() {
        for column in unknown {
            table.columns[column].role = COUNT;
        }
    }
}

fn adds_across(table: &Table, parts: &[usize], total: usize) -> bool {
    let rows = (0..table.rows.len()).filter_map(|r| {
        let sum: Option<f64> = parts.iter().map(|c| table.number(r, *c)).sum();
        Some((sum?, table.number(r, total)?))
    });
    let rows: Vec<_> = rows.collect();
    !rows.is_empty() && rows.iter().all(|(sum, total)| (sum - total).abs() < 0.5)
}

fn adds_down(table: &Table, column: usize, total: usize) -> bool {
    let parts = (0..table.rows.len()).filter(|r| !table.rows[*r].total);
    let sum: Option<f64> = parts.map(|r| table.number(r, column)).sum();
    matches!((sum, table.number(total, column)), (Some(a), Some(b)) if (a - b).abs() < 0.5 && b > 0.0)
}
