//! Encoded files against one another: filters by their similarity, codes by being equal.

use super::codes::check;
use super::filter::{Filters, both, parsed};
use crate::assign::{Method, one_to_one};
use crate::error::LinkError;
use crate::parallel;
use crate::read::Ids;
use crate::read::plain::{Plain, columns, header};
use crate::run::Link;
use std::collections::HashMap;
use std::path::Path;

/// Comparisons at most: filters are compared each with each.
const MOST: u64 = 200_000_000_000;
/// Records of a tile, so that both sides stay in the processor's cache.
const TILE: usize = 128;

/// An encoded file.
pub struct Shown {
    /// How messages name it.
    pub name: String,
    /// The numbers of its records.
    pub serials: Ids,
    /// The name of what was encoded, with the mark of key and design.
    pub column: String,
    what: What,
}

enum What {
    /// Records without a filter have none of its bits set.
    Filters(Filters),
    /// By code, the row; a code that several records have is none's.
    Codes { rows: HashMap<String, usize>, repeated: usize },
}

/// Pairs of two encoded files.
pub struct Matched {
    /// Rows of the left and right file, and their similarity: 1 for codes.
    pub pairs: Vec<(usize, usize, f64)>,
    /// What a person should know, in sentences.
    pub notes: Vec<String>,
}

impl Shown {
    pub(super) fn of_filters(serials: Ids, column: String, filters: Filters) -> Self {
        Self { name: "filters".to_owned(), serials, column, what: What::Filters(filters) }
    }

    /// Reads an encoded file.
    ///
    /// # Errors
    /// [`LinkError`] where it cannot be read or is none, or a row's filter or code was damaged.
    pub fn read(path: &Path) -> Result<Self, LinkError> {
        let names = header(path)?;
        let is_encoded = |name: &&String| name.starts_with("filter_") || name.starts_with("code_");
        let Some(column) = names.iter().find(is_encoded).cloned() else {
            let why = "it has neither filters nor codes".to_owned();
            return Err(LinkError::Unusable { name: path.display().to_string(), why });
        };
        let plain = columns(path, &["rec_id", &column])?;
        let (serials, texts) = (plain.column(0, "rec_id")?, plain.column(1, &column)?);
        if let Some((_, row)) = serials.duplicate() {
            return Err(plain.refused(format!("the rec_id of row {} stands there twice", row + 1)));
        }
        let what = match column.starts_with("filter_") {
            true => What::Filters(filters(&plain, texts)?),
            false => codes(&plain, texts)?,
        };
        Ok(Self { name: plain.name.clone(), serials: serials.clone(), column, what })
    }
}

fn filters(plain: &Plain, texts: &Ids) -> Result<Filters, LinkError> {
    let mut filters = Filters::default();
    for row in 0..texts.len() {
        let bits = parsed(texts.get(row)).filter(|bits| row == 0 || bits.len() == filters.words);
        let Some(bits) = bits else {
            return Err(plain.refused(format!("row {} has no filter of as many bits", row + 1)));
        };
        if row == 0 {
            filters = Filters::new(0, bits.len());
        }
        filters.push(&bits);
    }
    Ok(filters)
}

fn codes(plain: &Plain, texts: &Ids) -> Result<What, LinkError> {
    let (mut rows, mut often) = (HashMap::new(), HashMap::<String, usize>::new());
    for row in 0..texts.len() {
        let text = texts.get(row).trim();
        if text.is_empty() {
            continue;
        }
        let body = text.get(..26).filter(|body| text.len() == 28 && text[26..] == check(body));
        if body.is_none() {
            return Err(
                plain.refused(format!("the code of row {} has wrong check letters", row + 1))
            );
        }
        *often.entry(text.to_owned()).or_insert(0) += 1;
        rows.insert(text.to_owned(), row);
    }
    rows.retain(|text, _| often[text] == 1);
    let repeated = often.values().filter(|count| **count > 1).count();
    Ok(What::Codes { rows, repeated })
}

