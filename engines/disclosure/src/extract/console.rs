//! What R, Stata, Python and SAS print: columns aligned by blanks, ruled lines, prose between.

use std::borrow::Cow;

use super::console_place::{Printed, Word, split};
use super::console_table::finish;
use super::{Line, MAX_CELLS, RawTable, Unread};
use super::{console_box, console_marks, console_records};
use crate::table::RawCell;
use crate::value::{self, Decimal, Value, decimal_of};

/// Cuts a console text into tables and prose.
///
/// # Errors
/// [`Unread::TooManyCells`].
pub fn read(text: &str) -> Result<(Vec<RawTable>, Vec<Line>), Unread> {
    let decimal = decimal_of(text.split_whitespace());
    let lines = console_marks::without_marks(text);
    let mut cutter = Cutter {
        lines: &lines,
        decimal,
        pending: Vec::new(),
        cells: 0,
        boxless: 0,
        out: (Vec::new(), Vec::new()),
    };
    let mut at = 0;
    while at < lines.len() {
        at += match cutter.block(at)? {
            Some(length) => length.max(1),
            None => {
                cutter.line(at)?;
                1
            }
        };
    }
    cutter.finish()?;
    Ok(cutter.out)
}

/// A text that is being cut.
struct Cutter<'a> {
    lines: &'a [Cow<'a, str>],
    decimal: Decimal,
    /// Lines that may be those of one table.
    pending: Vec<Printed>,
    cells: usize,
    /// Lines up to this one are known for no box.
    boxless: usize,
    out: (Vec<RawTable>, Vec<Line>),
}

impl Cutter<'_> {
    fn finish(&mut self) -> Result<(), Unread> {
        finish(&mut self.pending, self.decimal, &mut self.out)
    }

    /// Reads a block with a reader of its own, and gives how many lines it takes.
    fn block(&mut self, at: usize) -> Result<Option<usize>, Unread> {
        let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
        let lines = &self.lines[at..];
        if let Some((length, tables)) = console_marks::detail(lines, number, self.decimal) {
            self.finish()?;
            self.out.0.extend(tables);
            return Ok(Some(length));
        }
        if let Some((length, table)) = console_records::read(lines, number, self.decimal) {
            self.finish()?;
            self.count(&table)?;
            self.out.0.push(table);
            return Ok(Some(length));
        }
        let boxed = (at >= self.boxless).then(|| console_box::read(lines, number, self.decimal));
        let Some((length, table)) = boxed.flatten() else { return Ok(None) };
        self.boxless = at + length;
        let Some(mut table) = table else { return Ok(None) };
        let title = self.pending.pop_if(|line| line.figures == 0 && !line.rule);
        self.finish()?;
        if let Some(title) = title {
            titled(&mut table, &title);
            self.out.1.push(title.line());
        }
        self.count(&table)?;
        self.out.0.push(table);
        Ok(Some(length))
    }

    fn count(&mut self, table: &RawTable) -> Result<(), Unread> {
        self.cells += table.block.rows.iter().map(Vec::len).sum::<usize>();
        if self.cells > MAX_CELLS { Err(Unread::TooManyCells) } else { Ok(()) }
    }

    /// Puts a line to those of the table before it, or ends that.
    fn line(&mut self, at: usize) -> Result<(), Unread> {
        let line: &str = &self.lines[at];
        let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
        let blank = line.trim().is_empty();
        // SAS parts the names of columns from what stands below them by a blank line.
        if blank && (is_listing(&self.pending) || self.is_head(at)) || is_types(line) {
            return Ok(());
        }
        let parts = is_double_rule(line) && self.pending.iter().any(|l| l.figures > 0);
        if self.ends(at) {
            self.finish()?;
        }
        if blank || parts || line.trim_start().starts_with("```") {
            return Ok(());
        }
        if line.trim_start().starts_with("Signif. codes") || is_remark(line) || is_vector(line) {
            self.out.1.push(Line { number, text: line.to_owned() });
            return Ok(());
        }
        let printed = Printed::new(number, line, self.decimal);
        self.cells += printed.words.len();
        if self.cells > MAX_CELLS {
            return Err(Unread::TooManyCells);
        }
        self.pending.push(printed);
        Ok(())
    }

    /// Whether the table before a line ends there.
    fn ends(&self, at: usize) -> bool {
        let line: &str = &self.lines[at];
        let figures = || self.pending.iter().any(|l| l.figures > 0);
        // Another header between two rules starts another table.
        let header = || {
            is_rule(line)
                && figures()
                && self.lines.get(at + 1).is_some_and(|next| is_header(next))
                && self.lines.get(at + 2).is_some_and(|next| is_rule(next))
        };
        line.trim().is_empty()
            || line.trim_start().starts_with("```")
            || line.trim_start().starts_with("Signif. codes")
            || is_remark(line)
            || is_vector(line)
            || is_double_rule(line) && figures()
            || header()
    }

    /// Whether the blank line at `at` parts a header, names of columns alone, from rows with as many
    /// cells.
    fn is_head(&self, at: usize) -> bool {
        let Some(head) = self.pending.last().filter(|l| l.figures == 0 && !l.rule) else {
            return false;
        };
        if is_ends(&head.text) {
            return true;
        }
        let Some(next) = self.lines.get(at + 1) else { return false };
        let row = Printed::new(0, next, self.decimal);
        head.wide.len() >= 3
            && head.words.len() == 1
            && !head.text.contains([':', ';', '='])
            && row.wide.len() == head.wide.len()
            && row.figures * 2 >= row.wide.len()
    }
}

