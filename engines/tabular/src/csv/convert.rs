//! The second pass: Parquet is written beside its final place, made durable, then renamed.

use super::column::{Missing, boolean};
use super::decide::Plan;
use super::pass::{FirstPass, first_pass};
use super::report::{ColumnType, CsvReport};
use super::shape;
use super::source::Batches;
use super::{CsvError, CsvOptions, Progress};
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow_buffer::{Buffer, NullBufferBuilder, OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use std::fs::File;
use std::io::{Read, Seek};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// How the name of an unfinished output ends. It starts with `.` and the output's own name. A
/// killed process leaves such a file behind; whoever finds one that nobody writes may delete it.
pub const PARTIAL_SUFFIX: &str = ".bulle-partial";

/// Rows and bytes of text after which a batch goes to the writer.
const BATCH_ROWS: usize = 16 * 1024;
const BATCH_BYTES: usize = 8 * 1024 * 1024;
/// Rows and bytes (as held by the writer) after which a row group ends.
const GROUP_ROWS: usize = 512 * 1024;
const GROUP_BYTES: usize = 96 * 1024 * 1024;

/// Converts a CSV file to Parquet, and reports the form of the file and the types of its columns.
///
/// The file is read twice: the types follow from every row, so the last row counts as much as the
/// first. The output appears under its name only when it is whole and on disk; it replaces what was
/// there. Missing values are null. It takes under 400 MB of memory whatever the size of the file,
/// and a second thread that encodes.
///
/// # Errors
/// See [`CsvError`]. After an error nothing is left of the output; a killed process leaves a file
/// whose name ends in [`PARTIAL_SUFFIX`].
pub fn convert<R: Read + Seek>(
    input: &mut R,
    output: &Path,
    options: &CsvOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<CsvReport, CsvError> {
    let first = first_pass(input, options, progress)?;
    if !first.report.problems.allow_conversion() {
        return Err(CsvError::Malformed(Box::new(first.report)));
    }
    let name = output.file_name().ok_or_else(|| {
        std::io::Error::new(std::io::ErrorKind::InvalidInput, "the output has no file name")
    })?;
    let folder = match output.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let prefix = format!(".{}.", name.to_string_lossy());
    // Dropped after any error, and the file with it.
    let partial =
        tempfile::Builder::new().prefix(&prefix).suffix(PARTIAL_SUFFIX).tempfile_in(folder)?;
    write(input, partial.as_file(), &first, options, progress)?;
    partial.as_file().sync_all()?;
    partial.persist(output).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()?; // the new name is durable only with its folder
    Ok(first.report)
}

/// Builds batches here while another thread encodes them.
fn write<R: Read + Seek>(
    input: &mut R,
    output: &File,
    first: &FirstPass,
    options: &CsvOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), CsvError> {
    let schema = schema(&first.report);
    let writer =
        ArrowWriter::try_new(output, Arc::clone(&schema), Some(properties(&first.report)))?;
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(1);
        let encoder = scope.spawn(move || encode(writer, &receiver));
        let built = build(input, first, options, &schema, &sender, progress);
        let whole = matches!(built, Ok(true));
        if whole {
            let _ = sender.send(None); // a writer that stopped says why below
        }
        drop(sender);
        let written = encoder.join().expect("the encoder has no panic of its own");
        built?;
        written.map_err(CsvError::from)
    })
}

/// Encodes batches until `None` says that the file is whole.
fn encode(
    mut writer: ArrowWriter<&File>,
    batches: &Receiver<Option<RecordBatch>>,
) -> Result<(), ParquetError> {
    while let Ok(batch) = batches.recv() {
        let Some(batch) = batch else {
            writer.close()?;
            return Ok(());
        };
        writer.write(&batch)?;
        if writer.memory_size() > GROUP_BYTES {
            writer.flush()?;
        }
    }
    Ok(()) // the reader failed, and says why
}

