//! Controlled rounding: every cell goes to one of the two multiples of a base next to it, or stays
//! where it is one, and the rounded table adds up exactly (zero-restricted controlled rounding,
//! Cox 1987; Salazar-González 2005).
//!
//! With `y` saying which cells go up, sums ask `sum of the children's y - the total's y` to be a
//! whole number known beforehand, and the distance to the true table is linear in `y`. In tables
//! of two dimensions, of which one may be a hierarchy, the matrix is that of a network: the
//! simplex ends in a whole solution, the closest there is. Others are branched on.

use super::audit::{Exposed, exposed};
use super::demand::Impossible;
use super::files::quoted;
use super::lp::{End, Simplex, Sparse};
use super::model::{Instance, Status};
use super::tabulate::{Table, nodes};

/// A rounded table.
#[derive(Debug, Clone, PartialEq)]
pub struct Rounded {
    /// By cell the rounded value.
    pub values: Vec<i64>,
    /// The sum of the distances between true and rounded values.
    pub distance: f64,
    /// No rounded table is closer than this.
    pub bound: f64,
}

/// Why there is no rounded table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RoundError {
    /// A base that rounds nothing.
    #[error("the base must be a whole number from 2")]
    Base,
    /// A value that is too large for whole numbers.
    #[error("the cell `{0}` is too large to be rounded exactly")]
    Large(String),
    /// Proved.
    #[error(
        "no table of multiples next to the true values adds up: try another base, or suppression"
    )]
    Impossible,
    /// The work is spent.
    #[error(
        "no table of multiples next to the true values was found that adds up, and none is \
         excluded: try more --work, another base, or suppression"
    )]
    NotFound,
}

/// The whole table in units of the base: each cell's lower multiple, and what is left above it.
struct Parts {
    below: Vec<i64>,
    rest: Vec<f64>,
}

/// Steps of the simplex between two looks at the work done.
const STEPS: usize = 500;
/// A part of a base that is taken for a multiple: what adding decimals leaves.
const ROUNDING: f64 = 1e-9;

/// Rounds to multiples of `base`, as close to the true table as `work` entries touched allow.
///
/// # Errors
/// [`RoundError`]; nothing is rounded farther than to the next multiple.
pub fn round(instance: &Instance, base: u32, work: u64) -> Result<Rounded, RoundError> {
    if base < 2 {
        return Err(RoundError::Base);
    }
    let parts = Parts::new(instance, base)?;
    let mut tree = Tree::new(instance, &parts);
    let (ups, bound) = tree.search(work)?;
    let values: Vec<i64> = parts
        .below
        .iter()
        .zip(&ups)
        .map(|(below, up)| (below + i64::from(*up)) * i64::from(base))
        .collect();
    if !adds_up(instance, &values) {
        return Err(RoundError::NotFound);
    }
    let size = f64::from(base);
    let distance = |(rest, up): (&f64, &bool)| size * if *up { 1.0 - rest } else { *rest };
    let distance = parts.rest.iter().zip(&ups).map(distance).fold(0.0, |sum, by| sum + by);
    let least: f64 = parts.rest.iter().sum();
    let bound = ((bound + least) * size).clamp(0.0, distance);
    Ok(Rounded { values, distance, bound })
}

/// Whether every total is the sum of its children.
pub fn adds_up(instance: &Instance, values: &[i64]) -> bool {
    instance.sums.iter().all(|sum| {
        let children = sum.children.iter().map(|child| values[*child]);
        children.sum::<i64>() == values[sum.total]
    })
}

/// The demands of unsafe cells that a rounded table does not meet: attackers know that each true
/// value lies less than the base from the rounded one, and that the true table adds up.
///
/// # Errors
/// [`Impossible`] where a level is beyond what attackers know anyway.
pub fn unmet(
    instance: &Instance,
    rounded: &Rounded,
    base: u32,
) -> Result<Vec<Exposed>, Impossible> {
    let demands = instance.demands()?;
    let mut attacked = instance.clone();
    for (cell, value) in attacked.cells.iter_mut().zip(&rounded.values) {
        #[expect(clippy::cast_precision_loss, reason = "checked when it was rounded")]
        let value = *value as f64;
        cell.low = cell.low.max(value - f64::from(base)).min(cell.value);
        cell.high = cell.high.min(value + f64::from(base)).max(cell.value);
        if cell.status == Status::Published {
            cell.status = Status::Safe;
        }
    }
    let all = vec![true; attacked.cells.len()];
    Ok(exposed(&attacked, &demands, &all, false))
}

/// The rounded table: `id,value`, in the cells' order.
pub fn written(instance: &Instance, rounded: &Rounded) -> String {
    let mut text = String::from("id,value\n");
    for (cell, value) in instance.cells.iter().zip(&rounded.values) {
        text.push_str(&format!("{},{value}\n", quoted(&cell.id)));
    }
    text
}

