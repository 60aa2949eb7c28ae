//! The primal simplex, from a feasible point.
//!
//! Attackers' programs are solved by it: the published table itself is always a feasible point,
//! inside the bounds, so that there is no first phase. A variable out of the basis may stand
//! strictly between its bounds. Pricing by Devex reference weights (Forrest and Goldfarb 1992).

use super::simplex::{End, FEASIBLE, OPTIMAL, OUT, PIVOT, Simplex};

/// What stops the entering variable.
enum Block {
    Nothing,
    OwnBound,
    Basic(usize, bool),
}

impl Simplex {
    /// Puts every variable at zero: feasible where the right-hand side is zero and all bounds
    /// contain zero.
    pub fn to_zero(&mut self) {
        for x in &mut self.x {
            *x = 0.0;
        }
    }

    /// Minimises from the present point, which must be feasible, with `reduced` up to date.
    /// `most` is the number of steps allowed.
    pub fn primal(&mut self, most: usize) -> End {
        for _ in 0..most {
            if self.stale() {
                self.factorise();
                self.place_basics();
                self.price();
            }
            let Some(entering) = self.entering() else { return End::Optimal };
            let up = self.reduced[entering] < 0.0;
            self.forward(entering);
            let (step, block) = self.ratio(entering, up);
            match block {
                Block::Nothing => return End::Unbounded,
                Block::OwnBound => self.advance(entering, up, step),
                Block::Basic(position, to_upper) => {
                    if self.alpha[position].abs() < PIVOT && self.factors.replaced() > 0 {
                        self.factorise();
                        self.place_basics();
                        self.price();
                        continue;
                    }
                    self.advance(entering, up, step);
                    let leaving = self.head[position];
                    self.x[leaving] =
                        if to_upper { self.upper[leaving] } else { self.lower[leaving] };
                    self.backward(position);
                    self.devex(position, entering);
                    self.update_reduced(position, entering);
                    self.exchange(position, entering);
                }
            }
        }
        End::Stopped
    }

    /// The variable out of the basis whose move promises most. Logicals are fixed in programs that
    /// start from a feasible point, and so are columns that the rows do not list.
    fn entering(&mut self) -> Option<usize> {
        let mut best = (0.0, None);
        let width = self.width();
        let free = (width..self.reduced.len())
            .filter(|logical| self.lower[*logical] < self.upper[*logical]);
        for variable in self.matrix.listed().iter().copied().chain(free) {
            let reduced = self.reduced[variable];
            if reduced.abs() <= OPTIMAL || self.place[variable] != OUT {
                continue;
            }
            let room = if reduced < 0.0 {
                self.upper[variable] - self.x[variable]
            } else {
                self.x[variable] - self.lower[variable]
            };
            let score = reduced * reduced / self.weight[variable];
            if room > FEASIBLE && score > best.0 {
                best = (score, Some(variable));
            }
        }
        self.work += (self.matrix.listed().len() + self.matrix.rows) as u64 / 8;
        best.1
    }

    /// How far the entering variable can go, and what stops it. Among the variables that stop it
    /// first (bounds widened by the tolerance) the largest pivot is taken (Harris 1973).
    fn ratio(&self, entering: usize, up: bool) -> (f64, Block) {
        let sign = if up { 1.0 } else { -1.0 };
        let own = if up {
            self.upper[entering] - self.x[entering]
        } else {
            self.x[entering] - self.lower[entering]
        };
        let mut widest = f64::INFINITY;
        for (position, alpha) in self.alpha.iter().enumerate() {
            let speed = -sign * alpha;
            if speed.abs() > PIVOT {
                let room = self.room(self.head[position], speed);
                widest = widest.min((room + FEASIBLE) / speed.abs());
            }
        }
        if own <= widest {
            let block = if own.is_finite() { Block::OwnBound } else { Block::Nothing };
            return (own, block);
        }
        let mut best: Option<(f64, usize, f64)> = None;
        for (position, alpha) in self.alpha.iter().enumerate() {
            let speed = -sign * alpha;
            if speed.abs() <= PIVOT {
                continue;
            }
            let limit = self.room(self.head[position], speed) / speed.abs();
            if limit <= widest && best.is_none_or(|(size, ..)| speed.abs() > size) {
                best = Some((speed.abs(), position, limit));
            }
        }
        match best {
            None => (f64::INFINITY, Block::Nothing),
            Some((_, position, limit)) => {
                (limit.max(0.0), Block::Basic(position, -sign * self.alpha[position] > 0.0))
            }
        }
    }

    /// How far a variable may still move in the direction of `speed`.
    fn room(&self, variable: usize, speed: f64) -> f64 {
        if speed > 0.0 {
            self.upper[variable] - self.x[variable]
        } else {
            self.x[variable] - self.lower[variable]
        }
    }

    /// Moves the entering variable and with it the basic ones.
    fn advance(&mut self, entering: usize, up: bool, step: f64) {
        let signed = if up { step } else { -step };
        self.x[entering] += signed;
        if signed == 0.0 {
            return;
        }
        for (position, alpha) in self.alpha.iter().enumerate() {
            if *alpha != 0.0 {
                self.x[self.head[position]] -= signed * alpha;
            }
        }
    }

    fn devex(&mut self, position: usize, entering: usize) {
        let pivot = self.pivot_row[entering];
        let reference = self.weight[entering].max(1.0);
        for at in 0..self.touched.len() {
            let variable = self.touched[at];
            let ratio = self.pivot_row[variable] / pivot;
            let weight = ratio * ratio * reference;
            if weight > self.weight[variable] {
                self.weight[variable] = weight;
            }
        }
        self.weight[self.head[position]] = (reference / (pivot * pivot)).max(1.0);
        if reference > 1e6 {
            for weight in &mut self.weight {
                *weight = 1.0;
            }
        }
    }
}
