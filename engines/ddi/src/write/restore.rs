//! Puts residue back where it was.

use super::out::{Node, Out};
use crate::residue::{Kept, Residue};

/// Containers that say nothing of themselves: they may be made anew to hold residue. Others (a
/// category, a label) are not, since whoever edited the code book took them away on purpose.
const PARTS: &str = "stdyDscr citation titlStmt rspStmt prodStmt distStmt verStmt stdyInfo subject \
    sumDscr method dataColl sources anlyInfo dataAccs setAvail useStmt othrStdyMat fileTxt fileStrc \
    dimensns dataDscr qstn valrng invalrng derivation";

/// Puts back the residue of `owner`. Lower numbers come first, so that the place of the second of
/// a name is there when it is asked for.
pub fn restore(owner: &mut Out, residue: &[Residue]) {
    let mut sorted: Vec<(Vec<(&str, usize)>, &Kept)> =
        residue.iter().map(|residue| (steps(&residue.place), &residue.kept)).collect();
    sorted.sort();
    for (steps, kept) in sorted {
        match kept {
            Kept::Element { xml } => element(owner, &steps, xml),
            Kept::Attribute { name, namespace, value } => {
                if let Some(target) = find(owner, &steps) {
                    attribute(target, name, namespace.as_deref(), value);
                }
            }
            Kept::Text(text) => {
                if let Some(target) = find(owner, &steps) {
                    target.nodes.insert(0, Node::Text(text.clone()));
                }
            }
            Kept::Markup { text, xml } => {
                if let Some(target) = find(owner, &steps) {
                    markup(target, text, xml);
                }
            }
        }
    }
}

/// Reads `a/b[2]/c` as names and numbers.
fn steps(place: &str) -> Vec<(&str, usize)> {
    let step = |step| match str::split_once(step, '[') {
        Some((name, index)) => (name, index.trim_end_matches(']').parse().unwrap_or(1)),
        None => (step, 1),
    };
    place.split('/').filter(|step| !step.is_empty()).map(step).collect()
}

fn element(owner: &mut Out, steps: &[(&str, usize)], xml: &str) {
    let Some(((name, index), parents)) = steps.split_last() else { return };
    let Some(parent) = find(owner, parents) else { return };
    let raw = Node::Raw { name: (*name).to_owned(), xml: xml.to_owned() };
    match position(parent, name, *index) {
        Some(at) => parent.nodes.insert(at, raw),
        None => parent.nodes.push(raw),
    }
}

/// Where the child of this name and number (from 1) stands.
fn position(parent: &Out, name: &str, index: usize) -> Option<usize> {
    let named = parent.nodes.iter().enumerate().filter(|(_, node)| node.name() == Some(name));
    named.map(|(at, _)| at).nth(index - 1)
}

fn find<'o>(owner: &'o mut Out, steps: &[(&str, usize)]) -> Option<&'o mut Out> {
    let mut here = owner;
    for (name, index) in steps {
        let at = match position(here, name, *index) {
            Some(at) => at,
            None if PARTS.split_ascii_whitespace().any(|part| part == *name) => {
                here.push(Out::new(name));
                here.nodes.len() - 1
            }
            None => return None,
        };
        let Node::Element(child) = &mut here.nodes[at] else { return None };
        here = child;
    }
    Some(here)
}

fn attribute(target: &mut Out, name: &str, namespace: Option<&str>, value: &str) {
    let is_there = |target: &Out, name: &str| target.attributes.iter().any(|own| own.0 == name);
    if is_there(target, name) {
        return; // an edit gave it a value since
    }
    if let (Some(uri), Some((prefix, _))) = (namespace, name.split_once(':')) {
        let declaration = format!("xmlns:{prefix}");
        if !is_there(target, &declaration) {
            target.attributes.push((declaration, uri.to_owned()));
        }
    }
    target.attributes.push((name.to_owned(), value.to_owned()));
}

/// Gives a text its markup back, unless the text was edited since.
fn markup(target: &mut Out, text: &str, xml: &str) {
    let is_text = |node: &Node| matches!(node, Node::Text(_));
    match target.nodes.iter().position(is_text) {
        Some(at) => {
            if matches!(&target.nodes[at], Node::Text(own) if own == text) {
                target.nodes[at] = Node::Markup(xml.to_owned());
            }
        }
        None if text.is_empty() => target.nodes.insert(0, Node::Markup(xml.to_owned())),
        None => {}
    }
}
