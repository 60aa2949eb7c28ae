//! `PLOT_POINTS`: markers of a graphic that stand for single units.

use crate::extract::{Seen, Sight};
use crate::report::{Finding, Severity};

/// The rule's id.
pub const ID: &str = "PLOT_POINTS";

/// The finding for a cloud of markers; `None` for other sights.
pub fn finding(seen: &Seen) -> Option<Finding> {
    let text = "the graphic has a marker for each single unit";
    (seen.sight == Sight::Points)
        .then(|| super::seen::finding(ID, Severity::Error, "plot_points", text, seen))
}
