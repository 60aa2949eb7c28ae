//! Who an event concerns, resolved from the database as it stands.

use domain::{
    Application, ApplicationId, Deposit, Event, Export, Habilitation, Import, Item, Lang, Person,
    PersonId, ProducerId, Role, Session, Source, Text, Undertaking, Vintage, VintageId,
    projects::item::ItemState, settings::Bubble,
};
use uuid::Uuid;

use super::notice_table::Link;
use crate::{Centre, Failure};

/// A kind of reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum To {
    /// The scientific lead.
    Lead,
    /// The lead and the members.
    Team,
    /// Agents of the object's producer.
    Producers,
    /// Agents of the producers of whose sources the project was granted something.
    ProducersConcerned,
    /// Deciders of the producers of the project's items.
    Deciders,
    /// The person the event is about.
    Subject,
    /// The leads of the projects of the person the event is about.
    SubjectsLeads,
    /// The author of the export or import.
    Author,
    /// Who took files of the release.
    Takers,
    /// Checkers who are not of the project.
    Checkers,
    /// The checkers whom the event names.
    NamedCheckers,
    /// The leads of the checkers.
    CheckerLeads,
    /// Security officers.
    Security,
    /// Secretaries.
    Secretaries,
    /// Secretaries, of an application that they have seen.
    SecretariesOnceSubmitted,
    /// The teams of the projects where the vintage is granted.
    Holders,
    /// The leads of applications that ask for the vintage and wait for a decision.
    HopefulLeads,
    /// Project managers.
    ProjectManagers,
    /// Billing managers.
    BillingManagers,
    /// Data managers.
    DataManagers,
    /// Operators.
    Operators,
}

/// What an event is about.
#[derive(Default)]
pub(super) struct About {
    pub application: Option<Application>,
    pub producer: Option<ProducerId>,
    pub export: Option<Export>,
    pub bubble: Option<Uuid>,
    /// The author of an import.
    pub author: Option<PersonId>,
    /// The checkers whom the event names.
    checkers: Vec<PersonId>,
    pub subject: Option<PersonId>,
    pub source: Option<Text>,
    pub slug: Option<String>,
    pub vintage: Option<String>,
    /// The applications in which the vintage is granted, and those that ask for it.
    holders: Vec<Application>,
    hopeful: Vec<Application>,
}

impl About {
    /// Finds out by the event's noun and payload. What is gone meanwhile is left out.
    pub async fn of(centre: &Centre, event: &Event) -> Result<Self, Failure> {
        let (store, id) = (&centre.store, event.object);
        let mut about = Self::default();
        let mut application = Self::named(event, "application").map(ApplicationId);
        about.subject = Self::named(event, "person").map(PersonId);
        let checkers = event.payload.get("checkers").and_then(serde_json::Value::as_array);
        let ids = checkers.into_iter().flatten().filter_map(|id| id.as_str()?.parse().ok());
        about.checkers = ids.map(PersonId).collect();
        match event.noun.as_str() {
            "application" => application = Some(ApplicationId(id)),
            "person" => about.subject = Some(PersonId(id)),
            "item" => {
                if let Some(item) = store.get::<Item>(id).await? {
                    application = Some(item.application);
                    about.producer = Some(item.producer);
                    about.name_source(centre, item.source.0).await?;
                }
            }
            "bubble" => {
                about.bubble = Some(id);
                application = store.get::<Bubble>(id).await?.map(|it| it.application);
            }
            "session" => {
                if let Some(session) = store.get::<Session>(id).await? {
                    application = Some(session.application);
                    about.subject = Some(session.person);
                }
            }
            "habilitation" => {
                if let Some(found) = store.get::<Habilitation>(id).await? {
                    application = Some(found.application);
                    about.subject = Some(found.person);
                }
            }
            "undertaking" => {
                if let Some(found) = store.get::<Undertaking>(id).await? {
                    application = Some(found.application);
                    about.subject = Some(found.person);
                }
            }
            "export" => {
                about.export = store.get::<Export>(id).await?;
                application = about.export.as_ref().map(|it| it.application).or(application);
            }
            "import" => {
                if let Some(import) = store.get::<Import>(id).await? {
                    application = Some(import.application);
                    about.author = Some(import.author);
                }
            }
            "deposit" => {
                if let Some(deposit) = store.get::<Deposit>(id).await? {
                    about.producer = Some(deposit.producer);
                    about.name_vintage(centre, deposit.vintage.0).await?;
                }
            }
            "vintage" => {
                about.name_vintage(centre, id).await?;
                if ["vintage.replaced", "vintage.withdrawn"].contains(&event.kind.as_str()) {
                    about.find_holders(centre, VintageId(id)).await?;
                }
            }
            "source" => about.name_source(centre, id).await?,
            _ => {}
        }
        if let Some(id) = application {
            about.application = store.get(id).await?;
        }
        Ok(about)
    }

