//! The writer: the one thread that changes the log. It takes what is waiting, without lingering,
//! makes it durable in one go, and only then lets anyone know.
//!
//! Callers are answered before sled is given what was written, so they do not wait for it. sled gets it
//! in larger portions, since one portion costs it nearly as much as one record; until then readers are
//! served from the tail, which lets nothing go that sled does not have.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use bytes::Bytes;
use mfa_ledger_base::disk::Disk;
use mfa_ledger_base::vitals::TellsOfPanic;
use tokio::sync::watch;

use super::closed::Closed;
use super::frame::Seal;
use super::journal::Journal;
use super::mark::{self, Tips};
use super::open::Opened;
use super::places::Places;
use super::reading::Reading;
use super::stretch::Stretches;
use super::{BATCH_BYTES, BATCH_RECORDS};
use crate::{Answer, AppendError, BoxError, Entry, Position, Stream};

/// Idle time after which sled is brought to the medium.
const SYNC_WHEN_IDLE: Duration = Duration::from_secs(2);

/// Records that sled is given at once under load: more would outgrow the tail.
const PORTION: usize = super::reading::TAIL / 2;

/// Idle time after which sled is given what it lacks, be it ever so little.
const PORTION_WHEN_IDLE: Duration = Duration::from_millis(20);

/// Records after which sled is brought to the medium even under load.
const SYNC_AFTER: usize = 65_536;

/// What the writer is in, as health checks show it.
const COMMIT: &str = "a commit to the log";
const COPYING: &str = "a write to the reading copy of the log";
const CLOSING: &str = "the closing of the log";

pub(super) enum Message {
    Append(Request),
    Close(Leave),
}

/// Whether a log leaves the mark of an orderly stop behind.
#[derive(Clone, Copy, Debug)]
pub(super) enum Leave {
    Nothing,
    Mark,
    /// Only where the log ends at this position.
    MarkAt(Position),
}

/// One append that waits for its answer.
pub(super) struct Request {
    pub stream: Stream,
    pub reads: Vec<(Stream, Position)>,
    pub record: Bytes,
    pub answer: Answer,
}

pub(super) struct Writer {
    requests: Receiver<Message>,
    batch: Batch,
    /// The position of the last record of every stream, the batch at hand included.
    tips: Tips,
    last: Position,
    journal: Journal,
    reading: Arc<Reading>,
    head: watch::Sender<Position>,
    /// Durable records that sled has not been given yet.
    owed: Vec<Entry>,
    /// Records given to sled since it was last synced.
    unsynced: usize,
    /// How it was told to end.
    leave: Leave,
    seal: Seal,
    dir: PathBuf,
    disk: Disk,
    ledger: [u8; 16],
    /// Held to the end, let go last.
    lock: File,
}

/// What is written together; kept to reuse its memory.
#[derive(Default)]
struct Batch {
    frames: Vec<u8>,
    entries: Vec<Entry>,
    /// `None` is a conflict. It is told with the rest, for it may rest on a record of this batch.
    answers: Vec<(Answer, Option<Position>)>,
}

impl Writer {
    pub fn new(
        dir: &Path,
        ledger: [u8; 16],
        disk: Disk,
        opened: Opened,
        requests: Receiver<Message>,
    ) -> (Arc<Reading>, Self) {
        let seal = Seal::new(ledger);
        let last = opened.opening.head;
        let (head, watched) = watch::channel(last);
        let stretches = Stretches::new(Places::new(dir.join("journal"), opened.marks), seal);
        let reading = Arc::new(Reading::new(opened.tree, watched, stretches));
        let mended = opened.opening.rebuilt.as_ref().map_or(opened.opening.caught_up, |copy| copy.records);
        let writer = Self {
            requests,
            batch: Batch::default(),
            tips: opened.tips,
            last,
            journal: opened.journal,
            reading: Arc::clone(&reading),
            head,
            owed: Vec::with_capacity(PORTION + BATCH_RECORDS),
            unsynced: usize::from(mended > 0),
            leave: Leave::Nothing,
            seal,
            dir: dir.into(),
            disk,
            ledger,
            lock: opened.lock,
        };
        (reading, writer)
    }

    pub fn run(mut self) -> Result<Closed, BoxError> {
        let vitals = Arc::clone(&self.reading.vitals);
        let _told = TellsOfPanic(&vitals);
        while let Some(first) = self.next_request() {
            let open = self.collect(first);
            self.commit();
            if !open {
                break;
            }
        }
        self.close()
    }

    /// The next request; `None` when the log is to be closed.
    fn next_request(&mut self) -> Option<Request> {
        if !self.owed.is_empty() {
            match self.requests.recv_timeout(PORTION_WHEN_IDLE) {
                Err(RecvTimeoutError::Timeout) => self.settle(),
                received => return self.request(received.ok()),
            }
        }
        if self.unsynced > 0 && self.reading.poisoned().is_none() {
            match self.requests.recv_timeout(SYNC_WHEN_IDLE) {
                Err(RecvTimeoutError::Timeout) => self.sync(),
                received => return self.request(received.ok()),
            }
        }
        let received = self.requests.recv().ok();
        self.request(received)
    }

