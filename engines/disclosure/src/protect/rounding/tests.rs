#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "small numbers, written here"
)]

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::protect::model::{Cell, Status};
use crate::protect::random::Random;
use crate::protect::spec::Spec;
use crate::protect::tabulate::tabulate;

/// How many demands are not met.
fn missed(instance: &Instance, base: u32) -> usize {
    let rounded = round(instance, base, None, 1_000_000).expect("rounded");
    let proof = prove(instance, &rounded, base, false).expect("possible");
    assert_eq!(
        proof.met + proof.unmet.len() + proof.hopeless.len(),
        instance.demands().expect("possible").len()
    );
    proof.unmet.len()
}

fn key(seed: u64) -> Key {
    Key::new(&[seed.to_le_bytes(); 4].concat()).expect("32 bytes")
}

/// A table over `sizes` leaves a dimension, with all its margins; cells in mixed radix, 0 the
/// total of a dimension.
fn table(sizes: &[usize], leaves: &[i64]) -> Instance {
    let whole: usize = sizes.iter().map(|size| size + 1).product();
    let nodes = |mut at: usize| {
        let mut nodes = Vec::new();
        for size in sizes {
            nodes.push(at % (size + 1));
            at /= size + 1;
        }
        nodes
    };
    let is_leaf = |at: &usize| nodes(*at).iter().all(|node| *node > 0);
    let inner: Vec<usize> = (0..whole).filter(is_leaf).collect();
    let under = |total: &[usize], leaf: &[usize]| {
        total.iter().zip(leaf).all(|(total, leaf)| *total == 0 || total == leaf)
    };
    let value = |at: usize| -> i64 {
        let total = nodes(at);
        let below = inner.iter().zip(leaves).filter(|(cell, _)| under(&total, &nodes(**cell)));
        below.map(|(_, value)| *value).sum()
    };
    let cells = (0..whole).map(|at| Cell::new(at.to_string(), value(at) as f64)).collect();
    let mut sums = Vec::new();
    let mut stride = 1;
    for (dimension, size) in sizes.iter().enumerate() {
        for total in (0..whole).filter(|at| nodes(*at)[dimension] == 0) {
            let children = (1..=*size).map(|node| (total + node * stride).to_string());
            sums.push((total.to_string(), children.collect()));
        }
        stride *= size + 1;
    }
    Instance::new(cells, &sums).expect("additive")
}

/// The least distance over all choices of leaves: totals follow from them.
fn oracle(instance: &Instance, sizes: &[usize], base: i64) -> Option<i64> {
    let whole = instance.cells.len();
    let of = |value: i64| value.div_euclid(base) * base;
    let values: Vec<i64> = instance.cells.iter().map(|cell| cell.value as i64).collect();
    let mut is_total = vec![false; whole];
    instance.sums.iter().for_each(|sum| is_total[sum.total] = true);
    let leaves: Vec<usize> = (0..whole).filter(|at| !is_total[*at]).collect();
    assert_eq!(leaves.len(), sizes.iter().product::<usize>());
    let mut best = None;
    for choice in 0..1_u32 << leaves.len() {
        let mut rounded = vec![None; whole];
        for (bit, leaf) in leaves.iter().enumerate() {
            let up = choice >> bit & 1 == 1;
            if up && values[*leaf] % base == 0 {
                continue;
            }
            rounded[*leaf] = Some(of(values[*leaf]) + if up { base } else { 0 });
        }
        // Totals of totals come last: as many passes as dimensions.
        for _ in sizes {
            for sum in &instance.sums {
                let parts: Option<Vec<i64>> =
                    sum.children.iter().map(|child| rounded[*child]).collect();
                rounded[sum.total] = parts.map(|parts| parts.iter().sum());
            }
        }
        let distance: Option<i64> = (0..whole)
            .map(|at| {
                let by = (rounded[at]? - values[at]).abs();
                (by < base).then_some(by)
            })
            .sum();
        best = match (best, distance) {
            (Some(a), Some(b)) => Some(std::cmp::min::<i64>(a, b)),
            (a, b) => a.or(b),
        };
    }
    best
}

