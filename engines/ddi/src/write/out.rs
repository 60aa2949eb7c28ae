//! The tree that an export builds.

use crate::model::Text;
use crate::order;
use crate::residue::{escape, write_attribute};

/// An element to write.
pub struct Out {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub nodes: Vec<Node>,
}

/// A child to write.
pub enum Node {
    Text(String),
    Element(Out),
    /// An element that is XML already.
    Raw {
        name: String,
        xml: String,
    },
    /// A text with markup that is XML already.
    Markup(String),
}

impl Node {
    /// The element's name, if it is one.
    pub fn name(&self) -> Option<&str> {
        match self {
            Node::Element(element) => Some(&element.name),
            Node::Raw { name, .. } => Some(name),
            Node::Text(_) | Node::Markup(_) => None,
        }
    }
}

impl Out {
    pub fn new(name: &str) -> Self {
        Out { name: name.to_owned(), attributes: Vec::new(), nodes: Vec::new() }
    }

    /// A text in a language.
    pub fn leaf(name: &str, language: Option<&String>, text: &str) -> Self {
        Out::new(name).maybe("xml:lang", language).text(text)
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.attributes.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn maybe(self, name: &str, value: Option<&String>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    pub fn number(self, name: &str, value: Option<u32>) -> Self {
        match value {
            Some(value) => self.with(name, &value.to_string()),
            None => self,
        }
    }

    /// A list of ids, left out when it is empty.
    pub fn list(self, name: &str, ids: &[String]) -> Self {
        if ids.is_empty() { self } else { self.with(name, &ids.join(" ")) }
    }

    pub fn text(mut self, text: &str) -> Self {
        if !text.is_empty() {
            self.nodes.push(Node::Text(text.to_owned()));
        }
        self
    }

    pub fn push(&mut self, child: Out) {
        self.nodes.push(Node::Element(child));
    }

    /// The first child of this name that is not XML already.
    pub fn child(&mut self, name: &str) -> Option<&mut Out> {
        self.nodes.iter_mut().find_map(|node| match node {
            Node::Element(child) if child.name == name => Some(child),
            _ => None,
        })
    }

    /// Adds a container, unless there is nothing in it.
    pub fn push_part(&mut self, child: Out) {
        if !child.nodes.is_empty() || !child.attributes.is_empty() {
            self.push(child);
        }
    }

    /// Adds one element for each language of a text.
    pub fn push_texts(&mut self, name: &str, text: &Text) {
        for (language, text) in &text.0 {
            self.push(Out::leaf(name, language.as_ref(), text));
        }
    }

    /// Adds one element for each value.
    pub fn push_all<T>(&mut self, name: &str, values: &[T], write: impl Fn(&str, &T) -> Out) {
        for value in values {
            self.push(write(name, value));
        }
    }

    /// Puts children in the schema's order, text first; children of one name keep theirs.
    pub fn sort(&mut self) {
        let Out { name, nodes, .. } = self;
        nodes.sort_by_cached_key(|node| node.name().map_or(0, |child| 1 + rank(name, child)));
        for node in nodes {
            if let Node::Element(child) = node {
                child.sort();
            }
        }
    }

    /// Writes the element. An element that holds text stays on one line: in it, white space could
    /// be read as content by others.
    pub fn write(&self, depth: usize, xml: &mut String) {
        xml.push('<');
        xml.push_str(&self.name);
        for (name, value) in &self.attributes {
            write_attribute(name, value, xml);
        }
        if self.nodes.is_empty() {
            xml.push_str("/>");
            return;
        }
        xml.push('>');
        let has_text = self.nodes.iter().any(|node| node.name().is_none());
        let line = |depth: usize, xml: &mut String| {
            if !has_text {
                xml.push('\n');
                (0..depth).for_each(|_| xml.push_str("  "));
            }
        };
        for node in &self.nodes {
            line(depth + 1, xml);
            match node {
                Node::Text(text) => escape(text, false, xml),
                Node::Element(child) => child.write(depth + 1, xml),
                Node::Raw { xml: raw, .. } | Node::Markup(raw) => xml.push_str(raw),
            }
        }
        line(depth, xml);
        xml.push_str("</");
        xml.push_str(&self.name);
        xml.push('>');
    }
}

fn rank(parent: &str, child: &str) -> usize {
    order::rank(parent, child).min(usize::MAX - 1)
}
