//! How publishing fares: for readiness, metrics, and whoever looks.

use tokio::sync::watch;

use crate::vitals::Since;

/// How publishing fares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublishState {
    /// Whether there is a connection, and the streams on it were found good.
    pub connected: bool,
    /// The newest record that is known to be on the stream.
    pub position: u64,
    /// Records that the newest published checkpoint covers.
    pub checkpoint: u64,
    /// Failures since something was published last.
    pub failures: u32,
    /// Why the last of them was.
    pub failure: Option<String>,
    /// Since when nothing is published, where something keeps it from being.
    pub failing: Option<Since>,
    /// Why nothing more is published, until somebody sees to it.
    pub stopped: Option<String>,
    /// Why there are no checkpoints on their stream, while events are published.
    pub checkpoint_failure: Option<String>,
}

impl PublishState {
    /// What was wrong is not any more. Being connected alone does not show that.
    fn well(&mut self) {
        if self.failures > 0 {
            tracing::info!(position = self.position, "events are published again");
        }
        (self.failures, self.failure, self.failing) = (0, None, None);
    }
}

/// What the task writes and others read.
#[derive(Debug)]
pub(super) struct Shared(watch::Sender<PublishState>);

impl Default for Shared {
    fn default() -> Self {
        Self(watch::Sender::new(PublishState::default()))
    }
}

impl Shared {
    pub fn state(&self) -> PublishState {
        self.0.borrow().clone()
    }

    /// The streams were found good, and the one of the events ends here; with `whole`, where the log does.
    pub fn found(&self, position: u64, whole: bool) {
        self.0.send_modify(|state| {
            if position < state.position {
                let lost = state.position - position;
                tracing::warn!(position, lost, "the stream has lost messages; they are published again");
            }
            (state.connected, state.position, state.stopped) = (true, position, None);
            if whole {
                state.well();
            }
        });
    }

    pub fn published(&self, position: u64) {
        self.0.send_modify(|state| {
            state.position = position;
            state.well();
        });
    }

    pub fn checkpoint(&self, size: u64) {
        self.0.send_modify(|state| (state.checkpoint, state.checkpoint_failure) = (size, None));
    }

    pub fn checkpoint_failed(&self, why: &str) {
        self.0.send_modify(|state| {
            if state.checkpoint_failure.as_deref() != Some(why) {
                tracing::warn!(why, "checkpoints are not published; to be tried again");
            }
            state.checkpoint_failure = Some(why.to_owned());
        });
    }

    /// The number of failures in a row is told back.
    pub fn failed(&self, why: &str) -> u32 {
        let mut failures = 0;
        self.0.send_modify(|state| {
            // Once each reason, or a server that is away for a day would fill the log.
            if state.failure.as_deref() != Some(why) {
                tracing::warn!(why, "events are not published; to be tried again");
            }
            (state.connected, state.stopped) = (false, None);
            state.failures = state.failures.saturating_add(1);
            failures = state.failures;
            state.failing.get_or_insert_with(Since::now);
            state.failure = Some(why.to_owned());
        });
        failures
    }

    pub fn stopped(&self, why: &str) {
        self.0.send_modify(|state| {
            if state.stopped.as_deref() != Some(why) {
                tracing::error!(why, "publishing has stopped");
            }
            (state.connected, state.stopped) = (false, Some(why.to_owned()));
            state.failing.get_or_insert_with(Since::now);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_wrong_is_forgotten_once_it_is_right() {
        let shared = Shared::default();
        assert_eq!((shared.failed("away"), shared.failed("away")), (1, 2));
        shared.stopped("other");
        let state = shared.state();
        assert_eq!((state.connected, state.failures, state.stopped.as_deref()), (false, 2, Some("other")));
        assert!(state.failing.is_some());
        shared.found(7, false);
        let state = shared.state();
        assert_eq!(
            (state.connected, state.failures, state.stopped),
            (true, 2, None),
            "nothing shows that yet"
        );
        shared.found(7, true);
        assert_eq!(shared.state(), PublishState { connected: true, position: 7, ..PublishState::default() });
        shared.failed("away");
        shared.published(8);
        assert_eq!(shared.state(), PublishState { connected: false, position: 8, ..PublishState::default() });
        assert_eq!(shared.failed("away"), 1);
        assert_eq!(shared.state().position, 8, "it is still there, as far as anybody knows");
    }
}
