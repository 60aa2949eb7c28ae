//! CSV files.

use super::{Given, Plan, Table};
use crate::error::LinkError;
use std::fs::File;
use tabular::csv::{Cells, CsvError, CsvOptions, read_cells};

struct Taken<'a> {
    table: Table,
    plan: Plan,
    id: Option<&'a str>,
    given: &'a Given,
}

impl Cells for Taken<'_> {
    fn start(&mut self, names: &[String]) {
        self.plan = self.table.plan(names, self.id, self.given);
    }

    fn cell(&mut self, column: usize, value: &[u8]) {
        if let Some(place) = self.plan.places[column] {
            self.table.columns[place].1.push(value);
        } else if self.plan.id == Some(column) {
            self.table.ids.push(value); // as it is written: results are joined by it
        }
    }
}

pub(super) fn read(
    mut file: File,
    name: &str,
    id: Option<&str>,
    given: &Given,
) -> Result<Table, LinkError> {
    let table = Table { name: name.to_owned(), ..Table::default() };
    let mut taken = Taken { table, plan: Plan::default(), id, given };
    // No guessing whether there is a header: without one no column can be recognised.
    let options = CsvOptions { header: Some(true), ..CsvOptions::default() };
    let read = match read_cells(&mut file, &options, &mut taken) {
        Err(CsvError::Empty) => return Err(LinkError::NoHeader { name: name.to_owned() }),
        read => read.map_err(|source| LinkError::Csv { name: name.to_owned(), source })?,
    };
    let left_out = read.ragged + read.stray_quotes;
    if left_out > 0 {
        taken.table.notes.push(format!(
            "{name}: {left_out} rows were left out because they have not as many fields as the \
             header (the first on line {})",
            read.first_bad_line
        ));
    }
    if !matches!(read.encoding, tabular::encoding::Encoding::Utf8) {
        taken.table.notes.push(format!("{name} was read as {:?}", read.encoding));
    }
    Ok(taken.table)
}
