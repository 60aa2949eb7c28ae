//! LaTeX: the tables of stargazer, esttab, xtable, modelsummary, knitr and by hand.

use super::grid::{self, GridRow};
use super::{Line, Part, Unread};
use crate::content::Kind;

/// Environments whose body is a table.
const TABLES: [&str; 9] = [
    "tabular",
    "tabular*",
    "tabularx",
    "longtable",
    "tblr",
    "talltblr",
    "longtblr",
    "supertabular",
    "array",
];

/// Whether text is LaTeX.
pub fn is(text: &str) -> bool {
    TABLES.iter().any(|name| text.contains(&format!("\\begin{{{name}}}")))
        || text.contains("\\documentclass")
        || text.contains("\\begin{table}")
}

/// Reads a document or a table.
///
/// # Errors
/// More cells than are read.
pub fn read(text: &str) -> Result<Part, Unread> {
    let mut part = Part::new(Kind::ConsoleText);
    let mut at = 0;
    let mut line = 1_u32;
    let mut caption = None;
    while let Some(found) = next_table(text, at) {
        let before = &text[at..found.begin];
        caption = prose(before, line, &mut part).or(caption);
        line += count_lines(before) + count_lines(&text[found.begin..found.body]);
        let body = &text[found.body..found.end];
        let after = &text[found.end..];
        // A caption may stand below its table, before the float ends.
        let below = after.find("\\end{table").and_then(|end| caption_of(&after[..end]));
        let title = caption.take().or(below);
        let mut rows = rows(body, line);
        if let Some(title) = title {
            rows.insert(0, GridRow { line, cells: vec![(0, title)] });
        }
        let (tables, lines) = grid::whole(&rows, None)?;
        part.tables.extend(tables);
        part.lines.extend(lines);
        line += count_lines(body);
        at = found.end;
    }
    prose(&text[at..], line, &mut part);
    text.clone_into(&mut part.text);
    Ok(part)
}

struct Found {
    begin: usize,
    body: usize,
    end: usize,
}

/// The next environment that is a table, its body without the arguments.
fn next_table(text: &str, from: usize) -> Option<Found> {
    let mut at = from;
    loop {
        let begin = at + text.get(at..)?.find("\\begin{")?;
        let name_at = begin + "\\begin{".len();
        let name = &text[name_at..name_at + text.get(name_at..)?.find('}')?];
        at = name_at + name.len() + 1;
        if !TABLES.contains(&name) {
            continue;
        }
        let body = after_groups(text, at);
        let close = format!("\\end{{{name}}}");
        let end = body + text.get(body..)?.find(&close).unwrap_or(text.len() - body);
        return Some(Found { begin, body, end });
    }
}

/// Passes over `[...]` and `{...}` that follow.
fn after_groups(text: &str, mut at: usize) -> usize {
    for _ in 0..4 {
        let rest = text.get(at..).unwrap_or_default();
        let trimmed = rest.trim_start_matches([' ', '%', '\n']);
        let open = at + rest.len() - trimmed.len();
        match trimmed.bytes().next() {
            Some(b'[' | b'{') => at = open + group(trimmed),
            _ => return at,
        }
    }
    at
}

