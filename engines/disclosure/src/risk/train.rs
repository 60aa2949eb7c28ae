//! Decisions in, model out.

use super::boost::{Rows, grow};
use super::conformal::{Decided, after_decision, limit, limit_with_noise, without_noise};
use super::decisions::{Decision, Decisions};
use super::drift::Spread;
use super::figures::{Figures, Scored};
use super::isotonic::{Isotonic, Point};
use super::model::{Corrected, FORMAT, Model, Training};
use super::numbers::logistic;
use super::trees::Trees;
use crate::protect::random::Random;

/// Decisions of each kind that a model needs at least: with fewer its figures say nothing.
pub const LEAST: usize = 30;
/// Parts of the decisions: each is scored by trees that learnt from the others.
const FOLDS: usize = 4;
/// Rounds in which decisions are weighed against what the others say.
const ROUNDS: usize = 2;

/// What a training is told besides the decisions.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// When it is, for the card.
    pub at: String,
    /// Where the decisions are from: `decisions` or `simulated`.
    pub origin: String,
    /// The seed of the parts.
    pub seed: u64,
    /// The share of wrong decisions, from 0 to below a half.
    pub noise: f64,
    /// The share of unsafe requests that may stay below the limit.
    pub aim: f64,
}

/// The share of unsafe requests that may stay below the limit: less than the 1 % that a centre
/// promises, since the limit is an estimate too.
pub const AIM: f64 = 0.0075;

impl Default for Options {
    fn default() -> Self {
        let (at, origin) = (String::new(), "decisions".to_owned());
        Self { at, origin, seed: 1, noise: 0.0, aim: AIM }
    }
}

/// Why no model can be made.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// A model that saw hardly any decision of a kind knows nothing of it.
    #[error("{found} decisions {kind}: {LEAST} are needed")]
    TooFew {
        /// `for` or `against` the request.
        kind: &'static str,
        /// How many there are.
        found: usize,
    },
    /// Shares that make no sense.
    #[error("the share of wrong decisions must be from 0 to below 0.5, the aim above 0 up to 0.5")]
    Options,
    /// The file has no feature.
    #[error("the decisions have no feature to learn from")]
    NoFeature,
    /// The library refused.
    #[error("the trees could not be grown")]
    Grow(#[from] forust_ml::errors::ForustError),
}

/// Trains a model: trees on all decisions; probabilities, limit and figures on the decisions of
/// each part as trees see them that learnt from the other parts (cross-conformal: Vovk 2015).
///
/// # Errors
/// See [`TrainError`].
pub fn train(decisions: &Decisions, options: &Options) -> Result<Model, TrainError> {
    let unsafe_decisions = decisions.rows.iter().filter(|row| row.is_unsafe).count();
    check(decisions, options, unsafe_decisions)?;
    let labels = labels(decisions, options)?;
    let margins = margins(decisions, &labels, options.seed)?;
    let decided: Vec<Decided> = decisions
        .rows
        .iter()
        .zip(&margins)
        .map(|(row, margin)| {
            let (is_unsafe, weight) = (row.is_unsafe, row.weight);
            Decided { margin: *margin, is_unsafe, weight }
        })
        .collect();
    let calibration = calibrate(&decided, options.noise);
    let limit = the_limit(&decided, options);
    let scored = scored(&decided, &calibration, limit);
    let figures = Figures::of(&scored).expect("decisions of both kinds were counted");
    let all: Vec<&Decision> = decisions.rows.iter().collect();
    let column = |at: usize| all.iter().map(|row| row.features[at]).collect::<Vec<f64>>();
    Ok(Model {
        format: FORMAT.to_owned(),
        trained_at: options.at.clone(),
        seed: options.seed,
        training: Training {
            origin: options.origin.clone(),
            decisions: all.len(),
            unsafe_decisions,
            sha256: decisions.digest(),
        },
        aim: options.aim,
        noise: options.noise,
        figures,
        corrected: corrected(&scored, &figures, options.noise),
        limit: Some(limit).filter(|limit| limit.is_finite()),
        features: decisions.names.clone(),
        spreads: (0..decisions.names.len()).map(|at| Spread::of(&column(at))).collect(),
        calibration,
        trees: trees(&decisions.names, &all, &labels, options.seed)?,
    })
}

