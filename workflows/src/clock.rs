//! What time it is, and which id is next: the only place where either is asked of the machine.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use domain::Timestamp;
use uuid::Uuid;

/// The centre's clock: the machine's, or one that a test moves by hand.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// Microseconds since 1970, UTC, moved by hand.
    Simulated(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands still at `at` until it is moved.
    pub fn simulated(at: Timestamp) -> Self {
        Self::Simulated(Arc::new(AtomicI64::new(at.as_microsecond())))
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            Self::Simulated(micros) => {
                Timestamp::from_microsecond(micros.load(Ordering::SeqCst)).unwrap_or_default()
            }
        }
    }

    /// Moves a simulated clock on by `seconds`; the machine's clock is nobody's to move.
    pub fn advance(&self, seconds: i64) {
        if let Self::Simulated(micros) = self {
            micros.fetch_add(seconds.saturating_mul(1_000_000), Ordering::SeqCst);
        }
    }
}

/// Ids in the order in which they are made, across threads: UUIDv7 of the machine's clock (a
/// simulated clock stands still, and ids must not).
pub(crate) fn next_id() -> Uuid {
    Uuid::now_v7()
}
