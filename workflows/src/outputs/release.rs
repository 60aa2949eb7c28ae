//! The release of an approved request: its evidence is put together, sealed by an event, and the
//! author may pick the files up.

use std::collections::BTreeSet;

use domain::{Export, ExportId, outputs::export::ExportState};
use sha2::{Digest, Sha256};

use super::{
    again::{self, Again},
    export::{event, tell},
    frozen, jobs, pack, released,
    report::{Found, Report},
    risk::route,
    rule_set,
};
use crate::{Centre, Failure, failure::is_disk_full};

/// Notes that the release is put together.
pub(super) async fn start(centre: &Centre, export: &Export) -> Result<(), Failure> {
    let after = export.start_release()?;
    let event = event(centre, None, "release.started", &after);
    Ok(centre.store.change(&event).replace(export, &after).commit().await?)
}

/// Compares each copy with what was sealed and with what has left since, writes the evidence and
/// opens the pick-up. Doing it twice, after a crash, gives one evidence.
pub(super) async fn release(centre: &Centre, export: &Export) -> Result<(), Failure> {
    let rules = rule_set::of_export(centre, export).await?.rules;
    let known = again::known(centre, export).await?.unwrap_or_default();
    let (own, all) = (centre.clone(), export.clone());
    let check = move || {
        compare(&own, &all).map_err(|error| ("files-altered", error))?;
        let again = again::compare(&own, &all, &rules, &known)
            .map_err(|error| ("figures-unread", error))?;
        if again.raised.is_none() {
            released::keep(&own, &all).map_err(|error| ("figures-unread", error))?;
        }
        Ok(again)
    };
    let leaving = centre.jobs.leaving().await;
    let checked = tokio::task::spawn_blocking(check).await;
    drop(leaving);
    let compared = match checked {
        Ok(Ok(Again { compared, raised: None })) => compared,
        Ok(Ok(Again { compared, raised: Some(reports) })) => {
            return again::reopen(centre, export, &compared, &reports).await;
        }
        // No room for the figures: the clock starts the release again, nobody need decide anything.
        Ok(Err((_, error))) if is_disk_full(&error) => {
            return Err(Failure::engine("keep the figures of a release")(error));
        }
        Ok(Err((reason, error))) => return jobs::failed(centre, export, reason, &error).await,
        Err(panic) => return jobs::failed(centre, export, "engine-failed", &panic).await,
    };
    match seal(centre, export, &compared).await {
        // It would be read the same at each tick: an operator tries again once it is repaired.
        Err(failure) if failure.is_corrupt() => {
            jobs::failed(centre, export, "row-unreadable", &failure).await
        }
        sealed => sealed,
    }
}

/// Makes evidence and pack, and opens the pick-up by the event that seals both.
async fn seal(
    centre: &Centre,
    export: &Export,
    compared: &BTreeSet<ExportId>,
) -> Result<(), Failure> {
    let after = export.finish_release(centre.now())?;
    let body = evidence(centre, export, &after, compared).await?;
    let sha256 = hex::encode(Sha256::digest(body.as_bytes()));
    let pack = match pack::build(centre, export, &body).await {
        Ok(pack) => pack,
        // The clock starts the release again: the pack itself is not at fault.
        Err(failure @ (Failure::Store(_) | Failure::Conflict(_))) => return Err(failure),
        Err(failure) if failure.is_disk_full() => return Err(failure),
        // It would fail for ever. What was kept so far stays, and an operator tries again.
        Err(failure) => return jobs::failed(centre, export, "pack-failed", &failure).await,
    };
    let mut event = event(centre, None, pack::SEALED_BY, &after);
    tell(&mut event, "evidence_sha256", &sha256);
    tell(&mut event, "pack", pack);
    if let ExportState::Available { until, files } = &after.state {
        tell(&mut event, "until", until);
        tell(&mut event, "files", files);
    }
    let evidence = store::Store::evidence_written(export.id, &sha256, &body);
    let mut change = centre.store.change(&event);
    Ok(change.replace(export, &after).writes([evidence]).commit().await?)
}

