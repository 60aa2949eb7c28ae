//! The checkers' acts on an export, those of their lead, and revocation.

use domain::{
    Actor, Application, Denied, Export, ExportId, PersonId, Role, Text,
    outputs::{
        export::{ExportState, FileVote, Vote, may_see_content},
        export_release::{may_retry, may_revoke},
        export_review::{may_lead, may_review},
        judgement::may_judge,
        quarantine::may_examine,
        review_time::may_time,
    },
};

use super::{
    consequences,
    export::{event, name_of, tell},
    judgement::{self, Judged},
    preview::look,
    queue::{consolidators, producers},
    released,
    review_purpose::purpose,
    review_time::my_time,
    rule_set::{self, RuleLine},
    stop::{self, Stopped},
};
pub use super::{preview::Looked, review_purpose::Purpose};
use crate::{Centre, Failure};

/// A request as its checkers see it.
#[expect(clippy::struct_excessive_bools, reason = "which buttons a page shows")]
pub struct Review {
    /// The request.
    pub export: Export,
    /// Its project.
    pub application: Application,
    /// What the project is for.
    pub purpose: Purpose,
    /// Whose data the project uses.
    pub producers: Vec<Text>,
    /// The rules it was sealed under.
    pub rules: Vec<RuleLine>,
    /// By file, in the order of [`Export::files`]: findings, and the text where there is no table.
    pub files: Vec<Looked>,
    /// The votes that the reader may see, with names.
    pub votes: Vec<(String, Vote)>,
    /// What was said of single findings, as far as the reader may see it.
    pub judged: Vec<Judged>,
    /// Whether the reader may judge findings.
    pub can_judge: bool,
    /// The minutes of the reader's own review so far, where one is under way, and whether they were
    /// measured; otherwise the reader has said them.
    pub minutes: Option<(i64, bool)>,
    /// How many votes are in, how many are needed.
    pub votes_in: (usize, usize),
    /// What all votes say of each output; empty while checkers vote.
    pub outcomes: Vec<(String, domain::outputs::export::Outcome)>,
    /// Whether the reader has taken the review.
    pub mine: bool,
    /// Whether the reader may take it.
    pub can_take: bool,
    /// Whether the reader has to vote.
    pub can_vote: bool,
    /// Whether the reader decides in the consolidation.
    pub can_decide: bool,
    /// Whether the reader may act as the checkers' lead.
    pub can_lead: bool,
    /// Who has taken it, for the lead.
    pub assigned: Vec<(PersonId, String)>,
    /// Earlier releases of the project, to compare with.
    pub earlier: Vec<Export>,
    /// Other requests of the project under way: what leaves first, the others are compared with
    /// before they leave.
    pub beside: Vec<Export>,
    /// Whether the reader may say what a blocked request was.
    pub can_examine: bool,
    /// What producers have stopped of the project.
    pub stopped: Vec<Stopped>,
    /// When it leaves, where it is approved.
    pub leaves_at: Option<domain::Timestamp>,
    /// In which language the author reads.
    pub author_language: domain::Lang,
}

/// Opens a request for a checker, the lead or an auditor; that it was viewed is an event.
#[tracing::instrument(name = "workflow.open_review", skip_all, fields(export.id = %id), err)]
pub async fn open_review(centre: &Centre, actor: &Actor, id: ExportId) -> Result<Review, Failure> {
    let export = current(centre, id).await?;
    let own = actor.works_in(export.application) || actor.id == export.author;
    if own && actor.needs(&[Role::Checker, Role::CheckerLead]).is_ok() {
        return Err(Denied::OwnProject.into());
    }
    actor.needs(&[Role::Checker, Role::CheckerLead, Role::Auditor])?;
    may_see_content(actor, &export)?;
    let event = event(centre, Some(actor), "file.viewed", &export);
    centre.store.change(&event).commit().await?;
    review(centre, actor, export).await
}

