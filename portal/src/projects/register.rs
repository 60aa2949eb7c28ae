//! The public register of projects: everybody may read it, nobody has to sign in.

use askama::Template;
use askama_web::WebTemplate;
use axum::{Json, Router, extract::State, routing::get};
use axum_extra::extract::Query;
use domain::Timestamp;
use serde::{Deserialize, Serialize};
use url::form_urlencoded::Serializer;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use workflows::projects::register::{self, Asked, Project, Register};

use crate::{answers::TextAnswer, app::App, error::PageError, ui::Ui};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/register", get(show))
}

pub(super) fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(read_register))
}

/// What to look for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct Criteria {
    /// Words: each must be in the title, the summary, the institution, a source or its producer.
    #[param(required = false)]
    q: String,
    /// The short name of a source.
    #[param(required = false)]
    source: String,
    /// Which page of twenty, from 1.
    #[param(required = false)]
    page: String,
}

impl Criteria {
    fn asked(&self) -> Asked {
        let source = self.source.trim();
        Asked {
            query: self.q.clone(),
            source: (!source.is_empty()).then(|| source.to_owned()),
            page: self.page.parse().unwrap_or(1),
        }
    }

    fn href(&self, page: usize) -> String {
        let mut pairs = Serializer::new(String::new());
        for (name, value) in [("q", &self.q), ("source", &self.source)] {
            if !value.trim().is_empty() {
                pairs.append_pair(name, value);
            }
        }
        pairs.append_pair("page", &page.to_string());
        format!("/register?{}", pairs.finish())
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "projects/register/list.html")]
struct List {
    ui: Ui,
    criteria: Criteria,
    register: Register,
}

impl List {
    fn found(&self) -> String {
        self.ui.t1("register-found", "count", self.register.found)
    }

    /// Where it was narrowed to one source: its title, or what was asked for.
    fn narrowed(&self) -> Option<&str> {
        let source = self.criteria.source.trim();
        let title = self.register.source.as_ref().map(|title| self.ui.text(title));
        (!source.is_empty()).then(|| title.unwrap_or(source))
    }

    fn when(&self, project: &Project) -> String {
        let date = |at: &Timestamp| self.ui.date(at);
        match (&project.since, project.ended) {
            (Some(since), false) => {
                let until = ("until", date(&project.until));
                self.ui.t2("register-runs", ("since", date(since)), until)
            }
            (Some(since), true) => {
                let until = ("until", date(&project.until));
                self.ui.t2("register-ran", ("since", date(since)), until)
            }
            (None, _) => self.ui.t1("register-ended", "date", date(&project.until)),
        }
    }

    /// The pages to go to: first, last and near ones.
    fn pages(&self) -> Vec<(String, String, bool)> {
        let Register { page, pages, .. } = self.register;
        let near = |n: &usize| *n == 1 || *n == pages || n.abs_diff(page) <= 2;
        let link = |n: usize| (self.criteria.href(n), self.ui.number(n), n == page);
        if pages == 1 { Vec::new() } else { (1..=pages).filter(near).map(link).collect() }
    }
}

async fn show(
    ui: Ui,
    State(app): State<App>,
    Query(criteria): Query<Criteria>,
) -> Result<List, PageError> {
    let register = register::read_register(&app.centre, &criteria.asked()).await?;
    Ok(List { ui, criteria, register })
}

/// A page of the register.
#[derive(Serialize, ToSchema)]
struct RegisterAnswer {
    /// How many projects there are on all pages.
    found: usize,
    page: usize,
    pages: usize,
    projects: Vec<ProjectAnswer>,
}

/// A project as everybody may read it.
#[derive(Serialize, ToSchema)]
struct ProjectAnswer {
    id: String,
    number: Option<String>,
    title: TextAnswer,
    /// Where the lead has declared that it may be published.
    summary: Option<String>,
    /// Of its lead.
    institution: String,
    sources: Vec<GrantedAnswer>,
    /// RFC 3339.
    since: Option<String>,
    /// When it ends or has ended, RFC 3339.
    until: String,
    ended: bool,
}

/// A source that was granted to it.
#[derive(Serialize, ToSchema)]
struct GrantedAnswer {
    /// Empty where the source is not in the public catalogue.
    slug: String,
    title: Option<TextAnswer>,
    producer: TextAnswer,
    vintages: Vec<String>,
}

fn answer(project: Project) -> ProjectAnswer {
    let source = |source: register::GrantedSource| GrantedAnswer {
        slug: source.slug,
        title: source.title.map(Into::into),
        producer: source.producer.into(),
        vintages: source.vintages,
    };
    ProjectAnswer {
        id: project.id.to_string(),
        number: project.number,
        title: project.title.into(),
        summary: project.summary,
        institution: project.institution,
        sources: project.sources.into_iter().map(source).collect(),
        since: project.since.map(|at| at.to_string()),
        until: project.until.to_string(),
        ended: project.ended,
    }
}

/// The public register of projects, authorised and ended; nothing else of a file is in it
#[utoipa::path(get, path = "/register", tag = "projects", params(Criteria),
    responses((status = 200, body = RegisterAnswer)))]
async fn read_register(
    State(app): State<App>,
    Query(criteria): Query<Criteria>,
) -> Result<Json<RegisterAnswer>, PageError> {
    let found = register::read_register(&app.centre, &criteria.asked()).await?;
    let Register { projects, found, pages, page, .. } = found;
    let projects = projects.into_iter().map(answer).collect();
    Ok(Json(RegisterAnswer { found, page, pages, projects }))
}
