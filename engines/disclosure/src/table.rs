//! A table as a reader understands it: titles, headers, labels, and what each number is.

use serde::{Deserialize, Serialize};

use crate::extract::MAX_COLUMNS;
use crate::report::{CellView, Location, TableView, Within};
use crate::value::{self, Decimal, Dress, Value};
use crate::words::{Role, is_base, is_total, role_of};

/// A cell as the file has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawCell {
    /// Its text.
    pub text: String,
    /// Its line of the file, from 1.
    pub line: u32,
    /// Its column of the table, from 0.
    pub column: usize,
}

/// Rows of cells that belong together.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Block {
    /// The rows, none of them blank.
    pub rows: Vec<Vec<RawCell>>,
    /// How many of them are headers, where a ruled line says so.
    pub ruled: Option<usize>,
}

/// A cell of the body.
#[derive(Debug, Clone)]
pub struct Cell {
    /// Its text.
    pub text: String,
    /// What it holds.
    pub value: Value,
    /// Where it is.
    pub place: Location,
}

/// A column of a table.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its headers from top to bottom, joined by a space.
    pub title: String,
    /// What its header and its values say that it holds.
    pub role: Role,
    /// Whether it is the total of others.
    pub total: bool,
    /// Whether it is the base of percentages.
    pub base: bool,
}

/// A row of the body.
#[derive(Debug, Clone)]
pub struct Row {
    /// The texts of its label columns.
    pub label: String,
    /// What its label says that it holds.
    pub role: Role,
    /// Whether it is the total of others.
    pub total: bool,
    /// Whether it is the base of percentages.
    pub base: bool,
    /// Its cells, as many as the table has columns.
    pub cells: Vec<Cell>,
}

/// A table, understood.
#[derive(Debug, Clone)]
pub struct Table {
    /// What stands above and below it, and above its label column.
    pub title: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows below the headers.
    pub rows: Vec<Row>,
    /// How the review screen shows it.
    pub view: TableView,
}

impl Table {
    /// Understands a block as the `index`-th table (from 1) of its file; `None` for prose.
    pub fn build(block: &Block, index: u32, decimal: Decimal) -> Option<Self> {
        let width = block.rows.iter().map(Vec::len).max().unwrap_or(0);
        if width < 2 || block.rows.len() < 2 {
            return None;
        }
        let filled = |row: &Vec<RawCell>| row.iter().filter(|c| !c.text.trim().is_empty()).count();
        let titles = block.rows.iter().take_while(|row| filled(row) <= 1 && row.len() < width);
        let mut titles = titles.count();
        if titles == 0 && block.rows.first().is_some_and(|row| filled(row) == 1) {
            titles = 1;
        }
        let last = block.rows.iter().rposition(|row| filled(row) > 1)?;
        if last < titles {
            return None;
        }
        let headers = block.ruled.filter(|ruled| *ruled > titles && *ruled <= last);
        let headers =
            headers.unwrap_or_else(|| titles + header_rows(&block.rows[titles..=last], decimal));
        let notes = block.rows[..titles].iter().chain(&block.rows[last + 1..]);
        let mut title = notes.flatten().map(|c| c.text.trim()).collect::<Vec<_>>().join(" ");
        let titles_of = column_titles(&block.rows[titles..headers], width);
        if headers > titles {
            title = format!("{title} {}", titles_of.first().map_or("", String::as_str));
        }
        let rows = (headers..=last)
            .map(|at| body_row(&block.rows[at], at, width, index, decimal))
            .collect();
        let columns = titles_of.into_iter().map(|title| Column {
            role: role_of(&title),
            total: is_total(&title),
            base: is_base(&title),
            title,
        });
        let view = view(block, index, headers);
        let mut table = Self { title, columns: columns.collect(), rows, view };
        // Wider tables are compared by no rule, and settling looks at each pair of columns.
        if width <= MAX_COLUMNS {
            crate::roles::settle(&mut table);
        }
        Some(table)
    }

    /// What the number at `row`, `column` is: what its column says, or its row where the column
    /// says nothing.
    pub fn role(&self, row: usize, column: usize) -> Role {
        let own = self.columns.get(column).map_or(Role::Unknown, |c| c.role);
        let side = self.rows.get(row).map_or(Role::Unknown, |r| r.role);
        match (own, side) {
            (Role::Label, _) => Role::Label,
            (Role::Unknown | Role::Sum | Role::Other, side) if side != Role::Unknown => side,
            (Role::Count { .. }, Role::Percent | Role::Quantile(_) | Role::Mean | Role::Spread) => {
                side
            }
            // A title that speaks of counts does so of no row that says it is none.
            (Role::Count { .. }, Role::Other)
                if self.columns.get(column).is_some_and(|c| c.title.trim().is_empty()) =>
            {
                side
            }
            (own, _) => own,
        }
    }

