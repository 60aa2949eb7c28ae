//! The pages of an application and their fields (JOURNEYS 2.2, P1 to P10): the one table that the
//! wizard, the completeness bar, the guards and the API read.

use std::collections::BTreeMap;

use crate::{Refusal, projects::Item};

/// When a field must have been filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// Before the producers are asked.
    Consultation,
    /// Before the file is submitted.
    Submission,
    /// Never.
    Optional,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One line of at most so many characters.
    Line(usize),
    /// Text of at most so many characters.
    Area(usize),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A whole number between the two.
    Number(u32, u32),
    /// A date, ISO.
    Date,
    /// `yes` or `no`.
    YesNo,
    /// `yes`, or nothing: a declaration.
    Declaration,
}

/// A field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its stable name in the form, in `Application::fields` and in translations (`field-<name>`).
    pub name: &'static str,
    /// The page where it stands.
    pub page: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// When it must be there.
    pub need: Need,
    /// It is asked for only while another field has a value.
    pub only_if: Option<(&'static str, &'static str)>,
}

/// The pages in their order.
pub const PAGES: [&str; 10] = [
    "identity",
    "purpose",
    "persons",
    "institutions",
    "sources",
    "linkage",
    "legal",
    "environment",
    "questions",
    "declarations",
];

/// The longest answer to a question of a producer, in characters.
pub const ANSWER_MAX: usize = 2_500;

const KINDS: &[&str] =
    &["research", "thesis", "public_evaluation", "official_statistics", "study", "private_datalab"];
const PROCEDURES: &[&str] = &["ordinary", "electronic", "administration"];
const BASES: &[&str] =
    &["public_interest", "consent", "legal_obligation", "legitimate_interest", "contract"];
const PROFILES: &[&str] = &["small", "standard"];

const fn on(page: &'static str, name: &'static str, kind: Kind, need: Need) -> Field {
    Field { name, page, kind, need, only_if: None }
}

const fn when(
    page: &'static str,
    name: &'static str,
    kind: Kind,
    other: &'static str,
    value: &'static str,
) -> Field {
    Field { name, page, kind, need: Need::Submission, only_if: Some((other, value)) }
}

/// Every field, page by page.
#[rustfmt::skip]
pub const FIELDS: &[Field] = {
    use Kind::{Area, Choice, Date, Declaration, Line, Number, YesNo};
    use Need::{Consultation, Optional, Submission};
    &[
        on("identity", "title_fr", Line(200), Consultation),
        on("identity", "title_en", Line(200), Consultation),
        on("identity", "acronym", Line(30), Optional),
        on("identity", "kind", Choice(KINDS), Consultation),
        on("identity", "procedure", Choice(PROCEDURES), Optional),
        on("identity", "start", Date, Optional),
        on("identity", "months", Number(1, 72), Consultation),
        on("purpose", "summary", Area(2_500), Consultation),
        on("purpose", "question", Area(2_500), Consultation),
        on("purpose", "method", Area(5_000), Consultation),
        on("purpose", "public_interest", Area(2_500), Consultation),
        on("purpose", "outputs", Area(2_500), Consultation),
        on("purpose", "publications", Area(2_500), Optional),
        on("purpose", "models", YesNo, Submission),
        when("purpose", "model_plan", Area(2_500), "models", "yes"),
        on("persons", "terminal_place", Line(300), Optional),
        on("institutions", "institution_name", Line(200), Consultation),
        on("institutions", "institution_number", Line(50), Optional),
        on("institutions", "institution_ror", Line(100), Optional),
        on("institutions", "institution_address", Area(500), Submission),
        on("institutions", "institution_public", YesNo, Consultation),
        on("institutions", "institution_signatory", Line(200), Submission),
        on("institutions", "institution_country", Line(60), Consultation),
        on("sources", "joint_use", Area(2_500), Optional),
        on("linkage", "linkage", YesNo, Consultation),
        when("linkage", "linkage_identifiers", Area(1_000), "linkage", "yes"),
        when("linkage", "linkage_circuit", Area(2_500), "linkage", "yes"),
        when("linkage", "linkage_actors", Area(1_000), "linkage", "yes"),
        when("linkage", "linkage_basis", Area(1_000), "linkage", "yes"),
        on("legal", "legal_basis", Choice(BASES), Submission),
        on("legal", "impact_assessment", YesNo, Optional),
        on("legal", "ethics_number", Line(100), Optional),
        on("legal", "authority_number", Line(100), Optional),
        on("legal", "health_data", YesNo, Submission),
        on("legal", "tax_data", YesNo, Submission),
        on("legal", "funder", Line(200), Optional),
        on("legal", "grant", Line(100), Optional),
        on("legal", "commercial_interest", YesNo, Submission),
        on("legal", "conflict_of_interest", Area(1_000), Optional),
        on("environment", "env_profile", Choice(PROFILES), Optional),
        on("environment", "env_software", Area(2_500), Optional),
        on("environment", "env_packages", Area(2_500), Optional),
        on("environment", "env_terminals", Number(0, 50), Optional),
        on("declarations", "declare_true", Declaration, Submission),
        on("declarations", "declare_rules", Declaration, Submission),
        on("declarations", "declare_publish", Declaration, Submission),
    ]
};

