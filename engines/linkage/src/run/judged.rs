//! From compared pairs to a model and links, with what numbers of firms and labels say.

use super::chosen;
use super::{Link, Options};
use crate::block::Candidates;
use crate::error::LinkError;
use crate::model::{Cascade, Cut, Model, Row, Truth, fit};
use crate::read::Table;
use crate::records::Records;
use crate::review::{Known, Review, precision};
use crate::spec::Plan;
use std::collections::{BTreeMap, HashMap};

/// How many pairs of its pattern one labelled pair counts for when the model is fitted: a label is sure,
/// and pairs without one are taken for this or that by what the model thinks.
const LABEL: f64 = 5.0;

/// What was decided of the compared pairs.
pub(super) struct Judged {
    pub model: Model,
    pub links: Vec<Link>,
    pub cut: Cut,
    pub review: Option<Review>,
}

/// A linkage after its pairs were compared.
pub(super) struct Judge<'a> {
    pub records: &'a Records,
    pub plan: &'a Plan,
    pub candidates: &'a Candidates,
    pub options: &'a Options,
    pub cascade: Option<Cascade>,
}

/// The labels by rows, and how many are of records that are not there.
pub(super) fn known(
    left: &Table,
    right: Option<&Table>,
    options: &Options,
) -> Result<Option<(Known, usize)>, LinkError> {
    let Some(labels) = &options.labels else { return Ok(None) };
    let is_one = right.is_none() || options.is_addition;
    let mut rows: [HashMap<&str, u32>; 2] = [HashMap::new(), HashMap::new()];
    let mut next = 0_u32;
    for (at, table) in std::iter::once(left).chain(right).enumerate() {
        for row in 0..table.len() {
            rows[if is_one { 0 } else { at }].insert(table.ids.get(row), next);
            next += 1;
        }
        next = if is_one { next } else { 0 };
    }
    let row = |side: usize, id: &str| rows[if is_one { 0 } else { side }].get(id).copied();
    labels.by_row(is_one, row).map(Some)
}

impl Judge<'_> {
    /// Fits the model and chooses the links. With labels the model is fitted twice, without and with
    /// them, so that what they change can be told.
    pub fn judged(&self, known: Option<(Known, usize)>) -> Judged {
        let bare = self.model(&self.rows(&BTreeMap::new()));
        let (links, cut) = self.links(&bare, &Known::new());
        let Some((known, absent)) = known else {
            return Judged { model: bare, links, cut, review: None };
        };
        let patterns = self.labelled(&known);
        let compared: usize = patterns.values().map(|count| count[0] as usize).sum();
        let matches = known.values().filter(|is_match| **is_match).count();
        let model = self.model(&self.rows(&patterns));
        let (open, open_cut) = self.links(&model, &Known::new());
        let sure: Vec<Link> =
            open.into_iter().filter(|link| link.probability >= open_cut.probability).collect();
        let (among_links, measured) = precision(&sure, &known);
        let (links, after) = self.links(&model, &known);
        let review = Review {
            labels: known.len(),
            matches,
            missed: matches - compared,
            absent,
            undecided: self.options.labels.as_ref().map_or(0, |labels| labels.undecided),
            before: cut,
            among_links,
            precision: measured,
        };
        Judged { model, links, cut: after, review: Some(review) }
    }

    fn model(&self, rows: &[Row]) -> Model {
        match (&self.options.spec.given, &self.options.kept) {
            (Some(given), _) => given.model(self.records, &self.plan.kinds),
            (_, Some(kept)) => kept.model(&self.plan.kinds, rows),
            _ => fit(&self.plan.kinds, rows, self.options.model),
        }
    }

    fn links(&self, model: &Model, known: &Known) -> (Vec<Link>, Cut) {
        let mut odds = model.odds(&self.candidates.patterns);
        if let Some(cascade) = self.cascade {
            cascade.settle(&self.candidates.patterns, &mut odds);
        }
        chosen::links(self.records, self.candidates, &odds, known, self.options)
    }

    /// Labelled matches and others by pattern.
    fn labelled(&self, known: &Known) -> BTreeMap<u32, [u32; 2]> {
        let mut patterns = BTreeMap::new();
        let all = self.candidates.pairs.iter().zip(&self.candidates.pattern_of);
        for (pair, pattern) in all {
            if let Some(is_match) = known.get(pair) {
                let counts: &mut [u32; 2] = patterns.entry(*pattern).or_default();
                counts[usize::from(!is_match)] += 1;
            }
        }
        patterns
    }

    /// What the model is fitted to.
    fn rows(&self, labelled: &BTreeMap<u32, [u32; 2]>) -> Vec<Row> {
        let mut rows = Row::all(&self.candidates.patterns, &self.candidates.counts);
        if let Some(cascade) = self.cascade {
            for row in &mut rows {
                row.truth = cascade.truth(row.pattern);
            }
        }
        for (pattern, counts) in labelled {
            let place = *pattern as usize;
            rows[place].count -= f64::from(counts[0] + counts[1]);
            let pattern = rows[place].pattern;
            for (count, truth) in counts.iter().zip([Truth::Match, Truth::Other]) {
                if *count > 0 {
                    rows.push(Row { pattern, count: LABEL * f64::from(*count), truth });
                }
            }
        }
        rows
    }
}
