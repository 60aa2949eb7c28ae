//! A bounded parser: from text to one [`Element`] per code book, nothing outside them kept.
//!
//! Threats: an XML bomb (entities are never expanded, a document type that declares any is
//! refused), a document that names a file or a host (nothing is ever opened), a stack overflow by
//! nesting and a full memory by millions of elements (limits, checked before allocating).

use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::attributes::Attributes;
use quick_xml::events::{BytesRef, Event};
use quick_xml::reader::Reader;

use crate::element::{Attribute, Element, Node};
use crate::error::{DdiError, Place};

/// How much a document may ask of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the document; 128 MiB unless told.
    pub bytes: usize,
    /// Elements inside each other; 64 unless told. Reading recurses, so keep it below a thousand.
    pub depth: usize,
    /// Elements in all; 2 million unless told, about 200 bytes of memory each.
    pub elements: usize,
    /// Attributes on one element; 64 unless told.
    pub attributes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { bytes: 128 << 20, depth: 64, elements: 2_000_000, attributes: 64 }
    }
}

/// A document's code books, still as elements.
pub struct Document<'d> {
    /// Never empty.
    pub codebooks: Vec<Element<'d>>,
}

/// Whether a namespace is one that DDI-Codebook documents use for themselves.
pub fn is_codebook_namespace(uri: &str) -> bool {
    uri.is_empty()
        || uri.starts_with("ddi:codebook:2_")
        || matches!(uri, "http://www.icpsr.umich.edu/DDI" | "http://www.icpsr.umich.edu/DDI/")
}

/// Reads a document to its end.
///
/// # Errors
/// When it is not well-formed, passes a limit, declares entities, or has no code book.
pub fn parse<'d>(text: &'d str, limits: &Limits) -> Result<Document<'d>, DdiError> {
    let mut parser = Parser::new(text, *limits);
    let mut reader = Reader::from_str(text);
    loop {
        let before = offset(reader.buffer_position());
        let event = reader.read_event();
        parser.advance(before);
        let after = offset(reader.buffer_position());
        match event {
            Ok(Event::Eof) => break,
            Ok(event) => parser.event(event, &text[before..after])?,
            Err(error) => {
                parser.advance(offset(reader.error_position()).max(before));
                return Err(parser.malformed(error.to_string()));
            }
        }
    }
    parser.finish()
}

fn offset(position: u64) -> usize {
    usize::try_from(position).expect("a position in a slice fits in memory")
}

struct Parser<'d> {
    text: &'d str,
    limits: Limits,
    /// How far the text was counted, and where that is.
    counted: usize,
    place: Place,
    elements: usize,
    /// Every open element: enough to name it when the document stops too early.
    open: Vec<&'d str>,
    /// The open elements of the code book that is being read, outermost first.
    building: Vec<Building<'d>>,
    scopes: Vec<Scope<'d>>,
    none: Rc<str>,
    root: Option<(String, Rc<str>)>,
    /// The first namespace that belongs to DDI-Lifecycle.
    lifecycle: Option<Rc<str>>,
    codebooks: Vec<Element<'d>>,
}

/// A namespace declaration in force.
struct Scope<'d> {
    depth: usize,
    prefix: &'d str,
    uri: Rc<str>,
}

struct Building<'d> {
    element: Element<'d>,
    counts: Counts<'d>,
}

/// How many children of each name there were so far. A handful of names is quicker to search than
/// to hash; the map is there for a document with a million names.
#[derive(Default)]
struct Counts<'d> {
    few: Vec<(&'d str, u32)>,
    many: HashMap<&'d str, u32>,
}

impl<'d> Counts<'d> {
    /// The number of the next child of this name, from 1.
    fn next(&mut self, name: &'d str) -> u32 {
        let few = &mut self.few;
        let count = match few.iter().position(|(own, _)| *own == name) {
            Some(at) => &mut few[at].1,
            None if few.len() < 32 => {
                few.push((name, 0));
                let last = few.len() - 1;
                &mut few[last].1
            }
            None => self.many.entry(name).or_default(),
        };
        *count += 1;
        *count
    }
}

impl<'d> Parser<'d> {
    fn new(text: &'d str, limits: Limits) -> Self {
        Parser {
            text,
            limits,
            counted: 0,
            place: Place { line: 1, column: 1 },
            elements: 0,
            open: Vec::new(),
            building: Vec::new(),
            scopes: Vec::new(),
            none: Rc::from(""),
            root: None,
            lifecycle: None,
            codebooks: Vec::new(),
        }
    }

