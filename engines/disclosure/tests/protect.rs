//! Table protection against a naive oracle, on tiny tables, and on tables of real shapes.

mod protect_oracle;
mod protect_shapes;

use disclosure::protect::audit::{Check, exposed, hopeless, intervals};
use disclosure::protect::{
    Cell, Demand, Instance, ModelError, Options, Reach, SolveError, Status, Sum, Way, solve,
};
use proptest::prelude::*;
use protect_oracle::{is_valid, largest, optimum};
use protect_shapes::{SHAPES, Shape};

/// Of the tables that docs/performance.md tells of.
const SEED: u64 = 7;

/// A table of rows and columns with totals: inner cells given, `inner[row][column]`.
fn two_way(inner: &[Vec<f64>]) -> (Vec<Cell>, Vec<(String, Vec<String>)>) {
    let (rows, columns) = (inner.len(), inner[0].len());
    let value = |row: usize, column: usize| -> f64 {
        let pick = |at: usize, total: usize| if at == total { 0..total } else { at..at + 1 };
        pick(row, rows).map(|r| pick(column, columns).map(|c| inner[r][c]).sum::<f64>()).sum()
    };
    let id = |row: usize, column: usize| format!("r{row}c{column}");
    let mut cells = Vec::new();
    let mut sums = Vec::new();
    for row in 0..=rows {
        for column in 0..=columns {
            cells.push(Cell::new(id(row, column), value(row, column)));
        }
        sums.push((id(row, columns), (0..columns).map(|c| id(row, c)).collect()));
    }
    for column in 0..=columns {
        sums.push((id(rows, column), (0..rows).map(|r| id(r, column)).collect()));
    }
    (cells, sums)
}

prop_compose! {
    /// A table of at most 3 x 2 with random statuses, levels, bounds and costs.
    fn tiny()(
        columns in 2_usize..=2,
        rows in 2_usize..=3,
        values in proptest::collection::vec(0_u8..12, 9),
        kinds in proptest::collection::vec(0_u8..10, 12),
        levels in proptest::collection::vec((0_u8..4, 0_u8..4), 12),
        rooms in proptest::collection::vec(4_u8..30, 12),
        costs in proptest::collection::vec(0_u8..9, 12),
    ) -> Instance {
        let inner: Vec<Vec<f64>> = (0..rows)
            .map(|r| (0..columns).map(|c| f64::from(values[r * columns + c])).collect())
            .collect();
        let (mut cells, sums) = two_way(&inner);
        for (at, cell) in cells.iter_mut().enumerate() {
            cell.high = cell.value + f64::from(rooms[at]);
            cell.cost = f64::from(costs[at]);
            cell.status = match kinds[at] {
                0 | 1 => Status::Unsafe,
                2 => Status::Published,
                _ => Status::Safe,
            };
            if cell.status == Status::Unsafe {
                cell.lower_level = f64::from(levels[at].0).min(cell.value);
                cell.upper_level = f64::from(levels[at].1 + 1);
            }
        }
        Instance::new(cells, &sums).expect("additive")
    }
}

/// The table beside an unrelated total of 11 times `big`, of which one child needs `big`.
fn beside(instance: &Instance, big: f64) -> Instance {
    let mut wide = instance.clone();
    let at = wide.cells.len();
    for (id, times, status) in
        [("A", 5.0, Status::Unsafe), ("B", 6.0, Status::Safe), ("T", 11.0, Status::Published)]
    {
        let mut cell = Cell::new(id, times * big);
        cell.status = status;
        cell.cost = 1.0;
        wide.cells.push(cell);
    }
    (wide.cells[at].lower_level, wide.cells[at].upper_level) = (big, big);
    wide.sums.push(Sum { total: at + 2, children: vec![at, at + 1] });
    wide.check().expect("additive");
    wide
}

fn pattern_of(instance: &Instance, secondaries: &[usize]) -> Vec<bool> {
    let mut pattern = vec![false; instance.cells.len()];
    secondaries.iter().copied().chain(instance.primaries()).for_each(|cell| pattern[cell] = true);
    pattern
}

