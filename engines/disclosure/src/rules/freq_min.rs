//! `FREQ_MIN`: a published count above zero and below the minimum.

use std::sync::LazyLock;

use regex::Regex;

use crate::extract::Line;
use crate::report::{Finding, Findings, Location, Severity};
use crate::rule_set::{CountBasis, RuleSet};
use crate::table::Table;
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
        let small = is_small(number.value, rules.min_count, rules.zeros_disclosive);
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

static WORDS: LazyLock<Regex> = LazyLock::new(|| {
    let units = UNITS.join("|");
    let pattern = format!(
        r"\b(?:(un|une|one|deux|two|trois|three|quatre|four|cinq|five|six|sept|seven|huit|eight|neuf|nine|dix|ten)|(\d{{1,3}})) (?:{units})\b"
    );
    Regex::new(&pattern).expect("the pattern is a constant")
});

static SIZES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:^|[^a-z0-9_])(?:n|nobs|obs|number of obs|no\. observations|effectif|observations) ?[=:] ?(\d{1,3})(?:[^\d.,\s]|[.,]?(?:\s|$))(?:[^\d]|$)?")
        .expect("the pattern is a constant")
});

/// Looks for small counts in sentences: `deux ménages`, `3 patients`, `n = 4`.
pub fn prose(lines: &[Line], rules: &RuleSet, out: &mut Findings) {
    for line in lines {
        let folded = fold(&line.text);
        for found in WORDS.captures_iter(&folded) {
            let before = &folded[..found.get(0).map_or(0, |m| m.start())];
            let named = ["table ", "tableau ", "figure ", "annexe ", "partie ", "graphique "];
            if named.iter().any(|word| before.ends_with(word)) {
                continue;
            }
            let digits = found.get(2).and_then(|m| m.as_str().parse().ok());
            let count = digits.or_else(|| found.get(1).and_then(|m| spelt(m.as_str())));
            push(count, line, rules, out);
        }
        for found in SIZES.captures_iter(&folded) {
            push(found.get(1).and_then(|m| m.as_str().parse().ok()), line, rules, out);
        }
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
