//! `DOF_LOW`: a model with fewer residual degrees of freedom than the minimum.

use std::sync::LazyLock;

use regex::Regex;

use crate::extract::Line;
use crate::report::{Finding, Findings, Location, Severity};
use crate::rule_set::RuleSet;
use crate::table::Table;
use crate::words::{Role, fold};

/// The rule's id.
pub const ID: &str = "DOF_LOW";

static PRINTED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:df residuals?:\s*|residual df\s*[=:]?\s*|ddl residuels?\s*[=:]?\s*|residual standard error:.* on )(\d{1,4})(?:\s|$)")
        .expect("the pattern is a constant")
});

/// Looks at degrees of freedom in tables; those of the model are no residual ones.
pub fn find(table: &Table, rules: &RuleSet, out: &mut Findings) {
    let title = fold(&table.title);
    for (row, column, role, cell) in table.figures() {
        if role != Role::Dof {
            continue;
        }
        let names = fold(&table.names(row, column));
        let model = ["model", "numerator", "modele"].iter().any(|w| names.contains(w));
        if (names.contains("resid") || title.contains("resid"))
            && !model
            && let Some(number) = cell.value.number()
        {
            push(number.value, cell.place, rules, out);
        }
    }
}

/// Looks at what R and Python print.
pub fn prose(lines: &[Line], rules: &RuleSet, out: &mut Findings) {
    for line in lines {
        let folded = fold(&line.text);
        if let Some(dof) = PRINTED.captures(&folded).and_then(|c| c.get(1)?.as_str().parse().ok()) {
            push(dof, Location::line(line.number), rules, out);
        }
    }
}

fn push(dof: f64, place: Location, rules: &RuleSet, out: &mut Findings) {
    if dof < f64::from(rules.min_dof) {
        let text = format!("{dof} residual degrees of freedom, fewer than {}", rules.min_dof);
        out.push(
            Finding::new(ID, Severity::Error, "dof_low", text)
                .at(place)
                .value(dof)
                .threshold(f64::from(rules.min_dof)),
        );
    }
}