fn compare(centre: &Centre, export: &Export) -> std::io::Result<()> {
    for (number, file) in export.files().enumerate().filter(|(_, file)| !file.withdrawn) {
        let (sha256, bytes) = frozen::digest(&frozen::copy_of(centre, export, number))?;
        if (sha256.as_str(), bytes) != (file.sha256.as_str(), file.bytes) {
            return Err(std::io::Error::other("a frozen copy is not what was sealed"));
        }
    }
    Ok(())
}

/// Which rules fired where, without any figure.
fn rules_of(report: &Report) -> Vec<serde_json::Value> {
    let told = |found: &Found| {
        serde_json::json!({
            "rule": found.rule, "severity": found.severity, "location": found.location,
        })
    };
    report.findings.iter().map(told).collect()
}

/// The evidence (JOURNEYS 1.18): what was asked, found, voted and released. Reviewers are numbered,
/// not named, and their private comments stay with the checkers: the author reads it too.
async fn evidence(
    centre: &Centre,
    export: &Export,
    after: &Export,
    compared: &BTreeSet<ExportId>,
) -> Result<String, Failure> {
    let ExportState::Releasing { votes, files } = &export.state else {
        return Err(Failure::Conflict("exports"));
    };
    let described = export.files().enumerate().map(|(number, file)| {
        // A small table can be guessed from its hash, and a finding quotes cells, also of other files
        // with which it was compared: of what stays neither is told, of what leaves no figure.
        let leaves = files.contains(&file.path);
        let findings = frozen::report(centre, export, number).filter(|_| leaves);
        serde_json::json!({
            "path": file.path, "kind": file.kind,
            "sha256": leaves.then_some(&file.sha256), "bytes": leaves.then_some(file.bytes),
            "withdrawn": file.withdrawn, "released": leaves,
            "report": file.report, "kept_approvals": file.kept.len(),
            "findings": findings.map(|report| rules_of(&report)),
        })
    });
    let votes = votes.iter().enumerate().map(|(at, vote)| {
        let files = vote.files.iter();
        let choices =
            files.map(|file| serde_json::json!({ "path": file.path, "choice": file.choice }));
        serde_json::json!({
            "reviewer": format!("reviewer-{}", at + 1), "at": vote.at,
            "files": choices.collect::<Vec<_>>(),
        })
    });
    let comments = export.comments.iter().map(|comment| {
        serde_json::json!({
            "turn": comment.turn, "at": comment.at, "path": comment.path, "text": comment.text,
        })
    });
    let events = centre.store.events_of(export.id).await?;
    let events = events.iter().map(|sealed| {
        serde_json::json!({
            "id": sealed.event.id, "kind": sealed.event.kind, "at": sealed.event.at,
            "commitment": sealed.commitment, "leaf": sealed.leaf,
        })
    });
    let groups = export.groups.iter().map(|group| {
        let files: Vec<&String> = group.files.iter().map(|file| &file.path).collect();
        serde_json::json!({
            "name": group.name, "context": group.context, "controls": group.controls,
            "files": files,
        })
    });
    let (earlier, recordings) = pack::beside(centre, export, compared).await?;
    let until = match &after.state {
        ExportState::Available { until, .. } => Some(until),
        _ => None,
    };
    let body = serde_json::json!({
        "format": "bulle-evidence-1",
        "export": export.id, "number": export.number, "application": export.application,
        "title": export.title, "turn": export.turn, "route": route::evidence(export),
        "groups": groups.collect::<Vec<_>>(),
        "files": described.collect::<Vec<_>>(),
        "rule_sets": export.rule_sets, "rules": export.rules, "reviewers": export.reviewers,
        "votes": votes.collect::<Vec<_>>(),
        "comments": comments.collect::<Vec<_>>(),
        "events": events.collect::<Vec<_>>(),
        "earlier_releases": earlier, "recordings": recordings,
        "pick_up_until": until,
    });
    serde_json::to_string_pretty(&body).map_err(Failure::engine("write the evidence"))
}
