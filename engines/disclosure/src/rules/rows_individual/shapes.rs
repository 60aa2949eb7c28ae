//! What the lines of a table look like: single units, groups, crossings.

use std::collections::HashSet;

use super::{CODED, KEYLESS, KEYS, TRAITS};
use crate::table::{Row, Table};
use crate::value::Value;
use crate::word_lists::ONE_UNIT;
use crate::words::{Role, fold, tokens};

/// Whether a column holds counts or statistics.
pub fn is_aggregate(table: &Table) -> bool {
    table.columns.iter().any(|c| {
        matches!(
            c.role,
            Role::Count { .. }
                | Role::Percent
                | Role::Rate(_)
                | Role::Mean
                | Role::Spread
                | Role::Quantile(_)
                | Role::LeadingShare(_)
                | Role::Herfindahl
                | Role::Dof
        )
    })
}

pub fn distinct(rows: &[&Row], columns: &[usize]) -> usize {
    let key = |row: &&Row| -> Vec<String> {
        columns.iter().filter_map(|c| row.cells.get(*c)).map(|c| c.text.trim().to_owned()).collect()
    };
    rows.iter().map(key).collect::<HashSet<_>>().len()
}

/// A table with one line for each crossing of its categories is made of cells, not of units.
pub fn is_full_cross(rows: &[&Row], columns: &[usize]) -> bool {
    let sizes: Vec<usize> = columns.iter().map(|c| distinct(rows, &[*c])).collect();
    let labels: Vec<usize> = (0..columns.len()).filter(|at| sizes[*at] * 2 <= rows.len()).collect();
    let cells = labels.iter().try_fold(1, |cells: usize, at| cells.checked_mul(sizes[*at]));
    let own: Vec<usize> = labels.iter().map(|at| columns[*at]).collect();
    // Each of them once: as many lines as crossings may be a chance.
    labels.len() >= 2 && cells == Some(rows.len()) && distinct(rows, &own) == rows.len()
}

/// Whether a table has one line for each crossing of its categories, sorted by one of them, as
/// programs print the results of groups.
pub fn is_crossing(table: &Table, rows: &[&Row]) -> bool {
    let all: Vec<usize> = (0..table.columns.len()).collect();
    let sorted = |column: &usize| {
        let own: Vec<&str> =
            rows.iter().map(|r| r.cells.get(*column).map_or("", |c| c.text.trim())).collect();
        let different = own.iter().collect::<HashSet<_>>().len();
        let runs = 1 + own.windows(2).filter(|pair| pair[0] != pair[1]).count();
        different >= 2 && different * 2 <= own.len() && runs == different
    };
    all.iter().any(sorted) && is_full_cross(rows, &all)
}

/// Whether the first column is what programs call the lines of a data frame that they took from a
/// larger one: whole numbers without a name, each once, out of order or far apart.
pub fn is_sample(table: &Table) -> bool {
    let unnamed = table.columns.first().is_some_and(|c| c.title.trim().is_empty());
    let names: Vec<f64> = (0..table.rows.len()).filter_map(|r| table.number(r, 0)).collect();
    let whole = names.iter().all(|n| n.fract() == 0.0 && *n >= 0.0);
    let years = names.iter().all(|n| (1900.0..2101.0).contains(n));
    let once: HashSet<u64> = names.iter().map(|n| n.to_bits()).collect();
    let rising = names.windows(2).all(|pair| pair[0] < pair[1]);
    let last = names.iter().copied().fold(0.0, f64::max);
    let few = u32::try_from(names.len()).map_or(f64::MAX, f64::from);
    unnamed
        && whole
        && !years
        && names.len() == table.rows.len()
        && once.len() == names.len()
        && (!rising || last > 1000.0 && last > 10.0 * few)
}

/// The column that numbers units (`NUM_ENQ`): its numbers are large, and each comes once.
pub fn numbers_units(table: &Table, rows: &[&Row]) -> Option<usize> {
    (0..table.columns.len()).find(|c| {
        let title = fold(&table.columns[*c].title);
        let named = tokens(&title).iter().any(|w| ["num", "numero", "enq"].contains(w));
        // A number, or a code of figures and letters.
        let large = |row: &&Row| {
            row.cells.get(*c).is_some_and(|cell| match cell.value {
                Value::Number(n) => n.value >= 1e4,
                Value::Text => {
                    let text = cell.text.trim();
                    text.chars().filter(char::is_ascii_digit).count() >= 5 && !text.contains(' ')
                }
                _ => false,
            })
        };
        named && rows.iter().all(large) && distinct(rows, &[*c]) == rows.len()
    })
}

