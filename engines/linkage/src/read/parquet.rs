//! Parquet files.

use super::{Given, Ids, Plan, Table};
use crate::error::LinkError;
use arrow_array::{Array, RecordBatch, cast::AsArray, types};
use arrow_schema::DataType;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::fs::File;
use std::io::Write as _;

pub(super) fn read(
    file: File,
    name: &str,
    id: Option<&str>,
    given: &Given,
) -> Result<Table, LinkError> {
    let failed = |source| LinkError::Parquet { name: name.to_owned(), source };
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(failed)?;
    let names: Vec<String> =
        builder.schema().fields().iter().map(|field| field.name().clone()).collect();
    let mut table = Table { name: name.to_owned(), ..Table::default() };
    let plan = table.plan(&names, id, given);
    let schema = builder.schema().clone();
    let kind = |at: usize| schema.field(at).data_type();
    let serves = |at: &usize| plan.places[*at].is_some() && is_readable(kind(*at));
    let wanted: Vec<usize> =
        (0..names.len()).filter(|at| plan.id == Some(*at) || serves(at)).collect();
    let mask = ProjectionMask::roots(builder.parquet_schema(), wanted.iter().copied());
    let reader = builder.with_projection(mask).with_batch_size(8192).build().map_err(failed)?;
    for batch in reader {
        let batch = batch.map_err(|error| failed(error.into()))?;
        take(&mut table, &plan, &wanted, &batch)?;
    }
    for at in (0..names.len()).rev().filter(|at| !wanted.contains(at)) {
        if let Some(place) = plan.places[at] {
            table.columns.remove(place); // from the last: the places before it stay true
            table.unused.push(names[at].clone());
            table.notes.push(format!(
                "{name}: column {} is not used: it holds {}, which is neither text, number nor date",
                names[at],
                kind(at)
            ));
        }
    }
    Ok(table)
}

/// The names of the columns.
pub(super) fn header(file: File, name: &str) -> Result<Vec<String>, LinkError> {
    let failed = |source| LinkError::Parquet { name: name.to_owned(), source };
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(failed)?;
    Ok(builder.schema().fields().iter().map(|field| field.name().clone()).collect())
}

/// Some columns as texts, in the order of their names; none where the file has no such column.
pub(super) fn plain(
    file: File,
    name: &str,
    wanted: &[&str],
) -> Result<Vec<Option<Ids>>, LinkError> {
    let failed = |source| LinkError::Parquet { name: name.to_owned(), source };
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(failed)?;
    let fields = builder.schema().fields().clone();
    let find = |wanted: &&str| fields.iter().position(|at| at.name().eq_ignore_ascii_case(wanted));
    let places: Vec<Option<usize>> = wanted.iter().map(find).collect();
    let mask = ProjectionMask::roots(builder.parquet_schema(), places.iter().flatten().copied());
    let reader = builder.with_projection(mask).with_batch_size(8192).build().map_err(failed)?;
    let mut columns: Vec<Option<Ids>> =
        places.iter().map(|place| place.map(|_| Ids::default())).collect();
    for batch in reader {
        let batch = batch.map_err(|error| failed(error.into()))?;
        for (at, texts) in columns.iter_mut().enumerate() {
            let array = places[at].and_then(|place| batch.column_by_name(fields[place].name()));
            if let (Some(array), Some(texts)) = (array, texts) {
                each(array, name, &mut |value| texts.push(value))?;
            }
        }
    }
    Ok(columns)
}

/// Whether [`each`] can give the values of a type.
fn is_readable(kind: &DataType) -> bool {
    match kind {
        DataType::Dictionary(_, values) => is_readable(values),
        DataType::Float16 => false,
        DataType::Boolean
        | DataType::Null
        | DataType::Date32
        | DataType::Date64
        | DataType::Timestamp(..)
        | DataType::Utf8
        | DataType::LargeUtf8
        | DataType::Utf8View
        | DataType::Binary
        | DataType::LargeBinary
        | DataType::BinaryView
        | DataType::FixedSizeBinary(_)
        | DataType::Decimal128(..) => true,
        other => other.is_integer() || other.is_floating(),
    }
}

fn take(
    table: &mut Table,
    plan: &Plan,
    wanted: &[usize],
    batch: &RecordBatch,
) -> Result<(), LinkError> {
    for (array, at) in batch.columns().iter().zip(wanted) {
        let name = table.name.clone();
        if plan.id == Some(*at) {
            each(array, &name, &mut |value| table.ids.push(value))?;
        } else if let Some(place) = plan.places[*at] {
            let column = &mut table.columns[place].1;
            each(array, &name, &mut |value| column.push(value))?;
        }
    }
    Ok(())
}

/// Gives each value as text; a null is empty.
fn each(array: &dyn Array, name: &str, take: &mut dyn FnMut(&[u8])) -> Result<(), LinkError> {
    macro_rules! numbers {
        ($kind:ty) => {{
            let mut text = Vec::new();
            for value in array.as_primitive::<$kind>().iter() {
                text.clear();
                if let Some(value) = value {
                    write!(text, "{value}").expect("memory");
                }
                take(&text);
            }
            return Ok(());
        }};
    }
    match array.data_type() {
        DataType::Int8 => numbers!(types::Int8Type),
        DataType::Int16 => numbers!(types::Int16Type),
        DataType::Int32 => numbers!(types::Int32Type),
        DataType::Int64 => numbers!(types::Int64Type),
        DataType::UInt8 => numbers!(types::UInt8Type),
        DataType::UInt16 => numbers!(types::UInt16Type),
        DataType::UInt32 => numbers!(types::UInt32Type),
        DataType::UInt64 => numbers!(types::UInt64Type),
        DataType::Float64 => numbers!(types::Float64Type),
        DataType::Float32 => numbers!(types::Float32Type),
        _ => {}
    }
    if !bytes(array, take) {
        dates(array, name, take)?;
    }
    Ok(())
}

