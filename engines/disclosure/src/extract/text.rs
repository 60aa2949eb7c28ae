//! Text files: delimited tables, or console text where the lines are not delimited alike.

use tabular::text::TextError;

use super::{Line, MAX_CELLS, MAX_LINE, Part, RawTable, Unread};
use super::{console, eps, html, latex, smcl};
use crate::content::{self, Kind};
use crate::table::{Block, RawCell};
use crate::value::{self, Decimal, decimal_of};

/// Reads a text file whole.
///
/// # Errors
/// See [`Unread`]; nothing is read in part.
pub fn read(bytes: &[u8]) -> Result<Part, Unread> {
    let encoding = tabular::encoding::detect(bytes);
    let text = tabular::encoding::decode(bytes, encoding).map_err(|_| Unread::NotText)?;
    let control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}' | '\u{1b}');
    if text.contains(control) {
        return Err(Unread::NotText);
    }
    // What has a reader of its own is not cut into tables here.
    if smcl::is(&text) || latex::is(&text) || eps::is(&text) || html::is_fragment(&text) {
        let mut part = Part::new(Kind::ConsoleText);
        part.text = text;
        return Ok(part);
    }
    if text.split(['\n', '\r']).any(|line| line.len() > MAX_LINE) {
        return Err(Unread::LineTooLong);
    }
    if content::is_code(&text) {
        return printed(Kind::Code, text);
    }
    if let Some(part) = markdown(&text)? {
        return Ok(part);
    }
    let delimited = match tabular::text::read(bytes, MAX_CELLS) {
        Ok(table) => table,
        Err(TextError::TooManyCells { .. }) => return Err(Unread::TooManyCells),
        Err(_) => return Err(Unread::NotText),
    };
    if !is_delimited(&delimited) {
        return printed(Kind::ConsoleText, without_escapes(&text));
    }
    let mut part = Part::new(Kind::TextTable);
    (part.tables, part.lines) = blocks(delimited);
    part.text = text;
    Ok(part)
}

/// Reads a text that is decoded already.
///
/// # Errors
/// As [`read`].
pub fn read_str(text: &str) -> Result<Part, Unread> {
    read(text.as_bytes())
}

/// Reads a program: its lines are no table of results, and hold what was written into it.
///
/// # Errors
/// More cells than are read.
pub fn program(text: String) -> Result<Part, Unread> {
    let mut part = printed(Kind::Code, text)?;
    part.loose = true;
    Ok(part)
}

fn printed(kind: Kind, text: String) -> Result<Part, Unread> {
    let mut part = Part::new(kind);
    (part.tables, part.lines) = console::read(&text)?;
    part.text = text;
    Ok(part)
}

/// A text without the escapes that colour it on a terminal.
pub fn without_escapes(text: &str) -> String {
    if !text.contains('\u{1b}') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\u{1b}' {
            out.push(c);
        } else if chars.next() == Some('[') {
            // Control sequences end with a letter or another sign from `@` on.
            chars.by_ref().find(|c| ('@'..='~').contains(c));
        }
    }
    out
}

/// `%20` and its like, as bytes.
pub fn percent(text: &str) -> Vec<u8> {
    let (mut out, mut bytes) = (Vec::with_capacity(text.len()), text.bytes());
    while let Some(b) = bytes.next() {
        if b != b'%' {
            out.push(b);
            continue;
        }
        let pair = [bytes.next().unwrap_or(b'0'), bytes.next().unwrap_or(b'0')];
        let hex = std::str::from_utf8(&pair).ok().and_then(|h| u8::from_str_radix(h, 16).ok());
        out.extend(hex);
    }
    out
}

/// Prose with tables between bars, as Markdown has them; `None` where there is no such table.
fn markdown(text: &str) -> Result<Option<Part>, Unread> {
    let ruled = |line: &str| {
        let line = line.trim();
        // Two columns at least: Stata rules its boxes of lines by `|-----|`.
        line.contains("--")
            && (line.trim_matches('|').contains('|') || line.contains("-|-"))
            && line.chars().all(|c| "|-: ".contains(c))
    };
    let lines: Vec<&str> = text.lines().collect();
    if !lines.iter().any(|line| ruled(line)) {
        return Ok(None);
    }
    let decimal = decimal_of(text.split_whitespace());
    let mut part = Part::new(Kind::TextTable);
    let mut rest = String::new();
    let mut at = 0;
    while at < lines.len() {
        let table = at + 1 < lines.len() && ruled(lines[at + 1]) && lines[at].contains('|');
        if !table {
            rest.push_str(lines[at]);
            rest.push('\n');
            at += 1;
            continue;
        }
        let length = lines[at..].iter().take_while(|line| line.contains('|')).count();
        let mut block = Block { rows: Vec::new(), ruled: Some(1) };
        for (offset, line) in lines[at..at + length].iter().enumerate() {
            rest.push('\n');
            let number = u32::try_from(at + offset + 1).unwrap_or(u32::MAX);
            let cells = line.trim().trim_matches('|').split('|').enumerate();
            if offset != 1 {
                let cell = |(column, text): (usize, &str)| RawCell {
                    text: text.trim().into(),
                    line: number,
                    column,
                };
                block.rows.push(cells.map(cell).collect());
            }
        }
        // The line above a table is its title.
        if let Some(title) = title_above(&lines[..at]) {
            block.rows.insert(0, vec![RawCell { text: title.1.into(), line: title.0, column: 0 }]);
            block.ruled = Some(2);
        }
        part.tables.push(RawTable { block, decimal });
        at += length;
    }
    let (tables, prose) = console::read(&rest)?;
    part.tables.extend(tables);
    part.lines = prose;
    text.clone_into(&mut part.text);
    Ok(Some(part))
}

