//! The cells of one sheet as people see them, and those that people do not see.

use super::grid::GridRow;
use super::xlsx_styles::{Styles, shown};
use super::xml::{self, Xml};
use super::{MAX_CELLS, Sight, Unread};
use crate::report::cell_name;

/// What a sheet holds.
#[derive(Debug, Default)]
pub struct Cells {
    /// All cells, hidden ones too.
    pub rows: Vec<GridRow>,
    /// Whether a number with decimals is kept as a number: its decimal sign is then a point.
    pub decimals: bool,
    /// Hidden rows that hold something.
    pub hidden_rows: Vec<(u32, String)>,
    /// Hidden columns that hold something, with their first cell.
    pub hidden_columns: Vec<(String, String, String)>,
    /// Cells that are there and cannot be seen.
    pub odd: Vec<(Sight, String, String)>,
    /// The first cells with a formula whose value the file does not keep: a program that opens it
    /// computes what nobody has read.
    pub valueless: Vec<String>,
    /// What is printed above and below the sheet.
    pub margins: Vec<String>,
}

/// Sights of one sheet that are kept.
const MAX_ODD: usize = 200;

/// Formulas without a value that are named; the first one says what there is to say.
const MAX_VALUELESS: usize = 20;

/// A cell while it is read.
#[derive(Default)]
struct Open {
    column: usize,
    kind: String,
    style: usize,
    value: String,
    inline: String,
    field: &'static str,
    formula: bool,
    valued: bool,
}

/// Reads a sheet's part.
///
/// # Errors
/// What is not well-formed, or has more cells than are read.
pub fn read(bytes: &[u8], strings: &[String], styles: &Styles) -> Result<Cells, Unread> {
    let mut reader = SheetReader {
        strings,
        styles,
        out: Cells::default(),
        hidden_columns: Vec::new(),
        cells: 0,
        hidden: false,
        open: Open::default(),
        merges: Vec::new(),
        margin: None,
    };
    xml::walk(bytes, |event| reader.event(event))?;
    Ok(reader.finish())
}

struct SheetReader<'a> {
    strings: &'a [String],
    styles: &'a Styles,
    out: Cells,
    /// First and last hidden column, from 0.
    hidden_columns: Vec<(usize, usize)>,
    cells: usize,
    /// Whether the present row is hidden.
    hidden: bool,
    open: Open,
    merges: Vec<((usize, u32), (usize, u32))>,
    /// The open header or footer.
    margin: Option<String>,
}

