//! CSV to Parquet and back: no value may change.

use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use proptest::prelude::*;
use std::io::Cursor;
use std::path::Path;
use tabular::csv::{self, ColumnType, CsvError, CsvOptions, CsvReport, Reason};
use tabular::encoding::Encoding;
use tabular::parquet_file::{self, ParquetFileError as E};
use tabular::sniff::LooksLike;

type Cells = Vec<Vec<Option<String>>>;

fn convert_with(bytes: &[u8], options: &CsvOptions) -> Result<(CsvReport, Cells), CsvError> {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("out.parquet");
    let result = csv::convert(&mut Cursor::new(bytes), &output, options, &mut |_| {});
    let left: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    match result {
        Ok(report) => {
            assert_eq!(left, ["out.parquet"], "nothing else is left");
            let rows = usize::try_from(report.rows).unwrap();
            let inspected = parquet_file::verify(&output).unwrap();
            assert_eq!(inspected.rows, report.rows);
            assert_eq!(inspected.columns.len(), report.columns.len());
            Ok((report, parquet_file::preview(&output, rows).unwrap().rows))
        }
        Err(error) => {
            assert!(left.is_empty(), "an error leaves nothing: {left:?}");
            Err(error)
        }
    }
}

fn convert(text: &str) -> (CsvReport, Cells) {
    convert_with(text.as_bytes(), &CsvOptions::default()).unwrap()
}

fn kinds(report: &CsvReport) -> Vec<ColumnType> {
    report.columns.iter().map(|column| column.kind).collect()
}

/// The type and reason of a single column with these values.
fn column(name: &str, values: &[&str]) -> (ColumnType, Reason) {
    let text = format!("{name};x\n{};a\n", values.join(";a\n"));
    let report = csv::inspect(&mut Cursor::new(text), &CsvOptions::default()).unwrap();
    (report.columns[0].kind, report.columns[0].reason.clone())
}

#[test]
fn codes_stay_text_and_quantities_do_not() {
    use ColumnType::{Integer, Text};
    assert_eq!(column("dep", &["01", "2A"]).0, Text);
    assert_eq!(column("dep", &["1", "02"]).1, Reason::LeadingZeros { count: 1, first_line: 3 });
    assert_eq!(column("id", &["1000000000000000001"; 2]).1, Reason::LongCode { length: 19 });
    assert_eq!(
        column("Code SIRET", &["10000000000000"]).1,
        Reason::KnownCode { kind: "siret".into() }
    );
    assert_eq!(column("code_postal", &["69000"]).0, Text);
    assert_eq!(column("nb_cp", &["69000"]).0, Integer);
    assert_eq!(column("population", &["69000", "7"]).0, Integer);
    assert_eq!(column("sexe", &["0", "1"]).0, Integer);
    assert_eq!(
        column("n", &["99999999999999999999", "1"]).1,
        Reason::TooManyDigits { count: 1, first_line: 2 }
    );
    let valid = |n: u64| (0..10).map(|k| n * 10 + k).find(|n| luhn(*n)).unwrap().to_string();
    let siren: Vec<String> = (0..20).map(|i| valid(40_000_000 + i)).collect();
    let siren: Vec<&str> = siren.iter().map(String::as_str).collect();
    assert_eq!(column("x1", &siren).1, Reason::CheckDigits { kind: "siren".into() });
}

fn luhn(n: u64) -> bool {
    let digit = |(i, c): (usize, char)| match (i % 2, c.to_digit(10).unwrap()) {
        (0, d) => d,
        (_, d) => d * 2 / 10 + d * 2 % 10,
    };
    n.to_string().chars().rev().enumerate().map(digit).sum::<u32>() % 10 == 0
}

