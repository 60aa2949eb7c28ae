//! Tables of LaTeX sources (xtable, stargazer, esttab, `to_latex`, by hand): `tabular` and its kin.
//!
//! What stands outside tables is read as prose, comments too: a source shows them to its reader.

use super::text::flush;
use super::{Line, MAX_CELLS, Part, RawTable, Unread};
use crate::content::Kind;
use crate::table::{Block, RawCell};
use crate::value::decimal_of;

const KIN: [&str; 9] = [
    "tabular",
    "tabularx",
    "tabulary",
    "longtable",
    "array",
    "supertabular",
    "tblr",
    "talltblr",
    "longtblr",
];

/// Whether a text holds a LaTeX table.
pub fn is(text: &str) -> bool {
    KIN.iter().any(|name| begins(text, name).is_some())
}

fn begins(text: &str, name: &str) -> Option<usize> {
    ["}", "*}"].iter().filter_map(|end| text.find(&format!("\\begin{{{name}{end}"))).min()
}

/// Cuts a LaTeX source into tables and prose.
///
/// # Errors
/// [`Unread::TooManyCells`].
pub fn read(text: &str) -> Result<Part, Unread> {
    let mut part = Part::new(Kind::ConsoleText);
    (part.tables, part.lines) = cut(text)?;
    text.clone_into(&mut part.text);
    Ok(part)
}

fn cut(text: &str) -> Result<(Vec<RawTable>, Vec<Line>), Unread> {
    let mut out = (Vec::new(), Vec::new());
    let mut reader = Reader::default();
    for (at, line) in text.lines().enumerate() {
        let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
        reader.line(number, line, &mut out)?;
    }
    reader.close(&mut out);
    Ok(out)
}

#[derive(Default)]
struct Reader {
    inside: bool,
    caption: Option<RawCell>,
    block: Block,
    row: Vec<RawCell>,
    cell: String,
    start: u32,
    depth: usize,
    cells: usize,
}

impl Reader {
    fn line(
        &mut self,
        number: u32,
        line: &str,
        out: &mut (Vec<RawTable>, Vec<Line>),
    ) -> Result<(), Unread> {
        let (line, comment) = comment(line);
        if !comment.trim().is_empty() {
            out.1.push(Line { number, text: comment.to_owned() });
        }
        if self.inside
            && line.contains("\\end{")
            && KIN.iter().any(|name| line.contains(&format!("\\end{{{name}")))
        {
            let end = line.find("\\end{").unwrap_or(line.len());
            self.body(number, &line[..end])?;
            self.close(out);
            return Ok(());
        }
        if !self.inside {
            let words = clean(line);
            if let Some(rest) = line.trim_start().strip_prefix("\\caption") {
                self.caption = Some(RawCell { text: clean(rest), line: number, column: 0 });
            }
            if !words.trim().is_empty() && words.chars().any(char::is_alphabetic) {
                out.1.push(Line { number, text: words });
            }
            self.inside = KIN.iter().any(|name| begins(line, name).is_some());
            self.start = number + 1;
            return Ok(());
        }
        self.body(number, line)
    }

    /// A line of a table.
    fn body(&mut self, number: u32, line: &str) -> Result<(), Unread> {
        let mut rest = line;
        while let Some(c) = rest.chars().next() {
            if self.depth == 0 && rest.starts_with("\\\\") {
                rest = after_break(&rest[2..]);
                self.cell(number);
                self.row()?;
                continue;
            }
            if self.depth == 0 && rest.starts_with('&') {
                self.cell(number);
                rest = &rest[1..];
                continue;
            }
            if let Some((name, after)) = rule(rest) {
                if matches!(name, "hline" | "midrule")
                    && !self.block.rows.is_empty()
                    && self.block.ruled.is_none()
                {
                    self.block.ruled = Some(self.block.rows.len());
                }
                rest = after;
                continue;
            }
            let escaped = c == '\\';
            let taken = if escaped {
                1 + rest[1..].chars().next().map_or(0, char::len_utf8)
            } else {
                c.len_utf8()
            };
            match c {
                '{' => self.depth += 1,
                '}' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            if self.cell.trim().is_empty() {
                self.start = number;
            }
            self.cell.push_str(&rest[..taken]);
            rest = &rest[taken..];
        }
        self.cell.push(' ');
        Ok(())
    }

    fn cell(&mut self, number: u32) {
        let raw = std::mem::take(&mut self.cell);
        let line = if raw.trim().is_empty() { number } else { self.start };
        let span = span(&raw);
        for nth in 0..span {
            let text = if nth == 0 { clean(&raw) } else { String::new() };
            self.row.push(RawCell { text, line, column: self.row.len() });
        }
    }

    fn row(&mut self) -> Result<(), Unread> {
        let row = std::mem::take(&mut self.row);
        self.cells += row.len();
        if self.cells > MAX_CELLS {
            return Err(Unread::TooManyCells);
        }
        if row.iter().any(|cell| !cell.text.trim().is_empty()) {
            self.block.rows.push(row);
        }
        Ok(())
    }

    fn close(&mut self, out: &mut (Vec<RawTable>, Vec<Line>)) {
        self.cell(self.start);
        let _ = self.row(); // its cells were counted
        let mut block = std::mem::take(&mut self.block);
        if let Some(caption) = self.caption.take().filter(|_| !block.rows.is_empty()) {
            block.rows.insert(0, vec![caption]);
            block.ruled = block.ruled.map(|ruled| ruled + 1);
        }
        let texts: Vec<String> = block.rows.iter().flatten().map(|c| c.text.clone()).collect();
        let decimal = decimal_of(texts.iter().flat_map(|t| t.split_whitespace()));
        flush(&mut block, decimal, out);
        (self.inside, self.depth) = (false, 0);
    }
}

/// A line and the comment behind its first `%` that is not escaped.
fn comment(line: &str) -> (&str, &str) {
    let bytes = line.as_bytes();
    let starts = |at: &usize| bytes[*at] == b'%' && (*at == 0 || bytes[at - 1] != b'\\');
    match (0..bytes.len()).find(starts) {
        Some(at) => (&line[..at], &line[at + 1..]),
        None => (line, ""),
    }
}

/// Skips `*` and `[length]` after a line break.
fn after_break(rest: &str) -> &str {
    let rest = rest.strip_prefix('*').unwrap_or(rest);
    match rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        Some((length, after)) if length.len() < 12 => after,
        _ => rest,
    }
}

