//! What the model has no field for, kept with its place so that an export can give it back.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::element::{Attribute, Element, Issue, Node, Owner, is_blank};
use crate::model::CodeBook;
use crate::order;
use crate::problem::{Code, Problem};

/// Something that has no field, and where it was.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Residue {
    /// Path below the code book, file, variable or group that holds it, such as
    /// `stdyDscr/citation/titlStmt/titl[2]`; the index is omitted for the first.
    pub place: String,
    /// What it is.
    pub kept: Kept,
}

/// What was kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// An attribute of the element at the place.
    Attribute {
        /// Its name as written, with its prefix.
        name: String,
        /// The namespace of its prefix, unless that is `xml`.
        namespace: Option<String>,
        /// Its value.
        value: String,
    },
    /// Text directly in the element at the place, where only elements may stand.
    Text(String),
    /// A whole element; the place ends with its own name.
    Element {
        /// It, as XML in the namespace of DDI-Codebook 2.5.
        xml: String,
    },
    /// The markup inside a text of the model.
    Markup {
        /// The text as the model has it; when that was edited since, the markup is out of date.
        text: String,
        /// The text with its markup.
        xml: String,
    },
}

/// The namespace that residue is written in, and exports are.
pub const NAMESPACE: &str = "ddi:codebook:2_5";

/// Walks a code book after all readers have passed, files what they left, and reports it.
pub fn collect(root: &Element, book: &mut CodeBook, problems: &mut Vec<Problem>) {
    let path = format!("/{}", root.name);
    let start = path.len();
    Collector { book, problems, path, start, owner: None }.claimed(root);
    book.residue.sort();
}

struct Collector<'b> {
    book: &'b mut CodeBook,
    problems: &'b mut Vec<Problem>,
    path: String,
    /// Where the place below the owner begins in `path`.
    start: usize,
    owner: Option<Owner>,
}

impl Collector<'_> {
    /// Files what is left of an element that a reader claimed.
    fn claimed(&mut self, element: &Element) {
        for issue in &element.issues {
            self.problem(element, issue.clone());
        }
        for attribute in &element.attributes {
            self.attribute(element, attribute);
        }
        if let Some((text, nodes)) = &element.markup {
            let mut xml = String::new();
            write_nodes(nodes, NAMESPACE, &mut xml);
            let message = format!("the text of `{}` has markup", element.name);
            self.problem(element, Issue { code: Code::Markup, message, kept: true });
            self.keep(Kept::Markup { text: text.clone(), xml });
        }
        let mut text = String::new();
        for node in &element.nodes {
            match node {
                Node::Text(part) if is_blank(part) => {}
                Node::Text(part) => text.push_str(part),
                Node::Element(child) => self.child(child),
            }
        }
        if !text.is_empty() {
            let message = format!("`{}` should hold no text of its own", element.name);
            self.problem(element, Issue { code: Code::UnexpectedText, message, kept: true });
            self.keep(Kept::Text(crate::element::collapse(&text)));
        }
    }

    fn child(&mut self, child: &Element) {
        let length = self.path.len();
        self.path.push('/');
        self.path.push_str(child.name);
        if child.index > 1 {
            write!(self.path, "[{}]", child.index).expect("writing to a string cannot fail");
        }
        if !child.claimed {
            self.unclaimed(child);
        } else if child.owner.is_some() {
            let outside = (self.owner, self.start);
            (self.owner, self.start) = (child.owner, self.path.len());
            self.claimed(child);
            self.residue().sort();
            (self.owner, self.start) = outside;
        } else {
            self.claimed(child);
        }
        self.path.truncate(length);
    }

    fn unclaimed(&mut self, child: &Element) {
        let name = child.name;
        for issue in &child.issues {
            self.problem(child, issue.clone());
        }
        let (code, message) = if !child.native {
            let uri = &child.namespace;
            (Code::ForeignElement, format!("`{name}` is of another vocabulary (`{uri}`)"))
        } else if order::exists(name) {
            (Code::ElementNotInModel, format!("`{name}` has no field here; kept as it is"))
        } else {
            (Code::UnknownElement, format!("DDI-Codebook has no element `{name}`; kept as it is"))
        };
        self.problem(child, Issue { code, message, kept: true });
        let mut xml = String::new();
        write_element(child, NAMESPACE, &mut xml);
        self.keep(Kept::Element { xml });
    }

    fn attribute(&mut self, element: &Element, attribute: &Attribute) {
        let Attribute { name, value, .. } = attribute;
        let is_bad_language = *name == "xml:lang"
            && element.issues.iter().any(|issue| issue.code == Code::BadLanguage);
        let is_reported = element
            .issues
            .iter()
            .any(|issue| issue.code == Code::BadValue && issue.message.contains(*name));
        if *name == "xml-lang" {
            let message = format!("`xml-lang=\"{value}\"` is not `xml:lang`: it names no language");
            self.problem(element, Issue { code: Code::XmlLangAttribute, message, kept: true });
        } else if !is_bad_language && !is_reported {
            let message = format!("`{name}=\"{value}\"` has no field here; kept as it is");
            self.problem(element, Issue { code: Code::AttributeNotInModel, message, kept: true });
        }
        self.keep(Kept::Attribute {
            name: (*name).to_owned(),
            namespace: attribute.namespace.as_deref().map(str::to_owned),
            value: value.clone().into_owned(),
        });
    }

    fn problem(&mut self, element: &Element, issue: Issue) {
        let Issue { code, message, kept } = issue;
        let path = self.path.clone();
        let (line, column) = (element.place.line, element.place.column);
        self.problems.push(Problem { line, column, path, code, message, kept });
    }

    fn residue(&mut self) -> &mut Vec<Residue> {
        match self.owner {
            None => &mut self.book.residue,
            Some(Owner::File(index)) => &mut self.book.files[index].residue,
            Some(Owner::Variable(index)) => &mut self.book.variables[index].residue,
            Some(Owner::Group(index)) => &mut self.book.groups[index].residue,
        }
    }

    fn keep(&mut self, kept: Kept) {
        let place = self.path[self.start..].trim_start_matches('/').to_owned();
        self.residue().push(Residue { place, kept });
    }
}

