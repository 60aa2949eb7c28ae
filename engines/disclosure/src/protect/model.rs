//! A table to protect: cells, the sums that tie them, and what must not be learnt.

use std::collections::HashMap;

/// What may be done with a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Safe: may be published, may be suppressed to protect others.
    Safe,
    /// Unsafe: a primary cell, suppressed in any case and protected.
    Unsafe,
    /// Must be published.
    Published,
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Its name in the files.
    pub id: String,
    /// Its true value.
    pub value: f64,
    /// How many units contribute, where known.
    pub units: Option<u64>,
    /// What may be done with it.
    pub status: Status,
    /// The least value that an attacker holds possible before seeing the table.
    pub low: f64,
    /// The largest value that an attacker holds possible.
    pub high: f64,
    /// How far below the value the attacker's interval must reach, in the value's unit.
    pub lower_level: f64,
    /// How far above the value the attacker's interval must reach.
    pub upper_level: f64,
    /// How wide the attacker's interval must be (tau-ARGUS' sliding level).
    pub sliding_level: f64,
    /// What suppressing it costs.
    pub cost: f64,
}

/// An attacker's bound as files give it: tau-ARGUS writes numbers like 1e15 where there is none.
/// A bound of 1e12 and more counts as none, unless the value itself is of that size: a bound near
/// it is knowledge.
pub fn bound(given: f64, value: f64) -> f64 {
    let none = given.abs() >= 1e12 && given.abs() >= 100.0 * value.abs();
    if none { given * f64::INFINITY } else { given }
}

impl Cell {
    /// A safe cell of that value, which costs its size, with nothing known about it but a sign.
    pub fn new(id: impl Into<String>, value: f64) -> Self {
        Self {
            id: id.into(),
            value,
            units: None,
            status: Status::Safe,
            low: if value < 0.0 { f64::NEG_INFINITY } else { 0.0 },
            high: f64::INFINITY,
            lower_level: 0.0,
            upper_level: 0.0,
            sliding_level: 0.0,
            cost: value.abs(),
        }
    }
}

/// A sum: the total is the sum of its children.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    /// The total's index in the list of cells.
    pub total: usize,
    /// The children's indices.
    pub children: Vec<usize>,
}

/// Cells and the sums between them.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    /// The cells.
    pub cells: Vec<Cell>,
    /// The sums.
    pub sums: Vec<Sum>,
}

/// Why an instance cannot be worked on.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ModelError {
    /// Two cells have one name.
    #[error("the cell `{0}` is there twice")]
    Twice(String),
    /// A sum names a cell that is not there.
    #[error("a relation names the cell `{0}`, which is not among the cells")]
    Unknown(String),
    /// A sum has a cell twice.
    #[error("the relation of total `{total}` has the cell `{cell}` twice")]
    Repeated {
        /// The total.
        total: String,
        /// The repeated cell.
        cell: String,
    },
    /// A number that is none, or bounds that exclude the value.
    #[error("the cell `{cell}`: {what}")]
    Number {
        /// The cell.
        cell: String,
        /// What is wrong.
        what: String,
    },
    /// A total is not the sum of its children, by more than rounding explains.
    #[error("the total `{total}` is {value}, but its children add up to {sum}")]
    NotAdditive {
        /// The total.
        total: String,
        /// Its value.
        value: f64,
        /// Its children's sum.
        sum: f64,
    },
}

impl Instance {
    /// An instance whose sums are given by the cells' names.
    ///
    /// # Errors
    /// See [`ModelError`]: nothing is guessed.
    pub fn new(cells: Vec<Cell>, sums: &[(String, Vec<String>)]) -> Result<Self, ModelError> {
        let mut index = HashMap::with_capacity(cells.len());
        for (at, cell) in cells.iter().enumerate() {
            if index.insert(cell.id.as_str(), at).is_some() {
                return Err(ModelError::Twice(cell.id.clone()));
            }
        }
        let find = |id: &String| {
            index.get(id.as_str()).copied().ok_or_else(|| ModelError::Unknown(id.clone()))
        };
        let mut made = Vec::with_capacity(sums.len());
        for (total, children) in sums {
            let children = children.iter().map(find).collect::<Result<Vec<_>, _>>()?;
            made.push(Sum { total: find(total)?, children });
        }
        let instance = Self { cells, sums: made };
        instance.check()?;
        Ok(instance)
    }