/// The length of the group that opens `text`, its brackets in it.
fn group(text: &str) -> usize {
    let (open, close) = if text.starts_with('[') { (b'[', b']') } else { (b'{', b'}') };
    let (mut depth, mut escaped) = (0_usize, false);
    for (at, b) in text.bytes().enumerate() {
        match b {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b if b == open => depth += 1,
            b if b == close => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}

fn count_lines(text: &str) -> u32 {
    u32::try_from(memchr::memchr_iter(b'\n', text.as_bytes()).count()).unwrap_or(u32::MAX / 2)
}

/// Adds the lines outside tables; gives the caption among them.
fn prose(text: &str, first: u32, part: &mut Part) -> Option<String> {
    for (number, line) in (first..).zip(text.lines()) {
        let clean = clean(line.trim_start_matches(['%', ' ']));
        // Lengths, packages and labels are settings, not results.
        let setting = [
            "\\usepackage",
            "\\documentclass",
            "\\setlength",
            "\\label",
            "\\vspace",
            "\\hspace",
            "\\begin",
            "\\end",
            "\\def",
            "\\newcommand",
            "\\resizebox",
            "\\definecolor",
        ];
        let generated = line.trim_start().starts_with('%') && !super::html::comment_tells(line);
        if !clean.trim().is_empty()
            && !generated
            && !setting.iter().any(|s| line.trim_start().starts_with(s))
        {
            part.lines.push(Line { number, text: clean });
        }
    }
    caption_of(text)
}

fn caption_of(text: &str) -> Option<String> {
    let at = text.rfind("\\caption")? + "\\caption".len();
    let start = after_optional(text, at);
    let rest = text.get(start..)?;
    rest.starts_with('{').then(|| clean(&rest[1..group(rest).max(2) - 1]))
}

fn after_optional(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    if rest.starts_with('[') { at + group(rest) } else { at }
}

/// Rows by `\\`, cells by `&`. A row that is commented out still leaves with the file: it is read.
fn rows(body: &str, first: u32) -> Vec<GridRow> {
    let mut rows = Vec::new();
    let (mut line, mut row_line) = (first, first);
    let (mut cells, mut cell, mut depth) = (Vec::<String>::new(), String::new(), 0_i32);
    let mut chars = body.chars().peekable();
    let mut line_start = true;
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.peek() {
                Some('\\') => {
                    chars.next();
                    cells.push(std::mem::take(&mut cell));
                    rows.push(row(&std::mem::take(&mut cells), row_line));
                    row_line = line;
                    // `\\[1.8ex]` and `\\*`.
                    while matches!(chars.peek(), Some('*')) {
                        chars.next();
                    }
                    if chars.peek() == Some(&'[') {
                        for skipped in chars.by_ref() {
                            if skipped == ']' || skipped == '\n' {
                                line += u32::from(skipped == '\n');
                                break;
                            }
                        }
                    }
                }
                Some(&escaped) => {
                    cell.push('\\');
                    cell.push(escaped);
                    chars.next();
                }
                None => {}
            },
            '\n' => {
                line += 1;
                if cells.is_empty() && cell.trim().is_empty() {
                    row_line = line;
                }
                cell.push(' ');
                line_start = true;
                continue;
            }
            '%' if line_start => {}
            '{' => {
                depth += 1;
                cell.push(c);
            }
            '}' => {
                depth -= 1;
                cell.push(c);
            }
            '&' if depth <= 0 => cells.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
        line_start = line_start && c.is_whitespace();
    }
    if !cells.is_empty() || !clean(&cell).trim().is_empty() {
        cells.push(cell);
        rows.push(row(&cells, row_line));
    }
    rows
}

fn row(cells: &[String], line: u32) -> GridRow {
    let mut out = GridRow { line, cells: Vec::new() };
    let mut column = 0;
    for cell in cells {
        let (text, span) = match cell.find("\\multicolumn") {
            Some(at) => {
                let rest = &cell[at + "\\multicolumn".len()..];
                let count = rest.trim_start();
                let span =
                    count.strip_prefix('{').and_then(|c| c.split('}').next()?.trim().parse().ok());
                let mut body = count;
                for _ in 0..2 {
                    body = body.get(group(body)..).unwrap_or_default().trim_start();
                }
                (clean(body), span.unwrap_or(1_usize))
            }
            None => (clean(cell), 1),
        };
        out.cells.push((column, text.split_whitespace().collect::<Vec<_>>().join(" ")));
        column += span.clamp(1, 500);
    }
    out
}

/// Commands that draw or place and say nothing; their arguments go with them.
const SILENT: [&str; 22] = [
    "hline",
    "toprule",
    "midrule",
    "bottomrule",
    "cmidrule",
    "cline",
    "label",
    "vspace",
    "hspace",
    "addlinespace",
    "color",
    "rowcolor",
    "cellcolor",
    "textcolor",
    "centering",
    "endhead",
    "endfirsthead",
    "endfoot",
    "endlastfoot",
    "noalign",
    "specialrule",
    "newpage",
];

/// Text without commands: `\textbf{12}` is `12`, `$^{***}$` is `***`, `\%` is `%`.
pub fn clean(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '\\' => rest = command(rest, &mut out),
            '{' | '}' | '$' | '^' | '_' => {}
            '~' => out.push(' '),
            '%' => break,
            c => out.push(c),
        }
    }
    out
}

