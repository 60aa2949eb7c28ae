//! Files of which a few columns are wanted as they are: clusters of an earlier run, labels.

use super::{Ids, parquet};
use crate::error::LinkError;
use std::fs::File;
use std::path::Path;
use tabular::csv::{Cells, CsvError, CsvOptions, read_cells};

/// Texts of some columns of a file, by row.
#[derive(Debug, Clone, Default)]
pub struct Plain {
    /// How messages name the file.
    pub name: String,
    /// In the order in which they were asked for; none where the file has no such column.
    pub columns: Vec<Option<Ids>>,
}

impl Plain {
    /// Rows.
    pub fn len(&self) -> usize {
        self.columns.iter().flatten().next().map_or(0, Ids::len)
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What is wrong with the file.
    pub(crate) fn refused(&self, why: impl Into<String>) -> LinkError {
        LinkError::Unusable { name: self.name.clone(), why: why.into() }
    }

    /// A column that must be there.
    ///
    /// # Errors
    /// [`LinkError::Unusable`].
    pub fn column(&self, at: usize, name: &str) -> Result<&Ids, LinkError> {
        self.columns[at].as_ref().ok_or_else(|| self.refused(format!("it has no column {name}")))
    }
}

struct Taken {
    columns: Vec<Option<Ids>>,
    wanted: Vec<String>,
    /// For each column of the file, where it goes.
    places: Vec<Option<usize>>,
}

impl Taken {
    fn place(&self, name: &str) -> Option<usize> {
        self.wanted.iter().position(|wanted| wanted.eq_ignore_ascii_case(name.trim()))
    }
}

impl Cells for Taken {
    fn start(&mut self, names: &[String]) {
        self.places = names.iter().map(|name| self.place(name)).collect();
        self.columns = vec![None; self.wanted.len()];
        for at in self.places.iter().flatten() {
            self.columns[*at] = Some(Ids::default());
        }
    }

    fn cell(&mut self, column: usize, value: &[u8]) {
        if let Some(Some(texts)) = self.places[column].map(|at| self.columns[at].as_mut()) {
            texts.push(value);
        }
    }
}

/// The names of a file's columns.
///
/// # Errors
/// [`LinkError`] where it cannot be read.
pub fn header(path: &Path) -> Result<Vec<String>, LinkError> {
    let (name, file, is_parquet) = opened(path)?;
    if is_parquet {
        return parquet::header(file, &name);
    }
    let mut line = String::new();
    let read = std::io::BufRead::read_line(&mut std::io::BufReader::new(file), &mut line);
    read.map_err(|source| LinkError::Open { name, source })?;
    let cell = |cell: &str| cell.trim().trim_matches('"').to_owned();
    Ok(line.trim_start_matches('\u{feff}').split([',', ';', '\t']).map(cell).collect())
}

/// How messages name a file, the file at its start, and whether it is Parquet.
fn opened(path: &Path) -> Result<(String, File, bool), LinkError> {
    let name = path.display().to_string();
    let open = |source| LinkError::Open { name: name.clone(), source };
    let mut file = File::open(path).map_err(open)?;
    let mut start = [0; 4];
    let got = std::io::Read::read(&mut file, &mut start).map_err(open)?;
    std::io::Seek::rewind(&mut file).map_err(open)?;
    let is_parquet = start[..got] == *b"PAR1";
    Ok((name, file, is_parquet))
}

/// Reads some columns of a file, CSV or Parquet, by their names.
///
/// # Errors
/// [`LinkError`] where it cannot be read whole: a row that is left out would be a record that is
/// forgotten.
pub fn columns(path: &Path, wanted: &[&str]) -> Result<Plain, LinkError> {
    let (name, mut file, is_parquet) = opened(path)?;
    if is_parquet {
        return Ok(Plain { columns: parquet::plain(file, &name, wanted)?, name });
    }
    let wanted = wanted.iter().map(|name| (*name).to_owned()).collect();
    let mut taken = Taken { columns: Vec::new(), wanted, places: Vec::new() };
    let options = CsvOptions { header: Some(true), ..CsvOptions::default() };
    let read = match read_cells(&mut file, &options, &mut taken) {
        Err(CsvError::Empty) => return Err(LinkError::NoHeader { name }),
        read => read.map_err(|source| LinkError::Csv { name: name.clone(), source })?,
    };
    let plain = Plain { name, columns: taken.columns };
    match read.ragged + read.stray_quotes {
        0 => Ok(plain),
        rows => Err(plain.refused(format!(
            "{rows} rows have not as many fields as the header (the first on line {})",
            read.first_bad_line
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_name_and_rows_are_never_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.csv");
        std::fs::write(&path, "Side,cluster_id,rec_id\na,7,\"x, y\"\nb,8, z\n").unwrap();
        let plain = columns(&path, &["rec_id", "cluster_id", "none"]).unwrap();
        let ids = plain.column(0, "rec_id").unwrap();
        assert_eq!((plain.len(), ids.get(0), ids.get(1)), (2, "x, y", " z"));
        assert!(plain.column(2, "none").unwrap_err().to_string().contains("no column none"));
        std::fs::write(&path, "cluster_id,rec_id\n1,a\n2\n").unwrap();
        let told = columns(&path, &["rec_id"]).unwrap_err().to_string();
        assert!(told.contains("1 rows"), "{told}");
    }
}
