//! The risk model's page for those who answer for it, and the page of what slipped through for
//! producers.

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Form,
    extract::{Path, State},
    response::{Redirect, Response},
};
use domain::{
    RiskModel, RiskModelId,
    outputs::{
        export_route::{Routed, Score, WHOLE_PPM},
        risk_model::RiskModelState,
    },
};
use serde::Deserialize;
use workflows::{
    Failure,
    outputs::{
        judgement::{self, RuleLabels},
        risk::{
            missed::{self, MissedLine},
            model::{self, Origin, Overview},
        },
    },
};

use crate::{
    app::App,
    error::PageError,
    extract::SignedIn,
    form::{self, Fault},
    ui::Ui,
};

/// The messages of this page's forms.
const WORDS: &str = "risk-error";
/// Features whose drift is shown.
const DRIFT: usize = 10;

#[derive(Template, WebTemplate)]
#[template(path = "outputs/risk/show.html")]
pub(super) struct RiskPage {
    ui: Ui,
    overview: Overview,
    /// What checkers said of single findings, by rule.
    labels: Vec<RuleLabels>,
    problem: Fault,
}

impl RiskPage {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand over references")]
    fn count(&self, count: &usize) -> String {
        self.ui.number(*count)
    }

    fn status(&self) -> String {
        match &self.overview.in_service {
            Some(model) => {
                let since = match &model.state {
                    RiskModelState::InService { since, .. } => self.ui.date(since),
                    _ => String::new(),
                };
                self.ui.t2("risk-in-service", ("number", model.number), ("date", since))
            }
            None => self.ui.t("risk-none-in-service"),
        }
    }

    fn own(&self) -> String {
        let (all, against) = self.overview.decided;
        self.ui.t2("risk-own-decisions", ("count", all), ("against", against))
    }

    fn too_few(&self) -> String {
        let least = ("least", model::DRIFT_LEAST);
        self.ui.t2("risk-drift-too-few", ("count", self.overview.recent), least)
    }

    fn drift(&self) -> Vec<(String, String, bool)> {
        let alarm = |name: &str| self.overview.alarms().any(|(other, _)| other == name);
        let rows = self.overview.drift.iter().take(DRIFT);
        rows.map(|(name, index)| {
            (feature(&self.ui, name), decimal(&self.ui, *index, 3), alarm(name))
        })
        .collect()
    }

    fn alarm_count(&self) -> usize {
        self.overview.alarms().count()
    }

    /// A number of the card, as a percentage or as it is.
    fn share(&self, model: &RiskModel, path: &str) -> String {
        number(model, path).map_or_else(|| "–".to_owned(), |share| percent(&self.ui, share))
    }

    fn figure(&self, model: &RiskModel, path: &str) -> String {
        number(model, path).map_or_else(|| "–".to_owned(), |n| decimal(&self.ui, n, 3))
    }

    fn origin(&self, model: &RiskModel) -> String {
        let field = |path: &str| model.card.pointer(path);
        let origin = field("/training/origin").and_then(|o| o.as_str()).unwrap_or("decisions");
        let count = field("/training/decisions").and_then(serde_json::Value::as_i64).unwrap_or(0);
        let count = self.ui.number(count);
        self.ui.t1(&format!("risk-origin-count-{origin}"), "count", count)
    }

    fn has_limit(&self, model: &RiskModel) -> bool {
        number(model, "/limit").is_some()
    }

    fn important(&self, model: &RiskModel) -> String {
        let listed = model.card.pointer("/importance").and_then(|list| list.as_array());
        let names = listed.into_iter().flatten().filter_map(|pair| pair.get(0)?.as_str());
        names.take(5).map(|name| feature(&self.ui, name)).collect::<Vec<_>>().join(" · ")
    }

    fn is_own(&self, model: &RiskModel) -> bool {
        model.trained_by == self.overview.reader
    }

    fn is_in_service(&self, model: &RiskModel) -> bool {
        matches!(model.state, RiskModelState::InService { .. })
    }

    fn badge(&self, model: &RiskModel) -> &'static str {
        match model.state {
            RiskModelState::Candidate => "wait",
            RiskModelState::InService { .. } => "ok",
            RiskModelState::Retired { .. } => "",
        }
    }
}

fn number(model: &RiskModel, path: &str) -> Option<f64> {
    model.card.pointer(path)?.as_f64()
}

