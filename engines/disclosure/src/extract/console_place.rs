//! The words of a printed line, and the columns that they stand in.

use crate::table::{Block, RawCell};

/// A word of a line with its first and last place, in characters.
#[derive(Debug, Clone)]
pub struct Word {
    pub text: String,
    pub start: usize,
    pub end: usize,
}

/// A line with its words.
pub struct Printed {
    pub number: u32,
    pub text: String,
    /// Words between blanks; the label's words in front are one.
    pub words: Vec<Word>,
    /// Words between two blanks or more, for headers.
    pub wide: Vec<Word>,
    pub figures: usize,
    pub rule: bool,
}

/// The words of a line; `gap` blanks at least part two of them, and bars always do.
pub fn split(line: &str, gap: usize) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut blanks = usize::MAX;
    for (at, c) in line.chars().enumerate() {
        match c {
            '|' | '│' | '\t' => blanks = usize::MAX,
            _ if c == ' ' => blanks = blanks.saturating_add(1),
            _ => {
                match words.last_mut() {
                    Some(word) if blanks < gap => {
                        word.text.extend(std::iter::repeat_n(' ', blanks));
                        word.text.push(c);
                        word.end = at;
                    }
                    _ => words.push(Word { text: c.into(), start: at, end: at }),
                }
                blanks = 0;
            }
        }
    }
    words
}

/// A block with its headers alone (given from the last to the first).
pub fn headed(headers: &[&Printed], edges: &[(usize, usize)]) -> Block {
    let mut block = Block::default();
    for printed in headers.iter().rev() {
        let words = if printed.wide.len() + 1 >= edges.len() {
            printed.wide.clone()
        } else {
            split(&printed.text, 1)
        };
        block.rows.push(place(&words, edges, printed.number));
    }
    block.ruled = (!block.rows.is_empty()).then_some(block.rows.len());
    block
}

/// The columns of a block: the label, then the places of the widest row of figures.
pub fn edges(lines: &[Printed]) -> Vec<(usize, usize)> {
    let labelled = lines.iter().any(|l| !l.rule && l.figures < l.words.len());
    let widest = lines.iter().filter(|l| !l.rule).max_by_key(|l| l.figures);
    let Some(widest) = widest else { return Vec::new() };
    let figures = widest.words.iter().skip(widest.words.len() - widest.figures);
    let mut edges: Vec<(usize, usize)> = figures.map(|w| (w.start, w.end)).collect();
    if labelled {
        // A line of words alone (`Name: count, dtype: int64`) may be longer than the labels.
        let figures = lines.iter().filter(|l| l.figures > 0 && l.figures < l.words.len());
        let end = figures.clone().filter(|l| !l.rule).filter_map(|l| l.words.first());
        let end = end.map(|w| w.end).max().unwrap_or(0);
        // A row whose label is a figure (a class `1`, a quantile `25%`) has it where others have
        // their labels.
        edges.retain(|edge| edge.0 > end);
        let first = edges.first().map_or(end, |e| e.0.saturating_sub(1));
        edges.insert(0, (0, end.min(first)));
    }
    edges
}

/// The cells of a row. As many figures behind a label as there are columns stand in them in turn,
/// wherever they are; `None` where fewer figures run into each other or into the label.
pub fn row(printed: &Printed, edges: &[(usize, usize)]) -> Option<Vec<RawCell>> {
    let labelled = printed.figures > 0 && printed.figures + 1 == printed.words.len();
    let columns = edges.len().saturating_sub(1);
    // `GROUP BY 1, 2` is no row.
    if labelled && printed.words[0].text.to_lowercase().ends_with(" by") {
        return None;
    }
    let cells = place(&printed.words, edges, printed.number);
    let apart = cells.iter().filter(|cell| !cell.text.is_empty()).count() == printed.words.len();
    // Figures in front of others belong to the label; a line of words alone is no row.
    let more = printed.figures < printed.words.len() && printed.figures > columns;
    if printed.figures == 0 || more || apart {
        return Some(cells);
    }
    // More words than these are a sentence.
    let short = printed.words.first().is_some_and(|w| w.text.split_whitespace().count() <= 6);
    (labelled && short && printed.figures == columns).then(|| {
        let cell = |(column, word): (usize, &Word)| RawCell {
            text: word.text.trim().to_owned(),
            line: printed.number,
            column,
        };
        printed.words.iter().enumerate().map(cell).collect()
    })
}

/// Puts each word into the column that it overlaps, or whose end is nearest.
fn place(words: &[Word], edges: &[(usize, usize)], line: u32) -> Vec<RawCell> {
    let cell = |column| RawCell { text: String::new(), line, column };
    let mut row: Vec<RawCell> = (0..edges.len()).map(cell).collect();
    let mut least = 0;
    for word in words {
        let far = |(start, end): &(usize, usize)| {
            if word.start <= *end && *start <= word.end {
                0
            } else {
                word.end.abs_diff(*end).min(word.start.abs_diff(*start)) + 1
            }
        };
        // Edges rise: they come nearer up to the nearest, and go away behind it.
        while edges.get(least + 1).is_some_and(|next| far(next) < far(&edges[least])) {
            least += 1;
        }
        let Some(cell) = row.get_mut(least) else { continue };
        if !cell.text.is_empty() {
            cell.text.push(' ');
        }
        cell.text.push_str(word.text.trim());
    }
    row
}
