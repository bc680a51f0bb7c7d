//! Records looked at by several threads at once, and handed to the tree in their order.

use std::convert::Infallible;
use std::ops::ControlFlow;

use mfa_ledger_base::ordered::{self, Feed, Limits, Portion};

use super::Examined;

/// Records that go to a thread at once, at most.
const BATCH: usize = 1_024;

/// Batches that wait for a thread.
const WAITING: usize = 4;

/// Runs `feed` on this thread, `examine` on several, and `take` on one of them at a time, in the order of the records.
pub fn run<R>(
    examine: impl Fn(u64, &[u8]) -> Examined + Sync,
    feed: impl FnOnce(&mut Feed<'_>) -> R,
    take: impl FnMut(u64, Examined) + Send,
) -> R {
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let limits = Limits { threads, records: BATCH, waiting: WAITING };
    let examine_all = |portion: &Portion| -> Vec<_> {
        portion.records().map(|(position, record)| (position, examine(position, record))).collect()
    };
    let (given, Ok(_take)) = ordered::run(limits, take, feed, examine_all, |take, _, examined| {
        examined.drain(..).for_each(|(position, examined)| take(position, examined));
        Ok::<_, Infallible>(ControlFlow::Continue(()))
    });
    given
}
