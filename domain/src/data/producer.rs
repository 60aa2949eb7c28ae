//! An organisation that owns sources and has the final say on them (JOURNEYS 2.3, 2.9).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::producer_question::{self, ProducerQuestion};
use crate::{Actor, Denied, ProducerId, Refusal, Role, Text, WrongState};

/// The fewest days that a producer has to answer a consultation (JOURNEYS 3.2). There they are
/// counted back from a session's deadline; until sessions exist they run from the day when the
/// producer is asked.
pub const CONSULTATION_DAYS: u16 = 14;
/// The most days: a file does not wait for longer.
pub const CONSULTATION_DAYS_MAX: u16 = 90;

/// Roles of the centre that see every producer's page.
const READERS: [Role; 5] = [
    Role::ProjectManager,
    Role::DataManager,
    Role::Secretary,
    Role::SecurityOfficer,
    Role::Auditor,
];

/// A producer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Producer {
    /// Which.
    pub id: ProducerId,
    /// Counts the changes.
    pub version: i64,
    /// The short name used in addresses and folders: lower-case letters, digits and `-`.
    pub slug: String,
    /// The full name.
    pub name: Text,
    /// Whom to write to.
    pub contact: String,
    /// Whether consultation may go on when the producer stays silent past the target date.
    pub silence_goes_on: bool,
    /// How many days the producer has to answer a consultation: [`CONSULTATION_DAYS`] at least.
    #[serde(default = "usual_days")]
    pub consultation_days: u16,
    /// Questions that the producer asks in each application, and those that it asked before; each
    /// in its place for good.
    pub questions: Vec<ProducerQuestion>,
    /// When it ended: it brings no new source and nobody is appointed to it. What it granted
    /// stands, and its people go on deciding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
}

fn usual_days() -> u16 {
    CONSULTATION_DAYS
}

/// What people write about a producer in its form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// The full name, in both languages: pages and letters exist in both.
    pub name: Text,
    /// Whom to write to.
    pub contact: String,
    /// Whether its silence lets a file go on.
    pub silence_goes_on: bool,
    /// Days to answer a consultation.
    pub consultation_days: u16,
    /// What it asks in each application.
    pub questions: Vec<Text>,
}

/// Leave to make, end and reopen producers; made by [`may_manage`] alone.
#[derive(Debug)]
pub struct ManagePermit(());

/// Leave to describe one producer anew; made by [`may_edit`] alone.
#[derive(Debug)]
pub struct EditPermit<'a> {
    producer: &'a Producer,
    /// Whether the name too: an organisation does not rename itself in the centre's letters.
    whole: bool,
}

/// The project manager opens the centre to a producer, and ends it (JOURNEYS 2.9).
///
/// # Errors
/// [`Denied::NeedsRole`] for all others.
pub fn may_manage(actor: &Actor) -> Result<ManagePermit, Denied> {
    actor.needs(&[Role::ProjectManager])?;
    Ok(ManagePermit(()))
}

/// The project manager edits all; the producer's own agents its contact, its terms and its questions
/// (JOURNEYS 2.3.1).
///
/// # Errors
/// [`Denied::Hidden`] for those who do not even see the page, [`Denied::NotOfTheProducer`] for
/// those who only read it.
pub fn may_edit<'a>(actor: &Actor, producer: &'a Producer) -> Result<EditPermit<'a>, Denied> {
    may_see(actor, producer)?;
    let whole = actor.has(Role::ProjectManager);
    match whole || actor.has_for(Role::ProducerAgent, producer.id) {
        true => Ok(EditPermit { producer, whole }),
        false => Err(Denied::NotOfTheProducer),
    }
}

/// Its own people and the centre's back office see a producer's page.
///
/// # Errors
/// [`Denied::Hidden`] for all others: who works for whom is not public.
pub fn may_see(actor: &Actor, producer: &Producer) -> Result<(), Denied> {
    match actor.is_of(producer.id) || actor.needs(&READERS).is_ok() {
        true => Ok(()),
        false => Err(Denied::Hidden),
    }
}

/// Who finds something in the list of producers at all.
///
/// # Errors
/// [`Denied::NeedsRole`] for all others.
pub fn may_list(actor: &Actor) -> Result<(), Denied> {
    match actor.has(Role::ProducerAgent) || actor.has(Role::ProducerDecider) {
        true => Ok(()),
        false => actor.needs(&READERS),
    }
}