#[test]
fn numbers_are_read_only_where_they_are_clear() {
    use ColumnType::{Number, Text};
    assert_eq!(column("x", &["1,5", "2"]).0, Number);
    assert_eq!(
        column("x", &["1.5", "2,5"]).1,
        Reason::MixedDecimalMarks { point_line: 2, comma_line: 3 }
    );
    assert_eq!(column("x", &["1e5", "2"]).1, Reason::AmbiguousExponent { count: 1, first_line: 2 });
    assert_eq!(column("x", &["1e5", "2,5"]).0, Number);
    assert_eq!(column("x", &["+33612345678"]).0, Text);
    assert_eq!(column("x", &["+5", "-3"]).0, Number);
    assert_eq!(column("x", &["75 001", "69 002"]).0, Text);
    assert_eq!(column("x", &["1 234,5", "12"]).0, Number);
    assert_eq!(column("x", &["1\u{a0}234", "12"]).0, Number);
    assert_eq!(
        column("x", &["0.12345678901234567890"]).1,
        Reason::TooManyDigits { count: 1, first_line: 2 }
    );
    let (report, _) = convert("a,b\n\"1,234\",x\n");
    assert_eq!(report.columns[0].reason, Reason::AmbiguousMark { count: 1, first_line: 2 });
    // A late exact integer that a double cannot hold keeps the column text.
    assert_eq!(column("x", &["1.5", "9007199254740993"]).0, Text);
    let Reason::Marks { values } = column("x", &["1", "2", "NA", "NA"]).1 else { panic!() };
    assert_eq!(
        (values[0].value.as_deref(), values[0].count, values[0].first_line),
        (Some("NA"), 2, 4)
    );
}

#[test]
fn dates_are_read_only_where_they_are_clear() {
    use ColumnType::{Date, DateTime, Text};
    assert_eq!(column("d", &["2024-01-31"]).0, Date);
    assert_eq!(column("d", &["01/02/2024", "31/12/2023"]).0, Date);
    assert_eq!(column("d", &["01/02/2024"]).1, Reason::AmbiguousDates { count: 1, first_line: 2 });
    assert_eq!(
        column("d", &["01/31/2024", "01/02/2024"]).1,
        Reason::MonthFirstDates { count: 1, first_line: 2 }
    );
    assert_eq!(column("d", &["01/31/2024", "31/01/2024"]).0, Text);
    assert_eq!(column("d", &["2024-01-31", "31/01/2024"]).0, Text);
    assert_eq!(column("d", &["2024-01-31 10:00:00"]).0, DateTime);
    assert_eq!(column("d", &["2024-02-30"]).0, Text);
    let (_, cells) =
        convert("d;t\n31/12/1999;31/12/1999 23:59:58\n01/02/2024;01/02/2024 00:00:00\n");
    assert_eq!(cells[0][0].as_deref(), Some("1999-12-31"));
    assert!(cells[0][1].as_ref().unwrap().starts_with("1999-12-31 23:59:58"), "{cells:?}");
    assert_eq!(cells[1][0].as_deref(), Some("2024-02-01"));
}

#[test]
fn broken_files_are_refused_with_the_line() {
    let error = |text: &[u8]| convert_with(text, &CsvOptions::default()).unwrap_err();
    assert!(matches!(error(b""), CsvError::Empty));
    assert!(matches!(error(b"\n\n"), CsvError::Empty));
    assert!(matches!(error(b"PAR1...."), CsvError::NotCsv { looks_like: LooksLike::Parquet }));
    assert!(matches!(error(b"PK\x03\x04abc"), CsvError::NotCsv { looks_like: LooksLike::Zip }));
    assert!(matches!(error(b"<html><table>"), CsvError::NotCsv { looks_like: LooksLike::Html }));
    assert!(matches!(error(b"a,b\n1,2\n3,\0\n"), CsvError::Nul { line: 3 }));
    assert!(matches!(error(b"a,b\n1,2\n3,\"x\ny\n"), CsvError::UnclosedQuote { line: 3 }));
    assert!(matches!(error(b"\"a,b\n1,2"), CsvError::UnclosedQuote { line: 1 }));
    let mixed = "é,è\nà,ç\nê,ù\n".repeat(3).into_bytes();
    let mixed = [mixed, b"\xE9,x\n".to_vec()].concat();
    assert!(matches!(error(&mixed), CsvError::BadEncoding { encoding: Encoding::Utf8, line: 10 }));
    let ragged = "a,b\n".to_owned() + &"1,2\n3\n".repeat(25);
    let CsvError::Malformed(report) = error(ragged.as_bytes()) else { panic!() };
    assert_eq!((report.problems.ragged_rows, report.problems.first_ragged.len()), (25, 20));
    assert_eq!(
        (report.problems.first_ragged[0].line, report.problems.first_ragged[0].found),
        (3, 1)
    );
    let CsvError::Malformed(report) = error(b"a,b\n\"x\" y,2\n") else { panic!() };
    assert_eq!(report.problems.first_stray_quotes, [2]);
}

