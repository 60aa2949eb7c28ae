//! What programs put around what they print: comment signs of knitr, Stata's detailed summary.

use std::borrow::Cow;

use super::RawTable;
use crate::table::{Block, RawCell};
use crate::value::{self, Decimal};

/// The lines of a text, without the `##` that knitr puts before each line of an answer. A heading
/// of Markdown stands alone and outside of fences; answers stand in them, or below each other.
pub fn without_marks(text: &str) -> Vec<Cow<'_, str>> {
    let lines: Vec<&str> = text.lines().collect();
    let marked =
        |at: usize| lines.get(at).is_some_and(|l| l.starts_with("##") || l.starts_with("#>"));
    let mut fenced = false;
    let mut out = Vec::with_capacity(lines.len());
    for (at, line) in lines.iter().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        let alone = !(marked(at + 1) || at > 0 && marked(at - 1));
        let answer = line.get(2..).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
        let heading =
            !fenced && alone && !line.get(2..).unwrap_or_default().trim_start().starts_with('[');
        out.push(if marked(at) && answer && !heading {
            Cow::Owned(format!("  {}", &line[2..]))
        } else {
            Cow::Borrowed(*line)
        });
    }
    out
}

/// Stata's `summarize, detail`: percentiles, the smallest and largest values and the moments, in
/// one block. How many lines it takes, and its tables.
pub fn detail(
    lines: &[Cow<'_, str>],
    number: u32,
    decimal: Decimal,
) -> Option<(usize, Vec<RawTable>)> {
    let head: Vec<&str> = lines.first()?.split_whitespace().collect();
    if head != ["Percentiles", "Smallest"] {
        return None;
    }
    let cell = |text: &str, line: u32, column: usize| RawCell { text: text.into(), line, column };
    let row = |texts: [&str; 3], line: u32| -> Vec<RawCell> {
        texts.iter().enumerate().map(|(column, text)| cell(text, line, column)).collect()
    };
    let mut values = Block {
        rows: vec![row(["", "Percentiles", "Smallest or largest"], number)],
        ruled: Some(1),
    };
    let mut moments = Block { rows: vec![], ruled: None };
    let mut length = 1;
    for (at, line) in (number + 1..).zip(lines.iter().skip(1).take(14)) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let last = words.last().is_some_and(|w| value::read(w, decimal).number().is_some());
        if !(words.is_empty() || last || words.contains(&"Largest")) {
            break;
        }
        length += 1;
        let figure = |i: usize| words.get(i).filter(|w| value::read(w, decimal).number().is_some());
        let mut rest = 0;
        if let Some(rank) = words.first().filter(|w| w.ends_with('%')) {
            let extreme = figure(2).map_or("", |w| w);
            values.rows.push(row([rank, figure(1).map_or("", |w| w), extreme], at));
            rest = if extreme.is_empty() { 2 } else { 3 };
        }
        if words.get(rest).is_some_and(|w| *w == "Largest") {
            rest += 1;
        }
        if let Some((last, names)) = words.get(rest..).and_then(<[&str]>::split_last)
            && !names.is_empty()
        {
            moments.rows.push(vec![cell(&names.join(" "), at, 0), cell(last, at, 1)]);
        }
        if words.first() == Some(&"99%") {
            break;
        }
    }
    let tables = [values, moments].into_iter().filter(|block| block.rows.len() > 1);
    Some((length, tables.map(|block| RawTable { block, decimal }).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_knitr_lose_their_signs_and_headings_keep_them() {
        let text = "## Contrats\n\n```\n## [1] 7400\n```\n\n##   a  b\n## 12 13\n";
        let lines = without_marks(text);
        assert_eq!(lines[0], "## Contrats");
        assert_eq!(lines[3], "   [1] 7400");
        assert_eq!(lines[6], "     a  b");
    }

    #[test]
    fn a_detailed_summary_gives_its_extremes() {
        let text = "      Percentiles      Smallest\n 1%      9811.2        6120.33\n10%     13420.0        6610.19       Obs               7,400\n\n50%     20933.7                      Mean           22287.4\n                        Largest      Std. dev.      8041.55\n99%     47610.8       81212.77       Kurtosis       5.310021\nafter\n";
        let lines: Vec<Cow<'_, str>> = text.lines().map(Cow::Borrowed).collect();
        let (length, tables) = detail(&lines, 1, Decimal::Point).expect("a summary");
        assert_eq!((length, tables.len()), (7, 2));
        assert_eq!(tables[0].block.rows[4][2].text, "81212.77");
        assert_eq!(tables[1].block.rows[2][0].text, "Std. dev.");
    }
}