fn cases() -> ProptestConfig {
    // PROPTEST_CASES asks for more.
    let more = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig::with_cases(more.unwrap_or(60))
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn an_unrelated_block_of_any_size_changes_no_verdict(
        instance in tiny(), picks in proptest::collection::vec(any::<bool>(), 16), zeros in 3..=13,
    ) {
        let wide = beside(&instance, 10_f64.powi(zeros));
        let mut pattern: Vec<bool> = (0..instance.cells.len()).map(|at| picks[at]).collect();
        instance.primaries().for_each(|cell| pattern[cell] = true);
        let Ok(demands) = wide.demands() else { return Ok(()) };
        let levels: Vec<_> = demands.into_iter().filter(|demand| !demand.soft).collect();
        let hidden: Vec<bool> = pattern.iter().copied().chain([true, true, false]).collect();
        let clean = exposed(&wide, &levels, &hidden, false).is_empty();
        prop_assert_eq!(clean, is_valid(&instance, &pattern));
    }

    #[test]
    fn an_unrelated_block_of_any_size_leaves_the_pattern_valid(
        instance in tiny(), zeros in 3..=13,
    ) {
        let best = optimum(&instance);
        let wide = beside(&instance, 10_f64.powi(zeros));
        match solve(&wide, Options { work: Some(400_000), ..Options::default() }) {
            Ok(found) => {
                let pattern = pattern_of(&wide, &found.secondaries);
                prop_assert!(is_valid(&instance, &pattern[..instance.cells.len()]));
                let best = best.expect("a valid pattern was found") + 1.0;
                prop_assert!(found.bound <= best + 1e-6, "bound {} {best}", found.bound);
                prop_assert!((found.cost - best).abs() < 1e-6, "{} {best}", found.cost);
            }
            Err(SolveError::Impossible(_)) => prop_assert_eq!(best, None),
            Err(refused) => prop_assert!(false, "{}", refused),
        }
    }

    #[test]
    fn tiny_tables_get_a_valid_pattern_of_least_cost_or_none(instance in tiny()) {
        let best = optimum(&instance);
        match solve(&instance, Options { work: Some(400_000), ..Options::default() }) {
            Ok(found) => {
                let mut pattern = vec![false; instance.cells.len()];
                found.secondaries.iter().copied().chain(instance.primaries())
                    .for_each(|cell| pattern[cell] = true);
                prop_assert!(is_valid(&instance, &pattern));
                prop_assert!(found.secondaries.iter().all(|c| instance.may_suppress(*c)));
                let best = best.expect("a valid pattern was found");
                prop_assert!(found.bound <= best + 1e-6, "bound {} {best}", found.bound);
                prop_assert!((found.cost - best).abs() < 1e-6, "{} {best}", found.cost);
            }
            Err(SolveError::Impossible(_)) => prop_assert_eq!(best, None),
            Err(refused) => prop_assert!(false, "{}", refused),
        }
    }

    #[test]
    fn intervals_are_those_of_a_dense_simplex(
        instance in tiny(), picks in proptest::collection::vec(any::<bool>(), 16),
    ) {
        let pattern: Vec<bool> = (0..instance.cells.len()).map(|at| picks[at]).collect();
        for interval in intervals(&instance, &pattern) {
            let value = instance.cells[interval.cell].value;
            for (sign, end) in [(1.0, interval.most), (-1.0, interval.least)] {
                let far = largest(&instance, &pattern, interval.cell, sign);
                let far = far.expect("bounded");
                prop_assert!((value + sign * far - end).abs() < 1e-6, "{far} {end} {value}");
            }
        }
    }

    #[test]
    fn the_audit_agrees_with_the_oracle_on_any_pattern(
        instance in tiny(), picks in proptest::collection::vec(any::<bool>(), 16),
    ) {
        let mut pattern: Vec<bool> = (0..instance.cells.len()).map(|at| picks[at]).collect();
        instance.primaries().for_each(|cell| pattern[cell] = true);
        let Ok(demands) = instance.demands() else { return Ok(()) };
        let levels: Vec<_> = demands.into_iter().filter(|demand| !demand.soft).collect();
        let clean = exposed(&instance, &levels, &pattern, false).is_empty();
        prop_assert_eq!(clean, is_valid(&instance, &pattern));
    }
}

fn options(work: u64) -> Options {
    Options { work: Some(work), ..Options::default() }
}

#[test]
fn every_shape_gets_the_same_valid_pattern_twice_and_no_bound_is_passed() {
    for shape in SHAPES.iter().filter(|shape| !["T10", "T12", "H22"].contains(&shape.name)) {
        let instance = shape.instance(SEED);
        let first = solve(&instance, options(2_000_000)).expect(shape.name);
        let again = solve(&instance, options(2_000_000)).expect(shape.name);
        assert_eq!(first, again, "{}", shape.name);
        assert!(first.bound <= first.cost, "{}", shape.name);
        assert!(first.cost > 0.0, "{} asks for nothing", shape.name);
    }
}

