//! `FREQ_MIN`: a published count above zero and below the minimum.

use std::sync::LazyLock;

use regex::Regex;

use crate::extract::Line;
use crate::report::{Finding, Findings, Location, Severity};
use crate::rule_set::{CountBasis, RuleSet};
use crate::table::Table;
use crate::value::{self, Decimal};
use crate::words::{Role, UNITS, fold};

/// The rule's id.
pub const ID: &str = "FREQ_MIN";

/// Whether a count of `count` units is refused under a minimum of `min_count`.
pub fn is_small(count: f64, min_count: u32, zeros_disclosive: bool) -> bool {
    // Not `count >= 1.0`: a weighted count between 0 and 1 is a unit too. NaN never comes here.
    (count > 0.0 && count < f64::from(min_count)) || (zeros_disclosive && count == 0.0)
}

/// Looks at each count of a table; at whole numbers of unknown meaning too, for a person.
pub fn find(table: &Table, rules: &RuleSet, out: &mut Findings) {
    in_headers(table, rules, out);
    let weights: Vec<bool> = table
        .columns
        .iter()
        .filter_map(|c| match c.role {
            Role::Count { weighted } => Some(weighted),
            _ => None,
        })
        .collect();
    let both = weights.contains(&true) && weights.contains(&false);
    let compared = |weighted: bool| match rules.count_basis {
        CountBasis::Both => true,
        _ if !both => true,
        CountBasis::Weighted => weighted,
        CountBasis::Unweighted => !weighted,
    };
    for (row, column, role, cell) in table.figures() {
        let Some(number) = cell.value.number() else { continue };
        let own = table.columns.get(column).map_or("", |c| c.title.as_str());
        let units = number.value * thousands(own);
        let small = is_small(units, rules.min_count, rules.zeros_disclosive);
        let finding = match role {
            Role::Count { weighted } if small && compared(weighted) => Finding::new(
                ID,
                Severity::Error,
                "freq_min",
                format!(
                    "{}: {} units, fewer than {}",
                    table.names(row, column),
                    number.value,
                    rules.min_count
                ),
            ),
            Role::Unknown if small && number.is_count() && number.decimals == 0 => Finding::new(
                ID,
                Severity::Warning,
                "freq_min_maybe",
                format!(
                    "{}: {} is below {}, if it is a number of units",
                    table.names(row, column),
                    number.value,
                    rules.min_count
                ),
            ),
            _ => continue,
        };
        out.push(
            finding
                .at(cell.place)
                .value(number.value)
                .threshold(f64::from(rules.min_count))
                .arg("cell", table.names(row, column)),
        );
    }
}

/// How many units one of a column is: `Salariés (milliers)`.
fn thousands(title: &str) -> f64 {
    let folded = fold(title);
    let said = |words: [&str; 3]| words.iter().any(|word| folded.contains(word));
    match () {
        () if said(["(millier", "en millier", "thousands"]) => 1e3,
        () if said(["(million", "en million", "in millions"]) => 1e6,
        () => 1.0,
    }
}

/// More units of sentences: as headers of columns they name classes.
const MORE_UNITS: &str = "femmes|hommes|cas|cases|dossiers|victimes|observations|femme|homme|cadres|ouvriers|employes|artisans|medecins|infirmiers|enseignants|chomeurs|locataires|proprietaires|children|families|familles|couples";

/// Units that hold others: named beside how many these are, they say where, not how many.
const HOLDERS: [&str; 7] =
    ["etablissement", "entreprise", "firm", "foyer", "hopita", "employeur", "organisation"];

static WORDS: LazyLock<Regex> = LazyLock::new(|| {
    let units = UNITS.join("|");
    let pattern = format!(
        r"(?:^|[^\w.,-])(?:(un|une|one|deux|two|trois|three|quatre|four|cinq|five|six|sept|seven|huit|eight|neuf|nine|dix|ten)|(\d{{1,3}}(?: \d{{3}})*)) (?:(seule?s?|autres?|grande?s?|petite?s?|only|single|other|large|small|more|nouve(?:aux|lles)) )?({units}|{MORE_UNITS})\b"
    );
    Regex::new(&pattern).expect("the pattern is a constant")
});