/// A question that producers ask in each application (P9). The same question of several producers
/// is asked once.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Question {
    /// The name of its answer in `Application::fields`.
    pub name: String,
    /// The question.
    pub text: crate::Text,
    /// Who asks.
    pub producers: Vec<crate::ProducerId>,
}

/// The questions of `producers`, each once. A name is made of the first asking producer and the
/// question's place there, so an answer stays where it is while other producers come and go.
pub fn questions(producers: &[crate::Producer]) -> Vec<Question> {
    let mut found: Vec<Question> = Vec::new();
    for producer in producers {
        for (place, text) in producer.asks() {
            match found.iter_mut().find(|question| question.text == *text) {
                Some(question) => question.producers.push(producer.id),
                None => found.push(Question {
                    name: format!("answer_{}_{place}", producer.slug),
                    text: text.clone(),
                    producers: vec![producer.id],
                }),
            }
        }
    }
    found
}

/// The field with this name.
pub fn field(name: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.name == name)
}

/// The fields of a page, in their order.
pub fn fields_of(page: &str) -> impl Iterator<Item = &'static Field> {
    FIELDS.iter().filter(move |field| field.page == page)
}

impl Field {
    /// The most characters that it holds, where there is a limit of length.
    pub fn max(&self) -> Option<usize> {
        match self.kind {
            Kind::Line(max) | Kind::Area(max) => Some(max),
            _ => None,
        }
    }

    /// The value as it is kept: without outer blanks, within the field's kind. Empty is always
    /// acceptable here: what must be there is asked for at the consultation and the submission.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming this field.
    pub fn clean(&self, value: &str) -> Result<String, Refusal> {
        let value = value.trim().replace("\r\n", "\n");
        let number = |low: u32, high: u32| value.parse().is_ok_and(|n| (low..=high).contains(&n));
        let key = match self.kind {
            _ if value.is_empty() => return Ok(value),
            Kind::Line(_) if value.contains('\n') => "one-line",
            Kind::Line(max) | Kind::Area(max) if value.chars().count() > max => "too-long",
            Kind::Choice(words) if !words.contains(&value.as_str()) => "not-a-choice",
            Kind::Number(low, high) if !number(low, high) => "not-in-range",
            Kind::Date if value.parse::<jiff::civil::Date>().is_err() => "not-a-date",
            Kind::YesNo if !["yes", "no"].contains(&value.as_str()) => "not-a-choice",
            Kind::Declaration if value != "yes" => "not-a-choice",
            _ => return Ok(value),
        };
        Err(Refusal::invalid(self.name, key))
    }

    /// Whether it is asked for, given what the others say.
    pub fn applies(&self, fields: &BTreeMap<String, String>) -> bool {
        self.only_if.is_none_or(|(other, value)| fields.get(other).is_some_and(|v| v == value))
    }
}

/// What is filled in of what must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completeness {
    /// For each page in order: needed entries filled in, needed entries, and whether one that the
    /// consultation needs is missing.
    pub pages: Vec<PageProgress>,
}

/// How far one page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageProgress {
    /// The page.
    pub page: &'static str,
    /// How many needed entries are there.
    pub filled: usize,
    /// How many entries are needed.
    pub needed: usize,
    /// The first entry that is missing before the consultation.
    pub missing_now: Option<&'static str>,
    /// The first entry that is missing before the submission.
    pub missing: Option<&'static str>,
}

/// Looks at every page.
pub fn completeness(
    fields: &BTreeMap<String, String>,
    items: &[Item],
    questions: &[Question],
) -> Completeness {
    let pages = PAGES.iter().map(|page| progress(page, fields, items, questions)).collect();
    Completeness { pages }
}