/// A ruled line at the start of `rest`: its name, and what follows it.
fn rule(rest: &str) -> Option<(&str, &str)> {
    const NAMES: [&str; 9] = [
        "hline",
        "midrule",
        "toprule",
        "bottomrule",
        "cmidrule",
        "cline",
        "addlinespace",
        "endhead",
        "specialrule",
    ];
    let after = rest.strip_prefix('\\')?;
    let name = NAMES.iter().find(|name| after.starts_with(**name))?;
    let mut rest = &after[name.len()..];
    for (open, close) in [('(', ')'), ('[', ']'), ('{', '}')] {
        if let Some((_, after)) = rest.strip_prefix(open).and_then(|inner| inner.split_once(close))
        {
            rest = after;
        }
    }
    Some((name, rest))
}

/// Columns that a cell spans.
fn span(raw: &str) -> usize {
    let inner = raw.trim_start().strip_prefix("\\multicolumn{");
    let count =
        inner.and_then(|inner| inner.split_once('}')).and_then(|(n, _)| n.trim().parse().ok());
    count.unwrap_or(1).clamp(1, 100)
}

/// The words of a piece of LaTeX without its commands.
pub fn clean(raw: &str) -> String {
    let mut text = raw.trim().to_owned();
    for (command, arguments) in [
        ("\\multicolumn", 2),
        ("\\multirow", 2),
        ("\\SetCell", 1),
        ("\\begin", 1),
        ("\\end", 1),
        ("\\label", 1),
    ] {
        while let Some(at) = text.find(command) {
            let mut rest = text[at + command.len()..].to_owned();
            for _ in 0..arguments {
                rest = after_group(&rest).to_owned();
            }
            text = format!("{}{rest}", &text[..at]);
        }
    }
    for (from, to) in [
        ("{,}", ","),
        ("\\%", "%"),
        ("\\&", "&"),
        ("\\_", "_"),
        ("\\#", "#"),
        ("\\$", "\u{24}"),
        ("\\,", "\u{202f}"),
        ("\\;", " "),
        ("\\ ", " "),
        ("~", " "),
        ("\\textsuperscript", ""),
        ("\\textless", "<"),
        ("\\textgreater", ">"),
        ("\\leq", "≤"),
        ("\\sym", ""),
        ("^", ""),
        ("$", ""),
        ("---", "—"),
        ("--", "–"),
        ("\\\\", " "),
    ] {
        text = text.replace(from, to);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let name = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        rest = &after[name..];
    }
    out.push_str(rest);
    out.retain(|c| !matches!(c, '{' | '}'));
    out.trim().to_owned()
}

/// What follows a group in braces or brackets.
fn after_group(rest: &str) -> &str {
    let rest = rest.trim_start();
    let mut depth = 0_usize;
    for (at, c) in rest.char_indices() {
        match c {
            '{' | '[' => depth += 1,
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return &rest[at + 1..];
                }
            }
            _ if depth == 0 => return &rest[at..],
            _ => {}
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\\begin{table}\n\\caption{Effectifs par région}\n\\begin{tabular}{lrr}\n\\toprule\n & \\multicolumn{2}{c}{Sexe} \\\\\n\\cmidrule(lr){2-3}\nRégion & Femmes & Hommes \\\\\n\\midrule\nBretagne & 1\\,204 & \\textbf{7} \\\\\nNord & 12 & 30\\% \\\\\n\\bottomrule\n\\end{tabular}\n\\end{table}\n";

    #[test]
    fn cells_keep_their_lines_and_lose_their_commands() {
        let extract = crate::extract::Extract::of(read(TABLE).expect("read"), 0);
        let table = &extract.tables[0];
        assert_eq!(table.columns[2].title, "Sexe Hommes");
        assert_eq!(table.number(0, 2), Some(7.0));
        assert_eq!(table.number(0, 1), Some(1204.0));
        assert_eq!(table.cell(0, 2).expect("a cell").place.line, Some(9));
        assert!(table.title.contains("Effectifs"));
    }

    #[test]
    fn stars_and_brackets_stay() {
        assert_eq!(clean("$0.52^{***}$"), "0.52***");
        assert_eq!(clean("\\multirow{2}{*}{Corse}"), "Corse");
        assert_eq!(clean("1{,}204"), "1,204");
        assert_eq!(clean("\\textless 11"), "< 11");
    }

    #[test]
    fn broken_sources_are_read_without_a_panic() {
        for text in [
            "\\begin{tabular}{",
            "\\begin{tabular}{ll}\na & \\",
            "\\begin{tabular}{l}\n}}}} & \\multicolumn{9999999999}{",
            "\\begin{tabular}{l} é\\",
        ] {
            let _ = read(text);
        }
    }
}