/// What follows a proportion: `9 eleves sur 10`, `one household in four`.
static OUT_OF: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^ (?:sur|in|out of|of every) (?:10|[2-9]|deux|two|trois|three|quatre|four|cinq|five|dix|ten|100|cent)(?:[^\d ]|\s?$| [^\d])")
        .expect("the pattern is a constant")
});

static SIZES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:^|[^a-z0-9_])(?:n|nobs|obs|number of obs|no\. observations|effectif|observations) ?[=:] ?(\d[\d .,]*)")
        .expect("the pattern is a constant")
});

/// What stands before the number of a rule, of a part or of a bound, which is no published count.
const BOUNDS: &[&str] = &[
    "table ",
    "tableau ",
    "figure ",
    "annexe ",
    "partie ",
    "graphique ",
    "moins de ",
    "au moins ",
    "plus de ",
    "fewer than ",
    "less than ",
    "at least ",
    "more than ",
    "minimum de ",
    "minimum of ",
    "inferieur a ",
    "inferieurs a ",
    "inferieure a ",
    "inferieures a ",
    "superieur a ",
    "superieurs a ",
    "superieure a ",
    "superieures a ",
    "under ",
    "below ",
    "above ",
    "over ",
    "jusqu'a ",
    "up to ",
    "seuil de ",
    "threshold of ",
    "sous ",
    "rule of ",
    "regle de ",
    "regle des ",
    "at most ",
    "au plus ",
    "tous les ",
    "egal a ",
    "minimum ",
];

/// Looks for small counts in sentences: `deux ménages`, `3 patients`, `n = 4`.
pub fn prose(lines: &[Line], rules: &RuleSet, out: &mut Findings) {
    for line in lines {
        let folded = fold(&line.text);
        let holders = rules.dominance.is_empty() && names_many(&folded, rules);
        for found in WORDS.captures_iter(&folded) {
            let own = found.get(1).or(found.get(2));
            let before = &folded[..own.map_or(0, |m| m.start())];
            let after = &folded[found.get(0).map_or(0, |m| m.end())..];
            let only = found.get(3).is_some_and(|m| !m.as_str().starts_with("autre"));
            let alone = ["seul ", "seule ", "only ", "seulement ", "just ", "que "];
            let article = found.get(1).is_some_and(|m| matches!(m.as_str(), "un" | "une" | "one"))
                && !only
                && !alone.iter().any(|word| before.ends_with(word));
            let unit = found.get(4).map_or("", |m| m.as_str());
            let holder = holders && HOLDERS.iter().any(|stem| unit.starts_with(stem));
            let bound = BOUNDS.iter().any(|word| before.ends_with(word));
            if bound || article || holder && !only || OUT_OF.is_match(after) {
                continue;
            }
            let digits = found.get(2).and_then(|m| m.as_str().replace(' ', "").parse().ok());
            let count = digits.or_else(|| found.get(1).and_then(|m| spelt(m.as_str())));
            push(count, line, rules, out);
        }
        for found in SIZES.captures_iter(&folded) {
            let text = found.get(1).map_or("", |m| m.as_str());
            push(whole(text), line, rules, out);
        }
    }
}

/// The whole number that a text starts with; `None` for one with decimals.
fn whole(text: &str) -> Option<u32> {
    let text = text.trim_end_matches([' ', '.', ',']);
    let number = value::read(text, Decimal::Unknown).number().or_else(|| {
        let first = text.split([' ', ',']).next()?;
        value::read(first, Decimal::Unknown).number()
    })?;
    if number.decimals > 0 || !(0.0..1e9).contains(&number.value) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded above")]
    let whole = number.value as u32;
    Some(whole)
}