/// The first column (behind the numbers of the lines), where it is called by the noun of one unit
/// and holds whole numbers, each once and in no even steps: `patient;age;sexe`.
pub fn unit_key(table: &Table, rows: &[&Row]) -> Option<usize> {
    let title = |c: usize| table.columns.get(c).map(|own| fold(own.title.trim()));
    let lines = title(0).is_some_and(|first| matches!(&*first, "" | "obs" | "row"));
    let column = usize::from(lines);
    let named = title(column).is_some_and(|own| ONE_UNIT.contains(&own.as_str()));
    let number = |row: &&Row| row.cells.get(column).and_then(|c| c.value.number());
    let whole = rows.iter().all(|row| number(row).is_some_and(|n| n.is_count() && n.decimals == 0));
    let more = table.columns.len() >= column + 3;
    (named && whole && more && distinct(rows, &[column]) == rows.len()).then_some(column)
}

/// Whether a program printed lines of data one below the other: they bear the numbers of
/// observations (`Obs 1 2 3`), or stand below `Data List`, and no column orders them, as groups are
/// ordered. Categories come again in no order.
pub fn is_listed(table: &Table, rows: &[&Row]) -> bool {
    let title = fold(&table.title);
    let numbered =
        table.columns.first().is_some_and(|c| matches!(&*fold(c.title.trim()), "obs" | "row"));
    if !(numbered || title.contains("data list")) || table.rows.iter().any(|row| row.total) {
        return false;
    }
    let (again, measured) = tallies(rows, usize::from(numbered), table.columns.len());
    again >= 2 && measured >= 1
}

/// Whether lines stand in no order, as units do: categories come again in no order beside values that
/// hardly do. The numbers of the lines tell nothing.
pub fn is_unordered(rows: &[&Row], columns: usize) -> bool {
    let number = |row: &&Row| row.cells.first().and_then(|c| c.value.number()).map(|n| n.value);
    let first: Option<Vec<f64>> = rows.iter().map(number).collect();
    let index = first.is_some_and(|n| n.windows(2).all(|p| (p[1] - p[0] - 1.0).abs() < 1e-9));
    let (again, measured) = tallies(rows, usize::from(index), columns);
    again >= 1 && measured >= 1
}

/// How many columns come again in no order, and how many hardly come again; none where a column
/// orders the lines, as groups are ordered.
fn tallies(rows: &[&Row], from: usize, columns: usize) -> (usize, usize) {
    let (mut again, mut measured) = (0, 0);
    for column in from..columns {
        let cells = || rows.iter().map(|r| r.cells.get(column));
        let own: Vec<&str> = cells().map(|c| c.map_or("", |c| c.text.trim())).collect();
        let words = cells().flatten().any(|c| c.value == Value::Text);
        let different = own.iter().collect::<HashSet<_>>().len();
        let runs = 1 + own.windows(2).filter(|pair| pair[0] != pair[1]).count();
        let often = words && different < own.len() || different * 2 <= own.len();
        if different > 1 && runs == different && often {
            return (0, 0);
        }
        again += usize::from(different >= 2 && different < own.len() && runs > different);
        measured += usize::from(different * 4 >= own.len() * 3);
    }
    (again, measured)
}

/// How many figures a table without any word has, the numbers of the values left out: R prints long
/// vectors with names as such.
pub fn bare_values(table: &Table) -> usize {
    let cells = || table.rows.iter().flat_map(|row| &row.cells);
    if cells().any(|c| matches!(c.value, Value::Text | Value::NotFinite)) {
        return 0;
    }
    let untitled = table.columns.iter().all(|c| !c.title.contains(char::is_alphabetic));
    let figures = |row: &Row| {
        let own: Vec<f64> =
            row.cells.iter().filter_map(|c| c.value.number()).map(|n| n.value).collect();
        let index = own.windows(2).all(|p| (p[1] - p[0] - 1.0).abs() < 1e-9) && own.len() >= 2;
        if index { 0 } else { own.len() }
    };
    if untitled { table.rows.iter().map(figures).sum() } else { 0 }
}