impl Table {
    /// The rounded table: the dimensions and `value`. Counts of units are left out: they are not
    /// rounded.
    pub fn rounded(&self, rounded: &Rounded) -> String {
        let mut text = String::new();
        for (name, _) in &self.dimensions {
            text.push_str(&format!("{},", quoted(name)));
        }
        text.push_str("value\n");
        for (at, value) in rounded.values.iter().enumerate() {
            for (node, (_, tree)) in nodes(&self.dimensions, at).iter().zip(&self.dimensions) {
                text.push_str(&format!("{},", quoted(&tree.codes[*node])));
            }
            text.push_str(&format!("{value}\n"));
        }
        text
    }
}

impl Parts {
    fn new(instance: &Instance, base: u32) -> Result<Self, RoundError> {
        let mut parts = Self { below: Vec::new(), rest: Vec::new() };
        for cell in &instance.cells {
            let units = cell.value / f64::from(base);
            if units.abs() > 1e12 {
                return Err(RoundError::Large(cell.id.clone()));
            }
            let near = units.round();
            let is_multiple = (units - near).abs() <= ROUNDING * units.abs().max(1.0);
            let below = if is_multiple { near } else { units.floor() };
            #[expect(clippy::cast_possible_truncation, reason = "at most 1e12")]
            parts.below.push(below as i64);
            parts.rest.push(if is_multiple { 0.0 } else { units - below });
        }
        Ok(parts)
    }
}

/// A decision on a cell, and whether its other side was tried.
struct Choice {
    cell: usize,
    up: bool,
    last: bool,
}

/// The tree of whole solutions.
struct Tree {
    program: Simplex,
    free: Vec<usize>,
}

impl Tree {
    fn new(instance: &Instance, parts: &Parts) -> Self {
        let matrix = Sparse::from_columns(instance.sums.len(), &instance.columns());
        let free: Vec<usize> =
            (0..parts.rest.len()).filter(|cell| parts.rest[*cell] > 0.0).collect();
        let upper = parts.rest.iter().map(|rest| if *rest > 0.0 { 1.0 } else { 0.0 }).collect();
        let cost = parts.rest.iter().map(|rest| 1.0 - 2.0 * rest).collect();
        let mut program = Simplex::new(matrix, vec![0.0; parts.rest.len()], upper, cost);
        for (right, sum) in program.rhs.iter_mut().zip(&instance.sums) {
            let children: i64 = sum.children.iter().map(|child| parts.below[*child]).sum();
            #[expect(clippy::cast_precision_loss, reason = "at most as many as cells")]
            let missing = (parts.below[sum.total] - children) as f64;
            *right = missing;
        }
        Self { program, free }
    }

