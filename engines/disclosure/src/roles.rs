//! Settles what each column and row of a table holds, from words first and values second.

use std::collections::HashSet;

use crate::role_values::{by_values, classes, codes};
use crate::table::Table;
use crate::value::{Dress, Number, Value};
use crate::words::{Role, fold, is_base, is_no_unit, is_total, role_of};

const COUNT: Role = Role::Count { weighted: false };

/// What the values of a column look like.
pub struct Shape {
    /// Its numbers.
    pub numbers: Vec<Number>,
    /// Cells of words.
    pub texts: usize,
    /// Cells that are not empty.
    pub filled: usize,
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

    pub fn integers(&self) -> bool {
        !self.numbers.is_empty() && self.numbers.iter().all(Number::is_count)
    }

    /// Whether a value below zero, or a sign that is no count, stands among values with decimals.
    pub fn below(&self) -> bool {
        self.numbers.iter().any(|n| n.value < 0.0)
            && self.numbers.iter().any(|n| n.value.fract() != 0.0)
    }

    /// Whether these are 1, 2, 3 and so on, or 0, 1, 2: numbers of lines.
    pub fn numbers_lines(&self) -> bool {
        let values: Vec<f64> = self.numbers.iter().map(|n| n.value).collect();
        values.len() >= 4
            && values.len() == self.filled
            && values[0] <= 1.0
            && values.windows(2).all(|pair| (pair[1] - pair[0] - 1.0).abs() < 1e-9)
    }

    pub fn years(&self) -> bool {
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
    codes(table, &shapes);
    labels(table, &shapes);
    rows(table);
    by_classes(table, &shapes);
    by_title(table, &shapes);
    by_sums(table, &shapes);
    scales(table);
    extremes(table);
    parts(table, &shapes);
}

/// A row `1 2 3 4 5` without a label below columns without a title is the header: the classes of a
/// scale; so is a first row of four classes or more whose label names the variable, where nothing
/// stands above it. `Nord;1;2;3` below years is a row.
fn scales(table: &mut Table) {
    for at in 0..table.rows.len().min(2) {
        let row = &table.rows[at];
        let numbered: Vec<(usize, f64)> = (1..row.cells.len())
            .filter_map(|c| {
                Some((c, row.cells[c].value.number().filter(|n| n.decimals == 0)?.value))
            })
            .collect();
        let silent = |c: usize| table.columns.get(c).is_none_or(|own| own.title.trim().is_empty());
        let label = row.cells.first().map_or("", |cell| cell.text.trim());
        let named = at == 0 && silent(0) && numbered.len() >= 4 && !label.contains(' ');
        // `Âge;2;3`: the name of what the rows are classes of, above the codes of the columns.
        let classes = at == 0 && silent(0) && is_variable(label) && all_larger(table, &numbered);
        let scale = numbered.len() >= if classes { 2 } else { 3 }
            && (numbered[0].1 <= 1.0 || classes)
            && (label.is_empty() || named || classes)
            && numbered.windows(2).all(|p| (p[1].1 - p[0].1 - 1.0).abs() < 1e-9)
            && numbered.iter().all(|(c, _)| silent(*c))
            && table.rows.len() > at + 1;
        if scale {
            table.rows[at].role = Role::Other;
            return;
        }
    }
}

/// Whether a label is the name of a variable of classes and of no class.
pub fn is_variable(label: &str) -> bool {
    let folded = fold(label);
    let words = crate::words::tokens(&folded);
    matches!(words.as_slice(), [one] if crate::word_lists::VARIABLES.contains(one))
}

/// Whether each figure below these is above each of them: codes stand above counts.
fn all_larger(table: &Table, numbered: &[(usize, f64)]) -> bool {
    let most = numbered.iter().map(|(_, code)| *code).fold(0.0, f64::max);
    table.rows.len() >= 3
        && most < 20.0
        && (1..table.rows.len())
            .flat_map(|row| numbered.iter().filter_map(move |(c, _)| table.number(row, *c)))
            .all(|value| value > most)
}

/// `0%` and `100%` among quantiles are the least and the greatest value.
fn extremes(table: &mut Table) {
    let bound = |title: &str| matches!(title.trim(), "0%" | "100%" | "0 %" | "100 %");
    let quantile = |role| matches!(role, Role::Quantile(_));
    if table.columns.iter().filter(|c| quantile(c.role)).count() >= 2 {
        for column in table.columns.iter_mut().filter(|c| bound(&c.title)) {
            column.role = Role::Extreme;
        }
    }
    if table.rows.iter().filter(|r| quantile(r.role)).count() >= 2 {
        for row in table.rows.iter_mut().filter(|r| bound(&r.label)) {
            row.role = Role::Extreme;
        }
    }
}

/// `Inclus;dont suivis`: what is a part of the column before it counts as that does.
fn parts(table: &mut Table, shapes: &[Shape]) {
    for column in 1..table.columns.len() {
        let folded = fold(&table.columns[column].title);
        let part = ["dont ", "of which ", "including ", "y compris "];
        if !part.iter().any(|word| folded.starts_with(word)) {
            continue;
        }
        let open = |role| matches!(role, Role::Unknown | Role::Count { weighted: false });
        let whole = (0..column).rev().find(|c| {
            let own = &table.columns[*c];
            open(own.role) && shapes[*c].integers() && !fold(&own.title).starts_with(part[0])
        });
        let Some(whole) = whole.filter(|_| shapes[column].integers()) else { continue };
        let within = (0..table.rows.len()).all(|row| {
            let pair = (table.number(row, column), table.number(row, whole));
            matches!(pair, (Some(a), Some(b)) if a <= b) || pair.0.is_none() || pair.1.is_none()
        });
        if within && open(table.columns[column].role) {
            table.columns[column].role = COUNT;
            table.columns[whole].role = COUNT;
            table.columns[whole].base = true;
        }
    }
}

/// Words make labels; so do the leading columns until they tell the rows apart.
fn labels(table: &mut Table, shapes: &[Shape]) {
    // R prints the counts of one variable as a row below the names of its classes: no label.
    if table.rows.len() == 1
        && table.columns.iter().all(|c| c.role == Role::Unknown)
        && shapes.iter().all(|s| s.filled == 0 || s.integers() && s.texts == 0)
    {
        return;
    }
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
            _ if is_no_unit(&row.label) => Role::Other,
            Role::Other | Role::Label => Role::Unknown,
            Role::Count { .. } if words > 4 || decimals => Role::Unknown,
            role => role,
        };
    }
}

