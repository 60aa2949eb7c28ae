//! The units of microdata, and what they contribute to each cell above them.

use std::collections::HashMap;

use super::TabulateError;
use super::grid::visit;
use crate::protect::csv::Csv;
use crate::protect::hrc::Hierarchy;
use crate::protect::spec::{Contributions, Spec};

/// A unit: where it stands, what it holds.
struct Unit<'a> {
    leaves: Vec<usize>,
    holder: Option<&'a str>,
    weight: f64,
    value: f64,
}

/// The columns that a spec names.
pub(super) struct Columns<'c> {
    pub csv: &'c Csv,
    pub dimensions: Vec<usize>,
    value: Option<usize>,
    weight: Option<usize>,
    holding: Option<usize>,
}

/// What contributes to each cell.
pub(in crate::protect) struct Contents {
    /// By cell.
    pub cells: Vec<Contributions>,
    /// By cell where the spec names a holding, or nothing.
    pub held: Vec<Held>,
}

/// What it takes to add up two cells of which one holding may be in both.
#[derive(Debug, Clone, Default)]
pub(in crate::protect) struct Held {
    /// Units of no holding.
    pub alone: u64,
    /// Their largest contributions, as many as the rules look at.
    pub largest: Vec<f64>,
    /// By holding what its units have together; holdings are numbered in the data's order.
    pub holdings: Vec<(usize, f64)>,
}

impl<'c> Columns<'c> {
    pub fn new(csv: &'c Csv, spec: &Spec) -> Result<Self, TabulateError> {
        let find = |name: &String| {
            let found = csv.header.iter().position(|field| field.trim() == name);
            found.ok_or_else(|| TabulateError::Column(name.clone()))
        };
        let optional = |name: &Option<String>| name.as_ref().map(find).transpose();
        Ok(Self {
            csv,
            dimensions: spec.dimensions.iter().map(find).collect::<Result<_, _>>()?,
            value: optional(&spec.value)?,
            weight: optional(&spec.weight)?,
            holding: optional(&spec.holding)?,
        })
    }
}

pub(super) fn field(record: &[String], at: usize) -> &str {
    record.get(at).map_or("", |field| field.trim())
}

/// Adds up every unit in each cell above it.
///
/// # Errors
/// The first line that cannot be used.
pub(super) fn fill(
    spec: &Spec,
    columns: &Columns<'_>,
    dimensions: &[(String, Hierarchy)],
    size: usize,
) -> Result<Contents, TabulateError> {
    let places: Vec<HashMap<&str, usize>> =
        dimensions.iter().map(|(_, tree)| tree.places()).collect();
    let mut cells = vec![Contributions::default(); size];
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let mut together: HashMap<(usize, usize), f64> = HashMap::new();
    for (line, record) in &columns.csv.records {
        let unit = unit(columns, dimensions, &places, *line, record)?;
        let paths: Vec<Vec<usize>> =
            unit.leaves.iter().zip(dimensions).map(|(leaf, (_, tree))| tree.path(*leaf)).collect();
        let next = numbers.len();
        let holder = unit.holder.map(|name| *numbers.entry(name).or_insert(next));
        visit(dimensions, &paths, 0, &mut |at| {
            let cell = &mut cells[at];
            cell.weighted_units += unit.weight;
            cell.total += unit.weight * unit.value;
            if let Some(holder) = holder {
                *together.entry((at, holder)).or_default() += unit.value;
            } else {
                cell.units += 1;
                keep(&mut cell.largest, unit.value, spec.rules.depth());
            }
        });
    }
    let held = match columns.holding {
        Some(_) => hold(&mut cells, together, spec.rules.depth()),
        None => Vec::new(),
    };
    Ok(Contents { cells, held })
}

/// Makes each holding one contributor, and remembers who holds what.
fn hold(
    cells: &mut [Contributions],
    together: HashMap<(usize, usize), f64>,
    depth: usize,
) -> Vec<Held> {
    let held = |cell: &Contributions| Held {
        alone: cell.units,
        largest: cell.largest.clone(),
        holdings: Vec::new(),
    };
    let mut held: Vec<Held> = cells.iter().map(held).collect();
    let mut together: Vec<((usize, usize), f64)> = together.into_iter().collect();
    together.sort_by_key(|(place, _)| *place);
    for ((at, holder), value) in together {
        held[at].holdings.push((holder, value));
        cells[at].units += 1;
        keep(&mut cells[at].largest, value, depth);
    }
    held
}

/// Takes a contribution among the `depth` largest, the largest first, if it is one of them.
pub(in crate::protect) fn keep(largest: &mut Vec<f64>, value: f64, depth: usize) {
    let at = largest.partition_point(|larger| *larger >= value);
    if at < depth {
        largest.insert(at, value);
        largest.truncate(depth);
    }
}

fn unit<'a>(
    columns: &Columns<'_>,
    dimensions: &[(String, Hierarchy)],
    places: &[HashMap<&str, usize>],
    line: usize,
    record: &'a [String],
) -> Result<Unit<'a>, TabulateError> {
    let number = |column: Option<usize>| match column {
        None => Ok(1.0),
        Some(at) => columns.csv.number(field(record, at)).ok_or_else(|| {
            let text = field(record, at).to_owned();
            TabulateError::Number { line, column: field(&columns.csv.header, at).to_owned(), text }
        }),
    };
    let mut leaves = Vec::with_capacity(places.len());
    for ((at, place), (dimension, _)) in columns.dimensions.iter().zip(places).zip(dimensions) {
        let code = field(record, *at);
        let leaf = place.get(code).ok_or_else(|| TabulateError::Code {
            line,
            dimension: dimension.clone(),
            code: code.to_owned(),
        })?;
        leaves.push(*leaf);
    }
    let (value, weight) = (number(columns.value)?, number(columns.weight)?);
    if let Some(value) = [value, weight].into_iter().find(|v| *v < 0.0 || !v.is_finite()) {
        return Err(TabulateError::Negative { line, value });
    }
    let holder = columns.holding.map(|at| field(record, at)).filter(|name| !name.is_empty());
    Ok(Unit { leaves, holder, weight, value })
}
