//! The public catalogue. Works without script: filters are a form and links.

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Router,
    extract::{Path, State},
    routing::get,
};
use axum_extra::extract::Query;
use serde::Deserialize;
use url::form_urlencoded::Serializer;
use workflows::data::catalogue::{self, Facet, Filter, Found, Listing, SourceView};

use super::Marked;
use crate::{app::App, error::PageError, extract::Known, ui::Ui};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/catalogue", get(list))
        .route("/catalogue/{slug}", get(show_source))
        .route("/catalogue/{slug}/vintages", get(show_vintages))
        .route("/catalogue/{slug}/variables", get(list_variables))
        .route("/catalogue/{slug}/variables/{name}", get(show_variable))
}

/// The filters as they stand in the address.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
    theme: Vec<String>,
    producer: Vec<String>,
    from: String,
    to: String,
    undated: String,
    page: String,
}

impl Asked {
    pub(super) fn filter(&self) -> Filter {
        Filter {
            query: self.q.clone(),
            themes: self.theme.clone(),
            producers: self.producer.clone(),
            from: self.from.trim().parse().ok(),
            to: self.to.trim().parse().ok(),
            undated: !self.undated.is_empty(),
            page: self.page.parse().unwrap_or(1),
        }
    }

    fn href(&self) -> String {
        let mut pairs = Serializer::new(String::new());
        let one = [("q", &self.q), ("from", &self.from), ("to", &self.to)];
        let more = [("undated", &self.undated), ("page", &self.page)];
        for (name, value) in one.into_iter().chain(more) {
            if !value.is_empty() {
                pairs.append_pair(name, value);
            }
        }
        for (name, values) in [("theme", &self.theme), ("producer", &self.producer)] {
            pairs.extend_pairs(values.iter().map(|value| (name, value)));
        }
        format!("/catalogue?{}", pairs.finish())
    }

    /// The address with a change, from the first page on.
    fn but(&self, change: impl FnOnce(&mut Self)) -> String {
        let mut other = Self { page: String::new(), ..self.clone() };
        change(&mut other);
        other.href()
    }
}

struct Choice {
    value: String,
    label: String,
    count: String,
    on: bool,
}

struct Chip {
    href: String,
    label: String,
}

struct PageLink {
    href: String,
    label: String,
    current: bool,
}

struct CardView {
    href: String,
    title: Marked,
    acronym: String,
    summary: Marked,
    themes: String,
    producer: String,
    vintages: Vec<String>,
    projects: String,
    publications: String,
    matches: Vec<Chip>,
    found: String,
    hidden: bool,
}

#[derive(Template, WebTemplate)]
#[template(path = "data/catalogue/list.html")]
struct List {
    ui: Ui,
    asked: Asked,
    undated_on: bool,
    themes: Vec<Choice>,
    producers: Vec<Choice>,
    decades: Vec<Chip>,
    range_words: String,
    chips: Vec<Chip>,
    sources: String,
    variables: String,
    cards: Vec<CardView>,
    pages: Vec<PageLink>,
    first_year: String,
    last_year: String,
}

async fn list(
    ui: Ui,
    State(app): State<App>,
    Query(asked): Query<Asked>,
) -> Result<List, PageError> {
    let filter = asked.filter();
    let listing = catalogue::search(&app.centre, &filter, ui.lang, accredited(&ui)).await?;
    let (first, last) = listing.years.unzip();
    let year = |year: Option<i32>| year.map_or_else(String::new, |year| year.to_string());
    Ok(List {
        undated_on: filter.undated,
        themes: listing.themes.iter().map(|one| theme(&ui, one)).collect(),
        producers: producers(&ui, &listing),
        decades: listing.decades.iter().map(|one| decade(&ui, &asked, one)).collect(),
        range_words: range_words(&ui, &filter, listing.undated),
        chips: chips(&ui, &asked, &listing),
        sources: ui.number(listing.sources),
        variables: ui.t1("catalogue-variables-found", "count", listing.variables),
        cards: listing.found.iter().map(|found| card(&ui, &filter, found)).collect(),
        pages: pages(&ui, &asked, filter.page, listing.pages),
        first_year: year(first),
        last_year: year(last),
        asked,
        ui,
    })
}

fn accredited(ui: &Ui) -> bool {
    ui.me.as_ref().is_some_and(|me| me.actor.may_act && me.actor.is_enrolled)
}

fn theme(ui: &Ui, facet: &Facet) -> Choice {
    Choice {
        label: ui.word_or("theme", &facet.value),
        count: ui.number(facet.count),
        on: facet.on,
        value: facet.value.clone(),
    }
}