impl ManagePermit {
    /// A new producer. Its short name stays for good: answers to its questions are kept under it.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming the first field that is not acceptable.
    pub fn create(self, id: ProducerId, slug: &str, given: Described) -> Result<Producer, Refusal> {
        let slug = slug.trim();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let starts = slug.starts_with(|c: char| c.is_ascii_alphanumeric());
        if !starts || slug.len() > 40 || !slug.chars().all(plain) {
            return Err(Refusal::invalid("slug", "producer-slug"));
        }
        let Described { name, contact, silence_goes_on, consultation_days, questions } =
            given.clean()?;
        Ok(Producer {
            id,
            version: 0,
            slug: slug.to_owned(),
            name,
            contact,
            silence_goes_on,
            consultation_days,
            questions: producer_question::ask(&[], questions),
            ended_at: None,
        })
    }

    /// The producer brings nothing new. `open_sources`: how many of its sources can still be asked
    /// for.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] while there is one, [`Refusal::WrongState`] where it has ended.
    pub fn end(
        self,
        producer: &Producer,
        open_sources: usize,
        at: Timestamp,
    ) -> Result<Producer, Refusal> {
        producer.open("end")?;
        match open_sources {
            0 => Ok(Producer { ended_at: Some(at), ..producer.clone() }),
            _ => Err(Refusal::invalid("producer", "producer-has-sources")),
        }
    }

    /// Takes the end back.
    ///
    /// # Errors
    /// [`Refusal::WrongState`] where it has not ended.
    pub fn reopen(self, producer: &Producer) -> Result<Producer, Refusal> {
        match producer.ended_at {
            Some(_) => Ok(Producer { ended_at: None, ..producer.clone() }),
            None => Err(producer.wrong("reopen").into()),
        }
    }
}

impl EditPermit<'_> {
    /// The producer described anew.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming the first field that is not acceptable, [`Refusal::Denied`]
    /// where the name is changed by somebody else than the project manager,
    /// [`Refusal::WrongState`] once it has ended.
    pub fn edit(self, given: Described) -> Result<Producer, Refusal> {
        self.producer.open("edit")?;
        let Described { name, contact, silence_goes_on, consultation_days, questions } =
            given.clean()?;
        if !self.whole && name != self.producer.name {
            return Err(Denied::NeedsRole(Role::ProjectManager.name()).into());
        }
        let before = self.producer.clone();
        let questions = producer_question::ask(&before.questions, questions);
        Ok(Producer { name, contact, silence_goes_on, consultation_days, questions, ..before })
    }
}

impl Described {
    /// The same without outer blanks.
    fn clean(self) -> Result<Self, Refusal> {
        let fits = |text: &str| (1..=200).contains(&text.chars().count());
        let days = CONSULTATION_DAYS..=CONSULTATION_DAYS_MAX;
        let name = Text::new(self.name.fr.trim(), self.name.en.trim());
        let contact = self.contact.trim().to_owned();
        if !fits(&name.fr) {
            Err(Refusal::invalid("name_fr", "producer-name"))
        } else if !fits(&name.en) {
            Err(Refusal::invalid("name_en", "producer-name"))
        } else if !fits(&contact) {
            Err(Refusal::invalid("contact", "producer-contact"))
        } else if !days.contains(&self.consultation_days) {
            Err(Refusal::invalid("consultation_days", "producer-days"))
        } else {
            let questions = producer_question::clean(self.questions)?;
            Ok(Self { name, contact, questions, ..self })
        }
    }
}

