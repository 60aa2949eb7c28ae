//! Results as CSV or Parquet, by the file's extension; whole or not at all.

use crate::cluster::stable::Event;
use crate::compare::text_of;
use crate::error::LinkError;
use crate::private::{Encoded, Matched, Shown};
use crate::review::sample::draw;
use crate::run::{Link, Linked};
use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray, UInt32Array};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows written at once.
const BATCH: usize = 1 << 16;

/// One column of a result.
enum Cells {
    Texts(Vec<String>),
    Numbers(Vec<f64>),
    Counts(Vec<u32>),
}

/// A result that is whole on the disk, under another name in its folder: it takes its own with
/// [`Staged::persist`], so that several results appear together or not at all.
#[derive(Debug)]
pub struct Staged {
    part: tempfile::NamedTempFile,
    path: PathBuf,
}

impl Staged {
    /// Writes a file beside its place.
    pub(crate) fn new(
        path: &Path,
        fill: impl FnOnce(&mut std::fs::File) -> std::io::Result<()>,
    ) -> Result<Self, LinkError> {
        let failed = |source| LinkError::Write { name: path.display().to_string(), source };
        // Where a link leads: it stays, and what it leads to is replaced.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let mut part = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        fill(part.as_file_mut()).map_err(failed)?;
        part.as_file().sync_all().map_err(failed)?;
        Ok(Self { part, path })
    }

    /// Gives the file its name; what stood there is replaced.
    ///
    /// # Errors
    /// [`LinkError::Write`].
    pub fn persist(self) -> Result<(), LinkError> {
        let name = self.path.display().to_string();
        self.part
            .persist(&self.path)
            .map(|_| ())
            .map_err(|error| LinkError::Write { name, source: error.error })
    }
}

/// Refuses a place where no file can be made, before work is done.
///
/// # Errors
/// [`LinkError::Write`].
pub fn probe(path: &Path) -> Result<(), LinkError> {
    Staged::new(path, |_| Ok(())).map(|_| ())
}

/// Prepares the links as `id_a,id_b,match_weight,match_probability,pattern`.
///
/// # Errors
/// [`LinkError::Write`]; [`LinkError::FormulaId`] for CSV.
pub fn pairs(path: &Path, linked: &Linked) -> Result<Staged, LinkError> {
    let kinds = linked.model.kinds.len();
    let batches = linked.links.chunks(BATCH).map(|links| {
        let texts = |of: &dyn Fn(&Link) -> String| Cells::Texts(links.iter().map(of).collect());
        vec![
            ("id_a", texts(&|link| linked.ids(link).0.to_owned())),
            ("id_b", texts(&|link| linked.ids(link).1.to_owned())),
            (
                "match_weight",
                Cells::Numbers(links.iter().map(|link| rounded(link.weight)).collect()),
            ),
            (
                "match_probability",
                Cells::Numbers(links.iter().map(|link| link.probability).collect()),
            ),
            (
                "pattern",
                texts(&|link| text_of(linked.candidates.patterns[link.pattern as usize], kinds)),
            ),
        ]
    });
    let empty = || vec!["id_a", "id_b", "match_weight", "match_probability", "pattern"];
    write(path, linked, batches, empty())
}

/// Prepares a sample of the written pairs for people to judge, as `id_a,id_b,label` with the labels
/// empty: no weight, so that nobody is led by it.
///
/// # Errors
/// [`LinkError::Write`]; [`LinkError::FormulaId`] for CSV.
pub fn sample(path: &Path, linked: &Linked, size: usize, seed: u64) -> Result<Staged, LinkError> {
    let drawn = draw(&linked.links, size, seed);
    let batches = drawn.chunks(BATCH).map(|places| {
        let texts = |of: &dyn Fn(&Link) -> String| {
            Cells::Texts(places.iter().map(|at| of(&linked.links[*at])).collect())
        };
        vec![
            ("id_a", texts(&|link| linked.ids(link).0.to_owned())),
            ("id_b", texts(&|link| linked.ids(link).1.to_owned())),
            ("label", texts(&|_| String::new())),
        ]
    });
    write(path, linked, batches, vec!["id_a", "id_b", "label"])
}

/// Prepares what became of clusters' ids as `run,change,cluster_id,from_id,records`: the lines of
/// earlier runs, then those of this one. 0 is no cluster.
///
/// # Errors
/// [`LinkError::Write`].
pub fn history(path: &Path, linked: &Linked) -> Result<Staged, LinkError> {
    let events = linked.drift.as_ref().map_or(&[][..], |drift| &drift.history);
    let batches = events.chunks(BATCH).map(|events| {
        let counts = |of: fn(&Event) -> u32| Cells::Counts(events.iter().map(of).collect());
        let change = |event: &Event| event.change.name().to_owned();
        vec![
            ("run", counts(|event| event.run)),
            ("change", Cells::Texts(events.iter().map(change).collect())),
            ("cluster_id", counts(|event| event.cluster)),
            ("from_id", counts(|event| event.from)),
            ("records", counts(|event| event.records)),
        ]
    });
    by_ending(path, batches, vec!["run", "change", "cluster_id", "from_id", "records"])
}

