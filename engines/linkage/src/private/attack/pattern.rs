//! Patterns: bits that are set together belong to one part of a name, and how often they are tells
//! which (after Christen, Ranbaduge, Vatsalan and Schnell 2018, who mine such sets by Apriori).

use super::{Seen, mutual};
use crate::cluster::Union;

/// Parts that are looked for: the commonest, but for those that hardly any record lacks.
const PARTS: usize = 48;
/// Two bits are one part's from this correlation on.
const TOGETHER: f64 = 0.4;

/// Which of the records have something.
type Marks = Vec<bool>;

pub(super) fn guesses(seen: &Seen<'_>) -> Vec<Option<u32>> {
    let parts = common_parts(seen);
    let sets = bit_sets(seen);
    let named = named(&parts, &sets);
    if named.is_empty() {
        return vec![None; seen.filters.len()];
    }
    let distance = |filter: usize, record: usize| {
        let differ = |(part, set): &&(usize, usize)| parts[*part][record] != sets[*set][filter];
        named.iter().filter(differ).count() as f64
    };
    mutual(seen.parts.len(), distance).into_iter().map(|(guess, _)| guess).collect()
}

fn share(marks: &Marks) -> f64 {
    marks.iter().filter(|mark| **mark).count() as f64 / marks.len() as f64
}

fn both(a: &Marks, b: &Marks) -> f64 {
    a.iter().zip(b).filter(|(a, b)| **a && **b).count() as f64 / a.len() as f64
}

/// Who has each of the commonest parts.
fn common_parts(seen: &Seen<'_>) -> Vec<Marks> {
    let count = seen.parts.iter().flatten().max().map_or(0, |part| *part as usize + 1);
    let mut sizes = vec![0_usize; count];
    seen.parts.iter().flatten().for_each(|part| sizes[*part as usize] += 1);
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by_key(|part| (std::cmp::Reverse(sizes[*part]), *part));
    let all = seen.parts.len();
    let of_use = order.into_iter().filter(|part| sizes[*part] * 10 <= all * 9);
    let has = |part: usize| -> Marks {
        let part = u32::try_from(part).expect("parts are u32");
        seen.parts.iter().map(|parts| parts.binary_search(&part).is_ok()).collect()
    };
    of_use.take(PARTS).map(has).collect()
}

/// Sets of bits that go together, as the filters that have nine in ten of them.
fn bit_sets(seen: &Seen<'_>) -> Vec<Marks> {
    let bits = seen.filters.words * 64;
    let column = |bit: usize| -> Marks {
        let of = |at: usize| seen.filters.get(at)[bit / 64] >> (bit % 64) & 1 == 1;
        (0..seen.filters.len()).map(of).collect()
    };
    let columns: Vec<Marks> = (0..bits).map(column).collect();
    let packed: Vec<Vec<u64>> = columns.iter().map(packed).collect();
    let counts: Vec<f64> = columns.iter().map(share).collect();
    let all = seen.filters.len() as f64;
    let mut sets = Union::new(bits);
    for a in 0..bits {
        for b in 0..a {
            let together = f64::from(super::super::filter::both(&packed[a], &packed[b])) / all;
            let spread = (counts[a] * (1.0 - counts[a]) * counts[b] * (1.0 - counts[b])).sqrt();
            if spread > 1e-9 && (together - counts[a] * counts[b]) / spread >= TOGETHER {
                sets.join(a, b);
            }
        }
    }
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); bits];
    (0..bits).for_each(|bit| members[sets.root(bit)].push(bit));
    let is_set = |members: &Vec<usize>| (3..=64).contains(&members.len());
    let marks = |members: Vec<usize>| -> Marks {
        let has = |at: usize| {
            members.iter().filter(|bit| columns[**bit][at]).count() * 10 >= members.len() * 9
        };
        (0..seen.filters.len()).map(has).collect()
    };
    members.into_iter().filter(is_set).map(marks).collect()
}

fn packed(marks: &Marks) -> Vec<u64> {
    let word = |chunk: &[bool]| {
        chunk.iter().enumerate().fold(0, |word, (at, mark)| word | u64::from(*mark) << at)
    };
    marks.chunks(64).map(word).collect()
}

/// Which part each set of bits is: by how often it is there, and how often with those that are named.
fn named(parts: &[Marks], sets: &[Marks]) -> Vec<(usize, usize)> {
    let (shares, seen): (Vec<f64>, Vec<f64>) =
        (parts.iter().map(share).collect(), sets.iter().map(share).collect());
    let mut named: Vec<(usize, usize)> = Vec::new();
    loop {
        let mut best: Option<(f64, usize, usize)> = None;
        for set in (0..sets.len()).filter(|set| named.iter().all(|(_, known)| known != set)) {
            for part in (0..parts.len()).filter(|part| named.iter().all(|(known, _)| known != part))
            {
                let mut gap = (shares[part] - seen[set]).abs();
                for (other, known) in &named {
                    let with = both(&parts[part], &parts[*other]) - both(&sets[set], &sets[*known]);
                    gap += with.abs();
                }
                gap /= (named.len() + 1) as f64;
                if best.is_none_or(|best| gap < best.0) {
                    best = Some((gap, part, set));
                }
            }
        }
        match best {
            Some((gap, part, set)) if gap < 0.03 => named.push((part, set)),
            _ => return named,
        }
    }
}
