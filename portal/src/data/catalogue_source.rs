//! The public pages of one source: presentation, vintages, variables.

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Router,
    extract::{Path, State},
    routing::get,
};
use axum_extra::extract::Query;
use serde::Deserialize;
use workflows::data::catalogue::{self, SourceView};

use super::{Marked, catalogue::Chip};
use crate::{app::App, error::PageError, extract::Known, ui::Ui};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/catalogue/{slug}", get(show_source))
        .route("/catalogue/{slug}/vintages", get(show_vintages))
        .route("/catalogue/{slug}/variables", get(list_variables))
        .route("/catalogue/{slug}/variables/{name}", get(show_variable))
}

/// A variable's name as a piece of an address.
pub(super) fn encoded(name: &str) -> String {
    url::form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>().replace('+', "%20")
}

/// What the tabs of a source share.
struct Head {
    slug: String,
    title: Marked,
    acronym: String,
    producer: String,
    tab: &'static str,
    variables: String,
    vintages: String,
    state: &'static str,
}

fn head(ui: &Ui, view: &SourceView, tab: &'static str) -> Head {
    Head {
        slug: view.source.slug.clone(),
        title: Marked::new(&view.source.title, ui.lang),
        acronym: view.source.acronym.clone(),
        producer: view.producer.name.get(ui.lang).to_owned(),
        tab,
        variables: ui.number(view.variables),
        vintages: ui.number(view.vintages.len()),
        state: view.source.state.name(),
    }
}

struct FactView {
    label: String,
    values: Vec<Marked>,
}

struct PublicationView {
    text: Marked,
    link: Option<String>,
}

#[derive(Template, WebTemplate)]
#[template(path = "data/catalogue/source.html")]
struct ShowSource {
    ui: Ui,
    head: Head,
    about: Vec<Marked>,
    route: String,
    themes: String,
    projects: String,
    facts: Vec<FactView>,
    publications: Vec<PublicationView>,
}

async fn load(app: &App, ui: &Ui, slug: &str) -> Result<SourceView, PageError> {
    let actor = ui.me.as_ref().map(|me| &me.actor);
    Ok(catalogue::see_source(&app.centre, actor, slug, ui.lang).await?)
}

async fn show_source(
    ui: Ui,
    State(app): State<App>,
    Path(slug): Path<String>,
) -> Result<ShowSource, PageError> {
    let view = load(&app, &ui, &slug).await?;
    let head = head(&ui, &view, "presentation");
    let summary = Marked::new(&view.source.summary, ui.lang);
    let mut about: Vec<Marked> = view.about.into_iter().map(Marked::from).collect();
    if about.is_empty() && !summary.text.is_empty() {
        about.push(summary);
    }
    let themes: Vec<_> = view.source.themes.iter().map(|one| ui.word_or("theme", one)).collect();
    let fact = |fact: catalogue::Fact| FactView {
        label: ui.word("fact", fact.key),
        values: fact.values.into_iter().map(Marked::from).collect(),
    };
    let publication =
        |one: catalogue::Publication| PublicationView { text: one.text.into(), link: one.link };
    Ok(ShowSource {
        head,
        about,
        route: ui.word("route", super::source_form::route_name(view.route)),
        themes: themes.join(", "),
        projects: ui.number(view.projects),
        facts: view.facts.into_iter().map(fact).collect(),
        publications: view.publications.into_iter().map(publication).collect(),
        ui,
    })
}

struct VintageView {
    id: String,
    label: String,
    year: String,
    available: bool,
}

#[derive(Template, WebTemplate)]
#[template(path = "data/catalogue/vintages.html")]
struct ShowVintages {
    ui: Ui,
    head: Head,
    vintages: Vec<VintageView>,
    may_ask: bool,
}

