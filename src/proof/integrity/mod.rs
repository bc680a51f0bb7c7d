//! Whether a log is what it was: held against signed checkpoints, on a data directory or an export, without
//! any server.

pub mod data_dir;
mod diff;
mod examined;
mod holding;
pub mod journal;
pub mod nodes;
pub mod pipeline;
mod prove;
mod restore_mark;
mod resume;
mod signed;
mod tampered;

pub use diff::{Compared, DiffError, diff};
pub use examined::Examined;
pub use holding::{Holding, Remembered, Sound};
pub use journal::JournalError;
pub use prove::{ProveError, newest_checkpoint, prove, prove_under};
pub use restore_mark::RestoreMark;
pub use resume::Rest;
pub use signed::{CheckpointError, open_checkpoint, read_checkpoint, same_log, signers};
pub use tampered::{Bad, Kind, Tampered};

/// How often progress is told, in records.
pub const TELL_EVERY: u64 = 1_024;
