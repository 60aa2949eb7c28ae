//! Parquet files, read for checks and previews.

use crate::sniff::{self, LooksLike};
use parquet::basic::{ConvertedType, LogicalType, Type as Physical};
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use parquet::schema::types::Type;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// One top-level column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// `text`, `binary`, `integer`, `number`, `boolean`, `date`, `time`, `date_time`, `nested`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether it may hold nulls.
    pub nullable: bool,
    /// Its nulls, where all row groups say so.
    pub nulls: Option<u64>,
}

/// What the footer of a Parquet file says, checked against the file's size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParquetReport {
    /// Rows.
    pub rows: u64,
    /// Columns in order.
    pub columns: Vec<Column>,
    /// Row groups.
    pub row_groups: usize,
    /// Bytes of the file.
    pub bytes: u64,
    /// Bytes of its data without compression.
    pub uncompressed_bytes: u64,
    /// The program that wrote it.
    pub created_by: Option<String>,
}

/// The first rows of a file as texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Rows of cells; `None` is null.
    pub rows: Vec<Vec<Option<String>>>,
}

/// Why a Parquet file was not read.
#[derive(Debug, thiserror::Error)]
pub enum ParquetFileError {
    /// The file could not be opened or read.
    #[error("cannot read the file")]
    Io(#[from] std::io::Error),
    /// It is another format.
    #[error("the file is not Parquet: it looks like {looks_like:?}")]
    NotParquet {
        /// What its first bytes show.
        looks_like: LooksLike,
    },
    /// It starts like Parquet, but its end is missing.
    #[error("the Parquet file was cut off: its footer is missing")]
    Truncated,
    /// Its footer is encrypted.
    #[error("the Parquet file is encrypted")]
    Encrypted,
    /// It contradicts itself, or holds what this version cannot read.
    #[error("the Parquet file is damaged")]
    Damaged(#[from] ParquetError),
}

/// Reads the footer and checks that all data it speaks of lies within the file.
///
/// # Errors
/// See [`ParquetFileError`]. Pages are not read: [`verify`] does that.
pub fn inspect(path: &Path) -> Result<ParquetReport, ParquetFileError> {
    let (reader, bytes) = open(path)?;
    let metadata = reader.metadata();
    let file = metadata.file_metadata();
    let groups = metadata.row_groups();
    let size = |group: &parquet::file::metadata::RowGroupMetaData| group.total_byte_size();
    Ok(ParquetReport {
        rows: u64::try_from(file.num_rows()).unwrap_or(0),
        columns: describe_columns(metadata),
        row_groups: groups.len(),
        bytes,
        uncompressed_bytes: groups.iter().map(size).map(|n| u64::try_from(n).unwrap_or(0)).sum(),
        created_by: file.created_by().map(str::to_owned),
    })
}

/// The columns of a file.
///
/// # Errors
/// As [`inspect`].
pub fn columns(path: &Path) -> Result<Vec<Column>, ParquetFileError> {
    Ok(describe_columns(open(path)?.0.metadata()))
}

/// The first `rows` rows as texts: dates and times in ISO form, numbers in their shortest form.
///
/// # Errors
/// As [`inspect`], and where the pages of these rows are damaged.
pub fn preview(path: &Path, rows: usize) -> Result<Preview, ParquetFileError> {
    let (reader, _) = open(path)?;
    let schema = reader.metadata().file_metadata().schema_descr().root_schema();
    let columns = schema.get_fields().iter().map(|field| field.name().to_owned()).collect();
    let mut texts = Vec::new();
    for row in reader.get_row_iter(None)?.take(rows) {
        texts.push(row?.get_column_iter().map(|(_, field)| text(field)).collect());
    }
    Ok(Preview { columns, rows: texts })
}

/// Reads and decompresses every page, and checks that each column has the rows it should.
///
/// # Errors
/// As [`inspect`], and where any page is damaged.
pub fn verify(path: &Path) -> Result<ParquetReport, ParquetFileError> {
    let report = inspect(path)?;
    let (reader, _) = open(path)?;
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group)?;
        for column in 0..group.num_columns() {
            let mut values = 0_i64;
            let mut pages = group.get_column_page_reader(column)?;
            while let Some(page) = pages.get_next_page()? {
                let is_data = !matches!(page, parquet::column::page::Page::DictionaryPage { .. });
                values += if is_data { i64::from(page.num_values()) } else { 0 };
            }
            if values != group.metadata().column(column).num_values() {
                return Err(damaged("a column has not the values that the footer says"));
            }
        }
    }
    Ok(report)
}

fn damaged(what: &str) -> ParquetFileError {
    ParquetFileError::Damaged(ParquetError::General(what.to_owned()))
}

