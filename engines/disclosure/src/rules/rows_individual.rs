//! `ROWS_INDIVIDUAL`: lines of single units, not aggregates.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::extract::Line;
use crate::report::{Finding, Findings, Location, Severity};
use crate::rule_set::RuleSet;
use crate::table::{Row, Table};
use crate::value::Value;
use crate::words::{Role, fold, tokens};

/// The rule's id.
pub const ID: &str = "ROWS_INDIVIDUAL";

/// Lines from which a list of units is one.
const LEAST: usize = 5;

/// Lines from which a list without any key is one.
const KEYLESS: usize = 12;

const KEYS: &[&str] = &[
    "id",
    "ident",
    "identifiant",
    "nir",
    "matricule",
    "siren",
    "siret",
    "uid",
    "pid",
    "idnum",
    "patientid",
    "idpatient",
    "nohaut",
    "noind",
    "key",
    "respondent",
    "individu",
    "no",
];

/// Variables that describe one unit.
const TRAITS: &[&str] = &[
    "sexe",
    "sex",
    "gender",
    "age",
    "naissance",
    "birth",
    "dob",
    "commune",
    "depcom",
    "profession",
    "csp",
    "pcs",
    "cs",
    "diplome",
    "education",
    "educ",
    "statut",
    "marital",
    "salaire",
    "wage",
    "income",
    "revenu",
    "religion",
    "religious",
    "children",
    "diagnostic",
    "diag",
    "dp",
    "taille",
    "poids",
    "height",
    "weight",
    "ape",
    "naf",
    "nationalite",
    "occupation",
    "contrat",
    "contract",
    "heures",
    "hours",
    "admission",
    "entree",
    "sortie",
    "duree",
    "ghm",
    "prenom",
    "nom",
    "yrs",
    "loyer",
    "logement",
    "bmi",
    "imc",
    "depcom",
];

/// What a model says of each of its observations.
const FITTED: &[&str] = &[
    "fitted",
    "resid",
    "residual",
    "residuals",
    "residu",
    "residus",
    "predicted",
    "yhat",
    "pred",
    "hat",
    "cooksd",
    "leverage",
    "prediction",
    "observed",
    "actual",
];

/// Looks at a table without any count or statistic.
pub fn find(table: &Table, _rules: &RuleSet, out: &mut Findings) {
    let rows: Vec<&Row> = table.rows.iter().filter(|row| !row.total).collect();
    let statistics = rows.iter().filter(|row| !matches!(row.role, Role::Unknown)).count();
    if rows.len() < LEAST || statistics * 2 > rows.len() || crate::model::is_regression(table) {
        return;
    }
    let aggregate = is_aggregate(table);
    let titled = |words: &[&str]| -> Vec<usize> {
        let hit = |title: &str| tokens(&fold(title)).iter().any(|w| words.contains(w));
        (0..table.columns.len()).filter(|c| hit(&table.columns[*c].title)).collect()
    };
    let traits = titled(TRAITS);
    let key = titled(KEYS).into_iter().find(|c| distinct(&rows, &[*c]) * 10 >= rows.len() * 9);
    let fitted = titled(FITTED);
    // A key column names units even beside a count: `id;sexe;nb_sejours` is one line a person.
    let keyed = key.is_some() && (!aggregate || !traits.is_empty());
    let combined = distinct(&rows, &traits);
    let unique = !aggregate
        && traits.len() >= 2
        && combined * 2 >= rows.len()
        && !is_full_cross(&rows, &traits);
    let severity = match (keyed, unique) {
        (true, _) => Severity::Error,
        _ if !aggregate && fitted.len() >= 2 => Severity::Error,
        (_, true) if traits.len() >= 3 || is_sample(table) => Severity::Error,
        _ if !aggregate && mixed(table, &rows) >= 2 && (rows.len() >= 8 || !traits.is_empty()) => {
            Severity::Error
        }
        _ if !aggregate && !traits.is_empty() && is_sample(table) => Severity::Error,
        _ if !aggregate && is_keyless(table, &rows) => Severity::Error,
        (_, true) => Severity::Warning,
        _ if !aggregate && looks_raw(table, &rows) => Severity::Warning,
        _ => return,
    };
    let Some(cell) = rows.first().and_then(|row| row.cells.get(key.unwrap_or(0))) else { return };
    let text = format!(
        "{} lines look like single units, with {} distinct descriptions",
        rows.len(),
        combined.max(1)
    );
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    out.push(
        Finding::new(ID, severity, "rows_individual", text)
            .at(cell.place)
            .value(rows.len() as f64)
            .threshold(5.0)
            .arg("rows", rows.len()),
    );
}

static FIRST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:##)?\s*\$ [\w.]+\s*: (?:int|num|chr|logi|Factor|Date|POSIX\S*)\b.*\s\S+ \S+")
        .expect("the pattern is a constant")
});

/// Looks for R's `str`, which shows the first values of each variable, unit by unit.
pub fn prose(lines: &[Line], out: &mut Findings) {
    let hits: Vec<u32> = lines
        .iter()
        .filter(|line| line.text.contains(": ") && FIRST.is_match(&line.text))
        .map(|line| line.number)
        .collect();
    if let Some(first) = hits.first().filter(|_| hits.len() >= 2) {
        let text = format!("the first values of {} variables, unit by unit", hits.len());
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        out.push(
            Finding::new(ID, Severity::Warning, "rows_individual", text)
                .at(Location::line(*first))
                .value(hits.len() as f64)
                .threshold(2.0)
                .arg("rows", hits.len()),
        );
    }
}