#[test]
fn a_small_table_is_rounded_additively() {
    let instance = table(&[2, 2], &[1, 4, 7, 13]);
    let rounded = round(&instance, 5, None, 1_000_000).expect("rounded");
    assert!(adds_up(&instance, &rounded.values));
    assert_eq!(rounded.values[0] % 5, 0);
    assert!((rounded.bound - rounded.distance).abs() < 1e-6, "two dimensions are exact");
    assert_eq!(round(&instance, 1, None, 10), Err(RoundError::Base));
}

#[test]
fn a_base_below_the_levels_protects_too_little() {
    let mut instance = table(&[2, 2], &[11, 24, 27, 33]);
    let cell = instance.cells.iter_mut().find(|cell| cell.value < 12.0).expect("a leaf");
    (cell.status, cell.upper_level, cell.lower_level) = (Status::Unsafe, 8.0, 8.0);
    assert!(missed(&instance, 3) > 0);
    assert_eq!(missed(&instance, 20), 0);
}

#[test]
fn what_does_not_add_up_next_to_the_true_values_is_refused() {
    // Rounded figures: the total is a multiple, two of its children are none and one cannot
    // make up for the other.
    let cells = vec![Cell::new("a", 1.0), Cell::new("b", 5.0), Cell::new("t", 5.0)];
    let sums = vec![("t".to_owned(), vec!["a".to_owned(), "b".to_owned()])];
    let mut instance = Instance::new(
        cells
            .iter()
            .cloned()
            .map(|mut cell| {
                cell.value = 0.0;
                cell
            })
            .collect(),
        &sums,
    )
    .expect("zeros add up");
    instance.cells = cells;
    instance.cells[0].value = 6.0;
    assert_eq!(round(&instance, 5, None, 1_000_000), Err(RoundError::Impossible));
}

/// `a` and `b` below `t`, of which `a` asks for a level upwards.
fn pair(a: f64, b: f64, level: f64) -> Instance {
    let mut cells = vec![Cell::new("a", a), Cell::new("b", b), Cell::new("t", a + b)];
    (cells[0].status, cells[0].upper_level) = (Status::Unsafe, level);
    let sums = [("t".to_owned(), vec!["a".to_owned(), "b".to_owned()])];
    Instance::new(cells, &sums).expect("additive")
}

#[test]
fn attackers_know_that_a_true_value_is_less_than_the_base_away() {
    assert_eq!(missed(&pair(10.0, 10.0, 5.0), 5), 1, "whole numbers: 14 at most");
    assert_eq!(missed(&pair(10.0, 10.0, 4.0), 5), 0);
    assert_eq!(missed(&pair(10.1, 9.9, 4.9), 5), 1, "in tenths: 14.9 at most");
    assert_eq!(missed(&pair(10.1, 9.9, 4.8), 5), 0);
}

#[test]
fn a_value_too_large_for_whole_numbers_is_named() {
    let large = Err(RoundError::Large("t".into()));
    assert_eq!(round(&pair(2_f64.powi(52), 2_f64.powi(52), 1.0), 5, None, 9), large);
    assert_eq!(
        round(&pair(2_f64.powi(53) - 9.0, 1.0, 1.0), u32::MAX, None, 9),
        Err(RoundError::Large("a".into()))
    );
    assert_eq!(
        round(&pair(1e19, 1e19, 1.0), u32::MAX, None, 9),
        Err(RoundError::Large("a".into()))
    );
    let most = pair(2_f64.powi(53) - 9.0, 4.0, 1.0);
    let rounded = round(&most, 5, None, 1_000_000).expect("the largest that is exact");
    assert!(adds_up(&most, &rounded.values));
}