fn progress(
    page: &'static str,
    fields: &BTreeMap<String, String>,
    items: &[Item],
    questions: &[Question],
) -> PageProgress {
    let filled = |name: &str| fields.get(name).is_some_and(|value| !value.is_empty());
    let mut entries: Vec<(&'static str, Need, bool)> = fields_of(page)
        .filter(|field| field.need != Need::Optional && field.applies(fields))
        .map(|field| (field.name, field.need, filled(field.name)))
        .collect();
    if page == "sources" {
        let live: Vec<&Item> = items.iter().filter(|item| item.state.name() != "removed").collect();
        entries.push(("items", Need::Consultation, !live.is_empty()));
        for item in live {
            let said = !item.justification.trim().is_empty() && !item.vintages.is_empty();
            entries.push(("justification", Need::Consultation, said));
        }
    }
    if page == "questions" {
        let answers = questions.iter().map(|q| ("questions", Need::Submission, filled(&q.name)));
        entries.extend(answers);
    }
    let missing = |until: Need| {
        let mut open = entries.iter().filter(|(_, need, done)| *need <= until && !done);
        open.next().map(|(name, _, _)| *name)
    };
    PageProgress {
        page,
        filled: entries.iter().filter(|(_, _, done)| *done).count(),
        needed: entries.len(),
        missing_now: missing(Need::Consultation),
        missing: missing(Need::Submission),
    }
}

impl Completeness {
    /// How much of what is needed is there, in percent.
    pub fn percent(&self) -> usize {
        let sum = |count: fn(&PageProgress) -> usize| self.pages.iter().map(count).sum::<usize>();
        sum(|page| page.filled) * 100 / sum(|page| page.needed).max(1)
    }

    /// Refuses where something that `need` asks for is missing, naming the first.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] with the key `missing`.
    pub fn check(&self, need: Need) -> Result<(), Refusal> {
        let of = |page: &PageProgress| match need {
            Need::Consultation => page.missing_now,
            _ => page.missing,
        };
        match self.pages.iter().find_map(of) {
            Some(name) => Err(Refusal::invalid(name, "missing")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::producer_question::ProducerQuestion;

    #[test]
    fn every_field_has_a_page_and_a_name_of_its_own() {
        for (place, field) in FIELDS.iter().enumerate() {
            assert!(PAGES.contains(&field.page), "{}", field.name);
            assert!(FIELDS[..place].iter().all(|other| other.name != field.name), "{}", field.name);
        }
    }

    #[test]
    fn a_value_outside_its_kind_is_refused_by_name() {
        let refused = |name: &str, value: &str| match field(name).unwrap().clean(value) {
            Err(Refusal::Invalid { field, key }) => {
                assert_eq!(field, name);
                key
            }
            other => panic!("{name}={value}: {other:?}"),
        };
        assert_eq!(refused("title_fr", &"é".repeat(201)), "too-long");
        assert_eq!(refused("title_fr", "a\nb"), "one-line");
        assert_eq!(refused("months", "73"), "not-in-range");
        assert_eq!(refused("months", "-1"), "not-in-range");
        assert_eq!(refused("start", "2026-02-30"), "not-a-date");
        assert_eq!(refused("kind", "espionage"), "not-a-choice");
        assert_eq!(refused("declare_true", "no"), "not-a-choice");
        assert_eq!(
            field("title_fr").unwrap().clean(&"é".repeat(200)).unwrap().chars().count(),
            200
        );
        assert_eq!(field("months").unwrap().clean(" 72 ").unwrap(), "72");
    }

    #[test]
    fn a_field_that_depends_on_another_is_asked_for_only_then() {
        let mut fields = BTreeMap::new();
        fields.insert("linkage".to_owned(), "no".to_owned());
        let linkage = |fields: &BTreeMap<String, String>| completeness(fields, &[], &[]).pages[5];
        assert_eq!((linkage(&fields).filled, linkage(&fields).needed), (1, 1));
        fields.insert("linkage".to_owned(), "yes".to_owned());
        assert_eq!((linkage(&fields).filled, linkage(&fields).needed), (1, 5));
    }

    #[test]
    fn the_same_question_of_two_producers_is_asked_once() {
        let asked = |text: &str| ProducerQuestion {
            text: crate::Text::new(text.trim_start_matches('-'), ""),
            ended: text.starts_with('-'),
        };
        let producer = |slug: &str, texts: &[&str]| crate::Producer {
            id: crate::ProducerId(uuid::Uuid::from_u128(slug.len() as u128)),
            version: 0,
            slug: slug.to_owned(),
            name: crate::Text::default(),
            contact: String::new(),
            silence_goes_on: false,
            consultation_days: 14,
            ended_at: None,
            questions: texts.iter().map(|text| asked(text)).collect(),
        };
        let a = producer("a", &["Où ?", "-Quand ?", "Qui ?"]);
        let asked = questions(&[a, producer("bb", &["Qui ?"])]);
        let names: Vec<_> = asked.iter().map(|q| (q.name.as_str(), q.producers.len())).collect();
        assert_eq!(names, [("answer_a_0", 1), ("answer_a_2", 2)], "an ended one keeps its place");
    }
}
