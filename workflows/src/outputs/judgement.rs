//! What checkers say of single findings: read from the events, as the time of reviews is.

use std::collections::BTreeMap;

use domain::{
    Actor, Event, Export, ExportId, PersonId, Timestamp,
    outputs::{
        judgement::{Judgement, check_word, is_shown, may_judge},
        risk_model::may_read,
    },
};

use store::StoreError;
use uuid::Uuid;

use super::{
    export::{event, name_of, tell},
    frozen,
    review_time::taken_from,
};
use crate::{Centre, Failure};

/// What somebody said of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The file.
    pub path: String,
    /// Its finding, by its place in the report, from 0.
    pub finding: usize,
    /// The rule.
    pub rule: String,
    /// Who.
    pub by: PersonId,
    /// Their name.
    pub name: String,
    /// What.
    pub judgement: Judgement,
    /// Why; may be empty where it was accepted.
    pub word: String,
    /// When.
    pub at: Timestamp,
}

/// Says of one finding, by its place in the report of the file whose path `is_it`, that it holds, or
/// that it does not and why. The last word of a
/// checker counts; the earlier ones stay in the log.
///
/// # Errors
/// [`Failure::Missing`] for a file or finding that the request does not have.
#[tracing::instrument(name = "workflow.judge_finding", skip_all, fields(export.id = %id), err)]
pub async fn judge_finding(
    centre: &Centre,
    actor: &Actor,
    id: ExportId,
    (is_it, finding): (impl Fn(&str) -> bool + Send, usize),
    (judgement, word): (Judgement, &str),
) -> Result<(), Failure> {
    let export: Export = centre.load("export", id).await?;
    may_judge(actor, &export)?;
    check_word(judgement, word)?;
    let named = export.files().enumerate().find(|(_, file)| is_it(&file.path));
    let (number, file) = named.ok_or_else(|| Failure::missing("file of", id))?;
    let report = frozen::report(centre, &export, number);
    let found = report.as_ref().and_then(|report| report.findings.get(finding));
    let found = found.ok_or_else(|| Failure::missing("finding", finding))?;
    let mut event = event(centre, Some(actor), judgement.event(), &export);
    event.reason = Some(word.trim().to_owned()).filter(|word| !word.is_empty());
    tell(&mut event, "path", &file.path);
    tell(&mut event, "finding", finding);
    tell(&mut event, "rule", &found.rule);
    tell(&mut event, "severity", &found.severity);
    // The row is rewritten as it is: a decision of the same moment makes one of the two lose.
    Ok(centre.store.change(&event).replace(&export, &export).commit().await?)
}

/// What was said of the findings of an export's present turn, as far as the reader may see it.
pub(super) async fn of_export(
    centre: &Centre,
    actor: &Actor,
    export: &Export,
) -> Result<Vec<Judged>, Failure> {
    let events = centre.store.events_of(export.id).await?.into_iter().map(|sealed| sealed.event);
    let turn = u64::from(export.turn);
    let of_turn = events.filter(|event| event.payload["turn"].as_u64() == Some(turn));
    let mut judged = last_words(of_turn);
    judged.retain(|one| is_shown(actor, export, one.by));
    for one in &mut judged {
        one.name = name_of(centre, one.by).await?;
    }
    Ok(judged)
}

/// The last word of each checker on each finding, without names. From whom the review was taken,
/// because they are of the project now or for another cause, has no word.
fn last_words(events: impl Iterator<Item = Event>) -> Vec<Judged> {
    let mut last = BTreeMap::new();
    for event in events {
        if event.kind == "review.unassigned" {
            let out = taken_from(&event).unwrap_or_default();
            last.retain(|(_, _, by), _| !out.contains(by));
            continue;
        }
        let of = |kind: Judgement| event.kind == kind.event();
        let both = [Judgement::Accepted, Judgement::Contested];
        let Some(judgement) = both.into_iter().find(|one| of(*one)) else { continue };
        let (Some(by), Some(path)) = (event.actor, event.payload["path"].as_str()) else {
            continue;
        };
        let finding = event.payload["finding"].as_u64().and_then(|at| usize::try_from(at).ok());
        let Some(finding) = finding else { continue };
        let one = Judged {
            path: path.to_owned(),
            finding,
            rule: event.payload["rule"].as_str().unwrap_or_default().to_owned(),
            by,
            name: String::new(),
            judgement,
            word: event.reason.clone().unwrap_or_default(),
            at: event.at,
        };
        last.insert((one.path.clone(), finding, by), one);
    }
    last.into_values().collect()
}

/// What checkers said of a rule's findings, in all requests.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct RuleLabels {
    /// The rule.
    pub rule: String,
    /// Findings of it that hold.
    pub accepted: usize,
    /// Findings of it that do not.
    pub contested: usize,
}

/// How often checkers accepted and contested the findings of each rule: labels for the rules, for
/// those who answer for the risk model. What is under review counts once it is decided.
pub async fn list_labels(centre: &Centre, actor: &Actor) -> Result<Vec<RuleLabels>, Failure> {
    may_read(actor)?;
    let mut turns: BTreeMap<(Uuid, u64), Vec<Event>> = BTreeMap::new();
    for sealed in centre.store.judgement_events().await? {
        let turn = sealed.event.payload["turn"].as_u64().unwrap_or(0);
        turns.entry((sealed.event.object, turn)).or_default().push(sealed.event);
    }
    for state in super::UNDER_REVIEW {
        // Votes are blind, and so are these; where the turn cannot be read, in every turn.
        for export in centre.store.each::<Export>("state", state).await? {
            match export {
                Ok(export) => drop(turns.remove(&(export.id.0, u64::from(export.turn)))),
                Err(StoreError::Corrupt { id, .. }) => {
                    turns.retain(|(export, _), _| export.to_string() != id);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
    let mut rules: BTreeMap<String, RuleLabels> = BTreeMap::new();
    for one in turns.into_values().flat_map(|events| last_words(events.into_iter())) {
        let labels = rules.entry(one.rule.clone()).or_default();
        labels.rule = one.rule;
        match one.judgement {
            Judgement::Accepted => labels.accepted += 1,
            Judgement::Contested => labels.contested += 1,
        }
    }
    Ok(rules.into_values().collect())
}
