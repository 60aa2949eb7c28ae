//! The cells of one sheet as people see them, and those that people do not see.

use super::grid::GridRow;
use super::xml::{self, Attributes, Xml};
use super::{MAX_CELLS, Sight, Unread};
use crate::report::cell_name;

/// What the styles say of a cell.
#[derive(Debug, Clone, Copy, Default)]
struct Style {
    percent: bool,
    date: bool,
    /// The format shows nothing of numbers.
    hides: bool,
    /// White letters on no fill or on white.
    invisible: bool,
}

/// The styles of a workbook by their number.
#[derive(Debug, Default)]
pub struct Styles {
    cells: Vec<Style>,
    /// Days are counted from 1904.
    pub date1904: bool,
}

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
}

/// Sights of one sheet that are kept.
const MAX_ODD: usize = 200;

impl Styles {
    /// Reads `xl/styles.xml`.
    ///
    /// # Errors
    /// What is not well-formed.
    pub fn read(bytes: &[u8]) -> Result<Self, Unread> {
        let mut formats: std::collections::HashMap<u32, String> = std::collections::HashMap::new();
        let (mut fonts, mut fills, mut cells) = (Vec::new(), Vec::new(), Vec::new());
        let mut place = String::new();
        xml::walk(bytes, |event| {
            match event {
                Xml::Open(n @ ("fonts" | "fills" | "cellXfs" | "cellStyleXfs" | "dxfs"), _) => {
                    n.clone_into(&mut place);
                }
                Xml::Close("fonts" | "fills" | "cellXfs" | "cellStyleXfs" | "dxfs") => {
                    place.clear();
                }
                Xml::Open("numFmt", a) if place != "dxfs" => {
                    let code = a.get("formatCode").unwrap_or_default();
                    formats.insert(a.number("numFmtId").unwrap_or(0), code);
                }
                Xml::Open("font", _) if place == "fonts" => fonts.push(false),
                Xml::Open("fill", _) if place == "fills" => fills.push(None),
                Xml::Open("color", a) if place == "fonts" => {
                    if let Some(font) = fonts.last_mut() {
                        *font = is_white(&a);
                    }
                }
                Xml::Open("patternFill", a) if place == "fills" => {
                    if let (Some(fill), Some("solid")) =
                        (fills.last_mut(), a.get("patternType").as_deref())
                    {
                        *fill = Some(false);
                    }
                }
                Xml::Open("fgColor", a) if place == "fills" => {
                    if let Some(Some(white)) = fills.last_mut() {
                        *white = is_white(&a);
                    }
                }
                Xml::Open("xf", a) if place == "cellXfs" => {
                    let index = |name: &str| a.number::<usize>(name).unwrap_or(0);
                    let white_font = fonts.get(index("fontId")).copied().unwrap_or(false);
                    let fill = fills.get(index("fillId")).copied().flatten();
                    let id = a.number("numFmtId").unwrap_or(0);
                    let format = formats.get(&id).map(String::as_str);
                    cells.push(Style {
                        percent: matches!(id, 9 | 10)
                            || format.is_some_and(|f| bare(f).contains('%')),
                        date: matches!(id, 14..=17 | 22) || format.is_some_and(is_date),
                        hides: format.is_some_and(hides),
                        invisible: white_font && fill.unwrap_or(true),
                    });
                }
                _ => {}
            }
            Ok(())
        })?;
        Ok(Self { cells, date1904: false })
    }
}

fn is_white(a: &Attributes<'_, '_>) -> bool {
    let rgb = a.get("rgb").map(|rgb| rgb.to_uppercase());
    // Theme colour 0 is the background, `lt1`, which is white unless a theme says otherwise.
    rgb.as_deref().is_some_and(near_white)
        || a.get("theme").as_deref() == Some("0")
        || a.get("indexed").as_deref() == Some("9")
}

