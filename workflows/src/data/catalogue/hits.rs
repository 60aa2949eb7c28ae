//! Looking words up in the index, and gathering the documents that have them by their source.

use std::{collections::HashMap, sync::Arc};

use tantivy::{
    DocAddress, DocId, Score, Searcher, SegmentOrdinal, SegmentReader, Term,
    collector::{Collector, SegmentCollector},
    columnar::ColumnValues,
    query::{BooleanQuery, FuzzyTermQuery, Query, TermQuery},
    schema::IndexRecordOption,
};

use super::{
    index::{Outcome, TextIndex},
    words::stem,
};

/// Variables kept of a source that was found by them.
const MATCHES: usize = 3;

/// The documents that have every word, gathered by source.
pub(super) fn look_up(
    index: &TextIndex,
    searcher: &Searcher,
    words: &[String],
) -> Outcome<HashMap<u64, Hit>> {
    let mut clauses: Vec<Box<dyn Query>> = Vec::new();
    for word in words {
        let exact = Term::from_field_text(index.fields.exact, word);
        let root = Term::from_field_text(index.fields.stem, &stem(word));
        let known = searcher.doc_freq(&exact)? + searcher.doc_freq(&root)? > 0;
        let frequencies = IndexRecordOption::WithFreqs;
        let ways: Vec<Box<dyn Query>> = if known {
            vec![
                Box::new(TermQuery::new(exact, frequencies)),
                Box::new(TermQuery::new(root, frequencies)),
            ]
        } else {
            // A word that stands nowhere is a slip or a beginning; on stems a fuzzy search would
            // compare with what nobody wrote, so it runs on the exact field alone.
            let distance = match word.chars().count() {
                0..=3 => 0,
                4..=7 => 1,
                _ => 2,
            };
            vec![
                Box::new(FuzzyTermQuery::new(exact.clone(), distance, true)),
                Box::new(FuzzyTermQuery::new_prefix(exact, 0, true)),
            ]
        };
        clauses.push(Box::new(BooleanQuery::union(ways)));
    }
    Ok(searcher.search(&BooleanQuery::intersection(clauses), &BySource)?)
}

/// What was found of one source.
#[derive(Debug, Default)]
pub(super) struct Hit {
    /// Variables.
    pub(super) variables: u32,
    /// The best score of the source or its variables.
    pub(super) score: Score,
    /// The best variables, best first.
    pub(super) best: Vec<(Score, DocAddress)>,
}

impl Hit {
    fn add(&mut self, score: Score, variable: Option<DocAddress>) {
        self.score = self.score.max(score);
        let Some(address) = variable else { return };
        self.variables += 1;
        self.keep(score, address);
    }

    fn keep(&mut self, score: Score, address: DocAddress) {
        let place = self.best.partition_point(|(other, _)| *other >= score);
        if place < MATCHES {
            self.best.insert(place, (score, address));
            self.best.truncate(MATCHES);
        }
    }
}

/// Gathers hits by their source.
struct BySource;

struct BySourceInSegment {
    segment: SegmentOrdinal,
    key: Arc<dyn ColumnValues<u64>>,
    variable: Arc<dyn ColumnValues<u64>>,
    /// The documents of a source stand together: the last one's hit is at hand.
    last: Option<(u64, Hit)>,
    hits: HashMap<u64, Hit>,
}

impl Collector for BySource {
    type Fruit = HashMap<u64, Hit>;
    type Child = BySourceInSegment;

    fn for_segment(
        &self,
        segment: SegmentOrdinal,
        reader: &SegmentReader,
    ) -> tantivy::Result<BySourceInSegment> {
        let column = |name: &str| reader.fast_fields().u64(name);
        Ok(BySourceInSegment {
            segment,
            key: column("key")?.first_or_default_col(0),
            variable: column("variable")?.first_or_default_col(0),
            last: None,
            hits: HashMap::new(),
        })
    }

    fn requires_scoring(&self) -> bool {
        true
    }

    fn merge_fruits(&self, fruits: Vec<HashMap<u64, Hit>>) -> tantivy::Result<HashMap<u64, Hit>> {
        let mut fruits = fruits.into_iter();
        let mut all = fruits.next().unwrap_or_default();
        for (key, hit) in fruits.flatten() {
            merge(&mut all, key, hit);
        }
        Ok(all)
    }
}

fn merge(all: &mut HashMap<u64, Hit>, key: u64, hit: Hit) {
    let into = all.entry(key).or_default();
    into.variables += hit.variables;
    into.score = into.score.max(hit.score);
    for (score, address) in hit.best {
        into.keep(score, address);
    }
}

impl SegmentCollector for BySourceInSegment {
    type Fruit = HashMap<u64, Hit>;

    fn collect(&mut self, doc: DocId, score: Score) {
        let key = self.key.get_val(doc);
        if self.last.as_ref().is_none_or(|(last, _)| *last != key) {
            let next = self.hits.remove(&key).unwrap_or_default();
            if let Some((last, hit)) = self.last.replace((key, next)) {
                self.hits.insert(last, hit);
            }
        }
        let address = DocAddress::new(self.segment, doc);
        let variable = (self.variable.get_val(doc) == 1).then_some(address);
        if let Some((_, hit)) = &mut self.last {
            hit.add(score, variable);
        }
    }

    fn harvest(mut self) -> HashMap<u64, Hit> {
        if let Some((key, hit)) = self.last.take() {
            self.hits.insert(key, hit);
        }
        self.hits
    }
}