#[test]
fn without_work_a_table_of_three_dimensions_may_not_be_found() {
    let mut random = Random::new(7);
    let mut stopped = 0;
    for _ in 0..200 {
        let leaves: Vec<i64> = (0..8).map(|_| random.below(40) as i64).collect();
        let instance = table(&[2, 2, 2], &leaves);
        if round(&instance, 5, None, 0) == Err(RoundError::NotFound) {
            stopped += 1;
            assert_ne!(round(&instance, 5, None, 100_000_000), Err(RoundError::NotFound));
        }
    }
    assert!(stopped > 0, "every first program ended whole");
}

#[test]
fn attackers_know_what_must_be_published_though_it_is_rounded_too() {
    let mut instance = pair(12.0, 4.0, 1.0);
    let values = round(&instance, 5, None, 1_000_000).expect("rounded").values;
    assert_eq!(values[1], 5);
    assert_eq!(missed(&instance, 5), 0);
    // With b and the total known there is nothing left to guess.
    instance.cells[1].status = Status::Published;
    instance.cells[2].status = Status::Published;
    assert_eq!(round(&instance, 5, None, 1_000_000).expect("rounded").values, values);
    assert_eq!(missed(&instance, 5), 1);
}

#[test]
fn a_cell_without_levels_is_met_or_missed_or_hopeless() {
    let proof = |instance: &Instance| {
        let rounded = round(instance, 5, None, 1_000_000).expect("rounded");
        let proof = prove(instance, &rounded, 5, false).expect("possible");
        (proof.met, proof.unmet.len(), proof.hopeless.len())
    };
    assert_eq!(proof(&pair(12.0, 4.0, 0.0)), (1, 0, 0));
    // A thousandth of it is asked for: to the base 5 a million is as good as published.
    let mut instance = pair(1_000_000.0, 4.0, 0.0);
    assert_eq!(proof(&instance), (0, 1, 0));
    (instance.cells[0].low, instance.cells[0].high) = (1_000_000.0, 1_000_000.0);
    assert_eq!(proof(&instance), (0, 0, 1));
}

#[test]
fn contributors_who_are_alone_attack_rounded_tables_too() {
    let mut instance = pair(2.0, 2.0, 1.0);
    instance.cells[2].status = Status::Published;
    (instance.cells[1].status, instance.cells[1].upper_level) = (Status::Unsafe, 1.0);
    instance.cells[1].units = Some(1);
    let rounded = Rounded { values: vec![0, 5, 5], distance: 0.0, bound: 0.0 };
    let met = |singletons| prove(&instance, &rounded, 5, singletons).expect("possible").unmet;
    assert_eq!(met(false), []);
    let [only] = met(true).try_into().expect("one");
    assert_eq!((only.demand.cell, only.demand.known), (0, Some(1)));
}

#[test]
fn a_rounded_table_of_microdata_has_its_dimensions_and_no_counts() {
    let spec: Spec =
        toml::from_str("dimensions = [\"a, b\", \"sex\"]\n[rules]\nfrequency = 3").expect("a spec");
    let text = format!("\"a, b\",sex\n{}{}", "x,f\n".repeat(7), "y,m\n".repeat(3));
    let table = tabulate(&text, &spec, &BTreeMap::new()).expect("tabulates");
    let rounded = round(&table.instance, 5, None, 1_000_000).expect("rounded");
    assert_eq!(
        table.rounded(&rounded),
        "\"a, b\",sex,value\nTotal,Total,10\nTotal,f,5\nTotal,m,5\nx,Total,5\nx,f,5\nx,m,0\n\
         y,Total,5\ny,f,0\ny,m,5\n"
    );
}

#[test]
fn a_key_gives_one_table_again_and_another_key_another() {
    let leaves: Vec<i64> = (0..16).map(|at| 3 * at + 1).collect();
    let instance = table(&[4, 4], &leaves);
    let by = |seed| round(&instance, 5, Some(&key(seed)), 1_000_000).expect("rounded");
    assert_eq!(by(1), by(1));
    assert_ne!(by(1).values, by(2).values);
    let closest = round(&instance, 5, None, 1_000_000).expect("rounded");
    for rounded in [by(1), by(2)] {
        assert!(adds_up(&instance, &rounded.values));
        assert!(rounded.distance >= closest.distance && rounded.bound <= closest.distance);
    }
    assert_eq!(Key::new(&[0; 31]), Err(ShortKey { bytes: 31 }));
    assert_eq!(format!("{:?}", key(77)), "Key(..)", "a secret is not printed");
}

