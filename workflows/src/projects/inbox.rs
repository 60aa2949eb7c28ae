//! What a producer sees: its own items, the summary of the project and who is in it; nothing of
//! what other producers are asked.

use std::collections::BTreeMap;

use domain::{
    Actor, Application, Item, ItemId, Lang, ProducerId, Timestamp,
    projects::{
        application::ApplicationState, item_acts::may_read_as_producer, item_decision::latest_end,
    },
};

use super::file::{self, FileItem, TeamPerson};
use crate::{Centre, Failure};

/// A line of the producer's inbox.
#[derive(Clone, Debug)]
pub struct InboxLine {
    /// The item, its source and vintages.
    pub line: FileItem,
    /// The application's title in both languages.
    pub title: domain::Text,
    /// Its number, once it was submitted.
    pub number: Option<String>,
    /// Until when the producer is asked to answer, while it is.
    pub due: Option<Timestamp>,
    /// Whether something waits for the producer.
    pub waits: bool,
}

/// The items of the person's producers: what waits first, then by date.
pub async fn read_inbox(centre: &Centre, actor: &Actor) -> Result<Vec<InboxLine>, Failure> {
    let mut lines = Vec::new();
    for producer in producers_of(actor)? {
        for item in centre.store.items_for(producer).await? {
            let removed = item.state.name() == "removed";
            if removed || may_read_as_producer(actor, &item).is_err() {
                continue;
            }
            let application: Application = centre.load("application", item.application).await?;
            lines.push(InboxLine {
                due: due(&application),
                waits: waits(&item, &application),
                title: domain::Text::new(application.title(Lang::Fr), application.title(Lang::En)),
                number: application.number,
                line: file::load_item(centre, item).await?,
            });
        }
    }
    lines.sort_by_key(|line| (!line.waits, line.due.is_none(), line.due, line.line.item.id));
    Ok(lines)
}

/// The producers for which the person acts.
fn producers_of(actor: &Actor) -> Result<Vec<ProducerId>, Failure> {
    actor.needs(&[domain::Role::ProducerAgent, domain::Role::ProducerDecider])?;
    let mut found: Vec<ProducerId> =
        actor.roles.iter().filter_map(|grant| grant.producer).collect();
    found.sort();
    found.dedup();
    Ok(found)
}

fn due(application: &Application) -> Option<Timestamp> {
    match application.state {
        ApplicationState::Consultation { target, .. } => Some(target),
        _ => None,
    }
}

fn waits(item: &Item, application: &Application) -> bool {
    match item.state.name() {
        "asked" => true,
        "opinion_ok" => matches!(application.state, ApplicationState::Decisions { .. }),
        _ => false,
    }
}

/// What the producer sees of the project around its item.
#[derive(Clone, Debug)]
pub struct ProducerFile {
    /// The item, its source and vintages.
    pub line: FileItem,
    /// The application's number, title and state.
    pub number: Option<String>,
    /// Whether there is a frozen file to read.
    pub was_submitted: bool,
    /// The title in both languages.
    pub title: domain::Text,
    /// Where the application stands, as a stable name.
    pub state: &'static str,
    /// The fields of identity, purpose and institution, and the answers to this producer's own
    /// questions.
    pub fields: BTreeMap<String, String>,
    /// The questions of this producer.
    pub questions: Vec<domain::projects::form::Question>,
    /// What changed in these fields since the last submission before this one.
    pub differences: Vec<domain::projects::snapshot::Difference>,
    /// Who is in it.
    pub team: Vec<TeamPerson>,
    /// Until when an answer is asked.
    pub due: Option<Timestamp>,
    /// The latest end that a decision may set, while there is one to take.
    pub latest_end: Option<Timestamp>,
    /// Other projects of these persons on this producer's sources: number and title.
    pub others: Vec<(String, domain::Text)>,
    /// The names of those who wrote in the thread.
    pub names: BTreeMap<domain::PersonId, String>,
    /// What the person may do here.
    pub may: ProducerMay,
}

/// Which of the producer's acts are open to the person now. Pages show these alone; the use cases
/// ask again.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one independent answer for each button")]
pub struct ProducerMay {
    /// Agree, refuse, ask.
    pub answer: bool,
    /// Grant, refuse for good.
    pub decide: bool,
    /// Suspend.
    pub suspend: bool,
    /// Resume.
    pub resume: bool,
    /// Revoke.
    pub revoke: bool,
}