/// SAS's heads of the least and the greatest values: `----Lowest----        ----Highest---`.
fn is_ends(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().map(|w| w.trim_matches('-')).collect();
    matches!(words.as_slice(), ["Lowest", "Highest"] | ["Value", "Obs", "Value", "Obs"])
}

/// The types of a tibble's columns (`<int> <chr>`), between their names and the rows.
fn is_types(line: &str) -> bool {
    let mut words = line.split_whitespace().peekable();
    words.peek().is_some()
        && words.all(|w| {
            let inner = w.strip_prefix('<').and_then(|w| w.strip_suffix('>'));
            inner.is_some_and(|t| {
                t.len() >= 3
                    && t.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '+' | '[' | ']'))
            })
        })
}

/// What is typed at a prompt, and what a tibble says of its size: no rows.
fn is_remark(line: &str) -> bool {
    is_prompt(line)
        || ["# A tibble:", "# \u{2026} with", "# \u{2139}", "# Groups:"]
            .iter()
            .any(|head| line.trim_start().starts_with(head))
}

/// A line of a printed vector (`[19] 31 45`): its first word is no label of a row.
fn is_vector(line: &str) -> bool {
    let index = line.trim_start().strip_prefix('[').and_then(|rest| rest.split_once(']'));
    index.is_some_and(|(n, _)| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

fn is_rule(line: &str) -> bool {
    line.trim().len() > 4
        && line.contains(['-', '=', '─'])
        && line.chars().all(|c| "-=+|─┼│━═ ".contains(c))
}

/// Whether lines are the header of `PROC PRINT` alone: `Obs` and names of columns.
fn is_listing(lines: &[Printed]) -> bool {
    matches!(lines, [one] if one.text.trim_start().starts_with("Obs ") && is_header(&one.text))
}

/// Puts the line right above a box in front of it, as its title.
fn titled(table: &mut RawTable, title: &Printed) {
    let text = title.text.trim().to_owned();
    table.block.rows.insert(0, vec![RawCell { text, line: title.number, column: 0 }]);
    table.block.ruled = table.block.ruled.map(|ruled| ruled + 1);
}

/// Names of columns, without any figure.
fn is_header(line: &str) -> bool {
    let figure = |w: &Word| matches!(value::read(&w.text, Decimal::Unknown), Value::Number(_));
    let words = split(line, 1);
    words.len() >= 3 && !words.iter().any(figure)
}

/// A line of `=` alone parts the blocks of a model's summary; below a header it is a rule as any.
fn is_double_rule(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 20 && line.bytes().all(|b| b == b'=')
}

/// Whether a line is what was typed at the prompt of R or Python: what follows is its answer. `> 80
/// ans   412` is a row.
fn is_prompt(line: &str) -> bool {
    let typed = [">>> ", "> ", "In [", "mysql> ", "sqlite> "]
        .iter()
        .find_map(|prompt| line.strip_prefix(prompt));
    let word = |rest: &str| rest.starts_with(|c: char| c.is_alphabetic() || c == '.');
    let calls = |rest: &str| rest.contains(['(', '$', '[']) || rest.contains("<-");
    line.trim_end() == ">"
        || typed.is_some_and(|rest| word(rest) && (calls(rest) || !rest.contains("  ")))
        || line.starts_with("In [")
}