/// Whether lines are ranked (`rang` 1, 2, 3...) and nothing names what is ranked: a category comes
/// again, and the categories together come again.
pub fn is_ranked(table: &Table, rows: &[&Row]) -> bool {
    let named = table.columns.first().is_some_and(|c| {
        let title = fold(&c.title);
        matches!(tokens(&title).as_slice(), [one] if ["rang", "rank", "classement"].contains(one))
    });
    let first = |row: &&Row| row.cells.first().and_then(|c| c.value.number()).map(|n| n.value);
    let ranks: Option<Vec<f64>> = rows.iter().map(first).collect();
    let rising = ranks.is_some_and(|n| {
        (n[0] - 1.0).abs() < 1e-9 && n.windows(2).all(|p| (p[1] - p[0] - 1.0).abs() < 1e-9)
    });
    if !named || !rising {
        return false;
    }
    let all: Vec<usize> = (1..table.columns.len()).collect();
    let names: Vec<usize> = all
        .iter()
        .copied()
        .filter(|c| {
            let words = rows.iter().filter_map(|r| r.cells.get(*c));
            let words = words.filter(|cell| cell.value == Value::Text).count();
            words == rows.len() || distinct(rows, &[*c]) * 2 <= rows.len()
        })
        .collect();
    !names.is_empty() && distinct(rows, &names) < rows.len()
}

/// Whether each line has a place of its own, to within a hundred metres: a unit lives there. A place
/// that has a name, or how many it holds, is one of many.
pub fn places_units(table: &Table, rows: &[&Row]) -> bool {
    let titled = |words: &[&str]| {
        (0..table.columns.len())
            .find(|c| tokens(&fold(&table.columns[*c].title)).iter().any(|w| words.contains(w)))
    };
    let north = titled(&["latitude", "lat"]);
    let east = titled(&["longitude", "lon", "long", "lng"]);
    let (Some(north), Some(east)) = (north, east) else { return false };
    let fine = |column: usize| {
        rows.iter().all(|row| {
            row.cells.get(column).and_then(|c| c.value.number()).is_some_and(|n| n.decimals >= 3)
        })
    };
    let named = (0..table.columns.len()).any(|c| {
        rows.iter().all(|r| r.cells.get(c).is_some_and(|cell| cell.value == Value::Text))
            && distinct(rows, &[c]) == rows.len()
    });
    fine(north) && fine(east) && !named && distinct(rows, &[north, east]) * 10 >= rows.len() * 9
}

/// Whether the numbers of lines are those of a frame of a hundred times as many: codes of regions
/// are near each other.
pub fn is_far(table: &Table) -> bool {
    let names = (0..table.rows.len()).filter_map(|r| table.number(r, 0));
    let last = names.fold(0.0, f64::max);
    last > 100.0 * u32::try_from(table.rows.len()).map_or(f64::MAX, f64::from)
}

/// Whether the first column names each line once, by words: countries, branches, groups.
pub fn names_groups(table: &Table, rows: &[&Row]) -> bool {
    let first =
        |row: &&Row| row.cells.first().map(|c| c.text.trim().to_owned()).unwrap_or_default();
    let values: Vec<String> = rows.iter().map(first).collect();
    let words = rows.iter().all(|r| r.cells.first().is_some_and(|c| c.value == Value::Text));
    let unit = table.columns.first().is_some_and(|c| {
        matches!(crate::words::role_of(&c.title), Role::Count { .. })
            || tokens(&fold(&c.title)).iter().any(|w| TRAITS.contains(w) || KEYS.contains(w))
    });
    words && !unit && !is_code(&values) && distinct(rows, &[0]) == rows.len()
}

