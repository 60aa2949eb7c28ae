//! A page on a linkage: one HTML file with drawings, no script, and no value of any record.

mod figures;
mod svg;

use crate::error::LinkError;
use crate::model::Share;
use crate::run::Linked;
use crate::write::Staged;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

/// A part of the records and how many of them were linked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What the records share, as `sex: female`.
    pub name: String,
    /// Records.
    pub records: usize,
    /// Records with a link above the cut.
    pub linked: usize,
}

/// How full a column is, in both files.
#[derive(Debug, Clone, PartialEq)]
pub struct Filled {
    /// What it holds.
    pub name: String,
    /// Share of the left file's records that have a value.
    pub left: f64,
    /// Share of the right file's.
    pub right: f64,
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;\
padding:0 1rem;color:#1b1f24;background:#fff}h1,h2{line-height:1.2}h2{margin-top:2.5rem;\
border-bottom:1px solid #d0d7de;padding-bottom:.3rem}table{border-collapse:collapse;font-size:.9rem;\
font-variant-numeric:tabular-nums;margin:1rem 0}th,td{padding:.25rem .7rem;text-align:right;\
border-bottom:1px solid #e5e8ec;vertical-align:top}th:first-child,td:first-child{text-align:left}\
caption{text-align:left;color:#57606a;padding-bottom:.4rem}.wide{overflow-x:auto}svg{max-width:100%;\
height:auto}svg text{font:12px system-ui,sans-serif;fill:#1b1f24}.a{fill:#0b6e4f}.b{fill:#b4532a}\
.c{fill:#c9d1d9}.l{stroke:#0b6e4f;fill:none;stroke-width:2}.m{stroke:#b4532a;fill:none;stroke-width:2;\
stroke-dasharray:5 3}.x{stroke:#8c959f;stroke-width:1}code{font-size:.95em}";

/// The file of a report in its folder.
pub const FILE: &str = "linkage.html";

/// Prepares [`FILE`] in a folder, which is made if it is not there.
///
/// # Errors
/// [`LinkError::Write`].
pub fn write(folder: &Path, linked: &Linked) -> Result<Staged, LinkError> {
    let place = folder.join(FILE);
    std::fs::create_dir_all(folder)
        .map_err(|source| LinkError::Write { name: place.display().to_string(), source })?;
    Staged::new(&place, |file| file.write_all(page(linked).as_bytes()))
}

/// The page.
pub fn page(linked: &Linked) -> String {
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>Linkage report</title><style>{STYLE}</style></head>\
         <body><main><h1>Linkage report</h1>\n"
    );
    summary(linked, &mut html);
    html.push_str(&figures::drift(linked));
    html.push_str(&figures::threshold(linked));
    html.push_str(&figures::filled(&linked.filled));
    html.push_str(&figures::groups(&linked.groups));
    html.push_str(&figures::rules(&linked.candidates.reports));
    html.push_str(&figures::levels(linked));
    html.push_str(&figures::classes(linked));
    html.push_str(&figures::patterns(linked));
    html.push_str("</main></body></html>\n");
    html
}

fn summary(linked: &Linked, html: &mut String) {
    let (cut, candidates) = (&linked.cut, &linked.candidates);
    let put = |html: &mut String, name: &str, value: String| {
        let _ = writeln!(html, "<tr><th scope=\"row\">{name}</th><td>{value}</td></tr>");
    };
    html.push_str("<p>No value of a record stands on this page.</p><table>");
    for table in [Some(&linked.left), linked.right.as_ref()].into_iter().flatten() {
        put(html, &escaped(&table.name), format!("{} records", table.len()));
    }
    put(html, "Pairs compared", candidates.pairs.len().to_string());
    put(html, "Patterns", candidates.patterns.len().to_string());
    put(html, "Links", format!("{} of probability {:.3} and more", cut.links, cut.probability));
    let interval =
        |share: Share| format!("{:.4} ({:.4} to {:.4})", share.value, share.low, share.high);
    let unknown = || format!("unknown: {}", linked.why_recall_is_unknown());
    let none = || "unknown: there is no link".to_owned();
    let precision = cut.precision.map_or_else(none, interval);
    put(html, "Precision, by the model's own estimate", precision);
    put(html, "Recall, by the model's own estimate", cut.recall.map_or_else(unknown, interval));
    let unreached = cut.unreached.map_or_else(unknown, |pairs| format!("{pairs:.0}"));
    put(html, "True pairs that no rule reached, estimated", unreached);
    html.push_str("</table>\n");
    for note in &linked.notes {
        let _ = writeln!(html, "<p><strong>Note:</strong> {}</p>", escaped(note));
    }
}

/// Text for HTML.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
