//! What a code book says that cannot be right: missing names, references to nothing.

use std::collections::HashSet;

use crate::element::{Element, Node, Owner};
use crate::model::{CodeBook, Variable};
use crate::problem::Code;

/// Reports on the elements; changes nothing in the model.
pub fn check(root: &mut Element<'_>, book: &CodeBook) {
    if book.titles.is_blank() {
        root.report(Code::MissingTitle, "the study has no title", true);
    }
    let files: HashSet<&str> = book.files.iter().filter_map(|file| file.id.as_deref()).collect();
    let variables: HashSet<&str> =
        book.variables.iter().filter_map(|variable| variable.id.as_deref()).collect();
    let mut names = HashSet::new();
    for element in descendants(root) {
        let dangling: Vec<(&str, &String)> = match element.owner {
            Some(Owner::Variable(index)) => {
                let variable = &book.variables[index];
                name(element, variable, &mut names);
                let files = missing(&variable.files, &files).map(|id| ("file", id));
                let weights = missing(&variable.weight_variables, &variables);
                files.chain(weights.map(|id| ("weight variable", id))).collect()
            }
            Some(Owner::Group(index)) => missing(&book.groups[index].variables, &variables)
                .map(|id| ("variable", id))
                .collect(),
            Some(Owner::File(_)) | None => Vec::new(),
        };
        for (what, id) in dangling {
            element.report(Code::DanglingReference, format!("there is no {what} `{id}`"), true);
        }
    }
}

fn name<'b>(
    element: &mut Element<'_>,
    variable: &'b Variable,
    names: &mut HashSet<(&'b str, &'b [String])>,
) {
    if variable.name.is_empty() {
        element.report(Code::MissingName, "the variable has no name", true);
    } else if !names.insert((&variable.name, &variable.files)) {
        let message = format!("another variable of the file is called `{}`", variable.name);
        element.report(Code::DuplicateName, message, true);
    }
}

fn missing<'b>(ids: &'b [String], known: &HashSet<&str>) -> impl Iterator<Item = &'b String> {
    ids.iter().filter(|id| !known.contains(id.as_str()))
}

/// The elements that own a part of the model: children and grandchildren of the root.
fn descendants<'r, 'd>(root: &'r mut Element<'d>) -> Vec<&'r mut Element<'d>> {
    let mut found = Vec::new();
    for node in &mut root.nodes {
        let Node::Element(child) = node else { continue };
        if child.owner.is_some() {
            found.push(child);
        } else if child.name == "dataDscr" {
            let grandchildren = child.nodes.iter_mut().filter_map(|node| match node {
                Node::Element(grandchild) if grandchild.owner.is_some() => Some(grandchild),
                _ => None,
            });
            found.extend(grandchildren);
        }
    }
    found
}
