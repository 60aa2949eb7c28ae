//! Documents that flow: paragraphs and tables one after the other, tables inside tables.

use super::grid::{self, GridRow};
use super::{Line, Part, Unread};
use crate::content::Kind;

/// Tables inside tables that are read at most.
const MAX_NESTED: usize = 16;

/// Collects a document as its events come.
#[derive(Debug)]
pub struct Flow {
    /// What was collected so far.
    pub part: Part,
    /// Lines so far: paragraphs and rows of tables.
    line: u32,
    told: bool,
    text: String,
    open: Vec<Open>,
}

/// A table that is being read.
#[derive(Debug, Default)]
struct Open {
    rows: Vec<GridRow>,
    column: usize,
    /// Column, rows that the cell still covers, and its text: labels merged over rows.
    spans: Vec<(usize, usize, String)>,
    cell: Option<(usize, usize)>,
    text: String,
    caption: String,
}

impl Flow {
    /// An empty document.
    pub fn new(kind: Kind) -> Self {
        Self { part: Part::new(kind), line: 1, told: false, text: String::new(), open: Vec::new() }
    }

    /// Lines are counted by paragraphs and rows, unless the file's own are told.
    fn next_line(&mut self) {
        if !self.told {
            self.line = self.line.saturating_add(1);
        }
    }

    /// The line that is being read.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// Counts a line of the file's own instead of paragraphs.
    pub fn set_line(&mut self, line: u32) {
        (self.line, self.told) = (line, true);
    }

    /// Whether a table is open.
    pub fn in_table(&self) -> bool {
        !self.open.is_empty()
    }

    /// Adds text to the paragraph or the cell.
    pub fn text(&mut self, text: &str) {
        match self.open.last_mut() {
            Some(open) if open.cell.is_some() => open.text.push_str(text),
            // Text between the cells of a table is its caption.
            Some(open) => open.caption.push_str(text),
            None => self.text.push_str(text),
        }
    }

    /// Ends a paragraph. In a cell it is a blank.
    pub fn paragraph(&mut self) {
        if !self.open.is_empty() {
            self.text(" ");
            return;
        }
        let text = std::mem::take(&mut self.text);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if !text.is_empty() {
            self.part.lines.push(Line { number: self.line, text });
            self.next_line();
        }
    }

    /// Opens a table.
    pub fn open_table(&mut self) -> Result<(), Unread> {
        if self.open.len() >= MAX_NESTED {
            return Err(Unread::TooDeep);
        }
        if self.open.is_empty() {
            self.paragraph();
        }
        self.open.push(Open::default());
        Ok(())
    }

    /// Opens a row.
    pub fn open_row(&mut self) {
        let line = self.line;
        self.close_cell();
        if let Some(open) = self.open.last_mut() {
            open.rows.push(GridRow { line, cells: Vec::new() });
            open.column = 0;
        }
        self.next_line();
    }

    /// Opens a cell over `columns` columns and `rows` rows.
    pub fn open_cell(&mut self, columns: usize, rows: usize) {
        self.close_cell();
        if self.open.last().is_some_and(|open| open.rows.is_empty()) {
            self.open_row();
        }
        if let Some(open) = self.open.last_mut() {
            open.skip_spans();
            open.cell = Some((columns.clamp(1, 1000), rows.clamp(1, 10_000)));
        }
    }

    /// Says of the open cell that it covers `columns` columns.
    pub fn widen_cell(&mut self, columns: usize) {
        if let Some((wide, _)) = self.open.last_mut().and_then(|open| open.cell.as_mut()) {
            *wide = columns.clamp(1, 1000);
        }
    }

    /// Closes the cell, if one is open.
    pub fn close_cell(&mut self) {
        let Some(open) = self.open.last_mut() else { return };
        let Some((columns, rows)) = open.cell.take() else { return };
        let text = std::mem::take(&mut open.text).split_whitespace().collect::<Vec<_>>().join(" ");
        if rows > 1 {
            open.spans.push((open.column, rows - 1, text.clone()));
        }
        if let Some(row) = open.rows.last_mut() {
            row.cells.push((open.column, text));
        }
        open.column += columns;
    }

    /// Closes a row.
    pub fn close_row(&mut self) {
        self.close_cell();
        if let Some(open) = self.open.last_mut() {
            open.skip_spans();
        }
    }

    /// Closes a table; what is inside another table becomes text of its cell too.
    pub fn close_table(&mut self) -> Result<(), Unread> {
        self.close_cell();
        let Some(mut open) = self.open.pop() else { return Ok(()) };
        let caption = open.caption.split_whitespace().collect::<Vec<_>>().join(" ");
        if !caption.is_empty() {
            let line = open.rows.first().map_or(self.line, |row| row.line);
            open.rows.insert(0, GridRow { line, cells: vec![(0, caption)] });
        }
        let (tables, lines) = grid::whole(&open.rows, None)?;
        self.part.tables.extend(tables);
        self.part.lines.extend(lines);
        // The next table does not touch this one.
        self.next_line();
        Ok(())
    }

    /// The whole document.
    ///
    /// # Errors
    /// A table with more cells than are read.
    pub fn finish(mut self) -> Result<Part, Unread> {
        while !self.open.is_empty() {
            self.close_table()?;
        }
        self.paragraph();
        Ok(self.part)
    }
}

impl Open {
    /// Puts the texts of cells that reach down from rows above, and passes over their columns.
    fn skip_spans(&mut self) {
        while let Some(at) = self.spans.iter().position(|span| span.0 == self.column) {
            let Some(row) = self.rows.last_mut() else { return };
            let (column, left, text) = &mut self.spans[at];
            row.cells.push((*column, text.clone()));
            *left -= 1;
            self.column += 1;
            if self.spans[at].1 == 0 {
                self.spans.swap_remove(at);
            }
        }
    }
}