    /// An id in the payload.
    fn named(event: &Event, field: &str) -> Option<Uuid> {
        event.payload.get(field)?.as_str()?.parse().ok()
    }

    async fn name_source(&mut self, centre: &Centre, id: Uuid) -> Result<(), Failure> {
        if let Some(source) = centre.store.get::<Source>(id).await? {
            self.producer = Some(source.producer);
            self.source = Some(source.title);
            self.slug = Some(source.slug);
        }
        Ok(())
    }

    async fn name_vintage(&mut self, centre: &Centre, id: Uuid) -> Result<(), Failure> {
        if let Some(vintage) = centre.store.get::<Vintage>(id).await? {
            self.vintage = Some(vintage.label);
            self.name_source(centre, vintage.source.0).await?;
        }
        Ok(())
    }

    /// Finds where the vintage is granted, and where it is asked for.
    async fn find_holders(&mut self, centre: &Centre, id: VintageId) -> Result<(), Failure> {
        let Some(vintage) = centre.store.get::<Vintage>(id).await? else { return Ok(()) };
        for item in centre.store.items_on(vintage.source).await? {
            if item.state.is_final() || !item.granted_vintages().any(|granted| granted == id) {
                continue;
            }
            let application: Application = centre.load("application", item.application).await?;
            if application.state.is_final() {
                continue;
            }
            // A right that its producer has stopped for a while is a right.
            match item.granted_until().is_some() || item.state.name() == "suspended" {
                true => self.holders.push(application),
                false => self.hopeful.push(application),
            }
        }
        Ok(())
    }

    /// The readers of one kind, as they stand.
    pub async fn readers(&self, centre: &Centre, to: To) -> Result<Vec<Person>, Failure> {
        let application = self.application.as_ref();
        let author = self.export.as_ref().map(|export| export.author).or(self.author);
        match to {
            To::Lead => load(centre, application.map(|it| it.lead).into_iter().collect()).await,
            To::Team => load(centre, application.map_or_else(Vec::new, Application::people)).await,
            To::Subject => load(centre, self.subject.into_iter().collect()).await,
            To::SubjectsLeads => {
                let Some(subject) = self.subject else { return Ok(Vec::new()) };
                let projects = centre.store.applications_of(subject).await?;
                load(centre, projects.iter().map(|it| it.lead).collect()).await
            }
            To::Author => load(centre, author.into_iter().collect()).await,
            To::Takers => {
                let takings = self.export.iter().flat_map(|export| &export.takings);
                load(centre, takings.map(|taking| taking.by).collect()).await
            }
            To::Producers => {
                let producers = self.producer.into_iter().collect();
                of_producers(centre, Role::ProducerAgent, producers).await
            }
            To::ProducersConcerned => {
                let producers = self.producers(centre, Item::was_granted).await?;
                of_producers(centre, Role::ProducerAgent, producers).await
            }
            To::Deciders => {
                let producers =
                    self.producers(centre, |item| item.state != ItemState::Removed).await?;
                of_producers(centre, Role::ProducerDecider, producers).await
            }
            To::Checkers => {
                let mut checkers = centre.store.persons_with_role(Role::Checker).await?;
                checkers.retain(|it| !application.is_some_and(|project| project.involves(it.id)));
                Ok(checkers)
            }
            To::NamedCheckers => load(centre, self.checkers.clone()).await,
            To::CheckerLeads => Ok(centre.store.persons_with_role(Role::CheckerLead).await?),
            To::Security => Ok(centre.store.persons_with_role(Role::SecurityOfficer).await?),
            To::Secretaries => Ok(centre.store.persons_with_role(Role::Secretary).await?),
            To::SecretariesOnceSubmitted => match application {
                Some(it) if !it.submissions.is_empty() => {
                    Ok(centre.store.persons_with_role(Role::Secretary).await?)
                }
                _ => Ok(Vec::new()),
            },
            To::Holders => {
                load(centre, self.holders.iter().flat_map(Application::people).collect()).await
            }
            To::HopefulLeads => load(centre, self.hopeful.iter().map(|it| it.lead).collect()).await,
            To::BillingManagers => Ok(centre.store.persons_with_role(Role::BillingManager).await?),
            To::ProjectManagers => Ok(centre.store.persons_with_role(Role::ProjectManager).await?),
            To::DataManagers => Ok(centre.store.persons_with_role(Role::DataManager).await?),
            To::Operators => Ok(centre.store.persons_with_role(Role::Operator).await?),
        }
    }