async fn review(centre: &Centre, actor: &Actor, export: Export) -> Result<Review, Failure> {
    let application: Application = centre.load("application", export.application).await?;
    let (assigned, needed, votes_in) = match &export.state {
        ExportState::ReviewIndependent { assigned, needed, votes, .. } => {
            (assigned.clone(), *needed, votes.len())
        }
        ExportState::ReviewConsolidation { votes, .. } => {
            (consolidators(&export).collect(), export.reviewers, votes.len())
        }
        _ => (Vec::new(), export.reviewers, 0),
    };
    let mut votes = Vec::new();
    for vote in export.votes_shown_to(actor) {
        votes.push((name_of(centre, vote.checker).await?, vote.clone()));
    }
    let author = centre.store.get::<domain::Person>(export.author).await?;
    let can_lead = may_lead(actor, &export).is_ok();
    let mut names = Vec::new();
    for person in assigned.iter().filter(|_| can_lead) {
        names.push((*person, name_of(centre, *person).await?));
    }
    let may = may_review(actor, &export).is_ok();
    let done = votes.iter().any(|(_, vote)| vote.checker == actor.id);
    let mine = assigned.contains(&actor.id);
    let together = matches!(export.state, ExportState::ReviewConsolidation { .. });
    let blind = matches!(export.state, ExportState::ReviewIndependent { .. });
    let outcomes = if together {
        export.outcomes().into_iter().map(|(file, is)| (file.path.clone(), is)).collect()
    } else {
        Vec::new()
    };
    let open = matches!(export.state, ExportState::Queued { .. })
        || (blind && assigned.len() < needed && !mine);
    Ok(Review {
        purpose: purpose(centre, actor, &application).await?,
        producers: producers(centre, &application).await?,
        rules: rule_set::lines(&export.rules),
        files: (0..export.files().count()).map(|number| look(centre, &export, number)).collect(),
        judged: judgement::of_export(centre, actor, &export).await?,
        can_judge: may_judge(actor, &export).is_ok(),
        minutes: minutes(centre, actor, &export).await?,
        votes_in: (votes_in, needed),
        can_take: may && open,
        can_vote: may && blind && mine && !done,
        can_decide: may && together && done,
        assigned: names,
        earlier: others(centre, &export, &RELEASED).await?,
        beside: others(centre, &export, &BESIDE).await?,
        can_examine: export.is_in_quarantine() && may_examine(actor, &export).is_ok(),
        stopped: stop::stopped(centre, &export).await?,
        leaves_at: stop::if_approved(centre, &export).await?,
        author_language: author.map(|author| author.language).unwrap_or_default(),
        votes,
        outcomes,
        mine,
        can_lead,
        application,
        export,
    })
}

/// The reader's minutes on a review that they have taken.
async fn minutes(
    centre: &Centre,
    actor: &Actor,
    export: &Export,
) -> Result<Option<(i64, bool)>, Failure> {
    if may_time(actor, export).is_err() {
        return Ok(None);
    }
    let (measured, said) = my_time(centre, actor, export.id).await?;
    Ok(Some((said.unwrap_or(measured), said.is_none())))
}

/// States of a request of which something was released.
const RELEASED: [&str; 4] = ["available", "collected", "expired", "revoked"];
/// States of a request that may leave soon.
const BESIDE: [&str; 9] = [
    "sealed",
    "scanning",
    "scored",
    "queued",
    "review_independent",
    "review_consolidation",
    "approved",
    "partly_approved",
    "releasing",
];

/// The project's other requests in these states.
async fn others(centre: &Centre, export: &Export, states: &[&str]) -> Result<Vec<Export>, Failure> {
    let mut others = centre.store.exports_of(export.application).await?;
    others.retain(|other| other.id != export.id && states.contains(&other.state.name()));
    Ok(others)
}

/// Loads an export after taking away the reviews of whoever has become a member of its project:
/// a decision never counts the vote of one.
async fn current(centre: &Centre, id: ExportId) -> Result<Export, Failure> {
    let export: Export = centre.load("export", id).await?;
    consequences::unassign(centre, &export).await
}

/// Saves what a person did to an export, with its event.
async fn save(
    centre: &Centre,
    actor: &Actor,
    kind: &str,
    reason: Option<&str>,
    (before, after): (&Export, Export),
) -> Result<Export, Failure> {
    let mut event = event(centre, Some(actor), kind, &after);
    event.reason = reason.map(ToOwned::to_owned);
    if let ("review.submitted" | "review.revised", Some(vote)) =
        (kind, after.votes_shown_to(actor).into_iter().find(|vote| vote.checker == actor.id))
    {
        tell(&mut event, "vote", &vote.files);
    }
    if let ExportState::PartlyApproved { refused, .. } = &after.state {
        tell(&mut event, "refused", refused);
    }
    centre.store.change(&event).replace(before, &after).commit().await?;
    tracing::info!(export.id = %after.id, state = after.state.name(), kind, "an export was acted on");
    Ok(after)
}

/// Takes a review.
pub async fn take_review(centre: &Centre, actor: &Actor, id: ExportId) -> Result<Export, Failure> {
    let before = current(centre, id).await?;
    let after = may_review(actor, &before)?.start()?;
    if after == before {
        return Ok(after);
    }
    save(centre, actor, "review.started", None, (&before, after)).await
}

/// Gives a review back, before voting.
pub async fn give_back_review(
    centre: &Centre,
    actor: &Actor,
    id: ExportId,
) -> Result<Export, Failure> {
    let before = current(centre, id).await?;
    let after = may_review(actor, &before)?.give_back()?;
    save(centre, actor, "review.given_back", None, (&before, after)).await
}

