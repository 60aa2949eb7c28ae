//! `MODEL_CONTAINS_DATA`: a model that keeps lines of data, or leaves of too few units.

use crate::extract::{Seen, Sight};
use crate::report::{Finding, Severity};
use crate::rule_set::RuleSet;

/// The rule's id.
pub const ID: &str = "MODEL_CONTAINS_DATA";

/// The finding for a model that keeps data; `None` for other sights, and for trees whose smallest
/// leaf has as many units as a cell must.
pub fn finding(seen: &Seen, rules: &RuleSet) -> Option<Finding> {
    if seen.sight != Sight::ModelData {
        return None;
    }
    let least = u64::from(rules.min_count);
    match seen.count.filter(|_| seen.what == "leaf") {
        Some(count) if count >= least => None,
        Some(count) => {
            let text = format!("a leaf of the tree holds {count} units, fewer than {least}");
            let text = super::seen::finding(ID, Severity::Error, "model_leaf", &text, seen);
            Some(
                text.threshold(f64::from(rules.min_count))
                    .arg("count", count)
                    .arg("minimum", least),
            )
        }
        None => {
            let text = "this kind of model keeps the lines that it was fitted on";
            Some(super::seen::finding(ID, Severity::Error, "model_contains_data", text, seen))
        }
    }
}
