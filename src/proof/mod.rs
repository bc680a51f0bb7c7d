//! Whether a log is what it was: on a data directory, on what was taken out of one, and on another host.

pub mod backup;
pub mod evidence;
pub mod export;
pub mod integrity;
pub mod witness;
