//! What all of it stands on, and what knows nothing of ours: clock, chance, disk, memory, keys, the hashes of the log.

pub mod back_off;
pub mod chance;
pub mod clock;
pub mod disk;
pub mod email;
pub mod error_chain;
pub mod files;
pub mod html;
pub mod keyring;
pub mod memory;
pub mod ordered;
pub mod ring;
pub mod same_site;
pub mod text_file;
pub mod tiles;
pub mod tlog;
pub mod tls;
pub mod vitals;

pub use mfa_ledger_wiped as wiped;
