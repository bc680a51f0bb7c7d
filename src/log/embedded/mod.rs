//! The engine of one node: a journal that makes records durable, and a reading copy of it in sled.
//!
//! ```text
//! submit -> queue -> writer thread: check reads, write, fdatasync, publish head, answer, apply to sled
//! read   <- tail (newest entries, in memory), sled, or the journal (many in a row), up to the published head
//! ```
//! The data directory holds `journal/`, `sled/`, `lock`, and `closed` while nobody has it open. The
//! journal is the truth and the backup; `sled/` may be deleted at any time when the log is closed.
//!
//! | it dies or fails | what the next start finds and does |
//! |---|---|
//! | before the write | nothing; the callers were not answered |
//! | in the write | a batch that lacks a part (the file ends in it, or a sector of it holds only zeros): cut |
//! | between write and fdatasync | whole records that no caller was answered for: kept, written again and synced first |
//! | in fdatasync, which fails | the same: without a mark the last frames are written again before anything rests on them |
//! | a bit of the last batch changes after it was written | it lacks no part: [`OpenError::Integrity`], never cut |
//! | after fdatasync, before sled | the copy is behind: caught up |
//! | in sled, in any way | the copy is compared, and rebuilt where it is of no use |
//! | the end of the journal is lost, and the copy or `closed` shows it | [`OpenError::Integrity`] |
//! | anything follows the end at which `closed` says that the log was closed | [`OpenError::Integrity`] |
//! | `closed` was removed, and its second mark, `vault/closed`, is there | [`OpenError::MarkRemoved`] |
//! | in an orderly stop, before everything was signed for | no `closed`: as after a crash |
//! | sled loses a record while the log is open | readers get it from the journal; the next start rebuilds |
//! | while a segment is made | a `.new` file: removed; or a segment without records: used |
//! | anywhere else in the journal | [`OpenError::Integrity`], nothing is changed |

mod closed;
mod edge;
mod frame;
mod journal;
mod mark;
mod mend;
mod open;
mod pieces;
mod places;
pub mod raw;
mod reading;
mod second;
mod segment;
mod stretch;
mod tail;
mod tree;
mod unseen;
mod writer;

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use mfa_ledger_base::disk::Disk;
use mfa_ledger_base::vitals::{ANSWER_WITHIN, Vitals};

pub use self::closed::Closed;
use self::open::Uninspected;
pub use self::open::{Cut, Inspect, InspectError, OpenError, Opening, Rebuilt};
use self::places::Marks;
use self::reading::Reading;
use self::unseen::Unseen;
use self::writer::{Leave, Message, Request, Writer};
use super::{
    AppendError, BoxError, Entry, Health, Log, MAX_RECORD, Position, ReadError, Receipt, Stream, Visit,
};

/// Records in one batch, at most.
pub const BATCH_RECORDS: usize = 128;

/// Bytes after which a batch takes no further record.
const BATCH_BYTES: usize = 192 * 1024;

/// The largest batch in bytes.
const MAX_BATCH: usize = BATCH_BYTES + frame::MAX_FRAME;

/// Sizes that a test may want smaller.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// Bytes of a journal file after which a new one is begun.
    pub segment: u64,
    /// Bytes of zeros written ahead of the records.
    pub ahead: u64,
    /// Appends that may wait for the writer; the next is [`AppendError::Busy`].
    pub queue: usize,
    /// Bytes of the newest journal files that every start reads, at least one file. What lies behind them is read
    /// while the log is open, when it was looked over in the last run that began to, and all since ended in good order.
    pub reread: u64,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { segment: 64 * 1024 * 1024, ahead: 1024 * 1024, queue: 1_024, reread: 128 * 1024 * 1024 }
    }
}

/// The embedded engine. Dropping it without [`Embedded::close`] waits for the writer as well, which
/// blocks the thread for the length of a batch; it leaves no mark then.
#[derive(Debug)]
pub struct Embedded {
    reading: Arc<Reading>,
    unseen: Mutex<Option<Unseen>>,
    writer: Mutex<Option<Handle>>,
    queue: SyncSender<Message>,
}

type Handle = JoinHandle<Result<Closed, BoxError>>;

impl Embedded {
    /// Opens the log in `dir`, or begins one, for the ledger with this id. Blocks: reads all of the
    /// journal.
    pub fn open(dir: &Path, ledger: [u8; 16], disk: Disk) -> Result<(Self, Opening), OpenError> {
        Self::open_sized(dir, ledger, disk, Sizes::default())
    }

    /// The same with other sizes.
    pub fn open_sized(
        dir: &Path,
        ledger: [u8; 16],
        disk: Disk,
        sizes: Sizes,
    ) -> Result<(Self, Opening), OpenError> {
        match Self::open_inspected(dir, ledger, disk, sizes, || Ok(Uninspected)) {
            Ok((log, opening, ())) => Ok((log, opening)),
            Err(InspectError::Open(error)) => Err(error),
        }
    }

