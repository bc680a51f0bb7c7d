//! The log: durable, ordered, gap-free. It knows bytes, streams and positions, and nothing of what
//! they mean.
//!
//! # The contract
//! Every engine MUST keep these clauses; `tests/it/log_contract.rs` judges all of them alike.
//!
//! 1. **Positions** are 1, 2, 3, … over all streams, without gaps, in the order of durability.
//! 2. **`Ok` only once durable**: [`Receipt::durable`] returns a position when the record would survive
//!    the loss of power, not before.
//! 3. **`Conflict`** when the last record of any stream in `reads` is not at the position given
//!    ([`Position::START`] for a stream that has none). Nothing is written then.
//! 4. **Refused appends burn no position**: the record after a refusal follows the one before it.
//! 5. **Readers see durable records only**, each once, in order; a reader that has caught up waits
//!    for the next one. Its stream ends when the log is closed, and after its first error.
//! 6. **What is answered can be read**: once there is a position, [`Log::head`] is
//!    there or beyond, and [`Log::read`], [`Log::entries`] and [`Log::pass`] give the record.
//! 7. **After a failed write or flush the engine is poisoned**: it appends nothing more, says so in
//!    [`AppendError::Unavailable`], and goes on serving readers until it is reopened.
//! 8. **Limits**: a record has at most [`MAX_RECORD`] bytes, the name of a stream [`MAX_STREAM`].
//! 9. **Submitted in order**: [`Log::submit`] returns at once, and of two records the one that was submitted first has the
//!    lower position. Dropping a [`Receipt`] does not take its record back.
//!
//! # What each refusal means
//! | error | stored? | what the caller does |
//! |---|---|---|
//! | [`AppendError::Conflict`] | no | reads up to the head, decides again |
//! | [`AppendError::TooLarge`] | no | never sends it: a broken limit upstream |
//! | [`AppendError::Busy`] | no | later, with the same key |
//! | [`AppendError::Unavailable`] | no | 503, nothing has changed |
//! | [`AppendError::Unknown`] | perhaps | 503, same key please: the log tells after reopening |

pub mod embedded;
pub mod memory;
mod receipt;

use std::borrow::Borrow;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use mfa_ledger_base::vitals::{Broken, Condition, Since};

pub use self::receipt::{Answer, Receipt};

/// The largest record, in bytes. sled moves larger values to files that it never syncs.
pub const MAX_RECORD: usize = 7_000;

/// The longest name of a stream, in bytes.
pub const MAX_STREAM: usize = 200;

/// Any error, boxed.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The place of a record in the log, counted from 1; 0 is before the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub u64);

impl Position {
    /// Before the first record.
    pub const START: Self = Self(0);

    /// The place right after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The name of a stream, such as `administrator/adm_…`: opaque here, 1 to [`MAX_STREAM`] bytes,
/// cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stream(Arc<str>);

impl Stream {
    /// A stream by its name.
    ///
    /// # Panics
    /// When the name is empty or longer than [`MAX_STREAM`] bytes: names are made from ids, never
    /// from what a caller typed.
    pub fn new(name: &str) -> Self {
        Self::checked(name).expect("a stream has a name of 1 to 200 bytes")
    }

