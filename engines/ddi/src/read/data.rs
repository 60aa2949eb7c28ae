//! Reads `fileDscr` and `dataDscr`: files, variables, groups.

use super::word::{coded, term, texts_with};
use crate::element::{Element, Node, Owner};
use crate::model::{
    Category, CodeBook, DataFile, Derivation, Format, Interval, Item, Location, Note, Question,
    Range, Stat, ValueRange, Variable, VariableGroup,
};
use crate::problem::Code;

pub fn files(root: &mut Element<'_>, book: &mut CodeBook) {
    let mut number = 0;
    book.files = root.each("fileDscr", |element| {
        element.owner = Some(Owner::File(number));
        number += 1;
        file(element)
    });
}

fn file(element: &mut Element<'_>) -> DataFile {
    let mut file = DataFile {
        id: element.attribute("ID"),
        uri: element.attribute("URI"),
        ..DataFile::default()
    };
    element.part("fileTxt", |text| {
        file.names = text.texts("fileName");
        file.contents = text.texts("fileCont");
        text.part("fileStrc", |structure| file.structure = structure.attribute("type"));
        text.part("dimensns", |dimensions| {
            file.cases = count(dimensions, "caseQnty");
            file.variables = count(dimensions, "varQnty");
        });
        (file.kinds, file.charset) = texts_with(text, "fileType", "charset");
        file.formats = text.texts("format");
        file.places = text.texts("filePlac");
    });
    file
}

/// Takes a whole number that stands alone in an element; anything else stays and is reported.
fn count(element: &mut Element<'_>, name: &str) -> Option<u64> {
    let number = |child: &Element<'_>| match child.nodes.as_slice() {
        [Node::Text(text)] => {
            text.trim().parse::<u64>().ok().filter(|n| n.to_string() == text.trim())
        }
        _ => None,
    };
    let mut found = None;
    let is_number = |child: &mut Element<'_>| {
        found = number(child);
        if found.is_none() {
            child.report(Code::BadValue, format!("`{name}` is no whole number"), true);
        }
        found.is_some()
    };
    element.one_if(name, is_number, Element::text);
    found
}

pub fn data(data: &mut Element<'_>, book: &mut CodeBook) {
    let mut number = 0;
    book.variables = data.each("var", |element| {
        element.owner = Some(Owner::Variable(number));
        number += 1;
        variable(element)
    });
    let mut number = 0;
    book.groups = data.each("varGrp", |element| {
        element.owner = Some(Owner::Group(number));
        number += 1;
        group(element)
    });
}

fn variable(element: &mut Element<'_>) -> Variable {
    Variable {
        id: element.attribute("ID"),
        name: element.attribute("name").unwrap_or_default(),
        files: element.list("files"),
        interval: element.attribute_as("intrvl", |value| match value {
            "contin" => Some(Interval::Continuous),
            "discrete" => Some(Interval::Discrete),
            _ => None,
        }),
        decimals: element.attribute_as("dcml", whole),
        weight: is_set(element, "wgt", "wgt", "not-wgt"),
        weight_variables: element.list("wgt-var"),
        locations: element.each("location", location),
        labels: element.texts("labl"),
        question: element.structure("qstn", question),
        valid: element.structure("valrng", values),
        invalid: element.structure("invalrng", values),
        undocumented_codes: element.texts("undocCod"),
        universes: element.each("universe", coded),
        stats: element.each("sumStat", stat),
        definitions: element.texts("txt"),
        categories: element.each("catgry", category),
        coding_instructions: element.texts("codInstr"),
        concepts: element.each("concept", term),
        derivation: element.structure("derivation", derivation),
        format: element.one("varFormat", format),
        notes: element.each("notes", note),
        line: element.place.line,
        residue: Vec::new(),
    }
}

/// A number in its plain form: `007` stays as it is, so that an export gives it back.
fn whole(value: &str) -> Option<u32> {
    value.parse().ok().filter(|number: &u32| number.to_string() == value)
}

/// Takes an attribute that is `yes` or its schema default `no`; the default is not kept, since it
/// says what its absence says.
fn is_set(element: &mut Element<'_>, name: &str, yes: &str, no: &str) -> bool {
    let read = |value: &str| (value == yes || value == no).then(|| value == yes);
    element.attribute_as(name, read).unwrap_or(false)
}

fn location(element: &mut Element<'_>) -> Location {
    Location {
        start: element.attribute_as("StartPos", whole),
        end: element.attribute_as("EndPos", whole),
        width: element.attribute_as("width", whole),
        record: element.attribute_as("RecSegNo", whole),
        file: element.attribute("fileid"),
    }
}

fn question(element: &mut Element<'_>) -> Question {
    Question {
        id: element.attribute("ID"),
        pre: element.texts("preQTxt"),
        literal: element.texts("qstnLit"),
        post: element.texts("postQTxt"),
        instructions: element.texts("ivuInstr"),
        // Markup beside the claimed parts (lists, links) stays residue: it is no question.
        text: own_text(element),
    }
}

/// Takes the text that stands directly in an element, when nothing else is left in it.
fn own_text(element: &mut Element<'_>) -> String {
    let is_left = |node: &Node| matches!(node, Node::Element(child) if !child.claimed);
    if element.nodes.iter().any(is_left) { String::new() } else { element.text() }
}

fn values(element: &mut Element<'_>) -> ValueRange {
    ValueRange {
        ranges: element.each("range", |range| Range {
            units: range.attribute("UNITS"),
            min: range.attribute("min"),
            min_exclusive: range.attribute("minExclusive"),
            max: range.attribute("max"),
            max_exclusive: range.attribute("maxExclusive"),
        }),
        items: element.each("item", |item| Item {
            units: item.attribute("UNITS"),
            value: item.attribute("VALUE"),
        }),
    }
}

fn stat(element: &mut Element<'_>) -> Stat {
    Stat {
        kind: element.attribute("type"),
        weighted: is_set(element, "wgtd", "wgtd", "not-wgtd"),
        value: element.text(),
    }
}

fn category(element: &mut Element<'_>) -> Category {
    Category {
        id: element.attribute("ID"),
        value: element.one("catValu", Element::text),
        labels: element.texts("labl"),
        missing: is_set(element, "missing", "Y", "N"),
        definitions: element.texts("txt"),
        stats: element.each("catStat", stat),
    }
}

fn derivation(element: &mut Element<'_>) -> Derivation {
    Derivation {
        variables: element.list("var"),
        descriptions: element.texts("drvdesc"),
        commands: element.texts("drvcmd"),
    }
}

fn format(element: &mut Element<'_>) -> Format {
    Format {
        kind: element.attribute("type"),
        schema: element.attribute("schema"),
        name: element.attribute("formatname"),
        category: element.attribute("category"),
        text: element.text(),
    }
}

fn note(element: &mut Element<'_>) -> Note {
    Note {
        kind: element.attribute("type"),
        subject: element.attribute("subject"),
        level: element.attribute("level"),
        text: element.text(),
        language: element.language(),
    }
}

fn group(element: &mut Element<'_>) -> VariableGroup {
    VariableGroup {
        id: element.attribute("ID"),
        name: element.attribute("name"),
        kind: element.attribute("type"),
        variables: element.list("var"),
        groups: element.list("varGrp"),
        labels: element.texts("labl"),
        definitions: element.texts("txt"),
        concepts: element.each("concept", term),
        universes: element.each("universe", coded),
        residue: Vec::new(),
    }
}
