//! The wizard: one page of the form after the other, saved field by field.

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Form, Json, Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use domain::{
    Application, ApplicationId, Person,
    projects::{
        application_team::{may_edit, may_lead},
        attachment::AttachmentKind,
        form::{self, Field, Kind, Need, PAGES},
    },
};
use workflows::{
    Failure,
    projects::{
        application,
        file::{self, File},
        team,
    },
};

use super::{
    board::{self, Row},
    fields::{Fields, Tried, message},
};
use crate::{app::App, error::PageError, extract::SignedIn, i18n, ui::Ui};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/applications/{id}/fields", post(save_field))
        .route("/applications/{id}/edit/{page}", get(show).post(save_page))
}

/// One field as the page shows it.
struct FieldView {
    name: String,
    label: String,
    hint: String,
    kind: &'static str,
    max: usize,
    value: String,
    /// Value, label, and whether it is the one.
    choices: Vec<(String, String, bool)>,
    error: String,
    required: bool,
}

impl FieldView {
    /// What `aria-describedby` names.
    fn described(&self) -> String {
        let hint = (!self.hint.is_empty()).then(|| format!("{}-hint", self.name));
        let error = (!self.error.is_empty()).then(|| format!("{}-error", self.name));
        [hint, error].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// One step of the wizard.
struct Step {
    page: &'static str,
    current: bool,
    done: bool,
}

#[derive(Template, WebTemplate)]
#[template(path = "projects/application/edit.html")]
#[expect(clippy::struct_field_names, reason = "`may_edit` is the rule's name")]
pub(super) struct Edit {
    ui: Ui,
    page: &'static str,
    title: String,
    fields: Vec<FieldView>,
    steps: Vec<Step>,
    percent: usize,
    previous: Option<&'static str>,
    next: Option<&'static str>,
    rows: Vec<Row>,
    colleagues: Vec<Person>,
    reason: String,
    is_lead: bool,
    may_edit: bool,
    problem: String,
    tried: Tried,
    file: File,
}

impl Edit {
    /// Whether the basket can be added, and so on: the lead, in a file that is open.
    fn leads(&self) -> bool {
        self.is_lead && self.file.application.state.is_open()
    }

    /// Whether files can be taken out here.
    fn detaches(&self) -> bool {
        self.may_edit
    }

    fn attachment_kinds(&self) -> Vec<&'static str> {
        AttachmentKind::ALL.into_iter().map(AttachmentKind::name).collect()
    }

    /// The place of the page among the pages, from 1, in words.
    fn place(&self) -> String {
        let place = PAGES.iter().position(|page| *page == self.page).unwrap_or_default() + 1;
        self.ui.t2("application-page-of", ("place", place), ("count", PAGES.len()))
    }
}

fn known(page: &str) -> Result<&'static str, Failure> {
    PAGES.into_iter().find(|known| *known == page).ok_or_else(|| Failure::missing("page", page))
}

/// The page, with what was tried on it.
pub(super) async fn page(
    app: &App,
    ui: Ui,
    me: &SignedIn,
    id: ApplicationId,
    page: &str,
    tried: Tried,
) -> Result<Edit, Failure> {
    let page = known(page)?;
    let file = file::read_file(&app.centre, &me.actor, id).await?;
    let is_lead = may_lead(&me.actor, &file.application).is_ok();
    let colleagues = match page == "persons" && is_lead {
        true => team::colleagues(&app.centre, &me.actor, id).await?,
        false => Vec::new(),
    };
    let place = PAGES.iter().position(|other| *other == page).unwrap_or_default();
    let step = |progress: &form::PageProgress| Step {
        page: progress.page,
        current: progress.page == page,
        done: progress.missing.is_none(),
    };
    Ok(Edit {
        title: file.application.title(ui.lang),
        fields: views(&ui, page, &file),
        steps: file.complete.pages.iter().map(step).collect(),
        percent: file.complete.percent(),
        previous: place.checked_sub(1).map(|place| PAGES[place]),
        next: PAGES.get(place + 1).copied(),
        rows: board::rows(&ui, &file, me.actor.id),
        reason: returned(&file.application, page),
        may_edit: file.application.state.is_open()
            && may_edit(&me.actor, &file.application).is_ok(),
        problem: String::new(),
        colleagues,
        is_lead,
        page,
        tried,
        file,
        ui,
    })
}

/// Why the secretary sent the page back.
fn returned(application: &Application, page: &str) -> String {
    match &application.state {
        domain::projects::application::ApplicationState::Returned { reasons } => {
            let found = reasons.iter().find(|(other, _)| other == page);
            found.map_or_else(String::new, |(_, reason)| reason.clone())
        }
        _ => String::new(),
    }
}

fn views(ui: &Ui, page: &str, file: &File) -> Vec<FieldView> {
    let value = |name: &str| file.application.fields.get(name).cloned().unwrap_or_default();
    let mut views: Vec<FieldView> =
        form::fields_of(page).map(|field| view(ui, field, value(field.name))).collect();
    if page == "questions" {
        views.extend(file.questions.iter().map(|question| FieldView {
            name: question.name.clone(),
            label: ui.text(&question.text).to_owned(),
            hint: ui.t1("application-at-most", "count", form::ANSWER_MAX),
            kind: "area",
            max: form::ANSWER_MAX,
            value: value(&question.name),
            choices: Vec::new(),
            error: String::new(),
            required: true,
        }));
    }
    views
}

