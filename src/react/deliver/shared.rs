//! How each endpoint fares: what the tasks write, and readiness, metrics and pages read.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use mfa_ledger_schemas::{Position, WebhookId};

use super::attempts::{Attempt, Attempts, Outcome};

/// An endpoint that has failed for longer than this makes the server degraded.
pub const DEGRADED_AFTER: Duration = Duration::from_mins(5);

/// How an endpoint fares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndpointState {
    /// Up to where the log was looked through for it.
    pub cursor: Position,
    /// Records that wait for it.
    pub waiting: usize,
    /// Since when nothing has arrived, in milliseconds since 1970.
    pub failing_since: Option<i64>,
    /// Why its files cannot be written.
    pub unsaved: Option<String>,
}

impl EndpointState {
    /// Whether somebody should look at it.
    pub fn is_degraded(&self, now_unix_ms: i64) -> bool {
        let limit = i64::try_from(DEGRADED_AFTER.as_millis()).unwrap_or(i64::MAX);
        self.unsaved.is_some()
            || self.failing_since.is_some_and(|since| now_unix_ms.saturating_sub(since) > limit)
    }
}

#[derive(Debug, Default)]
struct Endpoint {
    state: EndpointState,
    attempts: Attempts,
}

#[derive(Debug, Default)]
pub(super) struct Shared {
    endpoints: Mutex<BTreeMap<WebhookId, Endpoint>>,
    delivered: AtomicU64,
    failed: AtomicU64,
}

impl Shared {
    pub fn states(&self) -> Vec<EndpointState> {
        self.lock().values().map(|endpoint| endpoint.state.clone()).collect()
    }

    pub fn attempts(&self, id: WebhookId) -> Vec<Attempt> {
        let endpoints = self.lock();
        endpoints.get(&id).map_or_else(Vec::new, |it| it.attempts.newest_first().cloned().collect())
    }

    pub fn begin(&self, id: WebhookId, attempts: Attempts) {
        self.lock().insert(id, Endpoint { state: EndpointState::default(), attempts });
    }

    pub fn update(&self, id: WebhookId, change: impl FnOnce(&mut EndpointState)) {
        change(&mut self.lock().entry(id).or_default().state);
    }

    /// Attempts that arrived and that failed, of all endpoints, in this process.
    pub fn counts(&self) -> (u64, u64) {
        (self.delivered.load(Ordering::Relaxed), self.failed.load(Ordering::Relaxed))
    }

    /// One more attempt, which is given its number.
    pub fn push(&self, id: WebhookId, attempt: &mut Attempt) {
        let mut endpoints = self.lock();
        let attempts = &mut endpoints.entry(id).or_default().attempts;
        attempt.serial = attempts.next_serial();
        attempts.push(attempt.clone());
        let count = if attempt.outcome == Outcome::Delivered { &self.delivered } else { &self.failed };
        count.fetch_add(1, Ordering::Relaxed);
    }

    /// All that are kept of an endpoint, as a file.
    pub fn as_text(&self, id: WebhookId) -> String {
        self.lock().get(&id).map_or_else(String::new, |endpoint| endpoint.attempts.to_text())
    }

    pub fn remove(&self, id: WebhookId) {
        self.lock().remove(&id);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<WebhookId, Endpoint>> {
        self.endpoints.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_minutes_of_failing_are_degraded() {
        let state = EndpointState { failing_since: Some(7), ..EndpointState::default() };
        assert!(!state.is_degraded(300_007) && state.is_degraded(300_008));
        let unsaved = EndpointState { unsaved: Some("full".to_owned()), ..EndpointState::default() };
        assert!(unsaved.is_degraded(0) && !EndpointState::default().is_degraded(i64::MAX));
    }
}
