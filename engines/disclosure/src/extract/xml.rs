//! XML of office documents, one event after the other; nothing is kept, no entity is expanded.

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::Unread;

/// Elements inside each other that are read at most.
const MAX_DEPTH: usize = 512;

/// The attributes of an element.
pub struct Attributes<'a, 'b>(&'a BytesStart<'b>);

impl Attributes<'_, '_> {
    /// An attribute by its whole name, or else by its name without a prefix.
    pub fn get(&self, name: &str) -> Option<String> {
        let mut local = None;
        for attribute in self.0.attributes().with_checks(false).flatten() {
            let key: &str = attribute.key.0;
            let value = || {
                attribute
                    .normalized_value(XmlVersion::Explicit1_0)
                    .ok()
                    .map(std::borrow::Cow::into_owned)
            };
            if key == name {
                return value();
            }
            if local.is_none() && key.rsplit_once(':').is_some_and(|(_, l)| l == name) {
                local = value();
            }
        }
        local
    }

    /// Whether an attribute is `1`, `true` or `on`.
    pub fn is_on(&self, name: &str) -> bool {
        matches!(self.get(name).as_deref(), Some("1" | "true" | "on"))
    }

    /// An attribute as a number.
    pub fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.get(name)?.trim().parse().ok()
    }
}

/// What comes next.
pub enum Xml<'a, 'b> {
    /// An element opens; its name has no prefix.
    Open(&'a str, Attributes<'a, 'b>),
    /// An element closes.
    Close(&'a str),
    /// Text, entities resolved.
    Text(&'a str),
    /// A comment.
    Comment,
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// Walks through a document.
///
/// # Errors
/// What is not well-formed, declares entities, or is too deep. What was told before stays told.
pub fn walk(
    bytes: &[u8],
    mut each: impl FnMut(Xml<'_, '_>) -> Result<(), Unread>,
) -> Result<(), Unread> {
    let encoding = tabular::encoding::detect(bytes);
    let text = tabular::encoding::decode(bytes, encoding).map_err(|_| Unread::NotText)?;
    let mut reader = Reader::from_str(&text);
    let mut depth = 0_usize;
    loop {
        match reader.read_event().map_err(|_| Unread::Damaged)? {
            Event::Eof => return if depth == 0 { Ok(()) } else { Err(Unread::Damaged) },
            Event::Start(start) => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(Unread::TooDeep);
                }
                each(Xml::Open(local(start.name().0), Attributes(&start)))?;
            }
            Event::Empty(start) => {
                let name = start.name();
                each(Xml::Open(local(name.0), Attributes(&start)))?;
                each(Xml::Close(local(name.0)))?;
            }
            Event::End(end) => {
                depth = depth.saturating_sub(1);
                each(Xml::Close(local(end.name().0)))?;
            }
            Event::Text(text) => each(Xml::Text(&text.into_inner()))?,
            Event::CData(data) => each(Xml::Text(&data.into_inner()))?,
            Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                Ok(Some(character)) => each(Xml::Text(character.encode_utf8(&mut [0; 4])))?,
                _ => {
                    let name = reference.into_inner();
                    each(Xml::Text(resolve_predefined_entity(&name).unwrap_or(" ")))?;
                }
            },
            Event::Comment(_) => each(Xml::Comment)?,
            // An entity that stands for many others is how a small file fills the memory.
            Event::DocType(kind) if kind.borrow().into_inner().contains("<!ENTITY") => {
                return Err(Unread::Damaged);
            }
            Event::DocType(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
}

/// The text of each element called `name`, as `(attribute, text)`.
pub fn texts(bytes: &[u8], name: &str, attribute: &str) -> Result<Vec<(String, String)>, Unread> {
    let mut out: Vec<(String, String)> = Vec::new();
    let mut open = 0_usize;
    walk(bytes, |event| {
        match event {
            Xml::Open(n, attributes) if n == name => {
                if open == 0 {
                    out.push((attributes.get(attribute).unwrap_or_default(), String::new()));
                }
                open += 1;
            }
            Xml::Close(n) if n == name => open = open.saturating_sub(1),
            Xml::Text(text) if open > 0 => {
                if let Some((_, all)) = out.last_mut() {
                    all.push_str(text);
                }
            }
            // Paragraphs of one comment are parted by a blank.
            Xml::Close("p" | "br") if open > 0 => {
                if let Some((_, all)) = out.last_mut() {
                    all.push(' ');
                }
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(out)
}