    /// The cell at `row`, `column`.
    pub fn cell(&self, row: usize, column: usize) -> Option<&Cell> {
        self.rows.get(row)?.cells.get(column)
    }

    /// The number at `row`, `column`.
    pub fn number(&self, row: usize, column: usize) -> Option<f64> {
        self.cell(row, column)?.value.number().map(|n| n.value)
    }

    /// Each cell of the body with its row, column and role, label columns left out.
    pub fn figures(&self) -> impl Iterator<Item = (usize, usize, Role, &Cell)> {
        self.rows
            .iter()
            .enumerate()
            .flat_map(move |(r, row)| {
                row.cells.iter().enumerate().map(move |(c, cell)| (r, c, self.role(r, c), cell))
            })
            .filter(|(_, _, role, _)| *role != Role::Label)
    }

    /// The columns of a row whose number has a role that `wanted` accepts.
    pub fn columns_where(&self, row: usize, wanted: impl Fn(Role) -> bool) -> Vec<usize> {
        (0..self.columns.len()).filter(|c| wanted(self.role(row, *c))).collect()
    }

    /// The number of units behind a row: its only count, or its only count that is no total.
    pub fn units(&self, row: usize) -> Option<f64> {
        let counts = self.columns_where(row, |role| role == Role::Count { weighted: false });
        let plain: Vec<_> = counts.iter().filter(|c| !self.columns[**c].total).collect();
        match (counts.as_slice(), plain.as_slice()) {
            ([one], _) => self.number(row, *one),
            (_, [one]) => self.number(row, **one),
            _ => None,
        }
    }

    /// The number of units behind one cell: that of its row, or the count nearest to its left where
    /// each group of columns has its own (`Hommes n`, `Hommes moyenne`, `Femmes n`...).
    pub fn units_beside(&self, row: usize, column: usize) -> Option<f64> {
        let count = |c: &usize| self.role(row, *c) == Role::Count { weighted: false };
        let near = (column.saturating_sub(4)..column).rev().find(count);
        self.units(row).or_else(|| self.number(row, near?))
    }

    /// How the row and the column of a cell are called, for sentences.
    pub fn names(&self, row: usize, column: usize) -> String {
        let label = self.rows.get(row).map_or("", |r| r.label.trim());
        let title = self.columns.get(column).map_or("", |c| c.title.trim());
        let short = |text: &str| text.chars().take(60).collect::<String>();
        match (label, title) {
            ("", "") => "this cell".into(),
            (one, "") | ("", one) => format!("`{}`", short(one)),
            (a, b) => format!("`{}`, `{}`", short(a), short(b)),
        }
    }
}

fn view(block: &Block, index: u32, headers: usize) -> TableView {
    let cell = |c: &RawCell| CellView {
        text: c.text.clone(),
        line: c.line,
        column: u32::try_from(c.column + 1).unwrap_or(u32::MAX),
    };
    TableView {
        table: index,
        header_rows: u32::try_from(headers).unwrap_or(u32::MAX),
        rows: block.rows.iter().map(|row| row.iter().map(cell).collect()).collect(),
        within: Within::default(),
    }
}

/// How many of the first rows are headers: those before the first row of data, at most four.
fn header_rows(rows: &[Vec<RawCell>], decimal: Decimal) -> usize {
    if is_crossed(rows, decimal) {
        return 2;
    }
    let count = rows.iter().take(4).take_while(|row| !is_data(row, decimal)).count();
    let ascending = rows.get(count).is_some_and(|row| count == 0 && is_scale(row, decimal));
    if count == rows.len() { 1 } else { count + usize::from(ascending) }
}

