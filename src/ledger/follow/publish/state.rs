//! How publishing fares: for readiness, metrics, and whoever looks.

use mfa_ledger_base::vitals::Since;
use mfa_ledger_schemas::Instant;
use tokio::sync::watch;

/// Something about the stream of the events that somebody has to look into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The name of the stream.
    pub stream: String,
    /// When the NATS server created it: one that was deleted and created again has another time. `None` where the
    /// stream was never reached.
    pub created: Option<Instant>,
    /// The first position that is known to be wrong, where it is about one.
    pub position: Option<u64>,
    /// What was found.
    pub why: String,
}

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
    /// Up to here, from the first one on, every message was compared with its record.
    pub verified: u64,
    /// The stream is not the copy of the log; publishing has stopped for that until the next start.
    pub differs: Option<Finding>,
    /// The stream was deleted and created again since the start; the newest such event.
    pub recreated: Option<Finding>,
    /// The stream that was reached last, by the time at which it was created, in nanoseconds since 1970.
    created_ns: Option<i128>,
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

    /// Changes of the state, as they come.
    pub fn watch(&self) -> watch::Receiver<PublishState> {
        self.0.subscribe()
    }

    /// Waits until this record is on the stream.
    pub async fn reached(&self, position: u64) {
        let mut state = self.0.subscribe();
        // It does not end before this value does.
        let _or_ended = state.wait_for(|state| state.position >= position).await;
    }

    /// A stream of the events is there, created at this time. What was compared on another one counts no more.
    pub fn opened(&self, stream: &str, created_ns: i128) {
        self.0.send_modify(|state| {
            let before = state.created_ns.replace(created_ns);
            if before.is_none_or(|before| before == created_ns) {
                return;
            }
            let created = instant(created_ns);
            let why = format!(
                "the stream {stream} was deleted and created again at {created}; its consumers are gone, and may have \
                 missed events"
            );
            tracing::error!(stream, %created, why, "the stream was deleted; its messages are published again");
            state.verified = 0;
            let created = Some(created);
            state.recreated = Some(Finding { stream: stream.to_owned(), created, position: None, why });
        });
    }

    /// Up to here, every message was compared with its record.
    pub fn verified(&self, position: u64) {
        self.0.send_modify(|state| state.verified = position);
    }

    /// The stream is not the copy of the log.
    pub fn differs(&self, stream: &str, position: Option<u64>, why: &str) {
        self.0.send_modify(|state| {
            tracing::error!(why, stream, position, "publishing has stopped: the stream differs from the log");
            let created = state.created_ns.map(instant);
            (state.connected, state.stopped) = (false, Some(why.to_owned()));
            let (stream, why) = (stream.to_owned(), why.to_owned());
            state.differs = Some(Finding { stream, created, position, why });
        });
    }

    /// The streams were found good, and the one of the events ends here; with `whole`, where the log does.
    pub fn found(&self, position: u64, whole: bool) {
        self.0.send_modify(|state| {
            if position < state.position {
                let lost = state.position - position;
                tracing::warn!(position, lost, "the stream has lost messages; they are published again");
            }
            (state.connected, state.position, state.stopped) = (true, position, None);
            state.verified = state.verified.min(position);
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

fn instant(ns: i128) -> Instant {
    Instant::from_unix_ms(i64::try_from(ns / 1_000_000).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_that_was_created_again_is_noted_and_compared_from_its_beginning() {
        let shared = Shared::default();
        shared.opened("E", 1_000_000);
        shared.found(9, true);
        shared.verified(9);
        shared.opened("E", 1_000_000);
        assert_eq!((shared.state().recreated, shared.state().verified), (None, 9), "the same one");
        shared.opened("E", 1_000_001);
        let state = shared.state();
        assert_eq!((state.recreated.is_some(), state.verified), (true, 0), "a nanosecond makes it another");
    }

    #[test]
    fn what_was_compared_ends_with_the_stream() {
        let shared = Shared::default();
        shared.found(9, true);
        shared.verified(9);
        shared.found(7, false);
        assert_eq!(shared.state().verified, 7);
    }

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
