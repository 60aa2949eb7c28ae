//! Tables that programs draw in boxes: PSPP, sqlite3, `DuckDB`, polars, Stata's `list`.

use std::borrow::Cow;

use super::{RawTable, console_align};
use crate::table::{Block, RawCell};
use crate::value::Decimal;

/// Lines of a box that are looked at, at most.
const MAX_LINES: usize = 100_000;

/// Lines below a header that are needed: fewer are read as any other text.
const LEAST: usize = 2;

/// A line with the signs of all boxes as `+`, `-` and `|`.
fn plain(line: &str) -> Cow<'_, str> {
    if line.is_ascii() {
        return Cow::Borrowed(line);
    }
    let sign = |c: char| match c {
        '┌' | '┬' | '┐' | '├' | '┼' | '┤' | '└' | '┴' | '┘' | '╞' | '╪' | '╡' | '╔' | '╦' | '╗'
        | '╠' | '╬' | '╣' | '╚' | '╩' | '╝' | '╭' | '╮' | '╰' | '╯' => '+',
        '─' | '━' | '═' | '╌' => '-',
        '│' | '┃' | '║' | '┆' => '|',
        other => other,
    };
    Cow::Owned(line.chars().map(sign).collect())
}

/// Whether a line is an edge of a box, whole from `+` to `+`.
fn is_edge(line: &str) -> bool {
    let line = line.trim();
    line.len() > 4
        && line.starts_with('+')
        && line.ends_with('+')
        && line.contains("---")
        && line.chars().all(|c| matches!(c, '+' | '-' | '='))
}

/// A line between two rows, `|------|`.
fn is_inner_edge(line: &str) -> bool {
    let line = line.trim();
    line.contains("--") && line.chars().all(|c| matches!(c, '+' | '-' | '|' | '='))
}

/// What stands between the outer bars; Stata puts the number of an observation before them.
fn inside(line: &str) -> Option<&str> {
    let line = line.trim();
    let (before, rest) = line.split_once('|')?;
    let number = before.trim().strip_suffix('.');
    let numbered = number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    (before.trim().is_empty() || numbered).then(|| rest.strip_suffix('|'))?
}

/// Whether all cells are what polars and `DuckDB` write below the names of columns.
fn is_types(cells: &[String]) -> bool {
    const TYPES: [&str; 12] = [
        "---", "str", "varchar", "int64", "int32", "double", "bigint", "date", "bool", "boolean",
        "int128", "integer",
    ];
    let sized = |c: &str| {
        let rest = c.strip_prefix(['i', 'u', 'f']);
        rest.is_some_and(|r| matches!(r, "8" | "16" | "32" | "64"))
    };
    cells.iter().all(|c| TYPES.contains(&c.as_str()) || sized(c))
}