#[test]
fn lone_contributors_of_every_shape_are_held_off() {
    for name in ["T02", "T05", "T07", "T11"] {
        let instance = Shape::named(name).expect("a shape").instance(SEED);
        let known = Options { singletons: true, ..options(3_000_000) };
        let found = solve(&instance, known).expect(name);
        let mut pattern = vec![false; instance.cells.len()];
        for cell in found.secondaries.iter().copied().chain(instance.primaries()) {
            pattern[cell] = true;
        }
        let demands = instance.demands().expect("possible");
        assert!(exposed(&instance, &demands, &pattern, true).is_empty(), "{name}");
    }
}

#[test]
fn the_unit_of_the_values_does_not_matter() {
    let instance = Shape::named("T08").expect("a shape").instance(SEED);
    let plain = solve(&instance, options(2_000_000)).expect("protected");
    for unit in [1e-4, 12_345.678, 1e8] {
        let mut other = instance.clone();
        for cell in &mut other.cells {
            cell.value *= unit;
            cell.low *= unit;
            cell.high *= unit;
            cell.lower_level *= unit;
            cell.upper_level *= unit;
        }
        let found = solve(&other, options(2_000_000)).expect("protected in any unit");
        assert!(found.cost < 1.3 * plain.cost, "{unit}: {} {}", found.cost, plain.cost);
    }
}

#[test]
fn each_secondary_of_a_pattern_is_needed() {
    let instance = Shape::named("T05").expect("a shape").instance(SEED);
    let found = solve(&instance, options(5_000_000)).expect("protected");
    let demands = instance.demands().expect("possible");
    let mut pattern = vec![false; instance.cells.len()];
    found.secondaries.iter().copied().chain(instance.primaries()).for_each(|c| pattern[c] = true);
    assert!(exposed(&instance, &demands, &pattern, false).is_empty());
    for cell in &found.secondaries {
        pattern[*cell] = false;
        assert!(!exposed(&instance, &demands, &pattern, false).is_empty());
        pattern[*cell] = true;
    }
}

#[test]
fn a_cell_that_nothing_can_protect_is_told_with_the_reason() {
    let (mut cells, sums) = two_way(&[vec![2.0, 5.0], vec![3.0, 4.0]]);
    cells[0].status = Status::Unsafe;
    cells[0].upper_level = 1.0;
    cells[1].status = Status::Published;
    cells[2].status = Status::Published;
    let instance = Instance::new(cells.clone(), &sums).expect("additive");
    let error = solve(&instance, Options::default()).expect_err("its row is published");
    assert!(error.to_string().contains("r0c0"), "{error}");
    cells[1].status = Status::Safe;
    cells[0].lower_level = 3.0;
    let instance = Instance::new(cells, &sums).expect("additive");
    let error = solve(&instance, Options::default()).expect_err("below zero");
    assert!(error.to_string().contains("beyond the bound 0"), "{error}");
}

#[test]
fn a_lone_contributor_does_not_see_the_other_cell_of_the_row() {
    // Both cells of the first row have one contributor: each knows one, and would subtract it.
    let (mut cells, sums) =
        two_way(&[vec![20.0, 30.0, 50.0], vec![40.0, 60.0, 80.0], vec![70.0, 90.0, 90.0]]);
    for at in [0, 1] {
        cells[at].status = Status::Unsafe;
        cells[at].units = Some(1);
        cells[at].upper_level = 5.0;
        cells[at].lower_level = 5.0;
    }
    let instance = Instance::new(cells, &sums).expect("additive");
    let row = |found: &[usize]| found.iter().filter(|cell| **cell < 4).count();
    let plain = solve(&instance, options(1_000_000)).expect("protected");
    assert_eq!(row(&plain.secondaries), 0, "the two protect each other against others");
    let known = Options { singletons: true, ..options(1_000_000) };
    let found = solve(&instance, known).expect("protected");
    assert!(row(&found.secondaries) >= 1, "a third cell of the row is needed");
    assert!(found.cost > plain.cost);
}

#[test]
fn a_total_that_is_no_sum_is_refused() {
    let (mut cells, sums) = two_way(&[vec![2.0, 5.0], vec![3.0, 4.0]]);
    cells[2].value = 9.0;
    let error = Instance::new(cells, &sums).expect_err("7 is not 9");
    assert!(matches!(error, ModelError::NotAdditive { total, .. } if total == "r0c2"));
}

/// A total of two cells, all free of bounds but the sign: values, levels each way, statuses.
fn pair(values: [f64; 2], level: f64, total: Status) -> Instance {
    let mut cells = vec![Cell::new("a", values[0]), Cell::new("b", values[1])];
    cells.push(Cell::new("t", values[0] + values[1]));
    cells[0].status = Status::Unsafe;
    (cells[0].lower_level, cells[0].upper_level) = (level, level);
    cells[2].status = total;
    Instance::new(cells, &[("t".into(), vec!["a".into(), "b".into()])]).expect("additive")
}