/// Whether a row has figures beside its label; years are no figures.
fn is_data(row: &[RawCell], decimal: Decimal) -> bool {
    let values: Vec<_> = row.iter().skip(1).map(|c| value::read(&c.text, decimal)).collect();
    let year = |v: f64| v.fract() == 0.0 && (1900.0..2101.0).contains(&v);
    let numbers: Vec<f64> = values.iter().filter_map(Value::number).map(|n| n.value).collect();
    let texts = values.iter().filter(|v| matches!(v, Value::Text)).count();
    let masks = values.iter().filter(|v| matches!(v, Value::Mask | Value::NotFinite)).count();
    let years = numbers.len() > 1 && numbers.iter().all(|v| year(*v));
    let rising = numbers.windows(2).all(|pair| pair[0] < pair[1]);
    if years && rising {
        return false;
    }
    numbers.len() > texts || (masks > 0 && masks + numbers.len() > texts) || {
        // A line of microdata may have more words than numbers; a header has no number at all.
        !numbers.is_empty()
            && !years
            && texts < 8 * numbers.len()
            && row.iter().all(|c| role_of(&c.text) == Role::Unknown)
    }
}

/// `grade;2;3` above `tranche;;`: the names of the variable across, with its codes, and of the one
/// down, as pandas writes them above a cross table.
fn is_crossed(rows: &[Vec<RawCell>], decimal: Decimal) -> bool {
    let [across, down, _, ..] = rows else { return false };
    let read = |c: &RawCell| value::read(&c.text, decimal);
    let name = |row: &[RawCell]| row.first().is_some_and(|c| matches!(read(c), Value::Text));
    // Names of variables, and no category whose figures stand beside it.
    let variable = across.first().is_some_and(|c| {
        c.text.trim().starts_with(char::is_lowercase) || crate::roles::is_variable(&c.text)
    });
    let codes: Vec<f64> =
        across.iter().skip(1).filter_map(|c| read(c).number()).map(|n| n.value).collect();
    name(across)
        && name(down)
        && variable
        && codes.len() >= 2
        && codes.windows(2).all(|pair| pair[0] < pair[1])
        && down.len() == across.len()
        && down.iter().skip(1).all(|c| matches!(read(c), Value::Empty))
}

/// `;0;1;2` or `sexe;1;2;3;Base`: the classes of a cross table, not its first line of figures.
fn is_scale(row: &[RawCell], decimal: Decimal) -> bool {
    let values: Vec<_> = row.iter().map(|c| value::read(&c.text, decimal)).collect();
    let Some((first, rest)) = values.split_first() else { return false };
    let numbers: Vec<f64> = rest.iter().map_while(Value::number).map(|n| n.value).collect();
    let ends = &row[1 + numbers.len()..];
    let named = |c: &RawCell| is_total(&c.text) || is_base(&c.text);
    let closed = !ends.is_empty() && ends.iter().all(named);
    let variable = row.first().is_some_and(|c| crate::roles::is_variable(&c.text));
    (matches!(first, Value::Empty) && (ends.is_empty() || closed) || variable && closed)
        && numbers.len() >= 2
        && numbers.windows(2).all(|pair| pair[0] < pair[1])
}

/// The beginning of a header that stands over many columns: each of them keeps a copy.
fn clipped(text: &str) -> &str {
    text.char_indices().nth(200).map_or(text, |(end, _)| &text[..end])
}

/// The headers of each column; a blank right of a header above others belongs to that header.
fn column_titles(headers: &[Vec<RawCell>], width: usize) -> Vec<String> {
    let mut titles = vec![String::new(); width];
    for (level, row) in headers.iter().enumerate() {
        let mut above = "";
        for (column, title) in titles.iter_mut().enumerate() {
            let text = row.get(column).map_or("", |c| c.text.trim());
            let spans = level + 1 < headers.len() && column > 0;
            let text = if text.is_empty() && spans { clipped(above) } else { text };
            above = text;
            if !text.is_empty() {
                if !title.is_empty() {
                    title.push(' ');
                }
                title.push_str(text);
            }
        }
    }
    titles
}

fn body_row(raw: &[RawCell], at: usize, width: usize, index: u32, decimal: Decimal) -> Row {
    let line = raw.first().map(|c| c.line);
    let cell = |column: usize| {
        let text = raw.get(column).map_or("", |c| c.text.as_str());
        let place = Location {
            line: raw.get(column).map(|c| c.line).or(line),
            row: u32::try_from(at + 1).ok(),
            column: u32::try_from(column + 1).ok(),
            table: Some(index),
        };
        Cell { text: text.to_owned(), value: value::read(text, decimal), place }
    };
    let cells: Vec<Cell> = (0..width).map(cell).collect();
    Row { label: String::new(), role: Role::Unknown, total: false, base: false, cells }
}

/// Whether a number is written as a percentage.
pub fn is_percent_sign(cell: &Cell) -> bool {
    cell.value.number().is_some_and(|n| n.dress == Dress::Percent)
}
