//! Readers of the small things: agents, terms, events, links.

use crate::element::Element;
use crate::model::{Agent, Coded, Event, Id, Link, Related, Statement, Term, Text};

pub fn agent(element: &mut Element<'_>) -> Agent {
    let links = element.each("ExtLink", link);
    Agent {
        name: element.text(),
        language: element.language(),
        abbreviation: element.attribute("abbr"),
        affiliation: element.attribute("affiliation"),
        role: element.attribute("role"),
        uri: element.attribute("URI"),
        email: element.attribute("email"),
        links,
    }
}

pub fn link(element: &mut Element<'_>) -> Link {
    Link {
        uri: element.attribute("URI"),
        role: element.attribute("role"),
        title: element.attribute("title"),
        location: element.attribute("location"),
        text: element.text(),
        language: element.language(),
    }
}

pub fn id(element: &mut Element<'_>) -> Id {
    Id { agency: element.attribute("agency"), value: element.text(), language: element.language() }
}

pub fn event(element: &mut Element<'_>) -> Event {
    Event {
        event: element.attribute("event"),
        date: element.attribute("date"),
        cycle: element.attribute("cycle"),
        text: element.text(),
        language: element.language(),
    }
}

pub fn term(element: &mut Element<'_>) -> Term {
    Term {
        id: element.attribute("ID"),
        vocabulary: element.attribute("vocab"),
        vocabulary_uri: element.attribute("vocabURI"),
        text: element.text(),
        language: element.language(),
    }
}

pub fn coded(element: &mut Element<'_>) -> Coded {
    let concepts = element.each("concept", term);
    Coded {
        clusion: element.attribute("clusion"),
        text: element.text(),
        language: element.language(),
        concepts,
    }
}

pub fn statement(element: &mut Element<'_>) -> Statement {
    Statement {
        required: element.attribute("required"),
        form: element.attribute("formNo"),
        uri: element.attribute("URI"),
        text: element.text(),
        language: element.language(),
    }
}

pub fn related(element: &mut Element<'_>) -> Related {
    let links = element.each("ExtLink", link);
    let mut related = Related { links, ..Related::default() };
    element.structure("citation", |citation| {
        citation.structure("titlStmt", |stmt| {
            related.titles = stmt.texts("titl");
            related.ids = stmt.each("IDNo", id);
        });
        related.citations = citation.texts("biblCit");
        related.holdings = citation.each("holdings", link);
    });
    related.text = element.text();
    related.language = element.language();
    related
}

/// Reads the texts of a name, and the attribute that belongs to the first of them.
pub fn texts_with(
    element: &mut Element<'_>,
    name: &str,
    attribute: &str,
) -> (Text, Option<String>) {
    let mut value = None;
    let mut is_first = true;
    let entries = element.each(name, |child| {
        if std::mem::take(&mut is_first) {
            value = child.attribute(attribute);
        }
        (child.language(), child.text())
    });
    (Text(entries), value)
}