fn view(ui: &Ui, field: &Field, value: String) -> FieldView {
    let word = |word: &str| {
        let own = format!("choice-{}-{word}", field.name).replace('_', "-");
        if i18n::has(&own) { ui.t(&own) } else { ui.word("choice", word) }
    };
    let choices: &[&str] = match field.kind {
        Kind::Choice(words) => words,
        Kind::YesNo => &["yes", "no"],
        _ => &[],
    };
    let hint = format!("hint-{}", field.name).replace('_', "-");
    let hint = match (i18n::has(&hint), field.kind) {
        (true, _) => ui.t(&hint),
        (false, Kind::Area(max)) => ui.t1("application-at-most", "count", max),
        (false, Kind::Number(low, high)) => {
            ui.t2("application-between", ("low", low), ("high", high))
        }
        _ => String::new(),
    };
    FieldView {
        name: field.name.to_owned(),
        label: ui.word("field", field.name),
        hint,
        kind: match field.kind {
            Kind::Line(_) => "line",
            Kind::Area(_) => "area",
            Kind::Choice(_) | Kind::YesNo => "choice",
            Kind::Number(..) => "number",
            Kind::Date => "date",
            Kind::Declaration => "declaration",
        },
        max: field.max().unwrap_or_default(),
        choices: choices.iter().map(|w| ((*w).to_owned(), word(w), value == **w)).collect(),
        value,
        error: String::new(),
        required: field.need != Need::Optional,
    }
}

async fn show(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path((id, name)): Path<(ApplicationId, String)>,
) -> Result<Edit, PageError> {
    Ok(page(&app, ui, &me, id, &name, Tried::default()).await?)
}

/// Saves a whole page, for those without script; goes on to the page that the button names.
async fn save_page(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path((id, name)): Path<(ApplicationId, String)>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let fields = Fields(form);
    let mut shown = page(&app, ui, &me, id, &name, Tried::default()).await?;
    let mut values = Vec::new();
    for view in &mut shown.fields {
        let given = fields.0.iter().any(|(other, _)| *other == view.name);
        if given || view.kind == "declaration" {
            fields.get(&view.name).clone_into(&mut view.value);
            values.push((view.name.clone(), view.value.clone()));
        }
    }
    let version = fields.get("version").parse().unwrap_or(-1);
    match application::save_fields(&app.centre, &me.actor, id, version, &values).await {
        Ok(_) => {
            let to = PAGES.into_iter().find(|page| *page == fields.get("go")).unwrap_or(shown.page);
            Ok(Redirect::to(&format!("/applications/{id}/edit/{to}?done=saved")).into_response())
        }
        Err(Failure::Invalid { .. }) => {
            mark(&mut shown);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response())
        }
        Err(Failure::Conflict(_)) => {
            // What was typed stays on the page, which now knows the other's version: saving again
            // is then a decision, not an accident.
            choose(&mut shown);
            shown.problem = shown.ui.t("application-conflict");
            Ok((StatusCode::CONFLICT, shown).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

/// Says at each field what is wrong with it.
fn mark(shown: &mut Edit) {
    choose(shown);
    for view in &mut shown.fields {
        let refused = match form::field(&view.name) {
            Some(field) => field.clean(&view.value).err(),
            None if view.value.trim().chars().count() > form::ANSWER_MAX => {
                Some(domain::Refusal::invalid("questions", "too-long"))
            }
            None => None,
        };
        if let Some(domain::Refusal::Invalid { field, key }) = refused {
            view.error = message(&shown.ui, field, key);
        }
    }
    shown.problem = shown.ui.t("application-not-saved");
}

/// Ticks what was chosen, not what is saved.
fn choose(shown: &mut Edit) {
    for view in &mut shown.fields {
        for (value, _, chosen) in &mut view.choices {
            *chosen = *value == view.value;
        }
    }
}

/// Saves one field: `field`, `value`, `version`, or the field under its own name as `autosave.js`
/// sends it. Answers JSON; a plain form is sent back to its page.
async fn save_field(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ApplicationId>,
    headers: HeaderMap,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let fields = Fields(form);
    let values: Vec<(String, String)> = match fields.get("field") {
        "" => fields.0.iter().filter(|(name, _)| name != "version").cloned().collect(),
        name => vec![(name.to_owned(), fields.get("value").to_owned())],
    };
    let Ok(version) = fields.get("version").parse::<i64>() else {
        return Err(Failure::invalid("version", "missing").into());
    };
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let plain = accept.is_some_and(|accept| accept.contains("text/html"));
    match application::save_fields(&app.centre, &me.actor, id, version, &values).await {
        Ok(_) if plain => {
            let field = values.first().and_then(|(name, _)| form::field(name));
            let page = field.map_or("questions", |field| field.page);
            Ok(Redirect::to(&format!("/applications/{id}/edit/{page}?done=saved")).into_response())
        }
        Ok(version) => Ok(Json(serde_json::json!({ "version": version })).into_response()),
        Err(failure) if plain => Err(failure.into()),
        Err(Failure::Conflict(_)) => {
            let now = file::read_file(&app.centre, &me.actor, id).await?.application.version;
            let error = ui.t("application-conflict");
            let body = serde_json::json!({ "version": now, "error": error });
            Ok((StatusCode::CONFLICT, Json(body)).into_response())
        }
        Err(Failure::Invalid { field, key, .. }) => {
            let body = serde_json::json!({ "error": message(&ui, &field, &key) });
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Json(body)).into_response())
        }
        Err(other) => Err(other.into()),
    }
}