#[test]
fn with_a_key_a_cell_alone_goes_up_by_its_part_of_the_base() {
    let instance = Instance::new(vec![Cell::new("a", 11.0)], &[]).expect("a cell");
    let up =
        |seed: &u64| round(&instance, 5, Some(&key(*seed)), 99).expect("rounded").values[0] == 15;
    let ups = (0..20_000).filter(up).count();
    assert!((3_800..4_200).contains(&ups), "a fifth of 20,000: {ups}");
}

/// The threat that the key is against, and that it ends.
#[test]
fn with_a_key_every_table_within_the_base_could_have_been_the_true_one() {
    let published = [5_i64, 10, 15];
    let (mut tables, mut closest) = (0, 0);
    for a in 0..20 {
        for b in 0..20 {
            let true_values = [a, b, a + b];
            if published.iter().zip(true_values).any(|(r, value)| (r - value).abs() >= 5) {
                continue;
            }
            tables += 1;
            let instance = pair(a as f64, b as f64, 0.0);
            let gives = |key: Option<&Key>| {
                round(&instance, 5, key, 1_000_000).expect("rounded").values == published
            };
            closest += usize::from(gives(None));
            assert!((0..5_000).any(|seed| gives(Some(&key(seed)))), "{a} + {b}");
        }
    }
    assert!(2 * closest < tables, "the closest table tells more: {closest} of {tables}");
}

proptest! {
    #[test]
    fn large_values_go_to_the_multiples_next_to_them(
        leaves in proptest::collection::vec(1_000_000_000_i64..1_000_000_000_000, 4),
        base in 2_u32..1_000,
    ) {
        let instance = table(&[2, 2], &leaves);
        let rounded = round(&instance, base, None, 100_000_000).expect("two dimensions");
        prop_assert!(adds_up(&instance, &rounded.values));
        let mut distance = 0;
        for (cell, value) in instance.cells.iter().zip(&rounded.values) {
            prop_assert_eq!(value % i64::from(base), 0);
            let by = (value - cell.value as i64).abs();
            prop_assert!(by < i64::from(base), "{} to {value}", cell.value);
            distance += by;
        }
        prop_assert!((rounded.distance - distance as f64).abs() < 1e-9, "{}", rounded.distance);
    }
}

proptest! {
    #[test]
    fn rounding_is_as_close_as_trying_everything(
        leaves in proptest::collection::vec(0_i64..40, 8),
        base in 2_u32..8,
        shape in 0_usize..3,
    ) {
        let sizes: &[usize] = [&[2, 2][..], &[4, 2], &[2, 2, 2]][shape];
        let count = sizes.iter().product::<usize>();
        let instance = table(sizes, &leaves[..count]);
        let best = oracle(&instance, sizes, i64::from(base));
        match round(&instance, base, None, 100_000_000) {
            Ok(rounded) => {
                prop_assert!(adds_up(&instance, &rounded.values));
                for (cell, value) in instance.cells.iter().zip(&rounded.values) {
                    prop_assert_eq!(value % i64::from(base), 0);
                    prop_assert!((*value as f64 - cell.value).abs() < f64::from(base));
                }
                let best = best.expect("the oracle finds one too") as f64;
                prop_assert!((rounded.distance - best).abs() < 1e-6, "{} {best}", rounded.distance);
                prop_assert!((rounded.bound - best).abs() < 1e-6);
            }
            Err(error) => {
                prop_assert_eq!(error, RoundError::Impossible);
                prop_assert_eq!(best, None);
            }
        }
    }
}