/// Prepares the model for a later run.
///
/// # Errors
/// [`LinkError::Write`].
pub fn model(path: &Path, linked: &Linked) -> Result<Staged, LinkError> {
    Staged::new(path, |file| file.write_all(linked.kept().to_json().as_bytes()))
}

/// Prepares the cluster of each record as `cluster_id,rec_id` and, for two files, `side` (`a`,
/// `b`).
///
/// # Errors
/// [`LinkError::Write`]; [`LinkError::FormulaId`] for CSV.
pub fn clusters(path: &Path, linked: &Linked) -> Result<Staged, LinkError> {
    let (left, clusters) = (linked.left.len(), &linked.clusters);
    let rows: Vec<usize> = (0..clusters.len()).collect();
    let batches = rows.chunks(BATCH).map(|rows| {
        let id = |row: &usize| linked.id(*row).to_owned();
        let mut columns = vec![
            ("cluster_id", Cells::Counts(rows.iter().map(|row| clusters[*row]).collect())),
            ("rec_id", Cells::Texts(rows.iter().map(id).collect())),
        ];
        if linked.has_sides() {
            let side = |row: &usize| if *row < left { "a" } else { "b" }.to_owned();
            columns.push(("side", Cells::Texts(rows.iter().map(side).collect())));
        }
        columns
    });
    let mut names = vec!["cluster_id", "rec_id"];
    names.extend(linked.has_sides().then_some("side"));
    write(path, linked, batches, names)
}

/// Prepares what leaves of encoded records, `rec_id` and filter or code, in the order of their random
/// numbers, which is no order of the file.
///
/// # Errors
/// [`LinkError::Write`].
pub fn encoded(path: &Path, encoded: &Encoded) -> Result<Staged, LinkError> {
    let mut order: Vec<usize> = (0..encoded.serials.len()).collect();
    order.sort_by(|a, b| encoded.serials[*a].cmp(&encoded.serials[*b]));
    let batches = order.chunks(BATCH).map(|rows| {
        let texts = |of: &[String]| Cells::Texts(rows.iter().map(|row| of[*row].clone()).collect());
        vec![("rec_id", texts(&encoded.serials)), (encoded.column.as_str(), texts(&encoded.texts))]
    });
    by_ending(path, batches, vec!["rec_id", encoded.column.as_str()])
}

/// Prepares the table of ids and random numbers, which stays with the producer.
///
/// # Errors
/// [`LinkError::Write`].
pub fn serials(path: &Path, encoded: &Encoded) -> Result<Staged, LinkError> {
    let rows: Vec<usize> = (0..encoded.serials.len()).collect();
    let batches = rows.chunks(BATCH).map(|rows| {
        let id = |row: &usize| encoded.ids.get(*row).to_owned();
        let serial = |row: &usize| encoded.serials[*row].clone();
        vec![
            ("id", Cells::Texts(rows.iter().map(id).collect())),
            ("rec_id", Cells::Texts(rows.iter().map(serial).collect())),
        ]
    });
    if !is_parquet(path)
        && let Some(row) = (0..encoded.ids.len()).find(|row| is_formula(encoded.ids.get(*row)))
    {
        return Err(LinkError::FormulaId { name: path.display().to_string(), row: row + 1 });
    }
    by_ending(path, batches, vec!["id", "rec_id"])
}

/// Prepares the pairs of encoded files as `id_a,id_b,similarity`.
///
/// # Errors
/// [`LinkError::Write`]; [`LinkError::FormulaId`] for CSV.
pub fn matched(path: &Path, sides: [&Shown; 2], matched: &Matched) -> Result<Staged, LinkError> {
    for shown in sides.iter().filter(|_| !is_parquet(path)) {
        if let Some(row) = (0..shown.serials.len()).find(|row| is_formula(shown.serials.get(*row)))
        {
            return Err(LinkError::FormulaId { name: shown.name.clone(), row: row + 1 });
        }
    }
    let batches = matched.pairs.chunks(BATCH).map(|pairs| {
        let [a, b] = sides;
        let left = pairs.iter().map(|pair| a.serials.get(pair.0).to_owned());
        let right = pairs.iter().map(|pair| b.serials.get(pair.1).to_owned());
        vec![
            ("id_a", Cells::Texts(left.collect())),
            ("id_b", Cells::Texts(right.collect())),
            ("similarity", Cells::Numbers(pairs.iter().map(|pair| pair.2).collect())),
        ]
    });
    by_ending(path, batches, vec!["id_a", "id_b", "similarity"])
}

/// A weight to a thousandth: more digits say nothing.
fn rounded(weight: f64) -> f64 {
    (weight * 1000.0).round() / 1000.0
}

fn write<'a>(
    path: &Path,
    linked: &Linked,
    batches: impl Iterator<Item = Vec<(&'a str, Cells)>>,
    names: Vec<&'a str>,
) -> Result<Staged, LinkError> {
    if is_parquet(path) {
        return by_ending(path, batches, names);
    }
    for table in std::iter::once(&linked.left).chain(&linked.right) {
        if let Some(row) = (0..table.len()).find(|row| is_formula(table.ids.get(*row))) {
            return Err(LinkError::FormulaId { name: table.name.clone(), row: row + 1 });
        }
    }
    by_ending(path, batches, names)
}