    /// The request in a message; `None` when the log is to be closed, or nobody holds it any more.
    fn request(&mut self, message: Option<Message>) -> Option<Request> {
        match message? {
            Message::Append(request) => Some(request),
            Message::Close(leave) => {
                self.leave = leave;
                None
            }
        }
    }

    /// Fills the batch with what is waiting; `false` when the log is to be closed after it.
    fn collect(&mut self, first: Request) -> bool {
        self.admit(first);
        while self.batch.answers.len() < BATCH_RECORDS && self.batch.frames.len() < BATCH_BYTES {
            match self.requests.try_recv() {
                Ok(Message::Append(request)) => self.admit(request),
                Ok(Message::Close(leave)) => {
                    self.leave = leave;
                    return false;
                }
                Err(_) => break,
            }
        }
        true
    }

    /// Checks one request against the tips and gives it its place.
    fn admit(&mut self, request: Request) {
        if let Some(why) = self.reading.poisoned() {
            let refusal = AppendError::Unavailable(format!("poisoned until reopened: {why}").into());
            return tell(request.answer, Err(refusal));
        }
        let Request { stream, reads, record, answer } = request;
        if reads.iter().any(|(of, at)| self.tips.get(of).copied().unwrap_or_default() != *at) {
            self.batch.answers.push((answer, None));
            return;
        }
        let position = self.last.next();
        let batch = self.batch.entries.first().map_or(position, |entry| entry.position);
        self.seal.write(&mut self.batch.frames, position, batch, &stream, &record);
        if let Some(tip) = self.tips.get_mut(&stream) {
            *tip = position;
        } else {
            self.tips.insert(stream.clone(), position);
        }
        self.last = position;
        self.batch.entries.push(Entry { position, stream, record });
        self.batch.answers.push((answer, Some(position)));
    }

    fn commit(&mut self) {
        if let Some(first) = self.batch.entries.first().map(|entry| entry.position)
            && let Err(error) = self.write(first)
        {
            let why = self.reading.poison(format!("the journal could not be written: {error}"));
            for (answer, position) in self.batch.answers.drain(..) {
                let kind = if position.is_some() { AppendError::Unknown } else { AppendError::Unavailable };
                tell(answer, Err(kind(why.clone().into())));
            }
        } else {
            self.publish();
        }
        self.batch.frames.clear();
        self.batch.entries.clear();
    }

    fn write(&mut self, first: Position) -> io::Result<()> {
        let (journal, frames) = (&mut self.journal, &self.batch.frames);
        self.reading.vitals.track(COMMIT, || journal.append(frames, first))
    }

    /// Lets readers and callers have a batch that is durable, in this order; sled when a portion is full.
    fn publish(&mut self) {
        let written = self.batch.entries.len();
        if written > 0 {
            self.reading.extend_tail(&self.batch.entries);
            self.head.send_replace(self.last);
        }
        for (answer, position) in self.batch.answers.drain(..) {
            tell(answer, position.ok_or(AppendError::Conflict));
        }
        self.owed.append(&mut self.batch.entries);
        if self.owed.len() >= PORTION {
            self.settle();
        }
    }

    /// Gives sled what it lacks.
    fn settle(&mut self) {
        match self.reading.vitals.track(COPYING, || self.reading.apply(&self.owed)) {
            Ok(()) => self.unsynced += self.owed.len(),
            Err(error) => drop(self.reading.poison(format!("sled could not be written: {error}"))),
        }
        self.owed.clear();
        if self.unsynced >= SYNC_AFTER {
            self.sync();
        }
    }

    fn sync(&mut self) {
        match self.reading.vitals.track(COPYING, || self.reading.sync()) {
            Ok(()) => self.unsynced = 0,
            Err(error) => drop(self.reading.poison(format!("sled could not be synced: {error}"))),
        }
    }

    fn close(mut self) -> Result<Closed, BoxError> {
        if !self.owed.is_empty() {
            self.settle();
        }
        for message in self.requests.try_iter() {
            if let Message::Append(request) = message {
                tell(request.answer, Err(AppendError::Unavailable("the log is closed".into())));
            }
        }
        let sound = self.reading.vitals.track(COPYING, || self.reading.close())?;
        if let Some(why) = self.reading.poisoned() {
            return Err(why.to_owned().into());
        }
        let marked = match self.leave {
            Leave::Nothing => false,
            Leave::Mark => true,
            Leave::MarkAt(signed) => signed == self.last,
        };
        let marked = (sound && marked).then_some(self.last);
        if let Some(last) = marked {
            let tips = self.reading.is_trusted().then_some(&self.tips);
            let leave = || mark::leave(&self.dir, &self.disk, last, tips);
            self.reading.vitals.track(CLOSING, leave)?;
        }
        let Self { dir, disk, ledger, lock, .. } = self;
        Ok(Closed { dir, disk, ledger, marked, _lock: lock })
    }
}

/// A caller that has gone away hears nothing, and what it asked for stays done.
fn tell(answer: Answer, outcome: Result<Position, AppendError>) {
    let _gone = answer.send(outcome);
}
