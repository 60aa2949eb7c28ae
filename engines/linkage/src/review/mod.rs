//! What people said of pairs: labels, what they teach the model, and the precision that they measure.

pub mod sample;

use crate::error::LinkError;
use crate::model::{Cut, Share};
use crate::read::plain::columns;
use crate::run::Link;
use std::collections::HashMap;
use std::path::Path;

/// Labels of pairs, by their ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels {
    /// How messages name their file.
    pub name: String,
    /// Ids and whether they are one, in the order of the file.
    pub pairs: Vec<(String, String, bool)>,
    /// Lines without a judgement: empty, or unsure.
    pub undecided: usize,
}

const YES: [&str; 8] = ["match", "1", "true", "yes", "y", "oui", "vrai", "o"];
const NO: [&str; 10] =
    ["non-match", "nonmatch", "non_match", "0", "false", "no", "n", "non", "faux", "different"];
const UNDECIDED: [&str; 6] = ["", "unsure", "?", "doute", "incertain", "skip"];

impl Labels {
    /// Reads `id_a,id_b,label` from CSV or Parquet; labels are `match` or `non-match`, 1 or 0, yes or no,
    /// oui or non. What is empty or unsure is no label.
    ///
    /// # Errors
    /// [`LinkError`] where the file cannot be read, a label is another word, or two labels of one pair
    /// contradict each other.
    pub fn read(path: &Path) -> Result<Self, LinkError> {
        let plain = columns(path, &["id_a", "id_b", "label"])?;
        let [a, b] = [plain.column(0, "id_a")?, plain.column(1, "id_b")?];
        let words = plain.column(2, "label")?;
        let mut labels = Self { name: plain.name.clone(), ..Self::default() };
        for row in 0..plain.len() {
            let word = words.get(row).trim().to_lowercase();
            let is = |words: &[&str]| words.contains(&word.as_str());
            match (is(&YES), is(&NO), is(&UNDECIDED)) {
                (false, false, true) => labels.undecided += 1,
                (false, false, false) => {
                    let why =
                        format!("the label of row {} is neither match nor non-match", row + 1);
                    return Err(plain.refused(why));
                }
                (is_match, ..) => {
                    labels.pairs.push((a.get(row).to_owned(), b.get(row).to_owned(), is_match));
                }
            }
        }
        match labels.pairs.is_empty() {
            true => Err(plain.refused("it has no label")),
            false => Ok(labels),
        }
    }

    /// The labels by rows of records; `row` finds an id of the left (0) or right (1) file. Pairs within
    /// one file have the smaller row first. Labels of records that are not there are counted.
    ///
    /// # Errors
    /// [`LinkError::Unusable`] for two labels that contradict each other, or where none is of the files.
    pub(crate) fn by_row(
        &self,
        is_dedupe: bool,
        row: impl Fn(usize, &str) -> Option<u32>,
    ) -> Result<(Known, usize), LinkError> {
        let refused = |why| LinkError::Unusable { name: self.name.clone(), why };
        let (mut known, mut absent) = (Known::new(), 0);
        for (a, b, is_match) in &self.pairs {
            let (Some(left), Some(right)) = (row(0, a), row(1, b)) else {
                absent += 1;
                continue;
            };
            let pair = if is_dedupe && left > right { (right, left) } else { (left, right) };
            if known.insert(pair, *is_match).is_some_and(|before| before != *is_match) {
                return Err(refused(format!(
                    "two labels of the pair {a:?}, {b:?} contradict each other"
                )));
            }
        }
        match known.is_empty() {
            true => Err(refused("no label is of records of these files".to_owned())),
            false => Ok((known, absent)),
        }
    }
}

/// Whether pairs of rows are one.
pub(crate) type Known = HashMap<(u32, u32), bool>;

/// What labels changed and measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Review {
    /// Labels that were used.
    pub labels: usize,
    /// Those that say match.
    pub matches: usize,
    /// Matches among them that no rule compares.
    pub missed: usize,
    /// Labels of records that are not in the files.
    pub absent: usize,
    /// Lines without a judgement.
    pub undecided: usize,
    /// The cut of the model without labels.
    pub before: Cut,
    /// Labelled pairs among the links of the refitted model, and how many of them are true.
    pub among_links: (usize, usize),
    /// The precision that they measure; unknown where there are too few.
    pub precision: Option<Share>,
}

/// Labels in a band at least, and bands' worth of them in all at least.
const IN_BAND: usize = 20;