    /// Counts lines and columns up to `to`; each byte of a document is looked at once.
    fn advance(&mut self, to: usize) {
        let to = to.min(self.text.len());
        if to <= self.counted {
            return;
        }
        let bytes = &self.text.as_bytes()[self.counted..to];
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let chars = |bytes: &[u8]| number(bytes.iter().filter(|&b| b & 0xC0 != 0x80).count());
        match bytes.iter().rposition(|&byte| byte == b'\n') {
            None => self.place.column = self.place.column.saturating_add(chars(bytes)),
            Some(last) => {
                let lines = number(bytes[..=last].split(|&byte| byte == b'\n').count() - 1);
                self.place.line = self.place.line.saturating_add(lines);
                self.place.column = chars(&bytes[last + 1..]).saturating_add(1);
            }
        }
        self.counted = to;
    }

    fn malformed(&self, message: impl Into<String>) -> DdiError {
        if !self.text.trim_start().starts_with('<') {
            return DdiError::NotXml;
        }
        DdiError::Malformed { place: self.place, message: message.into() }
    }

    fn event(&mut self, event: Event<'d>, source: &'d str) -> Result<(), DdiError> {
        match event {
            Event::Start(start) => self.open(source, start.name().0.len(), 1, 1),
            Event::Empty(start) => {
                self.open(source, start.name().0.len(), 1, 2)?;
                self.close();
                Ok(())
            }
            Event::End(_) => {
                self.close();
                Ok(())
            }
            Event::Text(text) => match text.into_inner() {
                // Line ends other than \n are rare: the copy is made only then.
                Cow::Borrowed(text) if !text.contains('\r') => self.add(Cow::Borrowed(text)),
                text => self.add(Cow::Owned(line_ends(&text))),
            },
            Event::CData(data) => self.add(Cow::Owned(line_ends(&data.into_inner()))),
            Event::GeneralRef(reference) => self.reference(&reference),
            Event::DocType(declaration)
                if declaration.borrow().into_inner().contains("<!ENTITY") =>
            {
                Err(DdiError::EntityDeclaration(self.place))
            }
            // An external document type is named by many old files; it is never fetched.
            Event::DocType(_) | Event::Comment(_) | Event::PI(_) | Event::Decl(_) | Event::Eof => {
                Ok(())
            }
        }
    }

    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), DdiError> {
        match reference.resolve_char_ref() {
            Ok(Some(character)) => return self.add(Cow::Owned(character.to_string())),
            Ok(None) => {}
            Err(error) => return Err(self.malformed(error.to_string())),
        }
        let name = reference.borrow().into_inner().into_owned();
        match resolve_xml_entity(&name) {
            Some(text) => self.add(Cow::Borrowed(text)),
            None => Err(DdiError::UnknownEntity { name, place: self.place }),
        }
    }

    fn add(&mut self, text: Cow<'d, str>) -> Result<(), DdiError> {
        if let Some(parent) = self.building.last_mut() {
            match parent.element.nodes.last_mut() {
                Some(Node::Text(last)) => last.to_mut().push_str(&text),
                _ => parent.element.nodes.push(Node::Text(text)),
            }
        } else if self.open.is_empty() && !text.trim().is_empty() {
            return Err(self.malformed("text outside of the root element"));
        }
        Ok(())
    }

    /// Opens an element whose tag is `source`, with `before` and `after` bytes of brackets.
    fn open(
        &mut self,
        source: &'d str,
        name_length: usize,
        before: usize,
        after: usize,
    ) -> Result<(), DdiError> {
        let place = self.place;
        self.elements += 1;
        if self.elements > self.limits.elements {
            return Err(DdiError::TooMany { place, what: "elements", limit: self.limits.elements });
        }
        if self.open.len() >= self.limits.depth {
            return Err(DdiError::TooDeep { place, limit: self.limits.depth });
        }
        if self.open.is_empty() && self.root.is_some() {
            return Err(self.malformed("a second root element"));
        }
        let tag = &source[before..source.len() - after];
        let qualified = &tag[..name_length];
        self.open.push(qualified);
        let attributes = self.attributes(tag, name_length)?;
        let (prefix, name) = qualified.split_once(':').unwrap_or(("", qualified));
        let namespace = self.resolve(prefix);
        self.root.get_or_insert_with(|| (name.to_owned(), namespace.clone()));
        if self.lifecycle.is_none() && is_lifecycle(&namespace) {
            self.lifecycle = Some(namespace.clone());
        }
        if self.building.is_empty() && name != "codeBook" {
            return Ok(());
        }
        let (native, index) = match self.building.first() {
            None => (true, 1),
            Some(book) => {
                let own = book.element.namespace == namespace;
                (own || is_codebook_namespace(&namespace), 0)
            }
        };
        let attributes = self.qualify(attributes);
        let mut element = Element::new(name, namespace, native, place);
        element.index = index;
        element.attributes = attributes;
        self.building.push(Building { element, counts: Counts::default() });
        Ok(())
    }

    /// Reads the attributes of a tag, and puts its namespace declarations in force.
    fn attributes(
        &mut self,
        tag: &'d str,
        name_length: usize,
    ) -> Result<Vec<Attribute<'d>>, DdiError> {
        let mut found = Vec::new();
        for (number, attribute) in Attributes::new(tag, name_length).enumerate() {
            if number == self.limits.attributes {
                let what = "attributes on one element";
                return Err(DdiError::TooMany { place: self.place, what, limit: number });
            }
            let attribute = attribute.map_err(|error| self.malformed(error.to_string()))?;
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|error| self.malformed(error.to_string()))?;
            let name = attribute.key.0;
            let prefix = if name == "xmlns" { Some("") } else { name.strip_prefix("xmlns:") };
            match prefix {
                Some(prefix) => {
                    let uri = Rc::from(value.trim());
                    self.scopes.push(Scope { depth: self.open.len(), prefix, uri });
                }
                None => found.push(Attribute { name, namespace: None, value }),
            }
        }
        Ok(found)
    }

    /// Finds the namespaces of prefixed attributes, once the tag's declarations are in force.
    fn qualify(&self, mut attributes: Vec<Attribute<'d>>) -> Vec<Attribute<'d>> {
        for attribute in &mut attributes {
            if let Some((prefix, _)) = attribute.name.split_once(':')
                && prefix != "xml"
            {
                attribute.namespace = Some(self.resolve(prefix));
            }
        }
        attributes
    }

    fn resolve(&self, prefix: &str) -> Rc<str> {
        let scope = self.scopes.iter().rev().find(|scope| scope.prefix == prefix);
        scope.map_or_else(|| self.none.clone(), |scope| scope.uri.clone())
    }

    fn close(&mut self) {
        let depth = self.open.len();
        while self.scopes.last().is_some_and(|scope| scope.depth == depth) {
            self.scopes.pop();
        }
        self.open.pop();
        let Some(Building { mut element, .. }) = self.building.pop() else { return };
        let Some(parent) = self.building.last_mut() else {
            self.codebooks.push(element);
            return;
        };
        element.index = parent.counts.next(element.name);
        parent.element.nodes.push(Node::Element(element));
    }

    fn finish(mut self) -> Result<Document<'d>, DdiError> {
        self.advance(self.text.len());
        if let Some(name) = self.open.last() {
            return Err(self.malformed(format!("the document ends inside `<{name}>`")));
        }
        let Some((root, namespace)) = self.root else {
            return Err(self.malformed("the document ends before its root element"));
        };
        if self.codebooks.is_empty() {
            let hint = hint(&root, &namespace, self.lifecycle.as_deref());
            return Err(DdiError::NotCodebook { root, namespace: namespace.to_string(), hint });
        }
        Ok(Document { codebooks: self.codebooks })
    }
}

/// Whether a namespace is one of DDI-Lifecycle's, such as `ddi:instance:3_2`.
fn is_lifecycle(uri: &str) -> bool {
    let version = uri.rsplit(':').next().unwrap_or_default();
    uri.starts_with("ddi:") && version.starts_with("3_")
}

fn hint(root: &str, namespace: &str, lifecycle: Option<&str>) -> String {
    if let Some(uri) = lifecycle {
        let version = uri.rsplit(':').next().unwrap_or_default().replace('_', ".");
        return format!("this is DDI-Lifecycle {version}; export it as DDI-Codebook first");
    }
    match root {
        "OAI-PMH" => "this OAI-PMH answer has no DDI-Codebook record in it".into(),
        "DDIInstance" | "FragmentInstance" => {
            "this looks like DDI-Lifecycle; export it as DDI-Codebook first".into()
        }
        "html" => "this is a web page, not the code book that it may show".into(),
        _ if is_codebook_namespace(namespace) && !namespace.is_empty() => {
            "this is a part of a code book; its root must be `codeBook`".into()
        }
        _ => "a DDI-Codebook document has a `codeBook` element".into(),
    }
}

/// Line ends as XML 1.0, section 2.11, has them.
fn line_ends(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}
