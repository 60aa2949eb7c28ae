//! Files as columns of codes: CSV and Parquet, only the columns that serve.

pub mod column;
mod parquet;
pub mod plain;
mod roles;
mod text;

use crate::dict::Dict;
use crate::error::LinkError;
use crate::normalise::text::is_missing;
use crate::{hash, radix};
use column::{Role, recognise, squashed};
use std::collections::BTreeMap;
use std::path::Path;

/// What a person says that columns hold, by their names.
pub type Given = BTreeMap<String, column::Meaning>;

/// One column that serves.
#[derive(Debug, Clone, Default)]
pub struct Column {
    /// Its name in the file.
    pub name: String,
    /// Each row's value, as a code of `values`; 0 is none.
    pub codes: Vec<u32>,
    /// The values as they are written.
    pub values: Dict,
}

impl Column {
    /// Takes the next row's value.
    #[inline]
    pub(crate) fn push(&mut self, value: &[u8]) {
        let value = value.trim_ascii();
        let missing = value.is_empty() || (value.len() < 9 && is_missing(value));
        self.codes.push(if missing { 0 } else { self.values.intern(value) });
    }
}

/// A file: the ids of its records and the columns that serve.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// How messages name it.
    pub name: String,
    /// The name of its id column.
    pub id_name: String,
    /// Ids of the rows in order.
    pub ids: Ids,
    /// What each column holds, and the column.
    pub columns: Vec<(Role, Column)>,
    /// Names of all columns of the file.
    pub header: Vec<String>,
    /// Names of columns that play no part.
    pub unused: Vec<String>,
    /// What a person should know, in sentences.
    pub notes: Vec<String>,
}

impl Table {
    /// Records.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is no record.
    pub fn is_empty(&self) -> bool {
        self.ids.len() == 0
    }
}

/// Texts that are mostly different, one after the other.
#[derive(Debug, Clone, Default)]
pub struct Ids {
    bytes: Vec<u8>,
    ends: Vec<u64>,
}

impl Ids {
    /// Takes the next row's id.
    pub fn push(&mut self, id: &[u8]) {
        self.bytes.extend_from_slice(id);
        self.ends.push(self.bytes.len() as u64);
    }

    /// Ids.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The id of a row.
    pub fn get(&self, row: usize) -> &str {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        std::str::from_utf8(&self.bytes[start as usize..self.ends[row] as usize]).unwrap_or("?")
    }

    /// Two rows of one id, if there are: the first id that comes again.
    pub fn duplicate(&self) -> Option<(usize, usize)> {
        let hashes = (0..self.len()).map(|row| hash::bytes(self.get(row).as_bytes()));
        let mut keys: Vec<u64> =
            hashes.zip(0_u64..).map(|(hash, row)| hash >> 32 << 32 | row).collect();
        radix::sort(&mut keys, &mut Vec::new(), 32, 64);
        let row = |key: u64| (key & 0xFFFF_FFFF) as usize;
        let runs = keys.chunk_by(|a, b| a >> 32 == b >> 32).filter(|run| run.len() > 1);
        let mut first: Option<(usize, usize)> = None;
        for run in runs {
            for (at, late) in run.iter().enumerate() {
                let same =
                    run[..at].iter().find(|early| self.get(row(**early)) == self.get(row(*late)));
                if let Some(early) = same
                    && first.is_none_or(|(_, best)| row(*late) < best)
                {
                    first = Some((row(*early), row(*late)));
                }
            }
        }
        first
    }
}

/// What the header of a file says of each of its columns.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    /// The place of the id column.
    pub id: Option<usize>,
    /// For each column of the file, where it goes in [`Table::columns`].
    pub places: Vec<Option<usize>>,
}

/// The ids that are looked for where none is named.
const IDS: [&str; 3] = ["rec_id", "unique_id", "id"];

impl Table {
    /// Makes room for the columns of a file. `also` are the names of columns of the other file, of
    /// which those without a known role serve only where both have them.
    pub(crate) fn plan(&mut self, names: &[String], id: Option<&str>, given: &Given) -> Plan {
        self.columns.clear();
        self.unused.clear();
        self.header = names.to_vec();
        self.ids = Ids::default();
        let find = |wanted: &str| names.iter().position(|name| name.eq_ignore_ascii_case(wanted));
        let id = match id {
            Some(wanted) => find(wanted),
            None => IDS.iter().find_map(|wanted| find(wanted)),
        };
        let mut places = vec![None; names.len()];
        for (at, name) in names.iter().enumerate().filter(|(at, _)| Some(*at) != id) {
            let said = given.iter().find(|(said, _)| squashed(said) == squashed(name));
            match said.map_or_else(|| recognise(name), |(_, meaning)| meaning.role()) {
                Some(role) if role != Role::Id => {
                    places[at] = Some(self.columns.len());
                    self.columns.push((role, Column { name: name.clone(), ..Column::default() }));
                }
                _ => self.unused.push(name.clone()),
            }
        }
        self.id_name = id.map(|at| names[at].clone()).unwrap_or_default();
        Plan { id, places }
    }
}

/// Reads a file: Parquet if its first bytes say so, text otherwise.
///
/// # Errors
/// [`LinkError`] where the file cannot be read, has no id column, or has an empty id or one twice.
pub fn read(path: &Path, id: Option<&str>, given: &Given) -> Result<Table, LinkError> {
    let mut start = [0; 4];
    let name = path.display().to_string();
    let open = |source| LinkError::Open { name: name.clone(), source };
    let mut file = std::fs::File::open(path).map_err(open)?;
    let got = std::io::Read::read(&mut file, &mut start).map_err(open)?;
    let mut table = match &start[..got] {
        b"PAR1" => parquet::read(file, &name, id, given)?,
        _ => text::read(file, &name, id, given)?,
    };
    if table.id_name.is_empty() {
        let wanted = id.map_or_else(|| IDS.join(", "), str::to_owned);
        return Err(LinkError::NoId { name, wanted });
    }
    if let Some(row) = (0..table.len()).find(|row| table.ids.get(*row).trim().is_empty()) {
        return Err(LinkError::EmptyId { name, column: table.id_name, row: row + 1 });
    }
    if let Some((first, second)) = table.ids.duplicate() {
        let id = table.ids.get(first).to_owned();
        return Err(LinkError::DuplicateId { name, id, first: first + 1, second: second + 1 });
    }
    table.settle_roles();
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_id_that_comes_again_is_found() {
        let mut ids = Ids::default();
        assert_eq!(ids.duplicate(), None);
        for id in ["a", "b", "c", "b", "a"] {
            ids.push(id.as_bytes());
        }
        assert_eq!(ids.duplicate(), Some((1, 3)));
        assert_eq!(ids.get(2), "c");
    }
}
