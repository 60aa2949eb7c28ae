//! Decisions on requests, as a model learns from them, and the file that holds them.
//!
//! CSV without quotes: a line a request, in the order of time. Columns, in any order: `request` (any
//! word), `unsafe` (0 or 1: what was decided), optionally `truth` (0 or 1: what was true, of
//! simulated requests), `weight` (for how many requests it stands, 1 by default), and every other
//! column a feature: a number with a decimal point, empty where it is missing.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// Features of a file at most.
const COLUMNS: usize = 1000;
/// Requests of a file at most.
const ROWS: usize = 2_000_000;

/// A request that was decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// Its name, whatever it is.
    pub request: String,
    /// Its features, in the order of [`Decisions::names`]; NaN where missing.
    pub features: Vec<f64>,
    /// Whether it was decided to be unsafe: anything but an approval as it stood.
    pub is_unsafe: bool,
    /// Whether it was unsafe, where that is known.
    pub truth: Option<bool>,
    /// For how many requests it stands: the inverse of the probability of being decided.
    pub weight: f64,
}

/// Decisions in the order of time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decisions {
    /// The names of the features.
    pub names: Vec<String>,
    /// The requests.
    pub rows: Vec<Decision>,
}

/// Why a file of decisions cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecisionsError {
    /// A column is missing, twice there, or there are too many.
    #[error("the first line {0}")]
    Header(String),
    /// A line is wrong.
    #[error("line {line}: {reason}")]
    Line {
        /// Which, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
}

enum Column {
    Request,
    Unsafe,
    Truth,
    Weight,
    Feature,
}

impl Decisions {
    /// Reads a file.
    ///
    /// # Errors
    /// See [`DecisionsError`]; never panics on any text.
    pub fn from_csv(text: &str) -> Result<Self, DecisionsError> {
        let mut lines = text.lines();
        let header: Vec<&str> =
            lines.next().unwrap_or_default().split(',').map(str::trim).collect();
        let columns = columns(&header)?;
        let is_feature = |at: &usize| matches!(columns[*at], Column::Feature);
        let names = (0..header.len()).filter(is_feature).map(|at| header[at].to_owned()).collect();
        let mut rows = Vec::new();
        for (number, line) in (2..).zip(lines) {
            if line.trim().is_empty() {
                continue;
            }
            let wrong = |reason: String| DecisionsError::Line { line: number, reason };
            if rows.len() == ROWS {
                return Err(wrong(format!("more than {ROWS} requests")));
            }
            rows.push(row(&columns, line).map_err(wrong)?);
        }
        Ok(Self { names, rows })
    }

    /// Writes the file that [`Self::from_csv`] reads. Same decisions, same bytes.
    pub fn to_csv(&self) -> String {
        let truth = self.rows.iter().any(|row| row.truth.is_some());
        let mut text = format!("request,{}", self.names.join(","));
        text.push_str(",unsafe,weight");
        text.push_str(if truth { ",truth\n" } else { "\n" });
        for row in &self.rows {
            text.push_str(&row.request);
            for value in &row.features {
                text.push(',');
                if !value.is_nan() {
                    let _ = write!(text, "{value}");
                }
            }
            let _ = write!(text, ",{},{}", u8::from(row.is_unsafe), row.weight);
            if truth {
                text.push(',');
                text.push_str(row.truth.map_or("", |is| if is { "1" } else { "0" }));
            }
            text.push('\n');
        }
        text
    }

    /// SHA-256 of [`Self::to_csv`], hexadecimal: which decisions a model learnt from.
    pub fn digest(&self) -> String {
        hex::encode(Sha256::digest(self.to_csv().as_bytes()))
    }

    /// The first `share` of the requests, and the others.
    pub fn split(&self, share: f64) -> (Self, Self) {
        let wanted = share.clamp(0.0, 1.0) * super::numbers::of(self.rows.len());
        let at = (0..self.rows.len()).filter(|at| super::numbers::of(*at) < wanted).count();
        let part = |rows: &[Decision]| Self { names: self.names.clone(), rows: rows.to_vec() };
        let (first, rest) = self.rows.split_at(at);
        (part(first), part(rest))
    }
}