pub(super) async fn show_risk(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
) -> Result<RiskPage, PageError> {
    let overview = model::overview(&app.centre, &me.actor).await?;
    let labels = judgement::list_labels(&app.centre, &me.actor).await?;
    Ok(RiskPage { ui, overview, labels, problem: Fault::default() })
}

async fn answer(
    ui: Ui,
    app: App,
    me: SignedIn,
    done: Result<&str, Failure>,
) -> Result<Response, PageError> {
    let to = |key: &str| format!("/risk?done={key}");
    form::answer_in(WORDS, ui, done, to, async |ui, problem| {
        Ok(RiskPage { problem, ..show_risk(ui, State(app), me).await? })
    })
    .await
}

#[derive(Deserialize)]
pub(super) struct Train {
    #[serde(default)]
    origin: String,
}

pub(super) async fn train(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Form(form): Form<Train>,
) -> Result<Response, PageError> {
    let done = match Origin::parse(&form.origin) {
        Some(origin) => model::train_risk_model(&app.centre, &me.actor, origin).await,
        None => Err(Failure::invalid("origin", "missing")),
    };
    answer(ui, app, me, done.map(|_| "risk-trained")).await
}

pub(super) async fn serve(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<RiskModelId>,
) -> Result<Redirect, PageError> {
    model::serve_risk_model(&app.centre, &me.actor, id).await?;
    Ok(Redirect::to("/risk?done=risk-served"))
}

#[derive(Deserialize)]
pub(super) struct Stop {
    #[serde(default)]
    reason: String,
}

pub(super) async fn stop(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<RiskModelId>,
    Form(form): Form<Stop>,
) -> Result<Response, PageError> {
    let done = model::stop_risk_model(&app.centre, &me.actor, id, &form.reason).await;
    answer(ui, app, me, done.map(|_| "risk-stopped")).await
}

#[derive(Template, WebTemplate)]
#[template(path = "outputs/risk/missed.html")]
pub(super) struct MissedPage {
    ui: Ui,
    lines: Vec<MissedLine>,
}

impl MissedPage {
    fn name(&self, line: &MissedLine) -> String {
        match &line.producer {
            Some(producer) => self.ui.text(&producer.name).to_owned(),
            None => self.ui.t("missed-whole"),
        }
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand over references")]
    fn count(&self, count: &usize) -> String {
        self.ui.number(*count)
    }

    fn share(&self, line: &MissedLine) -> String {
        line.missed.share.map_or_else(|| self.ui.t("missed-unknown"), |s| percent(&self.ui, s))
    }

    fn interval(&self, line: &MissedLine) -> String {
        let ends = (
            ("low", percent(&self.ui, line.missed.low)),
            ("high", percent(&self.ui, line.missed.high)),
        );
        self.ui.t2("missed-from-to", ends.0, ends.1)
    }
}

pub(super) async fn show_missed(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
) -> Result<MissedPage, PageError> {
    let lines = missed::list_missed(&app.centre, &me.actor).await?;
    Ok(MissedPage { ui, lines })
}

/// What a feature is called.
pub(super) fn feature(ui: &Ui, name: &str) -> String {
    match name.strip_prefix("rule_") {
        Some(rule) => ui.t1("risk-feature-rule", "rule", rule.to_uppercase()),
        None => ui.word_or("risk-feature", name),
    }
}

/// The reasons of a score, in words: whether each raises or lowers the risk.
pub(super) fn reasons(ui: &Ui, score: &Score) -> Vec<String> {
    let reason = |raises: bool, name: &str| {
        let key = if raises { "risk-raises" } else { "risk-lowers" };
        ui.t1(key, "feature", feature(ui, name))
    };
    score.reasons.iter().map(|r| reason(r.raises, &r.feature)).collect()
}

/// The score as a percentage.
pub(super) fn score(ui: &Ui, routed: &Routed) -> Option<String> {
    let score = routed.score.as_ref()?;
    Some(percent(ui, f64::from(score.ppm) / f64::from(WHOLE_PPM)))
}

/// A share as people read it: two digits that say something.
pub(super) fn percent(ui: &Ui, share: f64) -> String {
    let percent = share * 100.0;
    let digits = if percent > 0.0 && percent < 10.0 { 1 } else { 0 };
    format!("{}\u{a0}%", decimal(ui, percent, digits))
}

fn decimal(ui: &Ui, value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    if ui.lang == domain::Lang::Fr { text.replace('.', ",") } else { text }
}