/// Whether a line also counts many units that are no holders of others.
fn names_many(folded: &str, rules: &RuleSet) -> bool {
    WORDS.captures_iter(folded).any(|found| {
        let unit = found.get(4).map_or("", |m| m.as_str());
        let count = found.get(2).and_then(|m| m.as_str().replace(' ', "").parse::<u32>().ok());
        count.is_some_and(|c| c >= rules.min_count)
            && !HOLDERS.iter().any(|stem| unit.starts_with(stem))
    })
}

/// A size that stands in the header of a column or the label of a row: `Autres (n = 6)`.
static HEADED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:^|[^a-z0-9_])(?:n|nobs|effectif|base) ?[=:] ?(\d[\d .,]*)")
        .expect("the pattern is a constant")
});

/// The number of units that a header or a label gives in brackets.
pub fn headed(text: &str) -> Option<u32> {
    if !text.contains(['=', ':']) {
        return None;
    }
    let folded = fold(text);
    whole(HEADED.captures(&folded)?.get(1)?.as_str())
}

/// Looks at the sizes in headers and labels.
fn in_headers(table: &Table, rules: &RuleSet, out: &mut Findings) {
    let columns = table.columns.iter().enumerate().map(|(at, c)| (&c.title, table.cell(0, at)));
    let rows = table.rows.iter().map(|row| (&row.label, row.cells.first()));
    for (text, cell) in columns.chain(rows) {
        let count = headed(text).filter(|c| *c > 0 && *c < rules.min_count);
        let (Some(count), Some(cell)) = (count, cell) else { continue };
        let name: String = text.chars().take(60).collect();
        let message = format!("`{name}`: {count} units, fewer than {}", rules.min_count);
        out.push(
            Finding::new(ID, Severity::Error, "freq_min", message)
                .at(cell.place)
                .value(f64::from(count))
                .threshold(f64::from(rules.min_count))
                .arg("cell", name),
        );
    }
}

fn push(count: Option<u32>, line: &Line, rules: &RuleSet, out: &mut Findings) {
    let Some(count) = count.filter(|c| *c > 0 && *c < rules.min_count) else { return };
    let text = format!("the text names {count} units, fewer than {}", rules.min_count);
    out.push(
        Finding::new(ID, Severity::Error, "freq_min_words", text)
            .at(Location::line(line.number))
            .value(f64::from(count))
            .threshold(f64::from(rules.min_count)),
    );
}

fn spelt(word: &str) -> Option<u32> {
    Some(match word {
        "un" | "une" | "one" => 1,
        "deux" | "two" => 2,
        "trois" | "three" => 3,
        "quatre" | "four" => 4,
        "cinq" | "five" => 5,
        "six" => 6,
        "sept" | "seven" => 7,
        "huit" | "eight" => 8,
        "neuf" | "nine" => 9,
        "dix" | "ten" => 10,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{fired, rules};

    #[test]
    fn counts_in_sentences_are_told_from_bounds_proportions_and_articles() {
        let set = rules("health_11");
        let fires = |text: &str| !fired(super::ID, &format!("{text}\n"), &set).is_empty();
        for text in [
            "Seuls trois patients ont été opérés.",
            "Un seul patient est décédé.",
            "Au total 9 séjours (n = 9).",
            "Only 4 patients died.",
            "On compte 7 femmes.",
        ] {
            assert!(fires(text), "{text}");
        }
        for text in [
            "Les cellules de moins de 11 patients sont masquées.",
            "Cells with fewer than 10 persons are masked.",
            "9 patients sur 10 sont suivis.",
            "L'étude porte sur 12 340 patients.",
            "Base : n = 2 410 séjours.",
            "Un patient peut avoir plusieurs séjours.",
            "Population : 9 000 séjours de 3 établissements.",
            "En moyenne 2,5 patients par lit.",
        ] {
            assert!(!fires(text), "{text}");
        }
    }

    #[test]
    fn a_size_in_a_header_is_a_count() {
        let text = "Caractéristique;Hommes (n = 812);Autres (n = 6)\nÂge moyen;45,2;46,8\nTabac, %;21,3;16,7\n";
        assert_eq!(fired(super::ID, text, &rules("generic_10")), [(2, 3)]);
    }
}
