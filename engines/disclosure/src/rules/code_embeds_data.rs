//! `CODE_EMBEDS_DATA`: data written into a program leave with it.

use std::sync::LazyLock;

use regex::Regex;

use crate::report::{Finding, Findings, Location, Severity};

/// The rule's id.
pub const ID: &str = "CODE_EMBEDS_DATA";

/// Lines of data, or values of one literal, above which a program holds data: a handful of
/// categories or breaks is no data.
const LEAST_LINES: usize = 3;
const LEAST_VALUES: usize = 20;
/// Values of one line above which it holds data where they do not rise, as bounds do.
const LEAST_UNEVEN: usize = 12;

static OPENS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^\s*(?:datalines4?|cards4?|lines|input\s+\w.*[^;]|begin\s+data\.?|copy\s+\w.*\bfrom\s+stdin\b.*)\s*;?\s*$")
        .expect("the pattern is a constant")
});

/// Looks for data blocks, `INSERT` statements and long literal lists.
pub fn find(text: &str, out: &mut Findings) {
    let (mut block, mut opened) = (0_usize, None);
    let (mut inserts, mut values, mut records) = (0_usize, 0_usize, 0_usize);
    for (at, line) in (1_u32..).zip(text.lines()) {
        let lower = line.trim().to_lowercase();
        if OPENS.is_match(line) {
            (block, opened) = (0, Some(at));
        } else if lower == "end"
            || lower == "\\."
            || lower.starts_with("end data")
            || lower.starts_with([';'])
            || lower.starts_with("run")
        {
            opened = None;
        } else if opened.is_some() && lower.contains(|c: char| c.is_ascii_digit()) {
            block += 1;
            if block == LEAST_LINES {
                push(opened.unwrap_or(at), "lines of data", out);
            }
        }
        let record = lower.starts_with('(') && lower.ends_with([',', ';']) && lower.contains(',');
        if lower.starts_with("insert into") || (inserts > 0 && record) {
            inserts += 1;
            if inserts == LEAST_LINES {
                push(at, "records to insert", out);
            }
        }
        records = if is_record(&lower) || is_row(line) { records + 1 } else { 0 };
        if records == LEAST_LINES {
            push(at, "records", out);
        }
        // A literal list may run over lines: it ends where a line ends without a comma.
        let own = literals(line);
        values += own.len();
        if uneven(line) >= LEAST_UNEVEN || values >= LEAST_VALUES {
            push(at, "literal values", out);
            values = 0;
        } else if !lower.ends_with([',', '(', '[', '{']) {
            values = 0;
        }
    }
}

/// A line of a list of records: `{'id': 1, 'age': 45},` or `(1, 'F', 45),`. Two numbers alone may
/// be a size or a place.
fn is_record(line: &str) -> bool {
    let inner = line.trim_end_matches([',', ';']);
    let closed = [('{', '}'), ('(', ')'), ('[', ']')];
    let bare = closed.iter().find_map(|(open, close)| {
        inner.strip_prefix(*open)?.strip_suffix(*close).filter(|_| inner.len() < line.len())
    });
    bare.is_some_and(|bare| {
        let values: Vec<&str> = bare.split(',').collect();
        let named = |part: &&&str| {
            let value = part.rsplit([':', '=']).next().unwrap_or(part).trim();
            value.parse::<f64>().is_ok()
        };
        values.len() >= 3 && values.iter().filter(named).count() >= 2
    })
}

/// A line of a table that is written row by row: `'Femmes', 44, 'Fin de CDD', 188,`.
fn is_row(line: &str) -> bool {
    let parts: Vec<&str> = line.trim().trim_end_matches([',', ')']).split(',').collect();
    let quoted = |part: &str| {
        let part = part.trim();
        part.len() >= 2
            && (part.starts_with('"') && part.ends_with('"')
                || part.starts_with('\'') && part.ends_with('\''))
    };
    let number = |part: &str| part.trim().trim_end_matches('L').parse::<f64>().is_ok();
    parts.len() >= 3
        && parts.iter().all(|part| quoted(part) || number(part))
        && parts.iter().any(|part| quoted(part))
        && parts.iter().any(|part| number(part))
}

