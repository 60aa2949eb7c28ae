//! Counts as numbers that a model can use.

/// A count as a number; counts of files and cells are far below 2^53.
#[expect(clippy::cast_precision_loss, reason = "counts of files and cells are far below 2^53")]
pub(super) fn of(count: usize) -> f64 {
    count as f64
}

/// Sizes over many orders of magnitude, as the logarithm to base 2 of one more.
pub(super) fn log2(count: f64) -> f64 {
    (count.max(0.0) + 1.0).log2()
}

/// The probability of a margin in logits.
pub(super) fn logistic(margin: f64) -> f64 {
    1.0 / (1.0 + (-margin).exp())
}
