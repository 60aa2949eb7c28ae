//! How a workbook's styles show its numbers, and which they do not show.

use super::Unread;
use super::xml::{self, Attributes, Xml};

/// What the styles say of a cell.
#[derive(Debug, Clone, Copy, Default)]
pub struct Style {
    /// The format is that of a percentage.
    pub percent: bool,
    /// The format is that of a date.
    pub date: bool,
    /// The format shows nothing of numbers.
    pub hides: bool,
    /// White letters on no fill or on white.
    pub invisible: bool,
}

/// The styles of a workbook by their number.
#[derive(Debug, Default)]
pub struct Styles {
    /// By the number that cells give.
    pub cells: Vec<Style>,
    /// Days are counted from 1904.
    pub date1904: bool,
}

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

/// A number as the sheet shows it, with all the digits that the file keeps.
pub fn shown(value: &str, style: Style, date1904: bool) -> String {
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
    fn dates_and_percentages_are_those_of_excel() {
        assert_eq!(date(45_000.0, false), "2023-03-15");
        assert_eq!(date(43_538.0, true), "2023-03-15");
        let style = Style { percent: true, ..Style::default() };
        assert_eq!(shown("0.1234", style, false), "12.34%");
        assert_eq!(shown("12", Style::default(), false), "12");
        assert_eq!(shown("0.1", Style::default(), false), "0.1");
    }
}