    /// The same for one that is looked over first, record by record, by what `begin` makes once the directory is ours.
    pub fn open_inspected<I: Inspect>(
        dir: &Path,
        ledger: [u8; 16],
        disk: Disk,
        sizes: Sizes,
        begin: impl FnOnce() -> Result<I, I::Error>,
    ) -> Result<(Self, Opening, I::Findings), InspectError<I::Error>> {
        let (mut opened, findings) = open::open(dir, ledger, &disk, sizes, begin)?;
        let unseen = Mutex::new(opened.unseen.take());
        let opening = opened.opening.clone();
        let (queue, requests) = sync_channel(sizes.queue);
        let (reading, writer) = Writer::new(dir, ledger, disk, opened, requests);
        let thread = std::thread::Builder::new().name("log-writer".into()).spawn(|| writer.run());
        let writer = Mutex::new(Some(thread.map_err(|error| OpenError::io(dir, error))?));
        Ok((Self { reading, unseen, writer, queue }, opening, findings))
    }

    /// Reads the records up to [`Opening::unseen`] and shows them to `inspect`, which judges them; `None` where nothing is
    /// left to read, or `ending` was set meanwhile. From its beginning until it was done, the next start reads all of the journal;
    /// a run that does not begin leaves to the next what it took on trust itself. Blocks.
    pub fn look_over<I: Inspect>(
        &self,
        mut inspect: I,
        ending: &AtomicBool,
    ) -> Result<Option<I::Findings>, InspectError<I::Error>> {
        let unseen = self.unseen.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(unseen) = unseen else { return Ok(None) };
        self.reading.begin_looking_over();
        let mut marks = Marks::default();
        let done = unseen.look_over(|frame| {
            marks.pass(frame.position, frame.offset as u64);
            inspect.record(frame.position, frame.record());
            if ending.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        self.reading.add_marks(marks);
        if !done {
            return Ok(None);
        }
        let findings = inspect.judge(unseen.before.head).map_err(InspectError::Refused)?;
        self.reading.note_looked_over();
        Ok(Some(findings))
    }

    /// Writes what is waiting, syncs, and lets go of the directory. Every later append is
    /// [`AppendError::Unavailable`]; streams of readers end. Closing again does nothing.
    pub async fn close(&self) -> Result<(), BoxError> {
        self.close_leaving(Leave::Mark).await.map(drop)
    }

    /// The same for a log that was signed for up to a position: where it ends elsewhere, it leaves no mark, and the next
    /// start treats it as one that has crashed. The directory stays locked as long as what this returns lives; `None` when
    /// the log was closed before.
    pub async fn close_signed(&self, signed: Position) -> Result<Option<Closed>, BoxError> {
        self.close_leaving(Leave::MarkAt(signed)).await
    }

    async fn close_leaving(&self, leave: Leave) -> Result<Option<Closed>, BoxError> {
        let handle = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        let queue = self.queue.clone();
        match handle {
            Some(handle) => {
                let finished = tokio::task::spawn_blocking(move || finish(&queue, handle, leave)).await?;
                finished.map(Some)
            }
            None => Ok(None),
        }
    }

    /// Why the log takes no more appends, if that is so (clause 7).
    pub fn poisoned(&self) -> Option<&str> {
        self.reading.poisoned()
    }

    /// What the writer tells of itself.
    pub fn vitals(&self) -> Arc<Vitals> {
        Arc::clone(&self.reading.vitals)
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        let handle = self.writer.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(handle) = handle {
            // Whoever wants to know whether it went well calls `close`.
            let _unheard = finish(&self.queue, handle, Leave::Nothing);
        }
    }
}

fn finish(queue: &SyncSender<Message>, handle: Handle, leave: Leave) -> Result<Closed, BoxError> {
    // A writer that is gone already tells why when it is joined.
    let _gone = queue.send(Message::Close(leave));
    handle.join().unwrap_or_else(|_| Err("the writer of the log panicked".into()))
}

#[async_trait]
impl Log for Embedded {
    fn submit(
        &self,
        stream: Stream,
        reads: Vec<(Stream, Position)>,
        record: Bytes,
    ) -> Result<Receipt, AppendError> {
        if record.len() > MAX_RECORD {
            return Err(AppendError::TooLarge { len: record.len(), limit: MAX_RECORD });
        }
        if let Some(hanging) = self.reading.vitals.hanging() {
            return Err(AppendError::Unavailable(format!("{} hangs", hanging.what).into()));
        }
        let (answer, receipt) = Receipt::new(ANSWER_WITHIN);
        match self.queue.try_send(Message::Append(Request { stream, reads, record, answer })) {
            Ok(()) => Ok(receipt),
            Err(TrySendError::Full(_)) => Err(AppendError::Busy),
            Err(TrySendError::Disconnected(_)) => Err(AppendError::Unavailable("the log is closed".into())),
        }
    }

    fn read(&self, after: Position) -> BoxStream<'static, Result<Entry, ReadError>> {
        reading::follow(Arc::clone(&self.reading), after)
    }

    async fn entries(&self, positions: &[Position]) -> Result<Vec<Entry>, ReadError> {
        reading::entries(&self.reading, positions).await
    }

    fn pass(&self, first: Position, last: Position, visit: Visit<'_>) -> Result<(), ReadError> {
        self.reading.pass(first, last, visit)
    }

    async fn head(&self) -> Result<Position, ReadError> {
        Ok(*self.reading.head.borrow())
    }

    fn poisoned(&self) -> Option<String> {
        Self::poisoned(self).map(str::to_owned)
    }

    fn refusal(&self) -> Option<String> {
        self.reading.vitals.refusal()
    }

    fn health(&self) -> Health {
        self.reading.health()
    }
}
