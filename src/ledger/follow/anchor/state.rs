//! How each target fares: for readiness, metrics, and whoever looks.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::Target;

/// A target that has failed for longer than this makes the server degraded.
pub const DEGRADED_AFTER: Duration = Duration::from_mins(5);

/// How a target fares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetState {
    /// Its directory or address, or the name of the witness.
    pub name: String,
    /// `anchor-1` or `witness-1`: the number of its line in the configuration, for pages open to everybody.
    pub label: String,
    /// The size of the newest checkpoint that is there; none before the first success of this process.
    pub anchored: Option<u64>,
    /// When that was put there, in milliseconds since 1970.
    pub succeeded_at: Option<i64>,
    /// Failures since then.
    pub failures: u64,
    /// When the first of them was, in milliseconds since 1970.
    pub failing_since: Option<i64>,
    /// Why the last of them was.
    pub failure: Option<String>,
    /// Whether it says that our log does not go on from what it remembers, without showing that.
    pub disputed: bool,
    /// Whether it holds nothing, or less than it held; it is disputed then, too.
    pub holds_less: bool,
    /// What it remembers that our log does not go on from.
    pub conflict: Option<String>,
}

impl TargetState {
    /// Whether somebody should look at it: it disputes the log, or has failed for longer than
    /// [`DEGRADED_AFTER`].
    pub fn is_degraded(&self, now_unix_ms: i64) -> bool {
        let limit = i64::try_from(DEGRADED_AFTER.as_millis()).unwrap_or(i64::MAX);
        self.disputed
            || self.conflict.is_some()
            || self.failing_since.is_some_and(|since| now_unix_ms.saturating_sub(since) > limit)
    }

    /// Records of the log that are not anchored there.
    pub fn lag(&self, head: u64) -> u64 {
        head.saturating_sub(self.anchored.unwrap_or(0))
    }
}

/// What the tasks write and others read.
#[derive(Debug)]
pub(super) struct Shared {
    states: Mutex<Vec<TargetState>>,
    conflict: watch::Sender<Option<(String, String)>>,
}

impl Shared {
    pub fn new(targets: &[Target]) -> Self {
        let (mut anchors, mut witnesses) = (0, 0);
        let mut named = |target: &Target| {
            let (kind, number) = match target {
                Target::Directory(_) | Target::Web { .. } => ("anchor", &mut anchors),
                Target::Witness { .. } => ("witness", &mut witnesses),
            };
            *number += 1;
            let label = format!("{kind}-{number}");
            TargetState { name: target.to_string(), label, ..TargetState::default() }
        };
        let states = Mutex::new(targets.iter().map(&mut named).collect());
        Self { states, conflict: watch::Sender::new(None) }
    }

    pub fn states(&self) -> Vec<TargetState> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub async fn conflict(&self) -> (String, String) {
        let mut conflict = self.conflict.subscribe();
        match conflict.wait_for(Option::is_some).await.map(|found| found.clone()) {
            Ok(Some(conflict)) => conflict,
            // Not before this is gone, and then nobody waits.
            _ => std::future::pending().await,
        }
    }

    pub fn succeeded(&self, index: usize, size: u64, now: i64) {
        self.change(index, |state| {
            if state.failures > 0 {
                tracing::info!(anchor = state.name, size, "anchored again");
            }
            let (name, label) = (std::mem::take(&mut state.name), std::mem::take(&mut state.label));
            let (anchored, succeeded_at) = (Some(size), Some(now));
            *state = TargetState { name, label, anchored, succeeded_at, ..TargetState::default() };
        });
    }

    pub fn failed(&self, index: usize, why: &str, now: i64) {
        self.change(index, |state| {
            // Once each reason, or a target that is away for a day would fill the log.
            if state.failure.as_deref() != Some(why) {
                tracing::warn!(anchor = state.name, why, "not anchored; to be tried again");
            }
            state.failures += 1;
            state.failing_since.get_or_insert(now);
            state.failure = Some(why.to_owned());
        });
    }

    pub fn disputed(&self, index: usize, why: &str, now: i64) {
        self.failed(index, why, now);
        self.change(index, |state| {
            if !std::mem::replace(&mut state.disputed, true) {
                tracing::error!(anchor = state.name, why, "the log is said to be another than it was");
            }
        });
    }

    pub fn holds_less(&self, index: usize, why: &str, now: i64) {
        self.failed(index, why, now);
        self.change(index, |state| {
            state.disputed = true;
            if !std::mem::replace(&mut state.holds_less, true) {
                tracing::error!(
                    anchor = state.name,
                    why,
                    "an anchor was emptied, or put back to an earlier state; nothing more is put there"
                );
            }
        });
    }

    pub fn conflicts(&self, index: usize, why: &str) {
        self.change(index, |state| {
            tracing::error!(anchor = state.name, why, "the log is not the one that an anchor remembers");
            state.conflict = Some(why.to_owned());
            self.conflict.send_if_modified(|conflict| {
                let first = conflict.is_none();
                conflict.get_or_insert_with(|| (state.name.clone(), why.to_owned()));
                first
            });
        });
    }

    fn change(&self, index: usize, change: impl FnOnce(&mut TargetState)) {
        if let Some(state) = self.states.lock().unwrap_or_else(PoisonError::into_inner).get_mut(index) {
            change(state);
        }
    }
}

#[cfg(test)]
mod tests {
    use mfa_ledger_base::tlog::SigningKey;
    use mfa_ledger_base::tlog::key::KeyType;

    use super::*;

    #[test]
    fn a_target_is_degraded_once_it_has_failed_for_longer_than_the_limit() {
        let shared = Shared::new(&[Target::Directory("/a".into())]);
        shared.failed(0, "gone", 1_000);
        shared.failed(0, "gone", 2_000);
        let state = shared.states().remove(0);
        assert_eq!((state.failures, state.failing_since), (2, Some(1_000)));
        assert!(!state.is_degraded(1_000 + 300_000));
        assert!(state.is_degraded(1_001 + 300_000));
        shared.succeeded(0, 7, 500_000);
        let state = shared.states().remove(0);
        assert_eq!((state.failures, state.failing_since, state.lag(10)), (0, None, 3));
        shared.disputed(0, "other", 600_000);
        assert!(shared.states().remove(0).is_degraded(600_000));
        shared.succeeded(0, 8, 700_000);
        shared.holds_less(0, "empty", 800_000);
        let state = shared.states().remove(0);
        assert!(state.is_degraded(800_000) && state.disputed && state.holds_less);
    }

    #[test]
    fn targets_are_numbered_by_their_kind() {
        let witness = SigningKey::from_seed("w", KeyType::Cosignature, &[1; 32]).unwrap().verifier().clone();
        let targets = [
            Target::Directory("/a".into()),
            Target::Witness { url: "http://w".into(), key: Box::new(witness) },
            Target::Web { url: "http://h".into(), token: None },
        ];
        let labels: Vec<_> = Shared::new(&targets).states().into_iter().map(|state| state.label).collect();
        assert_eq!(labels, ["anchor-1", "witness-1", "anchor-2"]);
    }
}
