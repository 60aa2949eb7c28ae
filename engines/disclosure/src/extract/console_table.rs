//! Lines that a program printed between two blank ones, as a table: columns aligned by blanks.

use super::console_align;
use super::console_place::{Printed, Word, edges, headed, row, split};
use super::text::flush;
use super::{Line, MAX_CELLS, RawTable, Unread};
use crate::value::{self, Decimal, Value};

/// Where each line has as many words between wide gaps as the header, and all but the first are
/// figures, single blanks stand within numbers: `1 204 512`.
fn by_wide_gaps(lines: &mut [Printed], decimal: Decimal) {
    let figure = |w: &Word| matches!(value::read(&w.text, decimal), Value::Number(_) | Value::Mask);
    let mut plain = lines.iter().filter(|l| !l.rule);
    let Some(header) = plain.next().filter(|l| l.figures == 0 && l.wide.len() >= 2) else { return };
    let width = header.wide.len();
    let fits = |l: &Printed| l.wide.len() == width && l.wide.iter().skip(1).all(figure);
    let grouped = |l: &Printed| l.wide.iter().skip(1).any(|w| w.text.contains(' '));
    if lines.iter().filter(|l| !l.rule).skip(1).all(fits) && lines.iter().any(grouped) {
        for line in lines.iter_mut().filter(|l| !l.rule).skip(1) {
            line.words.clone_from(&line.wide);
            line.figures = width - 1;
        }
    }
}

/// Ranks alone (`0%  25%  50%  75% 100%`), as R prints them above its quantiles.
fn is_ranks(words: &[Word]) -> bool {
    let rank = |w: &Word| w.text.strip_suffix('%').and_then(|n| n.parse::<f64>().ok());
    let ranks: Option<Vec<f64>> = words.iter().map(rank).collect();
    ranks.is_some_and(|ranks| {
        ranks.len() >= 3
            && ranks.windows(2).all(|pair| pair[0] < pair[1])
            && ranks[ranks.len() - 1] <= 100.0
    })
}