/// Writes an element as XML, inside an element of the namespace `around`.
fn write_element(element: &Element, around: &str, xml: &mut String) {
    let namespace = if element.native { NAMESPACE } else { &element.namespace };
    xml.push('<');
    xml.push_str(element.name);
    if namespace != around {
        write_attribute("xmlns", namespace, xml);
    }
    let mut declared: Vec<&str> = Vec::new();
    for attribute in &element.attributes {
        if let (Some(uri), Some((prefix, _))) =
            (&attribute.namespace, attribute.name.split_once(':'))
            && !declared.contains(&prefix)
        {
            declared.push(prefix);
            write_attribute(&format!("xmlns:{prefix}"), uri, xml);
        }
        write_attribute(attribute.name, &attribute.value, xml);
    }
    if element.nodes.is_empty() {
        xml.push_str("/>");
        return;
    }
    xml.push('>');
    write_nodes(&element.nodes, namespace, xml);
    xml.push_str("</");
    xml.push_str(element.name);
    xml.push('>');
}

fn write_nodes(nodes: &[Node], around: &str, xml: &mut String) {
    for node in nodes {
        match node {
            Node::Text(text) => escape(text, false, xml),
            Node::Element(child) => write_element(child, around, xml),
        }
    }
}

/// Writes ` name="value"`.
pub fn write_attribute(name: &str, value: &str, xml: &mut String) {
    xml.push(' ');
    xml.push_str(name);
    xml.push_str("=\"");
    escape(value, true, xml);
    xml.push('"');
}

/// Escapes text so that a parser gives back the same; what XML 1.0 cannot hold at all (control
/// characters, section 2.2) becomes U+FFFD, because a document with it would be refused.
pub fn escape(text: &str, in_attribute: bool, xml: &mut String) {
    for character in text.chars() {
        match character {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' if in_attribute => xml.push_str("&quot;"),
            '\r' => xml.push_str("&#13;"),
            '\n' if in_attribute => xml.push_str("&#10;"),
            '\t' if in_attribute => xml.push_str("&#9;"),
            '\t' | '\n' => xml.push(character),
            '\u{0}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => xml.push('\u{FFFD}'),
            _ => xml.push(character),
        }
    }
}
