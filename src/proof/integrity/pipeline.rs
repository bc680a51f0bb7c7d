//! Records looked at by several threads at once, and handed to the tree in their order. All of them together
//! hold a few batches in memory.

use std::iter::Cycle;
use std::slice::Iter;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::Examined;

/// Records that go to a thread at once, at most.
const BATCH: usize = 1_024;

/// Bytes after which a batch takes no further record.
const BATCH_BYTES: usize = 512 * 1024;

/// Batches that wait for a thread, or for the tree.
const WAITING: usize = 4;

#[derive(Default)]
struct Batch {
    first: u64,
    bytes: Vec<u8>,
    /// Where each record ends.
    ends: Vec<usize>,
}

impl Batch {
    fn examine(&self, examine: &impl Fn(u64, &[u8]) -> Examined) -> Vec<Examined> {
        let begins = [0].into_iter().chain(self.ends.iter().copied());
        let records = begins.zip(&self.ends).map(|(begin, end)| &self.bytes[begin..*end]);
        records.zip(self.first..).map(|(record, position)| examine(position, record)).collect()
    }
}

/// Takes records in, one after another.
pub struct Feed<'t> {
    batch: Batch,
    turns: Cycle<Iter<'t, SyncSender<Batch>>>,
}

impl Feed<'_> {
    /// The next record; each stands one behind the one before. `false` when nobody takes it any more.
    pub fn give(&mut self, position: u64, bytes: &[u8]) -> bool {
        if self.batch.ends.is_empty() {
            self.batch.first = position;
        }
        self.batch.bytes.extend_from_slice(bytes);
        self.batch.ends.push(self.batch.bytes.len());
        let full = self.batch.ends.len() == BATCH || self.batch.bytes.len() >= BATCH_BYTES;
        !full || self.hand_on()
    }

    fn hand_on(&mut self) -> bool {
        let batch = std::mem::take(&mut self.batch);
        batch.ends.is_empty() || self.turns.next().is_some_and(|turn| turn.send(batch).is_ok())
    }
}

/// Runs `feed` on this thread, `examine` on several, `take` on one more, in the order of the records.
pub fn run<R>(
    examine: impl Fn(u64, &[u8]) -> Examined + Sync,
    feed: impl FnOnce(&mut Feed<'_>) -> R,
    mut take: impl FnMut(u64, Examined) + Send,
) -> R {
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let examine = &examine;
    std::thread::scope(|scope| {
        let (mut to, mut from) = (Vec::new(), Vec::new());
        for _ in 0..threads {
            let (give, batches) = sync_channel::<Batch>(WAITING);
            let (answer, answered) = sync_channel(WAITING);
            scope.spawn(move || {
                for batch in batches {
                    if answer.send((batch.first, batch.examine(examine))).is_err() {
                        return;
                    }
                }
            });
            to.push(give);
            from.push(answered);
        }
        let tree = scope.spawn(move || collect(&from, &mut take));
        let mut feeding = Feed { batch: Batch::default(), turns: to.iter().cycle() };
        let outcome = feed(&mut feeding);
        feeding.hand_on();
        drop(to);
        tree.join().expect("keeping the tree does not panic");
        outcome
    })
}

/// Takes the answers in the order in which the batches were handed on.
fn collect(from: &[Receiver<(u64, Vec<Examined>)>], take: &mut impl FnMut(u64, Examined)) {
    for turn in from.iter().cycle() {
        let Ok((first, examined)) = turn.recv() else { break };
        examined.into_iter().zip(first..).for_each(|(examined, position)| take(position, examined));
    }
}

#[cfg(test)]
mod tests {
    use mfa_ledger_base::tlog::leaf_hash;

    use super::*;

    #[test]
    fn records_come_back_in_their_order() {
        for count in [0, 1, BATCH as u64 - 1, BATCH as u64, 9 * BATCH as u64 + 3] {
            let mut seen = Vec::new();
            let told = run(
                |position, bytes| {
                    assert_eq!(bytes, position.to_be_bytes());
                    Examined { hash: leaf_hash(bytes), fault: None }
                },
                |feed| (1..=count).all(|position| feed.give(position, &position.to_be_bytes())),
                |position, examined| {
                    assert_eq!(examined.hash, leaf_hash(&position.to_be_bytes()));
                    seen.push(position);
                },
            );
            assert!(told && seen.iter().copied().eq(1..=count), "{count}");
        }
    }

    #[test]
    fn large_records_go_in_small_batches() {
        let large = vec![7; BATCH_BYTES / 2];
        let mut seen = 0;
        let examine = |_, bytes: &[u8]| Examined { hash: leaf_hash(bytes), fault: None };
        run(examine, |feed| (1..=9).for_each(|at| assert!(feed.give(at, &large))), |_, _| seen += 1);
        assert_eq!(seen, 9);
    }
}