/// How probably each request is unsafe. Where decisions are wrong, trees that learn from them as they
/// are cannot tell a small risk from a wrong decision; so they learn once to tell a decision's own
/// probability of being wrong, and the model learns from what is left (one round of expectation and
/// maximisation, as Raykar et al. 2010, "Learning from crowds").
fn labels(decisions: &Decisions, options: &Options) -> Result<Vec<f64>, TrainError> {
    let told = |row: &Decision| f64::from(u8::from(row.is_unsafe));
    let mut labels: Vec<f64> = decisions.rows.iter().map(told).collect();
    if options.noise > 0.0 {
        for _ in 0..ROUNDS {
            let margins = margins(decisions, &labels, options.seed)?;
            let is_first = labels.iter().all(|label| *label <= 0.0 || *label >= 1.0);
            let before = |margin: f64| {
                let p = logistic(margin);
                if is_first { without_noise(p, options.noise).clamp(0.001, 0.999) } else { p }
            };
            for ((label, row), margin) in labels.iter_mut().zip(&decisions.rows).zip(margins) {
                *label = after_decision(before(margin), row.is_unsafe, options.noise);
            }
        }
    }
    Ok(labels)
}

fn check(
    decisions: &Decisions,
    options: &Options,
    unsafe_decisions: usize,
) -> Result<(), TrainError> {
    let shares = (0.0..0.5).contains(&options.noise) && options.aim > 0.0 && options.aim <= 0.5;
    let safe = decisions.rows.len() - unsafe_decisions;
    match () {
        () if !shares => Err(TrainError::Options),
        () if decisions.names.is_empty() => Err(TrainError::NoFeature),
        () if safe < LEAST => Err(TrainError::TooFew { kind: "for", found: safe }),
        () if unsafe_decisions < LEAST => {
            Err(TrainError::TooFew { kind: "against", found: unsafe_decisions })
        }
        () => Ok(()),
    }
}

fn trees(
    names: &[String],
    rows: &[&Decision],
    labels: &[f64],
    seed: u64,
) -> Result<Trees, TrainError> {
    let features: Vec<&[f64]> = rows.iter().map(|row| row.features.as_slice()).collect();
    let weights: Vec<f64> = rows.iter().map(|row| row.weight).collect();
    let rows = Rows { names, features: &features, labels, weights: &weights };
    Ok(grow(&rows, seed)?)
}

/// The margin of each decision by trees that did not learn from it. Each kind is dealt out to the
/// parts in turn after shuffling, so that every part has both.
fn margins(decisions: &Decisions, labels: &[f64], seed: u64) -> Result<Vec<f64>, TrainError> {
    let mut order: Vec<usize> = (0..decisions.rows.len()).collect();
    let mut random = Random::new(seed);
    for at in (1..order.len()).rev() {
        order.swap(at, random.below(at + 1));
    }
    order.sort_by_key(|at| decisions.rows[*at].is_unsafe);
    let mut part = vec![0; order.len()];
    for (place, at) in order.into_iter().enumerate() {
        part[at] = place % FOLDS;
    }
    let mut margins = vec![0.0; part.len()];
    for fold in 0..FOLDS {
        let others = (0..part.len()).filter(|at| part[*at] != fold);
        let (others, own): (Vec<&Decision>, Vec<f64>) =
            others.map(|at| (&decisions.rows[at], labels[at])).unzip();
        let trees = trees(&decisions.names, &others, &own, seed)?;
        for (at, row) in decisions.rows.iter().enumerate().filter(|(at, _)| part[*at] == fold) {
            margins[at] = trees.margin(&row.features);
        }
    }
    Ok(margins)
}

/// Probabilities of being unsafe by margin, wrong decisions allowed for.
fn calibrate(decided: &[Decided], noise: f64) -> Isotonic {
    let point = |one: &Decided| Point {
        margin: one.margin,
        value: f64::from(u8::from(one.is_unsafe)),
        weight: one.weight,
    };
    let mut fitted = Isotonic::fit(&decided.iter().map(point).collect::<Vec<_>>());
    for value in &mut fitted.value {
        *value = without_noise(*value, noise);
    }
    fitted
}

fn the_limit(decided: &[Decided], options: &Options) -> f64 {
    let even = decided.iter().all(|one| (one.weight - 1.0).abs() < 1e-12);
    if options.noise > 0.0 || !even {
        return limit_with_noise(decided, options.aim, options.noise);
    }
    let margins = decided.iter().filter(|one| one.is_unsafe).map(|one| one.margin);
    limit(&margins.collect::<Vec<_>>(), options.aim)
}

