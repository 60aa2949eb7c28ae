//! The programs of rounding, branched on until they end whole.

use super::RoundError;
use super::key::Key;
use super::parts::Parts;
use crate::protect::lp::{End, Simplex, Sparse};
use crate::protect::model::Instance;

/// Steps of the simplex between two looks at the work done.
const STEPS: usize = 500;

/// A decision on a cell, and whether its other side was tried.
struct Choice {
    cell: usize,
    up: bool,
    last: bool,
}

/// The tree of whole solutions.
pub(super) struct Tree {
    program: Simplex,
    free: Vec<usize>,
    /// Whether the first whole solution will do.
    any: bool,
}

impl Tree {
    /// With a key its shifts are added to the costs: where they lead is where the table goes, and
    /// the closest is not looked for.
    pub fn new(instance: &Instance, parts: &Parts, base: u32, key: Option<&Key>) -> Self {
        let matrix = Sparse::from_columns(instance.sums.len(), &instance.columns());
        let free: Vec<usize> =
            (0..parts.rest.len()).filter(|cell| parts.rest[*cell] > 0.0).collect();
        let upper = parts.rest.iter().map(|rest| if *rest > 0.0 { 1.0 } else { 0.0 }).collect();
        let shift = |cell| key.map_or(0.0, |key| key.shift(base, cell));
        let cells = instance.cells.iter().zip(&parts.rest);
        let cost =
            cells.map(|(cell, rest)| 1.0 - 2.0 * rest / f64::from(base) + shift(cell)).collect();
        let mut program = Simplex::new(matrix, vec![0.0; parts.rest.len()], upper, cost);
        for (right, sum) in program.rhs.iter_mut().zip(&instance.sums) {
            let below = |cell: usize| i128::from(parts.below[cell]);
            let children: i128 = sum.children.iter().map(|child| below(*child)).sum();
            #[expect(clippy::cast_precision_loss, reason = "at most as many as cells")]
            let missing = (below(sum.total) - children) as f64;
            *right = missing;
        }
        Self { program, free, any: key.is_some() }
    }

    /// Which cells go up in the closest table found, and a bound on the closeness of all.
    pub fn search(&mut self, work: u64) -> Result<(Vec<bool>, f64), RoundError> {
        let mut path: Vec<Choice> = Vec::new();
        let mut best: Option<(f64, Vec<bool>)> = None;
        let mut root = None;
        while root.is_none() || self.program.work < work {
            let end = self.solve(work);
            if end == End::Stopped {
                break;
            }
            let value = self.value();
            let bound = *root.get_or_insert(if end == End::Optimal { value } else { 0.0 });
            let better = best.as_ref().is_none_or(|(found, _)| value < found - 1e-9);
            if end == End::Optimal && better {
                if let Some(choice) = self.split() {
                    self.fix(&choice);
                    path.push(choice);
                    continue;
                }
                let ups = self.program.x[..self.program.width()].iter().map(|x| *x > 0.5);
                best = Some((value, ups.collect()));
                if self.any || value <= bound + 1e-9 {
                    break;
                }
            }
            if !self.back(&mut path) {
                // Everything was looked at: what was found is the closest.
                let (value, ups) = best.ok_or(RoundError::Impossible)?;
                return Ok((ups, value));
            }
        }
        let (_, ups) = best.ok_or(RoundError::NotFound)?;
        Ok((ups, root.unwrap_or(f64::NEG_INFINITY)))
    }

    fn solve(&mut self, work: u64) -> End {
        self.program.price();
        self.program.to_bounds();
        loop {
            let end = self.program.dual(STEPS);
            if end != End::Stopped || self.program.work >= work {
                return end;
            }
        }
    }

    /// The objective, added up over cells in order.
    fn value(&self) -> f64 {
        self.program.objective()
    }

    /// The cell nearest to a half, first to the side it leans to.
    fn split(&self) -> Option<Choice> {
        let x = |cell: usize| self.program.x[cell];
        let from_half = |cell: usize| (x(cell) - 0.5).abs();
        let open = self.free.iter().copied().filter(|cell| from_half(*cell) < 0.5 - 1e-6);
        let cell = open.min_by(|a, b| from_half(*a).total_cmp(&from_half(*b)).then(a.cmp(b)))?;
        Some(Choice { cell, up: x(cell) >= 0.5, last: false })
    }

    fn fix(&mut self, choice: &Choice) {
        let to = if choice.up { 1.0 } else { 0.0 };
        self.program.lower[choice.cell] = to;
        self.program.upper[choice.cell] = to;
    }

    /// Goes back to the last choice that has another side; says whether there is one.
    fn back(&mut self, path: &mut Vec<Choice>) -> bool {
        while let Some(choice) = path.pop() {
            if choice.last {
                self.program.lower[choice.cell] = 0.0;
                self.program.upper[choice.cell] = 1.0;
                continue;
            }
            let other = Choice { up: !choice.up, last: true, ..choice };
            self.fix(&other);
            path.push(other);
            return true;
        }
        false
    }
}
