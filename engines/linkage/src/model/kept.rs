//! A fitted model that is kept for later runs (JSON). It holds shares, no value of any record.

use super::em::{Row, Settings};
use super::{Class, Model};
use crate::compare::Kind;
use crate::error::LinkError;
use crate::records::Records;
use serde::{Deserialize, Serialize};

/// The form of the file.
const FORM: u32 = 1;

/// A model as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// The form, so that a later version can tell an earlier one.
    linkage_model: u32,
    /// Names of the comparisons, in the order of their places in a pattern.
    comparisons: Vec<String>,
    classes: Vec<KeptClass>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptClass {
    name: String,
    is_match: bool,
    share: f64,
    /// By comparison, the probabilities of its levels from 1 on.
    levels: Vec<Vec<f64>>,
}

/// The name by which a kept model knows a comparison.
fn name_of(kind: Kind, others: &[String]) -> String {
    match kind {
        Kind::Other(at) => format!("column {}", others[usize::from(at)]),
        kind => kind.name().to_owned(),
    }
}

impl Kept {
    /// What is kept of a model; `others` are the columns of other meaning.
    pub fn new(model: &Model, others: &[String]) -> Self {
        let class = |class: &Class| KeptClass {
            name: class.name.to_string(),
            is_match: class.is_match,
            share: class.share,
            levels: class.levels.iter().map(|levels| levels[1..].to_vec()).collect(),
        };
        Self {
            linkage_model: FORM,
            comparisons: model.kinds.iter().map(|kind| name_of(*kind, others)).collect(),
            classes: model.classes.iter().map(class).collect(),
        }
    }

    /// Reads a kept model.
    ///
    /// # Errors
    /// [`LinkError::Spec`] where the text is none, or its probabilities are none.
    pub fn from_json(text: &str) -> Result<Self, LinkError> {
        let refused = |why: String| LinkError::Spec(format!("this is no kept model: {why}"));
        let kept: Self = serde_json::from_str(text).map_err(|error| refused(error.to_string()))?;
        if kept.linkage_model != FORM {
            return Err(refused(format!("its form {} is not {FORM}", kept.linkage_model)));
        }
        let is_share = |share: &f64| (0.0..=1.0).contains(share);
        let levels = || kept.classes.iter().flat_map(|class| class.levels.iter().flatten());
        let shares = kept.classes.iter().map(|class| &class.share);
        if !shares.chain(levels()).all(is_share) || levels().any(|share| *share <= 0.0) {
            return Err(refused("a share in it is no probability above 0".to_owned()));
        }
        let has = |is_match: bool| kept.classes.iter().any(|class| class.is_match == is_match);
        if !has(true) || !has(false) || kept.classes.len() > Model::MOST_CLASSES {
            return Err(refused("it lacks matches or non-matches, or has too many classes".into()));
        }
        Ok(kept)
    }

    /// As JSON, the same for the same model.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("numbers and names") + "\n"
    }

    /// The comparisons that the model makes, in its order; the second are those of the files that
    /// it does not know.
    ///
    /// # Errors
    /// [`LinkError::Spec`] for a comparison that the files do not allow, or of other levels.
    pub fn kinds(
        &self,
        records: &Records,
        here: &[Kind],
    ) -> Result<(Vec<Kind>, Vec<String>), LinkError> {
        let name = |kind: &Kind| name_of(*kind, &records.other_names);
        let mut kinds = Vec::new();
        for (at, wanted) in self.comparisons.iter().enumerate() {
            let Some(kind) = here.iter().find(|kind| name(kind) == *wanted) else {
                return Err(LinkError::Spec(format!(
                    "the kept model compares {wanted}, which the files do not both have, or the spec \
                     leaves out"
                )));
            };
            let levels = kind.levels().len();
            if self.classes.iter().any(|class| class.levels.get(at).map(Vec::len) != Some(levels)) {
                return Err(LinkError::Spec(format!(
                    "the kept model has not the {levels} levels that {wanted} has now: fit it anew"
                )));
            }
            kinds.push(*kind);
        }
        let unknown = here.iter().filter(|kind| !kinds.contains(kind)).map(name).collect();
        Ok((kinds, unknown))
    }

    /// The model for these patterns: the probabilities of levels are kept; the shares of the classes,
    /// which depend on who is compared with whom, are fitted to the patterns and drawn to the
    /// kept ones.
    pub fn model(&self, kinds: &[Kind], rows: &[Row]) -> Model {
        let class = |kept: &KeptClass| Class {
            name: kept.name.clone().into(),
            is_match: kept.is_match,
            share: kept.share,
            levels: kept.levels.iter().map(|levels| [&[0.0], &levels[..]].concat()).collect(),
        };
        let classes = self.classes.iter().map(class).collect();
        let mut model = Model { kinds: kinds.to_vec(), classes, rounds: 0 };
        model.fit_shares(rows, Settings::default());
        model
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fit;

    fn fitted() -> (Model, [u64; 3], [u64; 3]) {
        let (kinds, patterns) = ([Kind::Family, Kind::Sex], [0x11, 0x2B, 0x1B]);
        let counts = [500, 900, 600];
        (fit(&kinds, &Row::all(&patterns, &counts), Settings::default()), patterns, counts)
    }

    #[test]
    fn a_kept_model_judges_the_same_pairs_alike() {
        let (model, patterns, counts) = fitted();
        let kept = Kept::from_json(&Kept::new(&model, &[]).to_json()).unwrap();
        let again = kept.model(&model.kinds, &Row::all(&patterns, &counts));
        for (a, b) in model.odds(&patterns).iter().zip(again.odds(&patterns)) {
            assert!((a / (1.0 + a) - b / (1.0 + b)).abs() < 0.05, "{a} {b}");
        }
        for (a, b) in model.classes.iter().zip(&again.classes) {
            assert_eq!(a.name, b.name);
            for (a, b) in a.levels.iter().flatten().zip(b.levels.iter().flatten()) {
                assert!((a - b).abs() < 1e-12, "the last digit of a text may be off");
            }
        }
    }

    #[test]
    fn shares_follow_the_pairs_at_hand() {
        let (model, patterns, _) = fitted();
        let kept = Kept::new(&model, &[]);
        let matches = |counts: [u64; 3]| -> f64 {
            let model = kept.model(&model.kinds, &Row::all(&patterns, &counts));
            model.classes.iter().filter(|class| class.is_match).map(|class| class.share).sum()
        };
        assert!(matches([9000, 100, 100]) > matches([100, 9000, 100]) + 0.5);
    }

    #[test]
    fn what_does_not_fit_is_refused_by_name() {
        let (model, ..) = fitted();
        let kept = Kept::new(&model, &[]);
        let records = Records::default();
        let (kinds, unknown) =
            kept.kinds(&records, &[Kind::Birth, Kind::Sex, Kind::Family]).unwrap();
        assert_eq!((kinds, unknown), (vec![Kind::Family, Kind::Sex], vec!["date of birth".into()]));
        let error = kept.kinds(&records, &[Kind::Sex]).unwrap_err().to_string();
        assert!(error.contains("compares family name"), "{error}");
        for (from, to) in [
            ("\"linkage_model\": 1", "\"linkage_model\": 2"),
            ("\"is_match\": true", "\"is_match\": false"),
            ("\"share\": 0.", "\"share\": 7."),
        ] {
            assert!(Kept::from_json(&kept.to_json().replace(from, to)).is_err(), "{to}");
        }
        assert!(Kept::from_json("{}").is_err());
    }
}
