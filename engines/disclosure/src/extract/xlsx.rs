//! XLSX workbooks: every sheet with what hides in it, and every cache behind them.

use std::collections::{HashMap, HashSet};

use super::archive::Package;
use super::grid::{self, GridRow};
use super::reading::Reading;
use super::xlsx_cells;
use super::xlsx_styles::Styles;
use super::xml::{self, Xml};
use super::{Part, RawTable, Sight, Unread, ooxml_chart, props};
use crate::content::Kind;
use crate::report::Location;
use crate::value::Decimal;

/// A sheet as the workbook lists it.
#[derive(Debug)]
struct Sheet {
    name: String,
    relation: String,
    state: Option<String>,
}

/// What the workbook's own part says.
#[derive(Debug, Default)]
struct Workbook {
    sheets: Vec<Sheet>,
    /// Hidden names with what they stand for.
    hidden_names: Vec<(String, String)>,
    date1904: bool,
}

/// Reads a workbook.
///
/// # Errors
/// When its own parts cannot be read; a part that breaks the format is noted and passed over.
pub fn read(reading: &mut Reading, package: &mut Package<'_>) -> Result<(), Unread> {
    let workbook = workbook(reading, package)?;
    let relations = relations(reading, package, "xl/_rels/workbook.xml.rels")?;
    let strings = match package.bytes("xl/sharedStrings.xml", &mut reading.budget)? {
        Some(bytes) => xml::texts(&bytes, "si", "")?.into_iter().map(|(_, text)| text).collect(),
        None => Vec::new(),
    };
    let mut styles = match package.bytes("xl/styles.xml", &mut reading.budget)? {
        Some(bytes) => Styles::read(&bytes)?,
        None => Styles::default(),
    };
    styles.date1904 = workbook.date1904;
    let mut visible = HashSet::new();
    for sheet in &workbook.sheets {
        let Some(target) = relations.get(&sheet.relation) else { return Err(Unread::Damaged) };
        let path = resolve("xl/workbook.xml", target);
        let Some(bytes) = package.bytes(&path, &mut reading.budget)? else {
            return Err(Unread::Damaged);
        };
        let found = xlsx_cells::read(&bytes, &strings, &styles)?;
        let name = sheet.name.clone();
        reading.inside(
            |within| within.sheet = Some(name),
            |reading| {
                if sheet.state.is_none() {
                    visible.extend(
                        found.rows.iter().flat_map(|r| r.cells.iter().map(|c| c.1.clone())),
                    );
                }
                show(reading, sheet, found)?;
                around(reading, package, &path)
            },
        )?;
    }
    names(reading, &workbook);
    caches(reading, package, &visible)?;
    props::ooxml(reading, package)
}

