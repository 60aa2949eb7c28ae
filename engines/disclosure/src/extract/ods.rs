//! ODS spreadsheets.

use super::archive::Package;
use super::grid::{self, GridRow};
use super::odf::{self, Styles};
use super::reading::Reading;
use super::xml::{self, Attributes, Xml};
use super::{MAX_CELLS, Part, Sight, Unread, odt, props};
use crate::content::Kind;
use crate::report::{Location, cell_name};
use crate::value::Decimal;

/// Reads a spreadsheet.
///
/// # Errors
/// What is damaged or too large.
pub fn read(reading: &mut Reading, package: &mut Package<'_>) -> Result<(), Unread> {
    let mut styles = Styles::default();
    if let Some(bytes) = package.bytes("styles.xml", &mut reading.budget)? {
        odf::styles(&bytes, &mut styles)?;
        odt::margins(reading, &bytes)?;
    }
    let bytes = package.bytes("content.xml", &mut reading.budget)?.ok_or(Unread::Damaged)?;
    odf::styles(&bytes, &mut styles)?;
    let mut reader = SheetReader { styles, ..SheetReader::default() };
    xml::walk(&bytes, |event| reader.event(reading, event))?;
    odf::objects(reading, package)?;
    props::odf(reading, package)
}

#[derive(Default)]
struct SheetReader {
    styles: Styles,
    name: String,
    hidden_sheet: bool,
    rows: Vec<GridRow>,
    line: u32,
    /// Hidden columns, from 0, and the next column to be described.
    hidden_columns: Vec<(usize, usize)>,
    columns: usize,
    row: Vec<(usize, String)>,
    row_repeat: u32,
    row_hidden: bool,
    column: usize,
    cell: Option<Cell>,
    note: Option<String>,
    changes: usize,
    in_sheet: bool,
    /// Tables that are open inside the sheet.
    nested: usize,
    decimals: bool,
    cells: usize,
}

#[derive(Default)]
struct Cell {
    text: String,
    value: Option<String>,
    kind: String,
    repeat: usize,
    sight: Option<Sight>,
}

