//! Searching: the index says which sources and variables have the words, the cards say the rest.

use std::{collections::HashMap, sync::Arc};

use domain::{Lang, Text, data::source::SourceState};
use tantivy::{DocAddress, Score, Searcher, TantivyDocument, schema::Value as _};

use super::{
    Card, blocking,
    hits::{Hit, look_up},
    index::{Fields, Outcome},
    shelf::Shelf,
    words::wanted,
};
use crate::{Centre, Failure};

/// Sources on one page of results.
const PAGE: usize = 10;

/// What a reader asks for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The words.
    pub query: String,
    /// Any of these themes; none asks for all.
    pub themes: Vec<String>,
    /// Any of these producers, by short name; none asks for all.
    pub producers: Vec<String>,
    /// A vintage of this year or later.
    pub from: Option<i32>,
    /// A vintage of this year or earlier.
    pub to: Option<i32>,
    /// With a range: also sources that have no dated vintage.
    pub undated: bool,
    /// Which page, from 1.
    pub page: usize,
}

/// A value of a facet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facet {
    /// The value: a theme's word, a producer's short name, a decade's first year.
    pub value: String,
    /// Sources that would be found with it, the other filters as they are.
    pub count: usize,
    /// Whether it is asked for.
    pub on: bool,
}

/// A source that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its card.
    pub card: Arc<Card>,
    /// Variables that have the words; every variable where there are no words.
    pub variables: u32,
    /// The best of them; none where there are no words.
    pub matches: Vec<Match>,
}

/// A variable that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Its name.
    pub name: String,
    /// Its label, in the page's language where there is one.
    pub label: String,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// One page of it, most projects first, then the best match.
    pub found: Vec<Found>,
    /// Sources in all.
    pub sources: usize,
    /// Variables in all.
    pub variables: u64,
    /// Pages in all, 1 at least.
    pub pages: usize,
    /// Themes with their counts.
    pub themes: Vec<Facet>,
    /// Producers with their counts.
    pub producers: Vec<Facet>,
    /// Their names.
    pub producer_names: HashMap<String, Text>,
    /// Decades with their counts.
    pub decades: Vec<Facet>,
    /// Sources without a dated vintage, the other filters as they are.
    pub undated: usize,
    /// The first and the last year of all vintages.
    pub years: Option<(i32, i32)>,
}

/// Searches the catalogue. Hidden sources are found by accredited persons alone; retired ones by
/// nobody.
#[tracing::instrument(name = "workflow.search_catalogue", skip_all, err)]
pub async fn search(
    centre: &Centre,
    filter: &Filter,
    lang: Lang,
    accredited: bool,
) -> Result<Listing, Failure> {
    let (index, shelf) = centre.catalogue.ready(centre).await?;
    let words = wanted(&filter.query);
    let filter = filter.clone();
    blocking(move || {
        let searcher = index.reader.searcher();
        let hits = match words.is_empty() {
            true => None,
            false => Some(look_up(&index, &searcher, &words)?),
        };
        let mut listing = list(&shelf, hits.as_ref(), &filter, accredited);
        for found in &mut listing.found {
            let hit = hits.as_ref().and_then(|hits| hits.get(&found.card.key()));
            for (_, address) in hit.iter().flat_map(|hit| &hit.best) {
                found.matches.push(read_match(&searcher, &index.fields, *address, lang)?);
            }
        }
        Ok(listing)
    })
    .await
}

fn read_match(
    searcher: &Searcher,
    fields: &Fields,
    address: DocAddress,
    lang: Lang,
) -> Outcome<Match> {
    let document: TantivyDocument = searcher.doc(address)?;
    let text = |field| {
        let value = document.get_first(field).and_then(|value| value.as_str().map(str::to_owned));
        value.unwrap_or_default()
    };
    let label = match lang {
        Lang::Fr => text(fields.label_fr),
        Lang::En => text(fields.label_en),
    };
    Ok(Match { name: text(fields.name), label })
}

/// Which filters a card passes.
struct Passes {
    theme: bool,
    producer: bool,
    years: bool,
}

impl Filter {
    fn has_range(&self) -> bool {
        self.from.is_some() || self.to.is_some()
    }

