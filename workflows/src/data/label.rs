//! The columns of a deposit against the code book of its source. Differences are for a data manager
//! to judge: a code book may be ahead of the data, and data ahead of their code book.

use ddi::{CodeBook, Variable};
use domain::{
    Deposit, Vintage,
    data::deposit::{DepositFile, Difference, checks_of},
};
use tabular::parquet_file::{self, Column};

use super::{codebook, upload};
use crate::{Centre, Failure};

/// Compares every file of the deposit.
pub(super) async fn check(centre: &Centre, deposit: &Deposit) -> Result<Deposit, Failure> {
    let vintage: Vintage = centre.load("vintage", deposit.vintage).await?;
    let book = codebook::model(centre, vintage.source).await?;
    let folder = upload::folder(centre, deposit.id).join("parquet");
    let files = deposit.files.clone();
    let attempt = "compare the columns with the code book";
    let compare = move || {
        let mut differences = Vec::new();
        for file in &files {
            let columns =
                parquet_file::columns(&folder.join(file.parquet.as_deref().unwrap_or_default()))?;
            differences.extend(differences_of(file, &columns, book.as_ref()));
        }
        Ok::<_, parquet_file::ParquetFileError>(differences)
    };
    let differences = tokio::task::spawn_blocking(compare)
        .await
        .map_err(Failure::engine(attempt))?
        .map_err(Failure::engine(attempt))?;
    Ok(checks_of(deposit).label_checked(differences)?)
}

fn differences_of(
    file: &DepositFile,
    columns: &[Column],
    book: Option<&CodeBook>,
) -> Vec<Difference> {
    let difference = |key: &str, variable: &str, detail: &str| Difference {
        key: key.to_owned(),
        file: file.name.clone(),
        variable: variable.to_owned(),
        detail: detail.to_owned(),
    };
    let Some(book) = book.filter(|book| !book.variables.is_empty()) else {
        return vec![difference("no-codebook", "", "")];
    };
    let variables = variables_of(book, &file.name);
    let mut found = Vec::new();
    for column in columns {
        match variables.iter().find(|variable| variable.name == column.name) {
            None => found.push(difference("undocumented", &column.name, &column.kind)),
            Some(variable) => found.extend(
                kind_differs(variable, column)
                    .map(|key| difference(key, &column.name, &column.kind)),
            ),
        }
    }
    for variable in &variables {
        if !columns.iter().any(|column| column.name == variable.name) {
            found.push(difference("missing", &variable.name, ""));
        }
    }
    found
}

/// The variables of the code book's file with this name; of the whole book where it names none.
fn variables_of<'b>(book: &'b CodeBook, name: &str) -> Vec<&'b Variable> {
    let stem = |name: &str| {
        let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
        base.rsplit_once('.').map_or(base, |(stem, _)| stem).to_lowercase()
    };
    let is_it =
        |file: &&ddi::DataFile| file.names.0.iter().any(|(_, given)| stem(given) == stem(name));
    let id = book.files.iter().find(is_it).and_then(|file| file.id.clone());
    let in_file = |variable: &&Variable| match &id {
        Some(id) => variable.files.is_empty() || variable.files.contains(id),
        None => true,
    };
    book.variables.iter().filter(in_file).collect()
}

/// How the documented kind of a variable and the kind of its column disagree.
fn kind_differs(variable: &Variable, column: &Column) -> Option<&'static str> {
    let documented = variable.format.as_ref().and_then(|format| format.kind.as_deref());
    match (documented, column.kind.as_str()) {
        (Some("numeric"), "text") => Some("numeric-as-text"),
        (Some("character"), "integer" | "number") => Some("text-as-number"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(name: &str, kind: &str) -> Variable {
        let format = ddi::Format { kind: Some(kind.into()), ..ddi::Format::default() };
        Variable { name: name.into(), format: Some(format), ..Variable::default() }
    }

    fn column(name: &str, kind: &str) -> Column {
        Column { name: name.into(), kind: kind.into(), nullable: true, nulls: None }
    }

    fn file() -> DepositFile {
        DepositFile {
            name: "a.csv".into(),
            sha256: String::new(),
            bytes: 0,
            parquet: None,
            rows: None,
            report: None,
        }
    }

    #[test]
    fn each_kind_of_difference_is_found() {
        let variables = vec![
            variable("age", "numeric"),
            variable("code", "character"),
            variable("gone", "numeric"),
        ];
        let book = CodeBook { variables, ..CodeBook::default() };
        let columns = [column("age", "text"), column("code", "integer"), column("new", "text")];
        let found = differences_of(&file(), &columns, Some(&book));
        let keys: Vec<_> = found.iter().map(|d| (d.key.as_str(), d.variable.as_str())).collect();
        let expected = [
            ("numeric-as-text", "age"),
            ("text-as-number", "code"),
            ("undocumented", "new"),
            ("missing", "gone"),
        ];
        assert_eq!(keys, expected);
        assert_eq!(differences_of(&file(), &columns, None)[0].key, "no-codebook");
    }

    #[test]
    fn only_the_variables_of_the_file_count() {
        let names = ddi::Text(vec![(None, "data/A.CSV".into())]);
        let files =
            vec![ddi::DataFile { id: Some("F1".into()), names, ..ddi::DataFile::default() }];
        let mut other = variable("other", "numeric");
        other.files = vec!["F2".into()];
        let mut age = variable("age", "numeric");
        age.files = vec!["F1".into()];
        let book = CodeBook { files, variables: vec![age, other], ..CodeBook::default() };
        assert!(differences_of(&file(), &[column("age", "integer")], Some(&book)).is_empty());
    }
}