#[test]
fn a_file_cut_anywhere_is_refused_or_loses_only_its_end() {
    let text = "id;nom;prix\n1;\"a\nb\";1,5\n2;\"c \"\"d\"\"\";2,5\n3;e;3,5\n";
    let whole = convert(text).1;
    for cut in 1..text.len() {
        if let Ok((_, cells)) = convert_with(&text.as_bytes()[..cut], &CsvOptions::default())
            && let Some((_, full)) = cells.split_last()
        {
            for (i, row) in full.iter().enumerate() {
                assert_eq!(row[1], whole[i][1], "cut at {cut}");
            }
        }
    }
}

#[test]
fn quoted_breaks_doubled_quotes_and_headers_without_rows() {
    let (report, cells) = convert("id,note\r\n1,\"two\r\nlines, \"\"quoted\"\"\"\r\n2,\"\"\r\n");
    assert_eq!(cells[0][1].as_deref(), Some("two\r\nlines, \"quoted\""));
    assert_eq!((cells[1][1].as_deref(), report.columns[1].quoted_empty), (None, 1));
    let (report, cells) = convert("a;b;a;\n");
    assert_eq!((report.rows, cells.len()), (0, 0));
    let names: Vec<_> = report.columns.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "a_2", "column_4"]);
    assert_eq!(
        (report.problems.duplicate_headers, report.problems.empty_headers),
        (vec!["a".to_owned()], vec![3])
    );
}

#[test]
fn single_byte_and_utf16_texts_come_out_right() {
    let text = "nom;prix\nŒuf-en-Ternois;1,5\ncœur d’été;2\n";
    let (cp1252, ..) = encoding_rs::WINDOWS_1252.encode(text);
    let latin9 = text.replace('’', "'");
    let (latin9_bytes, ..) = encoding_rs::ISO_8859_15.encode(&latin9);
    let utf16: Vec<u8> =
        [0xFEFF_u16].into_iter().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
    for (bytes, encoding, third) in [
        (cp1252.to_vec(), Encoding::Windows1252, "cœur d’été"),
        (latin9_bytes.to_vec(), Encoding::Iso8859_15, "cœur d'été"),
        (utf16, Encoding::Utf16Be, "cœur d’été"),
        (text.as_bytes().to_vec(), Encoding::Utf8, "cœur d’été"),
    ] {
        let (report, cells) = convert_with(&bytes, &CsvOptions::default()).unwrap();
        assert_eq!((report.encoding, report.decimal_mark), (encoding, Some(',')));
        assert_eq!(cells[0], [Some("Œuf-en-Ternois".to_owned()), Some("1.5".to_owned())]);
        assert_eq!(cells[1][0].as_deref(), Some(third));
    }
}

#[test]
fn declared_types_and_missing_marks_are_obeyed() {
    let text = b"a,b,c\n1,NA,01\n0,2,02\n";
    let mut options = CsvOptions { missing: vec!["NA".to_owned()], ..CsvOptions::default() };
    options.types.insert("a".to_owned(), ColumnType::Boolean);
    let (report, cells) = convert_with(text, &options).unwrap();
    assert_eq!(kinds(&report), [ColumnType::Boolean, ColumnType::Integer, ColumnType::Text]);
    assert_eq!(cells[0], [Some("true".to_owned()), None, Some("01".to_owned())]);
    options.types.insert("c".to_owned(), ColumnType::Integer);
    let error = convert_with(text, &options).unwrap_err();
    assert!(matches!(error, CsvError::WrongType { line: 2, .. }), "{error}");
    options.types.insert("z".to_owned(), ColumnType::Text);
    assert!(matches!(convert_with(text, &options), Err(CsvError::NoColumn { .. })));
}