/// Gives texts, bytes as UTF-8 (what is none becomes the sign for it), exact decimals as digits, and
/// booleans as words; false where the array holds none of these.
fn bytes(array: &dyn Array, take: &mut dyn FnMut(&[u8])) -> bool {
    let mut text = |value: Option<&[u8]>| {
        take(String::from_utf8_lossy(value.unwrap_or_default()).as_bytes());
    };
    match array.data_type() {
        DataType::Utf8 => {
            array.as_string::<i32>().iter().for_each(|value| text(value.map(str::as_bytes)));
        }
        DataType::LargeUtf8 => {
            array.as_string::<i64>().iter().for_each(|value| text(value.map(str::as_bytes)));
        }
        DataType::Utf8View => {
            array.as_string_view().iter().for_each(|value| text(value.map(str::as_bytes)));
        }
        DataType::Binary => array.as_binary::<i32>().iter().for_each(text),
        DataType::LargeBinary => array.as_binary::<i64>().iter().for_each(text),
        DataType::BinaryView => array.as_binary_view().iter().for_each(text),
        DataType::FixedSizeBinary(_) => array.as_fixed_size_binary().iter().for_each(text),
        DataType::Decimal128(..) => {
            let array = array.as_primitive::<types::Decimal128Type>();
            let value = |row: usize| array.is_valid(row).then(|| array.value_as_string(row));
            (0..array.len()).for_each(|row| text(value(row).as_deref().map(str::as_bytes)));
        }
        DataType::Boolean => {
            let word = |value| if value { &b"true"[..] } else { b"false" };
            array.as_boolean().iter().for_each(|value| text(value.map(word)));
        }
        _ => return false,
    }
    true
}

fn dates(array: &dyn Array, name: &str, take: &mut dyn FnMut(&[u8])) -> Result<(), LinkError> {
    use arrow_schema::TimeUnit;
    const DAY: i64 = 86_400;
    macro_rules! days {
        ($kind:ty, $per_day:expr) => {
            for value in array.as_primitive::<$kind>().iter() {
                match value {
                    Some(value) => take(iso(i64::from(value).div_euclid($per_day)).as_bytes()),
                    None => take(&[]),
                }
            }
        };
    }
    match array.data_type() {
        DataType::Date32 => days!(types::Date32Type, 1),
        DataType::Date64 => days!(types::Date64Type, DAY * 1000),
        DataType::Timestamp(TimeUnit::Second, _) => days!(types::TimestampSecondType, DAY),
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            days!(types::TimestampMillisecondType, DAY * 1000);
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            days!(types::TimestampMicrosecondType, DAY * 1_000_000);
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            days!(types::TimestampNanosecondType, DAY * 1_000_000_000);
        }
        DataType::Dictionary(_, _) => return coded(array, name, take),
        DataType::Null => (0..array.len()).for_each(|_| take(&[])),
        _ => return Err(LinkError::ColumnType { name: name.to_owned() }),
    }
    Ok(())
}

fn coded(array: &dyn Array, name: &str, take: &mut dyn FnMut(&[u8])) -> Result<(), LinkError> {
    let Some(dictionary) = array.as_any_dictionary_opt() else {
        return Err(LinkError::ColumnType { name: name.to_owned() });
    };
    let mut values: Vec<Vec<u8>> = Vec::new();
    each(dictionary.values(), name, &mut |value| values.push(value.to_vec()))?;
    for (row, key) in dictionary.normalized_keys().into_iter().enumerate() {
        take(if array.is_null(row) { &[] } else { &values[key] });
    }
    Ok(())
}

/// The civil date of a number of days since 1970-01-01 (Howard Hinnant's algorithm
/// `civil_from_days`, proleptic Gregorian).
fn iso(days: i64) -> String {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{ArrayRef, BinaryArray, Decimal128Array, ListArray, StringArray};
    use std::sync::Arc;

    #[test]
    fn columns_of_unknown_types_are_named_and_bytes_are_text() {
        let lists =
            ListArray::from_iter_primitive::<types::Int32Type, _, _>([Some(vec![Some(1)]), None]);
        let ids = Decimal128Array::from(vec![12, 13]).with_precision_and_scale(9, 0).unwrap();
        let columns: [(&str, ArrayRef); 5] = [
            ("tags", Arc::new(lists.clone())),
            ("id", Arc::new(ids)),
            ("nom", Arc::new(BinaryArray::from(vec![&b"Z\xC3\xA9"[..], b"A\xFF"]))),
            ("labels", Arc::new(lists)),
            ("prenom", Arc::new(StringArray::from(vec!["A", "B"]))),
        ];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let mut file = tempfile::tempfile().unwrap();
        let mut writer =
            parquet::arrow::ArrowWriter::try_new(&mut file, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        let table = read(file, "a.parquet", None, &Given::default()).unwrap();
        assert_eq!((table.ids.get(0), table.ids.get(1)), ("12", "13"));
        let text = |place: usize, row: usize| {
            let column = &table.columns[place].1;
            column.values.text(column.codes[row]).into_owned()
        };
        assert_eq!([text(0, 0), text(0, 1), text(1, 1)], ["Zé", "A\u{FFFD}", "B"]);
        assert_eq!(table.unused, ["labels", "tags"]);
        assert!(table.notes.iter().any(|note| note.contains("column tags is not used")));
    }

    #[test]
    fn days_are_civil_dates() {
        for (days, date) in
            [(0, "1970-01-01"), (-1, "1969-12-31"), (19_782, "2024-02-29"), (-25_567, "1900-01-01")]
        {
            assert_eq!(iso(days), date);
        }
    }
}
