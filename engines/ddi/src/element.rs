//! An element from which readers *take* what they understand.
//!
//! Why take: what is left after all readers have passed is, by construction, exactly what the
//! model has no field for. `residue.rs` collects it, so nothing can be lost by being forgotten.

use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;

use crate::error::Place;
use crate::language::{self, Tag};
use crate::model::Text;
use crate::problem::Code;

/// An attribute; `name` is as written, with its prefix.
#[derive(Clone, Debug)]
pub struct Attribute<'d> {
    pub name: &'d str,
    /// The namespace of its prefix, unless that is `xml`.
    pub namespace: Option<Rc<str>>,
    pub value: Cow<'d, str>,
}

/// A child.
#[derive(Clone, Debug)]
pub enum Node<'d> {
    Text(Cow<'d, str>),
    Element(Element<'d>),
}

/// Something to report about an element, when its path is known.
#[derive(Clone, Debug)]
pub struct Issue {
    pub code: Code,
    pub message: String,
    pub kept: bool,
}

/// To which part of the code book an element's residue belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    File(usize),
    Variable(usize),
    Group(usize),
}

/// An element of a code book.
#[derive(Clone, Debug)]
pub struct Element<'d> {
    pub name: &'d str,
    pub namespace: Rc<str>,
    /// Whether it is of DDI-Codebook's vocabulary, whatever namespace the file gives that.
    pub native: bool,
    pub place: Place,
    /// Its number among the siblings of its name, from 1.
    pub index: u32,
    pub attributes: Vec<Attribute<'d>>,
    pub nodes: Vec<Node<'d>>,
    /// Whether a reader has asked for it; else it is residue as a whole.
    pub claimed: bool,
    pub owner: Option<Owner>,
    pub issues: Vec<Issue>,
    /// Markup inside a text: the text as the model has it, and the nodes as they were.
    pub markup: Option<(String, Vec<Node<'d>>)>,
    /// The language of the elements around it.
    scope: Option<Rc<str>>,
}

impl<'d> Element<'d> {
    pub fn new(name: &'d str, namespace: Rc<str>, native: bool, place: Place) -> Self {
        Element {
            name,
            namespace,
            native,
            place,
            index: 1,
            attributes: Vec::new(),
            nodes: Vec::new(),
            claimed: false,
            owner: None,
            issues: Vec::new(),
            markup: None,
            scope: None,
        }
    }

    /// Puts something on record about this element.
    pub fn report(&mut self, code: Code, message: impl Into<String>, kept: bool) {
        self.issues.push(Issue { code, message: message.into(), kept });
    }

    /// Takes an attribute; a blank one counts.
    pub fn attribute(&mut self, name: &str) -> Option<String> {
        let at = self.attributes.iter().position(|attribute| attribute.name == name)?;
        Some(collapse(&self.attributes.remove(at).value))
    }

    /// Takes an attribute if `read` understands it; else it stays, and is reported.
    pub fn attribute_as<T>(&mut self, name: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let at = self.attributes.iter().position(|attribute| attribute.name == name)?;
        let value = collapse(&self.attributes[at].value);
        if let Some(read) = read(&value) {
            self.attributes.remove(at);
            return Some(read);
        }
        self.report(Code::BadValue, format!("`{value}` is no value for `{name}`"), true);
        None
    }

    /// Takes an attribute that lists ids, spaces between.
    pub fn list(&mut self, name: &str) -> Vec<String> {
        let value = self.attribute(name).unwrap_or_default();
        value.split(' ').filter(|id| !id.is_empty()).map(str::to_owned).collect()
    }

