//! Ends a process whose writes hang: nothing else helps, and a restart recovers.
//!
//! | a write has not returned for | what is done |
//! |---|---|
//! | [`NOT_READY_AFTER`](crate::vitals::NOT_READY_AFTER) | new commands are refused, `/readyz` is 503 |
//! | [`ANSWER_WITHIN`](crate::vitals::ANSWER_WITHIN) | its callers hear that the outcome is unknown |
//! | `log.hang_exit_seconds` | the process ends with exit code 1 |

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::vitals::{Since, Underway, Vitals};

/// How often the writers are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// As of every command that has failed.
const EXIT_CODE: i32 = 1;

/// A thread that looks at the writers; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct Watchdog {
    watched: Arc<Mutex<Vec<Arc<Vitals>>>>,
    /// What probes the disk, which may hang too.
    pub probe: Arc<Vitals>,
    _ending: Sender<()>,
}

impl Watchdog {
    /// Ends the process once a write has not returned for so long.
    pub fn start(limit: Duration) -> io::Result<Self> {
        let (ending, ended) = channel();
        let watched = Arc::new(Mutex::new(Vec::new()));
        let looked_at = Arc::clone(&watched);
        // A thread of its own: the runtime's may all be in what hangs.
        let look = move || look(&looked_at, limit, &ended);
        std::thread::Builder::new().name("watchdog".into()).spawn(look)?;
        Ok(Self { watched, probe: Arc::default(), _ending: ending })
    }

    /// Looks at these writers from now on, and no longer at those before.
    pub fn watch(&self, writers: impl IntoIterator<Item = Arc<Vitals>>) {
        let writers = writers.into_iter().chain([Arc::clone(&self.probe)]).collect();
        *self.watched.lock().unwrap_or_else(PoisonError::into_inner) = writers;
    }
}

fn look(watched: &Mutex<Vec<Arc<Vitals>>>, limit: Duration, ended: &Receiver<()>) {
    let (mut told, mut late) = (None, None);
    while ended.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
        let longest = longest(&watched.lock().unwrap_or_else(PoisonError::into_inner));
        match longest {
            // Seen twice: a process that was stopped for a while finds a write that looks old and returns at once.
            Some(Underway { what, since }) if late == Some(since) => end(what, since),
            Some(Underway { since, .. }) if since.elapsed() >= limit => late = Some(since),
            Some(Underway { what, since }) if told != Some(since) => {
                told = Some(since);
                let ends_in = limit.saturating_sub(since.elapsed()).as_secs();
                tracing::error!(what, ends_in, "not ready: a write to the disk has not returned");
            }
            Some(_) => {}
            None => {
                late = None;
                if told.take().is_some() {
                    tracing::info!("the write to the disk has returned");
                }
            }
        }
    }
}

/// The write that has hung for the longest.
fn longest(watched: &[Arc<Vitals>]) -> Option<Underway> {
    watched.iter().filter_map(|vitals| vitals.hanging()).min_by_key(|underway| underway.since)
}

fn end(what: &'static str, since: Since) -> ! {
    let seconds = since.elapsed().as_secs();
    tracing::error!(what, seconds, "ending: a write to the disk does not return");
    eprintln!(
        "mfa-ledger: {what} has not returned for {seconds} s (log.hang_exit_seconds): the process ends\n\
         the disk of the data directory hangs: look at the disk, then start the server again; nothing that was \
         acknowledged is lost"
    );
    std::process::exit(EXIT_CODE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ends_with_its_handle() {
        let dog = Watchdog::start(Duration::from_mins(1)).unwrap();
        let watched = Arc::downgrade(&dog.watched);
        dog.watch([Arc::default()]);
        assert_eq!(watched.upgrade().unwrap().lock().unwrap().len(), 2);
        drop(dog);
        while watched.upgrade().is_some() {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn a_short_write_is_not_a_hang() {
        let vitals = Arc::new(Vitals::default());
        let watched = [Arc::clone(&vitals)];
        assert_eq!(vitals.track("a commit", || longest(&watched)), None);
    }
}
