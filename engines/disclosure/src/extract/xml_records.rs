//! Records in XML of an unknown vocabulary: elements of one name, each with values of its own, are the
//! lines of a table.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;

use super::markup::{Piece, Pieces, unescape};
use super::{MAX_CELLS, RawTable, Unread};
use crate::table::{Block, RawCell};
use crate::value::{Decimal, decimal_of};

/// Elements that are open inside each other, at most.
const MAX_DEPTH: usize = 200;
/// Names of values that one table has at most.
const NAMES: usize = 200;

static ATTRIBUTE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')"#).expect("the pattern is a constant")
});

/// A name and its value.
type Field = (String, String);

/// An element that is open.
#[derive(Default)]
struct Open {
    name: String,
    fields: Vec<Field>,
    text: String,
    /// Whether an element with values of its own stands in it.
    deep: bool,
}

/// Records of one name in their order, each with its line.
type Records = Vec<(u32, Vec<Field>)>;

/// The tables of the records of a page.
///
/// # Errors
/// More cells than are read, or elements that are too deep.
pub fn tables(page: &str) -> Result<Vec<RawTable>, Unread> {
    let records = records(page)?;
    let decimal = decimal_of(
        records
            .iter()
            .flat_map(|(_, rows)| rows)
            .flat_map(|(_, fields)| fields.iter().map(|(_, text)| text.as_str())),
    );
    Ok(records.into_iter().filter_map(|(_, rows)| table(&rows, decimal)).collect())
}

fn records(page: &str) -> Result<Vec<(String, Records)>, Unread> {
    let (mut stack, mut found): (Vec<Open>, Vec<(String, Records)>) = (Vec::new(), Vec::new());
    let mut places: HashMap<String, usize> = HashMap::new();
    let (mut line, mut counted, mut cells) = (1_u32, 0, 0);
    for (at, piece) in Pieces::new(page) {
        let new_lines = page.as_bytes().get(counted..at).unwrap_or_default();
        line += u32::try_from(memchr::memchr_iter(b'\n', new_lines).count()).unwrap_or(0);
        counted = at;
        let closed = step(piece, &mut stack)?;
        let Some(own) = closed else { continue };
        let above = stack.last_mut();
        if own.fields.is_empty() && !own.deep {
            if let Some(above) = above {
                above.fields.push((own.name, own.text));
            }
            continue;
        }
        if let Some(above) = above {
            above.deep = true;
        }
        if !own.deep && own.fields.len() >= 2 {
            cells += own.fields.len();
            if cells > MAX_CELLS {
                return Err(Unread::TooManyCells);
            }
            let next = found.len();
            let place = *places.entry(own.name.clone()).or_insert(next);
            if place == next {
                found.push((own.name, Records::new()));
            }
            found[place].1.push((line, own.fields));
        }
    }
    Ok(found)
}

/// Takes one piece, and gives the element that ends with it.
fn step(piece: Piece<'_>, stack: &mut Vec<Open>) -> Result<Option<Open>, Unread> {
    match piece {
        Piece::Open(name, attributes, closed) => {
            stack.push(Open { name, fields: attributed(attributes), ..Open::default() });
            if stack.len() > MAX_DEPTH {
                return Err(Unread::TooDeep);
            }
            Ok(closed.then(|| stack.pop()).flatten())
        }
        Piece::Close(_) => Ok(stack.pop()),
        Piece::Text(text) => {
            if let Some(open) = stack.last_mut() {
                open.text.push_str(&unescape(text));
            }
            Ok(None)
        }
        Piece::Raw(_) | Piece::Comment(_) => Ok(None),
    }
}

fn attributed(attributes: &str) -> Vec<Field> {
    let text = |hit: &regex::Captures<'_>, nth: usize| hit.get(nth).map(|m| unescape(m.as_str()));
    let field = |hit: regex::Captures<'_>| {
        Some((hit.get(1)?.as_str().to_owned(), text(&hit, 2).or_else(|| text(&hit, 3))?))
    };
    let all = ATTRIBUTE.captures_iter(attributes).filter_map(field);
    all.filter(|(name, _)| !name.starts_with("xmlns")).take(NAMES).collect()
}

/// A table of records that have no name twice; `None` for a single one.
fn table(rows: &Records, decimal: Decimal) -> Option<RawTable> {
    let mut names: Vec<&str> = Vec::new();
    for (_, fields) in rows {
        for (at, (name, _)) in fields.iter().enumerate() {
            if fields[..at].iter().any(|(other, _)| other == name) {
                return None;
            }
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
    }
    if rows.len() < 2 || names.len() > NAMES || rows.len().saturating_mul(names.len()) > MAX_CELLS {
        return None;
    }
    let head = rows.first().map_or(1, |(line, _)| *line);
    let cell = |text: &str, line: u32, column: usize| RawCell { text: text.into(), line, column };
    let mut all = vec![names.iter().enumerate().map(|(c, name)| cell(name, head, c)).collect()];
    for (line, fields) in rows {
        let value = |name: &str| {
            fields.iter().find(|(own, _)| own == name).map_or("", |(_, text)| text.trim())
        };
        all.push(names.iter().enumerate().map(|(c, name)| cell(value(name), *line, c)).collect());
    }
    Some(RawTable { block: Block { rows: all, ruled: Some(1) }, decimal })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_of_one_name_are_rows_of_a_table() {
        let page = "<list>\n<p><age>34</age><sexe>F</sexe></p>\n<p><age>21</age><sexe>H</sexe></p>\n<q a='1' b='2'/><q a='3' b='4'/>\n</list>";
        let tables = tables(page).expect("small");
        let texts = |table: &RawTable| -> Vec<Vec<String>> {
            table.block.rows.iter().map(|r| r.iter().map(|c| c.text.clone()).collect()).collect()
        };
        assert_eq!(texts(&tables[0]), [["age", "sexe"], ["34", "F"], ["21", "H"]]);
        assert_eq!(tables[0].block.rows[2][0].line, 3);
        assert_eq!(texts(&tables[1]), [["a", "b"], ["1", "2"], ["3", "4"]]);
    }

    #[test]
    fn damaged_pages_and_deep_ones_end() {
        assert!(tables("<a><b></a></c>").expect("small").is_empty());
        assert!(tables(&"<a>".repeat(5000)).is_err());
    }
}