    /// Takes the element's language: its own, or else that of the elements around it. None when
    /// only the code book itself has one, or when the tag is no language.
    pub fn language(&mut self) -> Option<String> {
        let Some(at) = self.attributes.iter().position(|a| a.name == "xml:lang") else {
            return self.scope.as_deref().map(str::to_owned);
        };
        let raw = self.attributes[at].value.clone();
        match language::read(&raw) {
            Tag::Bad => {
                self.report(Code::BadLanguage, format!("`{raw}` is no language tag"), true);
                None
            }
            Tag::Unknown(tag) => {
                let message = format!("`{raw}` is no language of ISO 639");
                self.report(Code::UnknownLanguage, message, true);
                self.attributes.remove(at);
                Some(tag)
            }
            Tag::Known(tag) => {
                if tag != raw {
                    let message = format!("the language `{raw}` was read as `{tag}`");
                    self.report(Code::LanguageNormalised, message, true);
                }
                self.attributes.remove(at);
                Some(tag)
            }
        }
    }

    /// The language that children inherit; the attribute stays where it is.
    fn inner_scope(&self) -> Option<Rc<str>> {
        let own = self.attributes.iter().find(|attribute| attribute.name == "xml:lang");
        match own.map(|attribute| language::read(&attribute.value)) {
            Some(Tag::Known(tag) | Tag::Unknown(tag)) => Some(Rc::from(tag)),
            Some(Tag::Bad) | None => self.scope.clone(),
        }
    }

    /// Whether it has neither attributes nor content.
    pub fn is_bare(&self) -> bool {
        let blank = |node: &Node| matches!(node, Node::Text(text) if is_blank(text));
        self.attributes.is_empty() && self.nodes.iter().all(blank)
    }

