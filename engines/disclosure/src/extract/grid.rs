//! Cells with addresses, as spreadsheets, HTML and office documents have them, cut into tables.

use super::{Line, MAX_CELLS, RawTable, Unread};
use crate::table::{Block, RawCell};
use crate::value::{Decimal, decimal_of};

/// A row with the line that it has in its file and its filled cells by column, from 0.
#[derive(Debug, Clone, Default)]
pub struct GridRow {
    /// Its line, from 1.
    pub line: u32,
    /// Column and text, in rising order of columns.
    pub cells: Vec<(usize, String)>,
}

impl GridRow {
    fn filled(&self) -> impl Iterator<Item = &(usize, String)> {
        self.cells.iter().filter(|(_, text)| !text.trim().is_empty())
    }
}

/// Empty rows that may stand between a title and its table.
const TITLE_GAP: u32 = 2;

/// Cuts a sheet into tables where rows or columns are empty; rows with one cell are prose, and
/// title the table below them too. `decimal` is how numbers are written, where that is known.
///
/// # Errors
/// [`Unread::TooManyCells`]: rows far apart on the right cost memory although they are few.
pub fn cut(
    rows: &[GridRow],
    decimal: Option<Decimal>,
) -> Result<(Vec<RawTable>, Vec<Line>), Unread> {
    assemble(rows, segments(rows), decimal)
}

/// As [`cut`] for rows that their file says to be one table, whatever their lines.
///
/// # Errors
/// As [`cut`].
pub fn whole(
    rows: &[GridRow],
    decimal: Option<Decimal>,
) -> Result<(Vec<RawTable>, Vec<Line>), Unread> {
    assemble(rows, vec![rows.iter().filter(|row| row.filled().next().is_some()).collect()], decimal)
}

fn assemble(
    rows: &[GridRow],
    segments: Vec<Vec<&GridRow>>,
    decimal: Option<Decimal>,
) -> Result<(Vec<RawTable>, Vec<Line>), Unread> {
    let texts = || rows.iter().flat_map(|row| row.cells.iter().map(|(_, text)| text.as_str()));
    let decimal = decimal.unwrap_or_else(|| decimal_of(texts()));
    let (mut tables, mut lines) = (Vec::new(), Vec::new());
    let mut titles: Vec<&GridRow> = Vec::new();
    let mut cells = 0;
    for segment in segments {
        let single = |row: &&GridRow| row.filled().count() <= 1;
        let first = segment.first().map_or(0, |row| row.line);
        let near = titles.last().is_some_and(|row| first.saturating_sub(row.line) <= TITLE_GAP + 1);
        if !near {
            titles.clear();
        }
        if segment.iter().all(single) {
            lines.extend(segment.iter().map(|row| line(row)));
            titles.extend(&segment);
            continue;
        }
        for (from, to) in columns(&segment) {
            // Counted before it is built: rows far apart would fill the memory first.
            cells += segment.len().saturating_mul(to - from + 1);
            if cells > MAX_CELLS {
                return Err(Unread::TooManyCells);
            }
            let block = block(&titles, &segment, from, to);
            tables.push(RawTable { block, decimal });
        }
        lines.extend(segment.iter().filter(|row| single(row)).map(|row| line(row)));
        titles.clear();
    }
    Ok((tables, lines))
}

fn line(row: &GridRow) -> Line {
    let text = row.filled().map(|(_, text)| text.trim()).collect::<Vec<_>>().join(" ");
    Line { number: row.line, text }
}

/// Runs of rows without an empty one between them.
fn segments(rows: &[GridRow]) -> Vec<Vec<&GridRow>> {
    let mut segments: Vec<Vec<&GridRow>> = Vec::new();
    let mut last = None;
    for row in rows.iter().filter(|row| row.filled().next().is_some()) {
        match segments.last_mut() {
            Some(segment) if last.is_some_and(|last: u32| row.line <= last.saturating_add(1)) => {
                segment.push(row);
            }
            _ => segments.push(vec![row]),
        }
        last = Some(row.line);
    }
    segments
}

/// The runs of columns that an empty column parts, where both sides are two columns wide.
fn columns(segment: &[&GridRow]) -> Vec<(usize, usize)> {
    // A title may stand alone over the gap: only rows with several cells tell.
    let wide = segment.iter().filter(|row| row.filled().count() > 1);
    let mut used: Vec<usize> = wide.flat_map(|row| row.filled().map(|(at, _)| *at)).collect();
    used.sort_unstable();
    used.dedup();
    let (Some(first), Some(last)) = (used.first(), used.last()) else { return Vec::new() };
    let mut runs = vec![(*first, *last)];
    for pair in used.windows(2).filter(|pair| pair[1] - pair[0] > 1) {
        let (from, to) = runs.pop().unwrap_or((*first, *last));
        if pair[0] > from && to > pair[1] {
            runs.push((from, pair[0]));
            runs.push((pair[1], to));
        } else {
            runs.push((from, to));
        }
    }
    runs
}

fn block(titles: &[&GridRow], segment: &[&GridRow], from: usize, to: usize) -> Block {
    let mut block = Block::default();
    let inside = |at: usize| at >= from && at <= to;
    for row in titles {
        for (column, text) in row.filled() {
            block.rows.push(vec![RawCell { text: text.clone(), line: row.line, column: *column }]);
        }
    }
    for row in segment {
        let mut cells: Vec<RawCell> = (from..=to)
            .map(|column| RawCell { text: String::new(), line: row.line, column })
            .collect();
        for (column, text) in row.filled().filter(|(at, _)| inside(*at)) {
            if let Some(cell) = cells.get_mut(column - from) {
                cell.text.clone_from(text);
            }
        }
        if cells.iter().any(|cell| !cell.text.is_empty()) {
            block.rows.push(cells);
        }
    }
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(line: u32, cells: &[(usize, &str)]) -> GridRow {
        GridRow { line, cells: cells.iter().map(|(at, text)| (*at, (*text).into())).collect() }
    }

    #[test]
    fn tables_side_by_side_and_a_title_above_are_told_apart() {
        let rows = [
            row(1, &[(0, "Tableau 1")]),
            row(3, &[(0, "a"), (1, "n"), (3, "b"), (4, "n")]),
            row(4, &[(0, "x"), (1, "12"), (3, "y"), (4, "3")]),
            row(8, &[(0, "Source : enquête")]),
        ];
        let (tables, lines) = cut(&rows, None).unwrap();
        assert_eq!(tables.len(), 2);
        assert_eq!(tables[0].block.rows[0][0].text, "Tableau 1");
        let last = &tables[1].block.rows[2][1];
        assert_eq!((last.text.as_str(), last.line, last.column), ("3", 4, 4));
        assert_eq!(lines.len(), 2);
    }

    #[test]
    fn a_cell_far_away_in_each_row_is_refused_and_not_allocated() {
        let far: Vec<GridRow> =
            (1..2000).map(|line| row(line, &[(0, "1"), (16_000, "2")])).collect();
        assert_eq!(cut(&far, None).unwrap_err(), Unread::TooManyCells);
    }
}
