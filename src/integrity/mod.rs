//! Whether a log is what it was: held against signed checkpoints, on a data directory or an export, without
//! any server.

pub mod data_dir;
mod examined;
mod holding;
pub mod journal;
mod signed;
mod tampered;

pub use examined::Examined;
pub use holding::{Holding, Remembered, Sound};
pub use signed::{CheckpointError, open_checkpoint, read_checkpoint, signers};
pub use tampered::{Bad, Kind, Tampered};
