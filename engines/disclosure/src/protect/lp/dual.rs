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
            let Some(entering) = self.dual_ratio(below) else {
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

    /// The variable that may enter: the smallest ratio of reduced cost to pivot, the largest
    /// pivot among those within the tolerance.
    fn dual_ratio(&self, below: bool) -> Option<usize> {
        let usable = |variable: usize| {
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
            Some((cost, alpha.abs()))
        };
        let mut widest = f64::INFINITY;
        for variable in &self.touched {
            if let Some((cost, alpha)) = usable(*variable) {
                widest = widest.min((cost + 1e-9) / alpha);
            }
        }
        let mut best: Option<(f64, usize)> = None;
        for variable in &self.touched {
            if let Some((cost, alpha)) = usable(*variable)
                && cost / alpha <= widest
                && best.is_none_or(|(size, found)| {
                    alpha > size || (alpha >= size && *variable < found)
                })
            {
                best = Some((alpha, *variable));
            }
        }
        best.map(|(_, variable)| variable)
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
