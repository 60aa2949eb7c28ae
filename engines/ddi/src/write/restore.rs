//! Puts residue back where it was.
//!
//! Each level is walked once, with an index of its children: a document with a million unknown
//! elements takes a million steps to write, not a million times a million.

use std::collections::HashMap;

use super::out::{Node, Out};
use crate::residue::{Kept, Residue};

/// Containers that say nothing of themselves: they may be made anew to hold residue. Others (a
/// category, a label) are not, since whoever edited the code book took them away on purpose.
const PARTS: &str = "stdyDscr citation titlStmt rspStmt prodStmt distStmt verStmt stdyInfo subject \
    sumDscr method dataColl sources anlyInfo dataAccs setAvail useStmt othrStdyMat fileTxt fileStrc \
    dimensns dataDscr qstn valrng invalrng derivation";

/// A name and its number among the siblings of that name, from 1.
type Step<'r> = (&'r str, usize);

/// The number of the next child of a name, and the elements of that name still to be set in.
type Waiting<'r> = (usize, std::iter::Peekable<std::vec::IntoIter<(usize, &'r str)>>);

/// Puts back the residue of `owner`.
pub fn restore(owner: &mut Out, residue: &[Residue]) {
    let mut sorted: Vec<(Vec<Step>, &Kept)> =
        residue.iter().map(|residue| (steps(&residue.place), &residue.kept)).collect();
    sorted.sort();
    fill(owner, &sorted, 0);
}

/// Reads `a/b[2]/c` as names and numbers.
fn steps(place: &str) -> Vec<Step<'_>> {
    let step = |step| match str::split_once(step, '[') {
        Some((name, index)) => (name, index.trim_end_matches(']').parse().unwrap_or(1)),
        None => (step, 1),
    };
    place.split('/').filter(|step| !step.is_empty()).map(step).collect()
}

/// Puts back what belongs to `target` and below it; `sorted` agrees on the first `depth` steps.
fn fill(target: &mut Out, sorted: &[(Vec<Step>, &Kept)], depth: usize) {
    let mut raws: HashMap<&str, Vec<(usize, &str)>> = HashMap::new();
    let mut below = Vec::new();
    for (steps, kept) in sorted {
        match (steps.get(depth), kept) {
            (Some((name, index)), Kept::Element { xml }) if steps.len() == depth + 1 => {
                raws.entry(name).or_default().push((*index, xml));
            }
            (Some(_), _) => below.push((steps.clone(), *kept)),
            (None, kept) => own(target, kept),
        }
    }
    if !raws.is_empty() {
        merge(target, raws);
    }
    if below.is_empty() {
        return;
    }
    let mut places: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, node) in target.nodes.iter().enumerate() {
        if let Some(name) = node.name() {
            places.entry(name.to_owned()).or_default().push(at);
        }
    }
    for group in below.chunk_by(|first, second| first.0[depth] == second.0[depth]) {
        let (name, index) = group[0].0[depth];
        let at = places.get(name).and_then(|found| found.get(index.checked_sub(1)?)).copied();
        let at = match at {
            Some(at) => at,
            None if PARTS.split_ascii_whitespace().any(|part| part == name) => {
                target.push(Out::new(name));
                target.nodes.len() - 1
            }
            None => continue,
        };
        if let Node::Element(child) = &mut target.nodes[at] {
            fill(child, group, depth + 1);
        }
    }
}

/// Sets whole elements among the children, each at its number; those whose number is past the end
/// come last.
fn merge(target: &mut Out, raws: HashMap<&str, Vec<(usize, &str)>>) {
    let raw = |name: &str, xml: &str| Node::Raw { name: name.to_owned(), xml: xml.to_owned() };
    let mut waiting: HashMap<&str, Waiting> =
        raws.into_iter().map(|(name, raws)| (name, (1, raws.into_iter().peekable()))).collect();
    let mut nodes = Vec::with_capacity(target.nodes.len() + waiting.len());
    for node in std::mem::take(&mut target.nodes) {
        let name = node.name().unwrap_or_default();
        if let Some((next, raws)) = waiting.get_mut(name) {
            while let Some((_, xml)) = raws.next_if(|(index, _)| index <= next) {
                nodes.push(raw(name, xml));
                *next += 1;
            }
            *next += 1;
        }
        nodes.push(node);
    }
    let mut left: Vec<_> = waiting.into_iter().collect();
    left.sort_by_key(|(name, _)| *name);
    for (name, (_, raws)) in left {
        nodes.extend(raws.map(|(_, xml)| raw(name, xml)));
    }
    target.nodes = nodes;
}

/// Puts back what stood directly in an element.
fn own(target: &mut Out, kept: &Kept) {
    match kept {
        Kept::Attribute { name, namespace, value } => {
            attribute(target, name, namespace.as_deref(), value);
        }
        Kept::Text(text) => target.nodes.insert(0, Node::Text(text.clone())),
        Kept::Markup { text, xml } => markup(target, text, xml),
        Kept::Element { .. } => {} // an element has a name, so its place has a step of its own
    }
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
