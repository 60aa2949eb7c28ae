//! What a person should know of the data, in sentences that tell no value of a record.

use crate::block::Candidates;
use crate::records::{BIRTH, Records, Side};

pub(super) fn of(records: &Records, candidates: &Candidates) -> Vec<String> {
    let mut notes = Vec::new();
    let defaults = &records.values.default_dates;
    if !defaults.is_empty() {
        let of = |side: &Side| side.column(BIRTH).filter(|date| defaults.contains(date)).count();
        notes.push(format!(
            "{} dates of birth, of {} records, are too common to be true and are taken for unknown",
            defaults.len(),
            of(&records.left) + records.right.as_ref().map_or(0, of)
        ));
    }
    notes.push(coverage(records, candidates));
    let total = records.left.len() + records.right.as_ref().map_or(0, Side::len);
    for report in &candidates.reports {
        // Common names make large blocks in any file: what is out of all proportion is told apart.
        if report.largest > 1_000_000.max(10 * total as u64) {
            notes.push(format!(
                "rule \"{}\": one value alone would make {} pairs; {} blocks with {} pairs were left \
                 out, other rules must find these records",
                report.name, report.largest, report.blocks_left_out, report.left_out
            ));
        }
    }
    notes
}

/// One line in any case: what was left out, and who is compared with nobody for it.
fn coverage(records: &Records, candidates: &Candidates) -> String {
    let reports = &candidates.reports;
    let blocks: u64 = reports.iter().map(|report| report.blocks_left_out).sum();
    let rules = reports.iter().filter(|report| report.blocks_left_out > 0).count();
    let [left, right] = candidates.uncovered;
    let uncovered = match &records.right {
        None if records.first_new > 0 => {
            format!("{left} of {} new records", records.left.len() - records.first_new)
        }
        None => format!("{left} of {} records", records.left.len()),
        Some(side) => format!(
            "{left} of {} records of the left file and {right} of {} of the right one",
            records.left.len(),
            side.len()
        ),
    };
    format!(
        "{blocks} blocks, whose value too many records share, were left out of {rules} of {} rules; \
         {uncovered} are covered by no rule",
        reports.len()
    )
}
