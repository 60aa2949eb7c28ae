//! The markers of a PDF's page: small round shapes, small forms and letters that stand for units.

use std::collections::BTreeMap;

use super::points;

/// How places are moved, turned and scaled (ISO 32000-1, 8.3.4).
pub type Matrix = [f64; 6];

/// `a` first, then `b`.
pub fn times(a: Matrix, b: Matrix) -> Matrix {
    [
        a[0] * b[0] + a[1] * b[2],
        a[0] * b[1] + a[1] * b[3],
        a[2] * b[0] + a[3] * b[2],
        a[2] * b[1] + a[3] * b[3],
        a[4] * b[0] + a[5] * b[2] + b[4],
        a[4] * b[1] + a[5] * b[3] + b[5],
    ]
}

/// What moves nothing.
pub const IDENTITY: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

/// The markers of a page, by what draws them.
#[derive(Debug, Default)]
pub struct Marks {
    places: BTreeMap<String, Vec<(f64, f64)>>,
    path: Vec<(f64, f64)>,
    curves: usize,
}

impl Marks {
    /// Keeps a marker that `name` draws at a place.
    pub fn put(&mut self, name: String, place: (f64, f64)) {
        self.places.entry(name).or_default().push(place);
    }

    /// Follows an operator that makes a path; `n` are its operands.
    pub fn follow(&mut self, operator: &str, n: &[f64]) {
        let at = |i: usize| n.get(i).copied().unwrap_or(0.0);
        match operator {
            "m" => (self.path, self.curves) = (vec![(at(0), at(1))], 0),
            "re" => self.path = vec![(at(0), at(1)), (at(0) + at(2), at(1) + at(3))],
            "n" => self.path.clear(),
            _ => {
                self.curves += usize::from(operator != "l");
                if self.path.len() < 64 {
                    self.path.push((at(n.len().saturating_sub(2)), at(n.len().saturating_sub(1))));
                }
            }
        }
    }

    /// Ends a path that is drawn under `m`: a small round shape is a marker.
    pub fn draw(&mut self, m: Matrix) {
        let path = std::mem::take(&mut self.path);
        if self.curves < 3 || path.len() > 40 {
            return;
        }
        let placed: Vec<(f64, f64)> = path
            .iter()
            .map(|(x, y)| (x * m[0] + y * m[2] + m[4], x * m[1] + y * m[3] + m[5]))
            .collect();
        let span = |of: fn(&(f64, f64)) -> f64| {
            let low = placed.iter().map(of).fold(f64::MAX, f64::min);
            let high = placed.iter().map(of).fold(f64::MIN, f64::max);
            (low, high - low)
        };
        let ((x, wide), (y, tall)) = (span(|p| p.0), span(|p| p.1));
        if wide > 0.0 && tall > 0.0 && wide <= 14.0 && tall <= 14.0 {
            self.put("path".to_owned(), (x + wide / 2.0, y + tall / 2.0));
        }
    }

    /// The number of those that look like single units.
    pub fn individuals(&self) -> Option<usize> {
        self.places.values().filter_map(|places| points::individuals(places)).max()
    }
}
