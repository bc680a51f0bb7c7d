//! Whether a log is what it was: held against signed checkpoints, on a data directory or an export, without
//! any server.

mod examined;
mod holding;
mod tampered;

pub use examined::Examined;
pub use holding::{Holding, Remembered, Sound};
pub use tampered::{Bad, Kind, Tampered};
