//! What the command says: progress, and what was found.

use indicatif::{ProgressBar, ProgressStyle};
use linkage::{Linked, Step, cluster::stable::Change, model::Share};

pub(super) fn show(bar: &ProgressBar, step: Step) {
    let style = |text| ProgressStyle::with_template(text).expect("a constant template");
    match step {
        Step::Comparing(done, all) => {
            if bar.length() != Some(all) {
                bar.set_length(all);
                bar.set_style(style("{msg} {wide_bar} {percent} %"));
                bar.set_message("comparing");
            }
            bar.set_position(done);
        }
        other => {
            bar.set_style(style("{spinner} {msg}"));
            bar.set_message(match other {
                Step::Reading => "reading",
                Step::Normalising => "normalising",
                Step::Blocking => "sorting keys",
                Step::Fitting => "fitting the model",
                _ => "choosing pairs",
            });
        }
    }
}

/// What was found, in lines on standard error.
pub(super) fn tell(linked: &Linked) {
    for table in std::iter::once(&linked.left).chain(&linked.right) {
        let columns = table.columns.iter();
        let columns = columns.map(|(role, column)| format!("{} = {}", column.name, role.name()));
        let columns = columns.collect::<Vec<_>>().join(", ");
        eprintln!("{}: {} records, id {}; {columns}", table.name, table.len(), table.id_name);
        if !table.unused.is_empty() {
            eprintln!("{}: not used: {}", table.name, table.unused.join(", "));
        }
    }
    for note in &linked.notes {
        eprintln!("note: {note}");
    }
    if let Some(drift) = &linked.drift {
        let [both, new, gone] = drift.records;
        let [clusters, same] = drift.clusters;
        eprintln!("records: {both} of both runs, {new} new, {gone} gone");
        let change = |change: Change| {
            let (lines, records) = drift.count(change);
            format!("{} {lines} ({records} records)", change.name())
        };
        let changes = Change::ALL.map(change).join(", ");
        eprintln!("clusters: {same} of {clusters} have the same records; {changes}");
    }
    let (cut, candidates) = (&linked.cut, &linked.candidates);
    let pairs = candidates.pairs.len();
    eprintln!("compared {pairs} pairs in {} patterns", candidates.patterns.len());
    eprintln!("{} links of probability {:.3} and more", cut.links, cut.probability);
    let none = || "unknown: there is no link".to_owned();
    let precision = cut.precision.map_or_else(none, interval);
    eprintln!("precision, by the model's own estimate: {precision}");
    match (cut.recall, cut.unreached) {
        (Some(recall), Some(unreached)) => {
            eprintln!("recall, by the model's own estimate: {}", interval(recall));
            eprintln!("true pairs that no rule reached, estimated: {unreached:.0}");
        }
        _ => eprintln!("recall: unknown, for {}", linked.why_recall_is_unknown()),
    }
}

fn interval(share: Share) -> String {
    format!("{:.4} ({:.4} to {:.4})", share.value, share.low, share.high)
}