impl ProducerFile {
    /// The name of somebody who wrote in the thread.
    pub fn name(&self, person: &domain::PersonId) -> &str {
        self.names.get(person).map_or("", String::as_str)
    }
}

/// The pages of the file that a producer may read.
pub(super) const SHOWN: [&str; 4] = ["identity", "purpose", "institutions", "linkage"];

/// An item as its producer sees it.
pub async fn read_item(
    centre: &Centre,
    actor: &Actor,
    id: ItemId,
) -> Result<ProducerFile, Failure> {
    let item: Item = centre.load("item", id).await?;
    may_read_as_producer(actor, &item)?;
    let application: Application = centre.load("application", item.application).await?;
    let whole = file::load(centre, application.clone()).await?;
    let line = file::load_item(centre, item).await?;
    let questions: Vec<_> =
        whole.questions.into_iter().filter(|q| q.producers.contains(&line.producer.id)).collect();
    let shown = |name: &str| {
        let page = domain::projects::form::field(name).map(|field| field.page);
        page.is_some_and(|page| SHOWN.contains(&page)) || questions.iter().any(|q| q.name == name)
    };
    let keep = |fields: &BTreeMap<String, String>| -> BTreeMap<String, String> {
        let kept = fields.iter().filter(|(name, _)| shown(name));
        kept.map(|(name, value)| (name.clone(), value.clone())).collect()
    };
    let fields = keep(&application.fields);
    let before = previous(&application).map(keep);
    let differences = before
        .map(|before| domain::projects::snapshot::differences(&before, &fields))
        .unwrap_or_default();
    Ok(ProducerFile {
        number: application.number.clone(),
        was_submitted: !application.submissions.is_empty(),
        title: domain::Text::new(application.title(Lang::Fr), application.title(Lang::En)),
        state: application.state.name(),
        due: due(&application),
        latest_end: end_of_decision(&application, &line.item),
        others: others(centre, &application, line.producer.id).await?,
        names: file::names(centre, std::slice::from_ref(&line), &whole.team).await?,
        may: may(actor, &line.item, &application),
        team: whole.team,
        fields,
        questions,
        differences,
        line,
    })
}

/// The fields that the reader may have seen before these: of the last submission while the file is
/// being changed again, otherwise of the one before.
fn previous(application: &Application) -> Option<&BTreeMap<String, String>> {
    let back = if application.state.is_open() { 1 } else { 2 };
    let place = application.submissions.len().checked_sub(back)?;
    application.submissions.get(place).map(|submission| &submission.fields)
}

fn end_of_decision(application: &Application, item: &Item) -> Option<Timestamp> {
    match application.state {
        ApplicationState::Decisions { opinion_at } => {
            Some(latest_end(opinion_at, &item.conditions))
        }
        _ => None,
    }
}

fn may(actor: &Actor, item: &Item, application: &Application) -> ProducerMay {
    use domain::projects::{
        item_acts::may_answer,
        item_decision::{may_decide, may_resume, may_revoke, may_suspend},
    };
    let state = item.state.name();
    let granted = ["granted", "granted_conditional", "active", "suspended"].contains(&state);
    let open = application.state.is_open() && ["asked", "silent"].contains(&state);
    let due = state == "opinion_ok" && application.state.name() == "decisions";
    ProducerMay {
        answer: open && may_answer(actor, item, application).is_ok(),
        decide: due && may_decide(actor, item, application).is_ok(),
        suspend: state == "active" && may_suspend(actor, item).is_ok(),
        resume: state == "suspended" && may_resume(actor, item, application).is_ok(),
        revoke: granted && may_revoke(actor, item).is_ok(),
    }
}

/// Other projects of the same persons on this producer's sources.
async fn others(
    centre: &Centre,
    application: &Application,
    producer: ProducerId,
) -> Result<Vec<(String, domain::Text)>, Failure> {
    let mut found = BTreeMap::new();
    for item in centre.store.items_for(producer).await? {
        let was_granted = matches!(
            item.state.name(),
            "granted" | "granted_conditional" | "active" | "suspended" | "ended" | "revoked"
        );
        if item.application == application.id || !was_granted {
            continue;
        }
        let other: Application = centre.load("application", item.application).await?;
        if application.people().iter().any(|person| other.involves(*person)) {
            let title = domain::Text::new(other.title(Lang::Fr), other.title(Lang::En));
            found.insert(other.number.unwrap_or_default(), title);
        }
    }
    Ok(found.into_iter().collect())
}