    fn checked(name: &str) -> Option<Self> {
        (1..=MAX_STREAM).contains(&name.len()).then(|| Self(name.into()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// So that a map by stream can be asked with a name: both hash and compare alike.
impl Borrow<str> for Stream {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One record where it stands in the log; cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it stands.
    pub position: Position,
    /// The stream it was appended to.
    pub stream: Stream,
    /// The bytes that were appended.
    pub record: Bytes,
}

/// Whoever is shown records as they lie, each with its position.
pub type Visit<'a> = &'a mut dyn FnMut(Position, &[u8]) -> ControlFlow<()>;

/// Records from one place that is found at once to the next: whoever reads in portions begins them at multiples of it.
pub const STRIDE: u64 = 512;

/// The seam. The law is in the [module docs](self).
#[async_trait]
pub trait Log: Send + Sync + 'static {
    /// Puts one record in line for `stream`, to be appended provided that every stream in `reads` still has its last
    /// record at the position given. Never waits.
    fn submit(
        &self,
        stream: Stream,
        reads: Vec<(Stream, Position)>,
        record: Bytes,
    ) -> Result<Receipt, AppendError>;

    /// Submits a record and waits until it is durable.
    async fn append(
        &self,
        stream: &Stream,
        reads: &[(Stream, Position)],
        record: Bytes,
    ) -> Result<Position, AppendError> {
        self.submit(stream.clone(), reads.to_vec(), record)?.durable().await
    }

    /// The durable records after `after`, then those to come.
    fn read(&self, after: Position) -> BoxStream<'static, Result<Entry, ReadError>>;

    /// The records at these positions, in the order asked for; one that does not exist is an error.
    async fn entries(&self, positions: &[Position]) -> Result<Vec<Entry>, ReadError>;

    /// Shows the records from `first` to `last`, oldest first, where they lie, until `visit` has seen enough; none where
    /// one of them does not exist. Blocks while it reads: for threads that may.
    fn pass(&self, first: Position, last: Position, visit: Visit<'_>) -> Result<(), ReadError>;

    /// The position of the newest durable record.
    async fn head(&self) -> Result<Position, ReadError>;

    /// Why the log takes no more appends until it is reopened (clause 7), if that is so.
    fn poisoned(&self) -> Option<String> {
        None
    }

    /// Why an append would be refused now, if that is so: for want of the disk, not for what is appended. Never waits.
    fn refusal(&self) -> Option<String> {
        self.poisoned()
    }

    /// How the engine fares. Never waits, whatever the disk does.
    fn health(&self) -> Health {
        let broken = self.poisoned().map(|why| Broken { why, since: Since::now() });
        Health { writing: Condition { broken, underway: None }, copy: None }
    }
}

/// How an engine fares.
#[derive(Clone, Debug, Default)]
pub struct Health {
    /// How its writer fares.
    pub writing: Condition,
    /// How its reading copy fares, where it has one.
    pub copy: Option<CopyHealth>,
}

/// How a reading copy fares. Where it does not give a record, the log itself does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CopyHealth {
    /// Durable records that it lacks.
    pub behind: u64,
    /// Since when it is known to be damaged; the next start rebuilds it.
    pub damaged: Option<Since>,
}

/// Why a record was not appended.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// A stream the decision rested on has moved. Nothing stored.
    #[error("a stream that was read has moved")]
    Conflict,
    /// The record exceeds [`MAX_RECORD`]. Nothing stored.
    #[error("the record has {len} bytes, the limit is {limit}")]
    TooLarge {
        /// Its size in bytes.
        len: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// Too many appends are waiting. Nothing stored.
    #[error("too many appends are waiting")]
    Busy,
    /// The log takes no appends now. Nothing stored.
    #[error("the log takes no appends")]
    Unavailable(#[source] BoxError),
    /// Whether the record was stored is not known until the log is reopened.
    #[error("whether the record was stored is not known")]
    Unknown(#[source] BoxError),
}

/// Why records could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// No durable record stands there.
    #[error("there is no record at position {0}")]
    Missing(Position),
    /// What is stored there is not what was appended; reopening repairs it where it can be.
    #[error("the record at position {position} is damaged: {why}")]
    Damaged {
        /// Where.
        position: Position,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The log was closed.
    #[error("the log is closed")]
    Closed,
    /// The log cannot be read now.
    #[error("the log cannot be read")]
    Unavailable(#[source] BoxError),
}

impl ReadError {
    /// That not all from one position to another exist, if that is so.
    fn missing(first: Position, last: Position, head: Position) -> Result<(), Self> {
        match first {
            Position::START => Err(Self::Missing(first)),
            _ if first <= last && last > head => Err(Self::Missing(first.max(head.next()))),
            _ => Ok(()),
        }
    }
}