/// The finding for a printed list of `count` values of single units.
pub fn list(count: usize, severity: Severity) -> Finding {
    let text = format!("{count} values look like those of single units");
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let value = count as f64;
    Finding::new(ID, severity, "rows_individual", text)
        .value(value)
        .threshold(5.0)
        .arg("rows", count)
}

/// Whether a column holds counts or statistics.
fn is_aggregate(table: &Table) -> bool {
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

fn distinct(rows: &[&Row], columns: &[usize]) -> usize {
    let key = |row: &&Row| -> Vec<String> {
        columns.iter().filter_map(|c| row.cells.get(*c)).map(|c| c.text.trim().to_owned()).collect()
    };
    rows.iter().map(key).collect::<HashSet<_>>().len()
}

/// A table with one line for each crossing of its categories is made of cells, not of units.
fn is_full_cross(rows: &[&Row], columns: &[usize]) -> bool {
    let sizes: Vec<usize> = columns.iter().map(|c| distinct(rows, &[*c])).collect();
    let labels = sizes.iter().filter(|size| **size * 2 <= rows.len());
    let cells = labels.clone().try_fold(1, |cells: usize, size| cells.checked_mul(*size));
    labels.count() >= 2 && cells == Some(rows.len())
}

/// Whether the first column is what programs call the lines of a data frame that they took from a
/// larger one: whole numbers without a name, each once, out of order or far apart.
fn is_sample(table: &Table) -> bool {
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

/// Whether the first column names each line once, by words: countries, branches, groups.
fn names_groups(table: &Table, rows: &[&Row]) -> bool {
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
fn mixed(table: &Table, rows: &[&Row]) -> usize {
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
fn is_keyless(table: &Table, rows: &[&Row]) -> bool {
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
        again += usize::from(different >= 2 && different * 3 <= rows.len() && runs > different);
        measured += usize::from(numbers.is_some() && different * 2 >= rows.len());
    }
    let all: Vec<usize> = (0..table.columns.len()).collect();
    again >= 1 && measured >= 1 && distinct(rows, &all) * 10 >= rows.len() * 9
}

/// Names with figures in them (`P0012`) are keys of units.
fn is_code(values: &[String]) -> bool {
    values.iter().all(|v| v.contains(|c: char| c.is_ascii_digit()) && !v.contains(' '))
}

/// Many lines and columns of plain values, most lines distinct, nothing that names an aggregate.
fn looks_raw(table: &Table, rows: &[&Row]) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{few, fired, rules};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(few())]
        /// A list of people with a key is one from five lines on, whatever the values.
        #[test]
        fn a_keyed_list_is_one_from_five_lines_on(ages in proptest::collection::vec(18u32..90, 1..12)) {
            let mut text = String::from("id;sexe;age;diagnostic\n");
            for (at, age) in ages.iter().enumerate() {
                text.push_str(&format!("P{at:03};{};{age};I{}\n", 1 + at % 2, 10 + at));
            }
            prop_assert_eq!(!fired(ID, &text, &rules("health_11")).is_empty(), ages.len() >= 5);
        }
    }

    #[test]
    fn lines_taken_from_a_larger_frame_are_refused() {
        let sample = "      salaire  heures\n4213  13605.05  1998.0\n17    19663.92  1591.0\n902   17085.99  1606.0\n77    14002.10  1712.0\n5120  20999.00  1433.0\n";
        assert!(!fired(ID, sample, &rules("dads_5")).is_empty());
        let regions =
            "    salaire  duree\n84  13605.05    6.1\n76  19663.92    5.9\n94  17085.99    6.6\n";
        assert!(fired(ID, regions, &rules("dads_5")).is_empty());
    }

    #[test]
    fn printed_lines_of_data_are_told_from_tables_of_results() {
        let head = "  age educ children religious\n1  32   17      3.0         3\n2  27   14      3.0         1\n3  22   16      0.0         1\n4  37   16      4.0         3\n5  27   14      1.0         1\n6  27   14      0.0         2\n7  37   12      5.5         2\n";
        assert!(!fired(ID, head, &rules("generic_10")).is_empty());
        let crossed = "sexe;age;effectif\n1;18-24;120\n1;25-34;130\n2;18-24;110\n2;25-34;140\n1;35-49;90\n2;35-49;95\n";
        assert!(fired(ID, crossed, &rules("generic_10")).is_empty());
    }

    #[test]
    fn lines_that_nothing_names_are_units_and_sorted_series_are_not() {
        let mut units = String::from("survival,censors,level\n");
        let mut series = String::from("step,censors,level\n");
        for at in 0..24_u32 {
            let (time, event) = (at * 7919 % 1871, u32::from(at % 3 > 0));
            units.push_str(&format!("{time}.0,{event}.0,{}.5\n", 20 + at * 37 % 41));
            series.push_str(&format!("{at},{event}.0,{time}.5\n"));
        }
        assert!(!fired(ID, &units, &rules("health_11")).is_empty());
        assert!(fired(ID, &series, &rules("health_11")).is_empty());
    }

    #[test]
    fn categories_in_no_order_are_single_units_and_groups_are_not() {
        let units = "sante,visites,regime\nbonne,3,libre\nfaible,1,payant\nbonne,0,payant\nmoyenne,1,libre\nbonne,3,libre\nfaible,0,payant\nbonne,1,libre\nmoyenne,0,payant\n";
        assert!(!fired(ID, units, &rules("generic_10")).is_empty());
        let groups = "region,sexe,taux\nNord,F,12.5\nNord,H,11.5\nSud,F,10.5\nSud,H,9.5\nEst,F,8.5\nEst,H,9.5\n";
        assert!(fired(ID, groups, &rules("generic_10")).is_empty());
    }
}
