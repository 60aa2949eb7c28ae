//! `FREQ_MIN`: a published count above zero and below the minimum.

mod prose;

use std::sync::LazyLock;

use regex::Regex;

use crate::report::{Finding, Findings, Severity};
use crate::rule_set::{CountBasis, RuleSet};
use crate::table::Table;
use crate::value::{self, Decimal};
use crate::words::{Role, fold, is_money};

pub use prose::prose;

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
    let compared = compared(table, rules);
    for (row, column, role, cell) in table.figures() {
        let Some(number) = cell.value.number() else { continue };
        let own = table.columns.get(column).map_or("", |c| c.title.as_str());
        let units = number.value * thousands(own);
        if !is_small(units, rules.min_count, rules.zeros_disclosive) {
            continue;
        }
        let (name, value, least) = (table.names(row, column), number.value, rules.min_count);
        let whole = number.is_count() && number.decimals == 0;
        let finding = match role {
            Role::Count { weighted } if compared(weighted) => {
                let text = format!("{name}: {value} units, fewer than {least}");
                Finding::new(ID, Severity::Error, "freq_min", text)
            }
            Role::Unknown if whole && !is_rounded(table, row, column) => {
                let text = format!("{name}: {value} is below {least}, if it is a number of units");
                Finding::new(ID, Severity::Warning, "freq_min_maybe", text)
            }
            _ => continue,
        };
        let finding = finding.at(cell.place).value(value).threshold(f64::from(least));
        out.push(finding.arg("cell", name));
    }
}

/// Which of weighted and unweighted counts are compared with the minimum.
fn compared(table: &Table, rules: &RuleSet) -> impl Fn(bool) -> bool + use<> {
    // Thousands have decimals, and are no weighted count.
    let counts = table.columns.iter().filter_map(|c| match c.role {
        Role::Count { weighted } if thousands(&c.title) < 2.0 => Some(weighted),
        _ => None,
    });
    let weights: Vec<bool> = counts.collect();
    let both = weights.contains(&true) && weights.contains(&false);
    let basis = rules.count_basis;
    move |weighted| match basis {
        CountBasis::Both => true,
        _ if !both => true,
        CountBasis::Weighted => weighted,
        CountBasis::Unweighted => !weighted,
    }
}

/// Whether a whole number is an estimate that lost its zeros (`3` among `1,42` and `2,07`): most of
/// its column has decimals, and so has another figure of its row.
fn is_rounded(table: &Table, row: usize, column: usize) -> bool {
    let numbers = || (0..table.rows.len()).filter_map(|r| table.cell(r, column)?.value.number());
    let broken = numbers().filter(|n| n.decimals > 0).count();
    let beside = || (0..table.columns.len()).filter(|c| *c != column);
    let other = |c: &usize| !matches!(table.role(row, *c), Role::Count { .. } | Role::Label);
    broken >= 2
        && broken * 2 > numbers().count()
        && beside().filter(other).any(|c| {
            table.cell(row, c).and_then(|cell| cell.value.number()).is_some_and(|n| n.decimals > 0)
        })
}

/// A unit that stands alone in brackets, or closes a title: `(milliers)`, `, en millions`.
static THOUSANDS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:[(\[] ?(?:en |in )?|, (?:en|in) )(milliers|thousands|millions) ?(?:[)\]]|$)")
        .expect("the pattern is a constant")
});

/// How many units one of a column is: `Salariés (milliers)`. A title that speaks of money may give
/// the unit of that.
fn thousands(title: &str) -> f64 {
    let folded = fold(title);
    match THOUSANDS.captures(folded.trim()).and_then(|hit| hit.get(1)).map(|m| m.as_str()) {
        Some(_) if is_money(&folded) => 1.0,
        Some("millions") => 1e6,
        Some(_) => 1e3,
        None => 1.0,
    }
}

/// The whole number that a text starts with; `None` for one with decimals.
fn whole(text: &str) -> Option<u32> {
    let text = text.trim_end_matches([' ', '.', ',']);
    let number = value::read(text, Decimal::Unknown).number().or_else(|| {
        let first = text.split([' ', ',']).next()?;
        value::read(first, Decimal::Unknown).number()
    })?;
    // `4.0` is how programs write 4.
    let whole = number.decimals == 0 || number.decimals == 1 && number.value.fract() == 0.0;
    if !whole || !(0.0..1e9).contains(&number.value) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded above")]
    let whole = number.value as u32;
    Some(whole)
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
            "3 patients in 10 hospitals died.",
            "3 patients sur 4 inclus sont décédés.",
            "Il y a au moins 4 patients décédés.",
            "Le nombre de cas est égal à 4 patients.",
            "Over 2 weeks, at most 3 patients died.",
            "Un patient est décédé à Lyon.",
            "La rougeole a touché 900 personnes dans 3 foyers.",
            "effectif : 4.0",
            "Parmi les patientes, quatre seulement ont reçu une hormonothérapie.",
            "Sur 812 patients, 3 d'entre eux sont décédés.",
            "Of the 812 patients, five of whom died early.",
            "En Corse, décès : 3; blessés : 4.",
            "Bonjour,\n\nDans le canton il ne reste que deux patients après le filtre de la base, mais le taux est stable.\n\nBien cordialement",
            "L'étude porte sur 4 120 patients dont 3 décédés.",
            "n = 4 120 patients dont 3",
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
            "Un ménage est défini par ses revenus.",
            "Les cellules d'au moins 5 patients sont diffusées.",
            "Chaque groupe compte au moins 5 patients.",
            "Les entreprises de plus de 10 salariés et d'au moins 5 personnes sont interrogées.",
            "Un effectif supérieur ou égal à 5 personnes.",
            "Population : 9 000 séjours de 3 établissements.",
            "En moyenne 2,5 patients par lit.",
            "Les effets sont significatifs pour trois variables seulement.",
            "Patients : 3 groupes d'âge; ménages : 4,5 %.",
            "L'étude porte sur 4 120 patients dont 3 120 femmes.",
            "Les cellules de moins de 11 d'entre eux sont masquées.",
        ] {
            assert!(!fires(text), "{text}");
        }
    }

    #[test]
    fn only_a_unit_of_its_own_makes_thousands() {
        let set = rules("generic_10");
        let fires = |title: &str| {
            !fired(super::ID, &format!("zone;{title}\nNord;3\nSud;12\nEst;45\n"), &set).is_empty()
        };
        for title in [
            "Nombre d'entreprises (CA en millions > 50)",
            "Ménages au patrimoine de plus de 1 (million)",
            "Effectif de villes (en millions d'habitants)",
            "Patients réveillés après 8 heures",
            "Effectif, position cadre",
            "Décès avant 48 heures",
        ] {
            assert!(fires(title), "{title}");
        }
        for title in
            ["Salariés (milliers)", "Effectifs, en millions", "Nombre d'heures", "Durée de séjour"]
        {
            assert!(!fires(title), "{title}");
        }
        let thousands = "APE;Unités légales;Effectifs salariés (milliers)\n01.41Z;1204;3,1\n05.20Z;2;0,1\n08.92Z;17;0,1\n";
        assert_eq!(fired(super::ID, thousands, &rules("enterprise")), [(3, 2)]);
    }

    #[test]
    fn a_size_in_a_header_is_a_count() {
        let text = "Caractéristique;Hommes (n = 812);Autres (n = 6)\nÂge moyen;45,2;46,8\nTabac, %;21,3;16,7\n";
        assert_eq!(fired(super::ID, text, &rules("generic_10")), [(2, 3)]);
    }
}
