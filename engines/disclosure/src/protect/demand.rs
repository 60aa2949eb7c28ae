//! What a pattern of suppressions must achieve: demands on attackers' intervals.

use super::model::{Instance, Status};

/// A direction from a cell's true value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// Towards larger values.
    Up,
    /// Towards smaller values.
    Down,
}

impl Way {
    /// 1 or -1.
    pub fn sign(self) -> f64 {
        match self {
            Self::Up => 1.0,
            Self::Down => -1.0,
        }
    }
}

/// What is asked of a primary cell's interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// It must go that way by the amount.
    One(Way),
    /// It must be at least as wide as the amount.
    Width,
}

/// One demand: some other table, equal on all published cells, must hold a value of `cell` that
/// lies `amount` away.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Demand {
    /// The primary cell.
    pub cell: usize,
    /// Where to.
    pub reach: Reach,
    /// How far, in the value's unit; positive.
    pub amount: f64,
    /// A contributor who is alone in this cell knows it: the demand must be met with the cell
    /// fixed at its value.
    pub known: Option<usize>,
    /// Asked beyond the levels given: where it cannot be met, that is told and not refused.
    pub soft: bool,
}

/// Why no pattern at all can protect a cell.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("the cell `{cell}` cannot be protected: {reason}")]
pub struct Impossible {
    /// The primary cell.
    pub cell: String,
    /// In words.
    pub reason: String,
}

impl Instance {
    /// The demands of every primary cell: its lower, upper and sliding level. A cell whose levels
    /// are all zero gets a soft demand, that it cannot be recovered exactly: a width of at least
    /// the table's step, or a thousandth of the value.
    ///
    /// # Errors
    /// [`Impossible`] when the attacker's own bounds exclude a level.
    pub fn demands(&self) -> Result<Vec<Demand>, Impossible> {
        let mut demands = Vec::new();
        let step = self.step();
        for cell in self.primaries() {
            let it = &self.cells[cell];
            for way in [Way::Up, Way::Down] {
                let amount = self.level(cell, way)?;
                if amount > 0.0 {
                    let reach = Reach::One(way);
                    demands.push(Demand { cell, reach, amount, known: None, soft: false });
                }
            }
            let levels = it.upper_level + it.lower_level;
            let room = self.up(cell) + self.down(cell);
            let width =
                |amount, soft| Demand { cell, reach: Reach::Width, amount, known: None, soft };
            if it.sliding_level > levels {
                if it.sliding_level > room {
                    let reason = format!(
                        "its sliding protection level {} is wider than the bounds that attackers \
                         know, {} to {}",
                        it.sliding_level, it.low, it.high
                    );
                    return Err(Impossible { cell: it.id.clone(), reason });
                }
                demands.push(width(it.sliding_level, false));
            } else if levels == 0.0 {
                let least = self.least_width(cell, step);
                // Where attackers know the value beforehand nothing meets it: that is told.
                demands.push(width(if room > 0.0 { least.min(room) } else { least }, true));
            }
        }
        Ok(demands)
    }

    /// The width below which a cell counts as recovered exactly.
    pub fn least_width(&self, cell: usize, step: f64) -> f64 {
        step.max(1e-3 * self.cells[cell].value.abs())
    }

    fn level(&self, cell: usize, way: Way) -> Result<f64, Impossible> {
        let it = &self.cells[cell];
        let (level, room, bound, name) = match way {
            Way::Up => (it.upper_level, self.up(cell), it.high, "upper"),
            Way::Down => (it.lower_level, self.down(cell), it.low, "lower"),
        };
        // Bounds are given as numbers, rooms are differences: those are rounded.
        let rounding = 4.0 * f64::EPSILON * it.value.abs().max(level);
        if level > room + rounding {
            let reason = format!(
                "its {name} protection level {level} from {} goes beyond the bound {bound} that \
                 attackers know",
                it.value
            );
            return Err(Impossible { cell: it.id.clone(), reason });
        }
        Ok(level.min(room))
    }

    /// Whether a cell may be suppressed beside the primary ones.
    pub fn may_suppress(&self, cell: usize) -> bool {
        self.cells[cell].status == Status::Safe
    }
}