/// The pairs of two encoded files, one partner each: filters of at least this similarity (Dice), chosen
/// so that what they have above it is greatest in sum; or records of one code.
///
/// # Errors
/// [`LinkError::Unusable`] for files that were not made alike, or too large to be compared.
pub fn matched(
    left: &Shown,
    right: &Shown,
    least: f64,
    threads: usize,
) -> Result<Matched, LinkError> {
    let unusable = |why: String| Err(LinkError::Unusable { name: right.name.clone(), why });
    if left.column != right.column {
        return unusable(format!(
            "its {} was not made with the key and design of {} ({})",
            right.column, left.name, left.column
        ));
    }
    match (&left.what, &right.what) {
        (What::Filters(a), What::Filters(b)) => {
            let all = a.len() as u64 * b.len() as u64;
            if all > MOST || (a.words != b.words && all > 0) {
                return unusable(format!(
                    "{all} comparisons of {} and {} words; {MOST} at most, of as many bits",
                    a.words, b.words
                ));
            }
            let links = similar(a, b, least, threads);
            let found = links.len();
            let kept = one_to_one(&links, a.len(), b.len(), Method::Optimal, 0.0);
            let pair = |link: &Link| (link.left as usize, link.right as usize, link.probability);
            let notes = vec![format!(
                "{all} pairs compared, {found} of similarity {least} and more, {} with one partner each; \
                 no model: nothing here says how many are true",
                kept.len()
            )];
            Ok(Matched { pairs: kept.iter().map(pair).collect(), notes })
        }
        (What::Codes { rows: a, repeated: x }, What::Codes { rows: b, repeated: y }) => {
            let mut pairs: Vec<(usize, usize, f64)> =
                a.iter().filter_map(|(code, row)| Some((*row, *b.get(code)?, 1.0))).collect();
            pairs.sort_by_key(|(left, right, _)| (*left, *right));
            let notes = vec![format!(
                "{} codes in both files; {x} and {y} codes stand on several records, and match none",
                pairs.len()
            )];
            Ok(Matched { pairs, notes })
        }
        _ => unusable("one file has filters and the other codes".to_owned()),
    }
}

/// Pairs of at least a similarity, as links whose weight is what they have above it.
fn similar(a: &Filters, b: &Filters, least: f64, threads: usize) -> Vec<Link> {
    let (ones_a, ones_b) = (a.counts(), b.counts());
    let tiles = parallel::map(a.len().div_ceil(TILE), threads, |tile, (): &mut ()| {
        let rows = tile * TILE..((tile + 1) * TILE).min(a.len());
        let mut found = Vec::new();
        for others in (0..b.len()).step_by(TILE) {
            for left in rows.clone() {
                let ones = ones_b.iter().enumerate().skip(others).take(TILE);
                found.extend(ones.filter_map(|(right, y)| {
                    let (x, y) = (ones_a[left], *y);
                    // Both can have no more in common than the emptier one has.
                    if f64::from(2 * x.min(y)) < least * f64::from(x + y) || x + y == 0 {
                        return None;
                    }
                    let dice = f64::from(2 * both(a.get(left), b.get(right))) / f64::from(x + y);
                    (dice >= least).then_some((left, right, dice))
                }));
            }
        }
        found
    });
    let row = |at: usize| u32::try_from(at).expect("rows are u32");
    let link = |(left, right, dice): (usize, usize, f64)| Link {
        left: row(left),
        right: row(right),
        // Above the least, and never worth nothing.
        weight: dice - least + 1e-9,
        probability: dice,
        pattern: 0,
    };
    let mut links: Vec<Link> = tiles.into_iter().flatten().map(link).collect();
    links.sort_by_key(|link| (link.left, link.right));
    links
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::private::filter::dice;
    use proptest::prelude::*;

    fn filters_of(rows: &[Vec<u64>]) -> Filters {
        let mut filters = Filters::new(0, 2);
        for row in rows {
            filters.push(row);
        }
        filters
    }

    proptest! {
        #[test]
        fn tiles_agree_with_all_pairs(
            a in prop::collection::vec(prop::collection::vec(any::<u64>(), 2), 1..9),
            b in prop::collection::vec(prop::collection::vec(any::<u64>(), 2), 1..9),
            least in 0.0..1.0_f64, copies in 1..40_usize,
        ) {
            let many: Vec<Vec<u64>> = a.iter().cycle().take(a.len() * copies).cloned().collect();
            let found = similar(&filters_of(&many), &filters_of(&b), least, 2);
            let mut naive = Vec::new();
            for (left, x) in (0..).zip(&many) {
                for (right, y) in (0..).zip(&b) {
                    if dice(x, y) >= least {
                        naive.push((left, right));
                    }
                }
            }
            prop_assert_eq!(found.iter().map(|link| (link.left, link.right)).collect::<Vec<_>>(), naive);
        }
    }
}
