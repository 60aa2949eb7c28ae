//! Parquet files.

use super::{Given, Plan, Table};
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
    let wanted = |at: &usize| plan.id == Some(*at) || plan.places[*at].is_some();
    let wanted: Vec<usize> = (0..names.len()).filter(wanted).collect();
    let mask = ProjectionMask::roots(builder.parquet_schema(), wanted.iter().copied());
    let reader = builder.with_projection(mask).with_batch_size(8192).build().map_err(failed)?;
    for batch in reader {
        let batch = batch.map_err(|error| failed(error.into()))?;
        take(&mut table, &plan, &wanted, &batch)?;
    }
    Ok(table)
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
            each(array, &name, &mut |value| table.ids.push(value.trim_ascii()))?;
        } else if let Some(place) = plan.places[*at] {
            let column = &mut table.columns[place].1;
            let before = column.codes.len();
            let known = each(array, &name, &mut |value| column.push(value));
            // A column of lists or numbers with signs is no reason to stop: it is not compared.
            if known.is_err() {
                column.codes.resize(before + array.len(), 0);
            }
        }
    }
    Ok(())
}

/// Gives each value as text; a null is empty.
fn each(array: &dyn Array, name: &str, take: &mut dyn FnMut(&[u8])) -> Result<(), LinkError> {
    macro_rules! texts {
        ($array:expr) => {{
            for value in $array.iter() {
                take(value.map_or(&[][..], str::as_bytes));
            }
            return Ok(());
        }};
    }
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
        DataType::Utf8 => texts!(array.as_string::<i32>()),
        DataType::LargeUtf8 => texts!(array.as_string::<i64>()),
        DataType::Utf8View => texts!(array.as_string_view()),
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
    dates(array, name, take)
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
        DataType::Dictionary(_, _) => {
            let Some(dictionary) = array.as_any_dictionary_opt() else {
                return Err(LinkError::ColumnType { name: name.to_owned() });
            };
            let mut values: Vec<Vec<u8>> = Vec::new();
            each(dictionary.values(), name, &mut |value| values.push(value.to_vec()))?;
            for (row, key) in dictionary.normalized_keys().into_iter().enumerate() {
                take(if array.is_null(row) { &[] } else { &values[key] });
            }
        }
        DataType::Null => (0..array.len()).for_each(|_| take(&[])),
        _ => return Err(LinkError::ColumnType { name: name.to_owned() }),
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
    use super::iso;

    #[test]
    fn days_are_civil_dates() {
        for (days, date) in
            [(0, "1970-01-01"), (-1, "1969-12-31"), (19_782, "2024-02-29"), (-25_567, "1900-01-01")]
        {
            assert_eq!(iso(days), date);
        }
    }
}
