//! `kill -9` at a random moment, over and over, the opening included. The whole program is killed in
//! `promises/killed.rs`; here it is the log and the vault, often.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::child::{Heard, Worker};
use crate::support::draws::{Draws, rounds, seeds};
use crate::support::ram;

/// Lives in one directory, so that it does not grow without end.
const LIVES: u64 = 10;
/// A child is killed at the latest so many microseconds after it was ready.
const LONGEST_US: u64 = 40_000;
/// Or after it was started, to be met while it opens.
const OPENING_US: u64 = 25_000;

#[tokio::test]
async fn no_kill_takes_what_was_acknowledged() {
    let seed = seeds(1, 1).next().unwrap();
    let draws = Draws::new(seed);
    let (mut acknowledged, mut found, mut early) = (0, 0, 0);
    for _ in 0..rounds(200, 1_000) / LIVES {
        let dir = ram::dir();
        let heard = Arc::new(Mutex::new(Heard::default()));
        for life in 0..LIVES {
            let worker = Worker::start(dir.path(), life, &heard);
            if draws.below(4) == 0 {
                std::thread::sleep(Duration::from_micros(draws.below(OPENING_US)));
                early += 1;
            } else {
                assert!(worker.wait_until_ready(), "it opens what a kill has left");
                std::thread::sleep(Duration::from_micros(draws.below(LONGEST_US)));
            }
            worker.kill();
            // Sometimes nobody looks before the next life begins, and is killed.
            if life + 1 == LIVES || draws.below(4) > 0 {
                let heard = heard.lock().unwrap().clone();
                found = heard.judge(dir.path()).await;
            }
        }
        acknowledged += heard.lock().unwrap().appended();
    }
    println!("{acknowledged} records acknowledged, {found} in the last log, {early} kills while opening");
    assert!(acknowledged > 1_000);
}
