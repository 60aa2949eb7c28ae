//! `EMBEDDED_OBJECT`: data and files that a file carries behind what it shows.

use crate::extract::{Seen, Sight};
use crate::report::{Finding, Severity};

/// The rule's id.
pub const ID: &str = "EMBEDDED_OBJECT";

/// The finding for something embedded; `None` for other sights.
pub fn finding(seen: &Seen) -> Option<Finding> {
    let (key, text) = match seen.sight {
        Sight::PivotCache => {
            ("embedded_pivot", "the records behind a pivot table are kept in the file")
        }
        Sight::ChartCache => ("embedded_chart", "a chart keeps values that no visible sheet shows"),
        Sight::ExternalCache => {
            ("embedded_link", "values of another workbook are kept with a link to it")
        }
        Sight::EmbeddedFile => ("embedded_file", "a file is laid into the file"),
        Sight::Blob => ("embedded_blob", "data are written into the page"),
        Sight::PlotData => ("embedded_plot", "an interactive plot carries its data"),
        Sight::LiveGraph => ("embedded_graph", "a live graph carries its data"),
        Sight::Macro => ("embedded_macro", "the document holds a program"),
        _ => return None,
    };
    Some(super::seen::finding(ID, Severity::Error, key, text, seen))
}
