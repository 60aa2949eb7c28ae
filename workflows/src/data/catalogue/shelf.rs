//! What the catalogue knows of every source, in memory: a card each. Filters and facets are counted
//! here; a centre has hundreds or thousands of sources, and counting them takes microseconds.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use domain::{
    Producer, Source, SourceId, Text, Vintage, VintageId,
    data::{source::SourceState, vintage::VintageState},
};
use sha2::{Digest, Sha256};

use crate::{Centre, Failure};

/// A source as the catalogue lists it.
#[derive(Clone, Debug)]
pub struct Card {
    /// Which.
    pub id: SourceId,
    /// Its short name, which is its address.
    pub slug: String,
    /// Its acronym.
    pub acronym: String,
    /// Its title.
    pub title: Text,
    /// Two lines about it.
    pub summary: Text,
    /// Its themes.
    pub themes: Vec<String>,
    /// The producer's short name.
    pub producer: String,
    /// The producer's name.
    pub producer_name: Text,
    /// Where it stands.
    pub state: SourceState,
    /// Its vintages, newest first.
    pub vintages: Vec<CardVintage>,
    /// In how many projects it was granted.
    pub projects: u32,
    /// How many publications its code book names.
    pub publications: u32,
    /// How many variables its code book has.
    pub variables: u32,
}

/// A vintage on a card.
#[derive(Clone, Debug)]
pub struct CardVintage {
    /// Which.
    pub id: VintageId,
    /// Its label.
    pub label: String,
    /// Its year.
    pub year: Option<i32>,
    /// Whether its files are there.
    pub available: bool,
}

impl Card {
    /// The key of the source in the full-text index.
    pub(super) fn key(&self) -> u64 {
        key(self.id)
    }

    /// The years of its vintages.
    pub fn years(&self) -> impl Iterator<Item = i32> {
        self.vintages.iter().filter_map(|vintage| vintage.year)
    }
}

/// The low half of a UUIDv7: 62 random bits.
pub(super) fn key(id: SourceId) -> u64 {
    id.0.as_u64_pair().1
}

/// Every card, in the order of the list: most projects first, then by title.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    pub(super) cards: Vec<Arc<Card>>,
    pub(super) by_key: HashMap<u64, usize>,
    /// Changes whenever a text of the index may have changed.
    pub(super) stamp: String,
}

/// Reads every card out of the database.
pub(super) async fn load(centre: &Centre) -> Result<Shelf, Failure> {
    let store = &centre.store;
    let producers: HashMap<_, Producer> =
        store.all::<Producer>().await?.into_iter().map(|one| (one.id, one)).collect();
    let mut vintages: HashMap<SourceId, Vec<Vintage>> = HashMap::new();
    for vintage in store.all::<Vintage>().await? {
        vintages.entry(vintage.source).or_default().push(vintage);
    }
    let books: HashMap<_, _> =
        store.codebook_summaries().await?.into_iter().map(|book| (book.source, book)).collect();
    let projects: HashMap<_, _> = store.projects_by_source().await?.into_iter().collect();
    let mut stamp = BTreeMap::new();
    let mut cards = Vec::new();
    for source in store.all::<Source>().await? {
        let book = books.get(&source.id);
        let hash = book.map_or("", |book| book.sha256.as_str());
        stamp.insert(source.id, format!("{} {} {hash}", source.version, source.state.name()));
        if !source.is_listed(true) {
            continue;
        }
        let producer = producers.get(&source.producer);
        cards.push(Arc::new(Card {
            id: source.id,
            producer: producer.map_or_else(String::new, |one| one.slug.clone()),
            producer_name: producer.map_or_else(Text::default, |one| one.name.clone()),
            vintages: shown(vintages.remove(&source.id).unwrap_or_default()),
            projects: projects.get(&source.id).copied().unwrap_or(0),
            publications: book.map_or(0, |book| book.publications),
            variables: book.map_or(0, |book| book.variables),
            slug: source.slug,
            acronym: source.acronym,
            title: source.title,
            summary: source.summary,
            themes: source.themes,
            state: source.state,
        }));
    }
    cards.sort_by(|a, b| (b.projects, &a.slug).cmp(&(a.projects, &b.slug)));
    let by_key = cards.iter().enumerate().map(|(i, card)| (card.key(), i)).collect();
    let lines: String = stamp.iter().map(|(id, line)| format!("{id} {line}\n")).collect();
    Ok(Shelf { cards, by_key, stamp: hex::encode(Sha256::digest(lines)) })
}

/// Vintages that may be asked for, newest first.
pub(super) fn shown(vintages: Vec<Vintage>) -> Vec<CardVintage> {
    let is_shown = |vintage: &Vintage| {
        !matches!(vintage.state, VintageState::Withdrawn { .. } | VintageState::Replaced { .. })
    };
    let mut shown: Vec<CardVintage> = vintages
        .into_iter()
        .filter(is_shown)
        .map(|vintage| CardVintage {
            available: matches!(vintage.state, VintageState::Available { .. }),
            id: vintage.id,
            year: vintage.year,
            label: vintage.label,
        })
        .collect();
    shown.sort_by(|a, b| (b.year, &b.label).cmp(&(a.year, &a.label)));
    shown
}
