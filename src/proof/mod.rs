//! Checks of a log: in its data directory, in exports and backups, and by a witness on another host.

pub mod backup;
pub mod evidence;
pub mod export;
pub mod integrity;
pub mod witness;
