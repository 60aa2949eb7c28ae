//! Least-significant-digit radix sort of numbers: linear, stable, the same at every run.

/// Sorts by the bits `from..to`; equal ones keep their order. `spare` is scratch space.
pub fn sort(values: &mut Vec<u64>, spare: &mut Vec<u64>, from: u32, to: u32) {
    if values.len() < 64 {
        let mask = if to - from == 64 { u64::MAX } else { (1 << (to - from)) - 1 };
        values.sort_by_key(|value| value >> from & mask);
        return;
    }
    spare.clear();
    spare.resize(values.len(), 0);
    let mut shift = from;
    while shift < to {
        let bits = (to - shift).min(11);
        pass(values, spare, shift, bits);
        shift += bits;
    }
}

fn pass(values: &mut Vec<u64>, spare: &mut Vec<u64>, shift: u32, bits: u32) {
    let digit = |value: u64| ((value >> shift) & ((1 << bits) - 1)) as usize;
    let mut places = [0_usize; 1 << 11];
    for value in values.iter() {
        places[digit(*value)] += 1;
    }
    if places[digit(values[0])] == values.len() {
        return;
    }
    let mut sum = 0;
    for place in &mut places[..1 << bits] {
        sum += std::mem::replace(place, sum);
    }
    for value in values.iter() {
        let place = &mut places[digit(*value)];
        spare[*place] = *value;
        *place += 1;
    }
    std::mem::swap(values, spare);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_sorts_as_the_standard_library_does(
            mut values in prop::collection::vec(any::<u64>(), 0..500), from in 0..30_u32, bits in 1..34_u32,
        ) {
            let mut expected = values.clone();
            expected.sort_by_key(|value| value >> from & ((1 << bits) - 1));
            sort(&mut values, &mut Vec::new(), from, from + bits);
            prop_assert_eq!(values, expected);
        }
    }
}