    fn passes(&self, card: &Card) -> Passes {
        let within = |year: i32| {
            self.from.is_none_or(|from| year >= from) && self.to.is_none_or(|to| year <= to)
        };
        let is_dated = card.years().next().is_some();
        Passes {
            theme: self.themes.is_empty() || card.themes.iter().any(|t| self.themes.contains(t)),
            producer: self.producers.is_empty() || self.producers.contains(&card.producer),
            years: !self.has_range()
                || if is_dated { card.years().any(within) } else { self.undated },
        }
    }
}

/// Filters, counts and sorts the cards that have the words. A facet is counted with every filter
/// but its own, so that its numbers say what a click would give.
fn list(
    shelf: &Shelf,
    hits: Option<&HashMap<u64, Hit>>,
    filter: &Filter,
    accredited: bool,
) -> Listing {
    let mut listing = Listing::default();
    let mut counts = Counts::default();
    let mut found: Vec<(usize, Score)> = Vec::new();
    for (place, card) in shelf.cards.iter().enumerate() {
        let hit = hits.map(|hits| hits.get(&card.key()));
        let is_visible = match card.state {
            SourceState::Published => true,
            SourceState::Hidden => accredited,
            _ => false,
        };
        if !is_visible || matches!(hit, Some(None)) {
            continue;
        }
        let passes = filter.passes(card);
        counts.add(card, &passes);
        if passes.theme && passes.producer && passes.years {
            let hit = hit.flatten();
            listing.variables += u64::from(hit.map_or(card.variables, |hit| hit.variables));
            found.push((place, hit.map_or(0.0, |hit| hit.score)));
        }
    }
    // The cards stand by projects; among equals the better match comes first.
    let projects = |place: usize| shelf.cards[place].projects;
    found.sort_by(|a, b| projects(b.0).cmp(&projects(a.0)).then(b.1.total_cmp(&a.1)));
    listing.sources = found.len();
    listing.pages = found.len().div_ceil(PAGE).max(1);
    let skipped = (filter.page.clamp(1, listing.pages) - 1) * PAGE;
    for (place, _) in found.into_iter().skip(skipped).take(PAGE) {
        let card = Arc::clone(&shelf.cards[place]);
        let hit = hits.and_then(|hits| hits.get(&card.key()));
        let variables = hit.map_or(card.variables, |hit| hit.variables);
        listing.found.push(Found { card, variables, matches: Vec::new() });
    }
    counts.fill(&mut listing, filter);
    listing
}

#[derive(Default)]
struct Counts {
    themes: HashMap<String, usize>,
    producers: HashMap<String, usize>,
    names: HashMap<String, Text>,
    decades: HashMap<i32, usize>,
    undated: usize,
    years: Option<(i32, i32)>,
}

impl Counts {
    fn add(&mut self, card: &Card, passes: &Passes) {
        for theme in &card.themes {
            let count = self.themes.entry(theme.clone()).or_default();
            *count += usize::from(passes.producer && passes.years);
        }
        self.names.entry(card.producer.clone()).or_insert_with(|| card.producer_name.clone());
        let count = self.producers.entry(card.producer.clone()).or_default();
        *count += usize::from(passes.theme && passes.years);
        let mut decades: Vec<i32> = card.years().map(|year| year.div_euclid(10) * 10).collect();
        decades.sort_unstable();
        decades.dedup();
        let counted = usize::from(passes.theme && passes.producer);
        for decade in &decades {
            *self.decades.entry(*decade).or_default() += counted;
        }
        if decades.is_empty() {
            self.undated += counted;
        }
        for year in card.years() {
            let (first, last) = self.years.unwrap_or((year, year));
            self.years = Some((first.min(year), last.max(year)));
        }
    }