/// Precision of links by the labels of some of them: links are cut into bands by weight so that each has
/// [`IN_BAND`] labels, each band counts by its links, not by its labels, so that a sample may take more
/// of what is doubtful. `None` with fewer labels than one band needs. Within a band the labelled pairs
/// must be a random choice.
///
/// The interval is Wilson's (1927) of 95 % with the effective number of labels that weighting leaves,
/// `1 / sum(share² / labels)` (Kish 1965).
pub(crate) fn precision(links: &[Link], known: &Known) -> ((usize, usize), Option<Share>) {
    let mut order: Vec<&Link> = links.iter().collect();
    order.sort_by(|a, b| {
        b.weight.total_cmp(&a.weight).then(a.left.cmp(&b.left)).then(a.right.cmp(&b.right))
    });
    let mut bands: Vec<Band> = Vec::new();
    let mut open = Band::default();
    for link in order {
        open.links += 1;
        if let Some(is_match) = known.get(&(link.left, link.right)) {
            open.labels += 1;
            open.good += usize::from(*is_match);
        }
        if open.labels == IN_BAND {
            bands.push(std::mem::take(&mut open));
        }
    }
    // What is left of the last band, which has too few labels to stand alone, belongs to the one before.
    let rest = match bands.last_mut() {
        Some(last) => {
            last.links += open.links;
            last.labels += open.labels;
            last.good += open.good;
            true
        }
        None => false,
    };
    if !rest {
        return ((open.labels, open.good), None);
    }
    let sum = |of: fn(&Band) -> usize| bands.iter().map(of).sum::<usize>();
    let all = sum(|band| band.links) as f64;
    let (mut value, mut spread) = (0.0, 0.0);
    for band in &bands {
        let share = band.links as f64 / all;
        value += share * band.good as f64 / band.labels as f64;
        spread += share * share / band.labels as f64;
    }
    ((sum(|band| band.labels), sum(|band| band.good)), Some(wilson(value, 1.0 / spread)))
}

#[derive(Default)]
struct Band {
    links: usize,
    labels: usize,
    good: usize,
}

/// Wilson's interval of 95 % for a share seen in `count` cases.
fn wilson(value: f64, count: f64) -> Share {
    const Z: f64 = 1.959_964;
    let (middle, scale) = (value + Z * Z / (2.0 * count), 1.0 + Z * Z / count);
    let half = Z * (value * (1.0 - value) / count + Z * Z / (4.0 * count * count)).sqrt();
    let within = |end: f64| (end / scale).clamp(0.0, 1.0);
    Share { value, low: within(middle - half), high: within(middle + half) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<Labels, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("l.csv");
        std::fs::write(&path, text).unwrap();
        Labels::read(&path).map_err(|error| error.to_string())
    }

    #[test]
    fn labels_are_words_of_two_languages_and_nothing_else() {
        let labels =
            read("id_a,id_b,label,who\na,b,Match,x\nc,d,non,x\ne,f,,x\ng,h,1,y\n").unwrap();
        let told: Vec<bool> = labels.pairs.iter().map(|(.., is_match)| *is_match).collect();
        assert_eq!((told, labels.undecided), (vec![true, false, true], 1));
        assert!(read("id_a,id_b,label\na,b,perhaps\n").unwrap_err().contains("row 1"));
        assert!(read("id_a,id_b,label\na,b,\n").unwrap_err().contains("no label"));
        assert!(read("id_a,id_b\na,b\n").unwrap_err().contains("no column label"));
    }

    #[test]
    fn contradictions_are_refused_and_absent_records_counted() {
        let labels = read("id_a,id_b,label\n1,2,1\n2,1,0\n9,1,1\n").unwrap();
        let row = |_: usize, id: &str| id.parse().ok().filter(|row| *row < 5);
        assert!(labels.by_row(true, row).unwrap_err().to_string().contains("contradict"));
        let (known, absent) = labels.by_row(false, row).unwrap();
        assert_eq!((known.len(), absent), (2, 1));
        assert!(labels.by_row(false, |_, _| None).is_err());
    }

    fn links(count: u32) -> Vec<Link> {
        let link = |at: u32| Link {
            left: at,
            right: at,
            weight: f64::from(count - at),
            probability: 0.9,
            pattern: 0,
        };
        (0..count).map(link).collect()
    }

    #[test]
    fn bands_count_by_their_links() {
        // 1,000 sure links with 20 labels, all true; 100 doubtful ones with 20, half true.
        let mut known: Known = (0..20).map(|at| ((at * 50, at * 50), true)).collect();
        known.extend((0..20).map(|at| ((1000 + at * 5, 1000 + at * 5), at % 2 == 0)));
        let (among, precision) = precision(&links(1100), &known);
        assert_eq!(among, (40, 30));
        let share = precision.unwrap();
        let last = 1000 - 19 * 50 - 1; // links between the last sure label and the first doubtful one
        let expected = 1.0 - f64::from(100 + last) / 1100.0 * 0.5;
        assert!((share.value - expected).abs() < 1e-9, "{share:?} {expected}");
        assert!(share.low < expected && expected < share.high && share.low > 0.7);
    }

    #[test]
    fn few_labels_measure_nothing() {
        let known: Known = (0..19).map(|at| ((at, at), true)).collect();
        assert_eq!(precision(&links(100), &known), ((19, 19), None));
    }

    proptest! {
        /// The interval is where the score test accepts: ends satisfy (value - p)² = z² p (1 - p) / n.
        #[test]
        fn wilson_solves_the_score_equation(good in 0..200_u32, bad in 0..200_u32) {
            prop_assume!(good + bad > 0);
            let count = f64::from(good + bad);
            let share = wilson(f64::from(good) / count, count);
            for end in [share.low, share.high] {
                let gap = (share.value - end).powi(2) - 1.959_964_f64.powi(2) * end * (1.0 - end) / count;
                prop_assert!(gap.abs() < 1e-9, "{gap}");
            }
        }
    }
}
