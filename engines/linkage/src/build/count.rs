//! How rare values are.

use crate::normalise::date;
use crate::records::{BIRTH, FAMILY, FIRM, GIVEN, OTHER, PLACE, Records, SLOTS, Side, bin};

impl Records {
    /// Counts values over both files and notes how rare each is.
    pub(super) fn count(&mut self) {
        let total = self.left.len() + self.right.as_ref().map_or(0, Side::len);
        let sides = [Some(&self.left), self.right.as_ref()];
        let counts = |slot: usize, size: usize| {
            let mut counts = vec![0_u32; size];
            for code in sides.iter().flatten().flat_map(|side| side.column(slot)) {
                counts[code as usize] += 1;
            }
            counts
        };
        let values = &mut self.values;
        let mut words = vec![0_u32; values.tokens.len()];
        for (family, count) in values.families.iter().zip(counts(FAMILY, values.families.len())) {
            words[family.birth as usize] += count;
        }
        for family in &mut values.families {
            family.bin = bin(words[family.birth as usize], total, [2e-5, 1e-4, 6e-4]);
        }
        words.fill(0);
        for (given, count) in values.givens.iter().zip(counts(GIVEN, values.givens.len())) {
            words[given.names.first as usize] += count;
        }
        for given in &mut values.givens {
            given.bin = bin(words[given.names.first as usize], total, [1e-4, 1e-3, 5e-3]);
        }
        let rare = |count: u32| bin(count, total, [1e-4, 1e-3, 5e-3]);
        values.place_bins = counts(PLACE, values.places.len()).into_iter().map(rare).collect();
        // A name that a few records have may be one firm's.
        let common = |count: u32| count > 4 && f64::from(count) > 5e-5 * total as f64;
        values.common_firms = counts(FIRM, values.texts.len()).into_iter().map(common).collect();
        let mut texts = vec![0; values.texts.len()];
        for slot in OTHER..SLOTS {
            for (sum, count) in texts.iter_mut().zip(counts(slot, values.texts.len())) {
                *sum += count;
            }
        }
        values.text_bins = texts.into_iter().map(rare).collect();
        self.find_default_dates(total);
    }

    /// A date that far more records have than people can be born on a day stands for "unknown".
    fn find_default_dates(&mut self, total: usize) {
        let sides = [Some(&self.left), self.right.as_ref()];
        let dates = sides.iter().flatten().flat_map(|side| side.column(BIRTH));
        let mut dates: Vec<u64> = dates.filter(|date| *date != 0).map(u64::from).collect();
        crate::radix::sort(&mut dates, &mut Vec::new(), 0, 32);
        let runs = dates.chunk_by(|a, b| a == b);
        let runs = runs.map(|run| (u32::try_from(run[0]).expect("eight digits"), run.len()));
        self.values.default_dates = defaults(&runs.collect::<Vec<_>>(), total);
    }
}

/// Dates of which no more than this are too few to tell what is common.
const FEW_DATES: usize = 10;

/// The dates, among those given with their counts, that stand for "unknown": more than 50 records
/// have each, and
/// - one record in 2,000, and 20 times as many as the mean date has; or
/// - one record in 500, a whole date, and 20 times as many as the mean of all other dates or
///   hardly any other date to compare with: so one date for all is found, and the dates of a study
///   of one year's births, each of which one record in 365 has, are not.
fn defaults(runs: &[(u32, usize)], total: usize) -> Vec<u32> {
    let known: usize = runs.iter().map(|(_, count)| count).sum();
    let mean = known as f64 / runs.len().max(1) as f64;
    let is_default = |(date, count): &&(u32, usize)| {
        let share = *count as f64 / total.max(1) as f64;
        let of_others = (known - count) as f64 / (runs.len() - 1).max(1) as f64;
        let (_, month, day) = date::parts(*date);
        let is_whole = month != 0 && day != 0;
        let is_far = *count as f64 > 20.0 * of_others || runs.len() < FEW_DATES;
        *count > 50
            && (share > 1.0 / 2000.0 && *count as f64 > 20.0 * mean
                || share > 1.0 / 500.0 && is_whole && is_far)
    };
    runs.iter().filter(is_default).map(|(date, _)| *date).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_date_for_all_is_unknown() {
        assert_eq!(defaults(&[(19_000_101, 30_000)], 30_000), [19_000_101]);
        let mut few: Vec<(u32, usize)> = (1..200).map(|at| (19_700_000 + at, 1)).collect();
        few.push((19_000_101, 900));
        assert_eq!(defaults(&few, 1_100), [19_000_101]);
        assert!(defaults(&[(19_000_101, 40)], 40).is_empty(), "too few records to tell");
    }

    #[test]
    fn the_dates_of_a_study_of_births_and_years_alone_are_known() {
        let year: Vec<(u32, usize)> = (1..=365).map(|at| (20_110_100 + at, 100)).collect();
        assert!(defaults(&year, 36_500).is_empty());
        let years: Vec<(u32, usize)> = (1950..1955).map(|at| (at * 10_000, 5_000)).collect();
        assert!(defaults(&years, 25_000).is_empty());
    }
}
