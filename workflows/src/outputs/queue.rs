//! The checkers' queue.

use domain::{
    Actor, Application, Export, PersonId, Producer, Role, Text, Timestamp,
    outputs::{
        export::{ExportState, Vote},
        export_route::Routed,
        working_time,
    },
};

use super::{UNDER_REVIEW, rule_set};
use crate::{Centre, Failure};

/// Working days within which most requests are answered (JOURNEYS 3.2).
const TARGET_DAYS: usize = 2;
/// A line of the queue.
pub struct Queued {
    /// The request.
    pub export: Export,
    /// Its project.
    pub application: Application,
    /// Whose data the project uses.
    pub producers: Vec<Text>,
    /// Bytes of all files.
    pub bytes: u64,
    /// Since when it waits.
    pub since: Timestamp,
    /// Its age in working hours.
    pub age_hours: i64,
    /// When it should be answered.
    pub target: Timestamp,
    /// Whether that is past.
    pub late: bool,
    /// How many checkers have taken it.
    pub taken: usize,
    /// Whether the reader has.
    pub mine: bool,
    /// The rule of its gravest finding.
    pub worst: Option<String>,
    /// How many findings are errors.
    pub errors: usize,
    /// The way that it went in its present turn, with its score.
    pub routed: Option<Routed>,
}

/// The queue: what is late first, the oldest first; then what has a score by its score, the riskiest
/// first; then by age. Never requests of the reader's own projects.
pub async fn list_checks(centre: &Centre, actor: &Actor) -> Result<Vec<Queued>, Failure> {
    actor.needs(&[Role::Checker, Role::CheckerLead])?;
    let mut queue = Vec::new();
    for state in UNDER_REVIEW {
        for export in centre.store.exports_in(state).await? {
            if export.author != actor.id && !actor.works_in(export.application) {
                queue.push(queued(centre, actor, export).await?);
            }
        }
    }
    let rank = |line: &Queued| {
        let score = line.routed.as_ref().and_then(|routed| routed.score.as_ref());
        let score = score.filter(|_| !line.late).map(|score| (score.ppm, score.margin_milli));
        (!line.late, std::cmp::Reverse(score), line.since)
    };
    queue.sort_by_key(rank);
    Ok(queue)
}

async fn queued(centre: &Centre, actor: &Actor, export: Export) -> Result<Queued, Failure> {
    let application: Application = centre.load("application", export.application).await?;
    let now = centre.now();
    let (since, reviewers): (Timestamp, Vec<PersonId>) = match &export.state {
        ExportState::ReviewIndependent { since, assigned, .. } => (*since, assigned.clone()),
        ExportState::ReviewConsolidation { since, .. } => {
            (*since, consolidators(&export).collect())
        }
        ExportState::Queued { since } => (*since, Vec::new()),
        _ => (now, Vec::new()),
    };
    let target = working_time::days_after(since, TARGET_DAYS);
    let reports: Vec<_> = export.files().filter_map(|file| file.report.as_ref()).collect();
    let gravest = reports.iter().max_by_key(|report| (report.errors, report.warnings));
    Ok(Queued {
        producers: producers(centre, &application).await?,
        bytes: export.files().map(|file| file.bytes).sum(),
        age_hours: working_time::hours_between(since, now),
        late: target < now,
        target,
        since,
        taken: reviewers.len(),
        mine: reviewers.contains(&actor.id),
        worst: gravest.and_then(|report| report.rules.first().cloned()),
        errors: reports.iter().map(|report| report.errors).sum(),
        routed: export.routed.clone().filter(|routed| routed.turn == export.turn),
        application,
        export,
    })
}

pub(super) fn consolidators(export: &Export) -> impl Iterator<Item = PersonId> + '_ {
    let votes: &[Vote] = match &export.state {
        ExportState::ReviewConsolidation { votes, .. } => votes,
        _ => &[],
    };
    votes.iter().map(|vote| vote.checker)
}

pub(super) async fn producers(
    centre: &Centre,
    application: &Application,
) -> Result<Vec<Text>, Failure> {
    let ids = rule_set::producers(centre, application.id).await?;
    let mut names = Vec::new();
    for id in ids {
        names.extend(centre.store.get::<Producer>(id).await?.map(|producer| producer.name));
    }
    Ok(names)
}