/// The last line with words before a table, at most one empty line away.
fn title_above<'a>(lines: &[&'a str]) -> Option<(u32, &'a str)> {
    let (back, line) =
        lines.iter().rev().take(2).enumerate().find(|(_, line)| !line.trim().is_empty())?;
    let number = u32::try_from(lines.len() - back).ok()?;
    (!line.contains('|')).then_some((number, line.trim_start_matches(['#', '*', ' ']).trim()))
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
    // `(372.4, 949.6]   138`: the comma of a class parts no cells.
    let class = |row: &&Vec<tabular::text::Cell>| {
        let ends = row.get(1).and_then(|c| c.text.trim().split_once([']', ')']));
        row.first().is_some_and(|c| c.text.trim().starts_with(['(', '[']))
            && ends.is_some_and(|(end, count)| {
                end.trim().parse::<f64>().is_ok() && !count.trim().is_empty()
            })
    };
    if table.delimiter == ',' && table.rows.iter().filter(class).count() * 2 > table.rows.len() {
        return false;
    }
    // `Seuil : 0,5`, `AUC = 0.713, n = 2982`: names with their values, one of which has a comma.
    let named = |row: &&Vec<tabular::text::Cell>| {
        row.len() > 1
            && row.first().is_some_and(|c| c.text.contains(" : ") || c.text.contains(" = "))
    };
    let many = table.rows.iter().filter(|row| row.len() > 1).count();
    if table.delimiter == ',' && table.rows.iter().filter(named).count() * 2 > many {
        return false;
    }
    if table.delimiter == ',' && is_letter(table) {
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

/// Whether commas part clauses and no cells, as in a letter: nothing between them is a number, and
/// many of the lines have a clause that is longer than a cell.
fn is_letter(table: &tabular::text::Table) -> bool {
    let number =
        |c: &tabular::text::Cell| value::read(&c.text, Decimal::Unknown).number().is_some();
    let wide: Vec<_> = table.rows.iter().filter(|row| row.len() > 1).collect();
    let clause = |row: &&&Vec<tabular::text::Cell>| {
        row.iter().any(|c| c.text.split_whitespace().count() > 7)
    };
    // Lines that all have as many cells are a list, of names and addresses for one.
    let first = table.rows.first().map_or(0, Vec::len);
    let list = table.rows.len() >= 3 && table.rows.iter().all(|row| row.len() == first);
    !list
        && !table.rows.iter().flatten().any(number)
        && wide.iter().filter(clause).count() * 3 >= wide.len()
}

fn blocks(table: tabular::text::Table) -> (Vec<RawTable>, Vec<Line>) {
    let decimal = decimal_of(table.rows.iter().flatten().map(|c| c.text.as_str()));
    let mut out = (Vec::new(), Vec::new());
    let mut block = Block::default();
    let mut blanks = 0;
    for row in table.rows {
        let rule = |c: &tabular::text::Cell| c.text.trim().chars().all(|c| "-:=+|".contains(c));
        let blank = row.iter().all(|c| c.text.trim().is_empty());
        blanks = if blank { blanks + 1 } else { 0 };
        if blank {
            // A title may stand one empty line above its table.
            if blanks > 1 || !is_title(&block) {
                flush(&mut block, decimal, &mut out);
            }
        } else if table.delimiter == '|' && row.iter().all(rule) {
            block.ruled = Some(block.rows.len());
        } else {
            block.rows.push(row.into_iter().enumerate().map(raw).collect());
        }
    }
    flush(&mut block, decimal, &mut out);
    out
}

/// Whether a block is one or two lines of one cell each, with words.
fn is_title(block: &Block) -> bool {
    let lone = |row: &Vec<RawCell>| {
        let mut filled = row.iter().filter(|c| !c.text.trim().is_empty());
        filled.next().is_some_and(|c| c.text.len() < 200 && c.text.contains(char::is_alphabetic))
            && filled.next().is_none()
    };
    (1..=2).contains(&block.rows.len()) && block.rows.iter().all(lone)
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

/// Adds the block where it may be a table, and its lines to the prose where it cannot.
pub(super) fn flush(block: &mut Block, decimal: Decimal, out: &mut (Vec<RawTable>, Vec<Line>)) {
    let block = std::mem::take(block);
    if is_properties(&block) {
        let line = |row: &Vec<RawCell>| Line {
            number: row.first().map_or(0, |c| c.line),
            text: row.iter().map(|c| c.text.as_str()).collect::<Vec<_>>().join(" "),
        };
        out.1.extend(block.rows.iter().map(line));
    } else if !block.rows.is_empty() {
        out.0.push(RawTable { block, decimal });
    }
}
