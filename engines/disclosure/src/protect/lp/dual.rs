//! The dual simplex, from a basis whose reduced costs have the right signs.
//!
//! Two programs use it: the cheapest way to protect one cell (from the logical basis, since all
//! costs are positive), and the master of cuts, which gains rows and keeps its basis.

use super::simplex::{End, FEASIBLE, OUT, PIVOT, Simplex};

impl Simplex {
    /// Puts each variable out of the basis at the bound that its reduced cost asks for, and
    /// computes the others.
    pub fn to_bounds(&mut self) {
        for variable in 0..self.x.len() {
            if self.place[variable] == OUT {
                let (low, high) = (self.lower[variable], self.upper[variable]);
                let wants_high = self.reduced[variable] < 0.0 || !low.is_finite();
                self.x[variable] = if wants_high && high.is_finite() { high } else { low };
            }
        }
        self.place_basics();
    }

    /// Repairs the bounds of basic variables while reduced costs keep their signs. Ends
    /// optimal, infeasible, or stopped after `most` steps.
    pub fn dual(&mut self, most: usize) -> End {
        let mut distrust = 0;
        for _ in 0..most {
            if self.stale() {
                self.factorise();
                self.price();
                self.place_basics();
            }
            let Some((position, below)) = self.leaving() else { return End::Optimal };
            self.backward(position);
            let Some((entering, flips)) = self.dual_ratio(position, below) else {
                if self.factors.replaced() == 0 || distrust > 3 {
                    return End::Infeasible;
                }
                distrust += 1;
                self.factorise();
                self.price();
                self.place_basics();
                continue;
            };
            self.forward(entering);
            let (pivot, expected) = (self.alpha[position], self.pivot_row[entering]);
            if (pivot - expected).abs() > 1e-6 * (1.0 + pivot.abs()) && self.factors.replaced() > 0
            {
                distrust += 1;
                if distrust > 20 {
                    return End::Stopped;
                }
                self.factorise();
                self.price();
                self.place_basics();
                continue;
            }
            self.flip(&flips);
            self.dual_step(position, entering, below);
        }
        End::Stopped
    }

    /// The basic variable farthest beyond its bounds, by dual steepest-edge weights, and whether
    /// it is below.
    fn leaving(&mut self) -> Option<(usize, bool)> {
        let mut best = (0.0, None);
        for (position, variable) in self.head.iter().enumerate() {
            let x = self.x[*variable];
            let (low, high) = (self.lower[*variable], self.upper[*variable]);
            let beyond = if x < low { low - x } else { x - high };
            if beyond > FEASIBLE * (1.0 + x.abs()) {
                let score = beyond * beyond / self.weight[*variable];
                if score > best.0 {
                    best = (score, Some((position, x < low)));
                }
            }
        }
        self.work += self.head.len() as u64 / 8;
        best.1
    }

    /// The variable that may enter, and those that go to their other bound before: while the
    /// basic variable stays beyond its bound although a candidate flips, the dual objective still
    /// rises, so the step goes on to the next ratio (Fourer 1994; Maros 2003). Among equal ratios
    /// the largest pivot enters.
    fn dual_ratio(&self, position: usize, below: bool) -> Option<(usize, Vec<usize>)> {
        let mut candidates: Vec<(f64, f64, usize)> =
            self.touched.iter().filter_map(|variable| self.usable(*variable, below)).collect();
        let leaving = self.head[position];
        let x = self.x[leaving];
        let mut slope = if below { self.lower[leaving] - x } else { x - self.upper[leaving] };
        let mut flips = Vec::new();
        let (mut at, mut sorted) = (0, 0);
        while at < candidates.len() {
            if at == sorted {
                sorted += order(&mut candidates[sorted..]);
            }
            let (_, alpha, variable) = candidates[at];
            slope -= alpha * (self.upper[variable] - self.lower[variable]);
            if slope <= 0.0 || at + 1 == candidates.len() {
                break;
            }
            flips.push(variable);
            at += 1;
        }
        let widest = candidates.get(at)?.0 + 1e-9;
        let near = candidates[at..].iter().filter(|(ratio, ..)| *ratio <= widest);
        let best = near.max_by(|a, b| a.1.total_cmp(&b.1).then(b.2.cmp(&a.2)));
        best.map(|(.., variable)| (*variable, flips))
    }

    /// Ratio and pivot size of a variable that may enter.
    fn usable(&self, variable: usize, below: bool) -> Option<(f64, f64, usize)> {
        let alpha = self.pivot_row[variable];
        let (low, high, x) = (self.lower[variable], self.upper[variable], self.x[variable]);
        if self.place[variable] != OUT || low >= high || alpha.abs() <= PIVOT {
            return None;
        }
        let rises = (alpha < 0.0) == below;
        let reduced = self.reduced[variable];
        let cost = match (x <= low, x >= high) {
            (false, false) => reduced.abs(),
            _ if rises && x < high => reduced.max(0.0),
            _ if !rises && x > low => (-reduced).max(0.0),
            _ => return None,
        };
        Some((cost / alpha.abs(), alpha.abs(), variable))
    }

    /// Moves variables out of the basis to their other bound, and the basic ones with them.
    fn flip(&mut self, flips: &[usize]) {
        if flips.is_empty() {
            return;
        }
        let mut moves = Vec::with_capacity(flips.len());
        for variable in flips {
            let (low, high) = (self.lower[*variable], self.upper[*variable]);
            let to = if self.x[*variable] <= low { high } else { low };
            moves.push((*variable, to - self.x[*variable]));
            self.x[*variable] = to;
        }
        for (position, change) in self.image(&moves).into_iter().enumerate() {
            if change != 0.0 {
                self.x[self.head[position]] -= change;
            }
        }
    }

    fn dual_step(&mut self, position: usize, entering: usize, below: bool) {
        let leaving = self.head[position];
        let bound = if below { self.lower[leaving] } else { self.upper[leaving] };
        let pivot = self.alpha[position];
        let step = (self.x[leaving] - bound) / pivot;
        self.steepest(position, entering);
        self.x[entering] += step;
        for (at, alpha) in self.alpha.iter().enumerate() {
            if *alpha != 0.0 {
                self.x[self.head[at]] -= step * alpha;
            }
        }
        self.x[leaving] = bound;
        self.update_reduced(position, entering);
        self.exchange(position, entering);
    }

    /// Updates the weights: the squared length of each row of the inverse, bounded from below
    /// as in dual Devex.
    fn steepest(&mut self, position: usize, entering: usize) {
        let leaving = self.head[position];
        let pivot = self.alpha[position];
        let reference = self.weight[leaving];
        for (at, alpha) in self.alpha.iter().enumerate() {
            if *alpha != 0.0 && at != position {
                let ratio = alpha / pivot;
                let weight = &mut self.weight[self.head[at]];
                *weight = weight.max(ratio * ratio * reference);
            }
        }
        self.weight[entering] = (reference / (pivot * pivot)).max(1.0);
    }
}

/// Brings the least of some candidates to their front, sorted by ratio, then by place; says how
/// many. Few of them are looked at, and sorting all was a tenth of the time.
fn order(candidates: &mut [(f64, f64, usize)]) -> usize {
    const BATCH: usize = 12;
    let by = |a: &(f64, f64, usize), b: &(f64, f64, usize)| a.0.total_cmp(&b.0).then(a.2.cmp(&b.2));
    if candidates.len() > 2 * BATCH {
        candidates.select_nth_unstable_by(BATCH - 1, by);
        candidates[..BATCH].sort_unstable_by(by);
        return BATCH;
    }
    candidates.sort_unstable_by(by);
    candidates.len()
}