fn is_parquet(path: &Path) -> bool {
    path.extension().is_some_and(|end| end.eq_ignore_ascii_case("parquet"))
}

fn by_ending<'a>(
    path: &Path,
    batches: impl Iterator<Item = Vec<(&'a str, Cells)>>,
    names: Vec<&'a str>,
) -> Result<Staged, LinkError> {
    Staged::new(path, |file| match is_parquet(path) {
        true => parquet(file, batches, &names),
        false => csv(file, batches, &names),
    })
}

/// Whether a spreadsheet that opens a CSV file would run a cell: whoever chose the ids of a file
/// could act in the name of who opens the result. Numbers with a sign are harmless.
fn is_formula(id: &str) -> bool {
    let mut signs = id.trim_start().chars();
    match signs.next() {
        Some('=' | '@' | '＝' | '＠') => true,
        Some('+' | '-' | '＋' | '－') => !signs.all(|sign| sign.is_ascii_digit()),
        _ => id.starts_with(['\t', '\r', '\n']),
    }
}

fn csv<'a>(
    file: &mut std::fs::File,
    batches: impl Iterator<Item = Vec<(&'a str, Cells)>>,
    names: &[&str],
) -> std::io::Result<()> {
    let mut out = BufWriter::new(file);
    writeln!(out, "{}", names.join(","))?;
    for columns in batches {
        let rows = columns.first().map_or(0, |(_, cells)| cells.len());
        for row in 0..rows {
            for (at, (_, cells)) in columns.iter().enumerate() {
                if at > 0 {
                    out.write_all(b",")?;
                }
                match cells {
                    Cells::Texts(texts) => quoted(&mut out, &texts[row])?,
                    Cells::Numbers(numbers) => write!(out, "{}", numbers[row])?,
                    Cells::Counts(counts) => write!(out, "{}", counts[row])?,
                }
            }
            out.write_all(b"\n")?;
        }
    }
    out.flush()
}

fn quoted(out: &mut impl Write, text: &str) -> std::io::Result<()> {
    if text.contains([',', '"', '\n', '\r']) {
        write!(out, "\"{}\"", text.replace('"', "\"\""))
    } else {
        out.write_all(text.as_bytes())
    }
}

impl Cells {
    fn len(&self) -> usize {
        match self {
            Self::Texts(texts) => texts.len(),
            Self::Numbers(numbers) => numbers.len(),
            Self::Counts(counts) => counts.len(),
        }
    }

    fn array(self) -> ArrayRef {
        match self {
            Self::Texts(texts) => Arc::new(StringArray::from_iter_values(texts)),
            Self::Numbers(numbers) => Arc::new(Float64Array::from(numbers)),
            Self::Counts(counts) => Arc::new(UInt32Array::from(counts)),
        }
    }
}

fn parquet<'a>(
    file: &mut std::fs::File,
    batches: impl Iterator<Item = Vec<(&'a str, Cells)>>,
    names: &[&'a str],
) -> std::io::Result<()> {
    let other = |error: String| std::io::Error::other(error);
    let compression = Compression::ZSTD(ZstdLevel::default());
    // Nothing of this machine or moment is written, so that the same links are the same bytes.
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .set_created_by("bulle linkage".to_owned())
        .build();
    let mut batches = batches.peekable();
    let none = || {
        let cells = |name: &&'a str| match *name {
            "match_weight" | "match_probability" | "similarity" => {
                (*name, Cells::Numbers(Vec::new()))
            }
            "cluster_id" | "run" | "from_id" | "records" => (*name, Cells::Counts(Vec::new())),
            _ => (*name, Cells::Texts(Vec::new())),
        };
        names.iter().map(cells).collect::<Vec<_>>()
    };
    let first = batches.next().unwrap_or_else(none);
    let batch = |columns: Vec<(&'a str, Cells)>| {
        RecordBatch::try_from_iter(columns.into_iter().map(|(name, cells)| (name, cells.array())))
    };
    let first = batch(first).map_err(|error| other(error.to_string()))?;
    let mut writer = ArrowWriter::try_new(file, first.schema(), Some(properties))
        .map_err(|error| other(error.to_string()))?;
    writer.write(&first).map_err(|error| other(error.to_string()))?;
    for columns in batches {
        let rows = batch(columns).map_err(|error| other(error.to_string()))?;
        writer.write(&rows).map_err(|error| other(error.to_string()))?;
    }
    writer.close().map_err(|error| other(error.to_string()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::is_formula;

    #[test]
    fn what_a_spreadsheet_would_run_is_told_from_numbers() {
        for id in
            ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-A1", "\t=1", " =1+1", "\n=1", "＝1", "\t1"]
        {
            assert!(is_formula(id), "{id}");
        }
        for id in ["12", "-12", "+33612345678", "a=1", "rec-1", ""] {
            assert!(!is_formula(id), "{id}");
        }
    }
}
