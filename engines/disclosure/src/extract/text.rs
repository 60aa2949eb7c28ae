//! Text files: delimited tables, or console text where the lines are not delimited alike.

use tabular::text::TextError;

use super::{Extract, Line, MAX_CELLS, MAX_LINE, Unread, console, latex, smcl};
use crate::content::{self, Kind};
use crate::table::{Block, RawCell, Table};
use crate::value::{Decimal, decimal_of};

/// Reads a text file whole.
///
/// # Errors
/// See [`Unread`]; nothing is read in part.
pub fn read(bytes: &[u8]) -> Result<Extract, Unread> {
    let encoding = tabular::encoding::detect(bytes);
    let text = tabular::encoding::decode(bytes, encoding).map_err(|_| Unread::NotText)?;
    let control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}' | '\u{1b}');
    if text.contains(control) {
        return Err(Unread::NotText);
    }
    if text.split(['\n', '\r']).any(|line| line.len() > MAX_LINE) {
        return Err(Unread::LineTooLong);
    }
    if smcl::is_smcl(&text) {
        let text = smcl::plain(&text);
        let (tables, prose) = console::read(&text)?;
        return Ok(Extract { kind: Kind::ConsoleText, tables, prose, text });
    }
    if latex::is_latex(&text) {
        let (tables, prose) = latex::read(&text)?;
        return Ok(Extract { kind: Kind::ConsoleText, tables, prose, text });
    }
    if content::is_code(&text) {
        let (tables, prose) = console::read(&text)?;
        return Ok(Extract { kind: Kind::Code, tables, prose, text });
    }
    let delimited = match tabular::text::read(bytes, MAX_CELLS) {
        Ok(table) => table,
        Err(TextError::TooManyCells { .. }) => return Err(Unread::TooManyCells),
        Err(_) => return Err(Unread::NotText),
    };
    if !is_delimited(&delimited) {
        let (tables, prose) = console::read(&text)?;
        return Ok(Extract { kind: Kind::ConsoleText, tables, prose, text });
    }
    let (tables, prose) = blocks(delimited);
    Ok(Extract { kind: Kind::TextTable, tables, prose, text })
}

/// Whether most lines that are not alone in their row have the width of a neighbour. The bars of
/// console tables are no delimiters: their ruled lines tell.
fn is_delimited(table: &tabular::text::Table) -> bool {
    let ruled = |row: &Vec<tabular::text::Cell>| {
        row.iter().any(|c| c.text.contains("---") && c.text.contains('+'))
    };
    if table.delimiter == '|' && table.rows.iter().any(ruled) {
        return false;
    }
    let widths: Vec<usize> = table.rows.iter().map(Vec::len).filter(|w| *w > 0).collect();
    let alike = widths.windows(2).filter(|w| w[0] == w[1] && w[0] > 1).count();
    let wide = widths.iter().filter(|w| **w > 1).count();
    let fields = table.rows.iter().flatten().filter(|c| c.text.split_whitespace().count() <= 6);
    let cells = table.rows.iter().map(Vec::len).sum::<usize>();
    wide >= 2
        && (alike + 1) * 2 >= wide
        && wide * 3 >= widths.len()
        && fields.count() * 3 >= cells * 2
}

fn blocks(table: tabular::text::Table) -> (Vec<Table>, Vec<Line>) {
    let decimal = decimal_of(table.rows.iter().flatten().map(|c| c.text.as_str()));
    let mut out = (Vec::new(), Vec::new());
    let mut block = Block::default();
    for row in table.rows {
        let rule = |c: &tabular::text::Cell| c.text.trim().chars().all(|c| "-:=+|".contains(c));
        let blank = row.iter().all(|c| c.text.trim().is_empty());
        if blank {
            flush(&mut block, decimal, &mut out);
        } else if table.delimiter == '|' && row.iter().all(rule) {
            block.ruled = Some(block.rows.len());
        } else {
            block.rows.push(row.into_iter().enumerate().map(raw).collect());
        }
    }
    flush(&mut block, decimal, &mut out);
    out
}

fn raw((column, cell): (usize, tabular::text::Cell)) -> RawCell {
    RawCell { text: cell.text, line: cell.line, column }
}

/// Whether a block is a list of names with their values, two or more a line, as summaries of models
/// have above and below their estimates.
fn is_properties(block: &Block) -> bool {
    let pair = |pair: &[RawCell]| matches!(pair, [name, _] if name.text.trim().ends_with(':'));
    let named = |row: &&Vec<RawCell>| {
        let row: Vec<RawCell> = row.iter().take(20).cloned().collect();
        row.len() >= 4 && row.chunks(2).all(pair)
    };
    let mut rows = block.rows.iter().filter(|row| row.len() > 1).take(50);
    block.rows.len() >= 3 && rows.all(|row| named(&row))
}

/// Makes a table of the block, or prose where it is none.
pub(super) fn flush(block: &mut Block, decimal: Decimal, out: &mut (Vec<Table>, Vec<Line>)) {
    let block = std::mem::take(block);
    let index = u32::try_from(out.0.len() + 1).unwrap_or(u32::MAX);
    let line = |row: &Vec<RawCell>| Line {
        number: row.first().map_or(0, |c| c.line),
        text: row.iter().map(|c| c.text.as_str()).collect::<Vec<_>>().join(" "),
    };
    let table = if is_properties(&block) { None } else { Table::build(&block, index, decimal) };
    match table {
        Some(table) => {
            let notes = block.rows.iter().filter(|row| row.len() == 1);
            out.1.extend(notes.map(line));
            out.0.push(table);
        }
        None => out.1.extend(block.rows.iter().map(line)),
    }
}