impl SheetReader {
    fn event(&mut self, reading: &mut Reading, event: Xml<'_, '_>) -> Result<(), Unread> {
        match event {
            Xml::Open("tracked-changes", _) => self.changes = 0,
            Xml::Open("cell-content-change" | "insertion" | "deletion", _) => self.changes += 1,
            Xml::Close("tracked-changes") if self.changes > 0 => {
                reading.see_many(Sight::TrackedChange, "", self.changes);
            }
            // A table inside a cell is drawn into it: its figures are not read as a sheet's.
            Xml::Open("table", _) if self.in_sheet => {
                self.nested += 1;
                let sheet = self.name.clone();
                reading.inside(
                    |within| within.sheet = Some(sheet),
                    |reading| {
                        reading.see(Sight::Unread, Location::default(), "a table inside a cell");
                    },
                );
            }
            Xml::Close("table") if self.nested > 0 => self.nested -= 1,
            _ if self.nested > 0 => {}
            Xml::Open("table", a) => self.open_sheet(&a),
            Xml::Close("table") => self.close_sheet(reading)?,
            Xml::Open("table-column", a) if self.in_sheet => {
                let repeat: usize =
                    a.number("number-columns-repeated").unwrap_or(1).clamp(1, 20_000);
                if is_hidden(&a) {
                    self.hidden_columns.push((self.columns, self.columns + repeat - 1));
                }
                self.columns += repeat;
            }
            Xml::Open("table-row", a) if self.in_sheet => {
                self.row_repeat = a.number("number-rows-repeated").unwrap_or(1).max(1);
                self.row_hidden = is_hidden(&a);
                self.column = 0;
            }
            Xml::Close("table-row") if self.in_sheet => self.close_row(reading)?,
            Xml::Open("table-cell" | "covered-table-cell", a) if self.in_sheet => {
                self.open_cell(&a);
            }
            Xml::Close("table-cell" | "covered-table-cell") if self.in_sheet => {
                self.close_cell(reading)?;
            }
            Xml::Open("annotation", _) => self.note = Some(String::new()),
            Xml::Close("annotation") => {
                let name =
                    cell_name(u32::try_from(self.column + 1).unwrap_or(u32::MAX), self.line + 1);
                let note = self.note.take().unwrap_or_default();
                reading.see_cell(Sight::Comment, &name, note.trim());
            }
            Xml::Close("p") => self.text(" "),
            Xml::Text(text) => self.text(text),
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        match (&mut self.note, &mut self.cell) {
            (Some(note), _) => note.push_str(text),
            (None, Some(cell)) => cell.text.push_str(text),
            _ => {}
        }
    }

    fn open_sheet(&mut self, a: &Attributes<'_, '_>) {
        let styles = std::mem::take(&mut self.styles);
        let hidden = a.get("style-name").is_some_and(|style| styles.hidden_tables.contains(&style));
        let cells = self.cells;
        *self = Self { styles, cells, hidden_sheet: hidden, in_sheet: true, ..Self::default() };
        self.name = a.get("name").unwrap_or_default();
    }

    fn open_cell(&mut self, a: &Attributes<'_, '_>) {
        let style = a.get("style-name").unwrap_or_default();
        let sight = match () {
            () if self.styles.white.contains(&style) => Some(Sight::InvisibleFont),
            () if self.styles.hiding.contains(&style) => Some(Sight::HidingFormat),
            () => None,
        };
        self.cell = Some(Cell {
            value: a.get("value").or_else(|| a.get("date-value")),
            kind: a.get("value-type").unwrap_or_default(),
            repeat: a.number("number-columns-repeated").unwrap_or(1).clamp(1, 20_000),
            sight,
            ..Cell::default()
        });
    }

    fn close_cell(&mut self, reading: &mut Reading) -> Result<(), Unread> {
        let Some(cell) = self.cell.take() else { return Ok(()) };
        let text = shown(&cell);
        if !text.is_empty() {
            self.cells += cell.repeat;
            if self.cells > MAX_CELLS {
                return Err(Unread::TooManyCells);
            }
            self.decimals |= matches!(cell.kind.as_str(), "float" | "percentage");
            if let Some(sight) = cell.sight {
                let name =
                    cell_name(u32::try_from(self.column + 1).unwrap_or(u32::MAX), self.line + 1);
                let sheet = self.name.clone();
                reading
                    .inside(|w| w.sheet = Some(sheet), |r| r.see_cell(sight, &name, text.clone()));
            }
            let columns = self.column..self.column + cell.repeat;
            self.row.extend(columns.map(|column| (column, text.clone())));
        }
        self.column += cell.repeat;
        Ok(())
    }

    fn close_row(&mut self, reading: &mut Reading) -> Result<(), Unread> {
        let cells = std::mem::take(&mut self.row);
        if cells.is_empty() {
            self.line = self.line.saturating_add(self.row_repeat);
            return Ok(());
        }
        if self.row_hidden {
            let what = cells.iter().map(|c| c.1.as_str()).take(6).collect::<Vec<_>>().join(" ");
            let at = Location { line: Some(self.line + 1), ..Location::default() };
            let sheet = self.name.clone();
            reading.inside(|w| w.sheet = Some(sheet), |r| r.see(Sight::HiddenRow, at, what));
        }
        let repeat = usize::try_from(self.row_repeat).unwrap_or(usize::MAX);
        self.cells = self.cells.saturating_add((repeat - 1).saturating_mul(cells.len()));
        if self.cells > MAX_CELLS {
            return Err(Unread::TooManyCells);
        }
        for _ in 0..self.row_repeat {
            self.line = self.line.saturating_add(1);
            self.rows.push(GridRow { line: self.line, cells: cells.clone() });
        }
        Ok(())
    }

    fn close_sheet(&mut self, reading: &mut Reading) -> Result<(), Unread> {
        let rows = std::mem::take(&mut self.rows);
        let (sheet, name) = (self.name.clone(), self.name.clone());
        self.in_sheet = false;
        reading.inside(
            |within| within.sheet = Some(sheet),
            |reading| {
                if self.hidden_sheet && !rows.is_empty() {
                    reading.see(
                        Sight::HiddenSheet,
                        Location::default(),
                        format!("hidden sheet {name}"),
                    );
                }
                for (from, to) in &self.hidden_columns {
                    let inside = |c: &&(usize, String)| c.0 >= *from && c.0 <= *to;
                    let first =
                        rows.iter().find_map(|r| Some((r.line, r.cells.iter().find(inside)?)));
                    if let Some((line, (column, text))) = first {
                        let cell = cell_name(u32::try_from(column + 1).unwrap_or(u32::MAX), line);
                        reading.see_cell(Sight::HiddenColumn, &cell, text.clone());
                    }
                }
                let decimal = self.decimals.then_some(Decimal::Point);
                let (tables, lines) = grid::cut(&rows, decimal)?;
                let mut part = Part::new(Kind::Office);
                (part.tables, part.lines) = (tables, lines);
                reading.part(part);
                Ok(())
            },
        )
    }
}

fn is_hidden(a: &Attributes<'_, '_>) -> bool {
    matches!(a.get("visibility").as_deref(), Some("collapse" | "filter"))
}

/// A number with all its digits; anything else as it is written.
fn shown(cell: &Cell) -> String {
    match (cell.kind.as_str(), &cell.value) {
        ("float" | "currency", Some(value)) => value.clone(),
        ("percentage", Some(value)) => match value.parse::<f64>() {
            Ok(number) => {
                let digits = format!("{:.10}", number * 100.0);
                format!("{}%", digits.trim_end_matches('0').trim_end_matches('.'))
            }
            Err(_) => value.clone(),
        },
        _ => cell.text.split_whitespace().collect::<Vec<_>>().join(" "),
    }
}
