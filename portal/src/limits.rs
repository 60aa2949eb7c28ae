//! How often one address may ask: enough for people, not for guessing, nor for keeping the others
//! waiting.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use axum::{
    extract::{Request, State},
    http::Method,
    middleware::Next,
    response::{IntoResponse, Response},
};
use workflows::Reads;

use crate::{app::App, error::PageError, peer};

/// Commands that one address may send at once, and how many come back each second.
const COMMANDS: (f64, f64) = (300.0, 20.0);
/// Attempts to sign in that one address may make at once, and how many come back each second.
const SIGN_INS: (f64, f64) = (30.0, 0.5);
/// Addresses remembered before the fullest buckets are forgotten.
const REMEMBERED: usize = 10_000;

/// What is counted by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Read,
    Command,
    SignIn,
}

/// The tokens left, and when that was known, by address and by what they are for.
#[derive(Default)]
struct Buckets {
    left: HashMap<(String, Kind), (f64, Instant)>,
    /// How many there may be before those that are full again are looked for.
    sweep_at: usize,
}

/// Token buckets by address.
#[derive(Clone)]
pub(crate) struct Limits {
    reads: (f64, f64),
    buckets: Arc<Mutex<Buckets>>,
}

impl Limits {
    /// Full buckets; what may be read is the operator's choice.
    pub(crate) fn new(reads: Reads) -> Self {
        let reads = (f64::from(reads.at_once), f64::from(reads.per_second));
        Self { reads, buckets: Arc::default() }
    }

    /// Takes one token; where none is left, says in how many seconds there is one.
    fn take(&self, address: String, kind: Kind, now: Instant) -> Result<(), u64> {
        let (size, per_second) = self.of(kind);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.left.len() > buckets.sweep_at.max(REMEMBERED) {
            buckets.left.retain(|(_, kind), bucket| {
                let (size, _) = self.of(*kind);
                self.filled(*kind, *bucket, now) < size // a full one says nothing
            });
            buckets.sweep_at = 2 * buckets.left.len();
        }
        let bucket = buckets.left.entry((address, kind)).or_insert((size, now));
        *bucket = (self.filled(kind, *bucket, now), now);
        let left = &mut bucket.0;
        if *left >= 1.0 {
            *left -= 1.0;
            return Ok(());
        }
        Err(seconds(1.0 - *left, per_second))
    }

    /// How many tokens a bucket holds, and how many come back each second.
    fn of(&self, kind: Kind) -> (f64, f64) {
        match kind {
            Kind::Read => self.reads,
            Kind::Command => COMMANDS,
            Kind::SignIn => SIGN_INS,
        }
    }

    /// The tokens in a bucket by now.
    fn filled(&self, kind: Kind, (left, seen): (f64, Instant), now: Instant) -> f64 {
        let (size, per_second) = self.of(kind);
        (left + now.duration_since(seen).as_secs_f64() * per_second).min(size)
    }
}

/// The whole seconds until `missing` tokens have come back: an hour where none comes.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 to 3600")]
fn seconds(missing: f64, per_second: f64) -> u64 {
    (missing / per_second).ceil().clamp(1.0, 3600.0) as u64
}

/// Refuses an address that sends too many commands or reads too often. Style sheets, scripts and
/// pictures stand outside this layer: a page needs a dozen of them. So does the operator's monitoring.
pub(crate) async fn check(State(app): State<App>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let reads = request.method() == Method::GET || request.method() == Method::HEAD;
    let signs_in =
        || ["/sign-in", "/invitations", "/recovery"].iter().any(|start| path.starts_with(start));
    let kind = match reads {
        true if path == "/health" => return next.run(request).await,
        true => Kind::Read,
        false if signs_in() => Kind::SignIn,
        false => Kind::Command,
    };
    match app.limits.take(peer::address(&request), kind, Instant::now()) {
        Ok(()) => next.run(request).await,
        Err(seconds) => PageError::TooMany { seconds }.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn limits() -> Limits {
        Limits::new(Reads::default())
    }

    fn granted(limits: &Limits, kind: Kind, tries: usize, now: Instant) -> usize {
        (0..tries).filter(|_| limits.take("a".into(), kind, now).is_ok()).count()
    }

    #[test]
    fn guessing_is_slowed_down_and_patience_is_rewarded() {
        let (limits, start) = (limits(), Instant::now());
        assert_eq!(granted(&limits, Kind::SignIn, 100, start), 30);
        assert_eq!(limits.take("a".into(), Kind::SignIn, start), Err(2), "half a token a second");
        assert!(limits.take("b".into(), Kind::SignIn, start).is_ok());
        assert!(limits.take("a".into(), Kind::SignIn, start + Duration::from_secs(3)).is_ok());
    }

    #[test]
    fn reading_has_a_bucket_of_its_own_that_fills_again() {
        let (limits, start) = (limits(), Instant::now());
        assert_eq!(granted(&limits, Kind::Read, 1000, start), 600);
        assert_eq!(limits.take("a".into(), Kind::Read, start), Err(1));
        assert!(limits.take("a".into(), Kind::Command, start).is_ok(), "commands are not reads");
        assert!(limits.take("b".into(), Kind::Read, start).is_ok(), "the neighbour reads on");
        assert_eq!(granted(&limits, Kind::Read, 1000, start + Duration::from_secs(1)), 40);
        assert_eq!(granted(&limits, Kind::Read, 1000, start + Duration::from_secs(60)), 600);
    }

    #[test]
    fn a_bucket_that_never_fills_says_an_hour() {
        let never = Limits::new(Reads { at_once: 0, per_second: 0 });
        assert_eq!(never.take("a".into(), Kind::Read, Instant::now()), Err(3600));
    }
}
