//! Work on the records of a log by several threads, in their order. One thread gives the records, in portions. Several
//! threads prepare a portion each at the same time, and take what they prepared by turns. A thread takes its own portion
//! because that is near its processor by then, and frees the memory that it took. Together they hold a few portions.

use std::iter::Cycle;
use std::ops::ControlFlow;
use std::panic::resume_unwind;
use std::slice::Iter;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use crate::ring::{self, Seat};

/// Bytes after which a portion takes no further record.
const PORTION_BYTES: usize = 512 * 1024;

/// How much is done at once.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Threads that prepare portions and take them.
    pub threads: usize,
    /// Records of a portion.
    pub records: usize,
    /// Portions that wait for each thread.
    pub waiting: usize,
}

/// Records that stand one behind the other.
#[derive(Debug, Default)]
pub struct Portion {
    first: u64,
    bytes: Vec<u8>,
    /// Where each record ends.
    ends: Vec<usize>,
}

impl Portion {
    /// Each of them, with its position.
    pub fn records(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let begins = [0].into_iter().chain(self.ends.iter().copied());
        let records = begins.zip(&self.ends).map(|(begin, end)| &self.bytes[begin..*end]);
        (self.first..).zip(records)
    }

    /// How many they are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// An empty one with room for as much again.
    fn alike(&self) -> Self {
        let (bytes, ends) = (self.bytes.len() + self.bytes.len() / 8, self.ends.len());
        Self { first: 0, bytes: Vec::with_capacity(bytes), ends: Vec::with_capacity(ends) }
    }
}

/// Takes records in, one after another.
#[derive(Debug)]
pub struct Feed<'t> {
    portion: Portion,
    most: usize,
    hands: Cycle<Iter<'t, SyncSender<Portion>>>,
}

impl Feed<'_> {
    /// Takes the next record, whose position follows that of the last. `false` when no worker takes records any more.
    pub fn give(&mut self, position: u64, record: &[u8]) -> bool {
        let portion = &mut self.portion;
        if portion.is_empty() {
            portion.first = position;
        }
        portion.bytes.extend_from_slice(record);
        portion.ends.push(portion.bytes.len());
        let full = portion.ends.len() >= self.most || portion.bytes.len() >= PORTION_BYTES;
        !full || self.hand_on()
    }

    fn hand_on(&mut self) -> bool {
        let next = self.portion.alike();
        let portion = std::mem::replace(&mut self.portion, next);
        portion.is_empty() || self.hands.next().is_some_and(|hand| hand.send(portion).is_ok())
    }
}

/// Runs `feed` on this thread, `prepare` on several at once, and `take` on one of them at a time, in the order of the
/// records, until all are taken, or it breaks off or fails. Returns what `feed` returns, and the state that `take` was
/// given. A panic of any of them is passed on.
pub fn run<S: Send, R, P, E: Send>(
    limits: Limits,
    state: S,
    feed: impl FnOnce(&mut Feed<'_>) -> R,
    prepare: impl Fn(&Portion) -> P + Sync,
    take: impl Fn(&mut S, &Portion, &mut P) -> Result<ControlFlow<()>, E> + Sync,
) -> (R, Result<S, E>) {
    let seats = ring::seats(limits.threads);
    let last = seats.last().expect("there is a thread");
    last.next.send(state).expect("the first one is here");
    let (prepare, take) = (&prepare, &take);
    std::thread::scope(|scope| {
        let (hands, threads): (Vec<_>, Vec<_>) = seats
            .into_iter()
            .map(|seat| {
                let (hand, portions) = sync_channel(limits.waiting);
                (hand, scope.spawn(move || work(&portions, &seat, prepare, take)))
            })
            .unzip();
        let mut feeding =
            Feed { portion: Portion::default(), most: limits.records, hands: hands.iter().cycle() };
        let given = feed(&mut feeding);
        // Nobody hears of it who has seen enough.
        feeding.hand_on();
        drop(hands);
        let ended =
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
        let state = ended.filter_map(Result::transpose).last();
        (given, state.expect("one of them comes to the end"))
    })
}

/// Returns the state on the one thread that comes to the end. A thread that leaves early ends the others: they get no turn.
fn work<S, P, E>(
    portions: &Receiver<Portion>,
    seat: &Seat<S>,
    prepare: impl Fn(&Portion) -> P,
    take: impl Fn(&mut S, &Portion, &mut P) -> Result<ControlFlow<()>, E>,
) -> Result<Option<S>, E> {
    for portion in portions {
        let mut made = prepare(&portion);
        let Ok(mut state) = seat.turn.recv() else { return Ok(None) };
        if take(&mut state, &portion, &mut made)?.is_break() {
            return Ok(Some(state));
        }
        if seat.next.send(state).is_err() {
            return Ok(None);
        }
    }
    Ok(seat.turn.recv().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { threads: 3, records: 4, waiting: 2 };

    /// Gives so many records, the bytes of their positions; tells how many were taken.
    fn feed(count: u64) -> impl FnOnce(&mut Feed<'_>) -> u64 {
        move |feed| {
            (1..=count).take_while(|position| feed.give(*position, &position.to_be_bytes())).count() as u64
        }
    }

    fn positions(portion: &Portion) -> Vec<u64> {
        portion
            .records()
            .map(|(position, record)| {
                assert_eq!(record, position.to_be_bytes());
                position
            })
            .collect()
    }

    #[test]
    fn records_are_taken_in_their_order() {
        for (count, threads) in [(0, 1), (1, 3), (3, 3), (4, 3), (1_003, 1), (1_003, 5)] {
            let (fed, seen) = run(
                Limits { threads, ..LIMITS },
                Vec::new(),
                feed(count),
                positions,
                |seen, portion, positions| {
                    assert!(portion.len() == positions.len() && portion.len() <= LIMITS.records);
                    seen.append(positions);
                    Ok::<_, ()>(ControlFlow::Continue(()))
                },
            );
            assert_eq!(fed, count);
            assert!(seen.unwrap().into_iter().eq(1..=count), "{count}");
        }
    }

    #[test]
    fn large_records_go_in_small_portions() {
        let large = vec![7; PORTION_BYTES / 2];
        let ((), most) = run(
            Limits { records: 100, ..LIMITS },
            0,
            |feed| (1..=9).for_each(|at| assert!(feed.give(at, &large))),
            Portion::len,
            |most, _, len| {
                *most = (*most).max(*len);
                Ok::<_, ()>(ControlFlow::Continue(()))
            },
        );
        assert_eq!(most, Ok(2));
    }

    #[test]
    fn whoever_has_seen_enough_or_fails_ends_all_of_it() {
        for (fails, expected) in [(false, Ok(8)), (true, Err(8))] {
            let (fed, reached) = run(LIMITS, 0, feed(u64::MAX), positions, |reached, _, positions| {
                *reached = positions[3];
                match (*reached == 8, fails) {
                    (true, true) => Err(*reached),
                    (true, false) => Ok(ControlFlow::Break(())),
                    (false, _) => Ok(ControlFlow::Continue(())),
                }
            });
            assert_eq!(reached, expected);
            assert!(fed < 1_000, "{fed} were taken in");
        }
    }

    #[test]
    #[should_panic(expected = "not this one")]
    fn a_panic_is_passed_on() {
        let prepare = |portion: &Portion| assert!(positions(portion)[0] != 9, "not this one");
        let _never =
            run(LIMITS, (), feed(u64::MAX), prepare, |(), _, ()| Ok::<_, ()>(ControlFlow::Continue(())));
    }
}