impl Producer {
    /// The stable name of where it stands.
    pub fn state(&self) -> &'static str {
        if self.ended_at.is_some() { "ended" } else { "listed" }
    }

    /// What people wrote of it, as it stands.
    pub fn described(&self) -> Described {
        Described {
            name: self.name.clone(),
            contact: self.contact.clone(),
            silence_goes_on: self.silence_goes_on,
            consultation_days: self.consultation_days,
            questions: self.asks().map(|(_, text)| text.clone()).collect(),
        }
    }

    /// The questions that it asks now, each with its place.
    pub fn asks(&self) -> impl Iterator<Item = (usize, &Text)> {
        let asked = self.questions.iter().enumerate().filter(|(_, one)| !one.ended);
        asked.map(|(place, one)| (place, &one.text))
    }

    /// Refuses `verb` once the producer has ended.
    ///
    /// # Errors
    /// [`WrongState`] then.
    pub fn open(&self, verb: &'static str) -> Result<(), WrongState> {
        if self.ended_at.is_some() { Err(self.wrong(verb)) } else { Ok(()) }
    }

    fn wrong(&self, verb: &'static str) -> WrongState {
        WrongState { verb, noun: "producer", state: self.state() }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::data::source::tests::actor;

    fn described() -> Described {
        Described {
            name: Text::new("Institut", "Institute"),
            contact: "data@example.org".into(),
            silence_goes_on: false,
            consultation_days: 14,
            questions: Vec::new(),
        }
    }

    fn producer() -> Producer {
        ManagePermit(()).create(ProducerId(Uuid::from_u128(1)), "inst", described()).unwrap()
    }

    fn ended() -> Producer {
        ManagePermit(()).end(&producer(), 0, Timestamp::UNIX_EPOCH).unwrap()
    }

    #[test]
    fn every_role_through_every_act() {
        let one = producer();
        for role in Role::ALL {
            let own = actor(5, &[(role, role.is_of_a_producer().then_some(1))]);
            let of_another = actor(5, &[(role, role.is_of_a_producer().then_some(2))]);
            let manages = role == Role::ProjectManager;
            assert_eq!(may_manage(&own).is_ok(), manages, "{role:?}");
            let edits = manages || role == Role::ProducerAgent;
            assert_eq!(may_edit(&own, &one).is_ok(), edits, "{role:?}");
            assert_eq!(may_edit(&of_another, &one).is_ok(), manages, "{role:?}");
            let sees = READERS.contains(&role) || role.is_of_a_producer();
            assert_eq!(may_see(&own, &one).is_ok(), sees, "{role:?}");
            assert_eq!(may_see(&of_another, &one).is_ok(), READERS.contains(&role), "{role:?}");
            assert_eq!(may_list(&own).is_ok(), sees, "{role:?}");
        }
    }

    #[test]
    fn every_verb_through_every_state() {
        let manager = actor(5, &[(Role::ProjectManager, None)]);
        let does = |one: &Producer| {
            let edited = may_edit(&manager, one).unwrap().edit(described()).is_ok();
            let ended = ManagePermit(()).end(one, 0, Timestamp::UNIX_EPOCH).is_ok();
            (one.state(), edited, ended, ManagePermit(()).reopen(one).is_ok())
        };
        assert_eq!(does(&producer()), ("listed", true, true, false));
        assert_eq!(does(&ended()), ("ended", false, false, true));
    }

    #[test]
    fn a_producer_whose_source_can_be_asked_for_does_not_end() {
        let refused = ManagePermit(()).end(&producer(), 1, Timestamp::UNIX_EPOCH);
        assert_eq!(refused, Err(Refusal::invalid("producer", "producer-has-sources")));
    }

    #[test]
    fn an_agent_changes_the_terms_and_not_the_name() {
        let (one, agent) = (producer(), actor(5, &[(Role::ProducerAgent, Some(1))]));
        let edit = |given| may_edit(&agent, &one).unwrap().edit(given);
        let questions = vec![Text::new("Où ?", "Where?")];
        let terms = Described { silence_goes_on: true, questions, ..described() };
        let after = edit(Described { consultation_days: 30, ..terms.clone() }).unwrap();
        assert_eq!(after.described(), Described { consultation_days: 30, ..terms });
        let padded = Text::new(" Institut ", "Institute\n");
        assert_eq!(edit(Described { name: padded, ..described() }).unwrap().name, one.name);
        let name = Described { name: Text::new("Autre", "Other"), ..described() };
        assert_eq!(edit(name), Err(Denied::NeedsRole("project_manager").into()));
    }

    #[test]
    fn what_is_not_acceptable_is_named() {
        let refused =
            |slug: &str, given| match ManagePermit(()).create(ProducerId(Uuid::nil()), slug, given)
            {
                Err(Refusal::Invalid { field, .. }) => field,
                other => panic!("{other:?}"),
            };
        for slug in ["", "-a", "a b", "../x", "É", "A", &"a".repeat(41)] {
            assert_eq!(refused(slug, described()), "slug", "{slug}");
        }
        let named = |fr: &str, en: &str| Described { name: Text::new(fr, en), ..described() };
        assert_eq!(refused("a", named(" ", "x")), "name_fr");
        assert_eq!(refused("a", named("x", &"x".repeat(201))), "name_en");
        assert_eq!(refused("a", Described { contact: String::new(), ..described() }), "contact");
        for days in [0, 13, 91] {
            let given = Described { consultation_days: days, ..described() };
            assert_eq!(refused("a", given), "consultation_days", "{days}");
        }
    }

    #[test]
    fn a_producer_of_an_older_centre_has_the_usual_days() {
        let mut old = serde_json::to_value(producer()).unwrap();
        old.as_object_mut().unwrap().remove("consultation_days");
        assert_eq!(serde_json::from_value::<Producer>(old).unwrap(), producer());
    }
}
