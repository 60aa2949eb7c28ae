//! `EXTREME_VALUE`: minima, maxima and ranges are the values of single units.

use std::sync::LazyLock;

use regex::Regex;

use crate::extract::Line;
use crate::report::{Finding, Findings, Location, Severity};
use crate::rule_set::RuleSet;
use crate::table::Table;
use crate::value::{self, Decimal};
use crate::words::{Role, fold, tokens};

/// The rule's id.
pub const ID: &str = "EXTREME_VALUE";

/// Looks at each number that is named an extreme; 0, 1 and 100 bound scales and name nobody.
pub fn find(table: &Table, _rules: &RuleSet, out: &mut Findings) {
    for (row, column, role, cell) in table.figures() {
        let Some(number) = cell.value.number() else { continue };
        let severity = match role {
            Role::Extreme => Severity::Error,
            Role::Largest | Role::Second => Severity::Warning,
            _ => continue,
        };
        if [0.0, 1.0, 100.0].contains(&number.value) && severity == Severity::Error {
            continue;
        }
        let name = table.names(row, column);
        let text = format!("{name}: an extreme is the value of a single unit");
        out.push(
            Finding::new(ID, severity, "extreme_value", text)
                .at(cell.place)
                .value(number.value)
                .arg("cell", name),
        );
    }
}

/// The finding for the answer to a command that asks for an extreme.
pub fn answer(value: f64) -> Finding {
    let text = format!("{value}: an extreme is the value of a single unit");
    Finding::new(ID, Severity::Error, "extreme_value", text).value(value).arg("cell", value)
}

static WORDS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?:^|[^a-z0-9_/])(max|min|maximum|minimum|maximale?|minimale?|(?:la|le|l') ?plus (?:haute?|basse?|elevee?|faible|grande?|petite?|grosse?|jeune|agee?|ancienn?e?|longue?|courte?)|highest|lowest|largest|smallest|oldest|youngest|longest|shortest)(?:(?: [a-z']{2,12}){0,2}?|(?: (?:de |d'|du |des )?(?:l'|la |le |les |the )?[a-z'-]{2,20}){0,3}? (?:atteint|atteignait|s'eleve a|s'elevait a|reaches|reached|equals)) ?(?:=|:|,|\(|est de|etait de|vaut|de|a|is|was|of|aged)? ?(\d[\d .,]*)( ?%| ?pour ?cent| ?iterations?)?",
    )
    .expect("the pattern is a constant")
});

/// Words beside which a least or greatest figure is that of a group, a rule or a program.
const GROUPS: &[&str] = &[
    "effectif",
    "count",
    "taux",
    "part",
    "proportion",
    "moyenne",
    "mean",
    "average",
    "median",
    "mediane",
    "rate",
    "share",
    "cellule",
    "cell",
    "region",
    "departement",
    "groupe",
    "group",
    "categorie",
    "frequency",
    "nombre",
    "lag",
];

/// Words of lines that tell of a rule or a program and of no unit.
const RULES: &[&str] = &[
    "seuil",
    "regle",
    "secret",
    "threshold",
    "rule",
    "iteration",
    "likelihood",
    "per group",
    "tolerance",
    " thru ",
];

/// The part of a sentence around a hit, from the last comma, semicolon or full stop to the next.
fn clause(text: &str, start: usize, end: usize) -> &str {
    let stops = [", ", "; ", ". "];
    let from = stops.iter().filter_map(|stop| Some(text[..start].rfind(stop)? + stop.len())).max();
    // What was found may end with the blank behind the stop.
    let rest = text.get(end.saturating_sub(1)..).unwrap_or_default();
    let to = stops.iter().filter_map(|stop| rest.find(stop)).min();
    let to = to.map_or(text.len(), |to| end.saturating_sub(1) + to);
    text.get(from.unwrap_or(0)..to.max(start)).unwrap_or_default()
}

/// Looks for extremes in sentences: `le plus âgé a 97 ans`, `max = 240 512`; for a person.
pub fn prose(lines: &[Line], out: &mut Findings) {
    for line in lines.iter().filter(|line| line.text.len() < 2000) {
        if !line.text.contains(|c: char| c.is_ascii_digit()) {
            continue;
        }
        let folded = fold(&line.text);
        if RULES.iter().any(|word| folded.contains(word)) {
            continue;
        }
        for found in WORDS.captures_iter(&folded).filter(|found| found.get(3).is_none()) {
            let whole = found.get(0).map_or(0..0, |m| m.range());
            let clause = clause(&folded, whole.start, whole.end);
            let words = tokens(clause);
            if GROUPS.iter().any(|group| words.contains(group)) {
                continue;
            }
            let text = found.get(2).map_or("", |m| m.as_str()).trim_end_matches([' ', '.', ',']);
            let number = value::read(text, Decimal::Unknown).number().map(|n| n.value);
            let Some(number) = number.filter(|n| ![0.0, 1.0, 100.0].contains(n)) else { continue };
            let name = found.get(1).map_or("", |m| m.as_str());
            let message = format!("`{name}` {number}: an extreme is the value of a single unit");
            out.push(
                Finding::new(ID, Severity::Warning, "extreme_value", message)
                    .at(Location::line(line.number))
                    .value(number)
                    .arg("cell", name),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{few, fired, rules};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(few())]
        /// The oracle fires on every extreme but the bounds of a scale.
        #[test]
        fn every_extreme_fires_but_the_bounds_of_a_scale(low in 0u32..200, high in 0u32..200) {
            let text = format!("group,n,mean,min,max\na,120,50.5,{low},{high}\nb,130,51.5,0,100\n");
            let bound = |v: u32| [0, 1, 100].contains(&v);
            let mut naive = Vec::new();
            naive.extend((!bound(low)).then_some((2, 4)));
            naive.extend((!bound(high)).then_some((2, 5)));
            prop_assert_eq!(fired(ID, &text, &rules("generic_10")), naive);
        }
    }

    #[test]
    fn extremes_in_sentences_go_to_a_person_and_those_of_groups_and_rules_do_not() {
        let set = rules("generic_10");
        let fires = |text: &str| !fired(ID, &format!("{text}\n"), &set).is_empty();
        for text in [
            "La note la plus haute est de 19,7 points.",
            "Salaire : maximum = 240 512 euros.",
            "Le salaire le plus élevé de l'établissement atteint 41 200 euros par mois.",
            "The oldest was 97 years.",
        ] {
            assert!(fires(text), "{text}");
        }
        for text in [
            "Le seuil minimum est de 11 patients.",
            "Le taux le plus élevé est de 45,2 en Corse.",
            "Obs per group: min = 2",
            "Maximum likelihood, 5 iterations",
            "recode age (45/54=2) (55/max=3 \"55+\"), gen(classe)",
        ] {
            assert!(!fires(text), "{text}");
        }
    }
}
