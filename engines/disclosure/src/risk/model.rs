//! A model as one file: what it learnt, from what, how good it is. JSON, so that an auditor can
//! read it; its SHA-256 names it.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::drift::Spread;
use super::figures::Figures;
use super::isotonic::Isotonic;
use super::trees::Trees;

/// The format that this module writes and reads.
pub const FORMAT: &str = "bulle-risk-1";
/// Bytes of a model at most.
pub const MAX_BYTES: usize = 32 * 1024 * 1024;
/// Features of a model at most.
const FEATURES: usize = 1000;
/// No probability of a model is nearer to 0 or 1 than this: decisions are never that many.
const SURE: f64 = 0.001;

/// What a model learnt from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// Where the decisions are from: `decisions` of a centre, or `simulated`.
    pub origin: String,
    /// How many decisions.
    pub decisions: usize,
    /// Of these, on requests that were not approved as they stood.
    pub unsafe_decisions: usize,
    /// SHA-256 of the file of decisions, hexadecimal.
    pub sha256: String,
}

/// A model, with its card.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// [`FORMAT`].
    pub format: String,
    /// When it was trained, as the trainer says: a date or an instant.
    pub trained_at: String,
    /// The seed of the training.
    pub seed: u64,
    /// What it learnt from.
    pub training: Training,
    /// The share of unsafe requests that may stay below the limit.
    pub aim: f64,
    /// The share of wrong decisions that was allowed for.
    pub noise: f64,
    /// Against the decisions, each scored by trees that did not learn from it.
    pub figures: Figures,
    /// The area under the ROC curve that right decisions would give, and the share of unsafe
    /// requests caught: estimates by the share of wrong decisions.
    pub corrected: Corrected,
    /// The margin, in logits, from which a request goes to a person; without one, every request.
    pub limit: Option<f64>,
    /// The names of its features.
    pub features: Vec<String>,
    /// How each feature was spread in the training.
    pub spreads: Vec<Spread>,
    /// From margins to probabilities, wrong decisions allowed for.
    pub calibration: Isotonic,
    /// The trees.
    pub trees: Trees,
}

/// Figures that allow for wrong decisions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Corrected {
    /// Area under the ROC curve.
    pub auc: f64,
    /// Share of the unsafe requests that goes to a person.
    pub caught: f64,
}

/// Why a file is no model.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// It is larger than any model.
    #[error("a model has {MAX_BYTES} bytes at most")]
    TooLarge,
    /// It is not the JSON of a model.
    #[error("this is no model")]
    Json(#[from] serde_json::Error),
    /// It is of another version.
    #[error("the format is `{0}`, not `{FORMAT}`")]
    Format(String),
    /// A part of it cannot be used.
    #[error("the model's {0} make no sense")]
    Unsound(&'static str),
}

/// One reason of a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// The feature.
    pub feature: String,
    /// Its value; none where it is missing.
    pub value: Option<f64>,
    /// Whether it raises the risk; otherwise it lowers it.
    pub raises: bool,
    /// By how much, in logits, without a sign.
    pub weight: f64,
}

/// What a model says of a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assessment {
    /// The probability of not being approved as it stands, from 0 to 1.
    pub score: f64,
    /// What ranks requests of one score, in logits.
    pub margin: f64,
    /// Whether it stays below the model's limit.
    pub passes: bool,
    /// The three strongest reasons, the strongest first.
    pub reasons: Vec<Reason>,
}

