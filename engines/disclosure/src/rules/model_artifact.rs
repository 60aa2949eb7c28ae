//! `MODEL_ARTIFACT`: a serialized model, which only a person who knows its kind can judge.

use crate::extract::{Seen, Sight};
use crate::report::{Finding, Severity};

/// The rule's id.
pub const ID: &str = "MODEL_ARTIFACT";

/// The finding for a model; `None` for other sights.
pub fn finding(seen: &Seen) -> Option<Finding> {
    let text = "a serialized model may give back what it was fitted on";
    let model = matches!(seen.sight, Sight::Model);
    model.then(|| super::seen::finding(ID, Severity::Warning, "model_artifact", text, seen))
}
