//! Records that programs print one below the other, with a name before each value: `MySQL`'s
//! `*** 1. row ***`, psql's `-[ RECORD 1 ]-`, and lines of `age=74 grade=3`. They are read as the
//! table that they are of, with the number of each record in a first column `Row`.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use super::RawTable;
use crate::table::{Block, RawCell};
use crate::value::Decimal;

/// Records of one text that are read at most.
const MOST: usize = 20_000;
/// Names that a record has at most.
const NAMES: usize = 200;
/// Words that a log puts before the pairs, at most.
const PREFIX: usize = 8;
/// Lines of `name=value` from which on they are a table.
const LEAST: usize = 3;

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is a constant")
}

static HEAD: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^\s*(?:\*{3,} (\d+)\. row \*{3,}|-\[ RECORD (\d+) \][-+]*)\s*$"));
static FIELD: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^\s*([^\s:|][^:|]{0,60}?)\s*(?::|\|)(?: (.*))?$"));
static PAIR: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^([A-Za-z_][\w.]*)[=:]([^\s=:]+?)[,;]?$"));

/// A record: its number, and its names and values with their lines.
struct Record {
    number: String,
    line: u32,
    fields: Vec<(String, String, u32)>,
}

/// The table of the records that start at the first of `lines`, which has the number `number`, and
/// how many lines they take.
pub fn read(lines: &[Cow<'_, str>], number: u32, decimal: Decimal) -> Option<(usize, RawTable)> {
    let (length, records) = match HEAD.is_match(lines.first()?) {
        true => below_each_other(lines, number),
        false => in_lines(lines, number)?,
    };
    let mut names: Vec<&str> = Vec::new();
    for (name, ..) in records.iter().flat_map(|record| &record.fields) {
        if !names.contains(&name.as_str()) && names.len() < NAMES {
            names.push(name);
        }
    }
    if names.is_empty() {
        return None;
    }
    let cell = |text: &str, line: u32, column: usize| RawCell { text: text.into(), line, column };
    let head = std::iter::once("Row").chain(names.iter().copied()).enumerate();
    let mut rows = vec![head.map(|(at, name)| cell(name, number, at)).collect::<Vec<_>>()];
    for record in &records {
        let mut row = vec![cell(&record.number, record.line, 0)];
        for (at, name) in names.iter().enumerate() {
            let field = record.fields.iter().find(|(own, ..)| own == name);
            let (text, line) = field.map_or(("", record.line), |(_, text, line)| (text, *line));
            row.push(cell(text, line, at + 1));
        }
        rows.push(row);
    }
    Some((length, RawTable { block: Block { rows, ruled: Some(1) }, decimal }))
}

/// Records below a head of their own.
fn below_each_other(lines: &[Cow<'_, str>], number: u32) -> (usize, Vec<Record>) {
    let mut records: Vec<Record> = Vec::new();
    let mut length = 0;
    for (at, line) in (number..).zip(lines) {
        let head = HEAD.captures(line).and_then(|hit| hit.get(1).or(hit.get(2)));
        if let Some(head) = head {
            let number = head.as_str().to_owned();
            records.push(Record { number, line: at, fields: Vec::new() });
        } else if let (Some(field), Some(record)) = (FIELD.captures(line), records.last_mut()) {
            let text = |nth| field.get(nth).map_or("", |m| m.as_str()).trim().to_owned();
            record.fields.push((text(1), text(2), at));
        } else {
            break;
        }
        length += 1;
        if records.len() > MOST {
            break;
        }
    }
    (length, records)
}

/// Lines of pairs with the same names.
fn in_lines(lines: &[Cow<'_, str>], number: u32) -> Option<(usize, Vec<Record>)> {
    let first = pairs(lines.first()?)?;
    let mut records: Vec<Record> = Vec::new();
    for (at, line) in (number..).zip(lines).take(MOST) {
        let own = pairs(line).filter(|own| {
            own.len() == first.len() && own.iter().zip(&first).all(|(a, b)| a.0 == b.0)
        });
        let Some(own) = own else { break };
        let fields = own.into_iter().map(|(name, text)| (name, text, at)).collect();
        records.push(Record { number: (records.len() + 1).to_string(), line: at, fields });
    }
    (records.len() >= LEAST).then_some((records.len(), records))
}

/// The names and values of a line that has nothing else, three of them at least.
fn pairs(line: &str) -> Option<Vec<(String, String)>> {
    if !line.contains(['=', ':']) || line.len() > 2000 {
        return None;
    }
    let pair = |word: &str| {
        let hit = PAIR.captures(word)?;
        Some((hit.get(1)?.as_str().to_owned(), hit.get(2)?.as_str().to_owned()))
    };
    // A log puts the time and the name of a program in front.
    let words: Vec<&str> = line.split_whitespace().collect();
    let from = words.iter().take(PREFIX).position(|word| pair(word).is_some())?;
    let pairs: Option<Vec<_>> = words[from..].iter().map(|word| pair(word)).collect();
    pairs.filter(|pairs| (3..=NAMES).contains(&pairs.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Option<(usize, Vec<Vec<String>>)> {
        let lines: Vec<Cow<'_, str>> = text.lines().map(Cow::Borrowed).collect();
        let (length, table) = read(&lines, 1, Decimal::Point)?;
        let row = |row: &Vec<RawCell>| row.iter().map(|c| c.text.clone()).collect();
        Some((length, table.block.rows.iter().map(row).collect()))
    }

    #[test]
    fn records_below_each_other_are_rows_of_a_table() {
        let mysql = "****** 1. row ******\n  age: 63\nmotif: a: b\n****** 2. row ******\n  age: 71\nmotif: \n2 rows in set (0.02 sec)\n";
        let (length, rows) = table(mysql).expect("records");
        assert_eq!(length, 6);
        assert_eq!(rows, [["Row", "age", "motif"], ["1", "63", "a: b"], ["2", "71", ""]]);
        let psql = "-[ RECORD 1 ]--\nage | 63\n-[ RECORD 2 ]--\nage | 71\n";
        assert_eq!(table(psql).expect("records").1.len(), 3);
    }

    #[test]
    fn lines_of_pairs_are_rows_and_a_line_of_settings_is_none() {
        let loops = "age=74 sexe=F duree=12\nage=31 sexe=H duree=3\nage=58 sexe=F duree=44\nfin\n";
        let (length, rows) = table(loops).expect("records");
        assert_eq!((length, rows.len()), (3, 4));
        assert_eq!(rows[2], ["2", "31", "H", "3"]);
        let log = loops.replace("age=", "2024-03-12 09:14:02 INFO suivi: age=");
        assert_eq!(table(&log).expect("records").1[2], ["2", "31", "H", "3"]);
        assert!(table("alpha=1 beta=2 gamma=3\nfin\n").is_none());
        assert!(table("texte libre\n").is_none());
    }
}