/// Records a checker's vote on every file; in the consolidation, replaces it.
#[tracing::instrument(name = "workflow.review_export", skip_all, fields(export.id = %id), err)]
pub async fn review_export(
    centre: &Centre,
    actor: &Actor,
    id: ExportId,
    votes: Vec<FileVote>,
) -> Result<Export, Failure> {
    let before = current(centre, id).await?;
    let permit = may_review(actor, &before)?;
    let (after, kind) = match before.state {
        ExportState::ReviewConsolidation { .. } => {
            (permit.revise(votes, centre.now())?, "review.revised")
        }
        _ => (permit.submit(votes, centre.now())?, "review.submitted"),
    };
    save(centre, actor, kind, None, (&before, after)).await
}

/// What checkers decide together.
#[derive(Clone, Debug)]
pub enum Decision {
    /// Every file may leave.
    Approve,
    /// The approved files may leave, the refused ones never.
    PartlyApprove,
    /// The author changes it: public comments, about the whole or one file.
    Return(Vec<(Option<String>, String)>),
    /// Nothing may leave, ever: a reason of the list, and in words.
    Refuse {
        /// One of [`domain::outputs::export_review::REFUSALS`].
        cause: String,
        /// In words, for the author.
        reason: String,
    },
}

/// Records what the checkers decide together.
#[tracing::instrument(name = "workflow.decide_export", skip_all, fields(export.id = %id), err)]
pub async fn decide_export(
    centre: &Centre,
    actor: &Actor,
    id: ExportId,
    decision: Decision,
) -> Result<Export, Failure> {
    let before = current(centre, id).await?;
    if matches!(decision, Decision::Approve | Decision::PartlyApprove) {
        may_review(actor, &before)?;
        stop::refuse(centre, &before).await?;
    }
    let permit = may_review(actor, &before)?;
    let mut told = None;
    let (after, kind) = match decision {
        Decision::Approve => (permit.approve()?, "export.approved"),
        Decision::PartlyApprove => (permit.partly_approve()?, "export.partly_approved"),
        Decision::Return(comments) => {
            (permit.send_back(comments, centre.now())?, "export.returned")
        }
        Decision::Refuse { cause, reason } => {
            told = Some(format!("{cause}: {reason}"));
            (permit.refuse(&cause, reason)?, "export.refused")
        }
    };
    save(centre, actor, kind, told.as_deref(), (&before, after)).await
}

/// Sends a request back while checkers vote: the lead's act.
pub async fn return_export_early(
    centre: &Centre,
    actor: &Actor,
    id: ExportId,
    comment: String,
) -> Result<Export, Failure> {
    let before = current(centre, id).await?;
    let after = may_lead(actor, &before)?.return_early(vec![(None, comment)], centre.now())?;
    save(centre, actor, "export.returned_early", None, (&before, after)).await
}

/// Reopens the votes of an approval before its release: the lead's act.
pub async fn recall_export(
    centre: &Centre,
    actor: &Actor,
    id: ExportId,
    reason: &str,
) -> Result<Export, Failure> {
    // A release that is being put together is over first, or has not begun.
    let _held = centre.jobs.hold(id).ok_or(Failure::Conflict("exports"))?;
    let before = current(centre, id).await?;
    let after = may_lead(actor, &before)?.recall(reason, centre.now())?;
    let after = save(centre, actor, "export.recalled", Some(reason), (&before, after)).await?;
    released::forget(centre, &after)
        .map_err(Failure::engine("forget figures that did not leave"))?;
    Ok(after)
}

/// Takes a review from a checker who has not voted: the lead's act.
pub async fn unassign_reviewer(
    centre: &Centre,
    actor: &Actor,
    id: ExportId,
    checker: PersonId,
) -> Result<Export, Failure> {
    let before = current(centre, id).await?;
    let after = may_lead(actor, &before)?.unassign(checker)?;
    let mut event = event(centre, Some(actor), "review.unassigned", &after);
    tell(&mut event, "checkers", [checker]); // whose time ends
    centre.store.change(&event).replace(&before, &after).commit().await?;
    Ok(after)
}

/// Closes the pick-up of a release; who took what stays listed.
#[tracing::instrument(name = "workflow.revoke_release", skip_all, fields(export.id = %id), err)]
pub async fn revoke_release(
    centre: &Centre,
    actor: &Actor,
    id: ExportId,
    reason: &str,
) -> Result<Export, Failure> {
    let before: Export = centre.load("export", id).await?;
    let after = may_revoke(actor, &before)?.revoke(reason.to_owned(), centre.now())?;
    let mut event = event(centre, Some(actor), "release.revoked", &after);
    event.reason = Some(reason.to_owned());
    tell(&mut event, "takings", &after.takings);
    centre.store.change(&event).replace(&before, &after).commit().await?;
    Ok(after)
}

/// Tries a failed step again: the operator's act.
pub async fn retry_step(centre: &Centre, actor: &Actor, id: ExportId) -> Result<Export, Failure> {
    let before: Export = centre.load("export", id).await?;
    let after = may_retry(actor, &before)?.retry()?;
    save(centre, actor, "step.retried", None, (&before, after)).await
}