fn command<'a>(rest: &'a str, out: &mut String) -> &'a str {
    let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
    if letters == 0 {
        let Some(c) = rest.chars().next() else { return rest };
        match c {
            '%' | '&' | '$' | '#' | '_' | '{' | '}' => out.push(c),
            ',' | ' ' | ';' | ':' | '!' => out.push(' '),
            // Accents come before their letter, which stays.
            _ => {}
        }
        return &rest[c.len_utf8()..];
    }
    let (name, mut rest) = rest.split_at(letters);
    match name {
        "textless" => out.push('<'),
        "textgreater" => out.push('>'),
        "leq" | "le" => out.push('≤'),
        "times" => out.push('×'),
        "multirow" => {
            // \multirow{rows}{width}{text}
            for _ in 0..2 {
                rest = rest.trim_start();
                if rest.starts_with(['{', '[']) {
                    rest = &rest[group(rest)..];
                }
                if rest.starts_with('*') {
                    rest = &rest[1..];
                }
            }
        }
        _ if SILENT.contains(&name) => {
            for _ in 0..3 {
                let trimmed = rest.trim_start();
                let argument = trimmed.starts_with(['[', '{', '(']);
                if !argument
                    || matches!(name, "hline" | "toprule" | "midrule" | "bottomrule" | "centering")
                        && !trimmed.starts_with('[')
                {
                    break;
                }
                rest = match trimmed.find(')').filter(|_| trimmed.starts_with('(')) {
                    Some(end) => &trimmed[end + 1..],
                    None => &trimmed[group(trimmed)..],
                };
            }
        }
        "begin" | "end" => {
            let trimmed = rest.trim_start();
            if trimmed.starts_with('{') {
                rest = &trimmed[group(trimmed)..];
            }
        }
        _ => {
            // The argument, if there is one, is text; options are not.
            if rest.starts_with('[') {
                rest = &rest[group(rest)..];
            }
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_lose_their_commands_and_keep_their_figures() {
        assert_eq!(clean("\\textbf{12} "), "12 ");
        assert_eq!(clean("$-$0.12$^{***}$"), "-0.12***");
        assert_eq!(clean("12\\,345 \\%"), "12 345 %");
        assert_eq!(clean("\\hline\\\\[-1.8ex] Sexe").trim_start_matches("[-1.8ex] "), "Sexe");
        assert_eq!(clean("0.5\\sym{**}"), "0.5**");
        assert_eq!(clean("$<$11"), "<11");
    }

    #[test]
    fn a_table_has_its_rows_at_their_lines_and_its_caption_as_title() {
        let text = "\\begin{table}\n\\caption{Patients (N=812)}\n\\begin{tabular}{lrr}\n\\hline\nSexe & \\multicolumn{2}{c}{Effectif} \\\\\nH & 12 & 3 \\\\ \n% F & 1 & 2 \\\\\n\\hline\n\\end{tabular}\n\\end{table}\n";
        let part = read(text).unwrap();
        let rows = &part.tables[0].block.rows;
        assert_eq!(rows[0][0].text, "Patients (N=812)");
        assert_eq!((rows[2][2].text.as_str(), rows[2][2].line), ("3", 6));
        assert_eq!(rows[3][1].text, "1");
    }
}
