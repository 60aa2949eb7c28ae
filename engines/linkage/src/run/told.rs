//! What a person should know of the data, in sentences that tell no value of a record.

use crate::block::Candidates;
use crate::model::{Share, Steps, Unit};
use crate::records::{BIRTH, Records, Side};
use crate::review::Review;

/// What each step of the cascade over firms' numbers decided.
pub(super) fn steps(steps: &Steps, unit: Unit) -> String {
    let Steps { siret, siren, apart, rest } = steps;
    let what = match unit {
        Unit::Firm => format!("{siren} share a SIREN alone, and are links"),
        Unit::Establishment => "those that share a SIREN alone are judged by the model".to_owned(),
    };
    format!(
        "firms by their numbers first: {siret} compared pairs share a valid SIRET, and are links; {what}; \
         {apart} have two valid numbers that differ, and are none; {rest} are judged by names and \
         addresses"
    )
}

/// What labels changed and measured, in lines.
pub(super) fn review(review: &Review) -> Vec<String> {
    let Review { labels, matches, missed, absent, undecided, before, among_links, precision } =
        review;
    let mut told = vec![format!(
        "the model was refitted with {labels} labels, {matches} of them matches; labelled pairs are \
         decided by their label"
    )];
    if absent + undecided > 0 {
        told.push(format!(
            "{absent} labels are of records that are not in the files, {undecided} lines have no \
             judgement"
        ));
    }
    if *missed > 0 {
        told.push(format!(
            "{missed} labelled matches are compared by no rule, and are no links: recall is less for it"
        ));
    }
    let share =
        |share: &Share| format!("{:.4} ({:.4} to {:.4})", share.value, share.low, share.high);
    let none = || "unknown".to_owned();
    told.push(format!(
        "without labels the cut was {:.3}, with {} links of precision {} by the model's own estimate",
        before.probability,
        before.links,
        before.precision.as_ref().map_or_else(none, share)
    ));
    let (seen, good) = among_links;
    told.push(match precision {
        Some(measured) => format!(
            "precision of the links as {seen} labels among them measure it ({good} true, before labels \
             decide): {}; this holds if the labelled pairs of each band of weights are a random choice",
            share(measured)
        ),
        None => format!(
            "{seen} labels among the links, {good} true: too few to measure precision (20 at least)"
        ),
    });
    told
}

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
