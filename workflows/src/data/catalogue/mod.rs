//! The public catalogue: full text over sources and variables, facets, and a page for each source.
//!
//! The index stands in `<centre>/catalogue/` and holds nothing that the database does not: it is
//! made anew when it is missing, of another form, or older than the database (its commit carries a
//! stamp of every source's version and code book). Start with `search.rs`.

mod hits;
mod index;
mod page;
mod search;
mod shelf;
pub(crate) mod words;

use std::{path::PathBuf, sync::Arc};

use ddi::CodeBook;
use domain::{Source, SourceId};
use tokio::sync::{Mutex, OnceCell, RwLock};

pub use page::{
    CategoryView, Fact, Publication, Said, SourceView, VariableLine, VariableView, see_source,
    see_variable, see_variables,
};
pub use search::{Facet, Filter, Found, Listing, Match, search};
pub use shelf::{Card, CardVintage};

use self::{
    index::{Entry, Shelved, TextIndex},
    shelf::Shelf,
};
use super::codebook;
use crate::{Centre, Config, Failure};

/// The full-text index and the cards.
pub struct Catalogue {
    dir: PathBuf,
    index: OnceCell<Arc<TextIndex>>,
    shelf: RwLock<Arc<Shelf>>,
    writing: Mutex<()>,
}

impl Catalogue {
    /// The catalogue of the centre of `config`; its index is opened at the first use.
    pub fn open(config: &Config) -> Result<Self, Failure> {
        Ok(Self {
            dir: config.dir.join("catalogue"),
            index: OnceCell::new(),
            shelf: RwLock::default(),
            writing: Mutex::default(),
        })
    }

    /// The index and the cards, made where they are missing or stale.
    async fn ready(&self, centre: &Centre) -> Result<(Arc<TextIndex>, Arc<Shelf>), Failure> {
        let index = self.index.get_or_try_init(|| self.make(centre)).await?;
        Ok((Arc::clone(index), Arc::clone(&*self.shelf.read().await)))
    }

    async fn make(&self, centre: &Centre) -> Result<Arc<TextIndex>, Failure> {
        let shelf = shelf::load(centre).await?;
        let dir = self.dir.clone();
        let index = blocking(move || TextIndex::open(&dir)).await?;
        if index.stamp().as_deref() != Some(shelf.stamp.as_str()) {
            let mut all = Vec::new();
            for card in &shelf.cards {
                all.push(shelved(centre, card.id).await?);
            }
            let (index, stamp) = (Arc::new(index), shelf.stamp.clone());
            let made = Arc::clone(&index);
            blocking(move || made.rebuild(all.into_iter(), &stamp)).await?;
            *self.shelf.write().await = Arc::new(shelf);
            return Ok(index);
        }
        *self.shelf.write().await = Arc::new(shelf);
        Ok(Arc::new(index))
    }

    /// Makes the documents and the card of one source anew.
    pub(super) async fn index(&self, centre: &Centre, id: SourceId) -> Result<(), Failure> {
        let _one = self.writing.lock().await; // the engine takes one writer at a time
        let (index, _) = self.ready(centre).await?;
        let shelf = shelf::load(centre).await?;
        if index.stamp().as_deref() != Some(shelf.stamp.as_str()) {
            let (source, stamp) = (shelved(centre, id).await?, shelf.stamp.clone());
            blocking(move || index.replace(&source, &stamp)).await?;
        }
        *self.shelf.write().await = Arc::new(shelf);
        Ok(())
    }

    /// Reads the cards anew: a vintage or a number of projects changed.
    pub(super) async fn refresh(&self, centre: &Centre) -> Result<(), Failure> {
        let _one = self.writing.lock().await;
        self.ready(centre).await?;
        *self.shelf.write().await = Arc::new(shelf::load(centre).await?);
        Ok(())
    }
}

/// Work of the index engine, off the server's threads.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> index::Outcome<T> + Send + 'static,
) -> Result<T, Failure> {
    let attempt = "write or read the catalogue's index";
    let done = tokio::task::spawn_blocking(work).await.map_err(Failure::engine(attempt))?;
    done.map_err(Failure::engine(attempt))
}

/// What is indexed of a source: nothing while it is a draft.
async fn shelved(centre: &Centre, id: SourceId) -> Result<Shelved, Failure> {
    let source: Source = centre.load("source", id).await?;
    let key = shelf::key(id);
    if !source.is_listed(true) {
        return Ok(Shelved { key, entries: Vec::new() });
    }
    let book = codebook::model(centre, id).await?.unwrap_or_default();
    let mut entries = vec![source_entry(&source, &book)];
    entries.extend(book.variables.iter().map(variable_entry));
    Ok(Shelved { key, entries })
}

fn all(text: &ddi::Text) -> impl Iterator<Item = &str> {
    text.0.iter().map(|(_, text)| text.as_str())
}

fn source_entry(source: &Source, book: &CodeBook) -> Entry {
    let mut texts: Vec<&str> = vec![
        &source.slug,
        &source.acronym,
        &source.title.fr,
        &source.title.en,
        &source.summary.fr,
        &source.summary.en,
    ];
    texts.extend(all(&book.titles).chain(all(&book.parallel_titles)));
    texts.extend(all(&book.alternative_titles).chain(all(&book.abstracts)));
    texts.extend(book.keywords.iter().chain(&book.topics).map(|term| term.text.as_str()));
    texts.extend(book.authors.iter().map(|author| author.name.as_str()));
    Entry {
        variable: false,
        name: String::new(),
        label_fr: String::new(),
        label_en: String::new(),
        text: texts.join(" "),
    }
}

fn variable_entry(variable: &ddi::Variable) -> Entry {
    let mut texts: Vec<&str> = vec![&variable.name];
    texts.extend(all(&variable.labels).chain(all(&variable.definitions)));
    texts.extend(variable.concepts.iter().map(|concept| concept.text.as_str()));
    if let Some(question) = &variable.question {
        texts.extend(all(&question.literal).chain(all(&question.pre)));
    }
    texts.extend(variable.categories.iter().flat_map(|category| all(&category.labels)));
    Entry {
        variable: true,
        name: variable.name.clone(),
        label_fr: variable.labels.get("fr").unwrap_or_default().to_owned(),
        label_en: variable.labels.get("en").unwrap_or_default().to_owned(),
        text: texts.join(" "),
    }
}
