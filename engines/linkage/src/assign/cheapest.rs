//! The cheapest assignment of rows to columns.

/// Prices and partners while rows are added; indices are 1-based, 0 is none.
struct State<'a> {
    costs: &'a [Vec<f64>],
    row_price: Vec<f64>,
    column_price: Vec<f64>,
    row_of: Vec<usize>,
}

/// For each row the column of the cheapest assignment (Kuhn 1955, in the form with potentials and
/// shortest augmenting paths). There are at least as many columns as rows.
pub(super) fn cheapest(costs: &[Vec<f64>]) -> Vec<usize> {
    let (rows, columns) = (costs.len(), costs.first().map_or(0, Vec::len));
    let mut state = State {
        costs,
        row_price: vec![0.0; rows + 1],
        column_price: vec![0.0; columns + 1],
        row_of: vec![0; columns + 1],
    };
    for row in 1..=rows {
        state.add(row);
    }
    let mut choice = vec![0; rows];
    for (column, row) in state.row_of.iter().enumerate().skip(1) {
        if *row != 0 {
            choice[row - 1] = column - 1;
        }
    }
    choice
}

impl State<'_> {
    /// Gives a row its column and moves the others along the cheapest path.
    fn add(&mut self, row: usize) {
        let columns = self.row_of.len();
        self.row_of[0] = row;
        let (mut column, mut seen) = (0, vec![false; columns]);
        let (mut least, mut way) = (vec![f64::INFINITY; columns], vec![0; columns]);
        while self.row_of[column] != 0 {
            seen[column] = true;
            column = self.step(column, &seen, &mut least, &mut way);
        }
        while column != 0 {
            self.row_of[column] = self.row_of[way[column]];
            column = way[column];
        }
    }

    /// The next column of the path, with prices raised so that it costs nothing.
    fn step(
        &mut self,
        column: usize,
        seen: &[bool],
        least: &mut [f64],
        way: &mut [usize],
    ) -> usize {
        let here = self.row_of[column];
        let (mut step, mut next) = (f64::INFINITY, 0);
        for other in (1..seen.len()).filter(|other| !seen[*other]) {
            let cost = self.costs[here - 1][other - 1];
            let cost = cost - self.row_price[here] - self.column_price[other];
            if cost < least[other] {
                (least[other], way[other]) = (cost, column);
            }
            if least[other] < step {
                (step, next) = (least[other], other);
            }
        }
        for (other, seen) in seen.iter().enumerate() {
            if *seen {
                self.row_price[self.row_of[other]] += step;
                self.column_price[other] -= step;
            } else {
                least[other] -= step;
            }
        }
        next
    }
}
