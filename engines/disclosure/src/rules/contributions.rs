//! `DOMINANCE`, `PPERCENT` and `FREQ_MIN` of sums, from the contributions of a supporting file.

use std::collections::{HashMap, HashSet};

use super::{dominance, freq_min, p_percent};
use crate::contributors::{Cell, Cells, Contributors};
use crate::report::{Finding, Severity};
use crate::request::{Found, Known};
use crate::rule_set::RuleSet;
use crate::structure::{Fact, Measure};

/// The tables of which contributions know every figure, by the place of their file among the known
/// ones and by their own among its tables.
pub type Covered = HashSet<(usize, usize)>;

/// Looks at each sum of the request whose cell the contributions know; gives the tables that they
/// know whole.
pub fn find(
    known: &[Known],
    contributors: &[Contributors],
    rules: &RuleSet,
    out: &mut Found,
) -> Covered {
    let mut met: HashMap<(usize, usize), HashSet<usize>> = HashMap::new();
    for own in contributors {
        let mut cells: HashMap<Vec<usize>, Cells> = HashMap::new();
        for (nth, file) in known.iter().enumerate() {
            let Some(at) = file.file else { continue };
            for (index, table) in file.facts.tables.iter().enumerate() {
                let sums = table.measure == Measure::Sum;
                if !sums && table.measure != Measure::Unknown {
                    continue;
                }
                for (place, fact) in table.facts.iter().enumerate() {
                    let Some(value) = fact.value else { continue };
                    let Some(cell) = cell(own, fact, &mut cells, at, out) else { continue };
                    // What nothing names a sum is one only where the contributions add up to it.
                    let agrees = agrees(value, &cell);
                    if sums || agrees == Some(true) {
                        judge(fact, &cell, value, rules, (at, out));
                        met.entry((nth, index)).or_default().insert(place);
                    }
                    if sums && agrees == Some(false) {
                        contradicts(fact, &cell, value, &own.name, (at, out));
                    }
                }
            }
        }
    }
    let whole = |(&(nth, index), places): (&(usize, usize), &HashSet<usize>)| {
        let facts = &known[nth].facts.tables[index].facts;
        let figures = facts.iter().filter(|fact| fact.value.is_some()).count();
        (places.len() == figures).then_some((nth, index))
    };
    met.iter().filter_map(whole).collect()
}

/// Whether the contributions add up to the published figure; `None` where their total is unknown.
fn agrees(value: f64, cell: &Cell) -> Option<bool> {
    let totals: Vec<f64> = [cell.net, cell.total].into_iter().flatten().collect();
    (!totals.is_empty()).then(|| totals.iter().any(|total| same(value, total.abs())))
}

/// Contributions to another figure prove nothing of this one.
fn contradicts(fact: &Fact, cell: &Cell, value: f64, name: &str, (at, out): (usize, &mut Found)) {
    let total = cell.net.or(cell.total).unwrap_or_default();
    let text =
        format!("{}: {value} here, but the contributions in `{name}` add up to {total}", fact.name);
    let id = super::control_file_missing::ID;
    let finding = Finding::new(id, Severity::Warning, "control_file_contradicts", text)
        .at(fact.place)
        .value(value)
        .threshold(total)
        .arg("cell", &fact.name)
        .arg("other", name);
    out.push((at, finding));
}

/// The contributions to a figure. Its header may name the magnitude (`CA`): that is no category.
fn cell(
    own: &Contributors,
    fact: &Fact,
    cells: &mut HashMap<Vec<usize>, Cells>,
    at: usize,
    out: &mut Found,
) -> Option<Cell> {
    let known: Vec<u64> =
        fact.key.iter().copied().filter(|category| own.find(&vec![*category]).is_some()).collect();
    if known.len() < fact.key.len() && known.len() + 1 != fact.key.len() {
        return None;
    }
    let found = own.find(&known)?;
    let (by, codes): (Vec<usize>, Vec<u32>) = found.into_iter().unzip();
    if !cells.contains_key(&by) {
        let added = own.cells(&by).unwrap_or_else(|error| {
            let text = format!("the contributions could not be used: {error}");
            let id = super::control_file_missing::ID;
            out.push((at, Finding::new(id, Severity::Warning, "control_file_unread", text)));
            Cells::default()
        });
        cells.insert(by.clone(), added);
    }
    cells.get(&by)?.get(&codes).copied()
}

/// Whether a published figure is a total in units, thousands or millions, rounded or not.
fn same(value: f64, total: f64) -> bool {
    [1.0, 1e3, 1e6]
        .iter()
        .any(|unit| (value.abs() * unit - total).abs() <= (0.5 * unit).max(0.005 * total))
}