    /// Claims every child of this name, and reads each.
    pub fn each<T>(&mut self, name: &str, mut read: impl FnMut(&mut Element<'d>) -> T) -> Vec<T> {
        let scope = self.inner_scope();
        let mut found = Vec::new();
        for node in &mut self.nodes {
            if let Node::Element(child) = node
                && child.native
                && child.name == name
                && !child.claimed
            {
                child.claimed = true;
                child.scope.clone_from(&scope);
                found.push(read(child));
            }
        }
        found
    }

    /// Claims the first child of this name and reads it; others of the name become residue.
    pub fn one<T>(&mut self, name: &str, read: impl FnOnce(&mut Element<'d>) -> T) -> Option<T> {
        self.one_if(name, |_| true, read)
    }

    /// As [`Element::one`], but leaves a bare child as residue: it says nothing.
    pub fn structure<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Element<'d>) -> T,
    ) -> Option<T> {
        self.one_if(name, |child| !child.is_bare(), read)
    }

    /// As [`Element::one`], but leaves the child as residue when `wanted` says no.
    pub fn one_if<T>(
        &mut self,
        name: &str,
        wanted: impl FnOnce(&mut Element<'d>) -> bool,
        read: impl FnOnce(&mut Element<'d>) -> T,
    ) -> Option<T> {
        let scope = self.inner_scope();
        let child = self.nodes.iter_mut().find_map(|node| match node {
            Node::Element(child) if child.native && child.name == name => Some(child),
            _ => None,
        })?;
        if !wanted(child) {
            return None;
        }
        child.claimed = true;
        child.scope = scope;
        Some(read(child))
    }

    /// Claims the container of this name and reads it. A container that is repeated (per language,
    /// in some files) is joined first. A bare one is left as residue: it says nothing.
    pub fn part(&mut self, name: &str, read: impl FnOnce(&mut Element<'d>)) {
        self.join(name);
        self.structure(name, read);
    }

    /// Joins the content of all children of this name into the first.
    fn join(&mut self, name: &str) {
        let is_one = |node: &mut Node| matches!(node, Node::Element(child) if child.native && child.name == name);
        let mut found = self.nodes.extract_if(.., is_one);
        let (first, rest): (Option<Node>, Vec<Node>) = (found.next(), found.collect());
        let Some(Node::Element(mut target)) = first else { return };
        // Siblings of other names may stand anywhere: an export puts all in the schema's order.
        if rest.is_empty() {
            self.nodes.push(Node::Element(target));
            return;
        }
        target.push_down_language();
        for other in rest {
            if let Node::Element(mut other) = other {
                other.push_down_language();
                target.absorb(other);
            }
        }
        target.number();
        self.nodes.push(Node::Element(target));
    }

    fn absorb(&mut self, mut other: Element<'d>) {
        let place = other.place;
        let message = format!("another `{}`, at {place}, was joined to this one", other.name);
        self.report(Code::Joined, message, true);
        for attribute in other.attributes.drain(..) {
            if self.attributes.iter().any(|own| own.name == attribute.name) {
                let message = format!(
                    "`{}=\"{}\"` of the one joined to this one has no place any more",
                    attribute.name, attribute.value
                );
                self.report(Code::Joined, message, false);
            } else {
                self.attributes.push(attribute);
            }
        }
        self.nodes.append(&mut other.nodes);
    }

    /// Gives the element's language to its children, before children in another come in.
    fn push_down_language(&mut self) {
        let Some(at) = self.attributes.iter().position(|a| a.name == "xml:lang") else { return };
        let language = self.attributes.remove(at);
        for node in &mut self.nodes {
            if let Node::Element(child) = node
                && !child.attributes.iter().any(|own| own.name == "xml:lang")
            {
                child.attributes.push(language.clone());
            }
        }
    }

    /// Numbers the children anew.
    fn number(&mut self) {
        let mut counts: HashMap<&str, u32> = HashMap::new();
        for node in &mut self.nodes {
            if let Node::Element(child) = node {
                let count = counts.entry(child.name).or_default();
                *count += 1;
                child.index = *count;
            }
        }
    }

    /// Takes the text. Children that were claimed before are not part of it; others are markup
    /// (`<p>`, `<emph>`, …): their text is, and the markup is kept beside.
    pub fn text(&mut self) -> String {
        if let [Node::Text(text)] = self.nodes.as_slice() {
            let text = collapse(text);
            self.nodes.clear();
            return text;
        }
        let is_markup = |node: &Node| matches!(node, Node::Element(child) if !child.claimed);
        if self.nodes.iter().any(is_markup) {
            return self.marked_up_text();
        }
        let mut text = String::new();
        self.nodes.retain(|node| match node {
            Node::Text(part) => {
                text.push_str(part);
                false
            }
            Node::Element(_) => true,
        });
        collapse(&text)
    }

    fn marked_up_text(&mut self) -> String {
        let is_claimed = |node: &mut Node| matches!(node, Node::Element(child) if child.claimed);
        let claimed: Vec<Node> = self.nodes.extract_if(.., is_claimed).collect();
        let markup = std::mem::replace(&mut self.nodes, claimed);
        let mut text = String::new();
        flatten(&markup, &mut text);
        let text = collapse(&text);
        self.markup = Some((text.clone(), markup));
        text
    }

    /// Claims every child of this name as one text in several languages.
    pub fn texts(&mut self, name: &str) -> Text {
        Text(self.each(name, |child| (child.language(), child.text())))
    }
}

/// The text of nodes, with spaces where block elements end.
fn flatten(nodes: &[Node], text: &mut String) {
    for node in nodes {
        match node {
            Node::Text(part) => text.push_str(part),
            Node::Element(child) => {
                flatten(&child.nodes, text);
                if matches!(child.name, "p" | "div" | "head" | "itm" | "label" | "list" | "br") {
                    text.push(' ');
                }
            }
        }
    }
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

/// Whether a text is nothing but XML's white space.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(is_space)
}

/// Trims a text and makes each run of XML's white space one space.
pub fn collapse(text: &str) -> String {
    let text = text.trim_matches(is_space);
    if !text.contains(['\t', '\r', '\n']) && !text.contains("  ") {
        return text.to_owned();
    }
    let mut collapsed = String::with_capacity(text.len());
    for word in text.split(is_space).filter(|word| !word.is_empty()) {
        if !collapsed.is_empty() {
            collapsed.push(' ');
        }
        collapsed.push_str(word);
    }
    collapsed
}