#[test]
fn a_row_of_data_is_not_taken_for_a_header() {
    let (report, cells) = convert("1;ada\n2;bob\n");
    assert!(!report.header);
    assert_eq!(cells.len(), 2);
    assert_eq!(report.columns[0].name, "column_1");
}

#[test]
fn parquet_files_that_are_not_whole_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.parquet");
    csv::convert(&mut Cursor::new("a,b\n1,x\n"), &path, &CsvOptions::default(), &mut |_| {})
        .unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let inspect = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        parquet_file::verify(Path::new(&path))
    };
    assert_eq!(inspect(&bytes).unwrap().rows, 1);
    for cut in 0..bytes.len() {
        assert!(inspect(&bytes[..cut]).is_err(), "cut at {cut}");
    }
    assert!(matches!(inspect(b"a,b\n1,2\n"), Err(E::NotParquet { looks_like: LooksLike::Text })));
    assert!(matches!(
        inspect(b"PK\x03\x04....."),
        Err(E::NotParquet { looks_like: LooksLike::Zip })
    ));
    assert!(matches!(inspect(&bytes[..bytes.len() - 4]), Err(E::Truncated)));
    let mut moved = bytes.clone();
    moved.drain(4..20); // the footer now speaks of bytes that are not there
    assert!(inspect(&moved).is_err());
}

#[test]
fn the_schema_is_what_arrow_readers_expect() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.parquet");
    let text = "i,n,d,t,z,s\n1,1.5,2024-01-31,2024-01-31 10:00:00,2024-01-31T10:00:00Z,x\n";
    csv::convert(&mut Cursor::new(text), &path, &CsvOptions::default(), &mut |_| {}).unwrap();
    let file = std::fs::File::open(&path).unwrap();
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let types: Vec<String> =
        builder.schema().fields().iter().map(|f| f.data_type().to_string()).collect();
    assert_eq!(
        types,
        ["Int64", "Float64", "Date32", "Timestamp(µs)", "Timestamp(µs, \"UTC\")", "Utf8"]
    );
    let kinds: Vec<String> =
        parquet_file::columns(&path).unwrap().into_iter().map(|c| c.kind).collect();
    assert_eq!(kinds, ["integer", "number", "date", "date_time", "date_time", "text"]);
}

/// What a cell of the source must read as under the column's type.
fn canonical(text: &str, kind: ColumnType, comma: bool) -> Option<String> {
    if text.is_empty() {
        return None;
    }
    Some(match kind {
        ColumnType::Integer => text.parse::<i64>().unwrap().to_string(),
        ColumnType::Number => {
            let plain = if comma { text.replace(',', ".") } else { text.to_owned() };
            plain.parse::<f64>().unwrap().to_string()
        }
        _ => text.to_owned(),
    })
}

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[0-9]{0,3}",
        2 => "-?[0-9]{1,17}",
        2 => "-?[0-9]{1,4}[.,][0-9]{1,4}",
        1 => "[0-9]e[0-9]|[+][0-9]",
        1 => "20[0-2][0-9]-0[1-9]-[0-3][0-9]",
        2 => "[a-zéœ\"',;|\t ]{0,8}",
        1 => "[a-z]{1,3}\r?\n[a-z\"]{1,3}",
    ]
}

