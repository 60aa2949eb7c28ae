//! Writes `fileDscr` and `dataDscr`; the mirror of `read/data.rs`.

use super::out::Out;
use super::restore::restore;
use super::study::{coded, term};
use crate::model::{
    Category, CodeBook, DataFile, Derivation, Format, Interval, Location, Note, Question, Stat,
    ValueRange, Variable, VariableGroup,
};

pub fn file(file: &DataFile) -> Out {
    let mut text = Out::new("fileTxt");
    text.push_texts("fileName", &file.names);
    text.push_texts("fileCont", &file.contents);
    text.push_part(Out::new("fileStrc").maybe("type", file.structure.as_ref()));
    let mut dimensions = Out::new("dimensns");
    for (name, count) in [("caseQnty", file.cases), ("varQnty", file.variables)] {
        if let Some(count) = count {
            dimensions.push(Out::new(name).text(&count.to_string()));
        }
    }
    text.push_part(dimensions);
    for (number, (language, kind)) in file.kinds.0.iter().enumerate() {
        let charset = file.charset.as_ref().filter(|_| number == 0);
        text.push(Out::leaf("fileType", language.as_ref(), kind).maybe("charset", charset));
    }
    text.push_texts("format", &file.formats);
    text.push_texts("filePlac", &file.places);
    let mut out =
        Out::new("fileDscr").maybe("ID", file.id.as_ref()).maybe("URI", file.uri.as_ref());
    out.push_part(text);
    restore(&mut out, &file.residue);
    out
}

pub fn data(book: &CodeBook) -> Out {
    let mut data = Out::new("dataDscr");
    for group in &book.groups {
        data.push(self::group(group));
    }
    for variable in &book.variables {
        data.push(self::variable(variable));
    }
    data
}

fn variable(variable: &Variable) -> Out {
    let interval = variable.interval.map(|interval| match interval {
        Interval::Continuous => "contin".to_owned(),
        Interval::Discrete => "discrete".to_owned(),
    });
    let name = Some(&variable.name).filter(|name| !name.is_empty());
    let weight = variable.weight.then(|| "wgt".to_owned());
    let mut out = Out::new("var")
        .maybe("ID", variable.id.as_ref())
        .maybe("name", name)
        .list("files", &variable.files)
        .maybe("intrvl", interval.as_ref())
        .number("dcml", variable.decimals)
        .maybe("wgt", weight.as_ref())
        .list("wgt-var", &variable.weight_variables);
    out.push_all("location", &variable.locations, location);
    out.push_texts("labl", &variable.labels);
    variable.question.iter().for_each(|question| out.push(self::question(question)));
    variable.valid.iter().for_each(|valid| out.push(values("valrng", valid)));
    variable.invalid.iter().for_each(|invalid| out.push(values("invalrng", invalid)));
    out.push_texts("undocCod", &variable.undocumented_codes);
    out.push_all("universe", &variable.universes, coded);
    out.push_all("sumStat", &variable.stats, stat);
    out.push_texts("txt", &variable.definitions);
    out.push_all("catgry", &variable.categories, category);
    out.push_texts("codInstr", &variable.coding_instructions);
    out.push_all("concept", &variable.concepts, term);
    variable.derivation.iter().for_each(|derivation| out.push(self::derivation(derivation)));
    variable.format.iter().for_each(|format| out.push(self::format(format)));
    out.push_all("notes", &variable.notes, note);
    restore(&mut out, &variable.residue);
    out
}

fn location(name: &str, location: &Location) -> Out {
    Out::new(name)
        .number("StartPos", location.start)
        .number("EndPos", location.end)
        .number("width", location.width)
        .number("RecSegNo", location.record)
        .maybe("fileid", location.file.as_ref())
}

fn question(question: &Question) -> Out {
    let mut out = Out::new("qstn").maybe("ID", question.id.as_ref()).text(&question.text);
    out.push_texts("preQTxt", &question.pre);
    out.push_texts("qstnLit", &question.literal);
    out.push_texts("postQTxt", &question.post);
    out.push_texts("ivuInstr", &question.instructions);
    out
}

fn values(name: &str, values: &ValueRange) -> Out {
    let mut out = Out::new(name);
    out.push_all("item", &values.items, |name, item| {
        Out::new(name).maybe("UNITS", item.units.as_ref()).maybe("VALUE", item.value.as_ref())
    });
    out.push_all("range", &values.ranges, |name, range| {
        Out::new(name)
            .maybe("UNITS", range.units.as_ref())
            .maybe("min", range.min.as_ref())
            .maybe("minExclusive", range.min_exclusive.as_ref())
            .maybe("max", range.max.as_ref())
            .maybe("maxExclusive", range.max_exclusive.as_ref())
    });
    out
}

fn stat(name: &str, stat: &Stat) -> Out {
    let weighted = stat.weighted.then(|| "wgtd".to_owned());
    Out::new(name)
        .maybe("type", stat.kind.as_ref())
        .maybe("wgtd", weighted.as_ref())
        .text(&stat.value)
}

fn category(name: &str, category: &Category) -> Out {
    let missing = category.missing.then(|| "Y".to_owned());
    let mut out =
        Out::new(name).maybe("ID", category.id.as_ref()).maybe("missing", missing.as_ref());
    category.value.iter().for_each(|value| out.push(Out::new("catValu").text(value)));
    out.push_texts("labl", &category.labels);
    out.push_texts("txt", &category.definitions);
    out.push_all("catStat", &category.stats, stat);
    out
}

fn derivation(derivation: &Derivation) -> Out {
    let mut out = Out::new("derivation").list("var", &derivation.variables);
    out.push_texts("drvdesc", &derivation.descriptions);
    out.push_texts("drvcmd", &derivation.commands);
    out
}

fn format(format: &Format) -> Out {
    Out::new("varFormat")
        .maybe("type", format.kind.as_ref())
        .maybe("schema", format.schema.as_ref())
        .maybe("formatname", format.name.as_ref())
        .maybe("category", format.category.as_ref())
        .text(&format.text)
}

fn note(name: &str, note: &Note) -> Out {
    Out::leaf(name, note.language.as_ref(), &note.text)
        .maybe("type", note.kind.as_ref())
        .maybe("subject", note.subject.as_ref())
        .maybe("level", note.level.as_ref())
}

fn group(group: &VariableGroup) -> Out {
    let mut out = Out::new("varGrp")
        .maybe("ID", group.id.as_ref())
        .maybe("name", group.name.as_ref())
        .maybe("type", group.kind.as_ref())
        .list("var", &group.variables)
        .list("varGrp", &group.groups);
    out.push_texts("labl", &group.labels);
    out.push_texts("txt", &group.definitions);
    out.push_all("concept", &group.concepts, term);
    out.push_all("universe", &group.universes, coded);
    restore(&mut out, &group.residue);
    out
}
