//! `ROWS_INDIVIDUAL`: lines of single units, not aggregates.

mod printed;
mod shapes;

use crate::report::{Finding, Findings, Severity};
use crate::rule_set::RuleSet;
use crate::table::{Row, Table};
use crate::words::{Role, fold, tokens};
pub use printed::find as printed;
use shapes::{
    bare_values, distinct, is_aggregate, is_crossing, is_far, is_full_cross, is_keyless, is_listed,
    is_ranked, is_sample, is_unordered, looks_raw, mixed, names_groups, numbers_units,
    places_units, unit_key,
};

/// The rule's id.
pub const ID: &str = "ROWS_INDIVIDUAL";

/// Lines from which a list of units is one.
const LEAST: usize = 5;

/// The same of lines that bear their numbers in a larger frame.
const FEW: usize = 2;

/// Lines from which codes that come again are no keys of groups.
const CODED: usize = 20;

/// Values of an answer from which on they are a list of units.
const VALUES: usize = 10;

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
    let sample = is_sample(table);
    // A few lines by the numbers that they have in a larger frame are lines of it.
    let least = if sample && is_far(table) { FEW } else { LEAST };
    if rows.len() < least || statistics * 2 > rows.len() || crate::model::is_regression(table) {
        return;
    }
    let aggregate = is_aggregate(table);
    let titled = |words: &[&str]| -> Vec<usize> {
        let hit = |title: &str| tokens(&fold(title)).iter().any(|w| words.contains(w));
        (0..table.columns.len()).filter(|c| hit(&table.columns[*c].title)).collect()
    };
    let traits = titled(TRAITS);
    let key = titled(KEYS).into_iter().find(|c| distinct(&rows, &[*c]) * 10 >= rows.len() * 9);
    let key = key.or_else(|| numbers_units(table, &rows)).or_else(|| unit_key(table, &rows));
    let fitted = titled(FITTED);
    // A key column names units even beside a count: `id;sexe;nb_sejours` is one line a person.
    let keyed = key.is_some() && (!aggregate || !traits.is_empty());
    let combined = distinct(&rows, &traits);
    let unique = !aggregate
        && traits.len() >= 2
        && combined * 2 >= rows.len()
        && !is_full_cross(&rows, &traits)
        && !is_crossing(table, &rows);
    let mixed = mixed(table, &rows);
    let severity = match (keyed, unique) {
        (true, _) => Severity::Error,
        _ if is_ranked(table, &rows) => Severity::Error,
        _ if !aggregate && places_units(table, &rows) => Severity::Error,
        _ if !aggregate && fitted.len() >= 2 => Severity::Error,
        (_, true) if traits.len() >= 3 || sample || mixed >= 1 => Severity::Error,
        _ if !aggregate && mixed >= 2 && (rows.len() >= 8 || !traits.is_empty()) => Severity::Error,
        _ if !aggregate && !traits.is_empty() && sample => Severity::Error,
        _ if !aggregate && (is_keyless(table, &rows) || is_listed(table, &rows)) => Severity::Error,
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

/// Looks at a table that answers a command for lines or values as they are.
pub fn shown(table: &Table) -> Option<Finding> {
    let rows: Vec<&Row> = table.rows.iter().filter(|row| !row.total).collect();
    let statistics = rows.iter().filter(|row| !matches!(row.role, Role::Unknown)).count();
    if is_aggregate(table)
        || statistics * 2 > rows.len()
        || rows.len() < table.rows.len()
        || crate::model::is_regression(table)
    {
        return None;
    }
    let place = rows.first().and_then(|row| row.cells.first())?.place;
    let values = bare_values(table);
    if values >= VALUES {
        return Some(list(values, Severity::Error).at(place));
    }
    let records = rows.len() >= LEAST
        && !names_groups(table, &rows)
        && !is_crossing(table, &rows)
        && is_unordered(&rows, table.columns.len());
    records.then(|| list(rows.len(), Severity::Error).at(place))
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
    fn lists_that_programs_print_of_their_observations_are_refused() {
        let stata = ". list region sexe age in 1/6\n\n     +--------------------------+\n     |    region    sexe   age  |\n     |--------------------------|\n  1. |  Bretagne   Femme    45  |\n  2. | Normandie   Homme    52  |\n  3. |  Bretagne   Homme    38  |\n  4. | Occitanie   Femme    61  |\n  5. |  Bretagne   Femme    29  |\n     |--------------------------|\n  6. | Grand Est   Homme    33  |\n     +--------------------------+\n";
        let sas = "                     The SAS System                     1\n\n        Obs    otex    commune      sau    bovins\n\n          1    6184      15014     19.6        64\n          2    3500      12202     21.2        77\n          3    4500      43157    147.7        78\n          4    4500      48095     68.7        66\n          5    4600      43157     44.2        50\n          6    3500      48095    105.9        68\n";
        let knitr = "```\n##       region       statut  sexe age revenu\n## 1  Grand Est Propriétaire Femme  26  11539\n## 2   Bretagne    Locataire Homme  83  53279\n## 3  Occitanie Propriétaire Homme  68  25444\n## 4  Normandie    Locataire Homme  92  44197\n## 5  Occitanie Propriétaire Femme  40  22861\n## 10 Normandie Propriétaire Homme  69  19699\n```\n";
        let top = "region,age,revenu\nBretagne,19,137348.0\nNormandie,42,133442.0\nGrand Est,74,132353.0\nOcc,77,120814.0\nGrand Est,21,114626.0\nNormandie,53,112460.0\nGrand Est,29,111548.0\nNormandie,60,110246.0\n";
        let sampled = "     age educ occupation  affairs\n536   27   14          4 38.39999\n750   22   14          3 57.59999\n1873  22   14          3 39.19998\n";
        let numbered = "NUM_ENQ\tBEN_SEX_COD\tMNT\n900100\t1\t25.0\n900113\t2\t58.1\n900126\t1\t91.2\n900139\t2\t34.3\n900152\t1\t67.4\n";
        // As many lines as crossings, and not one for each.
        let chance = "ghm,sortie,age,duree\nA1,mutation,64,1\nB1,domicile,92,6\nC1,domicile,80,11\nD1,domicile,74,3\nA1,domicile,68,8\nA1,domicile,12,10\nC1,domicile,24,7\nD1,domicile,81,8\n";
        for text in [stata, sas, knitr, top, sampled, numbered, chance] {
            assert!(!fired(ID, text, &rules("generic_10")).is_empty(), "{text}");
        }
        let results = "                     The SAS System                     1\n\n        Obs    region    sexe    revenu\n\n          1    Nord      F        21340\n          2    Nord      H        31800\n          3    Sud       F        18500\n          4    Sud       H        27250\n          5    Est       F        20900\n          6    Est       H        22700\n";
        assert!(fired(ID, results, &rules("generic_10")).is_empty());
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
