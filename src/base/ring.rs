//! Threads that work on one thing by turns, in a ring: whoever has done their part hands it to the next one. Between two
//! turns each gets ready for the next, so that what it needs is near its processor when the turn comes.

use std::num::NonZero;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::available_parallelism;

/// Threads of a ring, at most: only one at a time has its turn, and no more of them keep up with it.
const THREADS: usize = 4;

/// How many threads a ring has where there is enough to do.
pub fn threads() -> usize {
    available_parallelism().map_or(1, NonZero::get).min(THREADS)
}

/// A place in a ring. Whoever leaves it without handing on ends the others: they get no turn any more.
#[derive(Debug)]
pub struct Seat<T> {
    /// Where the thing comes from when it is this one's turn.
    pub turn: Receiver<T>,
    /// Where it goes to then.
    pub next: SyncSender<T>,
}

/// So many places, each of which hands on to the one behind it, and the last one to the first.
pub fn seats<T>(count: usize) -> Vec<Seat<T>> {
    let (mut nexts, turns): (Vec<_>, Vec<_>) = (0..count).map(|_| sync_channel(1)).unzip();
    nexts.rotate_left(count.min(1));
    turns.into_iter().zip(nexts).map(|(turn, next)| Seat { turn, next }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_hands_on_to_the_one_behind_it_and_the_last_to_the_first() {
        for count in [1, 2, 5] {
            let seats = seats(count);
            seats[count - 1].next.send(0).unwrap();
            for seat in &seats {
                seat.next.send(seat.turn.try_recv().unwrap() + 1).unwrap();
            }
            assert_eq!(seats[0].turn.try_recv(), Ok(count));
        }
        assert!(seats::<u8>(0).is_empty());
    }
}
