//! The public catalogue's search; `catalogue_source.rs` has the pages of one source. Works without script: filters are a form and links.

use std::cmp::Reverse;

use askama::Template;
use askama_web::WebTemplate;
use axum::{Router, extract::State, routing::get};
use axum_extra::extract::Query;
use serde::Deserialize;
use url::form_urlencoded::Serializer;
use workflows::data::catalogue::{self, Facet, Filter, Found, Listing};

use super::{Marked, catalogue_source::encoded};
use crate::{app::App, error::PageError, i18n, ui::Ui};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/catalogue", get(list))
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

/// A link with its words.
pub(super) struct Chip {
    pub(super) href: String,
    pub(super) label: String,
}

struct PageLink {
    href: String,
    label: String,
    current: bool,
}

struct CardView {
    href: String,
    slug: String,
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
        themes: in_order(&listing.themes, |one| theme(&ui, one)),
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
    in_order(&listing.producers, choice)
}

/// The largest first, then by the alphabet of what is read.
fn in_order(facets: &[Facet], choice: impl Fn(&Facet) -> Choice) -> Vec<Choice> {
    let mut counted: Vec<_> = facets.iter().map(|facet| (facet.count, choice(facet))).collect();
    counted.sort_by_cached_key(|(count, one)| (Reverse(*count), i18n::alphabetical(&one.label)));
    counted.into_iter().map(|(_, choice)| choice).collect()
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
        slug: card.slug.clone(),
        href,
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_facet_lists_the_largest_first_then_by_the_alphabet_of_what_is_read() {
        let facet =
            |(value, count): (&str, usize)| Facet { value: value.to_owned(), count, on: false };
        let choice = |facet: &Facet| Choice {
            label: facet.value.clone(),
            value: String::new(),
            count: String::new(),
            on: false,
        };
        let facets = [("Travail", 1), ("Élections", 1), ("Économie", 1), ("Zones", 3)].map(facet);
        let listed: Vec<_> = in_order(&facets, choice).into_iter().map(|one| one.label).collect();
        assert_eq!(listed, ["Zones", "Économie", "Élections", "Travail"]);
    }
}
