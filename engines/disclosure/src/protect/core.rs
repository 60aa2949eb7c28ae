//! The part of an instance that matters: most cells of a table are too dear to be in any good
//! pattern, and the search need not look at them.

use super::demand::Demand;
use super::model::{Instance, Status, Sum};

/// A smaller instance whose valid patterns are valid in the whole one: the cells left out stay
/// published.
#[derive(Debug, Clone)]
pub struct Core {
    /// The smaller instance. Its sums hold only the cells kept, so its values do not add up.
    pub instance: Instance,
    /// By cell of the smaller instance, the cell of the whole one.
    pub whole: Vec<usize>,
    place: Vec<Option<usize>>,
}

impl Core {
    /// Keeps the cells that `keep` names and all primary cells; a total that only serves to tie
    /// kept cells is kept as published.
    pub fn new(instance: &Instance, keep: impl Fn(usize) -> bool) -> Self {
        let free = |cell: usize| match instance.cells[cell].status {
            Status::Unsafe => true,
            Status::Safe => keep(cell),
            Status::Published => false,
        };
        let mut kept: Vec<bool> = (0..instance.cells.len()).map(free).collect();
        let sums: Vec<(usize, Vec<usize>)> = instance
            .sums
            .iter()
            .map(|sum| (sum.total, sum.children.iter().copied().filter(|c| free(*c)).collect()))
            .filter(|(total, children): &(usize, Vec<usize>)| !children.is_empty() || free(*total))
            .collect();
        for (total, _) in &sums {
            kept[*total] = true;
        }
        let whole: Vec<usize> = (0..kept.len()).filter(|cell| kept[*cell]).collect();
        let mut place = vec![None; kept.len()];
        whole.iter().enumerate().for_each(|(at, cell)| place[*cell] = Some(at));
        let new = |cell: usize| place[cell].expect("the cells of kept sums are kept");
        let sums = sums
            .into_iter()
            .map(|(total, children)| Sum {
                total: new(total),
                children: children.into_iter().map(new).collect(),
            })
            .collect();
        let mut cells: Vec<_> = whole.iter().map(|cell| instance.cells[*cell].clone()).collect();
        for (cell, at) in cells.iter_mut().zip(&whole) {
            if !free(*at) {
                cell.status = Status::Published;
            }
        }
        Self { instance: Instance { cells, sums }, whole, place }
    }

    /// The smaller instance's cell, if it was kept.
    pub fn place(&self, cell: usize) -> Option<usize> {
        self.place[cell]
    }

    /// The demands, on the smaller instance's cells.
    pub fn demands(&self, demands: &[Demand]) -> Vec<Demand> {
        let at = |cell: usize| self.place[cell].expect("primary cells are kept");
        let moved = |demand: &Demand| Demand {
            cell: at(demand.cell),
            known: demand.known.map(at),
            ..*demand
        };
        demands.iter().map(moved).collect()
    }
}