fn judge(fact: &Fact, cell: &Cell, value: f64, rules: &RuleSet, (at, out): (usize, &mut Found)) {
    let total = cell.total.unwrap_or(value.abs());
    let mut push =
        |rule: &'static str, key: &'static str, text: String, value: f64, threshold: f64| {
            let finding = Finding::new(rule, Severity::Error, key, text)
                .at(fact.place)
                .value((value * 10.0).round() / 10.0)
                .threshold(threshold)
                .arg("cell", &fact.name);
            out.push((at, finding));
        };
    let name = &fact.name;
    for rule in &rules.dominance {
        let leading =
            if rule.n == 1 { cell.first } else { cell.first + cell.second.unwrap_or_default() };
        if total > 0.0 && leading > rule.percent / 100.0 * total {
            let share = 100.0 * leading / total;
            let text = format!(
                "{name}: by the contributions, the {} largest hold {share:.1} %, more than {} %",
                rule.n, rule.percent
            );
            push(dominance::ID, "dominance", text, share, rule.percent);
        }
    }
    if let (Some(p), Some(second)) = (rules.p_percent, cell.second) {
        let rest = total - cell.first - second;
        if cell.first > 0.0 && p_percent::fires(rest, cell.first, p) {
            let near = 100.0 * rest / cell.first;
            let text = format!(
                "{name}: by the contributions, the second largest can estimate the largest to within {near:.1} %, less than {p} %"
            );
            push(p_percent::ID, "p_percent", text, near, p);
        }
    }
    if let Some(units) =
        cell.units.filter(|units| freq_min::is_small(*units, rules.min_count, false))
    {
        let least = f64::from(rules.min_count);
        let text = format!("{name}: by the contributions, {units} units, fewer than {least}");
        push(freq_min::ID, "freq_min", text, units, least);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::rules;

    #[test]
    fn a_dominated_margin_is_found_though_no_cell_of_it_is() {
        let table = "Chiffre d'affaires;Nord;Sud;Total\nbois;100;100;200\nverre;100;120;220\nTotal;200;220;420\n";
        let mut text = String::from("secteur;region;siren;montant\n");
        for (sector, region, big) in [
            ("bois", "Nord", "x"),
            ("bois", "Sud", "y"),
            ("verre", "Nord", "z"),
            ("verre", "Sud", "z"),
        ] {
            let rest = if sector == "verre" && region == "Sud" { 4 } else { 2 };
            let first = if sector == "verre" { 80 + 4 * rest } else { 50 };
            text.push_str(&format!("{sector};{region};{big};{first}\n"));
            for nth in 0..10 {
                text.push_str(&format!("{sector};{region};{big}{region}{nth};{rest}\n"));
            }
        }
        let files = [
            crate::Input { name: "ca.csv", bytes: table.as_bytes() },
            crate::Input { name: "contributions.csv", bytes: text.as_bytes() },
        ];
        let reports = crate::check(&files, &rules("enterprise"));
        assert_eq!(reports[1].purpose, crate::Purpose::Supporting);
        let places: Vec<_> = reports[0]
            .findings
            .iter()
            .filter(|f| f.rule == dominance::ID)
            .map(|f| (f.location.line, f.location.column))
            .collect();
        // `z` gives 88 of 108 and 96 of 136 to the cells of glass, and 184 of 244 to its total.
        assert!(places.is_empty(), "{places:?}");
        let strict = crate::RuleSet {
            dominance: vec![crate::Dominance { n: 1, percent: 74.0 }],
            ..rules("enterprise")
        };
        let reports = crate::check(&files, &strict);
        let places: Vec<_> = reports[0]
            .findings
            .iter()
            .filter(|f| f.rule == dominance::ID)
            .map(|f| (f.location.line, f.location.column))
            .collect();
        assert_eq!(places, [(Some(3), Some(2)), (Some(3), Some(4))]);
    }

    #[test]
    fn contributions_to_other_figures_are_told_and_cover_nothing() {
        let table = "secteur;nb entreprises;chiffre d'affaires\nbois;40;1000\nverre;50;2000\n";
        let read = |control: &str| {
            let files = [
                crate::Input { name: "ca.csv", bytes: table.as_bytes() },
                crate::Input { name: "fichier_controle.csv", bytes: control.as_bytes() },
            ];
            let report = crate::check(&files, &rules("enterprise")).remove(0);
            report.findings.iter().map(|f| (f.message_key, f.severity)).collect::<Vec<_>>()
        };
        assert_eq!(read("secteur;max;total\nbois;100;1000\nverre;90;2000\n"), []);
        let wrong = read("secteur;max;total\nbois;100;1000\nverre;90;9000\n");
        assert_eq!(wrong, [("control_file_contradicts", Severity::Warning)]);
        // A file on another table silences nothing.
        let foreign = read("secteur;max;total\npain;100;1000\nlait;90;2000\n");
        assert_eq!(foreign, [("control_file_missing", Severity::Info)]);
        let half = read("secteur;max;total\nbois;100;1000\n");
        assert_eq!(half, [("control_file_missing", Severity::Info)]);
    }
}
