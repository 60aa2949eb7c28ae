//! The quantiles of a model's residuals: whether they are values of units.

use crate::extract::Line;
use crate::table::Table;
use crate::words::{Role, fold};

/// Terms that are looked for, at most.
const TERMS: usize = 50;

/// Takes the quantiles of a model's residuals, which R prints as `Min 1Q Median 3Q Max` below
/// `Residuals:`, for no values of units: nobody has a unit's covariates. Where the model has no
/// covariate that is a number, only groups or the mean alone, a residual gives the value back.
pub fn settle(tables: &mut [Table], lines: &[Line]) {
    let ends = ["min", "1q", "median", "3q", "max"];
    let terms = terms(lines);
    let estimates = |table: &Table, term: &String| table.rows.iter().any(|r| r.label == *term);
    let printed = |line: &Line, term: &String| {
        let mut words = line.text.trim_start_matches(['#', ' ']).split_whitespace();
        words.next() == Some(term.as_str())
            && words.next().is_some_and(|w| w.parse::<f64>().is_ok())
    };
    let numeric = terms.iter().any(|term| {
        tables.iter().any(|table| estimates(table, term))
            || lines.iter().any(|line| printed(line, term))
    });
    for table in tables.iter_mut().filter(|_| numeric) {
        let first = table.rows.first().and_then(|row| row.cells.first()?.place.line);
        let headed = fold(&table.title).trim().starts_with("residuals:")
            || fold(&table.title).trim().starts_with("deviance residuals:")
            || lines.iter().any(|line| {
                let title = fold(&line.text);
                title.trim_start_matches('#').trim().ends_with("residuals:")
                    && first.is_some_and(|at| line.number < at && at <= line.number + 3)
            });
        let named = table.columns.len() == ends.len()
            && table.columns.iter().zip(ends).all(|(c, end)| fold(c.title.trim()) == end);
        if headed && named {
            table.columns.iter_mut().for_each(|column| column.role = Role::Other);
        }
    }
}

/// The terms of the formula of a call that a text shows: `lm(formula = duree ~ age + sexe)`. An
/// estimate that is called as its term is that of a number; those of groups bear the group's name.
fn terms(lines: &[Line]) -> Vec<String> {
    let call =
        lines.iter().filter_map(|line| line.text.split_once("formula = ")?.1.split_once('~'));
    call.flat_map(|(_, terms)| terms.split(['+', '*', ',', ')', ':', ' ']))
        .map(|term| term.trim().to_owned())
        .filter(|term| term.starts_with(char::is_alphabetic))
        .take(TERMS)
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{fired, rules};

    #[test]
    fn only_the_residuals_of_a_model_with_a_covariate_that_is_a_number_are_no_extremes() {
        let model = |formula: &str, term: &str, head: &str| {
            format!(
                "\nCall:\nlm(formula = {formula}, data = d)\n\n{head}    Min      1Q  Median      3Q     Max \n-5.0205 -2.0152 -0.0175  1.9801  6.9842 \n\nCoefficients:\n             Estimate Std. Error t value Pr(>|t|)    \n(Intercept) 6.014e+00  2.403e-01  25.023   <2e-16 ***\n{term}  7.098e-05  4.246e-03   0.017    0.987    \n"
            )
        };
        let set = rules("generic_10");
        let fires = |text: &str| !fired("EXTREME_VALUE", text, &set).is_empty();
        assert!(!fires(&model("duree ~ age", "age       ", "Residuals:\n")));
        assert!(fires(&model("duree ~ age", "age       ", "")));
        assert!(fires(&model("duree ~ sexe", "sexeHomme ", "Residuals:\n")));
    }
}
