//! Reading exports: the list, one with its history, failed steps, the evidence.

use domain::{
    Actor, Application, Event, Export, ExportId, Timestamp,
    outputs::export::{may_see, may_see_content, may_see_words},
};

use super::{
    export::name_of,
    frozen, pack,
    report::Report,
    rule_set::{self, RuleLine},
    stop::{self, Stopped},
};
use crate::{Centre, Failure};

/// A line of the list of exports.
pub struct Listed {
    /// The export.
    pub export: Export,
    /// Its project.
    pub application: Application,
    /// Who asks.
    pub author: String,
}

/// The exports of the projects where the person works, newest first; security officer, checkers'
/// lead and auditors see every sealed one, producers those made of their data, without a word of them.
pub async fn list_exports(centre: &Centre, actor: &Actor) -> Result<Vec<Listed>, Failure> {
    let mut exports = centre.store.all::<Export>().await?;
    exports.retain(|export| {
        let sees_all = actor.works_in(export.application)
            || export.author == actor.id
            || !actor.has(domain::Role::Checker);
        sees_all && may_see(actor, export).is_ok()
    });
    let mut listed = Vec::new();
    for export in exports.into_iter().rev() {
        let application = centre.load("application", export.application).await?;
        let author = name_of(centre, export.author).await?;
        listed.push(Listed { export: export.shown_to(actor), application, author });
    }
    Ok(listed)
}

/// The failed steps, for the operator: nothing of the content.
pub async fn list_failed(centre: &Centre, actor: &Actor) -> Result<Vec<Export>, Failure> {
    actor.needs(&[domain::Role::Operator])?;
    Ok(centre.store.exports_in("failed").await?)
}

/// One step of an export's history, as people read it.
#[derive(Clone, Debug)]
pub struct Step {
    /// The event's kind.
    pub kind: String,
    /// When.
    pub at: Timestamp,
    /// Whether the author did it.
    pub by_author: bool,
    /// Whether a checker did it: shown without a name.
    pub by_checker: bool,
    /// Why, where the author is told.
    pub reason: Option<String>,
}

/// An export as its readers see it.
pub struct ShownExport {
    /// The export.
    pub export: Export,
    /// Its project.
    pub application: Application,
    /// Who asks.
    pub author: String,
    /// Its history.
    pub history: Vec<Step>,
    /// The rules it was sealed under; of a draft, those in force.
    pub rules: Vec<RuleLine>,
    /// Findings by file, for those who may see the content.
    pub reports: Vec<Option<Report>>,
    /// Who took what, with names.
    pub takers: Vec<(String, domain::outputs::export::Taking)>,
    /// What producers have stopped of the project.
    pub stopped: Vec<Stopped>,
    /// When it leaves, where it is approved.
    pub leaves_at: Option<Timestamp>,
    /// Whether the reader may read what author and checkers wrote; a producer may not.
    pub reads_words: bool,
    /// Whether the evidence of a release exists and the reader may have it.
    pub has_evidence: bool,
    /// The same of its evidence pack.
    pub has_pack: bool,
}

/// Events whose reason the author is told.
const TOLD: [&str; 3] = ["export.refused", "release.revoked", "scan.blocked"];

/// Shows an export with its history.
pub async fn show_export(
    centre: &Centre,
    actor: &Actor,
    id: ExportId,
) -> Result<ShownExport, Failure> {
    let export: Export = centre.load("export", id).await?;
    may_see(actor, &export)?;
    let application: Application = centre.load("application", export.application).await?;
    let mut history = history(centre, &export).await?;
    let reads_words = may_see_words(actor, &export).is_ok();
    if !reads_words {
        for step in &mut history {
            step.reason = None;
        }
    }
    let rules = rule_set::of_export(centre, &export).await?.sealing.values;
    let mut stopped = stop::stopped(centre, &export).await?;
    // What other producers ask for and have stopped is theirs.
    stopped.retain(|one| reads_words || actor.is_of(one.by));
    let export = export.shown_to(actor);
    let mut takers = Vec::new();
    for taking in &export.takings {
        takers.push((name_of(centre, taking.by).await?, taking.clone()));
    }
    let sees_content = may_see_content(actor, &export).is_ok();
    let reports = match sees_content {
        true => (0..export.files().count())
            .map(|number| frozen::report(centre, &export, number))
            .collect(),
        false => vec![None; export.files().count()],
    };
    Ok(ShownExport {
        author: name_of(centre, export.author).await?,
        rules: if reads_words { rule_set::lines(&rules) } else { Vec::new() },
        stopped,
        leaves_at: stop::if_approved(centre, &export).await?,
        has_evidence: sees_content && centre.store.evidence_of(id).await?.is_some(),
        has_pack: sees_content && pack::is_kept(centre, id).await?,
        reads_words,
        application,
        history,
        reports,
        takers,
        export,
    })
}

async fn history(centre: &Centre, export: &Export) -> Result<Vec<Step>, Failure> {
    let events = centre.store.events_of(export.id).await?.into_iter().map(|sealed| sealed.event);
    // Votes are nobody's but the checkers': what an author reads is that the review goes on.
    let shown = events.filter(|event| {
        !matches!(
            event.kind.as_str(),
            "review.submitted"
                | "review.revised"
                | "review.timed"
                | "file.viewed"
                | "finding.accepted"
                | "finding.contested"
        )
    });
    let step = |event: Event| Step {
        by_author: event.actor == Some(export.author),
        by_checker: event.actor.is_some_and(|actor| actor != export.author),
        reason: event.reason.filter(|_| TOLD.contains(&event.kind.as_str())),
        // Who knows that a draw went against them could try another.
        kind: match event.kind.as_str() {
            "route.sampled" => "route.manual".to_owned(),
            _ => event.kind,
        },
        at: event.at,
    };
    Ok(shown.map(step).collect())
}

/// The evidence of a release: its JSON and the SHA-256 that the log seals.
pub async fn show_evidence(
    centre: &Centre,
    actor: &Actor,
    id: ExportId,
) -> Result<(String, String), Failure> {
    let export: Export = centre.load("export", id).await?;
    may_see_content(actor, &export)?; // findings quote cells of what was released
    let found = centre.store.evidence_of(id).await?;
    found.ok_or_else(|| Failure::missing("evidence", id))
}