fn open(path: &Path) -> Result<(SerializedFileReader<File>, u64), ParquetFileError> {
    let mut file = File::open(path)?;
    let bytes = file.metadata()?.len();
    let mut start = vec![0; usize::try_from(bytes.min(512)).expect("at most 512")];
    file.read_exact(&mut start)?;
    match start.get(..4) {
        Some(b"PAR1") => {}
        Some(b"PARE") => return Err(ParquetFileError::Encrypted),
        _ => return Err(ParquetFileError::NotParquet { looks_like: sniff::describe(&start) }),
    }
    let mut end = [0; 4];
    if bytes >= 12 {
        file.seek(SeekFrom::End(-4))?;
        file.read_exact(&mut end)?;
    }
    match &end {
        b"PAR1" => {}
        b"PARE" => return Err(ParquetFileError::Encrypted),
        _ => return Err(ParquetFileError::Truncated),
    }
    let reader = SerializedFileReader::new(file)?;
    check_ranges(reader.metadata(), bytes)?;
    Ok((reader, bytes))
}

/// A footer that was written for another file, or by an attacker, points outside of this one.
fn check_ranges(metadata: &ParquetMetaData, bytes: u64) -> Result<(), ParquetFileError> {
    let mut rows = 0_i64;
    for group in metadata.row_groups() {
        rows = rows.checked_add(group.num_rows()).ok_or_else(|| damaged("too many rows"))?;
        for column in group.columns() {
            let start = column.dictionary_page_offset().unwrap_or(column.data_page_offset());
            let end = start.checked_add(column.compressed_size());
            let inside =
                end.and_then(|end| u64::try_from(end).ok()).is_some_and(|end| end <= bytes);
            if start < 4 || column.compressed_size() < 0 || !inside {
                return Err(damaged("a column lies outside of the file"));
            }
        }
    }
    if rows != metadata.file_metadata().num_rows() {
        return Err(damaged("the row groups have not the rows that the footer says"));
    }
    Ok(())
}

fn describe_columns(metadata: &ParquetMetaData) -> Vec<Column> {
    let schema = metadata.file_metadata().schema_descr();
    let describe = |(i, field): (usize, &std::sync::Arc<Type>)| {
        let leaves =
            (0..schema.num_columns()).filter(|leaf| schema.get_column_root_idx(*leaf) == i);
        let leaf = leaves.collect::<Vec<_>>();
        let nulls = match leaf.as_slice() {
            [leaf] if field.is_primitive() => nulls(metadata, *leaf),
            _ => None,
        };
        let nullable = field.get_basic_info().repetition() != parquet::basic::Repetition::REQUIRED;
        Column { name: field.name().to_owned(), kind: kind(field).to_owned(), nullable, nulls }
    };
    schema.root_schema().get_fields().iter().enumerate().map(describe).collect()
}

fn nulls(metadata: &ParquetMetaData, leaf: usize) -> Option<u64> {
    let counts =
        metadata.row_groups().iter().map(|group| group.column(leaf).statistics()?.null_count_opt());
    counts.sum()
}

fn kind(field: &Type) -> &'static str {
    if !field.is_primitive() {
        return "nested";
    }
    let info = field.get_basic_info();
    match (info.logical_type_ref(), info.converted_type(), field.get_physical_type()) {
        (Some(LogicalType::String | LogicalType::Enum | LogicalType::Json), ..)
        | (_, ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::JSON, _) => "text",
        (Some(LogicalType::Date), ..) | (_, ConvertedType::DATE, _) => "date",
        (Some(LogicalType::Timestamp(..)), ..)
        | (_, ConvertedType::TIMESTAMP_MILLIS | ConvertedType::TIMESTAMP_MICROS, _)
        | (_, _, Physical::INT96) => "date_time",
        (Some(LogicalType::Time(..)), ..)
        | (_, ConvertedType::TIME_MILLIS | ConvertedType::TIME_MICROS, _) => "time",
        (Some(LogicalType::Decimal(..)), ..)
        | (_, ConvertedType::DECIMAL, _)
        | (_, _, Physical::FLOAT | Physical::DOUBLE) => "number",
        (_, _, Physical::BOOLEAN) => "boolean",
        (_, _, Physical::INT32 | Physical::INT64) => "integer",
        _ => "binary",
    }
}

/// A cell as text.
fn text(field: &Field) -> Option<String> {
    match field {
        Field::Null => None,
        Field::Str(text) => Some(text.clone()),
        Field::Double(value) => Some(value.to_string()),
        Field::Float(value) => Some(value.to_string()),
        other => Some(other.to_string()),
    }
}