/// `(372.4, 949.6]   138`: one column of whole numbers beside the classes of a magnitude counts
/// what falls into them, whatever the magnitude is.
fn by_classes(table: &mut Table, shapes: &[Shape]) {
    let class = |text: &str| {
        let inner = text.trim().strip_prefix(['(', '['])?.strip_suffix([')', ']'])?;
        let (low, high) = inner.split_once(',')?;
        Some(low.trim().parse::<f64>().is_ok() && high.trim().parse::<f64>().is_ok())
    };
    let classes = table.rows.iter().filter(|row| class(&row.label) == Some(true)).count();
    let mut open = (0..table.columns.len()).filter(|c| table.columns[*c].role != Role::Label);
    let (Some(one), None) = (open.next(), open.next()) else { return };
    let unknown = matches!(table.columns[one].role, Role::Unknown | Role::Sum);
    if classes >= 3 && classes * 10 >= table.rows.len() * 9 && unknown && shapes[one].integers() {
        table.columns[one].role = COUNT;
    }
}

/// A title such as `Effectifs par sexe` speaks for the columns that say nothing themselves.
fn by_title(table: &mut Table, shapes: &[Shape]) {
    // `Obs` above the numbers of lines says nothing of the other columns.
    if table.columns.first().is_some_and(|c| fold(&c.title) == fold(table.title.trim()))
        && fold(table.title.trim()) == "obs"
    {
        return;
    }
    let role = role_of(&table.title);
    if in_percent(&table.title) {
        shares(table, shapes);
    }
    let known = table.columns.iter().any(|c| !matches!(c.role, Role::Unknown | Role::Label));
    for (column, shape) in table.columns.iter_mut().zip(shapes) {
        let takes = match role {
            Role::Count { .. } => shape.integers(),
            Role::Percent | Role::Mean | Role::Quantile(_) | Role::Rate(_) => {
                !known && !shape.integers()
            }
            Role::Sum => !known,
            Role::Extreme => is_list_of_extremes(&table.title),
            _ => false,
        };
        let listed = role == Role::Extreme && column.role == Role::Sum;
        if takes && (column.role == Role::Unknown || listed) {
            column.role = role;
        }
    }
}

/// `Réponses de 1 à 5, en %`.
fn in_percent(title: &str) -> bool {
    let folded = fold(title);
    ["en %", "in %", "(%)", "en pourcentage", "in percent", "per cent"]
        .iter()
        .any(|mark| folded.contains(mark))
}

/// Below a title that speaks of percentages, columns that nothing names are such where each row adds
/// up to a hundred.
fn shares(table: &mut Table, shapes: &[Shape]) {
    let open: Vec<usize> = (0..table.columns.len())
        .filter(|c| table.columns[*c].role == Role::Unknown && shapes[*c].integers())
        .filter(|c| !table.columns[*c].base && !table.columns[*c].total)
        .collect();
    let whole = |row: usize| {
        let sum: Option<f64> = open.iter().map(|c| table.number(row, *c)).sum();
        sum.is_some_and(|sum| (98.0..=102.0).contains(&sum))
    };
    if open.len() >= 2 && !table.rows.is_empty() && (0..table.rows.len()).all(whole) {
        for column in open {
            table.columns[column].role = Role::Percent;
        }
    }
}

/// `Les 3 plus grandes valeurs du revenu`: each value is that of a unit.
fn is_list_of_extremes(title: &str) -> bool {
    let folded = fold(title);
    let words = crate::words::tokens(&folded);
    let most =
        ["plus grand", "plus petit", "plus eleve", "largest", "smallest", "highest", "lowest"];
    most.iter().any(|word| folded.contains(word))
        && words.iter().any(|w| ["valeurs", "values", "montants", "amounts"].contains(w))
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

#[cfg(test)]
mod tests {
    use crate::rules::testing::{fired, rules};

    #[test]
    fn a_row_that_rises_by_one_is_a_header_only_where_nothing_names_it() {
        let set = rules("generic_10");
        let fires = |text: &str| !fired("FREQ_MIN", text, &set).is_empty();
        assert!(fires("zone;2019;2020;2021\nNord;1;2;3\nSud;120;330;410\nEst;130;340;510\n"));
        assert!(!fires("Statut;1;2;3;4;5\nA;120;330;410;99;98\nB;130;340;510;97;96\n"));
    }
}
