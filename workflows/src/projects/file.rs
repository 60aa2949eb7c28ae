//! An application with all that its pages show.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Actor, Application, ApplicationId, Event, Item, Person, PersonId, Producer, ProducerId, Source,
    Timestamp, Vintage, VintageId,
    projects::{
        application::ApplicationState,
        application_office::Checklist,
        application_sight::may_list,
        application_team::{may_read, unsigned},
        form::{self, Completeness, Question},
    },
};
use store::InvitedMember;

use super::{basket::can_be_asked_for, frozen};
use crate::{Centre, Failure};

/// An item with what it names.
#[derive(Clone, Debug)]
pub struct FileItem {
    /// The item.
    pub item: Item,
    /// Its source.
    pub source: Source,
    /// Whose source.
    pub producer: Producer,
    /// The vintages of the source, oldest label first: those asked for, and those that could be.
    pub vintages: Vec<Vintage>,
}

impl FileItem {
    /// The vintages that are asked for.
    pub fn asked(&self) -> impl Iterator<Item = &Vintage> {
        self.vintages.iter().filter(|vintage| self.item.vintages.contains(&vintage.id))
    }

    /// Whether the vintage is asked for.
    pub fn asks_for(&self, vintage: &VintageId) -> bool {
        self.item.vintages.contains(vintage)
    }

    /// Whether the producer's conditions leave the vintage out.
    pub fn leaves_out(&self, vintage: &VintageId) -> bool {
        self.item.conditions.without.contains(vintage)
    }
}

/// Somebody of the team.
#[derive(Clone, Debug)]
pub struct TeamPerson {
    /// Who.
    pub person: Person,
    /// Whether it is the lead.
    pub is_lead: bool,
    /// Whether the person asks for access to the bubble.
    pub bubble: bool,
    /// Whether the person may edit the draft.
    pub edits: bool,
    /// Where the undertaking stands: a state's name, or none where there is no undertaking yet.
    pub undertaking: Option<&'static str>,
}

/// What the committee said.
#[derive(Clone, Debug)]
pub struct GivenOpinion {
    /// The opinion's stable name.
    pub opinion: String,
    /// Its text.
    pub text: String,
    /// When.
    pub at: Timestamp,
}

/// An application with all that its pages show.
#[derive(Clone, Debug)]
pub struct File {
    /// The application.
    pub application: Application,
    /// Its items, without those taken out.
    pub items: Vec<FileItem>,
    /// The lead and the members.
    pub team: Vec<TeamPerson>,
    /// Those in the team who have no account yet.
    pub invited: Vec<InvitedMember>,
    /// The producers' questions, each once.
    pub questions: Vec<Question>,
    /// What is filled in of what must be.
    pub complete: Completeness,
    /// Who of the team has not signed.
    pub unsigned: BTreeSet<PersonId>,
    /// What the committee said last.
    pub opinion: Option<GivenOpinion>,
    /// What must hold before the session.
    pub checklist: Checklist,
    /// The names of people who wrote in the threads.
    pub names: BTreeMap<PersonId, String>,
}

impl File {
    /// The producers that are asked, each once.
    pub fn producers(&self) -> Vec<Producer> {
        let mut found: Vec<Producer> = Vec::new();
        for line in &self.items {
            if found.iter().all(|producer| producer.id != line.producer.id) {
                found.push(line.producer.clone());
            }
        }
        found
    }

    /// Whether the producer's silence lets the file go on.
    pub fn silence(&self, producer: ProducerId) -> bool {
        let found = self.items.iter().find(|line| line.producer.id == producer);
        found.is_some_and(|line| line.producer.silence_goes_on)
    }

    /// The plain items.
    pub fn plain_items(&self) -> Vec<Item> {
        self.items.iter().map(|line| line.item.clone()).collect()
    }

    /// The name of somebody who is in the team or wrote in a thread.
    pub fn name(&self, person: &PersonId) -> &str {
        self.names.get(person).map_or("", String::as_str)
    }
}

/// The file, for whoever may read the application.
pub async fn read_file(centre: &Centre, actor: &Actor, id: ApplicationId) -> Result<File, Failure> {
    let application: Application = centre.load("application", id).await?;
    may_read(actor, &application)?;
    load(centre, application).await
}

/// The applications of the person, newest first; for who watches over the centre, everybody's.
pub async fn list(centre: &Centre, actor: &Actor) -> Result<Vec<Application>, Failure> {
    let mut found = match may_list(actor) {
        Ok(()) => centre.store.all::<Application>().await?,
        Err(_) => centre.store.applications_of(actor.id).await?,
    };
    found.retain(|application| may_read(actor, application).is_ok());
    found.reverse();
    Ok(found)
}

/// Everything that happened to an application, oldest first; for whoever may read it.
pub async fn history(
    centre: &Centre,
    actor: &Actor,
    id: ApplicationId,
) -> Result<Vec<Event>, Failure> {
    let application: Application = centre.load("application", id).await?;
    may_read(actor, &application)?;
    let events = centre.store.events_of(id).await?;
    Ok(events.into_iter().map(|sealed| sealed.event).collect())
}