    /// Which cells go up in the closest table found, and a bound on the closeness of all.
    fn search(&mut self, work: u64) -> Result<(Vec<bool>, f64), RoundError> {
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
                if value <= bound + 1e-9 {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protect::model::Cell;
    use proptest::prelude::*;

    /// A table over `sizes` leaves a dimension, with all its margins; cells in mixed radix, 0 the
    /// total of a dimension.
    fn table(sizes: &[usize], leaves: &[i64]) -> Instance {
        let whole: usize = sizes.iter().map(|size| size + 1).product();
        let nodes = |mut at: usize| {
            let mut nodes = Vec::new();
            for size in sizes {
                nodes.push(at % (size + 1));
                at /= size + 1;
            }
            nodes
        };
        let is_leaf = |at: &usize| nodes(*at).iter().all(|node| *node > 0);
        let inner: Vec<usize> = (0..whole).filter(is_leaf).collect();
        let under = |total: &[usize], leaf: &[usize]| {
            total.iter().zip(leaf).all(|(total, leaf)| *total == 0 || total == leaf)
        };
        let value = |at: usize| -> i64 {
            let total = nodes(at);
            let below = inner.iter().zip(leaves).filter(|(cell, _)| under(&total, &nodes(**cell)));
            below.map(|(_, value)| *value).sum()
        };
        let cells = (0..whole).map(|at| Cell::new(at.to_string(), value(at) as f64)).collect();
        let mut sums = Vec::new();
        let mut stride = 1;
        for (dimension, size) in sizes.iter().enumerate() {
            for total in (0..whole).filter(|at| nodes(*at)[dimension] == 0) {
                let children = (1..=*size).map(|node| (total + node * stride).to_string());
                sums.push((total.to_string(), children.collect()));
            }
            stride *= size + 1;
        }
        Instance::new(cells, &sums).expect("additive")
    }

    /// The least distance over all choices of leaves: totals follow from them.
    fn oracle(instance: &Instance, sizes: &[usize], base: i64) -> Option<i64> {
        let whole = instance.cells.len();
        let of = |value: i64| value.div_euclid(base) * base;
        let values: Vec<i64> = instance.cells.iter().map(|cell| cell.value as i64).collect();
        let mut is_total = vec![false; whole];
        instance.sums.iter().for_each(|sum| is_total[sum.total] = true);
        let leaves: Vec<usize> = (0..whole).filter(|at| !is_total[*at]).collect();
        assert_eq!(leaves.len(), sizes.iter().product::<usize>());
        let mut best = None;
        for choice in 0..1_u32 << leaves.len() {
            let mut rounded = vec![None; whole];
            for (bit, leaf) in leaves.iter().enumerate() {
                let up = choice >> bit & 1 == 1;
                if up && values[*leaf] % base == 0 {
                    continue;
                }
                rounded[*leaf] = Some(of(values[*leaf]) + if up { base } else { 0 });
            }
            // Totals of totals come last: as many passes as dimensions.
            for _ in sizes {
                for sum in &instance.sums {
                    let parts: Option<Vec<i64>> =
                        sum.children.iter().map(|child| rounded[*child]).collect();
                    rounded[sum.total] = parts.map(|parts| parts.iter().sum());
                }
            }
            let distance: Option<i64> = (0..whole)
                .map(|at| {
                    let by = (rounded[at]? - values[at]).abs();
                    (by < base).then_some(by)
                })
                .sum();
            best = match (best, distance) {
                (Some(a), Some(b)) => Some(std::cmp::min::<i64>(a, b)),
                (a, b) => a.or(b),
            };
        }
        best
    }

    #[test]
    fn a_small_table_is_rounded_additively() {
        let instance = table(&[2, 2], &[1, 4, 7, 13]);
        let rounded = round(&instance, 5, 1_000_000).expect("rounded");
        assert!(adds_up(&instance, &rounded.values));
        assert_eq!(rounded.values[0] % 5, 0);
        assert!((rounded.bound - rounded.distance).abs() < 1e-6, "two dimensions are exact");
        assert_eq!(round(&instance, 1, 10), Err(RoundError::Base));
    }

    #[test]
    fn a_base_below_the_levels_protects_too_little() {
        let mut instance = table(&[2, 2], &[11, 24, 27, 33]);
        let cell = instance.cells.iter_mut().find(|cell| cell.value < 12.0).expect("a leaf");
        (cell.status, cell.upper_level, cell.lower_level) = (Status::Unsafe, 8.0, 8.0);
        let by = |base| {
            let rounded = round(&instance, base, 1_000_000).expect("rounded");
            unmet(&instance, &rounded, base).expect("possible").len()
        };
        assert!(by(3) > 0);
        assert_eq!(by(20), 0);
    }

    #[test]
    fn what_does_not_add_up_next_to_the_true_values_is_refused() {
        // Rounded figures: the total is a multiple, two of its children are none and one cannot
        // make up for the other.
        let cells = vec![Cell::new("a", 1.0), Cell::new("b", 5.0), Cell::new("t", 5.0)];
        let sums = vec![("t".to_owned(), vec!["a".to_owned(), "b".to_owned()])];
        let mut instance = Instance::new(
            cells
                .iter()
                .cloned()
                .map(|mut cell| {
                    cell.value = 0.0;
                    cell
                })
                .collect(),
            &sums,
        )
        .expect("zeros add up");
        instance.cells = cells;
        instance.cells[0].value = 6.0;
        assert_eq!(round(&instance, 5, 1_000_000), Err(RoundError::Impossible));
    }

    proptest! {
        #[test]
        fn rounding_is_as_close_as_trying_everything(
            leaves in proptest::collection::vec(0_i64..40, 8),
            base in 2_u32..8,
            shape in 0_usize..3,
        ) {
            let sizes: &[usize] = [&[2, 2][..], &[4, 2], &[2, 2, 2]][shape];
            let count = sizes.iter().product::<usize>();
            let instance = table(sizes, &leaves[..count]);
            let best = oracle(&instance, sizes, i64::from(base));
            match round(&instance, base, 100_000_000) {
                Ok(rounded) => {
                    prop_assert!(adds_up(&instance, &rounded.values));
                    for (cell, value) in instance.cells.iter().zip(&rounded.values) {
                        prop_assert_eq!(value % i64::from(base), 0);
                        prop_assert!((*value as f64 - cell.value).abs() < f64::from(base));
                    }
                    let best = best.expect("the oracle finds one too") as f64;
                    prop_assert!((rounded.distance - best).abs() < 1e-6, "{} {best}", rounded.distance);
                    prop_assert!((rounded.bound - best).abs() < 1e-6);
                }
                Err(error) => {
                    prop_assert_eq!(error, RoundError::Impossible);
                    prop_assert_eq!(best, None);
                }
            }
        }
    }
}
