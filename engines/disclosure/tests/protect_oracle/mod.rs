//! A naive oracle: a dense tableau simplex with Bland's rule, and every pattern of a tiny table.
//! It shares no code with the engine.

use disclosure::protect::{Instance, Status};

/// The largest `objective . d` over `d` with all sums kept and bounds held, `None` if unbounded.
/// Each variable is split into two that are not negative; each bound is a row with a slack.
pub fn largest(instance: &Instance, suppressed: &[bool], cell: usize, sign: f64) -> Option<f64> {
    let cells: Vec<usize> = (0..suppressed.len()).filter(|c| suppressed[*c]).collect();
    let count = cells.len();
    let mut rows: Vec<(Vec<f64>, f64)> = Vec::new();
    let place = |c: usize| cells.iter().position(|own| *own == c);
    for sum in &instance.sums {
        for turn in [1.0, -1.0] {
            let mut row = vec![0.0; 2 * count];
            let children = sum.children.iter().map(|c| (*c, turn));
            for (c, value) in children.chain([(sum.total, -turn)]) {
                if let Some(at) = place(c) {
                    row[2 * at] += value;
                    row[2 * at + 1] -= value;
                }
            }
            rows.push((row, 0.0));
        }
    }
    for (at, c) in cells.iter().enumerate() {
        for (half, room) in [(0, instance.up(*c)), (1, instance.down(*c))] {
            if room.is_finite() {
                let mut row = vec![0.0; 2 * count];
                row[2 * at + half] = 1.0;
                rows.push((row, room));
            }
        }
    }
    let mut objective = vec![0.0; 2 * count];
    let at = place(cell)?;
    objective[2 * at] = sign;
    objective[2 * at + 1] = -sign;
    tableau(&rows, &objective)
}

/// Maximises over `rows . x <= right`, `x >= 0`, with right-hand sides that are not negative.
fn tableau(rows: &[(Vec<f64>, f64)], objective: &[f64]) -> Option<f64> {
    let (width, height) = (objective.len(), rows.len());
    let mut table: Vec<Vec<f64>> = Vec::new();
    for (at, (row, right)) in rows.iter().enumerate() {
        let mut line = row.clone();
        line.extend((0..height).map(|slack| f64::from(u8::from(slack == at))));
        line.push(*right);
        table.push(line);
    }
    let mut last: Vec<f64> = objective.iter().map(|value| -value).collect();
    last.extend(vec![0.0; height + 1]);
    let mut basis: Vec<usize> = (width..width + height).collect();
    loop {
        let Some(entering) = (0..width + height).find(|at| last[*at] < -1e-9) else {
            return last.last().copied();
        };
        let mut best: Option<(f64, usize, usize)> = None;
        for (at, line) in table.iter().enumerate().filter(|(_, line)| line[entering] > 1e-9) {
            let ratio = line[width + height] / line[entering];
            let key = (ratio, basis[at], at);
            if best.is_none_or(|b| ratio < b.0 - 1e-12 || (ratio <= b.0 + 1e-12 && key.1 < b.1)) {
                best = Some(key);
            }
        }
        let (_, _, leaving) = best?;
        let pivot = table[leaving][entering];
        table[leaving].iter_mut().for_each(|value| *value /= pivot);
        let line = table[leaving].clone();
        for (at, other) in table.iter_mut().enumerate().filter(|(at, _)| *at != leaving) {
            let _ = at;
            let factor = other[entering];
            other.iter_mut().zip(&line).for_each(|(value, by)| *value -= factor * by);
        }
        let factor = last[entering];
        last.iter_mut().zip(&line).for_each(|(value, by)| *value -= factor * by);
        basis[leaving] = entering;
    }
}

/// Whether the pattern gives every primary cell its levels.
pub fn is_valid(instance: &Instance, suppressed: &[bool]) -> bool {
    instance.primaries().all(|cell| {
        let it = &instance.cells[cell];
        let reaches = |sign: f64, level: f64| {
            level <= 0.0
                || largest(instance, suppressed, cell, sign).is_none_or(|far| far >= level - 1e-7)
        };
        suppressed[cell] && reaches(1.0, it.upper_level) && reaches(-1.0, it.lower_level)
    })
}

/// The cost of the cheapest valid pattern, by trying them all.
pub fn optimum(instance: &Instance) -> Option<f64> {
    let safe: Vec<usize> = (0..instance.cells.len())
        .filter(|cell| instance.cells[*cell].status == Status::Safe)
        .collect();
    let mut best: Option<f64> = None;
    for pattern in 0_u32..1 << safe.len() {
        let chosen = safe.iter().enumerate().filter(|(at, _)| pattern >> at & 1 == 1);
        let chosen: Vec<usize> = chosen.map(|(_, cell)| *cell).collect();
        let cost = instance.cost_of(chosen.iter().copied());
        if best.is_some_and(|best| cost >= best) {
            continue;
        }
        let mut suppressed = vec![false; instance.cells.len()];
        chosen.iter().copied().chain(instance.primaries()).for_each(|c| suppressed[c] = true);
        if is_valid(instance, &suppressed) {
            best = Some(cost);
        }
    }
    best
}
