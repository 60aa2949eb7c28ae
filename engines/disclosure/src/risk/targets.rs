//! The targets of the risk model (DISCLOSURE.md 7), on decisions that it has not seen.

use super::simulate::{Plan, simulate};
use super::train::{Options, measure, train};

/// On the unseen half of simulated decisions of which 5 % are wrong: area under the ROC curve at
/// least 0.95, calibration error at most 0.05, at most 35 % of the requests to a person for at
/// least 99 % of the unsafe ones, before a random sample of 5 % of the others. The limit allows for
/// wrong decisions by an estimate that is too careful on this data: asked for 2 % it misses 0.8 %.
#[test]
fn the_targets_are_met_on_the_unseen_half() {
    let decisions = simulate(&Plan { requests: 20_000, seed: 1, noise: 0.05 });
    let (seen, unseen) = decisions.split(0.5);
    let options = Options { noise: 0.05, aim: 0.02, ..Options::default() };
    let model = train(&seen, &options).expect("a model");
    let figures = measure(&model, &unseen).expect("both kinds");
    assert!(figures.auc >= 0.95, "{figures:?}");
    assert!(figures.ece <= 0.05, "{figures:?}");
    assert!(figures.manual <= 0.35 && figures.caught >= 0.99, "{figures:?}");
}

/// With right decisions, where the limit is that of split conformal, as asked.
#[test]
fn right_decisions_meet_them_as_asked() {
    let decisions = simulate(&Plan { requests: 12_000, seed: 1, noise: 0.0 });
    let (seen, unseen) = decisions.split(0.5);
    let options = Options { aim: 0.01, ..Options::default() };
    let model = train(&seen, &options).expect("a model");
    let figures = measure(&model, &unseen).expect("both kinds");
    assert!(figures.caught >= 0.99 && figures.manual <= 0.35, "{figures:?}");
}
