//! `MODEL_SATURATED`: a model with as many parameters as observations gives its data back.

use crate::model::{Model, Models, Term};
use crate::report::{Finding, Findings, Location, Severity};

/// The rule's id.
pub const ID: &str = "MODEL_SATURATED";

/// Whether the model leaves nothing to chance: n <= k, or an R² of 0.9999 or more with one
/// residual degree of freedom at most.
pub fn is_saturated(model: &Model) -> bool {
    let parameters = model.df_model.map(|df| df + 1.0);
    let full = matches!((model.n, parameters), (Some(n), Some(k)) if n <= k);
    let fits = model.r2.is_some_and(|r2| r2 >= 0.9999);
    full || model.df_resid.is_some_and(|df| df <= 0.0 || (fits && df <= 1.0))
}

/// Whether the terms are indicators alone, most of them crossed: an implicit table of means.
pub fn is_implicit_table(terms: &[Term]) -> bool {
    let constant = |label: &str| {
        let label = label.trim().to_lowercase();
        label.contains("intercept") || label.starts_with("const") || label.starts_with("_cons")
    };
    let terms: Vec<&str> =
        terms.iter().map(|t| t.label.as_str()).filter(|l| !constant(l)).collect();
    let indicator =
        |part: &str| part.contains("[T.") || part.contains("factor(") || part.starts_with("C(");
    let parts = |label: &str| label.split([':', '#']).map(str::to_owned).collect::<Vec<_>>();
    let dummies = |label: &&&str| parts(label).iter().all(|part| indicator(part));
    let crossed = |label: &&&str| parts(label).len() > 1;
    terms.len() >= 3
        && terms.iter().all(|label| dummies(&label))
        && terms.iter().filter(crossed).count() * 3 >= terms.len()
}

/// Looks at the models of a file.
pub fn find(models: &Models, out: &mut Findings) {
    for model in models.models.iter().filter(|model| is_saturated(model)) {
        let text = "the model has as many parameters as observations: it gives the data back";
        let mut finding = Finding::new(ID, Severity::Error, "model_saturated", text.into())
            .at(Location::line(model.line));
        if let Some(n) = model.n {
            finding = finding.value(n);
        }
        out.push(finding);
    }
    if is_implicit_table(&models.terms) {
        let text =
            "indicators alone, crossed with each other: the coefficients are a table of means";
        let place = models.terms.first().map(|t| t.place).unwrap_or_default();
        out.push(
            Finding::new(ID, Severity::Warning, "model_implicit_table", text.into()).at(place),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The oracle counts the residual degrees of freedom: n less the parameters.
        #[test]
        fn saturation_agrees_with_counting(n in 1u32..40, k in 1u32..40) {
            let model = Model { n: Some(f64::from(n)), df_model: Some(f64::from(k - 1)), ..Model::default() };
            prop_assert_eq!(is_saturated(&model), i64::from(n) - i64::from(k) <= 0);
        }
    }

    #[test]
    fn a_perfect_fit_with_degrees_of_freedom_left_is_an_identity_and_not_saturated() {
        let fit = |df| Model { r2: Some(1.0), df_resid: Some(df), ..Model::default() };
        assert!(is_saturated(&fit(1.0)) && !is_saturated(&fit(40.0)));
    }

    #[test]
    fn crossed_indicators_are_a_table() {
        let terms = |labels: &[&str]| -> Vec<Term> {
            labels.iter().map(|l| Term { label: (*l).into(), place: Location::default() }).collect()
        };
        assert!(is_implicit_table(&terms(&[
            "Intercept",
            "C(a)[T.x]",
            "C(b)[T.y]",
            "C(a)[T.x]:C(b)[T.y]"
        ])));
        assert!(!is_implicit_table(&terms(&["Intercept", "age", "C(b)[T.y]", "age:C(b)[T.y]"])));
        assert!(!is_implicit_table(&terms(&["C(a)[T.x]", "C(b)[T.y]", "C(b)[T.z]", "C(a)[T.w]"])));
    }
}