/// How many columns hold categories that come again in no order. A table of results groups its
/// lines by its first key, has one line for each crossing, or names each line once.
pub fn mixed(table: &Table, rows: &[&Row]) -> usize {
    let text = |row: &&Row, column: usize| {
        row.cells.get(column).map(|c| c.text.trim().to_owned()).unwrap_or_default()
    };
    let (mut open, mut ordered, mut measured) = (Vec::new(), false, false);
    for column in 0..table.columns.len() {
        let values: Vec<String> = rows.iter().map(|row| text(row, column)).collect();
        let whole = rows.iter().all(|row| {
            row.cells.get(column).is_some_and(|c| match c.value {
                Value::Number(n) => n.is_count() && n.decimals == 0,
                Value::Text => !c.text.contains(['(', '*']),
                _ => false,
            })
        });
        let words =
            rows.iter().all(|r| r.cells.get(column).is_some_and(|c| c.value == Value::Text));
        let different = values.iter().collect::<HashSet<_>>().len();
        let runs = 1 + values.windows(2).filter(|pair| pair[0] != pair[1]).count();
        // Names of groups, each once or one below the other.
        let named = words && values.iter().any(|v| v.contains(char::is_alphabetic));
        let year = |v: &String| v.len() == 4 && (v.starts_with("19") || v.starts_with("20"));
        let grouped = runs == different && (named && !is_code(&values) || values.iter().all(year));
        ordered |= grouped && different > 1;
        measured |= !words && different * 10 >= values.len() * 8;
        if whole && different >= 2 && runs > different && different * 4 <= values.len() * 3 {
            open.push(column);
        }
    }
    let words = |column: &usize| {
        rows.iter().any(|r| r.cells.get(*column).is_some_and(|c| c.value == Value::Text))
    };
    if ordered || !open.iter().any(words) || is_full_cross(rows, &open) {
        return 0;
    }
    // One kind of unit in no order, beside a value that hardly comes twice, is enough in a long list.
    open.len() + usize::from(measured && rows.len() >= 12)
}

/// Many lines that no column names or orders, with categories that come again in no order beside
/// values that hardly do: whatever the columns are called, these are units. A table of results has
/// a first column, or several, that tell its lines apart and that it is sorted by.
pub fn is_keyless(table: &Table, rows: &[&Row]) -> bool {
    if rows.len() < KEYLESS || table.rows.iter().any(|row| row.total) {
        return false;
    }
    let (mut again, mut measured) = (0, 0);
    for (column, own) in table.columns.iter().enumerate() {
        let cells: Vec<&str> =
            rows.iter().map(|r| r.cells.get(column).map_or("", |c| c.text.trim())).collect();
        let numbers: Option<Vec<f64>> = rows
            .iter()
            .map(|r| r.cells.get(column).and_then(|c| c.value.number()).map(|n| n.value))
            .collect();
        let different = cells.iter().collect::<HashSet<_>>().len();
        let runs = 1 + cells.windows(2).filter(|pair| pair[0] != pair[1]).count();
        // The number of a line or of a unit tells nothing of its group.
        let index = column == 0
            && (own.title.trim().is_empty() || ["obs", "_n", "n"].contains(&&*fold(&own.title)))
            || tokens(&fold(&own.title))
                .iter()
                .any(|w| ["num", "numero"].contains(w) || KEYS.contains(w));
        if index && different == rows.len() && numbers.is_some() {
            continue;
        }
        let sorted = numbers.as_ref().is_some_and(|n| {
            n.windows(2).all(|p| p[0] <= p[1]) || n.windows(2).all(|p| p[0] >= p[1])
        });
        let named = numbers.is_none() && runs == different;
        if different > 1 && (sorted || named) {
            return false;
        }
        let often = different * 3 <= rows.len();
        // Codes that come again, apart from each other, are keys of no group.
        let coded = numbers.is_none() && rows.len() >= CODED && is_code(&cells);
        again += usize::from(different >= 2 && (often || coded) && runs > different);
        measured += usize::from(numbers.is_some() && different * 2 >= rows.len());
    }
    let all: Vec<usize> = (0..table.columns.len()).collect();
    again >= 1 && measured >= 1 && distinct(rows, &all) * 10 >= rows.len() * 9
}

/// Names with figures in them (`P0012`) are keys of units.
pub fn is_code<T: AsRef<str>>(values: &[T]) -> bool {
    let code = |v: &str| v.contains(|c: char| c.is_ascii_digit()) && !v.contains(' ');
    values.iter().all(|v| code(v.as_ref()))
}

/// Many lines and columns of plain values, most lines distinct, nothing that names an aggregate.
pub fn looks_raw(table: &Table, rows: &[&Row]) -> bool {
    let silent =
        table.columns.iter().filter(|c| matches!(c.role, Role::Unknown | Role::Label)).count();
    let words = table
        .columns
        .iter()
        .all(|c| c.title.chars().any(char::is_alphabetic) || c.title.is_empty());
    let all: Vec<usize> = (0..table.columns.len()).collect();
    rows.len() >= 30
        && silent >= 4
        && words
        && distinct(rows, &all) * 10 >= rows.len() * 8
        && !names_groups(table, rows)
        && !table.rows.iter().any(|row| row.total)
}
