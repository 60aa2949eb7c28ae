//! How often one address may ask: enough for people, not for guessing.

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

use crate::{app::App, error::PageError, peer};

/// Commands that one address may send at once, and how many come back each second.
const COMMANDS: (f64, f64) = (300.0, 20.0);
/// Attempts to sign in that one address may make at once, and how many come back each second.
const SIGN_INS: (f64, f64) = (30.0, 0.5);
/// Addresses remembered before the fullest buckets are forgotten.
const REMEMBERED: usize = 10_000;

/// The tokens left, and when that was known, by address and by whether they are for signing in.
type Buckets = HashMap<(String, bool), (f64, Instant)>;

/// Token buckets by address.
#[derive(Clone, Default)]
pub(crate) struct Limits(Arc<Mutex<Buckets>>);

impl Limits {
    /// Takes one token; `false` where none is left.
    fn take(&self, address: String, signing_in: bool, now: Instant) -> bool {
        let (size, per_second) = if signing_in { SIGN_INS } else { COMMANDS };
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() > REMEMBERED {
            buckets.retain(|_, (left, _)| *left < 1.0);
        }
        let (left, seen) = buckets.entry((address, signing_in)).or_insert((size, now));
        *left = (*left + now.duration_since(*seen).as_secs_f64() * per_second).min(size);
        *seen = now;
        let granted = *left >= 1.0;
        if granted {
            *left -= 1.0;
        }
        granted
    }
}

/// Refuses an address that sends too many commands.
pub(crate) async fn check(State(app): State<App>, request: Request, next: Next) -> Response {
    if request.method() == Method::GET || request.method() == Method::HEAD {
        return next.run(request).await;
    }
    let address = peer::address(&request);
    let path = request.uri().path();
    let signing_in =
        ["/sign-in", "/invitations", "/recovery"].iter().any(|start| path.starts_with(start));
    match app.limits.take(address, signing_in, Instant::now()) {
        true => next.run(request).await,
        false => PageError::TooMany.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn guessing_is_slowed_down_and_patience_is_rewarded() {
        let (limits, start) = (Limits::default(), Instant::now());
        let granted = (0..100).filter(|_| limits.take("a".into(), true, start)).count();
        assert_eq!(granted, 30);
        assert!(limits.take("b".into(), true, start));
        assert!(limits.take("a".into(), true, start + Duration::from_secs(3)));
    }
}