/// Producers by the name that the cards give them; without a card on the page, by the short one.
fn producers(ui: &Ui, listing: &Listing) -> Vec<Choice> {
    let name = |slug: &str| {
        let named = listing.producer_names.get(slug);
        named.map_or_else(|| slug.to_owned(), |name| name.get(ui.lang).to_owned())
    };
    let choice = |facet: &Facet| Choice {
        label: name(&facet.value),
        count: ui.number(facet.count),
        on: facet.on,
        value: facet.value.clone(),
    };
    listing.producers.iter().map(choice).collect()
}

fn decade(ui: &Ui, asked: &Asked, facet: &Facet) -> Chip {
    let first: i32 = facet.value.parse().unwrap_or(0);
    let href = asked.but(|other| {
        other.from = first.to_string();
        other.to = (first + 9).to_string();
    });
    let years = format!("{first}–{}", first + 9);
    Chip { href, label: format!("{years} ({})", ui.number(facet.count)) }
}

/// What the range does with sources that have no dated vintage.
fn range_words(ui: &Ui, filter: &Filter, undated: usize) -> String {
    match (filter.from.is_some() || filter.to.is_some(), filter.undated) {
        (false, _) => ui.t1("catalogue-undated-free", "count", undated),
        (true, true) => ui.t1("catalogue-undated-in", "count", undated),
        (true, false) => ui.t1("catalogue-undated-out", "count", undated),
    }
}

fn chips(ui: &Ui, asked: &Asked, listing: &Listing) -> Vec<Chip> {
    let mut chips = Vec::new();
    let mut chip = |family: &str, label: String, href: String| {
        chips.push(Chip { href, label: ui.t1(family, "value", label) });
    };
    if !asked.q.trim().is_empty() {
        let href = asked.but(|other| other.q.clear());
        chip("catalogue-chip-words", asked.q.clone(), href);
    }
    for choice in listing.themes.iter().filter(|facet| facet.on).map(|facet| theme(ui, facet)) {
        let href = asked.but(|other| other.theme.retain(|theme| *theme != choice.value));
        chip("catalogue-chip-theme", choice.label, href);
    }
    for choice in producers(ui, listing).into_iter().filter(|choice| choice.on) {
        let href = asked.but(|other| other.producer.retain(|one| *one != choice.value));
        chip("catalogue-chip-producer", choice.label, href);
    }
    let filter = asked.filter();
    if let Some(from) = filter.from {
        let href = asked.but(|other| other.from.clear());
        chip("catalogue-chip-from", from.to_string(), href);
    }
    if let Some(to) = filter.to {
        chip("catalogue-chip-to", to.to_string(), asked.but(|other| other.to.clear()));
    }
    chips
}

fn card(ui: &Ui, filter: &Filter, found: &Found) -> CardView {
    let card = &found.card;
    let href = format!("/catalogue/{}", card.slug);
    let match_view = |one: &catalogue::Match| Chip {
        href: format!("{href}/variables/{}", encoded(&one.name)),
        label: format!("{} · {}", one.name, one.label),
    };
    let themes: Vec<String> = card.themes.iter().map(|one| ui.word_or("theme", one)).collect();
    let counted = if filter.query.trim().is_empty() {
        "catalogue-card-variables"
    } else {
        "catalogue-card-matches"
    };
    CardView {
        title: Marked::new(&card.title, ui.lang),
        acronym: card.acronym.clone(),
        summary: Marked::new(&card.summary, ui.lang),
        themes: themes.join(", "),
        producer: card.producer_name.get(ui.lang).to_owned(),
        vintages: card.vintages.iter().map(|vintage| vintage.label.clone()).collect(),
        projects: ui.number(card.projects),
        publications: ui.number(card.publications),
        matches: found.matches.iter().map(match_view).collect(),
        found: ui.t1(counted, "count", found.variables),
        hidden: card.state.name() == "hidden",
        href,
    }
}

/// A variable's name as a piece of an address.
fn encoded(name: &str) -> String {
    url::form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>().replace('+', "%20")
}

/// Links to the pages beside this one, the first and the last.
fn pages(ui: &Ui, asked: &Asked, page: usize, pages: usize) -> Vec<PageLink> {
    let page = page.clamp(1, pages);
    let near = |n: &usize| *n == 1 || *n == pages || n.abs_diff(page) <= 2;
    let link = |n: usize| PageLink {
        href: asked.but(|other| other.page = n.to_string()),
        label: ui.number(n),
        current: n == page,
    };
    if pages == 1 { Vec::new() } else { (1..=pages).filter(near).map(link).collect() }
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