impl SheetReader<'_> {
    fn event(&mut self, event: Xml<'_, '_>) -> Result<(), Unread> {
        match event {
            Xml::Open("col", a) => {
                let width: Option<f64> = a.number("width");
                if a.is_on("hidden") || width.is_some_and(|w| w < 0.3) {
                    let from: usize = a.number("min").unwrap_or(1);
                    self.hidden_columns.push((
                        from.max(1) - 1,
                        a.number::<usize>("max").unwrap_or(from).max(1) - 1,
                    ));
                }
            }
            Xml::Open("row", a) => {
                let next = self.out.rows.last().map_or(1, |row| row.line.saturating_add(1));
                self.out
                    .rows
                    .push(GridRow { line: a.number("r").unwrap_or(next), cells: Vec::new() });
                let height: Option<f64> = a.number("ht");
                self.hidden = a.is_on("hidden") || height.is_some_and(|h| h < 1.0);
            }
            Xml::Open("c", a) => {
                let next = self.out.rows.last().and_then(|r| r.cells.last()).map_or(0, |c| c.0 + 1);
                let column = a.get("r").and_then(|name| address(&name)).map_or(next, |at| at.0);
                self.open = Open {
                    column,
                    kind: a.get("t").unwrap_or_default(),
                    style: a.number("s").unwrap_or(0),
                    ..Open::default()
                };
            }
            Xml::Open("v", _) => (self.open.field, self.open.valued) = ("v", true),
            Xml::Open("is", _) => self.open.field = "is",
            Xml::Open("f", _) => (self.open.field, self.open.formula) = ("", true),
            Xml::Open("rPh", _) | Xml::Close("v" | "f" | "is") => self.open.field = "",
            Xml::Open(margin, _) if is_margin(margin) => self.margin = Some(String::new()),
            Xml::Close(margin) if is_margin(margin) => {
                let text = self.margin.take().as_deref().map(bare_margin).unwrap_or_default();
                if !text.is_empty() {
                    self.out.margins.push(text);
                }
            }
            Xml::Text(text) if self.margin.is_some() => {
                self.margin.get_or_insert_default().push_str(text);
            }
            Xml::Text(text) => match self.open.field {
                "v" => self.open.value.push_str(text),
                "is" => self.open.inline.push_str(text),
                _ => {}
            },
            Xml::Close("c") => self.close()?,
            Xml::Close("row") => self.end_row(),
            Xml::Open("mergeCell", a) => {
                let reference = a.get("ref").unwrap_or_default();
                if let Some((from, to)) =
                    reference.split_once(':').and_then(|(a, b)| Some((address(a)?, address(b)?)))
                {
                    self.merges.push((from, to));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), Unread> {
        let open = std::mem::take(&mut self.open);
        // openpyxl leaves `<v/>` behind a formula; a text that a formula gives may be empty.
        let valued = open.valued && (open.kind == "str" || !open.value.is_empty());
        let missing = open.formula && !valued && open.inline.is_empty();
        if missing && self.out.valueless.len() < MAX_VALUELESS {
            let line = self.out.rows.last().map_or(1, |row| row.line);
            let column = u32::try_from(open.column + 1).unwrap_or(u32::MAX);
            self.out.valueless.push(cell_name(column, line));
        }
        let style = self.styles.cells.get(open.style).copied().unwrap_or_default();
        let number = matches!(open.kind.as_str(), "" | "n");
        let text = match open.kind.as_str() {
            "s" => open
                .value
                .trim()
                .parse::<usize>()
                .ok()
                .and_then(|at| self.strings.get(at))
                .cloned()
                .unwrap_or_default(),
            "inlineStr" => open.inline,
            "b" => if open.value == "1" { "TRUE" } else { "FALSE" }.to_owned(),
            "e" => String::new(),
            _ if number => shown(&open.value, style, self.styles.date1904),
            _ => open.value.clone(),
        };
        if text.trim().is_empty() {
            return Ok(());
        }
        self.cells += 1;
        if self.cells > MAX_CELLS {
            return Err(Unread::TooManyCells);
        }
        self.out.decimals |= number && open.value.contains(['.', 'E', 'e']);
        let Some(row) = self.out.rows.last_mut() else { return Err(Unread::Damaged) };
        let line = row.line;
        let odd = match () {
            () if style.invisible => Some(Sight::InvisibleFont),
            () if style.hides && number => Some(Sight::HidingFormat),
            () => None,
        };
        if let Some(sight) = odd.filter(|_| self.out.odd.len() < MAX_ODD) {
            let name = cell_name(u32::try_from(open.column + 1).unwrap_or(u32::MAX), line);
            self.out.odd.push((sight, name, text.clone()));
        }
        row.cells.push((open.column, text));
        Ok(())
    }

    fn end_row(&mut self) {
        let Some(row) = self.out.rows.last() else { return };
        if self.hidden && !row.cells.is_empty() && self.out.hidden_rows.len() < MAX_ODD {
            let texts: Vec<&str> = row.cells.iter().map(|c| c.1.as_str()).take(6).collect();
            self.out.hidden_rows.push((row.line, texts.join(" ")));
        }
    }

    fn finish(mut self) -> Cells {
        for (from, to) in std::mem::take(&mut self.hidden_columns) {
            let inside = |cell: &&(usize, String)| cell.0 >= from && cell.0 <= to;
            let filled = self
                .out
                .rows
                .iter()
                .flat_map(|row| row.cells.iter().filter(inside).map(|c| (row.line, c)));
            let filled: Vec<_> = filled.take(6).collect();
            if let Some((line, (column, _))) = filled.first() {
                let name = cell_name(u32::try_from(*column + 1).unwrap_or(u32::MAX), *line);
                let letters = name.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
                let texts: Vec<&str> = filled.iter().map(|(_, c)| c.1.as_str()).collect();
                self.out.hidden_columns.push((letters, name, texts.join(" ")));
            }
        }
        self.fill_labels();
        self.out
    }

    /// A label merged over rows belongs to each of them.
    fn fill_labels(&mut self) {
        for ((column, top), (right, bottom)) in
            std::mem::take(&mut self.merges).into_iter().take(10_000)
        {
            if column != right || bottom <= top || bottom - top > 5_000 {
                continue;
            }
            let at = |rows: &[GridRow], line: u32| rows.iter().position(|row| row.line == line);
            let Some(first) = at(&self.out.rows, top) else { continue };
            let text =
                self.out.rows[first].cells.iter().find(|c| c.0 == column).map(|c| c.1.clone());
            let Some(text) = text else { continue };
            let below =
                self.out.rows.iter_mut().skip(first + 1).take_while(|row| row.line <= bottom);
            for row in below.filter(|row| row.cells.iter().all(|c| c.0 != column)) {
                let place = row.cells.iter().position(|c| c.0 > column).unwrap_or(row.cells.len());
                row.cells.insert(place, (column, text.clone()));
            }
        }
    }
}

/// The headers and footers of a sheet.
fn is_margin(name: &str) -> bool {
    let name = name.strip_suffix("Header").or_else(|| name.strip_suffix("Footer"));
    matches!(name, Some("odd" | "even" | "first"))
}

/// A header or footer without its codes: `&L`, `&P`, `&"Arial,Bold"`, `&12`, `&K000000`.
fn bare_margin(text: &str) -> String {
    let (mut out, mut chars) = (String::new(), text.chars().peekable());
    while let Some(c) = chars.next() {
        if c != '&' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('&') => out.push('&'),
            Some('"') => {
                chars.by_ref().find(|c| *c == '"');
            }
            Some('K') => {
                (0..6).for_each(|_| {
                    chars.next_if(|c| c.is_ascii_hexdigit() || matches!(c, '+' | '-'));
                });
            }
            Some(size) if size.is_ascii_digit() => {
                while chars.next_if(char::is_ascii_digit).is_some() {}
            }
            _ => out.push(' '),
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Column, from 0, and row of a cell's name.
pub fn address(name: &str) -> Option<(usize, u32)> {
    let name = name.trim_start_matches('$');
    let letters: String = name.chars().take_while(char::is_ascii_alphabetic).collect();
    let row = name.get(letters.len()..)?.trim_start_matches('$').parse().ok()?;
    if letters.is_empty() || letters.len() > 3 {
        return None;
    }
    let column =
        letters.bytes().fold(0, |all, b| all * 26 + usize::from(b.to_ascii_uppercase() - b'A') + 1);
    Some((column - 1, row))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(body: &str) -> Cells {
        let xml = format!("<worksheet><sheetData>{body}</sheetData></worksheet>");
        read(xml.as_bytes(), &[], &Styles::default()).expect("well-formed")
    }

    #[test]
    fn addresses_are_those_of_excel() {
        assert_eq!(address("AB12"), Some((27, 12)));
        assert_eq!(cell_name(28, 12), "AB12");
    }

    #[test]
    fn a_formula_without_its_value_is_no_empty_cell() {
        let found =
            sheet("<row r=\"1\"><c r=\"A1\"><f>B1+1</f></c><c r=\"B1\"><f>2</f><v>2</v></c></row>");
        assert_eq!(found.valueless, ["A1"]);
        assert_eq!(found.rows[0].cells, [(1, "2".to_owned())]);
        // A formula that gives an empty text has been computed.
        let found = sheet("<row r=\"1\"><c r=\"A1\" t=\"str\"><f>\"\"</f><v></v></c></row>");
        assert!(found.valueless.is_empty());
    }

    #[test]
    fn what_stands_in_the_margins_of_the_printed_sheet_is_kept() {
        let xml = "<worksheet><sheetData/><headerFooter><oddHeader>&amp;L&amp;\"Arial,Bold\"&amp;12Corse : 3 patients&amp;RPage &amp;P</oddHeader></headerFooter></worksheet>";
        let found = read(xml.as_bytes(), &[], &Styles::default()).expect("well-formed");
        assert_eq!(found.margins, ["Corse : 3 patients Page"]);
    }
}