    /// Checks the numbers, and that totals are sums as far as rounding allows.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), ModelError> {
        for cell in &self.cells {
            if let Some(what) = wrong(cell) {
                return Err(ModelError::Number { cell: cell.id.clone(), what });
            }
        }
        let step = self.step();
        let mut seen = vec![usize::MAX; self.cells.len()];
        for (at, sum) in self.sums.iter().enumerate() {
            for cell in sum.children.iter().chain([&sum.total]) {
                if seen[*cell] == at {
                    return Err(ModelError::Repeated {
                        total: self.cells[sum.total].id.clone(),
                        cell: self.cells[*cell].id.clone(),
                    });
                }
                seen[*cell] = at;
            }
            self.check_sum(sum, step)?;
        }
        Ok(())
    }

    /// Each published number may be rounded by half a step of the last digit in use; so a sum of
    /// k children may be off by (k + 1) / 2 steps.
    fn check_sum(&self, sum: &Sum, step: f64) -> Result<(), ModelError> {
        let total = self.cells[sum.total].value;
        let added: f64 = sum.children.iter().map(|child| self.cells[*child].value).sum();
        let size: f64 = sum.children.iter().map(|child| self.cells[*child].value.abs()).sum();
        #[expect(clippy::cast_precision_loss, reason = "a sum has far fewer than 2^52 children")]
        let rounding = 0.5 * step * (sum.children.len() + 1) as f64;
        if (total - added).abs() > rounding + 1e-9 * size {
            let id = self.cells[sum.total].id.clone();
            return Err(ModelError::NotAdditive { total: id, value: total, sum: added });
        }
        Ok(())
    }

    /// The largest of 1, 0.1, ... 1e-6 of which all values are multiples; 1e-6 where none is.
    pub fn step(&self) -> f64 {
        const STEPS: [f64; 7] = [1.0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6];
        let mut at = 0;
        for cell in &self.cells {
            while at + 1 < STEPS.len() && !is_multiple(cell.value, STEPS[at]) {
                at += 1;
            }
        }
        STEPS[at]
    }

    /// The sum of the costs of some cells.
    pub fn cost_of(&self, cells: impl IntoIterator<Item = usize>) -> f64 {
        // Rust's sum of nothing is -0, which would be printed.
        cells.into_iter().fold(0.0, |sum, cell| sum + self.cells[cell].cost)
    }

    /// The cells that must be suppressed.
    pub fn primaries(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.cells.len()).filter(|cell| self.cells[*cell].status == Status::Unsafe)
    }

    /// How far an attacker may think that the cell goes down: at most the distance to its lower
    /// bound.
    pub fn down(&self, cell: usize) -> f64 {
        (self.cells[cell].value - self.cells[cell].low).max(0.0)
    }

    /// How far up.
    pub fn up(&self, cell: usize) -> f64 {
        (self.cells[cell].high - self.cells[cell].value).max(0.0)
    }

    /// For each cell the sums it stands in: (the sum's index, 1 as a child or -1 as the total).
    pub fn columns(&self) -> Vec<Vec<(usize, f64)>> {
        let mut columns = vec![Vec::new(); self.cells.len()];
        for (at, sum) in self.sums.iter().enumerate() {
            columns[sum.total].push((at, -1.0));
            sum.children.iter().for_each(|child| columns[*child].push((at, 1.0)));
        }
        columns
    }
}

fn is_multiple(value: f64, step: f64) -> bool {
    let units = value / step;
    (units - units.round()).abs() < 1e-6 * units.abs().clamp(1.0, 1e3)
}

fn wrong(cell: &Cell) -> Option<String> {
    let levels = [cell.lower_level, cell.upper_level, cell.cost];
    if !cell.value.is_finite() {
        return Some("its value is not a number".into());
    }
    if levels.iter().any(|level| !level.is_finite() || *level < 0.0)
        || !cell.sliding_level.is_finite()
    {
        return Some("a protection level or cost is negative or no number".into());
    }
    if cell.low.is_nan() || cell.high.is_nan() || cell.low > cell.value || cell.high < cell.value {
        return Some(format!(
            "its value {} is not within its bounds {} and {}",
            cell.value, cell.low, cell.high
        ));
    }
    None
}
