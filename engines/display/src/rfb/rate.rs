//! Token buckets on the caller's time.

use std::time::Duration;

/// A budget that refills: `burst` at most, `per_second` more each second. May be overdrawn.
#[derive(Debug, Clone)]
pub(crate) struct Rate {
    burst: f64,
    per_second: f64,
    left: f64,
    at: Duration,
}

impl Rate {
    pub fn new(burst: f64, per_second: f64) -> Self {
        Self { burst, per_second, left: burst, at: Duration::ZERO }
    }

    /// Takes `n` if that much is left. Time that steps back refills nothing.
    pub fn take(&mut self, now: Duration, n: f64) -> bool {
        self.refill(now);
        let enough = self.left >= n;
        if enough {
            self.left -= n;
        }
        enough
    }

    /// Takes `n` even into debt and says what is left.
    pub fn spend(&mut self, now: Duration, n: f64) -> f64 {
        self.refill(now);
        self.left -= n;
        self.left
    }

    /// How long until something is left, zero if now.
    pub fn wait(&mut self, now: Duration) -> Duration {
        self.refill(now);
        match self.left > 0.0 {
            true => Duration::ZERO,
            // A millisecond more, so that rounding never asks twice.
            false => Duration::from_secs_f64(-self.left / self.per_second + 0.001),
        }
    }

    fn refill(&mut self, now: Duration) {
        let passed = now.saturating_sub(self.at).as_secs_f64();
        self.at = self.at.max(now);
        self.left = (self.left + passed * self.per_second).min(self.burst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_gives_its_burst_then_what_time_refills() {
        let mut rate = Rate::new(3.0, 2.0);
        let second = Duration::from_secs(1);
        assert_eq!((0..9).filter(|_| rate.take(Duration::ZERO, 1.0)).count(), 3);
        assert_eq!((0..9).filter(|_| rate.take(second, 1.0)).count(), 2);
        assert_eq!((0..9).filter(|_| rate.take(Duration::ZERO, 1.0)).count(), 0, "a step back");
        assert_eq!((0..9).filter(|_| rate.take(100 * second, 1.0)).count(), 3);
    }
}