#[test]
fn a_level_far_below_the_largest_is_protected_and_not_a_fault() {
    // c9 of the review: the cheapest move was empty, since the demand fell below the tolerance.
    let wide = beside(&pair([4.0, 6.0], 0.0005, Status::Published), 1e12);
    let found = solve(&wide, options(400_000)).expect("protected");
    assert_eq!(found.secondaries, [1, 4]);
    let wide = beside(&pair([0.0, 600.123_456_7], 0.0, Status::Published), 1e9);
    let found = solve(&wide, options(400_000)).expect("protected");
    assert_eq!(found.secondaries, [1, 4]);
    assert!(wide.step() > 0.9e-6, "the least step is 1e-6");
}

#[test]
fn a_value_that_attackers_know_is_told() {
    let mut instance = pair([4.0, 6.0], 0.0, Status::Safe);
    (instance.cells[0].low, instance.cells[0].high) = (4.0, 4.0);
    let found = solve(&instance, options(400_000)).expect("nothing more is asked");
    assert_eq!(found.recoverable.len(), 1);
    assert!(hopeless(&instance, &found.recoverable[0]));
}

#[test]
fn a_soft_demand_against_a_lone_contributor_is_told_where_nothing_meets_it() {
    // `x` has no levels; its row has only the cell of a lone contributor beside it.
    let mut instance = pair([30.0, 20.0], 5.0, Status::Published);
    instance.cells[0].units = Some(1);
    instance.cells[1].status = Status::Unsafe;
    instance.cells[1].units = Some(5);
    let known = Options { singletons: true, ..options(400_000) };
    let found = solve(&instance, known).expect("ends");
    let told: Vec<_> = found.recoverable.iter().map(|d| (d.cell, d.known)).collect();
    assert_eq!(told, [(1, Some(0))]);
}

#[test]
fn a_soft_miss_does_not_keep_lone_contributors_from_being_checked() {
    // c2 of the review: `h` is recoverable whatever is suppressed; `x` and `y` know each other.
    let mut cells: Vec<Cell> =
        [("h", 4.0), ("z", 6.0), ("ht", 10.0), ("x", 20.0), ("y", 30.0), ("w", 50.0), ("t", 100.0)]
            .map(|(id, value)| Cell::new(id, value))
            .into();
    for at in [1, 2, 6] {
        cells[at].status = Status::Published;
    }
    for at in [0, 3, 4] {
        cells[at].status = Status::Unsafe;
    }
    for at in [3, 4] {
        cells[at].units = Some(1);
        (cells[at].lower_level, cells[at].upper_level) = (5.0, 5.0);
    }
    let ids = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let sums = [("ht".to_owned(), ids(&["h", "z"])), ("t".to_owned(), ids(&["x", "y", "w"]))];
    let instance = Instance::new(cells, &sums).expect("additive");
    let pattern = pattern_of(&instance, &[]);
    let demands = instance.demands().expect("possible");
    let failed = exposed(&instance, &demands, &pattern, true);
    assert_eq!(failed.iter().filter(|found| found.demand.known.is_some()).count(), 4);
    assert_eq!(failed.iter().filter(|found| found.demand.soft).count(), 1);
}

#[test]
fn a_table_of_numbers_that_are_none_proves_nothing() {
    let instance = pair([4.0, 6.0], 1.0, Status::Published);
    let demand =
        Demand { cell: 0, reach: Reach::One(Way::Up), amount: 1.0, known: None, soft: false };
    let check = Check::new(&instance);
    let stands =
        |a: f64, b: f64| check.verify(&demand, &[vec![(0, a), (1, b)]], &[true, true, false]);
    assert!(stands(1.0, -1.0));
    assert!(!stands(f64::NAN, -1.0) && !stands(1.0, f64::NAN));
    assert!(!stands(f64::INFINITY, f64::NEG_INFINITY));
    assert!(!stands(1.0, -1.0 + 1e-6) && !stands(0.999, -0.999));
}

#[test]
fn intervals_do_not_depend_on_bounds_far_away() {
    for far in [f64::INFINITY, 1e15, 1e13, 1e9] {
        let mut instance = pair([4.0, 6.0], 1.0, Status::Published);
        instance.cells.iter_mut().for_each(|cell| cell.high = far);
        for found in intervals(&instance, &[true, true, false]) {
            assert!(found.least.abs() < 1e-9 && (found.most - 10.0).abs() < 1e-9, "{found:?}");
        }
    }
}