/// A column is mostly of one kind, so that all types appear.
fn column_of(rows: usize) -> impl Strategy<Value = Vec<String>> {
    prop_oneof![
        prop::collection::vec(cell(), rows),
        prop::collection::vec("-?[1-9][0-9]{0,17}|", rows),
        prop::collection::vec("-?(0|[1-9][0-9]{0,9}),[0-9]{1,5}|", rows),
        prop::collection::vec("-?(0|[1-9][0-9]{0,9})\\.[0-9]{1,5}|[0-9]|", rows),
        prop::collection::vec("20[0-2][0-9]-0[1-9]-[0-2][1-9]|", rows),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]
    #[test]
    fn no_value_changes_on_the_way_to_parquet(
        columns in (1..30_usize).prop_flat_map(|rows| prop::collection::vec(column_of(rows), 2..6)),
        delimiter in prop::sample::select(vec![',', ';', '\t', '|']),
        crlf: bool,
        always_quote: bool,
    ) {
        let newline = if crlf { "\r\n" } else { "\n" };
        let quote = |cell: &str| {
            if always_quote || cell.contains([delimiter, '"', '\n', '\r']) {
                format!("\"{}\"", cell.replace('"', "\"\""))
            } else {
                cell.to_owned()
            }
        };
        let join = |cells: Vec<String>| cells.join(&delimiter.to_string()) + newline;
        let mut text = join((0..columns.len()).map(|i| format!("col{i}")).collect());
        for row in 0..columns[0].len() {
            text += &join(columns.iter().map(|column| quote(&column[row])).collect());
        }
        let options = CsvOptions { delimiter: Some(delimiter), header: Some(true), ..CsvOptions::default() };
        let (report, cells) = convert_with(text.as_bytes(), &options).unwrap();
        prop_assert_eq!(cells.len(), columns[0].len());
        for (i, column) in columns.iter().enumerate() {
            let found = &report.columns[i];
            for (row, source) in column.iter().enumerate() {
                let expected = canonical(source, found.kind, found.decimal_mark == Some(','));
                prop_assert_eq!(&cells[row][i], &expected, "{:?}", found);
            }
        }
    }
}

#[test]
fn the_output_has_its_name_only_when_it_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("out.parquet");
    std::fs::write(&output, "the previous one").unwrap();
    let text = "a,b\n".to_owned() + &"1,x\n".repeat(1000);
    let mut seen = 0;
    csv::convert(&mut Cursor::new(text), &output, &CsvOptions::default(), &mut |progress| {
        if progress.pass == 2 {
            // What a kill at this moment would leave.
            seen += 1;
            assert_eq!(std::fs::read(&output).unwrap(), b"the previous one");
            let names = std::fs::read_dir(folder.path()).unwrap();
            let names: Vec<_> =
                names.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
            let partial = names.iter().filter(|name| name.ends_with(csv::PARTIAL_SUFFIX)).count();
            assert_eq!((names.len(), partial), (2, 1), "{names:?}");
        }
    })
    .unwrap();
    assert!(seen > 0);
    assert_eq!(parquet_file::inspect(&output).unwrap().rows, 1000);
    let nowhere = folder.path().join("missing/out.parquet");
    let result =
        csv::convert(&mut Cursor::new("a,b\n"), &nowhere, &CsvOptions::default(), &mut |_| {});
    assert!(matches!(result, Err(CsvError::Io(_))));
}

/// A file that someone writes to between the two passes.
struct Changing {
    texts: [&'static str; 2],
    ended: usize,
    at: Cursor<&'static str>,
}

impl std::io::Read for Changing {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        std::io::Read::read(&mut self.at, buffer)
    }
}

impl std::io::Seek for Changing {
    fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
        // The first pass goes to the start five times: magic, layout (2), rows (2).
        self.ended += 1;
        self.at = Cursor::new(self.texts[usize::from(self.ended > 5)]);
        std::io::Seek::seek(&mut self.at, to)
    }
}

#[test]
fn a_file_that_changes_between_the_passes_is_refused() {
    let before = "a,b\n1,x\n2,y\n";
    for after in ["a,b\n1,x\nz,y\n", "a,b\n1,x\n", "a,b\n1,x\n2\n", "a,b\n1,x\n2,y\n3,z\n"] {
        let folder = tempfile::tempdir().unwrap();
        let mut input = Changing { texts: [before, after], ended: 0, at: Cursor::new(before) };
        let output = folder.path().join("out.parquet");
        let result = csv::convert(&mut input, &output, &CsvOptions::default(), &mut |_| {});
        assert!(matches!(result, Err(CsvError::Changed { .. })), "{after:?}: {result:?}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