/// How many lines the box takes that starts with the first of `lines`, which has the number
/// `number`, and its table where its rows have common columns. `None` where no box starts.
///
/// Threat: a text of nothing but boxes without a table would be looked at again from each of its
/// edges; the caller passes over the lines of a box that was looked at.
pub fn read(
    lines: &[Cow<'_, str>],
    number: u32,
    decimal: Decimal,
) -> Option<(usize, Option<RawTable>)> {
    if !is_edge(&plain(lines.first()?)) {
        return None;
    }
    let mut texts: Vec<(u32, String)> = Vec::new();
    let mut length = 0;
    for (at, line) in (number..).zip(lines.iter().take(MAX_LINES)) {
        let line = plain(line);
        if !(is_edge(&line) || is_inner_edge(&line)) {
            let Some(inner) = inside(&line) else { break };
            texts.push((at, inner.to_owned()));
        }
        length += 1;
    }
    let rows = cells(&texts).or_else(|| aligned(&texts)).filter(|rows| rows.len() > LEAST);
    Some((length, rows.map(|rows| table(rows, decimal))))
}

/// The rows of a box below its header, without the types that some programs write there.
fn table(rows: Vec<Row>, decimal: Decimal) -> RawTable {
    let rows = rows.into_iter().enumerate();
    let rows: Vec<Vec<RawCell>> = rows
        .filter(|(at, (_, cells))| *at == 0 || *at > 2 || !is_types(cells))
        .map(|(_, (line, cells))| {
            let cell = |(column, text)| RawCell { text, line, column };
            cells.into_iter().enumerate().map(cell).collect()
        })
        .collect();
    RawTable { block: Block { rows, ruled: Some(1) }, decimal }
}

/// The texts of a row, with its line.
type Row = (u32, Vec<String>);

/// Rows whose cells are parted by bars, all by as many.
fn cells(texts: &[(u32, String)]) -> Option<Vec<Row>> {
    let row = |(line, text): &(u32, String)| -> Row {
        (*line, text.split('|').map(|cell| cell.trim().to_owned()).collect())
    };
    let rows: Vec<Row> = texts.iter().map(row).collect();
    let wide = rows.first()?.1.len();
    (wide >= 2 && rows.iter().all(|(_, cells)| cells.len() == wide)).then_some(rows)
}

/// Rows whose cells are parted by blanks alone.
fn aligned(texts: &[(u32, String)]) -> Option<Vec<Row>> {
    if texts.iter().any(|(_, text)| text.contains('|')) {
        return None;
    }
    let lines: Vec<&str> = texts.iter().map(|(_, text)| text.as_str()).collect();
    let rows = console_align::aligned(&lines)?;
    let names = rows.first()?.len();
    if rows.iter().any(|row| row.len() != names) {
        return None;
    }
    let row = |((line, _), pieces): (&(u32, String), Vec<console_align::Piece>)| {
        (*line, pieces.into_iter().map(|piece| piece.2).collect())
    };
    Some(texts.iter().zip(rows).map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Option<Vec<Vec<String>>> {
        let lines: Vec<Cow<'_, str>> = text.lines().map(Cow::Borrowed).collect();
        let table = read(&lines, 1, Decimal::Point)?.1?;
        let row = |row: &Vec<RawCell>| row.iter().map(|c| c.text.clone()).collect();
        Some(table.block.rows.iter().map(row).collect())
    }

    #[test]
    fn boxes_give_their_header_and_their_rows() {
        let polars = "┌───────┬─────┐\n│ sexe  ┆ age │\n│ ---   ┆ --- │\n│ str   ┆ i64 │\n╞═══════╪═════╡\n│ Femme ┆ 44  │\n│ Homme ┆ 31  │\n└───────┴─────┘\n";
        assert_eq!(
            texts(polars).expect("a box"),
            [["sexe", "age"], ["Femme", "44"], ["Homme", "31"]]
        );
        let stata = "     +-------------------------+\n     |    region   age   sexe  |\n     |-------------------------|\n  1. |  Bretagne    45  Femme  |\n  2. | Normandie    52  Homme  |\n  3. | Grand Est    33  Homme  |\n     +-------------------------+\n";
        let rows = texts(stata).expect("a box whose figures stand before a word");
        assert_eq!(rows[0], ["region", "age", "sexe"]);
        assert_eq!(rows[3], ["Grand Est", "33", "Homme"]);
        assert_eq!(texts("+---+\nno box\n"), None);
    }

    #[test]
    fn each_line_of_boxes_without_a_table_is_looked_at_once() {
        let text = "+-----+\n| a |\n| a | b |\n".repeat(5_000);
        let lines: Vec<Cow<'_, str>> = text.lines().map(Cow::Borrowed).collect();
        let (mut at, mut looked) = (0, 0);
        while at < lines.len() {
            let length = read(&lines[at..], 1, Decimal::Point).map_or(0, |(length, table)| {
                assert!(table.is_none());
                length
            });
            looked += length.max(1);
            at += length.max(1);
        }
        assert_eq!(looked, lines.len());
        let (tables, prose) = super::super::console::read(&text).expect("few cells");
        assert!(tables.len() + prose.len() <= 3 * lines.len());
    }
}
