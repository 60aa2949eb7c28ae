//! What was found in a CSV file: facts about its form, never one of its values, but for the short
//! marks (`NA`, `***`) that keep a column from being numeric.

use crate::encoding::Encoding;
use serde::{Deserialize, Serialize};

/// The type of a column of the Parquet file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// UTF-8 text, exactly as in the source.
    Text,
    /// 64-bit signed integer.
    Integer,
    /// 64-bit floating point number.
    Number,
    /// True or false; only where it was declared.
    Boolean,
    /// Day.
    Date,
    /// Date and time of day in microseconds, without a time zone.
    DateTime,
    /// Date and time of day in microseconds, UTC.
    DateTimeUtc,
}

/// How rows end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Newline {
    /// `\n`
    Lf,
    /// `\r\n`
    Crlf,
    /// `\r`
    Cr,
}

/// A short text that keeps an otherwise numeric or date column text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The text; `None` where it is longer than 16 characters (it may be someone's name).
    pub value: Option<String>,
    /// Fields that have it.
    pub count: u64,
    /// The first line that has it, from 1.
    pub first_line: u64,
}

/// Why a column has its type, or what changed in form (not in value) when it got it. The `code` of
/// the serialised form is stable: pages translate it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Reason {
    /// The caller said so.
    Declared,
    /// No field has a value.
    AllEmpty,
    /// Every value is an integer.
    Integers,
    /// Every value is a number that a double holds exactly as written.
    Numbers,
    /// Every value is a date.
    Dates,
    /// Every value is a date and time.
    DateTimes,
    /// It is plainly text.
    Words,
    /// Numbers that start with a zero they do not need, so codes.
    LeadingZeros {
        /// Fields.
        count: u64,
        /// First line.
        first_line: u64,
    },
    /// Mostly numbers or dates, and these few texts: declare them missing if they are.
    Marks {
        /// At most eight, in order of appearance.
        values: Vec<Mark>,
    },
    /// Digits only, always as many, more than 15: an identifier.
    LongCode {
        /// Digits.
        length: u32,
    },
    /// The name and the number of digits are those of an official code.
    KnownCode {
        /// `siret`, `siren`, `nir`, `finess`, `postal` or `commune`.
        kind: String,
    },
    /// All values have a valid check digit of an official code.
    CheckDigits {
        /// `siret`, `siren` or `nir`.
        kind: String,
    },
    /// Some numbers have more digits than the type holds.
    TooManyDigits {
        /// Fields.
        count: u64,
        /// First line.
        first_line: u64,
    },
    /// Both `1.5` and `1,5`.
    MixedDecimalMarks {
        /// First line with a point.
        point_line: u64,
        /// First line with a comma.
        comma_line: u64,
    },
    /// Every mark could separate thousands: `1,234` in a file cut at commas.
    AmbiguousMark {
        /// Fields.
        count: u64,
        /// First line.
        first_line: u64,
    },
    /// `1e5` may be a code, and nothing else in the column shows that it is a number.
    AmbiguousExponent {
        /// Fields.
        count: u64,
        /// First line.
        first_line: u64,
    },
    /// `+33` may be a telephone number, and nothing shows that it is a number.
    AmbiguousPlus {
        /// Fields.
        count: u64,
        /// First line.
        first_line: u64,
    },
    /// `75 001` may be a code, and nothing shows that it is a number.
    AmbiguousSpaces {
        /// Fields.
        count: u64,
        /// First line.
        first_line: u64,
    },
    /// No day is above 12, so day and month cannot be told apart.
    AmbiguousDates {
        /// Fields.
        count: u64,
        /// First line.
        first_line: u64,
    },
    /// Month before day.
    MonthFirstDates {
        /// Fields.
        count: u64,
        /// First line.
        first_line: u64,
    },
    /// Dates of several forms.
    MixedDates,
    /// Numbers and dates.
    NumbersAndDates,
    /// Note: day before month, proved by days above 12.
    DayFirst {
        /// Fields with a day above 12.
        count: u64,
    },
    /// Note: dates without a time were given midnight.
    DatesAtMidnight {
        /// Fields.
        count: u64,
        /// First line.
        first_line: u64,
    },
    /// Note: numbers whose text has another form than the shortest one (`1.50`, `.5`, `+5`).
    Reformatted {
        /// Fields.
        count: u64,
    },
    /// Note: blanks between thousands were left out.
    ThousandsSpaces {
        /// Fields.
        count: u64,
    },
}

/// What was found in one column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnReport {
    /// Its name in the Parquet file: not empty, and unique.
    pub name: String,
    /// Its name in the source; empty where there is none.
    pub original_name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: ColumnType,
    /// Why.
    pub reason: Reason,
    /// What else to know; empty mostly.
    pub notes: Vec<Reason>,
    /// `.` or `,` where numbers have decimals.
    pub decimal_mark: Option<char>,
    /// Fields without a value: empty, or a declared missing mark.
    pub nulls: u64,
    /// Fields among `nulls` that were declared missing marks.
    pub missing_marks: u64,
    /// Fields among `nulls` that were written `""`.
    pub quoted_empty: u64,
    /// Different values, told apart by 64-bit hashes; `None` above the report's `distinct_cap`.
    pub distinct: Option<u32>,
    /// Characters of the shortest value; 0 without any.
    pub min_length: u32,
    /// Characters of the longest value; 0 without any.
    pub max_length: u32,
    /// Values that start with a zero they do not need.
    pub leading_zeros: u64,
}

/// A row with another number of fields than the first one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RaggedRow {
    /// Its line, from 1.
    pub line: u64,
    /// Its fields.
    pub found: u32,
}

/// What is wrong with the file. The first four keep it from being converted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problems {
    /// Rows of the wrong width.
    pub ragged_rows: u64,
    /// The first 20 of them.
    pub first_ragged: Vec<RaggedRow>,
    /// Rows where text follows a closing quote.
    pub stray_quotes: u64,
    /// The lines of the first 20 of them.
    pub first_stray_quotes: Vec<u64>,
    /// Blank lines that were passed; a blank line of a one-column file is an empty value.
    pub blank_lines: u64,
    /// Control characters U+0080-U+009F: bytes that Windows-1252 does not define.
    pub undefined_bytes: u64,
    /// Names that several columns have, once each.
    pub duplicate_headers: Vec<String>,
    /// Columns without a name, from 0.
    pub empty_headers: Vec<u32>,
}

impl Problems {
    /// Whether the file may be converted.
    pub fn allow_conversion(&self) -> bool {
        self.ragged_rows == 0 && self.stray_quotes == 0
    }
}

/// What was found in a CSV file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CsvReport {
    /// Encoding of its characters.
    pub encoding: Encoding,
    /// Between fields.
    pub delimiter: char,
    /// Whether `"` quotes fields.
    pub quotes: bool,
    /// The end of its first row.
    pub newline: Newline,
    /// Whether the first row holds the names.
    pub header: bool,
    /// The decimal mark of most columns that have one.
    pub decimal_mark: Option<char>,
    /// Rows of data, without the header and without those in `problems`.
    pub rows: u64,
    /// The number of different values above which they were not counted.
    pub distinct_cap: u32,
    /// Its columns in order.
    pub columns: Vec<ColumnReport>,
    /// What is wrong with it.
    pub problems: Problems,
}
