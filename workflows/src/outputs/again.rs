//! The comparison before a release: with what left after the request was scanned.
//!
//! Threat: two requests of a project, each safe beside what had left when it was scanned, of which
//! the second to leave gives back a count below every minimum by its difference from the first.
//! Guaranteed: nothing leaves that was not compared with everything that left before it, since the
//! figures of a release are kept under the same lock under which it is compared.

use std::{collections::BTreeSet, io};

use disclosure::{FileReport, Released, RuleSet};
use domain::{Export, ExportId, outputs::export::ExportState};

use super::{
    export::{event, tell},
    frozen, released,
    report::{self, Found, Report},
    scan::{self, COMPARED},
};
use crate::{Centre, Failure};

/// The event of a request that a later release sent back to people.
pub(super) const REOPENED: &str = "export.reopened";

/// What a comparison found.
pub(super) struct Again {
    /// The requests whose releases the request was compared with, in the scan or now.
    pub compared: BTreeSet<ExportId>,
    /// The reports on its files, where they raise what its approval did not know.
    pub raised: Option<Vec<Option<FileReport>>>,
}

/// The requests whose releases a request was compared with last; none where that was not written.
pub(super) async fn known(
    centre: &Centre,
    export: &Export,
) -> Result<Option<BTreeSet<ExportId>>, Failure> {
    let events = centre.store.events_of(export.id).await?;
    let kinds = ["score.done", "scan.blocked", REOPENED];
    let last = events.iter().rev().find(|sealed| kinds.contains(&sealed.event.kind.as_str()));
    let named = last.and_then(|sealed| sealed.event.payload.get(COMPARED));
    let named = named.map(|named| serde_json::from_value(named.clone())).transpose();
    named.map_err(Failure::engine("read which releases a scan was compared with"))
}

/// Compares a request that is to leave with what left of its project since it was compared last.
pub(super) fn compare(
    centre: &Centre,
    export: &Export,
    rules: &RuleSet,
    known: &BTreeSet<ExportId>,
) -> io::Result<Again> {
    let mut kept = released::of_project(centre, export.application)?;
    kept.retain(|(id, _)| *id != export.id); // of an attempt that did not end
    let (compared, released): (BTreeSet<ExportId>, Vec<Released>) = kept.into_iter().unzip();
    if compared.is_subset(known) {
        return Ok(Again { compared: known.clone(), raised: None });
    }
    let files = export.files().map(|file| (file, file.withdrawn));
    let read = |number: usize| std::fs::read(frozen::copy_of(centre, export, number));
    let reports = scan::request(centre, &released, files, read, rules)?;
    let mut raises = false;
    for (number, report) in reports.iter().enumerate().filter(|(at, _)| leaves(export, *at)) {
        let Some(report) = report else { continue };
        raises |= is_new(frozen::report(centre, export, number).as_ref(), report)?;
    }
    Ok(Again { compared, raised: raises.then_some(reports) })
}

fn leaves(export: &Export, number: usize) -> bool {
    let ExportState::Releasing { files, .. } = &export.state else { return false };
    export.files().nth(number).is_some_and(|file| files.contains(&file.path))
}

/// Whether a report says what the sealed one does not; remarks do not count.
fn is_new(sealed: Option<&Report>, report: &FileReport) -> io::Result<bool> {
    let now: Report = serde_json::from_value(serde_json::to_value(report)?)?;
    let said = |found: &Found| -> io::Result<(String, String, String, String)> {
        let place = serde_json::to_string(&found.location)?;
        Ok((found.rule.clone(), found.severity.clone(), place, found.message.clone()))
    };
    let known: BTreeSet<_> =
        sealed.iter().flat_map(|report| &report.findings).map(said).collect::<io::Result<_>>()?;
    let weighs = |found: &&Found| found.severity != "info";
    let now: BTreeSet<_> =
        now.findings.iter().filter(weighs).map(said).collect::<io::Result<_>>()?;
    Ok(!now.is_subset(&known))
}

/// Sends a request back to people, with the reports that tell why.
pub(super) async fn reopen(
    centre: &Centre,
    export: &Export,
    compared: &BTreeSet<ExportId>,
    reports: &[Option<FileReport>],
) -> Result<(), Failure> {
    for (number, report) in reports.iter().enumerate() {
        let Some(report) = report else { continue };
        let written = serde_json::to_vec(report).map_err(Failure::engine("write a report"))?;
        let written = frozen::write_report(centre, export, number, &written);
        written.map_err(Failure::engine("write a report"))?;
    }
    let summaries = reports.iter().map(|report| report.as_ref().map(report::summary)).collect();
    let after = export.reopen(summaries, centre.now())?;
    let mut event = event(centre, None, REOPENED, &after);
    tell(&mut event, COMPARED, compared);
    Ok(centre.store.change(&event).replace(export, &after).commit().await?)
}