    fn fill(self, listing: &mut Listing, filter: &Filter) {
        let facets = |counts: HashMap<String, usize>, on: &[String]| {
            let mut facets: Vec<Facet> = counts
                .into_iter()
                .map(|(value, count)| Facet { on: on.contains(&value), value, count })
                .collect();
            facets.sort_by(|a, b| (b.count, &a.value).cmp(&(a.count, &b.value)));
            facets
        };
        listing.themes = facets(self.themes, &filter.themes);
        listing.producer_names = self.names;
        listing.producers = facets(self.producers, &filter.producers);
        let mut decades: Vec<(i32, usize)> = self.decades.into_iter().collect();
        decades.sort_unstable();
        let range = (filter.from, filter.to);
        let facet = |(decade, count): (i32, usize)| Facet {
            value: decade.to_string(),
            count,
            on: range == (Some(decade), Some(decade + 9)),
        };
        listing.decades = decades.into_iter().map(facet).collect();
        listing.undated = self.undated;
        listing.years = self.years;
    }
}

#[cfg(test)]
mod tests {
    use domain::{SourceId, VintageId};
    use uuid::Uuid;

    use super::*;
    use crate::data::catalogue::CardVintage;

    fn card(n: u128, theme: &str, producer: &str, years: &[i32], projects: u32) -> Arc<Card> {
        let vintage = |year: &i32| CardVintage {
            id: VintageId(Uuid::nil()),
            label: year.to_string(),
            year: Some(*year),
            available: true,
        };
        Arc::new(Card {
            id: SourceId(Uuid::from_u128(n)),
            slug: format!("s{n}"),
            acronym: String::new(),
            title: Text::default(),
            summary: Text::default(),
            themes: vec![theme.into()],
            producer: producer.into(),
            producer_name: Text::default(),
            state: if n == 9 { SourceState::Hidden } else { SourceState::Published },
            vintages: years.iter().map(vintage).collect(),
            projects,
            publications: 0,
            variables: 10,
        })
    }

    fn shelf() -> Shelf {
        let cards = vec![
            card(1, "health", "rand", &[1974, 1975], 5),
            card(2, "health", "insee", &[2019], 3),
            card(3, "work", "insee", &[], 1),
            card(9, "work", "insee", &[2020], 0),
        ];
        Shelf { cards, ..Shelf::default() }
    }

    fn slugs(listing: &Listing) -> Vec<&str> {
        listing.found.iter().map(|found| found.card.slug.as_str()).collect()
    }

    #[test]
    fn a_facet_is_counted_with_every_filter_but_its_own() {
        let filter = Filter { themes: vec!["health".into()], ..Filter::default() };
        let listing = list(&shelf(), None, &filter, false);
        assert_eq!(slugs(&listing), ["s1", "s2"]);
        assert_eq!(listing.variables, 20);
        let themes: Vec<_> =
            listing.themes.iter().map(|f| (f.value.as_str(), f.count, f.on)).collect();
        assert_eq!(themes, [("health", 2, true), ("work", 1, false)]);
        let producers: Vec<_> =
            listing.producers.iter().map(|f| (f.value.as_str(), f.count)).collect();
        assert_eq!(producers, [("insee", 1), ("rand", 1)]);
        assert_eq!(listing.undated, 0);
    }

    #[test]
    fn a_range_says_what_it_does_with_sources_without_vintages() {
        let range = Filter { from: Some(1970), to: Some(1979), ..Filter::default() };
        assert_eq!(slugs(&list(&shelf(), None, &range, false)), ["s1"]);
        assert_eq!(list(&shelf(), None, &range, false).undated, 1);
        let also = Filter { undated: true, ..range };
        assert_eq!(slugs(&list(&shelf(), None, &also, false)), ["s1", "s3"]);
    }

    #[test]
    fn a_hidden_source_is_found_by_accredited_persons_alone() {
        let all = |accredited| list(&shelf(), None, &Filter::default(), accredited).sources;
        assert_eq!((all(false), all(true)), (3, 4));
    }

    #[test]
    fn only_sources_with_the_words_are_listed_and_projects_come_first() {
        let hit = |score| Hit { variables: 2, score, best: vec![] };
        let hits = HashMap::from([(2, hit(9.0)), (3, hit(1.0))]);
        let listing = list(&shelf(), Some(&hits), &Filter::default(), false);
        assert_eq!(slugs(&listing), ["s2", "s3"]);
        assert_eq!(listing.variables, 4);
    }
}