fn workbook(reading: &mut Reading, package: &mut Package<'_>) -> Result<Workbook, Unread> {
    let bytes = package.bytes("xl/workbook.xml", &mut reading.budget)?.ok_or(Unread::Damaged)?;
    let mut out = Workbook::default();
    let mut name = None;
    xml::walk(&bytes, |event| {
        match event {
            Xml::Open("sheet", a) => out.sheets.push(Sheet {
                name: a.get("name").unwrap_or_default(),
                relation: a.get("r:id").or_else(|| a.get("id")).unwrap_or_default(),
                state: a.get("state").filter(|state| state != "visible"),
            }),
            Xml::Open("workbookPr", a) => out.date1904 = a.is_on("date1904"),
            Xml::Open("definedName", a) if a.is_on("hidden") => name = a.get("name"),
            Xml::Close("definedName") => name = None,
            Xml::Text(text) => {
                if let Some(name) = &name {
                    out.hidden_names.push((name.clone(), text.to_owned()));
                }
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(out)
}

/// The targets of a part's relations by their id.
pub fn relations(
    reading: &mut Reading,
    package: &mut Package<'_>,
    part: &str,
) -> Result<HashMap<String, String>, Unread> {
    let mut out = HashMap::new();
    if let Some(bytes) = package.bytes(part, &mut reading.budget)? {
        xml::walk(&bytes, |event| {
            if let Xml::Open("Relationship", a) = event {
                out.insert(a.get("Id").unwrap_or_default(), a.get("Target").unwrap_or_default());
            }
            Ok(())
        })?;
    }
    Ok(out)
}

/// The path of a relation's target: absolute, or relative to the folder of `part`.
pub fn resolve(part: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut path: Vec<&str> = part.split('/').collect();
    path.pop();
    for step in target.split('/') {
        match step {
            ".." => {
                path.pop();
            }
            "." => {}
            step => path.push(step),
        }
    }
    path.join("/")
}

/// Puts a sheet's tables and what hides in it into the document.
fn show(reading: &mut Reading, sheet: &Sheet, found: xlsx_cells::Cells) -> Result<(), Unread> {
    let filled = found.rows.iter().map(|row| row.cells.len()).sum::<usize>();
    if let Some(state) = sheet.state.as_deref().filter(|_| filled > 0) {
        let how = if state == "veryHidden" { "very hidden" } else { "hidden" };
        reading.see(Sight::HiddenSheet, Location::default(), format!("{how} sheet {}", sheet.name));
    }
    for (line, what) in found.hidden_rows {
        let at = Location { line: Some(line), ..Location::default() };
        reading.see(Sight::HiddenRow, at, what);
    }
    for (column, cell, what) in found.hidden_columns {
        reading.see_cell(Sight::HiddenColumn, &cell, format!("column {column}: {what}"));
    }
    for (sight, cell, what) in found.odd {
        reading.see_cell(sight, &cell, what);
    }
    for cell in found.valueless {
        reading.see_cell(Sight::Unread, &cell, "a formula without its value");
    }
    let decimal = found.decimals.then_some(Decimal::Point);
    let (tables, lines) = grid::cut(&found.rows, decimal)?;
    let mut part = Part::new(Kind::Office);
    (part.tables, part.lines) = (tables, lines);
    part.lines.extend(found.margins.into_iter().map(|text| super::Line { number: 0, text }));
    reading.part(part);
    Ok(())
}

/// Comments, drawings and other parts that hang on a sheet.
fn around(reading: &mut Reading, package: &mut Package<'_>, path: &str) -> Result<(), Unread> {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let rels = format!("{folder}/_rels/{file}.rels");
    let mut targets: Vec<String> = relations(reading, package, &rels)?.into_values().collect();
    targets.sort();
    for target in targets.iter().map(|target| resolve(path, target)) {
        let lower = target.to_lowercase();
        let xml = lower.strip_suffix(".xml").is_some();
        if lower.contains("comment") && xml {
            let Some(bytes) = package.bytes(&target, &mut reading.budget)? else { continue };
            let element = if lower.contains("threaded") { "threadedComment" } else { "comment" };
            for (cell, text) in super::xml::texts(&bytes, element, "ref")? {
                reading.see_cell(Sight::Comment, &cell, text.trim());
            }
        } else if lower.contains("drawings/drawing") && xml {
            drawing(reading, package, &target)?;
        }
    }
    Ok(())
}

/// Text boxes and pictures laid over a sheet.
fn drawing(reading: &mut Reading, package: &mut Package<'_>, path: &str) -> Result<(), Unread> {
    if let Some(bytes) = package.bytes(path, &mut reading.budget)? {
        let texts = xml::texts(&bytes, "txBody", "")?;
        let mut part = Part::new(Kind::Office);
        part.lines = texts.into_iter().map(|(_, text)| super::Line { number: 0, text }).collect();
        if !part.lines.is_empty() {
            let name = path.to_owned();
            reading.inside(|within| within.part = Some(name), |reading| reading.part(part));
        }
    }
    Ok(())
}

/// Hidden names; those that Excel itself keeps for filters and printing say nothing.
fn names(reading: &mut Reading, workbook: &Workbook) {
    let own = |name: &str| {
        name.starts_with("_xlnm.") || name.starts_with("_xlfn") || name.starts_with("_xlchart")
    };
    for (name, text) in workbook.hidden_names.iter().filter(|(name, _)| !own(name)) {
        reading.see(Sight::HiddenName, Location::default(), format!("{name} = {text}"));
    }
}

/// What Excel keeps behind pivot tables, charts and links, and files laid into the workbook.
fn caches(
    reading: &mut Reading,
    package: &mut Package<'_>,
    visible: &HashSet<String>,
) -> Result<(), Unread> {
    for name in package.named("xl/pivotCache/pivotCacheRecords", ".xml") {
        let bytes = package.bytes(&name, &mut reading.budget)?.ok_or(Unread::Damaged)?;
        let mut records = 0;
        xml::walk(&bytes, |event| {
            records += usize::from(matches!(event, Xml::Open("r", _)));
            Ok(())
        })?;
        if records > 0 {
            reading.inside(|w| w.part = Some(name), |r| r.see_many(Sight::PivotCache, "", records));
        }
    }
    for name in package.named("xl/pivotCache/pivotCacheDefinition", ".xml") {
        let bytes = package.bytes(&name, &mut reading.budget)?.ok_or(Unread::Damaged)?;
        shared_items(reading, &name, &bytes, visible)?;
    }
    for name in package.named("xl/externalLinks/externalLink", ".xml") {
        let bytes = package.bytes(&name, &mut reading.budget)?.ok_or(Unread::Damaged)?;
        let values = xml::texts(&bytes, "v", "")?.len();
        if values > 0 {
            reading
                .inside(|w| w.part = Some(name), |r| r.see_many(Sight::ExternalCache, "", values));
        }
    }
    for name in package.named("xl/externalLinks/_rels/", ".rels") {
        let mut targets: Vec<_> = relations(reading, package, &name)?.into_values().collect();
        targets.sort();
        for target in targets {
            reading.inside(|w| w.part = Some(name.clone()), |r| props::path(r, "link", &target));
        }
    }
    if let Some(text) = package.text("xl/connections.xml", &mut reading.budget)? {
        reading.inside(
            |w| w.part = Some("xl/connections.xml".into()),
            |r| props::path(r, "connection", &text),
        );
    }
    for name in package.named("xl/tables/", ".xml") {
        let bytes = package.bytes(&name, &mut reading.budget)?.ok_or(Unread::Damaged)?;
        let known = table_is_shown(&bytes, visible)?;
        if !known {
            reading.inside(|w| w.part = Some(name), |r| r.unread(Unread::NoParser));
        }
    }
    if package.has("xl/model/item.data") {
        reading.see(Sight::EmbeddedFile, Location::default(), "xl/model/item.data");
    }
    ooxml_chart::read(reading, package, "xl/", Some(visible))?;
    media(reading, package, "xl/")
}

/// Whether the names that a table of a sheet keeps are those of cells that are shown, or those
/// that Excel gives to columns without a header.
fn table_is_shown(bytes: &[u8], visible: &HashSet<String>) -> Result<bool, Unread> {
    let mut known = true;
    let plain = |name: &str| {
        let digits = name.trim_start_matches("Column").trim_start_matches("Colonne");
        digits.len() < name.len() && digits.chars().all(|c| c.is_ascii_digit())
    };
    xml::walk(bytes, |event| {
        if let Xml::Open("tableColumn", a) = event {
            let name = a.get("name").unwrap_or_default().replace("_x000a_", "\n");
            known &= visible.contains(&name) || plain(&name);
        }
        Ok(())
    })?;
    Ok(known)
}

/// The distinct values of a pivot table's source. Those that the sheets show too tell nothing.
fn shared_items(
    reading: &mut Reading,
    name: &str,
    bytes: &[u8],
    visible: &HashSet<String>,
) -> Result<(), Unread> {
    let (mut hidden, mut sample) = (0, String::new());
    xml::walk(bytes, |event| {
        if let Xml::Open("s" | "n" | "d", a) = event
            && let Some(value) = a.get("v")
            && !visible.contains(&value)
        {
            hidden += 1;
            if sample.len() < 80 {
                sample = format!("{sample} {value}");
            }
        }
        Ok(())
    })?;
    if hidden > 0 {
        let name = name.to_owned();
        reading.inside(
            |w| w.part = Some(name),
            |r| r.see_many(Sight::PivotCache, sample.trim(), hidden),
        );
    }
    Ok(())
}

/// Pictures and embedded files of an Office Open XML document.
///
/// # Errors
/// What the package cannot give.
pub fn media(reading: &mut Reading, package: &mut Package<'_>, root: &str) -> Result<(), Unread> {
    for name in package.named(&format!("{root}media/"), "") {
        let bytes = package.bytes(&name, &mut reading.budget)?.ok_or(Unread::Damaged)?;
        reading.embedded(&name, &bytes);
    }
    for name in package.named(&format!("{root}embeddings/"), "") {
        let bytes = package.bytes(&name, &mut reading.budget)?.ok_or(Unread::Damaged)?;
        let part = name.clone();
        reading.inside(
            |within| within.part = Some(part),
            |reading| reading.see(Sight::EmbeddedFile, Location::default(), name.clone()),
        );
        reading.embedded(&name, &bytes);
    }
    Ok(())
}

/// A table from rows of texts, as charts and slides give them.
pub fn table_of(rows: Vec<Vec<String>>) -> Result<Vec<RawTable>, Unread> {
    let rows: Vec<GridRow> = (1..)
        .zip(rows)
        .map(|(line, row)| GridRow { line, cells: row.into_iter().enumerate().collect() })
        .collect();
    Ok(grid::cut(&rows, Some(Decimal::Point))?.0)
}
