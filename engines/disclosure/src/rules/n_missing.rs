//! `N_MISSING`: estimates without the number of observations behind them.

use crate::report::{Finding, Severity};
use crate::request::{Found, Known};

/// The rule's id.
pub const ID: &str = "N_MISSING";

/// Looks at each file that holds a table of estimates; the number may stand anywhere in it.
pub fn find(known: &[Known], out: &mut Found) {
    for file in known {
        let models = &file.facts.models;
        if let (Some(at), Some(place), false) = (file.file, models.estimates, models.gives_n()) {
            let text = "estimates without their number of observations: it must be reported";
            out.push((at, Finding::new(ID, Severity::Warning, "n_missing", text.into()).at(place)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fired, rules};

    #[test]
    fn estimates_without_their_number_are_told_and_others_are_not() {
        let table =
            "variable,coef,se,p\nage,0.02,0.004,0.001\nsex,-0.31,0.1,0.002\neduc,0.09,0.02,0.0\n";
        let set = rules("generic_10");
        assert!(!fired(ID, table, &set).is_empty());
        for n in
            ["N,812,,\n", "Observations,812,,\n", "nobs,812,,\n", "\nModel on 812 observations\n"]
        {
            assert!(fired(ID, &format!("{table}{n}"), &set).is_empty(), "{n}");
        }
    }
}
