//! Frequencies: a filter that as many records have as one value is that value.

use super::Seen;
use std::collections::HashMap;
use std::hash::Hash;

/// Guesses for all filters of a group whose size one group of records has, and no other on either
/// side; a group of one is a group like any other, of which there are usually many.
pub(super) fn guesses(seen: &Seen<'_>) -> Vec<Option<u32>> {
    let filters = groups((0..seen.filters.len()).map(|at| seen.filters.get(at)));
    let records = groups(seen.parts.iter());
    let mut guesses = vec![None; seen.filters.len()];
    for (size, group) in &filters {
        let (Some(group), Some(Some(record))) = (group, records.get(size)) else { continue };
        // Within a group nothing tells the records apart: each filter gets one of them.
        for (filter, record) in group.iter().zip(record) {
            guesses[*filter as usize] = Some(*record);
        }
    }
    guesses
}

/// By size, the members of the only group of that size; none where several have it.
fn groups<T: Hash + Eq>(values: impl Iterator<Item = T>) -> HashMap<usize, Option<Vec<u32>>> {
    let mut members: HashMap<T, Vec<u32>> = HashMap::new();
    for (at, value) in (0..).zip(values) {
        members.entry(value).or_default().push(at);
    }
    let mut by_size: HashMap<usize, Option<Vec<u32>>> = HashMap::new();
    for group in members.into_values() {
        by_size.entry(group.len()).and_modify(|only| *only = None).or_insert(Some(group));
    }
    by_size
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::private::filter::Filters;

    #[test]
    fn values_are_told_by_how_many_records_have_them() {
        // Five records of one value, three of another, and four values of one record each.
        let values = [7, 7, 7, 7, 7, 8, 8, 8, 1, 2, 3, 4_u32];
        let parts: Vec<Vec<u32>> = values.iter().map(|value| vec![*value]).collect();
        let mut filters = Filters::new(0, 1);
        for value in values.iter().rev() {
            filters.push(&[u64::from(*value) * 0x9E37_79B9]);
        }
        let found = guesses(&Seen { parts: &parts, filters: &filters });
        for (at, guess) in found.iter().enumerate() {
            let value = values[values.len() - 1 - at];
            let expected = (value > 6).then_some(value);
            assert_eq!(guess.map(|guess| values[guess as usize]), expected, "filter {at}");
        }
    }
}
