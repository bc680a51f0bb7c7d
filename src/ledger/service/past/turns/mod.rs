//! A stretch of the log folded by several threads: each reads and decodes every nth portion of it, and they fold
//! by turns, in the order of the log. What a thread has decoded is near its processor when its turn comes, and it gives
//! back the memory itself that it took: both are most of what a record costs where others fold it.

mod thread;

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};

use futures_util::future::join_all;
use mfa_ledger_base::ring;
use mfa_ledger_log::{Log, STRIDE};
use mfa_ledger_projections::State;
use mfa_ledger_schemas::{Position, Record};
use tokio::task::{JoinHandle, spawn_blocking};

use self::thread::Thread;
use super::PastError;

/// Folds the records of a portion.
pub(super) type FoldPortion =
    dyn Fn(&mut State, &[(Position, Record)]) -> Result<(), PastError> + Send + Sync;

/// A fold that reads and decodes already, and waits for the state to go on from.
pub(super) struct Turns {
    begin: SyncSender<State>,
    threads: Vec<JoinHandle<Result<Option<State>, PastError>>>,
    ended: Ended,
}

/// Nobody waits for the fold any more.
struct Ended(Arc<AtomicBool>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Turns {
    /// Begins with the records after a position, up to another that the log holds.
    pub fn begin(log: &Arc<dyn Log>, after: Position, to: Position, fold: &Arc<FoldPortion>) -> Self {
        let ended = Arc::new(AtomicBool::new(false));
        let portions: Vec<_> = portions(after.0, to.0).collect();
        let count = ring::threads().min(portions.len());
        let (begin, begins) = sync_channel(1);
        let mut begins = Some(begins);
        let threads = ring::seats(count).into_iter().enumerate().map(|(index, seat)| {
            let portions = portions.iter().skip(index).step_by(count).cloned().collect();
            let (log, fold, ended) = (Arc::clone(log), Arc::clone(fold), Arc::clone(&ended));
            let thread = Thread { log, fold, portions, begin: begins.take(), seat, to: to.0, ended };
            spawn_blocking(move || thread.run())
        });
        Self { begin, threads: threads.collect(), ended: Ended(ended) }
    }

    /// Goes on from a state of the position that it began behind.
    pub async fn from(self, state: State) -> Result<State, PastError> {
        let Self { begin, threads, ended: _ended } = self;
        if threads.is_empty() {
            return Ok(state);
        }
        // Whoever has failed already says so itself.
        let _failed = begin.send(state);
        drop(begin);
        let mut folded = None;
        for thread in join_all(threads).await {
            folded = thread.map_err(|panic| PastError::Unavailable(panic.into()))??.or(folded);
        }
        folded.ok_or_else(|| PastError::Unavailable("the fold was broken off".into()))
    }
}

/// The positions after one, up to another, in portions that begin where the log finds them at once.
fn portions(after: u64, to: u64) -> impl Iterator<Item = RangeInclusive<u64>> {
    let end = move |first: u64| ((first / STRIDE + 1) * STRIDE - 1).min(to);
    let first = Some(after + 1).filter(|first| *first <= to);
    let firsts = std::iter::successors(first, move |first| Some(end(*first) + 1).filter(|next| *next <= to));
    firsts.map(move |first| first..=end(first))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use mfa_ledger_log::Stream;
    use mfa_ledger_log::memory::Memory;
    use mfa_ledger_schemas::record::{Actor, Origin};
    use mfa_ledger_schemas::{
        AdministratorId, Context, EventId, Instant, LedgerId, StreamName, bodies, codec,
    };

    use super::*;

    const MANY: u64 = 20 * STRIDE + 7;

    fn stored() -> Bytes {
        let administrator = AdministratorId::from_bytes([1; 16]);
        let record = Record {
            id: EventId::from_bytes([2; 16]),
            stream: StreamName::Administrator(administrator),
            reads: Vec::new(),
            at: Instant::default(),
            actor: Actor::anonymous(),
            target: None,
            origin: Origin::default(),
            request: String::new(),
            idempotency: None,
            context: Context::default(),
            event: bodies::SessionsRevoked { administrator, sessions_ended: 0 }.into(),
        };
        codec::encode(LedgerId::from_bytes([3; 16]), &record).expect("it is short").into()
    }

    /// A log with one record that is none.
    async fn log(broken: Option<u64>) -> Arc<dyn Log> {
        let (log, stored) = (Memory::new(), stored());
        for position in 1..=MANY {
            let record = if broken == Some(position) { Bytes::from_static(b"?") } else { stored.clone() };
            log.append(&Stream::new("a"), &[], record).await.expect("it fits");
        }
        Arc::new(log)
    }

    /// Goes through records, each of which must be the next one, and fails at one of them.
    fn counting(fails: Option<u64>) -> Arc<FoldPortion> {
        Arc::new(move |state, records| {
            for (position, _) in records {
                assert_eq!(state.position().0 + 1, position.0, "in order");
                if Some(position.0) == fails {
                    return Err(PastError::Unavailable("it fails".into()));
                }
                state.pass_alone(*position, Instant::default(), Instant::default());
            }
            Ok(())
        })
    }

    async fn folded(log: &Arc<dyn Log>, after: u64, to: u64, fails: Option<u64>) -> Result<u64, PastError> {
        let turns = Turns::begin(log, Position(after), Position(to), &counting(fails));
        let mut state = State::default();
        state.pass_alone(Position(after), Instant::default(), Instant::default());
        turns.from(state).await.map(|state| state.position().0)
    }

    #[tokio::test]
    async fn records_are_folded_in_order_from_anywhere_to_anywhere() {
        let log = log(None).await;
        for (after, to) in [(0, MANY), (0, 0), (7, 8), (STRIDE - 1, STRIDE), (600, 5_000), (MANY, MANY)] {
            assert_eq!(folded(&log, after, to, None).await.expect("it folds"), to);
        }
    }

    #[tokio::test]
    async fn whatever_fails_ends_all_of_it() {
        let good = log(None).await;
        for at in [1, STRIDE, 3_000, MANY] {
            assert!(matches!(folded(&good, 0, MANY, Some(at)).await, Err(PastError::Unavailable(_))), "{at}");
            let bad = log(Some(at)).await;
            let why = folded(&bad, 0, MANY, None).await.map_err(|error| format!("{error:?}"));
            assert!(why.is_err_and(|why| why.contains(&format!("position {at}:"))), "{at}");
            assert_eq!(folded(&bad, at, MANY, None).await.expect("behind it"), MANY);
        }
        assert!(folded(&good, 0, MANY + 1, None).await.is_err(), "more than there are");
    }

    #[tokio::test]
    async fn nobody_goes_on_for_whom_nobody_waits() {
        let log = log(None).await;
        drop(Turns::begin(&log, Position(0), Position(MANY), &counting(None)));
        while Arc::strong_count(&log) > 1 {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    }

    #[test]
    fn portions_are_all_there_is_and_begin_at_the_strides() {
        let of = |after, to| portions(after, to).collect::<Vec<_>>();
        assert_eq!(of(7, 7), []);
        assert_eq!(of(0, 1), [1..=1]);
        assert_eq!(of(0, STRIDE), [1..=STRIDE - 1, STRIDE..=STRIDE]);
        assert_eq!(of(STRIDE - 1, 2 * STRIDE - 1), [STRIDE..=2 * STRIDE - 1]);
        assert_eq!(of(700, 1_100), [701..=1_023, 1_024..=1_100]);
    }
}
