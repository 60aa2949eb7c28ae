//! What checkers say of single findings, on the review screen and as JSON.

use axum::{
    Form, Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use domain::{ExportId, outputs::judgement::Judgement};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use workflows::{
    Failure,
    outputs::{
        judgement,
        review::{self, Review},
    },
};

use super::{
    WORDS,
    answers_check::{JudgementAnswer, LabelsAnswer},
    api::Answer,
    check::page,
    file_key,
    report::{JudgedView, ReportView},
};
use crate::{
    app::App,
    error::PageError,
    extract::SignedIn,
    fields::Fields,
    form::{self, Fault},
    ui::Ui,
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(judge)).routes(routes!(list_labels))
}

/// Adds to a file's findings what was said of them, and the form where the reader may say.
pub(super) fn lay_over(
    mut report: ReportView,
    review: &Review,
    (number, key, path): (usize, &str, &str),
    fields: &Fields,
) -> ReportView {
    let of_file = || review.judged.iter().filter(|judged| judged.path == path);
    // The form of the votes carries the words too: without it there is nothing to send them with.
    let can_judge = review.can_judge && (review.can_vote || review.can_decide);
    report.judging = can_judge.then(|| key.to_owned());
    report.judge_at = format!("/checks/{}/findings#file-{number}", review.export.id);
    report.shows_judged = can_judge || of_file().next().is_some();
    for finding in &mut report.findings {
        let own = of_file().filter(|judged| judged.finding == finding.index);
        let view = |judged: &judgement::Judged| JudgedView {
            name: judged.name.clone(),
            judgement: judged.judgement.name(),
            word: judged.word.clone(),
        };
        finding.judged = own.map(view).collect();
        fields.get(&format!("word-{key}-{}", finding.index)).clone_into(&mut finding.word);
    }
    report
}

/// Judges one finding. The button is in the form of the votes, so that what is typed there comes
/// along and is shown again: nothing is lost by judging a finding in between.
pub(super) async fn judge_on_page(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ExportId>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let mut fields = Fields(fields);
    let asked = fields.get("judge").to_owned();
    let judged = act(&app, &me, id, &asked, &fields).await;
    let review = async || review::open_review(&app.centre, &me.actor, id).await;
    match judged {
        Ok(word) => {
            fields.0.retain(|(name, _)| *name != word); // it is recorded
            Ok(page(ui, &me, review().await?, Fault::default(), &fields).into_response())
        }
        Err(failure) => {
            let nowhere = |()| String::new();
            form::answer_in(WORDS, ui, Err::<(), _>(failure), nowhere, async |ui, fault| {
                Ok(page(ui, &me, review().await?, fault, &fields))
            })
            .await
        }
    }
}

/// Does what the button `judge` says; gives the name of the word's field.
async fn act(
    app: &App,
    me: &SignedIn,
    id: ExportId,
    asked: &str,
    fields: &Fields,
) -> Result<String, Failure> {
    let unknown = || Failure::invalid("judge", "unknown-file");
    let mut parts = asked.splitn(3, '-');
    let (Some(judgement), Some(key), Some(finding)) = (parts.next(), parts.next(), parts.next())
    else {
        return Err(unknown());
    };
    let judgement = Judgement::parse(judgement).ok_or_else(unknown)?;
    let finding: usize = finding.parse().map_err(|_| unknown())?;
    let name = format!("word-{key}-{finding}");
    let at = (|path: &str| file_key(path) == key, finding);
    let said = (judgement, fields.get(&name));
    judgement::judge_finding(&app.centre, &me.actor, id, at, said).await?;
    Ok(name)
}

/// What a checker says of a finding: its file, its place in the file's report from 0, `accepted` or
/// `contested`, and why, which a contest needs.
#[derive(Deserialize, ToSchema)]
struct JudgeBody {
    path: String,
    finding: usize,
    judgement: String,
    #[serde(default)]
    word: String,
}

/// Accept or contest a finding
#[utoipa::path(post, path = "/checks/{id}/findings", tag = "outputs", params(("id" = Uuid, Path)),
    request_body = JudgeBody, responses((status = 200, body = JudgementAnswer), (status = 403), (status = 404), (status = 409), (status = 422)))]
async fn judge(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ExportId>,
    Json(body): Json<JudgeBody>,
) -> Answer {
    let judgement = Judgement::parse(&body.judgement)
        .ok_or_else(|| Failure::invalid("judgement", "unknown-choice"))?;
    let at = (|path: &str| path == body.path, body.finding);
    let said = (judgement, body.word.as_str());
    judgement::judge_finding(&app.centre, &me.actor, id, at, said).await?;
    Ok(Json(json!({ "id": id, "judgement": judgement })))
}

/// How often checkers accepted and contested the findings of each rule
#[utoipa::path(get, path = "/risk/findings", tag = "outputs", responses((status = 200, body = LabelsAnswer), (status = 403)))]
async fn list_labels(State(app): State<App>, me: SignedIn) -> Answer {
    Ok(Json(json!({ "rules": judgement::list_labels(&app.centre, &me.actor).await? })))
}

/// What was said of findings, as JSON.
pub(super) fn judged(review: &Review) -> Vec<Value> {
    let one = |judged: &judgement::Judged| {
        json!({
            "path": judged.path, "finding": judged.finding, "rule": judged.rule,
            "checker": judged.name, "judgement": judged.judgement, "word": judged.word,
            "at": judged.at,
        })
    };
    review.judged.iter().map(one).collect()
}