fn columns(header: &[&str]) -> Result<Vec<Column>, DecisionsError> {
    let fault = |text: String| Err(DecisionsError::Header(text));
    if header.len() > COLUMNS {
        return fault(format!("has more than {COLUMNS} columns"));
    }
    let mut seen = std::collections::BTreeSet::new();
    for name in header {
        let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
        if name.is_empty() || !plain || !seen.insert(*name) {
            return fault(format!(
                "names a column that is empty, strange or there twice: `{name}`"
            ));
        }
    }
    if !seen.contains("unsafe") {
        return fault("has no column `unsafe`".to_owned());
    }
    let column = |name: &&str| match *name {
        "request" => Column::Request,
        "unsafe" => Column::Unsafe,
        "truth" => Column::Truth,
        "weight" => Column::Weight,
        _ => Column::Feature,
    };
    Ok(header.iter().map(column).collect())
}

fn row(columns: &[Column], line: &str) -> Result<Decision, String> {
    let fields: Vec<&str> = line.split(',').map(str::trim).collect();
    if fields.len() != columns.len() {
        return Err(format!("{} fields and {} columns", fields.len(), columns.len()));
    }
    let mut decision = Decision {
        request: String::new(),
        features: Vec::new(),
        is_unsafe: false,
        truth: None,
        weight: 1.0,
    };
    for (column, field) in columns.iter().zip(fields) {
        match column {
            Column::Request => field.clone_into(&mut decision.request),
            Column::Unsafe => decision.is_unsafe = yes(field)?,
            Column::Truth if field.is_empty() => {}
            Column::Truth => decision.truth = Some(yes(field)?),
            Column::Weight => decision.weight = number(field)?,
            Column::Feature if field.is_empty() => decision.features.push(f64::NAN),
            Column::Feature => decision.features.push(number(field)?),
        }
    }
    if decision.weight > 0.0 { Ok(decision) } else { Err("a weight must be above 0".to_owned()) }
}

fn yes(field: &str) -> Result<bool, String> {
    match field {
        "0" | "false" => Ok(false),
        "1" | "true" => Ok(true),
        other => Err(format!("`{other}` is neither 0 nor 1")),
    }
}

fn number(field: &str) -> Result<f64, String> {
    let read = field.parse::<f64>().ok().filter(|value| value.is_finite());
    read.ok_or_else(|| format!("`{field}` is no number"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_file_is_read_as_it_was_written() {
        let text = "request,errors,smallest_count,unsafe,weight,truth\na,1,,1,1,0\nb,0.5,3,0,20,\n";
        let decisions = Decisions::from_csv(text).expect("sound");
        assert_eq!(decisions.names, ["errors", "smallest_count"]);
        assert!(decisions.rows[0].features[1].is_nan() && decisions.rows[0].is_unsafe);
        assert_eq!((decisions.rows[1].truth, decisions.rows[1].weight), (None, 20.0));
        assert_eq!(decisions.to_csv(), text);
        let (first, rest) = decisions.split(0.5);
        assert_eq!((first.rows.len(), rest.rows.len()), (1, 1));
        assert_ne!(first.digest(), rest.digest());
    }

    #[test]
    fn faults_name_their_line() {
        for (text, told) in [
            ("request,errors\n", "the first line has no column `unsafe`"),
            ("a,a,unsafe\n", "`a`"),
            ("a,unsafe\n1,0\n1\n", "line 3: 1 fields and 2 columns"),
            ("a,unsafe\n1,2\n", "line 2: `2` is neither 0 nor 1"),
            ("a,unsafe\nNaN,1\n", "line 2: `NaN` is no number"),
            ("a,unsafe,weight\n1,1,0\n", "line 2: a weight must be above 0"),
        ] {
            let error = Decisions::from_csv(text).expect_err(text).to_string();
            assert!(error.contains(told), "{error}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,200}", lines in "[a-z,\\n0-9.]{0,200}") {
            let _ = Decisions::from_csv(&text);
            let _ = Decisions::from_csv(&format!("a,unsafe\n{lines}"));
        }
    }
}
