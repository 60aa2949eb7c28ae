//! The public register of projects: what was authorised, for whom, on which sources, until when.
//! Nothing else of a file is in it.

use std::collections::HashMap;

use domain::{
    Application, ApplicationId, Item, Lang, Person, Producer, ProducerId, Source, SourceId, Text,
    Timestamp, Vintage, VintageId, data::source::SourceState,
    projects::application::ApplicationState,
};

use crate::{
    Centre, Failure,
    data::catalogue::words::{fold, wanted},
};

/// Projects of a page of the register.
pub const PAGE: usize = 20;

/// A project as everybody may read it.
#[derive(Clone, Debug)]
pub struct Project {
    /// Which.
    pub id: ApplicationId,
    /// Its number.
    pub number: Option<String>,
    /// Its title.
    pub title: Text,
    /// Its summary, where the lead has declared that it may be published.
    pub summary: Option<String>,
    /// The institution of its lead.
    pub institution: String,
    /// The sources that were granted.
    pub sources: Vec<GrantedSource>,
    /// Since when it is authorised.
    pub since: Option<Timestamp>,
    /// When it ends or has ended.
    pub until: Timestamp,
    /// Whether it has ended.
    pub ended: bool,
}

/// A source that was granted to a project.
#[derive(Clone, Debug)]
pub struct GrantedSource {
    /// Its short name in addresses; empty where it is not in the public catalogue.
    pub slug: String,
    /// Its title; nothing of a source that its producer hides from the public.
    pub title: Option<Text>,
    /// Its producer.
    pub producer: Text,
    /// The vintages that were granted.
    pub vintages: Vec<String>,
}

/// What to look for.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Words, each of which must be there.
    pub query: String,
    /// Only projects on the source with this short name.
    pub source: Option<String>,
    /// Which page, from 1.
    pub page: usize,
}

/// A page of the register.
#[derive(Clone, Debug)]
pub struct Register {
    /// The projects of the page, the newest first.
    pub projects: Vec<Project>,
    /// How many there are on all pages.
    pub found: usize,
    /// How many pages.
    pub pages: usize,
    /// Which page this is.
    pub page: usize,
    /// The title of the source that was asked for, where there is such a one.
    pub source: Option<Text>,
}

/// Reads the register. It is public: nobody has to be signed in.
pub async fn read_register(centre: &Centre, asked: &Asked) -> Result<Register, Failure> {
    let books = Books::load(centre).await?;
    let mut projects = Vec::new();
    for state in ["authorised", "ended"] {
        for application in centre.store.each::<Application>("state", state).await? {
            projects.extend(project(centre, &books, application?).await?);
        }
    }
    if let Some(slug) = &asked.source {
        projects.retain(|project| project.sources.iter().any(|source| source.slug == *slug));
    }
    let wanted = wanted(&asked.query);
    projects.retain(|project| has(project, &wanted));
    // What runs, the newest first; then what has ended, the last first.
    projects.sort_by_key(|it| (it.ended, std::cmp::Reverse((it.since, it.until, it.id))));
    let (found, pages) = (projects.len(), projects.len().div_ceil(PAGE).max(1));
    let page = asked.page.clamp(1, pages);
    let mut projects: Vec<Project> =
        projects.into_iter().skip((page - 1) * PAGE).take(PAGE).collect();
    for project in projects.iter_mut().filter(|project| project.ended) {
        project.since = authorised_at(centre, project.id).await?;
    }
    let of = |slug: &String| books.sources.values().find(|it| it.slug == *slug && is_public(it));
    let source = asked.source.as_ref().and_then(of).map(|source| source.title.clone());
    Ok(Register { projects, found, pages, page, source })
}

/// What the projects name, read once for all of them: a page that everybody may open must not ask the
/// database for each.
struct Books {
    items: HashMap<ApplicationId, Vec<Item>>,
    sources: HashMap<SourceId, Source>,
    producers: HashMap<ProducerId, Producer>,
    vintages: HashMap<VintageId, String>,
}

impl Books {
    async fn load(centre: &Centre) -> Result<Self, Failure> {
        let mut items: HashMap<_, Vec<Item>> = HashMap::new();
        for item in centre.store.all::<Item>().await?.into_iter().filter(Item::was_granted) {
            items.entry(item.application).or_default().push(item);
        }
        let sources = centre.store.all::<Source>().await?;
        let producers = centre.store.all::<Producer>().await?;
        let vintages = centre.store.all::<Vintage>().await?;
        Ok(Self {
            items,
            sources: sources.into_iter().map(|it| (it.id, it)).collect(),
            producers: producers.into_iter().map(|it| (it.id, it)).collect(),
            vintages: vintages.into_iter().map(|it| (it.id, it.label)).collect(),
        })
    }

    fn granted(&self, item: &Item) -> Option<GrantedSource> {
        let source = self.sources.get(&item.source)?;
        let labels = item.granted_vintages().filter_map(|id| self.vintages.get(&id).cloned());
        let mut vintages: Vec<String> = labels.collect();
        vintages.sort();
        let shown = is_public(source) || source.state == SourceState::Retired;
        Some(GrantedSource {
            slug: if is_public(source) { source.slug.clone() } else { String::new() },
            title: shown.then(|| source.title.clone()),
            producer: self.producers.get(&item.producer)?.name.clone(),
            vintages,
        })
    }
}

/// Whether everybody finds the source in the catalogue.
fn is_public(source: &Source) -> bool {
    source.is_listed(false)
}

/// Whether every word stands somewhere in what the register shows, without case and accents.
fn has(project: &Project, wanted: &[String]) -> bool {
    let mut texts: Vec<&str> = vec![&project.title.fr, &project.title.en, &project.institution];
    texts.extend(project.number.as_deref());
    texts.extend(project.summary.as_deref());
    for source in &project.sources {
        let title = source.title.iter().flat_map(|title| [&title.fr, &title.en]);
        texts.extend(title.chain([&source.slug]).map(String::as_str));
        texts.extend([&source.producer.fr, &source.producer.en].map(String::as_str));
    }
    let text = fold(&texts.join(" "));
    wanted.iter().all(|word| text.contains(word.as_str()))
}

async fn project(
    centre: &Centre,
    books: &Books,
    application: Application,
) -> Result<Option<Project>, Failure> {
    let (since, until, ended) = match application.state {
        ApplicationState::Authorised { since, until } => (Some(since), until, false),
        ApplicationState::Ended { at } => (None, at, true),
        _ => return Ok(None),
    };
    let written = application.decided_fields().get("institution_name").map(|name| name.trim());
    let institution = match written.filter(|name| !name.is_empty()) {
        Some(name) => name.to_owned(),
        None => {
            let lead = centre.store.get::<Person>(application.lead).await?;
            lead.map(|lead| lead.institution).unwrap_or_default()
        }
    };
    let items = books.items.get(&application.id).into_iter().flatten();
    Ok(Some(Project {
        id: application.id,
        title: Text::new(application.title(Lang::Fr), application.title(Lang::En)),
        summary: application.public_summary().map(ToOwned::to_owned),
        institution,
        sources: items.filter_map(|item| books.granted(item)).collect(),
        number: application.number,
        since,
        until,
        ended,
    }))
}

/// When an ended project was authorised, by its events; unknown where they do not tell.
async fn authorised_at(centre: &Centre, id: ApplicationId) -> Result<Option<Timestamp>, Failure> {
    let events = centre.store.events_of(id).await?;
    let found = events.into_iter().rfind(|sealed| sealed.event.kind == "application.authorised");
    Ok(found.map(|sealed| sealed.event.at))
}