/// Puts the file together. Asks for no right: callers have.
pub(super) async fn load(centre: &Centre, application: Application) -> Result<File, Failure> {
    let mut items = Vec::new();
    for item in centre.store.items_of(application.id).await? {
        if item.state.name() != "removed" {
            items.push(load_item(centre, item).await?);
        }
    }
    let undertakings = centre.store.undertakings_of(application.id).await?;
    let mut team = Vec::new();
    for id in application.people() {
        let person: Person = centre.load("person", id).await?;
        let member = application.members.iter().find(|member| member.person == id);
        let undertaking = undertakings.iter().rfind(|undertaking| undertaking.person == id);
        team.push(TeamPerson {
            is_lead: id == application.lead,
            bubble: member.is_none_or(|member| member.bubble),
            edits: member.is_none_or(|member| member.edits),
            undertaking: undertaking.map(|undertaking| undertaking.state.name()),
            person,
        });
    }
    let mut file = File {
        invited: centre.store.invited_into(application.id).await?,
        unsigned: unsigned(&application, &undertakings),
        opinion: opinion(centre, &application).await?,
        questions: Vec::new(),
        complete: Completeness { pages: Vec::new() },
        checklist: Checklist { points: Vec::new() },
        names: names(centre, &items, &team).await?,
        application,
        items,
        team,
    };
    file.questions = questions(&file)?;
    let plain = file.plain_items();
    file.complete = form::completeness(&file.application.fields, &plain, &file.questions);
    file.checklist = checklist(&file);
    Ok(file)
}

/// What the producers ask; once the file is submitted, what they had asked: the answers are to that.
fn questions(file: &File) -> Result<Vec<Question>, Failure> {
    if !file.application.state.is_open()
        && let Some(last) = file.application.submissions.last()
    {
        let frozen = frozen::parse(last)?;
        // Files that were frozen before words were kept do not tell.
        if frozen.at.is_some() {
            return Ok(frozen.questions);
        }
    }
    Ok(form::questions(&file.producers()))
}

/// An item with what it names.
pub(super) async fn load_item(centre: &Centre, item: Item) -> Result<FileItem, Failure> {
    let source: Source = centre.load("source", item.source).await?;
    let producer: Producer = centre.load("producer", item.producer).await?;
    let mut vintages = centre.store.vintages_of(item.source).await?;
    vintages.retain(|v| item.vintages.contains(&v.id) || can_be_asked_for(&source, v));
    vintages.sort_by(|a, b| a.label.cmp(&b.label));
    Ok(FileItem { item, source, producer, vintages })
}

/// The names of those who wrote to each other.
pub(super) async fn names(
    centre: &Centre,
    items: &[FileItem],
    team: &[TeamPerson],
) -> Result<BTreeMap<PersonId, String>, Failure> {
    let mut names: BTreeMap<PersonId, String> =
        team.iter().map(|one| (one.person.id, one.person.name.clone())).collect();
    for message in items.iter().flat_map(|line| &line.item.thread) {
        if !names.contains_key(&message.by) {
            let person: Person = centre.load("person", message.by).await?;
            names.insert(person.id, person.name);
        }
    }
    Ok(names)
}

/// The last opinion: of the state while it is there, of the event that recorded it afterwards.
async fn opinion(
    centre: &Centre,
    application: &Application,
) -> Result<Option<GivenOpinion>, Failure> {
    if application.submissions.is_empty() {
        return Ok(None);
    }
    let events = centre.store.events_of(application.id).await?;
    let last = events.into_iter().rfind(|sealed| sealed.event.kind == "opinion.recorded");
    Ok(last.map(|sealed| {
        let word = |name: &str| {
            let value = sealed.event.payload.get(name).and_then(|value| value.as_str());
            value.unwrap_or_default().to_owned()
        };
        GivenOpinion { opinion: word("opinion"), text: word("text"), at: sealed.event.at }
    }))
}

/// The points of JOURNEYS 2.4: what the centre can see for itself, and what the secretary judged.
fn checklist(file: &File) -> Checklist {
    let named = |one: &TeamPerson| {
        one.person.may_act() && !one.person.name.is_empty() && !one.person.institution.is_empty()
    };
    let available = |line: &FileItem| {
        let asked: Vec<&Vintage> = line.asked().collect();
        asked.len() == line.item.vintages.len()
            && asked.iter().all(|vintage| can_be_asked_for(&line.source, vintage))
    };
    let live = || file.items.iter().filter(|line| !line.item.state.is_final());
    let mut points = vec![
        ("persons_complete", file.invited.is_empty() && file.team.iter().all(named)),
        ("undertakings_checked", file.team.iter().all(|one| one.undertaking == Some("valid"))),
        ("sources_available", live().count() > 0 && live().all(available)),
        ("answers_present", live().all(|line| line.item.state.is_answered())),
    ];
    let judged = |point: &str| match &file.application.state {
        ApplicationState::Admissibility { judged, .. } => judged.contains(point),
        // A deferred file was judged before its first session, and is frozen since.
        ApplicationState::Opinion { .. } => true,
        _ => false,
    };
    points.extend(Checklist::JUDGED.map(|point| (point, judged(point))));
    Checklist { points }
}
