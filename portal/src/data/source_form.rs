//! The form of a source: a new one, by hand or from its code book, and a change.

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Router,
    extract::{DefaultBodyLimit, Multipart, Path, State},
    response::Response,
    routing::{get, post},
};
use axum_extra::extract::{Form, Query};
use domain::{
    ProducerId, Source, SourceId, Text,
    data::source::{Description, Route},
};
use serde::Deserialize;
use workflows::{
    Failure,
    data::{codebook, source},
};

use super::{THEMES, codebook::CODEBOOK_LIMIT};
use crate::{
    app::App,
    error::PageError,
    extract::SignedIn,
    form::{self, Fault},
    i18n,
    ui::Ui,
};

pub(super) fn routes() -> Router<App> {
    let from_codebook = post(create_from_codebook).layer(DefaultBodyLimit::max(CODEBOOK_LIMIT));
    Router::new()
        .route("/data/sources/new", get(new).post(create))
        .route("/data/sources/from-codebook", from_codebook)
        .route("/data/sources/{id}/edit", get(edit).post(save))
}

/// The route's name in forms and words (`route-<name>`).
pub(super) fn route_name(route: Route) -> &'static str {
    match route {
        Route::Committee => "committee",
        Route::ProducerOnly => "producer_only",
    }
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct SourceForm {
    producer: String,
    slug: String,
    acronym: String,
    title_fr: String,
    title_en: String,
    summary_fr: String,
    summary_en: String,
    theme: Vec<String>,
    route: String,
}

impl SourceForm {
    fn of(source: &Source) -> Self {
        let source = source.clone();
        Self {
            producer: source.producer.to_string(),
            slug: source.slug,
            acronym: source.acronym,
            title_fr: source.title.fr,
            title_en: source.title.en,
            summary_fr: source.summary.fr,
            summary_en: source.summary.en,
            theme: source.themes,
            route: route_name(source.route).to_owned(),
        }
    }

    fn description(&self) -> Description {
        let trimmed = |text: &str| text.trim().to_owned();
        Description {
            slug: trimmed(&self.slug),
            acronym: trimmed(&self.acronym),
            title: Text::new(trimmed(&self.title_fr), trimmed(&self.title_en)),
            summary: Text::new(trimmed(&self.summary_fr), trimmed(&self.summary_en)),
            themes: self.theme.clone(),
            route: match self.route.as_str() {
                "producer_only" => Route::ProducerOnly,
                _ => Route::Committee,
            },
        }
    }

    fn producer(&self) -> Result<ProducerId, Failure> {
        self.producer.parse().map_err(|_| Failure::missing("producer", ""))
    }
}

struct ThemeChoice {
    value: String,
    label: String,
    on: bool,
}

#[derive(Template, WebTemplate)]
#[template(path = "data/source/form.html")]
struct FormPage {
    ui: Ui,
    /// The source that is changed; none for a new one.
    id: Option<String>,
    form: SourceForm,
    themes: Vec<ThemeChoice>,
    fault: Fault,
}

impl FormPage {
    fn new(ui: Ui, id: Option<SourceId>, form: SourceForm, fault: Fault) -> Self {
        let others = form.theme.iter().map(String::as_str).filter(|one| !THEMES.contains(one));
        let choice = |word: &str| ThemeChoice {
            value: word.to_owned(),
            label: ui.word_or("theme", word),
            on: form.theme.iter().any(|one| one == word),
        };
        let mut themes: Vec<_> = THEMES.into_iter().chain(others).map(choice).collect();
        themes.sort_by_cached_key(|theme| i18n::alphabetical(&theme.label));
        Self { id: id.map(|id| id.to_string()), themes, fault, form, ui }
    }
}

#[derive(Deserialize)]
struct NewQuery {
    producer: ProducerId,
}

async fn new(ui: Ui, me: SignedIn, Query(query): Query<NewQuery>) -> Result<FormPage, PageError> {
    domain::data::source::may_describe(&me.actor, query.producer).map_err(Failure::from)?;
    let form = SourceForm { producer: query.producer.to_string(), ..SourceForm::default() };
    Ok(FormPage::new(ui, None, form, Fault::default()))
}

async fn create(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Form(form): Form<SourceForm>,
) -> Result<Response, PageError> {
    let given = form.description();
    let made = source::create_source(&app.centre, &me.actor, form.producer()?, given).await;
    let to = |source: Source| format!("/data/sources/{}?done=source-created", source.id);
    form::answer(ui, made, to, async |ui, fault| Ok(FormPage::new(ui, None, form, fault))).await
}

async fn create_from_codebook(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    mut parts: Multipart,
) -> Result<Response, PageError> {
    let mut form = SourceForm::default();
    let mut document = Vec::new();
    while let Some(part) = parts.next_field().await.map_err(super::codebook::cut_off)? {
        match part.name() {
            Some("producer") => {
                form.producer = part.text().await.map_err(super::codebook::cut_off)?;
            }
            Some("theme") => form.theme.push(part.text().await.map_err(super::codebook::cut_off)?),
            Some("file") => {
                document = part.bytes().await.map_err(super::codebook::cut_off)?.to_vec();
            }
            _ => {}
        }
    }
    let (producer, themes) = (form.producer()?, form.theme.clone());
    let made =
        codebook::create_from_codebook(&app.centre, &me.actor, producer, document, themes).await;
    let to =
        |source: Source| format!("/data/sources/{}/codebook?done=codebook-imported", source.id);
    form::answer(ui, made, to, async |ui, fault| Ok(FormPage::new(ui, None, form, fault))).await
}

async fn edit(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<SourceId>,
) -> Result<FormPage, PageError> {
    let (producer, line) = source::see_source(&app.centre, &me.actor, id).await?;
    domain::data::source::may_describe(&me.actor, producer.id).map_err(Failure::from)?;
    Ok(FormPage::new(ui, Some(id), SourceForm::of(&line.source), Fault::default()))
}

async fn save(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<SourceId>,
    Form(form): Form<SourceForm>,
) -> Result<Response, PageError> {
    let saved = source::edit_source(&app.centre, &me.actor, id, form.description()).await;
    let to = |_| format!("/data/sources/{id}?done=saved");
    form::answer(ui, saved, to, async |ui, fault| Ok(FormPage::new(ui, Some(id), form, fault)))
        .await
}