/// Lines of a data frame, whose words and figures stand in turns: columns are where no line has a
/// letter.
fn by_alignment(lines: &mut [Printed]) {
    let plain: Vec<usize> = (0..lines.len()).filter(|at| !lines[*at].rule).collect();
    let Some(header) = plain.iter().position(|at| lines[*at].figures == 0) else { return };
    let own = &plain[header..];
    let texts: Vec<String> = own.iter().map(|at| lines[*at].text.replace('|', " ")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let Some(rows) = console_align::columns(&texts) else { return };
    for (at, cells) in own.iter().zip(rows) {
        let word = |(start, end, text): (usize, usize, String)| Word { text, start, end };
        let line = &mut lines[*at];
        line.words = cells.into_iter().map(word).collect();
        line.wide.clone_from(&line.words);
        // The first is the label, whatever it is.
        line.figures = if *at == own[0] { 0 } else { line.words.len().saturating_sub(1) };
    }
}

/// Whether lines are names with their values (`No. Observations:  812`), which form no table.
fn is_properties(lines: &[Printed]) -> bool {
    let named = |l: &&Printed| l.text.contains(": ") || l.text.trim_end().ends_with(':');
    let plain: Vec<&Printed> = lines.iter().filter(|l| !l.rule).collect();
    plain.len() >= 3 && plain.iter().filter(|l| named(l)).count() * 10 >= plain.len() * 8
}

impl Printed {
    /// Takes a line apart.
    pub fn new(number: u32, line: &str, decimal: Decimal) -> Self {
        let rule = line.chars().all(|c| "-=+|─┼│━═ ".contains(c)) && line.contains(['-', '=', '─']);
        // R prints `1st Qu.` as one header, and `Max.   :77.0` in each column of a summary.
        let line = line.replace("1st Qu.", "1st_Qu.").replace("3rd Qu.", "3rd_Qu.");
        let mut line = summary(&line).unwrap_or(line);
        // pandas folds wide frames: the header of all parts but the last ends with a backslash.
        if line.ends_with("  \\") {
            line.truncate(line.len() - 1);
        }
        let single = split(&line, 1);
        // `Tableau 1, page 3.` is a sentence: its last word is no figure of a row.
        let lettered = single.iter().filter(|w| w.text.contains(char::is_alphabetic)).count() >= 2;
        let stop = single.last().filter(|w| lettered && w.text.ends_with('.')).map(|w| w.start);
        let figure = |w: &Word| {
            Some(w.start) != stop
                && !matches!(value::read(&w.text, decimal), Value::Text | Value::Empty)
        };
        // The label runs up to the last word that is no figure; figures follow it.
        let ranks = is_ranks(&single);
        let label = single.iter().rposition(|w| !figure(w)).map_or(0, |last| last + 1);
        let figures = single.len() - label;
        let mut words: Vec<Word> = single[label..].to_vec();
        if let (Some(first), Some(last)) = (single.first(), single[..label].last()) {
            let texts: Vec<&str> = single[..label].iter().map(|w| w.text.as_str()).collect();
            words.insert(0, Word { text: texts.join(" "), start: first.start, end: last.end });
        }
        let wide = split(&line, 2);
        if ranks {
            return Self { number, text: line, wide: words.clone(), words, figures: 0, rule };
        }
        if let Some((words, figures)) = trailed(&wide, decimal).filter(|_| figures == 0) {
            return Self { number, text: line, wide, words, figures, rule };
        }
        Self { number, wide, text: line, words, figures, rule }
    }

    /// The line as prose.
    pub fn line(&self) -> Line {
        Line { number: self.number, text: self.text.clone() }
    }
}

/// Words of a line whose figures stand between its label and a remark, all parted by wide gaps.
fn trailed(wide: &[Word], decimal: Decimal) -> Option<(Vec<Word>, usize)> {
    let figure = |w: &Word| matches!(value::read(&w.text, decimal), Value::Number(_));
    let [first, inner @ .., last] = wide else { return None };
    let words = |w: &Word| w.text.contains(char::is_alphabetic) && !figure(w);
    let run = inner.iter().flat_map(|w| {
        split(&w.text, 1).into_iter().map(|part| Word {
            start: w.start + part.start,
            end: w.start + part.end,
            ..part
        })
    });
    let run: Vec<Word> = run.collect();
    if !(words(first) && words(last) && run.len() >= 3 && run.iter().all(figure)) {
        return None;
    }
    let figures = run.len() + 1;
    let all = std::iter::once(first.clone()).chain(run).chain(std::iter::once(last.clone()));
    Some((all.collect(), figures))
}

/// A line of R's `summary` of a data frame, with the name of the statistic once, in front.
fn summary(line: &str) -> Option<String> {
    const NAMES: [&str; 6] = ["Min.", "1st_Qu.", "Median", "Mean", "3rd_Qu.", "Max."];
    let name = NAMES.iter().find(|name| line.trim_start().starts_with(**name))?;
    let mut rest = line.trim_start()[name.len()..].trim_start().strip_prefix(':')?;
    let mut out = format!("{name:<8}");
    out.push_str(&" ".repeat(line.chars().count().saturating_sub(rest.chars().count() + 8)));
    while let Some(at) = rest.find(name) {
        out.push_str(&rest[..at]);
        let after = rest[at..].find(':').map_or(rest.len(), |colon| at + colon + 1);
        out.push_str(&" ".repeat(rest[at..after].chars().count()));
        rest = &rest[after..];
    }
    out.push_str(rest);
    Some(out)
}

/// Lines between two blank ones: prose, then a header, then rows of figures.
pub fn finish(
    pending: &mut Vec<Printed>,
    decimal: Decimal,
    out: &mut (Vec<RawTable>, Vec<Line>),
) -> Result<(), Unread> {
    let mut lines = std::mem::take(pending);
    by_wide_gaps(&mut lines, decimal);
    by_alignment(&mut lines);
    if is_properties(&lines) {
        out.1.extend(lines.iter().filter(|l| !l.rule).map(Printed::line));
        return Ok(());
    }
    let first = lines.iter().position(|l| !l.rule && l.figures > 0);
    let Some(first) = first.filter(|_| lines.iter().filter(|l| l.figures > 0).count() >= 1) else {
        out.1.extend(lines.iter().filter(|l| !l.rule).map(Printed::line));
        return Ok(());
    };
    // R closes its tables of estimates with `---`, which is no rule below a header.
    let ruled = lines.iter().position(|l| l.rule && l.words.len() <= 40 && l.text.trim().len() > 4);
    // A rule above everything is a frame; one below a first line closes the headers.
    let ruled = ruled.filter(|at| *at > 0 && *at <= first + 2);
    let body = ruled.unwrap_or(first);
    let edges = edges(&lines[body..]);
    // Each row gets a cell at each edge: one wide line must not make thousands of short ones wide.
    if edges.len().saturating_mul(lines.len()) > MAX_CELLS {
        return Err(Unread::TooManyCells);
    }
    // pandas prints the name of the index alone, on a line of its own below the headers.
    let name = |l: &Printed| l.words.len() == 1 && !l.text.trim().contains(' ');
    let counted = |l: &Printed| {
        let words = split(&l.text, 1).len();
        l.figures == 0 && edges.len() > 2 && (words == edges.len() || words + 1 == edges.len())
    };
    let header =
        |l: &&Printed| !l.rule && (l.wide.len() + 1 >= edges.len().min(3) || name(l) || counted(l));
    // A frame around everything is followed by a rule right above the rows.
    let framed = ruled.is_none() && body >= 2 && lines[body - 1].rule;
    let above = &lines[..body - usize::from(framed)];
    let headers: Vec<&Printed> = above.iter().rev().take(3).take_while(header).collect();
    let titles = above.len() - headers.len();
    out.1.extend(lines[..titles].iter().filter(|l| !l.rule).map(Printed::line));
    let mut block = headed(&headers, &edges);
    for printed in lines[body..].iter().filter(|l| !l.rule) {
        // A row whose figures have no column of their own is judged as a line: a cell that holds two
        // of them, or a label that holds one, would say nothing to any rule.
        match row(printed, &edges) {
            Some(row) => block.rows.push(row),
            None => out.1.push(printed.line()),
        }
        if printed.figures == 0 {
            out.1.push(printed.line());
        }
    }
    // Prose with numbers is read as prose too: a table of it may hide a sentence.
    out.1.extend(
        lines[titles..]
            .iter()
            .filter(|l| l.text.chars().filter(|c| c.is_alphabetic()).count() > 12)
            .map(Printed::line),
    );
    flush(&mut block, decimal, out);
    Ok(())
}