/// The numbers of the lists of a line that do not rise, as bounds do: three short lists of settings
/// are no data, and the ages and the incomes of eight people are.
fn uneven(line: &str) -> usize {
    let lists = line.split(['(', '[', '{', ')', ']', '}']).map(literals);
    let fall = |own: &Vec<f64>| own.windows(2).any(|pair| pair[0] >= pair[1]);
    lists.filter(fall).map(|own| own.len()).sum()
}

/// Numbers between commas; R writes whole ones as `44L`.
fn literals(line: &str) -> Vec<f64> {
    let number = |part: &str| {
        let part = part.rsplit(['(', '[', '{']).next().unwrap_or(part);
        let part = part.trim_matches(|c: char| {
            c.is_whitespace() || matches!(c, ')' | ']' | '}' | '"' | '\'' | ';')
        });
        let part = part.strip_suffix('L').unwrap_or(part);
        part.parse::<f64>().ok().filter(|_| part.len() < 40)
    };
    line.split(',').filter_map(number).collect()
}

fn push(line: u32, what: &str, out: &mut Findings) {
    let text = format!("the program holds data: {what}");
    out.push(
        Finding::new(ID, Severity::Error, "code_embeds_data", text)
            .at(Location::line(line))
            .arg("what", what),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{few, fired, rules};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(few())]
        /// A block of data fires from three lines on; a program without one never.
        #[test]
        fn blocks_fire_from_three_lines_on(lines in 0usize..9) {
            let data: String = (0..lines).map(|at| format!("{} 1 {}\n", 30 + at, 20_000 + at)).collect();
            let text = format!("data a;\n  input age sexe revenu;\n  datalines;\n{data};\nrun;\nproc means;\nrun;\n");
            prop_assert_eq!(!fired(ID, &text, &rules("generic_10")).is_empty(), lines >= 3);
        }
    }

    #[test]
    fn records_in_a_list_are_data_and_sizes_are_not() {
        let records = "import os\nimport numpy as np\nimport pandas as pd\nd = pd.DataFrame([\n{'id': 1, 'age': 45, 'sexe': 'F'},\n{'id': 2, 'age': 52, 'sexe': 'H'},\n{'id': 3, 'age': 38, 'sexe': 'H'},\n])\nprint(d)\n";
        assert!(!fired(ID, records, &rules("generic_10")).is_empty());
        let sizes = "import matplotlib\nsizes = [\n(8, 6),\n(10, 6),\n(12, 8),\n]\nprint(sizes)\n";
        assert!(fired(ID, sizes, &rules("generic_10")).is_empty());
    }

    #[test]
    fn breaks_and_categories_are_no_data() {
        let text =
            "library(dplyr)\nx <- cut(age, c(18, 25, 35, 50))\ny <- c('a', 'b')\nprint(table(x))\n";
        assert!(fired(ID, text, &rules("generic_10")).is_empty());
        let grid = "import sklearn\ngrid = {'depth': [2, 3, 4, 6, 8], 'rate': [0.01, 0.03, 0.1, 0.3], 'leaf': [20, 50, 100, 200]}\nprint(grid)\n";
        assert!(fired(ID, grid, &rules("generic_10")).is_empty());
        let two = "library(dplyr)\nd <- data.frame(age = c(45, 52, 38, 61, 29, 44, 57, 33), duree = c(1, 8, 4, 2, 2, 3, 8, 6))\nprint(mean(d$age))\n";
        assert!(!fired(ID, two, &rules("generic_10")).is_empty());
        let ages = "import numpy as np\nages = np.array([34, 21, 56, 43, 27, 61, 39, 50, 44, 33, 28, 71])\nprint(ages)\n";
        assert!(!fired(ID, ages, &rules("generic_10")).is_empty());
    }
}