impl Model {
    /// The file. Same model, same bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a model is plain data")
    }

    /// Reads a file.
    ///
    /// # Errors
    /// See [`ModelError`]; never panics on any bytes, and what it gives never panics either.
    pub fn read(bytes: &[u8]) -> Result<Self, ModelError> {
        if bytes.len() > MAX_BYTES {
            return Err(ModelError::TooLarge);
        }
        let model: Self = serde_json::from_slice(bytes)?;
        if model.format != FORMAT {
            return Err(ModelError::Format(model.format));
        }
        match model.unsound() {
            Some(part) => Err(ModelError::Unsound(part)),
            None => Ok(model),
        }
    }

    /// SHA-256 of the file, hexadecimal: the model's name.
    pub fn digest(&self) -> String {
        hex::encode(Sha256::digest(self.to_bytes()))
    }

    fn unsound(&self) -> Option<&'static str> {
        let width = self.features.len();
        let mut names: Vec<&String> = self.features.iter().collect();
        names.sort_unstable();
        names.dedup();
        let shares = (0.0..=0.5).contains(&self.aim) && (0.0..0.5).contains(&self.noise);
        let checks = [
            ("features", width > 0 && width <= FEATURES && names.len() == width),
            ("spreads", self.spreads.len() == width && self.spreads.iter().all(Spread::is_sound)),
            ("steps", self.calibration.is_sound()),
            ("trees", self.trees.is_sound(width)),
            ("limits", shares && self.limit.is_none_or(f64::is_finite)),
        ];
        checks.into_iter().find(|(_, holds)| !holds).map(|(part, _)| part)
    }

    /// The values of its features, in its order; what `value` does not know is missing.
    fn vector(&self, value: impl Fn(&str) -> Option<f64>) -> Vec<f64> {
        self.features.iter().map(|name| value(name).unwrap_or(f64::NAN)).collect()
    }

    /// What it says of a request whose features `value` tells by name.
    pub fn assess(&self, value: impl Fn(&str) -> Option<f64>) -> Assessment {
        let vector = self.vector(value);
        let margin = self.trees.margin(&vector);
        let score = self.calibration.at(margin).unwrap_or(1.0).clamp(SURE, 1.0 - SURE);
        let passes = self.limit.is_some_and(|limit| margin < limit);
        Assessment { score, margin, passes, reasons: self.reasons(&vector) }
    }

    fn reasons(&self, vector: &[f64]) -> Vec<Reason> {
        let (_, parts) = self.trees.contributions(vector);
        let mut ranked: Vec<(usize, f64)> =
            parts.into_iter().enumerate().filter(|(_, part)| part.abs() > 1e-9).collect();
        ranked.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then(a.0.cmp(&b.0)));
        let reason = |(at, part): (usize, f64)| Reason {
            feature: self.features[at].clone(),
            value: vector.get(at).copied().filter(|value| value.is_finite()),
            raises: part > 0.0,
            weight: part.abs(),
        };
        ranked.into_iter().take(3).map(reason).collect()
    }

    /// How far each feature has drifted in `requests`, whose features `value` tells by name; the
    /// furthest first. See [`super::drift`].
    pub fn drift<R>(
        &self,
        requests: &[R],
        value: impl Fn(&R, &str) -> Option<f64>,
    ) -> Vec<(String, f64)> {
        let mut all: Vec<(String, f64)> = self
            .features
            .iter()
            .zip(&self.spreads)
            .map(|(name, spread)| {
                let now = |request: &R| value(request, name).unwrap_or(f64::NAN);
                let values: Vec<f64> = requests.iter().map(now).collect();
                (name.clone(), spread.index(&values))
            })
            .collect();
        all.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        all
    }

    /// The features by their share of all splits, the most asked first.
    pub fn importance(&self) -> Vec<(String, f64)> {
        let shares = self.trees.shares(self.features.len());
        let mut all: Vec<(String, f64)> = self.features.iter().cloned().zip(shares).collect();
        all.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::risk::trees::tests::stump;
    use proptest::prelude::*;

    fn model() -> Model {
        let figures = Figures {
            requests: 2,
            unsafe_requests: 1,
            auc: 1.0,
            ece: 0.0,
            brier: 0.0,
            manual: 0.5,
            caught: 1.0,
        };
        Model {
            format: FORMAT.to_owned(),
            trained_at: "2026-11-02".to_owned(),
            seed: 1,
            training: Training {
                origin: "simulated".to_owned(),
                decisions: 2,
                unsafe_decisions: 1,
                sha256: String::new(),
            },
            aim: 0.01,
            noise: 0.05,
            figures,
            corrected: Corrected { auc: 1.0, caught: 1.0 },
            limit: Some(0.1),
            features: vec!["errors".to_owned()],
            spreads: vec![Spread::of(&[0.0, 1.0])],
            calibration: Isotonic { from: vec![-1.0, 1.0], value: vec![0.1, 1.0] },
            trees: stump(),
        }
    }

    #[test]
    fn a_model_is_read_as_it_was_written_and_named_by_its_bytes() {
        let model = model();
        let read = Model::read(&model.to_bytes()).expect("sound");
        assert_eq!((read.digest(), &read), (model.digest(), &model));
        let low = read.assess(|_| Some(1.0));
        assert!(low.passes && low.score < 0.2 && low.reasons.len() == 1 && !low.reasons[0].raises);
        let high = read.assess(|name| (name == "errors").then_some(9.0));
        assert!(!high.passes && high.score < 1.0 && high.reasons[0].raises);
        let unlimited = Model { limit: None, ..model };
        assert!(!unlimited.assess(|_| Some(1.0)).passes, "without a limit nothing passes");
    }

    #[test]
    fn every_part_that_makes_no_sense_is_named() {
        let bad = |change: fn(&mut Model)| {
            let mut model = model();
            change(&mut model);
            Model::read(&model.to_bytes()).expect_err("unsound").to_string()
        };
        for (told, part) in [
            (bad(|m| m.format = "bulle-risk-2".to_owned()), "format"),
            (bad(|m| m.features.clear()), "features"),
            (bad(|m| m.spreads.clear()), "spreads"),
            (bad(|m| m.calibration.value[0] = 2.0), "steps"),
            (bad(|m| m.trees.trees[0].clear()), "trees"),
            (bad(|m| m.aim = 0.9), "limits"),
        ] {
            assert!(told.contains(part), "{told}");
        }
        assert!(Model::read(&vec![b' '; MAX_BYTES + 1]).is_err());
        let nested = "[".repeat(100_000);
        assert!(Model::read(nested.as_bytes()).is_err(), "depth is bounded");
    }

    proptest! {
        /// Bytes of a model with a few replaced: refused, or a model that can be used.
        #[test]
        fn hostile_bytes_never_panic(changes in proptest::collection::vec((0..2000_usize, any::<u8>()), 1..6), value in proptest::num::f64::ANY) {
            let mut bytes = model().to_bytes();
            for (at, byte) in changes {
                let at = at % bytes.len();
                bytes[at] = byte;
            }
            if let Ok(model) = Model::read(&bytes) {
                model.assess(|_| Some(value));
                model.drift(&[value], |value, _| Some(*value));
                model.importance();
            }
        }

        #[test]
        fn any_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            prop_assert!(Model::read(&bytes).is_err());
        }
    }
}
