//! The scan of a sealed request: the engine looks at each frozen file, hard limits block, the
//! others go their way (`risk/route.rs`).

use std::collections::BTreeSet;

use disclosure::{FileReport, Input, Kind, Released, Session, risk::History};
use domain::{
    Export, ExportId,
    outputs::export::{ExportFile, FileKind, Summary},
};
use store::Store;

use super::{
    export::{event, tell},
    frozen, jobs, released, report,
    risk::seen::{self, Named},
    rule_set,
};
use crate::{Centre, Failure, failure::is_disk_full};

/// The part of a scan's event that names the requests whose releases it was compared with.
pub(super) const COMPARED: &str = "compared";

/// Notes that the engine starts.
pub(super) async fn start(centre: &Centre, export: &Export) -> Result<(), Failure> {
    let after = export.start_scan()?;
    let event = event(centre, None, "scan.started", &after);
    Ok(centre.store.change(&event).replace(export, &after).commit().await?)
}

/// Looks at each file, one after the other, so that memory holds one at a time. Doing it twice,
/// after a crash, gives the same.
pub(super) async fn scan(centre: &Centre, export: &Export) -> Result<(), Failure> {
    let rules = rule_set::of_export(centre, export).await?.rules;
    let history = seen::history(centre, export).await?;
    let (own, all) = (centre.clone(), export.clone());
    let looked = tokio::task::spawn_blocking(move || look(&own, &all, &rules, history)).await;
    let Scan { summaries, blocked, features, compared } = match looked {
        Ok(Ok(found)) => found,
        // No room for the report: the clock starts the scan again, nobody need decide anything.
        Ok(Err(error)) if is_disk_full(&error) => {
            return Err(Failure::engine("write a report")(error));
        }
        Ok(Err(error)) => return jobs::failed(centre, export, "files-unreadable", &error).await,
        Err(panic) => return jobs::failed(centre, export, "engine-failed", &panic).await,
    };
    let (after, kind) = match &blocked {
        Some(reason) => (export.block(reason.clone(), summaries)?, "scan.blocked"),
        None => (export.score(summaries)?, "score.done"),
    };
    let mut event = event(centre, None, kind, &after);
    event.reason = blocked;
    let reports: Vec<_> = after
        .files()
        .map(|file| serde_json::json!({ "path": file.path, "report": file.report }))
        .collect();
    tell(&mut event, "reports", reports);
    tell(&mut event, COMPARED, compared);
    let seen = Store::risk_seen(&seen::row(centre, export, &features));
    Ok(centre.store.change(&event).replace(export, &after).writes([seen]).commit().await?)
}

/// What a scan found.
struct Scan {
    /// Of each file that was looked at.
    summaries: Vec<Option<Summary>>,
    /// Why nothing may leave.
    blocked: Option<String>,
    /// The features of the whole.
    features: Named,
    /// The requests whose releases it was compared with.
    compared: BTreeSet<ExportId>,
}

fn look(
    centre: &Centre,
    export: &Export,
    rules: &disclosure::RuleSet,
    history: History,
) -> std::io::Result<Scan> {
    let (compared, released): (BTreeSet<ExportId>, Vec<Released>) =
        released::of_project(centre, export.application)?.into_iter().unzip();
    let files = export.files().map(|file| (file, file.withdrawn));
    let read = |number: usize| std::fs::read(frozen::copy_of(centre, export, number));
    let reports = request(centre, &released, files, read, rules)?;
    let (mut summaries, mut blocked) = (Vec::new(), None);
    for (number, report) in reports.iter().enumerate() {
        let Some(report) = report else {
            summaries.push(None);
            continue;
        };
        let written = serde_json::to_vec(report).map_err(std::io::Error::other)?;
        frozen::write_report(centre, export, number, &written)?;
        summaries.push(Some(report::summary(report)));
        let leaves = export.files().nth(number).is_some_and(|it| it.kind == FileKind::Output);
        let limit = hard_limit(report).filter(|_| leaves);
        blocked = blocked.or_else(|| limit.map(ToOwned::to_owned));
    }
    let reports: Vec<FileReport> = reports.into_iter().flatten().collect();
    let features = seen::features(export, &reports, rules.min_count, history);
    Ok(Scan { summaries, blocked, features, compared })
}

/// Checks the files of a request together: supporting files (contributions) speak for the outputs,
/// and what the project took out before is compared with. Left out (`true`) files give `None`.
/// `read` is asked for one file after the other, so that memory holds the bytes of one at a time.
pub(super) fn request<'f>(
    centre: &Centre,
    released: &[Released],
    files: impl Iterator<Item = (&'f ExportFile, bool)>,
    read: impl Fn(usize) -> std::io::Result<Vec<u8>>,
    rules: &disclosure::RuleSet,
) -> std::io::Result<Vec<Option<FileReport>>> {
    // Each file in a process of its own, that can do nothing else.
    let mut session =
        Session::read_by(rules, Box::new(|name, bytes| centre.readers.read(name, bytes)));
    released.iter().for_each(|kept| session.released_before(kept.clone()));
    let (mut reports, mut outputs) = (Vec::new(), Vec::new());
    for (number, (file, left_out)) in files.enumerate() {
        if left_out {
            reports.push(None);
            continue;
        }
        let bytes = read(number)?;
        let input = Input { name: &file.path, bytes: &bytes };
        reports.push(Some(match file.kind {
            FileKind::Output => {
                outputs.push(number);
                session.file(&input)
            }
            FileKind::Supporting | FileKind::Code => session.supporting(&input),
        }));
    }
    for (place, finding) in session.finish() {
        let report = outputs.get(place).and_then(|number| reports.get_mut(*number)?.as_mut());
        if let Some(report) = report {
            report.add(finding);
        }
    }
    Ok(reports)
}

/// What no checker can let out, as the key of its reason: data files of statistical software and
/// serialized objects hold lines of single units (rule `BINARY_DATASET`). Sizes and numbers are
/// refused at the sealing.
fn hard_limit(report: &FileReport) -> Option<&'static str> {
    match report.kind {
        Kind::StatisticalFile | Kind::Serialized => Some("binary_dataset"),
        _ => None,
    }
}