fn scored(decided: &[Decided], calibration: &Isotonic, limit: f64) -> Vec<Scored> {
    let one = |one: &Decided| Scored {
        rank: one.margin,
        probability: calibration.at(one.margin).unwrap_or(1.0),
        is_unsafe: one.is_unsafe,
        is_manual: one.margin >= limit,
        weight: one.weight,
    };
    decided.iter().map(one).collect()
}

/// What right decisions would give. The area: with a share `a` of wrong ones among those against
/// and `b` among those for, it is `(auc - (a + b) / 2) / (1 - a - b)` (Menon et al. 2015, "Learning
/// from corrupted binary labels via class-probability estimation"). The share caught: by the
/// calibrated probabilities on either side of the limit.
fn corrected(scored: &[Scored], figures: &Figures, noise: f64) -> Corrected {
    let sum = |keep: fn(&Scored) -> bool| -> f64 {
        scored.iter().filter(|one| keep(one)).map(|one| one.probability * one.weight).sum()
    };
    let all = sum(|_| true);
    let caught = if all > 0.0 { sum(|one| one.is_manual) / all } else { 1.0 };
    let weight = |keep: fn(&Scored) -> bool| -> f64 {
        scored.iter().filter(|one| keep(one)).map(|one| one.weight).sum()
    };
    let told = weight(|one| one.is_unsafe) / weight(|_| true);
    let truly = without_noise(told, noise);
    let (a, b) = (noise * (1.0 - truly) / told, noise * truly / (1.0 - told));
    let auc = (figures.auc - f64::midpoint(a, b)) / (1.0 - a - b);
    Corrected { auc: if auc.is_finite() { auc.clamp(0.0, 1.0) } else { figures.auc }, caught }
}

/// The figures of a model on decisions that it has not seen: against what was true where the file
/// tells, otherwise against what was decided. `None` without requests of both kinds.
pub fn measure(model: &Model, decisions: &Decisions) -> Option<Figures> {
    let one = |row: &Decision| {
        let value = |name: &str| {
            let at = decisions.names.iter().position(|known| known == name)?;
            row.features.get(at).copied()
        };
        let told = model.assess(value);
        Scored {
            rank: told.margin,
            probability: told.score,
            is_unsafe: row.truth.unwrap_or(row.is_unsafe),
            is_manual: !told.passes,
            weight: row.weight,
        }
    };
    Figures::of(&decisions.rows.iter().map(one).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decisions(size: usize, is_unsafe: impl Fn(f64) -> bool) -> Decisions {
        let mut random = Random::new(9);
        let row = |at: usize| {
            let value = random.unit();
            Decision {
                request: at.to_string(),
                features: vec![value, random.unit()],
                is_unsafe: is_unsafe(value),
                truth: None,
                weight: 1.0,
            }
        };
        let names = vec!["a".to_owned(), "b".to_owned()];
        Decisions { names, rows: (0..size).map(row).collect() }
    }

    #[test]
    fn the_same_decisions_give_the_same_bytes() {
        let decisions = decisions(600, |value| value > 0.7);
        let train = |seed| train(&decisions, &Options { seed, ..Options::default() });
        let model = train(1).expect("a model");
        assert_eq!(model.digest(), train(1).expect("a model").digest());
        let figures = measure(&model, &decisions).expect("both kinds");
        assert!(figures.auc > 0.99 && model.figures.auc > 0.98, "{figures:?}");
        assert_eq!(Model::read(&model.to_bytes()).expect("sound"), model);
        let assessed = model.assess(|name| Some(if name == "a" { 0.95 } else { 0.5 }));
        assert_eq!((assessed.reasons[0].feature.as_str(), assessed.passes), ("a", false));
    }

    #[test]
    fn too_few_decisions_give_no_model() {
        let few = decisions(100, |value| value > 0.9);
        assert!(matches!(train(&few, &Options::default()), Err(TrainError::TooFew { .. })));
        let many = decisions(600, |value| value > 0.7);
        let options = Options { noise: 0.5, ..Options::default() };
        assert!(matches!(train(&many, &options), Err(TrainError::Options)));
        let nothing = Decisions { names: vec![], ..many };
        assert!(matches!(train(&nothing, &Options::default()), Err(TrainError::NoFeature)));
    }

    #[test]
    fn decisions_of_chance_let_nothing_pass() {
        let mut random = Random::new(4);
        let mut chance = decisions(400, |_| false);
        chance.rows.iter_mut().for_each(|row| row.is_unsafe = random.unit() < 0.3);
        let model = train(&chance, &Options::default()).expect("a model");
        assert!(model.figures.manual > 0.9, "{:?}", model.figures);
    }
}
