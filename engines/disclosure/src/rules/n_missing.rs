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
