//! The checkers' review screen.

use std::collections::BTreeMap;

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Form,
    extract::{Path, State},
    response::{Redirect, Response},
};
use domain::{
    ExportId, Lang, PersonId,
    outputs::{
        export::{Choice, ExportState, FileVote},
        export_review::REFUSALS,
        export_route::Routed,
        quarantine::Finding,
        review_time::MAX_MEASURED,
    },
};
use serde::Deserialize;
use workflows::outputs::review::{self, Decision, Review};

use super::{
    WORDS, badge,
    check_file::{FileView, file_view},
    file_key,
    phrase::{PHRASES, Phrase},
    risk, told_stopped,
};
use crate::{
    app::App,
    error::PageError,
    extract::SignedIn,
    fields::Fields,
    form::{self, Fault},
    i18n,
    ui::Ui,
};

#[derive(Template, WebTemplate)]
#[template(path = "outputs/check/show.html")]
pub(super) struct CheckPage {
    ui: Ui,
    review: Review,
    files: Vec<FileView>,
    phrases: Vec<Phrase>,
    /// What producers have stopped: whether it freezes the request, and in words.
    stopped: Vec<(bool, String)>,
    problem: Fault,
    typed: BTreeMap<String, String>,
}

#[expect(clippy::unused_self, reason = "templates call methods of their page")]
impl CheckPage {
    fn badge(&self) -> &'static str {
        badge(self.review.export.state.name())
    }

    fn producers(&self) -> String {
        let names = self.review.producers.iter().map(|name| self.ui.text(name).to_owned());
        names.collect::<Vec<_>>().join(", ")
    }

    /// The way that it went in its present turn.
    fn routed(&self) -> Option<&Routed> {
        let export = &self.review.export;
        export.routed.as_ref().filter(|routed| routed.turn == export.turn)
    }

    fn way(&self, routed: &Routed) -> String {
        let way = self.ui.word("risk-route", routed.route.name());
        let because = self.ui.word("risk-because", routed.because.name());
        self.ui.t2("risk-way", ("way", way), ("because", because))
    }

    fn score(&self, routed: &Routed) -> Option<String> {
        let (score, number) = (risk::score(&self.ui, routed)?, routed.score.as_ref()?.number);
        Some(self.ui.t2("risk-score-of", ("score", score), ("number", number)))
    }

    fn reasons(&self, routed: &Routed) -> Vec<String> {
        let score = routed.score.as_ref();
        score.map(|score| risk::reasons(&self.ui, score)).unwrap_or_default()
    }

    fn blind(&self) -> String {
        let (votes, needed) = self.review.votes_in;
        self.ui.t2("check-blind", ("in", votes), ("needed", needed))
    }

    /// What the timer says; the island goes on with the same words.
    fn timer(&self) -> String {
        self.ui.t("check-timer-minutes").replace("{count}", &self.minutes().to_string())
    }

    fn minutes(&self) -> i64 {
        self.review.minutes.map_or(0, |(minutes, _)| minutes)
    }

    /// Whether the reader's minutes go on: until the vote, unless they were said.
    fn timer_runs(&self) -> bool {
        self.review.can_vote && self.review.minutes.is_some_and(|(_, measured)| measured)
    }

    /// The keys of `check.js`, in the order of its help.
    fn keys(&self) -> [&'static str; 8] {
        ["n", "p", "f", "w", "a", "c", "r", "?"]
    }

    fn key_name(&self, key: &str) -> String {
        if key == "?" { "help".to_owned() } else { key.to_owned() }
    }

    fn causes(&self) -> [&'static str; 5] {
        REFUSALS
    }

    fn choices(&self) -> [Choice; 3] {
        Choice::ALL
    }

    fn typed(&self, field: &str) -> &str {
        self.typed.get(field).map_or("", String::as_str)
    }

    /// Whether a producer has stopped something, so that nothing can be approved.
    fn is_frozen(&self) -> bool {
        self.stopped.iter().any(|(freezes, _)| *freezes)
    }

    fn can_vote_or_revise(&self) -> bool {
        self.review.can_vote || self.review.can_decide
    }

    /// Whether the lead may act in this state.
    fn is_independent(&self) -> bool {
        matches!(self.review.export.state, ExportState::ReviewIndependent { .. })
    }

    /// Whether the lead may take the approval back.
    fn findings_of_quarantine(&self) -> [Finding; 3] {
        Finding::ALL
    }

    fn can_recall(&self) -> bool {
        use ExportState::{Approved, Failed, PartlyApproved, Releasing};
        match &self.review.export.state {
            Failed { before, .. } => matches!(**before, Releasing { .. }),
            state => matches!(state, Approved { .. } | PartlyApproved { .. } | Releasing { .. }),
        }
    }
}

pub(super) async fn show_check(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ExportId>,
) -> Result<CheckPage, PageError> {
    let review = review::open_review(&app.centre, &me.actor, id).await?;
    Ok(page(ui, &me, review, Fault::default(), &Fields::default()))
}