async fn show_vintages(
    ui: Ui,
    State(app): State<App>,
    Path(slug): Path<String>,
) -> Result<ShowVintages, PageError> {
    let view = load(&app, &ui, &slug).await?;
    let vintage = |one: &catalogue::CardVintage| VintageView {
        id: one.id.to_string(),
        label: one.label.clone(),
        year: one.year.map_or_else(String::new, |year| year.to_string()),
        available: one.available,
    };
    Ok(ShowVintages {
        head: head(&ui, &view, "vintages"),
        vintages: view.vintages.iter().map(vintage).collect(),
        may_ask: view.source.state.name() == "published",
        ui,
    })
}

struct VariableRow {
    href: String,
    name: String,
    label: Marked,
    kind: String,
    categories: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "data/catalogue/variables.html")]
struct ListVariables {
    ui: Ui,
    head: Head,
    query: String,
    count: String,
    variables: Vec<VariableRow>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct VariablesQuery {
    q: String,
}

async fn list_variables(
    ui: Ui,
    State(app): State<App>,
    Path(slug): Path<String>,
    Query(VariablesQuery { q }): Query<VariablesQuery>,
) -> Result<ListVariables, PageError> {
    let view = load(&app, &ui, &slug).await?;
    let actor = ui.me.as_ref().map(|me| &me.actor);
    let lines = catalogue::see_variables(&app.centre, actor, &slug, &q, ui.lang).await?;
    let row = |line: catalogue::VariableLine| VariableRow {
        href: format!("/catalogue/{slug}/variables/{}", encoded(&line.name)),
        kind: ui.word("variable-kind", line.kind),
        categories: if line.categories == 0 { String::new() } else { ui.number(line.categories) },
        name: line.name,
        label: line.label.into(),
    };
    Ok(ListVariables {
        head: head(&ui, &view, "variables"),
        count: ui.t1("catalogue-variables-found", "count", lines.len()),
        variables: lines.into_iter().map(row).collect(),
        query: q,
        ui,
    })
}

struct CategoryRow {
    value: String,
    label: Marked,
    missing: bool,
    count: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "data/catalogue/variable.html")]
struct ShowVariable {
    ui: Ui,
    head: Head,
    name: String,
    label: Marked,
    kind: String,
    facts: Vec<FactView>,
    categories: Vec<CategoryRow>,
    counted: bool,
    stats: Vec<(String, String)>,
    before: Option<Chip>,
    after: Option<Chip>,
}

async fn show_variable(
    ui: Ui,
    known: Known,
    State(app): State<App>,
    Path((slug, name)): Path<(String, String)>,
) -> Result<ShowVariable, PageError> {
    let view = load(&app, &ui, &slug).await?;
    let actor = known.identity.as_ref().map(|me| &me.actor);
    let variable = catalogue::see_variable(&app.centre, actor, &slug, &name, ui.lang).await?;
    let link = |name: Option<String>| {
        name.map(|name| Chip {
            href: format!("/catalogue/{slug}/variables/{}", encoded(&name)),
            label: name,
        })
    };
    let fact = |key: &str, values: Vec<catalogue::Said>| FactView {
        label: ui.word("variable", key),
        values: values.into_iter().map(Marked::from).collect(),
    };
    let facts = [
        fact("question", variable.question),
        fact("universe", variable.universe),
        fact("definition", variable.definition),
    ];
    let stat = |(kind, value): (String, String)| (ui.word_or("variable-stat", kind), value);
    let (before, after) = variable.neighbours;
    Ok(ShowVariable {
        head: head(&ui, &view, "variables"),
        name: variable.line.name,
        label: variable.line.label.into(),
        kind: ui.word("variable-kind", variable.line.kind),
        facts: facts.into_iter().filter(|fact| !fact.values.is_empty()).collect(),
        counted: variable.categories.iter().any(|one| one.count.is_some()),
        categories: variable.categories.into_iter().map(category).collect(),
        stats: variable.stats.into_iter().map(stat).collect(),
        before: link(before),
        after: link(after),
        ui,
    })
}

fn category(one: catalogue::CategoryView) -> CategoryRow {
    CategoryRow {
        value: one.value,
        label: one.label.into(),
        missing: one.missing,
        count: one.count.unwrap_or_default(),
    }
}