    /// The producers of the project's items that are `concerned`.
    async fn producers(
        &self,
        centre: &Centre,
        concerned: impl Fn(&Item) -> bool,
    ) -> Result<Vec<ProducerId>, Failure> {
        let Some(application) = &self.application else { return Ok(Vec::new()) };
        let items = centre.store.items_of(application.id).await?;
        Ok(items.iter().filter(|item| concerned(item)).map(|item| item.producer).collect())
    }

    /// The arguments of the message: numbers and titles, never data.
    pub fn args(&self, event: &Event, lang: Lang) -> std::collections::BTreeMap<String, String> {
        let number = |field: &str| event.payload.get(field).and_then(serde_json::Value::as_i64);
        [
            ("title", self.application.as_ref().map(|it| it.title(lang))),
            ("source", self.source.as_ref().map(|it| it.get(lang).to_owned())),
            ("vintage", self.vintage.clone()),
            ("days", number("days").map(|days| days.to_string())),
            ("count", number("more").map(|more| more.to_string())),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
    }

    /// The address of what a notice leads to, and of the first page where there is none.
    pub fn path(&self, event: &Event, link: Link) -> String {
        let with = |folder: &str, id: Option<Uuid>| {
            id.map_or_else(|| "/".to_owned(), |id| format!("/{folder}/{id}"))
        };
        match link {
            Link::Application => with("applications", self.application.as_ref().map(|it| it.id.0)),
            Link::Credits => {
                let at = with("applications", self.application.as_ref().map(|it| it.id.0));
                format!("{at}/credits")
            }
            Link::Inbox => "/producer".to_owned(),
            Link::Bubble => with("bubbles", self.bubble),
            Link::Export => with("exports", self.export.as_ref().map(|it| it.id.0)),
            Link::Check => with("checks", self.export.as_ref().map(|it| it.id.0)),
            Link::Import => with("imports", Some(event.object)),
            Link::Me => "/me".to_owned(),
            Link::Deposit => with("deposits", Some(event.object)),
            Link::Data => "/data".to_owned(),
            Link::Person => with("people", self.subject.map(|it| it.0)),
            Link::Security => "/security".to_owned(),
            Link::Log => with("log", Some(event.id.0)),
            Link::Host => "/host".to_owned(),
            Link::Source => self.slug.as_ref().map_or_else(
                || "/catalogue".to_owned(),
                |slug| format!("/catalogue/{slug}/vintages"),
            ),
            Link::Applications => "/applications".to_owned(),
            Link::FailedExports => "/exports/failed".to_owned(),
            Link::Risk => "/risk".to_owned(),
        }
    }
}

async fn load(centre: &Centre, ids: Vec<PersonId>) -> Result<Vec<Person>, Failure> {
    let mut persons = Vec::new();
    for id in ids {
        persons.extend(centre.store.get::<Person>(id).await?);
    }
    Ok(persons)
}

/// The persons who hold the role for one of the producers.
async fn of_producers(
    centre: &Centre,
    role: Role,
    producers: Vec<ProducerId>,
) -> Result<Vec<Person>, Failure> {
    let mut persons = centre.store.persons_with_role(role).await?;
    persons.retain(|person| {
        let mut grants = person.roles.iter().filter(|grant| grant.role == role);
        grants.any(|grant| grant.producer.is_some_and(|it| producers.contains(&it)))
    });
    Ok(persons)
}