pub(super) fn page(
    ui: Ui,
    me: &SignedIn,
    review: Review,
    problem: Fault,
    fields: &Fields,
) -> CheckPage {
    let groups = review.export.groups.iter();
    let named = groups.flat_map(|group| group.files.iter().map(|file| (group.name.clone(), file)));
    let files: Vec<FileView> = named
        .enumerate()
        .map(|(number, (group, file))| file_view(&ui, me, &review, fields, (number, group, file)))
        .collect();
    let fired: Vec<&str> = review
        .export
        .files()
        .filter_map(|file| file.report.as_ref())
        .flat_map(|report| report.rules.iter().map(String::as_str))
        .collect();
    let phrase = |(key, rule): &(&'static str, &'static str)| Phrase {
        key,
        rule,
        text: ui.t(&format!("phrase-{key}")),
        fired: fired.contains(rule),
        chosen: fields.all("phrase").any(|chosen| chosen == *key),
    };
    let mut phrases: Vec<Phrase> = PHRASES.iter().map(phrase).collect();
    phrases.sort_by_key(|phrase| !phrase.fired);
    let typed = fields.0.iter().cloned().collect();
    let stopped = told_stopped(&ui, &review.stopped);
    CheckPage { ui, review, files, phrases, stopped, problem, typed }
}

/// Does an act of the review screen; what fails on the form shows it again as it was typed.
pub(super) async fn answer(
    ui: Ui,
    app: &App,
    me: &SignedIn,
    id: ExportId,
    fields: &Fields,
    acted: Result<&str, workflows::Failure>,
) -> Result<Response, PageError> {
    form::answer_in(WORDS, ui, acted, ToOwned::to_owned, async |ui, problem| {
        let review = review::open_review(&app.centre, &me.actor, id).await?;
        Ok(page(ui, me, review, problem, fields))
    })
    .await
}

pub(super) async fn take_review(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ExportId>,
) -> Result<Response, PageError> {
    let taken = review::take_review(&app.centre, &me.actor, id).await;
    let to = format!("/checks/{id}?done=review-taken");
    answer(ui, &app, &me, id, &Fields::default(), taken.map(|_| to.as_str())).await
}

pub(super) async fn give_back(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ExportId>,
) -> Result<Redirect, PageError> {
    review::give_back_review(&app.centre, &me.actor, id).await?;
    Ok(Redirect::to("/checks?done=review-given-back"))
}

pub(super) async fn vote(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ExportId>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let fields = Fields(fields);
    let review = review::open_review(&app.centre, &me.actor, id).await?;
    let outputs = review.export.outputs().map(|file| (file.path.clone(), file_key(&file.path)));
    let votes = outputs.filter_map(|(path, key)| {
        let choice = Choice::parse(fields.get(&format!("vote-{key}")))?;
        let comment = fields.get(&format!("comment-{key}")).trim().to_owned();
        Some(FileVote { path, choice, comment })
    });
    let acted = review::review_export(&app.centre, &me.actor, id, votes.collect()).await;
    let to = format!("/checks/{id}?done=vote-recorded");
    answer(ui, &app, &me, id, &fields, acted.map(|_| to.as_str())).await
}

pub(super) async fn decide(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ExportId>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let fields = Fields(fields);
    let (decision, done) = match fields.get("action") {
        "approve" => (Decision::Approve, "export-approved"),
        "partly" => (Decision::PartlyApprove, "export-partly-approved"),
        "refuse" => {
            let cause = fields.get("cause").to_owned();
            (Decision::Refuse { cause, reason: fields.get("reason").to_owned() }, "export-refused")
        }
        _ => {
            let review = review::open_review(&app.centre, &me.actor, id).await?;
            (Decision::Return(comments(&review, &fields)), "export-returned")
        }
    };
    let acted = review::decide_export(&app.centre, &me.actor, id, decision).await;
    let to = format!("/checks?done={done}");
    answer(ui, &app, &me, id, &fields, acted.map(|_| to.as_str())).await
}

/// The public comments of a return: the chosen phrases in the author's language, the general
/// comment, and one a file.
fn comments(review: &Review, fields: &Fields) -> Vec<(Option<String>, String)> {
    let lang: Lang = review.author_language;
    let known = |key: &&str| PHRASES.iter().any(|(phrase, _)| phrase == key);
    let phrases = fields.all("phrase").filter(known).map(|key| {
        let rule = PHRASES.iter().find(|(phrase, _)| *phrase == key).map_or("", |(_, rule)| rule);
        format!("{} ({rule})", i18n::translate(lang, &format!("phrase-{key}"), &[]))
    });
    let mut comments: Vec<(Option<String>, String)> = phrases.map(|text| (None, text)).collect();
    comments.push((None, fields.get("public").to_owned()));
    for file in review.export.outputs() {
        let text = fields.get(&format!("public-{}", file_key(&file.path)));
        comments.push((Some(file.path.clone()), text.to_owned()));
    }
    comments
}

pub(super) async fn return_early(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ExportId>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let fields = Fields(fields);
    let comment = fields.get("public").to_owned();
    let acted = review::return_export_early(&app.centre, &me.actor, id, comment).await;
    let acted = acted.map(|_| "/checks?done=export-returned");
    answer(ui, &app, &me, id, &fields, acted).await
}

pub(super) async fn recall(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ExportId>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let fields = Fields(fields);
    let acted = review::recall_export(&app.centre, &me.actor, id, fields.get("reason")).await;
    let to = format!("/checks/{id}?done=export-recalled");
    answer(ui, &app, &me, id, &fields, acted.map(|_| to.as_str())).await
}

#[derive(Deserialize)]
pub(super) struct Unassign {
    checker: PersonId,
}

pub(super) async fn unassign(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ExportId>,
    Form(form): Form<Unassign>,
) -> Result<Redirect, PageError> {
    review::unassign_reviewer(&app.centre, &me.actor, id, form.checker).await?;
    Ok(Redirect::to(&format!("/checks/{id}?done=review-unassigned")))
}
