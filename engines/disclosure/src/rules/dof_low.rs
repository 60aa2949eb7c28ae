//! `DOF_LOW`: a model with fewer residual degrees of freedom than the minimum.

use crate::model::Models;
use crate::report::{Finding, Findings, Location, Severity};
use crate::rule_set::RuleSet;
use crate::table::Table;
use crate::words::{Role, fold};

/// The rule's id.
pub const ID: &str = "DOF_LOW";

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

/// Looks at what programs print of their models.
pub fn models(models: &Models, rules: &RuleSet, out: &mut Findings) {
    for model in &models.models {
        // n less the parameters where the residual ones are not printed: the constant is one.
        let derived = || Some((model.n? - model.df_model? - 1.0, model.line));
        let printed = model.df_resid.map(|dof| (dof, model.df_line));
        if let Some((dof, line)) = printed.or_else(derived) {
            push(dof, Location::line(line), rules, out);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{few, fired, rules};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(few())]
        /// Every way in which programs print residual degrees of freedom is compared alike.
        #[test]
        fn every_printing_is_compared(dof in 0u32..40) {
            for text in [
                format!("Residual standard error: 2.557 on {dof} degrees of freedom\n"),
                format!("Df Residuals:                      {dof}\nDf Model: 2\n"),
                format!("    Residual |  1024.2     {dof}   56.9\n"),
                format!("Residual deviance: 12.1  on {dof}  degrees of freedom\n"),
                format!("Dep. Variable:   murder   Distribution:      F(4,{dof})\n"),
            ] {
                let naive = if dof < 10 { vec![(1, 0)] } else { vec![] };
                prop_assert_eq!(fired(ID, &text, &rules("generic_10")), naive, "{}", text);
            }
        }
    }

    #[test]
    fn what_is_not_printed_is_counted() {
        let text = |n: u32| format!("OLS Regression Results\nNo. Observations: {n}\nDf Model: 3\n");
        assert!(!fired(ID, &text(13), &rules("generic_10")).is_empty());
        assert!(fired(ID, &text(14), &rules("generic_10")).is_empty());
    }

    #[test]
    fn degrees_of_a_test_or_of_the_model_are_no_residual_ones() {
        for text in
            ["Pearson chi2(3) = 12.4\n", "Df Model:   3\n", "F-statistic: 48.08 on 3 and 28 DF\n"]
        {
            assert!(fired(ID, text, &rules("generic_10")).is_empty(), "{text}");
        }
    }
}
