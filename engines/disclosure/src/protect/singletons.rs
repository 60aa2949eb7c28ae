//! Contributors who are alone in a suppressed cell know its value, and can subtract it.

use super::demand::Demand;
use super::guard::Guard;
use super::model::Instance;

/// The primary cells with a single contributor.
pub fn alone(instance: &Instance) -> Vec<usize> {
    instance.primaries().filter(|cell| instance.cells[*cell].units == Some(1)).collect()
}

/// The demands, with a cell known to its only contributor, that the guard's pattern does not
/// meet and that it neither holds yet nor waived. A witness that leaves the known cell where it is
/// serves as it stands; only the others cost a program. (Tau-ARGUS treats pairs in one line only; here
/// every suppressed cell that the contributor could reach counts.)
pub fn unmet(guard: &mut Guard<'_>) -> Vec<Demand> {
    let instance = guard.instance;
    let plain: Vec<usize> =
        (0..guard.demands.len()).filter(|at| guard.demands[*at].known.is_none()).collect();
    let mut found = Vec::new();
    for known in alone(instance) {
        for at in plain.iter().copied() {
            let demand = guard.demands[at];
            let moved = guard.witness(at).is_none_or(|witness| witness.moves(known));
            if demand.cell == known || !moved {
                continue;
            }
            let asked = Demand { known: Some(known), ..demand };
            let told = guard.demands.contains(&asked) || guard.waived.contains(&asked);
            if !told && guard.find(asked).is_none() {
                found.push(asked);
            }
        }
    }
    found
}