/// `FFFFFF`, with or without alpha, and what nobody tells from it.
pub fn near_white(rgb: &str) -> bool {
    let hex = rgb.trim_start_matches('#');
    let hex = hex.get(hex.len().saturating_sub(6)..).unwrap_or(hex);
    let level = |at: usize| u8::from_str_radix(hex.get(at..at + 2).unwrap_or("0"), 16).unwrap_or(0);
    hex.len() == 6 && hex.is_ascii() && (0..3).all(|i| level(2 * i) >= 0xf8)
}

/// A format without its quoted and escaped letters.
fn bare(format: &str) -> String {
    let (mut out, mut quoted, mut escaped) = (String::new(), false, false);
    for c in format.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' | '_' | '*' => escaped = true,
            '"' => quoted = !quoted,
            _ if !quoted => out.push(c),
            _ => {}
        }
    }
    out
}

/// A format that shows nothing of a positive number: `;;;`, `""`, or a text in its place.
fn hides(format: &str) -> bool {
    let bare = bare(format);
    let positive = bare.split(';').next().unwrap_or_default();
    let shown = |section: &str| {
        let section = section.to_lowercase();
        section.contains(['0', '#', '?', '@', 'y', 'm', 'd', 'h', 's', 'e', 'g', 'a'])
    };
    !format.is_empty() && !shown(positive)
}

fn is_date(format: &str) -> bool {
    let mut bare = bare(format).to_lowercase();
    while let (Some(open), Some(close)) = (bare.find('['), bare.find(']')) {
        if close < open {
            break;
        }
        bare.replace_range(open..=close, "");
    }
    bare != "general"
        && (bare.contains('y') || bare.contains("dd") || bare.contains('d') && bare.contains('m'))
}

/// A cell while it is read.
#[derive(Default)]
struct Open {
    column: usize,
    kind: String,
    style: usize,
    value: String,
    inline: String,
    field: &'static str,
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
            Xml::Open("v", _) => self.open.field = "v",
            Xml::Open("is", _) => self.open.field = "is",
            Xml::Open("f" | "rPh", _) | Xml::Close("v" | "f" | "is") => self.open.field = "",
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

/// A number as the sheet shows it, with all the digits that the file keeps.
fn shown(value: &str, style: Style, date1904: bool) -> String {
    let Ok(number) = value.trim().parse::<f64>() else { return value.to_owned() };
    if style.date && (0.0..2_958_466.0).contains(&number) {
        return date(number, date1904);
    }
    let (number, sign) = if style.percent { (number * 100.0, "%") } else { (number, "") };
    if !style.percent && !value.contains(['.', 'e', 'E']) {
        return value.trim().to_owned();
    }
    // Ten digits: what binary fractions add behind them is no figure of anybody.
    let digits = format!("{number:.10}");
    let digits = digits.trim_end_matches('0').trim_end_matches('.');
    format!("{digits}{sign}")
}

/// The civil date of a serial day. Days before 1 March 1900 are one off in Excel itself.
fn date(serial: f64, date1904: bool) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "the caller checked the range")]
    let days = serial.floor() as i64 - if date1904 { 24_107 } else { 25_569 };
    // Days since 1970-01-01 to a civil date, after Howard Hinnant's `civil_from_days`.
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
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

    #[test]
    fn formats_that_show_nothing_are_told() {
        assert!(hides(";;;"));
        assert!(hides("\"***\""));
        assert!(!hides("0.00"));
        assert!(!hides("General"));
        assert!(!hides("# ##0;-# ##0;;@"));
        assert!(is_date("dd/mm/yyyy") && !is_date("0.0%") && !is_date("[Red]0"));
    }

    #[test]
    fn addresses_and_dates_are_those_of_excel() {
        assert_eq!(address("AB12"), Some((27, 12)));
        assert_eq!(cell_name(28, 12), "AB12");
        assert_eq!(date(45_000.0, false), "2023-03-15");
        assert_eq!(date(43_538.0, true), "2023-03-15");
        let style = Style { percent: true, ..Style::default() };
        assert_eq!(shown("0.1234", style, false), "12.34%");
        assert_eq!(shown("12", Style::default(), false), "12");
        assert_eq!(shown("0.1", Style::default(), false), "0.1");
    }
}