fn schema(report: &CsvReport) -> SchemaRef {
    let utc = || Some(Arc::from("UTC"));
    let kind = |kind| match kind {
        ColumnType::Text => DataType::Utf8,
        ColumnType::Integer => DataType::Int64,
        ColumnType::Number => DataType::Float64,
        ColumnType::Boolean => DataType::Boolean,
        ColumnType::Date => DataType::Date32,
        ColumnType::DateTime => DataType::Timestamp(TimeUnit::Microsecond, None),
        ColumnType::DateTimeUtc => DataType::Timestamp(TimeUnit::Microsecond, utc()),
    };
    let fields = report.columns.iter().map(|c| Field::new(&c.name, kind(c.kind), true));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// Only columns of few different values get a dictionary: for the others the writer would hash
/// every value, and give up after the first page.
fn properties(report: &CsvReport) -> WriterProperties {
    let level = ZstdLevel::try_new(1).expect("level 1 exists");
    let mut properties = WriterProperties::builder()
        .set_created_by("bulle tabular".to_owned())
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_write_batch_size(4096)
        .set_dictionary_enabled(false);
    for column in report.columns.iter().filter(|column| column.distinct.is_some()) {
        let path = ColumnPath::new(vec![column.name.clone()]);
        properties = properties.set_column_dictionary_enabled(path, true);
    }
    properties.build()
}

/// Reads the rows again into batches. False if the writer stopped.
fn build<R: Read + Seek>(
    input: &mut R,
    first: &FirstPass,
    options: &CsvOptions,
    schema: &SchemaRef,
    batches: &SyncSender<Option<RecordBatch>>,
    progress: &mut dyn FnMut(Progress),
) -> Result<bool, CsvError> {
    let missing = Missing::new(&options.missing);
    let mut builders: Vec<Builder> = first.plans.iter().map(|plan| Builder::new(*plan)).collect();
    let mut source = Batches::open(input, &first.layout)?;
    let (mut rows, mut waiting, mut bytes) = (0, 0, 0);
    while source.next()? {
        let changed = CsvError::Changed { line: source.first_line() };
        if !source.rows.ragged.is_empty() || !source.rows.stray_quotes.is_empty() {
            return Err(changed);
        }
        for (i, builder) in builders.iter_mut().enumerate() {
            builder.add(&source, i, first.plans.len(), &missing)?;
        }
        waiting += source.rows.lines.len();
        rows += source.rows.lines.len() as u64;
        bytes += source.text().len();
        if waiting >= BATCH_ROWS || bytes >= BATCH_BYTES {
            if batches.send(Some(finish(&mut builders, schema, changed)?)).is_err() {
                return Ok(false);
            }
            (waiting, bytes) = (0, 0);
        }
        progress(Progress { pass: 2, bytes: source.read(), rows });
    }
    let changed = || CsvError::Changed { line: source.first_line() };
    if rows != first.report.rows {
        return Err(changed());
    }
    Ok(waiting == 0 || batches.send(Some(finish(&mut builders, schema, changed())?)).is_ok())
}

fn finish(
    builders: &mut [Builder],
    schema: &SchemaRef,
    changed: CsvError,
) -> Result<RecordBatch, CsvError> {
    let arrays: Option<Vec<ArrayRef>> = builders.iter_mut().map(Builder::finish).collect();
    let arrays = arrays.ok_or(changed)?;
    RecordBatch::try_new(Arc::clone(schema), arrays)
        .map_err(|error| CsvError::Parquet(ParquetError::ArrowError(error.to_string())))
}

/// Values of a fixed size, and how they are read.
struct Fixed<T> {
    values: Vec<T>,
    nulls: NullBufferBuilder,
    read: fn(&[u8]) -> Option<T>,
}

impl<T: Copy + Default> Fixed<T> {
    fn new(read: fn(&[u8]) -> Option<T>) -> Self {
        Self { values: Vec::new(), nulls: NullBufferBuilder::new(BATCH_ROWS), read }
    }

    fn add<R: Read + Seek>(&mut self, fields: &Fields<'_, '_, R>) -> Result<(), CsvError> {
        let read = self.read;
        fields.each(|text| {
            let value = match text {
                Some(text) => Some(read(text)?),
                None => None,
            };
            self.values.push(value.unwrap_or_default());
            self.nulls.append(value.is_some());
            Some(())
        })
    }
}

/// The fields of one column in the current rows.
struct Fields<'a, 'r, R> {
    source: &'a Batches<'r, R>,
    column: usize,
    width: usize,
    missing: &'a Missing,
}

impl<R: Read + Seek> Fields<'_, '_, R> {
    /// Gives `take` each field, `None` for a missing one; stops with an error where it returns
    /// `None`.
    fn each(&self, mut take: impl FnMut(Option<&[u8]>) -> Option<()>) -> Result<(), CsvError> {
        let (rows, text) = (&self.source.rows, self.source.text());
        let mut scratch = Vec::new();
        let column = rows.fields.iter().skip(self.column).step_by(self.width);
        for (field, line) in column.zip(&rows.lines) {
            let value = field.text(text, &mut scratch);
            let value = (!value.is_empty() && !self.missing.has(value)).then_some(value);
            take(value).ok_or(CsvError::Changed { line: *line })?;
        }
        Ok(())
    }
}

/// The waiting values of one column.
enum Builder {
    Text { offsets: Vec<i32>, bytes: Vec<u8>, nulls: NullBufferBuilder },
    Integer(Fixed<i64>),
    Number(Fixed<f64>),
    Boolean(Fixed<bool>),
    Date(Fixed<i32>),
    DateTime(Fixed<i64>),
    DateTimeUtc(Fixed<i64>),
}

impl Builder {
    fn new(plan: Plan) -> Self {
        match plan {
            Plan::Text => Self::Text {
                offsets: vec![0],
                bytes: Vec::new(),
                nulls: NullBufferBuilder::new(BATCH_ROWS),
            },
            Plan::Integer => Self::Integer(Fixed::new(integer)),
            Plan::Number => Self::Number(Fixed::new(number)),
            Plan::Boolean => Self::Boolean(Fixed::new(boolean)),
            Plan::Date => Self::Date(Fixed::new(shape::iso_date)),
            Plan::DayFirst => Self::Date(Fixed::new(shape::day_first)),
            Plan::DateTime => Self::DateTime(Fixed::new(|text| date_time(text, shape::iso_date))),
            Plan::DayFirstTime => {
                Self::DateTime(Fixed::new(|text| date_time(text, shape::day_first)))
            }
            Plan::DateTimeUtc => {
                Self::DateTimeUtc(Fixed::new(|text| date_time(text, shape::iso_date)))
            }
        }
    }

    fn add<R: Read + Seek>(
        &mut self,
        source: &Batches<'_, R>,
        column: usize,
        width: usize,
        missing: &Missing,
    ) -> Result<(), CsvError> {
        let fields = Fields { source, column, width, missing };
        match self {
            Self::Text { offsets, bytes, nulls } => fields.each(|text| {
                bytes.extend_from_slice(text.unwrap_or_default());
                offsets.push(i32::try_from(bytes.len()).ok()?); // a batch is far below 2 GiB
                nulls.append(text.is_some());
                Some(())
            }),
            Self::Integer(fixed) | Self::DateTime(fixed) | Self::DateTimeUtc(fixed) => {
                fixed.add(&fields)
            }
            Self::Number(fixed) => fixed.add(&fields),
            Self::Boolean(fixed) => fixed.add(&fields),
            Self::Date(fixed) => fixed.add(&fields),
        }
    }

    /// The waiting values as an array; `None` if a text is no longer UTF-8.
    fn finish(&mut self) -> Option<ArrayRef> {
        use std::mem::take;
        Some(match self {
            Self::Text { offsets, bytes, nulls } => {
                let ends =
                    OffsetBuffer::new(ScalarBuffer::from(std::mem::replace(offsets, vec![0])));
                let bytes = Buffer::from_vec(take(bytes));
                Arc::new(StringArray::try_new(ends, bytes, nulls.finish()).ok()?)
            }
            Self::Integer(f) => {
                Arc::new(Int64Array::new(take(&mut f.values).into(), f.nulls.finish()))
            }
            Self::Number(f) => {
                Arc::new(Float64Array::new(take(&mut f.values).into(), f.nulls.finish()))
            }
            Self::Boolean(f) => {
                Arc::new(BooleanArray::new(take(&mut f.values).into(), f.nulls.finish()))
            }
            Self::Date(f) => {
                Arc::new(Date32Array::new(take(&mut f.values).into(), f.nulls.finish()))
            }
            Self::DateTime(f) => Arc::new(TimestampMicrosecondArray::new(
                take(&mut f.values).into(),
                f.nulls.finish(),
            )),
            Self::DateTimeUtc(f) => {
                let array =
                    TimestampMicrosecondArray::new(take(&mut f.values).into(), f.nulls.finish());
                Arc::new(array.with_timezone("UTC"))
            }
        })
    }
}

/// An integer that `Shape::of` took for one.
#[inline]
fn integer(text: &[u8]) -> Option<i64> {
    if text.len() > 18 {
        return std::str::from_utf8(text).ok()?.parse().ok();
    }
    let (minus, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    let mut value = 0;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + i64::from(digit);
    }
    (!digits.is_empty()).then_some(if minus { -value } else { value })
}

/// A number. Up to 15 digits and a mark are read here: the digits and the power of ten are exact
/// doubles, so one division rounds once and right (Clinger 1990); the rest is read slowly.
#[inline]
fn number(text: &[u8]) -> Option<f64> {
    const POWERS: [f64; 16] =
        [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
    let (minus, body) = match text {
        [b'-', body @ ..] => (true, body),
        body => (false, body),
    };
    if body.len() > 16 {
        return shape::number(text);
    }
    let (mut value, mut decimals, mut marks, mut digits) = (0_u64, 0, 0, 0);
    for byte in body {
        let digit = byte.wrapping_sub(b'0');
        if digit <= 9 {
            value = value * 10 + u64::from(digit);
            decimals += marks;
            digits += 1;
        } else if (*byte == b'.' || *byte == b',') && marks == 0 {
            marks = 1;
        } else {
            return shape::number(text);
        }
    }
    if digits == 0 || digits > 15 {
        return shape::number(text);
    }
    #[expect(clippy::cast_precision_loss, reason = "15 digits are below 2^53")]
    let value = value as f64 / POWERS[decimals];
    Some(if minus { -value } else { value })
}

/// Microseconds from 1970 of a date, with or without a time.
fn date_time(text: &[u8], date: fn(&[u8]) -> Option<i32>) -> Option<i64> {
    let (day, clock) = match shape::date_and_time(text) {
        Some((day, clock, _)) => (date(day)?, shape::time(clock)?),
        None => (date(text)?, 0),
    };
    Some(i64::from(day) * 86_400_000_000 + clock)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn fast_numbers_are_the_standard_librarys(whole in 0..10_u32.pow(9), decimals in 0..7_usize, minus: bool) {
            let value = f64::from(whole) / 997.0;
            let text = format!("{}{value:.decimals$}", if minus { "-" } else { "" });
            let expected: f64 = text.parse().unwrap();
            prop_assert_eq!(number(text.as_bytes()).unwrap().to_bits(), expected.to_bits());
            prop_assert_eq!(number(text.replace('.', ",").as_bytes()), Some(expected));
        }

        #[test]
        fn fast_integers_are_the_standard_librarys(value: i64) {
            prop_assert_eq!(integer(value.to_string().as_bytes()), Some(value));
        }
    }
}
