//! JJ files: what tau-ARGUS hands to its solvers, read and written so that offices can compare.
//!
//! `0`, the number of cells, a line a cell (index, value, cost, status s|u|z, lower bound, upper
//! bound, lower, upper and sliding protection level), the number of sums, a line a sum
//! (right-hand side, number of terms, `:`, then index and coefficient in brackets).

use super::model::{Cell, Instance, ModelError, Status, Sum, bound};

/// Why a JJ file could not be read.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum JjError {
    /// A line does not say what its place asks for.
    #[error("line {line} of the JJ file: {expected} expected")]
    Line {
        /// The line, from 1.
        line: usize,
        /// What was expected.
        expected: &'static str,
    },
    /// The numbers do not make a table.
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// Reads a JJ file. Bounds of 1e12 and more, far from the value, count as none.
///
/// # Errors
/// The first line that is wrong; sums other than one total equal to its children are not read.
pub fn read(text: &str) -> Result<Instance, JjError> {
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let mut next = |expected| lines.next().ok_or(JjError::Line { line: 0, expected });
    next("`0`")?;
    let count = number(next("the number of cells")?, "the number of cells")?;
    let mut cells = Vec::new();
    for _ in 0..count {
        cells.push(cell(next("a cell")?)?);
    }
    let count = number(next("the number of sums")?, "the number of sums")?;
    let mut sums = Vec::new();
    for _ in 0..count {
        sums.push(sum(next("a sum")?, cells.len())?);
    }
    let instance = Instance { cells, sums };
    instance.check()?;
    Ok(instance)
}

fn number((line, text): (usize, &str), expected: &'static str) -> Result<usize, JjError> {
    text.trim().parse().map_err(|_| JjError::Line { line: line + 1, expected })
}

fn cell((line, text): (usize, &str)) -> Result<Cell, JjError> {
    let wrong = |expected| JjError::Line { line: line + 1, expected };
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [id, value, cost, status, rest @ ..] = fields.as_slice() else {
        return Err(wrong("index, value, cost, status and five numbers"));
    };
    let parse = |field: &str| field.parse::<f64>().map_err(|_| wrong("a number"));
    let rest: Vec<f64> = rest.iter().map(|field| parse(field)).collect::<Result<_, _>>()?;
    let [low, high, lower_level, upper_level, sliding_level] = rest.as_slice() else {
        return Err(wrong("five numbers after the status"));
    };
    let mut cell = Cell::new(*id, parse(value)?);
    cell.cost = parse(cost)?;
    cell.status = match *status {
        "s" => Status::Safe,
        "u" | "m" => Status::Unsafe,
        "z" => Status::Published,
        _ => return Err(wrong("status s, u, m or z")),
    };
    (cell.low, cell.high) = (bound(*low, cell.value), bound(*high, cell.value));
    (cell.lower_level, cell.upper_level) = (*lower_level, *upper_level);
    cell.sliding_level = *sliding_level;
    Ok(cell)
}

fn sum((line, text): (usize, &str), cells: usize) -> Result<Sum, JjError> {
    let wrong = |expected| JjError::Line { line: line + 1, expected };
    let (head, terms) = text.split_once(':').ok_or_else(|| wrong("a colon"))?;
    let right = head.split_whitespace().next().and_then(|field| field.parse::<f64>().ok());
    if right != Some(0.0) {
        return Err(wrong("a right-hand side of 0"));
    }
    let text = terms.replace(['(', ')'], " ");
    let fields: Vec<&str> = text.split_whitespace().collect();
    let mut sides: [Vec<usize>; 2] = [Vec::new(), Vec::new()];
    for pair in fields.chunks(2) {
        let [index, sign] = pair else { return Err(wrong("pairs of index and coefficient")) };
        let index: usize = index.parse().map_err(|_| wrong("an index"))?;
        let side = match sign.parse::<f64>() {
            Ok(1.0) => 0,
            Ok(-1.0) => 1,
            _ => return Err(wrong("a coefficient of 1 or -1")),
        };
        if index >= cells {
            return Err(wrong("the index of a cell"));
        }
        sides[side].push(index);
    }
    match sides {
        [children, total] if total.len() == 1 => Ok(Sum { total: total[0], children }),
        [total, children] if total.len() == 1 => Ok(Sum { total: total[0], children }),
        _ => Err(wrong("one total, with the other sign than its children")),
    }
}

/// Writes an instance as a JJ file; cells are numbered in their order, and bounds that are none
/// are written as 1e15, or a thousand times a value that comes near it.
pub fn write(instance: &Instance) -> String {
    let mut text = format!("0\n{}\n", instance.cells.len());
    for (at, cell) in instance.cells.iter().enumerate() {
        let status = match cell.status {
            Status::Safe => 's',
            Status::Unsafe => 'u',
            Status::Published => 'z',
        };
        let none = (1e3 * cell.value.abs()).max(1e15);
        text.push_str(&format!(
            "{at} {} {} {status} {} {} {} {} {}\n",
            cell.value,
            cell.cost,
            if cell.low.is_finite() { cell.low } else { -none },
            if cell.high.is_finite() { cell.high } else { none },
            cell.lower_level,
            cell.upper_level,
            cell.sliding_level,
        ));
    }
    text.push_str(&format!("{}\n", instance.sums.len()));
    for sum in &instance.sums {
        text.push_str(&format!("0 {} : {} (-1)", sum.children.len() + 1, sum.total));
        sum.children.iter().for_each(|child| text.push_str(&format!(" {child} (1)")));
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "0\n3\n0 10 10 s 0 1000000000000000 0 0 0\n1 4 4 u 0 20 1 1.5 0\n\
                        2 6 6 z -5 9 0 0 0\n1\n0 3 : 0 (-1) 1 (1) 2 (1)\n";

    #[test]
    fn a_file_comes_back_as_it_was() {
        let instance = read(TEXT).expect("reads");
        assert!(instance.cells[0].high.is_infinite());
        assert_eq!(write(&instance), TEXT);
    }

    #[test]
    fn a_broken_line_is_named() {
        let error = read(&TEXT.replace("4 4 u", "4 4 q")).expect_err("no such status");
        assert_eq!(error, JjError::Line { line: 4, expected: "status s, u, m or z" });
    }
}
